//! One transaction of the writer: up to a batch of requests, each loaded, decided and written.
//!
//! Under the writers' lock nobody else writes, on no server. So what was loaded stays true until the commit, but for what
//! this transaction itself changes.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use tokio_postgres::{Client, Error, Row};

use super::{
    connection::store_error,
    load::{self, Found, Memory},
    sql::WRITERS_LOCK,
    start::{Started, row, rows, start, touched, within},
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
    /// How long to wait for an answer.
    pub patience: Duration,
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
    memory: Memory,
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
        let Desk { client, statements, patience, .. } = *desk;
        let begin = start(touched(client, &statements.begin, Vec::new())).await;
        let lock = start(row(client, &statements.lock, vec![WRITERS_LOCK.into()])).await;
        // Only now, behind the lock, is the head the last one.
        let head = start(row(client, &statements.head, Vec::new())).await;
        let mut memory = Memory::default();
        memory.load(client, statements, requests, patience).await?;
        begin.end().await.map_err(store_error)?;
        lock.end().await.map_err(store_error)?;
        let head: Seq = match within(patience, head.end()).await?.map_err(store_error)? {
            Some(row) => row.try_get(0).map_err(store_error)?,
            None => 0,
        };
        let known = match known {
            Some(known) if known.head == head => known,
            _ => {
                let roster = within(patience, roster(client, statements)).await??;
                Known { head, roster: Arc::new(roster) }
            }
        };
        Ok(Transaction {
            desk,
            known,
            memory,
            deltas: Deltas::default(),
            written: Vec::new(),
            head_before: head,
            outcomes: Vec::with_capacity(requests.len()),
        })
    }

    async fn carry_out(&mut self, requests: &[&Request]) -> Result<(), StoreError> {
        for (place, request) in requests.iter().enumerate() {
            // An earlier one may have changed what this one concerns: then some of it may not be known yet.
            let Desk { client, statements, patience, .. } = *self.desk;
            self.memory.load(client, statements, &[request], patience).await?;
            let outcome = self.execute(request).await;
            self.outcomes.push(outcome);
            if place % TURN == TURN - 1 {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// Decides a request and sends its writes. An error is this request's own: nothing was sent for it.
    async fn execute(&mut self, request: &Request) -> Result<Done, StoreError> {
        match self.memory.found(request)? {
            Found::Before { answer, missing } => self.replay(request, answer, missing).await,
            Found::State(state) => self.decide(request, state).await,
        }
    }

    async fn replay(
        &mut self,
        request: &Request,
        answer: Answer,
        missing: bool,
    ) -> Result<Done, StoreError> {
        // The call is known, the sender's key for this delivery of it is not: from now on it is.
        if missing && let Some(reply) = plan::replies(request, &answer)?.into_iter().next() {
            self.send(write::put_reply(self.desk.statements, &reply)).await;
            self.memory.take_in_reply(reply);
        }
        Ok(Done { answer, replayed: true })
    }

    async fn decide(&mut self, request: &Request, mut state: State) -> Result<Done, StoreError> {
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
        for write in write::writes(self.desk.statements, &mut plan, &decision, request)? {
            self.send(write).await;
        }
        self.remember(&plan, &decision);
        let answer = decision.answer.clone();
        self.memory.take_in(plan, decision);
        Ok(Done { answer, replayed: false })
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
        let Desk { client, statements, patience, .. } = *self.desk;
        let committed = within(patience, touched(client, &statements.commit, Vec::new())).await;
        committed.and_then(|done| done.map_err(store_error)).map_err(lost_at_commit)?;
        Ok(Committed { known: self.known, nearest, outcomes: self.outcomes })
    }

    /// Writes what all requests have in common, waits for every write, and answers the nearest deadline.
    async fn conclude(&mut self) -> Result<Option<i64>, StoreError> {
        let Desk { client, statements, patience, .. } = *self.desk;
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
            let touched = within(patience, written.end()).await?.map_err(store_error)?;
            if let Some((table, key)) = only.filter(|_| touched != 1) {
                let key = uuid::Uuid::from_bytes(key).to_string();
                return Err(StoreError::Conflict { table, key });
            }
        }
        let nearest = within(patience, nearest.end()).await?.map_err(store_error)?;
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

fn lost_at_commit(error: StoreError) -> StoreError {
    match error {
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
