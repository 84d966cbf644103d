//! What came of a call, and what a rep wrote down (requirements §5).

use jiff::Timestamp;
use serde_json::json;

use super::{
    Context,
    change::{Subject, undo_point},
};
use crate::domain::{
    decision::{Decision, Refusal, State},
    journal::{EntryKind, NewEntry},
    lead::{Lead, LeadState, NOTES_KEPT, Note},
    outcome::{Effect, Outcome},
    person::PersonRef,
    policy::{Policy, RetryStep},
};

/// Logs an outcome: it closes the lead, schedules it at the caller's wish, sends it up the retry ladder, or closes it and
/// suppresses the contact for good.
pub fn log(
    mut state: State,
    outcome: Outcome,
    note: Option<String>,
    callback_at: Option<Timestamp>,
    context: Context<'_>,
) -> Result<Decision, Refusal> {
    let me = context.person()?;
    let supervisor = context.supervises(&state);
    let mut subject = Subject::load(&mut state)?;
    subject.workable_by(&me, supervisor)?;
    // A booking waits for nobody, so there is nothing to put off; it can only be closed.
    if subject.before.state == LeadState::Booked
        && matches!(outcome.effect(), Effect::ScheduleAtWish | Effect::Retry)
    {
        return Err(Refusal::Booked);
    }
    let now = context.now;
    let mut after = subject.before.clone();
    let mut undo = undo_point(&subject.before, &me, EntryKind::LeadClosed);
    if let Some(text) = note.clone() {
        add_note(&mut after, &me, now, text);
    }
    after.outcome = Some(outcome);
    after.first_dial_at = after.first_dial_at.or(Some(now));
    if outcome.reached_a_person() {
        after.first_contact_at = after.first_contact_at.or(Some(now));
    }
    let mut ladder = None;
    match outcome.effect() {
        Effect::Close => after.state = LeadState::Closed { at: now },
        Effect::ScheduleAtWish => {
            let at = callback_at.ok_or(Refusal::CallbackTimeMissing)?;
            if at <= now {
                return Err(Refusal::CallbackTimePast);
            }
            after.callback_at = Some(at);
            schedule(&mut after, at);
        }
        Effect::Retry => {
            after.attempts += 1;
            ladder = Some(climb(&mut after, context.policy, now));
        }
        Effect::Suppress => {
            after.state = LeadState::Closed { at: now };
            undo.opted_out = !subject.contact.opted_out;
        }
    }
    let kind = if after.is_closed() { EntryKind::LeadClosed } else { EntryKind::LeadScheduled };
    let suppressed = undo.opted_out;
    undo.what = kind.as_str().into();
    after.undo = Some(undo);
    if suppressed {
        subject.contact.opted_out = true;
        subject.contact.rev += 1;
    }
    let contact = subject.contact.clone();
    let detail =
        json!({ "outcome": outcome, "note": note, "attempts": after.attempts, "ladder": ladder });
    let mut decision = subject.changed(after, kind, detail);
    if suppressed {
        decision.entries.push(NewEntry {
            kind: EntryKind::ContactChanged,
            lead: None,
            detail: json!({ "contact": contact.id, "opted_out": true }),
        });
        decision.contacts.push(contact);
    }
    Ok(decision)
}

fn schedule(lead: &mut Lead, at: Timestamp) {
    lead.state = LeadState::Scheduled { until: at };
    lead.due_at = Some(at);
    lead.overdue = false;
}

/// The next rung of the retry ladder. At its end the lead is due at once, so that the supervisor sees it.
fn climb(lead: &mut Lead, policy: &Policy, now: Timestamp) -> &'static str {
    let calendar = &policy.calendar;
    let step = usize::try_from(lead.attempts)
        .ok()
        .and_then(|attempts| policy.retry.get(attempts.checked_sub(1)?));
    let next = match step {
        Some(RetryStep::After(wait)) => calendar.add_business(now, *wait),
        Some(RetryStep::NextOpening) => calendar.next_opening(now),
        None => None,
    };
    match next {
        Some(at) => {
            schedule(lead, at);
            "next"
        }
        None => {
            lead.state = LeadState::Waiting;
            lead.due_at = Some(now);
            lead.overdue = false;
            "exhausted"
        }
    }
}

/// Adds a note. The holder's note shows that the lead is being worked on: the lease starts anew.
pub fn note(mut state: State, text: String, context: Context<'_>) -> Result<Decision, Refusal> {
    let me = context.person()?;
    let subject = Subject::load(&mut state)?;
    let mut after = subject.before.clone();
    add_note(&mut after, &me, context.now, text.clone());
    if let LeadState::Claimed(claim) = &mut after.state
        && claim.by.id == me.id
    {
        claim.lease_until = context
            .now
            .saturating_add(context.policy.lease)
            .unwrap_or(context.now)
            .max(claim.lease_until);
    }
    after.undo = None;
    Ok(subject.changed(after, EntryKind::LeadNoted, json!({ "text": text })))
}

fn add_note(lead: &mut Lead, by: &PersonRef, at: Timestamp, text: String) {
    if lead.notes.len() >= NOTES_KEPT {
        lead.notes.remove(0);
    }
    lead.notes.push(Note { at, by: by.clone(), text });
}
