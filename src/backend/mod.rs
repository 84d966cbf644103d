//! The running service: HTTP in front of the one door, the live stream, and the timer that acts on deadlines.
//!
//! [`run`] is all there is to it: the caller owns the socket and the signal to stop, so tests and `main` share one path.
//! Handlers extract, make a [`Command`](crate::domain::command::Command), execute it and answer; the rules are in
//! [`crate::domain`], the truth is in the [`Store`]. Nothing here keeps state that a restart would lose.

mod app;
mod audit;
mod auth;
mod database;
mod door;
mod failure;
mod http;
mod last_known;
mod limits;
mod metrics;
#[cfg(test)]
mod out_of_reach;
mod scheduler;
mod server;
mod stream;

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{clock::Clock, domain::policy::Policy, store::Store};

pub use auth::token_hash;
pub use http::openapi::document as openapi_document;
pub use limits::Limits;

/// What the service runs on.
#[derive(Clone)]
pub struct Backend {
    pub store: Arc<dyn Store>,
    pub clock: Clock,
    /// The same policy that the store decides with.
    pub policy: Arc<Policy>,
    pub settings: Settings,
}

/// What the owner set about the service itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The business's name, as consoles show it.
    pub business_name: String,
    /// Whether `/metrics` answers.
    pub metrics: bool,
    pub limits: Limits,
    /// The largest gap, in journal entries, that a stream makes good; behind a larger one the client loads the queue again.
    pub stream_gap: i64,
    /// Silence on a stream after which a comment line keeps proxies awake.
    pub heartbeat: Duration,
    /// How long requests under way may still take after the signal to stop.
    pub drain: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            business_name: "ringback".into(),
            metrics: true,
            limits: Limits::default(),
            stream_gap: 50_000,
            heartbeat: Duration::from_secs(15),
            drain: Duration::from_millis(3_500),
        }
    }
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend")
            .field("store", &self.store.name())
            .field("clock", &self.clock)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Why the service ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("the listening socket failed: {0}")]
    Socket(#[from] std::io::Error),
    /// A background task ended although nobody asked for it: a defect.
    #[error("the {0} stopped by itself")]
    TaskEnded(&'static str),
}

/// Serves on `listener` until `shutdown`, then drains: streams end at once, requests under way have [`Settings::drain`], what
/// was looked at is written down. The store stays open: it is the caller's to close.
///
/// # Errors
/// [`RunError`]; after a shutdown that was asked for, never.
pub async fn run(
    listener: std::net::TcpListener,
    backend: Backend,
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    let drain = backend.settings.drain;
    // Child of the caller's: streams end and `/readyz` says no as soon as the caller cancels.
    let draining = shutdown.child_token();
    // Set only when the last request is answered: until then deadlines are acted on and accesses are taken down.
    let stop = CancellationToken::new();
    let (app, accesses) = app::App::new(backend, draining.clone());
    let mut tasks = JoinSet::new();
    let (store, clock) = (app.store.clone(), app.clock.clone());
    let timer = scheduler::run(store.clone(), clock, app.metrics.clone(), stop.clone());
    spawn(&mut tasks, "scheduler", timer);
    spawn(&mut tasks, "live stream", stream::pump(app.clone(), stop.clone()));
    spawn(&mut tasks, "access record", audit::write(store, accesses, stop.clone()));
    spawn(&mut tasks, "upkeep", app::upkeep(app.clone(), stop.clone()));
    spawn(&mut tasks, "eye on the database", database::watch(app.clone(), stop.clone()));

    let mut served = std::pin::pin!(server::serve(listener, app.clone(), draining.clone(), drain));
    let ended = tokio::select! {
        served = &mut served => served.map_err(RunError::from),
        ended = tasks.join_next() => {
            let name = ended.and_then(Result::ok).unwrap_or("background task");
            tracing::error!(task = name, "a background task ended by itself");
            draining.cancel();
            served.await.map_err(RunError::from).and(Err(RunError::TaskEnded(name)))
        }
    };
    stop.cancel();
    let ends = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_secs(1), ends).await.is_err() {
        tracing::warn!("background tasks did not end in time");
    }
    ended
}

fn spawn(
    tasks: &mut JoinSet<&'static str>,
    name: &'static str,
    work: impl Future<Output = ()> + Send + 'static,
) {
    tasks.spawn(async move {
        work.await;
        name
    });
}
