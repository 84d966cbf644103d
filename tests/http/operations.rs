//! `/healthz`, `/readyz`, `/metrics`, and addresses that are none.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{AGENT, PRIYA, Plan, Reply, house, house_with};

#[test]
fn the_service_says_that_it_is_alive_and_ready() {
    house(|house| async move {
        assert_eq!(house.get("", "/healthz").await.ok(), json!({ "status": "ok" }));
        let ready = house.get("", "/readyz").await.ok();
        assert_eq!(ready["status"], "ready");
        assert_eq!(ready["store"], house.store.name());
    });
}

#[test]
fn without_its_store_it_is_alive_and_not_ready_and_says_when_to_come_back() {
    house(|house| async move {
        house.get(PRIYA, "/api/queue").await.ok();
        house.store.close().await.unwrap();
        house.get("", "/healthz").await.ok();
        let reply = house.get("", "/readyz").await;
        reply.problem(503, "database-away");
        assert_eq!(reply.header("retry-after"), "1");
        assert!(!reply.text.contains("sqlite"), "{}", reply.text);
        let reply = house.ingest(json!({ "name": "Alex" })).await;
        reply.problem(503, "database-away");
        assert_eq!(reply.header("retry-after"), "1");
    });
}

#[test]
fn prometheus_sees_requests_by_route_ingests_by_result_and_queues() {
    house(|house| async move {
        let call = json!({ "phone": "+447700900123", "call_sid": "CA1" });
        house.ingest(call.clone()).await.expect(StatusCode::CREATED);
        house.ingest(call).await.ok();
        house.ingest(json!({ "phone": "+447700900123", "call_sid": "CA2" })).await.ok();
        house.ingest(json!({})).await.problem(422, "invalid-body");
        let id = house.lead("Alex").await;
        house.get(PRIYA, &format!("/api/leads/{id}")).await.ok();
        house.get(PRIYA, "/secret/07700900123").await.problem(404, "no-such-route");
        let metrics = house.get("", "/metrics").await;
        assert!(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
        let text = &metrics.text;
        for line in [
            "ringback_http_requests_total{route=\"/api/ingest/lead\",method=\"POST\",status=\"201\"} 2",
            "ringback_http_requests_total{route=\"/api/ingest/lead\",method=\"POST\",status=\"422\"} 1",
            "ringback_http_requests_total{route=\"/api/leads/{id}\",method=\"GET\",status=\"200\"} 1",
            "ringback_http_requests_total{route=\"unmatched\",method=\"GET\",status=\"404\"} 1",
            "ringback_ingested_total{result=\"arrived\"} 2",
            "ringback_ingested_total{result=\"joined\"} 1",
            "ringback_ingested_total{result=\"repeated\"} 1",
            "ringback_ingested_total{result=\"refused\"} 1",
            "ringback_queue_leads{view=\"overnight\"} 2",
            "ringback_stream_subscribers 0",
            "ringback_http_answer_seconds_count{route=\"/api/ingest/lead\"} 5",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in:\n{text}");
        }
        assert!(!text.contains("07700") && !text.contains(&id), "{text}");
    });
}

#[test]
fn metrics_are_closed_where_the_owner_says_so() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.metrics = false;
        plan
    };
    house_with(plan, |house| async move {
        house.get("", "/metrics").await.problem(404, "no-such-route");
    });
}

#[test]
fn addresses_and_methods_that_are_none_are_problems_too() {
    house(|house| async move {
        for path in ["/", "/api", "/api/queue/", "/api/leads", "/..%2f..%2fetc/passwd"] {
            house.get(PRIYA, path).await.problem(404, "no-such-route");
        }
        let reply = house.get(AGENT, "/api/ingest/lead").await;
        reply.problem(405, "method-not-allowed");
        assert_eq!(reply.header("allow"), "POST");
        Reply::of(house.request(Method::DELETE, "/api/queue", PRIYA))
            .await
            .problem(405, "method-not-allowed");
    });
}

#[test]
fn an_http2_client_is_served_without_upgrade() {
    house(|house| async move {
        let client =
            reqwest::Client::builder().http2_prior_knowledge().tls_certs_only([]).build().unwrap();
        let response = client.get(house.url("/api/me")).bearer_auth(PRIYA).send().await.unwrap();
        assert_eq!(response.version(), reqwest::Version::HTTP_2);
        assert_eq!(response.status(), StatusCode::OK);
        let refused = client.get(house.url("/api/me")).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    });
}
