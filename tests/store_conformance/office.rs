//! A small office, its callers, and what they ask of the store.

use std::{collections::BTreeSet, ops::Deref, sync::Arc};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ringback::{
    domain::{
        command::Command,
        contact::Contact,
        decision::{Answer, Refusal, Routed},
        hours::{Calendar, Week},
        ids::{ContactId, LeadId, RepId},
        intent::Intent,
        journal::Actor,
        lead::Lead,
        outcome::Outcome,
        person::{Person, PersonRef, Presence, Role},
        phone::Phone,
        policy::{Policy, Team},
        queue::View,
        signals::Signals,
        touch::{Caller, Heard, Ingest, Touch},
    },
    ids,
    store::{
        Done, IdempotencyKey, JournalQuery, QueueQuery, Request, Store, StoreError, StoredEntry,
    },
    wire,
};

use crate::fixture::Fixture;

/// Tuesday, 24 November 2026, 08:52 in London: the desk opens in eight minutes.
pub fn morning() -> Timestamp {
    "2026-11-24T08:52:00Z".parse().unwrap()
}

/// Some minutes later.
pub fn after(minutes: i64) -> Timestamp {
    morning() + SignedDuration::from_mins(minutes)
}

/// Open from Monday to Friday, 09:00 to 17:00; a team of two.
pub fn policy() -> Arc<Policy> {
    Arc::new(plain_policy())
}

pub fn plain_policy() -> Policy {
    let calendar = Calendar::new(
        TimeZone::get("Europe/London").unwrap(),
        Week::mon_to_fri(9, 17),
        BTreeSet::new(),
    );
    Policy {
        teams: vec![Team { name: "team_sdr".into(), members: vec!["priya".into(), "tom".into()] }],
        ..Policy::starter(calendar)
    }
}

pub fn program() -> Actor {
    Actor::Program { id: "agent".into(), name: "Voice agent".into() }
}

pub fn rep(handle: &str) -> Actor {
    Actor::Person(PersonRef { id: RepId(handle.into()), name: handle.into() })
}

pub fn phone(number: &str) -> Phone {
    serde_json::from_value(serde_json::Value::String(number.into())).unwrap()
}

pub fn person(handle: &str, role: Role) -> Person {
    Person {
        id: RepId(handle.into()),
        name: handle.into(),
        role,
        phone: None,
        email: None,
        slack_id: None,
        presence: Presence::Available,
        shift: None,
        leave: Vec::new(),
        removed: false,
    }
}

/// A call that ended at `at`: somebody needs help.
pub fn call(at: Timestamp, caller: Caller, call_sid: Option<&str>) -> Ingest {
    Ingest {
        lead_id: ids::lead(),
        contact_id: ids::contact(),
        caller,
        touch: Touch {
            received_at: at,
            ended_at: at,
            source: "inbound_call".into(),
            call_sid: call_sid.map(Into::into),
            transcript_id: None,
            intent: Intent::Support,
            intent_raw: None,
            summary: "The booking page shows last year's prices.".into(),
            question: None,
            answer: None,
            outcome: Heard::default(),
            agent_tier: Heard::default(),
            callback_at: None,
            preferred_channel: None,
        },
        signals: Signals::default(),
        routing_owner: None,
        routing_tag: None,
    }
}

/// Somebody with one number.
pub fn caller(number: &str) -> Caller {
    Caller { name: Some("Jane Roe".into()), phones: vec![phone(number)], ..Caller::default() }
}

/// The n-th of many callers.
pub fn nth_caller(n: usize) -> Caller {
    caller(&format!("+4477009{n:05}"))
}

pub fn email(address: &str) -> Caller {
    Caller { email: Some(address.into()), ..Caller::default() }
}

pub fn key(scope: &str, key: &str, fingerprint: u8) -> IdempotencyKey {
    IdempotencyKey { scope: scope.into(), key: key.into(), fingerprint: [fingerprint; 32] }
}

pub fn request(command: Command, actor: Actor, now: Timestamp) -> Request {
    Request { command, actor, now, idempotency: None }
}

/// Ingests, and answers what became of it and whether it was a repeat.
pub async fn ingest(store: &dyn Store, call: Ingest) -> (Routed, bool) {
    let now = call.touch.received_at;
    let request = request(Command::Ingest(Box::new(call)), program(), now);
    routed(store.execute(request).await.unwrap())
}

pub fn routed(done: Done) -> (Routed, bool) {
    match done.answer {
        Answer::Routed(routed) => (routed, done.replayed),
        other => panic!("not the answer to an ingest: {other:?}"),
    }
}

/// A store, and what people and programs ask of it, in short.
#[derive(Clone)]
pub struct Desk(Arc<dyn Store>);

pub async fn open<F: Fixture>(database: &F, policy: Arc<Policy>) -> Desk {
    Desk(database.open(policy).await)
}

impl Deref for Desk {
    type Target = dyn Store;

    fn deref(&self) -> &(dyn Store + 'static) {
        &*self.0
    }
}

impl Desk {
    pub fn of(store: Arc<dyn Store>) -> Desk {
        Desk(store)
    }

    pub async fn ask(
        &self,
        command: Command,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Done, StoreError> {
        self.execute(request(command, actor, now)).await
    }

    /// Ingests, at the moment at which the call was received; answers what became of it and whether it was a repeat.
    pub async fn ingest(&self, call: Ingest) -> (Routed, bool) {
        self.ingest_as(call, None).await.unwrap()
    }

    pub async fn ingest_as(
        &self,
        call: Ingest,
        idempotency: Option<IdempotencyKey>,
    ) -> Result<(Routed, bool), StoreError> {
        let now = call.touch.received_at;
        let command = Command::Ingest(Box::new(call));
        let request = Request { command, actor: program(), now, idempotency };
        Ok(routed(self.execute(request).await?))
    }

    pub async fn hire(&self, handle: &str, role: Role) {
        let token = token_of(handle);
        let command = Command::AddPerson { person: person(handle, role), token };
        self.ask(command, Actor::Operator, morning()).await.unwrap();
    }

    pub async fn claim(
        &self,
        lead: LeadId,
        handle: &str,
        now: Timestamp,
    ) -> Result<Lead, StoreError> {
        let command = Command::Claim { lead, take_over: false };
        Ok(lead_of(self.ask(command, rep(handle), now).await?))
    }

    pub async fn outcome(
        &self,
        lead: LeadId,
        handle: &str,
        outcome: Outcome,
        now: Timestamp,
    ) -> Lead {
        let command = Command::LogOutcome { lead, outcome, note: None, callback_at: None };
        lead_of(self.ask(command, rep(handle), now).await.unwrap())
    }

    pub async fn close_lead(&self, lead: LeadId, handle: &str, now: Timestamp) -> Lead {
        self.outcome(lead, handle, Outcome::Connected, now).await
    }

    pub async fn stored(&self, id: LeadId) -> (Lead, Contact) {
        self.lead(id).await.unwrap().expect("the lead is stored")
    }

    pub async fn stored_contact(&self, id: ContactId) -> Contact {
        self.contact(id).await.unwrap().expect("the contact is stored")
    }

    pub async fn whole_journal(&self) -> Vec<StoredEntry> {
        self.journal(JournalQuery { after: 0, limit: 1_000_000 }).await.unwrap()
    }

    /// All leads of a view, page by page.
    pub async fn whole_view(&self, view: View, me: Option<&str>, limit: usize) -> Vec<Lead> {
        let me = me.map(|handle| RepId(handle.into()));
        let (mut leads, mut after) = (Vec::new(), None);
        loop {
            let query = QueueQuery { view, me: me.clone(), limit, after };
            let page = self.queue(query).await.unwrap();
            assert!(page.leads.len() <= limit, "{view:?}: a page of {}", page.leads.len());
            leads.extend(page.leads.into_iter().map(|(lead, _)| lead));
            after = page.next;
            if after.is_none() {
                assert_eq!(page.total, leads.len() as u64, "{view:?}: the total");
                return leads;
            }
        }
    }
}

pub fn token_of(handle: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..handle.len()].copy_from_slice(handle.as_bytes());
    hash
}

pub fn lead_of(done: Done) -> Lead {
    match done.answer {
        Answer::Lead { lead, .. } => *lead,
        other => panic!("not the answer to a change of a lead: {other:?}"),
    }
}

pub fn contact_of(done: Done) -> Contact {
    match done.answer {
        Answer::Contact { contact } => *contact,
        other => panic!("not the answer to a merge: {other:?}"),
    }
}

/// Why it was refused.
pub fn refusal<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Refusal {
    match result {
        Err(StoreError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

pub fn entry(stored: &StoredEntry) -> wire::Entry {
    serde_json::from_str(&stored.json).unwrap()
}
