use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::{
    carrier::Limits,
    domain::{
        call::{AnsweredBy, Dial, DialEvent, DialState, End},
        ids::{DialId, LeadId, RepId},
        outcome::Outcome,
        person::PersonRef,
    },
};

const START: &str = "2026-09-01T08:00:00Z";

/// A carrier whose clock stands still, and somebody who listens.
struct Morning {
    clock: Clock,
    carrier: Simulated,
    events: mpsc::UnboundedReceiver<Event>,
    dials: u128,
}

fn phone(text: &str) -> Phone {
    text.parse().expect("a phone number")
}

impl Morning {
    fn of(script: Script) -> Morning {
        let clock = Clock::manual(START.parse().expect("a timestamp"));
        let (sender, events) = mpsc::unbounded_channel();
        let carrier = Simulated::new(clock.clone(), phone("+442079460000"), script, sender);
        Morning { clock, carrier, events, dials: 0 }
    }

    fn with(scenario: Scenario, delivery: Delivery) -> Morning {
        Morning::of(Script::seeded(7).beginning_with([Play { scenario, delivery }]))
    }

    fn dial(&mut self, prospect: &str) -> (Dial, RingOrder) {
        self.dials += 1;
        let dial = Dial::requested(
            DialId(Uuid::from_u128(self.dials)),
            LeadId(Uuid::from_u128(1)),
            PersonRef { id: RepId("priya".into()), name: "Priya".into() },
            phone("+447700900456"),
            phone(prospect),
            self.clock.now(),
        );
        let order = RingOrder::of(&dial, "Siân".into(), Limits::default(), true);
        (dial, order)
    }

    /// Lets time pass, and hands over what is told of dials meanwhile, in the order in which it is told.
    async fn pass(&mut self, seconds: i64) -> Vec<DialEvent> {
        let mut told = Vec::new();
        for _ in 0..seconds * 10 {
            self.clock.advance(SignedDuration::from_millis(100));
            // Every teller that is due wakes, says its word and sleeps again.
            for _ in 0..4 {
                tokio::task::yield_now().await;
            }
            while let Ok(event) = self.events.try_recv() {
                if let Event::Dial(event) = event {
                    told.push(event);
                }
            }
        }
        told
    }
}

fn end(dial: &Dial) -> End {
    match dial.state() {
        DialState::Ended { end, .. } => end,
        other => panic!("not ended: {other:?}"),
    }
}

#[tokio::test]
async fn each_scenario_ends_as_it_says_and_rings_the_prospect_only_after_a_press_of_1() {
    let answered = End::Answered { by: AnsweredBy::Unknown };
    let machine = End::Answered { by: AnsweredBy::Machine };
    let talk = Scenario::Answered { talk_seconds: 45 };
    for (scenario, expected, outcome, rung) in [
        (talk, answered, Some(Outcome::Connected), 1),
        (Scenario::NoAnswer, End::NoAnswer, Some(Outcome::NoAnswer), 1),
        (Scenario::Busy, End::Busy, Some(Outcome::Busy), 1),
        (Scenario::Voicemail, machine, Some(Outcome::Voicemail), 1),
        (Scenario::Failed, End::Failed { sip: Some(404) }, Some(Outcome::WrongNumber), 1),
        (Scenario::RepMailbox, End::RepUnconfirmed, None, 0),
        (Scenario::RepNoAnswer, End::RepNoAnswer, None, 0),
    ] {
        let mut morning = Morning::with(scenario, Delivery::Prompt);
        let (dial, order) = morning.dial("+447700900123");
        let call = morning.carrier.ring(&order).await.expect("placed");
        let told = morning.pass(150).await;
        let dial = told.iter().fold(dial, Dial::apply);
        assert_eq!(end(&dial), expected, "{scenario:?}");
        assert_eq!(dial.likely_outcome(), outcome, "{scenario:?}");
        assert_eq!(dial.call(), Some(&call));
        assert_eq!(morning.carrier.rung(&order.prospect), rung, "{scenario:?}");
    }
}

#[tokio::test]
async fn however_badly_it_is_told_a_dial_ends_as_when_it_is_told_well() {
    let talk = Scenario::Answered { talk_seconds: 45 };
    for scenario in [talk, Scenario::Voicemail, Scenario::Busy, Scenario::RepMailbox] {
        let (mut ends, mut told_once) = (Vec::new(), 0);
        for delivery in [Delivery::Prompt, Delivery::Late, Delivery::Repeated, Delivery::Reordered]
        {
            let mut morning = Morning::with(scenario, delivery);
            let (dial, order) = morning.dial("+447700900123");
            morning.carrier.ring(&order).await.expect("placed");
            let told = morning.pass(150).await;
            let in_order = told.is_sorted_by_key(|event| event.at);
            match delivery {
                Delivery::Prompt | Delivery::Late => assert!(in_order, "{delivery:?}"),
                Delivery::Repeated => assert!(told.len() > told_once, "{told:#?}"),
                Delivery::Reordered => assert!(!in_order, "{told:#?}"),
            }
            told_once = told.len();
            ends.push(told.iter().fold(dial, Dial::apply));
        }
        assert!(ends.iter().all(|dial| *dial == ends[0]), "{scenario:?}: {ends:#?}");
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_a_call_that_can_be_found_and_goes_on() {
    let mut morning = Morning::with(Scenario::LostAnswer { talk_seconds: 30 }, Delivery::Prompt);
    let (dial, order) = morning.dial("+447700900123");
    let error = morning.carrier.ring(&order).await.expect_err("lost");
    assert!(error.outcome_unknown());
    let early = morning.pass(2).await;
    let search = Search { to: order.rep.clone(), since: dial.requested_at };
    let found = morning.carrier.find(&search).await.expect("a list");
    let [record] = &found[..] else { panic!("{found:?}") };
    assert_eq!(record.status, CallStatus::Ringing);
    // What the record tells is what the events told.
    let looked_up =
        record.as_events(dial.id, morning.clock.now()).iter().fold(dial.clone(), Dial::apply);
    assert_eq!(looked_up.state(), DialState::RepRinging);
    assert_eq!(looked_up.call(), Some(&record.call));
    let later = morning.pass(120).await;
    let dial = early.iter().chain(&later).fold(dial, Dial::apply);
    assert_eq!(end(&dial), End::Answered { by: AnsweredBy::Unknown });
    let late = Search { since: morning.clock.now(), ..search };
    assert_eq!(morning.carrier.find(&late).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_refused_order_rings_nobody() {
    let mut morning = Morning::with(Scenario::Refused, Delivery::Prompt);
    let (_, order) = morning.dial("+447700900123");
    let error = morning.carrier.ring(&order).await.expect_err("refused");
    assert!(!error.outcome_unknown() && !error.may_repeat());
    assert!(morning.pass(60).await.is_empty());
    assert_eq!(morning.carrier.rung(&order.prospect), 0);
}

#[tokio::test]
async fn a_hang_up_ends_a_dial_at_every_moment_and_after_the_end_does_nothing() {
    for tenths in (0..700).step_by(7) {
        for delivery in [Delivery::Prompt, Delivery::Reordered] {
            let mut morning = Morning::with(Scenario::Answered { talk_seconds: 30 }, delivery);
            let (dial, order) = morning.dial("+447700900123");
            let call = morning.carrier.ring(&order).await.expect("placed");
            let mut told = Vec::new();
            for _ in 0..tenths {
                morning.clock.advance(SignedDuration::from_millis(100));
            }
            told.extend(morning.pass(0).await);
            let over = morning.carrier.hang_up(&call).await.expect("an answer");
            told.extend(morning.pass(15).await);
            let dial = told.iter().fold(dial, Dial::apply);
            assert!(!dial.is_live(), "{tenths}: {over:?} {told:#?}");
            assert_eq!(morning.carrier.hang_up(&call).await, Ok(HangUp::AlreadyOver));
            let legs = morning.carrier.legs(&call).await.expect("records");
            assert!(legs.iter().all(|leg| matches!(leg.status, CallStatus::Over(_))), "{legs:#?}");
        }
    }
    let stranger = CallRef("CA0".into());
    let morning = Morning::of(Script::seeded(1));
    assert_eq!(morning.carrier.hang_up(&stranger).await, Ok(HangUp::AlreadyOver));
    assert_eq!(morning.carrier.legs(&stranger).await, Ok(Vec::new()));
}

#[tokio::test]
async fn hanging_up_during_the_whisper_leaves_the_prospect_alone() {
    let mut morning = Morning::with(Scenario::RepMailbox, Delivery::Prompt);
    let (dial, order) = morning.dial("+447700900123");
    let call = morning.carrier.ring(&order).await.expect("placed");
    let told = morning.pass(24).await;
    let dial = told.iter().fold(dial, Dial::apply);
    assert!(dial.met_reps_mailbox(), "{:?}", dial.state());
    assert_eq!(morning.carrier.hang_up(&call).await, Ok(HangUp::Ending));
    let dial = morning.pass(1).await.iter().fold(dial, Dial::apply);
    assert_eq!((end(&dial), dial.prospect_rung_at()), (End::RepUnconfirmed, None));
}

/// Everything told in a whole morning of dials.
async fn told_of(seed: u64, backwards: bool) -> Vec<DialEvent> {
    let mut morning = Morning::of(Script::seeded(seed));
    let mut prospects: Vec<u32> = (100..150).collect();
    if backwards {
        prospects.reverse();
    }
    for n in &prospects {
        let (_, mut order) = morning.dial(&format!("+447700900{n}"));
        order.dial = DialId(Uuid::from_u128((*n).into()));
        let _ = morning.carrier.ring(&order).await;
    }
    let mut told = morning.pass(330).await;
    told.sort_by_key(|event| (event.dial.0, event.at, format!("{:?}", event.what)));
    told
}

#[tokio::test]
async fn one_seed_is_one_morning_whoever_is_rung_first_and_another_seed_another() {
    let morning = told_of(11, false).await;
    assert_eq!(told_of(11, true).await, morning);
    assert_ne!(told_of(12, false).await, morning);
    assert!(morning.len() > 300, "{}", morning.len());
}

#[test]
fn by_chance_every_fate_and_every_delivery_comes_up_about_as_often_as_on_a_real_morning() {
    let mut script = Script::seeded(3);
    let plays: Vec<Play> =
        (0..2_000).map(|n| script.next(&mut Dice::of(3, "+447700900123", n))).collect();
    let share = |wanted: fn(&Play) -> bool| plays.iter().filter(|play| wanted(play)).count() / 20;
    let answered = |play: &Play| {
        matches!(play.scenario, Scenario::Answered { .. } | Scenario::LostAnswer { .. })
    };
    assert!((40..55).contains(&share(answered)), "{}", share(answered));
    for wanted in [
        |play: &Play| play.scenario == Scenario::NoAnswer,
        |play: &Play| play.scenario == Scenario::Voicemail,
        |play: &Play| play.scenario == Scenario::Busy,
        |play: &Play| play.scenario == Scenario::Failed,
        |play: &Play| play.scenario == Scenario::RepMailbox,
        |play: &Play| play.scenario == Scenario::RepNoAnswer,
        |play: &Play| matches!(play.scenario, Scenario::LostAnswer { .. }),
        |play: &Play| play.delivery == Delivery::Late,
        |play: &Play| play.delivery == Delivery::Repeated,
        |play: &Play| play.delivery == Delivery::Reordered,
    ] {
        assert!(share(wanted) > 0);
    }
}

#[tokio::test]
async fn the_list_of_a_span_holds_both_legs_of_the_calls_that_started_in_it() {
    let mut morning = Morning::with(Scenario::Answered { talk_seconds: 30 }, Delivery::Prompt);
    let (_, order) = morning.dial("+447700900123");
    morning.carrier.ring(&order).await.expect("placed");
    morning.pass(90).await;
    let start: Timestamp = START.parse().expect("a timestamp");
    let all = morning.carrier.calls_between(start, morning.clock.now()).await.expect("a list");
    assert_eq!(all.len(), 2, "{all:#?}");
    assert_eq!(all.iter().filter(|leg| leg.parent.is_some()).count(), 1);
    assert_eq!(
        morning.carrier.calls_between(morning.clock.now(), Timestamp::MAX).await,
        Ok(vec![])
    );
}

#[tokio::test]
async fn a_text_is_delivered_and_the_account_is_in_order() {
    let mut morning = Morning::of(Script::seeded(1));
    let id = Uuid::from_u128(5);
    let order = TextOrder {
        id,
        to: phone("+447700900123"),
        body: "Sorry we missed you".into(),
        valid_for: Duration::from_secs(600),
    };
    let sent = morning.carrier.send_text(&order).await.expect("sent");
    assert_eq!(sent.fate, TextFate::Taken);
    let mut fates = Vec::new();
    for _ in 0..50 {
        morning.clock.advance(SignedDuration::from_millis(100));
        tokio::task::yield_now().await;
        while let Ok(Event::Text { id: told, fate }) = morning.events.try_recv() {
            assert_eq!(told, id);
            fates.push(fate);
        }
    }
    assert_eq!(fates, [TextFate::Sent, TextFate::Delivered]);
    assert!(morning.carrier.probe().await.expect("an account").active);
}
