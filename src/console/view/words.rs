//! How times, spans and money are written.

use std::fmt::Write as _;

use jiff::{
    SignedDuration, Timestamp,
    civil::{DateTime, Weekday},
    tz::TimeZone,
};

/// A span that has passed: `0:42`, `11:04:31`, and from a day on `2d 04:31`.
pub(super) fn span(text: &mut String, span: SignedDuration) {
    let seconds = span.as_secs().max(0);
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    // Writing to a String cannot fail.
    let _ = match (days, hours) {
        (100.., _) => write!(text, "{days}d"),
        (1.., _) => write!(text, "{days}d {hours:02}:{minutes:02}"),
        (0, 1..) => write!(text, "{hours}:{minutes:02}:{rest:02}"),
        _ => write!(text, "{minutes}:{rest:02}"),
    };
}

/// What is left until a moment; past it, what has gone since, with a `+`.
pub(super) fn countdown(text: &mut String, now: Timestamp, until: Timestamp) {
    let left = until.duration_since(now);
    if left.is_negative() {
        text.push('+');
    }
    // Rounded away from the moment: `0:00` is shown in its last second only.
    span(text, SignedDuration::from_millis(left.abs().as_millis().min(i64::MAX as i128) as i64));
}

/// [`span`] as text of its own.
pub(super) fn spanned(passed: SignedDuration) -> String {
    let mut text = String::new();
    span(&mut text, passed);
    text
}

/// [`countdown`] as text of its own.
pub(super) fn counted(now: Timestamp, until: Timestamp) -> String {
    let mut text = String::new();
    countdown(&mut text, now, until);
    text
}

fn day(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    }
}

fn month(date: DateTime) -> &'static str {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    MONTHS[(date.month() as usize - 1) % 12]
}

/// `08:52:14`.
pub(super) fn clock(at: Timestamp, tz: &TimeZone) -> String {
    let local = tz.to_datetime(at);
    format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second())
}

/// `09:15`.
pub(super) fn time(at: Timestamp, tz: &TimeZone) -> String {
    let local = tz.to_datetime(at);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// `Tue 24 Nov`.
pub(super) fn date(at: Timestamp, tz: &TimeZone) -> String {
    let local = tz.to_datetime(at);
    format!("{} {} {}", day(local.date().weekday()), local.day(), month(local))
}

/// A moment as briefly as it is clear: `09:15` today, `Wed 09:15` within six days either way, `12 Mar` this year, else
/// `12 Mar 2025`.
pub(super) fn moment(text: &mut String, at: Timestamp, now: Timestamp, tz: &TimeZone) {
    let (local, today) = (tz.to_datetime(at), tz.to_datetime(now));
    let days = (at.duration_since(now).as_hours() / 24).abs();
    let _ = if local.date() == today.date() {
        write!(text, "{:02}:{:02}", local.hour(), local.minute())
    } else if days < 6 {
        let weekday = day(local.date().weekday());
        write!(text, "{weekday} {:02}:{:02}", local.hour(), local.minute())
    } else if local.year() == today.year() {
        write!(text, "{} {}", local.day(), month(local))
    } else {
        write!(text, "{} {} {}", local.day(), month(local), local.year())
    };
}

/// [`moment`] as text of its own.
pub(super) fn moment_of(at: Timestamp, now: Timestamp, tz: &TimeZone) -> String {
    let mut text = String::new();
    moment(&mut text, at, now, tz);
    text
}

/// `£20,000`, and pence only where there are some. Amounts are in pence.
pub(super) fn pounds(pence: i64) -> String {
    let sign = if pence < 0 { "-" } else { "" };
    let (pounds, rest) = (pence.unsigned_abs() / 100, pence.unsigned_abs() % 100);
    let digits = pounds.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if rest == 0 { format!("{sign}£{grouped}") } else { format!("{sign}£{grouped}.{rest:02}") }
}

/// The city of an IANA name: `Europe/London` is London.
pub(super) fn city(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}

/// "1 call", "3 calls".
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn spans_are_as_short_as_they_are_clear() {
        let of = |seconds| spanned(SignedDuration::from_secs(seconds));
        assert_eq!(of(0), "0:00");
        assert_eq!(of(42), "0:42");
        assert_eq!(of(22 * 60 + 46), "22:46");
        assert_eq!(of(11 * 3600 + 4 * 60 + 31), "11:04:31");
        assert_eq!(of(2 * 86_400 + 4 * 3600 + 31 * 60), "2d 04:31");
        assert_eq!(of(400 * 86_400), "400d");
        assert_eq!(of(-5), "0:00");
    }

    #[test]
    fn a_timer_past_due_counts_up_with_a_plus() {
        let due = at("2026-11-24T09:15:00Z");
        assert_eq!(counted(at("2026-11-24T08:52:14Z"), due), "22:46");
        assert_eq!(counted(at("2026-11-24T09:15:00Z"), due), "0:00");
        assert_eq!(counted(at("2026-11-24T09:18:10Z"), due), "+3:10");
        assert_eq!(counted(at("2026-11-26T10:18:10Z"), due), "+2d 01:03");
    }

    #[test]
    fn moments_say_the_day_only_where_it_is_another() {
        let london = TimeZone::get("Europe/London").expect("a zone");
        let now = at("2026-06-23T08:00:00Z");
        let of = |text| moment_of(at(text), now, &london);
        assert_eq!(of("2026-06-23T08:15:00Z"), "09:15");
        assert_eq!(of("2026-06-24T08:15:00Z"), "Wed 09:15");
        assert_eq!(of("2026-03-12T10:00:00Z"), "12 Mar");
        assert_eq!(of("2025-03-12T10:00:00Z"), "12 Mar 2025");
        assert_eq!(clock(now, &london), "09:00:00");
        assert_eq!(date(now, &london), "Tue 23 Jun");
    }

    #[test]
    fn money_and_places_read_as_people_write_them() {
        assert_eq!(pounds(2_000_000), "£20,000");
        assert_eq!(pounds(123_456_789), "£1,234,567.89");
        assert_eq!(pounds(-50), "-£0.50");
        assert_eq!(city("America/New_York"), "New York");
        assert_eq!(count(3, "call", "calls"), "3 calls");
    }
}
