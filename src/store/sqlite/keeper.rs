//! The keeper: a thread that copies the log home while the writer goes on writing, and notices what other processes
//! commit.

use std::{
    sync::{
        atomic::{AtomicI32, AtomicU8, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use rusqlite::Connection;

use super::{connection::store_error, writer::Watches};
use crate::store::{StoreError, sql};

/// How often the keeper looks whether another process (`ringback rep add`, …) has committed something.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The log, as writer and keeper see it together.
#[derive(Debug, Default)]
pub struct Log {
    /// Pages in it after the last commit.
    pages: AtomicI32,
    /// Pages of it that were copied home by the last copy.
    copied: AtomicI32,
    /// One of [`RESTING`], [`COPYING`], [`COPIED`].
    keeper: AtomicU8,
}

const RESTING: u8 = 0;
const COPYING: u8 = 1;
const COPIED: u8 = 2;

/// What the writer should do about the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upkeep {
    Nothing,
    /// Wake the keeper: it copies beside the writer.
    AskKeeper,
    /// Copy the rest itself. Only then is every page at home, and the next commit begins the log anew: a keeper alone
    /// never catches up with a writer that does not pause, and the log would grow for ever.
    CatchUp,
}

impl Log {
    /// After a commit.
    pub fn grown_to(&self, pages: i32) {
        self.pages.store(pages, Ordering::Relaxed);
    }

    /// What is to be done, in a log that should be copied from `limit` pages on.
    pub fn upkeep(&self, limit: i32) -> Upkeep {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < limit {
            return Upkeep::Nothing;
        }
        let behind = pages - self.copied.load(Ordering::Acquire);
        match self.keeper.load(Ordering::Acquire) {
            COPYING => Upkeep::Nothing,
            // Little is left, or the keeper is too slow for this writer: then the writer must wait for its own copying.
            COPIED if behind <= limit / 2 || pages >= limit.saturating_mul(3) => {
                self.keeper.store(RESTING, Ordering::Release);
                Upkeep::CatchUp
            }
            _ => {
                self.keeper.store(COPYING, Ordering::Release);
                Upkeep::AskKeeper
            }
        }
    }
}

/// Works until the writer has ended. A message asks for the log to be copied home.
pub fn run(conn: Connection, chores: Receiver<()>, log: &Log, watches: &Watches) {
    let mut seen = None;
    loop {
        match chores.recv_timeout(LOOK_EVERY) {
            Ok(()) => {
                match copy_home(&conn) {
                    Ok(pages) => log.copied.store(pages, Ordering::Release),
                    Err(error) => tracing::warn!(%error, "the log could not be copied home"),
                }
                log.keeper.store(COPIED, Ordering::Release);
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Err(error) = look(&conn, &mut seen, watches) {
                    tracing::warn!(%error, "the store could not look for the changes of others");
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Copies what can be copied without waiting for anybody. Answers how many pages of the log are at home now.
pub fn copy_home(conn: &Connection) -> Result<i32, StoreError> {
    conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(2)).map_err(store_error)
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
