//! Programs that bring calls in as good programs do: with an `Idempotency-Key`, again on the other server while nobody
//! acknowledges.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ringback::http_client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::farm::{AGENT, Farm};

const CLIENTS: usize = 16;

/// A load that is under way.
pub struct Load {
    clients: JoinSet<Vec<(String, String)>>,
    acknowledged: Arc<AtomicUsize>,
    repeats: Arc<AtomicUsize>,
}

/// Begins to bring in `calls` calls, each by somebody who has never rung before.
pub fn begin(farm: &Farm, calls: usize) -> Load {
    let next = Arc::new(AtomicUsize::new(0));
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let repeats = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for n in 0..CLIENTS {
        let client = Client {
            http: http_client::build(Duration::from_secs(10)).expect("a client"),
            servers: farm.addresses(),
            at: n,
            repeats: repeats.clone(),
        };
        clients.spawn(client.work(next.clone(), acknowledged.clone(), calls));
    }
    Load { clients, acknowledged, repeats }
}

impl Load {
    /// Waits until so many calls are acknowledged.
    pub async fn reached(&self, count: usize) {
        while self.acknowledged.load(Ordering::Relaxed) < count {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// How many requests had to be sent again so far.
    pub fn repeats(&self) -> usize {
        self.repeats.load(Ordering::Relaxed)
    }

    /// Waits for the end; gives what was acknowledged, call to lead.
    pub async fn end(self) -> HashMap<String, String> {
        self.clients.join_all().await.into_iter().flatten().collect()
    }
}

struct Client {
    http: reqwest::Client,
    servers: [String; 2],
    at: usize,
    repeats: Arc<AtomicUsize>,
}

impl Client {
    async fn work(
        mut self,
        next: Arc<AtomicUsize>,
        acknowledged: Arc<AtomicUsize>,
        calls: usize,
    ) -> Vec<(String, String)> {
        let mut mine = Vec::new();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= calls {
                return mine;
            }
            mine.push((sid(n), self.deliver(n).await));
            acknowledged.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Sends one call until it is acknowledged; gives the lead. Every other call has no SID: its key alone tells it apart.
    async fn deliver(&mut self, n: usize) -> String {
        let call = json!({
            "name": format!("Caller {n}"), "phone": format!("+4477{n:08}"), "intent": "pricing", "tier": "B",
            "call_sid": n.is_multiple_of(2).then(|| sid(n)), "transcript_id": sid(n),
        });
        loop {
            let url = format!("http://{}/api/ingest/lead", self.servers[self.at % 2]);
            let request = self.http.post(url).bearer_auth(AGENT).header("idempotency-key", sid(n));
            match request.json(&call).send().await {
                Ok(answer) if answer.status().is_success() => {
                    if let Ok(body) = answer.bytes().await {
                        let body: Value = serde_json::from_slice(&body).expect("JSON");
                        assert_eq!(body["merged"], false, "a new caller joined another's lead");
                        return body["lead_id"].as_str().expect("an id").into();
                    }
                }
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    let wait = answer.headers().contains_key("retry-after");
                    let body = answer.text().await.unwrap_or_default();
                    assert!(status == 503 && wait, "{status}: {body}");
                }
                Err(_) => {}
            }
            self.repeats.fetch_add(1, Ordering::Relaxed);
            self.at += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

pub fn sid(n: usize) -> String {
    format!("CA{n:032x}")
}

/// What the farm holds, against what was acknowledged: each acknowledged call is one lead, the one that was told; the journal
/// has every number once, and each lead arrived once.
pub async fn check(farm: &Farm, token: &str, acknowledged: &HashMap<String, String>) {
    for server in 0..2 {
        let mut found: HashMap<String, Vec<String>> = HashMap::new();
        let mut cursor = String::new();
        loop {
            let page = farm.get(server, &format!("/api/queue?limit=500{cursor}"), token).await;
            assert_eq!(page["stale"], false);
            for lead in page["leads"].as_array().expect("leads") {
                let text = |name: &str| lead[name].as_str().expect("a text").to_owned();
                found.entry(text("transcript_id")).or_default().push(text("id"));
            }
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        for (call, lead) in acknowledged {
            let stored = found.get(call).map(Vec::as_slice);
            assert_eq!(stored, Some(&[lead.clone()][..]), "{call} was acknowledged");
        }
        assert_eq!(found.len(), acknowledged.len());
        let mut arrived = HashMap::new();
        let mut last = 0;
        loop {
            let page =
                farm.get(server, &format!("/api/journal?after={last}&limit=500"), token).await;
            let entries = page["entries"].as_array().expect("entries");
            if entries.is_empty() {
                assert_eq!(page["seq"], last, "the journal ends before its head");
                break;
            }
            for entry in entries {
                last += 1;
                assert_eq!(entry["seq"], last, "a gap or a twin in the journal");
                if entry["kind"] == "lead.arrived" {
                    *arrived.entry(entry["lead"]["id"].to_string()).or_insert(0) += 1;
                }
            }
        }
        assert_eq!(arrived.len(), acknowledged.len());
        assert!(arrived.values().all(|times| *times == 1), "a lead arrived twice");
    }
}
