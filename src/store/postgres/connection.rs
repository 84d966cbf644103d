//! Connections, and what a fault on one means.

use std::{error::Error as _, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio::{task::JoinHandle, time::timeout};
use tokio_postgres::{
    Client, Config, Connection, Error, Socket,
    error::{DbError, SqlState},
    tls::MakeTlsConnect,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Options, address::Address, sql, tls};
use crate::store::{
    StoreError,
    migrations::{Engine, REMEMBER, STEPS},
    sql as shared,
};

/// What a sender is told to wait when the database was too slow for a request.
const SLOW_RETRY: Duration = Duration::from_secs(1);

type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;
/// What moves a connection's bytes; nothing happens on the connection while nobody polls it.
pub type Driver = Connection<Socket, Stream>;

/// Makes connections.
#[derive(Clone)]
pub struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
    session: String,
    limit: Duration,
    shown: Arc<str>,
}

impl Connector {
    /// # Errors
    /// As [`tls::connector`].
    pub fn new(address: &Address, options: &Options) -> Result<Connector, StoreError> {
        let mut config = address.config.clone();
        if config.get_application_name().is_none() {
            config.application_name("ringback");
        }
        config
            .connect_timeout(options.connect_timeout)
            .tcp_user_timeout(options.connection_lost_after)
            .keepalives_idle(Duration::from_secs(10))
            .keepalives_interval(Duration::from_secs(3))
            .keepalives_retries(3);
        Ok(Connector {
            config,
            tls: tls::connector(&address.tls)?,
            session: sql::session(options.statement_timeout, options.idle_in_transaction),
            limit: options.connect_timeout,
            shown: address.to_string().into(),
        })
    }

    /// A connection, and what must be polled for it to do anything.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], within the connect timeout.
    pub async fn connect(&self) -> Result<(Client, Driver), StoreError> {
        match timeout(self.limit, self.config.connect(self.tls.clone())).await {
            Ok(Ok(connected)) => Ok(connected),
            Ok(Err(fault)) => Err(self.unavailable(&fault)),
            Err(_) => Err(StoreError::Unavailable(format!("{} does not answer", self.shown))),
        }
    }

    /// A connection that is driven by a task, set to what all of ours are set to and to `more`.
    ///
    /// # Errors
    /// As [`Connector::connect`].
    pub async fn open(&self, more: &str) -> Result<Line, StoreError> {
        match timeout(self.limit, self.line(more)).await {
            Ok(Ok(line)) => Ok(line),
            Ok(Err(fault)) => Err(self.unavailable(&fault)),
            Err(_) => Err(StoreError::Unavailable(format!("{} does not answer", self.shown))),
        }
    }

    /// What every session is set to.
    pub fn session(&self) -> &str {
        &self.session
    }

    async fn line(&self, more: &str) -> Result<Line, Error> {
        let (client, driver) = self.config.connect(self.tls.clone()).await?;
        let line = Line { client, driver: Driven(Some(tokio::spawn(drive(driver)))) };
        line.client.batch_execute(&format!("{}{more}", self.session)).await?;
        Ok(line)
    }

    /// A connection that could not be made: every reason is one for trying again later.
    fn unavailable(&self, fault: &Error) -> StoreError {
        let cause = match fault.as_db_error() {
            Some(fault) => told(fault),
            None => match fault.source() {
                Some(cause) => format!("{fault}: {cause}"),
                None => fault.to_string(),
            },
        };
        StoreError::Unavailable(format!("{}: {cause}", self.shown))
    }
}

/// For the pool of readers.
impl deadpool_postgres::Connect for Connector {
    fn connect(&self, _: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        Box::pin(async move {
            let Line { client, mut driver } = self.line(sql::READER_SESSION).await?;
            match driver.0.take() {
                Some(driver) => Ok((client, driver)),
                None => Err(Error::__private_api_timeout()),
            }
        })
    }
}

async fn drive(driver: Driver) {
    if let Err(fault) = driver.await {
        tracing::debug!(error = %store_error(fault), "a connection to the database ended");
    }
}

/// A connection and the task that drives it. Closed when dropped.
pub struct Line {
    pub client: Client,
    pub driver: Driven,
}

/// Ends the task that drives a connection, and so the connection.
pub struct Driven(Option<JoinHandle<()>>);

impl Line {
    /// Waits until the connection is lost.
    pub async fn lost(&mut self) {
        if let Some(driver) = &mut self.driver.0 {
            let _ = driver.await;
            self.driver.0 = None;
        }
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        if let Some(driver) = &self.0 {
            driver.abort();
        }
    }
}

/// Brings the schema up to date, one server at a time.
///
/// # Errors
/// [`StoreError::Unavailable`] for a database that a newer ringback has written.
pub async fn migrate(client: &mut Client) -> Result<(), StoreError> {
    let newest = STEPS.len() as i64;
    // Where there is nothing to do, no right to change the schema is needed.
    if done(client).await.unwrap_or(0) == newest {
        return Ok(());
    }
    let transaction = client.transaction().await.map_err(store_error)?;
    transaction.batch_execute("SET LOCAL statement_timeout = 0").await.map_err(store_error)?;
    transaction.execute(sql::LOCK, &[&sql::WRITERS_LOCK]).await.map_err(store_error)?;
    transaction.batch_execute(REMEMBER).await.map_err(store_error)?;
    // Read again, now that nobody else can write.
    let row = transaction.query_one(shared::LAST_STEP, &[]).await.map_err(store_error)?;
    let done: i64 = row.try_get(0).map_err(store_error)?;
    if done > newest {
        return Err(StoreError::Unavailable(format!(
            "a newer ringback has written this database (schema {done}, this one knows {newest}): use that one"
        )));
    }
    for step in STEPS.iter().filter(|step| step.version > done) {
        let spelt = Engine::Postgres.spell(step.sql);
        transaction.batch_execute(&spelt).await.map_err(store_error)?;
        transaction
            .execute(shared::ADD_STEP, &[&step.version, &step.name])
            .await
            .map_err(store_error)?;
    }
    transaction.commit().await.map_err(store_error)
}

/// The last step that this database has been through.
async fn done(client: &Client) -> Result<i64, Error> {
    client.query_one(shared::LAST_STEP, &[]).await?.try_get(0)
}

/// What a fault means to the caller. Never holds a value: PostgreSQL's details quote them.
pub fn store_error(fault: Error) -> StoreError {
    match fault.as_db_error() {
        Some(fault) => said(fault),
        None if fault.is_closed() || is_io(&fault) => {
            StoreError::Unavailable("the connection to the database was lost".into())
        }
        // What the driver itself says of itself names types and columns only.
        None => match fault.source() {
            Some(cause) => StoreError::Failed(format!("{fault}: {cause}")),
            None => StoreError::Failed(fault.to_string()),
        },
    }
}

fn is_io(fault: &Error) -> bool {
    fault.source().is_some_and(|cause| cause.is::<std::io::Error>())
}

fn said(fault: &DbError) -> StoreError {
    let code = fault.code();
    let class = code.code().get(..2).unwrap_or_default();
    match code {
        &SqlState::QUERY_CANCELED
        | &SqlState::LOCK_NOT_AVAILABLE
        | &SqlState::T_R_DEADLOCK_DETECTED
        | &SqlState::T_R_SERIALIZATION_FAILURE => StoreError::Busy { retry_after: SLOW_RETRY },
        // A standby that has become a primary elsewhere, or a right that somebody must grant.
        &SqlState::READ_ONLY_SQL_TRANSACTION | &SqlState::INSUFFICIENT_PRIVILEGE => {
            StoreError::Unavailable(told(fault))
        }
        // 08 connection, 28 authorisation, 53 resources, 57 the operator's doing, 58 the system's.
        _ if matches!(class, "08" | "28" | "3D" | "53" | "57" | "58") => {
            StoreError::Unavailable(told(fault))
        }
        _ => StoreError::Failed(told(fault)),
    }
}

/// PostgreSQL's words without those that may quote a value: no detail, and for class 22 (data) no message.
fn told(fault: &DbError) -> String {
    let code = fault.code().code();
    if code.starts_with("22") {
        return format!("the database refuses a value ({code})");
    }
    format!("{} ({code})", fault.message())
}
