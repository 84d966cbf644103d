//! `ringback man`.

use std::path::PathBuf;

use super::{failure::Failure, output};

/// Print the man page, or write one for every command
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback man | man -l -
  ringback man --out ~/.local/share/man/man1")]
pub(super) struct Args {
    /// Write a page for each command into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    let mut command = super::command();
    command.build();
    match args.out {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page).map_err(Failure::failed)?;
            output::bytes(&page)
        }
        Some(folder) => std::fs::create_dir_all(&folder)
            .and_then(|()| clap_mangen::generate_to(command, &folder))
            .map_err(|error| Failure::failed(format!("{}: {error}", folder.display()))),
    }
}
