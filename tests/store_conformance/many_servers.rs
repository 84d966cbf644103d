//! The suite on PostgreSQL: each rule with a database of its own, on a cluster that all rules share.

use std::{sync::Arc, time::Duration};

use ringback::{
    domain::{ids::Seq, policy::Policy},
    store::{JournalQuery, QueueQuery, Store, postgres::PostgresStore},
};

use crate::{cluster, fixture::Fixture};

/// A database of its own.
pub struct Postgres(String);

impl Postgres {
    /// Its address.
    pub fn url(&self) -> &str {
        &self.0
    }

    /// Another server on the same database, beside those that are open.
    pub async fn server(&self, policy: Arc<Policy>) -> Arc<PostgresStore> {
        PostgresStore::open(&self.0.parse().unwrap(), policy).await.unwrap()
    }
}

impl Fixture for Postgres {
    const NAME: &'static str = "postgres";

    fn new() -> Option<Self> {
        Some(Postgres(cluster::shared()?.database()))
    }

    async fn open(&self, policy: Arc<Policy>) -> Arc<dyn Store> {
        self.server(policy).await
    }
}

pub async fn seqs(store: &dyn Store) -> Vec<Seq> {
    let query = JournalQuery { after: 0, limit: 10_000 };
    store.journal(query).await.unwrap().into_iter().map(|entry| entry.seq).collect()
}

pub async fn wait_for_head(store: &dyn Store, head: Seq) {
    let mut heads = store.head();
    let waiting = heads.wait_for(|known| *known >= head);
    tokio::time::timeout(Duration::from_secs(5), waiting).await.expect("the head moves").unwrap();
}

pub fn everything(limit: usize) -> QueueQuery {
    QueueQuery { view: ringback::domain::queue::View::All, me: None, limit, after: None }
}
