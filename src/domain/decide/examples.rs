//! The rules by example: each test reads as the sentence it proves.

use jiff::SignedDuration;

use super::world::{World, at, phone, program, rep};
use crate::domain::{
    command::Command,
    decision::{Answer, Refusal},
    ids::RepId,
    intent::Intent,
    journal::EntryKind,
    lead::{LeadState, Owner},
    outcome::{AgentOutcome, Outcome},
    person::{Leave, Presence},
    queue::View,
    signals::{Signals, Urgency},
    tier::Tier,
    touch::{Heard, Ingest},
};

/// Tuesday after the Summer bank holiday, eight minutes before the desk opens.
const MORNING: &str = "2026-09-01T07:52:00Z";

fn large() -> Signals {
    Signals { team_size: Some(15), ..Signals::default() }
}

fn ended(call: &mut Ingest, when: &str) {
    call.touch.ended_at = at(when);
}

fn kinds(world: &World) -> Vec<&'static str> {
    world.journal.iter().map(|(entry, _)| entry.kind.as_str()).collect()
}

#[test]
fn a_large_deal_at_night_is_a_b_due_a_quarter_past_opening_after_the_whole_bank_holiday_weekend() {
    let mut world = World::at(MORNING);
    let mut call = world.call(Some("+447700900123"));
    ended(&mut call, "2026-08-29T01:10:00Z");
    call.signals = large();
    let (id, merged) = world.ingest(call);
    let lead = world.lead(id);
    assert!(!merged);
    assert_eq!((lead.tier, lead.queue.as_str(), lead.after_hours), (Tier::B, "team_sdr", true));
    assert_eq!(lead.opens_at, Some(at("2026-09-01T08:00:00Z")));
    assert_eq!(lead.due_at, Some(at("2026-09-01T08:15:00Z")));
    assert!(
        View::Overnight.shows(&lead.standing(), None)
            && !View::Callbacks.shows(&lead.standing(), None)
    );
    assert_eq!(lead.reason, "Tier B by rule \"large deal\": new enquiry, team of 15. Priya is the least loaded of team_sdr present.".replace("new enquiry", "demo"));
}

#[test]
fn in_hours_a_b_is_due_in_five_minutes_and_a_c_in_two_business_hours_over_the_weekend() {
    let mut world = World::at("2026-08-28T15:30:00Z");
    let mut urgent = world.call(Some("+447700900101"));
    urgent.signals = large();
    let (urgent, _) = world.ingest(urgent);
    assert_eq!(world.lead(urgent).due_at, Some(at("2026-08-28T15:35:00Z")));
    // 16:30 on the Friday before a bank-holiday Monday: half an hour today, the rest on Tuesday.
    let standard = world.call(Some("+447700900102"));
    let (standard, _) = world.ingest(standard);
    assert_eq!(world.lead(standard).tier, Tier::C);
    assert_eq!(world.lead(standard).due_at, Some(at("2026-09-01T09:30:00Z")));
    assert!(View::Callbacks.shows(&world.lead(standard).standing(), None));
}

#[test]
fn the_starter_rules_decide_in_their_order() {
    let urgent = Signals { urgency: Some(Urgency::Urgent), ..Signals::default() };
    let asked = Heard { value: Some(AgentOutcome::Answered), raw: None };
    let booked = Heard { value: Some(AgentOutcome::Booked), raw: None };
    let silent = Heard::default();
    let rows = [
        ("new_enquiry_demo", large(), &booked, Tier::A, "booked"),
        ("support", urgent.clone(), &silent, Tier::B, "support"),
        ("support", large(), &silent, Tier::C, "support"),
        ("partnership", large(), &silent, Tier::C, "partnerships"),
        ("unclear", large(), &silent, Tier::C, "general"),
        ("pricing", large(), &silent, Tier::B, "team_sdr"),
        (
            "new_enquiry",
            Signals { sites: Some(2), ..Signals::default() },
            &silent,
            Tier::B,
            "team_sdr",
        ),
        (
            "new_enquiry_quote",
            Signals { deal_value_pence: Some(500_000), ..Signals::default() },
            &silent,
            Tier::B,
            "team_sdr",
        ),
        (
            "new_enquiry_quote",
            Signals { deal_value_pence: Some(499_999), ..Signals::default() },
            &silent,
            Tier::C,
            "team_sdr",
        ),
        ("new_enquiry", urgent, &silent, Tier::C, "team_sdr"),
        ("pricing", Signals::default(), &silent, Tier::C, "team_sdr"),
        ("pricing", Signals::default(), &asked, Tier::D, "answers"),
        ("new_enquiry_discovery", Signals::default(), &asked, Tier::D, "answers"),
    ];
    for (number, (intent, signals, outcome, tier, queue)) in rows.into_iter().enumerate() {
        let mut world = World::at(MORNING);
        let mut call = world.call(Some("+447700900123"));
        call.touch.intent = Intent::read(intent).expect("an intent");
        call.signals = signals;
        call.touch.outcome = outcome.clone();
        let (id, _) = world.ingest(call);
        let lead = world.lead(id);
        assert_eq!(
            (lead.tier, lead.queue.as_str()),
            (tier, queue),
            "row {number}: {}",
            lead.reason
        );
    }
}

#[test]
fn the_agents_tier_is_honoured_unless_the_rules_overrule_it_and_both_are_kept() {
    let mut world = World::at(MORNING);
    let mut call = world.call(Some("+447700900123"));
    call.touch.agent_tier = Heard { value: Some(Tier::B), raw: None };
    let (id, _) = world.ingest(call.clone());
    assert_eq!(world.lead(id).tier, Tier::B);
    assert!(
        world.lead(id).reason.starts_with("Tier B sent by the agent; rule \"new enquiry\""),
        "{}",
        world.lead(id).reason
    );

    let mut world = World::at(MORNING);
    world.policy.overrule_agent_tier = true;
    let (id, _) = world.ingest(call.clone());
    assert_eq!(world.lead(id).tier, Tier::C);
    assert_eq!(world.lead(id).newest().expect("a touch").agent_tier.value, Some(Tier::B));

    let mut world = World::at(MORNING);
    call.touch.agent_tier = Heard { value: None, raw: Some("Z".into()) };
    let (id, _) = world.ingest(call);
    assert_eq!(world.lead(id).tier, Tier::C);
    assert!(world.lead(id).reason.contains("the agent sent \"Z\", which is no tier"));
}

#[test]
fn a_booking_that_failed_is_a_priority_callback_with_the_reason_in_the_summary() {
    for outcome in [AgentOutcome::BookingFailed, AgentOutcome::CallbackLater] {
        let mut world = World::at(MORNING);
        let mut call = world.call(Some("+447700900123"));
        call.touch.agent_tier = Heard { value: Some(Tier::A), raw: None };
        call.touch.outcome = Heard { value: Some(outcome), raw: None };
        let (id, _) = world.ingest(call);
        let lead = world.lead(id);
        assert_eq!((lead.tier, &lead.state), (Tier::B, &LeadState::Waiting), "{outcome:?}");
        assert!(
            lead.newest().expect("a touch").summary.starts_with("Booking failed. "),
            "{outcome:?}"
        );
    }
}

#[test]
fn form_first_call_and_re_call_are_one_contact_and_one_row() {
    let mut world = World::at("2026-09-01T09:00:00Z");
    let mut form = world.call(None);
    form.caller.email = Some("alex@example.com".into());
    form.caller.name = Some("Alex Rivera".into());
    form.touch.source = "web_form".into();
    let (first, _) = world.ingest(form);
    let mut call = world.call(Some("+447700900123"));
    call.caller.email = Some("alex@example.com".into());
    let (second, merged) = world.ingest(call);
    assert!(merged && second == first);
    world.wait(SignedDuration::from_mins(90));
    let mut again = world.call(Some("+447700900123"));
    again.signals = large();
    let (third, merged) = world.ingest(again);
    assert!(merged && third == first);
    let lead = world.lead(first);
    assert_eq!((lead.touch_count, lead.tier), (3, Tier::B));
    assert_eq!(lead.due_at, Some(at("2026-09-01T10:35:00Z")));
    assert_eq!(world.contacts.len(), 1);
    assert_eq!(kinds(&world), ["lead.arrived", "lead.touched", "lead.touched"]);

    // A later, less urgent call loosens nothing.
    let mut calm = world.call(Some("+447700900123"));
    calm.touch.agent_tier = Heard { value: Some(Tier::D), raw: None };
    world.ingest(calm);
    assert_eq!(
        (world.lead(first).tier, world.lead(first).due_at),
        (Tier::B, Some(at("2026-09-01T10:35:00Z")))
    );
}

#[test]
fn two_withheld_callers_are_never_the_same_contact_and_our_own_numbers_are_nobodys() {
    let mut world = World::at(MORNING);
    world.policy.own_numbers = vec![phone("+442079460000")];
    world.people[0].phone = Some(phone("+447700900999"));
    for number in [None, None, Some("+442079460000"), Some("+442079460000"), Some("+447700900999")]
    {
        let call = world.call(number);
        let (_, merged) = world.ingest(call);
        assert!(!merged);
    }
    assert_eq!(world.contacts.len(), 5);
    assert!(world.contacts.values().all(|contact| contact.phones.is_empty()));
}

#[test]
fn phone_beats_email_and_the_pair_is_shown_once_and_merges_with_one_key() {
    let mut world = World::at("2026-09-01T09:00:00Z");
    let by_phone = world.call(Some("+447700900101"));
    let (one, _) = world.ingest(by_phone);
    let mut by_email = world.call(None);
    by_email.caller.email = Some("a@example.com".into());
    by_email.signals = large();
    let (two, _) = world.ingest(by_email);
    for _ in 0..2 {
        let mut both = world.call(Some("+447700900101"));
        both.caller.email = Some("a@example.com".into());
        assert_eq!(world.ingest(both), (one, true));
    }
    let told =
        world.journal.iter().filter(|(entry, _)| entry.kind == EntryKind::ContactDuplicate).count();
    assert_eq!(told, 1);

    let (keep, merge) = (world.lead(one).contact_id, world.lead(two).contact_id);
    let command = Command::MergeContacts { keep, merge };
    assert_eq!(world.execute(command.clone(), &rep("tom")), Err(Refusal::SupervisorOnly));
    world.execute(command, &rep("sam")).expect("a supervisor merges");
    assert!(world.lead(two).is_closed());
    let kept = world.lead(one);
    assert_eq!(
        (kept.tier, kept.touch_count, kept.due_at),
        (Tier::B, 4, Some(at("2026-09-01T09:05:00Z")))
    );
    assert_eq!(world.contacts[&keep].emails, ["a@example.com"]);
    assert!(world.contacts[&keep].possible_duplicates.is_empty());
}

#[test]
fn a_wish_to_be_rung_at_four_moves_the_clock_there_and_comes_back_then() {
    let mut world = World::at("2026-09-01T09:00:00Z");
    let mut call = world.call(Some("+447700900123"));
    call.touch.callback_at = Some(at("2026-09-01T15:00:00Z"));
    let (id, _) = world.ingest(call);
    assert_eq!(world.lead(id).due_at, Some(at("2026-09-01T15:00:00Z")));
    assert_eq!(world.lead(id).state, LeadState::Scheduled { until: at("2026-09-01T15:00:00Z") });
    world.wait(SignedDuration::from_hours(6));
    assert_eq!(world.lead(id).state, LeadState::Waiting);
    assert_eq!(kinds(&world), ["lead.arrived", "lead.due"]);
}

#[test]
fn work_goes_to_the_least_loaded_present_and_never_to_a_person_on_leave() {
    let mut world = World::at("2026-09-01T09:00:00Z");
    let mut owners = Vec::new();
    for number in 101..105 {
        let call = world.call(Some(&format!("+447700900{number}")));
        let (id, _) = world.ingest(call);
        owners.push(world.lead(id).owner.clone());
    }
    let person = |id: &str| Some(Owner::Person(RepId(id.into())));
    assert_eq!(owners, [person("priya"), person("tom"), person("priya"), person("tom")]);

    let today = jiff::civil::date(2026, 9, 1);
    world.people[0].leave = vec![Leave { from: today, to: today }];
    let call = world.call(Some("+447700900105"));
    let (id, _) = world.ingest(call);
    assert_eq!(world.lead(id).owner, person("tom"));

    world.people[1].presence = Presence::Away;
    let call = world.call(Some("+447700900106"));
    let (id, _) = world.ingest(call);
    assert_eq!(world.lead(id).owner, Some(Owner::Team("team_sdr".into())));
    assert_eq!(kinds(&world).last(), Some(&"lead.unstaffed"));

    // Away now says nothing of tomorrow's opening.
    let mut tonight = world.call(Some("+447700900107"));
    ended(&mut tonight, "2026-09-01T20:00:00Z");
    world.now = at("2026-09-01T20:00:00Z");
    let (id, _) = world.ingest(tonight);
    assert_eq!(world.lead(id).owner, person("priya"), "back from leave tomorrow, and free");
}

#[test]
fn a_claim_without_a_dial_goes_back_after_the_lease_and_a_note_keeps_it() {
    let mut world = World::at("2026-09-01T08:00:00Z");
    let call = world.call(Some("+447700900123"));
    let (id, _) = world.ingest(call);
    world.execute(Command::Claim { lead: id, take_over: false }, &rep("priya")).expect("free");
    world.wait(SignedDuration::from_mins(4));
    world
        .execute(
            Command::AddNote { lead: id, text: "Engaged, trying again.".into() },
            &rep("priya"),
        )
        .expect("hers");
    world.wait(SignedDuration::from_mins(4));
    assert!(world.lead(id).claim().is_some());
    world.wait(SignedDuration::from_mins(2));
    assert_eq!(world.lead(id).state, LeadState::Waiting);
    let (entry, _) = world.journal.last().expect("an entry");
    assert_eq!(entry.kind, EntryKind::LeadReleased);
    assert_eq!(entry.detail["why"], "lease_expired");
    assert_eq!(entry.detail["held_by"]["name"], "Priya");
}

#[test]
fn only_the_holder_or_a_supervisor_works_on_a_claimed_lead() {
    let mut world = World::at("2026-09-01T08:00:00Z");
    let call = world.call(Some("+447700900123"));
    let (id, _) = world.ingest(call);
    world.execute(Command::Claim { lead: id, take_over: false }, &rep("priya")).expect("free");
    let log = Command::LogOutcome {
        lead: id,
        outcome: Outcome::Connected,
        note: None,
        callback_at: None,
    };
    assert!(matches!(world.decide(log.clone(), &rep("tom")), Err(Refusal::AlreadyClaimed { .. })));
    assert_eq!(world.decide(Command::Release { lead: id }, &rep("tom")), Err(Refusal::NotYours));
    assert_eq!(
        world.decide(Command::Claim { lead: id, take_over: true }, &rep("tom")),
        Err(Refusal::SupervisorOnly)
    );
    assert_eq!(
        world.decide(Command::Claim { lead: id, take_over: false }, &program()),
        Err(Refusal::PersonOnly)
    );
    let decision = world
        .execute(Command::Claim { lead: id, take_over: true }, &rep("sam"))
        .expect("a supervisor takes over");
    assert_eq!(decision.entries[0].detail["taken_from"]["id"], "priya");
    world.execute(log, &rep("sam")).expect("hers now");
    assert!(world.lead(id).is_closed());
}

#[test]
fn nobody_reached_climbs_the_ladder_and_its_end_is_due_at_once() {
    let mut world = World::at("2026-09-01T15:00:00Z");
    let call = world.call(Some("+447700900123"));
    let (id, _) = world.ingest(call);
    let log = |world: &mut World, outcome| {
        world
            .execute(
                Command::LogOutcome { lead: id, outcome, note: None, callback_at: None },
                &rep("priya"),
            )
            .expect("free");
        world.lead(id).due_at.expect("a due time")
    };
    assert_eq!(log(&mut world, Outcome::Voicemail), at("2026-09-01T15:15:00Z"));
    // Two business hours from 16:00 London are 10:00 the next morning... in London's summer time 09:00 UTC.
    assert_eq!(
        log(&mut world, Outcome::NoAnswer),
        at("2026-09-02T08:00:00Z").checked_add(SignedDuration::from_hours(1)).expect("in range")
    );
    assert_eq!(log(&mut world, Outcome::Busy), at("2026-09-02T08:00:00Z"));
    assert_eq!(log(&mut world, Outcome::NoAnswer), world.now);
    assert_eq!((world.lead(id).attempts, &world.lead(id).state), (4, &LeadState::Waiting));
}

#[test]
fn undo_takes_back_ones_own_last_change_and_nothing_else() {
    let mut world = World::at("2026-09-01T08:00:00Z");
    let call = world.call(Some("+447700900123"));
    let (id, _) = world.ingest(call);
    let before = world.lead(id).clone();
    let opted_out =
        Command::LogOutcome { lead: id, outcome: Outcome::OptedOut, note: None, callback_at: None };
    world.execute(opted_out.clone(), &rep("priya")).expect("free");
    assert!(world.contacts[&before.contact_id].opted_out);
    assert_eq!(world.decide(Command::Undo { lead: id }, &rep("tom")), Err(Refusal::NothingToUndo));
    world.execute(Command::Undo { lead: id }, &rep("priya")).expect("hers, and the last");
    assert!(!world.contacts[&before.contact_id].opted_out);
    let after = world.lead(id);
    assert_eq!((&after.state, after.outcome, after.due_at), (&before.state, None, before.due_at));
    assert_eq!(
        world.decide(Command::Undo { lead: id }, &rep("priya")),
        Err(Refusal::NothingToUndo)
    );

    // A new call of the same person came after the close: undoing would make two rows.
    let close = Command::LogOutcome {
        lead: id,
        outcome: Outcome::Connected,
        note: None,
        callback_at: None,
    };
    world.execute(close, &rep("priya")).expect("free");
    let call = world.call(Some("+447700900123"));
    let (newer, merged) = world.ingest(call);
    assert!(!merged && newer != id);
    assert_eq!(
        world.decide(Command::Undo { lead: id }, &rep("priya")),
        Err(Refusal::NothingToUndo)
    );
}

#[test]
fn what_is_left_of_the_night_at_close_is_carried_over_and_stays_in_the_queue() {
    let mut world = World::at(MORNING);
    let mut call = world.call(Some("+447700900123"));
    ended(&mut call, "2026-08-31T20:00:00Z");
    let (id, _) = world.ingest(call);
    world.wait(SignedDuration::from_hours(9));
    let lead = world.lead(id);
    assert!(lead.carried_over && View::Overnight.shows(&lead.standing(), None));
    assert_eq!(kinds(&world), ["lead.arrived", "lead.due", "lead.carried_over"]);
}

#[test]
fn a_caller_who_opts_out_or_was_put_through_waits_for_nobody() {
    let mut world = World::at("2026-09-01T09:00:00Z");
    let call = world.call(Some("+447700900123"));
    let (first, _) = world.ingest(call);
    let mut stop = world.call(Some("+447700900123"));
    stop.touch.outcome = Heard { value: Some(AgentOutcome::OptedOut), raw: None };
    assert_eq!(world.ingest(stop), (first, true));
    let lead = world.lead(first);
    assert_eq!((lead.is_closed(), lead.outcome), (true, Some(Outcome::OptedOut)));
    assert!(world.contacts[&lead.contact_id].opted_out);

    let mut through = world.call(Some("+447700900124"));
    through.touch.outcome = Heard { value: Some(AgentOutcome::Transferred), raw: None };
    let (id, _) = world.ingest(through);
    assert_eq!(
        (world.lead(id).outcome, world.lead(id).first_contact_at),
        (Some(Outcome::Connected), Some(world.now))
    );
}

#[test]
fn an_ingests_answer_says_where_the_lead_went() {
    let mut world = World::at("2026-09-01T09:00:00Z");
    let call = world.call(Some("+447700900123"));
    let expected = (call.lead_id, call.contact_id);
    let decision =
        world.execute(Command::Ingest(Box::new(call)), &program()).expect("never refused");
    let Answer::Routed(routed) = decision.answer else {
        panic!("an ingest is answered with its routing")
    };
    assert_eq!((routed.lead_id, routed.contact_id), expected);
    assert_eq!(
        (routed.tier, routed.queue.as_str(), routed.owner.as_deref()),
        (Tier::C, "team_sdr", Some("priya"))
    );
    assert_eq!(routed.due_at, Some(at("2026-09-01T11:00:00Z")));
}
