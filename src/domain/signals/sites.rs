//! How many places: "three sites", "both our clinics", "multi-site", "a single office".

use super::tokens::{Gap, Tokens, is_denied};

/// Larger numbers of places are something else.
const MOST_SITES: u32 = 10_000;

/// "multi-site" says two at least, and no more.
const SEVERAL: u32 = 2;

/// The largest number of places that the notes give to the business.
pub(super) fn read(tokens: &Tokens<'_>) -> Option<u32> {
    let numbered = tokens
        .numbers()
        .filter(|(at, _)| !is_denied(tokens, *at, 2))
        .filter_map(|(_, number)| counted(tokens, number.count(), number.next));
    let several = (0..tokens.len())
        .filter_map(|at| several_at(tokens, at).filter(|_| !is_denied(tokens, at, 2)));
    numbered.chain(several).max()
}

fn counted(tokens: &Tokens<'_>, count: Option<u32>, next: usize) -> Option<u32> {
    let count = count.filter(|count| *count <= MOST_SITES)?;
    let noun = noun_at(tokens, next)?;
    let fits = match (count, is_plural(tokens.word(noun))) {
        (1, false) => {
            !describes_something_else(tokens.word(noun + 1)) || !tokens.is_close(noun + 1)
        }
        (1, true) | (_, false) => tokens.word(noun) == "premises",
        (_, true) => true,
    };
    fits.then_some(count)
}

/// Where the word for a place stands after a number, up to two adjectives later.
pub(super) fn noun_at(tokens: &Tokens<'_>, next: usize) -> Option<usize> {
    (next..next + 3)
        .take_while(|at| tokens.is_close(*at) && !ends_noun_phrase(tokens.word(*at)))
        .find(|at| is_plural(tokens.word(*at)) || is_singular(tokens.word(*at)))
        .filter(|at| *at == next || !matches!(tokens.word(at - 1), "web" | "job" | "building"))
}

fn several_at(tokens: &Tokens<'_>, at: usize) -> Option<u32> {
    let places_within = |from: usize, within: usize| {
        (from..from + within)
            .take_while(|at| tokens.is_close(*at))
            .any(|at| is_plural(tokens.word(at)))
    };
    let is_several = match tokens.word(at) {
        "multisite" | "multibranch" => true,
        "multi" => {
            tokens.gap(at + 1) <= Gap::Hyphen
                && matches!(tokens.word(at + 1), "site" | "branch" | "location" | "office")
        }
        "multiple" | "several" | "various" => places_within(at + 1, 2),
        "both" => places_within(at + 1, 4),
        "single" => {
            return (noun_at(tokens, at + 1)? == at + 1 && is_singular(tokens.word(at + 1)))
                .then_some(1);
        }
        _ => false,
    };
    is_several.then_some(SEVERAL)
}

fn is_plural(word: &str) -> bool {
    matches!(
        word,
        "sites"
            | "branches"
            | "locations"
            | "offices"
            | "clinics"
            | "depots"
            | "shops"
            | "stores"
            | "showrooms"
            | "practices"
            | "warehouses"
            | "premises"
            | "restaurants"
            | "salons"
            | "surgeries"
            | "garages"
            | "outlets"
            | "venues"
            | "hotels"
            | "pubs"
            | "cafes"
            | "cafés"
            | "gyms"
            | "studios"
            | "factories"
            | "campuses"
            | "centres"
            | "nurseries"
            | "pharmacies"
            | "dealerships"
            | "schools"
            | "workshops"
    )
}

fn is_singular(word: &str) -> bool {
    matches!(
        word,
        "site"
            | "branch"
            | "location"
            | "office"
            | "clinic"
            | "depot"
            | "shop"
            | "store"
            | "showroom"
            | "practice"
            | "warehouse"
            | "restaurant"
            | "salon"
            | "surgery"
            | "garage"
            | "outlet"
            | "venue"
            | "hotel"
            | "pub"
            | "cafe"
            | "café"
            | "gym"
            | "studio"
            | "factory"
            | "workshop"
            | "yard"
            | "premises"
    )
}

/// "one site visit" is a visit.
fn describes_something_else(word: &str) -> bool {
    matches!(
        word,
        "visit"
            | "visits"
            | "survey"
            | "surveys"
            | "manager"
            | "meeting"
            | "inspection"
            | "assistant"
            | "phone"
            | "line"
            | "floor"
            | "job"
    )
}

fn ends_noun_phrase(word: &str) -> bool {
    matches!(
        word,
        "of" | "in"
            | "on"
            | "at"
            | "for"
            | "to"
            | "and"
            | "or"
            | "with"
            | "from"
            | "by"
            | "the"
            | "is"
            | "are"
            | "who"
            | "that"
            | "per"
            | "minutes"
            | "hours"
            | "days"
            | "weeks"
            | "months"
            | "years"
    )
}
