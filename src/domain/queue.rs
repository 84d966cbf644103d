//! Which queue shows a lead, and in what order (requirements §4).
//!
//! Store and console sort the same leads by the same keys: both reduce a lead to its [`Standing`].

use std::cmp::Reverse;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    ids::{LeadId, RepId},
    tier::Tier,
};

/// The queue of leads whose owner is not clear, and of those that no rule placed.
pub const GENERAL: &str = "general";
/// The queue of referrals and partners.
pub const PARTNERSHIPS: &str = "partnerships";

/// What a person can look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// Arrived outside business hours and not yet closed, carried over or not.
    Overnight,
    /// Everything open that arrived in hours.
    Callbacks,
    /// Tier A.
    Booked,
    /// Tier D.
    Answers,
    Partnerships,
    General,
    /// Owned or held by the one who asks.
    Mine,
    /// Everything not closed.
    All,
}

impl View {
    pub const ALL: [View; 8] = [
        View::Overnight,
        View::Callbacks,
        View::Booked,
        View::Answers,
        View::Partnerships,
        View::General,
        View::Mine,
        View::All,
    ];

    /// The wire form.
    pub fn as_str(self) -> &'static str {
        match self {
            View::Overnight => "overnight",
            View::Callbacks => "callbacks",
            View::Booked => "booked",
            View::Answers => "answers",
            View::Partnerships => "partnerships",
            View::General => "general",
            View::Mine => "mine",
            View::All => "all",
        }
    }

    /// Reads the wire form; `None` for an unknown word.
    pub fn read(word: &str) -> Option<View> {
        View::ALL.into_iter().find(|view| view.as_str() == word)
    }

    /// Whether this view shows a lead that stands like that, to the one who asks.
    pub fn shows(self, lead: &Standing<'_>, me: Option<&RepId>) -> bool {
        let open = lead.kind == Kind::Open;
        match self {
            View::Overnight => open && lead.after_hours,
            View::Callbacks => open && !lead.after_hours,
            View::Booked => lead.kind == Kind::Booked,
            View::Answers => open && lead.tier == Tier::D,
            View::Partnerships => open && lead.queue == PARTNERSHIPS,
            View::General => open && lead.queue == GENERAL,
            View::Mine => open && me.is_some() && (lead.holder == me || lead.owner == me),
            View::All => lead.kind != Kind::Closed,
        }
    }

    /// The place of a lead in this view: smaller stands higher.
    pub fn key(self, lead: &Standing<'_>) -> Key {
        match self {
            View::Overnight => {
                Key::Overnight(lead.tier.rank(), Reverse(lead.value), lead.ended_at, lead.id)
            }
            _ => Key::Callbacks(
                lead.tier.rank(),
                lead.due_at.unwrap_or(Timestamp::MAX),
                Reverse(lead.value),
                lead.id,
            ),
        }
    }
}

/// Whether anybody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody must act.
    Open,
    /// Booked by the agent: nobody waits.
    Booked,
    Closed,
}

/// What of a lead its place depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing<'a> {
    pub id: LeadId,
    pub kind: Kind,
    pub tier: Tier,
    pub queue: &'a str,
    pub after_hours: bool,
    /// See [`value`].
    pub value: i64,
    pub due_at: Option<Timestamp>,
    /// The end of the call that has waited longest.
    pub ended_at: Timestamp,
    pub holder: Option<&'a RepId>,
    pub owner: Option<&'a RepId>,
}

/// A place in a view's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Tier, then the larger value, then the longest wait.
    Overnight(u8, Reverse<i64>, Timestamp, LeadId),
    /// Tier, then due time (none last), then the larger value.
    Callbacks(u8, Timestamp, Reverse<i64>, LeadId),
}

/// The value a queue sorts by: the band first, then the pence that the caller named inside it.
pub fn value(band: u8, pence: Option<i64>) -> i64 {
    const BAND: i64 = 1_000_000_000_000;
    i64::from(band) * BAND + pence.unwrap_or(0).clamp(0, BAND - 1)
}
