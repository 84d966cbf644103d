//! A morning to draw: the leads of a Tuesday at 08:52, and keys to press on them.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::{SignedDuration, Timestamp};
use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    console::{
        app::{App, Me, Options},
        keymap::Keymap,
        msg::{Changed, Effect, FromCache, FromServer, Kept, LineNews, Msg, Opened, Write},
        prompt::Person,
        row::{Names, Row},
        theme::Theme,
        update::update,
        view::{Drawn, draw_on},
    },
    domain::{
        ids::{LeadId, RepId},
        intent::{Intent, Wants},
        journal::Actor,
        outcome::Outcome,
        person::{PersonRef, Role},
        signals::Signals,
        tier::Tier,
    },
    wire,
};

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn rep(id: &str) -> RepId {
    serde_json::from_value(json!(id)).expect("a handle")
}

fn person(id: &str, name: &str) -> PersonRef {
    PersonRef { id: rep(id), name: name.into() }
}

pub(super) fn id(number: u128) -> LeadId {
    LeadId(Uuid::from_u128(number))
}

/// A lead with little in it.
pub(super) fn lead(number: u128, tier: Tier, name: &str) -> wire::Lead {
    let ended = at("2026-11-23T21:47:43Z");
    wire::Lead {
        id: Uuid::from_u128(number),
        rev: 1,
        tier,
        queue: "callbacks".into(),
        state: "waiting".into(),
        intent: Intent::NewEnquiry(Some(Wants::Demo)),
        intent_raw: None,
        contact: wire::Contact {
            id: Uuid::from_u128(1000 + number),
            name: (!name.is_empty()).then(|| name.into()),
            email: None,
            email_as_received: None,
            phone: Some(format!("+447700900{number:03}")),
            phone_display: Some(format!("07700 900{number:03}")),
            phone_as_received: None,
            company: None,
            timezone: Some("Europe/London".into()),
            customer: false,
            opted_out: false,
            possible_duplicates: Vec::new(),
        },
        summary: "Wants to know more.".into(),
        summaries: Vec::new(),
        signals: Signals::default(),
        value_band: 1,
        source: "inbound_call".into(),
        call_sid: None,
        transcript_id: None,
        touches: 1,
        received_at: ended,
        ended_at: ended,
        after_hours: true,
        carried_over: false,
        opens_at: Some(at("2026-11-24T09:00:00Z")),
        due_at: match tier {
            Tier::B => Some(at("2026-11-24T09:15:00Z")),
            Tier::C => Some(at("2026-11-24T11:00:00Z")),
            Tier::A | Tier::D => None,
        },
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
        reason: "rule \"any enquiry\": a new enquiry".into(),
        agent_tier: None,
        notes: Vec::new(),
        undo_by: None,
        closed_at: None,
        escalations: Vec::new(),
    }
}

fn alex() -> wire::Lead {
    let mut alex = lead(123, Tier::B, "Alex Rivera");
    alex.contact.email = Some("alex@rivera.example".into());
    alex.contact.company = Some("Rivera Lettings".into());
    alex.summary =
        "Evaluating AI appointment booking for a 15-person sales team on Salesforce. Next \
                    quarter. Wants a demo first."
            .into();
    let summary = |at_: &str, text: &str| wire::Summary {
        at: at(at_),
        source: "inbound_call".into(),
        text: text.into(),
        intent: Intent::NewEnquiry(Some(Wants::Demo)),
        question: None,
        answer: None,
        call_sid: None,
    };
    alex.summaries = vec![
        summary("2026-11-23T21:47:43Z", &alex.summary.clone()),
        summary("2026-11-23T19:12:00Z", "Rang off before the end; asked about Salesforce."),
    ];
    alex.touches = 2;
    alex.value_band = 3;
    alex.signals = Signals {
        team_size: Some(15),
        timeline: Some("next quarter".into()),
        deal_value_pence: Some(2_000_000),
        deciders: vec!["Jo Rivera".into()],
        ..Signals::default()
    };
    alex.agent_tier = Some("B".into());
    alex.reason = "rule \"large team\": a new enquiry, team of 15".into();
    alex.notes = vec![wire::Note {
        at: at("2026-11-23T17:20:00Z"),
        by: "Tom".into(),
        text: "Met at the fair; knows our prices.".into(),
    }];
    alex
}

/// The night's leads, as the server sends them.
pub(super) fn night() -> Vec<wire::Lead> {
    let mut morag = lead(2, Tier::B, "Morag Sinclair");
    morag.intent = Intent::NewEnquiry(Some(Wants::Quote));
    morag.signals.sites = Some(3);
    morag.value_band = 3;
    morag.ended_at = at("2026-11-23T23:12:12Z");
    morag.contact.timezone = Some("Europe/London".into());
    let mut withheld = lead(3, Tier::B, "");
    withheld.intent = Intent::NewEnquiry(Some(Wants::Discovery));
    withheld.value_band = 2;
    withheld.ended_at = at("2026-11-24T06:40:26Z");
    (withheld.contact.phone, withheld.contact.phone_display) = (None, None);
    let mut dev = lead(4, Tier::C, "Dev Patel");
    dev.intent = Intent::NewEnquiry(Some(Wants::Quote));
    dev.value_band = 2;
    dev.ended_at = at("2026-11-23T19:32:04Z");
    dev.claimed_by = Some(person("tom", "Tom Baker"));
    dev.claimed_at = Some(at("2026-11-24T08:50:02Z"));
    dev.lease_until = Some(at("2026-11-24T08:55:02Z"));
    dev.state = "claimed".into();
    let mut ffion = lead(5, Tier::C, "Ffion Gwenllian Llwyd-Prydderch o Lanfairpwllgwyngyll");
    ffion.intent = Intent::Pricing;
    ffion.ended_at = at("2026-11-23T20:49:19Z");
    ffion.contact.company = Some("Siop y Pentre Cyf".into());
    let mut noa = lead(6, Tier::C, "נועה כהן");
    noa.intent = Intent::Support;
    noa.ended_at = at("2026-11-20T18:01:00Z");
    noa.carried_over = true;
    noa.contact.timezone = Some("Asia/Jerusalem".into());
    let mut wang = lead(7, Tier::C, "王小明");
    wang.intent = Intent::Partnership;
    wang.ended_at = at("2026-11-24T01:15:00Z");
    wang.contact.timezone = Some("Asia/Shanghai".into());
    wang.callback_at = Some(at("2026-11-24T10:00:00Z"));
    wang.due_at = wang.callback_at;
    let mut mine = lead(8, Tier::C, "Grace O'Neill");
    mine.claimed_by = Some(person("priya", "Priya Shah"));
    mine.claimed_at = Some(at("2026-11-24T08:51:00Z"));
    mine.lease_until = Some(at("2026-11-24T08:56:00Z"));
    mine.state = "claimed".into();
    mine.attempts = 2;
    mine.ended_at = at("2026-11-24T03:00:00Z");
    let mut answered = lead(9, Tier::D, "Zoë Müller");
    answered.intent = Intent::Unclear;
    answered.intent_raw = Some("opening_times".into());
    answered.summaries = vec![wire::Summary {
        at: answered.ended_at,
        source: "inbound_call".into(),
        text: "Asked when we open.".into(),
        intent: Intent::Unclear,
        question: Some("When do you open on Saturdays?".into()),
        answer: Some("At ten, until two.".into()),
        call_sid: None,
    }];
    answered.value_band = 0;
    vec![alex(), morag, withheld, dev, ffion, noa, wang, mine, answered]
}

/// What came in during business hours, on the day before.
fn day() -> Vec<wire::Lead> {
    let mut late = lead(20, Tier::B, "Siân Parry");
    late.after_hours = false;
    late.opens_at = None;
    late.ended_at = at("2026-11-24T08:40:00Z");
    late.due_at = Some(at("2026-11-24T08:45:00Z"));
    let mut half = lead(21, Tier::B, "Amir Khan");
    half.after_hours = false;
    half.opens_at = None;
    half.ended_at = at("2026-11-24T08:49:00Z");
    half.due_at = Some(at("2026-11-24T08:54:00Z"));
    let mut opted = lead(22, Tier::C, "Pat Moore");
    opted.after_hours = false;
    opted.contact.opted_out = true;
    vec![late, half, opted]
}

/// What the journal holds.
fn journal() -> Vec<Arc<wire::Entry>> {
    let entry = |seq: i64, time: &str, actor: Actor, kind: &str, lead: wire::Lead, detail| {
        Arc::new(wire::Entry {
            seq,
            at: at(time),
            actor,
            kind: kind.into(),
            lead: Some(lead),
            detail,
        })
    };
    let agent = || Actor::Program { id: "agent".into(), name: "voice agent".into() };
    let tom = || Actor::Person(person("tom", "Tom Baker"));
    let mut closed = lead(30, Tier::C, "Owen Glyn");
    closed.state = "closed".into();
    closed.outcome = Some(Outcome::Connected);
    closed.closed_at = Some(at("2026-11-24T08:48:00Z"));
    vec![
        entry(47, "2026-11-24T08:50:02Z", tom(), "lead.claimed", night()[3].clone(), json!({})),
        entry(
            46,
            "2026-11-24T08:48:00Z",
            tom(),
            "lead.closed",
            closed,
            json!({ "outcome": "connected", "note": "Sent the price list" }),
        ),
        entry(
            45,
            "2026-11-24T08:45:00Z",
            Actor::Clock,
            "lead.due",
            day()[0].clone(),
            json!({ "unclaimed": true }),
        ),
        entry(
            44,
            "2026-11-24T06:40:27Z",
            agent(),
            "lead.arrived",
            night()[2].clone(),
            json!({ "source": "inbound_call" }),
        ),
        entry(
            43,
            "2026-11-23T21:47:44Z",
            agent(),
            "lead.touched",
            night()[0].clone(),
            json!({ "source": "inbound_call" }),
        ),
    ]
}

fn history() -> wire::History {
    let mut before = lead(40, Tier::C, "Alex Rivera");
    before.received_at = at("2026-03-12T10:00:00Z");
    before.intent = Intent::NewEnquiry(Some(Wants::Quote));
    before.outcome = Some(Outcome::Connected);
    before.owner = Some("priya".into());
    before.owner_person = Some(rep("priya"));
    before.summary = "Quote for 6 seats.".into();
    let entries = journal().into_iter().rev().filter(|entry| entry.seq == 43);
    wire::History {
        entries: entries.map(|entry| wire::Entry { lead: None, ..(*entry).clone() }).collect(),
        earlier: vec![before],
    }
}

/// A console and the time on its wall.
pub(super) struct Scene {
    pub(super) app: App,
    pub(super) now: Timestamp,
    pub(super) theme: Theme,
}

impl Scene {
    /// A console that knows who sits at it and nothing else.
    pub(super) fn empty(size: (u16, u16)) -> Scene {
        let now = at("2026-11-24T08:52:14Z");
        let options = Options {
            keymap: Keymap::default(),
            themes: vec!["default-dark".into(), "default-light".into()],
            theme: 0,
            mouse: true,
            bell: true,
            desktop: true,
            readonly: false,
            require_outcome: false,
            server: "https://leads.example.co.uk".into(),
        };
        let app = App::new(options, now, Size { width: size.0, height: size.1 });
        Scene { app, now, theme: Theme::standard() }
    }

    /// The morning: live, with the night's leads, Alex on top.
    pub(super) fn morning(size: (u16, u16)) -> Scene {
        let mut scene = Scene::empty(size);
        scene.open(Role::Rep);
        let leads: Vec<_> = night().into_iter().chain(day()).collect();
        scene.load(leads);
        scene.told(Msg::Server(FromServer::Journal(journal())));
        scene
    }

    /// Says who sits here, and that the line is up.
    pub(super) fn open(&mut self, role: Role) {
        self.told(Msg::Cache(FromCache::Opened(Opened::default())));
        self.told(Msg::Cache(FromCache::Loaded));
        let business = wire::Business {
            name: "Harbour & Vale".into(),
            timezone: "Europe/London".into(),
            region: "GB".into(),
            open_now: false,
            opens_at: Some(at("2026-11-24T09:00:00Z")),
            closes_at: Some(at("2026-11-24T17:00:00Z")),
        };
        let me = Me { id: rep("priya"), name: "Priya Shah".into(), role };
        self.told(Msg::Server(FromServer::Line(LineNews::Up)));
        self.told(Msg::Server(FromServer::Hello { me, business }));
    }

    /// Hands over leads as the server would, and what it knows of each.
    pub(super) fn load(&mut self, leads: Vec<wire::Lead>) {
        let mut names = Names::default();
        let rows = leads.iter().map(|lead| Row::of(lead, &mut names)).collect();
        self.told(Msg::Server(FromServer::ReloadStarted));
        self.told(Msg::Server(FromServer::ReloadPage(rows)));
        self.told(Msg::Server(FromServer::ReloadDone { seq: 47, as_of: self.now }));
        let found = leads.into_iter().map(Arc::new).collect();
        self.told(Msg::Cache(FromCache::Leads { found, missing: Vec::new() }));
        let history = Ok(Arc::new(history()));
        self.told(Msg::Server(FromServer::History { lead: id(123), history }));
        self.draw();
    }

    pub(super) fn told(&mut self, msg: Msg) -> Vec<Effect> {
        update(&mut self.app, self.now, msg)
    }

    /// Presses keys, and draws after each as the loop does. `<esc>`, `<enter>`, `<tab>` and `<down>` are keys by name.
    pub(super) fn keys(&mut self, keys: &str) -> &mut Scene {
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let (code, used) = match rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
                Some((name, _)) => {
                    let code = match name {
                        "esc" => KeyCode::Esc,
                        "enter" => KeyCode::Enter,
                        "tab" => KeyCode::Tab,
                        "down" => KeyCode::Down,
                        other => panic!("{other}"),
                    };
                    (code, name.len() + 2)
                }
                None => (KeyCode::Char(first), first.len_utf8()),
            };
            self.told(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
            self.draw();
            rest = &rest[used..];
        }
        self
    }

    /// Lets time pass.
    pub(super) fn wait(&mut self, seconds: i64) -> &mut Scene {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).expect("a time");
        self.told(Msg::Tick);
        self
    }

    /// The line goes.
    pub(super) fn cut(&mut self) -> &mut Scene {
        let why = "connection refused".into();
        let retry_at = self.now.checked_add(SignedDuration::from_secs(5)).expect("a time");
        self.told(Msg::Server(FromServer::Line(LineNews::Down { why, retry_at })));
        self
    }

    /// The team, for a supervisor's prompts.
    pub(super) fn team(&mut self) -> &mut Scene {
        let member = |id, name: &str, present, open_leads| Person {
            id: rep(id),
            name: name.into(),
            present,
            open_leads,
        };
        let team = vec![
            member("priya", "Priya Shah", true, 3),
            member("tom", "Tom Baker", true, 1),
            member("wen", "Wen Li", false, 0),
        ];
        self.told(Msg::Server(FromServer::Team(Ok(team))));
        self
    }

    /// Notes and outcomes that wait, and one that was refused.
    pub(super) fn outbox(&mut self) -> &mut Scene {
        let kept = |key, lead, name: &str, write, refused: Option<&str>| Kept {
            key: Uuid::from_u128(key),
            lead: id(lead),
            name: name.into(),
            by: RepId("priya".into()),
            write,
            at: at("2026-11-24T08:51:00Z"),
            refused: refused.map(str::to_owned),
        };
        let note = Write::Note { text: "Rings back after lunch".into() };
        let outcome = Write::Outcome { outcome: Outcome::Voicemail, note: None, callback_at: None };
        let outbox = vec![
            kept(1, 123, "Alex Rivera", note, None),
            kept(2, 2, "Morag Sinclair", outcome, Some("Tom Baker has it since 08:50")),
        ];
        self.told(Msg::Outbox(outbox));
        self
    }

    /// A change by somebody else.
    pub(super) fn changed(&mut self, lead: wire::Lead, by: &str, kind: &str) -> &mut Scene {
        let row = Row::of(&lead, &mut Names::default());
        let entry = wire::Entry {
            seq: self.app.seq + 1,
            at: self.now,
            actor: Actor::Person(person("tom", by)),
            kind: kind.into(),
            lead: Some(lead),
            detail: json!({}),
        };
        let news = FromServer::Entry { entry: Arc::new(entry), row: Some(Box::new(row)) };
        self.told(Msg::Server(news));
        self
    }

    /// The server's answer to what was asked last.
    pub(super) fn answered(&mut self, op: u64, lead: wire::Lead) -> &mut Scene {
        let row = Row::of(&lead, &mut Names::default());
        let lead = Arc::new(lead);
        let answer = Ok(Box::new(Changed { lead: lead.clone(), row }));
        self.told(Msg::Server(FromServer::Answer { op, lead: LeadId(lead.id), answer }));
        self
    }

    /// Draws a frame, and tells the state where things are, as the loop does.
    pub(super) fn draw(&mut self) -> (Buffer, Drawn) {
        let Size { width, height } = self.app.size;
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        let drawn = draw_on(&mut buf, &self.app, &self.theme);
        self.told(Msg::Drawn(drawn.geometry.clone()));
        (buf, drawn)
    }
}
