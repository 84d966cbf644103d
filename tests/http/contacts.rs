//! `GET /api/contacts/lookup` and `POST /api/contacts/{id}/merge`

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{AGENT, PRIYA, SAM, house};

#[test]
fn a_known_caller_is_found_by_any_form_of_the_number_with_context_for_the_agent() {
    house(|house| async move {
        let call = json!({ "name": "Morag", "phone": "+447700900123", "intent": "new_enquiry_quote", "notes": "A quote.", "customer": true });
        let first = house.ingest(call).await.expect(StatusCode::CREATED);
        let id = first["lead_id"].as_str().unwrap();
        house
            .post(PRIYA, &format!("/api/leads/{id}/outcome"), json!({ "outcome": "connected" }))
            .await
            .ok();
        let open =
            house.ingest(json!({ "phone": "07700 900123", "intent": "support" })).await.json();
        for asked in ["%2B447700900123", "+447700900123", "07700%20900123", "0044%207700%20900123"]
        {
            let found = house.get(AGENT, &format!("/api/contacts/lookup?phone={asked}")).await.ok();
            assert_eq!(found["contact"]["name"], "Morag", "{asked}");
            assert_eq!(found["open_lead"]["id"], open["lead_id"]);
            assert_eq!(found["context"]["customer"], true);
            let earlier = &found["context"]["earlier_leads"][0];
            assert_eq!(earlier["id"], *id);
            assert_eq!(earlier["outcome"], "connected");
            assert_eq!(earlier["summary"], "A quote.");
        }
    });
}

#[test]
fn an_unknown_and_a_withheld_caller_are_nobody() {
    house(|house| async move {
        house
            .ingest(json!({ "phone": "anonymous", "name": "Hidden" }))
            .await
            .expect(StatusCode::CREATED);
        for asked in ["07700900999", "anonymous", "+266696687"] {
            let found = house.get(AGENT, &format!("/api/contacts/lookup?phone={asked}")).await.ok();
            assert_eq!(found, json!({ "contact": null, "open_lead": null, "context": null }));
        }
        let faults = house.get(AGENT, "/api/contacts/lookup").await;
        assert!(faults.faults(400, "invalid-parameter").contains_key("?phone"));
    });
}

#[test]
fn two_contacts_become_one_and_so_do_their_leads() {
    house(|house| async move {
        let by_phone = house
            .ingest(json!({ "name": "Jo", "phone": "+447700900123", "intent": "pricing" }))
            .await
            .json();
        let by_email = house
            .ingest(json!({ "name": "Jo Bloggs", "email": "jo@example.com", "intent": "pricing" }))
            .await
            .json();
        let id = |routed: &Value| routed["contact_id"].as_str().unwrap().to_owned();
        let merge = format!("/api/contacts/{}/merge", id(&by_email));
        house
            .post(PRIYA, &merge, json!({ "into": id(&by_phone) }))
            .await
            .problem(403, "role-missing");
        let kept = house.post(SAM, &merge, json!({ "into": id(&by_phone) })).await.ok();
        assert_eq!(kept["id"], by_phone["contact_id"]);
        assert_eq!(
            (&kept["phone"], &kept["email"]),
            (&json!("+447700900123"), &json!("jo@example.com"))
        );
        let queue = house.get(PRIYA, "/api/queue").await.ok();
        assert_eq!(queue["total"], 1);
        house
            .post(SAM, &merge, json!({ "into": id(&by_phone) }))
            .await
            .problem(404, "no-such-contact");
        let itself = format!("/api/contacts/{}/merge", id(&by_phone));
        house
            .post(SAM, &itself, json!({ "into": id(&by_phone) }))
            .await
            .problem(422, "invalid-body");
        house.post(SAM, &itself, json!({ "into": "nobody" })).await.problem(404, "no-such-contact");
        house.post(SAM, &itself, json!({})).await.problem(422, "invalid-body");
    });
}
