//! A supervisor gives a lead to a person or a team.

use serde_json::json;

use super::{
    Context,
    change::{Subject, free_state},
};
use crate::domain::{
    decision::{Decision, Refusal, State},
    journal::EntryKind,
    lead::{Lead, Owner},
    person::Roster,
    policy::Policy,
};
use jiff::Timestamp;

/// Reassigns: the new owner is who it says; a claim by anybody else ends.
pub fn reassign(mut state: State, to: &str, context: Context<'_>) -> Result<Decision, Refusal> {
    if !context.supervises(&state) {
        return Err(Refusal::SupervisorOnly);
    }
    let subject = Subject::load(&mut state)?;
    if subject.before.is_closed() {
        return Err(Refusal::Closed);
    }
    let owner = resolve(to, &subject.before, context.policy, &state.roster, context.now)?;
    let ended = subject
        .before
        .claim()
        .filter(|claim| owner != Owner::Person(claim.by.id.clone()))
        .map(|claim| claim.by.clone());
    let mut after = subject.before.clone();
    if ended.is_some() {
        after.state = free_state(&subject.before, context.now);
    }
    if subject.before.owner.as_ref() == Some(&owner) && ended.is_none() {
        return Ok(subject.unchanged());
    }
    let detail = json!({ "from": subject.before.owner.as_ref().map(Owner::as_str), "to": owner.as_str(), "claim_ended": ended });
    after.owner = Some(owner);
    after.undo = None;
    Ok(subject.changed(after, EntryKind::LeadReassigned, detail))
}

/// A team picks a person who is there; a person is taken at the supervisor's word.
fn resolve(
    to: &str,
    lead: &Lead,
    policy: &Policy,
    roster: &Roster,
    now: Timestamp,
) -> Result<Owner, Refusal> {
    if let Some(team) = policy.team(to) {
        let act_at = lead.opens_at.map_or(now, |opens| opens.max(now));
        return Ok(match roster.least_loaded(&team.members, act_at, now, &policy.calendar) {
            Some(person) => Owner::Person(person.id.clone()),
            None => Owner::Team(team.name.clone()),
        });
    }
    roster
        .find(to)
        .map(|person| Owner::Person(person.id.clone()))
        .ok_or_else(|| Refusal::NoSuchOwner(to.into()))
}
