//! Leads for people's eyes: times on this machine's clock, strangers' words cleaned.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    cli::{failure::Failure, output, table::Table},
    domain::text::{clean_line, clean_text},
    wire::{Lead, Queue},
};

/// The longest line of a stranger's that is shown.
const LINE: usize = 200;
/// The longest summary or note that is shown.
const TEXT: usize = 4_000;

/// A queue as a table.
pub(super) fn queue(queue: &Queue) -> Result<(), Failure> {
    let mut table = Table::new(["TIER", "NAME", "WANTS", "PHONE", "DUE", "STATE", "WITH", "LEAD"]);
    for lead in &queue.leads {
        table.row([
            lead.tier.to_string(),
            name(lead),
            lead.intent.in_words().into(),
            lead.contact.phone_display.clone().unwrap_or_default(),
            lead.due_at.map(local).unwrap_or_default(),
            lead.state.clone(),
            holder(lead),
            lead.id.to_string(),
        ]);
    }
    table.print()?;
    let shown = queue.leads.len() as u64;
    if shown < queue.total {
        eprintln!("ringback: {shown} of {} shown; --limit shows more", queue.total);
    }
    Ok(())
}

/// One line: what a lead is after a change.
pub(super) fn in_short(lead: &Lead) -> Result<(), Failure> {
    let held = match &lead.claimed_by {
        Some(person) => format!(" by {}", line(&person.name)),
        None => String::new(),
    };
    let due = lead.due_at.map(|at| format!(", due {}", local(at))).unwrap_or_default();
    output::line(format!("{} {} · {}{held}{due}", lead.tier, name(lead), line(&lead.state)))
}

/// Everything a rep should know before they ring.
pub(super) fn whole(lead: &Lead) -> Result<(), Failure> {
    in_short(lead)?;
    let contact = &lead.contact;
    let facts = [
        ("lead", lead.id.to_string()),
        ("wants", wants(lead)),
        ("phone", contact.phone_display.clone().unwrap_or_else(|| "withheld".into())),
        ("e-mail", contact.email.clone().unwrap_or_default()),
        ("company", contact.company.clone().unwrap_or_default()),
        ("time zone", contact.timezone.clone().unwrap_or_default()),
        ("opted out", if contact.opted_out { "yes: do not ring".into() } else { String::new() }),
        ("calls", if lead.touches > 1 { lead.touches.to_string() } else { String::new() }),
        ("call ended", local(lead.ended_at)),
        ("opens", lead.opens_at.map(local).unwrap_or_default()),
        ("call back", lead.callback_at.map(local).unwrap_or_default()),
        ("queue", lead.queue.clone()),
        ("owner", lead.owner.clone().unwrap_or_default()),
        ("outcome", lead.outcome.map(|outcome| outcome.in_words().into()).unwrap_or_default()),
        ("why", lead.reason.clone()),
    ];
    for (label, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
        output::line(format!("{label:<11} {}", line(fact)))?;
    }
    for summary in &lead.summaries {
        output::line(format!("\n{} · {}", local(summary.at), line(&summary.source)))?;
        output::line(clean_text(&summary.text, TEXT))?;
    }
    for note in &lead.notes {
        output::line(format!("\n{} · {} wrote", local(note.at), line(&note.by)))?;
        output::line(clean_text(&note.text, TEXT))?;
    }
    Ok(())
}

fn wants(lead: &Lead) -> String {
    match &lead.intent_raw {
        Some(raw) => format!("{} (\"{raw}\")", lead.intent.in_words()),
        None => lead.intent.in_words().into(),
    }
}

fn name(lead: &Lead) -> String {
    match lead.contact.name.as_deref().map(line) {
        Some(name) if !name.is_empty() => name,
        _ => "(no name)".into(),
    }
}

fn holder(lead: &Lead) -> String {
    match (&lead.claimed_by, &lead.owner) {
        (Some(person), _) => person.name.clone(),
        (None, Some(owner)) => format!("for {owner}"),
        (None, None) => String::new(),
    }
}

fn line(text: &str) -> String {
    clean_line(text, LINE).into_owned()
}

/// On this machine's clock.
fn local(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::system()).strftime("%a %-d %b %H:%M").to_string()
}
