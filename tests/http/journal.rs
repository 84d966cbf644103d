//! `GET /api/journal`

use serde_json::Value;

use crate::harness::{PRIYA, house};

fn seqs(page: &Value) -> Vec<i64> {
    let entries = page["entries"].as_array().expect("entries").iter();
    entries.map(|entry| entry["seq"].as_i64().expect("a number")).collect()
}

#[test]
fn the_journal_is_gapless_and_read_from_any_place() {
    house(|house| async move {
        for n in 0..5 {
            house.lead(&format!("caller {n}")).await;
        }
        let all = house.get(PRIYA, "/api/journal?after=0&limit=1000").await.ok();
        let last = all["seq"].as_i64().unwrap();
        assert_eq!(seqs(&all), (1..=last).collect::<Vec<_>>());
        assert_eq!(
            seqs(&house.get(PRIYA, "/api/journal?limit=2").await.ok()),
            [last - 1, last],
            "the newest"
        );
        assert_eq!(seqs(&house.get(PRIYA, "/api/journal?after=3&limit=2").await.ok()), [4, 5]);
        assert_eq!(
            seqs(&house.get(PRIYA, &format!("/api/journal?after={last}")).await.ok()),
            [0_i64; 0]
        );
    });
}

#[test]
fn an_entry_carries_the_lead_as_it_is_after_the_change() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        house.press(PRIYA, &format!("/api/leads/{id}/claim")).await.ok();
        let newest = house.get(PRIYA, "/api/journal?limit=1").await.ok()["entries"][0].clone();
        assert_eq!(newest["kind"], "lead.claimed");
        assert_eq!(newest["actor"]["id"], "priya");
        assert_eq!(newest["at"], house.clock.now().to_string());
        assert_eq!(newest["lead"], house.get(PRIYA, &format!("/api/leads/{id}")).await.ok());
    });
}

#[test]
fn a_place_that_is_none_is_a_fault() {
    house(|house| async move {
        for query in ["after=-1", "after=x", "limit=1001"] {
            house
                .get(PRIYA, &format!("/api/journal?{query}"))
                .await
                .problem(400, "invalid-parameter");
        }
    });
}
