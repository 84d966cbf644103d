//! The one clock at the edge. Rules never read it: they are given the time.
//!
//! A rehearsal clock (`--at`, `--speed`) lets a whole morning pass in a minute; it is refused while a live integration is
//! on (contract, `serve`).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// Where the time comes from. Cheap to clone; clones of a manual clock move together.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's own.
    System,
    /// Starts at a given instant and runs `speed` times as fast as the machine's.
    Rehearsal { start: Timestamp, since: Instant, speed: f64 },
    /// Moves only when told to: for tests.
    Manual(Arc<ManualClock>),
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Timestamp>,
    moved: watch::Sender<()>,
}

impl Clock {
    /// A rehearsal clock. `speed` is clamped to 0.01 … 100,000.
    pub fn rehearsal(start: Timestamp, speed: f64) -> Clock {
        Clock::Rehearsal {
            start: in_ms(start),
            since: Instant::now(),
            speed: speed.clamp(0.01, 100_000.0),
        }
    }

    /// A clock that stands at `now`.
    pub fn manual(now: Timestamp) -> Clock {
        Clock::Manual(Arc::new(ManualClock {
            now: Mutex::new(in_ms(now)),
            moved: watch::Sender::new(()),
        }))
    }

    /// The time, in whole milliseconds: what the databases keep.
    #[expect(clippy::disallowed_methods, reason = "this is the edge where time comes in")]
    pub fn now(&self) -> Timestamp {
        in_ms(match self {
            Clock::System => Timestamp::now(),
            Clock::Rehearsal { start, since, speed } => {
                let elapsed = since.elapsed().as_secs_f64() * speed;
                SignedDuration::try_from_secs_f64(elapsed)
                    .ok()
                    .and_then(|elapsed| start.checked_add(elapsed).ok())
                    .unwrap_or(*start)
            }
            Clock::Manual(clock) => *clock.now.lock().unwrap_or_else(PoisonError::into_inner),
        })
    }

    /// Moves a manual clock forward; the others run by themselves.
    pub fn advance(&self, by: SignedDuration) {
        if let Clock::Manual(clock) = self {
            let mut now = clock.now.lock().unwrap_or_else(PoisonError::into_inner);
            *now = now.checked_add(by).unwrap_or(*now);
            drop(now);
            clock.moved.send_replace(());
        }
    }

    /// Waits until this clock shows `at` or later.
    pub async fn sleep_until(&self, at: Timestamp) {
        match self {
            Clock::Manual(clock) => {
                let mut moved = clock.moved.subscribe();
                while self.now() < at {
                    if moved.changed().await.is_err() {
                        return;
                    }
                }
            }
            Clock::System | Clock::Rehearsal { .. } => loop {
                let left = at.duration_since(self.now());
                let Ok(left) = Duration::try_from(left) else { return };
                if left.is_zero() {
                    return;
                }
                // In steps, so that a machine that slept, or whose clock was set, is not late by hours.
                let real = left
                    .div_f64(self.speed())
                    .clamp(Duration::from_millis(1), Duration::from_secs(30));
                tokio::time::sleep(real).await;
            },
        }
    }

    /// Whether this is not the real time.
    pub fn is_rehearsal(&self) -> bool {
        !matches!(self, Clock::System)
    }

    fn speed(&self) -> f64 {
        match self {
            Clock::Rehearsal { speed, .. } => *speed,
            Clock::System | Clock::Manual(_) => 1.0,
        }
    }
}

/// Cut to whole milliseconds.
pub fn in_ms(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[tokio::test]
    async fn a_rehearsal_clock_runs_faster_and_wakes_sleepers_on_its_own_time() {
        let clock = Clock::rehearsal(at("2026-09-01T07:52:00Z"), 60_000.0);
        clock.sleep_until(at("2026-09-01T08:15:00Z")).await;
        assert!(clock.now() >= at("2026-09-01T08:15:00Z"));
    }

    #[tokio::test]
    async fn a_manual_clock_moves_only_when_told_to() {
        let clock = Clock::manual(at("2026-09-01T07:52:00Z"));
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(at("2026-09-01T07:53:00Z")).await }
        });
        clock.advance(SignedDuration::from_secs(30));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(SignedDuration::from_secs(30));
        sleeper.await.expect("the sleeper wakes");
    }
}
