//! Days, weeks, months and quarters as people name them.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::numbers::{number_at, ordinal_at};
use super::tokens::{Gap, Suffix, Tokens};

/// A stretch of the calendar that somebody named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Period {
    Day(Date),
    /// Monday to Sunday, whose "end" is the Friday.
    Week {
        first: Date,
    },
    Days {
        first: Date,
        last: Date,
    },
    /// Named, but nobody can say when it ends: "spring", "the new year".
    Vague,
}

impl Period {
    pub(super) fn first(self) -> Option<Date> {
        match self {
            Period::Day(first) | Period::Week { first } | Period::Days { first, .. } => Some(first),
            Period::Vague => None,
        }
    }

    pub(super) fn last(self) -> Option<Date> {
        match self {
            Period::Day(last) | Period::Days { last, .. } => Some(last),
            Period::Week { first } => Some(plus(first, 6)),
            Period::Vague => None,
        }
    }

    /// What "the end of" it means.
    fn end(self) -> Period {
        match self {
            Period::Week { first } => Period::Day(plus(first, 4)),
            Period::Days { last, .. } => Period::Day(last),
            other => other,
        }
    }
}

/// Ten years: who says more says "never".
const MOST_DAYS: i64 = 3660;

pub(super) fn plus(date: Date, days: i64) -> Date {
    // Nothing here counts in more days, and the library panics on absurd ones.
    date.saturating_add(days.clamp(-MOST_DAYS, MOST_DAYS).days())
}

/// Reads the period that begins at the word `at`, and the word after it.
pub(super) fn period_at(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<(Period, usize)> {
    let day = |days: i64, next: usize| Some((Period::Day(plus(today, days)), next));
    match tokens.word(at).as_bytes() {
        b"the" => after_the(tokens, at + 1, today),
        b"today" | b"tonight" => day(0, at + 1),
        b"tomorrow" => day(1, at + 1),
        b"this" | b"next" | b"coming" | b"following" => relative(tokens, at, today),
        b"end" => end_of(tokens, at, today),
        b"mid" | b"early" | b"late" => month_at(tokens, at + 1, today),
        b"eod" | b"cob" => day(0, at + 1),
        b"eow" => Some((week(today, 0).end(), at + 1)),
        b"eom" => Some((month(today.year(), today.month())?.end(), at + 1)),
        b"month" | b"quarter" | b"year" if tokens.word(at + 1) == "end" => {
            Some((unit(tokens.word(at), today, 0)?.end(), at + 2))
        }
        b"new" => new_year(tokens, at),
        b"christmas" | b"xmas" => christmas(tokens, at, today),
        _ if is_season(tokens.word(at)) => Some((Period::Vague, at + 1)),
        _ => weekday(tokens.word(at))
            .map(|weekday| (Period::Day(after(today, weekday)), at + 1))
            .or_else(|| quarter_at(tokens, at, today))
            .or_else(|| date_at(tokens, at, today))
            .or_else(|| month_at(tokens, at, today)),
    }
}

/// "the 15th", "the new year", "the spring", "the end of …", "the next two weeks".
fn after_the(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<(Period, usize)> {
    if let Some((day, next)) = ordinal_at(tokens, at)
        && tokens.word(next) != "of"
        && tokens.word(next) != "quarter"
        && month_number(tokens.word(next)).is_none()
    {
        return Some((Period::Day(next_day_of_month(today, day)?), next));
    }
    match tokens.word(at) {
        "week" | "month" | "quarter" | "year" if tokens.word(at + 1) == "end" => {
            period_at(tokens, at, today)
        }
        "weekend" => Some((weekend(today, 0), at + 1)),
        word if matches!(word, "the" | "today" | "tomorrow") || weekday(word).is_some() => None,
        _ => period_at(tokens, at, today),
    }
}

/// "this week", "next quarter", "next Friday", "the next two weeks".
fn relative(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<(Period, usize)> {
    let is_this = tokens.word(at) == "this";
    let ahead = i64::from(!is_this);
    let word = tokens.word(at + 1);
    if let Some(weekday) = weekday(word) {
        let in_week = plus(week(today, ahead).first()?, i64::from(weekday.to_monday_zero_offset()));
        let day = if in_week < today { plus(in_week, 7) } else { in_week };
        return Some((Period::Day(day), at + 2));
    }
    if word == "weekend" {
        return Some((weekend(today, ahead), at + 2));
    }
    if matches!(word, "financial" | "tax" | "half" | "term") {
        let next = at + 2 + usize::from(matches!(tokens.word(at + 2), "year" | "term"));
        return Some((Period::Vague, next));
    }
    if is_season(word) || matches!(word, "christmas" | "xmas") {
        return Some((Period::Vague, at + 2));
    }
    // "this may be"
    if !(is_this && word == "may")
        && let Some(found) = month_at(tokens, at + 1, today)
    {
        return Some(found);
    }
    if let Some(period) = unit(word, today, ahead) {
        return Some((period, at + 2));
    }
    let (days, next) = length_at(tokens, at + 1)?;
    (!is_this).then_some((Period::Day(plus(today, days)), next))
}

/// "end of next week", "end of the month", "end of day".
fn end_of(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<(Period, usize)> {
    if tokens.word(at + 1) != "of" {
        return None;
    }
    let noun = at + 2 + usize::from(tokens.word(at + 2) == "the");
    match tokens.word(noun) {
        "day" | "play" | "business" => Some((Period::Day(today), noun + 1)),
        // "the end of the end of the …" would go as deep as the text is long.
        "end" => None,
        word => match unit(word, today, 0) {
            Some(period) => Some((period.end(), noun + 1)),
            None => {
                let (period, next) = period_at(tokens, noun, today)?;
                Some((period.end(), next))
            }
        },
    }
}

/// "new year", "new tax year": they begin on a day, and nobody says when they are over.
fn new_year(tokens: &Tokens<'_>, at: usize) -> Option<(Period, usize)> {
    let noun = at + 1 + usize::from(matches!(tokens.word(at + 1), "tax" | "financial"));
    (tokens.word(noun) == "year").then_some((Period::Vague, noun + 1))
}

fn christmas(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<(Period, usize)> {
    let is_eve = tokens.word(at + 1) == "eve";
    let next = at + 1 + usize::from(is_eve || tokens.word(at + 1) == "day");
    let date = next_date(today, 12, if is_eve { 24 } else { 25 })?;
    Some((Period::Day(date), next))
}

fn is_season(word: &str) -> bool {
    matches!(word, "spring" | "summer" | "autumn" | "winter" | "easter")
}

/// The week, month, quarter or year that is `ahead` from today's.
fn unit(word: &str, today: Date, ahead: i64) -> Option<Period> {
    match word {
        "week" => Some(week(today, ahead)),
        "month" => {
            let month_of = today.first_of_month().saturating_add(ahead.months());
            month(month_of.year(), month_of.month())
        }
        "quarter" => {
            let in_quarter = today.first_of_month().saturating_add((ahead * 3).months());
            quarter(in_quarter.year(), (in_quarter.month() - 1) / 3 + 1)
        }
        "year" => {
            let in_year = today.first_of_year().saturating_add(ahead.years());
            Some(Period::Days { first: in_year, last: in_year.last_of_year() })
        }
        _ => None,
    }
}

fn week(today: Date, ahead: i64) -> Period {
    let monday = plus(today, -i64::from(today.weekday().to_monday_zero_offset()));
    Period::Week { first: plus(monday, ahead * 7) }
}

fn weekend(today: Date, ahead: i64) -> Period {
    let monday = plus(today, ahead * 7 - i64::from(today.weekday().to_monday_zero_offset()));
    Period::Days { first: plus(monday, 5), last: plus(monday, 6) }
}

fn month(year: i16, month: i8) -> Option<Period> {
    let first = Date::new(year, month, 1).ok()?;
    Some(Period::Days { first, last: first.last_of_month() })
}

fn quarter(year: i16, number: i8) -> Option<Period> {
    let first = Date::new(year, number.checked_mul(3)?.checked_sub(2)?, 1).ok()?;
    let last = Date::new(year, number * 3, 1).ok()?.last_of_month();
    Some(Period::Days { first, last })
}

/// "Q3", "quarter two", "third quarter", each with or without a year.
fn quarter_at(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<(Period, usize)> {
    let (number, next) = match tokens.word(at).as_bytes() {
        [b'q', digit @ b'1'..=b'4'] => (i8::try_from(digit - b'0').ok()?, at + 1),
        b"quarter" => {
            let number = number_at(tokens, at + 1)?;
            (i8::try_from(number.count()?).ok()?, number.next)
        }
        b"first" | b"second" | b"third" | b"fourth" if tokens.word(at + 1) == "quarter" => {
            (ordinal_at(tokens, at)?.0, at + 2)
        }
        _ => return None,
    };
    if !(1..=4).contains(&number) {
        return None;
    }
    let (year, next) = year_at(tokens, next);
    with_year(year, today, next, |year| quarter(year, number))
}

/// "March", "March 2027", "15 March", "March 15th".
fn month_at(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<(Period, usize)> {
    let number = month_number(tokens.word(at))?;
    let day = ordinal_at(tokens, at + 1).or_else(|| plain_day(tokens, at + 1));
    if let Some((day, next)) = day {
        let (year, next) = year_at(tokens, next);
        let date = match year {
            Some(year) => Date::new(year, number, day).ok()?,
            None => next_date(today, number, day)?,
        };
        return Some((Period::Day(date), next));
    }
    let (year, next) = year_at(tokens, at + 1);
    with_year(year, today, next, |year| month(year, number))
}

/// The period in the year that was named, or in the first year in which it is not over.
fn with_year(
    year: Option<i16>,
    today: Date,
    next: usize,
    in_year: impl Fn(i16) -> Option<Period>,
) -> Option<(Period, usize)> {
    let period = match year {
        Some(year) => in_year(year)?,
        None => in_year(today.year())
            .filter(|period| period.last().is_some_and(|last| last >= today))
            .or_else(|| in_year(today.year().saturating_add(1)))?,
    };
    Some((period, next))
}

/// "15 March", "15th of March 2027", "15/03/2027", "2027-03-15".
fn date_at(tokens: &Tokens<'_>, at: usize, today: Date) -> Option<(Period, usize)> {
    if let Some((day, next)) = ordinal_at(tokens, at).or_else(|| plain_day(tokens, at)) {
        let month_word = next + usize::from(tokens.word(next) == "of");
        if let Some(month) = month_number(tokens.word(month_word)) {
            let (year, next) = year_at(tokens, month_word + 1);
            let date = match year {
                Some(year) => Date::new(year, month, day).ok()?,
                None => next_date(today, month, day)?,
            };
            return Some((Period::Day(date), next));
        }
    }
    let part =
        |at: usize| tokens.figure(at).filter(|f| f.suffix == Suffix::None).map(|f| f.milli / 1000);
    let (first, second) = (part(at)?, part(at + 1)?);
    if tokens.gap(at + 1) == Gap::Slash {
        let year = part(at + 2).filter(|_| tokens.gap(at + 2) == Gap::Slash);
        let (day, month) = (i8::try_from(first).ok()?, i8::try_from(second).ok()?);
        let Some(year) = year else {
            return Some((Period::Day(next_date(today, month, day)?), at + 2));
        };
        let year = i16::try_from(if year < 100 { 2000 + year } else { year }).ok()?;
        return Some((Period::Day(Date::new(year, month, day).ok()?), at + 3));
    }
    if first >= 2000 && tokens.gap(at + 1) == Gap::Hyphen && tokens.gap(at + 2) == Gap::Hyphen {
        let (year, month, day) = (
            i16::try_from(first).ok()?,
            i8::try_from(second).ok()?,
            i8::try_from(part(at + 2)?).ok()?,
        );
        return Some((Period::Day(Date::new(year, month, day).ok()?), at + 3));
    }
    None
}

fn plain_day(tokens: &Tokens<'_>, at: usize) -> Option<(i8, usize)> {
    let figure =
        tokens.figure(at).filter(|figure| figure.suffix == Suffix::None && !figure.is_pounds)?;
    let day = i8::try_from(figure.milli / 1000).ok()?;
    ((1..=31).contains(&day) && tokens.is_close(at)).then_some((day, at + 1))
}

fn year_at(tokens: &Tokens<'_>, at: usize) -> (Option<i16>, usize) {
    let year = tokens
        .figure(at)
        .filter(|figure| figure.suffix == Suffix::None && tokens.gap(at) == Gap::Space)
        .and_then(|figure| i16::try_from(figure.milli / 1000).ok())
        .filter(|year| (2000..2100).contains(year));
    (year, at + usize::from(year.is_some()))
}

/// The first such date from today on.
fn next_date(today: Date, month: i8, day: i8) -> Option<Date> {
    (0..=4)
        .filter_map(|ahead| Date::new(today.year().checked_add(ahead)?, month, day).ok())
        .find(|date| *date >= today)
}

/// The first such day of a month from today on.
fn next_day_of_month(today: Date, day: i8) -> Option<Date> {
    (0..12)
        .filter_map(|ahead: i64| {
            let month = today.first_of_month().saturating_add(ahead.months());
            Date::new(month.year(), month.month(), day).ok()
        })
        .find(|date| *date >= today)
}

/// The first such weekday after today.
fn after(today: Date, weekday: Weekday) -> Date {
    let ahead = i64::from(weekday.to_monday_zero_offset())
        - i64::from(today.weekday().to_monday_zero_offset());
    plus(today, if ahead <= 0 { ahead + 7 } else { ahead })
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word.as_bytes() {
        b"monday" => Weekday::Monday,
        b"tuesday" => Weekday::Tuesday,
        b"wednesday" => Weekday::Wednesday,
        b"thursday" => Weekday::Thursday,
        b"friday" => Weekday::Friday,
        b"saturday" => Weekday::Saturday,
        b"sunday" => Weekday::Sunday,
        _ => return None,
    })
}

fn month_number(word: &str) -> Option<i8> {
    Some(match word.as_bytes() {
        b"january" | b"jan" => 1,
        b"february" | b"feb" => 2,
        b"march" => 3,
        b"april" | b"apr" => 4,
        b"may" => 5,
        b"june" => 6,
        b"july" => 7,
        b"august" | b"aug" => 8,
        b"september" | b"sept" | b"sep" => 9,
        b"october" | b"oct" => 10,
        b"november" | b"nov" => 11,
        b"december" | b"dec" => 12,
        _ => return None,
    })
}

/// "two weeks", "a fortnight", "2-3 months", "a few days": its days, and the word after it. A month
/// counts 30 days.
pub(super) fn length_at(tokens: &Tokens<'_>, at: usize) -> Option<(i64, usize)> {
    const FEW: i64 = 4;
    let (count, unit) = match tokens.word(at) {
        "a" | "the" if tokens.word(at + 1) == "few" => (FEW, at + 2),
        "few" => (FEW, at + 1),
        "fortnight" => (1, at),
        _ => match number_at(tokens, at) {
            Some(first) => {
                let second = second_of_range(tokens, first.next);
                let number = second.unwrap_or(first);
                (i64::from(number.count()?), number.next)
            }
            None if matches!(tokens.word(at), "a" | "one" | "the") => (1, at + 1),
            None => return None,
        },
    };
    let unit =
        unit + usize::from(matches!(tokens.word(unit), "working" | "business" | "of" | "short"));
    let days = |per: i64| Some((count * per, unit + 1)).filter(|(days, _)| *days <= MOST_DAYS);
    match tokens.word(unit).as_bytes() {
        b"hour" | b"hours" | b"hrs" => {
            Some(((count + 23) / 24, unit + 1)).filter(|(days, _)| *days <= MOST_DAYS)
        }
        b"day" | b"days" => days(1),
        b"week" | b"weeks" | b"week's" | b"wk" | b"wks" => days(7),
        b"fortnight" | b"fortnight's" => days(14),
        b"month" | b"months" | b"month's" => days(30),
        b"year" | b"years" => days(365),
        _ => None,
    }
}

/// The second number of "2-3", "two to three", "three or four".
fn second_of_range(tokens: &Tokens<'_>, next: usize) -> Option<super::numbers::Number> {
    match tokens.word(next) {
        "to" | "or" => number_at(tokens, next + 1),
        _ if tokens.gap(next) == Gap::Hyphen => number_at(tokens, next),
        _ => None,
    }
}
