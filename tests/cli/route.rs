//! `route explain` over the starter rules (requirements §3).

use serde_json::{Value, json};

use crate::support::Home;

/// A Tuesday morning in hours.
const IN_HOURS: &str = "2026-09-01T10:00:00+01:00";
/// The evening of the Summer bank holiday.
const HOLIDAY: &str = "2026-08-31T22:00:00+01:00";

fn call(intent: &str, ended_at: &str, more: Value) -> Value {
    let mut call = json!({"phone": "07700 900123", "intent": intent, "ended_at": ended_at, "source": "inbound_call"});
    if let (Some(call), Value::Object(more)) = (call.as_object_mut(), more) {
        call.extend(more);
    }
    call
}

#[track_caller]
fn explained(home: &Home, options: &[&str], calls: &[Value]) -> Vec<Value> {
    let lines: String = calls.iter().map(|call| format!("{call}\n")).collect();
    let mut arguments = vec!["route", "explain", "-", "--json"];
    arguments.extend(options);
    home.run_with(&arguments, &lines).succeeded().json_lines()
}

#[test]
fn the_starter_rules_give_each_call_its_tier_queue_owner_and_time() {
    let signals = |signals: Value| json!({ "signals": signals });
    let none = json!({});
    let table = [
        ("new_enquiry_demo", json!({"outcome": "booked"}), "A", "booked", None, None),
        (
            "support",
            signals(json!({"urgency": "urgent"})),
            "B",
            "support",
            Some("support"),
            Some("09:05"),
        ),
        ("support", none.clone(), "C", "support", Some("support"), Some("11:00")),
        ("partnership", none.clone(), "C", "partnerships", Some("partnerships"), Some("11:00")),
        ("unclear", none.clone(), "C", "general", Some("general"), Some("11:00")),
        ("spa_booking", none.clone(), "C", "general", Some("general"), Some("11:00")),
        (
            "new_enquiry",
            signals(json!({"team_size": 10})),
            "B",
            "team_sdr",
            Some("team_sdr"),
            Some("09:05"),
        ),
        (
            "new_enquiry",
            signals(json!({"team_size": 9})),
            "C",
            "team_sdr",
            Some("team_sdr"),
            Some("11:00"),
        ),
        (
            "new_enquiry_quote",
            signals(json!({"sites": 2})),
            "B",
            "team_sdr",
            Some("team_sdr"),
            Some("09:05"),
        ),
        (
            "pricing",
            signals(json!({"deal_value_pence": 500_000})),
            "B",
            "team_sdr",
            Some("team_sdr"),
            Some("09:05"),
        ),
        ("new_enquiry_discovery", none.clone(), "C", "team_sdr", Some("team_sdr"), Some("11:00")),
        ("pricing", none, "C", "team_sdr", Some("team_sdr"), Some("11:00")),
        (
            "pricing",
            json!({"question": "VAT?", "answer": "Plus VAT.", "outcome": "answered"}),
            "D",
            "answers",
            None,
            None,
        ),
        (
            "new_enquiry_demo",
            json!({"outcome": "booking_failed", "tier": "A"}),
            "B",
            "team_sdr",
            Some("team_sdr"),
            Some("09:05"),
        ),
    ];
    let calls: Vec<Value> =
        table.iter().map(|(intent, more, ..)| call(intent, IN_HOURS, more.clone())).collect();
    let answers = explained(&Home::new(), &[], &calls);
    assert_eq!(answers.len(), table.len());
    for (answer, (intent, more, tier, queue, owner, due)) in answers.iter().zip(&table) {
        let due = due.map(|time| format!("2026-09-01T{time}:00Z"));
        let seen = json!([
            answer["tier"],
            answer["queue"],
            answer["owner"],
            answer["due_at"],
            answer["after_hours"]
        ]);
        assert_eq!(seen, json!([tier, queue, owner, due, false]), "{intent} {more}: {answer}");
        let keys: Vec<_> =
            answer.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys, ["after_hours", "due_at", "opens_at", "owner", "queue", "reason", "tier"]);
    }
}

#[test]
fn what_came_in_while_closed_is_due_a_quarter_of_an_hour_after_opening() {
    let large = json!({"signals": {"team_size": 15}});
    let answer = &explained(&Home::new(), &[], &[call("new_enquiry", HOLIDAY, large)])[0];
    assert_eq!(answer["tier"], "B");
    assert_eq!(answer["after_hours"], true);
    assert_eq!(answer["opens_at"], "2026-09-01T08:00:00Z");
    assert_eq!(answer["due_at"], "2026-09-01T08:15:00Z");
}

#[test]
fn two_business_hours_at_half_past_four_before_a_bank_holiday_end_on_tuesday_at_half_past_ten() {
    let friday = call("new_enquiry_quote", "2026-08-28T16:30:00+01:00", json!({}));
    let answer = &explained(&Home::new(), &[], &[friday])[0];
    assert_eq!(answer["tier"], "C");
    assert_eq!(answer["after_hours"], false);
    assert_eq!(answer["due_at"], "2026-09-01T09:30:00Z");
}

#[test]
fn the_agents_tier_is_honoured_an_unknown_one_is_not_and_the_configuration_can_overrule_both() {
    let home = Home::new();
    let sent = |tier: &str| call("new_enquiry_demo", IN_HOURS, json!({ "tier": tier }));
    let calls = [sent("B"), sent("urgent!")];
    let [honoured, unknown] = &explained(&home, &[], &calls)[..] else { panic!("two answers") };
    assert_eq!(honoured["tier"], "B");
    assert!(honoured["reason"].as_str().expect("a reason").contains("sent by the agent"));
    assert_eq!(unknown["tier"], "C");
    assert!(unknown["reason"].as_str().expect("a reason").contains("urgent!"));

    let file = home.write("strict.toml", "[routing]\noverrule_agent_tier = true\n");
    assert_eq!(explained(&home, &["--config", &file], &calls)[0]["tier"], "C");
}

#[test]
fn the_rules_of_the_configuration_decide_and_a_wish_moves_the_time() {
    let home = Home::new();
    let file = home.write(
        "ringback.toml",
        "[[routing.rule]]\nname = \"from the website\"\nwhen = { source = [\"web_form\"] }\ntier = \"B\"\nqueue = \"web\"\n\
         owner = \"priya\"\n",
    );
    let wish = json!({"source": "web_form", "callback_at": "2026-09-01T16:00:00+01:00"});
    let answer = &explained(&home, &["--config", &file], &[call("new_enquiry", IN_HOURS, wish)])[0];
    assert_eq!(answer["queue"], "web");
    assert_eq!(answer["owner"], "priya");
    assert_eq!(answer["due_at"], "2026-09-01T15:00:00Z");
    assert!(answer["reason"].as_str().expect("a reason").contains("from the website"));
}

#[test]
fn with_the_data_a_team_is_answered_with_the_person_who_is_there() {
    let home = Home::new();
    home.person("Priya", "rep");
    home.person("Tom", "rep");
    home.run(&["rep", "leave", "priya", "2026-08-31", "2026-09-04"]).succeeded();
    let file = home
        .write("ringback.toml", "[[team]]\nname = \"team_sdr\"\nmembers = [\"priya\", \"tom\"]\n");
    let quote = [call("new_enquiry_quote", IN_HOURS, json!({}))];
    let alone = &explained(&home, &["--config", &file], &quote)[0];
    assert_eq!(alone["owner"], "team_sdr");
    assert!(
        alone["reason"].as_str().expect("a reason").ends_with("It belongs to team_sdr."),
        "{alone}"
    );
    let data = home.path(".local/share/ringback").display().to_string();
    let there = &explained(&home, &["--config", &file, "--data", &data], &quote)[0];
    assert_eq!(there["owner"], "tom", "{there}");
    home.run(&["route", "explain", "-", "--data", "nowhere"]).failed(1, &["nowhere"]);
}

#[test]
fn a_payload_that_cannot_be_read_is_answered_in_its_place_and_stops_nobody() {
    let home = Home::new();
    let good = call("support", IN_HOURS, json!({}));
    let lines = format!(
        "{good}\n{{\"phone\": \n{}\n\n{good}\n",
        json!({"phone": 5, "ended_at": "yesterday"})
    );
    let done = home
        .run_with(&["route", "explain", "-", "--json"], &lines)
        .failed(1, &["line 2", "line 3"]);
    let answers = done.json_lines();
    assert_eq!(answers.len(), 4);
    assert_eq!(answers[0]["tier"], "C");
    assert_eq!(answers[1]["line"], 2);
    let pointers: Vec<_> = answers[2]["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| &error["pointer"])
        .collect();
    assert_eq!(pointers, ["/ended_at", "/phone"]);
    assert_eq!(answers[3]["tier"], "C");
}

#[test]
fn people_read_the_reason_and_the_time_on_the_business_clock() {
    let home = Home::new();
    let file = home.write(
        "call.json",
        &serde_json::to_string_pretty(&call("new_enquiry", HOLIDAY, json!({}))).expect("JSON"),
    );
    let out = home.run(&["route", "explain", &file]).succeeded().out;
    assert!(out.contains("C standard callback"), "{out}");
    assert!(out.contains("Tue 1 Sep 2026 11:00"), "{out}");
    assert!(out.contains("rule \"new enquiry\""), "{out}");
}
