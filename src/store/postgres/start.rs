//! Statements that are on their way before anybody waits for them.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use futures_util::{TryStreamExt, future::BoxFuture};
use tokio_postgres::{Client, Error, Row, Statement};

use super::value::Value;
use crate::store::StoreError;

/// Something that was begun and whose end can be waited for.
pub enum Started<'a, T> {
    Under(BoxFuture<'a, T>),
    Ended(T),
}

/// Begins: a statement's bytes are in the connection's queue when this returns, behind those begun before it. The database
/// works on statements in that order, so a later one sees what an earlier one did.
pub async fn start<'a, T>(work: impl Future<Output = T> + Send + 'a) -> Started<'a, T> {
    let mut work: BoxFuture<'a, T> = Box::pin(work);
    match poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
        Poll::Ready(end) => Started::Ended(end),
        Poll::Pending => Started::Under(work),
    }
}

impl<T> Started<'_, T> {
    /// Waits for the end.
    pub async fn end(self) -> T {
        match self {
            Started::Under(work) => work.await,
            Started::Ended(end) => end,
        }
    }
}

/// Waits for the database, but not for ever.
///
/// # Errors
/// [`StoreError::Unavailable`] when `patience` is over.
pub async fn within<T>(
    patience: Duration,
    answer: impl Future<Output = T>,
) -> Result<T, StoreError> {
    tokio::time::timeout(patience, answer).await.map_err(|_| silent())
}

/// Nothing comes from the database any more.
pub fn silent() -> StoreError {
    StoreError::Unavailable("the database does not answer".into())
}

/// All rows.
pub async fn rows(
    client: &Client,
    statement: &Statement,
    values: Vec<Value>,
) -> Result<Vec<Row>, Error> {
    client.query_raw(statement, values).await?.try_collect().await
}

/// The first row, if there is one.
pub async fn row(
    client: &Client,
    statement: &Statement,
    values: Vec<Value>,
) -> Result<Option<Row>, Error> {
    let mut rows = pin!(client.query_raw(statement, values).await?);
    let Some(first) = rows.try_next().await? else { return Ok(None) };
    while rows.try_next().await?.is_some() {}
    Ok(Some(first))
}

/// How many rows were touched.
pub async fn touched(
    client: &Client,
    statement: &Statement,
    values: Vec<Value>,
) -> Result<u64, Error> {
    client.execute_raw(statement, values).await
}
