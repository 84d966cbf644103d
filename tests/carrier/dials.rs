//! Click to dial, from the order to the last callback.

use std::time::Duration;

use ringback::{
    carrier::{Carrier, HangUp},
    domain::{
        call::{AnsweredBy, DialEvent, DialState, End, What},
        outcome::Outcome,
    },
};

use crate::{
    office::{Office, PROSPECT, REP, end},
    standin::{ACCOUNT, Does, OURS, Options, Talks, Telling},
};

const PERSON: End = End::Answered { by: AnsweredBy::Person };

fn names(states: &[DialState]) -> Vec<&'static str> {
    states.iter().map(DialState::as_str).collect()
}

#[tokio::test]
async fn a_press_of_1_rings_the_prospect_and_both_are_followed_to_the_end() {
    let office = Office::open().await;
    office.twilio.person(REP, Does::REP);
    office.twilio.person(PROSPECT, Does::talk(90));
    let dial = office.dial(REP, PROSPECT).await;

    assert_eq!((end(&dial), dial.likely_outcome()), (PERSON, Some(Outcome::Connected)));
    assert!(
        matches!(dial.state(), DialState::Ended { talk_seconds: 85..=95, .. }),
        "{:?}",
        dial.state()
    );
    assert_eq!(
        names(&office.desk().states),
        ["requested", "rep_ringing", "rep_answered", "prospect_ringing", "connected", "ended"]
    );
    assert_eq!((office.twilio.rung(REP), office.twilio.rung(PROSPECT)), (1, 1));
    let (rep, prospect) =
        (office.twilio.call_of(REP).unwrap(), office.twilio.call_of(PROSPECT).unwrap());
    assert_eq!(rep.heard, ["Callback for Siân O'Brien & Sons. Press 1 to connect."]);
    assert_eq!((prospect.from.as_str(), prospect.parent), (OURS, Some(rep.sid.clone())));
    assert_eq!(dial.call().map(|call| call.as_str()), Some(rep.sid.as_str()));
    assert_eq!(dial.prospect_call().map(|call| call.as_str()), Some(prospect.sid.as_str()));
    assert_eq!((office.twilio.warnings(), office.desk().refused), (Vec::new(), 0));
}

#[tokio::test]
async fn whatever_meets_the_prospects_phone_is_told_as_it_is() {
    for (does, expected, outcome) in [
        (Does::NoAnswer, End::NoAnswer, Outcome::NoAnswer),
        (Does::Busy, End::Busy, Outcome::Busy),
        (Does::Unreachable { sip: 404 }, End::Failed { sip: Some(404) }, Outcome::WrongNumber),
        (Does::Unreachable { sip: 503 }, End::Failed { sip: Some(503) }, Outcome::NoAnswer),
        (
            Does::Mailbox { after: 12 },
            End::Answered { by: AnsweredBy::Machine },
            Outcome::Voicemail,
        ),
    ] {
        let office = Office::open().await;
        office.twilio.person(REP, Does::REP);
        office.twilio.person(PROSPECT, does);
        let dial = office.dial(REP, PROSPECT).await;
        assert_eq!((end(&dial), dial.likely_outcome()), (expected, Some(outcome)), "{does:?}");
        assert_eq!(office.twilio.warnings(), [], "{does:?}");
    }
}

#[tokio::test]
async fn a_rep_who_does_not_press_1_never_rings_a_prospect() {
    let other_key = Does::Answer { after: 2, presses: Some('2'), talks: Talks::UntilHungUp };
    let silent = Does::Answer { after: 2, presses: None, talks: Talks::UntilHungUp };
    for (does, expected) in [
        (Does::Mailbox { after: 15 }, End::RepUnconfirmed),
        (silent, End::RepUnconfirmed),
        (other_key, End::RepUnconfirmed),
        (Does::NoAnswer, End::RepNoAnswer),
        (Does::Busy, End::RepBusy),
        (Does::Unreachable { sip: 480 }, End::RepFailed),
    ] {
        let office = Office::open().await;
        office.twilio.person(REP, does);
        office.twilio.person(PROSPECT, Does::talk(60));
        let dial = office.dial(REP, PROSPECT).await;
        assert_eq!((end(&dial), dial.likely_outcome()), (expected, None), "{does:?}");
        assert_eq!(office.twilio.rung(PROSPECT), 0, "{does:?}");
        assert!(office.twilio.calls().iter().all(|call| call.to == REP), "{does:?}");
    }
}

#[tokio::test]
async fn a_reps_mailbox_is_left_as_soon_as_it_is_heard_to_be_one() {
    let office = Office::open().await;
    office.twilio.person(REP, Does::Mailbox { after: 2 });
    office.dial(REP, PROSPECT).await;
    let call = office.twilio.call_of(REP).unwrap();
    assert_eq!(call.answered_by.as_deref(), Some("machine_start"));
    let update =
        ("POST".to_owned(), format!("/2010-04-01/Accounts/{ACCOUNT}/Calls/{}.json", call.sid));
    assert!(office.twilio.requests().contains(&update), "we did not hang up: {call:#?}");
}

#[tokio::test]
async fn callbacks_told_twice_late_or_out_of_order_end_the_same() {
    for telling in [
        Telling::Twice,
        Telling::UpTo(Duration::from_millis(400)),
        Telling::TwiceUpTo(Duration::from_millis(400)),
    ] {
        let office = Office::open().await;
        office.twilio.tell(telling);
        office.twilio.person(REP, Does::REP);
        office.twilio.person(PROSPECT, Does::talk(45));
        office.dial(REP, PROSPECT).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let dial = office.current();
        assert_eq!(
            (end(&dial), dial.likely_outcome()),
            (PERSON, Some(Outcome::Connected)),
            "{telling:?}"
        );
        assert_eq!(office.twilio.rung(PROSPECT), 1, "{telling:?}");
        let mut order = names(&office.desk().states);
        let told = order.clone();
        order.sort_by_key(|state| {
            let all = [
                "requested",
                "rep_ringing",
                "rep_answered",
                "prospect_ringing",
                "connected",
                "ended",
            ];
            all.iter().position(|known| known == state)
        });
        assert_eq!(told, order, "a state was left and came back");
    }
}

#[tokio::test]
async fn without_any_status_callback_the_end_is_still_told_and_the_rest_can_be_looked_up() {
    let office = Office::open().await;
    office.twilio.tell(Telling::Never);
    office.twilio.person(REP, Does::REP);
    office.twilio.person(PROSPECT, Does::Busy);
    let order = office.intend(REP, PROSPECT);
    let call = office.carrier.ring(&order).await.unwrap();
    office.twilio.until_quiet().await;
    // The documents were asked for, and those requests are events too.
    assert_eq!(end(&office.settled().await), End::Busy);

    // Nobody answers the rep's phone: no document is asked for, and nothing at all is told.
    office.twilio.person(REP, Does::NoAnswer);
    let order = office.intend(REP, PROSPECT);
    let silent = office.carrier.ring(&order).await.unwrap();
    office.twilio.until_quiet().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(office.current().is_live());
    for record in office.carrier.legs(&silent).await.unwrap() {
        let asked_at = ringback::clock::Clock::System.now();
        record.as_events(order.dial, asked_at).iter().for_each(|event| office.note(event));
    }
    assert_eq!(end(&office.current()), End::RepNoAnswer);
    assert_ne!(call, silent);
}

#[tokio::test]
async fn a_hang_up_from_the_console_ends_the_dial_wherever_it_stands() {
    for (stage, expected) in [
        ("ringing", End::CalledOff),
        ("whisper", End::CalledOff),
        ("prospect", End::LetGo),
        ("talk", PERSON),
    ] {
        let office =
            Office::with(Options { second: Duration::from_millis(25), ..Options::default() }).await;
        let presses = (stage != "whisper").then_some('1');
        office.twilio.person(REP, Does::Answer { after: 4, presses, talks: Talks::UntilHungUp });
        office
            .twilio
            .person(PROSPECT, Does::Answer { after: 6, presses: None, talks: Talks::UntilHungUp });
        let order = office.intend(REP, PROSPECT);
        let call = office.carrier.ring(&order).await.unwrap();
        let (party, status) = match stage {
            "ringing" => (REP, "ringing"),
            "whisper" => (REP, "in-progress"),
            "prospect" => (PROSPECT, "ringing"),
            _ => (PROSPECT, "in-progress"),
        };
        office
            .twilio
            .until(stage, |calls| {
                calls.iter().any(|call| call.to == party && call.status == status)
            })
            .await;
        if stage == "talk" {
            // Long enough to be judged.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        office.note(&DialEvent {
            dial: order.dial,
            at: ringback::clock::Clock::System.now(),
            what: What::HangUpAsked,
        });
        assert_eq!(office.carrier.hang_up(&call).await, Ok(HangUp::Ending), "{stage}");
        let dial = office.settled().await;
        assert_eq!(end(&dial), expected, "{stage}");
        assert_eq!(office.twilio.rung(PROSPECT), usize::from(party == PROSPECT), "{stage}");
        assert_eq!(office.carrier.hang_up(&call).await, Ok(HangUp::AlreadyOver), "{stage}");
    }
}

#[tokio::test]
async fn a_dial_that_was_called_off_does_not_ring_the_prospect_though_the_rep_presses_1() {
    let office = Office::open().await;
    office.twilio.person(REP, Does::REP);
    office.twilio.person(PROSPECT, Does::talk(60));
    let order = office.intend(REP, PROSPECT);
    office.note(&DialEvent {
        dial: order.dial,
        at: ringback::clock::Clock::System.now(),
        what: What::HangUpAsked,
    });
    office.carrier.ring(&order).await.unwrap();
    assert_eq!(end(&office.settled().await), End::CalledOff);
    assert_eq!(office.twilio.rung(PROSPECT), 0);
}

#[tokio::test]
async fn whoever_rings_off_first_ends_it_for_both() {
    for party in [REP, PROSPECT] {
        let office = Office::open().await;
        office.twilio.person(REP, Does::REP);
        office
            .twilio
            .person(PROSPECT, Does::Answer { after: 3, presses: None, talks: Talks::UntilHungUp });
        let order = office.intend(REP, PROSPECT);
        office.carrier.ring(&order).await.unwrap();
        office.until("the talk", |desk| names(&desk.states).contains(&"connected")).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        office.twilio.hang_up(party);
        let dial = office.settled().await;
        assert_eq!(
            (end(&dial), dial.likely_outcome()),
            (PERSON, Some(Outcome::Connected)),
            "{party}"
        );
        assert!(office.twilio.calls().iter().all(|call| call.status == "completed"), "{party}");
    }
}

#[tokio::test]
async fn extensions_of_both_are_dialled_after_the_answer() {
    let office = Office::open().await;
    office.twilio.person("+442079460958", Does::REP);
    office.twilio.person("+441632960001", Does::talk(30));
    let dial = office.dial("+442079460958;ext=12", "+441632960001;ext=204").await;
    // Keys at the answer switch the carrier's ear off on the rep's leg alone.
    assert_eq!(end(&dial), PERSON);
    assert_eq!(
        office.twilio.call_of("+442079460958").unwrap().digits_sent.as_deref(),
        Some("wwww12")
    );
    assert_eq!(
        office.twilio.call_of("+441632960001").unwrap().digits_sent.as_deref(),
        Some("wwww204")
    );
}

#[tokio::test]
async fn a_talk_ends_at_its_limit() {
    let office = Office::open().await;
    office.twilio.person(REP, Does::REP);
    office
        .twilio
        .person(PROSPECT, Does::Answer { after: 1, presses: None, talks: Talks::UntilHungUp });
    let mut order = office.intend(REP, PROSPECT);
    order.limits.talk = Duration::from_secs(20);
    if let Some((_, kept)) = &mut office.desk().dial {
        kept.limits = order.limits;
    }
    office.carrier.ring(&order).await.unwrap();
    let dial = office.settled().await;
    assert!(
        matches!(dial.state(), DialState::Ended { talk_seconds: 20, .. }),
        "{:?}",
        dial.state()
    );
}

#[tokio::test]
async fn callbacks_are_believed_when_the_signer_names_the_port_and_never_unsigned() {
    let office = Office::with(Options { sign_with_port: true, ..Options::default() }).await;
    office.twilio.person(REP, Does::REP);
    office.twilio.person(PROSPECT, Does::talk(30));
    let dial = office.dial(REP, PROSPECT).await;
    assert_eq!((end(&dial), office.desk().refused), (PERSON, 0));

    let before = office.current();
    let url = format!("http://{}/webhooks/twilio/dial/{}/pressed", office.address, before.id);
    let forged = ringback::http_client::build(Duration::from_secs(5))
        .unwrap()
        .post(url)
        .header("x-twilio-signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
        .form(&[("Digits", "1")])
        .send()
        .await
        .unwrap();
    assert_eq!(forged.status(), 403);
    assert_eq!((office.current(), office.desk().refused), (before, 1));
}
