//! `Idempotency-Key`, on every POST

use futures_util::future::join_all;
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{AGENT, House, PRIYA, Reply, TOM, house};

async fn post(house: &House, token: &str, path: &str, key: &str, body: Value) -> Reply {
    let request = house.request(Method::POST, path, token).json(&body);
    Reply::of(request.header("Idempotency-Key", key)).await
}

#[test]
fn a_repeat_of_an_ingest_gets_the_first_answer_and_makes_no_second_lead() {
    house(|house| async move {
        let body = json!({ "name": "Withheld", "phone": "anonymous", "intent": "pricing" });
        let first = post(&house, AGENT, "/api/ingest/lead", "k1", body.clone())
            .await
            .expect(StatusCode::CREATED);
        house.advance(SignedDuration::from_hours(23));
        assert_eq!(post(&house, AGENT, "/api/ingest/lead", "k1", body.clone()).await.ok(), first);
        let other =
            post(&house, AGENT, "/api/ingest/lead", "k2", body).await.expect(StatusCode::CREATED);
        assert_ne!(other["lead_id"], first["lead_id"]);
    });
}

#[test]
fn repeats_that_race_make_one_lead() {
    house(|house| async move {
        let body = json!({ "name": "Withheld", "phone": "anonymous" });
        let replies =
            join_all((0..20).map(|_| post(&house, AGENT, "/api/ingest/lead", "k", body.clone())))
                .await;
        let ids: std::collections::BTreeSet<String> =
            replies.iter().map(|reply| reply.json()["lead_id"].to_string()).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(replies.iter().filter(|reply| reply.status == StatusCode::CREATED).count(), 1);
    });
}

#[test]
fn a_repeated_note_stands_once() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        let path = format!("/api/leads/{id}/note");
        for _ in 0..2 {
            post(&house, PRIYA, &path, "offline-7", json!({ "text": "Rang, busy." })).await.ok();
        }
        let lead = house.get(PRIYA, &format!("/api/leads/{id}")).await.ok();
        assert_eq!(lead["notes"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn a_repeated_outcome_is_answered_like_the_first_although_the_lead_is_closed_now() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        let path = format!("/api/leads/{id}/outcome");
        let body = json!({ "outcome": "connected" });
        let first = post(&house, PRIYA, &path, "k", body.clone()).await.ok();
        assert_eq!(post(&house, PRIYA, &path, "k", body.clone()).await.ok(), first);
        house.post(PRIYA, &path, body).await.problem(409, "lead-closed");
    });
}

#[test]
fn a_key_used_for_another_request_is_refused() {
    house(|house| async move {
        post(&house, AGENT, "/api/ingest/lead", "k", json!({ "name": "Alex" }))
            .await
            .expect(StatusCode::CREATED);
        post(&house, AGENT, "/api/ingest/lead", "k", json!({ "name": "Sam" }))
            .await
            .problem(422, "idempotency-key-reused");
        let id = house.lead("Alex").await;
        let (note, other) = (format!("/api/leads/{id}/note"), house.lead("Dev").await);
        post(&house, PRIYA, &note, "n", json!({ "text": "x" })).await.ok();
        post(&house, PRIYA, &format!("/api/leads/{other}/note"), "n", json!({ "text": "x" }))
            .await
            .problem(422, "idempotency-key-reused");
    });
}

#[test]
fn keys_of_two_senders_never_meet() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        let path = format!("/api/leads/{id}/note");
        post(&house, PRIYA, &path, "1", json!({ "text": "From Priya." })).await.ok();
        let lead = post(&house, TOM, &path, "1", json!({ "text": "From Tom." })).await.ok();
        assert_eq!(lead["notes"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn a_key_is_believed_for_a_day() {
    house(|house| async move {
        let body = json!({ "name": "Withheld", "phone": "anonymous" });
        let first = post(&house, AGENT, "/api/ingest/lead", "k", body.clone()).await.json();
        house.advance(SignedDuration::from_hours(25));
        let later =
            post(&house, AGENT, "/api/ingest/lead", "k", body).await.expect(StatusCode::CREATED);
        assert_ne!(later["lead_id"], first["lead_id"]);
    });
}

#[test]
fn an_endless_or_empty_key_is_a_fault() {
    house(|house| async move {
        for key in ["", &"k".repeat(256)] {
            let reply =
                post(&house, AGENT, "/api/ingest/lead", key, json!({ "name": "Alex" })).await;
            assert!(reply.faults(400, "invalid-parameter").contains_key("Idempotency-Key"));
        }
    });
}
