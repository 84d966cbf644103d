//! Any order of commands keeps what ringback promises.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::world::{World, rep};
use crate::domain::{
    command::Command,
    deadline,
    decision::{Answer, Refusal},
    ids::{LeadId, RepId},
    intent::Intent,
    journal::{Actor, EntryKind},
    lead::LeadState,
    outcome::Outcome,
    tier::Tier,
    touch::Heard,
};

/// What may happen next. Numbers pick from what exists then.
#[derive(Clone, Debug)]
enum Step {
    Call {
        number: Option<u8>,
        email: Option<u8>,
        tier: Option<Tier>,
        intent: usize,
        callback_in: Option<i64>,
        outcome: usize,
    },
    Claim {
        who: usize,
        lead: usize,
        take_over: bool,
    },
    Release {
        who: usize,
        lead: usize,
    },
    Reassign {
        who: usize,
        lead: usize,
        to: usize,
    },
    Outcome {
        who: usize,
        lead: usize,
        outcome: usize,
        callback_in: i64,
    },
    Note {
        who: usize,
        lead: usize,
    },
    Undo {
        who: usize,
        lead: usize,
    },
    Merge {
        who: usize,
        keep: usize,
        merge: usize,
    },
    Wait {
        minutes: i64,
    },
}

const PEOPLE: [&str; 3] = ["priya", "tom", "sam"];

fn step() -> impl Strategy<Value = Step> {
    let who = 0..PEOPLE.len();
    let lead = 0..12_usize;
    prop_oneof![
        5 => (prop::option::of(0..6_u8), prop::option::weighted(0.3, 0..4_u8), prop::option::of(prop::sample::select(Tier::ALL.to_vec())),
              0..Intent::ALL.len(), prop::option::weighted(0.2, -60..3000_i64), 0..12_usize)
            .prop_map(|(number, email, tier, intent, callback_in, outcome)| Step::Call { number, email, tier, intent, callback_in, outcome }),
        4 => (who.clone(), lead.clone(), any::<bool>()).prop_map(|(who, lead, take_over)| Step::Claim { who, lead, take_over }),
        2 => (who.clone(), lead.clone()).prop_map(|(who, lead)| Step::Release { who, lead }),
        1 => (who.clone(), lead.clone(), 0..5_usize).prop_map(|(who, lead, to)| Step::Reassign { who, lead, to }),
        3 => (who.clone(), lead.clone(), 0..Outcome::ALL.len(), -10..3000_i64)
            .prop_map(|(who, lead, outcome, callback_in)| Step::Outcome { who, lead, outcome, callback_in }),
        1 => (who.clone(), lead.clone()).prop_map(|(who, lead)| Step::Note { who, lead }),
        2 => (who.clone(), lead.clone()).prop_map(|(who, lead)| Step::Undo { who, lead }),
        1 => (who, lead.clone(), lead).prop_map(|(who, keep, merge)| Step::Merge { who, keep, merge }),
        3 => (0..2000_i64).prop_map(|minutes| Step::Wait { minutes }),
    ]
}

fn pick(world: &World, index: usize) -> Option<LeadId> {
    let ids: Vec<LeadId> = world.leads.keys().copied().collect();
    (!ids.is_empty()).then(|| ids[index % ids.len()])
}

fn in_minutes(world: &World, minutes: i64) -> Timestamp {
    world.now.checked_add(SignedDuration::from_mins(minutes)).expect("a time in range")
}

fn command(world: &mut World, step: &Step) -> Option<(Command, Actor)> {
    let actor = |who: &usize| rep(PEOPLE[*who]);
    Some(match step {
        Step::Call { number, email, tier, intent, callback_in, outcome } => {
            let number = number.map(|number| format!("+4477009001{number:02}"));
            let mut call = world.call(number.as_deref());
            call.caller.email = email.map(|email| format!("caller{email}@example.com"));
            call.touch.agent_tier = Heard { value: *tier, raw: None };
            call.touch.intent = Intent::ALL[*intent];
            call.touch.callback_at = callback_in.map(|minutes| in_minutes(world, minutes));
            call.touch.outcome = Heard {
                value: crate::domain::outcome::AgentOutcome::ALL.get(*outcome).copied(),
                raw: None,
            };
            (Command::Ingest(Box::new(call)), super::world::program())
        }
        Step::Claim { who, lead, take_over } => {
            (Command::Claim { lead: pick(world, *lead)?, take_over: *take_over }, actor(who))
        }
        Step::Release { who, lead } => (Command::Release { lead: pick(world, *lead)? }, actor(who)),
        Step::Reassign { who, lead, to } => {
            let to = ["priya", "tom", "sam", "team_sdr", "nobody"][*to].to_owned();
            (Command::Reassign { lead: pick(world, *lead)?, to }, actor(who))
        }
        Step::Outcome { who, lead, outcome, callback_in } => {
            let callback_at = Some(in_minutes(world, *callback_in));
            let command = Command::LogOutcome {
                lead: pick(world, *lead)?,
                outcome: Outcome::ALL[*outcome],
                note: None,
                callback_at,
            };
            (command, actor(who))
        }
        Step::Note { who, lead } => {
            (Command::AddNote { lead: pick(world, *lead)?, text: "A note.".into() }, actor(who))
        }
        Step::Undo { who, lead } => (Command::Undo { lead: pick(world, *lead)? }, actor(who)),
        Step::Merge { who, keep, merge } => {
            let ids: Vec<_> = world.contacts.keys().copied().collect();
            let (keep, merge) =
                (ids.get(keep % ids.len().max(1))?, ids.get(merge % ids.len().max(1))?);
            (Command::MergeContacts { keep: *keep, merge: *merge }, actor(who))
        }
        Step::Wait { .. } => return None,
    })
}

/// Carries a step out and checks what must hold of the change it made.
fn take(world: &mut World, step: &Step) {
    if let Step::Wait { minutes } = step {
        world.wait(SignedDuration::from_mins(*minutes));
        return;
    }
    let Some((command, actor)) = command(world, step) else { return };
    let ingest = matches!(command, Command::Ingest(_));
    let summary = match &command {
        Command::Ingest(call) => Some(call.touch.summary.clone()),
        _ => None,
    };
    let Ok(decision) = world.execute(command.clone(), &actor) else { return };
    for change in &decision.leads {
        let (Some(before), after) = (&change.before, &change.after) else { continue };
        if ingest && after.is_open() {
            assert!(
                after.tier.rank() <= before.tier.rank(),
                "a touch loosened the tier: {before:?} {after:?}"
            );
            assert!(
                after.due_at.unwrap_or(Timestamp::MAX) <= before.due_at.unwrap_or(Timestamp::MAX),
                "a touch loosened the clock: {before:?} {after:?}"
            );
        }
        assert!(after.touch_count >= before.touch_count, "a touch was lost");
    }
    if let (Answer::Routed(routed), Some(summary)) = (&decision.answer, summary) {
        let lead = world.lead(routed.lead_id);
        assert!(
            lead.newest().is_some_and(|touch| touch.summary.ends_with(&summary)),
            "the newest summary stands last"
        );
    }
    // The same wish once more: a claim held already, a lead given back already change nothing.
    if matches!(
        command,
        Command::Claim { take_over: false, .. }
            | Command::Release { .. }
            | Command::Reassign { .. }
    ) && let Ok(again) = world.decide(command, &actor)
    {
        let to_team = matches!(step, Step::Reassign { to: 3, .. });
        assert!(to_team || again.changes_nothing(), "a repeat changed something: {again:?}");
    }
}

fn invariants(world: &World) {
    for contact in world.contacts.values() {
        assert!(world.open_leads(contact.id).count() <= 1, "two rows for one person");
        for key in contact.keys() {
            let owners = world
                .contacts
                .values()
                .filter(|other| other.keys().any(|theirs| theirs == key))
                .count();
            assert_eq!(owners, 1, "{key:?} finds two contacts");
        }
    }
    for lead in world.leads.values() {
        assert!(world.contacts.contains_key(&lead.contact_id), "a lead without a contact");
        assert!(
            lead.is_open() || deadline::of(lead).count() == 0,
            "a deadline of a lead that waits for nobody"
        );
        assert!(
            deadline::of(lead).all(|deadline| deadline.at > world.now),
            "a deadline was missed"
        );
        assert!(!matches!(lead.state, LeadState::Booked) || lead.tier == Tier::A);
        let newest = world
            .journal
            .iter()
            .rev()
            .find_map(|(entry, kept)| (entry.lead == Some(lead.id)).then_some(kept.as_ref()));
        assert_eq!(newest.flatten(), Some(lead), "the journal replays to what is stored");
    }
    let arrived =
        world.journal.iter().filter(|(entry, _)| entry.kind == EntryKind::LeadArrived).count();
    assert_eq!(arrived, world.leads.len(), "every lead arrived once and none was lost");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_commands_keeps_the_promises(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::at("2026-08-28T14:30:00Z");
        for step in &steps {
            take(&mut world, step);
            // A lead whose clock started in the past is due at once: act on that before looking.
            world.wait(SignedDuration::ZERO);
            invariants(&world);
        }
    }

    #[test]
    fn of_any_claimants_exactly_one_wins_and_the_others_are_told_who(order in Just(PEOPLE.to_vec()).prop_shuffle(), tries in 1..4_usize) {
        let mut world = World::at("2026-09-01T08:52:00Z");
        let call = world.call(Some("+447700900123"));
        let (lead, _) = world.ingest(call);
        for who in order.iter().cycle().take(tries * PEOPLE.len()) {
            match world.execute(Command::Claim { lead, take_over: false }, &rep(who)) {
                Ok(_) => prop_assert_eq!(*who, order[0]),
                Err(refusal) => {
                    let told = match refusal {
                        Refusal::AlreadyClaimed { by, .. } => by,
                        other => panic!("an unexpected refusal: {other}"),
                    };
                    prop_assert_eq!(told, RepId(order[0].into()));
                }
            }
        }
    }
}
