//! `POST /api/leads/{id}/claim`, `…/release`, `…/reassign`, `…/undo`

use futures_util::future::join_all;
use jiff::SignedDuration;
use reqwest::StatusCode;
use ringback::{
    backend::token_hash,
    domain::{command::Command, person::Role},
};
use serde_json::{Value, json};

use crate::harness::{PRIYA, SAM, TOM, house, person};

#[test]
fn a_claim_is_answered_with_the_lead_and_its_lease() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        let lead = house.press(PRIYA, &format!("/api/leads/{id}/claim")).await.ok();
        assert_eq!(lead["state"], "claimed");
        assert_eq!(lead["claimed_by"], json!({ "id": "priya", "name": "Priya" }));
        assert_eq!(lead["claimed_at"], "2026-09-01T01:10:00Z");
        assert_eq!(lead["lease_until"], "2026-09-01T01:15:00Z");
        let again = house.press(PRIYA, &format!("/api/leads/{id}/claim")).await.ok();
        assert_eq!(again["rev"], lead["rev"], "one's own claim again changes nothing");
    });
}

#[test]
fn who_comes_second_is_told_who_has_it_and_since_when() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        house.press(PRIYA, &format!("/api/leads/{id}/claim")).await.ok();
        house.advance(SignedDuration::from_secs(4));
        let problem = house
            .press(TOM, &format!("/api/leads/{id}/claim"))
            .await
            .problem(409, "already-claimed");
        let claimed = problem.claimed.expect("who has it");
        assert_eq!(
            (claimed.claimed_by.id.as_str(), claimed.claimed_by.name.as_str()),
            ("priya", "Priya")
        );
        assert_eq!(claimed.claimed_at.to_string(), "2026-09-01T01:10:00Z");
        assert!(problem.detail.expect("a sentence").starts_with("Priya has it since"));
    });
}

#[test]
fn of_two_hundred_who_claim_at_once_one_wins_and_the_others_are_told_the_same_name() {
    house(|house| async move {
        for n in 0..200 {
            let person = person(&format!("Rep {n}"), Role::Rep);
            let token = token_hash(&format!("rbt_{n}"));
            house.operator(Command::AddPerson { person, token }).await;
        }
        let id = house.lead("Alex").await;
        let path = format!("/api/leads/{id}/claim");
        let tokens: Vec<String> = (0..200).map(|n| format!("rbt_{n}")).collect();
        let replies = join_all(tokens.iter().map(|token| house.press(token, &path))).await;
        let (won, lost): (Vec<_>, Vec<_>) =
            replies.iter().partition(|reply| reply.status == StatusCode::OK);
        assert_eq!((won.len(), lost.len()), (1, 199));
        let winner = won[0].json()["claimed_by"].clone();
        for reply in lost {
            reply.problem(409, "already-claimed");
            assert_eq!(reply.json()["claimed_by"], winner);
        }
        let claims = house.get(PRIYA, &format!("/api/leads/{id}/history")).await.ok();
        let claims = claims["entries"].as_array().unwrap().iter();
        assert_eq!(claims.filter(|entry| entry["kind"] == "lead.claimed").count(), 1);
    });
}

#[test]
fn a_claim_is_given_back_by_its_holder_or_a_supervisor_and_nobody_else() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        let (claim, release) =
            (format!("/api/leads/{id}/claim"), format!("/api/leads/{id}/release"));
        house.press(PRIYA, &claim).await.ok();
        house.press(TOM, &release).await.problem(403, "not-yours");
        assert_eq!(house.press(PRIYA, &release).await.ok()["state"], "waiting");
        assert_eq!(
            house.press(PRIYA, &release).await.ok()["state"],
            "waiting",
            "again changes nothing"
        );
        house.press(TOM, &claim).await.ok();
        assert_eq!(house.press(SAM, &release).await.ok()["claimed_by"], Value::Null);
    });
}

#[test]
fn a_supervisor_takes_over_and_a_rep_does_not() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        let claim = format!("/api/leads/{id}/claim");
        house.press(PRIYA, &claim).await.ok();
        house.post(TOM, &claim, json!({ "take_over": true })).await.problem(403, "supervisor-only");
        house.press(SAM, &claim).await.problem(409, "already-claimed");
        let lead = house.post(SAM, &claim, json!({ "take_over": true })).await.ok();
        assert_eq!(lead["claimed_by"]["id"], "sam");
    });
}

#[test]
fn a_supervisor_gives_a_lead_to_a_person_or_a_team() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        let reassign = format!("/api/leads/{id}/reassign");
        let lead = house.post(SAM, &reassign, json!({ "to": "Tom" })).await.ok();
        assert_eq!((&lead["owner"], &lead["owner_person"]), (&json!("tom"), &json!("tom")));
        let lead = house.post(SAM, &reassign, json!({ "to": "team_sdr" })).await.ok();
        assert!(["priya", "tom"].contains(&lead["owner"].as_str().unwrap()), "{lead}");
        house.post(PRIYA, &reassign, json!({ "to": "priya" })).await.problem(403, "role-missing");
        let faults = house.post(SAM, &reassign, json!({ "to": "nobody" })).await;
        assert!(faults.faults(422, "invalid-body")["/to"].contains("nobody"));
        house.post(SAM, &reassign, json!({})).await.problem(422, "invalid-body");
    });
}

#[test]
fn ones_own_last_change_is_undone_while_nothing_came_after_it() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        let path = |what: &str| format!("/api/leads/{id}/{what}");
        house.press(PRIYA, &path("claim")).await.ok();
        house.press(TOM, &path("undo")).await.problem(409, "nothing-to-undo");
        assert_eq!(house.press(PRIYA, &path("undo")).await.ok()["state"], "waiting");
        house.press(PRIYA, &path("undo")).await.problem(409, "nothing-to-undo");
        let closed =
            house.post(PRIYA, &path("outcome"), json!({ "outcome": "connected" })).await.ok();
        assert_eq!(closed["state"], "closed");
        assert_eq!(house.press(PRIYA, &path("undo")).await.ok()["state"], "waiting");
    });
}

#[test]
fn what_is_closed_booked_or_not_there_is_not_claimed() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        house
            .post(
                PRIYA,
                &format!("/api/leads/{id}/outcome"),
                json!({ "outcome": "not_interested" }),
            )
            .await
            .ok();
        house.press(TOM, &format!("/api/leads/{id}/claim")).await.problem(409, "lead-closed");
        let booked = house.ingest(json!({ "name": "Ffion", "outcome": "booked" })).await;
        let booked = booked.expect(StatusCode::CREATED)["lead_id"].as_str().unwrap().to_owned();
        house.press(TOM, &format!("/api/leads/{booked}/claim")).await.problem(409, "lead-booked");
        for nobody in ["0198f000-0000-7000-8000-000000000000", "7", "%ff", "a%2Fb"] {
            house
                .press(TOM, &format!("/api/leads/{nobody}/claim"))
                .await
                .problem(404, "no-such-lead");
        }
    });
}
