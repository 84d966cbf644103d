//! `POST /api/ingest/call`

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{AGENT, PRIYA, house};

#[test]
fn a_calls_facts_are_recorded_once_and_completed_later() {
    house(|house| async move {
        let mut call = json!({ "call_sid": "CA1", "from": "07700 900123", "started_at": "2026-09-01T01:00:00Z", "answered": true, "answered_by": "agent" });
        let recorded = |body| house.post(AGENT, "/api/ingest/call", body);
        assert_eq!(recorded(call.clone()).await.expect(StatusCode::CREATED)["call_sid"], "CA1");
        recorded(call.clone()).await.expect(StatusCode::CREATED);
        call["ended_at"] = json!("2026-09-01T01:02:00Z");
        recorded(call).await.expect(StatusCode::CREATED);
        let journal = house.get(PRIYA, "/api/journal").await.ok();
        let entries = journal["entries"].as_array().unwrap().iter();
        assert_eq!(entries.filter(|entry| entry["kind"] == "call.recorded").count(), 2);
    });
}

#[test]
fn everything_that_is_missing_or_wrong_is_named_at_once() {
    house(|house| async move {
        let body = json!({ "answered": "yes", "started_at": "01:00", "ring_seconds": -1, "colour": "red" });
        let faults = house.post(AGENT, "/api/ingest/call", body).await.faults(422, "invalid-body");
        let pointers: Vec<_> = faults.keys().map(String::as_str).collect();
        assert_eq!(pointers, ["/answered", "/call_sid", "/colour", "/ring_seconds", "/started_at"]);
    });
}
