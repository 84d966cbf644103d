//! `POST /api/ingest/lead`

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{AGENT, House, PRIYA, at, house};

/// As it stands in the guide, to the letter.
const GUIDE: &str = r#"{
  "name": "Alex Rivera",
  "email": "[email protected]",
  "phone": "+447700900123",
  "intent": "new_enquiry_demo",
  "tier": "B",
  "source": "inbound_call",
  "call_sid": "CA...",
  "transcript_id": "tr_123",
  "timezone": "Europe/London",
  "notes": "Evaluating AI appointment booking for 15-person sales team. Current stack is Salesforce. Timeline: next quarter.",
  "routing_owner": "team_sdr"
}"#;

async fn lead(house: &House, routed: &Value) -> Value {
    let id = routed["lead_id"].as_str().expect("an id");
    house.get(PRIYA, &format!("/api/leads/{id}")).await.ok()
}

#[test]
fn the_guides_own_payload_becomes_a_lead_that_says_why() {
    house(|house| async move {
        // The page hides the address behind these words, with a space that does not break.
        let guide = GUIDE.replace("[email protected]", "[email\u{a0}protected]");
        let routed =
            house.post_raw(AGENT, "/api/ingest/lead", guide).await.expect(StatusCode::CREATED);
        assert_eq!(routed["tier"], "B");
        assert_eq!(routed["merged"], false);
        assert_eq!(routed["due_at"], "2026-09-01T08:15:00Z", "15 minutes from opening");
        assert!(routed["reason"].as_str().expect("a reason").len() > 10, "{routed}");
        assert!(routed["contact_id"].is_string() && routed["queue"].is_string(), "{routed}");
        let lead = lead(&house, &routed).await;
        assert_eq!(lead["contact"]["name"], "Alex Rivera");
        assert_eq!(lead["contact"]["phone"], "+447700900123");
        assert_eq!(lead["contact"]["phone_display"], "07700 900123");
        assert_eq!(lead["intent"], "new_enquiry_demo");
        assert_eq!(lead["opens_at"], "2026-09-01T08:00:00Z");
        assert_eq!(lead["after_hours"], true);
        assert_eq!(lead["transcript_id"], "tr_123");
        // Nobody can be written to there, and the text is still worth a look.
        assert_eq!(lead["contact"]["email"], Value::Null);
        assert_eq!(lead["contact"]["email_as_received"], "[email protected]");
        let summary = lead["summary"].as_str().expect("a summary");
        assert!(summary.starts_with("Evaluating AI appointment booking"), "{summary}");
    });
}

#[test]
fn every_member_of_the_contract_arrives_where_a_rep_looks_for_it() {
    house(|house| async move {
        let reply = house
            .ingest(json!({
                "name": "Morag Sinclair", "email": "Morag@Example.co.uk", "phone": "+44 (0)7700 900124", "callback_phone": "020 7946 0958",
                "intent": "pricing", "tier": "C", "source": "web_form", "call_sid": "CA1", "transcript_id": "tr_1",
                "timezone": "Europe/Paris", "notes": "Wants a price.", "outcome": "callback_later", "routing_tag": "autumn",
                "company": "Sinclair & Co", "callback_at": "2026-09-01T11:00:00+01:00", "preferred_channel": "sms",
                "ended_at": "2026-08-31T22:00:00.123456Z", "question": "How much?", "answer": "It depends.", "customer": true,
                "signals": { "team_size": 3, "sites": 1, "timeline": "some day", "urgency": "normal", "deal_value_pence": 120_000, "deciders": ["Ian"] },
                "something": ["else", { "entirely": null }],
            }))
            .await;
        let lead = lead(&house, &reply.expect(StatusCode::CREATED)).await;
        let contact = &lead["contact"];
        assert_eq!(contact["name"], "Morag Sinclair");
        assert_eq!(contact["email"], "morag@example.co.uk");
        assert_eq!(contact["phone"], "+442079460958", "the number to ring back stands first");
        assert_eq!(contact["company"], "Sinclair & Co");
        assert_eq!(contact["timezone"], "Europe/Paris");
        assert_eq!(contact["customer"], true);
        assert_eq!(lead["source"], "web_form");
        assert_eq!(lead["call_sid"], "CA1");
        assert_eq!(lead["routing_tag"], "autumn");
        assert_eq!(lead["callback_at"], "2026-09-01T10:00:00Z");
        assert_eq!(lead["due_at"], "2026-09-01T10:00:00Z");
        assert_eq!(lead["ended_at"], "2026-08-31T22:00:00.123Z");
        assert_eq!(lead["agent_tier"], "C");
        assert_eq!(lead["signals"]["team_size"], 3);
        assert_eq!(lead["signals"]["deal_value_pence"], 120_000);
        assert_eq!(lead["signals"]["deciders"], json!(["Ian"]));
        assert_eq!(lead["summaries"][0]["question"], "How much?");
        assert_eq!(lead["summaries"][0]["answer"], "It depends.");
        let found = house.get(AGENT, "/api/contacts/lookup?phone=07700900124").await.ok();
        assert_eq!(found["contact"]["id"], contact["id"], "the calling number finds it too");
    });
}

#[test]
fn the_same_person_in_any_form_joins_the_open_lead() {
    house(|house| async move {
        let first = house
            .ingest(json!({ "phone": "07700 900123", "call_sid": "CA1", "intent": "pricing" }))
            .await;
        let first = first.expect(StatusCode::CREATED);
        for (n, phone) in ["+44 (0)7700 900123", "0044 7700 900123"].into_iter().enumerate() {
            let again = house
                .ingest(
                    json!({ "phone": phone, "call_sid": format!("CA2{n}"), "notes": "Me again." }),
                )
                .await
                .ok();
            assert_eq!(again["merged"], true);
            assert_eq!(again["lead_id"], first["lead_id"]);
        }
        assert_eq!(lead(&house, &first).await["touches"], 3);
    });
}

#[test]
fn the_same_call_delivered_twice_is_answered_with_the_first_result() {
    house(|house| async move {
        let call = json!({ "phone": "+447700900123", "call_sid": "CA7", "intent": "pricing" });
        let first = house.ingest(call.clone()).await.expect(StatusCode::CREATED);
        house.advance(SignedDuration::from_hours(1));
        assert_eq!(house.ingest(call).await.ok(), first);
        assert_eq!(lead(&house, &first).await["touches"], 1);
    });
}

#[test]
fn two_withheld_callers_are_two_people() {
    house(|house| async move {
        let mut contacts = Vec::new();
        for phone in ["anonymous", "+266696687"] {
            let routed = house.ingest(json!({ "phone": phone, "intent": "support" })).await;
            contacts.push(routed.expect(StatusCode::CREATED)["contact_id"].clone());
        }
        assert_ne!(contacts[0], contacts[1]);
    });
}

#[test]
fn unknown_words_are_kept_beside_what_we_made_of_them() {
    house(|house| async move {
        let routed = house
            .ingest(json!({ "phone": "+447700900123", "intent": "Buy a boat", "tier": "urgent!", "outcome": "shrugged" }))
            .await
            .expect(StatusCode::CREATED);
        assert_eq!(routed["queue"], "general");
        let lead = lead(&house, &routed).await;
        assert_eq!(lead["intent"], "unclear");
        assert_eq!(lead["intent_raw"], "Buy a boat");
        assert_eq!(lead["agent_tier"], "urgent!");
    });
}

#[test]
fn a_call_without_an_end_ended_when_it_arrived() {
    house(|house| async move {
        let routed = house.ingest(json!({ "name": "Dev" })).await.expect(StatusCode::CREATED);
        let lead = lead(&house, &routed).await;
        assert_eq!(lead["ended_at"], house.clock.now().to_string());
        assert_eq!(lead["received_at"], at("2026-09-01T01:10:00Z").to_string());
    });
}

#[test]
fn card_bank_and_insurance_numbers_never_reach_the_disk() {
    house(|house| async move {
        let routed = house
            .ingest(json!({ "name": "Dev", "notes": "My card is 4242 4242 4242 4242, ring me.", "question": "NI QQ 12 34 56 C, is that all?" }))
            .await
            .expect(StatusCode::CREATED);
        let id = routed["lead_id"].as_str().expect("an id").to_owned();
        let lead = house.get(PRIYA, &format!("/api/leads/{id}")).await.text;
        let history = house.get(PRIYA, &format!("/api/leads/{id}/history")).await.text;
        let journal = house.get(PRIYA, "/api/journal").await.text;
        for text in [lead, history, journal] {
            assert!(!text.contains("4242 4242") && !text.contains("QQ 12"), "{text}");
        }
    });
}

#[test]
fn what_is_answered_with_success_is_there_after_a_restart() {
    house(|house| async move {
        let routed = house.ingest(json!({ "name": "Dev" })).await.expect(StatusCode::CREATED);
        let house = house.restart().await;
        assert_eq!(lead(&house, &routed).await["contact"]["name"], "Dev");
    });
}
