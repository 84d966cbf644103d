//! `GET /api/audit`

use serde_json::Value;

use crate::harness::{AGENT, PRIYA, SAM, house, until};

#[test]
fn who_looked_at_whom_is_written_down() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        house.get(PRIYA, &format!("/api/leads/{id}")).await.ok();
        house.get(PRIYA, &format!("/api/leads/{id}/history")).await.ok();
        house.get(PRIYA, "/api/queue?view=overnight").await.ok();
        house.get(AGENT, "/api/contacts/lookup?phone=07700900123").await.ok();
        let looks = || async {
            let audit = house.get(SAM, "/api/audit").await.ok();
            audit["accesses"].as_array().expect("accesses").clone()
        };
        until("all is written", || async { looks().await.len() >= 4 }).await;
        let mut looked: Vec<(String, String)> = looks()
            .await
            .iter()
            .map(|access| {
                let text = |value: &Value| value.as_str().expect("a text").to_owned();
                (text(&access["actor"]["id"]), text(&access["what"]))
            })
            .collect();
        looked.sort();
        let expected = [
            ("agent", "lookup"),
            ("priya", "history"),
            ("priya", "lead"),
            ("priya", "queue overnight"),
        ];
        assert_eq!(looked, expected.map(|(who, what)| (who.to_owned(), what.to_owned())));
        let of_lead = house.get(SAM, &format!("/api/audit?lead={id}&limit=1")).await.ok();
        let of_lead = of_lead["accesses"].as_array().unwrap();
        assert_eq!(of_lead.len(), 1);
        assert_eq!(of_lead[0]["what"], "history", "the newest first");
        assert_eq!(of_lead[0]["lead"], id);
    });
}

#[test]
fn what_was_looked_at_just_before_the_end_is_written_too() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        for _ in 0..50 {
            house.get(PRIYA, &format!("/api/leads/{id}")).await.ok();
        }
        let house = house.restart().await;
        let audit = house.get(SAM, "/api/audit?limit=1000").await.ok();
        assert_eq!(audit["accesses"].as_array().unwrap().len(), 50);
    });
}
