//! Leads, rows and consoles for tests.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use ratatui::layout::{Rect, Size};
use uuid::Uuid;

use super::{
    app::{App, Geometry, Me, Options},
    keymap::Keymap,
    msg::{Effect, FromCache, FromServer, LineNews, Msg, Opened},
    row::{Names, Row},
    update::update,
};
use crate::{
    domain::{
        ids::RepId,
        intent::{Intent, Wants},
        journal::Actor,
        outcome::Outcome,
        person::{PersonRef, Role},
        signals::Signals,
        tier::Tier,
    },
    wire,
};

/// Tuesday, 08:52 in London.
pub const MORNING: &str = "2026-11-24T08:52:00Z";

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

/// A lead's id: the number, readable.
pub fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn person(name: &str) -> PersonRef {
    PersonRef { id: RepId::from_name(name), name: name.into() }
}

/// A B of last night that waits for its claim.
pub fn lead(n: u128, name: &str) -> wire::Lead {
    wire::Lead {
        id: uuid(n),
        rev: 1,
        tier: Tier::B,
        queue: "callbacks".into(),
        state: "waiting".into(),
        intent: Intent::NewEnquiry(Some(Wants::Demo)),
        intent_raw: None,
        contact: wire::Contact {
            id: uuid(1_000_000 + n),
            name: (!name.is_empty()).then(|| name.into()),
            email: None,
            phone: Some(format!("+4477009{n:05}")),
            phone_display: Some(format!("07700 9{n:05}")),
            phone_as_received: None,
            email_as_received: None,
            company: None,
            timezone: Some("Europe/Paris".into()),
            customer: false,
            opted_out: false,
            possible_duplicates: Vec::new(),
        },
        summary: "Wants a demo first.".into(),
        summaries: Vec::new(),
        signals: Signals { team_size: Some(15), ..Signals::default() },
        value_band: 3,
        source: "inbound_call".into(),
        call_sid: None,
        transcript_id: None,
        touches: 1,
        received_at: at("2026-11-23T21:00:00Z"),
        ended_at: at("2026-11-23T21:00:00Z")
            .checked_add(SignedDuration::from_secs(i64::try_from(n).unwrap_or(0)))
            .expect("in range"),
        after_hours: true,
        carried_over: false,
        opens_at: Some(at("2026-11-24T09:00:00Z")),
        due_at: Some(at("2026-11-24T09:15:00Z")),
        callback_at: None,
        owner: Some("team_sdr".into()),
        owner_person: None,
        claimed_by: None,
        claimed_at: None,
        lease_until: None,
        attempts: 0,
        first_claim_at: None,
        first_dial_at: None,
        first_contact_at: None,
        outcome: None,
        routing_tag: None,
        reason: "Rule “large team”: 15 people.".into(),
        agent_tier: None,
        notes: Vec::new(),
        undo_by: None,
        closed_at: None,
        escalations: Vec::new(),
    }
}

/// As a lead is after somebody claimed it.
pub fn claimed(mut lead: wire::Lead, by: &str, when: &str) -> wire::Lead {
    let when = at(when);
    lead.rev += 1;
    lead.state = "claimed".into();
    lead.claimed_by = Some(person(by));
    lead.claimed_at = Some(when);
    lead.lease_until = when.checked_add(SignedDuration::from_mins(5)).ok();
    lead
}

/// As a lead is after somebody closed it.
pub fn closed(mut lead: wire::Lead) -> wire::Lead {
    lead.rev += 1;
    lead.state = "closed".into();
    lead.claimed_by = None;
    lead.outcome = Some(Outcome::Connected);
    lead
}

pub fn row(lead: &wire::Lead) -> Row {
    Row::of(lead, &mut Names::default())
}

pub fn entry(seq: i64, by: Actor, kind: &str, lead: Option<wire::Lead>) -> wire::Entry {
    let detail = serde_json::json!({});
    wire::Entry { seq, at: at(MORNING), actor: by, kind: kind.into(), lead, detail }
}

/// The message that brings an entry.
pub fn happened(seq: i64, by: Actor, kind: &str, lead: wire::Lead) -> Msg {
    let row = Some(Box::new(row(&lead)));
    let entry = entry(seq, by, kind, Some(lead)).into();
    Msg::Server(FromServer::Entry { entry, row })
}

pub fn me(role: Role) -> Me {
    Me { id: RepId("priya".into()), name: "Priya".into(), role }
}

pub fn business() -> wire::Business {
    wire::Business {
        name: "Harbour & Vale Automation".into(),
        timezone: "Europe/London".into(),
        region: "GB".into(),
        open_now: false,
        opens_at: Some(at("2026-11-24T09:00:00Z")),
        closes_at: Some(at("2026-11-24T17:00:00Z")),
    }
}

pub fn options() -> Options {
    Options {
        keymap: Keymap::default(),
        themes: vec!["default-dark".into(), "default-light".into()],
        theme: 0,
        mouse: true,
        bell: true,
        desktop: true,
        readonly: false,
        require_outcome: false,
        server: "http://127.0.0.1:7464/".into(),
    }
}

/// A console with these leads in its cache, before the line is up. The list shows ten rows.
pub fn offline(leads: &[wire::Lead]) -> App {
    let now = at(MORNING);
    let mut app = App::new(options(), now, Size { width: 120, height: 36 });
    let opened = Opened {
        seq: 100,
        as_of: Some(at("2026-11-24T08:41:00Z")),
        me: Some(me(Role::Rep)),
        business: Some(business()),
        ..Opened::default()
    };
    update(&mut app, now, Msg::Cache(FromCache::Opened(opened)));
    update(&mut app, now, Msg::Cache(FromCache::Rows(leads.iter().map(row).collect())));
    update(&mut app, now, Msg::Cache(FromCache::Loaded));
    let found = leads.iter().cloned().map(Into::into).collect();
    update(&mut app, now, Msg::Cache(FromCache::Leads { found, missing: Vec::new() }));
    let list = Rect { x: 0, y: 2, width: 60, height: 10 };
    update(&mut app, now, Msg::Drawn(Geometry { list, ..Geometry::default() }));
    app
}

/// A console with these leads and a line.
pub fn live(leads: &[wire::Lead], role: Role) -> App {
    let mut app = offline(leads);
    let now = at(MORNING);
    let hello = FromServer::Hello { me: me(role), business: business() };
    update(&mut app, now, Msg::Server(hello));
    update(&mut app, now, Msg::Server(FromServer::Line(LineNews::Up)));
    app
}

/// Presses keys, as `console.toml` writes them, one after the other; gives what came out of the last.
pub fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    let mut out = Vec::new();
    for key in keys.split(' ') {
        out = update(app, app.local, Msg::Key(key_event(key)));
    }
    out
}

/// Types text, character by character.
pub fn type_text(app: &mut App, text: &str) {
    for c in text.chars() {
        let key = crossterm::event::KeyCode::Char(c).into();
        update(app, app.local, Msg::Key(key));
    }
}

pub fn key_event(key: &str) -> crossterm::event::KeyEvent {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    match key {
        "enter" => plain(KeyCode::Enter),
        "esc" => plain(KeyCode::Esc),
        "tab" => plain(KeyCode::Tab),
        "space" => plain(KeyCode::Char(' ')),
        "backspace" => plain(KeyCode::Backspace),
        "up" => plain(KeyCode::Up),
        "down" => plain(KeyCode::Down),
        _ => match key.strip_prefix("ctrl-") {
            Some(letter) => KeyEvent::new(
                KeyCode::Char(letter.chars().next().expect("a letter")),
                KeyModifiers::CONTROL,
            ),
            None => plain(KeyCode::Char(key.chars().next().expect("a key"))),
        },
    }
}

fn any_time() -> impl Strategy<Value = Timestamp> {
    (1_700_000_000_000..1_900_000_000_000_i64)
        .prop_map(|ms| Timestamp::from_millisecond(ms).expect("in range"))
}

/// Any lead, its id one of 64.
pub fn any_lead() -> impl Strategy<Value = wire::Lead> {
    let who = (0..64_u128, "\\PC{0,12}", proptest::option::of("[A-Z][a-z]{2,9} Ltd"), 0..3_u8);
    let what = (0..4_usize, 0..8_usize, 0..4_u8, any::<bool>(), 1..6_u32, 0..7_usize);
    let when = (any_time(), proptest::option::of(any_time()), proptest::option::of(any_time()));
    let signals = (0..40_u32, 0..5_u32, proptest::option::of(0..9_000_000_i64));
    (who, what, when, signals).prop_map(|(who, what, when, signals)| {
        let (n, name, company, holder) = who;
        let (tier, intent, band, after_hours, rev, state) = what;
        let mut lead = lead(n, &name);
        lead.contact.company = company;
        lead.tier = Tier::ALL[tier];
        lead.intent = Intent::ALL[intent];
        lead.value_band = band;
        lead.after_hours = after_hours;
        lead.rev = rev;
        (lead.ended_at, lead.due_at, lead.callback_at) = when;
        lead.signals.team_size = Some(signals.0);
        lead.signals.sites = Some(signals.1);
        lead.signals.deal_value_pence = signals.2;
        lead.state = ["waiting", "claimed", "scheduled", "booked", "closed", "dialling", "new"]
            [state]
            .into();
        if lead.state == "claimed" {
            lead.claimed_by = Some(person(["Priya", "Tom", "Ama"][usize::from(holder)]));
            lead.claimed_at = Some(lead.ended_at);
            lead.lease_until = lead.due_at;
        }
        if holder == 1 {
            lead.owner_person = Some(RepId("priya".into()));
        }
        lead
    })
}

pub fn any_row() -> impl Strategy<Value = Row> {
    any_lead().prop_map(|lead| row(&lead))
}
