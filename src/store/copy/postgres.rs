//! A PostgreSQL database as source and as target.

use std::pin::pin;

use futures_util::TryStreamExt;
use tokio::sync::mpsc;
use tokio_postgres::{
    Client, CopyInSink, Error, Row,
    binary_copy::BinaryCopyInWriter,
    types::{FromSql, ToSql, Type},
};

use super::{
    CopyError, Halt, Parcel, Progress, agree,
    tables::{Adder, BATCH, Batch, Cell, Kind, Sums, TABLES, Table},
};
use crate::{
    domain::ids::Seq,
    store::{
        StoreError,
        postgres::{
            Address, Options,
            connection::{Connector, Line, migrate, store_error},
            sql::{BEGIN_READ, BEGIN_WRITE, COMMIT, LOCK, WRITERS_LOCK},
            value::Value,
        },
        sql,
    },
};

/// A copy takes as long as it takes, but it does not wait for ever for somebody who writes: that may be itself, when source
/// and target are one database under two names.
const SESSION: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '10s';";
/// Held by the session: the snapshot must be taken when nobody writes any more.
const HOLD: &str = "SELECT pg_advisory_lock($1)";

pub async fn read(
    address: &Address,
    parcels: mpsc::Sender<Parcel>,
    progress: Progress,
) -> Result<(), Halt> {
    let Line { client, driver: _driver } = open(address).await.map_err(Halt::source)?;
    let source = |fault| Halt::source(store_error(fault));
    client.execute(HOLD, &[&WRITERS_LOCK]).await.map_err(source)?;
    client.batch_execute(BEGIN_READ).await.map_err(source)?;
    let mut adder = Adder::new();
    for (n, table) in TABLES.iter().enumerate() {
        let rows = client.query_raw(&table.select(), Vec::<Value>::new()).await.map_err(source)?;
        let mut rows = pin!(rows);
        let mut batch = Batch { table: n, rows: Vec::with_capacity(BATCH) };
        while let Some(row) = rows.try_next().await.map_err(source)? {
            let row = cells(table, &row).map_err(source)?;
            adder.add(n, &row);
            batch.rows.push(row);
            if batch.rows.len() == BATCH {
                let full = Batch { table: n, rows: Vec::with_capacity(BATCH) };
                send(&parcels, Parcel::Rows(std::mem::replace(&mut batch, full))).await?;
                progress(table.name, adder.rows(n));
            }
        }
        send(&parcels, Parcel::Rows(batch)).await?;
        progress(table.name, adder.rows(n));
    }
    let head = client.query_one(sql::HEAD, &[]).await.map_err(source)?;
    let head = head.try_get(0).map_err(source)?;
    send(&parcels, Parcel::End(adder.finish(), head)).await?;
    // The target commits or not; until then the source stays as it is.
    parcels.closed().await;
    Ok(())
}

async fn send(parcels: &mpsc::Sender<Parcel>, parcel: Parcel) -> Result<(), Halt> {
    parcels.send(parcel).await.map_err(|_| Halt::HungUp)
}

pub async fn write(
    address: &Address,
    mut parcels: mpsc::Receiver<Parcel>,
) -> Result<(Sums, Seq), Halt> {
    let Line { client, driver: _driver } = open(address).await.map_err(Halt::target)?;
    let target = |fault| Halt::target(store_error(fault));
    // Given up with the connection, whatever happens before the commit.
    client.batch_execute(BEGIN_WRITE).await.map_err(target)?;
    client.execute(LOCK, &[&WRITERS_LOCK]).await.map_err(target)?;
    for table in TABLES {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", table.name);
        let row = client.query_one(&sql, &[]).await.map_err(target)?;
        if row.try_get(0).map_err(target)? {
            return Err(Halt::Failed(CopyError::NotEmpty(table.name)));
        }
    }
    let (sent, head) = insert_all(&client, &mut parcels).await?;
    agree(&sent, &sums(&client).await.map_err(target)?)?;
    for table in TABLES {
        settle(&client, table).await.map_err(target)?;
    }
    client.batch_execute(COMMIT).await.map_err(target)?;
    Ok((sent, head))
}

async fn open(address: &Address) -> Result<Line, StoreError> {
    let mut line = Connector::new(address, &Options::default())?.open(SESSION).await?;
    migrate(&mut line.client).await?;
    Ok(line)
}

async fn insert_all(
    client: &Client,
    parcels: &mut mpsc::Receiver<Parcel>,
) -> Result<(Sums, Seq), Halt> {
    let target = |fault| Halt::target(store_error(fault));
    let mut parcel = parcels.recv().await;
    loop {
        let table = match &parcel {
            Some(Parcel::Rows(batch)) => batch.table,
            Some(Parcel::End(..)) => break,
            None => return Err(Halt::HungUp),
        };
        // One COPY for all batches of a table.
        let copy =
            format!("COPY {} ({}) FROM STDIN BINARY", TABLES[table].name, TABLES[table].names());
        let sink: CopyInSink<_> = client.copy_in(&copy).await.map_err(target)?;
        let types: Vec<Type> = TABLES[table].columns.iter().map(|(_, kind)| ty(*kind)).collect();
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
        while let Some(Parcel::Rows(batch)) = &mut parcel
            && batch.table == table
        {
            for row in batch.rows.drain(..) {
                let values: Vec<Value> = row.into_iter().map(value).collect();
                let values = values.iter().map(|value| value as &(dyn ToSql + Sync));
                writer.as_mut().write_raw(values).await.map_err(target)?;
            }
            parcel = parcels.recv().await;
        }
        writer.finish().await.map_err(target)?;
    }
    match parcel {
        Some(Parcel::End(sums, head)) => Ok((sums, head)),
        _ => Err(Halt::HungUp),
    }
}

/// What can be read now.
async fn sums(client: &Client) -> Result<Sums, Error> {
    let mut adder = Adder::new();
    for (n, table) in TABLES.iter().enumerate() {
        let rows = client.query_raw(&table.select(), Vec::<Value>::new()).await?;
        let mut rows = pin!(rows);
        while let Some(row) = rows.try_next().await? {
            adder.add(n, &cells(table, &row)?);
        }
    }
    Ok(adder.finish())
}

/// The numbers that a table gives by itself go on behind those that were copied, and it is planned for what is there now.
async fn settle(client: &Client, table: &Table) -> Result<(), Error> {
    let Table { name, numbered, .. } = table;
    if *numbered {
        let next = format!(
            "SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT COALESCE(MAX(id), 0) + 1 FROM {name}), false)"
        );
        client.batch_execute(&next).await?;
    }
    client.batch_execute(&format!("ANALYZE {name}")).await
}

fn ty(kind: Kind) -> Type {
    match kind {
        Kind::Small => Type::INT2,
        Kind::Int => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Bytes => Type::BYTEA,
    }
}

fn cells(table: &Table, row: &Row) -> Result<Vec<Cell>, Error> {
    table.columns.iter().enumerate().map(|(n, (_, kind))| cell(*kind, row, n)).collect()
}

fn cell(kind: Kind, row: &Row, column: usize) -> Result<Cell, Error> {
    fn get<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<Option<T>, Error> {
        row.try_get(column)
    }
    Ok(match kind {
        Kind::Small => get::<i16>(row, column)?.map_or(Cell::Null, |n| Cell::Int(i64::from(n))),
        Kind::Int => get(row, column)?.map_or(Cell::Null, Cell::Int),
        Kind::Text => get::<String>(row, column)?.map_or(Cell::Null, Cell::text),
        Kind::Bytes => get(row, column)?.map_or(Cell::Null, Cell::Bytes),
    })
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Int(n) => Value::Int(n),
        Cell::Text(text) => Value::Text(text),
        Cell::Bytes(bytes) => Value::Bytes(bytes),
    }
}
