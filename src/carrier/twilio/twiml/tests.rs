use proptest::prelude::*;
use reqwest::Url;
use roxmltree::{Document, Node};
use uuid::Uuid;

use super::*;
use crate::{carrier::Limits, domain::ids::DialId};

fn hooks() -> Hooks {
    Hooks::new(&Url::parse("https://leads.example.co.uk").expect("a URL"))
}

fn phone(text: &str) -> Phone {
    text.parse().expect("a phone number")
}

fn order(announce: &str) -> RingOrder {
    RingOrder {
        dial: DialId(Uuid::from_u128(7)),
        rep: phone("+447700900456"),
        prospect: phone("+447700900123"),
        announce: announce.into(),
        limits: Limits::default(),
        detect_machines: false,
    }
}

/// The only element of a name, anywhere in a document.
fn only<'a>(document: &'a Document<'a>, name: &str) -> Node<'a, 'a> {
    let mut found = document.descendants().filter(|node| node.has_tag_name(name));
    let first = found.next().unwrap_or_else(|| panic!("no {name} in {}", document.input_text()));
    assert!(found.next().is_none(), "two {name}");
    first
}

fn attributes(node: Node<'_, '_>) -> Vec<(String, String)> {
    node.attributes().map(|a| (a.name().to_owned(), a.value().to_owned())).collect()
}

const PRESSED: &str =
    "https://leads.example.co.uk/webhooks/twilio/dial/00000000-0000-0000-0000-000000000007/pressed";

#[test]
fn the_rep_hears_who_it_is_about_and_is_asked_for_a_1() {
    let twiml = ask_rep(&order("Siân O'Brien & Sons"), &hooks());
    assert_eq!(
        twiml.as_str(),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Gather action=\"{PRESSED}\" finishOnKey=\"\" \
             input=\"dtmf\" method=\"POST\" numDigits=\"1\" timeout=\"8\"><Say language=\"en-GB\" voice=\"Polly.Amy\">\
             Callback for Siân O&apos;Brien &amp; Sons. Press 1 to connect.</Say></Gather><Hangup/></Response>"
        )
    );
    // Nobody's number is in it: a mailbox keeps what it hears.
    assert!(!twiml.as_str().contains("7700"));
    assert!(
        ask_rep(&order(" \n"), &hooks()).as_str().contains(">A callback. Press 1 to connect.<")
    );
}

#[test]
fn after_a_press_of_1_the_prospect_is_rung_from_our_number_for_a_limited_time() {
    let twiml = ring_prospect(&order("Siân"), &phone("+442079460000"), &hooks());
    let document = Document::parse(twiml.as_str()).expect("XML");
    let base =
        "https://leads.example.co.uk/webhooks/twilio/dial/00000000-0000-0000-0000-000000000007";
    let pairs = |list: &[(&str, &str)]| {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(
        attributes(only(&document, "Dial")),
        pairs(&[
            ("action", &format!("{base}/bridged")),
            ("answerOnBridge", "true"),
            ("callerId", "+442079460000"),
            ("method", "POST"),
            ("ringTone", "uk"),
            ("timeLimit", "3600"),
            ("timeout", "30"),
        ])
    );
    let number = only(&document, "Number");
    assert_eq!(
        attributes(number),
        pairs(&[
            ("statusCallback", &format!("{base}/prospect")),
            ("statusCallbackEvent", "initiated ringing answered completed"),
            ("statusCallbackMethod", "POST"),
        ])
    );
    assert_eq!(number.text(), Some("+447700900123"));
}

#[test]
fn an_extension_is_dialled_after_the_answer_and_machines_are_listened_for_on_wish() {
    let mut order = order("Siân");
    order.prospect = phone("+442079460958;ext=204");
    order.detect_machines = true;
    let twiml = ring_prospect(&order, &phone("+353861234567"), &hooks());
    let document = Document::parse(twiml.as_str()).expect("XML");
    let number = only(&document, "Number");
    assert_eq!(number.attribute("sendDigits"), Some("wwww204"));
    assert_eq!(number.attribute("machineDetection"), Some("Enable"));
    assert!(
        number.attribute("amdStatusCallback").is_some_and(|url| url.ends_with("/prospect-judged"))
    );
    assert_eq!(number.text(), Some("+442079460958"));
    assert_eq!(only(&document, "Dial").attribute("ringTone"), None);
}

#[test]
fn a_call_that_comes_in_is_sent_to_a_person_or_an_agent() {
    for (line, tag, text) in [
        (Line::Number(phone("+447700900456")), "Number", "+447700900456"),
        (
            Line::Sip("sip:call_1@sip.example.com;a=\"b\"&c".into()),
            "Sip",
            "sip:call_1@sip.example.com;a=\"b\"&c",
        ),
    ] {
        let twiml = connect(&line, 20, &hooks());
        let document = Document::parse(twiml.as_str()).expect("XML");
        let dial = only(&document, "Dial");
        assert_eq!(dial.attribute("answerOnBridge"), Some("true"));
        assert_eq!(dial.attribute("timeout"), Some("20"));
        assert_eq!(
            dial.attribute("action"),
            Some("https://leads.example.co.uk/webhooks/twilio/voice-done")
        );
        // The caller's own number is shown to whoever answers.
        assert_eq!(dial.attribute("callerId"), None);
        assert_eq!(only(&document, tag).text(), Some(text));
    }
}

#[test]
fn a_loop_is_turned_away_unanswered() {
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    assert_eq!(
        turn_away().as_str(),
        format!("{head}<Response><Reject reason=\"busy\"/></Response>")
    );
    assert_eq!(hang_up().as_str(), format!("{head}<Response><Hangup/></Response>"));
    assert_eq!(nothing().as_str(), format!("{head}<Response></Response>"));
}

#[test]
fn limits_out_of_twilios_range_are_brought_into_it() {
    let mut order = order("Siân");
    order.limits.talk = std::time::Duration::from_secs(999_999);
    order.limits.ring_prospect = std::time::Duration::ZERO;
    let twiml = ring_prospect(&order, &phone("+442079460000"), &hooks());
    let document = Document::parse(twiml.as_str()).expect("XML");
    assert_eq!(only(&document, "Dial").attribute("timeLimit"), Some("14400"));
    assert_eq!(only(&document, "Dial").attribute("timeout"), Some("5"));
}

#[test]
fn a_hostile_name_adds_no_verb() {
    for name in [
        "</Say></Gather><Dial>+449098790123</Dial><Gather><Say>",
        "\"><Redirect>https://evil.example</Redirect><Say x=\"",
        "]]><Hangup/><![CDATA[",
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;",
        "&lt;/Say&gt;",
        "\u{0}\u{8}\u{B}\u{1B}[2J\u{FFFE}\u{FFFF}\u{85}",
        &"a".repeat(100_000),
    ] {
        let twiml = ask_rep(&order(name), &hooks());
        assert!(twiml.as_str().len() < 4_000, "{}", twiml.as_str().len());
        let document = Document::parse(twiml.as_str()).expect("XML");
        let tags: Vec<&str> = document
            .descendants()
            .filter(Node::is_element)
            .map(|node| node.tag_name().name())
            .collect();
        assert_eq!(tags, ["Response", "Gather", "Say", "Hangup"], "{name}");
    }
}

proptest! {
    #[test]
    fn whatever_the_name_the_document_has_the_same_verbs_and_says_it(name in "\\PC{0,60}|.{0,60}") {
        for twiml in [ask_rep(&order(&name), &hooks()), say_and_hang_up(&name)] {
            let document = Document::parse(twiml.as_str())
                .map_err(|error| TestCaseError::fail(format!("{error}: {}", twiml.as_str())))?;
            prop_assert_eq!(document.descendants().filter(|node| node.has_tag_name("Say")).count(), 1);
            let text = only(&document, "Say").text().unwrap_or_default();
            for word in name.split(|c: char| c.is_whitespace() || c.is_control()) {
                prop_assert!(text.contains(word), "{word:?} is not in {text:?}");
            }
        }
    }
}
