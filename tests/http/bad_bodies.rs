//! Whatever strangers send: answered, never a crash, and no lead lost that could be understood.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    harness::{AGENT, House, PRIYA, Plan, Reply, house, house_with},
    raw::{Raw, head},
};

const INGEST: &str = "/api/ingest/lead";

async fn send(house: &House, body: impl Into<reqwest::Body>) -> Reply {
    house.post_raw(AGENT, INGEST, body).await
}

/// The lead that an odd body became.
async fn lead(house: &House, body: impl Into<reqwest::Body>) -> Value {
    let routed = send(house, body).await.expect(StatusCode::CREATED);
    let id = routed["lead_id"].as_str().expect("an id");
    house.get(PRIYA, &format!("/api/leads/{id}")).await.ok()
}

#[test]
fn what_is_not_json_is_told_by_line_and_column_and_not_repeated() {
    house(|house| async move {
        let before = house.get(PRIYA, "/api/journal").await.ok()["seq"].clone();
        for body in [
            "",
            "{",
            "{\"name\": \"Secret Name",
            "{\"name\": Secret Name}",
            "{\"name\": \"Secret Name\",}",
            "{\"name\": \"Secret Name\"} {}",
            "name=Secret Name",
            "<name>Secret Name</name>",
        ] {
            let problem = send(&house, body).await.problem(400, "malformed-json");
            let detail = problem.detail.expect("a detail");
            assert!(detail.starts_with("line 1, column "), "{body}: {detail}");
            assert!(!detail.contains("Secret"), "{detail}");
        }
        let nested = format!("{{\"a\":{}", "[".repeat(30_000));
        send(&house, nested).await.problem(400, "malformed-json");
        assert_eq!(
            house.get(PRIYA, "/api/journal").await.ok()["seq"],
            before,
            "nothing was stored"
        );
    });
}

#[test]
fn wrong_types_in_every_member_are_all_named_at_once() {
    house(|house| async move {
        let body = json!({
            "name": 1, "email": [], "phone": 447700900123_i64, "intent": {}, "tier": 2, "source": true, "call_sid": 3.5,
            "transcript_id": ["x"], "timezone": 0, "notes": { "text": "x" }, "routing_owner": false, "outcome": 4,
            "routing_tag": [1], "company": 5, "callback_phone": 6, "callback_at": 1_790_000_000, "preferred_channel": [],
            "ended_at": {}, "question": 7, "answer": 8, "customer": "yes",
            "signals": { "team_size": "15", "sites": -2, "timeline": 9, "urgency": true, "deal_value_pence": 1.5, "deciders": "Ian" },
        });
        let mut faults = house.ingest(body.clone()).await.faults(422, "invalid-body");
        for (member, value) in body.as_object().expect("an object") {
            for pointer in match member.as_str() {
                "signals" => value
                    .as_object()
                    .expect("an object")
                    .keys()
                    .map(|key| format!("/signals/{key}"))
                    .collect(),
                _ => vec![format!("/{member}")],
            } {
                let detail =
                    faults.remove(&pointer).unwrap_or_else(|| panic!("{pointer} is not named"));
                assert!(detail.starts_with("must be "), "{pointer}: {detail}");
            }
        }
        assert!(faults.is_empty(), "{faults:?}");
        let list = house.ingest(json!({ "signals": [15], "name": "Dev" })).await;
        assert_eq!(list.faults(422, "invalid-body").keys().collect::<Vec<_>>(), ["/signals"]);
    });
}

#[test]
fn a_body_that_is_no_object_or_says_nothing_is_one_fault() {
    house(|house| async move {
        for body in [
            "[]",
            "[\"Alex\"]",
            "\"Alex\"",
            "7",
            "null",
            "{}",
            r#"{"name": "", "phone": " ", "intent": "pricing", "notes": "\u0000"}"#,
            r#"{"something": "else"}"#,
        ] {
            let faults = send(&house, body).await.faults(422, "invalid-body");
            assert_eq!(faults.keys().collect::<Vec<_>>(), [""], "{body}");
        }
    });
}

#[test]
fn nul_and_escape_bytes_never_survive() {
    house(|house| async move {
        let escaped = r#"{"name": "Ev\u0000il \u001b[31mRed\u001b[0m\u202eeman", "notes": "Line\u0007 one\u001b]0;title\u0007 end.", "source": "web\u0000", "call_sid": "CA\u001b[2J9"}"#;
        let with_bytes =
            b"{\"name\": \"Raw\x00 \x1b[31mRed\x1b[0m\", \"notes\": \"One\nline\x07.\"}".to_vec();
        for (lead, name, summary) in [
            (lead(&house, escaped).await, "Evil Redeman", "Line one end."),
            (lead(&house, with_bytes).await, "Raw", "One line"),
        ] {
            let text = lead.to_string();
            assert!(!text.contains("\\u00") && !text.contains("\\u202e"), "{text}");
            assert!(text.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{text}");
            assert!(lead["contact"]["name"].as_str().expect("a name").starts_with(name), "{text}");
            assert!(lead["summary"].as_str().expect("a summary").starts_with(summary), "{text}");
        }
    });
}

#[test]
fn half_an_emoji_and_bytes_that_are_not_utf8_cost_no_lead() {
    house(|house| async move {
        let cut = lead(&house, r#"{"name": "Ann \ud83d", "notes": "ok"}"#).await;
        assert_eq!(cut["contact"]["name"], "Ann \u{FFFD}");
        let latin = lead(&house, b"{\"name\": \"Ren\xe9e\"}".to_vec()).await;
        assert_eq!(latin["contact"]["name"], "Ren\u{FFFD}e");
        let mark = lead(&house, b"\xEF\xBB\xBF{\"name\": \"Marked\"}".to_vec()).await;
        assert_eq!(mark["contact"]["name"], "Marked");
    });
}

#[test]
fn a_name_of_ten_thousand_characters_is_cut_and_so_is_a_novel_in_the_notes() {
    house(|house| async move {
        let lead = lead(
            &house,
            json!({ "name": "Ŵ".repeat(10_000), "notes": "word ".repeat(8_000), "company": "x".repeat(1_000) })
                .to_string(),
        )
        .await;
        let length = |value: &Value| value.as_str().expect("a text").chars().count();
        assert_eq!(length(&lead["contact"]["name"]), 200);
        assert_eq!(length(&lead["contact"]["company"]), 200);
        assert!(
            (3_900..=4_000).contains(&length(&lead["summary"])),
            "{}",
            length(&lead["summary"])
        );
        let faults =
            house.ingest(json!({ "call_sid": "C".repeat(201) })).await.faults(422, "invalid-body");
        assert_eq!(
            faults.keys().collect::<Vec<_>>(),
            ["/call_sid"],
            "cut, two calls could become one"
        );
    });
}

#[test]
fn a_time_without_a_zone_is_a_fault_that_says_how_to_write_it() {
    house(|house| async move {
        let body = json!({ "name": "Dev", "ended_at": "2026-08-31T22:00:00", "callback_at": "tomorrow at four" });
        let faults = house.ingest(body).await.faults(422, "invalid-body");
        assert!(faults["/ended_at"].starts_with("has no time zone: write 2026-"), "{faults:?}");
        assert!(faults["/callback_at"].starts_with("must be a time such as 2026-"), "{faults:?}");
        for ended_at in [
            "2026-08-31T22:00:00Z",
            "1970-01-01T00:00:00+14:00",
            "9999-12-30T22:00:00Z",
            "-001000-01-01T00:00:00Z",
        ] {
            house
                .ingest(json!({ "name": "Any date", "ended_at": ended_at }))
                .await
                .expect(StatusCode::CREATED);
        }
    });
}

#[test]
fn numbers_of_three_and_of_forty_digits_are_kept_as_text() {
    house(|house| async move {
        for phone in ["999", &"7".repeat(40)] {
            let lead = lead(&house, json!({ "phone": phone }).to_string()).await;
            assert_eq!(lead["contact"]["phone"], Value::Null);
            assert_eq!(lead["contact"]["phone_as_received"], phone);
        }
    });
}

#[test]
fn doubled_keys_are_a_fault_and_not_a_guess() {
    house(|house| async move {
        let body =
            r#"{"name": "Alex", "phone": "1", "name": "Sam", "signals": {"sites": 1, "sites": 2}}"#;
        let faults = send(&house, body).await.faults(422, "invalid-body");
        assert_eq!(faults.keys().collect::<Vec<_>>(), ["/name", "/signals/sites"]);
    });
}

#[test]
fn another_content_type_is_refused_by_name() {
    house(|house| async move {
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/xml"] {
            let request = house.request(Method::POST, INGEST, AGENT).body("{\"name\": \"Alex\"}");
            Reply::of(request.header("content-type", kind))
                .await
                .problem(415, "unsupported-media-type");
        }
        let request = house.request(Method::POST, INGEST, AGENT).body("{\"name\": \"Alex\"}");
        Reply::of(request).await.problem(415, "unsupported-media-type");
        let request = house.request(Method::POST, INGEST, AGENT).body("{\"name\": \"Alex\"}");
        let reply =
            Reply::of(request.header("content-type", "Application/JSON;charset=UTF-8")).await;
        reply.expect(StatusCode::CREATED);
    });
}

#[test]
fn a_body_of_a_megabyte_is_refused_and_its_sender_reads_why() {
    house(|house| async move {
        let large = format!("{{\"name\": \"{}\"}}", "x".repeat(1 << 20));
        let problem = send(&house, large.clone()).await.problem(413, "body-too-large");
        assert!(problem.detail.expect("a detail").contains("65536"));
        // Without a length, in chunks.
        let chunks = large.into_bytes().chunks(9_000).map(<[u8]>::to_vec).collect::<Vec<_>>();
        let chunks = futures_util::stream::iter(chunks.into_iter().map(Ok::<_, std::io::Error>));
        let reply = send(&house, reqwest::Body::wrap_stream(chunks)).await;
        reply.problem(413, "body-too-large");
        let just_fits = format!("{{\"name\": \"{}\"}}", "x".repeat(64 * 1024 - 12));
        send(&house, just_fits.clone()).await.expect(StatusCode::CREATED);
        send(&house, just_fits + " ").await.problem(413, "body-too-large");
    });
}

#[test]
fn a_stranger_with_a_large_body_is_refused_before_it_is_read() {
    house(|house| async move {
        let mut raw = Raw::connect(house.address).await;
        raw.send(head(INGEST, "wrong", 60_000)).await;
        let answer = raw.rest().await;
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        assert!(answer.contains("connection: close\r\n"), "{answer}");
    });
}

#[test]
fn a_body_that_drips_in_is_cut_off_and_others_are_served_meanwhile() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.limits.body_within = Duration::from_millis(300);
        plan
    };
    house_with(plan, |house| async move {
        let mut raw = Raw::connect(house.address).await;
        raw.send(head(INGEST, AGENT, 100)).await;
        raw.send("{\"na").await;
        house.ingest(json!({ "name": "Somebody else" })).await.expect(StatusCode::CREATED);
        let answer = raw.rest().await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("urn:ringback:problem:body-too-slow"), "{answer}");
    });
}

#[test]
fn a_head_that_drips_in_is_cut_off() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.limits.first_request_within = Duration::from_millis(300);
        plan
    };
    house_with(plan, |house| async move {
        let mut raw = Raw::connect(house.address).await;
        raw.send("POST /api/ingest/lead HTTP/1.1\r\nhost: ring").await;
        assert_eq!(raw.rest().await, "");
    });
}

#[test]
fn a_sender_who_hangs_up_in_the_middle_leaves_no_trace() {
    house(|house| async move {
        let before = house.get(PRIYA, "/api/journal").await.ok()["seq"].clone();
        let mut raw = Raw::connect(house.address).await;
        raw.send(head(INGEST, AGENT, 100)).await;
        raw.send("{\"name\": \"Alex\"").await;
        drop(raw);
        house.get("", "/healthz").await.ok();
        assert_eq!(house.get(PRIYA, "/api/journal").await.ok()["seq"], before);
    });
}

#[test]
fn bytes_that_are_not_http_are_refused_and_the_service_goes_on() {
    house(|house| async move {
        for bytes in [
            &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
            b"\0\0\0\0\r\n\r\n",
            b"GET\r\n\r\n",
        ] {
            let mut raw = Raw::connect(house.address).await;
            raw.send(bytes).await;
            let answer = raw.rest().await;
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
        }
        house.get("", "/healthz").await.ok();
    });
}

#[test]
fn bodies_of_reps_are_read_as_strictly() {
    house(|house| async move {
        let id = house.lead("Alex").await;
        let outcome = format!("/api/leads/{id}/outcome");
        let faults = house
            .post(
                PRIYA,
                &outcome,
                json!({ "outcome": "fine", "note": 7, "callback_at": "16:00", "callbackAt": 1 }),
            )
            .await
            .faults(422, "invalid-body");
        assert_eq!(
            faults.keys().collect::<Vec<_>>(),
            ["/callbackAt", "/callback_at", "/note", "/outcome"]
        );
        assert!(faults["/outcome"].contains("callback_later"), "{faults:?}");
        house.post_raw(PRIYA, &outcome, "{").await.problem(400, "malformed-json");
        house.post_raw(PRIYA, &outcome, "[]").await.problem(422, "invalid-body");
    });
}
