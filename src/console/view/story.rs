//! What happened, as a sentence: the journal's entries for people.

use serde_json::Value;

use crate::{
    domain::{journal::EntryKind, outcome::Outcome},
    wire,
};

/// What the actor of an entry did, without the actor and without the lead: "claimed", "gave back", "closed: connected".
/// May hold words of strangers.
pub(super) fn deed(entry: &wire::Entry) -> String {
    let detail = &entry.detail;
    match EntryKind::read(&entry.kind) {
        Some(EntryKind::LeadArrived) => match text(detail, "source") {
            Some(source) => format!("a new {}", source_in_words(source)),
            None => "a new lead".into(),
        },
        Some(EntryKind::LeadTouched) => match text(detail, "source") {
            Some(source) => format!("another {}", source_in_words(source)),
            None => "in touch again".into(),
        },
        Some(EntryKind::LeadClaimed) => match name(detail, "taken_from") {
            Some(from) => format!("took over from {from}"),
            None => "claimed".into(),
        },
        Some(EntryKind::LeadReleased) => released(detail),
        Some(EntryKind::LeadReassigned) => match text(detail, "to") {
            Some(to) => format!("gave to {to}"),
            None => "reassigned".into(),
        },
        Some(EntryKind::LeadNoted) => with_note("noted", text(detail, "text")),
        Some(EntryKind::LeadScheduled) => {
            let what = outcome(detail).map_or("scheduled", Outcome::in_words);
            with_note(what, text(detail, "note"))
        }
        Some(EntryKind::LeadClosed) => closed(detail),
        Some(EntryKind::LeadUndone) => "took back the last change".into(),
        Some(EntryKind::LeadDue) => {
            let alone = detail.get("unclaimed").and_then(Value::as_bool).unwrap_or(false);
            if alone { "past due, and nobody has it" } else { "past due" }.into()
        }
        Some(EntryKind::LeadCarriedOver) => "carried over to the next day".into(),
        Some(EntryKind::LeadUnstaffed) => match text(detail, "owner") {
            Some(team) => format!("nobody of {team} can take it"),
            None => "nobody can take it".into(),
        },
        Some(EntryKind::ContactDuplicate) => "may be the same person as another contact".into(),
        Some(EntryKind::ContactMerged) => "merged two contacts".into(),
        Some(EntryKind::ContactChanged) => match detail.get("opted_out").and_then(Value::as_bool) {
            Some(true) => "opted out of calls and messages".into(),
            Some(false) => "may be called again".into(),
            None => "changed a contact".into(),
        },
        Some(EntryKind::RepChanged) => match (name(detail, "rep"), text(detail, "change")) {
            (Some(rep), Some(change)) => format!("{rep}: {change}"),
            (_, Some(change)) => format!("a person: {change}"),
            _ => "changed a person".into(),
        },
        Some(EntryKind::KeyChanged) => "changed a key for programs".into(),
        Some(EntryKind::CallRecorded) => "recorded a call".into(),
        None => entry.kind.replace(['.', '_'], " "),
    }
}

/// Whether an entry tells of something that went wrong, or may.
pub(super) fn is_warning(entry: &wire::Entry) -> bool {
    let lapsed = text(&entry.detail, "why") == Some("lease_expired");
    matches!(
        EntryKind::read(&entry.kind),
        Some(EntryKind::LeadDue | EntryKind::LeadCarriedOver | EntryKind::LeadUnstaffed)
    ) || lapsed
        || entry.kind == "lead.escalated"
}

fn released(detail: &Value) -> String {
    let holder = name(detail, "held_by");
    match (text(detail, "why"), holder) {
        (Some("lease_expired"), Some(holder)) => {
            format!("back in the queue: {holder} did not ring")
        }
        (Some("lease_expired"), None) => "back in the queue: nobody rang".into(),
        _ => "gave back".into(),
    }
}

fn closed(detail: &Value) -> String {
    if detail.get("merged_into").is_some() {
        return "merged into another lead".into();
    }
    let how = match outcome(detail) {
        Some(outcome) => format!("closed: {}", outcome.in_words()),
        None => "closed".into(),
    };
    with_note(&how, text(detail, "note"))
}

fn with_note(what: &str, note: Option<&str>) -> String {
    match note.filter(|note| !note.trim().is_empty()) {
        Some(note) => format!("{what}: {note}"),
        None => what.into(),
    }
}

fn text<'v>(detail: &'v Value, key: &str) -> Option<&'v str> {
    detail.get(key)?.as_str()
}

fn outcome(detail: &Value) -> Option<Outcome> {
    Outcome::read(text(detail, "outcome")?)
}

/// A person's name, from a reference or from a word.
fn name<'v>(detail: &'v Value, key: &str) -> Option<&'v str> {
    let person = detail.get(key)?;
    person.as_str().or_else(|| person.get("name")?.as_str())
}

/// `inbound_call` as people say it.
fn source_in_words(source: &str) -> String {
    match source {
        "inbound_call" => "call".into(),
        "web_form" => "form".into(),
        "missed_call" => "missed call".into(),
        other => other.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::journal::Actor;

    fn entry(kind: &str, detail: Value) -> wire::Entry {
        wire::Entry {
            seq: 1,
            at: jiff::Timestamp::UNIX_EPOCH,
            actor: Actor::Clock,
            kind: kind.into(),
            lead: None,
            detail,
        }
    }

    #[test]
    fn entries_read_as_people_would_tell_them() {
        let tom = json!({ "id": "tom", "name": "Tom" });
        for (kind, detail, told) in [
            ("lead.arrived", json!({ "source": "inbound_call" }), "a new call"),
            ("lead.claimed", json!({}), "claimed"),
            ("lead.claimed", json!({ "taken_from": tom }), "took over from Tom"),
            (
                "lead.released",
                json!({ "why": "lease_expired", "held_by": tom }),
                "back in the queue: Tom did not ring",
            ),
            ("lead.released", json!({ "why": "given_back", "held_by": tom }), "gave back"),
            ("lead.noted", json!({ "text": "Rings after lunch" }), "noted: Rings after lunch"),
            ("lead.scheduled", json!({ "outcome": "voicemail", "note": null }), "voicemail"),
            (
                "lead.closed",
                json!({ "outcome": "connected", "note": "sent a quote" }),
                "closed: connected: sent a quote",
            ),
            ("lead.due", json!({ "unclaimed": true }), "past due, and nobody has it"),
            ("lead.something_new", json!(null), "lead something new"),
        ] {
            assert_eq!(deed(&entry(kind, detail)), told);
        }
    }

    #[test]
    fn every_kind_has_words_of_its_own_even_with_nothing_to_go_by() {
        for kind in EntryKind::ALL {
            let told = deed(&entry(kind.as_str(), json!({})));
            assert!(!told.contains('.') && !told.is_empty(), "{kind:?}: {told}");
        }
    }
}
