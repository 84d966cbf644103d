//! `rep` and `key`.

use std::time::{Duration, Instant};

use crate::support::{Home, token};

#[test]
fn a_person_is_added_once_and_their_token_is_shown_once() {
    let home = Home::new();
    let add = [
        "rep",
        "add",
        "Priya Shah",
        "--phone",
        "07700 900456",
        "--email",
        "Priya@Example.co.uk",
        "--json",
    ];
    let added = home.json(&add);
    assert_eq!(added["id"], "priya-shah");
    assert_eq!(added["name"], "Priya Shah");
    assert_eq!(added["role"], "rep");
    assert!(token(&added).starts_with("rb_"));
    assert_eq!(added.as_object().map(|members| members.len()), Some(4));
    let listed = home.run(&["rep", "list", "--json"]).succeeded();
    assert!(!listed.out.contains(&token(&added)));
    let person = &listed.json()["people"][0];
    assert_eq!(person["phone"], "+447700900456");
    assert_eq!(person["email"], "priya@example.co.uk");
}

#[test]
fn namesakes_get_handles_of_their_own() {
    let home = Home::new();
    for id in ["anna-lee", "anna-lee-2", "anna-lee-3"] {
        assert_eq!(
            home.json(&["rep", "add", "Anna Lee", "--phone", "02079460100", "--json"])["id"],
            id
        );
    }
}

#[test]
fn a_number_that_nobody_could_ring_is_refused() {
    let home = Home::new();
    home.run(&["rep", "add", "Priya", "--phone", "extension"]).failed(2, &["no telephone number"]);
    assert_eq!(home.json(&["rep", "list", "--json"])["people"], serde_json::json!([]));
}

#[test]
fn people_go_on_leave_and_leave() {
    let home = Home::new();
    home.person("Priya Shah", "rep");
    let away = home.json(&["rep", "leave", "priya-shah", "2026-12-21", "2027-01-02", "--json"]);
    assert_eq!(away["leave"][0], serde_json::json!({"from": "2026-12-21", "to": "2027-01-02"}));
    home.run(&["rep", "leave", "priya-shah", "2026-12-21", "2026-12-20"])
        .failed(2, &["before it begins"]);
    home.run(&["rep", "leave", "nobody", "2026-12-21", "2026-12-22"]).failed(1, &["nobody"]);
    assert_eq!(home.json(&["rep", "remove", "priya-shah", "--json"])["removed"], true);
    assert!(!home.run(&["rep", "list"]).succeeded().out.contains("priya"));
}

#[test]
fn people_and_keys_come_and_go_while_the_server_runs() {
    let home = Home::new();
    let server = home.serve(&[]);
    let list = |token: &str| {
        home.run(&["lead", "list", "--json", "--server", server.url(), "--token", token])
    };
    list("rb_unknown").failed(1, &["token", "rep token"]);

    let first = home.person("Priya Shah", "rep");
    list(&first).succeeded();
    let second = token(&home.json(&["rep", "token", "priya-shah", "--json"]));
    list(&second).succeeded();
    let shut_out = |token: &str| {
        // A running server believes a token for a second before it looks again.
        let began = Instant::now();
        while list(token).code == 0 {
            assert!(began.elapsed() < Duration::from_secs(3), "the token still works");
            std::thread::sleep(Duration::from_millis(50));
        }
        list(token).failed(1, &["token"]);
    };
    shut_out(&first);
    list(&second).succeeded();
    home.run(&["rep", "remove", "priya-shah"]).succeeded();
    shut_out(&second);

    let key = home.key();
    let call = home.write("call.json", r#"{"phone": "07700 900123", "notes": "Wants a quote."}"#);
    home.run(&["lead", "add", &call, "--server", server.url(), "--token", &key]).succeeded();
    list(&key).failed(1, &["rep"]);
}
