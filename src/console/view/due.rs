//! How late it is for a lead: the steps of its clock, each with a symbol and a word beside its colour.

use jiff::{SignedDuration, Timestamp};

use crate::{console::theme::Meaning, domain::tier::Tier};

/// The steps of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Calm,
    /// Half of the time is gone.
    Half,
    /// Four fifths are gone: the moment of the first warning (requirements §6).
    Due,
    Past,
}

impl Step {
    /// The step at `now`. The time that a clock grants is from `start` to `due`, but over a closed spell no more than the
    /// tier's own: what matters then is how much of it is left.
    pub(super) fn at(now: Timestamp, start: Timestamp, due: Timestamp, tier: Tier) -> Step {
        let left = due.duration_since(now).as_millis();
        if left < 0 {
            return Step::Past;
        }
        let tiers_own = if tier == Tier::B { 15 * 60_000 } else { 2 * 3_600_000 };
        let granted = due.duration_since(start).as_millis().clamp(0, tiers_own);
        if left * 5 <= granted {
            Step::Due
        } else if left * 2 <= granted {
            Step::Half
        } else {
            Step::Calm
        }
    }

    pub(super) fn meaning(self) -> Meaning {
        match self {
            Step::Calm => Meaning::Waiting,
            Step::Half => Meaning::DueHalf,
            Step::Due => Meaning::Due,
            Step::Past => Meaning::PastDue,
        }
    }

    /// One column.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Step::Calm => " ",
            Step::Half => "◑",
            Step::Due => "◕",
            Step::Past => "!",
        }
    }

    pub(super) fn in_words(self) -> &'static str {
        match self {
            Step::Calm => "in time",
            Step::Half => "half gone",
            Step::Due => "due soon",
            Step::Past => "past due",
        }
    }
}

/// Whether the countdown says more than the time of day: it runs, or will within the hour.
pub(super) fn is_close(now: Timestamp, due: Timestamp) -> bool {
    due.duration_since(now) < SignedDuration::from_hours(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn the_steps_of_a_fifteen_minute_clock() {
        let (opens, due) = (at("2026-11-24T09:00:00Z"), at("2026-11-24T09:15:00Z"));
        let step = |now: &str| Step::at(at(now), opens, due, Tier::B);
        assert_eq!(step("2026-11-24T08:52:14Z"), Step::Calm);
        assert_eq!(step("2026-11-24T09:07:29Z"), Step::Calm);
        assert_eq!(step("2026-11-24T09:07:30Z"), Step::Half);
        assert_eq!(step("2026-11-24T09:11:59Z"), Step::Half);
        assert_eq!(step("2026-11-24T09:12:00Z"), Step::Due);
        assert_eq!(step("2026-11-24T09:15:00Z"), Step::Due);
        assert_eq!(step("2026-11-24T09:15:01Z"), Step::Past);
    }

    #[test]
    fn a_closed_weekend_does_not_use_up_a_clock() {
        // A C of Friday 16:30 is due on Tuesday at 10:30.
        let (start, due) = (at("2026-05-22T15:30:00Z"), at("2026-05-26T09:30:00Z"));
        let step = |now: &str| Step::at(at(now), start, due, Tier::C);
        assert_eq!(step("2026-05-25T12:00:00Z"), Step::Calm);
        assert_eq!(step("2026-05-26T08:00:00Z"), Step::Calm);
        assert_eq!(step("2026-05-26T08:30:00Z"), Step::Half);
        assert_eq!(step("2026-05-26T09:06:00Z"), Step::Due);
    }

    #[test]
    fn a_clock_that_grants_nothing_is_due_until_it_is_past() {
        let moment = at("2026-11-24T09:00:00Z");
        assert_eq!(Step::at(moment, moment, moment, Tier::B), Step::Due);
        assert_eq!(
            Step::at(at("2026-11-24T08:59:59Z"), moment, at("2026-11-24T08:00:00Z"), Tier::C),
            Step::Past
        );
    }
}
