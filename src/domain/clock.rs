//! When a lead is due (requirements §3): arithmetic over opening intervals, never over the wall clock.

use jiff::Timestamp;

use super::{policy::Policy, tier::Tier};

/// The clocks of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The call ended outside business hours.
    pub after_hours: bool,
    /// The opening that an after-hours lead waits for. `None` in hours, or when the business never opens again.
    pub opens_at: Option<Timestamp>,
    /// `None` for tiers without a clock.
    pub due_at: Option<Timestamp>,
}

/// The clocks of a call of a tier that ended at `ended_at`. A wish to be rung at a later time moves the due time there,
/// whatever the tier; a wish for a time that had passed when it was uttered leaves the tier's own clock.
pub fn due(
    tier: Tier,
    ended_at: Timestamp,
    callback_at: Option<Timestamp>,
    policy: &Policy,
) -> Due {
    let calendar = &policy.calendar;
    let after_hours = !calendar.is_open(ended_at);
    let opens_at = if after_hours { calendar.next_opening(ended_at) } else { None };
    let start = opens_at.unwrap_or(ended_at);
    let by_tier = match tier {
        Tier::A | Tier::D => None,
        Tier::B if after_hours => start.checked_add(policy.clocks.priority_after_opening).ok(),
        Tier::B => start.checked_add(policy.clocks.priority_in_hours).ok(),
        // A business that never opens again still owes an answer: the plain time stands in.
        Tier::C => calendar
            .add_business(start, policy.clocks.standard_business)
            .or_else(|| start.checked_add(policy.clocks.standard_business).ok()),
    };
    let wish = callback_at.filter(|at| *at > ended_at);
    Due { after_hours, opens_at, due_at: wish.or(by_tier) }
}
