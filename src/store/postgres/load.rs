//! What a transaction knows of the database: loaded for all of its requests at once, each row once and in as few round trips
//! as the questions follow from each other (two, mostly), and kept in step with what the transaction itself writes. Under the
//! writers' lock nobody else changes it.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use tokio_postgres::{Client, Row};

use super::{
    connection::store_error,
    start::{row, start, within},
    statements::Statements,
    value::Value,
};
use crate::{
    domain::{
        command::{CallFacts, Concerns},
        contact::Contact,
        decision::{Answer, Decision, Refusal, State},
        ids::{ContactId, LeadId},
        lead::Lead,
    },
    store::{
        IDEMPOTENCY_KEPT, Request, StoreError,
        plan::{self, Plan, ReplyRow},
        rows::{self, Bytes16},
    },
};

/// What was found for one request.
pub enum Found {
    /// It has been carried out before. `missing`: the sender's own key for it is not known yet.
    Before { answer: Answer, missing: bool },
    /// The state that the decision needs, but for the roster.
    State(State),
}

/// A question to the database.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Ask {
    Reply {
        scope: String,
        key: String,
        forgotten: i64,
    },
    ContactOfKey(&'static str, String),
    Contact(Bytes16),
    /// The lead, and its contact.
    Lead(Bytes16),
    OpenLeadOf(Bytes16),
    Call(String),
}

/// What is there, or is not; or why that cannot be said, which concerns only those who ask for it.
type Fact<T> = Result<Option<T>, StoreError>;

/// Whatever was asked and written so far.
#[derive(Default)]
pub struct Memory {
    replies: HashMap<(String, String), Fact<KnownReply>>,
    contact_of_key: HashMap<(&'static str, String), Fact<Bytes16>>,
    contacts: HashMap<Bytes16, Fact<Contact>>,
    leads: HashMap<Bytes16, Fact<Lead>>,
    open_lead_of: HashMap<Bytes16, Fact<Bytes16>>,
    calls: HashMap<String, Fact<CallFacts>>,
}

/// A row of `replies`.
#[derive(Clone)]
struct KnownReply {
    fingerprint: Option<Vec<u8>>,
    answer: String,
}

impl Memory {
    /// Loads what requests need and what is not known yet.
    ///
    /// # Errors
    /// Only what concerns all of them, such as a lost connection.
    pub async fn load(
        &mut self,
        client: &Client,
        statements: &Statements,
        requests: &[&Request],
        patience: Duration,
    ) -> Result<(), StoreError> {
        loop {
            let mut asked = HashSet::new();
            let mut under_way = Vec::new();
            for ask in requests.iter().flat_map(|request| self.needs(request)) {
                if asked.contains(&ask) {
                    continue;
                }
                let (statement, values) = ask.statement(statements);
                under_way.push((ask.clone(), start(row(client, statement, values)).await));
                asked.insert(ask);
            }
            if asked.is_empty() {
                return Ok(());
            }
            for (ask, answer) in under_way {
                let row = within(patience, answer.end()).await?.map_err(store_error)?;
                self.learn(ask, row.as_ref());
            }
        }
    }

    /// What a request needs and what is not known yet; some questions follow only from the answers to others.
    fn needs(&self, request: &Request) -> Vec<Ask> {
        let kept = i64::try_from(IDEMPOTENCY_KEPT.as_millis()).unwrap_or(i64::MAX);
        let forgotten = rows::ms(request.now).saturating_sub(kept);
        let mut needs: Vec<Ask> = plan::reply_places(request)
            .map(|(scope, key, _)| Ask::Reply { scope, key: key.into(), forgotten })
            .collect();
        let concerns = request.command.concerns();
        match &concerns {
            Concerns::Caller { .. } => {
                for key in concerns.keys() {
                    let (kind, value) = key.parts();
                    match self.contact_of_key.get(&(kind, value.to_owned())) {
                        None => needs.push(Ask::ContactOfKey(kind, value.into())),
                        Some(Ok(Some(id))) => {
                            needs.extend([Ask::Contact(*id), Ask::OpenLeadOf(*id)])
                        }
                        Some(_) => {}
                    }
                }
            }
            Concerns::Lead(LeadId(id)) | Concerns::LeadAndSibling(LeadId(id)) => {
                needs.push(Ask::Lead(*id.as_bytes()));
                if let Some(Ok(Some(lead))) = self.leads.get(id.as_bytes()) {
                    let contact = *lead.contact_id.0.as_bytes();
                    needs.push(Ask::Contact(contact));
                    if matches!(concerns, Concerns::LeadAndSibling(_)) {
                        needs.push(Ask::OpenLeadOf(contact));
                    }
                }
            }
            Concerns::Contacts(one, other) => {
                for ContactId(id) in [one, other] {
                    needs.extend([Ask::Contact(*id.as_bytes()), Ask::OpenLeadOf(*id.as_bytes())]);
                }
            }
            Concerns::Call(sid) => needs.push(Ask::Call((*sid).into())),
            Concerns::Staff => {}
        }
        needs.retain(|ask| !self.knows(ask));
        needs
    }

    fn knows(&self, ask: &Ask) -> bool {
        match ask {
            Ask::Reply { scope, key, .. } => {
                self.replies.contains_key(&(scope.clone(), key.clone()))
            }
            Ask::ContactOfKey(kind, value) => {
                self.contact_of_key.contains_key(&(*kind, value.clone()))
            }
            Ask::Contact(id) => self.contacts.contains_key(id),
            Ask::Lead(id) => self.leads.contains_key(id),
            Ask::OpenLeadOf(id) => self.open_lead_of.contains_key(id),
            Ask::Call(sid) => self.calls.contains_key(sid),
        }
    }

    fn learn(&mut self, ask: Ask, row: Option<&Row>) {
        match ask {
            Ask::Reply { scope, key, .. } => {
                self.replies.insert((scope, key), row.map(known_reply).transpose());
            }
            Ask::ContactOfKey(kind, value) => {
                let id = row.map(|row| read_id("contact_keys", row, 0)).transpose();
                self.contact_of_key.insert((kind, value), id);
            }
            Ask::Contact(id) => {
                let contact = row.map(|row| document("contacts", row, 0)).transpose();
                self.contacts.insert(id, contact);
            }
            Ask::Lead(id) => {
                let lead: Fact<Lead> = row.map(|row| document("leads", row, 0)).transpose();
                if let (Ok(Some(lead)), Some(row)) = (&lead, row) {
                    let contact = self.contacts.entry(*lead.contact_id.0.as_bytes());
                    contact.or_insert_with(|| document("contacts", row, 1).map(Some));
                }
                self.leads.insert(id, lead);
            }
            Ask::OpenLeadOf(id) => {
                let lead: Fact<Lead> = row.map(|row| document("leads", row, 0)).transpose();
                let open = lead.map(|lead| {
                    lead.map(|lead| {
                        let id = *lead.id.0.as_bytes();
                        self.leads.entry(id).or_insert(Ok(Some(lead)));
                        id
                    })
                });
                self.open_lead_of.insert(id, open);
            }
            Ask::Call(sid) => {
                self.calls.insert(sid, row.map(|row| document("calls", row, 0)).transpose());
            }
        }
    }

    /// What is known for a request, which must have been loaded.
    ///
    /// # Errors
    /// Why this request cannot be carried out: a damaged row, or a key that was used for another request.
    pub fn found(&self, request: &Request) -> Result<Found, StoreError> {
        if let Some(before) = self.before(request)? {
            return Ok(before);
        }
        let mut state = State::default();
        let concerns = request.command.concerns();
        match &concerns {
            Concerns::Caller { .. } => {
                let mut seen: Vec<Bytes16> = Vec::new();
                for key in concerns.keys() {
                    let (kind, value) = key.parts();
                    let id = fact(&self.contact_of_key, &(kind, value.to_owned()))?;
                    let Some(id) = id.filter(|id| !seen.contains(id)) else { continue };
                    seen.push(*id);
                    self.contact_and_open_lead(*id, &mut state)?;
                }
            }
            Concerns::Lead(LeadId(id)) | Concerns::LeadAndSibling(LeadId(id)) => {
                let Some(lead) = fact(&self.leads, id.as_bytes())? else {
                    return Ok(Found::State(state));
                };
                let contact = *lead.contact_id.0.as_bytes();
                state.contacts.extend(fact(&self.contacts, &contact)?.cloned());
                state.leads.push(lead.clone());
                if matches!(concerns, Concerns::LeadAndSibling(_)) {
                    let sibling = self.open_lead(contact)?;
                    state.leads.extend(sibling.filter(|sibling| sibling.id != lead.id).cloned());
                }
            }
            Concerns::Contacts(one, other) => {
                for ContactId(id) in [one, other] {
                    self.contact_and_open_lead(*id.as_bytes(), &mut state)?;
                }
            }
            Concerns::Call(sid) => state.call = fact(&self.calls, &(*sid).to_owned())?.cloned(),
            Concerns::Staff => {}
        }
        Ok(Found::State(state))
    }

    /// The first answer to a request that comes again.
    fn before(&self, request: &Request) -> Result<Option<Found>, StoreError> {
        let mut missing = false;
        for (scope, key, fingerprint) in plan::reply_places(request) {
            let Some(reply) = fact(&self.replies, &(scope.clone(), key.to_owned()))? else {
                missing = true;
                continue;
            };
            if reply.fingerprint.as_deref() != fingerprint.map(<[u8; 32]>::as_slice) {
                return Err(Refusal::KeyReused.into());
            }
            let answer = rows::read_doc("replies", scope, &reply.answer)?;
            return Ok(Some(Found::Before { answer, missing }));
        }
        Ok(None)
    }

    fn contact_and_open_lead(&self, id: Bytes16, state: &mut State) -> Result<(), StoreError> {
        state.contacts.extend(fact(&self.contacts, &id)?.cloned());
        state.leads.extend(self.open_lead(id)?.cloned());
        Ok(())
    }

    fn open_lead(&self, contact: Bytes16) -> Result<Option<&Lead>, StoreError> {
        match fact(&self.open_lead_of, &contact)? {
            Some(id) => fact(&self.leads, id),
            None => Ok(None),
        }
    }

    /// Takes in what a request has written.
    pub fn take_in(&mut self, plan: Plan, decision: Decision) {
        for plan in plan.contacts {
            for (kind, value) in plan.keys_gone {
                self.contact_of_key.insert((kind, value), Ok(None));
            }
            for (kind, value) in plan.keys_new {
                self.contact_of_key.insert((kind, value), Ok(Some(plan.row.id)));
            }
            if plan.row.rev_before.is_none() {
                self.open_lead_of.insert(plan.row.id, Ok(None));
            }
        }
        for contact in decision.contacts {
            self.contacts.insert(*contact.id.0.as_bytes(), Ok(Some(contact)));
        }
        for change in decision.leads {
            let lead = *change.after;
            let id = *lead.id.0.as_bytes();
            let of = change.before.map_or(lead.contact_id, |before| before.contact_id);
            for contact in [of, lead.contact_id].map(|contact| *contact.0.as_bytes()) {
                let was_open =
                    matches!(self.open_lead_of.get(&contact), Some(Ok(Some(open))) if *open == id);
                if was_open {
                    self.open_lead_of.insert(contact, Ok(None));
                }
            }
            if lead.is_open() {
                self.open_lead_of.insert(*lead.contact_id.0.as_bytes(), Ok(Some(id)));
            }
            self.leads.insert(id, Ok(Some(lead)));
        }
        for call in decision.calls {
            self.calls.insert(call.call_sid.clone(), Ok(Some(call)));
        }
        plan.replies.into_iter().for_each(|reply| self.take_in_reply(reply));
    }

    /// Takes in a record under which a repeat is recognised.
    pub fn take_in_reply(&mut self, reply: ReplyRow) {
        let ReplyRow { scope, key, fingerprint, answer, .. } = reply;
        let known = KnownReply { fingerprint: fingerprint.map(|print| print.to_vec()), answer };
        self.replies.insert((scope, key), Ok(Some(known)));
    }
}

impl Ask {
    fn statement<'s>(
        &self,
        statements: &'s Statements,
    ) -> (&'s tokio_postgres::Statement, Vec<Value>) {
        match self {
            Ask::Reply { scope, key, forgotten } => (
                &statements.reply,
                vec![Value::text(&**scope), Value::text(&**key), (*forgotten).into()],
            ),
            Ask::ContactOfKey(kind, value) => {
                (&statements.contact_of_key, vec![(*kind).into(), Value::text(&**value)])
            }
            Ask::Contact(id) => (&statements.contact, vec![(*id).into()]),
            Ask::Lead(id) => (&statements.lead_and_contact, vec![(*id).into()]),
            Ask::OpenLeadOf(id) => {
                (&statements.open_lead, vec![(*id).into(), Value::Bytes(Vec::new())])
            }
            Ask::Call(sid) => (&statements.call, vec![Value::text(&**sid)]),
        }
    }
}

fn fact<'m, K: std::hash::Hash + Eq, T>(
    facts: &'m HashMap<K, Fact<T>>,
    key: &K,
) -> Result<Option<&'m T>, StoreError> {
    match facts.get(key) {
        Some(Ok(fact)) => Ok(fact.as_ref()),
        Some(Err(error)) => Err(error.clone()),
        None => Err(StoreError::Failed("something was not loaded that a request concerns".into())),
    }
}

fn known_reply(row: &Row) -> Result<KnownReply, StoreError> {
    let fingerprint: Option<Vec<u8>> = row.try_get(0).map_err(store_error)?;
    Ok(KnownReply { fingerprint, answer: row.try_get(1).map_err(store_error)? })
}

/// The document in a column.
///
/// # Errors
/// [`StoreError::Damaged`].
pub fn document<T: serde::de::DeserializeOwned>(
    table: &'static str,
    row: &Row,
    column: usize,
) -> Result<T, StoreError> {
    let json: &str = row.try_get(column).map_err(store_error)?;
    rows::read_doc(table, "?", json)
}

/// The identifier in a column.
///
/// # Errors
/// [`StoreError::Damaged`].
pub fn read_id(table: &'static str, row: &Row, column: usize) -> Result<Bytes16, StoreError> {
    let bytes: &[u8] = row.try_get(column).map_err(store_error)?;
    Ok(*rows::read_id(table, bytes)?.as_bytes())
}
