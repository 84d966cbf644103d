//! `demo`, with its console and without.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    support::{Home, Server, names},
    terminal::Terminal,
};

#[test]
fn a_whole_morning_stands_in_the_queue_at_once_and_it_lives() {
    let home = Home::new();
    let server = Server::start(home.command(&["demo", "--headless", "--speed", "60"]));
    let told: Value = serde_json::from_str(&server.said).expect("one JSON line");
    let tokens = told["tokens"].as_object().expect("tokens");
    assert_eq!(tokens.keys().collect::<Vec<_>>(), ["ingest", "rep", "supervisor"]);
    let url = told["url"].as_str().expect("a URL").to_owned();
    let rep = tokens["rep"].as_str().expect("a token").to_owned();
    let list = |view: &str| {
        home.json(&["lead", "list", "--view", view, "--json", "--server", &url, "--token", &rep])
    };

    let all = list("all");
    let leads = all["leads"].as_array().expect("leads");
    assert!(leads.len() >= 30, "{} callers", leads.len());
    let tiers: HashSet<_> = leads.iter().filter_map(|lead| lead["tier"].as_str()).collect();
    assert_eq!(tiers.len(), 4, "{tiers:?}");
    let intents: HashSet<_> = leads.iter().filter_map(|lead| lead["intent"].as_str()).collect();
    assert!(intents.len() >= 7, "{intents:?}");
    let named = |name: &str| leads.iter().find(|lead| lead["contact"]["name"] == name);
    assert_eq!(named("Callum Reid").expect("the re-caller")["touches"], 3);
    assert_eq!(named("Ros Achebe").expect("form, then call")["touches"], 2);
    assert!(
        leads.iter().all(|lead| lead["owner"] != "daniel-brook"),
        "nothing for somebody on leave"
    );
    assert!(!all.to_string().contains("4242 4242"), "a card number was kept");
    assert!(!all.to_string().contains("\\u001b"), "an escape code was kept");

    let began = Instant::now();
    let lives = || {
        let after = list("all");
        let held = |name: &str| after.to_string().contains(&format!("\"name\":\"{name}\""));
        after["total"] != all["total"] && held("Tom Whitfield") | held("Aisha Khan")
    };
    while !lives() {
        assert!(began.elapsed() < Duration::from_secs(20), "nobody rings and nobody works");
        std::thread::sleep(Duration::from_millis(100));
    }

    let temporary = |name: &String| name.starts_with("ringback-demo-");
    assert!(names(&home.path("")).iter().any(temporary));
    let (code, took) = server.terminate();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(!names(&home.path("")).iter().any(temporary), "the demo's data was left behind");
}

#[test]
fn the_console_on_top_is_live_takes_a_claim_and_leaves_nothing_behind() {
    let home = Home::new();
    let binary = env!("CARGO_BIN_EXE_ringback");
    let mut terminal = Terminal::start(binary, &["demo"], &home.path(""), (120, 40));
    terminal.until("the queue", |screen| screen.contains("LIVE") && screen.contains("Alex Rivera"));
    let screen = terminal.screen();
    assert!(screen.contains("08:52:"), "{screen}");
    assert!(screen.contains("Tue 1 Sep"), "{screen}");
    // The first of the night is anybody's: a lead of the watcher's own is left alone by the colleagues.
    terminal.press("3");
    terminal.until("her own leads", |screen| screen.contains("Callum Reid"));
    terminal.press("c");
    terminal.until("a claim", |screen| screen.contains("ring within"));
    terminal.press("q");
    assert_eq!(terminal.exit(), 0);
    let temporary = |name: &String| name.starts_with("ringback-demo-");
    assert!(!names(&home.path("")).iter().any(temporary), "the demo's data was left behind");
}
