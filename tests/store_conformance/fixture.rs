//! What the suite needs of a database.

use std::{future::Future, sync::Arc, sync::Once};

use ringback::{
    domain::policy::Policy,
    store::{Store, sqlite::SqliteStore},
};

pub use crate::office::*;

/// One database, empty at first.
pub trait Fixture: Sized + Send + Sync + 'static {
    const NAME: &'static str;

    /// `None` where this machine has no such database.
    fn new() -> Option<Self>;

    /// Opens the database: the first time empty, later with what is in it.
    fn open(&self, policy: Arc<Policy>) -> impl Future<Output = Arc<dyn Store>> + Send;
}

/// A SQLite file in a folder of its own.
pub struct Sqlite(pub tempfile::TempDir);

impl Sqlite {
    pub fn path(&self) -> std::path::PathBuf {
        self.0.path().join("ringback.db")
    }
}

impl Fixture for Sqlite {
    const NAME: &'static str = "sqlite";

    fn new() -> Option<Self> {
        Some(Sqlite(tempfile::tempdir().unwrap()))
    }

    async fn open(&self, policy: Arc<Policy>) -> Arc<dyn Store> {
        SqliteStore::open(&self.path(), policy).unwrap()
    }
}

/// Runs a rule on a fresh database, and names the database once.
pub fn run<F: Fixture, R: Future<Output = ()>>(rule: impl FnOnce(F) -> R) {
    let Some(fixture) = F::new() else { return };
    static NAMED: Once = Once::new();
    NAMED.call_once(|| eprintln!("conformance: {}", F::NAME));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(rule(fixture));
}
