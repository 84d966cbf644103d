//! How long to wait before trying again.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// Pauses that double from the shortest to the longest, each with a random part, so that many servers do not all come back
/// in the same moment.
pub struct Retry {
    builder: ExponentialBuilder,
    pauses: ExponentialBackoff,
    longest: Duration,
}

impl Retry {
    pub fn new((shortest, longest): (Duration, Duration)) -> Retry {
        let builder = ExponentialBuilder::new()
            .with_min_delay(shortest)
            .with_max_delay(longest)
            .with_jitter()
            .without_max_times();
        Retry { builder, pauses: builder.build(), longest }
    }

    /// The next pause, never above the longest.
    pub fn pause(&mut self) -> Duration {
        self.pauses.next().unwrap_or(self.longest).min(self.longest)
    }

    /// It went well: the next pause is short again.
    pub fn reset(&mut self) {
        self.pauses = self.builder.build();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_start_over_after_success() {
        let (shortest, longest) = (Duration::from_millis(100), Duration::from_secs(2));
        let mut retry = Retry::new((shortest, longest));
        let pauses: Vec<Duration> = (0..50).map(|_| retry.pause()).collect();
        assert!(pauses.iter().all(|pause| (shortest..=longest).contains(pause)), "{pauses:?}");
        assert_eq!(pauses[49], longest);
        retry.reset();
        assert!(retry.pause() <= shortest * 2);
    }
}
