//! What the suite needs of a database, and requests to try it with.

use std::{
    collections::BTreeSet,
    future::Future,
    sync::{Arc, Once},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ringback::{
    domain::{
        command::Command,
        decision::{Answer, Routed},
        hours::{Calendar, Week},
        ids::RepId,
        intent::Intent,
        journal::Actor,
        person::{Person, PersonRef, Presence, Role},
        phone::Phone,
        policy::{Policy, Team},
        signals::Signals,
        touch::{Caller, Heard, Ingest, Touch},
    },
    ids,
    store::{Done, IdempotencyKey, Request, Store, StoreError, sqlite::SqliteStore},
};

/// One database, empty at first.
pub trait Fixture: Sized + Send + Sync + 'static {
    const NAME: &'static str;

    /// `None` where this machine has no such database.
    fn new() -> Option<Self>;

    /// Opens the database: the first time empty, later with what is in it.
    fn open(&self, policy: Arc<Policy>) -> impl Future<Output = Arc<dyn Store>> + Send;
}

/// A SQLite file in a folder of its own.
pub struct Sqlite(tempfile::TempDir);

impl Fixture for Sqlite {
    const NAME: &'static str = "sqlite";

    fn new() -> Option<Self> {
        Some(Sqlite(tempfile::tempdir().unwrap()))
    }

    async fn open(&self, policy: Arc<Policy>) -> Arc<dyn Store> {
        SqliteStore::open(&self.0.path().join("ringback.db"), policy).unwrap()
    }
}

/// Runs a rule on a fresh database.
pub fn run<F: Fixture, R: Future<Output = ()>>(rule: impl FnOnce(F) -> R) {
    let Some(fixture) = F::new() else { return };
    static NAMED: Once = Once::new();
    NAMED.call_once(|| println!("conformance: {}", F::NAME));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(rule(fixture));
}

/// Tuesday, 24 November 2026, 08:52 in London.
pub fn morning() -> Timestamp {
    "2026-11-24T08:52:00Z".parse().unwrap()
}

pub fn policy() -> Arc<Policy> {
    let calendar = Calendar::new(
        TimeZone::get("Europe/London").unwrap(),
        Week::mon_to_fri(9, 17),
        BTreeSet::new(),
    );
    Arc::new(Policy {
        teams: vec![Team { name: "team_sdr".into(), members: vec!["priya".into(), "tom".into()] }],
        ..Policy::starter(calendar)
    })
}

pub fn program() -> Actor {
    Actor::Program { id: "agent".into(), name: "Voice agent".into() }
}

pub fn phone(number: &str) -> Phone {
    serde_json::from_value(serde_json::Value::String(number.into())).unwrap()
}

/// A call that ended at `at`.
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
            intent: Intent::Pricing,
            intent_raw: None,
            summary: "Asks what a site survey costs.".into(),
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

pub fn request(command: Command, actor: Actor, now: Timestamp) -> Request {
    Request { command, actor, now, idempotency: None }
}

/// Ingests, and answers what became of it.
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
