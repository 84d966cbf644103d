//! The README's picture: the demo's weekend goes through the rules and the store, and the console draws what comes of it.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

use std::{path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use ratatui::{
    buffer::Buffer,
    layout::{Rect, Size},
};
use ringback::{
    config::Config,
    console::{
        app::{App, Me, Options},
        keymap::Keymap,
        msg::{FromCache, FromServer, LineNews, Msg, Opened},
        row::{Names, Row},
        svg::to_svg,
        theme::Themes,
        update::update,
        view::draw_on,
    },
    domain::{
        command::Command,
        ids::{ContactId, LeadId, RepId},
        journal::Actor,
        person::{Person, PersonRef, Presence, Role},
        queue::View,
    },
    store::{QueueQuery, Request, Store, sqlite::SqliteStore},
    wire::{self, payload},
};
use uuid::Uuid;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/console.svg");
const NIGHT: &str = include_str!("../assets/demo/night.json");
const CONFIGURATION: &str = include_str!("../assets/demo/ringback.toml");
const SIZE: Size = Size { width: 120, height: 34 };

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

/// Run with `RINGBACK_DRAW=1` to draw the picture anew.
#[tokio::test]
async fn the_readmes_picture_is_what_the_console_shows() {
    let mut demo = Demo::open().await;
    demo.weekend().await;
    for (name, who, when) in [
        ("Nigel Farrant", "Tom Whitfield", "2026-09-01T07:49:31Z"),
        ("Stuart McAllister", "Priya Shah", "2026-09-01T07:51:40Z"),
        ("Chloe Okafor-Whitmore", "Aisha Khan", "2026-09-01T07:50:58Z"),
    ] {
        demo.claim(name, who, at(when)).await;
    }
    let picture = demo.picture("Callum Reid", at("2026-09-01T07:52:14Z")).await;
    if std::env::var_os("RINGBACK_DRAW").is_some() {
        std::fs::write(PICTURE, &picture).expect("the picture is written");
    }
    let drawn = std::fs::read_to_string(PICTURE).expect("the picture is there");
    assert!(
        drawn == picture,
        "the console looks different now: draw the picture anew with RINGBACK_DRAW=1"
    );
}

struct Demo {
    config: Config,
    store: Arc<SqliteStore>,
    _folder: tempfile::TempDir,
}

impl Demo {
    async fn open() -> Demo {
        let config = Config::parse(CONFIGURATION, Path::new("demo.toml")).expect("a configuration");
        let folder = tempfile::tempdir().expect("a folder");
        let policy = Arc::new(config.policy());
        let store = SqliteStore::open(&folder.path().join("demo.db"), policy).expect("a store");
        let demo = Demo { config, store, _folder: folder };
        for name in ["Priya Shah", "Tom Whitfield", "Aisha Khan", "Gwen Parry"] {
            demo.hire(name).await;
        }
        demo
    }

    async fn execute(&self, command: Command, actor: Actor, now: Timestamp) {
        let request = Request { command, actor, now, idempotency: None };
        self.store.execute(request).await.expect("the rules agree");
    }

    async fn hire(&self, name: &str) {
        let id = RepId::from_name(name);
        let mut token = [0; 32];
        token.iter_mut().zip(id.as_str().bytes()).for_each(|(to, from)| *to = from);
        let person = Person {
            id,
            name: name.into(),
            role: Role::Rep,
            phone: None,
            email: None,
            slack_id: None,
            presence: Presence::Available,
            shift: None,
            leave: Vec::new(),
            removed: false,
        };
        let command = Command::AddPerson { person, token };
        self.execute(command, Actor::Operator, at("2026-08-28T08:00:00Z")).await;
    }

    /// Every call of the weekend, a few seconds after it ended.
    async fn weekend(&mut self) {
        let calls: Vec<serde_json::Value> = serde_json::from_str(NIGHT).expect("the calls");
        let policy = self.config.policy();
        for (number, call) in (1..).zip(calls) {
            let ended = at(call["ended_at"].as_str().expect("an end"));
            let now = ended.checked_add(SignedDuration::from_secs(3)).expect("a time");
            let region = &self.config.business.country;
            let body = call.to_string();
            let draft = payload::read(body.as_bytes(), now, region, policy.calendar.time_zone())
                .expect("a payload");
            let ids = (LeadId(Uuid::from_u128(number)), ContactId(Uuid::from_u128(1_000 + number)));
            let command = Command::Ingest(Box::new(draft.with_ids(ids.0, ids.1)));
            let agent = Actor::Program { id: "agent".into(), name: "voice agent".into() };
            self.execute(command, agent, now).await;
        }
    }

    async fn leads(&self, view: View) -> Vec<wire::Lead> {
        let query = QueueQuery { view, me: None, limit: 500, after: None };
        let page = self.store.queue(query).await.expect("a queue");
        let region = &self.config.business.country;
        page.leads.iter().map(|(lead, contact)| wire::Lead::of(lead, contact, region)).collect()
    }

    async fn named(&self, name: &str) -> LeadId {
        let leads = self.leads(View::All).await;
        let found = leads.iter().find(|lead| lead.contact.name.as_deref() == Some(name));
        LeadId(found.expect("they rang").id)
    }

    async fn claim(&self, name: &str, who: &str, when: Timestamp) {
        let lead = self.named(name).await;
        let who = PersonRef { id: RepId::from_name(who), name: who.into() };
        let command = Command::Claim { lead, take_over: false };
        self.execute(command, Actor::Person(who), when).await;
    }

    async fn history(&self, lead: LeadId) -> wire::History {
        let history = self.store.history(lead).await.expect("read").expect("it is there");
        let entries = history.entries.iter().map(|entry| {
            let mut entry: wire::Entry = serde_json::from_str(&entry.json).expect("an entry");
            entry.lead = None;
            entry
        });
        let region = &self.config.business.country;
        let earlier = history.others.iter();
        wire::History {
            entries: entries.collect(),
            earlier: earlier.map(|(lead, contact)| wire::Lead::of(lead, contact, region)).collect(),
        }
    }

    /// Priya's console at a moment, on a lead.
    async fn picture(&self, on: &str, now: Timestamp) -> String {
        let selected = self.named(on).await;
        let leads = self.leads(View::All).await;
        let mut app = App::new(options(), now, SIZE);
        let rows = {
            let mut names = Names::default();
            leads.iter().map(|lead| Row::of(lead, &mut names)).collect()
        };
        let history = Ok(Arc::new(self.history(selected).await));
        let found = leads.into_iter().map(Arc::new).collect();
        let me =
            Me { id: RepId::from_name("Priya Shah"), name: "Priya Shah".into(), role: Role::Rep };
        let business = wire::Business {
            name: self.config.business.name.clone(),
            timezone: "Europe/London".into(),
            region: "GB".into(),
            open_now: false,
            opens_at: Some(at("2026-09-01T08:00:00Z")),
            closes_at: Some(at("2026-09-01T16:30:00Z")),
        };
        for msg in [
            Msg::Cache(FromCache::Opened(Opened::default())),
            Msg::Cache(FromCache::Loaded),
            Msg::Server(FromServer::Line(LineNews::Up)),
            Msg::Server(FromServer::Hello { me, business }),
            Msg::Server(FromServer::ReloadStarted),
            Msg::Server(FromServer::ReloadPage(rows)),
            Msg::Server(FromServer::ReloadDone { seq: 99, as_of: now }),
            Msg::Cache(FromCache::Leads { found, missing: Vec::new() }),
            Msg::Server(FromServer::History { lead: selected, history }),
        ] {
            update(&mut app, now, msg);
        }
        let theme = Themes::default().load("default-dark").expect("a theme");
        let mut screen = Buffer::empty(Rect::new(0, 0, SIZE.width, SIZE.height));
        while app.selected() != Some(selected) {
            let drawn = draw_on(&mut screen, &app, &theme);
            update(&mut app, now, Msg::Drawn(drawn.geometry));
            let down = crossterm::event::KeyCode::Down.into();
            update(&mut app, now, Msg::Key(down));
            assert_ne!(
                app.list().and_then(|list| list.position()),
                Some(app.total(View::Overnight) - 1),
                "{on}"
            );
        }
        draw_on(&mut screen, &app, &theme);
        to_svg(&screen, &theme)
    }
}

fn options() -> Options {
    Options {
        keymap: Keymap::default(),
        themes: vec!["default-dark".into()],
        theme: 0,
        mouse: true,
        bell: false,
        desktop: false,
        readonly: false,
        require_outcome: false,
        server: "https://leads.example.co.uk".into(),
    }
}
