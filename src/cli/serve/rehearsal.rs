//! The rehearsal clock: any morning, at any speed, as long as nothing of it can reach a real person.

use jiff::Timestamp;

use super::{instant, speed};
use crate::{
    cli::failure::Failure,
    clock::Clock,
    config::Config,
    domain::ids::Seq,
    store::{JournalQuery, Store, StoreError},
    wire,
};

/// Journal entries read at once while looking for the last one about a lead.
const PAGE: Seq = 256;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Start the rehearsal clock at this time: RFC 3339. On data that knows later calls, it goes on from there
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    at: Option<Timestamp>,

    /// How many times as fast as the real one the rehearsal clock runs
    #[arg(long, value_name = "N", value_parser = speed)]
    speed: Option<f64>,
}

impl Options {
    fn rehearses(&self) -> bool {
        self.at.is_some() || self.speed.is_some()
    }

    /// A rehearsal must not ring, write to or book real people.
    pub(super) fn refuse_beside(&self, config: &Config) -> Result<(), Failure> {
        let live = config.live_services();
        if !self.rehearses() || live.is_empty() {
            return Ok(());
        }
        let live = live.join(", ");
        Err(Failure::failed(format!(
            "--at and --speed are for rehearsals, and {live} would reach real people: switch it off, or give it a base_url on this machine"
        )))
    }

    /// The clock to serve by. A rehearsal never goes back behind what the data has seen of leads, so that no lead is
    /// claimed before it came in; people and keys added meanwhile on the real clock do not count.
    pub(super) async fn clock(&self, store: &dyn Store) -> Result<Clock, Failure> {
        if !self.rehearses() {
            return Ok(Clock::System);
        }
        let wanted = self.at.unwrap_or_else(|| Clock::System.now());
        let start = match last_about_a_lead(store).await? {
            Some(last) if last > wanted => {
                tracing::warn!(%wanted, %last, "the data knows later calls: the rehearsal goes on from the last of them");
                last
            }
            _ => wanted,
        };
        Ok(Clock::rehearsal(start, self.speed.unwrap_or(1.0)))
    }
}

/// When the newest journal entry about a lead was written.
async fn last_about_a_lead(store: &dyn Store) -> Result<Option<Timestamp>, StoreError> {
    let (first, mut upto) = store.journal_span().await?;
    while upto >= first {
        let after = (upto - PAGE).max(first - 1);
        let limit = usize::try_from(upto - after).unwrap_or_default();
        let entries = store.journal(JournalQuery { after, limit }).await?;
        let found = entries
            .iter()
            .rev()
            .filter(|entry| entry.kind.starts_with("lead."))
            .find_map(|entry| serde_json::from_str::<wire::Entry>(&entry.json).ok());
        if let Some(entry) = found {
            return Ok(Some(entry.at));
        }
        upto = after;
    }
    Ok(None)
}
