//! `ringback restore`.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{backup, failure::Failure, output, place::Place};
use crate::{
    clock::Clock,
    store::{
        StoreUrl,
        sqlite::backup::{Contents, restore},
    },
};

/// Put back what `ringback backup` wrote
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback restore /srv/backups/monday.db
  ringback restore /srv/backups/monday.db --data /var/lib/ringback --json

The server must be stopped. What was there before is kept beside it, under a name with the time.
Leads that are kept in PostgreSQL are restored by its own tools: this says how.")]
pub(super) struct Args {
    /// File that `ringback backup` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    place: Place,

    /// Print one JSON object: {database, bytes, leads, head, kept}
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Restored<'a> {
    database: &'a Path,
    bytes: u64,
    leads: u64,
    /// The journal's last sequence number.
    head: i64,
    /// Where that is which was there before; `null` where nothing was.
    kept: Option<&'a Path>,
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    let config = args.place.load_config()?;
    let database = match args.place.store(&config)? {
        StoreUrl::Sqlite(path) => path,
        url @ StoreUrl::Postgres(_) => {
            return Err(Failure::failed(format!(
                "leads are kept in PostgreSQL, which is restored by its own tools: pg_restore --clean --if-exists --dbname='{url}' {}",
                args.file.display()
            )));
        }
    };
    let same = |path: &Path| path.canonicalize().ok();
    if same(&database).is_some_and(|database| Some(database) == same(&args.file)) {
        return Err(Failure::failed(
            "this is the database itself: name a file that `ringback backup` wrote",
        ));
    }
    let now = Clock::System.now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut kept = database.clone().into_os_string();
    kept.push(format!(".before-{now}"));
    let kept = PathBuf::from(kept);
    let contents = restore(&args.file, &database, &kept).map_err(Failure::failed)?;
    let kept = kept.exists().then_some(&*kept);
    let Contents { bytes, leads, head } = contents;
    if args.json {
        return output::json(&Restored { database: &database, bytes, leads, head, kept });
    }
    output::line(format!("{}: {}", database.display(), backup::in_words(&contents)))?;
    match kept {
        Some(kept) => output::line(format!("what was there before is kept as {}", kept.display())),
        None => Ok(()),
    }
}
