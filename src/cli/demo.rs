//! `ringback demo`: a whole morning on this machine with nothing set up. Everything goes over the real HTTP API: the night's
//! callers, the calls that keep arriving, and two simulated colleagues.

mod callers;
mod chance;
mod colleagues;
mod seed;

use std::{net::SocketAddr, path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use secrecy::SecretString;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{
    api::Api,
    failure::Failure,
    key,
    logging::{self, Format},
    output, place,
    rep::{self, NewPerson},
    serve,
};
use crate::{
    backend,
    clock::Clock,
    config::Config,
    domain::{
        person::{Leave, Role},
        phone::CallerId,
    },
    store::Store,
};

/// The morning after the Summer bank holiday, eight minutes before the desk opens.
const MORNING: &str = "2026-09-01T08:52:00+01:00";
const CONFIGURATION: &str = include_str!("../../assets/demo/ringback.toml");

/// A whole morning on this machine, with nothing set up
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback demo
  ringback demo --speed 20                      twenty minutes in one
  ringback demo --headless                      for programs: prints where it is and the tokens")]
pub(super) struct Args {
    /// How many times as fast as the real one the demo's clock runs
    #[arg(long, value_name = "N", value_parser = serve::speed, default_value = "1")]
    speed: f64,

    /// When the demo's morning is: RFC 3339. The night's calls move with it
    #[arg(long, value_name = "RFC3339", value_parser = serve::instant, default_value = MORNING)]
    at: Timestamp,

    /// Print one JSON line, {url, tokens: {ingest, rep, supervisor}}, and serve until stopped
    #[arg(long)]
    headless: bool,
}

/// Who works here, each with their token.
struct Staff {
    /// The one whose console it is.
    priya: SecretString,
    gwen: SecretString,
    tom: SecretString,
    aisha: SecretString,
    agent: SecretString,
}

#[derive(Serialize)]
struct Headless<'a> {
    url: &'a str,
    tokens: Tokens<'a>,
}

#[derive(Serialize)]
struct Tokens<'a> {
    ingest: &'a str,
    rep: &'a str,
    supervisor: &'a str,
}
