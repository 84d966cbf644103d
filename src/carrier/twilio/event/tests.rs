use super::*;
use crate::{
    carrier::Why, domain::call::DialState, domain::ids::LeadId, domain::person::PersonRef,
};

fn received() -> Timestamp {
    "2026-11-24T09:15:03.250Z".parse().expect("a timestamp")
}

fn id() -> DialId {
    DialId(Uuid::from_u128(7))
}

/// As a callback of a leg comes in, with everything that Twilio adds.
fn callback(status: &str, more: &[(&str, &str)]) -> Form {
    let common = [
        ("CallSid", "CA11111111111111111111111111111111"),
        ("AccountSid", "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("From", "+442079460000"),
        ("To", "+447700900456"),
        ("Direction", "outbound-api"),
        ("CallbackSource", "call-progress-events"),
        ("SequenceNumber", "0"),
        ("Timestamp", "Tue, 24 Nov 2026 09:15:02 +0000"),
        ("CallStatus", status),
    ];
    common.iter().chain(more).copied().collect()
}

#[test]
fn every_status_of_a_leg_is_the_step_it_means() {
    let ended = |end| Step::Ended { end, seconds: None, sip: None };
    for (status, step) in [
        ("initiated", Some(Step::Started)),
        ("queued", Some(Step::Started)),
        ("ringing", Some(Step::Ringing)),
        ("in-progress", Some(Step::Answered)),
        ("answered", Some(Step::Answered)),
        ("completed", Some(ended(LegEnd::Completed))),
        ("busy", Some(ended(LegEnd::Busy))),
        ("no-answer", Some(ended(LegEnd::NoAnswer))),
        ("canceled", Some(ended(LegEnd::Cancelled))),
        ("failed", Some(ended(LegEnd::Failed))),
        ("something-new", None),
        ("", None),
    ] {
        let event = leg(id(), Leg::Rep, &callback(status, &[]), received());
        let expected = step.map(|step| DialEvent {
            dial: id(),
            at: "2026-11-24T09:15:02Z".parse().expect("a timestamp"),
            what: What::Leg {
                leg: Leg::Rep,
                call: Some(CallRef("CA11111111111111111111111111111111".into())),
                step,
            },
        });
        assert_eq!(event, expected, "{status}");
    }
}

#[test]
fn an_end_carries_its_length_and_the_networks_answer() {
    let form = callback("busy", &[("CallDuration", "0"), ("SipResponseCode", "486")]);
    let event = leg(id(), Leg::Prospect, &form, received()).expect("an event");
    let What::Leg { step, .. } = event.what else { panic!("{event:?}") };
    assert_eq!(step, Step::Ended { end: LegEnd::Busy, seconds: Some(0), sip: Some(486) });
}

#[test]
fn only_a_1_is_a_press() {
    for (digits, is_press) in [("1", true), ("2", false), ("11", false), ("", false), ("#", false)]
    {
        let form = callback("in-progress", &[("Digits", digits)]);
        assert_eq!(pressed(id(), &form, received()).is_some(), is_press, "{digits:?}");
    }
    assert_eq!(pressed(id(), &callback("in-progress", &[]), received()), None);
}

#[test]
fn the_end_of_the_joining_tells_how_long_and_whether_they_ever_spoke() {
    let form = callback(
        "in-progress",
        &[
            ("DialCallStatus", "completed"),
            ("DialCallSid", "CA2"),
            ("DialCallDuration", "73"),
            ("DialBridged", "true"),
        ],
    );
    assert_eq!(
        bridged(id(), &form, received()).map(|event| event.what),
        Some(What::Bridged {
            prospect: Some(CallRef("CA2".into())),
            end: LegEnd::Completed,
            seconds: Some(73),
            joined: Some(true),
        })
    );
    assert_eq!(bridged(id(), &callback("in-progress", &[]), received()), None);
}

#[test]
fn a_machine_is_told_from_a_person_and_what_is_unclear_from_both() {
    for (word, by) in [
        ("human", AnsweredBy::Person),
        ("machine_start", AnsweredBy::Machine),
        ("machine_end_beep", AnsweredBy::Machine),
        ("machine_end_other", AnsweredBy::Machine),
        ("fax", AnsweredBy::Machine),
        ("unknown", AnsweredBy::Unknown),
        ("new-word", AnsweredBy::Unknown),
    ] {
        let form = callback("in-progress", &[("AnsweredBy", word)]);
        let event = judged(id(), Leg::Rep, &form, received()).expect("an event");
        let What::Leg { step, .. } = event.what else { panic!("{event:?}") };
        assert_eq!(step, Step::Judged { by }, "{word}");
    }
}

#[test]
fn a_time_that_cannot_be_is_replaced_by_our_own() {
    for (told, at) in [
        ("Tue, 24 Nov 2026 09:15:02 +0000", "2026-11-24T09:15:02Z"),
        ("Tue, 24 Nov 2026 10:15:01 +0100", "2026-11-24T09:15:01Z"),
        // A second in the future: nothing has happened before it was told.
        ("Tue, 24 Nov 2026 09:15:04 +0000", "2026-11-24T09:15:03.25Z"),
        ("Mon, 23 Nov 2026 09:15:02 +0000", "2026-11-24T09:15:03.25Z"),
        ("soon", "2026-11-24T09:15:03.25Z"),
        ("", "2026-11-24T09:15:03.25Z"),
    ] {
        let form: Form = [("Timestamp", told)].into_iter().collect();
        assert_eq!(happened(&form, received()).to_string(), at, "{told}");
    }
}

#[test]
fn a_whole_dial_told_in_forms_out_of_order_ends_as_it_was() {
    let dial = Dial::requested(
        id(),
        LeadId(Uuid::from_u128(1)),
        PersonRef { id: crate::domain::ids::RepId("priya".into()), name: "Priya".into() },
        "+447700900456".parse().expect("a phone number"),
        "+447700900123".parse().expect("a phone number"),
        "2026-11-24T09:14:00Z".parse().expect("a timestamp"),
    );
    let child = |status, more: &[(&str, &str)]| {
        leg(id(), Leg::Prospect, &callback(status, more), received())
    };
    let events = [
        child("completed", &[("CallDuration", "73"), ("ParentCallSid", "CA1")]),
        leg(id(), Leg::Rep, &callback("in-progress", &[]), received()),
        pressed(id(), &callback("in-progress", &[("Digits", "1")]), received()),
        child("in-progress", &[]),
        child("ringing", &[]),
    ];
    let dial = events.iter().flatten().fold(dial, Dial::apply);
    assert!(
        matches!(dial.state(), DialState::Ended { talk_seconds: 73, .. }),
        "{:?}",
        dial.state()
    );
}

#[test]
fn a_call_that_comes_in_names_both_parties_and_withheld_callers_are_nobody() {
    let form = Form::parse(
        b"CallSid=CA1&From=%2B447700900123&To=%2B442079460123&CallStatus=ringing&ForwardedFrom=%2B441632960001",
    );
    let call = IncomingCall::read(&form, received()).expect("a call");
    assert_eq!(call.from, CallerId::read("+447700900123", "GB"));
    assert_eq!(call.to, CallerId::read("+442079460123", "GB"));
    assert_eq!(call.diverted_by, Some(CallerId::read("01632 960001", "GB")));
    for withheld in
        ["anonymous", "%2B266696687", "", "%2B8656696", "sip%3Aanonymous%40anonymous.invalid"]
    {
        let form = Form::parse(format!("CallSid=CA1&ForwardedFrom=&From={withheld}").as_bytes());
        let call = IncomingCall::read(&form, received()).expect("a call");
        assert!(call.from.number().is_none(), "{withheld}");
        assert_eq!(call.diverted_by, None);
    }
    assert_eq!(IncomingCall::read(&Form::parse(b"From=x"), received()), None);
}

#[test]
fn a_missed_call_is_one_whose_connection_was_not_answered() {
    let read =
        |body: &[u8]| IncomingProgress::read(&Form::parse(body), received()).expect("progress");
    let missed = read(b"CallSid=CA1&CallStatus=in-progress&DialCallStatus=no-answer");
    assert_eq!((missed.over, missed.connection), (None, Some((LegEnd::NoAnswer, None))));
    let answered =
        read(b"CallSid=CA1&CallStatus=completed&DialCallStatus=answered&DialCallDuration=61");
    assert_eq!(answered.connection, Some((LegEnd::Completed, Some(61))));
    let gone = read(b"CallSid=CA1&CallStatus=completed&CallDuration=3");
    assert_eq!(
        (gone.over, gone.seconds, gone.connection),
        (Some(LegEnd::Completed), Some(3), None)
    );
}

#[test]
fn stop_is_heard_however_it_is_written_and_nothing_else_is() {
    for (body, wish) in [
        ("STOP", Some(TextWish::Stop)),
        (" stop. ", Some(TextWish::Stop)),
        ("Stop!", Some(TextWish::Stop)),
        ("\"Unsubscribe\"", Some(TextWish::Stop)),
        ("opt out", Some(TextWish::Stop)),
        ("START", Some(TextWish::Start)),
        ("yes", None),
        ("please stop by at four", None),
        ("Don't stop", None),
        ("", None),
    ] {
        let form: Form = [("MessageSid", "SM1"), ("From", "+447700900123"), ("Body", body)]
            .into_iter()
            .collect();
        let text = IncomingText::read(&form).expect("a text");
        assert_eq!((text.wish, text.body.as_str()), (wish, body));
    }
    let form = Form::parse(b"MessageSid=SM1&From=%2B447700900123&Body=arret&OptOutType=STOP");
    assert_eq!(IncomingText::read(&form).and_then(|text| text.wish), Some(TextWish::Stop));
}

#[test]
fn the_fate_of_a_text_is_told_and_a_stop_found_out_that_way_is_an_opt_out() {
    let id = Uuid::from_u128(9);
    let fate = |body: &[u8]| text(id, &Form::parse(body));
    let told = |fate| Some(Event::Text { id, fate });
    assert_eq!(fate(b"MessageStatus=queued"), told(TextFate::Taken));
    assert_eq!(fate(b"MessageStatus=sent&SmsStatus=sent"), told(TextFate::Sent));
    assert_eq!(fate(b"MessageStatus=delivered"), told(TextFate::Delivered));
    assert_eq!(
        fate(b"MessageStatus=undelivered&ErrorCode=21610"),
        told(TextFate::Failed { why: Why::OptedOut, code: Some(21_610) })
    );
    assert_eq!(
        fate(b"MessageStatus=failed"),
        told(TextFate::Failed { why: Why::Other, code: None })
    );
    assert_eq!(fate(b"MessageStatus=novel"), None);
    assert!(TextFate::Delivered.is_final() && !TextFate::Sent.is_final());
}
