//! Answers that hold several things: a queue, a history, a journal entry.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Contact, Lead};
use crate::domain::{ids::Seq, journal::Actor, tier::Tier};

/// `GET /api/queue`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Queue {
    /// When this was true.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// The database is away, and this is the queue as it was last known: its most urgent leads.
    #[serde(default)]
    pub stale: bool,
    /// The journal's head when it was read: a stream opened `after` it misses nothing.
    pub seq: Seq,
    pub leads: Vec<Lead>,
    /// Pass it as `cursor` for the next page; `null` on the last.
    pub next: Option<String>,
    /// Leads in this view, over all pages.
    pub total: u64,
}

/// One entry of the journal: `data:` of the stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    pub seq: Seq,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    #[schema(value_type = Object)]
    pub actor: Actor,
    /// `lead.claimed`, `rep.changed`, …: new kinds may come.
    pub kind: String,
    /// The lead as it is after the change; `null` for what concerns none.
    pub lead: Option<Lead>,
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}

/// `GET /api/leads/{id}/history`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct History {
    /// The lead's journal, oldest first; entries carry no lead here.
    pub entries: Vec<Entry>,
    /// Earlier leads of the same contact, newest first.
    pub earlier: Vec<Lead>,
}

/// The answer to a claim that was lost: members of the `already-claimed` problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Claimed {
    #[schema(value_type = Object)]
    pub claimed_by: crate::domain::person::PersonRef,
    #[schema(value_type = String, format = DateTime)]
    pub claimed_at: Timestamp,
}

/// `GET /api/contacts/lookup`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Lookup {
    /// `null` for somebody unknown.
    pub contact: Option<Contact>,
    pub open_lead: Option<Lead>,
    /// What is known of the account, in words for the agent.
    pub context: Option<Context>,
}

/// What an agent should know before it says hello.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Context {
    pub customer: bool,
    pub earlier_leads: Vec<EarlierLead>,
}

/// One lead of the past, in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EarlierLead {
    pub id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    #[schema(value_type = String)]
    pub tier: Tier,
    pub intent: String,
    pub outcome: Option<String>,
    pub summary: String,
}
