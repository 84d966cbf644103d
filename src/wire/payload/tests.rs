use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::wire::{Payload, PayloadSignals};

fn now() -> Timestamp {
    "2026-09-01T01:10:00Z".parse().expect("a time")
}

fn london() -> TimeZone {
    TimeZone::get("Europe/London").expect("London")
}

fn read_bytes(body: &[u8]) -> Result<Draft, Unfit> {
    read(body, now(), "GB", &london())
}

fn draft_of(body: &Value) -> Draft {
    read_bytes(body.to_string().as_bytes()).unwrap_or_else(|unfit| panic!("{body}: {unfit:?}"))
}

fn faults_of(body: &str) -> Vec<(String, String)> {
    match read_bytes(body.as_bytes()) {
        Err(Unfit::Faults(faults)) => {
            faults.into_iter().map(|fault| (fault.pointer, fault.detail)).collect()
        }
        other => panic!("{body}: {other:?}"),
    }
}

/// The same body on the slow way only.
fn slowly(body: &[u8]) -> Result<Draft, Unfit> {
    let json = Json::read(body).map_err(Unfit::NotJson)?;
    let mut fields = Fields::of(&json);
    let raw = Raw::bit_by_bit(&mut fields);
    let london = london();
    draft(&raw, fields, Moment { received_at: now(), region: "GB", tz: &london })
}

#[test]
fn every_member_of_the_documented_payload_is_read() {
    let text = |text: &str| Some(text.to_owned());
    let payload = Payload {
        name: text("Alex Rivera"),
        email: text("Alex@Example.com"),
        phone: text("+447700900123"),
        intent: text("new_enquiry_demo"),
        tier: text("B"),
        source: text("inbound_call"),
        call_sid: text("CA1"),
        transcript_id: text("tr_1"),
        timezone: text("Europe/Paris"),
        notes: text("Wants a demo."),
        routing_owner: text("team_sdr"),
        outcome: text("callback_later"),
        routing_tag: text("autumn"),
        signals: Some(PayloadSignals {
            team_size: Some(15),
            sites: Some(2),
            timeline: text("by spring"),
            urgency: text("urgent"),
            deal_value_pence: Some(1_000_000),
            deciders: Some(vec!["Ian".into()]),
        }),
        company: text("Rivera Ltd"),
        callback_phone: text("+442079460958"),
        callback_at: Some("2026-09-01T10:00:00Z".parse().expect("a time")),
        preferred_channel: text("sms"),
        ended_at: Some("2026-08-31T22:00:00Z".parse().expect("a time")),
        question: text("How much?"),
        answer: text("It depends."),
        customer: Some(true),
    };
    let Draft { caller, touch, signals, routing_owner, routing_tag } =
        draft_of(&serde_json::to_value(&payload).expect("JSON"));
    assert_eq!(caller.name, payload.name);
    assert_eq!(caller.email.as_deref(), Some("alex@example.com"));
    let numbers: Vec<&str> = caller.phones.iter().map(Phone::e164).collect();
    assert_eq!(numbers, ["+442079460958", "+447700900123"]);
    assert_eq!((caller.company, caller.timezone), (payload.company, payload.timezone));
    assert_eq!(caller.customer, Some(true));
    assert_eq!(touch.received_at, now());
    assert_eq!(Some(touch.ended_at), payload.ended_at);
    assert_eq!(Some(touch.source), payload.source);
    assert_eq!((touch.call_sid, touch.transcript_id), (payload.call_sid, payload.transcript_id));
    assert_eq!(Some(touch.intent.as_str()), payload.intent.as_deref());
    assert_eq!(Some(touch.summary), payload.notes);
    assert_eq!((touch.question, touch.answer), (payload.question, payload.answer));
    assert_eq!(touch.outcome, Heard { value: Some(AgentOutcome::CallbackLater), raw: None });
    assert_eq!(touch.agent_tier, Heard { value: Some(Tier::B), raw: None });
    assert_eq!(touch.callback_at, payload.callback_at);
    assert_eq!(touch.preferred_channel, payload.preferred_channel);
    assert_eq!(signals.team_size, Some(15));
    assert_eq!(signals.sites, Some(2));
    assert_eq!(signals.timeline.as_deref(), Some("by spring"));
    assert_eq!(signals.urgency, Some(Urgency::Urgent));
    assert_eq!(signals.deal_value_pence, Some(1_000_000));
    assert_eq!(signals.deciders, ["Ian"]);
    assert_eq!((routing_owner, routing_tag), (payload.routing_owner, payload.routing_tag));
}

#[test]
fn a_common_payload_takes_the_fast_way() {
    let body = br#" {"name": "Al\u00e9x \ud83d\ude00", "phone": null, "signals": {"sites": 2, "more": []}, "unknown": {"a": [1]}}"#;
    let raw = Raw::at_once(body.trim_ascii_start()).expect("nothing is wrong with it");
    assert_eq!(raw.name.expect("a name").0, "Al\u{e9}x 😀");
    assert_eq!(raw.signals.sites, Some(2));
}

#[test]
fn a_word_is_kept_as_received_only_where_it_says_more() {
    let draft = draft_of(
        &json!({ "name": "A", "intent": " New-Enquiry Demo ", "tier": "b", "outcome": "Callback later" }),
    );
    assert_eq!(draft.touch.intent.as_str(), "new_enquiry_demo");
    assert_eq!(draft.touch.intent_raw, None);
    assert_eq!(draft.touch.agent_tier, Heard { value: Some(Tier::B), raw: None });
    assert_eq!(draft.touch.outcome.raw, None);
    let draft =
        draft_of(&json!({ "name": "A", "intent": "boats", "tier": "Z", "outcome": "shrugged" }));
    assert_eq!(
        (draft.touch.intent, draft.touch.intent_raw.as_deref()),
        (Intent::Unclear, Some("boats"))
    );
    assert_eq!(draft.touch.agent_tier.raw.as_deref(), Some("Z"));
    assert_eq!(draft.touch.outcome.raw.as_deref(), Some("shrugged"));
    let silent = draft_of(&json!({ "name": "A", "intent": "", "tier": null }));
    assert_eq!((silent.touch.intent, silent.touch.intent_raw), (Intent::Unclear, None));
    assert!(silent.touch.agent_tier.is_silent() && silent.touch.outcome.is_silent());
    assert_eq!(silent.touch.source, "unknown");
}

#[test]
fn numbers_are_normalised_and_kept_as_received_where_that_says_more() {
    for (body, phones, received) in [
        (json!({ "phone": "+447700900123" }), vec!["+447700900123"], None),
        (json!({ "phone": "07700 900123" }), vec!["+447700900123"], Some("07700 900123")),
        (json!({ "phone": "anonymous" }), vec![], Some("anonymous")),
        (json!({ "phone": "+266696687" }), vec![], Some("+266696687")),
        (
            json!({ "phone": "anonymous", "callback_phone": "+447700900123" }),
            vec!["+447700900123"],
            Some("anonymous"),
        ),
        (
            json!({ "phone": "+447700900123", "callback_phone": "0770 090 0123" }),
            vec!["+447700900123"],
            Some("0770 090 0123"),
        ),
        (
            json!({ "phone": "+447700900123", "callback_phone": "ask reception" }),
            vec!["+447700900123"],
            Some("ask reception"),
        ),
        (json!({ "name": "A" }), vec![], None),
    ] {
        let caller = draft_of(&body).caller;
        let read: Vec<&str> = caller.phones.iter().map(Phone::e164).collect();
        assert_eq!(read, phones, "{body}");
        assert_eq!(caller.phone_as_received.as_deref(), received, "{body}");
    }
}

#[test]
fn an_address_is_case_folded_and_one_that_is_none_is_shown_to_the_rep() {
    let caller = |email: &str| {
        let caller = draft_of(&json!({ "name": "A", "email": email })).caller;
        (caller.email, caller.email_as_received)
    };
    for given in [
        "Alex@Example.co.uk",
        " alex@example.co.uk ",
        "<alex@example.co.uk>",
        "mailto:alex@example.co.uk",
    ] {
        assert_eq!(caller(given), (Some("alex@example.co.uk".into()), None), "{given}");
    }
    assert_eq!(caller("zoë@müller.example").0.as_deref(), Some("zoë@müller.example"));
    for given in [
        "alex at example dot com",
        "alex@",
        "@example.com",
        "alex@example",
        "a b@example.com",
        "a@-x.com",
        "a@x..com",
        "[email protected]",
    ] {
        assert_eq!(caller(given), (None, Some(given.into())));
    }
    assert_eq!(address(&format!("{}@example.com", "x".repeat(65))), None);
}

#[test]
fn a_zone_that_does_not_exist_is_no_zone() {
    let zone = |zone: &str| draft_of(&json!({ "name": "A", "timezone": zone })).caller.timezone;
    assert_eq!(zone("Europe/London").as_deref(), Some("Europe/London"));
    assert_eq!(zone("Mars/Olympus"), None);
    assert_eq!(zone("../../etc/passwd"), None);
}

#[test]
fn times_are_cut_to_milliseconds_and_default_to_the_arrival() {
    let ended =
        |text: &str| draft_of(&json!({ "name": "A", "ended_at": text })).touch.ended_at.to_string();
    assert_eq!(ended("2026-08-31T22:00:00.123456789+01:00"), "2026-08-31T21:00:00.123Z");
    assert_eq!(ended(" 2026-08-31T22:00:00z "), "2026-08-31T22:00:00Z");
    assert_eq!(ended(""), now().to_string());
}

#[test]
fn faults_of_types_and_of_meaning_are_named_together() {
    let faults = faults_of(
        r#"{"name": 7, "ended_at": "2026-08-31T22:00:00", "signals": {"sites": -1}, "call_sid": null}"#,
    );
    let pointers: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, ["/ended_at", "/name", "/signals/sites"]);
}

#[test]
fn deciders_are_cleaned_and_not_without_end() {
    let many: Vec<String> = (0..100).map(|n| format!("Decider {n}\u{7}")).collect();
    let draft = draft_of(&json!({ "name": "A", "signals": { "deciders": many } }));
    assert_eq!(draft.signals.deciders.len(), DECIDERS);
    assert_eq!(draft.signals.deciders[0], "Decider 0");
}

/// A member as strangers send it: of any type, or a text that means something.
fn member() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        prop::sample::select(vec![
            "+447700900123",
            "anonymous",
            "2026-08-31T22:00:00Z",
            "2026-08-31T22:00:00",
            "pricing",
            "B",
            "alex@example.com",
            "urgent",
        ])
        .prop_map(Value::from),
        prop::collection::vec(".{0,5}".prop_map(Value::from), 0..3).prop_map(Value::from),
    ]
}

fn body() -> impl Strategy<Value = Value> {
    let members = vec![
        "name",
        "email",
        "phone",
        "intent",
        "tier",
        "source",
        "call_sid",
        "transcript_id",
        "timezone",
        "notes",
        "routing_owner",
        "outcome",
        "routing_tag",
        "company",
        "callback_phone",
        "callback_at",
        "preferred_channel",
        "ended_at",
        "question",
        "answer",
        "customer",
        "signals",
        "unknown",
    ];
    let signals = vec!["team_size", "sites", "timeline", "urgency", "deal_value_pence", "deciders"];
    let object = |names: Vec<&'static str>| {
        prop::collection::hash_map(prop::sample::select(names), member(), 0..8).prop_map(
            |members| {
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<serde_json::Map<_, _>>()
            },
        )
    };
    (object(members), prop::option::of(object(signals))).prop_map(|(mut members, signals)| {
        if let Some(signals) = signals {
            members.insert("signals".into(), signals.into());
        }
        members.into()
    })
}

fn texts_in<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts_in(item, found)),
        Value::Object(members) => members.values().for_each(|item| texts_in(item, found)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn both_ways_read_the_same(body in body()) {
        let bytes = body.to_string().into_bytes();
        prop_assert_eq!(read_bytes(&bytes), slowly(&bytes));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_bytes(&bytes);
    }

    #[test]
    fn a_body_cut_anywhere_is_refused_or_read_and_never_a_panic(body in body(), cut in 0.0..1.0) {
        let bytes = body.to_string().into_bytes();
        let end = (bytes.len() as f64 * cut) as usize;
        if end < bytes.len() {
            prop_assert!(matches!(read_bytes(&bytes[..end]), Err(Unfit::NotJson(_))));
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_survives(text in any::<String>(), bytes in prop::collection::vec(0_u8..32, 0..8)) {
        let odd = format!("{text}{}\u{202e}\u{9b}31m", String::from_utf8_lossy(&bytes));
        let draft = draft_of(&json!({
            "name": odd, "call_sid": "A", "company": odd, "source": odd, "notes": odd, "routing_owner": odd, "intent": odd,
            "tier": odd, "question": odd, "email": odd, "phone": odd, "signals": { "deciders": [odd], "timeline": odd },
        }));
        let kept = json!([draft.caller, draft.touch, draft.signals, draft.routing_owner]);
        let mut texts = Vec::new();
        texts_in(&kept, &mut texts);
        prop_assert!(texts.contains(&"A"));
        for text in texts {
            prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()) && !text.contains('\u{202e}'), "{:?}", text);
        }
    }
}
