//! `GET /api/stream`

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    harness::{House, PRIYA, Plan, Reply, SAM, TOM, house, house_with, until},
    raw::Raw,
    sse::{Block, Events},
};

async fn head(house: &House) -> i64 {
    house.get(PRIYA, "/api/journal?limit=1").await.ok()["seq"].as_i64().expect("a number")
}

#[test]
fn a_stream_tells_what_happened_since_then_and_what_happens_now() {
    house(|house| async move {
        let before = head(&house).await;
        let id = house.lead("Alex").await;
        let arrived = head(&house).await;
        let mut events = Events::open(&house, PRIYA, Some(before)).await;
        assert_eq!(events.ids_to(arrived).await, (before + 1..=arrived).collect::<Vec<_>>());
        house.press(TOM, &format!("/api/leads/{id}/claim")).await.ok();
        let claimed = events.next().await.expect("an event");
        assert_eq!((claimed.id, claimed.kind.as_str()), (arrived + 1, "lead.claimed"));
        let data = claimed.json();
        assert_eq!(data["seq"], arrived + 1);
        assert_eq!(data["kind"], "lead.claimed");
        assert_eq!(data["actor"]["id"], "tom");
        assert_eq!(data["lead"]["claimed_by"]["name"], "Tom");
        assert_eq!(data["lead"], house.get(PRIYA, &format!("/api/leads/{id}")).await.ok());
    });
}

#[test]
fn without_a_place_a_stream_begins_with_what_comes_next() {
    house(|house| async move {
        house.lead("Before").await;
        let before = head(&house).await;
        let mut events = Events::open(&house, PRIYA, None).await;
        house.lead("After").await;
        let first = events.next().await.expect("an event");
        assert_eq!(first.id, before + 1);
        assert_eq!(first.json()["lead"]["contact"]["name"], "After");
    });
}

#[test]
fn last_event_id_resumes_and_overrules_the_address() {
    house(|house| async move {
        for n in 0..5 {
            house.lead(&format!("caller {n}")).await;
        }
        let last = head(&house).await;
        assert_eq!(
            Events::resume(&house, PRIYA, last - 2).await.ids_to(last).await,
            [last - 1, last]
        );
        let request = house.request(Method::GET, "/api/stream?after=0", PRIYA);
        let mut events = Events::of(request.header("Last-Event-ID", last - 1)).await;
        assert_eq!(events.ids_to(last).await, [last]);
        let request = house.request(Method::GET, "/api/stream", PRIYA).header("Last-Event-ID", "x");
        let faults = Reply::of(request).await.faults(400, "invalid-parameter");
        assert!(faults.contains_key("Last-Event-ID"));
    });
}

#[test]
fn a_gap_that_is_too_old_or_lies_ahead_is_gone() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.stream_gap = 3;
        plan
    };
    house_with(plan, |house| async move {
        house.lead("Alex").await;
        let last = head(&house).await;
        assert!(last > 3);
        Events::open(&house, PRIYA, Some(last - 3)).await;
        Events::open(&house, PRIYA, Some(last)).await;
        for after in [last - 4, last + 1, 0] {
            house
                .get(PRIYA, &format!("/api/stream?after={after}"))
                .await
                .problem(410, "gap-too-old");
        }
        let request = house.request(Method::GET, "/api/stream", PRIYA);
        Reply::of(request.header("Last-Event-ID", "0")).await.problem(410, "gap-too-old");
    });
}

#[test]
fn silence_is_filled_with_comment_lines() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.heartbeat = Duration::from_millis(100);
        plan
    };
    house_with(plan, |house| async move {
        let mut events = Events::open(&house, PRIYA, None).await;
        let hello = events.block().await.expect("a first sign of life at once");
        assert!(matches!(hello, Block::Comment(text) if text.contains("retry: ")));
        for _ in 0..3 {
            assert_eq!(events.block().await, Some(Block::Comment(":\n\n".into())));
        }
        house.lead("Alex").await;
        assert_eq!(events.next().await.expect("an event").kind, "lead.arrived");
    });
}

#[test]
fn the_stream_of_somebody_removed_ends_at_once() {
    house(|house| async move {
        let mut toms = Events::open(&house, TOM, None).await;
        let mut priyas = Events::open(&house, PRIYA, None).await;
        toms.block().await;
        house.patch(SAM, "/api/team/tom", json!({ "removed": true })).await.ok();
        while let Some(event) = toms.next().await {
            assert_eq!(event.kind, "rep.changed", "and nothing after it");
        }
        house.lead("Alex").await;
        priyas.take(2).await;
        until("the subscribers are counted", || async {
            house.get("", "/metrics").await.text.contains("ringback_stream_subscribers 1\n")
        })
        .await;
    });
}

/// Makes entries fast, past HTTP.
async fn notes(house: &House, id: &str, count: usize, text: &str) {
    for chunk in (0..count).collect::<Vec<_>>().chunks(16) {
        join_all(chunk.iter().map(|_| async {
            let lead = id.parse().expect("an id");
            let command = ringback::domain::command::Command::AddNote { lead, text: text.into() };
            let actor = ringback::domain::journal::Actor::Person(
                crate::harness::person("Priya", ringback::domain::person::Role::Rep).as_ref(),
            );
            let now = house.clock.now();
            let request = ringback::store::Request { command, actor, now, idempotency: None };
            house.store.execute(request).await.expect("done");
        }))
        .await;
    }
}

#[test]
fn a_reader_who_does_not_read_holds_nobody_up_and_misses_nothing() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        let before = head(&house).await;
        let mut slow = Raw::connect(house.address).await;
        slow.send(format!("GET /api/stream?after={before} HTTP/1.1\r\nhost: ringback\r\nauthorization: Bearer {TOM}\r\n\r\n")).await;
        assert!(slow.some().await.starts_with("HTTP/1.1 200 "));
        let mut quick = Events::open(&house, PRIYA, Some(before)).await;
        // More than the memory of the stream and the buffers of the sockets together.
        let count = 800;
        let last = before + 800;
        let text = "x".repeat(500);
        let (ids, ()) = tokio::join!(quick.ids_to(last), notes(&house, &id, count, &text));
        assert_eq!(ids, (before + 1..=last).collect::<Vec<_>>());
        let mut ids = Vec::new();
        let mut text = String::new();
        while ids.last() != Some(&last) {
            text.push_str(&slow.some().await);
            let whole = text.rfind('\n').map_or(0, |end| end + 1);
            ids.extend(
                text[..whole]
                    .lines()
                    .filter_map(|line| line.strip_prefix("id: ")?.parse::<i64>().ok()),
            );
            text.drain(..whole);
        }
        assert_eq!(ids, (before + 1..=last).collect::<Vec<_>>());
    });
}

/// How many files this process may open.
fn open_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok()).unwrap_or(1_024)
}

#[test]
fn a_thousand_clients_see_every_entry_once_and_in_order_also_after_being_cut_off() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.limits.rep_per_second = 100_000;
        plan
    };
    house_with(plan, |house| async move {
        let house = Arc::new(house);
        let before = head(&house).await;
        const LEADS: usize = 40;
        // Each with a connection of its own where the machine allows it, else many over one.
        let own = if open_files() > 4_096 { 1_000 } else { 200 };
        let shared = reqwest::Client::builder()
            .http2_prior_knowledge()
            .tls_certs_only([])
            .build()
            .expect("a client");
        let (told, last) = tokio::sync::watch::channel(None);
        let clients = (0..1_000_i64).map(|n| {
            let (house, shared, mut last) = (house.clone(), shared.clone(), last.clone());
            tokio::spawn(async move {
                let open = |after: i64| {
                    let client = if n < own { house.client() } else { &shared };
                    client
                        .get(house.url("/api/stream"))
                        .bearer_auth(PRIYA)
                        .header("Last-Event-ID", after)
                };
                let mut ids = Vec::new();
                let mut after = before;
                loop {
                    let mut events = Events::of(open(after)).await;
                    // Each is cut off in another place, in the end all are through.
                    let until_cut = 7 + (n % 23) + (ids.len() as i64 % 5);
                    for _ in 0..until_cut {
                        let event = tokio::select! {
                            event = events.next() => event.expect("an event"),
                            last = last.wait_for(|last| *last == Some(after)) => {
                                drop(last);
                                return ids;
                            }
                        };
                        assert!(event.data.starts_with(&format!("{{\"seq\":{},", event.id)));
                        after = event.id;
                        ids.push(event.id);
                    }
                }
            })
        });
        let clients: Vec<_> = clients.collect();
        for n in 0..LEADS {
            house.lead(&format!("caller {n}")).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let last = head(&house).await;
        told.send(Some(last)).expect("they listen");
        for ids in join_all(clients).await {
            assert_eq!(ids.expect("a client"), (before + 1..=last).collect::<Vec<_>>());
        }
    });
}

#[test]
fn an_entry_is_with_its_subscribers_in_a_moment() {
    house(|house| async move {
        let mut streams = Vec::new();
        for _ in 0..10 {
            streams.push(Events::open(&house, PRIYA, None).await);
        }
        let mut slowest = Duration::ZERO;
        for n in 0..20 {
            let began = Instant::now();
            house.lead(&format!("caller {n}")).await;
            for events in &mut streams {
                loop {
                    let event = events.next().await.expect("an event");
                    if event.kind == "lead.arrived" {
                        break;
                    }
                }
            }
            slowest = slowest.max(began.elapsed());
        }
        // The bench measures it; here nothing may wait for a poll or a timer.
        assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    });
}

#[test]
fn the_stream_says_the_same_as_the_journal() {
    house(|house| async move {
        let mut events = Events::open(&house, PRIYA, Some(0)).await;
        let id = house.lead("Alex").await;
        house.press(PRIYA, &format!("/api/leads/{id}/claim")).await.ok();
        let journal = house.get(PRIYA, "/api/journal?after=0").await.ok();
        let entries = journal["entries"].as_array().expect("entries");
        let streamed: Vec<Value> =
            events.take(entries.len()).await.iter().map(crate::sse::Event::json).collect();
        assert_eq!(streamed, *entries);
    });
}
