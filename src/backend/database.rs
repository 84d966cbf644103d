//! Whether the database is there, and the queue as it was last known: what is answered while it is away.
//!
//! One task asks the store every second. A request that finds the database away has it asked again at once, so that everybody
//! is told within a moment; when it answers again, all goes on by itself. While it is away, writes are refused with
//! `Retry-After`, queues are answered as they were with the time at which that was true, and live streams end, so that
//! consoles say so, or go to a server that still reaches it.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::{app::App, last_known::LastKnown};
use crate::{domain::ids::Seq, store::StoreError};

/// How often the store is asked while it answers, and while it does not.
const ASKED_EVERY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_millis(250));
/// At least so long between two questions, however many requests doubt.
const ASKED_AT_MOST_EVERY: Duration = Duration::from_millis(50);
/// A database that is away for longer ends the live streams. Restarting one takes less.
const STREAMS_END_AFTER: Duration = Duration::from_secs(3);
/// The queue is read anew when it has changed, and at most for this part of the time.
const READING: u32 = 100;

/// What is known of the database.
#[derive(Debug)]
pub struct Database {
    away: watch::Sender<Option<Away>>,
    /// Raised when streams must end.
    cuts: watch::Sender<u64>,
    doubt: Notify,
    last_known: RwLock<Option<LastKnown>>,
}

/// An outage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Away {
    pub since: Instant,
}

impl Default for Database {
    fn default() -> Self {
        Database {
            away: watch::Sender::new(None),
            cuts: watch::Sender::new(0),
            doubt: Notify::new(),
            last_known: RwLock::default(),
        }
    }
}

impl Database {
    /// The outage that is known of now.
    pub fn away(&self) -> Option<Away> {
        *self.away.borrow()
    }

    /// A request found it away: it is asked again at once.
    pub fn doubt(&self) {
        self.doubt.notify_one();
    }

    /// Changes when live streams must end.
    pub fn cuts(&self) -> watch::Receiver<u64> {
        self.cuts.subscribe()
    }

    /// The queue as it was when the database answered last; `None` where it never did.
    pub fn last_known(&self) -> Option<LastKnown> {
        self.last_known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, known: LastKnown) {
        *self.last_known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }

    /// What is kept is still true, if nothing has happened since.
    fn still_true(&self, last: Seq, now: Timestamp) -> bool {
        let mut known = self.last_known.write().unwrap_or_else(PoisonError::into_inner);
        match known.as_mut().filter(|known| known.seq == last) {
            Some(known) => {
                known.as_of = now;
                true
            }
            None => false,
        }
    }

    fn answers(&self) {
        let was = self.away.send_replace(None);
        if let Some(Away { since }) = was {
            let seconds = since.elapsed().as_secs_f64();
            tracing::info!(seconds, "the database is back");
        }
    }

    fn does_not_answer(&self, error: &StoreError) {
        let now = Away { since: Instant::now() };
        let begins = self.away.send_if_modified(|away| match away {
            None => {
                *away = Some(now);
                true
            }
            Some(_) => false,
        });
        if begins {
            tracing::warn!(%error, "the database is away: queues are answered as they were, writes are refused");
        }
    }

    /// Ends the streams, once for each outage that lasts.
    fn end_streams(&self, ended_for: &mut Option<Away>) {
        let Some(away) = self.away() else { return };
        if away.since.elapsed() >= STREAMS_END_AFTER && *ended_for != Some(away) {
            *ended_for = Some(away);
            self.cuts.send_modify(|cuts| *cuts = cuts.wrapping_add(1));
        }
    }
}

/// Keeps an eye on the database until `stop`.
pub async fn watch(app: Arc<App>, stop: CancellationToken) {
    tokio::select! {
        () = watch_for_ever(&app) => {}
        () = stop.cancelled() => {}
    }
}

async fn watch_for_ever(app: &App) {
    let database = &app.database;
    let mut ended_for = None;
    let mut read_again_at = Instant::now();
    loop {
        match look(app, &mut read_again_at).await {
            Ok(()) => database.answers(),
            Err(error @ StoreError::Unavailable(_)) => {
                database.does_not_answer(&error);
                database.end_streams(&mut ended_for);
            }
            // Too much to do, or a defect that others will meet: it is there.
            Err(error) => tracing::debug!(%error, "the queue as it is was not read"),
        }
        let (there, away) = ASKED_EVERY;
        let pause = if database.away().is_some() { away } else { there };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = database.doubt.notified() => tokio::time::sleep(ASKED_AT_MOST_EVERY).await,
        }
    }
}

/// Asks the database, and reads the queue if it has changed and it is time.
async fn look(app: &App, read_again_at: &mut Instant) -> Result<(), StoreError> {
    let now = app.clock.now();
    let (_, last) = app.store.journal_span().await?;
    if app.database.still_true(last, now) || Instant::now() < *read_again_at {
        return Ok(());
    }
    let began = Instant::now();
    let known = LastKnown::read(&*app.store, now).await?;
    *read_again_at = Instant::now() + began.elapsed() * READING;
    app.database.keep(known);
    Ok(())
}
