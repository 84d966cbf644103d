//! The three or four digits on the back of a card, where a word announces them.

use std::ops::Range;

use super::tokens::Tokens;
use super::words::Meaning;
use super::{CODE_REMOVED, Removals};

/// How far after "CVV" its digits may come, in tokens: "the CVV on the back of it is 123".
const AHEAD: usize = 7;

const LENGTHS: std::ops::RangeInclusive<usize> = 3..=4;

pub(super) fn find(tokens: &Tokens<'_>, removals: &mut Removals) {
    for at in 0..tokens.len() {
        if !announces(tokens, at) {
            continue;
        }
        let found = following(tokens, at + 1).or_else(|| preceding(tokens, at, removals));
        if let Some(code) = found {
            removals.add(code, CODE_REMOVED);
        }
    }
}

/// Whether the token is the last word of "CVV", "security code" or "digits on the back".
fn announces(tokens: &Tokens<'_>, at: usize) -> bool {
    let word_before = |wanted: &str, within: usize| {
        (at.saturating_sub(within)..at).any(|i| tokens.text(i).eq_ignore_ascii_case(wanted))
    };
    match tokens.meaning(at) {
        Meaning::Cvv => true,
        Meaning::Code => word_before("security", 1),
        Meaning::Back => word_before("digits", 3),
        _ => false,
    }
}

fn following(tokens: &Tokens<'_>, from: usize) -> Option<Range<usize>> {
    let start = (from..(from + AHEAD).min(tokens.len()))
        .take_while(|at| tokens.meaning(*at) != Meaning::Other && !tokens.is_removed(*at))
        .find(|at| tokens.is_number(*at))?;
    if tokens.follows_currency(start) {
        return None;
    }
    let run = tokens.run_from(start)?;
    tokens.leading(&run, LENGTHS).map(|end| start..end)
}

/// `123 is the CVV`.
fn preceding(tokens: &Tokens<'_>, at: usize, removals: &Removals) -> Option<Range<usize>> {
    // An earlier redaction has taken the code that follows.
    let mut ahead = at + 1..(at + 1 + AHEAD).min(tokens.len());
    if ahead
        .find(|i| tokens.is_number(*i) || tokens.is_removed(*i))
        .is_some_and(|i| tokens.is_removed(i))
    {
        return None;
    }
    let last = (at.saturating_sub(3)..at)
        .rev()
        .take_while(|i| !tokens.is_removed(*i))
        .find(|i| tokens.is_number(*i))?;
    let mut run = tokens.run_up_to(last);
    let free = run.clone().rev().take_while(|i| removals.remark_at(*i).is_none()).count();
    run.start = run.end - free;
    let digits: usize = run.clone().map(|i| tokens.digits(i).len()).sum();
    (tokens.meaning(at) == Meaning::Cvv
        && LENGTHS.contains(&digits)
        && !tokens.follows_currency(run.start))
    .then_some(run)
}
