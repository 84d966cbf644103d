//! Who looked at personal data (requirements §11): taken down in passing, written in batches, never in the way of an answer.

use std::{sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::store::{Access, Store};

/// Accesses that may wait to be written. Beyond, the record says so in the log: an answer is worth more than its trace.
const WAITING: usize = 65_536;
/// Accesses written at once.
const BATCH: usize = 512;

/// Where accesses are handed in.
#[derive(Clone, Debug)]
pub struct Audit {
    sender: mpsc::Sender<Access>,
}

/// A pair: where accesses are handed in, and where [`write`] takes them.
pub fn channel() -> (Audit, mpsc::Receiver<Access>) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Audit { sender }, receiver)
}

impl Audit {
    pub fn note(&self, access: Access) {
        if self.sender.try_send(access).is_err() {
            tracing::error!("an access to personal data could not be recorded: too many wait");
        }
    }
}

/// Writes accesses until `stop`, and then those that still wait.
pub async fn write(
    store: Arc<dyn Store>,
    mut waiting: mpsc::Receiver<Access>,
    stop: CancellationToken,
) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let taken = tokio::select! {
            biased;
            taken = waiting.recv_many(&mut batch, BATCH) => taken,
            () = stop.cancelled() => {
                waiting.close();
                waiting.recv_many(&mut batch, BATCH).await
            }
        };
        if taken == 0 {
            return;
        }
        if !written(&*store, &batch, &stop).await {
            tracing::error!(
                accesses = batch.len(),
                "accesses to personal data could not be recorded"
            );
        }
        batch.clear();
    }
}

/// Tries again while the store is out of reach: for ever while running, twice at the end.
async fn written(store: &dyn Store, batch: &[Access], stop: &CancellationToken) -> bool {
    let waits = || {
        ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(50))
            .with_max_delay(Duration::from_secs(5))
            .without_max_times()
            .build()
    };
    let mut tries_at_the_end = 2;
    for wait in waits() {
        match store.record_access(batch.to_vec()).await {
            Ok(()) => return true,
            Err(error) => tracing::warn!(%error, "the access record cannot be written"),
        }
        if stop.is_cancelled() {
            tries_at_the_end -= 1;
            if tries_at_the_end == 0 {
                return false;
            }
        }
        let _ = tokio::time::timeout(wait, stop.cancelled()).await;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{backend::out_of_reach::OutOfReach, domain::journal::Actor};

    #[tokio::test]
    async fn accesses_wait_for_a_store_out_of_reach_but_do_not_hold_up_the_end() {
        let (audit, waiting) = channel();
        let store = OutOfReach::new(None);
        let stop = CancellationToken::new();
        let writer = tokio::spawn(write(store.clone(), waiting, stop.clone()));
        audit.note(Access {
            at: "2026-09-01T08:00:00Z".parse().expect("a time"),
            actor: Actor::Operator,
            what: "lead".into(),
            lead: None,
        });
        tokio::time::sleep(Duration::from_millis(400)).await;
        let asked = store.asked();
        assert!((2..=8).contains(&asked), "{asked}");
        stop.cancel();
        let ended = tokio::time::timeout(Duration::from_millis(500), writer).await;
        ended.expect("soon").expect("no panic");
        assert!(store.asked() > asked, "one more try at the end");
    }
}
