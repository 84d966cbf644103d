//! Steps that every change of a lead shares: load, check, remember for undo, raise the revision, answer.

use jiff::Timestamp;
use serde_json::Value;

use super::Context;
use crate::domain::{
    contact::Contact,
    decision::{Answer, Decision, LeadChange, Refusal, State},
    journal::{EntryKind, NewEntry},
    lead::{Lead, LeadState, Undo},
    person::{PersonRef, Role},
};

/// The lead that a command names, and its contact.
pub struct Subject {
    pub before: Lead,
    pub contact: Contact,
}

impl Subject {
    /// # Errors
    /// [`Refusal::NoSuchLead`].
    pub fn load(state: &mut State) -> Result<Subject, Refusal> {
        match (state.leads.pop(), state.contacts.pop()) {
            (Some(before), Some(contact)) => Ok(Subject { before, contact }),
            _ => Err(Refusal::NoSuchLead),
        }
    }

    /// The lead, to be worked on further, if it is not closed and nobody but `me` holds it (a supervisor may reach past
    /// the holder).
    ///
    /// # Errors
    /// [`Refusal::Closed`], [`Refusal::AlreadyClaimed`].
    pub fn workable_by(&self, me: &PersonRef, supervisor: bool) -> Result<(), Refusal> {
        if self.before.is_closed() {
            return Err(Refusal::Closed);
        }
        match self.before.claim() {
            Some(claim) if claim.by.id != me.id && !supervisor => Err(already_claimed(claim)),
            _ => Ok(()),
        }
    }

    /// The answer when nothing needs to change.
    pub fn unchanged(self) -> Decision {
        Decision::answer(Answer::Lead {
            lead: Box::new(self.before),
            contact: Box::new(self.contact),
        })
    }

    /// Commits `after` in the place of the lead, with one journal entry.
    pub fn changed(self, mut after: Lead, kind: EntryKind, detail: Value) -> Decision {
        after.rev = self.before.rev + 1;
        let answer =
            Answer::Lead { lead: Box::new(after.clone()), contact: Box::new(self.contact) };
        Decision {
            entries: vec![NewEntry::about(after.id, kind, detail)],
            leads: vec![LeadChange { before: Some(Box::new(self.before)), after: Box::new(after) }],
            ..Decision::answer(answer)
        }
    }
}

pub fn already_claimed(claim: &crate::domain::lead::Claim) -> Refusal {
    Refusal::AlreadyClaimed {
        by: claim.by.id.clone(),
        by_name: claim.by.name.clone(),
        at: claim.at,
    }
}

impl Context<'_> {
    /// The person who asks.
    ///
    /// # Errors
    /// [`Refusal::PersonOnly`] for programs and clocks.
    pub fn person(&self) -> Result<PersonRef, Refusal> {
        self.actor.person().cloned().ok_or(Refusal::PersonOnly)
    }

    /// Whether the one who asks may do what only supervisors may. The operator at the server's own command line may.
    pub fn supervises(&self, state: &State) -> bool {
        match self.actor {
            crate::domain::journal::Actor::Operator => true,
            actor => actor
                .rep_id()
                .and_then(|id| state.roster.get(id))
                .is_some_and(|person| person.role == Role::Supervisor),
        }
    }
}

/// What [`super::undo`] brings back after a change of `before` by `by`.
pub fn undo_point(before: &Lead, by: &PersonRef, what: EntryKind) -> Box<Undo> {
    Box::new(Undo {
        by: by.id.clone(),
        what: what.as_str().into(),
        state: before.state.clone(),
        due_at: before.due_at,
        overdue: before.overdue,
        callback_at: before.callback_at,
        attempts: before.attempts,
        first_claim_at: before.first_claim_at,
        first_dial_at: before.first_dial_at,
        first_contact_at: before.first_contact_at,
        outcome: before.outcome,
        opted_out: false,
    })
}

/// The state of an open lead that nobody holds: scheduled while a time agreed or a retry lies ahead, else waiting.
pub fn free_state(lead: &Lead, now: Timestamp) -> LeadState {
    match lead.due_at {
        Some(until) if until > now && (lead.attempts > 0 || lead.callback_at == Some(until)) => {
            LeadState::Scheduled { until }
        }
        _ => LeadState::Waiting,
    }
}
