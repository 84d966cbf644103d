//! Where things are: the configuration, the data, and the folders of the XDG specification.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use etcetera::BaseStrategy;

use super::failure::Failure;
use crate::{
    config::Config,
    store::{self, Store, StoreUrl},
};

/// The database's name in the data folder.
pub(super) const DATABASE: &str = "ringback.db";

/// Which configuration and which data a command works on.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Place {
    /// Configuration file [else $RINGBACK_CONFIG, else ringback.toml in the XDG configuration folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// Data folder [else the XDG data folder]
    #[arg(long, global = true, value_name = "DIR", env = "RINGBACK_DATA", hide_env_values = true)]
    pub(super) data: Option<PathBuf>,
}

impl Place {
    /// The configuration, checked. What is allowed and probably not meant is told in the log.
    pub(super) fn load_config(&self) -> Result<Config, Failure> {
        let config = Config::load(self.config.as_deref(), environment())?;
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        Ok(config)
    }

    /// The data folder, made if it is not there.
    pub(super) fn data_folder(&self) -> Result<PathBuf, Failure> {
        let folder = match &self.data {
            Some(folder) => folder.clone(),
            None => base()?.data_dir().join("ringback"),
        };
        make_private_folder(&folder)?;
        Ok(folder)
    }

    /// Where a configuration keeps leads.
    pub(super) fn store(&self, config: &Config) -> Result<StoreUrl, Failure> {
        match &config.store {
            Some(url) => Ok(url.clone()),
            None => Ok(StoreUrl::Sqlite(self.data_folder()?.join(DATABASE))),
        }
    }

    /// Opens the store, and makes it if it is not there. It lives with the runtime that this is called on.
    pub(super) async fn open_store(&self, config: &Config) -> Result<Arc<dyn Store>, Failure> {
        open(&self.store(config)?, config).await
    }
}

/// Opens the store at `url`, making it if it is not there.
pub(super) async fn open(url: &StoreUrl, config: &Config) -> Result<Arc<dyn Store>, Failure> {
    store::open(url, Arc::new(config.policy())).await.map_err(|error| match (url, error) {
        (StoreUrl::Sqlite(path), error) => Failure::failed(format!("{}: {error}", path.display())),
        // It names the address itself, without the password.
        (StoreUrl::Postgres(_), error) => Failure::failed(error),
    })
}

/// The process's environment, without what is not UTF-8.
pub(super) fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// `…/ringback` in the XDG configuration folder.
pub(super) fn config_folder() -> Result<PathBuf, Failure> {
    Ok(base()?.config_dir().join("ringback"))
}

/// `…/ringback` in the XDG state folder.
pub(super) fn state_folder() -> Result<PathBuf, Failure> {
    let base = base()?;
    Ok(base.state_dir().unwrap_or_else(|| base.data_dir()).join("ringback"))
}

fn base() -> Result<impl BaseStrategy, Failure> {
    etcetera::base_strategy::Xdg::new().map_err(|_| {
        Failure::failed(
            "there is no home folder: set HOME, or name the folders with --config and --data",
        )
    })
}

/// Makes a folder, and those above it, that only its owner may look into. One that is there stays as it is.
pub(super) fn make_private_folder(folder: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| Failure::failed(format!("{}: {error}", folder.display())))
}

/// Writes a new file that only its owner may read.
///
/// # Errors
/// When it is there already, or cannot be written.
pub(super) fn write_new_private(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| io::Write::write_all(&mut file, text.as_bytes()))
        .map_err(|error| Failure::failed(format!("{}: {error}", path.display())))
}
