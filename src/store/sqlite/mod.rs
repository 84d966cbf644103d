//! SQLite: one file on one machine. One thread writes, many requests to a commit; readers stand beside it.

pub(super) mod connection;
mod keeper;
mod questions;
mod reader;
mod transaction;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, mpsc::sync_channel},
    thread,
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, backup::Backup, hooks::Wal};
use tokio::sync::{mpsc, watch};

use self::{
    connection::{PageCache, migrate, new_private_file, open_reader, open_writer, store_error},
    keeper::Log,
    reader::Readers,
    transaction::Statements,
    writer::{Door, Job, Settings, Watches, Writer},
};
use super::{
    Access, Answered, Done, JournalQuery, KnownCaller, KnownToken, LeadHistory, OutboxRow,
    QueuePage, QueueQuery, Request, Store, StoreError, StoredEntry, rows,
};
use crate::domain::{
    command::TokenHash,
    contact::Contact,
    deadline::Deadline,
    ids::{ContactId, LeadId, Seq},
    lead::Lead,
    person::Roster,
    phone::Phone,
    policy::Policy,
    queue::View,
};

/// What can be turned.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The most requests in one commit: 1 to 1,000.
    pub batch: usize,
    /// Requests that may wait; further ones are told to come again.
    pub waiting: usize,
    /// Connections that read.
    pub readers: usize,
    /// Memory for pages, in KiB: of the writer, and of each reader.
    pub writer_cache: i64,
    pub reader_cache: i64,
    /// Pages (4 KiB) in the log from which it is copied home.
    pub checkpoint_pages: i32,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            batch: 64,
            waiting: 8192,
            readers: 4,
            writer_cache: 16 << 10,
            reader_cache: 2 << 10,
            checkpoint_pages: 4000,
        }
    }
}

/// A store in one SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    door: Door,
    readers: Readers,
    options: Options,
    head: watch::Receiver<Seq>,
    nearest: watch::Receiver<Option<Timestamp>>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the database in a file, and makes it if there is none. The folder must exist.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be opened or was written by a newer ringback.
    pub fn open(path: &Path, policy: Arc<Policy>) -> Result<Arc<SqliteStore>, StoreError> {
        Self::open_with(path, policy, Options::default())
    }

    /// As [`SqliteStore::open`].
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_with(
        path: &Path,
        policy: Arc<Policy>,
        options: Options,
    ) -> Result<Arc<SqliteStore>, StoreError> {
        let mut conn = open_writer(path, PageCache(options.writer_cache))?;
        migrate(&mut conn)?;
        // The writer prepares them again on its own thread; a statement that does not fit the schema should be known here.
        Statements::prepare(&conn)?;
        let (head, nearest) = keeper::state(&conn)?;
        let watches = Watches {
            head: watch::Sender::new(head),
            nearest: watch::Sender::new(nearest.map(rows::from_ms)),
        };
        let log = Arc::new(Log::default());
        let grown = Arc::clone(&log);
        conn.wal_hook(Some(move |_: &mut Wal, n| {
            grown.grown_to(n);
            Ok(())
        }))
        .map_err(store_error)?;

        let (jobs, waiting) = mpsc::channel(options.waiting);
        let (chores, chores_waiting) = sync_channel(1);
        let store = SqliteStore {
            path: path.to_owned(),
            door: Door::new(jobs),
            readers: Readers::new(
                path.to_owned(),
                PageCache(options.reader_cache),
                options.readers,
            ),
            options,
            head: watches.head.subscribe(),
            nearest: watches.nearest.subscribe(),
        };
        let beside = open_writer(path, PageCache(options.reader_cache))?;
        let (kept_log, kept_watches) = (Arc::clone(&log), watches.clone());
        let keeper = start("ringback-keeper", move || {
            keeper::run(beside, chores_waiting, &kept_log, &kept_watches);
        })?;
        let settings = Settings {
            batch: options.batch.clamp(1, 1000),
            checkpoint_pages: options.checkpoint_pages,
        };
        let writer = Writer { policy, settings, watches, chores, log, keeper };
        start("ringback-writer", move || writer.run(conn, waiting))?;
        Ok(Arc::new(store))
    }

    /// Copies the whole database, as it is at one moment, into a new file, while requests go on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be written or exists already.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let (from, to) = (self.path.clone(), to.to_owned());
        let cache = PageCache(self.options.reader_cache);
        let copying = tokio::task::spawn_blocking(move || copy(&from, &to, cache));
        copying.await.unwrap_or_else(|_| Err(StoreError::Failed("the backup was given up".into())))
    }
}

fn copy(from: &Path, to: &Path, cache: PageCache) -> Result<(), StoreError> {
    new_private_file(to)?;
    let from = open_reader(from, cache)?;
    let mut target = Connection::open(to).map_err(store_error)?;
    // In one step: the reader's moment holds, the writer goes on beside it.
    let copied = Backup::new(&from, &mut target)
        .and_then(|backup| backup.run_to_completion(i32::MAX, Duration::from_millis(10), None));
    copied.map_err(|fault| {
        // Half a backup is worse than none.
        let _ = std::fs::remove_file(to);
        store_error(fault)
    })
}

fn start(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> Result<thread::JoinHandle<()>, StoreError> {
    thread::Builder::new()
        .name(name.into())
        .spawn(work)
        .map_err(|fault| StoreError::Unavailable(format!("no thread for the store: {fault}")))
}

impl Store for SqliteStore {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn execute(&self, request: Request) -> Answered<'_, Done> {
        Box::pin(async move { self.door.ask(Box::new(request), Job::Execute).await })
    }

    fn queue(&self, query: QueueQuery) -> Answered<'_, QueuePage> {
        Box::pin(self.readers.read(move |conn| questions::queue(conn, &query)))
    }

    fn counts(&self) -> Answered<'_, Vec<(View, u64)>> {
        Box::pin(self.readers.read(questions::counts))
    }

    fn lead(&self, id: LeadId) -> Answered<'_, Option<(Lead, Contact)>> {
        Box::pin(self.readers.read(move |conn| questions::lead(conn, id)))
    }

    fn history(&self, id: LeadId) -> Answered<'_, Option<LeadHistory>> {
        Box::pin(self.readers.read(move |conn| questions::history(conn, id)))
    }

    fn lookup(&self, phone: Phone) -> Answered<'_, Option<KnownCaller>> {
        Box::pin(self.readers.read(move |conn| questions::lookup(conn, &phone)))
    }

    fn contact(&self, id: ContactId) -> Answered<'_, Option<Contact>> {
        Box::pin(self.readers.read(move |conn| questions::contact(conn, id)))
    }

    fn journal(&self, query: JournalQuery) -> Answered<'_, Vec<StoredEntry>> {
        Box::pin(self.readers.read(move |conn| questions::journal(conn, &query)))
    }

    fn journal_span(&self) -> Answered<'_, (Seq, Seq)> {
        Box::pin(self.readers.read(questions::journal_span))
    }

    fn head(&self) -> watch::Receiver<Seq> {
        self.head.clone()
    }

    fn due_deadlines(&self, now: Timestamp, limit: usize) -> Answered<'_, Vec<Deadline>> {
        Box::pin(self.readers.read(move |conn| questions::due_deadlines(conn, now, limit)))
    }

    fn next_deadline(&self) -> Answered<'_, Option<Timestamp>> {
        Box::pin(self.readers.read(questions::next_deadline))
    }

    fn nearest_deadline(&self) -> watch::Receiver<Option<Timestamp>> {
        self.nearest.clone()
    }

    fn roster(&self) -> Answered<'_, Roster> {
        Box::pin(self.readers.read(questions::roster))
    }

    fn token(&self, hash: TokenHash) -> Answered<'_, Option<KnownToken>> {
        Box::pin(self.readers.read(move |conn| questions::token(conn, &hash)))
    }

    fn record_access(&self, accesses: Vec<Access>) -> Answered<'_, ()> {
        Box::pin(self.door.ask(accesses, Job::Record))
    }

    fn accesses(&self, lead: Option<LeadId>, limit: usize) -> Answered<'_, Vec<Access>> {
        Box::pin(self.readers.read(move |conn| questions::accesses(conn, lead, limit)))
    }

    fn outbox(&self, now: Timestamp, limit: usize) -> Answered<'_, Vec<OutboxRow>> {
        Box::pin(self.readers.read(move |conn| questions::outbox(conn, now, limit)))
    }

    fn sweep(&self, now: Timestamp) -> Answered<'_, u64> {
        Box::pin(self.door.ask(now, Job::Sweep))
    }

    fn close(&self) -> Answered<'_, ()> {
        Box::pin(async {
            self.readers.close(self.options.readers).await;
            self.door.close().await
        })
    }
}
