//! Business hours (requirements §3): when the desk is open, when it opens next, and time counted in opening hours.
//!
//! A week of intervals on the wall clock, less the dates that are closed, in the business's time zone. One rule turns
//! wall clock into instants, in both daylight-saving nights and in every zone:
//!
//! > An interval opens at the first instant at which the local clock shows its opening time or a later one, and
//! > closes at the first instant at which it shows its closing time or a later one.
//!
//! So when the clocks go forward, hours that the night skips are no hours at all, and a time inside the gap means the
//! moment of the jump. When they go back, the hour that runs twice belongs to whoever is open when it begins to repeat:
//! a desk that closes at 01:30 closes at the first 01:30 and does not open again for the second.

mod week;

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, ops::Bound};

use jiff::{
    SignedDuration, Timestamp, ZonedDateTime,
    civil::{Date, DateTime, Time},
    tz::{AmbiguousOffset, TimeZone},
};

pub use week::{Interval, IntervalError, Week};

/// How many days without an opening are searched before the desk counts as one that never opens again: a year and a
/// few days, so that a desk open on one day a year is found.
const HORIZON_DAYS: u16 = 370;

/// The business's calendar. Every method is a pure function of it and of the time given, and costs well under a
/// microsecond for each day it has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    tz: TimeZone,
    week: Week,
    closed: BTreeSet<Date>,
}

/// A stretch of time during which the desk is open: `start <= t < end`, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl Calendar {
    /// A calendar in the zone `tz`, open in `week` but not on the dates in `closed` (bank holidays and closures).
    pub fn new(tz: TimeZone, week: Week, closed: BTreeSet<Date>) -> Calendar {
        Calendar { tz, week, closed }
    }

    /// The business's time zone.
    pub fn time_zone(&self) -> &TimeZone {
        &self.tz
    }

    /// `t` on the business's wall clock.
    pub fn local(&self, t: Timestamp) -> ZonedDateTime {
        t.to_zoned_datetime(self.tz.clone())
    }

    /// Whether nobody works on `date`: a bank holiday, a closure, or a weekday without hours.
    pub fn day_closed(&self, date: Date) -> bool {
        self.intervals(date).is_empty()
    }

    /// Whether the desk is open at `t`. The opening instant is open, the closing instant is not.
    pub fn is_open(&self, t: Timestamp) -> bool {
        let date = self.date_of(t);
        // The morrow too: where clocks go back over midnight, it has begun before yesterday's date shows again.
        std::iter::once(date)
            .chain(date.tomorrow().ok())
            .flat_map(|date| self.openings_on(date))
            .take_while(|opening| opening.start <= t)
            .any(|opening| t < opening.end)
    }

    /// The next instant after `t` at which the desk goes from closed to open: from inside opening hours the opening
    /// after them, else the one that ends the present closed spell. `None` when nothing opens within 370 days, which
    /// includes a desk that never closes.
    pub fn next_opening(&self, t: Timestamp) -> Option<Timestamp> {
        let (from, mut open_until) = self.skip_unbroken_days(t)?;
        for opening in self.openings_from(from).skip_while(|opening| opening.end <= t) {
            if opening.start > t && open_until != Some(opening.start) {
                return Some(opening.start);
            }
            open_until = Some(opening.end);
        }
        None
    }

    /// The instant at which `duration` of opening time has passed since `t`. Before an opening the clock waits for it;
    /// a duration that ends exactly at a closing instant ends there and not at the next opening (15:00 + 2 h at a desk
    /// that closes at 17:00 is 17:00). A duration of zero, or a negative one, is the first open instant from `t` on.
    /// `None` when 370 days pass without an opening before the duration is used up.
    pub fn add_business(&self, t: Timestamp, duration: SignedDuration) -> Option<Timestamp> {
        let mut left = duration.max(SignedDuration::ZERO);
        for opening in self.openings(t) {
            let start = opening.start.max(t);
            let available = opening.end.duration_since(start);
            if left <= available {
                return start.checked_add(left).ok();
            }
            left -= available;
        }
        None
    }

    /// How much opening time lies between `a` and `b`; negative when `b` is before `a`.
    pub fn business_between(&self, a: Timestamp, b: Timestamp) -> SignedDuration {
        if b < a {
            return -self.business_between(b, a);
        }
        let last = self.date_of(b);
        let mut total = SignedDuration::ZERO;
        let mut date = Some(self.date_of(a));
        while let Some(day) = date {
            for opening in self.openings_on(day) {
                let (start, end) = (opening.start.max(a), opening.end.min(b));
                if start < end {
                    total += end.duration_since(start);
                }
            }
            // One day past the last, for the same reason as in `is_open`.
            date = if day <= last { day.tomorrow().ok() } else { None };
        }
        total
    }

    /// The end of the last opening on the local date of `t`, whether or not it is past. `None` on a closed date.
    pub fn close_of_day(&self, t: Timestamp) -> Option<Timestamp> {
        self.openings_on(self.date_of(t)).map(|opening| opening.end).last()
    }

    /// The openings that end after `t`, in order; the first may have begun before it. Ends when 370 days in a row
    /// have none. Intervals that touch, also over midnight, come as separate openings.
    pub fn openings(&self, t: Timestamp) -> impl Iterator<Item = Opening> + '_ {
        self.openings_from(self.date_of(t)).skip_while(move |opening| opening.end <= t)
    }

    /// Where a search for the next opening may start, and until when the desk is known to be open there. Only a desk
    /// that never closes skips ahead: to its next closed date, instead of looking at every day before it.
    fn skip_unbroken_days(&self, t: Timestamp) -> Option<(Date, Option<Timestamp>)> {
        let today = self.date_of(t);
        if !self.week.never_closes() || !self.is_open(t) {
            return Some((today, None));
        }
        let closed = *self.closed.range((Bound::Excluded(today), Bound::Unbounded)).next()?;
        let days_off = closed.duration_since(today).as_hours() / 24;
        (days_off <= i64::from(HORIZON_DAYS)).then(|| (closed, self.midnight(closed)))
    }

    fn midnight(&self, date: Date) -> Option<Timestamp> {
        first_instant(&self.tz, date.to_datetime(Time::midnight()))
    }

    fn date_of(&self, t: Timestamp) -> Date {
        self.tz.to_datetime(t).date()
    }

    fn intervals(&self, date: Date) -> &[Interval] {
        let hours = self.week.day(date.weekday());
        if hours.is_empty() || self.closed.contains(&date) { &[] } else { hours }
    }

    fn openings_on(&self, date: Date) -> impl Iterator<Item = Opening> + '_ {
        self.intervals(date).iter().filter_map(move |interval| {
            let start = first_instant(&self.tz, interval.open_on(date))?;
            let end = first_instant(&self.tz, interval.close_on(date))?;
            (start < end).then_some(Opening { start, end })
        })
    }

    fn openings_from(&self, date: Date) -> impl Iterator<Item = Opening> + '_ {
        let first = if self.week.never_opens() { None } else { Some(date) };
        let mut idle = 0;
        std::iter::successors(first, |date| date.tomorrow().ok())
            .take_while(move |date| {
                idle = if self.intervals(*date).is_empty() { idle + 1 } else { 0 };
                idle <= HORIZON_DAYS
            })
            .flat_map(|date| self.openings_on(date))
    }
}

/// The first instant at which the local clock shows `at` or later. `None` outside the years that jiff knows.
///
/// It never runs backwards: a later `at` gives the same instant or a later one, so intervals that do not overlap on
/// the wall clock do not overlap in time.
fn first_instant(tz: &TimeZone, at: DateTime) -> Option<Timestamp> {
    match tz.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(at).ok(),
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(at).ok(),
        AmbiguousOffset::Gap { after, .. } => {
            // Read with the offset after the jump, a time inside the gap lies before the jump.
            let before_jump = after.to_timestamp(at).ok()?;
            tz.following(before_jump).next().map(|jump| jump.timestamp())
        }
    }
}
