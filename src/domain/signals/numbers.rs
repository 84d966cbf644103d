//! Numbers as people say them: "15", "fifteen", "twenty-five", "four and a half thousand", "a dozen".

use super::tokens::{Figure, Gap, Suffix, Tokens};

/// A number in the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    /// Thousandths.
    pub milli: i64,
    /// The word after it.
    pub next: usize,
    /// In figures: what was written with it.
    pub figure: Option<Figure>,
}

impl Number {
    /// The number of people or places it can be: a whole one, and no price, date or telephone number.
    pub(super) fn count(&self) -> Option<u32> {
        let is_plain = self.figure.is_none_or(|figure| {
            !figure.is_pounds
                && !figure.is_foreign
                && !figure.has_leading_zero
                && figure.suffix == Suffix::None
        });
        let whole = u32::try_from(self.milli / 1000).ok()?;
        (is_plain && self.milli % 1000 == 0 && whole > 0).then_some(whole)
    }
}

/// The number that begins at the word `at`.
pub(super) fn number_at(tokens: &Tokens<'_>, at: usize) -> Option<Number> {
    match tokens.figure(at) {
        Some(figure) => Some(from_figure(tokens, at, figure)),
        None => spoken_at(tokens, at),
    }
}

fn from_figure(tokens: &Tokens<'_>, at: usize, figure: Figure) -> Number {
    let mut milli = figure.milli;
    let mut next = at + 1;
    if figure.suffix == Suffix::None {
        (milli, next) = with_half(tokens, milli, next);
        (milli, next) = with_scale(tokens, milli, next);
    }
    Number { milli, next, figure: Some(figure) }
}

/// "… and a half".
fn with_half(tokens: &Tokens<'_>, milli: i64, next: usize) -> (i64, usize) {
    let is_half = [("and", 0), ("a", 1), ("half", 2)]
        .iter()
        .all(|(word, i)| tokens.word(next + i) == *word && tokens.is_close(next + i));
    if is_half { (milli + 500, next + 3) } else { (milli, next) }
}

/// "… thousand", "… hundred", "… million".
fn with_scale(tokens: &Tokens<'_>, milli: i64, next: usize) -> (i64, usize) {
    match scale(tokens.word(next)) {
        Some(scale) if tokens.is_close(next) => (milli.saturating_mul(scale), next + 1),
        _ => (milli, next),
    }
}

fn scale(word: &str) -> Option<i64> {
    match word {
        "hundred" => Some(100),
        "thousand" => Some(1000),
        "million" => Some(1_000_000),
        _ => None,
    }
}

fn spoken_at(tokens: &Tokens<'_>, at: usize) -> Option<Number> {
    let follows = |i: usize, word: &str| tokens.word(i) == word && tokens.is_close(i);
    let number = |value: i64, next: usize| Some(Number { milli: value * 1000, next, figure: None });
    match tokens.word(at) {
        "dozen" => number(12, at + 1),
        "couple" | "pair" if follows(at + 1, "of") => number(2, at + 2),
        "couple" => number(2, at + 1),
        "half" if follows(at + 1, "a") && follows(at + 2, "dozen") => number(6, at + 3),
        "half" if follows(at + 1, "a") && follows(at + 2, "million") => number(500_000, at + 3),
        "a" | "an" if tokens.is_close(at + 1) => match tokens.word(at + 1) {
            "couple" | "dozen" => spoken_at(tokens, at + 1),
            word => scale(word).and_then(|scale| number(scale, at + 2)),
        },
        _ => cardinal_at(tokens, at),
    }
}

/// "one" to "nine hundred and ninety-nine thousand …", as far as the words go on.
fn cardinal_at(tokens: &Tokens<'_>, at: usize) -> Option<Number> {
    let mut below_thousand = small(tokens.word(at))?;
    let mut thousands = 0i64;
    let mut next = at + 1;
    loop {
        let is_and =
            tokens.word(next) == "and" && tokens.is_close(next) && below_thousand % 100 == 0;
        let word_at = next + usize::from(is_and);
        if !tokens.is_close(word_at) {
            break;
        }
        match (small(tokens.word(word_at)), tokens.word(word_at)) {
            (Some(small), _) if fits_after(below_thousand, small) => below_thousand += small,
            (None, "hundred") if (1..100).contains(&below_thousand) => below_thousand *= 100,
            (None, "thousand") if thousands == 0 && below_thousand > 0 => {
                thousands = below_thousand * 1000;
                below_thousand = 0;
            }
            _ => break,
        }
        next = word_at + 1;
    }
    let (milli, next) = with_half(tokens, (thousands + below_thousand) * 1000, next);
    let (milli, next) = with_scale(tokens, milli, next);
    Some(Number { milli, next, figure: None })
}

/// Whether "forty" can go on with "two", and "two hundred" with "forty"; "four two" is two numbers.
fn fits_after(so_far: i64, small: i64) -> bool {
    (so_far % 100 == 0 && (so_far != 0 || small != 0))
        || (so_far % 100 >= 20 && so_far % 10 == 0 && small < 10)
}

fn small(word: &str) -> Option<i64> {
    Some(match word.as_bytes() {
        b"one" => 1,
        b"two" => 2,
        b"three" => 3,
        b"four" => 4,
        b"five" => 5,
        b"six" => 6,
        b"seven" => 7,
        b"eight" => 8,
        b"nine" => 9,
        b"ten" => 10,
        b"eleven" => 11,
        b"twelve" => 12,
        b"thirteen" => 13,
        b"fourteen" => 14,
        b"fifteen" => 15,
        b"sixteen" => 16,
        b"seventeen" => 17,
        b"eighteen" => 18,
        b"nineteen" => 19,
        b"twenty" => 20,
        b"thirty" => 30,
        b"forty" => 40,
        b"fifty" => 50,
        b"sixty" => 60,
        b"seventy" => 70,
        b"eighty" => 80,
        b"ninety" => 90,
        _ => return None,
    })
}

/// "first" to "thirty-first", "1st" to "31st".
pub(super) fn ordinal_at(tokens: &Tokens<'_>, at: usize) -> Option<(i8, usize)> {
    if let Some(figure) = tokens.figure(at) {
        let day = i8::try_from(figure.milli / 1000).ok()?;
        return (figure.suffix == Suffix::Ordinal).then_some((day, at + 1));
    }
    const ORDINALS: [&str; 19] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
    ];
    let below_twenty = |word: &str| {
        ORDINALS
            .iter()
            .position(|ordinal| *ordinal == word)
            .and_then(|at| i8::try_from(at + 1).ok())
    };
    let tens = match tokens.word(at) {
        "twentieth" => return Some((20, at + 1)),
        "thirtieth" => return Some((30, at + 1)),
        "twenty" => 20,
        "thirty" => 30,
        word => return below_twenty(word).map(|day| (day, at + 1)),
    };
    let ones = below_twenty(tokens.word(at + 1))
        .filter(|ones| *ones < 10 && tokens.gap(at + 1) <= Gap::Hyphen)?;
    Some((tens + ones, at + 2))
}
