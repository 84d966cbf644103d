//! A store that cannot be reached, for tests: it counts how often it is asked.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::{FutureExt, future::BoxFuture};
use jiff::Timestamp;
use tokio::sync::watch;

use crate::{
    domain::{
        command::TokenHash,
        contact::Contact,
        deadline::Deadline,
        ids::{ContactId, LeadId, Seq},
        lead::Lead,
        person::Roster,
        phone::Phone,
        queue::View,
    },
    store::{
        Access, Done, JournalQuery, KnownCaller, KnownToken, LeadHistory, OutboxRow, QueuePage,
        QueueQuery, Request, Store, StoreError, StoredEntry,
    },
};

/// See the module.
#[derive(Debug)]
pub struct OutOfReach {
    asked: AtomicUsize,
    head: watch::Sender<Seq>,
    nearest: watch::Sender<Option<Timestamp>>,
}

impl OutOfReach {
    /// With a journal of ten entries and a deadline at `nearest`, neither of which can be read.
    pub fn new(nearest: Option<Timestamp>) -> Arc<OutOfReach> {
        Arc::new(OutOfReach {
            asked: AtomicUsize::new(0),
            head: watch::Sender::new(10),
            nearest: watch::Sender::new(nearest),
        })
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn refuse<T: Send + 'static>(&self) -> BoxFuture<'_, Result<T, StoreError>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        async { Err(StoreError::Unavailable("the disk is gone".into())) }.boxed()
    }
}

impl Store for OutOfReach {
    fn name(&self) -> &'static str {
        "out of reach"
    }
    fn execute(&self, _: Request) -> BoxFuture<'_, Result<Done, StoreError>> {
        self.refuse()
    }
    fn queue(&self, _: QueueQuery) -> BoxFuture<'_, Result<QueuePage, StoreError>> {
        self.refuse()
    }
    fn counts(&self) -> BoxFuture<'_, Result<Vec<(View, u64)>, StoreError>> {
        self.refuse()
    }
    fn lead(&self, _: LeadId) -> BoxFuture<'_, Result<Option<(Lead, Contact)>, StoreError>> {
        self.refuse()
    }
    fn history(&self, _: LeadId) -> BoxFuture<'_, Result<Option<LeadHistory>, StoreError>> {
        self.refuse()
    }
    fn lookup(&self, _: Phone) -> BoxFuture<'_, Result<Option<KnownCaller>, StoreError>> {
        self.refuse()
    }
    fn contact(&self, _: ContactId) -> BoxFuture<'_, Result<Option<Contact>, StoreError>> {
        self.refuse()
    }
    fn journal(&self, _: JournalQuery) -> BoxFuture<'_, Result<Vec<StoredEntry>, StoreError>> {
        self.refuse()
    }
    fn journal_span(&self) -> BoxFuture<'_, Result<(Seq, Seq), StoreError>> {
        self.refuse()
    }
    fn head(&self) -> watch::Receiver<Seq> {
        self.head.subscribe()
    }
    fn due_deadlines(
        &self,
        _: Timestamp,
        _: usize,
    ) -> BoxFuture<'_, Result<Vec<Deadline>, StoreError>> {
        self.refuse()
    }
    fn next_deadline(&self) -> BoxFuture<'_, Result<Option<Timestamp>, StoreError>> {
        self.refuse()
    }
    fn nearest_deadline(&self) -> watch::Receiver<Option<Timestamp>> {
        self.nearest.subscribe()
    }
    fn roster(&self) -> BoxFuture<'_, Result<Roster, StoreError>> {
        self.refuse()
    }
    fn token(&self, _: TokenHash) -> BoxFuture<'_, Result<Option<KnownToken>, StoreError>> {
        self.refuse()
    }
    fn record_access(&self, _: Vec<Access>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.refuse()
    }
    fn accesses(
        &self,
        _: Option<LeadId>,
        _: usize,
    ) -> BoxFuture<'_, Result<Vec<Access>, StoreError>> {
        self.refuse()
    }
    fn outbox(&self, _: Timestamp, _: usize) -> BoxFuture<'_, Result<Vec<OutboxRow>, StoreError>> {
        self.refuse()
    }
    fn sweep(&self, _: Timestamp) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.refuse()
    }
    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.refuse()
    }
}
