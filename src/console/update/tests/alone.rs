//! What one rep does.

use crate::{
    console::{
        action::Context,
        app::{Overlay, Screen, UnderWay},
        msg::{Changed, Effect, Failure, FromServer, Kept, Msg, Request, Write},
        prompt::{Deferred, Field, PromptKind, Reading, Target},
        testing::{self, at, claimed, closed, lead, live, offline, person, press, type_text},
        update::update,
    },
    domain::{
        ids::{LeadId, RepId},
        outcome::Outcome,
        person::Role,
        queue::View,
    },
};

fn id(n: u128) -> LeadId {
    LeadId(testing::uuid(n))
}

fn toasts(app: &crate::console::app::App) -> Vec<&str> {
    app.toasts.iter().map(|toast| toast.text.as_str()).collect()
}

fn answer(op: u64, lead: crate::wire::Lead) -> Msg {
    let row = testing::row(&lead);
    let id = LeadId(lead.id);
    let changed = Box::new(Changed { lead: lead.into(), row });
    Msg::Server(FromServer::Answer { op, lead: id, answer: Ok(changed) })
}

fn kept(lead: u128, name: &str, write: Write) -> Effect {
    Effect::Keep { lead: id(lead), name: name.into(), by: RepId("priya".into()), write }
}

#[test]
fn a_claim_shows_as_under_way_at_once_and_is_confirmed_by_the_answer() {
    let mut app = live(&[lead(1, "Alex"), lead(2, "Morag")], Role::Rep);
    let request = Request::Claim { take_over: false };
    assert_eq!(press(&mut app, "c"), [Effect::Request { op: 0, lead: id(1), request }]);
    assert_eq!(app.under_way(id(1)), Some(UnderWay::Claiming));
    // A second press while it is under way asks nothing.
    assert_eq!(press(&mut app, "c"), []);
    let now = app.now();
    update(&mut app, now, answer(0, claimed(lead(1, "Alex"), "Priya", testing::MORNING)));
    assert_eq!(app.under_way(id(1)), None);
    assert!(app.selected_row().is_some_and(|row| row.is_held_by(&RepId("priya".into()))));
    assert_eq!(toasts(&app).last(), Some(&"Alex is yours"));
}

#[test]
fn a_lost_claim_is_taken_back_with_a_line_that_says_who_has_it() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    press(&mut app, "c");
    let failure = Failure::Claimed { by: person("Tom"), at: at("2026-11-24T08:51:56Z") };
    let news = FromServer::Answer { op: 0, lead: id(1), answer: Err(failure) };
    assert_eq!(update(&mut app, at(testing::MORNING), Msg::Server(news)), [Effect::Ring]);
    assert_eq!(app.under_way(id(1)), None);
    assert_eq!(toasts(&app).last(), Some(&"Alex: not claimed. Tom has it, 4 s ago"));
}

#[test]
fn a_claim_offline_is_refused_with_the_reason_and_asks_nothing() {
    let mut app = offline(&[lead(1, "Alex")]);
    for (key, what) in [("c", "a claim"), ("d", "a call"), ("r", "giving back")] {
        assert_eq!(press(&mut app, key), [], "{key}");
        let said = format!("Offline: {what} needs the line. Nothing was done");
        assert_eq!(toasts(&app).last(), Some(&said.as_str()));
    }
}

#[test]
fn a_lead_that_somebody_else_has_is_refused_before_anything_is_asked() {
    let alex = claimed(lead(1, "Alex"), "Tom", "2026-11-24T08:51:00Z");
    let mut app = live(&[alex], Role::Rep);
    for key in ["c", "d", "o", "s"] {
        assert_eq!(press(&mut app, key), [], "{key}");
        assert_eq!(toasts(&app).last(), Some(&"Tom has Alex, 60 s ago"), "{key}");
        assert_eq!(app.prompt, None, "{key}");
    }
    assert_eq!(press(&mut app, "K"), []);
    assert_eq!(toasts(&app).last(), Some(&"Only a supervisor may do that"));
}

#[test]
fn a_supervisor_takes_over_only_after_a_y_and_enter_cancels() {
    let alex = claimed(lead(1, "Alex"), "Tom", "2026-11-24T08:51:00Z");
    let mut app = live(&[alex], Role::Supervisor);
    for cancel in ["enter", "esc", "n"] {
        press(&mut app, "K");
        let prompt = app.prompt.as_ref().expect("a confirm");
        assert_eq!(
            prompt.kind,
            PromptKind::Confirm {
                target: Target::One { lead: id(1), name: "Alex".into() },
                question: "Take Alex from Tom?".into(),
                then: Deferred::TakeOver,
            }
        );
        assert_eq!(press(&mut app, cancel), []);
        assert_eq!(app.prompt, None);
    }
    let request = Request::Claim { take_over: true };
    assert_eq!(press(&mut app, "K y"), [Effect::Request { op: 0, lead: id(1), request }]);
}

#[test]
fn an_outcome_is_one_digit_a_note_and_enter_and_the_next_lead_is_selected() {
    let mut app = live(&[lead(1, "Alex"), lead(2, "Morag")], Role::Rep);
    press(&mut app, "o 2");
    type_text(&mut app, "wants two quotes");
    let write = Write::Outcome {
        outcome: Outcome::Booked,
        note: Some("wants two quotes".into()),
        callback_at: None,
    };
    let out = press(&mut app, "enter");
    assert_eq!(out[0], kept(1, "Alex", write));
    assert_eq!(out[1..], [Effect::LoadHistory(id(2))]);
    assert_eq!(app.under_way(id(1)), Some(UnderWay::Waiting));
    assert_eq!(app.selected(), Some(id(2)));
    assert_eq!(app.prompt, None);
}

#[test]
fn a_callback_needs_a_time_and_says_it_in_both_local_times() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    press(&mut app, "o 3");
    assert_eq!(press(&mut app, "enter"), []);
    let fault = app.prompt.as_ref().and_then(|prompt| prompt.fault.clone());
    assert_eq!(fault.as_deref(), Some("a time is needed: 16:00, tomorrow 9, +2h"));
    type_text(&mut app, "16:00");
    let callback = at("2026-11-24T16:00:00Z");
    match &app.prompt.as_ref().expect("the bar").kind {
        PromptKind::WrapUp(bar) => {
            assert_eq!(bar.field, Field::When);
            let said = "Tue 24 Nov 16:00 · 17:00 there (Europe/Paris)".into();
            assert_eq!(bar.when.reading, Reading::At { at: callback, said });
        }
        other => panic!("{other:?}"),
    }
    let write =
        Write::Outcome { outcome: Outcome::CallbackLater, note: None, callback_at: Some(callback) };
    assert_eq!(press(&mut app, "enter"), [kept(1, "Alex", write.clone())]);
    // `s` is the same in one step.
    press(&mut app, "s");
    type_text(&mut app, "4pm");
    assert_eq!(press(&mut app, "enter"), [kept(1, "Alex", write)]);
}

#[test]
fn never_ringing_again_asks_first_and_keeps_the_note_when_cancelled() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    press(&mut app, "o 9");
    type_text(&mut app, "asked twice");
    assert_eq!(press(&mut app, "enter"), []);
    let question = match &app.prompt.as_ref().expect("a confirm").kind {
        PromptKind::Confirm { question, .. } => question.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(question, "Never ring or text Alex again?");
    press(&mut app, "enter");
    assert_eq!(app.drafts.get(&id(1)).map(String::as_str), Some("asked twice"));
    press(&mut app, "o 9 enter");
    let note = Some("asked twice".into());
    let write = Write::Outcome { outcome: Outcome::OptedOut, note, callback_at: None };
    assert_eq!(press(&mut app, "y"), [kept(1, "Alex", write)]);
    assert!(app.drafts.is_empty());
}

#[test]
fn a_half_typed_note_belongs_to_its_lead_and_waits_there() {
    let mut app = live(&[lead(1, "Alex"), lead(2, "Morag")], Role::Rep);
    press(&mut app, "a");
    type_text(&mut app, "ring before no");
    press(&mut app, "esc j a");
    match &app.prompt.as_ref().expect("a note").kind {
        PromptKind::Note { line, .. } => assert_eq!(line.text(), ""),
        other => panic!("{other:?}"),
    }
    press(&mut app, "esc k a");
    type_text(&mut app, "on");
    let write = Write::Note { text: "ring before noon".into() };
    assert_eq!(press(&mut app, "enter"), [kept(1, "Alex", write)]);
}

#[test]
fn a_pasted_line_break_does_not_save() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    press(&mut app, "a");
    let pasted = Msg::Paste("first line\nsecond line\r\n".into());
    assert_eq!(update(&mut app, at(testing::MORNING), pasted), []);
    let write = Write::Note { text: "first line second line".into() };
    assert_eq!(press(&mut app, "enter"), [kept(1, "Alex", write)]);
}

#[test]
fn a_call_claims_shows_the_number_and_copies_it_once_the_lead_is_ours() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    let request = Request::Claim { take_over: false };
    assert_eq!(press(&mut app, "d"), [Effect::Request { op: 0, lead: id(1), request }]);
    assert_eq!(app.overlay, Some(Overlay::Call { lead: id(1) }));
    let now = app.now();
    let mine = claimed(lead(1, "Alex"), "Priya", testing::MORNING);
    let copy = Effect::Copy { what: "number", text: "+447700900001".into() };
    assert_eq!(update(&mut app, now, answer(0, mine)), [copy]);
    // The wrap-up opens from there, and takes the number off the screen when it is logged.
    press(&mut app, "o 4 enter");
    assert_eq!(app.overlay, None);
}

#[test]
fn a_lost_call_takes_the_number_off_the_screen() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    press(&mut app, "d");
    let failure = Failure::Claimed { by: person("Tom"), at: at(testing::MORNING) };
    let news = FromServer::Answer { op: 0, lead: id(1), answer: Err(failure) };
    let now = app.now();
    update(&mut app, now, Msg::Server(news));
    assert_eq!(app.overlay, None);
}

#[test]
fn a_withheld_number_and_one_that_opted_out_are_never_rung() {
    let mut withheld = lead(1, "");
    withheld.contact.phone = None;
    let mut done = lead(2, "Morag");
    done.contact.opted_out = true;
    let mut app = live(&[withheld, done], Role::Rep);
    assert_eq!(press(&mut app, "d"), []);
    assert_eq!(toasts(&app).last(), Some(&"(withheld) withheld the number and left none"));
    press(&mut app, "j");
    assert_eq!(press(&mut app, "d"), []);
    assert_eq!(toasts(&app).last(), Some(&"Morag asked never to be rung again"));
}

#[test]
fn undo_takes_the_last_change_back_wherever_the_cursor_is() {
    let mut app = live(&[lead(1, "Alex"), lead(2, "Morag")], Role::Rep);
    press(&mut app, "c");
    let now = app.now();
    update(&mut app, now, answer(0, claimed(lead(1, "Alex"), "Priya", testing::MORNING)));
    press(&mut app, "j");
    let undo = Effect::Request { op: 1, lead: id(1), request: Request::Undo };
    assert_eq!(press(&mut app, "u"), [undo]);
    assert_eq!(press(&mut app, "u"), []);
    assert_eq!(toasts(&app).last(), Some(&"Nothing of yours to take back"));
}

#[test]
fn what_waits_offline_is_taken_back_out_of_the_outbox() {
    let mut app = offline(&[lead(1, "Alex")]);
    press(&mut app, "a");
    type_text(&mut app, "hello");
    press(&mut app, "enter");
    assert_eq!(toasts(&app).last(), Some(&"Kept for 1 lead: it goes out when the line is back"));
    let kept = Kept {
        key: testing::uuid(77),
        lead: id(1),
        name: "Alex".into(),
        by: RepId("priya".into()),
        write: Write::Note { text: "hello".into() },
        at: at(testing::MORNING),
        refused: None,
    };
    let now = app.now();
    update(&mut app, now, Msg::Outbox(vec![kept.clone()]));
    assert_eq!(press(&mut app, "u"), [Effect::Drop { key: testing::uuid(77) }]);
    update(&mut app, now, Msg::Outbox(Vec::new()));
    update(&mut app, now, Msg::Dropped { kept: Box::new(kept), dropped: true });
    assert_eq!(toasts(&app).last(), Some(&"Alex: note taken back before it went"));
    assert_eq!(app.under_way(id(1)), None);
}

#[test]
fn another_persons_waiting_notes_are_not_shown() {
    let mut app = offline(&[lead(1, "Alex")]);
    let kept = Kept {
        key: testing::uuid(77),
        lead: id(1),
        name: "Alex".into(),
        by: RepId("tom".into()),
        write: Write::Note { text: "hello".into() },
        at: at(testing::MORNING),
        refused: None,
    };
    let now = app.now();
    update(&mut app, now, Msg::Outbox(vec![kept]));
    assert_eq!(app.outbox, []);
}

#[test]
fn marks_share_one_outcome_after_a_y_in_the_order_of_the_list() {
    let mut app = live(&[lead(1, "Alex"), lead(2, "Morag"), lead(3, "Dev")], Role::Rep);
    press(&mut app, "space j space");
    press(&mut app, "o 5 enter");
    let write = Write::Outcome { outcome: Outcome::NoAnswer, note: None, callback_at: None };
    assert_eq!(
        app.prompt.as_ref().map(|prompt| prompt.kind.clone()),
        Some(PromptKind::Confirm {
            target: Target::Marked(vec![id(1), id(3)]),
            question: "Log “no answer” for 2 leads?".into(),
            then: Deferred::Write(write.clone()),
        })
    );
    assert_eq!(press(&mut app, "y"), [kept(1, "Alex", write.clone()), kept(3, "Dev", write)]);
    assert!(app.marks.is_empty());
}

#[test]
fn marks_are_never_dialled_or_claimed_together() {
    let mut app = live(&[lead(1, "Alex"), lead(2, "Morag"), lead(3, "Dev")], Role::Rep);
    press(&mut app, "space space");
    let request = Request::Claim { take_over: false };
    assert_eq!(press(&mut app, "c"), [Effect::Request { op: 0, lead: id(3), request }]);
}

#[test]
fn copying_offers_number_briefing_and_link() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    press(&mut app, "y");
    assert_eq!(
        press(&mut app, "n"),
        [Effect::Copy { what: "number", text: "+447700900001".into() }]
    );
    press(&mut app, "y");
    let text = format!("http://127.0.0.1:7464/api/leads/{}", testing::uuid(1));
    assert_eq!(press(&mut app, "l"), [Effect::Copy { what: "link", text }]);
    press(&mut app, "y");
    let out = press(&mut app, "b");
    assert!(
        matches!(&out[..], [Effect::Copy { what: "briefing", text }] if text.starts_with("Alex\nTier B: demo\n07700 900001"))
    );
}

#[test]
fn enter_opens_and_neither_dials_nor_confirms() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    assert_eq!(press(&mut app, "enter"), []);
    assert_eq!(app.context(), Context::Detail);
    assert_eq!(press(&mut app, "enter"), []);
    assert_eq!(press(&mut app, "esc"), []);
    assert_eq!(app.context(), Context::List);
}

#[test]
fn the_palette_does_what_it_finds_and_q_leaves() {
    let mut app = live(&[lead(1, "Alex")], Role::Rep);
    press(&mut app, ":");
    type_text(&mut app, "answers");
    press(&mut app, "enter");
    assert_eq!(app.screen, Screen::Queue(View::Answers));
    press(&mut app, "esc");
    assert_eq!(app.screen, Screen::Queue(View::Overnight));
    press(&mut app, "ctrl-p");
    type_text(&mut app, "q");
    assert_eq!(press(&mut app, "enter"), [Effect::Quit]);
    assert!(app.quitting);
}

#[test]
fn a_console_that_only_looks_on_refuses_every_change() {
    let mut app = live(&[lead(1, "Alex")], Role::Supervisor);
    app.options.readonly = true;
    for key in ["c", "d", "r", "o", "a", "s", "u", "R", "K", "space"] {
        assert_eq!(press(&mut app, key), [], "{key}");
        assert_eq!(app.prompt, None, "{key}");
        assert_eq!(toasts(&app).last(), Some(&"This console only looks on (--readonly)"), "{key}");
    }
}

#[test]
fn find_follows_while_it_is_typed_and_esc_goes_back() {
    let names = ["Alex", "Morag", "Dev", "Ffion", "Morgan"];
    let leads: Vec<_> = (1..).zip(names).map(|(n, name)| lead(n, name)).collect();
    let mut app = live(&leads, Role::Rep);
    press(&mut app, "/");
    type_text(&mut app, "ff");
    assert_eq!(app.selected(), Some(id(4)));
    press(&mut app, "esc");
    assert_eq!(app.selected(), Some(id(1)));
    press(&mut app, "/");
    type_text(&mut app, "mor");
    assert_eq!(app.selected(), Some(id(2)));
    press(&mut app, "enter n");
    assert_eq!(app.selected(), Some(id(5)));
    press(&mut app, "n");
    assert_eq!(app.selected(), Some(id(2)));
    press(&mut app, "N");
    assert_eq!(app.selected(), Some(id(5)));
    press(&mut app, "/");
    type_text(&mut app, "07700 900003");
    assert_eq!(app.selected(), Some(id(3)));
}

#[test]
fn a_filter_shows_what_fits_and_the_counts_stay_those_of_the_queue() {
    let mut leads = vec![lead(1, "Alex"), lead(2, "Morag"), lead(3, "Dev")];
    leads[1] = claimed(leads[1].clone(), "Tom", testing::MORNING);
    let mut app = live(&leads, Role::Rep);
    press(&mut app, "f");
    type_text(&mut app, "b free");
    let list = app.list().expect("a list");
    assert_eq!((list.len(), list.total()), (2, 3));
    press(&mut app, "enter esc");
    assert_eq!(app.list().map(|list| list.len()), Some(3));
}

#[test]
fn a_closed_lead_takes_a_note_but_no_outcome() {
    let mut app = live(&[lead(1, "Alex"), lead(2, "Morag")], Role::Rep);
    press(&mut app, "o 1");
    let tom = crate::domain::journal::Actor::Person(person("Tom"));
    let now = app.now();
    update(
        &mut app,
        now,
        testing::happened(101, tom.clone(), "lead.closed", closed(lead(1, "Alex"))),
    );
    assert_eq!(press(&mut app, "enter"), []);
    let prompt = app.prompt.as_ref().expect("the bar stays");
    assert_eq!(prompt.lead(), Some(id(1)));
    assert_eq!(prompt.told.as_deref(), Some("Tom closed it at 08:52:00"));
    assert_eq!(prompt.fault.as_deref(), Some("Alex is closed already: nothing was logged"));
}
