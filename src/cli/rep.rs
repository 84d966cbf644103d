//! `ringback rep`: the people who ring back. Changes go through the same one door as everybody's, so the server may run
//! meanwhile.

mod add;
mod list;

use jiff::civil::Date;
use serde::Serialize;

pub(super) use add::{Added, NewPerson, add_to};

use super::{failure::Failure, output, place::Place, token::NewToken};
use crate::{
    clock::Clock,
    domain::{
        command::{Command, PersonChange},
        decision::Answer,
        ids::RepId,
        journal::Actor,
        person::{Leave, Person},
    },
    store::{Request, Store},
};

/// The people who ring back
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback rep add 'Priya Shah' --phone '07700 900456' --email priya@example.co.uk
  ringback rep add 'Gwen Parry' --phone 02079460100 --role supervisor
  ringback rep list
  ringback rep leave priya-shah 2026-12-21 2027-01-02")]
pub(super) struct Args {
    #[command(subcommand)]
    command: RepCommand,

    #[command(flatten)]
    place: Place,

    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum RepCommand {
    Add(add::Args),
    /// Show everybody who works here
    #[command(after_help = "Examples:\n  ringback rep list --json")]
    List,
    /// Put somebody on leave: no lead is given to them on these days
    #[command(after_help = "Examples:\n  ringback rep leave priya-shah 2026-12-21 2027-01-02")]
    Leave {
        /// As `rep list` shows it
        id: String,
        /// First day off: 2026-12-21
        from: Date,
        /// Last day off
        to: Date,
    },
    /// Take somebody off the team; their tokens stop working within a second
    #[command(after_help = "Examples:\n  ringback rep remove priya-shah")]
    Remove {
        /// As `rep list` shows it
        id: String,
    },
    /// Make somebody a new token; the old ones stop working within a second
    #[command(after_help = "Examples:\n  ringback rep token priya-shah")]
    Token {
        /// As `rep list` shows it
        id: String,
    },
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    let config = args.place.load_config()?;
    let region = config.business.country.as_str();
    super::block_on(async {
        let store = args.place.open_store(&config).await?;
        let done = act(args.command, store.as_ref(), region, args.json).await;
        store.close().await?;
        done
    })
}

async fn act(
    command: RepCommand,
    store: &dyn Store,
    region: &str,
    json: bool,
) -> Result<(), Failure> {
    match command {
        RepCommand::Add(args) => add::add(args, store, region, json).await,
        RepCommand::List => list::list(store, region, json).await,
        RepCommand::Leave { id, from, to } => {
            if to < from {
                return Err(Failure::usage(format!(
                    "leave ends on {to}, before it begins on {from}"
                )));
            }
            let person = put_on_leave(store, &id, Leave { from, to }).await?;
            tell(&person, json, format!("{} is on leave from {from} to {to}", person.name))
        }
        RepCommand::Remove { id } => {
            let gone = PersonChange { removed: Some(true), ..Default::default() };
            let person = change(store, &id, gone).await?;
            tell(&person, json, format!("{} is off the team", person.name))
        }
        RepCommand::Token { id } => token(store, &id, json).await,
    }
}

async fn token(store: &dyn Store, id: &str, json: bool) -> Result<(), Failure> {
    let token = NewToken::make()?;
    let command =
        Command::ReplaceToken { id: RepId(id.to_lowercase()), token: token.hash, expires_at: None };
    let person = person(execute(store, command).await?)?;
    let added = Added::new(&person, token.text);
    if json { output::json(&added) } else { added.tell() }
}

/// Gives somebody days off.
pub(super) async fn put_on_leave(
    store: &dyn Store,
    id: &str,
    leave: Leave,
) -> Result<Person, Failure> {
    change(store, id, PersonChange { add_leave: Some(leave), ..Default::default() }).await
}

async fn change(store: &dyn Store, id: &str, change: PersonChange) -> Result<Person, Failure> {
    person(execute(store, Command::ChangePerson { id: RepId(id.to_lowercase()), change }).await?)
}

async fn execute(store: &dyn Store, command: Command) -> Result<Answer, Failure> {
    Ok(store.execute(request(command)).await?.answer)
}

fn request(command: Command) -> Request {
    Request { command, actor: Actor::Operator, now: Clock::System.now(), idempotency: None }
}

fn person(answer: Answer) -> Result<Person, Failure> {
    match answer {
        Answer::Person { person } => Ok(*person),
        other => {
            Err(Failure::failed(format!("the store answered about something else: {other:?}")))
        }
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a RepId,
    name: &'a str,
    role: crate::domain::person::Role,
    leave: &'a [Leave],
    removed: bool,
}

fn tell(person: &Person, json: bool, sentence: String) -> Result<(), Failure> {
    if !json {
        return output::line(sentence);
    }
    output::json(&Shown {
        id: &person.id,
        name: &person.name,
        role: person.role,
        leave: &person.leave,
        removed: person.removed,
    })
}
