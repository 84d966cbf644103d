//! `GET /api/team` and `PATCH /api/team/{id}`

use serde_json::{Value, json};

use crate::harness::{PRIYA, SAM, house};

fn member<'a>(team: &'a Value, id: &str) -> &'a Value {
    let mut people = team["people"].as_array().expect("people").iter();
    people.find(|person| person["id"] == id).unwrap_or_else(|| panic!("{id} is not there"))
}

#[test]
fn the_team_is_shown_with_presence_and_load_and_without_numbers_or_addresses() {
    house(|house| async move {
        house
            .patch(
                SAM,
                "/api/team/tom",
                json!({ "phone": "+447700900200", "email": "tom@example.com" }),
            )
            .await
            .ok();
        let id = house.lead("Alex").await;
        house.post(SAM, &format!("/api/leads/{id}/reassign"), json!({ "to": "tom" })).await.ok();
        let reply = house.get(PRIYA, "/api/team").await;
        let team = reply.ok();
        assert_eq!(member(&team, "tom")["open_leads"], 1);
        assert_eq!(member(&team, "tom")["present"], true);
        assert_eq!(member(&team, "tom")["has_phone"], true);
        assert_eq!(member(&team, "priya")["has_phone"], false);
        assert_eq!(member(&team, "sam")["role"], "supervisor");
        assert!(
            !reply.text.contains("900200") && !reply.text.contains("example.com"),
            "{}",
            reply.text
        );
    });
}

#[test]
fn a_supervisor_changes_what_is_given_and_nothing_else() {
    house(|house| async move {
        let change = json!({
            "presence": "away", "leave": { "from": "2026-12-01", "to": "2026-12-05" },
            "shift": [["09:00", "12:30"], null, null, null, null, null, null],
        });
        let tom = house.patch(SAM, "/api/team/tom", change).await.ok();
        assert_eq!(tom["name"], "Tom");
        assert_eq!(tom["presence"], "away");
        assert_eq!(tom["present"], false);
        assert_eq!(tom["leave"], json!([{ "from": "2026-12-01", "to": "2026-12-05" }]));
        assert_eq!(tom["shift"][0], json!(["09:00:00", "12:30:00"]));
        let tom = house
            .patch(SAM, "/api/team/tom", json!({ "clear_leave": true, "shift": null }))
            .await
            .ok();
        assert_eq!((&tom["leave"], &tom["shift"]), (&json!([]), &Value::Null));
        assert_eq!(tom["presence"], "away");
    });
}

#[test]
fn every_fault_of_a_change_is_named() {
    house(|house| async move {
        let change = json!({
            "name": " ", "role": "boss", "phone": "999", "email": "tom at example", "presence": 7,
            "leave": { "from": "2026-12-05", "to": "2026-12-01" }, "shift": [], "colour": "red",
        });
        let faults = house.patch(SAM, "/api/team/tom", change).await.faults(422, "invalid-body");
        let pointers: Vec<_> = faults.keys().map(String::as_str).collect();
        assert_eq!(
            pointers,
            ["/colour", "/email", "/leave/to", "/name", "/phone", "/presence", "/role", "/shift"]
        );
        house.patch(SAM, "/api/team/nobody", json!({})).await.problem(404, "no-such-person");
    });
}

#[test]
fn somebody_removed_is_not_shown_any_more() {
    house(|house| async move {
        house.patch(SAM, "/api/team/tom", json!({ "removed": true })).await.ok();
        let team = house.get(SAM, "/api/team").await.ok();
        assert!(team["people"].as_array().unwrap().iter().all(|person| person["id"] != "tom"));
    });
}
