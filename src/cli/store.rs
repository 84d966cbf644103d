//! `ringback store`: the database itself.

use std::{
    io::IsTerminal,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use clap::Subcommand;
use serde::Serialize;

use super::{failure::Failure, output};
use crate::store::{
    StoreUrl,
    copy::{Progress, Report, copy},
};

/// The database itself: move an installation to another one
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback store copy --from /var/lib/ringback/ringback.db --to postgres://ringback@db/ringback")]
pub(super) struct Args {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Debug, Subcommand)]
enum StoreCommand {
    /// Copy a whole installation into an empty database, of the same kind or the other
    #[command(after_help = "\
Examples:
  ringback store copy --from /var/lib/ringback/ringback.db --to postgres://ringback@db/ringback
  RINGBACK_COPY_TO=postgres://ringback:secret@db/ringback ringback store copy --from ringback.db

Stop `ringback serve` first: what it would take meanwhile is refused as busy, and after the copy it
would go on writing to the old database. Afterwards set `url` in [store] and start it again.
The copy is kept only if a second reading of it agrees with the source. The source stays as it is.")]
    Copy {
        /// A SQLite file, sqlite:///… or postgres://…
        #[arg(long, value_name = "URL", env = "RINGBACK_COPY_FROM", hide_env_values = true, value_parser = StoreUrl::or_path)]
        from: StoreUrl,

        /// A SQLite file, sqlite:///… or postgres://…; it must be empty or not there yet
        #[arg(long, value_name = "URL", env = "RINGBACK_COPY_TO", hide_env_values = true, value_parser = StoreUrl::or_path)]
        to: StoreUrl,

        /// Print one JSON object: {tables: {NAME: ROWS, …}, head, journal_sha256}
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct Copied {
    tables: serde_json::Map<String, serde_json::Value>,
    head: i64,
    journal_sha256: String,
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    let StoreCommand::Copy { from, to, json } = args.command;
    let report = super::block_on_all_cores(async {
        copy(&from, &to, progress()).await.map_err(Failure::failed)
    })?;
    if json {
        return output::json(&Copied::of(&report));
    }
    for (table, rows) in &report.tables {
        output::line(format!("{table:<14} {rows:>12}"))?;
    }
    output::line(format!(
        "the journal ends at {}, its SHA-256 is {}",
        report.head, report.journal_sha256
    ))
}

/// Shows how far it has come, twice a second, where somebody looks.
fn progress() -> Progress {
    if !std::io::stderr().is_terminal() {
        return Arc::new(|_, _| {});
    }
    let shown = Mutex::new(Instant::now());
    Arc::new(move |table, rows| {
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.elapsed().as_millis() >= 500 {
            *shown = Instant::now();
            eprint!("\r{table:<14} {rows:>12}\r");
        }
    })
}

impl Copied {
    fn of(report: &Report) -> Copied {
        let tables = report.tables.iter();
        Copied {
            tables: tables.map(|(table, rows)| ((*table).to_owned(), (*rows).into())).collect(),
            head: report.head,
            journal_sha256: report.journal_sha256.clone(),
        }
    }
}
