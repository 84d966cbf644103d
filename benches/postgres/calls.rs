//! Callers, all new.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use ringback::{
    domain::{
        command::Command,
        hours::{Calendar, Week},
        ids::RepId,
        intent::Intent,
        journal::Actor,
        person::{Person, Presence, Role},
        phone::Phone,
        policy::{Policy, Team},
        signals::Signals,
        touch::{Caller, Heard, Ingest, Touch},
    },
    ids,
    store::{Request, Store},
};

pub const NAMES: [&str; 8] = ["priya", "tom", "aled", "siobhan", "ravi", "mina", "jo", "kit"];

pub fn policy() -> Arc<Policy> {
    let zone = TimeZone::get("Europe/London").unwrap();
    let calendar = Calendar::new(zone, Week::mon_to_fri(9, 17), BTreeSet::new());
    let members = NAMES[..5].iter().map(|name| (*name).into()).collect();
    let teams = vec![Team { name: "team_sdr".into(), members }];
    Arc::new(Policy { teams, ..Policy::starter(calendar) })
}

pub async fn staff(store: &dyn Store) {
    for (n, name) in NAMES.into_iter().enumerate() {
        let person = Person {
            id: RepId(name.into()),
            name: name.into(),
            role: Role::Rep,
            phone: Some(phone(&format!("+4420794609{n:02}"))),
            email: None,
            slack_id: None,
            presence: Presence::Available,
            shift: None,
            leave: Vec::new(),
            removed: false,
        };
        let command = Command::AddPerson { person, token: [n as u8; 32] };
        let actor = Actor::Operator;
        store.execute(Request { command, actor, now: at(0), idempotency: None }).await.unwrap();
    }
}

/// The n-th call, evening and morning in turn: both clocks, both queues.
pub fn request(n: usize) -> Request {
    let at = at(n);
    let ingest = Ingest {
        lead_id: ids::lead(),
        contact_id: ids::contact(),
        caller: Caller {
            name: Some(format!("Caller {n}")),
            phones: vec![phone(&number(n))],
            phone_as_received: None,
            email: Some(format!("caller.{:x}@example.co.uk", scatter(n))),
            email_as_received: None,
            company: Some("Harbour & Vale".into()),
            timezone: Some("Europe/London".into()),
            customer: None,
        },
        touch: Touch {
            received_at: at,
            ended_at: at,
            source: "inbound_call".into(),
            call_sid: Some(format!("CA{:032x}", scatter(n))),
            transcript_id: Some(format!("tr_{n}")),
            intent: Intent::Pricing,
            intent_raw: None,
            summary: "Runs a 15-person accountancy practice in Bristol. Wants a quote for missed-call cover on three \
                      sites and asks to be rung before noon."
                .into(),
            question: None,
            answer: None,
            outcome: Heard::default(),
            agent_tier: Heard::default(),
            callback_at: None,
            preferred_channel: Some("phone".into()),
        },
        signals: Signals { team_size: Some(15), sites: Some(3), ..Signals::default() },
        routing_owner: Some("team_sdr".into()),
        routing_tag: Some("sdr_quote".into()),
    };
    Request {
        command: Command::Ingest(Box::new(ingest)),
        actor: Actor::Program { id: "agent".into(), name: "Voice agent".into() },
        now: at,
        idempotency: None,
    }
}

/// Every second one comes after hours.
pub fn at(n: usize) -> Timestamp {
    let base = if n.is_multiple_of(2) { 1_795_539_600_000 } else { 1_795_514_400_000 };
    Timestamp::from_millisecond(base + n as i64).unwrap()
}

/// Numbers in no order, as callers have them.
fn scatter(n: usize) -> u64 {
    (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The number of the n-th caller.
pub fn number_of(n: usize) -> Phone {
    phone(&number(n))
}

fn number(n: usize) -> String {
    // 7919 has no factor in common with 10^8: each number once.
    format!("+447{:08}", n * 7919 % 100_000_000 + 100_000_000)
}

fn phone(number: &str) -> Phone {
    serde_json::from_value(serde_json::Value::String(number.into())).unwrap()
}
