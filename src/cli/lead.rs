//! `ringback lead`: the queue for scripts, over the server's HTTP API.

mod add;
mod show;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    api::{Api, Server},
    failure::Failure,
    output,
};
use crate::{
    domain::{outcome::Outcome, queue::View},
    wire,
};

/// The queue, for scripts
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback lead add call.json --token-file ingest.token
  ringback lead list --view overnight
  ringback lead claim 01990a2e-3c41-7d52-8f3a-1f0f5c1c2b3a
  ringback lead outcome 01990a2e-3c41-7d52-8f3a-1f0f5c1c2b3a connected --note 'Wants the quote by post'")]
pub(super) struct Args {
    #[command(subcommand)]
    command: LeadCommand,

    #[command(flatten)]
    server: Server,

    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum LeadCommand {
    Add(add::Args),
    /// Show a queue, in its order
    #[command(after_help = "\
Examples:
  ringback lead list --view overnight
  ringback lead list --json | jq -r '.leads[].contact.name'")]
    List {
        #[arg(long, default_value = "all", value_parser = view, value_name = "VIEW",
              help = "overnight, callbacks, booked, answers, partnerships, general, mine or all")]
        view: View,
        /// The most leads to show
        #[arg(long, default_value_t = 200, value_name = "N")]
        limit: usize,
    },
    /// Show one lead
    #[command(
        after_help = "Examples:\n  ringback lead show 01990a2e-3c41-7d52-8f3a-1f0f5c1c2b3a --json"
    )]
    Show {
        id: Uuid,
    },
    /// Take a lead; nobody else can while you hold it
    #[command(after_help = "Examples:\n  ringback lead claim 01990a2e-3c41-7d52-8f3a-1f0f5c1c2b3a")]
    Claim {
        id: Uuid,
    },
    /// Give a lead back to the queue
    #[command(
        after_help = "Examples:\n  ringback lead release 01990a2e-3c41-7d52-8f3a-1f0f5c1c2b3a"
    )]
    Release {
        id: Uuid,
    },
    /// Write something down
    #[command(after_help = "\
Examples:
  ringback lead note 01990a2e-3c41-7d52-8f3a-1f0f5c1c2b3a 'Ask for her brother, he decides'")]
    Note {
        id: Uuid,
        text: String,
    },
    /// Say what came of a call
    #[command(after_help = "\
Examples:
  ringback lead outcome 01990a2e-3c41-7d52-8f3a-1f0f5c1c2b3a voicemail
  ringback lead outcome 01990a2e-3c41-7d52-8f3a-1f0f5c1c2b3a callback_later \\
      --callback-at 2026-09-01T16:00:00+01:00")]
    Outcome {
        /// As `lead list` shows it
        id: Uuid,
        #[arg(value_parser = outcome, value_name = "OUTCOME",
              help = "connected, booked, callback_later, voicemail, no_answer, busy, wrong_number, not_interested or opted_out")]
        outcome: Outcome,
        /// What to write down with it
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// When to ring again, for callback_later: RFC 3339, with a zone
        #[arg(long, value_name = "TIME")]
        callback_at: Option<Timestamp>,
    },
}

fn view(word: &str) -> Result<View, String> {
    View::read(word).ok_or_else(|| {
        let known: Vec<_> = View::ALL.iter().map(|view| view.as_str()).collect();
        format!("there is no such view; known are {}", known.join(", "))
    })
}

fn outcome(word: &str) -> Result<Outcome, String> {
    Outcome::read(&word.replace('-', "_")).ok_or_else(|| {
        let known: Vec<_> = Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
        format!("there is no such outcome; known are {}", known.join(", "))
    })
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    let Args { command, server, json } = args;
    if let LeadCommand::Outcome { outcome: Outcome::CallbackLater, callback_at: None, .. } = command
    {
        return Err(Failure::usage(
            "say when to ring again: --callback-at 2026-09-01T16:00:00+01:00",
        ));
    }
    let api = server.connect()?;
    super::block_on(act(command, &api, json))
}

async fn act(command: LeadCommand, api: &Api, as_json: bool) -> Result<(), Failure> {
    let post = async |id: Uuid, what: &str, body: Value| {
        let lead = api.post(&format!("/api/leads/{id}/{what}"), &body).await?;
        if as_json { output::json(&lead) } else { show::in_short(&read(lead)?) }
    };
    match command {
        LeadCommand::Add(args) => add::add(args, api, as_json).await,
        LeadCommand::List { view, limit } => list(api, view, limit, as_json).await,
        LeadCommand::Show { id } => {
            let lead = api.get(&format!("/api/leads/{id}"), &[]).await?;
            if as_json { output::json(&lead) } else { show::whole(&read(lead)?) }
        }
        LeadCommand::Claim { id } => post(id, "claim", json!({})).await,
        LeadCommand::Release { id } => post(id, "release", json!({})).await,
        LeadCommand::Note { id, text } => post(id, "note", json!({ "text": text })).await,
        LeadCommand::Outcome { id, outcome, note, callback_at } => {
            let mut body = json!({ "outcome": outcome });
            if let Some(note) = note {
                body["note"] = json!(note);
            }
            if let Some(at) = callback_at {
                body["callback_at"] = json!(at);
            }
            post(id, "outcome", body).await
        }
    }
}

/// A page of the server holds at most so many leads.
const PAGE: usize = 500;

async fn list(api: &Api, view: View, limit: usize, as_json: bool) -> Result<(), Failure> {
    let mut all: Option<wire::Queue> = None;
    loop {
        let have = all.as_ref().map_or(0, |queue| queue.leads.len());
        let page = (limit - have).clamp(1, PAGE).to_string();
        let mut query = vec![("view", view.as_str()), ("limit", page.as_str())];
        if let Some(cursor) = all.as_ref().and_then(|queue| queue.next.as_deref()) {
            query.push(("cursor", cursor));
        }
        let page: wire::Queue = read(api.get("/api/queue", &query).await?)?;
        all = Some(match all.take() {
            None => page,
            Some(before) => wire::Queue {
                leads: [before.leads, page.leads].concat(),
                next: page.next,
                ..before
            },
        });
        if let Some(queue) = all.as_mut()
            && (queue.next.is_none() || queue.leads.len() >= limit)
        {
            queue.leads.truncate(limit);
            return if as_json { output::json(queue) } else { show::queue(queue) };
        }
    }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(|error| {
        Failure::failed(format!(
            "the server answered in a form this version does not know: {error}"
        ))
    })
}
