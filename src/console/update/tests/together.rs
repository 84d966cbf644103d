//! What must be told: once for each thing, and to the desktop only while nobody looks.

use jiff::SignedDuration;

use crate::{
    console::{
        app::App,
        msg::{Effect, Msg, Notice},
        testing::{self, at, claimed, closed, happened, lead, live, person, press},
        update::update,
    },
    domain::{journal::Actor, person::Role, tier::Tier},
};

fn tom() -> Actor {
    Actor::Person(person("Tom"))
}

fn agent() -> Actor {
    Actor::Program { id: "agent".into(), name: "agent".into() }
}

fn tick_at(app: &mut App, time: &str) -> Vec<Effect> {
    update(app, at(time), Msg::Tick)
}

fn notify(body: &str) -> Effect {
    Effect::Notify(Notice { title: "ringback".into(), body: body.into(), urgent: true })
}

#[test]
fn a_new_b_in_hours_sounds_once_and_reaches_the_desktop_only_unfocused() {
    let mut app = live(&[], Role::Rep);
    let now = at(testing::MORNING);
    // Before opening nobody is hurried.
    assert!(
        !update(&mut app, now, happened(101, agent(), "lead.arrived", lead(1, "Alex")))
            .contains(&Effect::Ring)
    );
    tick_at(&mut app, "2026-11-24T09:00:00Z");
    let now = at("2026-11-24T09:00:01Z");
    let arrived = |seq, n| happened(seq, agent(), "lead.arrived", lead(n, "Morag"));
    assert_eq!(update(&mut app, now, arrived(102, 2)), [Effect::Ring]);
    update(&mut app, now, Msg::Focus(false));
    let said = notify("New B: Morag, demo, 15 people");
    assert_eq!(update(&mut app, now, arrived(103, 3)), [Effect::Ring, said]);
    press(&mut app, "m");
    assert_eq!(update(&mut app, now, arrived(104, 4)), []);
    let mut c = lead(5, "Dev");
    c.tier = Tier::C;
    assert_eq!(update(&mut app, now, happened(105, agent(), "lead.arrived", c)), []);
}

#[test]
fn a_claim_of_mine_that_somebody_takes_over_or_that_runs_out_is_told() {
    let mine = claimed(lead(1, "Alex"), "Priya", testing::MORNING);
    let mut app =
        live(&[mine.clone(), claimed(lead(2, "Morag"), "Priya", testing::MORNING)], Role::Rep);
    press(&mut app, "j");
    let now = at(testing::MORNING);
    let mut taken = claimed(lead(1, "Alex"), "Tom", testing::MORNING);
    taken.rev = mine.rev + 1;
    let out = update(&mut app, now, happened(101, tom(), "lead.claimed", taken));
    assert_eq!(out, [Effect::Ring]);
    assert_eq!(app.toasts.back().map(|toast| toast.text.as_str()), Some("Alex: Tom claimed it"));
    let mut free = lead(2, "Morag");
    free.rev = 3;
    update(&mut app, now, happened(102, Actor::Clock, "lead.released", free));
    assert_eq!(
        app.toasts.back().map(|toast| toast.text.as_str()),
        Some("Morag went back to the queue: the claim ran out")
    );
}

#[test]
fn a_claim_about_to_run_out_is_told_once() {
    let mut app = live(&[claimed(lead(1, "Alex"), "Priya", testing::MORNING)], Role::Rep);
    let title = tick_at(&mut app, "2026-11-24T08:55:00Z");
    assert_eq!(title, [Effect::Title("ringback".into())]);
    assert_eq!(tick_at(&mut app, "2026-11-24T08:56:10Z"), [Effect::Ring]);
    assert_eq!(
        app.toasts.back().map(|toast| toast.text.as_str()),
        Some("Alex goes back to the queue in 50 s")
    );
    assert_eq!(tick_at(&mut app, "2026-11-24T08:56:11Z"), []);
}

#[test]
fn what_is_mine_and_falls_due_is_told_once_and_what_is_old_is_not() {
    let mut wished = claimed(lead(1, "Alex"), "Priya", testing::MORNING);
    wished.callback_at = Some(at("2026-11-24T09:00:00Z"));
    wished.lease_until = None;
    let mut old = claimed(lead(2, "Morag"), "Priya", testing::MORNING);
    old.due_at = Some(at("2026-11-24T08:00:00Z"));
    old.lease_until = None;
    let mut app = live(&[wished, old], Role::Rep);
    app.business = None;
    assert!(!tick_at(&mut app, "2026-11-24T08:59:59Z").contains(&Effect::Ring));
    assert_eq!(tick_at(&mut app, "2026-11-24T09:00:00Z"), [Effect::Ring]);
    assert_eq!(
        app.toasts.back().map(|toast| toast.text.as_str()),
        Some("Alex wished to be rung now")
    );
    assert_eq!(tick_at(&mut app, "2026-11-24T09:00:01Z"), []);
    // The due time behind the wish is another thing.
    assert_eq!(tick_at(&mut app, "2026-11-24T09:15:00Z"), [Effect::AskHello, Effect::Ring]);
}

#[test]
fn the_title_counts_free_bs_and_those_past_due() {
    let mut app = live(
        &[lead(1, "Alex"), lead(2, "Morag"), claimed(lead(3, "Dev"), "Tom", testing::MORNING)],
        Role::Rep,
    );
    assert_eq!(tick_at(&mut app, testing::MORNING), [Effect::Title("(2B) ringback".into())]);
    assert_eq!(tick_at(&mut app, "2026-11-24T08:52:01Z"), []);
    app.business = None;
    assert_eq!(
        tick_at(&mut app, "2026-11-24T09:15:00Z"),
        [Effect::AskHello, Effect::Title("(2B 2!) ringback".into())]
    );
    let now = at("2026-11-24T09:15:01Z");
    update(&mut app, now, happened(101, tom(), "lead.closed", closed(lead(1, "Alex"))));
    assert_eq!(
        tick_at(&mut app, "2026-11-24T09:15:02Z"),
        [Effect::Title("(1B 1!) ringback".into())]
    );
}

#[test]
fn at_opening_and_at_closing_the_hours_are_asked_for_once() {
    let mut app = live(&[], Role::Rep);
    let open = |app: &App| app.business.as_ref().map(|business| business.open_now);
    tick_at(&mut app, "2026-11-24T08:59:59Z");
    assert_eq!(open(&app), Some(false));
    assert!(tick_at(&mut app, "2026-11-24T09:00:00Z").contains(&Effect::AskHello));
    assert_eq!(open(&app), Some(true));
    assert!(!tick_at(&mut app, "2026-11-24T09:00:01Z").contains(&Effect::AskHello));
    assert!(tick_at(&mut app, "2026-11-24T17:00:00Z").contains(&Effect::AskHello));
    assert_eq!(open(&app), Some(false));
}

#[test]
fn toasts_go_by_themselves_and_the_same_one_is_there_once() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    press(&mut app, "N");
    press(&mut app, "N");
    assert_eq!(app.toasts.len(), 1);
    let later = at(testing::MORNING) + SignedDuration::from_secs(5);
    update(&mut app, later, Msg::Tick);
    assert!(app.toasts.is_empty());
}
