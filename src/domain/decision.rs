//! What a command does: plain data, to be committed in one transaction or compared in a test.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    command::{CallFacts, TokenHash},
    contact::Contact,
    ids::{ContactId, LeadId, RepId},
    journal::NewEntry,
    lead::Lead,
    person::Person,
    tier::Tier,
};
use jiff::Timestamp;

/// What a store loaded for a command (see [`super::command::Concerns`]).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// For a caller: one contact for each key that finds one, in the order of the keys, each once. For a lead: its
    /// contact. For two contacts: those two, in order.
    pub contacts: Vec<Contact>,
    /// For a caller: the open lead of each contact that has one. For a lead: that lead, then its sibling. For two
    /// contacts: the open leads of both.
    pub leads: Vec<Lead>,
    /// A call already recorded under the SID.
    pub call: Option<CallFacts>,
    /// Shared with whoever loaded it: a store keeps it from one command to the next.
    pub roster: Arc<super::person::Roster>,
}

/// A lead before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadChange {
    /// `None`: it is new.
    pub before: Option<Box<Lead>>,
    pub after: Box<Lead>,
}

/// Everything that one transaction writes. An empty one changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// In the order in which they must be written: a lead that gives way to another stands before it.
    pub leads: Vec<LeadChange>,
    /// New or changed, with the revision already raised.
    pub contacts: Vec<Contact>,
    pub people: Vec<Person>,
    pub tokens: Vec<TokenChange>,
    pub calls: Vec<CallFacts>,
    pub entries: Vec<NewEntry>,
    pub messages: Vec<Message>,
    pub answer: Answer,
}

impl Decision {
    /// A decision that only answers.
    pub fn answer(answer: Answer) -> Self {
        Decision {
            leads: Vec::new(),
            contacts: Vec::new(),
            people: Vec::new(),
            tokens: Vec::new(),
            calls: Vec::new(),
            entries: Vec::new(),
            messages: Vec::new(),
            answer,
        }
    }

    pub fn changes_nothing(&self) -> bool {
        self.leads.is_empty()
            && self.contacts.is_empty()
            && self.people.is_empty()
            && self.tokens.is_empty()
            && self.calls.is_empty()
            && self.entries.is_empty()
            && self.messages.is_empty()
    }
}

/// Who a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum TokenOwner {
    Person { id: RepId },
    Key { id: String, name: String },
}

/// A change of the tokens that open the door.
#[derive(Clone, Debug, PartialEq)]
pub enum TokenChange {
    Add { hash: TokenHash, owner: TokenOwner, expires_at: Option<Timestamp> },
    RevokeAllOf { owner: RepId },
}

/// A message to the outside, written with the change that caused it and delivered later by the outbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Which service, and which place in it: `slack:#inbound-overnight`, `crm:hubspot`, …
    pub destination: String,
    pub lead: Option<LeadId>,
    pub body: Value,
}

/// The answer to a command that was carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Answer {
    Routed(Routed),
    /// The lead as it is now, with its contact.
    Lead {
        lead: Box<Lead>,
        contact: Box<Contact>,
    },
    Contact {
        contact: Box<Contact>,
    },
    Person {
        person: Box<Person>,
    },
    Key {
        id: String,
        name: String,
    },
    Done,
}

/// The answer to an ingested call (contract, `POST /api/ingest/lead`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routed {
    pub lead_id: LeadId,
    pub contact_id: ContactId,
    pub tier: Tier,
    pub queue: String,
    /// A team's name or a person's handle.
    pub owner: Option<String>,
    pub due_at: Option<Timestamp>,
    pub reason: String,
    /// It joined an open lead.
    pub merged: bool,
}

/// Why a command was not carried out. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("no such lead")]
    NoSuchLead,
    #[error("no such contact")]
    NoSuchContact,
    #[error("nobody here is called \"{0}\"")]
    NoSuchPerson(String),
    #[error("there is no team or person called \"{0}\"")]
    NoSuchOwner(String),
    #[error("{by_name} has it since {at}")]
    AlreadyClaimed { by: RepId, by_name: String, at: Timestamp },
    #[error("the lead is closed")]
    Closed,
    #[error("the lead is booked: nobody waits for a call")]
    Booked,
    #[error("the lead is not yours to give back")]
    NotYours,
    #[error("only a supervisor may do that")]
    SupervisorOnly,
    #[error("only a person may do that")]
    PersonOnly,
    #[error("say when to call back: callback_at is missing")]
    CallbackTimeMissing,
    #[error("callback_at is in the past: give a later time")]
    CallbackTimePast,
    #[error("nothing of yours to undo here: something has come after it")]
    NothingToUndo,
    #[error("a contact cannot be merged into itself")]
    SameContact,
    #[error("there is a person with the handle \"{0}\" already")]
    HandleTaken(String),
    #[error("this Idempotency-Key was used for another request")]
    KeyReused,
}
