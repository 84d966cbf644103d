//! A whole database in one file: made while requests go on, looked through, and put back.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, backup::Backup};

use super::connection::{PageCache, new_private_file, open_reader, open_writer, store_error};
use crate::{
    domain::ids::Seq,
    store::{StoreError, migrations::STEPS, sql},
};

/// Memory for pages, in KiB.
const CACHE: PageCache = PageCache(8 << 10);

/// What a database file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    pub leads: u64,
    /// The journal's last sequence number.
    pub head: Seq,
    pub bytes: u64,
}

/// Why a database was not backed up or put back.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BackupError {
    #[error("there is no database at {0}")]
    NoDatabase(String),
    #[error("{0} is there already and is not overwritten")]
    Exists(String),
    #[error("{0} is not a database of ringback's")]
    Foreign(String),
    #[error("a newer ringback has written {0}: use that one")]
    Newer(String),
    #[error("{file} is damaged: {fault}")]
    Damaged { file: String, fault: String },
    #[error("a server works on {0}: stop it first")]
    InUse(String),
    #[error("{file}: {fault}")]
    File { file: String, fault: String },
}

impl BackupError {
    /// What a fault of SQLite's says of a file.
    fn of(file: &Path, fault: rusqlite::Error) -> BackupError {
        let name = file.display().to_string();
        match fault.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => BackupError::Foreign(name),
            Some(ErrorCode::DatabaseCorrupt) => {
                BackupError::Damaged { file: name, fault: fault.to_string() }
            }
            _ => BackupError::File { file: name, fault: fault.to_string() },
        }
    }

    /// A copy is not sound because its source is not: the source is what is talked of.
    fn said_of(self, source: &Path) -> BackupError {
        let source = source.display().to_string();
        match self {
            BackupError::Foreign(_) => BackupError::Foreign(source),
            BackupError::Newer(_) => BackupError::Newer(source),
            BackupError::Damaged { fault, .. } => BackupError::Damaged { file: source, fault },
            other => other,
        }
    }

    fn io(file: &Path, fault: &io::Error) -> BackupError {
        BackupError::File { file: file.display().to_string(), fault: fault.to_string() }
    }

    fn opening(file: &Path) -> impl Fn(StoreError) -> BackupError {
        let file = file.display().to_string();
        move |error| match error {
            StoreError::Unavailable(fault) if fault.contains("not a database") => {
                BackupError::Foreign(file.clone())
            }
            error => BackupError::File { file: file.clone(), fault: error.to_string() },
        }
    }
}

impl From<BackupError> for StoreError {
    fn from(error: BackupError) -> StoreError {
        StoreError::Unavailable(error.to_string())
    }
}

/// Copies the database in `from`, as it is at one moment, into a new file, whoever works on it meanwhile. The new file is
/// complete, looked through and on disk when this returns, or it is not there.
///
/// # Errors
/// See [`BackupError`].
pub fn backup(from: &Path, to: &Path) -> Result<Contents, BackupError> {
    let exists = || Err(BackupError::Exists(to.display().to_string()));
    if to.exists() {
        return exists();
    }
    let part = beside(to, ".part");
    let done = copy(from, &part).and_then(|contents| {
        // A link does not overwrite what has come meanwhile.
        match fs::hard_link(&part, to) {
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => return exists(),
            // Some file systems have no links.
            Err(_) => fs::rename(&part, to).map_err(|fault| BackupError::io(to, &fault))?,
            Ok(()) => {}
        }
        sync_folder(to).map_err(|fault| BackupError::io(to, &fault))?;
        Ok(contents)
    });
    let _ = fs::remove_file(&part);
    done
}

/// Puts the database in `from` in the place of `to`. What was there is kept as `kept`.
///
/// # Errors
/// See [`BackupError`]; nothing has changed then.
pub fn restore(from: &Path, to: &Path, kept: &Path) -> Result<Contents, BackupError> {
    let part = beside(to, ".restoring");
    let done = copy(from, &part).and_then(|contents| {
        set_aside(to, kept)?;
        let placed = fs::rename(&part, to).and_then(|()| sync_folder(to));
        placed.map_err(|fault| BackupError::io(to, &fault))?;
        Ok(contents)
    });
    if done.is_err() {
        let _ = fs::remove_file(&part);
    }
    done
}

/// Looks a database file through: whether it is one of ours, and sound.
///
/// # Errors
/// See [`BackupError`].
pub fn inspect(path: &Path) -> Result<Contents, BackupError> {
    let sql_error = |fault| BackupError::of(path, fault);
    let bytes = fs::metadata(path).map_err(|fault| BackupError::io(path, &fault))?.len();
    let conn = open_reader(path, CACHE).map_err(BackupError::opening(path))?;
    let schema: i64 = conn
        .query_row(sql::LAST_STEP, [], |row| row.get(0))
        .map_err(|_| BackupError::Foreign(path.display().to_string()))?;
    if schema > STEPS.len() as i64 {
        return Err(BackupError::Newer(path.display().to_string()));
    }
    let said: String =
        conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(sql_error)?;
    if said != "ok" {
        return Err(BackupError::Damaged { file: path.display().to_string(), fault: said });
    }
    let head = conn.query_row(sql::HEAD, [], |row| row.get(0)).map_err(sql_error)?;
    let leads: i64 =
        conn.query_row("SELECT COUNT(*) FROM leads", [], |row| row.get(0)).map_err(sql_error)?;
    Ok(Contents { leads: leads.unsigned_abs(), head, bytes })
}

/// Copies a database into a new file of its own, without a log beside it.
fn copy(from: &Path, to: &Path) -> Result<Contents, BackupError> {
    if !from.exists() {
        return Err(BackupError::NoDatabase(from.display().to_string()));
    }
    // Left by a copy that was interrupted.
    let _ = fs::remove_file(to);
    new_private_file(to).map_err(BackupError::opening(to))?;
    let source = open_reader(from, CACHE).map_err(BackupError::opening(from))?;
    let mut target = Connection::open(to).map_err(|fault| BackupError::of(to, fault))?;
    // In one step: the reader's moment holds, the writer goes on beside it.
    Backup::new(&source, &mut target)
        .and_then(|backup| backup.run_to_completion(i32::MAX, Duration::from_millis(10), None))
        .map_err(|fault| BackupError::of(from, fault))?;
    target
        .execute_batch("PRAGMA journal_mode = DELETE")
        .map_err(|fault| BackupError::of(from, fault))?;
    drop(target);
    let contents = inspect(to).map_err(|error| error.said_of(from))?;
    let synced = fs::File::open(to).and_then(|file| file.sync_all());
    synced.map_err(|fault| BackupError::io(to, &fault))?;
    Ok(contents)
}

/// Moves a database away, with the log beside it, unless somebody works on it.
fn set_aside(database: &Path, kept: &Path) -> Result<(), BackupError> {
    if !database.exists() {
        return Ok(());
    }
    // Giving up the log needs the database to itself. One that is damaged cannot be in use.
    let alone = open_writer(database, CACHE).and_then(|conn| {
        conn.busy_timeout(Duration::ZERO).map_err(store_error)?;
        conn.execute_batch("PRAGMA journal_mode = DELETE").map_err(store_error)
    });
    if let Err(StoreError::Busy { .. }) = alone {
        return Err(BackupError::InUse(database.display().to_string()));
    }
    for end in ["", "-wal", "-shm"] {
        let (from, to) = (beside(database, end), beside(kept, end));
        match fs::rename(&from, &to) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => {
                return Err(BackupError::io(&from, &fault));
            }
            _ => {}
        }
    }
    Ok(())
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// A name in a folder is on disk only when the folder is.
fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
