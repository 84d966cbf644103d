//! The work of a server that dies.

use std::time::{Duration, Instant};

use ringback::http_client;
use serde_json::{Value, json};

use crate::farm::{AGENT, Farm, farm};

const LEASE: Duration = Duration::from_secs(3);
/// From the death of the server on duty to the deadline's being kept by the other, beside the lease itself.
const WITHIN: Duration = Duration::from_secs(9);

#[test]
fn the_deadlines_of_a_server_that_dies_are_kept_by_the_other_within_seconds_and_once() {
    farm("[claims]\nlease = \"3s\"\n", |mut farm| async move {
        let rep = farm.hire("priya").await;
        // The second to die has kept the first one's deadlines: it is on duty.
        for dies in [0, 1] {
            let leads = claim_some(&farm, &rep).await;
            farm.kill(dies);
            let died = Instant::now();
            for lead in &leads {
                given_back(&farm, 1 - dies, lead, &rep, died).await;
            }
            println!("given back {:?} after the death, the lease {LEASE:?}", died.elapsed());
            farm.restart(dies);
        }
    });
}

/// Claims over both servers; the leases end in a moment.
async fn claim_some(farm: &Farm, rep: &str) -> Vec<String> {
    let client = http_client::build(Duration::from_secs(30)).expect("a client");
    let post = async |server: usize, path: &str, token: &str, body: Value| -> Value {
        let url = format!("http://{}{path}", farm.servers[server].address);
        let answer = client.post(url).bearer_auth(token).json(&body).send().await;
        answer.expect("an answer").json().await.expect("JSON")
    };
    let mut leads = Vec::new();
    for n in 0..6 {
        let call = json!({ "name": format!("caller {n}"), "intent": "pricing" });
        let routed = post(n % 2, "/api/ingest/lead", AGENT, call).await;
        let lead = routed["lead_id"].as_str().expect("an id").to_owned();
        let claimed = post(n % 2, &format!("/api/leads/{lead}/claim"), rep, json!({})).await;
        assert_eq!(claimed["state"], "claimed", "{claimed}");
        leads.push(lead);
    }
    leads
}

async fn given_back(farm: &Farm, server: usize, lead: &str, rep: &str, died: Instant) {
    let history = loop {
        let history = farm.get(server, &format!("/api/leads/{lead}/history"), rep).await;
        let entries = history["entries"].as_array().expect("entries").clone();
        if entries.iter().any(|entry| entry["kind"] == "lead.released") {
            break entries;
        }
        assert!(died.elapsed() < LEASE + WITHIN, "{history}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let released = history.iter().filter(|entry| entry["kind"] == "lead.released").count();
    assert_eq!(released, 1, "{history:?}");
}
