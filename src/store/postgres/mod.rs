//! PostgreSQL: for those who outgrow a machine, or want to survive the loss of one. Any number of servers on one database,
//! with the same promises as one server on a file.
//!
//! Each process has one writer, which takes many requests into one transaction and reads people only when another server has
//! written; a pool of readers; and a listener that hears of other servers' commits. Writers of all servers take turns by one
//! lock, so the journal's order is the order of commits, and a claim, a caller's identity and a contact's one open lead are
//! as safe with many servers as with one.

mod address;
pub(super) mod connection;
mod duty;
mod listener;
mod load;
mod questions;
mod reader;
mod retry;
pub(super) mod sql;
mod start;
mod statements;
mod tls;
mod transaction;
pub(super) mod value;
mod watches;
mod write;
mod writer;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};

pub use self::address::{Address, AddressError, Tls};
use self::{
    connection::{Connector, migrate, store_error},
    duty::{Duties, Duty},
    listener::Listener,
    reader::Readers,
    watches::Watches,
    writer::{Door, Writer},
};
use super::{
    Access, Answered, Done, JournalQuery, KnownCaller, KnownToken, LeadHistory, OutboxRow,
    QueuePage, QueueQuery, Request, Store, StoreError, StoredEntry, sql as shared,
};
use crate::{
    domain::{
        command::TokenHash,
        contact::Contact,
        deadline::Deadline,
        ids::{ContactId, LeadId, Seq},
        lead::Lead,
        person::Roster,
        phone::Phone,
        policy::Policy,
        queue::View,
    },
    ids,
};

/// What can be turned.
#[derive(Clone, Debug)]
pub struct Options {
    /// The most requests in one commit: 1 to 1,000.
    pub batch: usize,
    /// Requests that may wait; further ones are told to come again.
    pub waiting: usize,
    /// Connections that read. Two more belong to the writer and the listener.
    pub readers: usize,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// How long a read may take altogether, and a transaction may wait for one answer, before the database counts as away.
    pub patience: Duration,
    /// How long the database may work on one statement.
    pub statement_timeout: Duration,
    /// How long the database waits for the next statement of a transaction: a server that has died in the middle holds the
    /// others up no longer.
    pub idle_in_transaction: Duration,
    /// How long bytes may stay unacknowledged before the connection counts as lost.
    pub connection_lost_after: Duration,
    /// The shortest and the longest pause before connecting again.
    pub reconnect: (Duration, Duration),
    /// How often to look for other servers' commits, beside being told of them.
    pub look_every: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            batch: 64,
            waiting: 8192,
            readers: 8,
            connect_timeout: Duration::from_millis(1500),
            patience: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(4),
            idle_in_transaction: Duration::from_secs(5),
            connection_lost_after: Duration::from_secs(2),
            reconnect: (Duration::from_millis(100), Duration::from_secs(2)),
            look_every: Duration::from_secs(1),
        }
    }
}

/// A store in a PostgreSQL database, shared with other servers.
pub struct PostgresStore {
    address: Address,
    door: Door,
    readers: Readers,
    duties: Duties,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").field("address", &self.address).finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// Opens a database, and makes the tables if there are none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be reached or was written by a newer ringback.
    pub async fn open(
        address: &Address,
        policy: Arc<Policy>,
    ) -> Result<Arc<PostgresStore>, StoreError> {
        Self::open_with(address, policy, Options::default()).await
    }

    /// As [`PostgresStore::open`].
    ///
    /// # Errors
    /// As [`PostgresStore::open`].
    pub async fn open_with(
        address: &Address,
        policy: Arc<Policy>,
        options: Options,
    ) -> Result<Arc<PostgresStore>, StoreError> {
        let connector = Connector::new(address, &options)?;
        let mut line = connector.open("").await?;
        migrate(&mut line.client).await?;
        let head = line.client.query_one(shared::HEAD, &[]).await.map_err(store_error)?;
        let nearest = line.client.query_one(shared::NEAREST, &[]).await.map_err(store_error)?;
        let watches = Arc::new(Watches::new(
            head.try_get(0).map_err(store_error)?,
            nearest.try_get(0).map_err(store_error)?,
        ));
        let server = *ids::fresh().as_bytes();
        let listener = Listener {
            connector: connector.clone(),
            watches: Arc::clone(&watches),
            server,
            look_every: options.look_every,
            patience: options.patience,
            reconnect: options.reconnect,
        };
        let (jobs, waiting) = mpsc::channel(options.waiting.max(1));
        let readers = Readers::new(&connector, &options)?;
        let writer = Writer { connector, policy, options, watches: Arc::clone(&watches) };
        start(writer, waiting, listener)?;
        Ok(Arc::new(PostgresStore {
            address: address.clone(),
            door: Door::new(jobs),
            readers,
            duties: Duties { server, watches },
        }))
    }
}

/// Starts writer and listener on a thread of their own: deciding takes the processor, and must not hold up requests. The
/// writer ends when the store is closed or dropped, and the listener with it.
fn start(
    writer: Writer,
    waiting: mpsc::Receiver<writer::Job>,
    listener: Listener,
) -> Result<(), StoreError> {
    let failed = |fault: std::io::Error| {
        StoreError::Unavailable(format!("no thread for the store: {fault}"))
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let work = move || {
        runtime.block_on(async {
            tokio::spawn(listener.run());
            writer.run(waiting).await;
        });
    };
    std::thread::Builder::new().name("ringback-writer".into()).spawn(work).map(drop).map_err(failed)
}

impl Store for PostgresStore {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn execute(&self, request: Request) -> Answered<'_, Done> {
        Box::pin(self.door.execute(request))
    }

    fn queue(&self, query: QueueQuery) -> Answered<'_, QueuePage> {
        Box::pin(async move {
            self.readers.read(|reader| questions::queue(reader, query.clone())).await
        })
    }

    fn counts(&self) -> Answered<'_, Vec<(View, u64)>> {
        Box::pin(self.readers.read(questions::counts))
    }

    fn lead(&self, id: LeadId) -> Answered<'_, Option<(Lead, Contact)>> {
        Box::pin(self.readers.read(move |reader| questions::lead(reader, id)))
    }

    fn history(&self, id: LeadId) -> Answered<'_, Option<LeadHistory>> {
        Box::pin(self.readers.read(move |reader| questions::history(reader, id)))
    }

    fn lookup(&self, phone: Phone) -> Answered<'_, Option<KnownCaller>> {
        Box::pin(async move {
            self.readers.read(|reader| questions::lookup(reader, phone.clone())).await
        })
    }

    fn contact(&self, id: ContactId) -> Answered<'_, Option<Contact>> {
        Box::pin(self.readers.read(move |reader| questions::contact(reader, id)))
    }

    fn journal(&self, query: JournalQuery) -> Answered<'_, Vec<StoredEntry>> {
        Box::pin(async move {
            self.readers.read(|reader| questions::journal(reader, query.clone())).await
        })
    }

    fn journal_span(&self) -> Answered<'_, (Seq, Seq)> {
        Box::pin(self.readers.read(questions::journal_span))
    }

    fn head(&self) -> watch::Receiver<Seq> {
        self.duties.watches.head()
    }

    /// Those of this server: while another server is on duty for deadlines, there are none.
    fn due_deadlines(&self, now: Timestamp, limit: usize) -> Answered<'_, Vec<Deadline>> {
        Box::pin(self.readers.read(move |reader| async move {
            if !self.duties.take(&reader, Duty::Deadlines).await? {
                return Ok(Vec::new());
            }
            questions::due_deadlines(reader, now, limit).await
        }))
    }

    fn next_deadline(&self) -> Answered<'_, Option<Timestamp>> {
        Box::pin(self.readers.read(questions::next_deadline))
    }

    /// As far as it is this server's: none while another server is on duty for deadlines.
    fn nearest_deadline(&self) -> watch::Receiver<Option<Timestamp>> {
        self.duties.watches.nearest()
    }

    fn roster(&self) -> Answered<'_, Roster> {
        Box::pin(self.readers.read(questions::roster))
    }

    fn token(&self, hash: TokenHash) -> Answered<'_, Option<KnownToken>> {
        Box::pin(self.readers.read(move |reader| questions::token(reader, hash)))
    }

    fn record_access(&self, accesses: Vec<Access>) -> Answered<'_, ()> {
        let accesses: Arc<[Access]> = accesses.into();
        Box::pin(async move {
            self.readers.read(|reader| questions::record(reader, Arc::clone(&accesses))).await
        })
    }

    fn accesses(&self, lead: Option<LeadId>, limit: usize) -> Answered<'_, Vec<Access>> {
        Box::pin(self.readers.read(move |reader| questions::accesses(reader, lead, limit)))
    }

    /// Those of this server: while another server is on duty for the outbox, there are none.
    fn outbox(&self, now: Timestamp, limit: usize) -> Answered<'_, Vec<OutboxRow>> {
        Box::pin(self.readers.read(move |reader| async move {
            if !self.duties.take(&reader, Duty::Outbox).await? {
                return Ok(Vec::new());
            }
            questions::outbox(reader, now, limit).await
        }))
    }

    fn sweep(&self, now: Timestamp) -> Answered<'_, u64> {
        Box::pin(self.readers.read(move |reader| questions::sweep(reader, now)))
    }

    fn close(&self) -> Answered<'_, ()> {
        Box::pin(async {
            self.door.close().await;
            // What this server was on duty for, another may take at once.
            let leave = self.readers.read(|reader| self.duties.leave(reader)).await;
            self.readers.close();
            leave.or(Ok(()))
        })
    }
}
