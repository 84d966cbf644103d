//! `lead`: the queue for scripts.

use serde_json::{Value, json};

use crate::support::{Home, Server};

/// A Tuesday after a bank holiday, before the desk opens.
const MORNING: [&str; 2] = ["--at", "2026-09-01T08:30:00+01:00"];

struct Office {
    home: Home,
    server: Server,
    agent: String,
    priya: String,
    tom: String,
}

impl Office {
    fn open() -> Office {
        let home = Home::new();
        let (agent, priya, tom) =
            (home.key(), home.person("Priya", "rep"), home.person("Tom", "rep"));
        let server = home.serve(&MORNING);
        Office { home, server, agent, priya, tom }
    }

    fn lead(&self, token: &str, arguments: &[&str]) -> crate::support::Done {
        self.lead_with(token, arguments, "")
    }

    fn lead_with(&self, token: &str, arguments: &[&str], input: &str) -> crate::support::Done {
        let mut all = vec!["lead"];
        all.extend(arguments);
        all.extend(["--server", self.server.url(), "--token", token, "--json"]);
        self.home.run_with(&all, input)
    }

    fn add(&self, payload: &Value) -> String {
        let added =
            self.lead_with(&self.agent, &["add", "-"], &payload.to_string()).succeeded().json();
        added["lead_id"].as_str().expect("an id").into()
    }
}

fn call(phone: &str) -> Value {
    json!({"name": "Alex Rivera", "phone": phone, "intent": "new_enquiry_demo", "source": "inbound_call", "tier": "B",
           "ended_at": "2026-09-01T02:10:00+01:00", "notes": "Wants a demo."})
}

#[test]
fn a_lead_is_added_listed_claimed_noted_and_closed() {
    let office = Office::open();
    let id = office.add(&call("07700 900123"));
    let queue = office.lead(&office.priya, &["list", "--view", "overnight"]).succeeded().json();
    assert_eq!(queue["leads"][0]["id"], id.as_str());
    assert_eq!(queue["leads"][0]["due_at"], "2026-09-01T08:15:00Z");

    let claimed = office.lead(&office.priya, &["claim", &id]).succeeded().json();
    assert_eq!(claimed["claimed_by"]["id"], "priya");
    office.lead(&office.tom, &["claim", &id]).failed(1, &["Priya has it"]);
    office.lead(&office.tom, &["release", &id]).failed(1, &["not yours"]);

    let noted =
        office.lead(&office.priya, &["note", &id, "Decides with her brother"]).succeeded().json();
    assert_eq!(noted["notes"][0]["text"], "Decides with her brother");
    let again = ["outcome", &id, "callback_later", "--callback-at", "2026-09-01T16:00:00+01:00"];
    let later = office.lead(&office.priya, &again).succeeded().json();
    assert_eq!(later["state"], "scheduled");
    assert_eq!(later["due_at"], "2026-09-01T15:00:00Z");
    let closed = ["outcome", &id, "connected", "--note", "Proposal sent"];
    assert_eq!(office.lead(&office.priya, &closed).succeeded().json()["state"], "closed");
    assert_eq!(office.lead(&office.priya, &["list"]).succeeded().json()["total"], 0);
    assert_eq!(
        office.lead(&office.priya, &["show", &id]).succeeded().json()["outcome"],
        "connected"
    );
}

#[test]
fn a_time_to_ring_again_is_asked_for_before_anything_is_sent() {
    let home = Home::new();
    let id = "01990a2e-3c41-7d52-8f3a-1f0f5c1c2b3a";
    home.run(&["lead", "outcome", id, "callback_later", "--token", "rb_x"])
        .failed(2, &["--callback-at"]);
}

#[test]
fn a_file_sent_twice_adds_nothing_twice_and_a_bad_line_stops_nobody() {
    let office = Office::open();
    let lines = format!(
        "{}\nrubbish\n{}\n{}\n",
        call("07700 900123"),
        json!({"phone": 5}),
        call("07700 900124")
    );
    let first = office
        .lead_with(&office.agent, &["add", "-"], &lines)
        .failed(1, &["line 2", "line 3", "/phone"]);
    let answers = first.json_lines();
    assert_eq!(answers.len(), 4);
    assert_eq!(answers[1]["line"], 2);
    assert_eq!(answers[2]["errors"][0]["pointer"], "/phone");
    assert!(answers[0]["lead_id"].is_string() && answers[3]["lead_id"].is_string());

    let second = office.lead_with(&office.agent, &["add", "-"], &lines).failed(1, &[]);
    assert_eq!(second.json_lines(), answers, "the first answers again");
    assert_eq!(office.lead(&office.priya, &["list"]).succeeded().json()["leads"][0]["touches"], 1);
    office.lead_with(&office.agent, &["add", "-", "--again"], &lines).failed(1, &[]);
    assert_eq!(office.lead(&office.priya, &["list"]).succeeded().json()["leads"][0]["touches"], 2);
}

#[test]
fn a_table_shows_a_hostile_name_as_harmless_text() {
    let office = Office::open();
    let mut hostile = call("07700 900666");
    hostile["name"] = json!("\u{1b}[2J\u{1b}[31mRobert\u{202e}\u{7}");
    let id = office.add(&hostile);
    for arguments in [&["lead", "list"][..], &["lead", "show", &id]] {
        let mut all = arguments.to_vec();
        all.extend(["--server", office.server.url(), "--token", &office.priya]);
        let out = office.home.run(&all).succeeded().out;
        assert!(out.contains("Robert"));
        assert!(!out.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')), "{out:?}");
    }
}

#[test]
fn a_long_queue_is_shown_as_far_as_asked_for() {
    let office = Office::open();
    let calls: String =
        (0..7).map(|n| format!("{}\n", call(&format!("+4416329600{n:02}")))).collect();
    office.lead_with(&office.agent, &["add", "-"], &calls).succeeded();
    let five = office.lead(&office.priya, &["list", "--limit", "5"]).succeeded().json();
    assert_eq!(five["leads"].as_array().map(Vec::len), Some(5));
    assert_eq!(five["total"], 7);
    office.lead(&office.tom, &["list"]).succeeded();
    let arguments =
        ["lead", "list", "--limit", "5", "--server", office.server.url(), "--token", &office.priya];
    assert!(office.home.run(&arguments).succeeded().err.contains("5 of 7"));
}

#[test]
fn a_lead_that_is_not_there_is_said_not_to_be() {
    let office = Office::open();
    office
        .lead(&office.priya, &["show", "01990a2e-3c41-7d52-8f3a-1f0f5c1c2b3a"])
        .failed(1, &["no such lead"]);
}
