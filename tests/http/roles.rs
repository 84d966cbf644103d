//! Who may do what: the role column of the contract's table.

use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use ringback::{
    backend::token_hash,
    domain::{
        command::{Command, PersonChange},
        ids::RepId,
    },
};
use serde_json::json;

use crate::harness::{AGENT, PRIYA, Reply, SAM, TOM, house, until};

/// Method, path, and whether an ingest key, a rep and a supervisor may.
const TABLE: &[(&str, &str, [bool; 3])] = &[
    ("POST", "/api/ingest/lead", [true, false, false]),
    ("POST", "/api/ingest/call", [true, false, false]),
    ("GET", "/api/contacts/lookup?phone=07700900123", [true, true, true]),
    ("POST", "/api/contacts/{id}/merge", [false, false, true]),
    ("GET", "/api/queue", [false, true, true]),
    ("GET", "/api/leads/{id}", [false, true, true]),
    ("GET", "/api/leads/{id}/history", [false, true, true]),
    ("POST", "/api/leads/{id}/claim", [false, true, true]),
    ("POST", "/api/leads/{id}/release", [false, true, true]),
    ("POST", "/api/leads/{id}/reassign", [false, false, true]),
    ("POST", "/api/leads/{id}/outcome", [false, true, true]),
    ("POST", "/api/leads/{id}/note", [false, true, true]),
    ("POST", "/api/leads/{id}/undo", [false, true, true]),
    ("GET", "/api/stream", [false, true, true]),
    ("GET", "/api/journal", [false, true, true]),
    ("GET", "/api/team", [false, true, true]),
    ("PATCH", "/api/team/tom", [false, false, true]),
    ("GET", "/api/audit", [false, false, true]),
    ("GET", "/api/me", [true, true, true]),
];

#[test]
fn each_role_may_do_what_the_contract_says_and_no_more() {
    house(|house| async move {
        for (method, path, allowed) in TABLE {
            let path = path.replace("{id}", "0198f000-0000-7000-8000-000000000000");
            let method: Method = method.parse().unwrap();
            for (token, allowed) in [AGENT, PRIYA, SAM].into_iter().zip(allowed) {
                let request = house.request(method.clone(), &path, token);
                let status = request.send().await.unwrap().status();
                assert_ne!(status, StatusCode::UNAUTHORIZED, "{method} {path} {token}");
                assert_eq!(status != StatusCode::FORBIDDEN, *allowed, "{method} {path} {token}");
            }
        }
    });
}

#[test]
fn nobody_gets_in_without_a_token() {
    house(|house| async move {
        for (method, path, _) in TABLE.iter().take(6) {
            let path = path.replace("{id}", "0198f000-0000-7000-8000-000000000000");
            let reply = Reply::of(house.request(method.parse().unwrap(), &path, "")).await;
            reply.problem(401, "token-missing");
            assert_eq!(reply.header("www-authenticate"), "Bearer realm=\"ringback\"");
        }
        let reply = house.get("rbt_invented", "/api/queue").await;
        reply.problem(401, "token-refused");
        assert!(reply.header("www-authenticate").contains("invalid_token"));
        let refused = house.get(AGENT, "/api/queue").await;
        refused.problem(403, "role-missing");
        assert!(refused.header("www-authenticate").contains("insufficient_scope"));
    });
}

#[test]
fn an_expired_token_is_refused_from_the_instant_on() {
    house(|house| async move {
        let expires_at = house.clock.now() + SignedDuration::from_mins(1);
        let token = token_hash("rbt_short");
        let id = RepId("tom".into());
        house.operator(Command::ReplaceToken { id, token, expires_at: Some(expires_at) }).await;
        house.get("rbt_short", "/api/queue").await.ok();
        house.advance(SignedDuration::from_secs(59));
        house.get("rbt_short", "/api/queue").await.ok();
        house.advance(SignedDuration::from_secs(1));
        house.get("rbt_short", "/api/queue").await.problem(401, "token-refused");
    });
}

#[test]
fn a_replaced_token_is_refused_within_moments_even_if_another_process_replaced_it() {
    house(|house| async move {
        house.get(TOM, "/api/queue").await.ok();
        let (id, token) = (RepId("tom".into()), token_hash("rbt_new"));
        house.operator(Command::ReplaceToken { id, token, expires_at: None }).await;
        house.get("rbt_new", "/api/queue").await.ok();
        until("the old token is refused", || async {
            house.get(TOM, "/api/queue").await.status == StatusCode::UNAUTHORIZED
        })
        .await;
    });
}

#[test]
fn somebody_removed_by_the_supervisor_is_out_at_once() {
    house(|house| async move {
        house.get(TOM, "/api/queue").await.ok();
        house.patch(SAM, "/api/team/tom", json!({ "removed": true })).await.ok();
        house.get(TOM, "/api/queue").await.problem(401, "token-refused");
    });
}

#[test]
fn a_new_role_counts_at_once() {
    house(|house| async move {
        house.get(TOM, "/api/audit").await.problem(403, "role-missing");
        house.patch(SAM, "/api/team/tom", json!({ "role": "supervisor" })).await.ok();
        house.get(TOM, "/api/audit").await.ok();
        let id = RepId("tom".into());
        let change = PersonChange {
            role: Some(ringback::domain::person::Role::Rep),
            ..PersonChange::default()
        };
        house.operator(Command::ChangePerson { id, change }).await;
        until("the role is gone", || async {
            house.get(TOM, "/api/audit").await.status == StatusCode::FORBIDDEN
        })
        .await;
    });
}
