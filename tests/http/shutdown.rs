//! The end: asked for, and in time.

use std::time::{Duration, Instant};

use crate::{
    harness::{AGENT, House, PRIYA, house},
    raw::{Raw, head},
    sse::Events,
};

/// Stops the service; how long that took.
async fn stop(house: House) -> Duration {
    let began = Instant::now();
    house.shutdown.cancel();
    house.served.await.expect("no panic").expect("a clean end");
    began.elapsed()
}

#[test]
fn open_streams_and_idle_connections_do_not_hold_up_the_end() {
    house(|house| async move {
        let mut streams = Vec::new();
        for _ in 0..50 {
            streams.push(Events::open(&house, PRIYA, None).await);
        }
        let mut idle = Raw::connect(house.address).await;
        idle.send("GET /healthz HTTP/1.1\r\nhost: ringback\r\n\r\n").await;
        idle.some().await;
        let silent = Raw::connect(house.address).await;
        let took = stop(house).await;
        assert!(took < Duration::from_secs(2), "{took:?}");
        for mut events in streams {
            assert_eq!(events.next().await, None, "a stream ends and does not break off");
        }
        assert_eq!(idle.rest().await, "");
        assert_eq!(silent.rest().await, "");
    });
}

#[test]
fn a_request_under_way_is_still_answered_and_nobody_new_gets_in() {
    house(|house| async move {
        let address = house.address;
        let body = "{\"name\": \"The last one\"}";
        let mut raw = Raw::connect(address).await;
        raw.send(head("/api/ingest/lead", AGENT, body.len())).await;
        raw.send(&body[..5]).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let store = house.store.clone();
        let stopping = tokio::spawn(stop(house));
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody new gets in");
        raw.send(&body[5..]).await;
        let answer = raw.rest().await;
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        let took = stopping.await.expect("no panic");
        assert!(took < Duration::from_secs(2), "{took:?}");
        let (_, last) = store.journal_span().await.expect("a journal");
        assert!(last > 4, "it is on disk");
    });
}

#[test]
fn a_request_that_never_ends_is_cut_off_in_time() {
    house(|house| async move {
        let mut raw = Raw::connect(house.address).await;
        raw.send(head("/api/ingest/lead", AGENT, 100)).await;
        raw.send("{").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let took = stop(house).await;
        assert!(took < Duration::from_secs(5), "{took:?}");
    });
}
