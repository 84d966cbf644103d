//! The look over every text that decides whether to take it apart.

use super::words::{self, Number};
use crate::domain::text::digit_value;

/// The shortest private numbers without a word beside them, a sort code and the middle of a
/// National Insurance number, have this many digits in a row.
const DIGITS_IN_A_ROW: u32 = 6;

/// Whether the text has enough digits in a row, in figures or in words, or a word that announces a
/// short code. Says yes too often rather than too seldom.
pub(super) fn may_hold_private_numbers(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut in_a_row = 0;
    let mut times = 1;
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'a'..=b'z' | b'A'..=b'Z' => {
                at += bytes[at..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
                match weigh(&bytes[start..at]) {
                    Weight::Digits(n) => in_a_row += n * times,
                    Weight::Nothing => {}
                    Weight::Times(n) => {
                        times = n;
                        continue;
                    }
                    Weight::Ends => in_a_row = 0,
                    Weight::Announces => return true,
                }
                times = 1;
            }
            b'0'..=b'9' => {
                in_a_row += times;
                times = 1;
                at += 1;
            }
            0x80.. => {
                let Some(c) = text[at..].chars().next() else { break };
                at += c.len_utf8();
                if digit_value(c).is_some() {
                    in_a_row += 1;
                } else if c.is_alphabetic() {
                    in_a_row = 0;
                }
            }
            _ => at += 1,
        }
        if in_a_row >= DIGITS_IN_A_ROW {
            return true;
        }
    }
    false
}

enum Weight {
    Digits(u32),
    Times(u32),
    /// A single letter or a filler: it may stand inside a number.
    Nothing,
    Ends,
    Announces,
}

fn weigh(word: &[u8]) -> Weight {
    if word.len() == 1 {
        return if matches!(word, b"o" | b"O") { Weight::Digits(1) } else { Weight::Nothing };
    }
    // Most words are told apart from all that matter by their first letter or their length.
    let first = word[0] | 0x20;
    let may_matter = b"zontfsedtuchb".contains(&first) && word.len() <= 9;
    let mut buffer = [0; words::LONGEST];
    let Some(word) = may_matter.then(|| words::lower(word, &mut buffer)).flatten() else {
        return if word.len() == 2 { Weight::Nothing } else { Weight::Ends };
    };
    match words::number(word) {
        Some(Number::Digit(_)) => Weight::Digits(1),
        Some(Number::Teen(_) | Number::Tens(_)) => Weight::Digits(2),
        Some(Number::Times(n)) => Weight::Times(u32::from(n)),
        None if words::announces_code(word) => Weight::Announces,
        // "QQ 12 34 56 C", "GB 29": two letters may be the head of a number.
        None if words::is_filler(word) || word.len() == 2 => Weight::Nothing,
        None => Weight::Ends,
    }
}
