//! From a decision to the rows that one transaction writes: pure, and the same for every engine. An engine only loads,
//! asks, and carries the plan out in the order of its fields.

use serde::Serialize;
use serde_json::Value;

use super::{
    Request, StoreError,
    rows::{self, Bytes16, ContactRow, LeadRow},
    tally::Deltas,
};
use crate::{
    domain::{
        contact::Contact,
        deadline::{self, Deadline},
        decision::{Answer, Decision, LeadChange},
        ids::{ContactId, LeadId, Seq},
        journal::{Actor, NewEntry},
    },
    wire,
};

/// The scope under which a call's first answer is kept.
const CALL_SCOPE: &str = "call";

/// Everything that one command writes, in the order in which it must be written.
#[derive(Debug, Default)]
pub struct Plan {
    pub contacts: Vec<ContactPlan>,
    pub leads: Vec<LeadRow>,
    pub deadlines_gone: Vec<DeadlineRow>,
    pub deadlines_new: Vec<DeadlineRow>,
    pub entries: Vec<EntryRow>,
    pub replies: Vec<ReplyRow>,
    pub tallies: Deltas,
}

/// A contact, with the keys that it gives up and those it gains.
#[derive(Debug)]
pub struct ContactPlan {
    pub row: ContactRow,
    pub keys_gone: Vec<Key>,
    pub keys_new: Vec<Key>,
}

/// What finds a contact: the kind and the value.
pub type Key = (&'static str, String);

/// A row of `deadlines`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadlineRow {
    pub at: i64,
    pub lead: Bytes16,
    pub kind: &'static str,
}

/// A row of `journal`.
#[derive(Debug)]
pub struct EntryRow {
    pub seq: Seq,
    pub at: i64,
    pub kind: &'static str,
    pub lead: Option<Bytes16>,
    /// JSON of [`wire::Entry`].
    pub json: String,
}

/// A row of `replies`.
#[derive(Debug)]
pub struct ReplyRow {
    pub scope: String,
    pub key: String,
    pub fingerprint: Option<[u8; 32]>,
    pub answer: String,
    pub at: i64,
}

/// The places under which the answer to a request is kept: the sender's own key first, then the call.
pub fn reply_places(request: &Request) -> impl Iterator<Item = (String, &str, Option<&[u8; 32]>)> {
    let sender = request.idempotency.as_ref().map(|idempotency| {
        // The prefix keeps a sender who is called `call` apart from the calls.
        (format!("key/{}", idempotency.scope), &*idempotency.key, Some(&idempotency.fingerprint))
    });
    let call = request.command.delivered_once().map(|sid| (CALL_SCOPE.to_owned(), sid, None));
    sender.into_iter().chain(call)
}

/// The records by which a repeat of this request will be recognised.
///
/// # Errors
/// As [`rows::write_doc`].
pub fn replies(request: &Request, answer: &Answer) -> Result<Vec<ReplyRow>, StoreError> {
    let mut replies = Vec::new();
    let mut json = None;
    for (scope, key, fingerprint) in reply_places(request) {
        let answer = match &json {
            Some(json) => String::clone(json),
            None => json.insert(rows::write_doc(answer)?).clone(),
        };
        replies.push(ReplyRow {
            scope,
            key: key.to_owned(),
            fingerprint: fingerprint.copied(),
            answer,
            at: rows::ms(request.now),
        });
    }
    Ok(replies)
}

/// What a decision writes.
///
/// `known` are the contacts that were loaded for it, as they were; `next` is the sequence number of its first entry.
///
/// # Errors
/// [`StoreError::Failed`] when the decision contradicts itself: an entry about a lead that it does not change, a lead
/// whose contact was never loaded.
pub fn plan(
    request: &Request,
    decision: &Decision,
    known: &[Contact],
    next: Seq,
    region: &str,
) -> Result<Plan, StoreError> {
    let mut plan = Plan { replies: replies(request, &decision.answer)?, ..Plan::default() };
    for contact in &decision.contacts {
        plan.contacts.push(contact_plan(contact, known)?);
    }
    for change in &decision.leads {
        plan.lead(change)?;
    }
    let mut snapshots: Vec<(LeadId, wire::Lead)> = Vec::new();
    for (entry, seq) in decision.entries.iter().zip(next..) {
        let snapshot = match entry.lead {
            None => None,
            Some(id) => match snapshots.iter().position(|(known, _)| *known == id) {
                Some(at) => Some(at),
                None => {
                    snapshots.push((id, snapshot(id, decision, known, region)?));
                    Some(snapshots.len() - 1)
                }
            },
        };
        let lead = snapshot.map(|at| &snapshots[at].1);
        plan.entries.push(entry_row(seq, request, entry, lead)?);
    }
    Ok(plan)
}

impl Plan {
    fn lead(&mut self, change: &LeadChange) -> Result<(), StoreError> {
        let before = change.before.as_deref();
        let after = &*change.after;
        self.leads.push(LeadRow::of(after, before.map(|lead| lead.rev))?);
        let old = || before.into_iter().flat_map(deadline::of);
        let new = || deadline::of(after);
        self.deadlines_gone.extend(old().filter(|d| !new().any(|n| n == *d)).map(row));
        self.deadlines_new.extend(new().filter(|d| !old().any(|o| o == *d)).map(row));
        if let Some(before) = before {
            self.tallies.count(before, -1);
        }
        self.tallies.count(after, 1);
        Ok(())
    }
}

fn row(deadline: Deadline) -> DeadlineRow {
    DeadlineRow {
        at: rows::ms_not_before(deadline.at),
        lead: *deadline.lead.0.as_bytes(),
        kind: deadline.kind.as_str(),
    }
}

fn contact_plan(after: &Contact, known: &[Contact]) -> Result<ContactPlan, StoreError> {
    let before = known.iter().find(|contact| contact.id == after.id);
    let old = before.map(keys).unwrap_or_default();
    let mut new = keys(after);
    let gone = old.iter().filter(|key| !new.contains(key)).cloned().collect();
    new.retain(|key| !old.contains(key));
    Ok(ContactPlan {
        row: ContactRow::of(after, before.map(|contact| contact.rev))?,
        keys_gone: gone,
        keys_new: new,
    })
}

/// Each key once: two numbers that differ in the extension are one key.
fn keys(contact: &Contact) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for (kind, value) in contact.keys().map(|key| key.parts()) {
        if !keys.iter().any(|(k, v)| *k == kind && v == value) {
            keys.push((kind, value.to_owned()));
        }
    }
    keys
}

/// The lead as it is after the change, for the journal.
fn snapshot(
    id: LeadId,
    decision: &Decision,
    known: &[Contact],
    region: &str,
) -> Result<wire::Lead, StoreError> {
    let lead =
        decision.leads.iter().map(|change| &*change.after).find(|lead| lead.id == id).ok_or_else(
            || StoreError::Failed("an entry is about a lead that does not change".into()),
        )?;
    Ok(wire::Lead::of(lead, contact(lead.contact_id, decision, known)?, region))
}

fn contact<'a>(
    id: ContactId,
    decision: &'a Decision,
    known: &'a [Contact],
) -> Result<&'a Contact, StoreError> {
    decision
        .contacts
        .iter()
        .chain(known)
        .find(|contact| contact.id == id)
        .ok_or_else(|| StoreError::Failed("the contact of a changed lead is not known".into()))
}

/// [`wire::Entry`], borrowed: nothing is copied only to be written.
#[derive(Serialize)]
struct BorrowedEntry<'a> {
    seq: Seq,
    at: jiff::Timestamp,
    actor: &'a Actor,
    kind: &'static str,
    lead: Option<&'a wire::Lead>,
    detail: &'a Value,
}

fn entry_row(
    seq: Seq,
    request: &Request,
    entry: &NewEntry,
    lead: Option<&wire::Lead>,
) -> Result<EntryRow, StoreError> {
    let json = rows::write_doc(&BorrowedEntry {
        seq,
        at: request.now,
        actor: &request.actor,
        kind: entry.kind.as_str(),
        lead,
        detail: &entry.detail,
    })?;
    Ok(EntryRow {
        seq,
        at: rows::ms(request.now),
        kind: entry.kind.as_str(),
        lead: entry.lead.map(|id| *id.0.as_bytes()),
        json,
    })
}
