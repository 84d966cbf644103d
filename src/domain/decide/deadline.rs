//! What happens when a deadline's instant has come.

use serde_json::json;

use super::{
    Context,
    change::{Subject, free_state},
};
use crate::domain::{
    deadline::{self, DeadlineKind},
    decision::{Decision, Refusal, State},
    journal::EntryKind,
    lead::LeadState,
};

/// Acts on a deadline if the lead still has it and its time has come; one that was overtaken changes nothing.
pub fn reached(
    mut state: State,
    kind: DeadlineKind,
    context: Context<'_>,
) -> Result<Decision, Refusal> {
    let subject = Subject::load(&mut state)?;
    let lead = &subject.before;
    if !deadline::of(lead).any(|deadline| deadline.kind == kind && deadline.at <= context.now) {
        return Ok(subject.unchanged());
    }
    let mut after = lead.clone();
    after.undo = None;
    let (entry, detail) = match kind {
        DeadlineKind::Lease => {
            after.state = free_state(lead, context.now);
            (
                EntryKind::LeadReleased,
                json!({ "why": "lease_expired", "held_by": lead.claim().map(|claim| &claim.by) }),
            )
        }
        DeadlineKind::Due => {
            after.overdue = true;
            let agreed = matches!(lead.state, LeadState::Scheduled { .. });
            if agreed {
                after.state = LeadState::Waiting;
            }
            (EntryKind::LeadDue, json!({ "agreed": agreed, "unclaimed": lead.claim().is_none() }))
        }
        DeadlineKind::CarryOver => {
            after.carried_over = true;
            (EntryKind::LeadCarriedOver, json!({}))
        }
    };
    Ok(subject.changed(after, entry, detail))
}
