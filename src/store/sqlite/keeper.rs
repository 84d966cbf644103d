//! The keeper: a thread that copies the log home while the writer goes on writing, and notices what other processes
//! commit.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use rusqlite::Connection;

use super::{connection::store_error, writer::Watches};
use crate::store::{StoreError, sql};

/// How often the keeper looks whether another process (`ringback rep add`, …) has committed something.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What the writer asks of the keeper.
#[derive(Clone, Copy, Debug)]
pub enum Chore {
    /// The log has grown: copy it home.
    Checkpoint,
}

/// Works until the writer has ended.
pub fn run(conn: Connection, chores: Receiver<Chore>, watches: Watches) {
    let mut seen = None;
    loop {
        match chores.recv_timeout(LOOK_EVERY) {
            Ok(Chore::Checkpoint) => {
                // PASSIVE waits for nobody. What it cannot copy now it copies the next time.
                if let Err(fault) = conn.execute_batch("PRAGMA wal_checkpoint(PASSIVE)") {
                    tracing::warn!(error = %store_error(fault), "the log could not be copied home");
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Err(error) = look(&conn, &mut seen, &watches) {
                    tracing::warn!(%error, "the store could not look for the changes of others");
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Tells of the head and of the nearest deadline, if anybody has committed since the last look.
fn look(conn: &Connection, seen: &mut Option<i64>, watches: &Watches) -> Result<(), StoreError> {
    let version = conn
        .query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0))
        .map_err(store_error)?;
    if *seen == Some(version) {
        return Ok(());
    }
    let (head, nearest) = state(conn)?;
    watches.tell(head, nearest);
    *seen = Some(version);
    Ok(())
}

/// The journal's head and the nearest deadline.
pub fn state(conn: &Connection) -> Result<(i64, Option<i64>), StoreError> {
    let head = conn.query_row(sql::HEAD, [], |row| row.get(0)).map_err(store_error)?;
    let nearest = conn.query_row(sql::NEAREST, [], |row| row.get(0)).map_err(store_error)?;
    Ok((head, nearest))
}
