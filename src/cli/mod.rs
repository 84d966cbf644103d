//! The command line (contract, "Command line"): one file per command, each thin. A command reads its arguments, asks the
//! room that knows, and prints.
//!
//! Results go to standard output, everything else to standard error. Exit status: 0 done, 1 refused or failed, 2 wrong
//! usage; with 1 and 2 one line on standard error says why and what to do.

mod api;
mod backup;
mod check;
mod completions;
mod console;
mod demo;
mod failure;
mod init;
mod input;
mod key;
mod lead;
mod logging;
mod man;
mod output;
mod place;
mod rep;
mod restore;
mod route;
mod serve;
mod store;
mod table;
mod token;

use std::{ffi::OsString, future::Future, process::ExitCode};

use clap::{CommandFactory, Parser, Subcommand};

use failure::Failure;

/// `ringback`, as it is called.
#[derive(Debug, Parser)]
#[command(
    name = "ringback",
    version,
    about = "Missed calls become money: every call one tiered lead, every lead rung back.",
    long_about = "Missed calls become money. An agent answers every call; ringback turns each call into one tiered lead, \
                  keeps it safe, and shows it to the reps who ring back.\n\nWithout a command it opens the console.",
    after_help = EXAMPLES,
    propagate_version = true,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    /// How log lines are written; RINGBACK_LOG says which: info, ringback=debug, …
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    log_format: logging::Format,
}

const EXAMPLES: &str = "\
Examples:
  ringback demo                 a whole morning on this machine, nothing to set up
  ringback init                 a first configuration and the first supervisor's token
  ringback serve                the backend, on http://127.0.0.1:7464
  ringback                      the console, on that backend
  ringback route explain -      which tier, queue and owner a call would get, and why";

#[derive(Debug, Subcommand)]
enum Command {
    Console(console::Args),
    Demo(demo::Args),
    Serve(serve::Args),
    Init(init::Args),
    Check(check::Args),
    Rep(rep::Args),
    Key(key::Args),
    Lead(lead::Args),
    Route(route::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Store(store::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Runs the command that `args` names (the program's name first), and says how it went.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too; a reader that has gone does not matter to either.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    let format = cli.log_format;
    let command = cli.command.unwrap_or_else(|| Command::Console(console::Args::default()));
    // The console and the demo write their log to a file: the screen is theirs.
    match &command {
        Command::Console(_) | Command::Demo(_) => {}
        Command::Serve(_) => logging::to_stderr(format, "info"),
        _ => logging::to_stderr(format, "warn"),
    }
    match command {
        Command::Console(args) => console::run(args, format),
        Command::Demo(args) => demo::run(args, format),
        Command::Serve(args) => serve::run(args),
        Command::Init(args) => init::run(args),
        Command::Check(args) => check::run(args),
        Command::Rep(args) => rep::run(args),
        Command::Key(args) => key::run(args),
        Command::Lead(args) => lead::run(args),
        Command::Route(args) => route::run(args),
        Command::Backup(args) => backup::run(args),
        Command::Restore(args) => restore::run(args),
        Command::Store(args) => store::run(args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
    }
}

/// The whole command line, for completions and man pages.
fn command() -> clap::Command {
    Cli::command()
}

/// Runs a command's asynchronous part on this thread.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("no async runtime: {error}")))?
        .block_on(work)
}

/// Runs a server's asynchronous part on all cores.
fn block_on_all_cores<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("no async runtime: {error}")))?;
    let done = runtime.block_on(work);
    // What has not drained by now is not waited for.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        command().debug_assert();
    }

    #[test]
    fn every_command_has_help_with_an_example() {
        fn visit(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            assert!(command.get_about().is_some(), "{path} says nothing about itself");
            let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(examples.contains("ringback "), "{path} has no example");
            for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
                visit(sub, &path);
            }
        }
        visit(&command(), "");
    }
}
