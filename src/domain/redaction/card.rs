//! Payment cards: 13 to 19 digits whose last is a checksum (ISO/IEC 7812).

use std::ops::Range;

use super::tokens::{Gap, Tokens};
use super::words::Meaning;
use super::{CARD_REMOVED, CODE_REMOVED, Removals};

const LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;

/// How far before a number a word such as "card" speaks of it, in tokens.
const CONTEXT: usize = 8;

pub(super) fn find(tokens: &Tokens<'_>, removals: &mut Removals) {
    for run in tokens.runs() {
        let is_announced = is_announced(tokens, run.start);
        let mut at = run.start;
        // What follows a plus begins with a country code.
        if tokens[at].gap == Gap::Plus {
            at += 1;
        }
        while at < run.end {
            let Some(card) = card_at(tokens, at..run.end, is_announced) else {
                at += 1;
                continue;
            };
            find_code_after_expiry(tokens, card.end, removals);
            at = card.end;
            removals.add(card, CARD_REMOVED);
        }
    }
}

fn is_announced(tokens: &Tokens<'_>, start: usize) -> bool {
    for at in (start.saturating_sub(CONTEXT)..start).rev() {
        match tokens.meaning(at) {
            Meaning::Card => return true,
            Meaning::Other => return false,
            _ if tokens.is_number(at) || tokens.is_removed(at) => return false,
            _ => {}
        }
    }
    false
}

/// The longest card number that begins with the first token of `run`.
fn card_at(tokens: &Tokens<'_>, run: Range<usize>, is_announced: bool) -> Option<Range<usize>> {
    let mut digits = Vec::with_capacity(20);
    let mut card = None;
    for end in run.start + 1..=run.end {
        digits.extend_from_slice(tokens.digits(end - 1));
        if digits.len() > *LENGTHS.end() {
            break;
        }
        let range = run.start..end;
        if LENGTHS.contains(&digits.len()) && is_card(&digits, tokens, range.clone(), is_announced)
        {
            card = Some(range);
        }
    }
    card
}

fn is_card(digits: &[u8], tokens: &Tokens<'_>, range: Range<usize>, is_announced: bool) -> bool {
    let is_branded = is_brand(digits);
    let is_grouped = || is_grouped_evenly(tokens, range.clone());
    if !passes_luhn(digits) {
        // A misheard digit spoils the checksum and leaves a card number all the same.
        return is_announced && is_branded && is_grouped() && digits.len() >= 15;
    }
    if is_announced {
        return digits[0] != 0;
    }
    let is_in_fours = || {
        range.len() == 4
            && range.clone().all(|at| !tokens.is_spoken(at) && tokens.digits(at).len() == 4)
    };
    (is_branded && is_grouped()) || (digits[0] != 0 && is_in_fours() && is_grouped())
}

/// Whether the first digits and the length are those that a scheme issues.
fn is_brand(digits: &[u8]) -> bool {
    let prefix = |n: usize| digits.iter().take(n).fold(0, |sum, d| sum * 10 + u32::from(*d));
    let length = digits.len();
    match prefix(4) {
        4000..=4999 => matches!(length, 13 | 16 | 19),
        3400..=3499 | 3700..=3799 => length == 15,
        3000..=3059 | 3090..=3099 | 3600..=3699 | 3800..=3999 => (14..=19).contains(&length),
        2221..=2720 | 5100..=5599 => length == 16,
        3528..=3589 | 5000..=5099 | 5600..=5899 | 6000..=6999 => (16..=19).contains(&length),
        _ => false,
    }
}

/// Groups of one size with one kind of gap (the last may be shorter), or 4-6-5 and 4-6-4. Words
/// come in no groups, and a number without gaps is one group.
fn is_grouped_evenly(tokens: &Tokens<'_>, range: Range<usize>) -> bool {
    if range.clone().any(|at| tokens.is_spoken(at)) {
        return true;
    }
    let mut gaps = range.clone().skip(1).map(|at| tokens[at].gap);
    let first_gap = gaps.next();
    if gaps.any(|gap| Some(gap) != first_gap) {
        return false;
    }
    let sizes: Vec<usize> = range.map(|at| tokens.digits(at).len()).collect();
    match sizes[..] {
        [4, 6, 4 | 5] => true,
        [first, ref middle @ .., last] => middle.iter().all(|size| *size == first) && last <= first,
        _ => true,
    }
}

fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, *digit) {
            (0, digit) => u32::from(digit),
            (_, digit @ 0..=4) => u32::from(digit) * 2,
            (_, digit) => u32::from(digit) * 2 - 9,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// `4242 4242 4242 4242 12/27 123`: the last three digits are the security code.
fn find_code_after_expiry(tokens: &Tokens<'_>, after: usize, removals: &mut Removals) {
    let size = |at: usize| tokens.get(at).map_or(0, |_| tokens.digits(at).len());
    let expiry = (after..after + 6).find(|at| {
        size(*at) == 2 && matches!(size(at + 1), 2 | 4) && tokens[at + 1].gap == Gap::Slash
    });
    let Some(code) = expiry.map(|at| at + 2) else { return };
    let is_alone = tokens.get(code + 1).is_none_or(|next| !next.gap.ties() || size(code + 1) == 0);
    if matches!(size(code), 3 | 4) && tokens[code].gap.ties() && is_alone {
        removals.add(code..code + 1, CODE_REMOVED);
    }
}
