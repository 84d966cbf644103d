//! Readers: a few connections that only read, on threads that may block. They see the last commit and never wait for a
//! write.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{
    connection::{PageCache, open_reader, store_error},
    writer::closed,
};
use crate::store::StoreError;

/// Opened when first needed, kept for the next who asks.
pub struct Readers {
    path: PathBuf,
    cache: PageCache,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub fn new(path: PathBuf, cache: PageCache, most: usize) -> Readers {
        Readers { path, cache, permits: Arc::new(Semaphore::new(most)), idle: Arc::default() }
    }

    /// Reads inside one transaction: everything that `question` reads is from the same moment.
    ///
    /// # Errors
    /// Those of `question`; [`StoreError::Unavailable`] after the close.
    pub async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| closed())?;
        let idle = Arc::clone(&self.idle);
        let known = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (path, cache) = (self.path.clone(), self.cache);
        let reading = tokio::task::spawn_blocking(move || {
            let conn = match known {
                Some(conn) => conn,
                None => open_reader(&path, cache)?,
            };
            let answer = at_one_moment(&conn, question);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
            drop(permit);
            answer
        });
        reading.await.unwrap_or_else(|_| Err(StoreError::Failed("a read was given up".into())))
    }

    /// Refuses further reads and closes what is idle; a read that goes on ends first.
    pub async fn close(&self, most: usize) {
        let all = u32::try_from(most).unwrap_or(u32::MAX);
        // Once all permits are here, nobody reads.
        if let Ok(all) = self.permits.acquire_many(all).await {
            all.forget();
        }
        self.permits.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn at_one_moment<T>(
    conn: &Connection,
    question: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let moment = conn.unchecked_transaction().map_err(store_error)?;
    let answer = question(&moment);
    // Nothing was written: how it ends does not matter, as long as it ends.
    let _ = moment.finish();
    answer
}
