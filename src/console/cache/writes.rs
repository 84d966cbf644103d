//! The thread that writes: what comes within a moment goes into one commit.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{CacheError, Generation, Saved, broken};
use crate::{
    console::{
        app::Me,
        journal,
        msg::{Kept, Msg},
        row::{Owner, Row, State},
    },
    domain::ids::{LeadId, Seq},
    wire,
};

/// How long changes are gathered for one commit.
const GATHER: Duration = Duration::from_millis(200);
/// Leads and entries in one commit.
const BATCH: usize = 500;
/// Histories kept.
const HISTORIES: i64 = 2_000;

/// Something to write.
#[derive(Debug)]
pub(in crate::console) enum Change {
    Entry { entry: Arc<wire::Entry>, row: Option<Row> },
    Page { leads: Vec<Saved>, generation: Generation },
    Reloaded { generation: Generation, seq: Seq, as_of: Timestamp },
    History { lead: LeadId, history: Arc<wire::History> },
    Journal(Vec<Arc<wire::Entry>>),
    Hello { me: Me, business: wire::Business },
    AsOf(Timestamp),
    Keep { kept: Kept, done: oneshot::Sender<Result<(), String>> },
    DropKept(Uuid),
    Refused { key: Uuid, why: Option<String> },
}

impl Change {
    fn weight(&self) -> usize {
        match self {
            Change::Page { leads, .. } => leads.len(),
            Change::Journal(entries) => entries.len(),
            _ => 1,
        }
    }

    /// Somebody waits for it, or it must not be done twice: it is committed at once.
    fn is_urgent(&self) -> bool {
        matches!(self, Change::Keep { .. } | Change::DropKept(_) | Change::Refused { .. })
    }
}

pub(super) fn run(
    mut connection: Connection,
    changes: &Receiver<Change>,
    token: &str,
    out: &mpsc::Sender<Msg>,
) {
    let mut told = false;
    while let Ok(first) = changes.recv() {
        let batch = gather(first, changes);
        let result = commit(&mut connection, &batch, token);
        if let Err(error) = &result
            && !told
        {
            told = true;
            broken(out, error);
        }
        let said = result.map_err(|error| error.to_string());
        for change in batch {
            if let Change::Keep { done, .. } = change {
                // Who asked may have gone.
                let _ = done.send(said.clone());
            }
        }
    }
}

fn gather(first: Change, changes: &Receiver<Change>) -> Vec<Change> {
    let until = Instant::now() + GATHER;
    let mut weight = first.weight();
    let mut urgent = first.is_urgent();
    let mut batch = vec![first];
    while weight < BATCH && !urgent {
        match changes.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(change) => {
                weight += change.weight();
                urgent = change.is_urgent();
                batch.push(change);
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    batch
}

fn commit(connection: &mut Connection, batch: &[Change], token: &str) -> Result<(), CacheError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for change in batch {
        apply(&transaction, change, token)?;
    }
    transaction.commit()?;
    Ok(())
}

fn apply(to: &Transaction<'_>, change: &Change, token: &str) -> Result<(), CacheError> {
    match change {
        Change::Entry { entry, row } => {
            if let (Some(row), Some(lead)) = (row, &entry.lead) {
                put(to, row, || serde_json::to_string(lead).unwrap_or_default(), None)?;
            }
            journal(to, std::slice::from_ref(entry))?;
            meta(to, "seq", &entry.seq.to_string())?;
        }
        Change::Page { leads, generation } => {
            for Saved { row, json } in leads {
                put(to, row, || json.to_string(), Some(*generation))?;
            }
        }
        Change::Reloaded { generation, seq, as_of } => {
            to.execute("DELETE FROM rows WHERE generation IS NOT ?1", [generation.0.as_bytes()])?;
            to.execute("DELETE FROM leads WHERE id NOT IN (SELECT id FROM rows)", [])?;
            meta(to, "seq", &seq.to_string())?;
            meta(to, "as_of", &as_of.to_string())?;
        }
        Change::History { lead, history } => keep_history(to, *lead, history)?,
        Change::Journal(entries) => journal(to, entries)?,
        Change::Hello { me, business } => {
            meta(to, "me", &serde_json::to_string(me).unwrap_or_default())?;
            meta(to, "business", &serde_json::to_string(business).unwrap_or_default())?;
            meta(to, "token", token)?;
        }
        Change::AsOf(at) => meta(to, "as_of", &at.to_string())?,
        Change::Keep { kept, .. } => keep(to, kept)?,
        Change::DropKept(key) => {
            to.execute("DELETE FROM outbox WHERE key = ?1", [key.as_bytes()])?;
        }
        Change::Refused { key, why } => {
            to.execute(
                "UPDATE outbox SET refused = ?2 WHERE key = ?1",
                params![key.as_bytes(), why],
            )?;
        }
    }
    Ok(())
}

/// Puts a lead in; an older one than what is there is passed over, a closed one is taken out.
fn put(
    to: &Transaction<'_>,
    row: &Row,
    json: impl FnOnce() -> String,
    generation: Option<Generation>,
) -> Result<(), CacheError> {
    let id = row.id.0.as_bytes();
    let newer: bool = to
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM rows WHERE id = ?1 AND rev > ?2)")?
        .query_row(params![id, row.rev], |found| found.get(0))?;
    let generation = generation.map(|generation| *generation.0.as_bytes());
    if newer {
        // It is in the queue all the same.
        to.prepare_cached("UPDATE rows SET generation = ?2 WHERE id = ?1")?
            .execute(params![id, generation])?;
        return Ok(());
    }
    to.prepare_cached("DELETE FROM rows WHERE id = ?1")?.execute([id])?;
    if row.state == State::Closed {
        to.prepare_cached("DELETE FROM leads WHERE id = ?1")?.execute([id])?;
        return Ok(());
    }
    let owner = match &row.owner {
        Owner::Person(id) => Some(id.as_str()),
        _ => None,
    };
    to.prepare_cached(
        "INSERT INTO rows (shelf, place, id, rev, holder, owner, generation, row)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        row.shelf() as u8,
        row.place(),
        id,
        row.rev,
        row.holder.as_ref().map(|holder| holder.id.as_str()),
        owner,
        generation,
        row.to_blob(),
    ])?;
    to.prepare_cached("INSERT OR REPLACE INTO leads (id, json) VALUES (?1, ?2)")?
        .execute(params![id, json()])?;
    Ok(())
}

fn journal(to: &Transaction<'_>, entries: &[Arc<wire::Entry>]) -> Result<(), CacheError> {
    let mut insert =
        to.prepare_cached("INSERT OR REPLACE INTO journal (seq, json) VALUES (?1, ?2)")?;
    for entry in entries {
        let json = serde_json::to_string(entry.as_ref()).unwrap_or_default();
        insert.execute(params![entry.seq, json])?;
    }
    let kept = i64::try_from(journal::KEPT).unwrap_or(i64::MAX);
    to.prepare_cached("DELETE FROM journal WHERE seq <= (SELECT max(seq) FROM journal) - ?1")?
        .execute([kept])?;
    Ok(())
}

fn keep_history(
    to: &Transaction<'_>,
    lead: LeadId,
    history: &wire::History,
) -> Result<(), CacheError> {
    // The time of a row is the order in which it was kept.
    to.execute(
        "INSERT OR REPLACE INTO histories (lead, kept, json)
         VALUES (?1, (SELECT coalesce(max(kept), 0) + 1 FROM histories), ?2)",
        params![lead.0.as_bytes(), serde_json::to_string(history).unwrap_or_default()],
    )?;
    to.execute(
        "DELETE FROM histories WHERE kept <= (SELECT max(kept) FROM histories) - ?1",
        [HISTORIES],
    )?;
    Ok(())
}

fn keep(to: &Transaction<'_>, kept: &Kept) -> Result<(), CacheError> {
    to.execute(
        "INSERT OR IGNORE INTO outbox (key, lead, name, by, write, at, refused)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            kept.key.as_bytes(),
            kept.lead.0.as_bytes(),
            kept.name,
            kept.by.as_str(),
            serde_json::to_string(&kept.write).unwrap_or_default(),
            kept.at.as_millisecond(),
            kept.refused,
        ],
    )?;
    Ok(())
}

fn meta(to: &Transaction<'_>, name: &str, value: &str) -> Result<(), CacheError> {
    to.prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)")?
        .execute([name, value])?;
    Ok(())
}
