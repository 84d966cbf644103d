//! `ringback demo`: a whole morning on this machine with nothing set up. Everything goes over the real HTTP API: the night's
//! callers, the calls that keep arriving, and two simulated colleagues.

mod callers;
mod chance;
mod colleagues;
mod folder;
mod seed;

use std::{net::SocketAddr, path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use chance::Chance;
use colleagues::Colleague;
use folder::Folder;

use super::{
    api::Api,
    console,
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
    console::ConsoleOptions,
    domain::{
        person::{Leave, Role},
        phone::CallerId,
    },
    store::{Store, StoreUrl},
};

/// The morning after the Summer bank holiday, eight minutes before the desk opens.
const MORNING: &str = "2026-09-01T08:52:00+01:00";
/// The same seed gives the same morning.
const SEED: u64 = 20_260_901;
/// Handles, as they follow from the names.
const PRIYA: &str = "priya-shah";
const TOM: &str = "tom-whitfield";
const AISHA: &str = "aisha-khan";
const DANIEL: &str = "daniel-brook";
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

pub(super) fn run(args: Args, format: Format) -> Result<(), Failure> {
    let _log = if args.headless {
        logging::to_stderr(format, "warn");
        None
    } else {
        Some(logging::to_file(format)?)
    };
    let config = Config::parse(CONFIGURATION, Path::new("demo.toml"))?;
    let folder = Folder::new()?;
    super::block_on_all_cores(async {
        let database = StoreUrl::Sqlite(folder.path().join(place::DATABASE));
        let store = place::open(&database, &config).await?;
        let shown = show(&args, Arc::clone(&store), &config, folder.path()).await;
        store.close().await?;
        shown
    })
}

/// The server, the callers and the colleagues, until somebody has seen enough.
async fn show(
    args: &Args,
    store: Arc<dyn Store>,
    config: &Config,
    folder: &Path,
) -> Result<(), Failure> {
    let staff = hire(store.as_ref(), config, args.at).await?;
    let clock = Clock::rehearsal(args.at, args.speed);
    let listener = serve::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let url = serve::url(&listener)?;
    let stop = if args.headless { serve::on_signal()? } else { CancellationToken::new() };
    let service = serve::service(store, clock.clone(), config);
    let mut server = tokio::spawn(backend::run(listener, service, stop.clone()));

    let base = Url::parse(&url).map_err(Failure::failed)?;
    let as_whom = |token: &SecretString| Api::new(base.clone(), token.clone());
    seed::night(&as_whom(&staff.agent)?, moved_by(args.at)).await?;
    let morning = tokio::spawn(seed::morning(as_whom(&staff.agent)?, clock.clone(), args.at, SEED));
    let colleague = |api: Api, id: &str, seed| {
        let (id, leaves_to, chance) = (id.into(), PRIYA.into(), Chance::new(seed));
        let clock = clock.clone();
        tokio::spawn(Colleague { api, clock, id, leaves_to, chance, gave_back: None }.work())
    };
    let tom = colleague(as_whom(&staff.tom)?, TOM, SEED + 1);
    let aisha = colleague(as_whom(&staff.aisha)?, AISHA, SEED + 2);

    let served = if args.headless {
        announce(&url, &staff)?;
        (&mut server).await
    } else {
        watch(&base, &staff, clock.clone(), folder).await?;
        stop.cancel();
        (&mut server).await
    };
    for task in [tom, aisha] {
        task.abort();
    }
    morning.abort();
    served.map_err(Failure::failed)?.map_err(Failure::failed)
}

fn announce(url: &str, staff: &Staff) -> Result<(), Failure> {
    output::json(&Headless {
        url,
        tokens: Tokens {
            ingest: staff.agent.expose_secret(),
            rep: staff.priya.expose_secret(),
            supervisor: staff.gwen.expose_secret(),
        },
    })
}

/// How much later than written the demo's morning is.
fn moved_by(at: Timestamp) -> SignedDuration {
    MORNING.parse::<Timestamp>().map_or(SignedDuration::ZERO, |written| at.duration_since(written))
}

/// The people and the agent's key, through the same door as everybody's. Daniel is on leave this week: nothing is given to
/// him.
async fn hire(store: &dyn Store, config: &Config, at: Timestamp) -> Result<Staff, Failure> {
    let person = async |name: &str, role, phone: &str| {
        let phone = CallerId::read(phone, &config.business.country).number().cloned();
        let added =
            rep::add_to(store, NewPerson { name: name.into(), role, phone, ..Default::default() });
        added.await.map(|added| SecretString::from(added.token))
    };
    let priya = person("Priya Shah", Role::Rep, "+447700900456").await?;
    let tom = person("Tom Whitfield", Role::Rep, "+447700900457").await?;
    let aisha = person("Aisha Khan", Role::Rep, "+447700900458").await?;
    let gwen = person("Gwen Parry", Role::Supervisor, "+447700900459").await?;
    person("Daniel Brook", Role::Rep, "+447700900460").await?;
    let today = config.business.calendar().local(at).date();
    let back = today.saturating_add(jiff::Span::new().days(4));
    rep::put_on_leave(store, DANIEL, Leave { from: today, to: back }).await?;
    let (_, agent) = key::add_to(store, "voice agent").await?;
    Ok(Staff { priya, gwen, tom, aisha, agent: SecretString::from(agent) })
}

/// Priya's console. Its cache lies in the demo's folder: the console of the real business keeps its own.
async fn watch(base: &Url, staff: &Staff, clock: Clock, folder: &Path) -> Result<(), Failure> {
    let options = ConsoleOptions {
        servers: vec![base.clone()],
        token: staff.priya.clone(),
        clock,
        config_folder: Some(place::config_folder()?),
        state_folder: folder.to_owned(),
        readonly: false,
    };
    console::open(options).await
}
