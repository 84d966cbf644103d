//! What requests concern, loaded for a whole batch at once: two round trips to the database, however many requests.
//!
//! An earlier request of the batch may change what a later one concerns. [`Changes`] remembers who changed what; a request
//! that finds itself there is loaded anew when its turn comes, behind the writes that changed it.

use std::collections::HashMap;

use tokio_postgres::{Client, Error, Row};

use super::{
    connection::store_error,
    start::{Started, row, start},
    statements::Statements,
    value::Value,
};
use crate::{
    domain::{
        command::Concerns,
        contact::Contact,
        decision::{Answer, Decision, Refusal, State},
        ids::{ContactId, LeadId},
        lead::Lead,
    },
    store::{
        IDEMPOTENCY_KEPT, Request, StoreError,
        plan::{self, Plan},
        rows::{self, Bytes16},
    },
};

/// What is known for one request.
pub struct Loaded {
    /// What was found, or why this request alone cannot be carried out.
    pub found: Result<Found, StoreError>,
    footprint: Vec<Thing>,
    /// How many requests of the batch had been carried out when it was loaded.
    at: usize,
}

/// What was found for one request.
pub enum Found {
    /// It has been carried out before. `missing`: the sender's own key for it is not known yet.
    Before { answer: Answer, missing: bool },
    /// The state that the decision needs, but for the roster.
    State(State),
}

/// Something that a request reads or writes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Thing {
    Reply(String, String),
    Key(&'static str, String),
    /// A contact or its open lead.
    Contact(Bytes16),
    Lead(Bytes16),
    Call(String),
}

/// What the requests of a batch have changed so far, each with the place of the last that did.
#[derive(Default)]
pub struct Changes(HashMap<Thing, usize>);

impl Changes {
    /// Whether a request was loaded before something that it concerns was changed.
    pub fn overtake(&self, loaded: &Loaded) -> bool {
        loaded
            .footprint
            .iter()
            .any(|thing| self.0.get(thing).is_some_and(|changed| *changed >= loaded.at))
    }

    /// Remembers what the request in a place of the batch has changed.
    pub fn note(&mut self, place: usize, plan: &Plan, decision: &Decision) {
        let mut changed = |thing| {
            self.0.insert(thing, place);
        };
        for contact in &plan.contacts {
            changed(Thing::Contact(contact.row.id));
            for (kind, value) in contact.keys_gone.iter().chain(&contact.keys_new) {
                changed(Thing::Key(kind, value.clone()));
            }
        }
        for change in &decision.leads {
            let contacts = change.before.iter().chain([&change.after]).map(|lead| lead.contact_id);
            contacts.for_each(|ContactId(id)| changed(Thing::Contact(*id.as_bytes())));
            changed(Thing::Lead(*change.after.id.0.as_bytes()));
        }
        for call in &decision.calls {
            changed(Thing::Call(call.call_sid.clone()));
        }
        for reply in &plan.replies {
            changed(Thing::Reply(reply.scope.clone(), reply.key.clone()));
        }
    }

    /// Remembers that the request in a place of the batch has left a record under which a repeat is recognised.
    pub fn note_reply(&mut self, place: usize, reply: &plan::ReplyRow) {
        self.0.insert(Thing::Reply(reply.scope.clone(), reply.key.clone()), place);
    }
}

/// Loads what some requests concern. `at`: how many of the batch have been carried out by now.
///
/// # Errors
/// Only what concerns all of them, such as a lost connection; a damaged row is in the `found` of its request.
pub async fn load(
    client: &Client,
    statements: &Statements,
    requests: &[&Request],
    at: usize,
) -> Result<Vec<Loaded>, StoreError> {
    let loader = Loader { client, statements };
    let mut first = Vec::with_capacity(requests.len());
    for request in requests {
        first.push(loader.first(request).await);
    }
    let mut second = Vec::with_capacity(requests.len());
    for (request, asked) in requests.iter().zip(first) {
        second.push(loader.second(request, asked.end().await?).await);
    }
    let mut all = Vec::with_capacity(requests.len());
    for (request, asked) in requests.iter().zip(second) {
        let (found, footprint) = asked.end(request).await?;
        all.push(Loaded { found, footprint, at });
    }
    Ok(all)
}

type Asked<'c> = Started<'c, Result<Option<Row>, Error>>;
type Answered = Vec<Option<Row>>;

struct Loader<'c> {
    client: &'c Client,
    statements: &'c Statements,
}

/// The questions of the first round trip.
struct First<'c> {
    replies: Vec<Asked<'c>>,
    /// For a caller: each key's contact. For a lead: the lead with its contact. For two contacts: each with its open lead.
    /// For a call: the call.
    concerns: Vec<Asked<'c>>,
}

struct FirstAnswers {
    replies: Answered,
    concerns: Answered,
}

/// The answers to the first round trip, and the questions of the second, which follow from them.
struct Second<'c> {
    first: Result<FirstAnswers, StoreError>,
    footprint: Vec<Thing>,
    /// For a caller: each contact that was found, with its open lead. For a lead and its sibling: the sibling.
    concerns: Vec<Asked<'c>>,
}

impl<'c> Loader<'c> {
    async fn ask(&self, statement: &'c tokio_postgres::Statement, values: Vec<Value>) -> Asked<'c> {
        start(row(self.client, statement, values)).await
    }

    async fn contact_and_open_lead(&self, id: Bytes16) -> [Asked<'c>; 2] {
        [
            self.ask(&self.statements.contact, vec![id.into()]).await,
            self.ask(&self.statements.open_lead, vec![id.into(), Value::Bytes(Vec::new())]).await,
        ]
    }

    async fn first(&self, request: &Request) -> First<'c> {
        let kept = i64::try_from(IDEMPOTENCY_KEPT.as_millis()).unwrap_or(i64::MAX);
        let forgotten = rows::ms(request.now).saturating_sub(kept);
        let mut replies = Vec::new();
        for (scope, key, _) in plan::reply_places(request) {
            let values = vec![scope.into(), Value::text(key), forgotten.into()];
            replies.push(self.ask(&self.statements.reply, values).await);
        }
        let mut asked = Vec::new();
        let concerns = request.command.concerns();
        match &concerns {
            Concerns::Caller { .. } => {
                for key in concerns.keys() {
                    let (kind, value) = key.parts();
                    let values = vec![kind.into(), Value::text(value)];
                    asked.push(self.ask(&self.statements.contact_of_key, values).await);
                }
            }
            Concerns::Lead(LeadId(id)) | Concerns::LeadAndSibling(LeadId(id)) => {
                let values = vec![Value::Id(*id.as_bytes())];
                asked.push(self.ask(&self.statements.lead_and_contact, values).await);
            }
            Concerns::Contacts(one, other) => {
                for ContactId(id) in [one, other] {
                    asked.extend(self.contact_and_open_lead(*id.as_bytes()).await);
                }
            }
            Concerns::Call(sid) => {
                asked.push(self.ask(&self.statements.call, vec![Value::text(*sid)]).await);
            }
            Concerns::Staff => {}
        }
        First { replies, concerns: asked }
    }

    async fn second(&self, request: &Request, first: FirstAnswers) -> Second<'c> {
        let mut footprint = footprint(request);
        let mut concerns = Vec::new();
        let first = match further(request, &first) {
            Ok(further) => {
                footprint.extend(further.contacts.iter().copied().map(Thing::Contact));
                for id in further.contacts {
                    concerns.extend(self.contact_and_open_lead(id).await);
                }
                if let Some(id) = further.sibling_of {
                    footprint.push(Thing::Contact(id));
                    let open = Value::Bytes(Vec::new());
                    concerns
                        .push(self.ask(&self.statements.open_lead, vec![id.into(), open]).await);
                }
                Ok(first)
            }
            Err(error) => Err(error),
        };
        Second { first, footprint, concerns }
    }
}

impl First<'_> {
    async fn end(self) -> Result<FirstAnswers, StoreError> {
        Ok(FirstAnswers { replies: end(self.replies).await?, concerns: end(self.concerns).await? })
    }
}

impl Second<'_> {
    async fn end(
        self,
        request: &Request,
    ) -> Result<(Result<Found, StoreError>, Vec<Thing>), StoreError> {
        let second = end(self.concerns).await?;
        let found = self.first.and_then(|first| found(request, &first, &second));
        let mut footprint = self.footprint;
        if let Ok(Found::State(state)) = &found {
            let leads = state.leads.iter().map(|lead| Thing::Lead(*lead.id.0.as_bytes()));
            let of = state.leads.iter().map(|lead| Thing::Contact(*lead.contact_id.0.as_bytes()));
            footprint.extend(leads.chain(of));
        }
        Ok((found, footprint))
    }
}

async fn end(asked: Vec<Asked<'_>>) -> Result<Answered, StoreError> {
    let mut answers = Vec::with_capacity(asked.len());
    for one in asked {
        answers.push(one.end().await.map_err(store_error)?);
    }
    Ok(answers)
}

/// What the second round trip must ask.
#[derive(Default)]
struct Further {
    /// Each once, in the order of the keys that found them.
    contacts: Vec<Bytes16>,
    sibling_of: Option<Bytes16>,
}

fn further(request: &Request, first: &FirstAnswers) -> Result<Further, StoreError> {
    let mut further = Further::default();
    match request.command.concerns() {
        Concerns::Caller { .. } => {
            for row in first.concerns.iter().flatten() {
                let id = read_id("contact_keys", row, 0)?;
                if !further.contacts.contains(&id) {
                    further.contacts.push(id);
                }
            }
        }
        Concerns::LeadAndSibling(_) => {
            if let Some(Some(row)) = first.concerns.first() {
                let lead: Lead = document("leads", row, 0)?;
                further.sibling_of = Some(*lead.contact_id.0.as_bytes());
            }
        }
        _ => {}
    }
    Ok(further)
}

/// What a request will read, as far as it says so itself.
fn footprint(request: &Request) -> Vec<Thing> {
    let replies =
        plan::reply_places(request).map(|(scope, key, _)| Thing::Reply(scope, key.into()));
    let mut things: Vec<Thing> = replies.collect();
    let concerns = request.command.concerns();
    match &concerns {
        Concerns::Caller { .. } => {
            let keys = concerns.keys();
            things.extend(keys.iter().map(|key| {
                let (kind, value) = key.parts();
                Thing::Key(kind, value.into())
            }));
        }
        Concerns::Lead(LeadId(id)) | Concerns::LeadAndSibling(LeadId(id)) => {
            things.push(Thing::Lead(*id.as_bytes()));
        }
        Concerns::Contacts(one, other) => {
            things.extend([one, other].map(|ContactId(id)| Thing::Contact(*id.as_bytes())));
        }
        Concerns::Call(sid) => things.push(Thing::Call((*sid).into())),
        Concerns::Staff => {}
    }
    things
}

fn found(
    request: &Request,
    first: &FirstAnswers,
    second: &[Option<Row>],
) -> Result<Found, StoreError> {
    if let Some(before) = before(request, &first.replies)? {
        return Ok(before);
    }
    let mut state = State::default();
    match request.command.concerns() {
        Concerns::Caller { .. } => state_of_contacts(&mut state, second)?,
        Concerns::Contacts(..) => state_of_contacts(&mut state, &first.concerns)?,
        Concerns::Lead(_) | Concerns::LeadAndSibling(_) => {
            if let Some(Some(row)) = first.concerns.first() {
                let lead: Lead = document("leads", row, 0)?;
                state.contacts.push(document("contacts", row, 1)?);
                let sibling = open_lead(second.first())?.filter(|sibling| sibling.id != lead.id);
                state.leads.push(lead);
                state.leads.extend(sibling);
            }
        }
        Concerns::Call(_) => {
            if let Some(Some(row)) = first.concerns.first() {
                state.call = Some(document("calls", row, 0)?);
            }
        }
        Concerns::Staff => {}
    }
    Ok(Found::State(state))
}

/// Rows in pairs: a contact, and its open lead.
fn state_of_contacts(state: &mut State, pairs: &[Option<Row>]) -> Result<(), StoreError> {
    for pair in pairs.chunks(2) {
        if let Some(Some(row)) = pair.first() {
            let contact: Contact = document("contacts", row, 0)?;
            state.contacts.push(contact);
        }
        state.leads.extend(open_lead(pair.get(1))?);
    }
    Ok(())
}

fn open_lead(row: Option<&Option<Row>>) -> Result<Option<Lead>, StoreError> {
    row.and_then(Option::as_ref).map(|row| document("leads", row, 0)).transpose()
}

/// The first answer to a request that comes again.
fn before(request: &Request, replies: &[Option<Row>]) -> Result<Option<Found>, StoreError> {
    let mut missing = false;
    for ((scope, _, fingerprint), row) in plan::reply_places(request).zip(replies) {
        let Some(row) = row else {
            missing = true;
            continue;
        };
        let known: Option<&[u8]> = row.try_get(0).map_err(store_error)?;
        if known != fingerprint.map(<[u8; 32]>::as_slice) {
            return Err(Refusal::KeyReused.into());
        }
        let json: &str = row.try_get(1).map_err(store_error)?;
        let answer = rows::read_doc("replies", scope, json)?;
        return Ok(Some(Found::Before { answer, missing }));
    }
    Ok(None)
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
