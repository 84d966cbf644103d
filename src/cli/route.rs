//! `ringback route explain`: what the rules say of a payload, without a server and without storing anything.

use std::path::PathBuf;

use serde::Serialize;

use jiff::Timestamp;

use super::{
    failure::Failure,
    input::{Payload, Source},
    output,
    place::{self, Place},
    table::Table,
};
use crate::{
    clock::Clock,
    domain::{
        person::Roster,
        policy::Policy,
        routing::{self, Routing},
        tier::Tier,
    },
    store::StoreUrl,
    wire::{
        Fault,
        payload::{self, Unfit},
    },
};

/// Try the routing rules
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback route explain call.json
  ringback route explain --json - < calls.ndjson")]
pub(super) struct Args {
    #[command(subcommand)]
    command: RouteCommand,
}

#[derive(Debug, clap::Subcommand)]
enum RouteCommand {
    Explain(Explain),
}

/// Say which tier, queue, owner and due time a payload would get, and why; nothing is stored
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback route explain call.json
  ringback route explain --config ringback.toml --json - < calls.ndjson
  ringback route explain --data /srv/ringback call.json      and name the person, not the team

A payload's `ended_at` is the moment judged; without one it is now.")]
struct Explain {
    /// One JSON payload, or one on each line; `-` for standard input
    #[arg(value_name = "FILE|-")]
    source: Source,

    /// Configuration file [else $RINGBACK_CONFIG, else ringback.toml in the XDG configuration folder]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Data folder whose people, leave and loads count; without it a team is answered with its name
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Print one JSON object for each payload: {tier, queue, owner, after_hours, opens_at, due_at, reason}
    #[arg(long)]
    json: bool,
}

/// Where a payload would go.
#[derive(Debug, Serialize)]
struct Explained {
    tier: Tier,
    queue: String,
    owner: Option<String>,
    after_hours: bool,
    opens_at: Option<Timestamp>,
    due_at: Option<Timestamp>,
    reason: String,
}

/// A payload that says nothing to the rules.
#[derive(Debug, Serialize)]
struct Unread {
    line: usize,
    error: String,
    errors: Vec<Fault>,
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    let RouteCommand::Explain(args) = args.command;
    let place = Place { config: args.config, data: args.data };
    let config = place.load_config()?;
    let policy = config.policy();
    let roster = place.data.is_some().then(|| people(&place, &config)).transpose()?;
    let payloads = args.source.payloads()?;
    let now = Clock::System.now();
    let mut unread = 0;
    for payload in &payloads {
        match explain(payload, &policy, roster.as_ref(), now) {
            Ok(explained) if args.json => output::json(&explained)?,
            Ok(explained) => tell(&explained, &policy)?,
            Err(fault) => {
                unread += 1;
                eprintln!("ringback: line {}: {}", fault.line, fault.error);
                if args.json {
                    output::json(&fault)?;
                }
            }
        }
    }
    if unread == 0 { Ok(()) } else { Err(Failure::told()) }
}

fn people(place: &Place, config: &crate::config::Config) -> Result<Roster, Failure> {
    let url = place.store(config)?;
    if let StoreUrl::Sqlite(database) = &url
        && !database.exists()
    {
        return Err(Failure::failed(format!(
            "{} is not there: name the folder that `ringback serve` uses, or leave --data out",
            database.display()
        )));
    }
    super::block_on(async {
        let store = place::open(&url, config).await?;
        let roster = store.roster().await;
        store.close().await?;
        Ok(roster?)
    })
}

fn explain(
    payload: &Payload,
    policy: &Policy,
    roster: Option<&Roster>,
    now: Timestamp,
) -> Result<Explained, Unread> {
    let tz = policy.calendar.time_zone();
    let draft = payload::read(&payload.bytes, now, &policy.region, tz)
        .map_err(|unfit| Unread::new(payload.line, unfit))?;
    let judged = draft.touch.ended_at;
    let nobody = Roster::default();
    let Routing { tier, queue, owner, due, mut reason, unstaffed } = routing::route(
        &draft.touch,
        &draft.signals,
        draft.caller.customer.unwrap_or(false),
        draft.routing_owner.as_deref(),
        policy,
        roster.unwrap_or(&nobody),
        judged,
    );
    if let (None, Some(team)) = (roster, unstaffed) {
        // Nobody is known here, which is not the same as nobody being there.
        let absent = format!("Nobody of {team} is present: it stays with the team.");
        reason = reason.replace(&absent, &format!("It belongs to {team}."));
    }
    Ok(Explained {
        tier,
        queue,
        owner: owner.map(|owner| owner.as_str().into()),
        after_hours: due.after_hours,
        opens_at: due.opens_at,
        due_at: due.due_at,
        reason,
    })
}

impl Unread {
    fn new(line: usize, unfit: Unfit) -> Unread {
        let (error, errors) = match unfit {
            Unfit::NotJson(fault) => {
                let at = line + fault.line - 1;
                let column = fault.column;
                (format!("not JSON: line {at}, column {column}: {}", fault.what), Vec::new())
            }
            Unfit::Faults(faults) => {
                let told: Vec<_> = faults
                    .iter()
                    .map(|fault| format!("{} {}", fault.pointer, fault.detail))
                    .collect();
                (told.join("; ").trim().to_owned(), faults)
            }
        };
        Unread { line, error, errors }
    }
}

/// For people: times on the business's own clock.
fn tell(explained: &Explained, policy: &Policy) -> Result<(), Failure> {
    let local = |at: Option<Timestamp>| {
        at.map(|at| policy.calendar.local(at).strftime("%a %-d %b %Y %H:%M").to_string())
            .unwrap_or_default()
    };
    let mut table = Table::new(["TIER", "QUEUE", "OWNER", "OPENS", "DUE"]);
    table.row([
        format!("{} {}", explained.tier, explained.tier.in_words()),
        explained.queue.clone(),
        explained.owner.clone().unwrap_or_default(),
        local(explained.opens_at),
        local(explained.due_at),
    ]);
    table.print()?;
    output::line(&explained.reason)?;
    output::line("")
}
