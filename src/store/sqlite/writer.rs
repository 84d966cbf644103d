//! The writer: one thread that takes many requests into one commit. An answer goes out only after the commit.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc::SyncSender},
    thread::JoinHandle,
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    connection::store_error,
    keeper::{Log, Upkeep, copy_home},
    transaction::{Fault, Known, Statements, Transaction},
};
use crate::{
    domain::{ids::Seq, policy::Policy},
    store::{Access, Done, Request, StoreError, rows},
};

/// What a sender is told to wait when the queue is full: by then a few hundred commits have gone through.
const FULL_RETRY: Duration = Duration::from_millis(500);

/// Something to be done, and where its answer goes.
pub struct Task<W, T> {
    work: W,
    reply: oneshot::Sender<Result<T, StoreError>>,
    outcome: Option<Result<T, StoreError>>,
}

/// What the writer does.
pub enum Job {
    Execute(Task<Box<Request>, Done>),
    Record(Task<Vec<Access>, ()>),
    Sweep(Task<Timestamp, u64>),
    /// The last job.
    Close(oneshot::Sender<Result<(), StoreError>>),
}

/// What everybody in the process knows of the database.
#[derive(Clone)]
pub struct Watches {
    pub head: watch::Sender<Seq>,
    pub nearest: watch::Sender<Option<Timestamp>>,
}

impl Watches {
    /// Tells of a state of the database. A reader may come late with an older one than the writer's: that is dropped.
    pub fn tell(&self, head: Seq, nearest: Option<i64>) {
        let nearest = nearest.map(rows::from_ms);
        self.head.send_if_modified(|known| {
            if head < *known {
                return false;
            }
            // Inside, so that head and deadline are of one moment: whoever is late is late with both.
            self.nearest.send_if_modified(|known| std::mem::replace(known, nearest) != nearest);
            std::mem::replace(known, head) != head
        });
    }
}

/// The door to the writer.
pub struct Door {
    jobs: mpsc::Sender<Job>,
}

impl Door {
    pub fn new(jobs: mpsc::Sender<Job>) -> Door {
        Door { jobs }
    }

    /// Hands a job in without waiting for room, and waits for the answer.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when too many wait, [`StoreError::Unavailable`] after the close.
    pub async fn ask<W, T>(
        &self,
        work: W,
        job: impl FnOnce(Task<W, T>) -> Job,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(job(Task { work, reply, outcome: None })).map_err(|refused| {
            match refused {
                mpsc::error::TrySendError::Full(_) => StoreError::Busy { retry_after: FULL_RETRY },
                mpsc::error::TrySendError::Closed(_) => closed(),
            }
        })?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Waits for everything handed in before, and ends the writer.
    pub async fn close(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        if self.jobs.send(Job::Close(reply)).await.is_err() {
            return Ok(());
        }
        // A writer that has ended meanwhile is closed too.
        answer.await.unwrap_or(Ok(()))
    }
}

/// The store has been closed.
pub fn closed() -> StoreError {
    StoreError::Unavailable("it has been closed".into())
}

/// How the writer works.
pub struct Settings {
    /// The most requests in one commit.
    pub batch: usize,
    /// Pages in the log from which it is copied home by the keeper.
    pub checkpoint_pages: i32,
}

/// The writer's thread.
pub struct Writer {
    pub policy: Arc<Policy>,
    pub settings: Settings,
    pub watches: Watches,
    /// Wakes the keeper.
    pub chores: SyncSender<()>,
    pub log: Arc<Log>,
    pub keeper: JoinHandle<()>,
}

impl Writer {
    /// Works until the last job, or until nobody can hand one in any more.
    pub fn run(self, conn: Connection, mut jobs: mpsc::Receiver<Job>) {
        let last = match Statements::prepare(&conn) {
            Ok(mut statements) => self.work(&conn, &mut statements, &mut jobs),
            Err(error) => {
                tracing::error!(%error, "the store's writer cannot start");
                None
            }
        };
        jobs.close();
        let Writer { chores, keeper, .. } = self;
        // A keeper that is copying would be in the way of the last copy.
        drop(chores);
        let _ = keeper.join();
        let finished = finish(conn);
        // Whoever slipped in behind the last job.
        while let Ok(job) = jobs.try_recv() {
            job.refuse();
        }
        if let Some(reply) = last {
            let _ = reply.send(finished);
        }
    }

    fn work<'c>(
        &self,
        conn: &'c Connection,
        statements: &mut Statements<'c>,
        jobs: &mut mpsc::Receiver<Job>,
    ) -> Option<oneshot::Sender<Result<(), StoreError>>> {
        let mut batch = Vec::with_capacity(self.settings.batch);
        let mut known = None;
        while jobs.blocking_recv_many(&mut batch, self.settings.batch) > 0 {
            let last = take_last(&mut batch);
            self.commit_batch(conn, statements, &mut batch, &mut known);
            if last.is_some() {
                return last;
            }
            self.keep_log_short(conn);
        }
        None
    }

    fn keep_log_short(&self, conn: &Connection) {
        match self.log.upkeep(self.settings.checkpoint_pages) {
            Upkeep::Nothing => {}
            // It is empty: the keeper is asked only when it rests.
            Upkeep::AskKeeper => drop(self.chores.try_send(())),
            Upkeep::CatchUp => {
                if let Err(error) = copy_home(conn) {
                    tracing::warn!(%error, "the log could not be copied home");
                }
            }
        }
    }

    /// All in one transaction; if one of them tears it, each in its own, so that it harms nobody else.
    fn commit_batch<'c>(
        &self,
        conn: &'c Connection,
        statements: &mut Statements<'c>,
        batch: &mut Vec<Job>,
        known: &mut Option<Known>,
    ) {
        if let Err(torn) = self.transact(conn, statements, batch, known) {
            if let [only] = &mut batch[..] {
                only.fail(&torn);
            } else {
                for job in &mut *batch {
                    let alone = std::slice::from_mut(job);
                    if let Err(torn) = self.transact(conn, statements, alone, known) {
                        job.fail(&torn);
                    }
                }
            }
        }
        batch.drain(..).for_each(Job::answer);
    }

    /// One transaction. `Err`: a job tore it and nothing of it is written; else every job has its outcome.
    fn transact<'c>(
        &self,
        conn: &'c Connection,
        statements: &mut Statements<'c>,
        batch: &mut [Job],
        known: &mut Option<Known>,
    ) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let begun = Transaction::begin(conn, statements, &self.policy, known.take());
        let mut transaction = match begun {
            Ok(transaction) => transaction,
            Err(error) => {
                batch.iter_mut().for_each(|job| job.fail(&error));
                return Ok(());
            }
        };
        for job in &mut *batch {
            // A rule that panics must not take the desk down with it.
            let run = catch_unwind(AssertUnwindSafe(|| job.run(&mut transaction)));
            let torn = match run {
                Ok(Ok(())) => continue,
                Ok(Err(torn)) => torn,
                Err(_) => StoreError::Failed("the request could not be carried out".into()),
            };
            transaction.roll_back();
            return Err(torn);
        }
        match transaction.commit() {
            Ok((now_known, nearest)) => {
                self.watches.tell(now_known.head, nearest);
                *known = Some(now_known);
            }
            Err(error) => {
                tracing::error!(%error, requests = batch.len(), "a commit failed");
                batch.iter_mut().for_each(|job| job.fail(&error));
            }
        }
        Ok(())
    }
}

impl Job {
    /// `Err`: the transaction is torn.
    fn run(&mut self, transaction: &mut Transaction<'_, '_>) -> Result<(), StoreError> {
        match self {
            Job::Execute(task) => task.run(|request| transaction.execute(request)),
            Job::Record(task) => task.run(|accesses| transaction.record(accesses)),
            Job::Sweep(task) => task.run(|now| transaction.sweep(*now)),
            Job::Close(_) => Ok(()),
        }
    }

    fn fail(&mut self, error: &StoreError) {
        match self {
            Job::Execute(task) => task.outcome = Some(Err(error.clone())),
            Job::Record(task) => task.outcome = Some(Err(error.clone())),
            Job::Sweep(task) => task.outcome = Some(Err(error.clone())),
            Job::Close(_) => {}
        }
    }

    fn answer(self) {
        match self {
            Job::Execute(task) => task.answer(),
            Job::Record(task) => task.answer(),
            Job::Sweep(task) => task.answer(),
            Job::Close(reply) => drop(reply),
        }
    }
}

impl<W, T> Task<W, T> {
    fn run(&mut self, carry_out: impl FnOnce(&W) -> Result<T, Fault>) -> Result<(), StoreError> {
        self.outcome = Some(match carry_out(&self.work) {
            Ok(done) => Ok(done),
            Err(Fault::Clean(error)) => Err(error),
            Err(Fault::Torn(error)) => return Err(error),
        });
        Ok(())
    }

    fn answer(self) {
        // Nobody may wait any more: the change stands all the same.
        let _ = self.reply.send(self.outcome.unwrap_or_else(|| Err(closed())));
    }
}

/// Takes the last job out, and everything behind it (which is refused).
fn take_last(batch: &mut Vec<Job>) -> Option<oneshot::Sender<Result<(), StoreError>>> {
    let at = batch.iter().position(|job| matches!(job, Job::Close(_)))?;
    let mut behind = batch.split_off(at).into_iter();
    let last = behind.next();
    behind.for_each(Job::refuse);
    match last {
        Some(Job::Close(reply)) => Some(reply),
        _ => None,
    }
}

impl Job {
    fn refuse(mut self) {
        self.fail(&closed());
        match self {
            Job::Close(reply) => drop(reply.send(Ok(()))),
            job => job.answer(),
        }
    }
}

/// Copies the log home and closes the file.
fn finish(conn: Connection) -> Result<(), StoreError> {
    // Another process may still read: then a part of the log stays, and the next start copies it. A server that stops
    // has no time to wait.
    let _ = conn.busy_timeout(Duration::from_millis(200));
    let _ = conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
    conn.close().map_err(|(_, fault)| store_error(fault))
}
