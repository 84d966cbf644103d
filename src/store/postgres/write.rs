//! From a plan to statements with their values, in the order in which they must be carried out.

use tokio_postgres::Statement;

use super::{statements::Statements, value::Value};
use crate::{
    domain::decision::{Decision, Message, TokenChange, TokenOwner},
    store::{
        Request, StoreError,
        plan::{ContactPlan, DeadlineRow, Plan, ReplyRow},
        rows::{self, Bytes16, LeadRow},
    },
};

/// A statement with its values.
pub struct Write<'s> {
    pub statement: &'s Statement,
    pub values: Vec<Value>,
    /// The row that it must find as it was: table and key.
    pub only: Option<(&'static str, Bytes16)>,
}

/// Everything that one request writes.
///
/// # Errors
/// As [`rows::write_doc`].
pub fn writes<'s>(
    statements: &'s Statements,
    plan: &mut Plan,
    decision: &Decision,
    request: &Request,
) -> Result<Vec<Write<'s>>, StoreError> {
    let mut all = Writes { statements, all: Vec::with_capacity(16) };
    for contact in &mut plan.contacts {
        all.contact(contact);
    }
    for lead in &mut plan.leads {
        all.lead(lead);
    }
    for deadline in &plan.deadlines_gone {
        all.push(&statements.drop_deadline, deadline_values(deadline));
    }
    for deadline in &plan.deadlines_new {
        all.push(&statements.add_deadline, deadline_values(deadline));
    }
    for entry in &mut plan.entries {
        let lead = Value::maybe(entry.lead, Value::Id);
        let json = std::mem::take(&mut entry.json).into();
        let values = vec![entry.seq.into(), entry.at.into(), entry.kind.into(), lead, json];
        all.push(&statements.add_entry, values);
    }
    for reply in &plan.replies {
        all.all.push(put_reply(statements, reply));
    }
    all.rest(decision, request)?;
    Ok(all.all)
}

/// A record by which a repeat will be recognised.
pub fn put_reply<'s>(statements: &'s Statements, reply: &ReplyRow) -> Write<'s> {
    let fingerprint = Value::maybe(reply.fingerprint, |print| Value::Bytes(print.to_vec()));
    Write {
        statement: &statements.put_reply,
        values: vec![
            Value::text(&*reply.scope),
            Value::text(&*reply.key),
            fingerprint,
            Value::text(&*reply.answer),
            reply.at.into(),
        ],
        only: None,
    }
}

struct Writes<'s> {
    statements: &'s Statements,
    all: Vec<Write<'s>>,
}

impl<'s> Writes<'s> {
    fn push(&mut self, statement: &'s Statement, values: Vec<Value>) {
        self.all.push(Write { statement, values, only: None });
    }

    fn contact(&mut self, plan: &mut ContactPlan) {
        let statements = self.statements;
        let row = &mut plan.row;
        for (kind, value) in &plan.keys_gone {
            self.push(
                &statements.drop_key,
                vec![(*kind).into(), Value::text(&**value), row.id.into()],
            );
        }
        let merged = Value::maybe(row.merged_into, Value::Id);
        let doc = std::mem::take(&mut row.doc).into();
        match row.rev_before {
            None => {
                let values = vec![row.id.into(), row.rev.into(), merged.clone(), doc];
                self.push(&statements.add_contact, values);
            }
            Some(before) => self.all.push(Write {
                statement: &statements.change_contact,
                values: vec![row.rev.into(), merged.clone(), doc, row.id.into(), before.into()],
                only: Some(("contacts", row.id)),
            }),
        }
        if row.merged_into.is_some() {
            self.push(&statements.follow_merge, vec![merged, row.id.into()]);
        }
        for (kind, value) in &plan.keys_new {
            self.push(
                &statements.add_key,
                vec![(*kind).into(), Value::text(&**value), row.id.into()],
            );
        }
    }

    fn lead(&mut self, row: &mut LeadRow) {
        let place = row.place;
        let open_slot = Value::Bytes(row.open_slot().to_vec());
        // What both statements write, in the order of the table.
        let columns = [
            open_slot,
            Value::maybe(row.shelf, Value::from),
            Value::maybe(row.night_rank, Value::from),
            place.tier_rank.into(),
            place.due_sort.into(),
            place.value_sort.into(),
            place.ended_at.into(),
            Value::maybe(row.desk, Value::Word),
            Value::maybe(row.owner.take(), Value::from),
            Value::maybe(row.holder.take(), Value::from),
            std::mem::take(&mut row.doc).into(),
        ];
        let (id, contact, rev) =
            (Value::Id(place.id), Value::Id(row.contact_id), Value::Int(row.rev));
        match row.rev_before {
            None => {
                let values = [id, contact, rev].into_iter().chain(columns).collect();
                self.push(&self.statements.add_lead, values);
            }
            Some(before) => self.all.push(Write {
                statement: &self.statements.change_lead,
                values: [contact, rev]
                    .into_iter()
                    .chain(columns)
                    .chain([id, before.into()])
                    .collect(),
                only: Some(("leads", place.id)),
            }),
        }
    }

    /// What only few commands write.
    fn rest(&mut self, decision: &Decision, request: &Request) -> Result<(), StoreError> {
        let statements = self.statements;
        for person in &decision.people {
            let values = vec![Value::text(person.id.as_str()), rows::write_doc(person)?.into()];
            self.push(&statements.put_person, values);
        }
        for token in &decision.tokens {
            self.token(token)?;
        }
        for call in &decision.calls {
            let values = vec![
                Value::text(&*call.call_sid),
                rows::ms(call.started_at).into(),
                rows::write_doc(call)?.into(),
            ];
            self.push(&statements.put_call, values);
        }
        for Message { destination, lead, body } in &decision.messages {
            let values = vec![
                Value::text(&**destination),
                Value::maybe(*lead, |id| Value::Id(*id.0.as_bytes())),
                rows::write_doc(body)?.into(),
                rows::ms(request.now).into(),
            ];
            self.push(&statements.add_message, values);
        }
        Ok(())
    }

    fn token(&mut self, change: &TokenChange) -> Result<(), StoreError> {
        match change {
            TokenChange::Add { hash, owner, expires_at } => {
                let person = match owner {
                    TokenOwner::Person { id } => Value::text(id.as_str()),
                    TokenOwner::Key { .. } => Value::Null,
                };
                let values = vec![
                    Value::Bytes(hash.to_vec()),
                    person,
                    rows::write_doc(owner)?.into(),
                    Value::maybe(*expires_at, |at| rows::ms(at).into()),
                ];
                self.push(&self.statements.add_token, values);
            }
            TokenChange::RevokeAllOf { owner } => {
                self.push(&self.statements.revoke_tokens, vec![Value::text(owner.as_str())]);
            }
        }
        Ok(())
    }
}

fn deadline_values(row: &DeadlineRow) -> Vec<Value> {
    vec![row.at.into(), row.lead.into(), row.kind.into()]
}
