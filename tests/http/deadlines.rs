//! Deadlines, acted on by the timer.

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{House, PRIYA, TOM, house, until};

async fn state(house: &House, id: &str) -> String {
    let lead = house.get(PRIYA, &format!("/api/leads/{id}")).await.ok();
    lead["state"].as_str().expect("a state").to_owned()
}

async fn kinds(house: &House, id: &str) -> Vec<String> {
    let history = house.get(PRIYA, &format!("/api/leads/{id}/history")).await.ok();
    let entries = history["entries"].as_array().expect("entries").iter();
    entries.map(|entry| entry["kind"].as_str().expect("a kind").to_owned()).collect()
}

#[test]
fn a_claim_without_a_dial_goes_back_to_the_queue_when_its_lease_ends() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        house.press(PRIYA, &format!("/api/leads/{id}/claim")).await.ok();
        house.advance(SignedDuration::from_secs(5 * 60 - 1));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        assert_eq!(state(&house, &id).await, "claimed");
        house.advance(SignedDuration::from_secs(1));
        until("the lead waits again", || async { state(&house, &id).await == "waiting" }).await;
        let history = house.get(PRIYA, &format!("/api/leads/{id}/history")).await.ok();
        let last = history["entries"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["kind"], "lead.released");
        assert_eq!(last["actor"]["kind"], "clock");
        assert_eq!(last["detail"]["why"], "lease_expired");
        assert_eq!(last["detail"]["held_by"]["id"], "priya");
        house.press(TOM, &format!("/api/leads/{id}/claim")).await.ok();
    });
}

#[test]
fn a_due_time_that_passes_is_told_once() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        house.advance(SignedDuration::from_hours(12));
        until("it is told", || async { kinds(&house, &id).await.contains(&"lead.due".into()) })
            .await;
        house.advance(SignedDuration::from_mins(1));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let told = kinds(&house, &id).await.iter().filter(|kind| *kind == "lead.due").count();
        assert_eq!(told, 1);
    });
}

#[test]
fn deadlines_that_passed_while_the_service_was_down_are_acted_on_when_it_is_back() {
    house(|house| async move {
        let mut ids = Vec::new();
        for n in 0..300 {
            let id = house.lead(&format!("caller {n}")).await;
            house.press(PRIYA, &format!("/api/leads/{id}/claim")).await.ok();
            ids.push(id);
        }
        let clock = house.clock.clone();
        house.shutdown.cancel();
        clock.advance(SignedDuration::from_mins(6));
        let house = house.restart().await;
        until("all wait again", || async {
            let queue = house.get(PRIYA, "/api/queue?limit=1000").await.ok();
            queue["leads"].as_array().unwrap().iter().all(|lead| lead["state"] == "waiting")
        })
        .await;
        assert_eq!(ids.len(), 300);
    });
}

#[test]
fn what_is_left_of_the_night_at_close_of_business_is_carried_over() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        house.advance(SignedDuration::from_hours(15));
        until("it is carried over", || async {
            house.get(PRIYA, &format!("/api/leads/{id}")).await.ok()["carried_over"] == true
        })
        .await;
        let queue = house.get(PRIYA, "/api/queue?view=overnight").await.ok();
        assert_eq!(queue["total"], 1);
    });
}

#[test]
fn a_callback_agreed_waits_until_its_time_and_then_stands_open() {
    house(|house| async move {
        house.advance(SignedDuration::from_hours(8));
        let reply = house
            .ingest(json!({ "name": "Dev", "intent": "pricing", "callback_at": "2026-09-01T11:00:00Z" }))
            .await;
        let id = reply.expect(StatusCode::CREATED)["lead_id"].as_str().unwrap().to_owned();
        assert_eq!(state(&house, &id).await, "scheduled");
        house.advance(SignedDuration::from_hours(2));
        until("it stands open", || async { state(&house, &id).await == "waiting" }).await;
    });
}
