//! `POST /api/leads/{id}/outcome` and `…/note`

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{AGENT, PRIYA, TOM, house};

#[test]
fn an_outcome_closes_schedules_or_sends_up_the_ladder() {
    house(|house| async move {
        house.advance(SignedDuration::from_hours(8));
        for (body, state, due_at) in [
            (json!({ "outcome": "connected", "note": "Wants a demo." }), "closed", None),
            (json!({ "outcome": "wrong_number" }), "closed", None),
            (json!({ "outcome": "voicemail" }), "scheduled", Some("2026-09-01T09:25:00Z")),
            (
                json!({ "outcome": "callback_later", "callback_at": "2026-09-01T16:00:00+01:00" }),
                "scheduled",
                Some("2026-09-01T15:00:00Z"),
            ),
        ] {
            let id = house.lead("Alex").await;
            let lead =
                house.post(PRIYA, &format!("/api/leads/{id}/outcome"), body.clone()).await.ok();
            assert_eq!(lead["state"], state, "{body}");
            assert_eq!(lead["outcome"], body["outcome"]);
            if let Some(due_at) = due_at {
                assert_eq!(lead["due_at"], due_at, "{body}");
            }
            if let Some(note) = body.get("note") {
                assert_eq!(lead["notes"][0]["text"], *note);
                assert_eq!(lead["notes"][0]["by"], "Priya");
            }
        }
    });
}

#[test]
fn a_callback_needs_a_time_that_is_still_to_come() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        let path = format!("/api/leads/{id}/outcome");
        for body in [
            json!({ "outcome": "callback_later" }),
            json!({ "outcome": "callback_later", "callback_at": "2026-08-31T16:00:00Z" }),
        ] {
            let faults = house.post(PRIYA, &path, body).await.faults(422, "invalid-body");
            assert!(faults["/callback_at"].contains("callback_at"), "{faults:?}");
        }
    });
}

#[test]
fn somebody_who_opted_out_is_marked_for_good() {
    house(|house| async move {
        let first =
            house.ingest(json!({ "phone": "+447700900123", "intent": "pricing" })).await.json();
        let id = first["lead_id"].as_str().unwrap();
        house
            .post(PRIYA, &format!("/api/leads/{id}/outcome"), json!({ "outcome": "opted_out" }))
            .await
            .ok();
        let found = house.get(AGENT, "/api/contacts/lookup?phone=%2B447700900123").await.ok();
        assert_eq!(found["contact"]["opted_out"], true);
        assert_eq!(found["open_lead"], Value::Null);
    });
}

#[test]
fn whoever_holds_a_lead_logs_its_outcome() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        house.press(PRIYA, &format!("/api/leads/{id}/claim")).await.ok();
        let reply = house
            .post(TOM, &format!("/api/leads/{id}/outcome"), json!({ "outcome": "busy" }))
            .await;
        reply.problem(409, "already-claimed");
    });
}

#[test]
fn a_note_is_cleaned_and_kept_without_private_numbers() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        let path = format!("/api/leads/{id}/note");
        let text = "Paid\u{1b}[31m with 4242 4242 4242 4242,\nring after four.";
        let lead = house.post(PRIYA, &path, json!({ "text": text })).await.ok();
        let note = lead["notes"][0]["text"].as_str().unwrap();
        assert!(note.starts_with("Paid with ") && note.ends_with("\nring after four."), "{note}");
        assert!(!note.contains("4242"), "{note}");
        for empty in [json!({}), json!({ "text": " \u{0}" }), json!({ "text": null })] {
            let faults = house.post(PRIYA, &path, empty).await.faults(422, "invalid-body");
            assert_eq!(faults["/text"], "must say something");
        }
    });
}
