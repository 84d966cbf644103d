//! How much one client may ask for.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    harness::{PRIYA, Plan, TOM, house, house_with},
    raw::Raw,
};

#[test]
fn wrong_tokens_are_slowed_early_and_those_who_were_let_in_are_not() {
    house(|house| async move {
        house.get(PRIYA, "/api/me").await.ok();
        let mut slowed = None;
        for n in 0..40 {
            let reply = house.get(&format!("rbt_guess_{n}"), "/api/me").await;
            if reply.status == StatusCode::TOO_MANY_REQUESTS {
                slowed = Some((n, reply));
                break;
            }
            reply.problem(401, "token-refused");
        }
        let (n, reply) = slowed.expect("slowed at last");
        assert!(n >= 15, "a few wrong tries are forgiven: {n}");
        reply.problem(429, "too-many-requests");
        assert_eq!(reply.header("retry-after"), "1");
        house.get("", "/api/me").await.problem(429, "too-many-requests");
        house.get(PRIYA, "/api/me").await.ok();
        house.ingest(json!({ "name": "Alex" })).await;
        // Also when their token has to be looked up again.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        for _ in 0..30 {
            house.get("rbt_guess", "/api/me").await;
        }
        house.get(PRIYA, "/api/me").await.ok();
    });
}

#[test]
fn one_rep_who_asks_too_much_holds_up_nobody_else() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.limits.rep_per_second = 1;
        plan
    };
    house_with(plan, |house| async move {
        house.get(PRIYA, "/api/me").await.ok();
        house.get(PRIYA, "/api/me").await.ok();
        house.get(PRIYA, "/api/me").await.problem(429, "too-many-requests");
        house.get(TOM, "/api/me").await.ok();
        house.ingest(json!({ "name": "Alex" })).await.expect(StatusCode::CREATED);
    });
}

#[test]
fn the_ingest_limit_is_the_owners() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.limits.ingest_per_second = 2;
        plan
    };
    house_with(plan, |house| async move {
        for _ in 0..2 {
            house.ingest(json!({ "name": "Alex" })).await.expect(StatusCode::CREATED);
        }
        let reply = house.ingest(json!({ "name": "Alex" })).await;
        reply.problem(429, "too-many-requests");
        assert!(!reply.header("retry-after").is_empty());
    });
}

#[test]
fn a_connection_too_many_is_told_to_come_back_and_gets_in_when_one_closes() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.limits.max_connections = 3;
        plan
    };
    house_with(plan, |house| async move {
        let ask = "GET /healthz HTTP/1.1\r\nhost: ringback\r\n\r\n";
        let mut open = Vec::new();
        for _ in 0..3 {
            let mut raw = Raw::connect(house.address).await;
            raw.send(ask).await;
            assert!(raw.some().await.starts_with("HTTP/1.1 200 "));
            open.push(raw);
        }
        let mut raw = Raw::connect(house.address).await;
        raw.send(ask).await;
        let answer = raw.rest().await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.contains("retry-after: 5\r\n"), "{answer}");
        drop(open.pop());
        tokio::time::sleep(Duration::from_millis(100)).await;
        let mut raw = Raw::connect(house.address).await;
        raw.send(ask).await;
        assert!(raw.some().await.starts_with("HTTP/1.1 200 "));
        let metrics = {
            let mut raw = open.pop().unwrap();
            raw.send("GET /metrics HTTP/1.1\r\nhost: ringback\r\n\r\n").await;
            raw.some().await
        };
        assert!(metrics.contains("ringback_connections_turned_away_total 1"), "{metrics}");
    });
}
