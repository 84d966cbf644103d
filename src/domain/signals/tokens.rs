//! The notes as words, figures and what stands between them.

use super::numbers::{Number, number_at};

/// The words of one text, in small letters.
pub(super) struct Tokens<'a> {
    original: &'a str,
    lower: String,
    list: Vec<Token>,
    /// Every number, with the word it begins at.
    numbers: Vec<(usize, Number)>,
}

#[derive(Clone, Copy, Debug)]
struct Token {
    start: u32,
    end: u32,
    gap: Gap,
    figure: Option<Figure>,
}

/// What stands before a word, the loosest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    Space,
    /// A hyphen without spaces.
    Hyphen,
    Slash,
    Colon,
    /// A comma, a bracket, a dash between words.
    Comma,
    /// The end of a sentence or line, and the beginning of the text.
    Sentence,
}

/// A number written in figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figure {
    /// Thousandths.
    pub milli: i64,
    /// `£` stood before it.
    pub is_pounds: bool,
    /// Another currency's sign stood before it.
    pub is_foreign: bool,
    pub suffix: Suffix,
    /// Written with a leading nought, as in telephone numbers and dates.
    pub has_leading_zero: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suffix {
    None,
    /// 20k
    Thousand,
    /// 1.2m
    Million,
    /// 15th
    Ordinal,
    /// 10:30, 2pm, 20%: no quantity of anything.
    NoQuantity,
}

/// Figures longer than this count nothing that callers speak of.
const MOST_DIGITS: usize = 9;

impl<'a> Tokens<'a> {
    pub(super) fn read(text: &'a str) -> Tokens<'a> {
        let mut tokens = Tokens {
            original: text,
            lower: text.to_ascii_lowercase(),
            list: Vec::with_capacity(text.len() / 5 + 4),
            numbers: Vec::new(),
        };
        scan(&tokens.lower, &mut tokens.list);
        let mut at = 0;
        while at < tokens.len() {
            let number = number_at(&tokens, at);
            let next = number.map_or(at + 1, |number| number.next);
            tokens.numbers.extend(number.map(|number| (at, number)));
            at = next;
        }
        tokens
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = (usize, Number)> {
        self.numbers.iter().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The word at `at` in small letters; empty past the end.
    pub(super) fn word(&self, at: usize) -> &str {
        self.list.get(at).map_or("", |token| &self.lower[token.start as usize..token.end as usize])
    }

    /// The word `back` words before `at`, if the two are in one sentence.
    pub(super) fn before(&self, at: usize, back: usize) -> &str {
        match at.checked_sub(back) {
            Some(from) if (from + 1..=at).all(|i| self.gap(i) != Gap::Sentence) => self.word(from),
            _ => "",
        }
    }

    /// Whether one of the `within` words before `at`, in its sentence, is wanted.
    pub(super) fn any_before(
        &self,
        at: usize,
        within: usize,
        wanted: impl Fn(&str) -> bool,
    ) -> bool {
        self.any_back(at, within, Gap::Sentence, wanted)
    }

    /// Whether one of the `within` words before `at`, with no comma between, is wanted.
    pub(super) fn any_before_in_clause(
        &self,
        at: usize,
        within: usize,
        wanted: impl Fn(&str) -> bool,
    ) -> bool {
        self.any_back(at, within, Gap::Comma, wanted)
    }

    fn any_back(
        &self,
        at: usize,
        within: usize,
        until: Gap,
        wanted: impl Fn(&str) -> bool,
    ) -> bool {
        (at.saturating_sub(within)..at)
            .rev()
            .take_while(|i| self.gap(i + 1) < until)
            .any(|i| wanted(self.word(i)))
    }

    /// Whether one of the `within` words from `at` on, in the sentence before it, is wanted.
    pub(super) fn any_from(&self, at: usize, within: usize, wanted: impl Fn(&str) -> bool) -> bool {
        (at..self.len().min(at + within))
            .take_while(|i| self.gap(*i) < Gap::Sentence)
            .any(|i| wanted(self.word(i)))
    }

    pub(super) fn gap(&self, at: usize) -> Gap {
        self.list.get(at).map_or(Gap::Sentence, |token| token.gap)
    }

    /// Whether `at` follows the word before with nothing but a space or hyphen between.
    pub(super) fn is_close(&self, at: usize) -> bool {
        self.gap(at) <= Gap::Hyphen
    }

    pub(super) fn figure(&self, at: usize) -> Option<Figure> {
        self.list.get(at).and_then(|token| token.figure)
    }

    /// The text of the words `from..to` as it was written.
    pub(super) fn original(&self, from: usize, to: usize) -> &'a str {
        match (self.list.get(from), to.checked_sub(1).and_then(|last| self.list.get(last))) {
            (Some(first), Some(last)) if first.start < last.end => {
                &self.original[first.start as usize..last.end as usize]
            }
            _ => "",
        }
    }

    /// What is written after the word `at`.
    pub(super) fn rest_after(&self, at: usize) -> &'a str {
        self.list.get(at).map_or("", |token| &self.original[token.end as usize..])
    }
}

/// Whether the word, with no comma between, is denied: "not", "no", "isn't" up to `within` words
/// before it.
pub(super) fn is_denied(tokens: &Tokens<'_>, at: usize, within: usize) -> bool {
    tokens.any_before_in_clause(at, within, |word| {
        matches!(
            word,
            "not"
                | "no"
                | "nae"
                | "never"
                | "nothing"
                | "without"
                | "hardly"
                | "non"
                | "dont"
                | "isnt"
        ) || word.ends_with("n't")
            || word.ends_with("n’t")
    })
}

fn scan(text: &str, list: &mut Vec<Token>) {
    let mut gap = Gap::Sentence;
    let (mut is_pounds, mut is_foreign) = (false, false);
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let start = at;
        if c.is_ascii_digit() {
            let (len, mut figure) = figure(&text[at..]);
            if let Some(figure) = &mut figure {
                (figure.is_pounds, figure.is_foreign) = (is_pounds, is_foreign);
            }
            at += len;
            push(list, start, at, gap, figure);
        } else if c.is_alphanumeric() {
            at += word_len(&text[at..]);
            push(list, start, at, gap, None);
        } else {
            at += c.len_utf8();
            let after_word = list.last().is_some_and(|last| last.end as usize == start);
            let before_word = text[at..].starts_with(char::is_alphanumeric);
            gap = gap.max(gap_of(c, after_word, before_word));
            is_pounds |= c == '£';
            is_foreign |= matches!(c, '$' | '€');
            continue;
        }
        gap = Gap::Space;
        (is_pounds, is_foreign) = (false, false);
    }
}

fn push(list: &mut Vec<Token>, start: usize, end: usize, gap: Gap, figure: Option<Figure>) {
    // Texts are far shorter than 4 GiB; the rest of a longer one is left unread.
    if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) {
        list.push(Token { start, end, gap, figure });
    }
}

fn gap_of(c: char, after_word: bool, before_word: bool) -> Gap {
    match c {
        '-' | '\u{2010}' | '\u{2011}' | '\u{2013}' if after_word && before_word => Gap::Hyphen,
        '.' if after_word && before_word => Gap::Hyphen,
        '.' | '!' | '?' | ';' | '\n' => Gap::Sentence,
        ',' | '(' | ')' | '-' | '\u{2013}' | '\u{2014}' | '…' => Gap::Comma,
        ':' | '=' => Gap::Colon,
        '/' => Gap::Slash,
        _ => Gap::Space,
    }
}

/// Bytes of the word `text` begins with: letters, digits, and apostrophes between them.
fn word_len(text: &str) -> usize {
    let is_apostrophe = |c: char| matches!(c, '\'' | '’');
    let mut len = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let inside = is_apostrophe(c) && chars.peek().is_some_and(|next| next.is_alphanumeric());
        if !c.is_alphanumeric() && !inside {
            break;
        }
        len += c.len_utf8();
    }
    len
}

/// Reads `20,000`, `4.5k`, `15th`, `10:30`: its length in bytes, and its value if it has one.
fn figure(text: &str) -> (usize, Option<Figure>) {
    let bytes = text.as_bytes();
    let digits_at = |from: usize| {
        bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count()
    };
    let mut len = digits_at(0);
    let mut whole: String = text[..len].to_owned();
    while bytes.get(len) == Some(&b',') && digits_at(len + 1) == 3 {
        whole.push_str(&text[len + 1..len + 4]);
        len += 4;
    }
    let mut thousandths = 0;
    if bytes.get(len) == Some(&b'.') && digits_at(len + 1) > 0 {
        let decimals = digits_at(len + 1);
        let shown = decimals.min(3);
        thousandths =
            text[len + 1..len + 1 + shown].parse().unwrap_or(0) * 10_i64.pow(3 - shown as u32);
        len += 1 + decimals;
    }
    let letters = bytes[len..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let suffix = match (&text[len..len + letters], bytes.get(len)) {
        ("", Some(b'%')) => Some(Suffix::NoQuantity),
        ("", Some(b':')) if digits_at(len + 1) > 0 => Some(Suffix::NoQuantity),
        ("", _) => Some(Suffix::None),
        ("k", _) => Some(Suffix::Thousand),
        ("m" | "mn" | "mil", _) => Some(Suffix::Million),
        ("st" | "nd" | "rd" | "th", _) => Some(Suffix::Ordinal),
        ("am" | "pm", _) => Some(Suffix::NoQuantity),
        _ => None,
    };
    len += letters;
    let has_leading_zero = whole.len() > 1 && whole.starts_with('0');
    let value = (whole.len() <= MOST_DIGITS).then(|| whole.parse::<i64>().ok()).flatten();
    let figure = match (value, suffix) {
        (Some(value), Some(suffix)) => Some(Figure {
            milli: value * 1000 + thousandths,
            is_pounds: false,
            is_foreign: false,
            suffix,
            has_leading_zero,
        }),
        _ => None,
    };
    (len, figure)
}
