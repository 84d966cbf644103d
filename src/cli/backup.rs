//! `ringback backup`.

use std::path::PathBuf;

use serde::Serialize;

use super::{failure::Failure, output, place::Place};
use crate::store::{
    StoreUrl,
    sqlite::backup::{self, Contents},
};

/// Copy everything into one file, also while the server runs
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback backup /srv/backups/monday.db
  ringback backup \"/srv/backups/$(date +%F).db\" --data /var/lib/ringback --json

The file holds everything as it is at one moment. `ringback restore` puts it back.
Leads that are kept in PostgreSQL are backed up by its own tools: this says how.")]
pub(super) struct Args {
    /// File to write; one that is there already is not overwritten
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    place: Place,

    /// Print one JSON object: {file, bytes, leads, head}
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct BackedUp<'a> {
    file: &'a std::path::Path,
    bytes: u64,
    leads: u64,
    /// The journal's last sequence number.
    head: i64,
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    let config = args.place.load_config()?;
    let database = match args.place.store(&config)? {
        StoreUrl::Sqlite(path) => path,
        url @ StoreUrl::Postgres(_) => {
            return Err(Failure::failed(format!(
                "leads are kept in PostgreSQL, which is backed up by its own tools: pg_dump --format=custom --file={} '{url}'",
                args.file.display()
            )));
        }
    };
    let contents = backup::backup(&database, &args.file).map_err(Failure::failed)?;
    let Contents { bytes, leads, head } = contents;
    if args.json {
        return output::json(&BackedUp { file: &args.file, bytes, leads, head });
    }
    output::line(format!("{}: {}", args.file.display(), in_words(&contents)))
}

/// "214 leads, the journal to entry 1032, 3.1 MB".
pub(super) fn in_words(contents: &Contents) -> String {
    let Contents { bytes, leads, head } = *contents;
    let leads = if leads == 1 { "1 lead".into() } else { format!("{leads} leads") };
    let size = match bytes {
        0..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    };
    format!("{leads}, the journal to entry {head}, {size}")
}
