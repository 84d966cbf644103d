//! `ringback check`.

use std::path::PathBuf;

use serde::Serialize;

use super::{failure::Failure, output, place};
use crate::config::{Config, Fault, Place};

/// Say whether the configuration is right, and what is wrong with it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback check
  ringback check --config /etc/ringback.toml --json")]
pub(super) struct Args {
    /// Configuration file [else $RINGBACK_CONFIG, else ringback.toml in the XDG configuration folder]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Print one JSON object: {ok, file, faults, warnings}
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    /// `null`: there is no file, and the defaults stand.
    file: Option<PathBuf>,
    faults: Vec<Told>,
    warnings: Vec<Told>,
    /// Services that are switched on and would reach real people or records.
    live: Vec<&'static str>,
}

/// A fault with its place taken apart.
#[derive(Serialize)]
struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variable: Option<String>,
    problem: String,
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    let checked = Config::load(args.config.as_deref(), place::environment());
    if args.json {
        return as_json(args.config, checked);
    }
    let config = checked?;
    for warning in &config.warnings {
        eprintln!("ringback: warning: {warning}");
    }
    match &config.path {
        Some(path) => output::line(format!("{}: nothing wrong", path.display())),
        None => output::line(
            "there is no configuration file, the defaults stand: `ringback init` writes one",
        ),
    }
}

fn as_json(
    named: Option<PathBuf>,
    checked: Result<Config, crate::config::ConfigErrors>,
) -> Result<(), Failure> {
    let told = |faults: &[Fault]| faults.iter().map(Told::of).collect();
    match checked {
        Ok(config) => output::json(&Report {
            ok: true,
            file: config.path.clone(),
            faults: Vec::new(),
            warnings: told(&config.warnings),
            live: config.live_services(),
        }),
        Err(errors) => {
            let faults = told(errors.faults());
            output::json(&Report {
                ok: false,
                file: named,
                faults,
                warnings: Vec::new(),
                live: Vec::new(),
            })?;
            Err(Failure::from(errors))
        }
    }
}

impl Told {
    fn of(fault: &Fault) -> Told {
        let mut told = Told {
            file: None,
            line: None,
            column: None,
            variable: None,
            problem: fault.problem.clone(),
        };
        match &fault.place {
            Place::File(path) => told.file = Some(path.clone()),
            Place::Position { path, line, column } => {
                told.file = Some(path.to_path_buf());
                (told.line, told.column) = (Some(*line), Some(*column));
            }
            Place::Variable(name) => told.variable = Some(name.clone()),
        }
        told
    }
}
