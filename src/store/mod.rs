//! Where the truth is kept. The trait says what is wanted in the business's words; each database says how.
//!
//! The one door is [`Store::execute`]: it loads what the command concerns, asks [`crate::domain::decide::decide`], and commits
//! lead, contact, journal, outbox and deadlines in one transaction. An answer means: on disk. Everything else here only
//! reads. Reads never wait for writes.
//!
//! To add a database: implement [`Store`], and run the conformance suite (`tests/store_conformance`) on it.

pub mod copy;
pub mod migrations;
pub mod plan;
pub mod postgres;
pub mod rows;
pub mod sql;
pub mod sqlite;
pub mod tally;
mod url;

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

pub use url::{StoreUrl, StoreUrlError, open};

use crate::domain::{
    command::{Command, TokenHash},
    contact::Contact,
    deadline::Deadline,
    decision::{Answer, Refusal, TokenOwner},
    ids::{ContactId, LeadId, RepId, Seq},
    journal::Actor,
    lead::Lead,
    person::Roster,
    phone::Phone,
    queue::View,
};

/// How long an `Idempotency-Key` is honoured (contract, "HTTP").
pub const IDEMPOTENCY_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// A command with who asks, when, and the key under which a repeat is recognised.
#[derive(Clone, Debug)]
pub struct Request {
    pub command: Command,
    pub actor: Actor,
    pub now: Timestamp,
    pub idempotency: Option<IdempotencyKey>,
}

/// The caller's own name for a request (`Idempotency-Key`), honoured for 24 h.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Whose key it is, so that two senders' keys never meet.
    pub scope: String,
    pub key: String,
    /// SHA-256 of method, path and body: the same key for another request is refused.
    pub fingerprint: [u8; 32],
}

/// A command that was carried out, and is on disk.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    pub answer: Answer,
    /// The request had been carried out before: this is the first answer again.
    pub replayed: bool,
}

/// Why a store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The rules say no. Nothing has changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// More requests wait than can be held; the request was not taken.
    #[error("the store is busy: try again in {} ms", retry_after.as_millis())]
    Busy { retry_after: Duration },
    /// The database cannot be reached or is shutting down.
    #[error("the store cannot be reached: {0}")]
    Unavailable(String),
    /// A row does not hold what it should.
    #[error("{table} row {key} is damaged: {fault}")]
    Damaged { table: &'static str, key: String, fault: String },
    /// Somebody else changed the row between reading and writing it: nothing was written.
    #[error("{table} row {key} was changed by somebody else meanwhile")]
    Conflict { table: &'static str, key: String },
    /// The database said something unexpected.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// A page of a queue.
#[derive(Clone, Debug)]
pub struct QueueQuery {
    pub view: View,
    /// Needed for [`View::Mine`].
    pub me: Option<RepId>,
    /// 1 to 1000.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Cursor>,
}

/// The end of a page: the sort key of its last lead. Opaque to clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    pub tier_rank: u8,
    pub value: i64,
    /// Milliseconds; `i64::MAX` for none.
    pub due_at: i64,
    /// Milliseconds.
    pub ended_at: i64,
    pub id: LeadId,
}

/// Leads in the order of the queue, read at one moment.
#[derive(Clone, Debug)]
pub struct QueuePage {
    /// The journal's head at that moment.
    pub seq: Seq,
    pub leads: Vec<(Lead, Contact)>,
    pub next: Option<Cursor>,
    /// Leads in the view, over all pages.
    pub total: u64,
}

/// A journal entry as it is stored: the JSON of [`crate::wire::Entry`], ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEntry {
    pub seq: Seq,
    pub kind: String,
    /// JSON of [`crate::wire::Entry`].
    pub json: Arc<str>,
}

/// Which entries of the journal.
#[derive(Clone, Debug, Default)]
pub struct JournalQuery {
    /// Only entries behind this one.
    pub after: Seq,
    pub limit: usize,
}

/// A token that opens the door, if it is not revoked.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownToken {
    pub owner: TokenOwner,
    /// The person, where the owner is one.
    pub person: Option<crate::domain::person::Person>,
    pub expires_at: Option<Timestamp>,
}

/// What happened to a lead, and what came before it.
#[derive(Clone, Debug)]
pub struct LeadHistory {
    /// Oldest first.
    pub entries: Vec<StoredEntry>,
    /// The contact's other leads, newest first, at most 50.
    pub others: Vec<(Lead, Contact)>,
}

/// Somebody whose number is known.
#[derive(Clone, Debug)]
pub struct KnownCaller {
    pub contact: Contact,
    pub open_lead: Option<Lead>,
    /// Newest first, at most 10, the open one left out.
    pub earlier: Vec<Lead>,
}

/// Somebody looked at personal data (requirements §11).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Access {
    pub at: Timestamp,
    pub actor: Actor,
    /// `lead`, `history`, `queue overnight`, `lookup`, …
    pub what: String,
    pub lead: Option<LeadId>,
}

/// A message waiting in the outbox.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxRow {
    pub id: i64,
    pub destination: String,
    pub lead: Option<LeadId>,
    pub body: serde_json::Value,
    pub tries: u32,
    pub not_before: Timestamp,
    pub last_error: Option<String>,
}

type Answered<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// A place where the truth is kept.
pub trait Store: Send + Sync + 'static {
    /// For logs and the conformance suite: `sqlite`, `postgres`.
    fn name(&self) -> &'static str;

    /// The one door. Returns when the change is on disk.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the rules say no; the others when nothing is known to be done.
    fn execute(&self, request: Request) -> Answered<'_, Done>;

    /// One page of a queue, in its order.
    fn queue(&self, query: QueueQuery) -> Answered<'_, QueuePage>;
    /// How many leads each view shows, [`View::Mine`] left out.
    fn counts(&self) -> Answered<'_, Vec<(View, u64)>>;
    fn lead(&self, id: LeadId) -> Answered<'_, Option<(Lead, Contact)>>;
    /// Journal entries of a lead, oldest first, and the contact's other leads, newest first.
    fn history(&self, id: LeadId) -> Answered<'_, Option<LeadHistory>>;
    /// Who has this number.
    fn lookup(&self, phone: Phone) -> Answered<'_, Option<KnownCaller>>;
    fn contact(&self, id: ContactId) -> Answered<'_, Option<Contact>>;

    /// Entries in order.
    fn journal(&self, query: JournalQuery) -> Answered<'_, Vec<StoredEntry>>;
    /// The first and the last sequence number there are; `(1, 0)` for an empty journal.
    fn journal_span(&self) -> Answered<'_, (Seq, Seq)>;
    /// The journal's head, as far as this process knows; changes when entries are committed, here or elsewhere.
    fn head(&self) -> watch::Receiver<Seq>;

    /// The nearest deadlines at or before an instant, nearest first.
    fn due_deadlines(&self, now: Timestamp, limit: usize) -> Answered<'_, Vec<Deadline>>;
    fn next_deadline(&self) -> Answered<'_, Option<Timestamp>>;
    /// The nearest deadline there is, as far as this process knows; changes when it does, here or elsewhere. A timer that
    /// sleeps until it and wakes when it changes misses none.
    fn nearest_deadline(&self) -> watch::Receiver<Option<Timestamp>>;

    /// Everyone, removed people too.
    fn roster(&self) -> Answered<'_, Roster>;
    fn token(&self, hash: TokenHash) -> Answered<'_, Option<KnownToken>>;

    /// Writes down who looked. Not a change of state: it has no journal entry and may be batched.
    fn record_access(&self, accesses: Vec<Access>) -> Answered<'_, ()>;
    /// Who looked, newest first.
    fn accesses(&self, lead: Option<LeadId>, limit: usize) -> Answered<'_, Vec<Access>>;

    /// Messages whose time has come, oldest first.
    fn outbox(&self, now: Timestamp, limit: usize) -> Answered<'_, Vec<OutboxRow>>;

    /// Forgets idempotency records older than 24 h and expired tokens. Returns how many rows went.
    fn sweep(&self, now: Timestamp) -> Answered<'_, u64>;
    /// Writes what is pending, and ends. Later calls answer [`StoreError::Unavailable`].
    fn close(&self) -> Answered<'_, ()>;
}
