//! A SQLite file as source and as target. Both work on a thread that may block.

use std::path::{Path, PathBuf};

use rusqlite::{
    Connection, Row, Statement, Transaction, TransactionBehavior, params_from_iter, types::Value,
};
use tokio::sync::mpsc;

use super::{
    CopyError, Halt, Parcel, Progress, agree,
    tables::{Adder, BATCH, Batch, Cell, Kind, Sums, TABLES, Table},
};
use crate::{
    domain::ids::Seq,
    store::{
        StoreError, sql,
        sqlite::connection::{PageCache, migrate, open_writer, store_error},
    },
};

/// Memory for pages, in KiB.
const CACHE: PageCache = PageCache(64 << 10);

pub async fn read(
    path: PathBuf,
    parcels: mpsc::Sender<Parcel>,
    progress: Progress,
) -> Result<(), Halt> {
    blocking(move || read_all(&path, &parcels, &progress), Halt::source).await
}

pub async fn write(path: PathBuf, parcels: mpsc::Receiver<Parcel>) -> Result<(Sums, Seq), Halt> {
    blocking(move || write_all(&path, parcels), Halt::target).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Halt> + Send + 'static,
    halt: fn(StoreError) -> Halt,
) -> Result<T, Halt> {
    let given_up = |_| Err(halt(StoreError::Failed("the copy was given up".into())));
    tokio::task::spawn_blocking(work).await.unwrap_or_else(given_up)
}

fn read_all(path: &Path, parcels: &mpsc::Sender<Parcel>, progress: &Progress) -> Result<(), Halt> {
    if !path.exists() {
        return Err(Halt::Failed(CopyError::NoSource(path.display().to_string())));
    }
    let source = |fault| Halt::source(store_error(fault));
    let mut conn = open(path).map_err(Halt::source)?;
    // Nobody else writes until this is over.
    let reading = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(source)?;
    let mut adder = Adder::new();
    for (n, table) in TABLES.iter().enumerate() {
        let mut statement = reading.prepare(&table.select()).map_err(source)?;
        let mut rows = statement.query([]).map_err(source)?;
        let mut batch = Batch { table: n, rows: Vec::with_capacity(BATCH) };
        while let Some(row) = rows.next().map_err(source)? {
            let row = cells(table, row).map_err(source)?;
            adder.add(n, &row);
            batch.rows.push(row);
            if batch.rows.len() == BATCH {
                let full = Batch { table: n, rows: Vec::with_capacity(BATCH) };
                send(parcels, Parcel::Rows(std::mem::replace(&mut batch, full)))?;
                progress(table.name, adder.rows(n));
            }
        }
        send(parcels, Parcel::Rows(batch))?;
        progress(table.name, adder.rows(n));
    }
    let head = reading.query_row(sql::HEAD, [], |row| row.get(0)).map_err(source)?;
    send(parcels, Parcel::End(adder.finish(), head))?;
    // The target commits or not; until then the source stays as it is.
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.block_on(parcels.closed());
    }
    Ok(())
}

fn send(parcels: &mpsc::Sender<Parcel>, parcel: Parcel) -> Result<(), Halt> {
    parcels.blocking_send(parcel).map_err(|_| Halt::HungUp)
}

fn write_all(path: &Path, mut parcels: mpsc::Receiver<Parcel>) -> Result<(Sums, Seq), Halt> {
    let target = |fault| Halt::target(store_error(fault));
    let mut conn = open(path).map_err(Halt::target)?;
    let writing = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(target)?;
    for table in TABLES {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", table.name);
        if writing.query_row(&sql, [], |row| row.get(0)).map_err(target)? {
            return Err(Halt::Failed(CopyError::NotEmpty(table.name)));
        }
    }
    let (sent, head) = insert_all(&writing, &mut parcels)?;
    agree(&sent, &sums(&writing).map_err(target)?)?;
    writing.commit().map_err(target)?;
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").map_err(target)?;
    Ok((sent, head))
}

fn insert_all(
    writing: &Transaction<'_>,
    parcels: &mut mpsc::Receiver<Parcel>,
) -> Result<(Sums, Seq), Halt> {
    let target = |fault| Halt::target(store_error(fault));
    let inserts: Result<Vec<Statement<'_>>, _> =
        TABLES.iter().map(|table| writing.prepare(&insert(table))).collect();
    let mut inserts = inserts.map_err(target)?;
    loop {
        match parcels.blocking_recv() {
            Some(Parcel::Rows(Batch { table, rows })) => {
                for row in rows {
                    let values = row.into_iter().map(value);
                    inserts[table].execute(params_from_iter(values)).map_err(target)?;
                }
            }
            Some(Parcel::End(sums, head)) => return Ok((sums, head)),
            None => return Err(Halt::HungUp),
        }
    }
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let mut conn = open_writer(path, CACHE)?;
    migrate(&mut conn)?;
    Ok(conn)
}

/// What can be read now.
fn sums(conn: &Connection) -> Result<Sums, rusqlite::Error> {
    let mut adder = Adder::new();
    for (n, table) in TABLES.iter().enumerate() {
        let mut statement = conn.prepare(&table.select())?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            adder.add(n, &cells(table, row)?);
        }
    }
    Ok(adder.finish())
}

fn insert(table: &Table) -> String {
    let places: Vec<String> = (1..=table.columns.len()).map(|n| format!("?{n}")).collect();
    format!("INSERT INTO {} ({}) VALUES ({})", table.name, table.names(), places.join(", "))
}

fn cells(table: &Table, row: &Row<'_>) -> Result<Vec<Cell>, rusqlite::Error> {
    table.columns.iter().enumerate().map(|(n, (_, kind))| cell(*kind, row, n)).collect()
}

fn cell(kind: Kind, row: &Row<'_>, column: usize) -> Result<Cell, rusqlite::Error> {
    Ok(match kind {
        Kind::Small | Kind::Int => row.get::<_, Option<i64>>(column)?.map_or(Cell::Null, Cell::Int),
        Kind::Text => row.get::<_, Option<String>>(column)?.map_or(Cell::Null, Cell::text),
        Kind::Bytes => row.get::<_, Option<Vec<u8>>>(column)?.map_or(Cell::Null, Cell::Bytes),
    })
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Int(n) => Value::Integer(n),
        Cell::Text(text) => Value::Text(text),
        Cell::Bytes(bytes) => Value::Blob(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrations::{Engine, REMEMBER, STEPS};

    #[test]
    fn every_column_of_every_table_is_copied() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(REMEMBER).unwrap();
        for step in STEPS {
            conn.execute_batch(&Engine::Sqlite.spell(step.sql)).unwrap();
        }
        let names =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let mut statement = conn.prepare(names).unwrap();
        let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        for name in names.map(Result::unwrap) {
            if ["schema_steps", "duties"].contains(&name.as_str()) {
                continue;
            }
            let table = TABLES.iter().find(|table| table.name == name);
            let table = table.unwrap_or_else(|| panic!("{name} is not copied"));
            let mut columns = conn.prepare(&format!("PRAGMA table_info({name})")).unwrap();
            let columns: Vec<(String, Kind)> = columns
                .query_map([], |row| {
                    let kind = match &*row.get::<_, String>(2)? {
                        "SMALLINT" => Kind::Small,
                        "TEXT" => Kind::Text,
                        "BLOB" => Kind::Bytes,
                        _ => Kind::Int,
                    };
                    Ok((row.get(1)?, kind))
                })
                .unwrap()
                .map(Result::unwrap)
                .collect();
            let copied: Vec<_> =
                table.columns.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
            assert_eq!(copied, columns, "{name}");
        }
    }
}
