//! Logs: to standard error for servers and commands, to a file for the console, whose screen is its own. `RINGBACK_LOG`
//! filters them. They never hold anything personal (requirements §11).

use std::path::PathBuf;

use clap::ValueEnum;
use tracing_appender::{non_blocking::WorkerGuard, rolling};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use super::{failure::Failure, place};

/// How a log line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    // For people.
    #[default]
    Text,
    // One JSON object a line, for log collectors.
    Json,
}

/// Logs to standard error, at `level` unless `RINGBACK_LOG` says otherwise.
pub(super) fn to_stderr(format: Format, level: &str) {
    start(format, level, std::io::stderr, std::io::IsTerminal::is_terminal(&std::io::stderr()));
}

/// Logs to `console.log` in the XDG state folder, a new file each day, a week of them kept. Writing goes on until the guard
/// is dropped, and never holds up the screen.
pub(super) fn to_file(format: Format) -> Result<WorkerGuard, Failure> {
    let folder = place::state_folder()?;
    place::make_private_folder(&folder)?;
    let file = rolling::Builder::new()
        .rotation(rolling::Rotation::DAILY)
        .filename_prefix("console")
        .filename_suffix("log")
        .max_log_files(7)
        .build(&folder)
        .map_err(|error| Failure::failed(format!("no log in {}: {error}", shown(&folder))))?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    start(format, "info", writer, false);
    Ok(guard)
}

fn shown(path: &std::path::Path) -> String {
    PathBuf::from(path).display().to_string()
}

fn start<W>(format: Format, level: &str, writer: W, colour: bool)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let (filter, fault) = match std::env::var("RINGBACK_LOG") {
        Ok(wanted) if !wanted.trim().is_empty() => match EnvFilter::try_new(&wanted) {
            Ok(filter) => (filter, None),
            Err(error) => (EnvFilter::new(level), Some(error)),
        },
        _ => (EnvFilter::new(level), None),
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(colour)
        .with_target(false);
    // An error means that somebody logs already: a test, or a command that called another.
    let _ = match format {
        Format::Text => builder.try_init(),
        Format::Json => builder.json().flatten_event(true).try_init(),
    };
    if let Some(error) = fault {
        tracing::warn!(%error, "RINGBACK_LOG is not a filter, `{level}` is used");
    }
}
