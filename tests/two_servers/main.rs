//! Two servers, one PostgreSQL, all of them the real thing: what is left when one of the three is killed under load.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why")]

#[path = "../support/postgres.rs"]
#[expect(dead_code, reason = "others need more of it")]
mod cluster;
mod harness;

use std::{collections::BTreeSet, time::Duration};

use harness::{Site, site};
use reqwest::StatusCode;
use serde_json::json;
use tokio::{sync::watch, time::sleep};

const CONSOLES: usize = 4;

#[test]
fn of_two_hundred_claims_over_two_servers_one_wins() {
    site(10, async |site: Site| {
        let lead = site
            .client
            .post(format!("{}/api/ingest/lead", site.servers[0].address))
            .bearer_auth(&site.key)
            .json(&json!({ "name": "Jane Roe", "phone": "+447700900123", "intent": "pricing" }))
            .send();
        let lead: serde_json::Value = lead.await.unwrap().json().await.unwrap();
        let lead = lead["lead_id"].as_str().unwrap();
        let claims = (0..200).map(|n| {
            let url = format!("{}/api/leads/{lead}/claim", site.servers[n % 2].address);
            let request = site.client.post(url).bearer_auth(&site.reps[n / 2 % 10]);
            async move {
                let reply = request.send().await.unwrap();
                let (status, body) =
                    (reply.status(), reply.json::<serde_json::Value>().await.unwrap());
                let holder = match status {
                    StatusCode::OK => body["claimed_by"]["id"].clone(),
                    StatusCode::CONFLICT => body["claimed_by"]["id"].clone(),
                    other => panic!("{other}: {body}"),
                };
                (status, n / 2 % 10, holder.as_str().unwrap_or_default().to_owned())
            }
        });
        let claims = futures_util::future::join_all(claims).await;
        let winners: BTreeSet<usize> = claims
            .iter()
            .filter(|(status, ..)| *status == StatusCode::OK)
            .map(|(_, rep, _)| *rep)
            .collect();
        assert_eq!(winners.len(), 1, "{claims:?}");
        let holders: BTreeSet<&str> = claims.iter().map(|(.., holder)| &**holder).collect();
        assert_eq!(holders.len(), 1, "every loser is told who has it: {holders:?}");
        let journal = site.get(1, "/api/journal?after=0&limit=500").await;
        let claimed = journal["entries"].as_array().unwrap().iter();
        assert_eq!(claimed.filter(|entry| entry["kind"] == "lead.claimed").count(), 1);
    });
}

#[test]
fn a_server_killed_under_load_costs_no_lead_and_no_console_an_event() {
    site(2, async |site: Site| {
        let (end, ending) = watch::channel(None);
        let consoles = site.consoles(CONSOLES, &ending);
        let load = site.load();
        sleep(Duration::from_secs(2)).await;
        site.servers[0].kill();
        sleep(Duration::from_secs(2)).await;
        let leads = load.end().await;
        all_is_there(&site, leads, consoles, end).await;
    });
}

#[test]
fn a_database_killed_under_load_costs_no_lead_and_no_console_an_event() {
    site(2, async |mut site: Site| {
        let (end, ending) = watch::channel(None);
        let consoles = site.consoles(CONSOLES, &ending);
        let load = site.load();
        for _ in 0..2 {
            sleep(Duration::from_secs(2)).await;
            site.cluster.kill();
            site.cluster.resume();
        }
        sleep(Duration::from_secs(2)).await;
        let leads = load.end().await;
        all_is_there(&site, leads, consoles, end).await;
    });
}

/// Each acknowledged call is one lead, the journal has every number once, and so has every console.
async fn all_is_there(
    site: &Site,
    leads: Vec<String>,
    consoles: Vec<tokio::task::JoinHandle<Vec<i64>>>,
    end: watch::Sender<Option<i64>>,
) {
    let (seqs, arrived) = site.journal(1).await;
    let last = seqs.len() as i64;
    assert_eq!(seqs, (1..=last).collect::<Vec<_>>(), "no gap and no twin");
    assert!(leads.len() >= 50, "only {} calls went through", leads.len());
    let acknowledged: BTreeSet<&String> = leads.iter().collect();
    assert_eq!(acknowledged.len(), leads.len(), "each call has a lead of its own");
    assert_eq!(arrived.iter().collect::<BTreeSet<_>>(), acknowledged, "nothing lost, nothing more");
    assert_eq!(arrived.len(), leads.len(), "nothing twice");
    end.send_replace(Some(last));
    for console in consoles {
        let seen = tokio::time::timeout(Duration::from_secs(60), console).await;
        assert_eq!(seen.expect("a console comes to the end").unwrap(), seqs);
    }
    println!(
        "{} calls acknowledged, {last} entries, {CONSOLES} consoles saw each once",
        leads.len()
    );
}
