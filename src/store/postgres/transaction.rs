//! One transaction of the writer: up to a batch of requests, each loaded, decided and written.
//!
//! Under the writers' lock nobody else writes, on no server. So what was loaded stays true until the commit, but for what
//! this transaction itself changes.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tokio_postgres::{Client, Error, Row};

use super::{
    connection::store_error,
    load::{self, Changes, Found, Loaded},
    sql::WRITERS_LOCK,
    start::{Started, row, rows, start, touched},
    statements::Statements,
    value::Value,
    write::{self, Write},
};
use crate::{
    domain::{
        decide::{self, decide},
        decision::{Answer, Decision, State},
        ids::Seq,
        person::Roster,
        policy::Policy,
    },
    store::{
        Done, Request, StoreError,
        plan::{self, Plan},
        rows as columns,
        tally::{self, Deltas},
    },
};

/// Requests after whose writes the connection gets its turn, so that the database works while we decide the next.
const TURN: usize = 4;

/// What a server knows without asking, as long as the journal's head is the one that it has left: every change of people
/// and of their open work has an entry, so an equal head means that no other server has written.
pub struct Known {
    pub head: Seq,
    roster: Arc<Roster>,
}

/// A connection with its statements.
pub struct Desk<'c> {
    pub client: &'c Client,
    pub statements: &'c Statements,
    pub policy: &'c Policy,
}

/// What a transaction has come to.
pub struct Committed {
    pub known: Known,
    /// The nearest deadline in milliseconds, where anything was written; else it is as it was.
    pub nearest: Option<Option<i64>>,
    /// One for each request, in their order.
    pub outcomes: Vec<Result<Done, StoreError>>,
}

/// Carries requests out in one transaction. When it returns, they are on disk.
///
/// # Errors
/// The transaction could not be carried out, and nothing of it is written. But for a commit whose answer was lost with the
/// connection: then nobody knows, and a repeat under the same `Idempotency-Key` finds out.
pub async fn transact(
    desk: &Desk<'_>,
    known: Option<Known>,
    requests: &[&Request],
) -> Result<Committed, StoreError> {
    let mut transaction = Transaction::begin(desk, known, requests).await?;
    transaction.carry_out(requests).await?;
    transaction.commit().await
}

struct Transaction<'c> {
    desk: &'c Desk<'c>,
    known: Known,
    loaded: Vec<Loaded>,
    changes: Changes,
    deltas: Deltas,
    written: Vec<Written<'c>>,
    head_before: Seq,
    outcomes: Vec<Result<Done, StoreError>>,
}

/// A write on its way, and the row that it must have found.
type Written<'c> = (Started<'c, Result<u64, Error>>, Option<(&'static str, columns::Bytes16)>);

impl<'c> Transaction<'c> {
    async fn begin(
        desk: &'c Desk<'c>,
        known: Option<Known>,
        requests: &[&Request],
    ) -> Result<Self, StoreError> {
        let Desk { client, statements, .. } = *desk;
        let begin = start(touched(client, &statements.begin, Vec::new())).await;
        let lock = start(row(client, &statements.lock, vec![WRITERS_LOCK.into()])).await;
        // Only now, behind the lock, is the head the last one.
        let head = start(row(client, &statements.head, Vec::new())).await;
        let loaded = load::load(client, statements, requests, 0).await;
        begin.end().await.map_err(store_error)?;
        lock.end().await.map_err(store_error)?;
        let head: Seq = match head.end().await.map_err(store_error)? {
            Some(row) => row.try_get(0).map_err(store_error)?,
            None => 0,
        };
        let known = match known {
            Some(known) if known.head == head => known,
            _ => Known { head, roster: Arc::new(roster(client, statements).await?) },
        };
        Ok(Transaction {
            desk,
            known,
            loaded: loaded?,
            changes: Changes::default(),
            deltas: Deltas::default(),
            written: Vec::new(),
            head_before: head,
            outcomes: Vec::with_capacity(requests.len()),
        })
    }

    async fn carry_out(&mut self, requests: &[&Request]) -> Result<(), StoreError> {
        for (place, request) in requests.iter().enumerate() {
            if self.changes.overtake(&self.loaded[place]) {
                self.load_again(requests, place).await?;
            }
            let outcome = self.execute(place, request).await;
            self.outcomes.push(outcome);
            if place % TURN == TURN - 1 {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// Loads every request from `place` on that an earlier one has overtaken.
    async fn load_again(&mut self, requests: &[&Request], place: usize) -> Result<(), StoreError> {
        let overtaken: Vec<usize> = (place..requests.len())
            .filter(|later| self.changes.overtake(&self.loaded[*later]))
            .collect();
        let again: Vec<&Request> = overtaken.iter().map(|later| requests[*later]).collect();
        let Desk { client, statements, .. } = *self.desk;
        let loaded = load::load(client, statements, &again, place).await?;
        for (later, loaded) in overtaken.into_iter().zip(loaded) {
            self.loaded[later] = loaded;
        }
        Ok(())
    }

    /// Decides a request and sends its writes. An error is this request's own: nothing was sent for it.
    async fn execute(&mut self, place: usize, request: &Request) -> Result<Done, StoreError> {
        let nothing = Err(StoreError::Failed("the request was answered already".into()));
        match std::mem::replace(&mut self.loaded[place].found, nothing)? {
            Found::Before { answer, missing } => self.replay(place, request, answer, missing).await,
            Found::State(state) => self.decide(place, request, state).await,
        }
    }

    async fn replay(
        &mut self,
        place: usize,
        request: &Request,
        answer: Answer,
        missing: bool,
    ) -> Result<Done, StoreError> {
        // The call is known, the sender's key for this delivery of it is not: from now on it is.
        if missing && let Some(reply) = plan::replies(request, &answer)?.first() {
            self.changes.note_reply(place, reply);
            self.send(write::put_reply(self.desk.statements, reply)).await;
        }
        Ok(Done { answer, replayed: true })
    }

    async fn decide(
        &mut self,
        place: usize,
        request: &Request,
        mut state: State,
    ) -> Result<Done, StoreError> {
        state.roster = Arc::clone(&self.known.roster);
        let policy = self.desk.policy;
        let next = self.known.head + 1;
        // A rule that panics must not take the desk down with it.
        let decided = catch_unwind(AssertUnwindSafe(|| {
            let contacts = state.contacts.clone();
            let context = decide::Context { actor: &request.actor, now: request.now, policy };
            let decision = decide(state, request.command.clone(), context)?;
            let plan = plan::plan(request, &decision, &contacts, next, &policy.region)?;
            Ok::<_, StoreError>((decision, plan))
        }));
        let (decision, mut plan) = decided.unwrap_or_else(|_| {
            Err(StoreError::Failed("the request could not be carried out".into()))
        })?;
        self.changes.note(place, &plan, &decision);
        for write in write::writes(self.desk.statements, &mut plan, &decision, request)? {
            self.send(write).await;
        }
        self.remember(&plan, &decision);
        Ok(Done { answer: decision.answer, replayed: false })
    }

    async fn send(&mut self, write: Write<'c>) {
        let Write { statement, values, only } = write;
        self.written.push((start(touched(self.desk.client, statement, values)).await, only));
    }

    /// Keeps what is known in step with what was sent.
    fn remember(&mut self, plan: &Plan, decision: &Decision) {
        if let Some(last) = plan.entries.last() {
            self.known.head = last.seq;
        }
        self.deltas.add(&plan.tallies);
        if decision.people.is_empty() && plan.tallies.people().is_empty() {
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

    async fn commit(mut self) -> Result<Committed, StoreError> {
        let nearest = if self.written.is_empty() { None } else { Some(self.conclude().await?) };
        let Desk { client, statements, .. } = *self.desk;
        client
            .execute_raw(&statements.commit, Vec::<Value>::new())
            .await
            .map_err(lost_at_commit)?;
        Ok(Committed { known: self.known, nearest, outcomes: self.outcomes })
    }

    /// Writes what all requests have in common, waits for every write, and answers the nearest deadline.
    async fn conclude(&mut self) -> Result<Option<i64>, StoreError> {
        let Desk { client, statements, .. } = *self.desk;
        let mut tallies = Vec::new();
        let all = self.deltas.each(|name, n| {
            tallies.push(vec![Value::text(name), n.into()]);
            Ok::<_, std::convert::Infallible>(())
        });
        all.unwrap_or_else(|never| match never {});
        for values in tallies {
            self.send(Write { statement: &statements.add_tally, values, only: None }).await;
        }
        // Others are told by the same statement, and hear of it when the commit has gone through.
        let nearest = if self.known.head == self.head_before {
            start(row(client, &statements.nearest, Vec::new())).await
        } else {
            let head = Value::text(self.known.head.to_string());
            start(row(client, &statements.nearest_and_tell, vec![head])).await
        };
        for (written, only) in self.written.drain(..) {
            let touched = written.end().await.map_err(store_error)?;
            if let Some((table, key)) = only.filter(|_| touched != 1) {
                let key = uuid::Uuid::from_bytes(key).to_string();
                return Err(StoreError::Conflict { table, key });
            }
        }
        let nearest = nearest.end().await.map_err(store_error)?;
        Ok(nearest.map(|row| row.try_get(0)).transpose().map_err(store_error)?.flatten())
    }
}

/// Head and nearest deadline as another server has told them.
pub fn heard(told: &str) -> Option<(Seq, Option<i64>)> {
    let (head, nearest) = told.split_once(' ')?;
    let nearest = match nearest {
        "-" => None,
        at => Some(at.parse().ok()?),
    };
    Some((head.parse().ok()?, nearest))
}

fn lost_at_commit(fault: Error) -> StoreError {
    match store_error(fault) {
        StoreError::Unavailable(why) => StoreError::Unavailable(format!(
            "{why} while it was saving: whether it has saved is not known, and the same request with the same Idempotency-Key finds out"
        )),
        other => other,
    }
}

/// Everyone, with their open leads.
async fn roster(client: &Client, statements: &Statements) -> Result<Roster, StoreError> {
    let people = start(rows(client, &statements.people, Vec::new())).await;
    let tallies = start(rows(client, &statements.tallies, Vec::new())).await;
    let people = people.end().await.map_err(store_error)?;
    roster_of(&people, &tallies.end().await.map_err(store_error)?)
}

/// Everyone, with their open leads, from the rows of both tables.
///
/// # Errors
/// [`StoreError::Damaged`].
pub fn roster_of(people: &[Row], tallies: &[Row]) -> Result<Roster, StoreError> {
    let mut roster = Roster::default();
    for row in people {
        tally::put_person(&mut roster, load::document("people", row, 1)?);
    }
    for row in tallies {
        let name: &str = row.try_get(0).map_err(store_error)?;
        if let Some(id) = tally::load_of(name) {
            tally::add_load(&mut roster, id, row.try_get(1).map_err(store_error)?);
        }
    }
    Ok(roster)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_servers_tell_is_understood() {
        assert_eq!(heard("7 -"), Some((7, None)));
        assert_eq!(
            heard("9000000000 1795539600000"),
            Some((9_000_000_000, Some(1_795_539_600_000)))
        );
        for junk in ["", "7", "7 ", "- -", "7 soon"] {
            assert_eq!(heard(junk), None, "{junk}");
        }
    }
}
