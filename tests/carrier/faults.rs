//! What can go wrong with an order, and what may be believed of it then.

use std::time::Duration;

use ringback::carrier::{
    Account, CallerIdStanding, Carrier, CarrierError, Search, Why, twilio::Twilio,
};

use crate::{
    office::{Office, PROSPECT, REP, settings},
    standin::{Does, Fault, Options},
};

#[tokio::test]
async fn an_order_whose_answer_is_lost_is_found_and_rang_once() {
    for fault in [
        Fault::LoseAnswer,
        Fault::Garble,
        Fault::BreakAfterwards,
        Fault::Delay(Duration::from_secs(2)),
    ] {
        let office = Office::open().await;
        office.twilio.person(REP, Does::REP);
        office.twilio.person(PROSPECT, Does::talk(30));
        office.twilio.fail_next("Calls", fault.clone());
        let order = office.intend(REP, PROSPECT);
        let mut hasty = settings(&office.twilio.base_url());
        hasty.patience = Some(Duration::from_secs(1));
        let carrier = Twilio::new(hasty).unwrap();
        let error = carrier.ring(&order).await.expect_err("lost");
        assert_eq!(error, CarrierError::Lost, "{fault:?}");
        assert!(error.outcome_unknown() && !error.may_repeat(), "{fault:?}");
        let search = Search { to: order.rep.clone(), since: office.current().requested_at };
        let found = office.carrier.find(&search).await.unwrap();
        let [record] = &found[..] else { panic!("{fault:?}: {found:#?}") };
        // A callback proves it too: our id stands in its address.
        let dial = office.settled().await;
        assert_eq!(dial.call(), Some(&record.call), "{fault:?}");
        assert_eq!((office.twilio.rung(REP), office.twilio.rung(PROSPECT)), (1, 1), "{fault:?}");
    }
}

#[tokio::test]
async fn an_order_that_was_not_carried_out_is_not_found() {
    let office = Office::open().await;
    office.twilio.fail_next("Calls", Fault::Break);
    let order = office.intend(REP, PROSPECT);
    assert_eq!(office.carrier.ring(&order).await, Err(CarrierError::Lost));
    let search = Search { to: order.rep.clone(), since: office.current().requested_at };
    assert_eq!(office.carrier.find(&search).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_call_that_waits_for_its_turn_is_found_too_and_an_old_one_is_not() {
    let office = Office::open().await;
    let now = ringback::clock::Clock::System.now();
    let mut waiting = office.twilio.past_call("CA1", crate::standin::OURS, now, 0);
    waiting.to = REP.into();
    waiting.direction = "outbound-api";
    waiting.status = "queued".into();
    (waiting.started, waiting.ended, waiting.answered) = (None, None, None);
    let mut old = waiting.clone();
    old.sid = "CA2".into();
    old.created = now - Duration::from_secs(60);
    let mut theirs = waiting.clone();
    theirs.sid = "CA3".into();
    theirs.direction = "inbound";
    for call in [waiting, old, theirs] {
        office.twilio.remember(call);
    }
    let search = Search { to: crate::office::phone(REP), since: now };
    let found = office.carrier.find(&search).await.unwrap();
    assert_eq!(found.iter().map(|record| record.call.as_str()).collect::<Vec<_>>(), ["CA1"]);
}

#[tokio::test]
async fn a_busy_carrier_has_done_nothing_and_says_when_to_come_back() {
    let office = Office::open().await;
    let order = office.intend(REP, PROSPECT);
    for (seconds, wait) in [(Some(3), Some(Duration::from_secs(3))), (None, None)] {
        office.twilio.fail_next("Calls", Fault::Throttle { retry_after: seconds });
        let error = office.carrier.ring(&order).await.expect_err("throttled");
        assert_eq!(error, CarrierError::Throttled { retry_after: wait });
        assert!(error.may_repeat() && !error.outcome_unknown());
    }
    assert!(office.twilio.calls().is_empty());
    assert!(office.carrier.ring(&order).await.is_ok());
}

#[tokio::test]
async fn a_carrier_that_is_not_there_was_asked_nothing() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    ringback::http_client::install_tls();
    let carrier = Twilio::new(settings(&base_url)).unwrap();
    let office = Office::open().await;
    let error = carrier.ring(&office.intend(REP, PROSPECT)).await.expect_err("not reached");
    assert_eq!(error, CarrierError::NotReached);
    assert!(error.may_repeat() && !error.outcome_unknown());
}

#[tokio::test]
async fn a_refusal_says_why_in_words_without_a_number() {
    let office = Office::with(Options { trial: true, ..Options::default() }).await;
    office.twilio.verify(REP);
    office.twilio.close_country("+33");
    for (rep, why) in [
        ("+447700900999", Why::Trial),
        ("+33612345678", Why::CountryClosed),
        ("+449098790123", Why::Blocked),
    ] {
        let order = office.intend(rep, PROSPECT);
        let error = office.carrier.ring(&order).await.expect_err("refused");
        let CarrierError::Refused { why: found, code, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*found, code.is_some()), (why, true), "{error}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(rep.trim_start_matches('+')), "{shown}");
    }
    // A message that Twilio words anew, with the number in it.
    let message = format!("Something new about {REP} happened");
    office.twilio.fail_next("Calls", Fault::Refuse { status: 400, code: 21_999, message });
    let error = office.carrier.ring(&office.intend(REP, PROSPECT)).await.expect_err("refused");
    assert_eq!(error.to_string(), "Twilio refused: Something new about +… happened");
    assert!(office.twilio.calls().is_empty());
}

#[tokio::test]
async fn a_wrong_token_is_told_apart_and_stands_in_no_message() {
    let office = Office::open().await;
    let mut wrong = settings(&office.twilio.base_url());
    wrong.auth_token = "not-the-token".to_owned().into();
    let carrier = Twilio::new(wrong).unwrap();
    let error = carrier.probe().await.expect_err("refused");
    assert_eq!(
        error,
        CarrierError::Auth {
            code: Some(20_003),
            detail: "Twilio does not accept the account SID and token".into()
        }
    );
    assert!(!format!("{carrier:?} {error:?}").contains("not-the-token"));
}

#[tokio::test]
async fn the_probe_tells_what_the_account_may_do() {
    let office = Office::open().await;
    let hook = |path| Some(format!("{}/webhooks/twilio/{path}", crate::office::PUBLIC));
    assert_eq!(
        office.carrier.probe().await,
        Ok(Account {
            active: true,
            status: "active".into(),
            trial: false,
            caller_id: CallerIdStanding::Ours { voice_url: hook("voice"), sms_url: hook("sms") },
        })
    );
    for (verified, standing) in
        [(false, CallerIdStanding::Unknown), (true, CallerIdStanding::Verified)]
    {
        let mut other = settings(&office.twilio.base_url());
        other.from = crate::office::phone("+441632960777");
        if verified {
            office.twilio.verify("+441632960777");
        }
        let account = Twilio::new(other).unwrap().probe().await.unwrap();
        assert_eq!(account.caller_id, standing);
    }
    let trial = Office::with(Options { trial: true, ..Options::default() }).await;
    assert!(trial.carrier.probe().await.unwrap().trial);
    office.twilio.suspend();
    let error = office.carrier.probe().await.expect_err("suspended");
    assert!(matches!(error, CarrierError::Auth { code: Some(20_005), .. }), "{error:?}");
}
