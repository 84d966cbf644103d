//! What nobody may win twice, and what everybody sees once.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use ringback::http_client;
use serde_json::{Value, json};

use crate::{
    farm::{AGENT, farm},
    watchers::Watcher,
};

#[test]
fn of_two_hundred_claims_spread_over_both_servers_one_wins_and_everybody_is_told_who() {
    farm("", |farm| async move {
        let client = http_client::build(Duration::from_secs(30)).expect("a client");
        let mut reps = Vec::new();
        for n in 0..200 {
            reps.push(farm.hire(&format!("rep{n}")).await);
        }
        let addresses = farm.addresses();
        for round in 0..3 {
            let ingest = client.post(format!("http://{}/api/ingest/lead", addresses[round % 2]));
            let call = json!({ "name": format!("caller {round}"), "intent": "pricing" });
            let answer = ingest.bearer_auth(AGENT).json(&call).send().await.expect("an answer");
            let routed: Value = answer.json().await.expect("JSON");
            let lead = routed["lead_id"].as_str().expect("an id").to_owned();
            let claims = reps.iter().enumerate().map(|(n, token)| {
                let url = format!("http://{}/api/leads/{lead}/claim", addresses[n % 2]);
                let request = client.post(url).bearer_auth(token);
                async move {
                    let answer = request.send().await.expect("an answer");
                    let status = answer.status().as_u16();
                    (status, answer.json::<Value>().await.expect("JSON"))
                }
            });
            let mut by_status: BTreeMap<u16, Vec<Value>> = BTreeMap::new();
            for (status, body) in join_all(claims).await {
                by_status.entry(status).or_default().push(body);
            }
            let counts: Vec<_> =
                by_status.iter().map(|(status, all)| (*status, all.len())).collect();
            assert_eq!(counts, [(200, 1), (409, 199)]);
            let winner = &by_status[&200][0]["claimed_by"];
            assert!(by_status[&409].iter().all(|lost| lost["claimed_by"] == *winner));
            for server in 0..2 {
                let path = format!("/api/leads/{lead}/history");
                let history = farm.get(server, &path, &reps[0]).await;
                let entries = history["entries"].as_array().expect("entries").iter();
                let claims = entries.filter(|entry| entry["kind"] == "lead.claimed").count();
                assert_eq!(claims, 1, "{history}");
            }
        }
    });
}

#[test]
fn whoever_watches_either_server_sees_every_entry_once_and_in_order() {
    farm("", |farm| async move {
        let rep = farm.hire("priya").await;
        let before = farm.get(0, "/api/me", &rep).await["seq"].as_i64().expect("a number");
        let watchers: Vec<_> =
            (0..10).map(|n| Watcher::begin(&farm, n % 2, &rep, before)).collect();
        let load = crate::clients::begin(&farm, 300);
        let acknowledged = load.end().await;
        crate::clients::check(&farm, &rep, &acknowledged).await;
        let last =
            farm.get(1, "/api/journal?limit=1", &rep).await["seq"].as_i64().expect("a number");
        for watcher in watchers {
            assert_eq!(watcher.up_to(last).await, (before + 1..=last).collect::<Vec<_>>());
        }
    });
}
