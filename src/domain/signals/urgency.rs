//! Hurry, or the lack of it: "urgent", "ASAP", "no rush".

use super::Urgency;
use super::tokens::{Gap, Tokens, is_denied};

/// How far before "urgent" a "not" can stand: "not like emergency urgent".
const DENIAL: usize = 4;

/// Urgent if anything says so; normal if something says that there is no hurry. `wanted_at_once`:
/// the timeline is today.
pub(super) fn read(tokens: &Tokens<'_>, wanted_at_once: bool) -> Option<Urgency> {
    let mut found = wanted_at_once.then_some(Urgency::Urgent);
    for at in 0..tokens.len() {
        match hurry_at(tokens, at) {
            Some(Urgency::Urgent) => return Some(Urgency::Urgent),
            Some(Urgency::Normal) => found = found.or(Some(Urgency::Normal)),
            None => {}
        }
    }
    found
}

fn hurry_at(tokens: &Tokens<'_>, at: usize) -> Option<Urgency> {
    let next = tokens.word(at + 1);
    let is_last = tokens.gap(at + 1) >= Gap::Comma;
    let says_urgent = match tokens.word(at).as_bytes() {
        b"urgent" => next != "care",
        b"urgently" | b"asap" => true,
        b"emergency" => {
            // An emergency plumber is a plumber.
            (is_last || matches!(next, "and" | "so" | "as" | "because" | "urgent" | "at"))
                && (is_denied(tokens, at, DENIAL)
                    || matches!(tokens.before(at, 1), "an" | "real" | "total"))
        }
        b"immediately" => true,
        b"pressing" => is_last || !matches!(next, "the" | "one" | "a" | "button"),
        b"desperate" | b"desperately" => true,
        b"possible" => tokens.before(at, 1) == "as" && tokens.before(at, 2) == "soon",
        b"away" => {
            matches!(tokens.before(at, 1), "straight" | "right")
                && tokens.any_before(at, 6, is_need)
        }
        b"now" => is_last && tokens.any_before(at, 6, is_need),
        b"rush" | b"hurry" | b"panic" => return rush(tokens, at),
        b"urgency" => return urgency_word(tokens, at),
        b"whenever" => return is_last.then_some(Urgency::Normal),
        b"deadline" | b"date" => {
            return (tokens.before(at, 1) == "no").then_some(Urgency::Normal);
        }
        b"wait" | b"keep" => {
            let can =
                matches!(tokens.before(at, 1), "can" | "could" | "it'll" | "it’ll" | "will" | "to");
            let says_normal = can && tokens.before(at, 1) != "to" && !is_denied(tokens, at, 2);
            return says_normal.then_some(Urgency::Normal);
        }
        _ => return None,
    };
    if !says_urgent {
        return None;
    }
    Some(if is_denied(tokens, at, DENIAL) { Urgency::Normal } else { Urgency::Urgent })
}

fn is_need(word: &str) -> bool {
    matches!(
        word,
        "need" | "needs" | "needed" | "want" | "wants" | "must" | "fixed" | "sorted" | "stop"
    )
}

/// "no rush", "in a hurry".
fn rush(tokens: &Tokens<'_>, at: usize) -> Option<Urgency> {
    if is_denied(tokens, at, DENIAL) {
        return Some(Urgency::Normal);
    }
    let in_a = tokens.before(at, 1) == "a" && tokens.before(at, 2) == "in";
    in_a.then_some(Urgency::Urgent)
}

/// "no urgency", "Urgency: high".
fn urgency_word(tokens: &Tokens<'_>, at: usize) -> Option<Urgency> {
    let value = if tokens.word(at + 1) == "is" { tokens.word(at + 2) } else { tokens.word(at + 1) };
    match value {
        "high" | "urgent" | "immediate" | "critical" => Some(Urgency::Urgent),
        "low" | "normal" | "none" | "medium" => Some(Urgency::Normal),
        _ => is_denied(tokens, at, DENIAL).then_some(Urgency::Normal),
    }
}
