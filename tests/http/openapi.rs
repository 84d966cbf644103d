//! `GET /api/openapi.json`

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::harness::{AGENT, SAM, house};

/// The rows of the contract's table, and our own.
const ROUTES: &[(&str, &str)] = &[
    ("post", "/api/ingest/lead"),
    ("post", "/api/ingest/call"),
    ("get", "/api/contacts/lookup"),
    ("post", "/api/contacts/{id}/merge"),
    ("get", "/api/queue"),
    ("get", "/api/leads/{id}"),
    ("get", "/api/leads/{id}/history"),
    ("post", "/api/leads/{id}/claim"),
    ("post", "/api/leads/{id}/release"),
    ("post", "/api/leads/{id}/reassign"),
    ("post", "/api/leads/{id}/outcome"),
    ("post", "/api/leads/{id}/note"),
    ("post", "/api/leads/{id}/undo"),
    ("get", "/api/stream"),
    ("get", "/api/journal"),
    ("get", "/api/team"),
    ("patch", "/api/team/{id}"),
    ("get", "/api/audit"),
    ("get", "/api/me"),
    ("get", "/metrics"),
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/api/openapi.json"),
];

#[test]
fn the_document_has_every_route_and_every_documented_route_answers() {
    house(|house| async move {
        let document = house.get("", "/api/openapi.json").await.ok();
        assert!(document["openapi"].as_str().unwrap().starts_with("3."));
        let paths = document["paths"].as_object().unwrap();
        let mut documented: Vec<(&str, &str)> = paths
            .iter()
            .flat_map(|(path, methods)| {
                methods.as_object().unwrap().keys().map(|method| (method.as_str(), path.as_str()))
            })
            .collect();
        documented.sort_unstable();
        let mut expected = ROUTES.to_vec();
        expected.sort_unstable();
        assert_eq!(documented, expected);
        for (method, path) in documented {
            let method: Method = method.to_uppercase().parse().unwrap();
            let token = if path.contains("ingest") { AGENT } else { SAM };
            let response =
                house.request(method.clone(), path, token).send().await.expect("an answer");
            assert_ne!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert_ne!(response.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
            if response.status() == StatusCode::NOT_FOUND {
                let problem: Value = response.json().await.unwrap();
                assert_ne!(
                    problem["type"], "urn:ringback:problem:no-such-route",
                    "{method} {path}"
                );
            }
        }
    });
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    house(|house| async move {
        let document = house.get("", "/api/openapi.json").await.ok();
        let mut references = Vec::new();
        collect(&document, &mut references);
        assert!(references.len() > 20, "{references:?}");
        for reference in references {
            let pointer = reference.strip_prefix('#').expect("a reference into the document");
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
        for member in ["name", "phone", "callback_at", "signals"] {
            let payload = &document["components"]["schemas"]["Payload"]["properties"];
            assert!(payload.get(member).is_some(), "{member} is not documented");
        }
    });
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(reference) if name == "$ref" => found.push(reference.clone()),
                    value => collect(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

#[test]
fn every_route_says_who_may_use_it() {
    house(|house| async move {
        let document = house.get("", "/api/openapi.json").await.ok();
        for (method, path) in
            ROUTES.iter().filter(|(_, path)| path.starts_with("/api/") && !path.ends_with(".json"))
        {
            let operation = &document["paths"][path][method];
            assert!(operation["security"].is_array(), "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path}");
        }
        assert!(document["components"]["securitySchemes"]["supervisor"].is_object());
    });
}
