//! `init` and `check`.

use std::os::unix::fs::PermissionsExt;

use crate::support::Home;

#[test]
fn what_init_writes_is_right_and_serves_and_lets_the_supervisor_in_without_options() {
    let home = Home::new();
    let made = home.json(&["init", "--name", "Gwen Parry", "--json"]);
    assert_eq!(made["supervisor"]["role"], "supervisor");
    assert_eq!(made["supervisor"]["id"], "gwen-parry");
    let checked = home.json(&["check", "--json"]);
    assert_eq!(checked["ok"], true);
    assert_eq!(checked["file"], made["config"]);
    let server = home.serve(&[]);
    let queue = home.json(&["lead", "list", "--server", server.url(), "--json"]);
    assert_eq!(queue["total"], 0);
}

#[test]
fn init_puts_everything_into_one_folder_that_only_its_owner_can_read() {
    let home = Home::new();
    let said = home.run(&["init", "office"]).succeeded().out;
    assert!(said.contains("ringback serve --config office/ringback.toml --data office"), "{said}");
    for file in ["ringback.toml", "ringback.db", "token"] {
        let mode = home.path("office").join(file).metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} can be read by others: {mode:o}");
    }
    let token = std::fs::read_to_string(home.path("office/token")).expect("a token");
    assert!(said.contains(token.trim()));
}

#[test]
fn init_overwrites_nothing() {
    let home = Home::new();
    home.run(&["init", "office"]).succeeded();
    let before = std::fs::read(home.path("office/ringback.toml")).expect("a file");
    home.run(&["init", "office"]).failed(1, &["office/ringback.toml", "not overwritten"]);
    std::fs::remove_file(home.path("office/ringback.toml")).expect("removed");
    home.run(&["init", "office"]).failed(1, &["office/token", "not overwritten"]);
    assert!(!home.path("office/ringback.toml").exists(), "half of an installation was written");
    assert!(!before.is_empty());
}

#[test]
fn every_fault_of_a_configuration_is_told_with_its_line_and_what_would_be_right() {
    let home = Home::new();
    let file = home.write(
        "bad.toml",
        "[business]\nnam = \"Us\"\ntimezone = \"Europe/Londn\"\n\n[claims]\nlease = \"soon\"\n",
    );
    home.run(&["check", "--config", &file])
        .failed(1, &["bad.toml:2:1", "`nam`", "`name`", "bad.toml:3:12", "bad.toml:6:9"]);
    let report = home.run(&["check", "--config", &file, "--json"]).failed(1, &[]).json();
    assert_eq!(report["ok"], false);
    let faults = report["faults"].as_array().expect("faults");
    let lines: Vec<_> =
        faults.iter().map(|fault| fault["line"].as_u64().expect("a line")).collect();
    assert_eq!(lines, [2, 3, 6]);
    home.run(&["serve", "--config", &file]).failed(1, &["bad.toml:2:1"]);
    home.run(&["check", "--config", "nowhere.toml"]).failed(1, &["nowhere.toml", "ringback init"]);
}
