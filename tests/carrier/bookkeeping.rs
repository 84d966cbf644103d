//! Lists of calls: what the hourly balance is drawn from.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ringback::{
    carrier::{CallStatus, Carrier, CarrierError, Direction},
    domain::call::{CallRef, LegEnd},
};

use crate::{
    office::{Office, PROSPECT, REP},
    standin::{Does, Fault},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_span_is_listed_whole_over_pages_and_days_and_no_call_more() {
    let office = Office::open().await;
    let (from, to) = (at("2026-11-23T23:30:00Z"), at("2026-11-24T00:30:00Z"));
    let mut expected = Vec::new();
    for n in 0..1_000_i64 {
        // From an hour before the span to an hour after it.
        let started =
            from - SignedDuration::from_hours(1) + SignedDuration::from_secs(n * 10 + n % 7);
        let sid = format!("CA{n:032}");
        if (from..to).contains(&started) {
            expected.push(sid.clone());
        }
        office.twilio.remember(office.twilio.past_call(&sid, "+447700900123", started, 30));
    }
    let listed = office.carrier.calls_between(from, to).await.unwrap();
    let mut found: Vec<String> = listed.iter().map(|record| record.call.0.clone()).collect();
    found.sort();
    assert_eq!(found, expected);
    assert!(expected.len() > 300);
    let lists =
        office.twilio.requests().iter().filter(|(_, path)| path.ends_with("Calls.json")).count();
    assert_eq!(lists, 5);
    assert!(listed.iter().all(|record| record.direction == Direction::Inbound));
}

#[tokio::test]
async fn a_list_that_breaks_off_is_an_error_and_not_a_short_list() {
    let office = Office::open().await;
    let start = at("2026-11-24T09:00:00Z");
    for n in 0..250_u32 {
        let started = start + Duration::from_secs(n.into());
        office.twilio.remember(office.twilio.past_call(
            &format!("CA{n}"),
            "+447700900123",
            started,
            5,
        ));
    }
    office.twilio.fail_next("CallList", Fault::Delay(Duration::ZERO));
    office.twilio.fail_next("CallList", Fault::Throttle { retry_after: Some(1) });
    let listed = office.carrier.calls_between(start, start + Duration::from_secs(3600)).await;
    assert_eq!(listed, Err(CarrierError::Throttled { retry_after: Some(Duration::from_secs(1)) }));
}

#[tokio::test]
async fn a_call_is_looked_up_with_the_leg_it_made() {
    let office = Office::open().await;
    office.twilio.person(REP, Does::REP);
    office.twilio.person(PROSPECT, Does::talk(30));
    let dial = office.dial(REP, PROSPECT).await;
    let call = dial.call().unwrap().clone();
    let legs = office.carrier.legs(&call).await.unwrap();
    let [rep, prospect] = &legs[..] else { panic!("{legs:#?}") };
    assert_eq!((rep.parent.as_ref(), prospect.parent.as_ref()), (None, Some(&call)));
    assert_eq!(prospect.status, CallStatus::Over(LegEnd::Completed));
    assert!(matches!(prospect.seconds, Some(28..=33)), "{prospect:?}");
    // Told again by the records, the dial is no other.
    let again = legs
        .iter()
        .flat_map(|record| record.as_events(dial.id, dial.requested_at))
        .fold(dial.clone(), |dial, event| dial.apply(&event));
    assert_eq!(again.likely_outcome(), dial.likely_outcome());
    assert!(!again.is_live());
}

#[tokio::test]
async fn a_call_that_the_carrier_does_not_know_has_no_legs_and_a_strange_name_is_not_asked_for() {
    let office = Office::open().await;
    let unknown = CallRef("CA00000000000000000000000000000bad".into());
    assert_eq!(office.carrier.legs(&unknown).await, Ok(Vec::new()));
    let asked = office.twilio.requests().len();
    for name in ["../Messages", "CA1/Recordings", "", "CA1?x=1", "CA1.json#"] {
        let error = office.carrier.legs(&CallRef(name.into())).await.expect_err("refused");
        assert!(matches!(error, CarrierError::Refused { .. }), "{name}: {error:?}");
    }
    assert_eq!(office.twilio.requests().len(), asked);
}
