//! Help, exit status, and what a shell needs.

use crate::support::Home;

#[test]
fn wrong_usage_is_status_two_with_the_way_to_the_help() {
    let home = Home::new();
    home.run(&["frobnicate"]).failed(2, &["frobnicate", "--help"]);
    home.run(&["serve", "--listen", "somewhere"]).failed(2, &["somewhere"]);
    home.run(&["serve", "--at", "2026-09-01T08:52:00"]).failed(2, &["no time zone"]);
    home.run(&["serve", "--speed", "0"]).failed(2, &["0.01"]);
    home.run(&["rep", "add"]).failed(2, &["NAME"]);
    home.run(&["lead", "list", "--view", "yesterday"]).failed(2, &["overnight"]);
    home.run(&["route", "explain"]).failed(2, &["FILE|-"]);
}

#[test]
fn help_version_completions_and_man_pages_are_printed() {
    let home = Home::new();
    assert!(home.run(&["--help"]).succeeded().out.contains("Examples:"));
    let version = home.run(&["--version"]).succeeded().out;
    assert_eq!(version, format!("ringback {}\n", env!("CARGO_PKG_VERSION")));
    for shell in ["bash", "zsh", "fish"] {
        assert!(home.run(&["completions", shell]).succeeded().out.contains("ringback"), "{shell}");
    }
    assert!(home.run(&["man"]).succeeded().out.contains(".TH ringback"));
    home.run(&["man", "--out", "pages"]).succeeded();
    for page in ["ringback.1", "ringback-serve.1", "ringback-route-explain.1"] {
        assert!(home.path("pages").join(page).exists(), "{page}");
    }
}

#[test]
fn a_server_that_is_not_there_is_named_with_what_to_do() {
    let home = Home::new();
    home.run(&["lead", "list", "--server", "http://127.0.0.1:9", "--token", "rb_x"])
        .failed(1, &["no server answers at http://127.0.0.1:9", "ringback serve", "--server"]);
}

#[test]
fn a_missing_token_is_asked_for() {
    Home::new().run(&["lead", "list"]).failed(1, &["--token-file", "RINGBACK_TOKEN"]);
}
