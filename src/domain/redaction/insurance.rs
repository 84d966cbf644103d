//! National Insurance numbers: two letters, six digits, a letter from A to D (HMRC's NIM39110).

use super::tokens::{Kind, Tokens};
use super::words::Meaning;
use super::{NI_REMOVED, Removals};

const LENGTH: usize = 9;

/// How far before a number "National Insurance" speaks of it, in tokens.
const CONTEXT: usize = 8;

pub(super) fn find(tokens: &Tokens<'_>, removals: &mut Removals) {
    let mut at = 0;
    while at < tokens.len() {
        match number_at(tokens, at) {
            Some(end) => {
                removals.add(at..end, NI_REMOVED);
                at = end;
            }
            None => at += 1,
        }
    }
}

/// The end of the National Insurance number that begins with the token `start`. Its last letter
/// may be missing where it is announced: "NI number AB 12 34 56".
fn number_at(tokens: &Tokens<'_>, start: usize) -> Option<usize> {
    let mut number = [0u8; LENGTH];
    let mut len = 0;
    let mut end = start;
    while end < tokens.len() && len < LENGTH && (end == start || tokens[end].gap.ties()) {
        let Some(added) = take(tokens, end, &mut number[len..]) else { break };
        len += added;
        end += 1;
        // Most words end the search here.
        if len >= 2 && !is_prefix([number[0], number[1]]) {
            return None;
        }
    }
    let is_found = match len {
        LENGTH => is_number(&number) && is_written_as_one(tokens, start, end),
        _ if len == LENGTH - 1 => {
            number[len] = b'A';
            is_number(&number) && is_announced(tokens, start)
        }
        _ => false,
    };
    is_found.then_some(end)
}

/// Characters a token adds to a number.
fn width(tokens: &Tokens<'_>, at: usize) -> usize {
    match tokens[at].kind {
        Kind::Digits { .. } => tokens.digits(at).len(),
        _ => tokens.text(at).len(),
    }
}

/// Writes the token's letters (capital) and digits into `room`; `None` if it is no part of a number.
fn take(tokens: &Tokens<'_>, at: usize, room: &mut [u8]) -> Option<usize> {
    let len = width(tokens, at);
    let room = room.get_mut(..len)?;
    match tokens[at].kind {
        Kind::Digits { .. } => {
            for (to, digit) in room.iter_mut().zip(tokens.digits(at)) {
                *to = b'0' + digit;
            }
        }
        Kind::Word(_) if len > 2 => return None,
        Kind::Word(_) | Kind::Mixed => {
            room.copy_from_slice(tokens.text(at).as_bytes());
            room.make_ascii_uppercase();
        }
        Kind::Removed => return None,
    }
    Some(len)
}

fn is_number(number: &[u8; LENGTH]) -> bool {
    // Recognisers write a spoken nought as the letter.
    let is_digit = |c: u8| c.is_ascii_digit() || c == b'O';
    is_prefix([number[0], number[1]])
        && number[2..8].iter().all(|c| is_digit(*c))
        && matches!(number[8], b'A'..=b'D')
}

/// Two letters that are issued, or QQ, which never is and stands in examples and tests.
fn is_prefix(prefix: [u8; 2]) -> bool {
    if &prefix == b"QQ" {
        return true;
    }
    let [first, second] = prefix;
    first.is_ascii_uppercase()
        && second.is_ascii_uppercase()
        && !b"DFIQUV".contains(&first)
        && !b"DFIOQUV".contains(&second)
        && !matches!(&prefix, b"BG" | b"GB" | b"KN" | b"NK" | b"NT" | b"TN" | b"ZZ")
}

/// "at 150000 a year" has the letters and digits of a number. Small letters that are words of
/// their own count only when the number is announced.
fn is_written_as_one(tokens: &Tokens<'_>, start: usize, end: usize) -> bool {
    let first = tokens.text(start);
    let last = tokens.text(end - 1);
    let looks_like_words =
        (first.len() == 2 && first.bytes().all(|b| b.is_ascii_lowercase()) && first != "qq")
            || (last == "a" && first.len() == 2);
    !looks_like_words || is_announced(tokens, start)
}

fn is_announced(tokens: &Tokens<'_>, start: usize) -> bool {
    (start.saturating_sub(CONTEXT)..start)
        .rev()
        .take_while(|at| !tokens.is_number(*at) && !tokens.is_removed(*at))
        .any(|at| tokens.meaning(at) == Meaning::Insurance)
}
