//! What all handlers share.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    Backend, Settings,
    audit::{self, Audit},
    auth::{Known, Tokens},
    database::Database,
    failure::Failure,
    limits::RateLimits,
    metrics::Metrics,
    stream::Hub,
};
use crate::{
    clock::Clock,
    domain::{command::Command, ids::LeadId, policy::Policy},
    store::{Access, Done, IdempotencyKey, Request, Store},
};

/// The service's shared parts. Nothing in it outlives a restart.
pub struct App {
    pub store: Arc<dyn Store>,
    pub clock: Clock,
    pub policy: Arc<Policy>,
    pub settings: Settings,
    pub tokens: Tokens,
    pub rates: RateLimits,
    pub metrics: Arc<Metrics>,
    pub hub: Hub,
    pub database: Database,
    pub audit: Audit,
    /// Cancelled as soon as the service is to stop.
    pub draining: CancellationToken,
}

impl App {
    pub fn new(
        backend: Backend,
        draining: CancellationToken,
    ) -> (Arc<App>, mpsc::Receiver<Access>) {
        let Backend { store, clock, policy, settings } = backend;
        let (audit, accesses) = audit::channel();
        let app = App {
            store,
            clock,
            policy,
            tokens: Tokens::default(),
            rates: RateLimits::new(&settings.limits),
            metrics: Arc::new(Metrics::new()),
            hub: Hub::default(),
            database: Database::default(),
            settings,
            audit,
            draining,
        };
        (Arc::new(app), accesses)
    }

    /// Takes a command through the one door.
    ///
    /// # Errors
    /// As the store says.
    pub async fn execute(
        &self,
        who: &Known,
        command: Command,
        idempotency: Option<IdempotencyKey>,
    ) -> Result<Done, Failure> {
        let request =
            Request { command, actor: who.actor.clone(), now: self.clock.now(), idempotency };
        Ok(self.store.execute(request).await?)
    }

    /// Takes down that somebody looked.
    pub fn looked(&self, who: &Known, what: &str, lead: Option<LeadId>) {
        self.audit.note(Access {
            at: self.clock.now(),
            actor: who.actor.clone(),
            what: what.into(),
            lead,
        });
    }

    /// Where numbers are written without a country.
    pub fn region(&self) -> &str {
        &self.policy.region
    }
}

/// Small housekeeping in memory, every few seconds until `stop`.
pub async fn upkeep(app: Arc<App>, stop: CancellationToken) {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        tokio::select! {
            _ = every.tick() => {}
            () = stop.cancelled() => return,
        }
        app.metrics.upkeep();
        app.rates.forget_the_quiet();
    }
}
