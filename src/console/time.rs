//! Times as a rep types them (`16:00`, `tomorrow 9`, `+2h`, `fri 14:30`), in the business's zone; and as both sides say them.

use jiff::{
    SignedDuration, Span, Timestamp, ToSpan,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use super::prompt::Reading;

/// Nobody means a callback later than this.
const FURTHEST_DAYS: i64 = 366;

const EXAMPLES: &str = "16:00, tomorrow 9, fri 14:30, 24/12 9:00 or +2h";

/// Reads a time. The next one that fits is meant: `9` typed at 17:00 is tomorrow's. A time that the night of a clock change
/// skips is the moment of the jump onwards, one that comes twice is the first.
pub fn read(text: &str, now: Timestamp, tz: &TimeZone, theirs: Option<&str>) -> Reading {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Reading::Nothing;
    }
    match moment(&text, now, tz) {
        Err(why) => Reading::Unclear(why),
        Ok(at) if at <= now => Reading::Unclear("that has passed".into()),
        Ok(at) if at.duration_since(now) > SignedDuration::from_hours(24 * FURTHEST_DAYS) => {
            Reading::Unclear("that is more than a year away".into())
        }
        Ok(at) => Reading::At { at, said: said(at, tz, theirs) },
    }
}

/// A moment in both local times: "Tue 24 Nov 16:00 · 17:00 there (Europe/Paris)". One where both clocks show the same, or
/// where theirs is not known.
pub fn said(at: Timestamp, tz: &TimeZone, theirs: Option<&str>) -> String {
    let ours = at.to_zoned_datetime(tz.clone());
    let said = ours.strftime("%a %-d %b %H:%M").to_string();
    let Some((name, zone)) = theirs.and_then(|name| Some((name, TimeZone::get(name).ok()?))) else {
        return said;
    };
    let there = at.to_zoned_datetime(zone);
    if there.datetime() == ours.datetime() {
        return said;
    }
    let form = if there.date() == ours.date() { "%H:%M" } else { "%a %H:%M" };
    format!("{said} · {} there ({name})", there.strftime(form))
}

fn moment(text: &str, now: Timestamp, tz: &TimeZone) -> Result<Timestamp, String> {
    let unclear = || format!("write {EXAMPLES}");
    if let Some(wait) = text.strip_prefix('+') {
        let wait = duration(wait).ok_or_else(|| "write +30m, +2h, +1h30m or +1d".to_string())?;
        // Days keep the wall clock over a change of the clocks, hours do not.
        let then = now.to_zoned_datetime(tz.clone()).checked_add(wait);
        return then.map(|then| then.timestamp()).map_err(|_| unclear());
    }
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let (day, time) = match words.as_slice() {
        [time] => match (clock(time), day(&[time], now, tz)) {
            (Some(time), _) => (None, time),
            (None, Some(_)) => return Err(format!("at what time? {text} 9, {text} 14:30")),
            (None, None) => return Err(unclear()),
        },
        [words @ .., meridiem @ ("am" | "pm")] if words.len() > 1 => {
            let (hour, days) = words.split_last().ok_or_else(unclear)?;
            let time = clock(&format!("{hour}{meridiem}")).ok_or_else(unclear)?;
            (Some(day(days, now, tz).ok_or_else(unclear)?), time)
        }
        [hour, meridiem @ ("am" | "pm")] => {
            (None, clock(&format!("{hour}{meridiem}")).ok_or_else(unclear)?)
        }
        [days @ .., time] => {
            let days = days.strip_suffix(&["at"]).unwrap_or(days);
            let time = clock(time).ok_or_else(unclear)?;
            (Some(day(days, now, tz).ok_or_else(unclear)?), time)
        }
        [] => return Err(unclear()),
    };
    place(day, time, now, tz).ok_or_else(unclear)
}

/// Which day is meant.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Day {
    On(Date),
    /// The next one whose time has not passed.
    Next(Weekday),
}

fn place(day: Option<Day>, time: Time, now: Timestamp, tz: &TimeZone) -> Option<Timestamp> {
    let today = now.to_zoned_datetime(tz.clone()).date();
    let at = |date: Date| {
        date.to_datetime(time).to_zoned_datetime(tz.clone()).ok().map(|local| local.timestamp())
    };
    let (date, again) = match day {
        None => (today, 1.day()),
        Some(Day::On(date)) => return at(date),
        Some(Day::Next(weekday)) => {
            let ahead = today.weekday().until(weekday);
            (today.checked_add(i64::from(ahead).days()).ok()?, 1.week())
        }
    };
    at(date).filter(|at| *at > now).or_else(|| at(date.checked_add(again).ok()?))
}

fn day(words: &[&str], now: Timestamp, tz: &TimeZone) -> Option<Day> {
    let today = now.to_zoned_datetime(tz.clone()).date();
    match words {
        ["today"] => Some(Day::On(today)),
        ["tomorrow" | "tom" | "tmr"] => today.tomorrow().ok().map(Day::On),
        ["next", weekday] => self::weekday(weekday).map(Day::Next),
        [word] => weekday(word).map(Day::Next).or_else(|| date(word, today).map(Day::On)),
        [number, month] => {
            let month = month_of(month)?;
            day_of_month(number).and_then(|day| coming(today, month, day)).map(Day::On)
        }
        _ => None,
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    const WEEK: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let starts = |(name, _): &&(&str, Weekday)| word.len() >= 2 && name.starts_with(word);
    WEEK.iter().find(starts).map(|(_, weekday)| *weekday)
}

fn month_of(word: &str) -> Option<i8> {
    const YEAR: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    (1..).zip(YEAR).find(|(_, name)| word.len() >= 3 && name.starts_with(word)).map(|(n, _)| n)
}

fn day_of_month(word: &str) -> Option<i8> {
    word.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse().ok()
}

/// `2026-12-24`, `24/12`, `24/12/2026`, `24.12`.
fn date(word: &str, today: Date) -> Option<Date> {
    if let Ok(date) = word.parse::<Date>() {
        return Some(date);
    }
    let parts: Vec<&str> = word.split(['/', '.']).collect();
    match parts.as_slice() {
        [day, month] => coming(today, month.parse().ok()?, day.parse().ok()?),
        [day, month, year] => {
            let year: i16 = year.parse().ok()?;
            let year = if year < 100 { 2000 + year } else { year };
            Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
        }
        _ => None,
    }
}

/// The next such day, today included. A 29 February is looked for as far as the next leap year.
fn coming(today: Date, month: i8, day: i8) -> Option<Date> {
    (0..5)
        .filter_map(|years| Date::new(today.year() + years, month, day).ok())
        .find(|d| *d >= today)
}

/// `9`, `14:30`, `14.30`, `1430`, `9am`, `2:30pm`, `noon`, `midday`.
fn clock(word: &str) -> Option<Time> {
    if matches!(word, "noon" | "midday") {
        return Some(Time::constant(12, 0, 0, 0));
    }
    let (digits, add) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
        (Some(digits), _) => (digits, Some(0)),
        (_, Some(digits)) => (digits, Some(12)),
        _ => (word, None),
    };
    let (hour, minute) = match digits.split_once([':', '.', 'h']) {
        Some((hour, minute)) if minute.len() == 2 => (hour, minute),
        Some(_) => return None,
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "0"),
    };
    let is_number =
        |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !is_number(hour) || !is_number(minute) {
        return None;
    }
    let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match add {
        None => hour,
        Some(add) if (1..=12).contains(&hour) => hour % 12 + add,
        Some(_) => return None,
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// `30m`, `2h`, `1h30m`, `1d`, `2w`; a bare number is minutes.
fn duration(text: &str) -> Option<Span> {
    let mut span = Span::new();
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let count: i64 = rest[..end].parse().ok().filter(|count| *count < 100_000)?;
        let unit_end = rest[end..]
            .find(|c: char| c.is_ascii_digit())
            .map_or(rest.len(), |length| end + length);
        let added = match rest[end..unit_end].trim() {
            "m" | "min" | "mins" | "minutes" | "" => span.try_minutes(span.get_minutes() + count),
            "h" | "hr" | "hour" | "hours" => span.try_hours(i64::from(span.get_hours()) + count),
            "d" | "day" | "days" => span.try_days(i64::from(span.get_days()) + count),
            "w" | "week" | "weeks" => span.try_weeks(i64::from(span.get_weeks()) + count),
            _ => return None,
        };
        span = added.ok()?;
        rest = &rest[unit_end..];
    }
    Some(span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn london() -> TimeZone {
        TimeZone::get("Europe/London").expect("a zone")
    }

    /// Tuesday, 10:00 in London.
    const TUESDAY: &str = "2026-11-24T10:00:00Z";

    fn reads(text: &str, now: &str) -> String {
        match read(text, now.parse().expect("a timestamp"), &london(), None) {
            Reading::Nothing => String::new(),
            Reading::At { said, .. } => said,
            Reading::Unclear(why) => format!("? {why}"),
        }
    }

    #[test]
    fn times_are_read_as_a_rep_means_them() {
        for (typed, meant) in [
            ("", ""),
            ("16:00", "Tue 24 Nov 16:00"),
            ("4pm", "Tue 24 Nov 16:00"),
            ("4 pm", "Tue 24 Nov 16:00"),
            ("12am", "Wed 25 Nov 00:00"),
            ("12pm", "Tue 24 Nov 12:00"),
            ("1430", "Tue 24 Nov 14:30"),
            ("14.30", "Tue 24 Nov 14:30"),
            ("9", "Wed 25 Nov 09:00"),
            ("10:00", "Wed 25 Nov 10:00"),
            ("noon", "Tue 24 Nov 12:00"),
            ("tomorrow 9", "Wed 25 Nov 09:00"),
            ("Tomorrow at 9:15", "Wed 25 Nov 09:15"),
            ("tom 9 am", "Wed 25 Nov 09:00"),
            ("fri 14:30", "Fri 27 Nov 14:30"),
            ("next friday 14:30", "Fri 27 Nov 14:30"),
            ("tue 14:00", "Tue 24 Nov 14:00"),
            ("tue 9", "Tue 1 Dec 09:00"),
            ("24/12 9", "Thu 24 Dec 09:00"),
            ("24 dec 9:00", "Thu 24 Dec 09:00"),
            ("2nd January 9am", "Sat 2 Jan 09:00"),
            ("2026-12-24 09:00", "Thu 24 Dec 09:00"),
            ("+2h", "Tue 24 Nov 12:00"),
            ("+1h30m", "Tue 24 Nov 11:30"),
            ("+45", "Tue 24 Nov 10:45"),
            ("+1d", "Wed 25 Nov 10:00"),
            ("today 9", "? that has passed"),
            ("tomorrow", "? at what time? tomorrow 9, tomorrow 14:30"),
            ("+400d", "? that is more than a year away"),
            ("soon", "? write 16:00, tomorrow 9, fri 14:30, 24/12 9:00 or +2h"),
            ("25:00", "? write 16:00, tomorrow 9, fri 14:30, 24/12 9:00 or +2h"),
            ("+", "? write +30m, +2h, +1h30m or +1d"),
        ] {
            assert_eq!(reads(typed, TUESDAY), meant, "{typed}");
        }
    }

    #[test]
    fn the_nights_of_the_clock_changes_are_counted_right() {
        // In March the clocks go from 01:00 to 02:00, in October from 02:00 back to 01:00.
        assert_eq!(reads("tomorrow 1:30", "2026-03-28T12:00:00Z"), "Sun 29 Mar 02:30");
        assert_eq!(reads("+1d", "2026-03-28T12:00:00Z"), "Sun 29 Mar 12:00");
        assert_eq!(reads("+24h", "2026-03-28T12:00:00Z"), "Sun 29 Mar 13:00");
        assert_eq!(reads("+24h", "2026-10-24T12:00:00Z"), "Sun 25 Oct 12:00");
    }

    #[test]
    fn both_local_times_are_said_where_they_differ() {
        let at: Timestamp = "2026-11-24T16:00:00Z".parse().expect("a timestamp");
        let tz = london();
        assert_eq!(said(at, &tz, Some("Europe/Dublin")), "Tue 24 Nov 16:00");
        assert_eq!(
            said(at, &tz, Some("Europe/Paris")),
            "Tue 24 Nov 16:00 · 17:00 there (Europe/Paris)"
        );
        assert_eq!(
            said(at, &tz, Some("Asia/Tokyo")),
            "Tue 24 Nov 16:00 · Wed 01:00 there (Asia/Tokyo)"
        );
        assert_eq!(said(at, &tz, Some("Mars/Olympus")), "Tue 24 Nov 16:00");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_a_reading_is_in_the_coming_year(
            typed in r"[+a-z0-9:./ -]{0,16}",
            now in 1_600_000_000_i64..2_000_000_000,
        ) {
            let now = Timestamp::from_second(now).expect("a timestamp");
            if let Reading::At { at, .. } = read(&typed, now, &london(), None) {
                prop_assert!(at > now);
                prop_assert!(at.duration_since(now) <= SignedDuration::from_hours(24 * FURTHEST_DAYS));
            }
        }

        #[test]
        fn any_text_is_survived(typed in "\\PC{0,20}") {
            let now = "2026-11-24T10:00:00Z".parse().expect("a timestamp");
            read(&typed, now, &london(), Some(&typed));
        }
    }
}
