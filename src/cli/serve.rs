//! `ringback serve`: the routing backend.

mod rehearsal;
mod stop;

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::Instant;

pub(super) use stop::on_signal;

use super::{failure::Failure, output, place::Place};
use crate::{
    backend::{self, Backend, Settings},
    clock::Clock,
    config::Config,
    store::Store,
};

/// From the signal to the end, whatever the database does: the contract says 5 s.
const STOPPED_WITHIN: Duration = Duration::from_millis(4_700);

/// Run the routing backend
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback serve
  ringback serve --config /etc/ringback.toml --data /var/lib/ringback --log-format json
  ringback serve --listen 127.0.0.1:0                         on a free port
  ringback serve --at 2026-09-01T08:52:00+01:00 --speed 60    a rehearsal: an hour a minute

It prints `listening on http://ADDRESS` once it accepts.
SIGTERM and ctrl-C drain and stop within 5 seconds.")]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,

    /// Address to listen on; port 0 picks a free one [else the configuration's, else 127.0.0.1:7464]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,

    #[command(flatten)]
    rehearsal: rehearsal::Options,
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    let config = args.place.load_config()?;
    args.rehearsal.refuse_beside(&config)?;
    let listener = bind(args.listen.unwrap_or(config.server.listen))?;
    super::block_on_all_cores(async {
        let store = args.place.open_store(&config).await?;
        let clock = args.rehearsal.clock(store.as_ref()).await?;
        serve(listener, store, clock, &config).await
    })
}

async fn serve(
    listener: TcpListener,
    store: Arc<dyn Store>,
    clock: Clock,
    config: &Config,
) -> Result<(), Failure> {
    let stop = on_signal()?;
    // The socket queues whoever connects between this line and the first accept.
    output::line(format!("listening on {}", url(&listener)?))?;
    let told = tokio::spawn({
        let stop = stop.clone();
        async move {
            stop.cancelled().await;
            Instant::now()
        }
    });
    let service = service(Arc::clone(&store), clock, config);
    let served = backend::run(listener, service, stop.clone()).await;
    stop.cancel();
    let told = told.await.unwrap_or_else(|_| Instant::now());
    match tokio::time::timeout_at(told + STOPPED_WITHIN, store.close()).await {
        Ok(closed) => closed?,
        // Everything acknowledged is on disk all the same.
        Err(_) => tracing::warn!("the store did not close in time"),
    }
    served.map_err(Failure::failed)
}

/// The service that a configuration means.
pub(super) fn service(store: Arc<dyn Store>, clock: Clock, config: &Config) -> Backend {
    let given = config.server.limits;
    let default = Settings::default();
    let whole = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let limits = backend::Limits {
        ingest_per_second: given.ingest_per_second,
        rep_per_second: given.rep_per_second,
        strangers_per_second: given.strangers_per_second,
        max_connections: whole(given.max_connections),
        body_bytes: whole(given.body_bytes),
        ..default.limits
    };
    let settings = Settings {
        business_name: config.business.name.clone(),
        metrics: config.server.metrics,
        limits,
        ..default
    };
    Backend { store, clock, policy: Arc::new(config.policy()), settings }
}

/// Listens.
pub(super) fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Failure::failed(format!(
            "{address} is taken, perhaps by another `ringback serve`: stop it, or name another address with --listen"
        )),
        _ => Failure::failed(format!("cannot listen on {address}: {error}")),
    })
}

/// Where a client on this machine finds the listener.
pub(super) fn url(listener: &TcpListener) -> Result<String, Failure> {
    let address = listener.local_addr().map_err(Failure::failed)?;
    Ok(format!("http://{address}"))
}

/// Reads `--at`: an instant in RFC 3339.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| {
        if text.parse::<jiff::civil::DateTime>().is_ok() {
            "it has no time zone: write 2026-09-01T08:52:00+01:00".into()
        } else {
            "it must be a time such as 2026-09-01T08:52:00+01:00".into()
        }
    })
}

/// Reads `--speed`: how many times as fast as the machine's clock.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.01..=100_000.0).contains(&speed) => Ok(speed),
        _ => Err("it must be a number from 0.01 to 100000".into()),
    }
}
