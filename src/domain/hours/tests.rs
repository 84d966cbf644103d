use jiff::{SignedDuration, Timestamp, civil::Weekday, tz::TimeZone};
use proptest::prelude::*;

use super::*;
use crate::domain::holidays::{self, Nation};

const LONDON: &str = "Europe/London";

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn week(days: &[(Weekday, &[&str])]) -> Week {
    let mut week = Week::default();
    for (weekday, intervals) in days {
        let intervals = intervals.iter().map(|text| Interval::parse(text).unwrap()).collect();
        week.set(*weekday, intervals).unwrap();
    }
    week
}

const EVERY_DAY: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

fn daily(intervals: &[&str]) -> Week {
    week(&EVERY_DAY.map(|day| (day, intervals)))
}

/// Monday to Friday nine to five in London, English bank holidays.
fn office() -> Calendar {
    Calendar::new(zone(LONDON), Week::mon_to_fri(9, 17), holidays::dates(Nation::EnglandAndWales))
}

/// Lunch closed, Saturday mornings, Wednesday closed, the 24th of November 2026 (a Tuesday) closed.
fn shop() -> Calendar {
    const LUNCH: &[&str] = &["09:00-12:30", "13:15-17:30"];
    let week = week(&[
        (Weekday::Monday, LUNCH),
        (Weekday::Tuesday, LUNCH),
        (Weekday::Thursday, LUNCH),
        (Weekday::Friday, LUNCH),
        (Weekday::Saturday, &["09:30-12:00"]),
    ]);
    Calendar::new(zone(LONDON), week, BTreeSet::from([jiff::civil::date(2026, 11, 24)]))
}

fn all_day(tz: &str) -> Calendar {
    Calendar::new(zone(tz), daily(&["00:00-24:00"]), BTreeSet::new())
}

/// A time on the calendar's wall clock; with an offset (`2026-10-25 01:30+00`) one of the two in a repeated hour.
fn at(calendar: &Calendar, text: &str) -> Timestamp {
    let name = calendar.time_zone().iana_name().unwrap();
    let zoned: ZonedDateTime = format!("{text}[{name}]").parse().unwrap();
    zoned.timestamp()
}

fn shown(calendar: &Calendar, t: Option<Timestamp>) -> String {
    t.map_or("never".into(), |t| calendar.local(t).strftime("%a %F %H:%M%z").to_string())
}

#[test]
fn the_desk_is_open_from_the_opening_instant_up_to_the_closing_instant() {
    for (calendar, time, open) in [
        (office(), "2026-11-24 08:59:59.999", false),
        (office(), "2026-11-24 09:00", true),
        (office(), "2026-11-24 16:59:59.999", true),
        (office(), "2026-11-24 17:00", false),
        (office(), "2026-11-28 12:00", false), // Saturday
        (office(), "2026-12-25 12:00", false), // Christmas Day, a Friday
        (office(), "2026-07-01 09:00", true),  // nine o'clock is an hour earlier in summer
        (office(), "2026-07-01 08:59", false),
        (shop(), "2026-11-23 12:29", true),
        (shop(), "2026-11-23 12:30", false), // lunch
        (shop(), "2026-11-23 13:15", true),
        (shop(), "2026-11-28 09:30", true), // Saturday morning
        (shop(), "2026-11-28 12:00", false),
        (shop(), "2026-11-24 10:00", false), // the closure
        (all_day(LONDON), "2026-11-24 00:00", true),
        (all_day(LONDON), "2026-11-24 23:59:59.999", true),
    ] {
        assert_eq!(calendar.is_open(at(&calendar, time)), open, "at {time}");
    }
}

#[test]
fn the_next_opening_is_the_end_of_the_closed_spell_or_the_one_after_these_hours() {
    for (calendar, from, opening) in [
        (office(), "2026-11-24 02:10", "Tue 2026-11-24 09:00+0000"),
        (office(), "2026-11-24 09:00", "Wed 2026-11-25 09:00+0000"), // already open: the one after
        (office(), "2026-11-24 12:00", "Wed 2026-11-25 09:00+0000"),
        (office(), "2026-11-24 17:00", "Wed 2026-11-25 09:00+0000"),
        // A whole bank-holiday weekend is one overnight.
        (office(), "2026-08-28 18:00", "Tue 2026-09-01 09:00+0100"),
        (office(), "2026-12-24 17:00", "Tue 2026-12-29 09:00+0000"),
        (shop(), "2026-11-23 12:45", "Mon 2026-11-23 13:15+0000"), // during lunch
        (shop(), "2026-11-23 10:00", "Mon 2026-11-23 13:15+0000"),
        (shop(), "2026-11-23 17:30", "Thu 2026-11-26 09:00+0000"), // closure, then Wednesday
        (shop(), "2026-11-27 20:00", "Sat 2026-11-28 09:30+0000"),
        (all_day(LONDON), "2026-11-24 12:00", "never"),
    ] {
        let next = calendar.next_opening(at(&calendar, from));
        assert_eq!(shown(&calendar, next), opening, "from {from}");
    }
}

#[test]
fn business_time_runs_over_opening_intervals_and_never_over_the_wall_clock() {
    let (min, hours) = (SignedDuration::from_mins, SignedDuration::from_hours);
    for (calendar, from, duration, due) in [
        // requirements §3: the Friday before a bank-holiday Monday
        (office(), "2026-08-28 16:30", hours(2), "Tue 2026-09-01 10:30+0100"),
        (office(), "2026-11-24 15:00", hours(2), "Tue 2026-11-24 17:00+0000"), // at closing: stays there
        (office(), "2026-11-24 15:01", hours(2), "Wed 2026-11-25 09:01+0000"),
        (office(), "2026-11-24 02:10", hours(2), "Tue 2026-11-24 11:00+0000"),
        (office(), "2026-11-24 17:00", hours(2), "Wed 2026-11-25 11:00+0000"),
        (office(), "2026-11-24 09:00", hours(40), "Mon 2026-11-30 17:00+0000"),
        (office(), "2026-11-24 10:00", hours(0), "Tue 2026-11-24 10:00+0000"),
        (office(), "2026-11-24 17:00", hours(0), "Wed 2026-11-25 09:00+0000"),
        (office(), "2026-11-24 10:00", hours(-3), "Tue 2026-11-24 10:00+0000"),
        (office(), "2026-11-24 08:00", hours(-3), "Tue 2026-11-24 09:00+0000"),
        (shop(), "2026-11-23 11:30", hours(2), "Mon 2026-11-23 14:15+0000"), // lunch does not count
        (shop(), "2026-11-23 12:00", min(30), "Mon 2026-11-23 12:30+0000"),
        (shop(), "2026-11-23 17:00", hours(2), "Thu 2026-11-26 10:30+0000"),
        (shop(), "2026-11-27 17:00", hours(2), "Sat 2026-11-28 11:00+0000"),
        (all_day(LONDON), "2026-11-24 23:00", hours(2), "Wed 2026-11-25 01:00+0000"),
    ] {
        let from_instant = at(&calendar, from);
        let end = calendar.add_business(from_instant, duration);
        assert_eq!(shown(&calendar, end), due, "{from} + {duration}");
    }
}

#[test]
fn the_day_closes_with_its_last_interval() {
    for (calendar, on, close) in [
        (office(), "2026-11-24 02:10", "Tue 2026-11-24 17:00+0000"),
        (office(), "2026-11-24 23:00", "Tue 2026-11-24 17:00+0000"), // also when that is past
        (office(), "2026-11-28 12:00", "never"),
        (office(), "2026-12-25 12:00", "never"),
        (shop(), "2026-11-23 09:10", "Mon 2026-11-23 17:30+0000"),
        (all_day(LONDON), "2026-11-24 12:00", "Wed 2026-11-25 00:00+0000"),
    ] {
        assert_eq!(shown(&calendar, calendar.close_of_day(at(&calendar, on))), close, "on {on}");
    }
}

#[test]
fn a_day_is_closed_by_the_week_by_a_bank_holiday_or_by_a_closure() {
    let date = jiff::civil::date;
    assert!(!office().day_closed(date(2026, 11, 24)));
    assert!(office().day_closed(date(2026, 11, 28)));
    assert!(office().day_closed(date(2026, 12, 28)));
    assert!(shop().day_closed(date(2026, 11, 24)));
}

#[test]
fn the_night_the_clocks_go_back_has_an_hour_more_and_whoever_is_open_then_works_it() {
    let hours = SignedDuration::from_hours;
    let day = all_day(LONDON);
    let (start, end) = (at(&day, "2026-10-25 00:00"), at(&day, "2026-10-26 00:00"));
    assert_eq!(day.business_between(start, end), hours(25));

    let night = Calendar::new(zone(LONDON), daily(&["00:30-06:00"]), BTreeSet::new());
    assert_eq!(
        shown(&night, night.add_business(at(&night, "2026-10-25 00:30"), hours(2))),
        "Sun 2026-10-25 01:30+0000"
    );
    // A desk that closes at 01:30 closes at the first one and stays closed through the second.
    let late = Calendar::new(zone(LONDON), daily(&["00:00-01:30"]), BTreeSet::new());
    for (time, open) in [
        ("2026-10-25 01:29+01", true),
        ("2026-10-25 01:30+01", false),
        ("2026-10-25 01:00+00", false),
        ("2026-10-25 01:29+00", false),
    ] {
        assert_eq!(late.is_open(at(&late, time)), open, "{time}");
    }
    // One that opens at 01:30 opens at the first one and stays open through the second 01:00.
    let early = Calendar::new(zone(LONDON), daily(&["01:30-05:00"]), BTreeSet::new());
    let opening = early.next_opening(at(&early, "2026-10-25 00:00"));
    assert_eq!(shown(&early, opening), "Sun 2026-10-25 01:30+0100");
    assert!(early.is_open(at(&early, "2026-10-25 01:00+00")));
    // By Monday nine o'clock is nine o'clock again.
    let opening = office().next_opening(at(&office(), "2026-10-23 17:00"));
    assert_eq!(shown(&office(), opening), "Mon 2026-10-26 09:00+0000");
}

#[test]
fn the_night_the_clocks_go_forward_has_an_hour_less_and_skipped_hours_are_no_hours() {
    let hours = SignedDuration::from_hours;
    let day = all_day(LONDON);
    let (start, end) = (at(&day, "2027-03-28 00:00"), at(&day, "2027-03-29 00:00"));
    assert_eq!(day.business_between(start, end), hours(23));

    let night = Calendar::new(zone(LONDON), daily(&["00:30-06:00"]), BTreeSet::new());
    assert_eq!(
        shown(&night, night.add_business(at(&night, "2027-03-28 00:30"), hours(1))),
        "Sun 2027-03-28 02:30+0100"
    );
    // Opening and closing times inside the gap mean the moment of the jump.
    let early = Calendar::new(zone(LONDON), daily(&["01:30-05:00"]), BTreeSet::new());
    let opening = early.next_opening(at(&early, "2027-03-28 00:00"));
    assert_eq!(shown(&early, opening), "Sun 2027-03-28 02:00+0100");
    let late = Calendar::new(zone(LONDON), daily(&["00:00-01:30"]), BTreeSet::new());
    assert_eq!(
        shown(&late, late.close_of_day(at(&late, "2027-03-28 00:10"))),
        "Sun 2027-03-28 02:00+0100"
    );
    // Hours that lie wholly inside the gap do not happen that night.
    let gone = Calendar::new(zone(LONDON), daily(&["01:00-02:00"]), BTreeSet::new());
    let opening = gone.next_opening(at(&gone, "2027-03-27 12:00"));
    assert_eq!(shown(&gone, opening), "Mon 2027-03-29 01:00+0100");
    // Closed at one, open again at two: no time passed, so nothing closed.
    let seamless =
        Calendar::new(zone(LONDON), daily(&["00:00-01:00", "02:00-24:00"]), BTreeSet::new());
    let opening = seamless.next_opening(at(&seamless, "2027-03-28 00:30"));
    assert_eq!(shown(&seamless, opening), "Mon 2027-03-29 02:00+0100");
}

#[test]
fn zones_that_change_their_clocks_at_midnight_or_skip_a_day_are_counted_right() {
    for (tz, from, to, open_hours) in [
        ("Africa/Cairo", "2026-04-24 01:00", "2026-04-25 00:00", 23), // 00:00 does not exist
        ("America/Sao_Paulo", "2018-02-17 00:00", "2018-02-18 00:00", 25), // 23:00 twice
        ("America/St_Johns", "2010-11-06 00:00", "2010-11-08 00:00", 49), // 00:01 back to 23:01
        ("America/Havana", "2026-11-01 00:00-04", "2026-11-02 00:00", 25), // 01:00 back to 00:00
        ("Pacific/Apia", "2011-12-29 00:00", "2011-12-31 00:00", 24), // the 30th never was
    ] {
        let calendar = all_day(tz);
        let (from, to) = (at(&calendar, from), at(&calendar, to));
        assert_eq!(calendar.business_between(from, to).as_hours(), open_hours, "{tz}");
        let mut t = from;
        while t < to {
            assert!(calendar.is_open(t), "{tz} at {t}");
            t += SignedDuration::from_mins(1);
        }
    }
    let calendar = all_day("Australia/Lord_Howe"); // half an hour of summer time
    let (from, to) = (at(&calendar, "2026-04-05 00:00"), at(&calendar, "2026-04-06 00:00"));
    assert_eq!(calendar.business_between(from, to), SignedDuration::from_mins(24 * 60 + 30));
}

#[test]
fn a_desk_that_never_opens_never_answers_and_never_hangs() {
    let never = Calendar::new(zone(LONDON), Week::default(), BTreeSet::new());
    // Open on Mondays, but every Monday for two years is a closure.
    let first = jiff::civil::date(2026, 11, 23);
    let mondays = first.series(jiff::Span::new().weeks(1)).take(104).collect();
    let on_strike =
        Calendar::new(zone(LONDON), week(&[(Weekday::Monday, &["09:00-17:00"])]), mondays);
    for calendar in [never, on_strike] {
        let t = at(&calendar, "2026-11-23 10:00");
        assert!(!calendar.is_open(t));
        assert_eq!(calendar.next_opening(t), None);
        assert_eq!(calendar.add_business(t, SignedDuration::from_mins(1)), None);
        assert_eq!(calendar.close_of_day(t), None);
        let later = at(&calendar, "2027-11-23 10:00");
        assert_eq!(calendar.business_between(t, later), SignedDuration::ZERO);
    }
}

#[test]
fn a_desk_that_never_closes_opens_again_after_its_next_closure() {
    let mut calendar = all_day(LONDON);
    calendar.closed.extend([jiff::civil::date(2027, 1, 1), jiff::civil::date(2027, 1, 2)]);
    let next = calendar.next_opening(at(&calendar, "2026-11-24 10:00"));
    assert_eq!(shown(&calendar, next), "Sun 2027-01-03 00:00+0000");
    let next = calendar.next_opening(at(&calendar, "2027-01-01 10:00"));
    assert_eq!(shown(&calendar, next), "Sun 2027-01-03 00:00+0000");
    assert_eq!(calendar.next_opening(at(&calendar, "2027-01-03 10:00")), None);
    // From Monday midnight to Saturday midnight without a break: nightly midnights are not openings.
    let weekdays = &EVERY_DAY[..5];
    let week = week(&weekdays.iter().map(|day| (*day, &["00:00-24:00"][..])).collect::<Vec<_>>());
    let calendar = Calendar::new(zone(LONDON), week, BTreeSet::new());
    let next = calendar.next_opening(at(&calendar, "2026-11-24 10:00"));
    assert_eq!(shown(&calendar, next), "Mon 2026-11-30 00:00+0000");
}

#[test]
fn the_ends_of_time_are_answered_without_a_panic() {
    let calendar = all_day("Pacific/Auckland");
    for t in [Timestamp::MIN, Timestamp::MAX] {
        calendar.is_open(t);
        calendar.next_opening(t);
        calendar.close_of_day(t);
    }
    assert_eq!(calendar.add_business(Timestamp::MAX, SignedDuration::from_hours(9)), None);
}

#[test]
fn a_working_day_is_the_mean_of_the_days_that_open() {
    for (week, working_day) in [
        (Week::mon_to_fri(9, 17), Some(8 * 60)),
        (shop().week, Some((4 * (210 + 255) + 150) / 5)),
        (daily(&["00:00-24:00"]), Some(24 * 60)),
        (Week::mon_to_fri(17, 9), None),
        (Week::default(), None),
    ] {
        assert_eq!(week.working_day(), working_day.map(SignedDuration::from_mins));
    }
}

#[test]
fn intervals_are_read_as_people_write_them() {
    for (text, read) in [
        ("09:00-12:30", "09:00-12:30"),
        ("9:00 - 12:30", "09:00-12:30"),
        ("09:00–12:30", "09:00-12:30"),
        ("00:00-24:00", "00:00-24:00"),
    ] {
        assert_eq!(Interval::parse(text).unwrap().to_string(), read);
    }
}

#[test]
fn what_is_no_interval_is_refused_with_what_would_be_right() {
    for (text, message) in [
        (
            "nine to five",
            r#""nine to five" is not an interval: write opening and closing time as "09:00-17:30""#,
        ),
        ("09:00", r#""09:00" is not an interval: write opening and closing time as "09:00-17:30""#),
        (
            "9-17",
            r#""9" in "9-17" is not a time of day: write hours and minutes from 00:00 to 24:00, as in "09:00-17:30""#,
        ),
        (
            "09:00-24:01",
            r#""24:01" in "09:00-24:01" is not a time of day: write hours and minutes from 00:00 to 24:00, as in "09:00-17:30""#,
        ),
        (
            "09:60-17:00",
            r#""09:60" in "09:60-17:00" is not a time of day: write hours and minutes from 00:00 to 24:00, as in "09:00-17:30""#,
        ),
        (
            "09:00-09:00",
            r#""09:00-09:00" opens and closes at the same minute: leave it out for a closed day, or write "00:00-24:00" for a whole one"#,
        ),
        (
            "22:00-06:00",
            r#""22:00-06:00" closes before it opens: hours over midnight are two intervals, "22:00-24:00" on the one day and "00:00-06:00" on the next"#,
        ),
    ] {
        assert_eq!(Interval::parse(text).unwrap_err().to_string(), message);
    }
}

#[test]
fn intervals_that_overlap_or_stand_in_the_wrong_order_are_both_named() {
    for (first, second, message) in [
        (
            "09:00-13:00",
            "12:30-17:00",
            "09:00-13:00 and 12:30-17:00 overlap: make them one interval, or let the second open when the first has closed",
        ),
        (
            "12:30-17:00",
            "09:00-13:00",
            "12:30-17:00 and 09:00-13:00 overlap: make them one interval, or let the second open when the first has closed",
        ),
        (
            "13:00-17:00",
            "09:00-13:00",
            "13:00-17:00 stands before 09:00-13:00: write the earlier interval first",
        ),
    ] {
        let mut week = Week::mon_to_fri(9, 17);
        let intervals = vec![first.parse().unwrap(), second.parse().unwrap()];
        assert_eq!(week.set(Weekday::Monday, intervals).unwrap_err().to_string(), message);
        assert_eq!(week, Week::mon_to_fri(9, 17), "a refused day changes nothing");
    }
    let mut week = Week::default();
    let touching = vec!["09:00-12:30".parse().unwrap(), "12:30-17:00".parse().unwrap()];
    week.set(Weekday::Monday, touching).unwrap();
}

/// What the wall clock has shown at most so far, minute by minute: the rule in the module's documentation, in the
/// plainest form there is. The desk is open while that high-water mark lies inside an interval of its own date.
struct Walk<'a> {
    calendar: &'a Calendar,
    now: Timestamp,
    high_water: DateTime,
}

impl<'a> Walk<'a> {
    /// Begins two days early, so that the mark is right by `t`.
    fn to(calendar: &'a Calendar, t: Timestamp) -> Walk<'a> {
        let now = t - SignedDuration::from_hours(48);
        let mut walk = Walk { calendar, now, high_water: calendar.local(now).datetime() };
        while walk.now < t {
            walk.step();
        }
        walk
    }

    fn open(&self) -> bool {
        let date = self.high_water.date();
        !self.calendar.closed.contains(&date)
            && self.calendar.week.day(date.weekday()).iter().any(|interval| {
                (interval.open_on(date)..interval.close_on(date)).contains(&self.high_water)
            })
    }

    fn step(&mut self) {
        self.now += SignedDuration::from_mins(1);
        self.high_water = self.high_water.max(self.calendar.local(self.now).datetime());
    }
}

const ZONES: [(&str, &str); 8] = [
    (LONDON, "2026-10-22 00:00"),
    (LONDON, "2027-03-25 00:00"),
    ("America/New_York", "2026-03-05 00:00"),
    ("America/St_Johns", "2010-11-04 00:00"),
    ("America/Sao_Paulo", "2018-02-14 00:00"),
    ("Africa/Cairo", "2026-04-21 00:00"),
    ("Australia/Lord_Howe", "2026-04-02 00:00"),
    ("Pacific/Apia", "2011-12-27 00:00"),
];

/// Up to three intervals a day, on quarter hours, each at least a quarter long; the hours of the clock changes are
/// as likely as any.
fn any_day() -> impl Strategy<Value = Vec<Interval>> {
    proptest::collection::btree_set(0_u16..=96, 0..=6).prop_map(|edges| {
        let edges: Vec<u16> = edges.into_iter().collect();
        let clock = |quarter: u16| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15);
        edges
            .chunks_exact(2)
            .map(|pair| format!("{}-{}", clock(pair[0]), clock(pair[1])).parse().unwrap())
            .collect()
    })
}

prop_compose! {
    /// A calendar, and a minute in the week around a clock change of its zone.
    fn any_calendar()(
        zone_index in 0..ZONES.len(),
        days in proptest::collection::vec(any_day(), 7),
        closed_day in 0..14_i64,
        minute in 0..7 * 24 * 60_i64,
    ) -> (Calendar, Timestamp) {
        let (name, start) = ZONES[zone_index];
        let mut week = Week::default();
        for (weekday, intervals) in EVERY_DAY.into_iter().zip(days) {
            week.set(weekday, intervals).unwrap();
        }
        let mut calendar = Calendar::new(zone(name), week, BTreeSet::new());
        let start = at(&calendar, start);
        let closed = calendar.local(start).date() + jiff::Span::new().days(closed_day);
        calendar.closed.insert(closed);
        (calendar, start + SignedDuration::from_mins(minute))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_minute_is_open_or_closed_as_the_plain_walk_says((calendar, t) in any_calendar()) {
        let mut walk = Walk::to(&calendar, t);
        for _ in 0..36 * 60 {
            prop_assert_eq!(calendar.is_open(walk.now), walk.open(), "{}", calendar.local(walk.now));
            walk.step();
        }
    }

    #[test]
    fn adding_business_time_agrees_with_counting_open_minutes(
        (calendar, t) in any_calendar(),
        minutes in 0..20 * 60_i64,
    ) {
        let mut walk = Walk::to(&calendar, t);
        let give_up = t + SignedDuration::from_hours(24 * 6);
        let mut left = minutes;
        while (left > 0 || !walk.open() && minutes == 0) && walk.now < give_up {
            left -= i64::from(walk.open());
            walk.step();
        }
        if walk.now < give_up {
            let sum = calendar.add_business(t, SignedDuration::from_mins(minutes));
            prop_assert_eq!(sum, Some(walk.now));
        }
    }

    #[test]
    fn the_next_opening_is_the_first_minute_that_is_open_after_a_closed_one(
        (calendar, t) in any_calendar(),
    ) {
        let mut walk = Walk::to(&calendar, t);
        let give_up = t + SignedDuration::from_hours(24 * 4);
        let mut was_open = walk.open();
        loop {
            walk.step();
            if walk.open() && !was_open || walk.now >= give_up {
                break;
            }
            was_open = walk.open();
        }
        if walk.now < give_up {
            prop_assert_eq!(calendar.next_opening(t), Some(walk.now));
        }
    }
}

proptest! {
    #[test]
    fn the_next_opening_is_later_and_open_and_the_instant_before_it_is_closed(
        (calendar, t) in any_calendar(),
    ) {
        if let Some(next) = calendar.next_opening(t) {
            prop_assert!(next > t);
            prop_assert!(calendar.is_open(next));
            prop_assert!(!calendar.is_open(next - SignedDuration::from_nanos(1)));
        }
    }

    #[test]
    fn what_is_added_is_what_lies_between(
        (calendar, t) in any_calendar(),
        seconds in 0..400_000_i64,
    ) {
        let duration = SignedDuration::from_secs(seconds);
        if let Some(end) = calendar.add_business(t, duration) {
            prop_assert_eq!(calendar.business_between(t, end), duration);
            prop_assert_eq!(calendar.business_between(end, t), -duration);
        } else {
            prop_assert!(calendar.week.never_opens());
        }
    }

    #[test]
    fn a_later_start_or_a_longer_duration_never_ends_earlier(
        (calendar, t) in any_calendar(),
        later in 0..200_000_i64,
        seconds in 0..200_000_i64,
        longer in 0..200_000_i64,
    ) {
        let add = |t: Timestamp, seconds| {
            calendar.add_business(t, SignedDuration::from_secs(seconds))
        };
        let later = t + SignedDuration::from_secs(later);
        prop_assert!(add(t, seconds) <= add(later, seconds));
        prop_assert!(add(t, seconds) <= add(t, seconds + longer));
        prop_assert!(calendar.next_opening(t) <= calendar.next_opening(later));
    }

    #[test]
    fn a_split_span_holds_as_much_as_the_whole(
        (calendar, a) in any_calendar(),
        first in 0..500_000_i64,
        second in 0..500_000_i64,
    ) {
        let b = a + SignedDuration::from_secs(first);
        let c = b + SignedDuration::from_secs(second);
        prop_assert_eq!(
            calendar.business_between(a, b) + calendar.business_between(b, c),
            calendar.business_between(a, c)
        );
    }

    #[test]
    fn no_text_makes_the_interval_reader_panic(text in "[0-9:–\\- a]{0,14}") {
        if let Ok(interval) = Interval::parse(&text) {
            prop_assert_eq!(Interval::parse(&interval.to_string()), Ok(interval));
        }
    }
}
