//! Claims: exclusive, atomic, and given back (requirements §4).

use serde_json::json;

use super::{
    Context,
    change::{Subject, already_claimed, free_state, undo_point},
};
use crate::domain::{
    decision::{Decision, Refusal, State},
    journal::EntryKind,
    lead::{Claim, LeadState},
};

/// Of any number of reps at once exactly one wins; each loser is told who holds it and since when.
pub fn claim(mut state: State, take_over: bool, context: Context<'_>) -> Result<Decision, Refusal> {
    let me = context.person()?;
    let supervisor = context.supervises(&state);
    let subject = Subject::load(&mut state)?;
    if take_over && !supervisor {
        return Err(Refusal::SupervisorOnly);
    }
    match &subject.before.state {
        LeadState::Closed { .. } => return Err(Refusal::Closed),
        LeadState::Booked => return Err(Refusal::Booked),
        LeadState::Claimed(claim) if claim.by.id == me.id => return Ok(subject.unchanged()),
        LeadState::Claimed(claim) if !take_over => return Err(already_claimed(claim)),
        LeadState::Claimed(_) | LeadState::Waiting | LeadState::Scheduled { .. } => {}
    }
    let taken_from = subject.before.claim().map(|claim| claim.by.clone());
    let mut after = subject.before.clone();
    after.undo = Some(undo_point(&subject.before, &me, EntryKind::LeadClaimed));
    let lease_until = context.now.saturating_add(context.policy.lease).unwrap_or(context.now);
    after.state = LeadState::Claimed(Claim { by: me, at: context.now, lease_until });
    after.first_claim_at = after.first_claim_at.or(Some(context.now));
    let detail = match taken_from {
        Some(holder) => json!({ "taken_from": holder }),
        None => json!({}),
    };
    Ok(subject.changed(after, EntryKind::LeadClaimed, detail))
}

/// Gives a lead back to the queue.
pub fn release(mut state: State, context: Context<'_>) -> Result<Decision, Refusal> {
    let me = context.person()?;
    let supervisor = context.supervises(&state);
    let subject = Subject::load(&mut state)?;
    let Some(claim) = subject.before.claim() else {
        return if subject.before.is_closed() {
            Err(Refusal::Closed)
        } else {
            Ok(subject.unchanged())
        };
    };
    if claim.by.id != me.id && !supervisor {
        return Err(Refusal::NotYours);
    }
    let detail = json!({ "why": "given_back", "held_by": claim.by });
    let mut after = subject.before.clone();
    after.undo = Some(undo_point(&subject.before, &me, EntryKind::LeadReleased));
    after.state = free_state(&subject.before, context.now);
    Ok(subject.changed(after, EntryKind::LeadReleased, detail))
}
