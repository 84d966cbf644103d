//! How the console says things: short, whole, the same everywhere.

use jiff::Timestamp;

use super::msg::{Failure, Write};
use crate::{domain::outcome::Outcome, wire};

/// How long ago something was, as one says it: "4 s ago", "12 min ago", "3 h ago", "2 days ago".
pub fn ago(now: Timestamp, at: Timestamp) -> String {
    let seconds = now.duration_since(at).as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds} s ago"),
        120..7_200 => format!("{} min ago", seconds / 60),
        7_200..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// What somebody did to a lead, with the lead as "it": "claimed it", "closed it (connected)".
pub fn did(entry: &wire::Entry) -> String {
    let outcome = || {
        let word = entry.detail.get("outcome").and_then(|word| word.as_str()).unwrap_or_default();
        Outcome::read(word).map(|outcome| format!(" ({})", outcome.in_words())).unwrap_or_default()
    };
    match entry.kind.as_str() {
        "lead.arrived" => "brought it in".into(),
        "lead.touched" => "rang again".into(),
        "lead.claimed" => "claimed it".into(),
        "lead.released" => "gave it back".into(),
        "lead.reassigned" => "reassigned it".into(),
        "lead.noted" => "added a note".into(),
        "lead.scheduled" => format!("scheduled it{}", outcome()),
        "lead.closed" => format!("closed it{}", outcome()),
        "lead.undone" => "took a change back".into(),
        "lead.due" => "says that it is past due".into(),
        other => format!("changed it ({other})"),
    }
}

/// Why something was not done, as the end of a sentence.
pub fn why_not(failure: &Failure, now: Timestamp) -> String {
    match failure {
        Failure::Claimed { by, at } => format!("{} has it, {}", by.name, ago(now, *at)),
        Failure::Refused { why, .. } => why.clone(),
        Failure::Unreachable(why) => format!("no answer from the server ({why})"),
        Failure::DatabaseAway(_) => "the server cannot reach its database: try again".into(),
    }
}

/// What a kept write is: "note", "connected".
pub fn write_in_words(write: &Write) -> &'static str {
    match write {
        Write::Note { .. } => "note",
        Write::Outcome { outcome, .. } => outcome.in_words(),
    }
}

/// "1 lead", "3 leads".
pub fn leads(count: usize) -> String {
    if count == 1 { "1 lead".into() } else { format!("{count} leads") }
}

/// A lead in a few lines, to paste into a chat or to read before the call.
pub fn briefing(lead: &wire::Lead) -> String {
    let contact = &lead.contact;
    let name = contact.name.as_deref().unwrap_or("(no name)");
    let mut lines = vec![match &contact.company {
        Some(company) => format!("{name}, {company}"),
        None => name.to_string(),
    }];
    lines.push(format!("Tier {}: {}", lead.tier.as_str(), lead.intent.in_words()));
    let reach: Vec<&str> = [&contact.phone_display, &contact.email]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    if !reach.is_empty() {
        lines.push(reach.join(", "));
    }
    if !lead.summary.is_empty() {
        lines.push(lead.summary.clone());
    }
    lines.push(format!("Why: {}", lead.reason));
    lines.extend(lead.notes.iter().take(3).map(|note| format!("{}: {}", note.by, note.text)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passed_is_said_in_the_unit_that_matters() {
        let now: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a timestamp");
        for (at, said) in [
            ("2026-11-24T08:59:56Z", "4 s ago"),
            ("2026-11-24T09:00:05Z", "0 s ago"),
            ("2026-11-24T08:57:00Z", "3 min ago"),
            ("2026-11-24T06:00:00Z", "3 h ago"),
            ("2026-11-20T09:00:00Z", "4 days ago"),
        ] {
            assert_eq!(ago(now, at.parse().expect("a timestamp")), said);
        }
    }
}
