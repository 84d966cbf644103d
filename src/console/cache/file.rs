//! The cache's file: for its owner only, of a version that is known, and set aside where it is damaged or foreign.

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::Url;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use sha2::{Digest, Sha256};

/// "rbqc": SQLite files of ours that are caches.
const APPLICATION: i64 = 0x7262_7163;
/// The version of the tables below.
const VERSION: i64 = 1;

/// Rows lie in the order of their queue, whole leads apart: a list needs the one, a detail the other.
const TABLES: &str = "
CREATE TABLE rows (
    shelf INTEGER NOT NULL,
    place BLOB NOT NULL,
    id BLOB NOT NULL,
    rev INTEGER NOT NULL,
    holder TEXT,
    owner TEXT,
    generation BLOB,
    row BLOB NOT NULL,
    PRIMARY KEY (shelf, place)
) WITHOUT ROWID;
CREATE UNIQUE INDEX rows_by_id ON rows (id);
CREATE INDEX rows_by_holder ON rows (holder) WHERE holder IS NOT NULL;
CREATE INDEX rows_by_owner ON rows (owner) WHERE owner IS NOT NULL;
CREATE TABLE leads (id BLOB PRIMARY KEY, json TEXT NOT NULL);
CREATE TABLE histories (lead BLOB PRIMARY KEY, kept INTEGER NOT NULL, json TEXT NOT NULL);
CREATE TABLE journal (seq INTEGER PRIMARY KEY, json TEXT NOT NULL);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL UNIQUE,
    lead BLOB NOT NULL,
    name TEXT NOT NULL,
    by TEXT NOT NULL,
    write TEXT NOT NULL,
    at INTEGER NOT NULL,
    refused TEXT
);
";

/// Why there is no cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    #[error("its folder cannot be made: {0}")]
    Folder(io::Error),
    #[error("its file cannot be made: {0}")]
    File(io::Error),
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the machine has no thread for it: {0}")]
    Thread(io::Error),
    /// Another program's file, or another version's.
    #[error("it is not ours")]
    Foreign,
}

/// The two ways into an open file.
#[derive(Debug)]
pub(super) struct Connections {
    pub writer: Connection,
    pub reader: Connection,
}

/// The file for a server in a folder: caches of several servers lie beside each other.
pub fn file_of(folder: &Path, server: &Url) -> PathBuf {
    let digest = Sha256::digest(server.as_str().trim_end_matches('/').as_bytes());
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    folder.join(format!("console-{name}.db"))
}

/// Opens a file, made if it is not there. What is damaged, or not ours, is set aside; the name it then has comes back.
pub(super) fn open(path: &Path) -> Result<(Connections, Option<String>), CacheError> {
    match try_open(path) {
        Ok(connections) => Ok((connections, None)),
        Err(error) if is_worthless(&error) => {
            let name = set_aside(path)?;
            tracing::warn!(%error, "the cache is damaged or not ours: it is set aside");
            try_open(path).map(|connections| (connections, Some(name)))
        }
        Err(error) => Err(error),
    }
}

/// Whether an error says that the file itself is no good.
pub(super) fn is_worthless(error: &CacheError) -> bool {
    match error {
        CacheError::Foreign => true,
        CacheError::Sqlite(error) => matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        ),
        _ => false,
    }
}

fn try_open(path: &Path) -> Result<Connections, CacheError> {
    private(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let writer = connect(path, flags)?;
    // Two consoles may stand on one file.
    writer.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 8388608;",
    )?;
    prepare(&writer)?;
    let reader = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    Ok(Connections { writer, reader })
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, CacheError> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -1024;")?;
    Ok(connection)
}

/// Makes the tables of a new file; refuses one that is not ours.
fn prepare(connection: &Connection) -> Result<(), CacheError> {
    let number = |pragma: &str| connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    match (application, version, tables) {
        (APPLICATION, VERSION, _) => Ok(()),
        (0, 0, 0) => {
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
            ))?;
            // Another console may have been quicker.
            match number("SELECT count(*) FROM sqlite_schema")? {
                0 => connection.execute_batch(&format!("{TABLES} COMMIT;"))?,
                _ => connection.execute_batch("COMMIT")?,
            }
            Ok(())
        }
        _ => Err(CacheError::Foreign),
    }
}

/// The file, made for its owner only, as its folder is: it holds personal data. SQLite's own files beside it take its rights.
fn private(path: &Path) -> Result<(), CacheError> {
    if let Some(folder) = path.parent() {
        make_folder(folder).map_err(CacheError::Folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        options.mode(0o600);
        let file = options.open(path).map_err(CacheError::File)?;
        file.set_permissions(fs::Permissions::from_mode(0o600)).map_err(CacheError::File)?;
    }
    #[cfg(not(unix))]
    options.open(path).map_err(CacheError::File)?;
    Ok(())
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Moves the file out of the way, with what SQLite keeps beside it.
fn set_aside(path: &Path) -> Result<String, CacheError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let aside = format!("{name}.damaged");
    let place = path.with_file_name(&aside);
    fs::rename(path, &place).map_err(CacheError::File)?;
    for ending in ["-wal", "-shm"] {
        // Often not there; without its file it is worth nothing.
        let _ = fs::remove_file(path.with_file_name(format!("{name}{ending}")));
    }
    Ok(aside)
}
