//! One command inside the writer's transaction: load what it concerns, ask the domain, write the rows.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Statement, params};

use super::connection::{prepare, store_error};
use crate::{
    domain::{
        command::Concerns,
        contact::Contact,
        decide::{self, decide},
        decision::{Decision, Refusal, State, TokenChange, TokenOwner},
        ids::{ContactId, LeadId, Seq},
        lead::Lead,
        person::Roster,
        policy::Policy,
    },
    store::{
        Access, Done, IDEMPOTENCY_KEPT, Request, StoreError,
        plan::{self, ContactPlan, Plan},
        rows::{self, Bytes16, LeadRow},
        sql,
        tally::{self, Deltas},
    },
};

/// Why a command was not carried out.
pub enum Fault {
    /// Nothing was written for it: the rest of the transaction is sound.
    Clean(StoreError),
    /// Some of its rows are written: the transaction must be given up.
    Torn(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        Fault::Clean(error)
    }
}

macro_rules! statements {
    ($($name:ident = $sql:expr),* $(,)?) => {
        /// Every statement of the writer, prepared once.
        pub struct Statements<'c> { $($name: Statement<'c>,)* }

        impl<'c> Statements<'c> {
            pub fn prepare(conn: &'c Connection) -> Result<Self, StoreError> {
                Ok(Statements { $($name: prepare(conn, $sql)?,)* })
            }
        }
    };
}

statements! {
    begin = "BEGIN IMMEDIATE",
    commit = "COMMIT",
    version = "PRAGMA data_version",
    contact_of_key = sql::CONTACT_OF_KEY,
    contact = sql::CONTACT,
    lead = sql::LEAD,
    open_lead = sql::OPEN_LEAD,
    call = sql::CALL,
    people = sql::PEOPLE,
    tallies = sql::TALLIES,
    reply = sql::REPLY,
    head = sql::HEAD,
    nearest = sql::NEAREST,
    add_contact = sql::ADD_CONTACT,
    change_contact = sql::CHANGE_CONTACT,
    follow_merge = sql::FOLLOW_MERGE,
    add_key = sql::ADD_KEY,
    drop_key = sql::DROP_KEY,
    add_lead = sql::ADD_LEAD,
    change_lead = sql::CHANGE_LEAD,
    add_deadline = sql::ADD_DEADLINE,
    drop_deadline = sql::DROP_DEADLINE,
    add_entry = sql::ADD_ENTRY,
    put_person = sql::PUT_PERSON,
    add_token = sql::ADD_TOKEN,
    revoke_tokens = sql::REVOKE_TOKENS,
    put_call = sql::PUT_CALL,
    put_reply = sql::PUT_REPLY,
    add_message = sql::ADD_MESSAGE,
    add_tally = sql::ADD_TALLY,
    add_access = sql::ADD_ACCESS,
    sweep_replies = sql::SWEEP_REPLIES,
    sweep_tokens = sql::SWEEP_TOKENS,
}

/// What the writer knows without asking, as long as nobody else has written.
pub struct Known {
    /// `PRAGMA data_version` when it was learnt: another process's commit changes it.
    version: i64,
    pub head: Seq,
    roster: Arc<Roster>,
}

/// The writer's transaction, and what it has done so far.
pub struct Transaction<'t, 'c> {
    conn: &'c Connection,
    statements: &'t mut Statements<'c>,
    policy: &'t Policy,
    known: Known,
    deltas: Deltas,
}

impl<'t, 'c> Transaction<'t, 'c> {
    /// Begins. `known` is what the last transaction left, `None` if it was given up.
    pub fn begin(
        conn: &'c Connection,
        statements: &'t mut Statements<'c>,
        policy: &'t Policy,
        known: Option<Known>,
    ) -> Result<Self, StoreError> {
        statements.begin.execute([]).map_err(store_error)?;
        match learn(statements, known) {
            Ok(known) => {
                Ok(Transaction { conn, statements, policy, known, deltas: Deltas::default() })
            }
            Err(error) => {
                roll_back(conn);
                Err(error)
            }
        }
    }

    /// Writes everything to disk. Answers what the next transaction may take for known, and the nearest deadline.
    pub fn commit(mut self) -> Result<(Known, Option<i64>), StoreError> {
        let committed = self.close();
        if committed.is_err() {
            roll_back(self.conn);
        }
        committed.map(|nearest| (self.known, nearest))
    }

    fn close(&mut self) -> Result<Option<i64>, StoreError> {
        let add_tally = &mut self.statements.add_tally;
        self.deltas
            .each(|name, n| add_tally.execute(params![name, n]).map(drop))
            .map_err(store_error)?;
        let nearest =
            self.statements.nearest.query_row([], |row| row.get(0)).map_err(store_error)?;
        self.statements.commit.execute([]).map_err(store_error)?;
        Ok(nearest)
    }

    /// Gives everything up.
    pub fn roll_back(self) {
        roll_back(self.conn);
    }

    /// Carries a request out, or answers it from memory.
    pub fn execute(&mut self, request: &Request) -> Result<Done, Fault> {
        if let Some(done) = self.replay(request)? {
            return Ok(done);
        }
        let state = self.load(&request.command.concerns())?;
        let known = state.contacts.clone();
        let context =
            decide::Context { actor: &request.actor, now: request.now, policy: self.policy };
        let decision = decide(state, request.command.clone(), context)
            .map_err(|refusal| Fault::Clean(refusal.into()))?;
        let plan =
            plan::plan(request, &decision, &known, self.known.head + 1, &self.policy.region)?;
        self.write(&plan, &decision, request).map_err(Fault::Torn)?;
        self.remember(&plan, &decision);
        Ok(Done { answer: decision.answer, replayed: false })
    }

    /// The first answer to a request that comes again.
    fn replay(&mut self, request: &Request) -> Result<Option<Done>, Fault> {
        let forgotten = rows::ms(request.now)
            .saturating_sub(i64::try_from(IDEMPOTENCY_KEPT.as_millis()).unwrap_or(i64::MAX));
        let mut missing = false;
        let mut found = None;
        for (scope, key, fingerprint) in plan::reply_places(request) {
            let row = self
                .statements
                .reply
                .query_row(params![scope, key, forgotten], |row| {
                    let same =
                        row.get_ref(0)?.as_blob_or_null()? == fingerprint.map(<[u8; 32]>::as_slice);
                    Ok((same, row.get::<_, String>(1)?))
                })
                .optional()
                .map_err(store_error)?;
            match row {
                Some((false, _)) => return Err(Fault::Clean(Refusal::KeyReused.into())),
                Some((true, answer)) => {
                    found = Some(rows::read_doc("replies", scope, &answer)?);
                    break;
                }
                None => missing = true,
            }
        }
        let Some(answer) = found else { return Ok(None) };
        // The call is known, the sender's key for this delivery of it is not: from now on it is.
        if missing && let Some(reply) = plan::replies(request, &answer)?.first() {
            self.put_reply(reply).map_err(Fault::Torn)?;
        }
        Ok(Some(Done { answer, replayed: true }))
    }

    fn load(&mut self, concerns: &Concerns<'_>) -> Result<State, StoreError> {
        let mut state = State { roster: Arc::clone(&self.known.roster), ..State::default() };
        match concerns {
            Concerns::Caller { .. } => {
                for key in concerns.keys() {
                    let (kind, value) = key.parts();
                    let Some(id) = self.contact_of_key(kind, value)? else { continue };
                    if state.contacts.iter().any(|known| *known.id.0.as_bytes() == id) {
                        continue;
                    }
                    state.contacts.extend(self.contact(&id)?);
                    state.leads.extend(self.open_lead(&id)?);
                }
            }
            Concerns::Lead(id) | Concerns::LeadAndSibling(id) => {
                let Some(lead) = self.lead(*id)? else { return Ok(state) };
                let contact = *lead.contact_id.0.as_bytes();
                state.contacts.extend(self.contact(&contact)?);
                let sibling = match concerns {
                    Concerns::LeadAndSibling(_) => {
                        self.open_lead(&contact)?.filter(|sibling| sibling.id != *id)
                    }
                    _ => None,
                };
                state.leads.push(lead);
                state.leads.extend(sibling);
            }
            Concerns::Contacts(first, second) => {
                for ContactId(id) in [first, second] {
                    state.contacts.extend(self.contact(id.as_bytes())?);
                    state.leads.extend(self.open_lead(id.as_bytes())?);
                }
            }
            Concerns::Call(sid) => {
                let json = self
                    .statements
                    .call
                    .query_row(params![sid], |row| row.get::<_, String>(0))
                    .optional()
                    .map_err(store_error)?;
                state.call = json.map(|json| rows::read_doc("calls", "?", &json)).transpose()?;
            }
            Concerns::Staff => {}
        }
        Ok(state)
    }

    fn contact_of_key(&mut self, kind: &str, value: &str) -> Result<Option<Bytes16>, StoreError> {
        self.statements
            .contact_of_key
            .query_row(params![kind, value], |row| row.get(0))
            .optional()
            .map_err(store_error)
    }

    fn contact(&mut self, id: &Bytes16) -> Result<Option<Contact>, StoreError> {
        document(&mut self.statements.contact, params![id], "contacts", id)
    }

    fn lead(&mut self, id: LeadId) -> Result<Option<Lead>, StoreError> {
        document(&mut self.statements.lead, params![id.0.as_bytes()], "leads", id.0.as_bytes())
    }

    fn open_lead(&mut self, contact: &Bytes16) -> Result<Option<Lead>, StoreError> {
        let open: &[u8] = &[];
        document(&mut self.statements.open_lead, params![contact, open], "leads", contact)
    }

    fn write(
        &mut self,
        plan: &Plan,
        decision: &Decision,
        request: &Request,
    ) -> Result<(), StoreError> {
        for contact in &plan.contacts {
            self.put_contact(contact)?;
        }
        for lead in &plan.leads {
            self.put_lead(lead)?;
        }
        for deadline in &plan.deadlines_gone {
            self.statements
                .drop_deadline
                .execute(params![deadline.at, deadline.lead, deadline.kind])
                .map_err(store_error)?;
        }
        for deadline in &plan.deadlines_new {
            self.statements
                .add_deadline
                .execute(params![deadline.at, deadline.lead, deadline.kind])
                .map_err(store_error)?;
        }
        for entry in &plan.entries {
            self.statements
                .add_entry
                .execute(params![entry.seq, entry.at, entry.kind, entry.lead, entry.json])
                .map_err(store_error)?;
        }
        for reply in &plan.replies {
            self.put_reply(reply)?;
        }
        self.put_rest(decision, request)
    }

    /// What only few commands write.
    fn put_rest(&mut self, decision: &Decision, request: &Request) -> Result<(), StoreError> {
        for person in &decision.people {
            self.statements
                .put_person
                .execute(params![person.id.as_str(), rows::write_doc(person)?])
                .map_err(store_error)?;
        }
        for token in &decision.tokens {
            self.change_token(token)?;
        }
        for call in &decision.calls {
            self.statements
                .put_call
                .execute(params![call.call_sid, rows::ms(call.started_at), rows::write_doc(call)?])
                .map_err(store_error)?;
        }
        for message in &decision.messages {
            let lead = message.lead.map(|id| *id.0.as_bytes());
            let body = rows::write_doc(&message.body)?;
            self.statements
                .add_message
                .execute(params![message.destination, lead, body, rows::ms(request.now)])
                .map_err(store_error)?;
        }
        Ok(())
    }

    fn put_contact(&mut self, plan: &ContactPlan) -> Result<(), StoreError> {
        let row = &plan.row;
        for (kind, value) in &plan.keys_gone {
            self.statements.drop_key.execute(params![kind, value, row.id]).map_err(store_error)?;
        }
        match row.rev_before {
            None => {
                self.statements
                    .add_contact
                    .execute(params![row.id, row.rev, row.merged_into, row.doc])
                    .map_err(store_error)?;
            }
            Some(before) => {
                let touched = self
                    .statements
                    .change_contact
                    .execute(params![row.rev, row.merged_into, row.doc, row.id, before])
                    .map_err(store_error)?;
                exactly_one(touched, "contacts", &row.id)?;
            }
        }
        if row.merged_into.is_some() {
            self.statements
                .follow_merge
                .execute(params![row.merged_into, row.id])
                .map_err(store_error)?;
        }
        for (kind, value) in &plan.keys_new {
            self.statements.add_key.execute(params![kind, value, row.id]).map_err(store_error)?;
        }
        Ok(())
    }

    fn put_lead(&mut self, row: &LeadRow) -> Result<(), StoreError> {
        let place = &row.place;
        let Some(before) = row.rev_before else {
            self.statements
                .add_lead
                .execute(params![
                    place.id,
                    row.contact_id,
                    row.rev,
                    row.open_slot(),
                    row.shelf,
                    row.night_rank,
                    place.tier_rank,
                    place.due_sort,
                    place.value_sort,
                    place.ended_at,
                    row.desk,
                    row.owner,
                    row.holder,
                    row.doc,
                ])
                .map_err(store_error)?;
            return Ok(());
        };
        let touched = self
            .statements
            .change_lead
            .execute(params![
                row.contact_id,
                row.rev,
                row.open_slot(),
                row.shelf,
                row.night_rank,
                place.tier_rank,
                place.due_sort,
                place.value_sort,
                place.ended_at,
                row.desk,
                row.owner,
                row.holder,
                row.doc,
                place.id,
                before,
            ])
            .map_err(store_error)?;
        exactly_one(touched, "leads", &place.id)
    }

    fn put_reply(&mut self, reply: &plan::ReplyRow) -> Result<(), StoreError> {
        self.statements
            .put_reply
            .execute(params![reply.scope, reply.key, reply.fingerprint, reply.answer, reply.at])
            .map(drop)
            .map_err(store_error)
    }

    fn change_token(&mut self, change: &TokenChange) -> Result<(), StoreError> {
        match change {
            TokenChange::Add { hash, owner, expires_at } => {
                let person = match owner {
                    TokenOwner::Person { id } => Some(id.as_str()),
                    TokenOwner::Key { .. } => None,
                };
                let expires_at = expires_at.map(rows::ms);
                self.statements.add_token.execute(params![
                    hash,
                    person,
                    rows::write_doc(owner)?,
                    expires_at
                ])
            }
            TokenChange::RevokeAllOf { owner } => {
                self.statements.revoke_tokens.execute(params![owner.as_str()])
            }
        }
        .map(drop)
        .map_err(store_error)
    }

    /// Keeps what is known in step with what was written.
    fn remember(&mut self, plan: &Plan, decision: &Decision) {
        if let Some(last) = plan.entries.last() {
            self.known.head = last.seq;
        }
        self.deltas.add(&plan.tallies);
        if plan.tallies.people().is_empty() && decision.people.is_empty() {
            return;
        }
        let roster = Arc::make_mut(&mut self.known.roster);
        for person in &decision.people {
            tally::put_person(roster, person.clone());
        }
        for delta in plan.tallies.people() {
            tally::add_load(roster, delta.id.as_str(), delta.load);
        }
    }

    /// Writes down who looked.
    pub fn record(&mut self, accesses: &[Access]) -> Result<(), Fault> {
        for access in accesses {
            let actor = rows::write_doc(&access.actor)?;
            let lead = access.lead.map(|id| *id.0.as_bytes());
            self.statements
                .add_access
                .execute(params![rows::ms(access.at), actor, access.what, lead])
                .map_err(|fault| Fault::Torn(store_error(fault)))?;
        }
        Ok(())
    }

    /// Forgets what has had its time.
    pub fn sweep(&mut self, now: jiff::Timestamp) -> Result<u64, Fault> {
        let kept = i64::try_from(IDEMPOTENCY_KEPT.as_millis()).unwrap_or(i64::MAX);
        let now = rows::ms(now);
        let torn = |fault| Fault::Torn(store_error(fault));
        let replies = self
            .statements
            .sweep_replies
            .execute(params![now.saturating_sub(kept)])
            .map_err(torn)?;
        let tokens = self.statements.sweep_tokens.execute(params![now]).map_err(torn)?;
        Ok((replies + tokens) as u64)
    }
}

fn roll_back(conn: &Connection) {
    // After some faults SQLite has rolled back by itself, and then this says so: nothing is left to do.
    if !conn.is_autocommit() {
        let _ = conn.execute_batch("ROLLBACK");
    }
}

/// What is known at the start of a transaction: the same as before, if nobody else has written since.
fn learn(statements: &mut Statements<'_>, known: Option<Known>) -> Result<Known, StoreError> {
    let version = statements.version.query_row([], |row| row.get(0)).map_err(store_error)?;
    match known {
        Some(known) if known.version == version => Ok(known),
        _ => Ok(Known {
            version,
            head: statements.head.query_row([], |row| row.get(0)).map_err(store_error)?,
            roster: Arc::new(roster(&mut statements.people, &mut statements.tallies)?),
        }),
    }
}

/// Everyone, with their open leads.
pub fn roster(
    people: &mut Statement<'_>,
    tallies: &mut Statement<'_>,
) -> Result<Roster, StoreError> {
    let mut roster = Roster::default();
    let mut rows = people.query([]).map_err(store_error)?;
    while let Some(row) = rows.next().map_err(store_error)? {
        let id: String = row.get(0).map_err(store_error)?;
        let doc = row
            .get_ref(1)
            .map_err(store_error)?
            .as_str()
            .map_err(|fault| store_error(fault.into()))?;
        tally::put_person(&mut roster, rows::read_doc("people", id, doc)?);
    }
    let mut rows = tallies.query([]).map_err(store_error)?;
    while let Some(row) = rows.next().map_err(store_error)? {
        let name: String = row.get(0).map_err(store_error)?;
        if let Some(id) = tally::load_of(&name) {
            tally::add_load(&mut roster, id, row.get(1).map_err(store_error)?);
        }
    }
    Ok(roster)
}

fn document<T: serde::de::DeserializeOwned>(
    statement: &mut Statement<'_>,
    params: impl rusqlite::Params,
    table: &'static str,
    key: &Bytes16,
) -> Result<Option<T>, StoreError> {
    let mut rows = statement.query(params).map_err(store_error)?;
    let Some(row) = rows.next().map_err(store_error)? else { return Ok(None) };
    let json =
        row.get_ref(0).map_err(store_error)?.as_str().map_err(|fault| {
            rows::damaged(table, uuid::Uuid::from_bytes(*key), fault.to_string())
        })?;
    rows::read_doc(table, uuid::Uuid::from_bytes(*key), json).map(Some)
}

fn exactly_one(touched: usize, table: &'static str, key: &Bytes16) -> Result<(), StoreError> {
    if touched == 1 {
        return Ok(());
    }
    Err(StoreError::Conflict { table, key: uuid::Uuid::from_bytes(*key).to_string() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::{Timestamp, tz::TimeZone};
    use serde_json::json;

    use super::*;
    use crate::{
        domain::{
            command::Command,
            decision::{Answer, Message},
            hours::{Calendar, Week},
            journal::Actor,
        },
        store::sqlite::{
            connection::{PageCache, migrate, open_writer},
            questions,
        },
    };

    /// No rule sends messages yet: until one does, this shows that they would be written.
    #[test]
    fn messages_wait_in_the_outbox_from_the_moment_of_their_cause() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = open_writer(&folder.path().join("ringback.db"), PageCache(256)).unwrap();
        migrate(&mut conn).unwrap();
        let calendar = Calendar::new(TimeZone::UTC, Week::mon_to_fri(9, 17), BTreeSet::new());
        let policy = Policy::starter(calendar);
        let now: Timestamp = "2026-11-24T08:52:00Z".parse().unwrap();
        let lead = LeadId(uuid::Uuid::from_u128(7));
        let message = |destination: &str, lead| Message {
            destination: destination.into(),
            lead,
            body: json!({ "text": "one for you" }),
        };
        let decision = Decision {
            messages: vec![message("slack:#inbound", Some(lead)), message("crm:hubspot", None)],
            ..Decision::answer(Answer::Done)
        };
        let request = Request {
            command: Command::Claim { lead, take_over: false },
            actor: Actor::Clock,
            now,
            idempotency: None,
        };
        let mut statements = Statements::prepare(&conn).unwrap();
        let mut transaction = Transaction::begin(&conn, &mut statements, &policy, None).unwrap();
        transaction.write(&Plan::default(), &decision, &request).unwrap();
        transaction.commit().unwrap();

        let waiting = questions::outbox(&conn, now, 10).unwrap();
        let told: Vec<_> = waiting.iter().map(|row| (&*row.destination, row.lead)).collect();
        assert_eq!(told, [("slack:#inbound", Some(lead)), ("crm:hubspot", None)]);
        assert_eq!(waiting[0].body, json!({ "text": "one for you" }));
        assert_eq!((waiting[0].tries, waiting[0].not_before), (0, now));
        let before = now - jiff::SignedDuration::from_millis(1);
        assert!(questions::outbox(&conn, before, 10).unwrap().is_empty());
    }
}
