//! Two contacts turn out to be one person: a supervisor merges them (requirements §1).

use serde_json::json;

use super::Context;
use crate::domain::{
    contact::{Contact, put_first},
    decision::{Answer, Decision, LeadChange, Refusal, State},
    journal::{EntryKind, NewEntry},
    lead::{Lead, LeadState, NOTES_KEPT, TOUCHES_KEPT},
    signals::Signals,
};

/// Everything of the second contact becomes the first's. If both have an open lead, the two become one row: the more urgent
/// tier and due time hold, and the other lead is closed with a pointer.
pub fn merge(state: State, context: Context<'_>) -> Result<Decision, Refusal> {
    if !context.supervises(&state) {
        return Err(Refusal::SupervisorOnly);
    }
    let [keep, gone]: [Contact; 2] =
        state.contacts.try_into().map_err(|_| Refusal::NoSuchContact)?;
    if keep.id == gone.id {
        return Err(Refusal::SameContact);
    }
    if gone.merged_into.is_some() || keep.merged_into.is_some() {
        return Err(Refusal::NoSuchContact);
    }
    let kept = absorbed(&keep, &gone);
    let mut emptied = gone.clone();
    emptied.phones.clear();
    emptied.emails.clear();
    emptied.possible_duplicates.clear();
    emptied.merged_into = Some(keep.id);
    emptied.rev += 1;

    let open_of = |id| state.leads.iter().find(|lead| lead.contact_id == id).cloned();
    let (first, second) = (open_of(keep.id), open_of(gone.id));
    let mut changes = Vec::new();
    let mut entries = Vec::new();
    let subject = first.as_ref().or(second.as_ref()).map(|lead| lead.id);
    entries.push(NewEntry {
        kind: EntryKind::ContactMerged,
        lead: subject,
        detail: json!({ "kept": keep.id, "merged": gone.id }),
    });
    match (first, second) {
        (Some(first), Some(second)) => {
            let joined = united(&first, &second);
            let mut closed = second.clone();
            closed.rev += 1;
            closed.state = LeadState::Closed { at: context.now };
            closed.undo = None;
            entries.push(NewEntry::about(
                closed.id,
                EntryKind::LeadClosed,
                json!({ "merged_into": joined.id }),
            ));
            changes.push(LeadChange { before: Some(Box::new(second)), after: Box::new(closed) });
            changes.push(LeadChange { before: Some(Box::new(first)), after: Box::new(joined) });
        }
        (None, Some(second)) => {
            let mut moved = second.clone();
            moved.rev += 1;
            moved.contact_id = keep.id;
            moved.undo = None;
            changes.push(LeadChange { before: Some(Box::new(second)), after: Box::new(moved) });
        }
        // The lead shows its contact: it changes with it.
        (Some(first), None) => {
            let mut shown = first.clone();
            shown.rev += 1;
            changes.push(LeadChange { before: Some(Box::new(first)), after: Box::new(shown) });
        }
        (None, None) => {}
    }
    Ok(Decision {
        leads: changes,
        // The one that gives its keys up stands first.
        contacts: vec![emptied, kept.clone()],
        entries,
        ..Decision::answer(Answer::Contact { contact: Box::new(kept) })
    })
}

fn absorbed(keep: &Contact, gone: &Contact) -> Contact {
    let mut kept = keep.clone();
    kept.rev += 1;
    kept.phones.extend(gone.phones.iter().filter(|phone| !keep.phones.contains(phone)).cloned());
    kept.emails.extend(gone.emails.iter().filter(|email| !keep.emails.contains(email)).cloned());
    kept.name = kept.name.or_else(|| gone.name.clone());
    kept.company = kept.company.or_else(|| gone.company.clone());
    kept.timezone = kept.timezone.or_else(|| gone.timezone.clone());
    kept.customer |= gone.customer;
    // A person who opted out under any number has opted out.
    kept.opted_out |= gone.opted_out;
    for other in &gone.possible_duplicates {
        put_first(&mut kept.possible_duplicates, *other);
    }
    kept.possible_duplicates.retain(|id| *id != gone.id && *id != keep.id);
    kept
}

fn united(first: &Lead, second: &Lead) -> Lead {
    let mut lead = first.clone();
    lead.rev += 1;
    lead.tier = first.tier.tighter(second.tier);
    if lead.tier != first.tier {
        lead.queue.clone_from(&second.queue);
        lead.reason.clone_from(&second.reason);
    }
    let due_at = [first.due_at, second.due_at].into_iter().flatten().min();
    lead.overdue &= due_at == first.due_at;
    lead.due_at = due_at;
    lead.touches.extend(second.touches.iter().cloned());
    lead.touches.sort_by_key(|touch| touch.received_at);
    let excess = lead.touches.len().saturating_sub(TOUCHES_KEPT);
    lead.touches.drain(..excess);
    lead.touch_count += second.touch_count;
    lead.notes.extend(second.notes.iter().cloned());
    lead.notes.sort_by_key(|note| note.at);
    let excess = lead.notes.len().saturating_sub(NOTES_KEPT);
    lead.notes.drain(..excess);
    lead.ended_at = first.ended_at.min(second.ended_at);
    lead.received_at = first.received_at.min(second.received_at);
    lead.callback_at = first.callback_at.or(second.callback_at);
    lead.attempts = first.attempts.max(second.attempts);
    lead.signals = Signals::combined(&second.signals, &first.signals);
    lead.value_band = first.value_band.max(second.value_band);
    // Of two claims the kept lead's holds; a claim of the other moves over to a free one.
    if lead.claim().is_none() && second.claim().is_some() {
        lead.state = second.state.clone();
    }
    lead.undo = None;
    lead
}
