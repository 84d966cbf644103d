//! Reading: connections from a pool, each question on one of them. A read never waits for a write, and is told within
//! seconds that the database is away.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolConfig, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use tokio::time::{Instant, timeout};
use tokio_postgres::{Client, Error, Row, Statement};

use super::{
    Options,
    connection::{Connector, store_error},
    sql,
    start::{Started, rows, start, touched},
    value::Value,
    writer::closed,
};
use crate::store::StoreError;

/// After a connection could not be made, further questions are told so at once for this long.
const DOWN_FOR: Duration = Duration::from_millis(250);

/// The pool.
pub struct Readers {
    pool: Pool,
    patience: Duration,
    /// No connection could be made: until when nobody tries.
    down: Mutex<Option<(Instant, StoreError)>>,
}

impl Readers {
    /// # Errors
    /// [`StoreError::Failed`] when there is no runtime.
    pub fn new(connector: &Connector, options: &Options) -> Result<Readers, StoreError> {
        let manager = Manager::from_connect(
            tokio_postgres::Config::new(),
            connector.clone(),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let limit = Some(options.connect_timeout);
        let mut config = PoolConfig::new(options.readers.max(1));
        // Waiting for others who read is no sign that the database is away.
        config.timeouts = Timeouts { wait: Some(options.patience), create: limit, recycle: limit };
        let pool = Pool::builder(manager)
            .config(config)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|fault| StoreError::Failed(fault.to_string()))?;
        Ok(Readers { pool, patience: options.patience, down: Mutex::default() })
    }

    /// Asks a question; once more on another connection if the first one is lost under it.
    ///
    /// # Errors
    /// Those of the question; [`StoreError::Unavailable`] when the database is away or does not answer.
    pub async fn read<T, F>(&self, question: impl Fn(Reader) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let first = self.once(&question).await;
        match first {
            Err(StoreError::Unavailable(_)) if self.down().is_none() && !self.pool.is_closed() => {
                self.once(&question).await
            }
            answer => answer,
        }
    }

    async fn once<T, F>(&self, question: impl Fn(Reader) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let reader = self.reader().await?;
        timeout(self.patience, question(reader)).await.unwrap_or_else(|_| {
            let error = StoreError::Unavailable("the database does not answer".into());
            self.is_down(&error);
            Err(error)
        })
    }

    async fn reader(&self) -> Result<Reader, StoreError> {
        if let Some(error) = self.down() {
            return Err(error);
        }
        match self.pool.get().await {
            Ok(object) => match self.down() {
                // Found out by others while this one waited for its turn.
                Some(error) => Err(error),
                None => Ok(Reader { object: Some(object), midway: AtomicBool::new(false) }),
            },
            Err(PoolError::Closed) => Err(closed()),
            Err(PoolError::Timeout(deadpool_postgres::TimeoutType::Wait)) => {
                Err(StoreError::Busy { retry_after: self.patience })
            }
            Err(PoolError::Backend(fault)) => {
                let error = match store_error(fault) {
                    error @ StoreError::Unavailable(_) => error,
                    other => StoreError::Unavailable(other.to_string()),
                };
                self.is_down(&error);
                Err(error)
            }
            Err(_) => {
                let error = StoreError::Unavailable("the database does not answer".into());
                self.is_down(&error);
                Err(error)
            }
        }
    }

    fn down(&self) -> Option<StoreError> {
        let down = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        down.as_ref().filter(|(until, _)| Instant::now() < *until).map(|(_, error)| error.clone())
    }

    fn is_down(&self, error: &StoreError) {
        let mut down = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        *down = Some((Instant::now() + DOWN_FOR, error.clone()));
    }

    /// Refuses further questions and closes what is idle.
    pub fn close(&self) {
        self.pool.close();
    }
}

/// A connection for one question. One that was dropped in the middle is closed: nobody else gets its answers.
pub struct Reader {
    object: Option<Object>,
    midway: AtomicBool,
}

impl Reader {
    fn object(&self) -> Result<&Object, StoreError> {
        self.object.as_ref().ok_or_else(closed)
    }

    /// Statements, prepared on this connection.
    ///
    /// # Errors
    /// As [`store_error`].
    pub async fn prepare<const N: usize>(
        &self,
        sql: [&str; N],
    ) -> Result<[Statement; N], StoreError> {
        let object = self.object()?;
        self.midway.store(true, Ordering::Relaxed);
        let mut statements = Vec::with_capacity(N);
        for sql in sql {
            statements.push(object.prepare_cached(sql).await.map_err(store_error)?);
        }
        self.midway.store(false, Ordering::Relaxed);
        statements.try_into().map_err(|_| StoreError::Failed("a statement is missing".into()))
    }

    /// The rows of one statement.
    ///
    /// # Errors
    /// As [`store_error`].
    pub async fn rows(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let [statement] = self.prepare([sql]).await?;
        let object = self.object()?;
        self.midway.store(true, Ordering::Relaxed);
        let found = rows(object, &statement, values).await.map_err(store_error);
        self.midway.store(false, Ordering::Relaxed);
        found
    }

    /// The rows of several statements, read at one moment, in one round trip.
    ///
    /// # Errors
    /// As [`store_error`].
    pub async fn rows_at_one_moment<const N: usize>(
        &self,
        questions: [(&str, Vec<Value>); N],
    ) -> Result<[Vec<Row>; N], StoreError> {
        let statements = self.prepare(questions.each_ref().map(|(sql, _)| *sql)).await?;
        let client: &Client = self.object()?;
        self.midway.store(true, Ordering::Relaxed);
        let begun = start(client.batch_execute(sql::BEGIN_READ)).await;
        let mut asked: Vec<Started<'_, Result<Vec<Row>, Error>>> = Vec::with_capacity(N);
        for (statement, (_, values)) in statements.iter().zip(questions) {
            asked.push(start(rows(client, statement, values)).await);
        }
        let over = start(client.batch_execute(sql::COMMIT)).await;
        begun.end().await.map_err(store_error)?;
        let mut answers = Vec::with_capacity(N);
        for one in asked {
            answers.push(one.end().await.map_err(store_error)?);
        }
        over.end().await.map_err(store_error)?;
        self.midway.store(false, Ordering::Relaxed);
        answers.try_into().map_err(|_| StoreError::Failed("an answer is missing".into()))
    }

    /// Carries a statement out by itself; answers how many rows it touched.
    ///
    /// # Errors
    /// As [`store_error`].
    pub async fn execute(&self, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        let [statement] = self.prepare([sql]).await?;
        let object = self.object()?;
        self.midway.store(true, Ordering::Relaxed);
        let n = touched(object, &statement, values).await.map_err(store_error);
        self.midway.store(false, Ordering::Relaxed);
        n
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if self.midway.load(Ordering::Relaxed)
            && let Some(object) = self.object.take()
        {
            drop(Object::take(object));
        }
    }
}
