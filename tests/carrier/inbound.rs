//! Calls that come in.

use std::time::Duration;

use ringback::{carrier::twilio::twiml::Line, domain::call::LegEnd};

use crate::{
    office::{Office, PROSPECT, phone},
    standin::{Call, Does, Options, Talks},
};

const AGENT: &str = "sip:call_1@sip.example.com";
const ON_CALL: &str = "+447700900789";

#[tokio::test]
async fn a_caller_is_connected_to_the_agent_and_its_end_is_told() {
    let office = Office::open().await;
    office.desk().line = Some(Line::Sip(AGENT.into()));
    office.twilio.person(AGENT, Does::talk(40));
    let sid = office.twilio.call_in(PROSPECT, Talks::UntilHungUp).await;
    office.twilio.until_quiet().await;
    office.until("the end", |desk| desk.progress.iter().any(|told| told.over.is_some())).await;
    let desk = office.desk();
    assert_eq!(desk.incoming.len(), 1);
    assert_eq!(desk.incoming[0].from.number(), Some(&phone(PROSPECT)));
    assert_eq!(desk.incoming[0].call.as_str(), sid);
    let connection = desk.progress.iter().find_map(|told| told.connection).unwrap();
    assert!(matches!(connection, (LegEnd::Completed, Some(38..=43))), "{connection:?}");
    assert_eq!(office.twilio.call_of(AGENT).unwrap().from, PROSPECT);
}

#[tokio::test]
async fn a_call_that_nobody_takes_is_missed_and_told_so() {
    let office = Office::open().await;
    office.desk().line = Some(Line::Number(phone(ON_CALL)));
    office.twilio.person(ON_CALL, Does::NoAnswer);
    let sid = office.twilio.call_in(PROSPECT, Talks::UntilHungUp).await;
    office.twilio.until_quiet().await;
    let connection = office.desk().progress.iter().find_map(|told| told.connection);
    assert_eq!(connection, Some((LegEnd::NoAnswer, None)));
    let call = office.twilio.calls().into_iter().find(|call| call.sid == sid).unwrap();
    assert_eq!(call.heard, ["Sorry that we missed you. We will ring you back."]);
}

#[tokio::test]
async fn a_caller_who_rings_off_before_anybody_answers_is_missed_too() {
    let unhurried = Options { second: Duration::from_millis(25), ..Options::default() };
    let office = Office::with(unhurried).await;
    office.desk().line = Some(Line::Number(phone(ON_CALL)));
    office.twilio.person(ON_CALL, Does::NoAnswer);
    let sid = office.twilio.call_in(PROSPECT, Talks::UntilHungUp).await;
    let rings = |calls: &[Call]| calls.iter().any(|call| call.to == ON_CALL && call.rang);
    office.twilio.until("it rings", rings).await;
    office.twilio.hang_up(PROSPECT);
    office.twilio.until_quiet().await;
    office
        .until("the end", |desk| {
            desk.progress.iter().any(|told| told.over == Some(LegEnd::NoAnswer))
        })
        .await;
    let call = office.twilio.calls().into_iter().find(|call| call.sid == sid).unwrap();
    assert_eq!((call.status.as_str(), call.answered), ("no-answer", None));
    assert_eq!(office.twilio.call_of(ON_CALL).unwrap().status, "canceled");
}

#[tokio::test]
async fn a_loop_is_turned_away_without_an_answer_or_a_word() {
    let office = Office::open().await;
    let sid = office.twilio.call_in(crate::standin::OURS, Talks::UntilHungUp).await;
    office.twilio.until_quiet().await;
    let call = office.twilio.calls().into_iter().find(|call| call.sid == sid).unwrap();
    assert_eq!((call.status.as_str(), call.answered, call.heard.len()), ("busy", None, 0));
}

#[tokio::test]
async fn a_withheld_caller_is_nobody() {
    let office = Office::open().await;
    for withheld in ["anonymous", "+266696687"] {
        office.twilio.call_in(withheld, Talks::UntilHungUp).await;
    }
    office.until("both calls", |desk| desk.incoming.len() == 2).await;
    assert!(office.desk().incoming.iter().all(|call| call.from.number().is_none()));
    assert_eq!(office.twilio.warnings(), []);
}
