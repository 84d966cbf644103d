//! Opening connections, and the little that every file here needs of SQLite.

use std::{fs::OpenOptions, path::Path, time::Duration};

use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, Statement};

use crate::store::{
    StoreError,
    migrations::{Engine, REMEMBER, STEPS},
    sql,
};

/// How long a connection waits for another process to finish a write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What a sender is told to wait when another process holds the database.
const LOCKED_RETRY: Duration = Duration::from_secs(1);
/// The log is cut back to this after it has been copied home: 64 MiB.
const LOG_KEPT: i64 = 64 << 20;

/// The memory that a connection may use for pages, in KiB.
#[derive(Clone, Copy, Debug)]
pub struct PageCache(pub i64);

/// The connection that writes.
pub fn open_writer(path: &Path, cache: PageCache) -> Result<Connection, StoreError> {
    private_file(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = open(path, flags, cache)?;
    let mode: String =
        conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(store_error)?;
    if mode != "wal" {
        return Err(StoreError::Unavailable(format!(
            "the database cannot use a write-ahead log here (its journal mode is {mode}): is the folder on a network drive?"
        )));
    }
    conn.execute_batch(&format!(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = {LOG_KEPT};"
    ))
    .map_err(store_error)?;
    Ok(conn)
}

/// A connection that only reads.
pub fn open_reader(path: &Path, cache: PageCache) -> Result<Connection, StoreError> {
    open(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX, cache)
}

fn open(
    path: &Path,
    flags: OpenFlags,
    PageCache(kib): PageCache,
) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, flags).map_err(store_error)?;
    conn.busy_timeout(BUSY_TIMEOUT).map_err(store_error)?;
    conn.execute_batch(&format!("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{kib};"))
        .map_err(store_error)?;
    Ok(conn)
}

/// Makes sure that the file is there.
fn private_file(path: &Path) -> Result<(), StoreError> {
    open_private(path, OpenOptions::new().read(true).write(true).create(true).truncate(false))
}

/// Makes a file that is not there yet.
///
/// # Errors
/// [`StoreError::Unavailable`] when there is one, or when it cannot be made.
pub fn new_private_file(path: &Path) -> Result<(), StoreError> {
    open_private(path, OpenOptions::new().write(true).create_new(true))
}

/// A new file is for its owner only: it holds personal data. The log beside it takes the file's rights.
fn open_private(path: &Path, options: &mut OpenOptions) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map(drop).map_err(|fault| {
        StoreError::Unavailable(format!("the file {} cannot be opened: {fault}", path.display()))
    })
}

/// Brings the schema up to date.
///
/// # Errors
/// [`StoreError::Unavailable`] for a database that a newer ringback has written.
pub fn migrate(conn: &mut Connection) -> Result<(), StoreError> {
    if done(conn).unwrap_or(0) == STEPS.len() as i64 {
        return Ok(());
    }
    let transaction = conn
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(store_error)?;
    transaction.execute_batch(REMEMBER).map_err(store_error)?;
    // Read again, now that nobody else can write.
    let done = done(&transaction)?;
    if done > STEPS.len() as i64 {
        return Err(StoreError::Unavailable(format!(
            "a newer ringback has written this database (schema {done}, this one knows {}): use that one",
            STEPS.len()
        )));
    }
    for step in STEPS.iter().filter(|step| step.version > done) {
        transaction.execute_batch(&Engine::Sqlite.spell(step.sql)).map_err(store_error)?;
        transaction
            .execute(sql::ADD_STEP, rusqlite::params![step.version, step.name])
            .map_err(store_error)?;
    }
    transaction.commit().map_err(store_error)
}

/// The last step that this database has been through.
fn done(conn: &Connection) -> Result<i64, StoreError> {
    conn.query_row(sql::LAST_STEP, [], |row| row.get(0)).map_err(store_error)
}

/// Prepares a statement for good.
///
/// # Errors
/// [`StoreError::Failed`] for a statement whose parameters stand out of order.
pub fn prepare<'c>(conn: &'c Connection, sql: &str) -> Result<Statement<'c>, StoreError> {
    let statement = conn.prepare(sql).map_err(store_error)?;
    check_parameters(&statement, sql)?;
    Ok(statement)
}

/// Prepares a statement, or takes it from those that the connection has prepared before.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_cached<'c>(
    conn: &'c Connection,
    sql: &str,
) -> Result<CachedStatement<'c>, StoreError> {
    let statement = conn.prepare_cached(sql).map_err(store_error)?;
    check_parameters(&statement, sql)?;
    Ok(statement)
}

/// Makes sure that the n-th parameter is the one called `$n`: then binding by position is binding by name.
fn check_parameters(statement: &Statement<'_>, sql: &str) -> Result<(), StoreError> {
    for number in 1..=statement.parameter_count() {
        let name = statement.parameter_name(number);
        if name.and_then(|name| name.strip_prefix('$')?.parse().ok()) != Some(number) {
            return Err(StoreError::Failed(format!(
                "parameter {number} stands out of order in: {sql}"
            )));
        }
    }
    Ok(())
}

/// What a fault of SQLite's means to the caller. Its texts name tables and columns, never values.
pub fn store_error(fault: rusqlite::Error) -> StoreError {
    match fault.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Busy { retry_after: LOCKED_RETRY }
        }
        Some(
            ErrorCode::CannotOpen
            | ErrorCode::NotADatabase
            | ErrorCode::PermissionDenied
            | ErrorCode::ReadOnly,
        ) => StoreError::Unavailable(fault.to_string()),
        _ => StoreError::Failed(fault.to_string()),
    }
}
