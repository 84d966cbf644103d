//! The same commands on PostgreSQL; and the move from one database to the other.

use serde_json::{Value, json};

use crate::{
    cluster,
    support::{Home, token},
};

/// A home whose configuration names a PostgreSQL database, with a password that must not be seen.
fn home() -> Option<(Home, String)> {
    let url = cluster::shared()?.database().replace("ringback@", "ringback:s3cret@");
    let home = Home::new();
    let file = home.write("ringback.toml", &format!("[store]\nurl = \"{url}\"\n"));
    Some((home, file))
}

fn with(words: &[&str], options: &[&str]) -> Vec<String> {
    words.iter().chain(options).map(|word| (*word).to_owned()).collect()
}

fn json(home: &Home, words: &[&str], options: &[&str]) -> Value {
    let words = with(words, options);
    home.json(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn people_keys_and_the_server_work_on_the_database_that_the_configuration_names() {
    let Some((home, file)) = home() else { return };
    let config = ["--config", &file];
    let key = token(&json(&home, &["key", "add", "agent", "--json"], &config));
    let add = ["rep", "add", "Priya", "--phone", "07700 900456", "--json"];
    let priya = token(&json(&home, &add, &config));
    let servers = [home.serve(&config), home.serve(&config)];
    let call = json!({ "name": "Alex", "intent": "pricing" }).to_string();
    let add = ["lead", "add", "-", "--again", "--server", servers[0].url(), "--token", &key];
    home.run_with(&add, &call).succeeded();
    let list = ["lead", "list", "--json", "--server", servers[1].url(), "--token", &priya];
    assert_eq!(home.json(&list)["leads"][0]["contact"]["name"], "Alex");
    let people = json(&home, &["rep", "list", "--json"], &config);
    assert_eq!(people["people"][0]["id"], "priya");
    let explained = home.run_with(
        &["route", "explain", "-", "--json", "--data", "unused", "--config", &file],
        &json!({ "name": "Alex", "intent": "pricing", "signals": { "team_size": 40 } }).to_string(),
    );
    assert_eq!(explained.succeeded().json()["tier"], "B");
}

#[test]
fn a_database_that_is_not_there_is_told_without_its_password() {
    let home = Home::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let url = format!("postgres://ringback:s3cret@127.0.0.1:{port}/leads");
    let file = home.write("ringback.toml", &format!("[store]\nurl = \"{url}\"\n"));
    for words in [
        vec!["serve", "--listen", "127.0.0.1:0"],
        vec!["key", "add", "agent"],
        vec!["backup", "monday.db"],
        vec!["restore", "monday.db"],
    ] {
        let mut words = words;
        words.extend(["--config", &file]);
        let place = format!("postgres://ringback@127.0.0.1:{port}/leads");
        let done = home.run(&words).failed(1, &[&place]);
        assert!(!done.err.contains("s3cret") && !done.out.contains("s3cret"), "{done:?}");
    }
}

#[test]
fn backup_and_restore_name_the_tools_of_postgresql() {
    let home = Home::new();
    let file = home.write("ringback.toml", "[store]\nurl = \"postgres://ringback@db/leads\"\n");
    home.run(&["backup", "monday.dump", "--config", &file])
        .failed(1, &["pg_dump", "--file=monday.dump", "postgres://ringback@db/leads"]);
    home.run(&["restore", "monday.dump", "--config", &file])
        .failed(1, &["pg_restore", "monday.dump", "postgres://ringback@db/leads"]);
}

#[test]
fn an_installation_moves_to_postgresql_and_back() {
    let Some((home, file)) = home() else { return };
    let (key, priya) = (home.key(), home.person("Priya", "rep"));
    let server = home.serve(&[]);
    for n in 0..5 {
        let call = json!({ "name": format!("caller {n}"), "intent": "pricing" }).to_string();
        let add = ["lead", "add", "-", "--again", "--server", server.url(), "--token", &key];
        home.run_with(&add, &call).succeeded();
    }
    let list = |url: &str| {
        let mut queue = home.json(&["lead", "list", "--json", "--server", url, "--token", &priya]);
        queue["leads"].take()
    };
    let before = list(server.url());
    drop(server);
    let database = home.path(".local/share/ringback/ringback.db").display().to_string();
    let url = std::fs::read_to_string(&file).expect("a file");
    let url = url.lines().nth(1).and_then(|line| line.split('"').nth(1)).expect("a URL");
    let copy = |from: &str, to: &str| {
        let copied = home.json(&["store", "copy", "--from", from, "--to", to, "--json"]);
        assert_eq!(copied["tables"]["leads"], 5);
        assert!(!copied.to_string().contains("s3cret"), "{copied}");
        (copied["head"].clone(), copied["journal_sha256"].clone())
    };
    let there = copy(&database, url);
    assert_eq!(list(home.serve(&["--config", &file]).url()), before);
    let back = copy(url, "back.db");
    assert_eq!(there, back, "the journal is the same to the byte");
    let back = home.write("back.toml", "[store]\nurl = \"sqlite:back.db\"\n");
    assert_eq!(list(home.serve(&["--config", &back]).url()), before);
    // A target that holds something is not touched.
    home.run(&["store", "copy", "--from", &database, "--to", url]).failed(1, &["holds something"]);
}
