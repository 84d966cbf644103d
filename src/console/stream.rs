//! The live stream of entries. sse-stream stays behind this file.

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use sse_stream::SseByteStream;

use super::{client::Client, msg::Failure};
use crate::{domain::ids::Seq, wire};

/// What comes by the stream.
#[derive(Debug)]
pub(super) enum Event {
    Entry(Box<wire::Entry>),
    /// An entry that this version cannot read: it is passed over, and counted.
    Strange(Seq),
}

/// Why the stream ended.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Broken(pub String);

/// Opens the stream behind a sequence number.
///
/// # Errors
/// As every request; 410 where the gap is too old.
pub(super) async fn open(
    client: &Client,
    after: Seq,
) -> Result<impl Stream<Item = Result<Event, Broken>> + Unpin + use<>, Failure> {
    let answer = client.stream(after).await?;
    // The client's read timeout ends a line that has been silent for too long, comments counted.
    let blocks = SseByteStream::new(answer.bytes_stream());
    let events = blocks.filter_map(|block| async {
        match block {
            Err(error) => Some(Err(Broken(said(&error)))),
            Ok(block) => read(block.id.as_deref(), block.data.as_deref()?).map(Ok),
        }
    });
    Ok(Box::pin(events))
}

/// Reads one block. A block without a number cannot be resumed from and is none of ours.
fn read(id: Option<&str>, data: &str) -> Option<Event> {
    match serde_json::from_str::<wire::Entry>(data) {
        Ok(entry) => Some(Event::Entry(Box::new(entry))),
        Err(error) => {
            let seq = id.and_then(|id| id.parse().ok())?;
            tracing::warn!(seq, %error, "an entry of the stream cannot be read and is passed over");
            Some(Event::Strange(seq))
        }
    }
}

fn said(error: &sse_stream::Error) -> String {
    match error {
        sse_stream::Error::Body(_) => "the line broke".into(),
        other => format!("the stream cannot be read: {other}"),
    }
}

/// How long to wait before the next try: 0.5 s at first, doubled each time to 10 s at most, and spread by up to a quarter
/// either way (`chance` from 0 to 1) so that fifty consoles do not come back in the same moment.
pub(super) fn backoff(tries: u32, chance: f64) -> Duration {
    let whole = Duration::from_millis(500) * 2_u32.saturating_pow(tries.min(10));
    let spread = 0.75 + 0.5 * chance.clamp(0.0, 1.0);
    whole.min(Duration::from_secs(10)).mul_f64(spread).min(Duration::from_secs(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_half_a_second_to_ten() {
        let said: Vec<_> = (0..7).map(|tries| backoff(tries, 0.5).as_millis()).collect();
        assert_eq!(said, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
        assert_eq!(backoff(0, 0.0).as_millis(), 375);
        assert_eq!(backoff(0, 1.0).as_millis(), 625);
        assert!(backoff(u32::MAX, 1.0) <= Duration::from_secs(10));
    }
}
