//! The database away: what is still answered, what is refused and how, and that it is over by itself.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    cluster::Cluster,
    harness::{AGENT, House, PRIYA, SAM, TOM, house, house_on_its_own, until},
    sse::Events,
};

const VIEWS: [&str; 8] =
    ["overnight", "callbacks", "booked", "answers", "partnerships", "general", "mine", "all"];

/// Calls of every kind, one of them held by Priya.
async fn a_night(house: &House) -> String {
    for (n, (intent, tier)) in [
        ("new_enquiry_demo", "B"),
        ("pricing", "C"),
        ("partnership", "C"),
        ("unclear", "C"),
        ("support", "B"),
        ("pricing", "D"),
        ("new_enquiry_quote", "B"),
    ]
    .into_iter()
    .enumerate()
    {
        let value = (n % 2 == 0).then_some(n * 700_000);
        house
            .ingest(json!({
                "name": format!("caller {n}"), "intent": intent, "tier": tier,
                "signals": { "deal_value_pence": value },
            }))
            .await
            .expect(StatusCode::CREATED);
    }
    let id = house.lead("hers").await;
    house.press(PRIYA, &format!("/api/leads/{id}/claim")).await.ok();
    id
}

/// Reads a view page by page; what the pages say of themselves must agree.
async fn read(house: &House, view: &str, stale: bool) -> Vec<Value> {
    let (mut leads, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/queue?view={view}&limit=3{cursor}");
        let page = house.get(PRIYA, &path).await.ok();
        assert_eq!(page["stale"], stale, "{view}: {page}");
        leads.extend(page["leads"].as_array().expect("leads").iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => {
                assert_eq!(page["total"], leads.len(), "{view}");
                return leads;
            }
        }
    }
}

/// Waits until the queue as it is now is also what would be answered in an outage.
async fn remembered(house: &House) {
    let head = house.get(PRIYA, "/api/me").await.ok()["seq"].as_i64().expect("a number");
    // The eye on the database looks every second.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(house.get(PRIYA, "/api/me").await.ok()["seq"], head, "nobody else works here");
}

#[test]
fn without_its_store_every_queue_is_answered_as_it_was_and_says_so() {
    house(|house| async move {
        a_night(&house).await;
        let mut before = Vec::new();
        for view in VIEWS {
            before.push(read(&house, view, false).await);
        }
        assert!(before.iter().filter(|leads| !leads.is_empty()).count() >= 5, "{before:?}");
        house.get(TOM, "/api/me").await.ok();
        remembered(&house).await;
        house.store.close().await.expect("closed");
        for (view, before) in VIEWS.into_iter().zip(&before) {
            assert_eq!(read(&house, view, true).await, *before, "{view}");
        }
        let as_of = house.clock.now();
        house.advance(jiff::SignedDuration::from_secs(90));
        let reply = house.get(PRIYA, "/api/queue").await;
        assert_eq!(reply.ok()["as_of"], as_of.to_string());
        assert_eq!(reply.header("age"), "90");
        assert!(!reply.header("x-ringback-now").is_empty());
        assert!(reply.ok()["seq"].as_i64() > Some(8));
    });
}

#[test]
fn without_its_store_nothing_is_changed_and_everybody_is_told_when_to_come_back() {
    house(|house| async move {
        let id = a_night(&house).await;
        remembered(&house).await;
        house.store.close().await.expect("closed");
        for (path, token, body) in [
            ("/api/ingest/lead".to_owned(), AGENT, json!({ "name": "Alex" })),
            (format!("/api/leads/{id}/release"), PRIYA, json!({})),
            (format!("/api/leads/{id}/note"), PRIYA, json!({ "text": "x" })),
        ] {
            let reply = house.post(token, &path, body).await;
            reply.problem(503, "database-away");
            assert_eq!(reply.header("retry-after"), "1", "{path}");
        }
        let reply = house.patch(SAM, "/api/team/tom", json!({ "removed": true })).await;
        reply.problem(503, "database-away");
        for (path, token) in
            [(&*format!("/api/leads/{id}"), PRIYA), ("/api/stream", PRIYA), ("/readyz", "")]
        {
            let reply = house.get(token, path).await;
            reply.problem(503, "database-away");
            assert_eq!(reply.header("retry-after"), "1", "{path}");
        }
        // Somebody never seen cannot be told from a stranger now.
        house.get("rbt_unknown", "/api/queue").await.problem(503, "database-away");
        house.get("", "/api/queue").await.problem(401, "token-missing");
        house.get("", "/healthz").await.ok();
        let metrics = house.get("", "/metrics").await;
        assert!(metrics.text.contains("ringback_database_up 0\n"), "{}", metrics.text);
    });
}

#[test]
fn whoever_was_removed_does_not_see_the_last_known_queue_either() {
    house(|house| async move {
        a_night(&house).await;
        house.get(TOM, "/api/queue").await.ok();
        house.patch(SAM, "/api/team/tom", json!({ "removed": true })).await.ok();
        remembered(&house).await;
        house.store.close().await.expect("closed");
        house.get(TOM, "/api/queue").await.problem(503, "database-away");
        house.get(PRIYA, "/api/queue").await.ok();
    });
}

#[test]
fn a_live_stream_ends_when_the_database_stays_away() {
    house(|house| async move {
        let mut events = Events::open(&house, PRIYA, None).await;
        events.block().await.expect("a sign of life");
        let began = Instant::now();
        house.store.close().await.expect("closed");
        assert_eq!(events.next().await, None);
        assert!(began.elapsed() > Duration::from_secs(2), "a short outage cuts nobody off");
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    });
}

#[test]
fn when_the_database_comes_back_all_goes_on_by_itself() {
    house_on_its_own(|house, mut cluster: Cluster| async move {
        a_night(&house).await;
        remembered(&house).await;
        let before = read(&house, "all", false).await;
        let mut events = Events::open(&house, PRIYA, None).await;
        events.block().await.expect("a sign of life");
        cluster.kill();
        let began = Instant::now();
        assert_eq!(read(&house, "all", true).await, before);
        let call = json!({ "name": "Late", "call_sid": "CA9" });
        house.ingest(call.clone()).await.problem(503, "database-away");
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        house.get("", "/readyz").await.problem(503, "database-away");
        assert_eq!(events.next().await, None, "the line ends");
        cluster.resume();
        let back = Instant::now();
        until("it is ready again", || async {
            house.get("", "/readyz").await.status == StatusCode::OK
        })
        .await;
        until("a call is taken again", || async {
            house.ingest(call.clone()).await.status.is_success()
        })
        .await;
        assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
        let after = read(&house, "all", false).await;
        assert_eq!(after.len(), before.len() + 1);
        let mut events = Events::open(&house, PRIYA, Some(0)).await;
        let head = house.get(PRIYA, "/api/journal?limit=1").await.ok()["seq"].as_i64();
        let head = head.expect("a number");
        assert_eq!(events.ids_to(head).await, (1..=head).collect::<Vec<_>>());
        let metrics = house.get("", "/metrics").await;
        assert!(metrics.text.contains("ringback_database_up 1\n"), "{}", metrics.text);
    });
}
