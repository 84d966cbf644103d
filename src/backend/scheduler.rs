//! The one timer: sleeps until the nearest deadline and acts on it. Deadlines are rows on disk, so a restart forgets none;
//! those that passed meanwhile are acted on at once.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::metrics::Metrics;
use crate::{
    clock::Clock,
    domain::{command::Command, deadline::Deadline, decision::Refusal, journal::Actor},
    store::{Request, Store, StoreError},
};

/// Deadlines acted on between two looks.
const AT_ONCE: usize = 256;
/// The shortest and the longest wait after an error; the longest also after deadlines that will not go away.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));
/// How often records that have had their day are swept out.
const SWEEP: SignedDuration = SignedDuration::from_hours(1);

/// Runs until `stop`.
pub async fn run(
    store: Arc<dyn Store>,
    clock: Clock,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
) {
    let timer = Timer { store, clock, metrics };
    tokio::select! {
        () = stop.cancelled() => {}
        () = timer.act() => {}
        () = timer.sweep() => {}
    }
}

struct Timer {
    store: Arc<dyn Store>,
    clock: Clock,
    metrics: Arc<Metrics>,
}

impl Timer {
    async fn act(&self) {
        let mut nearest = self.store.nearest_deadline();
        let mut wait = BACK_OFF.0;
        loop {
            // Marked as seen before looking, so that a change during the look wakes us again.
            let next = nearest.borrow_and_update().unwrap_or(Timestamp::MAX);
            if next <= self.clock.now() {
                if let Err(error) = self.act_on_due().await {
                    tracing::warn!(%error, "deadlines cannot be acted on; trying again");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(BACK_OFF.1);
                    continue;
                }
                wait = BACK_OFF.0;
            }
            let closed = tokio::select! {
                () = self.clock.sleep_until(next), if next > self.clock.now() => false,
                changed = nearest.changed() => changed.is_err(),
            };
            if closed {
                // The store is: no deadline will come, the end will.
                return std::future::pending().await;
            }
        }
    }

    /// Acts on everything that is due.
    async fn act_on_due(&self) -> Result<(), StoreError> {
        let mut before = Vec::new();
        loop {
            let now = self.clock.now();
            let due = self.store.due_deadlines(now, AT_ONCE).await?;
            if due.is_empty() {
                return Ok(());
            }
            if due == before {
                // Acting on them changed nothing: a defect, which must not become a busy loop.
                tracing::error!(
                    deadlines = due.len(),
                    "deadlines stay although they were acted on"
                );
                tokio::time::sleep(BACK_OFF.1).await;
            }
            futures_util::future::try_join_all(due.iter().map(|deadline| self.reached(deadline)))
                .await?;
            before = due;
        }
    }

    async fn reached(&self, deadline: &Deadline) -> Result<(), StoreError> {
        let request = Request {
            command: Command::DeadlineReached { lead: deadline.lead, kind: deadline.kind },
            actor: Actor::Clock,
            now: self.clock.now(),
            idempotency: None,
        };
        match self.store.execute(request).await {
            Ok(_) => self.metrics.deadlines.increment(1),
            // Gone by retention or erasure meanwhile.
            Err(StoreError::Refused(Refusal::NoSuchLead)) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn sweep(&self) {
        loop {
            let now = self.clock.now();
            match self.store.sweep(now).await {
                Ok(0) => {}
                Ok(rows) => tracing::debug!(rows, "swept out what has had its day"),
                Err(error) => tracing::warn!(%error, "old records cannot be swept out"),
            }
            self.clock.sleep_until(now.saturating_add(SWEEP).unwrap_or(Timestamp::MAX)).await;
            // A rehearsal clock that runs a thousand times as fast must not make this a busy loop.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::out_of_reach::OutOfReach;

    #[tokio::test]
    async fn a_store_out_of_reach_is_asked_again_less_and_less_often_and_the_end_comes_at_once() {
        let clock = Clock::manual("2026-09-01T08:00:00Z".parse().expect("a time"));
        let store = OutOfReach::new(Some("2026-09-01T07:00:00Z".parse().expect("a time")));
        let stop = CancellationToken::new();
        let timer = tokio::spawn(run(store.clone(), clock, Arc::default(), stop.clone()));
        tokio::time::sleep(Duration::from_millis(600)).await;
        let asked = store.asked();
        assert!((3..=8).contains(&asked), "{asked}");
        stop.cancel();
        let ended = tokio::time::timeout(Duration::from_millis(200), timer).await;
        ended.expect("at once").expect("no panic");
    }
}
