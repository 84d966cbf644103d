//! Listening to what other servers commit, on a connection of its own; and looking every second or so, because a
//! notification may be lost with its connection.

use std::{future::poll_fn, sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_postgres::{AsyncMessage, Client, Statement};

use super::{
    connection::{Connector, Driver, store_error},
    duty::Duty,
    retry::Retry,
    sql,
    start::row,
    transaction::heard,
    value::Value,
    watches::Watches,
};
use crate::store::{StoreError, rows::Bytes16};

/// Listens for as long as it is polled.
pub struct Listener {
    pub connector: Connector,
    pub watches: Arc<Watches>,
    pub server: Bytes16,
    pub look_every: Duration,
    pub patience: Duration,
    pub reconnect: (Duration, Duration),
}

impl Listener {
    pub async fn run(self) {
        let mut retry = Retry::new(self.reconnect);
        loop {
            let mut heard_something = false;
            let error = match self.listen(&mut heard_something).await {
                Ok(never) => match never {},
                Err(error) => error,
            };
            if heard_something {
                retry.reset();
            }
            tracing::debug!(%error, "other servers cannot be heard; connecting again");
            sleep(retry.pause()).await;
        }
    }

    async fn listen(&self, heard: &mut bool) -> Result<std::convert::Infallible, StoreError> {
        let (client, driver) = self.connector.connect().await?;
        tokio::select! {
            error = self.hear(driver) => Err(error),
            error = self.look(&client, heard) => Err(error),
        }
    }

    /// Drives the connection, and passes notifications on. Ends with the connection.
    async fn hear(&self, mut driver: Driver) -> StoreError {
        loop {
            match poll_fn(|context| driver.poll_message(context)).await {
                Some(Ok(AsyncMessage::Notification(told))) => {
                    if let Some((head, nearest)) = heard(told.payload()) {
                        self.watches.tell(head, nearest);
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(fault)) => return store_error(fault),
                None => return StoreError::Unavailable("the connection was closed".into()),
            }
        }
    }

    /// Begins to listen, and only then looks, so that nothing falls in between; then again and again.
    async fn look(&self, client: &Client, heard: &mut bool) -> StoreError {
        let begun = timeout(self.patience, async {
            client.batch_execute(self.connector.session()).await?;
            client.batch_execute(sql::LISTEN).await?;
            client.prepare(sql::LOOK).await
        });
        let statement = match begun.await {
            Ok(Ok(statement)) => statement,
            Ok(Err(fault)) => return store_error(fault),
            Err(_) => return StoreError::Unavailable("the database does not answer".into()),
        };
        let mut turns = interval(self.look_every);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            turns.tick().await;
            match timeout(self.patience, self.look_once(client, &statement)).await {
                Ok(Ok(())) => *heard = true,
                Ok(Err(error)) => return error,
                Err(_) => return StoreError::Unavailable("the database does not answer".into()),
            }
        }
    }

    async fn look_once(&self, client: &Client, statement: &Statement) -> Result<(), StoreError> {
        let values = vec![Duty::Deadlines.name().into(), Value::Id(self.server)];
        let Some(row) = row(client, statement, values).await.map_err(store_error)? else {
            return Ok(());
        };
        let (head, nearest) = (row.try_get(0), row.try_get(1));
        self.watches.tell(head.map_err(store_error)?, nearest.map_err(store_error)?);
        self.watches.tell_duty(row.try_get(2).map_err(store_error)?);
        Ok(())
    }
}
