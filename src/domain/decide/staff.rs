//! People and keys.

use jiff::Timestamp;
use serde_json::json;

use crate::domain::{
    command::{PersonChange, TokenHash},
    decision::{Answer, Decision, Refusal, State, TokenChange, TokenOwner},
    ids::RepId,
    journal::{EntryKind, NewEntry},
    person::Person,
};

pub fn add(state: State, person: Person, token: TokenHash) -> Result<Decision, Refusal> {
    if state.roster.get(&person.id).is_some() {
        return Err(Refusal::HandleTaken(person.id.0));
    }
    let owner = TokenOwner::Person { id: person.id.clone() };
    let mut decision = stored(person, json!({ "change": "added" }));
    decision.tokens.push(TokenChange::Add { hash: token, owner, expires_at: None });
    Ok(decision)
}

/// Changes a person; one who is removed loses every token at once.
pub fn change(state: State, id: &RepId, change: PersonChange) -> Result<Decision, Refusal> {
    let before = state.roster.get(id).ok_or_else(|| Refusal::NoSuchPerson(id.0.clone()))?;
    let mut after = before.clone();
    let PersonChange {
        name,
        role,
        phone,
        email,
        slack_id,
        presence,
        shift,
        add_leave,
        clear_leave,
        removed,
    } = change;
    after.name = name.unwrap_or(after.name);
    after.role = role.unwrap_or(after.role);
    after.phone = phone.or(after.phone);
    after.email = email.or(after.email);
    after.slack_id = slack_id.or(after.slack_id);
    after.presence = presence.unwrap_or(after.presence);
    after.shift = shift.unwrap_or(after.shift);
    if clear_leave {
        after.leave.clear();
    }
    if let Some(leave) = add_leave
        && !after.leave.contains(&leave)
    {
        after.leave.push(leave);
    }
    after.removed = removed.unwrap_or(after.removed);
    if after == *before {
        return Ok(Decision::answer(Answer::Person { person: Box::new(after) }));
    }
    let leaves = after.removed && !before.removed;
    let mut decision =
        stored(after, json!({ "change": if leaves { "removed" } else { "changed" } }));
    if leaves {
        decision.tokens.push(TokenChange::RevokeAllOf { owner: id.clone() });
    }
    Ok(decision)
}

pub fn replace_token(
    state: State,
    id: &RepId,
    token: TokenHash,
    expires_at: Option<Timestamp>,
) -> Result<Decision, Refusal> {
    let person = state
        .roster
        .get(id)
        .filter(|person| !person.removed)
        .ok_or_else(|| Refusal::NoSuchPerson(id.0.clone()))?;
    let owner = TokenOwner::Person { id: id.clone() };
    Ok(Decision {
        tokens: vec![
            TokenChange::RevokeAllOf { owner: id.clone() },
            TokenChange::Add { hash: token, owner, expires_at },
        ],
        entries: vec![entry(person, json!({ "change": "token replaced" }))],
        ..Decision::answer(Answer::Person { person: Box::new(person.clone()) })
    })
}

pub fn add_key(id: String, name: String, token: TokenHash) -> Decision {
    let detail = json!({ "change": "added", "key": id, "name": name });
    Decision {
        tokens: vec![TokenChange::Add {
            hash: token,
            owner: TokenOwner::Key { id: id.clone(), name: name.clone() },
            expires_at: None,
        }],
        entries: vec![NewEntry { kind: EntryKind::KeyChanged, lead: None, detail }],
        ..Decision::answer(Answer::Key { id, name })
    }
}

fn stored(person: Person, detail: serde_json::Value) -> Decision {
    Decision {
        entries: vec![entry(&person, detail)],
        people: vec![person.clone()],
        ..Decision::answer(Answer::Person { person: Box::new(person) })
    }
}

/// Phone and address stay out: the journal is read by everybody.
fn entry(person: &Person, mut detail: serde_json::Value) -> NewEntry {
    detail["rep"] = json!({
        "id": person.id, "name": person.name, "role": person.role, "presence": person.presence, "leave": person.leave, "removed": person.removed,
    });
    NewEntry { kind: EntryKind::RepChanged, lead: None, detail }
}
