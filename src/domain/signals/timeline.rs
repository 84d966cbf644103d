//! When it is wanted: "next quarter", "by Friday", "within two weeks", "ASAP".

use jiff::civil::Date;

use super::numbers::ordinal_at;
use super::period::{Period, length_at, period_at, plus};
use super::tokens::{Gap, Tokens, is_denied};

/// A timeline as the notes put it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct When {
    /// In the caller's words.
    pub words: String,
    /// Days from today to the latest day that the words allow.
    pub days: Option<u32>,
    /// "today", "ASAP": wanted at once.
    pub is_at_once: bool,
}

/// Longest phrase kept, in characters.
const LONGEST_WORDS: usize = 60;

/// How sure it is that words about time say when the thing is wanted, the surest last.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Weight {
    /// "next quarter"
    Mentioned,
    /// "by Friday", "within two weeks"
    Deadline,
    /// "Timeline: …"
    Labelled,
}

struct Phrase {
    end: usize,
    last_day: Option<Date>,
    weight: Weight,
    is_at_once: bool,
}

impl Phrase {
    fn new(end: usize, last_day: Option<Date>, weight: Weight) -> Option<Phrase> {
        Some(Phrase { end, last_day, weight, is_at_once: false })
    }
}

/// The timeline of the whole notes: of several phrases the surest, of equals the first.
pub(super) fn read(tokens: &Tokens<'_>, today: Date) -> Option<When> {
    let mut best: Option<((Weight, bool), When)> = None;
    let mut at = 0;
    while at < tokens.len() {
        let found = phrase_at(tokens, at, today).filter(|_| is_about_the_deal(tokens, at));
        let Some(phrase) = found.map(|phrase| with_date_behind(tokens, phrase, today)) else {
            at += 1;
            continue;
        };
        let is_over = phrase.last_day.is_some_and(|day| day < today);
        let rank = (phrase.weight, phrase.last_day.is_some());
        if !is_over && best.as_ref().is_none_or(|(best, _)| rank > *best) {
            best = Some((rank, when(tokens, at, &phrase, today)));
        }
        at = phrase.end.max(at + 1);
    }
    best.map(|(_, when)| when)
}

/// The days that a timeline given in words allows: "next quarter", "by Friday", "3 weeks".
pub(super) fn days_of(words: &str, today: Date) -> Option<u32> {
    let tokens = Tokens::read(words);
    if let Some(when) = read(&tokens, today) {
        return when.days;
    }
    (0..tokens.len())
        .find_map(|at| bare_at(&tokens, at, today)?.last_day.and_then(|day| days_until(today, day)))
}

fn when(tokens: &Tokens<'_>, from: usize, phrase: &Phrase, today: Date) -> When {
    let words = tokens.original(from, phrase.end);
    When {
        words: words
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(LONGEST_WORDS)
            .collect(),
        days: phrase.last_day.and_then(|day| days_until(today, day)),
        is_at_once: phrase.is_at_once,
    }
}

fn days_until(today: Date, day: Date) -> Option<u32> {
    u32::try_from(today.duration_until(day).as_hours() / 24).ok()
}

/// "next weekend, the tenth": the date says it better.
fn with_date_behind(tokens: &Tokens<'_>, mut phrase: Phrase, today: Date) -> Phrase {
    if tokens.gap(phrase.end) == Gap::Comma
        && tokens.word(phrase.end) == "the"
        && let Some((_, end)) = ordinal_at(tokens, phrase.end + 1)
        && let Some((Period::Day(day), _)) = period_at(tokens, phrase.end, today)
    {
        phrase.end = end;
        phrase.last_day = Some(day);
    }
    phrase
}

fn phrase_at(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<Phrase> {
    use Weight::{Deadline, Mentioned};
    let next = at + 1;
    let phrase = match tokens.word(at).as_bytes() {
        b"by" => by(tokens, at, today),
        b"no" if tokens.word(next) == "later" && tokens.word(at + 2) == "than" => {
            by(tokens, at + 2, today)
        }
        b"before" => before(tokens, next, today),
        b"ahead" if tokens.word(next) == "of" => before(tokens, next + 1, today),
        b"this" if tokens.word(next) == "side" && tokens.word(at + 2) == "of" => {
            before(tokens, at + 3, today)
        }
        b"within" | b"inside" | b"under" => within(tokens, next, today),
        b"in" | b"over" => inside(tokens, at, today),
        b"this" | b"next" | b"end" | b"month" | b"eow" | b"eom" => {
            let (period, end) = period_at(tokens, at, today)?;
            let is_news = !tells_the_past(tokens, at);
            Phrase::new(end, period.last(), Mentioned).filter(|_| is_news)
        }
        b"today" | b"tonight" | b"tomorrow" | b"eod" | b"cob" if is_wanted(tokens, at) => {
            let (period, end) = period_at(tokens, at, today)?;
            let is_at_once = period == Period::Day(today);
            Some(Phrase { end, last_day: period.last(), weight: Mentioned, is_at_once })
        }
        b"asap" | b"immediately" | b"as" | b"straight" | b"right" => at_once(tokens, at, today),
        b"after" | b"from" => after(tokens, at, today),
        b"for" => {
            let (period, end) = period_at(tokens, next, today)?;
            Phrase::new(end, period.last(), Deadline).filter(|_| is_wanted(tokens, at))
        }
        _ => None,
    };
    match phrase {
        Some(phrase) if is_labelled(tokens, at) => {
            Some(Phrase { weight: Weight::Labelled, ..phrase })
        }
        None if is_labelled(tokens, at) => bare_at(tokens, at, today),
        phrase => phrase,
    }
}

fn by(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<Phrase> {
    // "recommended by April" names a person.
    let names_a_person = matches!(
        tokens.before(at, 1),
        "recommended"
            | "referred"
            | "introduced"
            | "suggested"
            | "called"
            | "contacted"
            | "sent"
            | "run"
            | "led"
            | "owned"
            | "managed"
            | "told"
    );
    if names_a_person {
        return None;
    }
    let (period, end) = period_at(tokens, at + 1, today)?;
    let is_at_once = period == Period::Day(today);
    Some(Phrase { end, last_day: period.last(), weight: Weight::Deadline, is_at_once })
}

fn before(tokens: &Tokens<'_>, from: usize, today: Date) -> Option<Phrase> {
    let (period, end) = period_at(tokens, from, today)?;
    let last_day = period.first().map(|first| plus(first, -1).max(today));
    Phrase::new(end, last_day, Weight::Deadline)
}

/// "within two weeks", "within the next month", "within the week".
fn within(tokens: &Tokens<'_>, from: usize, today: Date) -> Option<Phrase> {
    if let Some((days, end)) = length_at(tokens, from) {
        return Phrase::new(end, Some(plus(today, days)), Weight::Deadline);
    }
    let (period, end) = period_at(tokens, from, today)?;
    Phrase::new(end, period.last(), Weight::Deadline)
}

/// "in two months", "in the next fortnight", "in June", "in the new year".
fn inside(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<Phrase> {
    let is_in = tokens.word(at) == "in";
    if let Some((days, end)) = length_at(tokens, at + 1) {
        let is_the = tokens.word(at + 1) == "the";
        let is_past = tokens.word(end) == "ago" || tells_the_past(tokens, at);
        let end = end + usize::from(tokens.word(end) == "time");
        return Phrase::new(end, Some(plus(today, days)), Weight::Deadline)
            .filter(|_| is_in && !is_the && !is_past);
    }
    let (period, end) = period_at(tokens, at + 1, today)?;
    let noun = at + 1 + usize::from(tokens.word(at + 1) == "the");
    let is_ahead = matches!(tokens.word(noun), "next" | "coming" | "following");
    // "in Friday" is nothing that people say.
    let fits = is_ahead || (is_in && !matches!(period, Period::Day(_)));
    Phrase::new(end, period.last(), Weight::Deadline)
        .filter(|_| fits && !tells_the_past(tokens, at))
}

/// "ASAP", "as soon as possible", "immediately", "straight away".
fn at_once(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<Phrase> {
    let follows = |i: usize, word: &str| tokens.word(at + i) == word;
    let end = match tokens.word(at) {
        "asap" => at + 1,
        "immediately" if is_wanted(tokens, at) => at + 1,
        "as" if follows(1, "soon") && follows(2, "as") && follows(3, "possible") => at + 4,
        "straight" | "right" if follows(1, "away") && is_wanted(tokens, at) => at + 2,
        _ => return None,
    };
    Some(Phrase { end, last_day: Some(today), weight: Weight::Mentioned, is_at_once: true })
}

/// "after Christmas", "from September": they begin some day and set no end.
fn after(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<Phrase> {
    let (period, end) = period_at(tokens, at + 1, today)?;
    let is_near = matches!(period, Period::Day(day) if day <= plus(today, 7));
    Phrase::new(end, None, Weight::Mentioned).filter(|_| !is_near && !tells_the_past(tokens, at))
}

/// A day, period or length on its own, as it stands behind a label.
fn bare_at(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<Phrase> {
    if let Some((days, end)) = length_at(tokens, at).filter(|_| tokens.word(at) != "the") {
        return Phrase::new(end, Some(plus(today, days)), Weight::Labelled);
    }
    let (period, end) = period_at(tokens, at, today)?;
    let is_at_once = period == Period::Day(today);
    Some(Phrase { end, last_day: period.last(), weight: Weight::Labelled, is_at_once })
}

fn is_labelled(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.any_before(at, 3, |word| {
        matches!(
            word,
            "timeline"
                | "timelines"
                | "timescale"
                | "timescales"
                | "timeframe"
                | "deadline"
                | "timing"
                | "live"
        )
    })
}

/// A call asked for on Friday says nothing about when the thing is wanted; "not this year" denies.
fn is_about_the_deal(tokens: &Tokens<'_>, at: usize) -> bool {
    let asks_for_a_call = (at.saturating_sub(7)..at)
        .rev()
        .take_while(|i| tokens.gap(i + 1) != Gap::Sentence)
        .any(|i| match tokens.word(i).as_bytes() {
            b"call" | b"ring" | b"phone" => {
                i + 1 == at
                    || matches!(
                        tokens.word(i + 1),
                        "me" | "him" | "her" | "them" | "us" | "back" | "again" | "you"
                    )
            }
            b"callback" | b"recall" => true,
            _ => false,
        });
    (!asks_for_a_call || is_labelled(tokens, at)) && !is_denied(tokens, at, 2)
}

fn is_wanted(tokens: &Tokens<'_>, at: usize) -> bool {
    let asks = |word: &str| {
        matches!(
            word,
            "need"
                | "needs"
                | "needed"
                | "want"
                | "wants"
                | "wanted"
                | "must"
                | "required"
                | "fixed"
                | "sorted"
                | "fix"
                | "start"
                | "live"
                | "hoping"
                | "ready"
                | "asap"
                | "urgent"
                | "urgently"
                | "like"
                | "get"
        )
    };
    is_labelled(tokens, at)
        || (tokens.any_before(at, 7, asks) && !tells_the_past(tokens, at))
        || (tokens.word(at + 1) == "if" && tokens.word(at + 2) == "possible")
}

fn tells_the_past(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.any_before_in_clause(at, 5, |word| {
        is_past(word)
            || matches!(
                word,
                "rang"
                    | "spoke"
                    | "left"
                    | "got"
                    | "was"
                    | "were"
                    | "had"
                    | "saw"
                    | "came"
                    | "went"
                    | "broke"
                    | "began"
                    | "last"
                    | "past"
                    | "since"
                    | "earlier"
                    | "again"
            )
    })
}

/// "called", "charged", but not "needed".
fn is_past(word: &str) -> bool {
    word.len() > 4
        && word.ends_with("ed")
        && !matches!(
            word,
            "needed"
                | "wanted"
                | "required"
                | "interested"
                | "installed"
                | "sorted"
                | "finished"
                | "completed"
                | "delivered"
                | "fixed"
                | "expected"
                | "planned"
                | "launched"
                | "implemented"
                | "started"
                | "speed"
                | "agreed"
                | "indeed"
                | "unlimited"
                | "limited"
                | "based"
                | "named"
                | "decided"
                | "hundred"
                | "targeted"
                | "automated"
                | "deployed"
                | "replaced"
                | "answered"
                | "resolved"
        )
}
