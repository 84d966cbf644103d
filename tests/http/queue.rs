//! `GET /api/queue`

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{House, PRIYA, TOM, house};

async fn names(house: &House, path: &str) -> Vec<String> {
    let queue = house.get(PRIYA, path).await.ok();
    let leads = queue["leads"].as_array().expect("leads").iter();
    leads.map(|lead| lead["contact"]["name"].as_str().expect("a name").to_owned()).collect()
}

async fn call(house: &House, name: &str, tier: &str, pence: Option<u64>) {
    let body = json!({ "name": name, "intent": "pricing", "tier": tier, "signals": { "deal_value_pence": pence } });
    house.ingest(body).await.expect(StatusCode::CREATED);
    house.advance(SignedDuration::from_mins(1));
}

#[test]
fn the_overnight_queue_stands_by_tier_then_value_then_wait() {
    house(|house| async move {
        for (name, tier, pence) in [
            ("late C", "C", None),
            ("waiting B", "B", None),
            ("later B", "B", None),
            ("large B", "B", Some(9_000_000)),
            ("answered", "D", None),
        ] {
            call(&house, name, tier, pence).await;
        }
        assert_eq!(
            names(&house, "/api/queue?view=overnight").await,
            ["large B", "waiting B", "later B", "late C", "answered"]
        );
        assert_eq!(names(&house, "/api/queue?view=callbacks").await, [""; 0]);
        assert_eq!(names(&house, "/api/queue?view=answers").await, ["answered"]);
    });
}

#[test]
fn a_call_in_hours_stands_under_callbacks() {
    house(|house| async move {
        house.advance(SignedDuration::from_hours(8));
        call(&house, "in hours", "C", None).await;
        assert_eq!(names(&house, "/api/queue?view=callbacks").await, ["in hours"]);
        assert_eq!(names(&house, "/api/queue?view=overnight").await, [""; 0]);
    });
}

#[test]
fn a_claimed_lead_stays_where_it_is_and_stands_under_mine_of_its_holder() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        house.press(PRIYA, &format!("/api/leads/{id}/claim")).await.ok();
        assert_eq!(names(&house, "/api/queue?view=overnight").await, ["Alex"]);
        assert_eq!(names(&house, "/api/queue?view=mine").await, ["Alex"]);
        let other = house.get(TOM, "/api/queue?view=mine").await.ok();
        let owned = other["leads"].as_array().unwrap().iter().filter(|lead| lead["owner"] != "tom");
        assert_eq!(owned.count(), 0);
    });
}

#[test]
fn pages_follow_on_each_other_without_gap_or_twin_and_know_the_total() {
    house(|house| async move {
        for n in 0..7 {
            call(&house, &format!("caller {n}"), if n % 2 == 0 { "B" } else { "C" }, None).await;
        }
        for view in ["overnight", "all"] {
            let whole = names(&house, &format!("/api/queue?view={view}")).await;
            assert_eq!(whole.len(), 7);
            let mut paged = Vec::new();
            let mut cursor = String::new();
            loop {
                let path = format!("/api/queue?view={view}&limit=3{cursor}");
                let page = house.get(PRIYA, &path).await.ok();
                assert_eq!(page["total"], 7);
                paged.extend(names(&house, &path).await);
                match &page["next"] {
                    Value::String(next) => cursor = format!("&cursor={next}"),
                    _ => break,
                }
            }
            assert_eq!(paged, whole, "{view}");
        }
    });
}

#[test]
fn a_queue_says_when_and_at_which_entry_it_was_read() {
    house(|house| async move {
        let before = house.get(PRIYA, "/api/queue").await.ok()["seq"].as_i64().unwrap();
        house.lead("Alex").await;
        let queue = house.get(PRIYA, "/api/queue").await.ok();
        assert!(queue["seq"].as_i64().unwrap() > before);
        assert_eq!(queue["as_of"], house.clock.now().to_string());
    });
}

#[test]
fn parameters_that_make_no_sense_are_all_named() {
    house(|house| async move {
        let reply = house.get(PRIYA, "/api/queue?view=everything&limit=0&cursor=x").await;
        let faults = reply.faults(400, "invalid-parameter");
        assert_eq!(faults.keys().collect::<Vec<_>>(), ["?cursor", "?limit", "?view"]);
        assert!(faults["?view"].contains("overnight"), "{faults:?}");
        house.get(PRIYA, "/api/queue?limit=1001").await.problem(400, "invalid-parameter");
    });
}
