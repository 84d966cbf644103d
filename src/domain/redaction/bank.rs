//! Bank details: British sort codes (six digits) and account numbers (eight), and IBANs.

use std::ops::Range;

use super::tokens::{Gap, Kind, Tokens};
use super::words::Meaning;
use super::{BANK_REMOVED, Removals};

/// How far before a number "account" or "sort code" speaks of it, in tokens.
const CONTEXT_BEFORE: usize = 6;
/// How far after: "… is the account number".
const CONTEXT_AFTER: usize = 3;

pub(super) fn find(tokens: &Tokens<'_>, removals: &mut Removals) {
    find_ibans(tokens, removals);
    for run in tokens.runs() {
        if tokens[run.start].gap != Gap::Plus {
            find_in_run(tokens, run, removals);
        }
    }
}

/// What the words around a number say it is.
#[derive(Clone, Copy, PartialEq)]
enum Near {
    Account,
    SortCode,
    Nothing,
}

fn find_in_run(tokens: &Tokens<'_>, mut run: Range<usize>, removals: &mut Removals) {
    while !run.is_empty() {
        // A card or an IBAN in the run splits it.
        let free = run.clone().take_while(|at| removals.remark_at(*at).is_none()).count();
        let part = run.start..run.start + free;
        let found = (!part.is_empty()).then(|| details_at_start(tokens, &part, removals)).flatten();
        run.start = match found {
            Some(end) => {
                removals.add(part.start..end, BANK_REMOVED);
                end
            }
            None => part.end.max(run.start + 1),
        };
    }
}

/// The end of the bank details that `run` begins with.
fn details_at_start(tokens: &Tokens<'_>, run: &Range<usize>, removals: &Removals) -> Option<usize> {
    let near = near(tokens, run, removals);
    if is_both_in_one(tokens, run, near) {
        return Some(run.end);
    }
    match near {
        Near::Nothing => None,
        Near::SortCode => tokens.leading(run, 6..=6).or_else(|| tokens.leading(run, 8..=8)),
        Near::Account => tokens
            .leading(run, 8..=8)
            .or_else(|| is_hyphenated_sort_code(tokens, run).then_some(run.end)),
    }
}

/// A sort code and an account number without a word between them, in either order: 14 digits. As
/// `12-34-56 12345678` they need no word before them either.
fn is_both_in_one(tokens: &Tokens<'_>, run: &Range<usize>, near: Near) -> bool {
    let sizes: Vec<usize> = run.clone().map(|at| tokens.digits(at).len()).take(15).collect();
    if sizes.iter().sum::<usize>() != 14 {
        return false;
    }
    let boundary = |wanted| {
        sizes
            .iter()
            .scan(0, |sum, size| {
                *sum += size;
                Some(*sum)
            })
            .any(|sum| sum == wanted)
    };
    let is_shaped =
        sizes == [2, 2, 2, 8] && is_hyphenated_sort_code(tokens, &(run.start..run.start + 3));
    let is_named = near != Near::Nothing && (boundary(6) || boundary(8));
    is_shaped || is_named
}

/// `08-99-99`, unless it can be read as a date.
fn is_hyphenated_sort_code(tokens: &Tokens<'_>, run: &Range<usize>) -> bool {
    let pairs: Vec<u8> = run
        .clone()
        .take(4)
        .filter_map(|at| match tokens.digits(at) {
            [tens, ones] => Some(tens * 10 + ones),
            _ => None,
        })
        .collect();
    let is_hyphenated = run.clone().skip(1).all(|at| tokens[at].gap == Gap::Dash);
    let is_date = |day: u8, month: u8| (1..=31).contains(&day) && (1..=12).contains(&month);
    match pairs[..] {
        [a, b, c] if run.len() == 3 => {
            is_hyphenated && !is_date(a, b) && !is_date(b, a) && !is_date(c, b)
        }
        _ => false,
    }
}

fn near(tokens: &Tokens<'_>, run: &Range<usize>, removals: &Removals) -> Near {
    for at in (run.start.saturating_sub(CONTEXT_BEFORE)..run.start).rev() {
        let is_removed = removals.remark_at(at) == Some(BANK_REMOVED)
            || (tokens.is_removed(at) && tokens.text(at) == BANK_REMOVED);
        if is_removed {
            return Near::Account;
        }
        match word_near(tokens, at) {
            Some(near) => {
                return if is_compact_date(tokens, run, run.start - at) {
                    Near::Nothing
                } else {
                    near
                };
            }
            None if tokens.is_number(at) || tokens.is_removed(at) => break,
            None => {}
        }
    }
    for at in run.end..(run.end + CONTEXT_AFTER).min(tokens.len()) {
        match word_near(tokens, at) {
            Some(near) if !is_compact_date(tokens, run, CONTEXT_BEFORE) => return near,
            Some(_) => break,
            None if tokens.is_number(at)
                || tokens.is_removed(at)
                || tokens[at].gap == Gap::Stop =>
            {
                break;
            }
            None => {}
        }
    }
    Near::Nothing
}

fn word_near(tokens: &Tokens<'_>, at: usize) -> Option<Near> {
    match tokens.meaning(at) {
        Meaning::Account => {
            let is_holiday = tokens.get(at + 1).is_some_and(|_| {
                tokens
                    .text(at + 1)
                    .get(..7)
                    .is_some_and(|word| word.eq_ignore_ascii_case("holiday"))
            });
            (!is_holiday).then_some(Near::Account)
        }
        Meaning::SortCode => Some(Near::SortCode),
        Meaning::Other => Some(Near::Nothing),
        _ => None,
    }
}

/// `20261103`, some words away from "account", is a date.
fn is_compact_date(tokens: &Tokens<'_>, run: &Range<usize>, distance: usize) -> bool {
    distance > 3
        && run.len() == 1
        && matches!(
            tokens.digits(run.start),
            [1, 9, _, _, 0 | 1, _, 0..=3, _] | [2, 0, _, _, 0 | 1, _, 0..=3, _]
        )
}

const LONGEST_IBAN: usize = 34;

fn find_ibans(tokens: &Tokens<'_>, removals: &mut Removals) {
    let mut at = 0;
    while at < tokens.len() {
        match iban_at(tokens, at) {
            Some(end) => {
                removals.add(at..end, BANK_REMOVED);
                at = end;
            }
            None => at += 1,
        }
    }
}

/// The end of the IBAN that begins with the token `start`.
fn iban_at(tokens: &Tokens<'_>, start: usize) -> Option<usize> {
    // It begins with two letters, together or apart.
    let begins_well = match tokens[start].kind {
        Kind::Word(_) => tokens.text(start).len() <= 2,
        Kind::Mixed => true,
        Kind::Digits { .. } | Kind::Removed => false,
    };
    if !begins_well {
        return None;
    }
    let mut iban = [0u8; LONGEST_IBAN];
    let mut len = 0;
    for at in start..tokens.len() {
        if at > start && !tokens[at].gap.ties() {
            return None;
        }
        len += take(tokens, at, iban.get_mut(len..)?)?;
        if len < 2 {
            continue;
        }
        let wanted = length_in([iban[0], iban[1]])?;
        if len >= wanted {
            return (len == wanted && has_valid_checksum(&mut iban[..len])).then_some(at + 1);
        }
    }
    None
}

/// Writes the token's capital letters and digits into `room`; `None` if it does not belong.
fn take(tokens: &Tokens<'_>, at: usize, room: &mut [u8]) -> Option<usize> {
    if let Kind::Digits { .. } = tokens[at].kind {
        let digits = tokens.digits(at);
        let room = room.get_mut(..digits.len())?;
        room.iter_mut().zip(digits).for_each(|(to, digit)| *to = b'0' + digit);
        return Some(digits.len());
    }
    let text = tokens.text(at);
    // Bank codes are written in groups of four.
    if !text.bytes().all(|b| b.is_ascii_alphanumeric())
        || (tokens[at].kind != Kind::Mixed && text.len() > 4)
    {
        return None;
    }
    let room = room.get_mut(..text.len())?;
    room.copy_from_slice(text.as_bytes());
    room.make_ascii_uppercase();
    Some(text.len())
}

/// The checksum of ISO 13616. A spoken nought may have been written as the letter.
fn has_valid_checksum(iban: &mut [u8]) -> bool {
    if remainder_97(iban) == 1 {
        return true;
    }
    for (at, c) in iban.iter_mut().enumerate().skip(2) {
        if *c == b'O' && !(4..8).contains(&at) {
            *c = b'0';
        }
    }
    remainder_97(iban) == 1
}

fn remainder_97(iban: &[u8]) -> u32 {
    let (head, rest) = iban.split_at(4);
    rest.iter().chain(head).fold(0, |remainder, c| match c {
        b'0'..=b'9' => (remainder * 10 + u32::from(c - b'0')) % 97,
        _ => (remainder * 100 + u32::from(c.wrapping_sub(b'A')) + 10) % 97,
    })
}

/// How long the IBANs of a country are (SWIFT's registry).
fn length_in(country: [u8; 2]) -> Option<usize> {
    Some(match &country {
        b"NO" => 15,
        b"BE" => 16,
        b"DK" | b"FI" | b"FO" | b"GL" | b"NL" => 18,
        b"MK" | b"SI" => 19,
        b"AT" | b"BA" | b"EE" | b"LT" | b"LU" | b"XK" => 20,
        b"CH" | b"HR" | b"LI" | b"LV" => 21,
        b"BG" | b"DE" | b"GB" | b"GE" | b"IE" | b"ME" | b"RS" | b"BH" => 22,
        b"AE" | b"GI" | b"IL" | b"TL" => 23,
        b"AD" | b"CZ" | b"ES" | b"MD" | b"PK" | b"RO" | b"SA" | b"SE" | b"SK" | b"TN" => 24,
        b"PT" => 25,
        b"IS" | b"TR" => 26,
        b"FR" | b"GR" | b"IT" | b"MC" | b"SM" => 27,
        b"AL" | b"AZ" | b"BY" | b"CY" | b"DO" | b"HU" | b"LB" | b"PL" => 28,
        b"BR" | b"EG" | b"PS" | b"QA" | b"UA" => 29,
        b"JO" | b"KW" | b"MU" => 30,
        b"MT" | b"SC" => 31,
        _ => return None,
    })
}
