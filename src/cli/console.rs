//! `ringback console`: the screen of a rep.

use std::path::PathBuf;

use reqwest::Url;

use super::{
    failure::Failure,
    logging::{self, Format},
};

/// Open the console
#[derive(Debug, Default, clap::Args)]
#[command(after_help = "\
Examples:
  ringback
  ringback console --server https://leads.example.co.uk --token-file ~/.config/ringback/token
  ringback console --readonly                 for the board on the wall

Without a server that answers it opens on what it last saw, marked offline.")]
pub(super) struct Args {
    /// Address of the server; give it several times for servers that stand in for each other [default:
    /// http://127.0.0.1:7464]
    #[arg(long, value_name = "URL", env = "RINGBACK_SERVER", hide_env_values = true)]
    server: Vec<Url>,

    /// File that holds the token [else $RINGBACK_TOKEN, else `token` in the XDG configuration folder]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// Show everything, change nothing
    #[arg(long)]
    readonly: bool,
}

pub(super) fn run(args: Args, format: Format) -> Result<(), Failure> {
    let _log = logging::to_file(format)?;
    let _ = (args.server, args.token_file, args.readonly);
    Err(Failure::failed("the console is on its way"))
}
