//! The list holds still under the hand.

use crate::{
    console::{
        app::App,
        msg::{Effect, FromCache, Msg},
        testing::{self, at, claimed, closed, happened, lead, live, person, press},
        update::update,
    },
    domain::{ids::LeadId, journal::Actor, person::Role, tier::Tier},
    wire,
};

fn id(n: u128) -> LeadId {
    LeadId(testing::uuid(n))
}

fn tom() -> Actor {
    Actor::Person(person("Tom"))
}

fn many(count: u128) -> Vec<wire::Lead> {
    (1..=count).map(|n| lead(n * 10, &format!("Caller {n}"))).collect()
}

/// The line of the screen that the selected lead stands on.
fn line(app: &App) -> Option<usize> {
    app.viewport(10)?.selected
}

fn tell(app: &mut App, msg: Msg) -> Vec<Effect> {
    update(app, at(testing::MORNING), msg)
}

#[test]
fn what_arrives_above_leaves_the_selected_lead_on_its_line() {
    let mut app = live(&many(30), Role::Rep);
    press(&mut app, "j j j j j");
    assert_eq!((app.selected(), line(&app)), (Some(id(60)), Some(5)));
    for n in 1..=5 {
        tell(&mut app, happened(100 + n, tom(), "lead.arrived", lead(n as u128, "New")));
        assert_eq!((app.selected(), line(&app)), (Some(id(60)), Some(5)));
    }
    assert_eq!(app.viewport(10).map(|view| view.first), Some(5));
}

#[test]
fn at_the_top_what_arrives_there_is_seen_and_the_selection_stays_with_its_lead() {
    let mut app = live(&many(30), Role::Rep);
    tell(&mut app, happened(101, tom(), "lead.arrived", lead(1, "New")));
    let view = app.viewport(10).expect("a list");
    assert_eq!((view.first, view.selected), (0, Some(1)));
    assert_eq!(view.rows[0].called(), "New");
    assert_eq!(app.selected(), Some(id(10)));
}

#[test]
fn a_lead_that_leaves_from_under_the_cursor_is_told_and_its_neighbour_is_selected() {
    let mut app = live(&many(5), Role::Rep);
    press(&mut app, "j");
    let before = lead(20, "Caller 2");
    tell(&mut app, happened(101, tom(), "lead.closed", closed(before)));
    assert_eq!(app.selected(), Some(id(30)));
    assert_eq!(app.toasts.back().map(|toast| toast.text.as_str()), Some("Caller 2: Tom closed it"));
}

#[test]
fn a_lead_claimed_under_the_cursor_is_told_and_stays() {
    let mut app = live(&many(5), Role::Rep);
    let taken = claimed(lead(10, "Caller 1"), "Tom", testing::MORNING);
    tell(&mut app, happened(101, tom(), "lead.claimed", taken));
    assert_eq!(app.selected(), Some(id(10)));
    assert_eq!(
        app.toasts.back().map(|toast| toast.text.as_str()),
        Some("Caller 1: Tom claimed it")
    );
}

#[test]
fn a_change_of_a_lead_elsewhere_says_nothing() {
    let mut app = live(&many(5), Role::Rep);
    let taken = claimed(lead(30, "Caller 3"), "Tom", testing::MORNING);
    assert_eq!(tell(&mut app, happened(101, tom(), "lead.claimed", taken)), []);
    assert!(app.toasts.is_empty());
}

#[test]
fn a_prompt_acts_on_its_lead_although_the_cursor_moved_on() {
    let mut app = live(&many(5), Role::Rep);
    press(&mut app, "a");
    testing::type_text(&mut app, "hello");
    // The lead is claimed by somebody else, and another one takes the first place.
    let taken = claimed(lead(10, "Caller 1"), "Tom", testing::MORNING);
    tell(&mut app, happened(101, tom(), "lead.claimed", taken));
    tell(&mut app, happened(102, tom(), "lead.arrived", lead(1, "New")));
    let prompt = app.prompt.as_ref().expect("still open");
    assert_eq!(prompt.told.as_deref(), Some("Tom claimed it at 08:52:00"));
    let out = press(&mut app, "enter");
    assert!(matches!(&out[..], [Effect::Keep { lead, .. }] if *lead == id(10)));
}

#[test]
fn a_pinned_order_neither_grows_nor_shrinks_nor_moves() {
    let mut app = live(&many(5), Role::Rep);
    press(&mut app, "j P");
    let shown = |app: &App| -> Vec<LeadId> {
        app.viewport(20).expect("a list").rows.iter().map(|row| row.id).collect()
    };
    let before = shown(&app);
    tell(&mut app, happened(101, tom(), "lead.arrived", lead(1, "New")));
    tell(&mut app, happened(102, tom(), "lead.closed", closed(lead(20, "Caller 2"))));
    let mut urgent = lead(50, "Caller 5");
    (urgent.rev, urgent.value_band) = (2, 0);
    tell(&mut app, happened(103, tom(), "lead.touched", urgent));
    assert_eq!(shown(&app), before);
    assert_eq!(app.selected(), Some(id(20)));
    assert_eq!(app.list().map(|list| list.held_back()), Some(1));
    // Another lead must not appear in the place of the closed one.
    tell(&mut app, happened(104, tom(), "lead.arrived", lead(2, "Newer")));
    assert_eq!(shown(&app), before);
    press(&mut app, "P");
    assert_eq!(shown(&app), [id(1), id(2), id(10), id(30), id(40), id(50)]);
    assert!(app.leads.get(id(20)).is_none());
}

#[test]
fn a_new_tier_moves_the_lead_and_the_selection_goes_with_it() {
    let mut leads = many(5);
    leads[4].tier = Tier::C;
    let mut app = live(&leads, Role::Rep);
    press(&mut app, "G");
    assert_eq!(app.selected(), Some(id(50)));
    let mut urgent = lead(50, "Caller 5");
    (urgent.rev, urgent.ended_at) = (2, at("2026-11-23T10:00:00Z"));
    tell(&mut app, happened(101, tom(), "lead.touched", urgent));
    assert_eq!(app.selected(), Some(id(50)));
    assert_eq!(app.list().and_then(|list| list.position()), Some(0));
}

#[test]
fn an_older_version_of_a_lead_changes_nothing() {
    let mut app = live(&many(3), Role::Rep);
    let newer = claimed(lead(10, "Caller 1"), "Tom", testing::MORNING);
    tell(&mut app, happened(101, tom(), "lead.claimed", newer));
    tell(&mut app, happened(102, tom(), "lead.arrived", lead(10, "Caller 1")));
    assert!(app.leads.get(id(10)).is_some_and(|row| row.holder.is_some()));
}

#[test]
fn a_selection_at_rest_asks_for_its_detail_once() {
    let leads = many(40);
    let mut app = live(&leads, Role::Rep);
    // What is near is at hand before the key comes; further away it is asked for.
    let out = press(&mut app, "G");
    let Some(Effect::LoadHistory(asked)) = out.last() else { panic!("{out:?}") };
    assert_eq!(*asked, id(400));
    assert_eq!(press(&mut app, "k j"), []);
    let missing = Msg::Cache(FromCache::Leads { found: Vec::new(), missing: vec![id(400)] });
    assert_eq!(tell(&mut app, missing), [Effect::FetchLead(id(400))]);
}

#[test]
fn pages_keep_a_line_of_what_was_seen_and_two_lines_of_what_comes() {
    let mut app = live(&many(40), Role::Rep);
    let places = |app: &App| {
        let view = app.viewport(10).expect("a list");
        (view.first, view.selected.expect("a selection"))
    };
    for (key, place) in [
        ("ctrl-f", (2, 7)),
        ("ctrl-d", (6, 7)),
        ("j", (7, 7)),
        ("G", (30, 9)),
        ("k", (30, 8)),
        ("ctrl-u", (30, 4)),
        ("g", (0, 0)),
    ] {
        press(&mut app, key);
        assert_eq!(places(&app), place, "{key}");
    }
}
