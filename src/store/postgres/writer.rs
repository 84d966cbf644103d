//! The writer of this process: takes waiting requests, up to a batch of them into one transaction, and answers only after
//! the commit. Finds its way back by itself when the database has been away.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout, timeout_at},
};

use super::{
    Options,
    connection::{Connector, Line, store_error},
    retry::Retry,
    sql,
    start::silent,
    statements::Statements,
    transaction::{Desk, Known, transact},
    watches::Watches,
};
use crate::{
    domain::policy::Policy,
    store::{Done, Request, StoreError},
};

/// What a sender is told to wait when the queue is full: by then a few hundred commits have gone through.
const FULL_RETRY: Duration = Duration::from_millis(500);

/// A request, and where its answer goes.
pub struct Task {
    request: Box<Request>,
    reply: oneshot::Sender<Result<Done, StoreError>>,
}

/// What the writer does.
pub enum Job {
    Execute(Task),
    /// The last job.
    Close(oneshot::Sender<()>),
}

/// The door to the writer.
pub struct Door {
    jobs: mpsc::Sender<Job>,
}

impl Door {
    pub fn new(jobs: mpsc::Sender<Job>) -> Door {
        Door { jobs }
    }

    /// Hands a request in without waiting for room, and waits for the answer.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when too many wait, [`StoreError::Unavailable`] after the close.
    pub async fn execute(&self, request: Request) -> Result<Done, StoreError> {
        let (reply, answer) = oneshot::channel();
        let task = Task { request: Box::new(request), reply };
        self.jobs.try_send(Job::Execute(task)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy { retry_after: FULL_RETRY },
            mpsc::error::TrySendError::Closed(_) => closed(),
        })?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Waits for everything handed in before, and ends the writer.
    pub async fn close(&self) {
        let (reply, answer) = oneshot::channel();
        if self.jobs.send(Job::Close(reply)).await.is_ok() {
            // A writer that has ended meanwhile is closed too.
            let _ = answer.await;
        }
    }
}

/// The store has been closed.
pub fn closed() -> StoreError {
    StoreError::Unavailable("it has been closed".into())
}

/// The writer.
pub struct Writer {
    pub connector: Connector,
    pub policy: Arc<Policy>,
    pub options: Options,
    pub watches: Arc<Watches>,
}

/// The writer's connection.
struct Open {
    line: Line,
    statements: Statements,
    known: Option<Known>,
}

/// Why the writer ends, and whom it must tell.
type Last = Option<oneshot::Sender<()>>;

impl Writer {
    /// Works until the last job, or until nobody can hand one in any more.
    pub async fn run(self, mut jobs: mpsc::Receiver<Job>) {
        let last = self.work(&mut jobs).await;
        jobs.close();
        // Whoever slipped in behind the last job.
        while let Ok(job) = jobs.try_recv() {
            job.refuse(&closed());
        }
        if let Some(reply) = last {
            let _ = reply.send(());
        }
    }

    async fn work(&self, jobs: &mut mpsc::Receiver<Job>) -> Last {
        let mut retry = Retry::new(self.options.reconnect);
        loop {
            match self.open().await {
                Ok(mut open) => {
                    retry.reset();
                    match self.serve(&mut open, jobs).await {
                        Some(last) => return last,
                        None => tracing::warn!("the database is gone; connecting again"),
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the database cannot be reached; trying again");
                    if let Some(last) = refuse_for(retry.pause(), &error, jobs).await {
                        return last;
                    }
                }
            }
        }
    }

    async fn open(&self) -> Result<Open, StoreError> {
        let line = self.connector.open(sql::WRITER_SESSION).await?;
        let preparing = timeout(self.options.connect_timeout, Statements::prepare(&line.client));
        let statements = match preparing.await {
            Ok(prepared) => prepared.map_err(store_error)?,
            Err(_) => return Err(silent()),
        };
        Ok(Open { line, statements, known: None })
    }

    /// Carries requests out until the connection is lost (`None`) or the last job has come.
    async fn serve(&self, open: &mut Open, jobs: &mut mpsc::Receiver<Job>) -> Option<Last> {
        let most = self.options.batch.clamp(1, 1000);
        let mut batch = Vec::with_capacity(most);
        loop {
            let taken = tokio::select! {
                biased;
                () = open.line.lost() => return None,
                taken = jobs.recv_many(&mut batch, most) => taken,
            };
            if taken == 0 {
                return Some(None);
            }
            let last = take_last(&mut batch);
            let sound = self.commit_batch(open, batch.drain(..)).await;
            if last.is_some() {
                return Some(last);
            }
            if !sound {
                return None;
            }
        }
    }

    /// All in one transaction. If that fails, each half of them in one of its own, and so on: until the one whose fault it
    /// is stands alone, and has harmed nobody else. (A savepoint for each would cost every request two statements and a
    /// transaction number, for what hardly ever happens.) Answers whether the connection is sound.
    async fn commit_batch(&self, open: &mut Open, batch: impl Iterator<Item = Job>) -> bool {
        let tasks: Vec<Task> = batch
            .filter_map(|job| match job {
                Job::Execute(task) => Some(task),
                Job::Close(_) => None,
            })
            .collect();
        let mut parts = vec![tasks];
        while let Some(mut part) = parts.pop() {
            match self.commit(open, &part).await {
                Ok(outcomes) => {
                    part.into_iter().zip(outcomes).for_each(|(task, outcome)| task.answer(outcome));
                }
                Err(error) if part.len() > 1 && may_be_of_one(&error) => {
                    let second = part.split_off(part.len() / 2);
                    parts.extend([second, part]);
                }
                Err(error) => {
                    tracing::warn!(%error, requests = part.len(), "a transaction failed");
                    part.into_iter().for_each(|task| task.answer(Err(error.clone())));
                    if matches!(error, StoreError::Unavailable(_)) {
                        let waiting = parts.into_iter().flatten();
                        waiting.for_each(|task| task.answer(Err(error.clone())));
                        return false;
                    }
                }
            }
        }
        true
    }

    async fn commit(
        &self,
        open: &mut Open,
        tasks: &[Task],
    ) -> Result<Vec<Result<Done, StoreError>>, StoreError> {
        let known = open.known.take();
        let requests: Vec<&Request> = tasks.iter().map(|task| &*task.request).collect();
        let desk = Desk {
            client: &open.line.client,
            statements: &open.statements,
            policy: &self.policy,
            patience: self.options.patience,
        };
        match transact(&desk, known, &requests).await {
            Ok(committed) => {
                if let Some(nearest) = committed.nearest {
                    self.watches.tell(committed.known.head, nearest);
                }
                open.known = Some(committed.known);
                Ok(committed.outcomes)
            }
            // The connection is given up, and with it the transaction.
            Err(error @ StoreError::Unavailable(_)) => Err(error),
            Err(error) => {
                let back = open.line.client.batch_execute(sql::ROLLBACK);
                match timeout(self.options.connect_timeout, back).await {
                    Ok(Ok(())) => Err(error),
                    _ => Err(StoreError::Unavailable(error.to_string())),
                }
            }
        }
    }
}

/// Whether a single request may be what made a transaction fail.
fn may_be_of_one(error: &StoreError) -> bool {
    !matches!(error, StoreError::Unavailable(_) | StoreError::Busy { .. })
}

/// Tells whoever asks within a time that the database is away. Answers why the writer must end, if it must.
async fn refuse_for(
    pause: Duration,
    error: &StoreError,
    jobs: &mut mpsc::Receiver<Job>,
) -> Option<Last> {
    let until = Instant::now() + pause;
    loop {
        match timeout_at(until, jobs.recv()).await {
            Ok(Some(Job::Execute(task))) => task.answer(Err(error.clone())),
            Ok(Some(Job::Close(reply))) => return Some(Some(reply)),
            Ok(None) => return Some(None),
            Err(_) => return None,
        }
    }
}

impl Task {
    fn answer(self, outcome: Result<Done, StoreError>) {
        // Nobody may wait any more: the change stands all the same.
        let _ = self.reply.send(outcome);
    }
}

impl Job {
    fn refuse(self, error: &StoreError) {
        match self {
            Job::Execute(task) => task.answer(Err(error.clone())),
            Job::Close(reply) => drop(reply.send(())),
        }
    }
}

/// Takes the last job out, and everything behind it (which is refused).
fn take_last(batch: &mut Vec<Job>) -> Last {
    let at = batch.iter().position(|job| matches!(job, Job::Close(_)))?;
    let mut behind = batch.split_off(at).into_iter();
    let last = behind.next();
    behind.for_each(|job| job.refuse(&closed()));
    match last {
        Some(Job::Close(reply)) => Some(reply),
        _ => None,
    }
}
