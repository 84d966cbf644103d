//! The signals that stop a server: the first drains, the second does not wait.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli::failure::Failure;

/// The exit status of a process that was told twice to stop, as shells count it (128 + SIGINT).
const TOLD_TWICE: i32 = 130;

/// A token that SIGTERM and ctrl-C cancel.
pub(crate) fn on_signal() -> Result<CancellationToken, Failure> {
    let listen =
        |kind| signal(kind).map_err(|error| Failure::failed(format!("no signals: {error}")));
    let (mut terminate, mut interrupt) =
        (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    let stop = CancellationToken::new();
    tokio::spawn({
        let stop = stop.clone();
        async move {
            either(&mut terminate, &mut interrupt).await;
            tracing::info!("draining: requests under way are answered");
            stop.cancel();
            either(&mut terminate, &mut interrupt).await;
            tracing::warn!("told twice to stop: not waiting");
            std::process::exit(TOLD_TWICE);
        }
    });
    Ok(stop)
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
