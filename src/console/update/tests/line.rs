//! Cache and line: what is shown before, after and without the server.

use jiff::SignedDuration;
use ratatui::layout::Size;

use crate::{
    console::{
        app::{App, LinkShown, Screen},
        msg::{Effect, FromCache, FromServer, LineNews, Msg, Opened},
        testing::{self, at, closed, happened, lead, live, offline, person, press, row},
        update::update,
    },
    domain::{ids::LeadId, journal::Actor, person::Role, queue::View, tier::Tier},
    wire,
};

fn id(n: u128) -> LeadId {
    LeadId(testing::uuid(n))
}

fn server(app: &mut App, seconds: i64, news: FromServer) -> Vec<Effect> {
    let at = at(testing::MORNING) + SignedDuration::from_secs(seconds);
    update(app, at, Msg::Server(news))
}

fn down() -> FromServer {
    let retry_at = at("2026-11-24T08:53:00Z");
    FromServer::Line(LineNews::Down { why: "nobody listens there".into(), retry_at })
}

fn tick(app: &mut App, seconds: i64) -> Vec<Effect> {
    update(app, at(testing::MORNING) + SignedDuration::from_secs(seconds), Msg::Tick)
}

fn ids(app: &App) -> Vec<LeadId> {
    app.viewport(100).expect("a list").rows.iter().map(|row| row.id).collect()
}

#[test]
fn the_cache_opens_the_line_where_it_left_off() {
    let now = at(testing::MORNING);
    let mut app = App::new(testing::options(), now, Size::new(80, 24));
    let opened = Opened {
        seq: 41,
        counts: vec![(View::Overnight, [0, 3, 7, 2])],
        me: Some(testing::me(Role::Rep)),
        ..Opened::default()
    };
    let out = update(&mut app, now, Msg::Cache(FromCache::Opened(opened)));
    assert_eq!(out, [Effect::Connect { after: 41 }]);
    // The counts stand before the rows do.
    assert_eq!((app.count(View::Overnight, Tier::B), app.total(View::Overnight)), (3, 12));
    let rows = vec![row(&lead(1, "Alex"))];
    let out = update(&mut app, now, Msg::Cache(FromCache::Rows(rows)));
    assert_eq!(out, [Effect::LoadLeads(vec![id(1)]), Effect::LoadHistory(id(1))]);
    assert!(app.loaded);
    update(&mut app, now, Msg::Cache(FromCache::Loaded));
    assert_eq!(app.total(View::Overnight), 1);
}

#[test]
fn without_a_cache_the_line_is_opened_all_the_same_and_once() {
    let now = at(testing::MORNING);
    let mut app = App::new(testing::options(), now, Size::new(80, 24));
    let broken = || Msg::Cache(FromCache::Broken("the disk is full".into()));
    assert_eq!(update(&mut app, now, broken()), [Effect::Connect { after: 0 }]);
    assert_eq!(update(&mut app, now, broken()), []);
}

#[test]
fn the_header_says_live_reconnecting_and_offline_as_of() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    assert_eq!(app.link_shown(), LinkShown::Live);
    tick(&mut app, 30);
    server(&mut app, 31, down());
    assert_eq!(app.link_shown(), LinkShown::Reconnecting(0));
    // Trying again does not start the count anew.
    server(&mut app, 35, FromServer::Line(LineNews::Connecting));
    server(&mut app, 36, down());
    tick(&mut app, 38);
    assert_eq!(app.link_shown(), LinkShown::Reconnecting(7));
    tick(&mut app, 41);
    assert_eq!(app.link_shown(), LinkShown::Offline(Some(at("2026-11-24T08:52:30Z"))));
    server(&mut app, 50, FromServer::Line(LineNews::Up));
    assert_eq!(app.link_shown(), LinkShown::Live);
}

#[test]
fn a_server_that_is_not_there_at_the_start_is_offline_at_once() {
    let mut app = offline(&[lead(1, "Alex")]);
    assert_eq!(app.link_shown(), LinkShown::Connecting);
    server(&mut app, 0, down());
    assert_eq!(app.link_shown(), LinkShown::Offline(Some(at("2026-11-24T08:41:00Z"))));
}

#[test]
fn a_wrong_token_is_told_and_not_tried_again_by_itself() {
    let mut app = offline(&[]);
    let why = "This token is unknown, has expired, or was replaced.".to_owned();
    server(&mut app, 0, FromServer::Line(LineNews::Refused { why }));
    assert!(app.toasts.iter().any(|toast| toast.text.contains("token is unknown")));
    assert_eq!(press(&mut app, "ctrl-r"), [Effect::Reconnect]);
}

#[test]
fn clocks_follow_the_servers() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    server(&mut app, 0, FromServer::Skew(SignedDuration::from_secs(-90)));
    assert_eq!(app.now(), at("2026-11-24T08:50:30Z"));
}

#[test]
fn a_reload_drops_what_the_server_does_not_have_and_keeps_what_changed_meanwhile() {
    let mut app = live(&[lead(1, "Alex"), lead(2, "Morag"), lead(3, "Dev")], Role::Rep);
    let tom = Actor::Person(person("Tom"));
    server(&mut app, 1, FromServer::ReloadStarted);
    server(
        &mut app,
        1,
        FromServer::ReloadPage(vec![row(&lead(1, "Alex")), row(&lead(4, "Ffion"))]),
    );
    // Told by another answer while the pages come.
    update(
        &mut app,
        at(testing::MORNING),
        happened(300, tom.clone(), "lead.arrived", lead(5, "New")),
    );
    server(&mut app, 2, FromServer::ReloadDone { seq: 290, as_of: at(testing::MORNING) });
    assert_eq!(ids(&app), [id(1), id(4), id(5)]);
    assert_eq!(app.seq, 290);
    // A page that was read before the lead closed does not bring it back for good.
    server(&mut app, 3, FromServer::ReloadPage(vec![row(&lead(2, "Morag"))]));
    update(
        &mut app,
        at(testing::MORNING),
        happened(301, tom, "lead.closed", closed(lead(2, "Morag"))),
    );
    assert_eq!(ids(&app), [id(1), id(4), id(5)]);
}

#[test]
fn rows_that_the_cache_hands_over_late_never_undo_what_the_server_said() {
    let now = at(testing::MORNING);
    let mut app = App::new(testing::options(), now, Size::new(80, 24));
    let opened = Opened { seq: 41, ..Opened::default() };
    update(&mut app, now, Msg::Cache(FromCache::Opened(opened)));
    let tom = Actor::Person(person("Tom"));
    update(&mut app, now, happened(42, tom, "lead.closed", closed(lead(1, "Alex"))));
    let rows = vec![row(&lead(1, "Alex")), row(&lead(2, "Morag"))];
    update(&mut app, now, Msg::Cache(FromCache::Rows(rows)));
    assert_eq!(ids(&app), [id(2)]);
    // After a reload, what else the cache has is of no use.
    server(&mut app, 0, FromServer::ReloadStarted);
    server(&mut app, 0, FromServer::ReloadPage(vec![row(&lead(3, "Dev"))]));
    server(&mut app, 0, FromServer::ReloadDone { seq: 50, as_of: now });
    update(&mut app, now, Msg::Cache(FromCache::Rows(vec![row(&lead(4, "Ffion"))])));
    assert_eq!(ids(&app), [id(3)]);
}

#[test]
fn an_entry_that_came_before_is_not_told_twice() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    if let Some(business) = &mut app.business {
        business.open_now = true;
    }
    let agent = Actor::Program { id: "agent".into(), name: "agent".into() };
    let arrived = || happened(101, agent.clone(), "lead.arrived", lead(2, "Morag"));
    let now = at(testing::MORNING);
    assert_eq!(update(&mut app, now, arrived()), [Effect::Ring]);
    assert_eq!(update(&mut app, now, arrived()), []);
}

#[test]
fn the_journal_comes_from_both_cache_and_server_and_holds_each_entry_once() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    assert_eq!(press(&mut app, "6"), [Effect::LoadJournal]);
    assert_eq!(app.screen, Screen::Journal);
    let entry = |seq| std::sync::Arc::new(testing::entry(seq, Actor::Clock, "lead.due", None));
    let now = at(testing::MORNING);
    let cached = vec![entry(9), entry(8)];
    update(&mut app, now, Msg::Cache(FromCache::Journal(cached)));
    server(&mut app, 0, FromServer::Journal(vec![entry(11), entry(10), entry(9)]));
    let seqs = |app: &App| -> Vec<i64> {
        app.journal.viewport(10).entries.iter().map(|entry| entry.seq).collect()
    };
    assert_eq!(seqs(&app), [11, 10, 9, 8]);
    // Off the top the cursor stays with its entry; on the top it follows what comes.
    press(&mut app, "j j");
    server(&mut app, 0, FromServer::Entry { entry: entry(12), row: None });
    assert_eq!(app.journal.selected_entry().map(|entry| entry.seq), Some(9));
    press(&mut app, "g");
    server(&mut app, 0, FromServer::Entry { entry: entry(13), row: None });
    assert_eq!(app.journal.selected_entry().map(|entry| entry.seq), Some(13));
}

#[test]
fn coming_back_asks_again_for_what_could_not_be_had() {
    let mut app = offline(&[lead(1, "Alex")]);
    let none = Msg::Cache(FromCache::History { lead: id(1), history: None });
    let now = at(testing::MORNING);
    update(&mut app, now, none);
    let out = server(&mut app, 1, FromServer::Line(LineNews::Up));
    assert_eq!(out, [Effect::LoadHistory(id(1))]);
}

#[test]
fn a_history_at_hand_grows_with_what_happens() {
    use crate::console::recent::HistoryShown;
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    let history = wire::History { entries: Vec::new(), earlier: Vec::new() };
    server(&mut app, 0, FromServer::History { lead: id(1), history: Ok(history.into()) });
    let tom = Actor::Person(person("Tom"));
    let taken = testing::claimed(lead(1, "Alex"), "Tom", testing::MORNING);
    update(&mut app, at(testing::MORNING), happened(101, tom, "lead.claimed", taken));
    let Some(HistoryShown::Here(history)) = app.recent.history(id(1)) else { panic!("no history") };
    assert_eq!(history.entries.len(), 1);
    assert_eq!(app.full(id(1)).map(|lead| lead.rev), Some(2));
}
