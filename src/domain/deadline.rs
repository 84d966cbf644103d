//! Instants at which a lead changes by itself. They follow from the lead alone, so a store can always rebuild them; each is
//! a row on disk, and one timer sleeps until the nearest.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    ids::LeadId,
    lead::{Lead, LeadState},
};

/// What comes due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// A claim was not followed by a dial: it goes back to the queue.
    Lease,
    /// Nobody has been reached in the time that the tier grants, or the time agreed with the caller has come.
    Due,
    /// Business closes over an overnight lead: it is carried over.
    CarryOver,
}

impl DeadlineKind {
    pub const ALL: [DeadlineKind; 3] =
        [DeadlineKind::Lease, DeadlineKind::Due, DeadlineKind::CarryOver];

    pub fn as_str(self) -> &'static str {
        match self {
            DeadlineKind::Lease => "lease",
            DeadlineKind::Due => "due",
            DeadlineKind::CarryOver => "carry_over",
        }
    }

    pub fn read(word: &str) -> Option<DeadlineKind> {
        DeadlineKind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One instant to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deadline {
    pub at: Timestamp,
    pub lead: LeadId,
    pub kind: DeadlineKind,
}

/// The deadlines of a lead as it stands: at most one of each kind.
pub fn of(lead: &Lead) -> impl Iterator<Item = Deadline> {
    let at = |kind, at: Option<Timestamp>| at.map(|at| Deadline { at, lead: lead.id, kind });
    let open = lead.is_open();
    let lease = match &lead.state {
        LeadState::Claimed(claim) => Some(claim.lease_until),
        _ => None,
    };
    let due = lead.due_at.filter(|_| open && !lead.overdue);
    let carry_over = lead.carries_over_at.filter(|_| open && !lead.carried_over);
    [
        at(DeadlineKind::Lease, lease),
        at(DeadlineKind::Due, due),
        at(DeadlineKind::CarryOver, carry_over),
    ]
    .into_iter()
    .flatten()
}
