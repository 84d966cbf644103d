//! Taking one's own last change of a lead back, while nothing has come after it (design, console: undo).

use serde_json::json;

use super::{Context, change::Subject};
use crate::domain::{
    decision::{Decision, Refusal, State},
    journal::{EntryKind, NewEntry},
    lead::{Lead, LeadState, Undo},
};

/// Every other change of the lead clears the undo point, so one that is there is the last change.
pub fn undo(mut state: State, context: Context<'_>) -> Result<Decision, Refusal> {
    let me = context.person()?;
    // A newer open lead of the same person came after the close: one row in the queue is enough.
    if state.leads.len() > 1 {
        return Err(Refusal::NothingToUndo);
    }
    let mut subject = Subject::load(&mut state)?;
    let undo = match &subject.before.undo {
        Some(undo) if undo.by == me.id => (**undo).clone(),
        _ => return Err(Refusal::NothingToUndo),
    };
    let mut after = subject.before.clone();
    let detail = json!({ "undone": undo.what });
    let opted_out = undo.opted_out;
    restore(&mut after, undo, context);
    if opted_out {
        subject.contact.opted_out = false;
        subject.contact.rev += 1;
    }
    let contact = subject.contact.clone();
    let mut decision = subject.changed(after, EntryKind::LeadUndone, detail);
    if opted_out {
        decision.entries.push(NewEntry {
            kind: EntryKind::ContactChanged,
            lead: None,
            detail: json!({ "contact": contact.id, "opted_out": false }),
        });
        decision.contacts.push(contact);
    }
    Ok(decision)
}

fn restore(lead: &mut Lead, undo: Undo, context: Context<'_>) {
    lead.state = undo.state;
    // A claim that comes back starts its lease anew: the old one may have run out meanwhile.
    if let LeadState::Claimed(claim) = &mut lead.state {
        claim.lease_until = context.now.saturating_add(context.policy.lease).unwrap_or(context.now);
    }
    lead.due_at = undo.due_at;
    lead.overdue = undo.overdue;
    lead.callback_at = undo.callback_at;
    lead.attempts = undo.attempts;
    lead.first_claim_at = undo.first_claim_at;
    lead.first_dial_at = undo.first_dial_at;
    lead.first_contact_at = undo.first_contact_at;
    lead.outcome = undo.outcome;
    lead.undo = None;
}
