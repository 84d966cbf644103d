//! `GET /api/leads/{id}` and `…/history`

use serde_json::{Value, json};

use crate::harness::{PRIYA, TOM, house};

/// The members that the contract names.
const LEAD: &str = "id rev tier queue state intent intent_raw contact summary summaries signals value_band source call_sid \
    transcript_id touches received_at ended_at after_hours opens_at due_at callback_at owner claimed_by claimed_at lease_until \
    attempts first_dial_at first_contact_at outcome routing_tag reason escalations";
const CONTACT: &str = "id name email phone phone_display company timezone customer opted_out";

#[test]
fn a_lead_has_every_member_of_the_contract() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        let lead = house.get(PRIYA, &format!("/api/leads/{id}")).await.ok();
        for member in LEAD.split_whitespace() {
            assert!(lead.get(member).is_some(), "{member} is missing");
        }
        for member in CONTACT.split_whitespace() {
            assert!(lead["contact"].get(member).is_some(), "contact.{member} is missing");
        }
        assert_eq!(lead["id"], id);
        assert_eq!(lead["rev"], 1);
    });
}

#[test]
fn a_history_tells_what_happened_in_order_and_what_came_before() {
    house(|house| async move {
        let call = json!({ "phone": "+447700900123", "intent": "pricing" });
        let first = house.ingest(call.clone()).await.json()["lead_id"].as_str().unwrap().to_owned();
        let path = |id: &str, what: &str| format!("/api/leads/{id}/{what}");
        house.press(PRIYA, &path(&first, "claim")).await.ok();
        house.post(PRIYA, &path(&first, "outcome"), json!({ "outcome": "connected" })).await.ok();
        let second = house.ingest(call).await.json()["lead_id"].as_str().unwrap().to_owned();
        house.post(TOM, &path(&second, "note"), json!({ "text": "Again." })).await.ok();

        let history = house.get(PRIYA, &path(&first, "history")).await.ok();
        let kinds: Vec<&str> = history["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["kind"].as_str().unwrap())
            .filter(|kind| *kind != "lead.unstaffed")
            .collect();
        assert_eq!(kinds, ["lead.arrived", "lead.claimed", "lead.closed"]);
        assert_eq!(
            history["entries"][0]["actor"],
            json!({ "kind": "program", "id": "agent", "name": "Voice agent" })
        );
        assert!(
            history["entries"].as_array().unwrap().iter().all(|entry| entry["lead"] == Value::Null)
        );

        let history = house.get(PRIYA, &path(&second, "history")).await.ok();
        assert_eq!(history["earlier"][0]["id"], first);
        assert_eq!(history["earlier"][0]["outcome"], "connected");
    });
}

#[test]
fn a_lead_that_is_not_there_is_not_found() {
    house(|house| async move {
        for id in ["0198f000-0000-7000-8000-000000000000", "nonsense"] {
            house.get(PRIYA, &format!("/api/leads/{id}")).await.problem(404, "no-such-lead");
            house
                .get(PRIYA, &format!("/api/leads/{id}/history"))
                .await
                .problem(404, "no-such-lead");
        }
    });
}
