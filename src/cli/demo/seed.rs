//! Calls into the demo's server, as the voice agent reports them: `POST /api/ingest/lead`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::callers::{self, Later};
use crate::{
    cli::{api::Api, failure::Failure},
    clock::Clock,
};

/// However fast the demo's clock runs, calls come no faster than this.
const PACE: Duration = Duration::from_millis(20);

/// The weekend's calls, one after the other: who gets a lead depends on who has how many already.
pub(super) async fn night(agent: &Api, moved_by: SignedDuration) -> Result<(), Failure> {
    for (n, call) in callers::night(moved_by)?.iter().enumerate() {
        report(agent, call, &format!("night-{n}")).await?;
    }
    Ok(())
}

/// The calls that keep arriving: first those of the script, then others without end.
pub(super) async fn morning(
    agent: Api,
    clock: Clock,
    began: Timestamp,
    seed: u64,
) -> Result<(), Failure> {
    let mut last = began;
    for (n, call) in callers::morning()?.iter().enumerate() {
        last = later(began, call.after);
        clock.sleep_until(last).await;
        report(&agent, &call.payload, &format!("morning-{n}")).await?;
        tokio::time::sleep(PACE).await;
    }
    let mut callers = Later::new(seed)?;
    for n in 0_u64.. {
        last = later(last, callers.pause());
        clock.sleep_until(last).await;
        report(&agent, &callers.call(), &format!("later-{n}")).await?;
        tokio::time::sleep(PACE).await;
    }
    Ok(())
}

async fn report(agent: &Api, call: &Value, key: &str) -> Result<(), Failure> {
    agent.post_as_is("/api/ingest/lead", call.to_string().as_bytes(), key).await?;
    Ok(())
}

fn later(at: Timestamp, seconds: u64) -> Timestamp {
    let wait = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    at.checked_add(wait).unwrap_or(at)
}
