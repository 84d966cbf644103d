//! `serve`: start, rehearsal, stop.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::json;

use crate::support::Home;

#[test]
fn it_says_where_it_listens_and_answers_there_at_once() {
    let home = Home::new();
    let server = home.serve(&[]);
    assert!(server.said.starts_with("listening on http://127.0.0.1:"), "{}", server.said);
    assert!(get(server.address(), "/readyz", "").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_port_that_is_taken_is_said_to_be() {
    let home = Home::new();
    let server = home.serve(&[]);
    let other = Home::new();
    other.run(&["serve", "--listen", server.address()]).failed(1, &["is taken", "--listen"]);
}

#[test]
fn sigterm_stops_it_within_five_seconds_although_a_console_is_watching() {
    let home = Home::new();
    let priya = home.person("Priya", "rep");
    let server = home.serve(&[]);
    let mut stream = TcpStream::connect(server.address()).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    let head = format!(
        "GET /api/stream?after=0 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {priya}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("a request");
    let mut first = [0; 12];
    stream.read_exact(&mut first).expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200");
    let (code, took) = server.terminate();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn a_rehearsal_is_refused_while_a_live_service_is_on_and_runs_beside_a_stand_in() {
    let home = Home::new();
    let twilio = |url: &str| {
        format!(
            "[twilio]\naccount_sid = \"AC1\"\nauth_token = \"t\"\nfrom = \"+442079460000\"\nbase_url = \"{url}\"\n"
        )
    };
    let live = home.write("live.toml", &twilio("https://api.twilio.com"));
    for rehearsal in [["--at", "2026-09-01T08:52:00+01:00"], ["--speed", "10"]] {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--config", &live];
        arguments.extend(rehearsal);
        home.run(&arguments).failed(1, &["twilio", "real people"]);
    }
    let stand_in = home.write("stand-in.toml", &twilio("http://127.0.0.1:9"));
    let server = home.serve(&["--config", &stand_in, "--at", "2026-09-01T08:52:00+01:00"]);
    assert!(server.said.starts_with("listening on"));
}

#[test]
fn a_rehearsal_goes_on_from_the_last_call_that_its_data_knows() {
    let home = Home::new();
    let (agent, priya) = (home.key(), home.person("Priya", "rep"));
    let call = json!({"phone": "07700 900123", "notes": "A quote."}).to_string();
    let received = |at: &str, add: bool| {
        let server = home.serve(&["--at", at]);
        let run = |words: &[&str], token: &str| {
            let mut all = words.to_vec();
            all.extend(["--server", server.url(), "--token", token, "--json"]);
            home.run_with(&all, &call).succeeded().json()
        };
        if add {
            run(&["lead", "add", "-", "--again"], &agent);
        }
        let queue = run(&["lead", "list"], &priya);
        let at = |value: &serde_json::Value| value.as_str().expect("a time").to_owned();
        (at(&queue["as_of"]), at(&queue["leads"][0]["received_at"]))
    };
    let (_, first) = received("2026-09-01T12:00:00Z", true);
    assert!(first.starts_with("2026-09-01T12:00:0"), "{first}");
    let (now, _) = received("2026-08-31T09:00:00Z", false);
    assert!(now.starts_with("2026-09-01T12:00:"), "{now} lies before {first}");
    let (now, _) = received("2026-09-02T09:00:00Z", false);
    assert!(now.starts_with("2026-09-02T09:00:"), "{now}");
}

fn get(address: &str, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}
