//! A client of the live stream, as the standard says: blocks of lines, comments left out.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use tokio::time::timeout;

use crate::harness::House;

/// How long a test waits for an event.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: i64,
    pub kind: String,
    pub data: String,
}

impl Event {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).expect("JSON")
    }
}

/// A block of the stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    Event(Event),
    Comment(String),
}

/// An open stream.
pub struct Events {
    response: Response,
    buffer: Vec<u8>,
}

impl Events {
    pub async fn open(house: &House, token: &str, after: Option<i64>) -> Events {
        let query = after.map(|after| format!("?after={after}")).unwrap_or_default();
        let request = house.request(Method::GET, &format!("/api/stream{query}"), token);
        Events::of(request).await
    }

    pub async fn resume(house: &House, token: &str, last_event_id: i64) -> Events {
        let request = house.request(Method::GET, "/api/stream", token);
        Events::of(request.header("Last-Event-ID", last_event_id)).await
    }

    pub async fn of(request: reqwest::RequestBuilder) -> Events {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events { response, buffer: Vec::new() }
    }

    /// The next block; `None` at the end of the stream.
    pub async fn block(&mut self) -> Option<Block> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
                return Some(read(std::str::from_utf8(&block).expect("text")));
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("something in time");
            match chunk {
                Ok(Some(chunk)) => self.buffer.extend_from_slice(&chunk),
                Ok(None) => return None,
                Err(error) => panic!("the stream broke off: {error:?}"),
            }
        }
    }

    /// The next event; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            match self.block().await? {
                Block::Event(event) => return Some(event),
                Block::Comment(_) => {}
            }
        }
    }

    pub async fn take(&mut self, events: usize) -> Vec<Event> {
        let mut taken = Vec::with_capacity(events);
        while taken.len() < events {
            taken.push(self.next().await.expect("an event"));
        }
        taken
    }

    /// Reads on until the event `last`; the ids of all on the way.
    pub async fn ids_to(&mut self, last: i64) -> Vec<i64> {
        let mut ids = Vec::new();
        while ids.last() != Some(&last) {
            ids.push(self.next().await.expect("an event").id);
        }
        ids
    }
}

fn read(block: &str) -> Block {
    let field = |name: &str| {
        let mut lines =
            block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let value = lines.next().map(str::to_owned);
        assert_eq!(lines.next(), None, "one line for {name}: {block}");
        value
    };
    match field("data") {
        Some(data) => Block::Event(Event {
            id: field("id").expect("an id").parse().expect("a number"),
            kind: field("event").expect("a kind"),
            data,
        }),
        None => Block::Comment(block.to_owned()),
    }
}
