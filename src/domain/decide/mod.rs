//! The decision: what a command does to what is known, at an instant, under a policy. Pure: the same arguments always give
//! the same decision.
//!
//! One file for each kind of command; [`change`] holds what they share.

mod assign;
mod change;
mod claim;
mod contacts;
mod deadline;
mod identity;
mod ingest;
mod outcome;
mod staff;
mod undo;

#[cfg(test)]
mod examples;
#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod world;

use jiff::Timestamp;

use super::{
    command::Command,
    decision::{Answer, Decision, Refusal, State},
    journal::{Actor, EntryKind, NewEntry},
    policy::Policy,
};

/// Who asks, when, and under which rules.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub actor: &'a Actor,
    pub now: Timestamp,
    pub policy: &'a Policy,
}

/// Decides. `state` is what [`Command::concerns`] names, as it is now.
///
/// # Errors
/// A [`Refusal`] changes nothing and says why in words a rep understands.
pub fn decide(state: State, command: Command, context: Context<'_>) -> Result<Decision, Refusal> {
    match command {
        Command::Ingest(ingest) => Ok(ingest::ingest(state, *ingest, context)),
        Command::RecordCall(call) => Ok(record_call(state, call)),
        Command::Claim { take_over, .. } => claim::claim(state, take_over, context),
        Command::Release { .. } => claim::release(state, context),
        Command::Reassign { to, .. } => assign::reassign(state, &to, context),
        Command::LogOutcome { outcome, note, callback_at, .. } => {
            outcome::log(state, outcome, note, callback_at, context)
        }
        Command::AddNote { text, .. } => outcome::note(state, text, context),
        Command::Undo { .. } => undo::undo(state, context),
        Command::MergeContacts { .. } => contacts::merge(state, context),
        Command::DeadlineReached { kind, .. } => deadline::reached(state, kind, context),
        Command::AddPerson { person, token } => staff::add(state, person, token),
        Command::ChangePerson { id, change } => staff::change(state, &id, change),
        Command::ReplaceToken { id, token, expires_at } => {
            staff::replace_token(state, &id, token, expires_at)
        }
        Command::AddKey { id, name, token } => Ok(staff::add_key(id, name, token)),
    }
}

/// The same call reported twice changes nothing; a later report of it completes the earlier one.
fn record_call(state: State, call: super::command::CallFacts) -> Decision {
    if state.call.as_ref() == Some(&call) {
        return Decision::answer(Answer::Done);
    }
    let detail = serde_json::json!({
        "call_sid": call.call_sid, "answered": call.answered, "answered_by": call.answered_by, "started_at": call.started_at,
    });
    Decision {
        entries: vec![NewEntry { kind: EntryKind::CallRecorded, lead: None, detail }],
        calls: vec![call],
        ..Decision::answer(Answer::Done)
    }
}
