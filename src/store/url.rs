//! Where a store is, and opening whichever it is.

use std::{path::PathBuf, str::FromStr, sync::Arc};

use super::{
    Store, StoreError,
    postgres::{Address, PostgresStore},
    sqlite::SqliteStore,
};
use crate::domain::policy::Policy;

/// A place where leads are kept. Shows no password.
#[derive(Clone, Debug)]
pub enum StoreUrl {
    /// A file.
    Sqlite(PathBuf),
    /// `postgres://user:password@host/database`
    Postgres(Box<Address>),
}

/// What is wrong with the URL of a store. Repeats nothing of it: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreUrlError {
    #[error(
        "this is not the URL of a store: write \"sqlite:///var/lib/ringback/ringback.db\" or \
         \"postgres://user:password@host/database\""
    )]
    Neither,
    #[error(transparent)]
    Postgres(#[from] super::postgres::AddressError),
}

impl FromStr for StoreUrl {
    type Err = StoreUrlError;

    fn from_str(text: &str) -> Result<StoreUrl, StoreUrlError> {
        if let Some(rest) = text.strip_prefix("sqlite:") {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            let is_file = !path.is_empty() && !path.ends_with('/') && !path.contains(['?', '\0']);
            return if is_file {
                Ok(StoreUrl::Sqlite(path.into()))
            } else {
                Err(StoreUrlError::Neither)
            };
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(StoreUrlError::Neither);
        }
        Ok(StoreUrl::Postgres(Box::new(text.parse()?)))
    }
}

impl StoreUrl {
    /// Reads what somebody types at a command line: a URL, or the path of a SQLite file.
    ///
    /// # Errors
    /// As its `FromStr`.
    pub fn or_path(text: &str) -> Result<StoreUrl, StoreUrlError> {
        if text.is_empty() || text.starts_with("sqlite:") || text.contains("://") {
            return text.parse();
        }
        Ok(StoreUrl::Sqlite(text.into()))
    }
}

impl std::fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreUrl::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            StoreUrl::Postgres(address) => address.fmt(f),
        }
    }
}

/// Opens a store, and makes its tables if there are none. `policy` is what its decisions are made by.
///
/// # Errors
/// [`StoreError::Unavailable`] when it cannot be opened or was written by a newer ringback.
pub async fn open(url: &StoreUrl, policy: Arc<Policy>) -> Result<Arc<dyn Store>, StoreError> {
    match url {
        StoreUrl::Sqlite(path) => Ok(SqliteStore::open(path, policy)?),
        StoreUrl::Postgres(address) => Ok(PostgresStore::open(address, policy).await?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_a_file_or_a_postgres_url() {
        for (text, path) in [
            ("sqlite:///var/lib/ringback/ringback.db", "/var/lib/ringback/ringback.db"),
            ("sqlite://ringback.db", "ringback.db"),
            ("sqlite:data/ringback.db", "data/ringback.db"),
        ] {
            let url = text.parse().unwrap();
            assert!(
                matches!(&url, StoreUrl::Sqlite(file) if file == std::path::Path::new(path)),
                "{text}"
            );
        }
        for text in [
            "postgres://u:p@h/db",
            "postgresql:///db?host=/run/postgresql",
            "postgres://u:p@one:5432,two:5433/db?sslmode=verify-full",
        ] {
            assert!(matches!(text.parse(), Ok(StoreUrl::Postgres(_))), "{text}");
        }
        for text in
            ["", "sqlite:", "sqlite:///", "sqlite:///a.db?mode=ro", "mysql://h/db", "ringback.db"]
        {
            assert!(text.parse::<StoreUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn at_a_command_line_a_path_will_do() {
        let url = StoreUrl::or_path("data/ringback.db").unwrap();
        assert!(matches!(url, StoreUrl::Sqlite(path) if path.ends_with("ringback.db")));
        assert!(StoreUrl::or_path("mysql://h/db").is_err());
        assert!(StoreUrl::or_path("").is_err());
    }
}
