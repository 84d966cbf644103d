//! The backend measured from outside, over HTTP: `cargo bench --bench backend [-- ingest | scale | console]`.
//!
//! A server of the real binary in the release profile, a lean client that shares its cores, and references from the same run.

#![expect(clippy::expect_used, reason = "a bench that cannot go on says why and stops")]

mod client;
mod console;
mod ingest;
mod reference;
mod scale;
mod server;
#[path = "../../tests/support/terminal.rs"]
#[allow(dead_code, reason = "tests use more of it")]
mod terminal;

use std::time::Duration;

fn main() {
    let chosen: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|word| word == name);
    if wanted("ingest") {
        ingest::run();
    }
    if wanted("scale") {
        scale::run();
    }
    if wanted("console") {
        console::run();
    }
}

/// The `share` quantile (0 … 1) of some durations; they are sorted in place.
pub fn quantile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    let index = ((times.len() as f64 - 1.0) * share).round() as usize;
    times.get(index).copied().unwrap_or_default()
}

/// Milliseconds with three decimals.
pub fn ms(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}

/// Eight digits of a number: people do not ring in the order of their numbers.
pub fn digits(caller: u64) -> u64 {
    caller * 61_803_399 % 100_000_000
}

/// The guide's whole payload, from a caller who has never rung before. `ended_at` spreads calls over the weekend before
/// `2026-09-01`, so that most of them are overnight leads.
pub fn payload(caller: u64) -> String {
    let tier = ["B", "C", "C", "C", "D"][(caller % 5) as usize];
    let minute = caller % (60 * 60);
    let (day, hour, minute) = (29 + minute / 1440, minute / 60 % 24, minute % 60);
    format!(
        concat!(
            r#"{{"name":"Alex Rivera {caller}","email":"alex.{caller}@example.com","phone":"+4477{digits:08}","#,
            r#""intent":"new_enquiry_demo","tier":"{tier}","source":"inbound_call","call_sid":"CA{caller:032x}","#,
            r#""transcript_id":"tr_{caller}","timezone":"Europe/London","notes":"Evaluating AI appointment booking for "#,
            r#"{team}-person sales team. Current stack is Salesforce. Timeline: next quarter.","routing_owner":"team_sdr","#,
            r#""ended_at":"2026-08-{day:02}T{hour:02}:{minute:02}:00Z"}}"#
        ),
        caller = caller,
        digits = digits(caller),
        tier = tier,
        team = 2 + caller % 30,
        day = day,
        hour = hour,
        minute = minute
    )
}
