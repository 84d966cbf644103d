//! Moving a whole installation from one database to another, whichever engines they are: `ringback store copy`.
//!
//! Rows go over in batches inside one transaction of the target, which is committed only when a second reading of the target
//! agrees with what the source gave: in the number of rows and a sum over every table, and in the digest of the journal. The
//! source is kept from changing meanwhile: a server that still runs on it is told that the store is busy.

mod postgres;
mod sqlite;
mod tables;

use std::sync::Arc;

use tokio::sync::mpsc;

use self::tables::{Batch, Sums, TABLES};
use super::{StoreError, StoreUrl};
use crate::domain::ids::Seq;

/// Batches on their way.
const UNDER_WAY: usize = 4;

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Each table with its rows, in the order in which they were copied.
    pub tables: Vec<(&'static str, u64)>,
    /// The journal's last sequence number.
    pub head: Seq,
    /// SHA-256 of the journal, in hexadecimal: of each entry in order its number, the length of its JSON (both as eight
    /// bytes, the highest first) and the JSON.
    pub journal_sha256: String,
}

/// Why nothing was copied. The target is as it was.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CopyError {
    #[error("source and target are the same database")]
    SamePlace,
    #[error("there is no database at {0}")]
    NoSource(String),
    #[error("the target holds something already ({0}): copy into an empty database")]
    NotEmpty(&'static str),
    #[error("{0} was not copied faithfully: nothing is kept of the copy")]
    Unfaithful(&'static str),
    #[error("the source cannot be read: {0}")]
    Source(StoreError),
    #[error("the target cannot be written: {0}")]
    Target(StoreError),
}

/// Hears how far a copy has come: the table, and its rows so far.
pub type Progress = Arc<dyn Fn(&'static str, u64) + Send + Sync>;

/// What goes from the source to the target.
#[derive(Debug)]
enum Parcel {
    Rows(Batch),
    /// All has been sent; this is what it must add up to, and the journal's head.
    End(Sums, Seq),
}

/// Copies everything.
///
/// # Errors
/// [`CopyError`]; the target is then as empty as it was.
pub async fn copy(from: &StoreUrl, to: &StoreUrl, progress: Progress) -> Result<Report, CopyError> {
    if same(from, to) {
        return Err(CopyError::SamePlace);
    }
    let (parcels, arriving) = mpsc::channel(UNDER_WAY);
    let reading = async {
        match from {
            StoreUrl::Sqlite(path) => sqlite::read(path.clone(), parcels, progress).await,
            StoreUrl::Postgres(address) => postgres::read(address, parcels, progress).await,
        }
    };
    let writing = async {
        match to {
            StoreUrl::Sqlite(path) => sqlite::write(path.clone(), arriving).await,
            StoreUrl::Postgres(address) => postgres::write(address, arriving).await,
        }
    };
    match tokio::join!(reading, writing) {
        (_, Ok((sums, head))) => Ok(report(&sums, head)),
        (Err(Halt::Failed(error)), _) | (_, Err(Halt::Failed(error))) => Err(error),
        (_, Err(Halt::HungUp)) => Err(CopyError::Unfaithful("the end")),
    }
}

/// Whether both are one database, as far as that can be seen from outside.
fn same(from: &StoreUrl, to: &StoreUrl) -> bool {
    match (from, to) {
        (StoreUrl::Sqlite(from), StoreUrl::Sqlite(to)) => {
            let (Ok(from), Ok(to)) = (from.canonicalize(), to.canonicalize()) else { return false };
            from == to
        }
        (StoreUrl::Postgres(from), StoreUrl::Postgres(to)) => from.to_string() == to.to_string(),
        _ => false,
    }
}

/// Why one side stopped.
#[derive(Debug)]
enum Halt {
    /// The other side has: it knows why.
    HungUp,
    Failed(CopyError),
}

impl Halt {
    fn source(error: StoreError) -> Halt {
        Halt::Failed(CopyError::Source(error))
    }

    fn target(error: StoreError) -> Halt {
        Halt::Failed(CopyError::Target(error))
    }
}

/// What was sent must be what can be read again.
fn agree(sent: &Sums, found: &Sums) -> Result<(), Halt> {
    let unfaithful = |name| Err(Halt::Failed(CopyError::Unfaithful(name)));
    for (n, table) in TABLES.iter().enumerate() {
        if sent.tables.get(n) != found.tables.get(n) {
            return unfaithful(table.name);
        }
    }
    if sent.journal == found.journal { Ok(()) } else { unfaithful("the order of the journal") }
}

fn report(sums: &Sums, head: Seq) -> Report {
    let rows = sums.tables.iter().map(|sum| sum.rows);
    Report {
        tables: TABLES.iter().map(|table| table.name).zip(rows).collect(),
        head,
        journal_sha256: sums.journal.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
