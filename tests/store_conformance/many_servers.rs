//! The suite on PostgreSQL: each rule with a database of its own, on a cluster that all rules share.

use std::sync::Arc;

use ringback::{
    domain::policy::Policy,
    store::{Store, postgres::PostgresStore},
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
