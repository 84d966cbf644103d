//! A lead: one person's open wish, from the first call until somebody closed it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    ids::{ContactId, LeadId, RepId},
    intent::Intent,
    outcome::Outcome,
    person::PersonRef,
    queue::{self, Kind, Standing},
    signals::Signals,
    tier::Tier,
    touch::Touch,
};

/// How many touches a lead carries along; older ones stay in the journal, and [`Lead::touch_count`] counts all.
pub const TOUCHES_KEPT: usize = 20;
/// How many notes a lead carries along; older ones stay in the journal.
pub const NOTES_KEPT: usize = 50;

/// A claim: exclusive while it lasts (requirements §4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    pub by: PersonRef,
    pub at: Timestamp,
    /// When the claim goes back to the queue unless a dial, a note or an outcome comes first.
    pub lease_until: Timestamp,
}

/// Where a lead stands. Each variant holds just what is true in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum LeadState {
    /// Free to claim.
    Waiting,
    Claimed(Claim),
    /// Nobody's move until `until`; free to claim all the same.
    Scheduled {
        until: Timestamp,
    },
    /// Tier A: a meeting stands in the calendar.
    Booked,
    Closed {
        at: Timestamp,
    },
}

impl LeadState {
    /// The wire form.
    pub fn as_str(&self) -> &'static str {
        match self {
            LeadState::Waiting => "waiting",
            LeadState::Claimed(_) => "claimed",
            LeadState::Scheduled { .. } => "scheduled",
            LeadState::Booked => "booked",
            LeadState::Closed { .. } => "closed",
        }
    }
}

/// Who a lead belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Nobody of the team could take it, or no team was named.
    Team(String),
    Person(RepId),
}

impl Owner {
    /// The wire form: a team's name or a person's handle.
    pub fn as_str(&self) -> &str {
        match self {
            Owner::Team(name) => name,
            Owner::Person(id) => id.as_str(),
        }
    }
}

/// Something a rep wrote down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub at: Timestamp,
    pub by: PersonRef,
    pub text: String,
}

/// A lead with everything a rep needs to ring back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lead {
    pub id: LeadId,
    pub contact_id: ContactId,
    /// Grows by one with every change; a newer one wins.
    pub rev: u32,
    pub tier: Tier,
    pub queue: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    pub state: LeadState,
    pub intent: Intent,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent_raw: Option<String>,
    pub signals: Signals,
    /// 0 to 3.
    pub value_band: u8,
    /// Oldest first; never empty; the newest [`TOUCHES_KEPT`].
    pub touches: Vec<Touch>,
    pub touch_count: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// When the first touch reached us.
    pub received_at: Timestamp,
    /// The end of the first call: waits count from here.
    pub ended_at: Timestamp,
    /// The first call ended outside business hours.
    pub after_hours: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<Timestamp>,
    /// The close of the day it was to be worked on; what is left then is carried over. Only for after-hours leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carries_over_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub carried_over: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// The due time has passed without anybody being reached, and that has been told.
    #[serde(default, skip_serializing_if = "is_false")]
    pub overdue: bool,
    /// When the caller wishes to be rung.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_at: Option<Timestamp>,
    /// Dials that reached nobody.
    #[serde(default)]
    pub attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_claim_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_dial_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_contact_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_tag: Option<String>,
    /// Why this tier and this owner, in one sentence (requirements §3).
    pub reason: String,
    /// What one undo brings back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Box<Undo>>,
}

/// The state before a change that its maker may still take back: nothing has come after it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Undo {
    pub by: RepId,
    /// What was done, as the journal calls it.
    pub what: String,
    pub state: LeadState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub overdue: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_at: Option<Timestamp>,
    pub attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_claim_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_dial_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_contact_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The change also opted the contact out.
    #[serde(default, skip_serializing_if = "is_false")]
    pub opted_out: bool,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl Lead {
    pub fn is_closed(&self) -> bool {
        matches!(self.state, LeadState::Closed { .. })
    }

    /// Somebody must act: neither booked nor closed. A contact has at most one such lead.
    pub fn is_open(&self) -> bool {
        self.kind() == Kind::Open
    }

    pub fn kind(&self) -> Kind {
        match self.state {
            LeadState::Booked => Kind::Booked,
            LeadState::Closed { .. } => Kind::Closed,
            LeadState::Waiting | LeadState::Claimed(_) | LeadState::Scheduled { .. } => Kind::Open,
        }
    }

    pub fn claim(&self) -> Option<&Claim> {
        match &self.state {
            LeadState::Claimed(claim) => Some(claim),
            _ => None,
        }
    }

    pub fn holder(&self) -> Option<&RepId> {
        self.claim().map(|claim| &claim.by.id)
    }

    pub fn owner_person(&self) -> Option<&RepId> {
        match &self.owner {
            Some(Owner::Person(id)) => Some(id),
            _ => None,
        }
    }

    /// Whose work this open lead is, for sharing work out: the holder's, else the owner's.
    pub fn assignee(&self) -> Option<&RepId> {
        self.is_open().then(|| self.holder().or(self.owner_person())).flatten()
    }

    /// The newest touch.
    pub fn newest(&self) -> Option<&Touch> {
        self.touches.last()
    }

    pub fn standing(&self) -> Standing<'_> {
        Standing {
            id: self.id,
            kind: self.kind(),
            tier: self.tier,
            queue: &self.queue,
            after_hours: self.after_hours,
            value: queue::value(self.value_band, self.signals.deal_value_pence),
            due_at: self.due_at,
            ended_at: self.ended_at,
            holder: self.holder(),
            owner: self.owner_person(),
        }
    }
}
