//! Takes card, bank and National Insurance numbers out of free text before it is stored
//! (requirements §9, §11).
//!
//! Callers say such numbers whether asked or not, in digits or in words. What is sure to be one is
//! replaced by a remark that says what was there; phone numbers, prices, dates and order numbers
//! stay. Health details are words like any others and are the agent's to leave out.
//!
//! Clean a text ([`clean_text`](super::text::clean_text)) before redacting it: invisible characters
//! between digits would otherwise hide them.

mod bank;
mod card;
mod code;
mod insurance;
mod suspect;
#[cfg(test)]
mod tests;
mod tokens;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use tokens::Tokens;

/// Stands where a payment card's number was.
pub const CARD_REMOVED: &str = "[card number removed]";
/// Stands where a sort code, an account number or an IBAN was.
pub const BANK_REMOVED: &str = "[bank details removed]";
/// Stands where a National Insurance number was.
pub const NI_REMOVED: &str = "[NI number removed]";
/// Stands where a card's security code was.
pub const CODE_REMOVED: &str = "[security code removed]";

/// Three are the most seen to be needed; the limit keeps a made-up text from costing more.
const MOST_ROUNDS: usize = 8;

/// Replaces private numbers in `text`; borrowed when there are none. Redacting twice changes
/// nothing more.
///
/// Runs on every lead: a look over the bytes decides whether there is anything to do (about a
/// nanosecond a character), and only then is the text taken apart.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut cleaned = redact_once(text);
    // What was taken out may have hidden what stood beside it: "account 66374958 123 cvv".
    for _ in 0..MOST_ROUNDS {
        let Cow::Owned(now) = &cleaned else { break };
        match redact_once(now) {
            Cow::Borrowed(_) => break,
            Cow::Owned(next) => cleaned = Cow::Owned(next),
        }
    }
    cleaned
}

fn redact_once(text: &str) -> Cow<'_, str> {
    if !suspect::may_hold_private_numbers(text) {
        return Cow::Borrowed(text);
    }
    let tokens = Tokens::read(text);
    find_all(&tokens).apply(text, &tokens)
}

fn find_all(tokens: &Tokens<'_>) -> Removals {
    let mut removals = Removals::default();
    card::find(tokens, &mut removals);
    insurance::find(tokens, &mut removals);
    bank::find(tokens, &mut removals);
    code::find(tokens, &mut removals);
    removals
}

/// What is to be taken out, by tokens.
#[derive(Default)]
struct Removals {
    found: Vec<(Range<usize>, &'static str)>,
}

impl Removals {
    /// Takes out the tokens of `range`, unless something of them is taken out already.
    fn add(&mut self, range: Range<usize>, remark: &'static str) {
        if !self.touches(&range) {
            self.found.push((range, remark));
        }
    }

    fn touches(&self, range: &Range<usize>) -> bool {
        self.found.iter().any(|(taken, _)| taken.start < range.end && range.start < taken.end)
    }

    /// The remark that stands for a token, if it is taken out.
    fn remark_at(&self, token: usize) -> Option<&'static str> {
        self.found.iter().find(|(taken, _)| taken.contains(&token)).map(|(_, remark)| *remark)
    }

    fn apply<'a>(mut self, text: &'a str, tokens: &Tokens<'_>) -> Cow<'a, str> {
        if self.found.is_empty() {
            return Cow::Borrowed(text);
        }
        self.found.sort_by_key(|(taken, _)| taken.start);
        let mut out = String::with_capacity(text.len() + 32);
        let mut kept_to = 0;
        for (taken, remark) in self.found {
            out.push_str(&text[kept_to..tokens[taken.start].start]);
            out.push_str(remark);
            kept_to = tokens[taken.end - 1].end;
        }
        out.push_str(&text[kept_to..]);
        Cow::Owned(out)
    }
}
