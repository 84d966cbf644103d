//! Work that one server does for all: deadlines, and the outbox.
//!
//! Whoever asks for work is on duty for a few seconds, and again with every further question; the others get none
//! meanwhile. A server that dies, or that stops asking, is relieved when its time is over. That is one row and one small
//! statement when something has come due. It was chosen over locking each piece of work (`SKIP LOCKED`) because work lives
//! longer than a transaction here, and because one worker keeps the order that messages need. Two servers on duty at once
//! (one slept through its time) do no harm: a deadline that was acted on changes nothing the second time.

use std::{sync::Arc, time::Duration};

use super::{reader::Reader, sql, value::Value, watches::Watches};
use crate::store::{StoreError, rows::Bytes16};

/// What somebody can be on duty for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    Deadlines,
    /// For longer than a delivery takes: a message must not be sent by two.
    Outbox,
}

impl Duty {
    pub fn name(self) -> &'static str {
        match self {
            Duty::Deadlines => "deadlines",
            Duty::Outbox => "outbox",
        }
    }

    /// How long a server that says nothing stays on duty.
    fn lasts(self) -> Duration {
        match self {
            Duty::Deadlines => Duration::from_secs(3),
            Duty::Outbox => Duration::from_secs(60),
        }
    }
}

/// This server's part in it.
#[derive(Clone)]
pub struct Duties {
    /// Made anew with each start.
    pub server: Bytes16,
    pub watches: Arc<Watches>,
}

impl Duties {
    /// Goes on duty, or stays there, unless another server is.
    pub async fn take(&self, reader: &Reader, duty: Duty) -> Result<bool, StoreError> {
        let lasts = i64::try_from(duty.lasts().as_millis()).unwrap_or(i64::MAX);
        let values = vec![duty.name().into(), Value::Id(self.server), lasts.into()];
        let mine = reader.execute(sql::TAKE_DUTY, values).await? > 0;
        if duty == Duty::Deadlines {
            self.watches.tell_duty(!mine);
        }
        Ok(mine)
    }

    /// Leaves every duty, for another server to take at once.
    pub async fn leave(&self, reader: Reader) -> Result<(), StoreError> {
        reader.execute(sql::LEAVE_DUTIES, vec![Value::Id(self.server)]).await.map(drop)
    }
}
