//! The console in a real pseudo-terminal, on a real server.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on says why")]

mod office;
#[expect(dead_code, reason = "shared with the command line's tests")]
#[path = "../cli/support.rs"]
mod support;
#[path = "../support/terminal.rs"]
mod terminal;

use office::{ALEX, Office};

/// Names stand in the header of the detail, in the list, and in what is said.
fn row_of<'a>(screen: &'a str, name: &str) -> &'a str {
    screen.lines().find(|line| line.contains(name)).unwrap_or_default()
}

#[test]
fn a_rep_claims_notes_and_closes_without_a_mouse() {
    let office = Office::open(&["Alex Rivera", "Morag Sinclair"]);
    let mut console = office.console(&office.priya, (120, 30));
    console.until("the queue, live", |screen| {
        screen.contains("LIVE") && screen.contains("Alex Rivera") && screen.contains("Morag")
    });
    console.press("c");
    console.until("the claim", |screen| screen.contains("Alex Rivera is yours"));
    console.press("a");
    console.until("the prompt", |screen| screen.contains("Enter save"));
    // A pasted line break neither saves nor breaks the line.
    console.press("\x1b[200~rings\r\nback\x1b[201~");
    console.until("the paste", |screen| screen.contains("rings back"));
    console.press("\r");
    console.until("the note", |screen| screen.contains("note saved"));
    console.press("o");
    console.until("the bar", |screen| screen.contains("What came of it?"));
    console.press("1");
    console.press("bought two seats");
    console.press("\r");
    console.until("the outcome", |screen| screen.contains("connected saved"));
    console.until("the next lead", |screen| {
        screen.contains("▌") && row_of(screen, "▌").contains("Morag Sinclair")
    });
    let alex = office.lead(ALEX);
    assert_eq!(alex["state"], "closed");
    assert_eq!(alex["outcome"], "connected");
    let notes: Vec<_> =
        alex["notes"].as_array().expect("notes").iter().map(|n| &n["text"]).collect();
    assert_eq!(notes, ["bought two seats", "rings back"]);
    console.press("u");
    console.until("the undo", |screen| screen.contains("Taken back"));
    assert_eq!(office.lead(ALEX)["state"], "claimed");
}

#[test]
fn a_claim_elsewhere_is_seen_and_a_second_one_refused() {
    let office = Office::open(&["Alex Rivera"]);
    let mut console = office.console(&office.priya, (100, 24));
    console.until("the queue", |screen| screen.contains("LIVE") && screen.contains("Alex"));
    office.claim(ALEX, &office.tom);
    console.until("the holder", |screen| screen.contains("Tom has it"));
    console.press("c");
    console.until("the refusal", |screen| screen.contains("Tom has Alex Rivera"));
}

#[test]
fn offline_it_opens_on_what_it_saw_keeps_notes_and_sends_them_once_when_the_line_is_back() {
    let mut office = Office::open(&["Alex Rivera", "Morag Sinclair"]);
    let mut console = office.console(&office.priya, (120, 30));
    console.until("the queue", |screen| screen.contains("LIVE") && screen.contains("Morag"));
    // The cache gathers for a moment.
    console.settle(std::time::Duration::from_millis(500));
    office.stop();
    console.until("the line is down", |screen| {
        screen.contains("RECONNECTING") || screen.contains("OFFLINE")
    });
    console.press("q");
    assert_eq!(console.exit(), 0);

    let mut console = office.console(&office.priya, (120, 30));
    console.until("the cache", |screen| {
        screen.contains("OFFLINE") && screen.contains("Alex Rivera") && screen.contains("Morag")
    });
    console.press("c");
    console.until("the refusal", |screen| screen.contains("a claim needs the line"));
    console.press("a");
    console.press("rang her mobile");
    console.press("\r");
    console.until("kept", |screen| screen.contains("it goes out when the line is back"));
    office.go_on();
    console.until("sent", |screen| screen.contains("LIVE") && screen.contains("note saved"));
    let notes = office.lead(ALEX)["notes"].clone();
    assert_eq!(notes.as_array().map(Vec::len), Some(1), "{notes}");
}

#[test]
fn it_gives_the_terminal_back_however_it_ends() {
    let office = Office::open(&["Alex Rivera"]);
    type Leave = fn(&mut terminal::Terminal);
    let ways: [(&str, Leave); 4] = [
        ("q", |console| _ = console.press("q")),
        (":q", |console| _ = console.press(":q\r")),
        ("ctrl-C", |console| _ = console.press("\x03")),
        ("SIGTERM", |console| office::signal(console.process_id(), "TERM")),
    ];
    for (way, leave) in ways {
        let mut console = office.console(&office.priya, (100, 24));
        console.until("the queue", |screen| screen.contains("LIVE") && screen.contains("Alex"));
        let modes = console.title();
        assert!(modes.alternate_screen() && modes.bracketed_paste(), "{way}");
        assert_ne!(modes.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "{way}");
        leave(&mut console);
        assert_eq!(console.exit(), 0, "{way}");
        console.settle(std::time::Duration::from_millis(100));
        let modes = console.title();
        assert!(!modes.alternate_screen() && !modes.bracketed_paste(), "{way}");
        assert!(!modes.hide_cursor(), "{way}");
        assert_eq!(modes.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "{way}");
    }
}

#[test]
fn every_size_shows_the_list_and_a_change_of_size_breaks_nothing() {
    let office = Office::open(&["Alex Rivera", "Morag Sinclair"]);
    let mut console = office.console(&office.priya, (120, 36));
    console.until("the queue", |screen| screen.contains("LIVE") && screen.contains("Alex"));
    for size in [(80, 24), (40, 12), (200, 50), (20, 5), (1, 1), (100, 30)] {
        console.resize(size);
        console.settle(std::time::Duration::from_millis(150));
        if size.0 >= 40 {
            console.until("the list", |screen| screen.contains("Alex"));
        }
    }
}

#[test]
fn what_is_no_terminal_gets_one_clear_line() {
    let office = Office::open(&[]);
    let done = office.run(&["console", "--server", &office.url]);
    done.failed(1, &["needs a terminal"]);
}

#[test]
fn a_fault_in_the_settings_is_told_with_its_line_before_the_screen_is_taken() {
    let office = Office::open(&[]);
    office.settings("theme = \"default-light\"\n[keys]\nclam = \"c\"\n");
    let mut console = office.console(&office.priya, (100, 24));
    assert_eq!(console.exit(), 1);
    console.settle(std::time::Duration::from_millis(100));
    let said = console.screen();
    assert!(said.contains("console.toml:3:"), "{said}");
    assert!(said.replace(['\r', '\n'], "").contains("did you mean `claim`?"), "{said}");
}
