//! The demo's data: a folder that goes with it.

use std::path::{Path, PathBuf};

use crate::cli::{failure::Failure, place, token};

/// A folder in the system's place for temporary things, removed when dropped.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Result<Folder, Failure> {
        let name: String = token::random::<8>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = std::env::temp_dir().join(format!("ringback-demo-{name}"));
        place::make_private_folder(&path)?;
        Ok(Folder(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left behind at worst: the system clears its temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
