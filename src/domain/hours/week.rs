//! The opening hours of one ordinary week, as a person writes them: `mon = ["09:00-12:30", "13:15-17:30"]`.

use std::{fmt, str::FromStr};

use jiff::{
    SignedDuration,
    civil::{Date, DateTime, Time, Weekday},
};
use thiserror::Error;

/// Minutes in a day of the wall clock; as a closing time, midnight at the day's end.
const DAY: u16 = 24 * 60;

/// One stretch of a day during which the desk is open: from `open` up to, not including, `close`, both on the wall
/// clock of the same date.
///
/// Kept as minutes since midnight, so that `24:00` is a closing time like any other (`civil::Time` ends at 23:59).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// 0..=1439
    open: u16,
    /// 1..=1440, later than `open`
    close: u16,
}

/// Why some text, or a list of intervals, cannot be opening hours. The text says what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IntervalError {
    #[error("{text:?} is not an interval: write opening and closing time as \"09:00-17:30\"")]
    NotAnInterval { text: String },
    #[error(
        "{part:?} in {text:?} is not a time of day: write hours and minutes from 00:00 to 24:00, as in \"09:00-17:30\""
    )]
    NotATime { text: String, part: String },
    #[error(
        "{text:?} opens and closes at the same minute: leave it out for a closed day, or write \"00:00-24:00\" for a whole one"
    )]
    Empty { text: String },
    #[error(
        "{text:?} closes before it opens: hours over midnight are two intervals, {before:?} on the one day and {after:?} on the next"
    )]
    Backwards { text: String, before: String, after: String },
    #[error(
        "{first} and {second} overlap: make them one interval, or let the second open when the first has closed"
    )]
    Overlap { first: Interval, second: Interval },
    #[error("{first} stands before {second}: write the earlier interval first")]
    OutOfOrder { first: Interval, second: Interval },
}

impl Interval {
    /// Reads `"09:00-12:30"`: 24-hour clock, one or two digits for the hour, two for the minute, spaces and an en dash
    /// allowed, `24:00` allowed as the closing time.
    ///
    /// # Errors
    /// Everything else, with a sentence that says what would be right.
    pub fn parse(text: &str) -> Result<Interval, IntervalError> {
        let mut parts = text.split(['-', '–']).map(str::trim);
        let (Some(open_text), Some(close_text), None) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(IntervalError::NotAnInterval { text: text.into() });
        };
        let minute = |part: &str| {
            minute_of_day(part)
                .ok_or_else(|| IntervalError::NotATime { text: text.into(), part: part.into() })
        };
        let (open, close) = (minute(open_text)?, minute(close_text)?);
        match open.cmp(&close) {
            std::cmp::Ordering::Less => Ok(Interval { open, close }),
            std::cmp::Ordering::Equal => Err(IntervalError::Empty { text: text.into() }),
            std::cmp::Ordering::Greater => Err(backwards(text, open, close)),
        }
    }

    /// From `open` to `close` o'clock. `None` unless `open < close <= 24`.
    pub const fn hours(open: u8, close: u8) -> Option<Interval> {
        if open < close && close <= 24 {
            Some(Interval { open: open as u16 * 60, close: close as u16 * 60 })
        } else {
            None
        }
    }

    /// The opening time on `date`.
    pub fn open_on(self, date: Date) -> DateTime {
        wall_clock(self.open, date)
    }

    /// The closing time on `date`: for `24:00`, midnight at the start of the next one.
    pub fn close_on(self, date: Date) -> DateTime {
        wall_clock(self.close, date)
    }

    /// Whether a clock that shows `time` shows a time inside: `open <= time < close`.
    pub fn contains(self, time: Time) -> bool {
        let minute = time.hour() as u16 * 60 + time.minute() as u16;
        (self.open..self.close).contains(&minute)
    }
}

/// The error for hours over midnight, with the two intervals that say the same; one of them alone when the other
/// would be empty (`24:00-06:00`, `22:00-00:00`).
fn backwards(text: &str, open: u16, close: u16) -> IntervalError {
    let piece = |open, close| {
        if open < close { Interval { open, close }.to_string() } else { "nothing".into() }
    };
    IntervalError::Backwards { text: text.into(), before: piece(open, DAY), after: piece(0, close) }
}

/// `HH:MM` as minutes since midnight, 0 to 1440.
fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY).then_some(total)
}

fn wall_clock(minute: u16, date: Date) -> DateTime {
    if minute >= DAY {
        // The last day that can be written has no morrow; nothing is ever due there.
        return date.tomorrow().unwrap_or(date).to_datetime(Time::midnight());
    }
    date.at((minute / 60) as i8, (minute % 60) as i8, 0, 0)
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = (self.open, self.close);
        write!(f, "{:02}:{:02}-{:02}:{:02}", open / 60, open % 60, close / 60, close % 60)
    }
}

impl FromStr for Interval {
    type Err = IntervalError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Interval::parse(text)
    }
}

/// The opening hours of each weekday: in order, never overlapping. A day without intervals is closed; the default
/// week is closed throughout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Week {
    /// Monday first.
    days: [Vec<Interval>; 7],
}

impl Week {
    /// Monday to Friday from `open` to `close` o'clock; a closed week unless `open < close <= 24`.
    pub fn mon_to_fri(open: u8, close: u8) -> Week {
        let day: Vec<Interval> = Interval::hours(open, close).into_iter().collect();
        let mut week = Week::default();
        week.days[..5].fill(day);
        week
    }

    /// Gives `weekday` these intervals instead of those it has. Touching ones (`09:00-12:30`, `12:30-17:00`) are
    /// allowed and count as open throughout.
    ///
    /// # Errors
    /// Two intervals that overlap or stand in the wrong order, naming both. The week is then unchanged.
    pub fn set(&mut self, weekday: Weekday, intervals: Vec<Interval>) -> Result<(), IntervalError> {
        for pair in intervals.windows(2) {
            let (first, second) = (pair[0], pair[1]);
            if second.close <= first.open {
                return Err(IntervalError::OutOfOrder { first, second });
            }
            if second.open < first.close {
                return Err(IntervalError::Overlap { first, second });
            }
        }
        self.days[index(weekday)] = intervals;
        Ok(())
    }

    /// The intervals of `weekday`, earliest first.
    pub fn day(&self, weekday: Weekday) -> &[Interval] {
        &self.days[index(weekday)]
    }

    /// The opening time of an ordinary day: the mean of the days that open, to the minute. `None` when none does.
    pub fn working_day(&self) -> Option<SignedDuration> {
        let days = self.days.iter().filter(|day| !day.is_empty()).count();
        let minutes: usize =
            self.days.iter().flatten().map(|i| usize::from(i.close - i.open)).sum();
        let mean = minutes.checked_div(days)?;
        Some(SignedDuration::from_mins(i64::try_from(mean).ok()?))
    }

    /// No day has an interval.
    pub fn never_opens(&self) -> bool {
        self.days.iter().all(Vec::is_empty)
    }

    /// Every day is open from midnight to midnight.
    pub fn never_closes(&self) -> bool {
        self.days.iter().all(|day| {
            day.first().is_some_and(|first| first.open == 0)
                && day.last().is_some_and(|last| last.close == DAY)
                && day.windows(2).all(|pair| pair[0].close == pair[1].open)
        })
    }
}

fn index(weekday: Weekday) -> usize {
    usize::from(weekday.to_monday_zero_offset().unsigned_abs())
}
