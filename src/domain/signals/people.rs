//! How many people: "15-person sales team", "team of fifteen", "twelve of us", "eighteen users".

use super::sites;
use super::tokens::{Gap, Tokens, is_denied};

/// Larger numbers of people are something else.
const MOST_PEOPLE: u32 = 100_000;

/// Most words between "team of" and its number: "team of at least about".
const MOST_HEDGES: usize = 6;

/// The largest team the notes speak of.
pub(super) fn read(tokens: &Tokens<'_>) -> Option<u32> {
    let counted = tokens.numbers().filter_map(|(at, number)| {
        let size = number.count().filter(|size| *size <= MOST_PEOPLE)?;
        (speaks_of_team(tokens, at, number.next, size) && !is_denied(tokens, at, 2)).then_some(size)
    });
    let alone = (0..tokens.len()).any(|at| lone_worker(tokens, at) && !is_denied(tokens, at, 2));
    counted.max().or(alone.then_some(1))
}

/// Whether the number `from..next` counts the caller's people.
fn speaks_of_team(tokens: &Tokens<'_>, from: usize, next: usize, size: u32) -> bool {
    is_adjective_of_team(tokens, next)
        || counts_staff(tokens, from, next)
        || (size > 1 && tokens.word(next) == "of" && tokens.word(next + 1) == "us")
        || is_inside_the_team(tokens, next)
        || follows_team_of(tokens, from, next)
}

/// "15-person sales team", "one man band", "40-strong".
fn is_adjective_of_team(tokens: &Tokens<'_>, next: usize) -> bool {
    if !tokens.is_close(next) {
        return false;
    }
    match tokens.word(next) {
        "strong" => true,
        "person" | "people" | "man" | "woman" | "member" | "staff" | "seat" | "user" | "agent"
        | "head" => (next + 1..next + 4)
            .take_while(|at| tokens.is_close(*at))
            .any(|at| is_team(tokens.word(at))),
        _ => false,
    }
}

/// "20 field engineers", "eight consultants", "we are five ladies".
fn counts_staff(tokens: &Tokens<'_>, from: usize, next: usize) -> bool {
    let noun = (next..next + 3)
        .take_while(|at| tokens.is_close(*at) && !ends_noun_phrase(tokens.word(*at)))
        .find(|at| is_staff(tokens.word(*at)) || is_anyone(tokens.word(*at)));
    let Some(noun) = noun else { return false };
    let are_not_theirs = tokens.any_before(from, 3, |word| {
        matches!(
            word,
            "hire"
                | "hiring"
                | "recruit"
                | "recruiting"
                | "another"
                | "extra"
                | "lost"
                | "losing"
                | "called"
                | "rang"
                | "spoke"
                | "spoken"
                | "speak"
                | "talk"
                | "talked"
                | "heard"
        )
    });
    if are_not_theirs {
        return false;
    }
    is_staff(tokens.word(noun)) || (says_ours(tokens, from, noun) && !says_visitors(tokens, noun))
}

/// "people" are the caller's own only where something says so.
fn says_ours(tokens: &Tokens<'_>, from: usize, noun: usize) -> bool {
    let before = tokens.any_before(from, 4, |word| {
        matches!(
            word,
            "we" | "we're"
                | "we’re"
                | "we've"
                | "we’ve"
                | "are"
                | "have"
                | "has"
                | "team"
                | "employ"
                | "employs"
                | "employing"
                | "with"
                | "total"
                | "staff"
                | "got"
                | "us"
                | "company"
                | "firm"
        )
    });
    before || is_inside_the_team(tokens, noun + 1)
}

fn says_visitors(tokens: &Tokens<'_>, noun: usize) -> bool {
    matches!(
        tokens.word(noun + 1),
        "waiting"
            | "calling"
            | "ringing"
            | "who"
            | "that"
            | "a"
            | "per"
            | "every"
            | "each"
            | "coming"
            | "called"
            | "rang"
            | "trying"
            | "stranded"
            | "stood"
            | "snowed"
    )
}

/// "fifteen in the team", "fourteen on the sales floor", "thirty in the traffic offices".
fn is_inside_the_team(tokens: &Tokens<'_>, next: usize) -> bool {
    matches!(tokens.word(next), "in" | "on")
        && tokens.is_close(next)
        && matches!(
            tokens.word(next + 1),
            "the" | "our" | "my" | "their" | "his" | "her" | "a" | "sales"
        )
        && (next + 1..next + 5).take_while(|at| tokens.is_close(*at)).any(|at| {
            is_team(tokens.word(at))
                || matches!(tokens.word(at), "floor" | "desk" | "sales" | "offices")
        })
}

/// "team of about 15", "headcount: 40", "team size 8".
fn follows_team_of(tokens: &Tokens<'_>, from: usize, next: usize) -> bool {
    let mut at = from;
    for before in (from.saturating_sub(MOST_HEDGES)..from).rev() {
        let is_range = tokens.figure(before).is_some() && tokens.gap(at) == Gap::Hyphen;
        if tokens.gap(at) == Gap::Sentence || !(is_hedge(tokens.word(before)) || is_range) {
            break;
        }
        at = before;
    }
    let (last, middle) = (tokens.before(at, 1), tokens.before(at, 2));
    let has_colon = tokens.gap(at) == Gap::Colon;
    let is_named = match last {
        "of" => is_team(middle) || matches!(middle, "staff" | "headcount" | "workforce" | "size"),
        "size" => matches!(middle, "team" | "company" | "business" | "staff"),
        "headcount" | "workforce" => true,
        "team" | "staff" | "employees" => has_colon,
        _ => false,
    };
    is_named && sites::noun_at(tokens, next).is_none() && !is_time(tokens.word(next))
}

fn is_hedge(word: &str) -> bool {
    matches!(
        word,
        "about"
            | "around"
            | "approx"
            | "approximately"
            | "roughly"
            | "nearly"
            | "over"
            | "circa"
            | "up"
            | "to"
            | "just"
            | "only"
            | "maybe"
            | "a"
            | "under"
            | "almost"
            | "at"
            | "least"
            | "more"
            | "than"
            | "is"
            | "are"
            | "currently"
            | "some"
            | "between"
            | "now"
    ) || word.parse::<u32>().is_ok()
}

/// A sole trader says so in words of their own.
fn lone_worker(tokens: &Tokens<'_>, at: usize) -> bool {
    let follows = |i: usize, word: &str| tokens.word(at + i) == word;
    match tokens.word(at) {
        "sole" => follows(1, "trader"),
        "on" => (follows(1, "my") || follows(1, "his") || follows(1, "her")) && follows(2, "own"),
        "works" | "work" | "working" => follows(1, "alone"),
        _ => false,
    }
}

fn is_team(word: &str) -> bool {
    matches!(
        word,
        "team"
            | "teams"
            | "company"
            | "firm"
            | "business"
            | "office"
            | "practice"
            | "agency"
            | "department"
            | "dept"
            | "crew"
            | "outfit"
            | "organisation"
            | "organization"
            | "startup"
            | "consultancy"
            | "workforce"
            | "operation"
            | "squad"
            | "band"
            | "shop"
            | "unit"
            | "partnership"
            | "studio"
            | "workshop"
            | "centre"
    )
}

fn is_staff(word: &str) -> bool {
    matches!(
        word,
        "staff"
            | "employees"
            | "employee"
            | "fte"
            | "ftes"
            | "seats"
            | "users"
            | "agents"
            | "reps"
            | "sdrs"
            | "salespeople"
            | "engineers"
            | "technicians"
            | "consultants"
            | "carers"
            | "nurses"
            | "solicitors"
            | "teachers"
            | "trainers"
            | "instructors"
            | "operators"
            | "advisers"
            | "advisors"
            | "colleagues"
            | "workers"
            | "surveyors"
            | "fitters"
            | "installers"
            | "receptionists"
            | "handlers"
            | "drivers"
            | "electricians"
            | "plumbers"
            | "cleaners"
            | "stylists"
            | "therapists"
            | "dentists"
            | "vets"
            | "developers"
            | "designers"
            | "accountants"
            | "recruiters"
            | "negotiators"
            | "telesales"
    )
}

fn is_anyone(word: &str) -> bool {
    matches!(word, "people" | "persons" | "members" | "ladies" | "guys" | "lads" | "folk" | "folks")
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
            | "a"
            | "an"
            | "is"
            | "are"
            | "was"
            | "were"
            | "has"
            | "have"
            | "who"
            | "that"
            | "when"
            | "per"
            | "new"
    ) || is_time(word)
}

pub(super) fn is_time(word: &str) -> bool {
    matches!(
        word,
        "minute"
            | "minutes"
            | "mins"
            | "min"
            | "hour"
            | "hours"
            | "hrs"
            | "day"
            | "days"
            | "week"
            | "weeks"
            | "month"
            | "months"
            | "year"
            | "years"
            | "o'clock"
            | "times"
            | "calls"
    )
}
