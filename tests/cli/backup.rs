//! `backup` and `restore`.

use std::{os::unix::fs::PermissionsExt, path::Path};

use serde_json::{Value, json};

use crate::support::{Home, Server, names};

/// A home with some calls in it, and the server they came in by.
fn home() -> (Home, Server) {
    let home = Home::new();
    let key = home.key();
    let server = home.serve(&[]);
    call(&home, &server, &key, "before");
    (home, server)
}

fn call(home: &Home, server: &Server, key: &str, name: &str) {
    let call = json!({ "name": name, "intent": "pricing" }).to_string();
    let add = ["lead", "add", "-", "--again", "--server", server.url(), "--token", key];
    home.run_with(&add, &call).succeeded();
}

/// The names of all leads, asked of a server on this home's data.
fn leads(home: &Home) -> Vec<String> {
    let gwen = home.person("Gwen", "supervisor");
    let server = home.serve(&[]);
    let queue = home.json(&["lead", "list", "--json", "--server", server.url(), "--token", &gwen]);
    let leads = queue["leads"].as_array().expect("leads").iter();
    let mut names: Vec<String> =
        leads.map(|lead| lead["contact"]["name"].as_str().expect("a name").to_owned()).collect();
    names.sort();
    names
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

#[test]
fn a_backup_made_while_serving_is_put_back_and_what_was_there_is_kept() {
    let (home, server) = home();
    let backed_up = home.json(&["backup", "monday.db", "--json"]);
    assert_eq!(backed_up["file"], "monday.db");
    assert_eq!(backed_up["leads"], 1);
    assert!(number(&backed_up["head"]) >= 2 && number(&backed_up["bytes"]) > 4_096);
    let file = home.path("monday.db");
    assert_eq!(file.metadata().expect("a file").permissions().mode() & 0o077, 0);
    call(&home, &server, &home.key(), "after");
    // Not under a server's feet.
    home.run(&["restore", "monday.db"]).failed(1, &["a server works on", "stop it first"]);
    drop(server);
    assert_eq!(leads(&home), ["after", "before"]);
    let restored = home.json(&["restore", "monday.db", "--json"]);
    assert_eq!(restored["head"], backed_up["head"]);
    assert_eq!(leads(&home), ["before"]);
    let kept = Path::new(restored["kept"].as_str().expect("a path")).to_owned();
    let kept = kept.display().to_string();
    home.run(&["restore", &kept]).succeeded();
    assert_eq!(leads(&home), ["after", "before"]);
    let folder = home.path(".local/share/ringback");
    assert!(!names(&folder).iter().any(|name| name.contains("part") || name.contains("restoring")));
}

#[test]
fn a_backup_is_put_back_on_another_machine() {
    let (home, server) = home();
    home.run(&["backup", "monday.db"]).succeeded();
    drop(server);
    let other = Home::new();
    std::fs::copy(home.path("monday.db"), other.path("monday.db")).expect("copied");
    let said = other.run(&["restore", "monday.db"]).succeeded().out;
    assert!(said.contains("1 lead, the journal to entry"), "{said}");
    assert!(!said.contains("kept"), "{said}");
    assert_eq!(leads(&other), ["before"]);
}

#[test]
fn nothing_is_overwritten_and_nothing_unsound_is_put_back() {
    let (home, server) = home();
    drop(server);
    home.run(&["backup", "monday.db"]).succeeded();
    home.run(&["backup", "monday.db"]).failed(1, &["monday.db", "not overwritten"]);
    home.run(&["backup", "nowhere/monday.db"]).failed(1, &["nowhere"]);
    home.run(&["restore", "nowhere.db"]).failed(1, &["no database at nowhere.db"]);
    let text = home.write("notes.txt", "not a database at all, and long enough to be looked at");
    home.run(&["restore", &text]).failed(1, &["notes.txt is not a database of ringback's"]);
    let mut bytes = std::fs::read(home.path("monday.db")).expect("a file");
    let (page, pages) = (4_096, bytes.len() / 4_096);
    for damaged in bytes.chunks_exact_mut(page).skip(pages / 2).take(pages / 4) {
        damaged[..64].fill(0xFF);
    }
    std::fs::write(home.path("damaged.db"), bytes).expect("a file");
    home.run(&["restore", "damaged.db"]).failed(1, &["damaged.db is damaged"]);
    let database = home.path(".local/share/ringback/ringback.db").display().to_string();
    home.run(&["restore", &database]).failed(1, &["the database itself"]);
    assert_eq!(leads(&home), ["before"]);
    let folder = home.path(".local/share/ringback");
    assert!(
        !names(&folder).iter().any(|name| name.contains("before-") || name.contains("restoring"))
    );
}

#[test]
fn a_damaged_database_is_replaced_and_kept() {
    let (home, server) = home();
    drop(server);
    home.run(&["backup", "monday.db"]).succeeded();
    let database = home.path(".local/share/ringback/ringback.db");
    std::fs::write(&database, "overwritten by a careless hand").expect("written");
    let restored = home.json(&["restore", "monday.db", "--json"]);
    assert_eq!(leads(&home), ["before"]);
    let kept = std::fs::read(restored["kept"].as_str().expect("a path")).expect("a file");
    assert!(kept.starts_with(b"overwritten"));
}
