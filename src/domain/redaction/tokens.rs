//! Takes a text apart into words and numbers, whatever the numbers are written in.

use std::ops::{Index, Range};

use super::words::{self, Meaning, Number};
use super::{BANK_REMOVED, CARD_REMOVED, CODE_REMOVED, NI_REMOVED};
use crate::domain::text::digit_value;

/// A word, a number, or a remark left by an earlier redaction.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    /// What stands between this and the token before.
    pub gap: Gap,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Digits, in figures or `spoken`; their values are [`Tokens::digits`] of this range.
    Digits { values: Range<usize>, spoken: bool },
    /// Letters only.
    Word(Meaning),
    /// Letters and digits together: a postcode, an identifier, `QQ123456C`.
    Mixed,
    /// A remark of ours: what is beside it has been looked at.
    Removed,
}

/// What stands between two tokens, from the loosest tie of digits to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    Space,
    Dash,
    Dot,
    /// A comma with a space after it.
    Comma,
    /// A full stop with a space after it.
    Stop,
    Slash,
    Colon,
    /// A plus sign: a country code follows.
    Plus,
    /// Anything else (a currency, a bracket, a thousands comma), and the beginning of the text.
    Other,
}

impl Gap {
    /// Whether digits on both sides can be one number.
    pub(super) fn ties(self) -> bool {
        matches!(self, Gap::Space | Gap::Dash | Gap::Dot | Gap::Comma | Gap::Stop)
    }
}

/// The tokens of one text.
pub(super) struct Tokens<'a> {
    text: &'a str,
    list: Vec<Token>,
    digits: Vec<u8>,
}

impl Index<usize> for Tokens<'_> {
    type Output = Token;

    fn index(&self, at: usize) -> &Token {
        &self.list[at]
    }
}

impl<'a> Tokens<'a> {
    pub(super) fn read(text: &'a str) -> Tokens<'a> {
        let mut reader = Reader {
            tokens: Tokens {
                text,
                list: Vec::with_capacity(text.len() / 5 + 4),
                digits: Vec::new(),
            },
            times: None,
            gap_from: 0,
        };
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            at = match c {
                '[' => at + reader.remark(at).unwrap_or(1),
                c if is_part(c) => reader.word(at),
                c => at + c.len_utf8(),
            };
        }
        reader.drop_times();
        reader.tokens
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&Token> {
        self.list.get(at)
    }

    /// The token's own text.
    pub(super) fn text(&self, at: usize) -> &'a str {
        &self.text[self.list[at].start..self.list[at].end]
    }

    pub(super) fn meaning(&self, at: usize) -> Meaning {
        match self.list.get(at).map(|token| &token.kind) {
            Some(Kind::Word(meaning)) => *meaning,
            _ => Meaning::Plain,
        }
    }

    /// Values 0–9 of the digits of a token; empty unless it is a number. A lone letter O counts
    /// as nought where it is part of a number (see [`Tokens::runs`]).
    pub(super) fn digits(&self, at: usize) -> &[u8] {
        match &self.list[at].kind {
            Kind::Digits { values, .. } => &self.digits[values.clone()],
            Kind::Word(_) if self.is_letter_o(at) => &[0],
            _ => &[],
        }
    }

    pub(super) fn is_spoken(&self, at: usize) -> bool {
        !matches!(self.list[at].kind, Kind::Digits { spoken: false, .. })
    }

    pub(super) fn is_number(&self, at: usize) -> bool {
        matches!(self.list[at].kind, Kind::Digits { .. })
    }

    pub(super) fn is_removed(&self, at: usize) -> bool {
        self.list[at].kind == Kind::Removed
    }

    /// Whether a currency sign stands before the token.
    pub(super) fn follows_currency(&self, at: usize) -> bool {
        self.text[..self.list[at].start].ends_with(['£', '$', '€'])
    }

    fn is_letter_o(&self, at: usize) -> bool {
        matches!(self.text(at), "o" | "O")
    }

    /// Whether the digits of `run` before token `end` are a number of their own: the run ends there,
    /// a comma or stop follows, or they are one group of figures.
    pub(super) fn is_whole(&self, run: &Range<usize>, end: usize) -> bool {
        end == run.end
            || matches!(self.list[end].gap, Gap::Comma | Gap::Stop)
            || (end == run.start + 1
                && !self.is_spoken(run.start)
                && self.digits(run.start).len() > 1)
            || (end > run.start + 1 && self.list[end].gap != self.list[end - 1].gap)
    }

    /// The end of the shortest stretch of `run` that has a number of digits within `wanted` and is
    /// a number of its own.
    pub(super) fn leading(
        &self,
        run: &Range<usize>,
        wanted: std::ops::RangeInclusive<usize>,
    ) -> Option<usize> {
        let mut digits = 0;
        run.clone().map(|at| at + 1).find(|end| {
            digits += self.digits(end - 1).len();
            wanted.contains(&digits) && self.is_whole(run, *end)
        })
    }

    /// The longest stretches of tokens that are digits tied together.
    pub(super) fn runs(&self) -> impl Iterator<Item = Range<usize>> {
        let mut at = 0;
        std::iter::from_fn(move || {
            while at < self.len() && !self.is_number(at) {
                at += 1;
            }
            let mut run = self.run_from(at)?;
            at = run.end;
            // "o eight": the first nought was written as a letter.
            if run.start > 0 && self.is_letter_o(run.start - 1) && self.list[run.start].gap.ties() {
                run.start -= 1;
            }
            Some(run)
        })
    }

    /// The stretch of tied digits from the number at `start` on.
    pub(super) fn run_from(&self, start: usize) -> Option<Range<usize>> {
        let mut end = start;
        while end < self.len()
            && (self.is_number(end) || self.is_letter_o(end))
            && (end == start || self.list[end].gap.ties())
        {
            end += 1;
        }
        // "two o" ends in a letter, not in a nought that belongs to nobody.
        while end > start && !self.is_number(end - 1) {
            end -= 1;
        }
        (end > start).then_some(start..end)
    }

    /// The stretch of tied digits up to the number at `last`.
    pub(super) fn run_up_to(&self, last: usize) -> Range<usize> {
        let mut start = last;
        while start > 0 && self.list[start].gap.ties() && self.is_number(start - 1) {
            start -= 1;
        }
        start..last + 1
    }
}

/// Whether a character is part of a word or number.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || (!c.is_ascii() && c.is_alphanumeric())
}

struct Reader<'a> {
    tokens: Tokens<'a>,
    /// "double" or "treble" that waits for its digit: where it began, its gap, and how many.
    times: Option<(usize, Gap, u8)>,
    /// End of the last token or filler.
    gap_from: usize,
}

impl Reader<'_> {
    /// Steps over a remark of ours at `at`.
    fn remark(&mut self, at: usize) -> Option<usize> {
        let rest = &self.tokens.text[at..];
        let len = [CARD_REMOVED, BANK_REMOVED, NI_REMOVED, CODE_REMOVED]
            .iter()
            .find(|remark| rest.starts_with(**remark))?
            .len();
        self.push(at, at + len, Kind::Removed);
        Some(len)
    }

    /// Reads the word or number at `start` and returns its end.
    fn word(&mut self, start: usize) -> usize {
        let text = self.tokens.text;
        let plain = text.as_bytes()[start..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let after = text.as_bytes().get(start + plain);
        if plain > 0 && after.is_none_or(|b| b.is_ascii() && !is_part(char::from(*b))) {
            self.letters(start, start + plain);
            return start + plain;
        }
        let (mut digits, mut others, mut end) = (0, 0, start);
        let values = self.tokens.digits.len();
        for c in text[start..].chars() {
            if let Some(value) = digit_value(c) {
                digits += 1;
                self.tokens.digits.push(value);
            } else if is_part(c) {
                others += 1;
            } else {
                break;
            }
            end += c.len_utf8();
        }
        match (digits, others) {
            (_, 0) => self.figures(start, end, values),
            (0, _) => self.letters(start, end),
            _ => {
                self.tokens.digits.truncate(values);
                let mut buffer = [0; words::LONGEST];
                let meaning = words::lower(&text.as_bytes()[start..end], &mut buffer)
                    .map_or(Meaning::Plain, words::meaning);
                let is_word = meaning != Meaning::Plain;
                self.push(start, end, if is_word { Kind::Word(meaning) } else { Kind::Mixed });
            }
        }
        end
    }

    fn figures(&mut self, start: usize, end: usize, values: usize) {
        let is_one = self.tokens.digits.len() - values == 1;
        if is_one && let Some(value) = self.tokens.digits.pop() {
            self.digit(start, end, value, false);
        } else {
            self.push(
                start,
                end,
                Kind::Digits { values: values..self.tokens.digits.len(), spoken: false },
            );
        }
    }

    fn letters(&mut self, start: usize, end: usize) {
        let mut buffer = [0; words::LONGEST];
        let Some(word) = words::lower(&self.tokens.text.as_bytes()[start..end], &mut buffer) else {
            return self.push(start, end, Kind::Word(Meaning::Plain));
        };
        match words::number(word) {
            Some(Number::Digit(value)) => self.digit(start, end, value, true),
            Some(Number::Teen(ones)) => self.spoken(start, end, [1, ones]),
            Some(Number::Tens(tens)) => self.spoken(start, end, [tens, 0]),
            Some(Number::Times(n)) => {
                self.drop_times();
                self.times = Some((start, self.gap(start), n));
                self.gap_from = end;
            }
            None if word == b"o" && self.times.is_some() => self.digit(start, end, 0, true),
            None if words::is_filler(word) => self.gap_from = end,
            None => self.push(start, end, Kind::Word(words::meaning(word))),
        }
    }

    /// One digit: alone, doubled, or the ones of "forty-two".
    fn digit(&mut self, start: usize, end: usize, value: u8, spoken: bool) {
        let values = self.tokens.digits.len();
        if let Some((times_start, gap, n)) = self.times.take() {
            self.tokens.digits.extend(std::iter::repeat_n(value, usize::from(n)));
            let kind = Kind::Digits { values: values..self.tokens.digits.len(), spoken: true };
            self.tokens.list.push(Token { start: times_start, end, kind, gap });
            self.gap_from = end;
            return;
        }
        if spoken && value > 0 && self.completes_tens(start) {
            if let (Some(last), Some(token)) =
                (self.tokens.digits.last_mut(), self.tokens.list.last_mut())
            {
                *last = value;
                token.end = end;
            }
            self.gap_from = end;
            return;
        }
        self.tokens.digits.push(value);
        self.push(start, end, Kind::Digits { values: values..values + 1, spoken });
    }

    /// Whether the token before is a bare "forty".
    fn completes_tens(&self, start: usize) -> bool {
        let Some(Token { kind: Kind::Digits { values, spoken: true }, start: from, end, .. }) =
            self.tokens.list.last()
        else {
            return false;
        };
        let is_tens = self.tokens.digits[values.clone()].first().is_some_and(|tens| *tens >= 2)
            && self.tokens.digits[values.clone()].get(1..) == Some(&[0]);
        // "double oh" and "forty two" are two words, "forty" is one.
        is_tens
            && !self.tokens.text[*from..*end].contains(|c: char| !c.is_alphabetic())
            && matches!(self.gap(start), Gap::Space | Gap::Dash)
    }

    fn spoken(&mut self, start: usize, end: usize, digits: [u8; 2]) {
        let values = self.tokens.digits.len();
        self.tokens.digits.extend(digits);
        self.push(start, end, Kind::Digits { values: values..values + 2, spoken: true });
    }

    /// A "double" that no digit followed is a word.
    fn drop_times(&mut self) {
        if let Some((start, gap, _)) = self.times.take() {
            let end = self.gap_from;
            self.tokens.list.push(Token { start, end, kind: Kind::Word(Meaning::Plain), gap });
        }
    }

    fn push(&mut self, start: usize, end: usize, kind: Kind) {
        self.drop_times();
        let gap = self.gap(start);
        self.tokens.list.push(Token { start, end, kind, gap });
        self.gap_from = end;
    }

    /// What stands between the last token and `start`.
    fn gap(&self, start: usize) -> Gap {
        if self.tokens.list.is_empty() && self.times.is_none() {
            let before = &self.tokens.text[..start];
            return if before.trim_end().ends_with('+') { Gap::Plus } else { Gap::Other };
        }
        classify(&self.tokens.text[self.gap_from..start])
    }
}

fn classify(between: &str) -> Gap {
    if between == " " {
        return Gap::Space;
    }
    let sign = between.trim();
    let spaced = between.ends_with(char::is_whitespace);
    match sign {
        "" if between.len() <= 8 => Gap::Space,
        "-" | "\u{2010}" | "\u{2011}" | "\u{2012}" | "\u{2013}" | "\u{2014}" => Gap::Dash,
        "." if spaced => Gap::Stop,
        "." | "\u{B7}" => Gap::Dot,
        "," if spaced => Gap::Comma,
        "…" | "..." => Gap::Comma,
        "/" => Gap::Slash,
        ":" | "=" => Gap::Colon,
        _ if sign.ends_with('+') => Gap::Plus,
        _ => Gap::Other,
    }
}
