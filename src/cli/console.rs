//! `ringback console`: the screen of a rep.

use std::path::PathBuf;

use reqwest::Url;
use secrecy::SecretString;

use super::{
    api,
    failure::Failure,
    logging::{self, Format},
    place,
};
use crate::{
    clock::Clock,
    console::{self, ConsoleOptions},
};

/// Where `ringback serve` listens unless it is told otherwise.
const DEFAULT: &str = "http://127.0.0.1:7464";

/// Open the console
#[derive(Debug, Default, clap::Args)]
#[command(after_help = "\
Examples:
  ringback
  ringback console --server https://leads.example.co.uk --token-file ~/.config/ringback/token
  ringback console --server https://one.example.co.uk --server https://two.example.co.uk
  ringback console --readonly                 for the board on the wall

Without a server that answers it opens on what it last saw, marked offline.")]
pub(super) struct Args {
    /// Address of the server; several of them, one option each or with commas between, stand in for each other [default:
    /// http://127.0.0.1:7464]
    #[arg(
        long,
        value_name = "URL",
        env = "RINGBACK_SERVER",
        hide_env_values = true,
        value_delimiter = ','
    )]
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
    let servers = match args.server {
        none if none.is_empty() => vec![Url::parse(DEFAULT).map_err(Failure::failed)?],
        given => given,
    };
    let given = std::env::var("RINGBACK_TOKEN").ok().filter(|token| !token.is_empty());
    let given = given.filter(|_| args.token_file.is_none()).map(SecretString::from);
    let options = ConsoleOptions {
        servers,
        token: api::token(given.as_ref(), args.token_file.as_deref())?,
        clock: Clock::System,
        config_folder: Some(place::config_folder()?),
        state_folder: place::state_folder()?,
        readonly: args.readonly,
    };
    super::block_on_all_cores(open(options))
}

/// Opens the console until somebody leaves it.
pub(super) async fn open(options: ConsoleOptions) -> Result<(), Failure> {
    console::run(options).await.map_err(Failure::failed)
}
