//! `ringback key`: keys for programs.

use serde::Serialize;

use super::{
    failure::Failure,
    output,
    place::Place,
    token::{self, NewToken},
};
use crate::{
    clock::Clock,
    domain::{command::Command, ids::RepId, journal::Actor, text::clean_line},
    store::Request,
};

/// Keys for programs that send leads
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback key add 'voice agent'
  ringback key add website --json")]
pub(super) struct Args {
    #[command(subcommand)]
    command: KeyCommand,

    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Subcommand)]
enum KeyCommand {
    /// Make a key; it is shown once
    #[command(after_help = "\
Examples:
  ringback key add 'voice agent' --data /srv/ringback")]
    Add {
        /// What it is for
        name: String,
        /// Print one JSON object: {id, name, token}
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct Added {
    id: String,
    name: String,
    token: String,
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    let KeyCommand::Add { name, json } = args.command;
    let name = clean_line(&name, 80).into_owned();
    if name.is_empty() {
        return Err(Failure::usage("a key needs a name: say what it is for"));
    }
    let config = args.place.load_config()?;
    let added = super::block_on(async {
        let store = args.place.open_store(&config).await?;
        let added = add_to(store.as_ref(), &name).await;
        store.close().await?;
        added
    })?;
    let added = Added { id: added.0, name, token: added.1 };
    if json {
        return output::json(&added);
    }
    output::line(format!("{}\n{}", added.id, added.token))?;
    eprintln!("ringback: this key is shown only once: give it to the program as its bearer token");
    Ok(())
}

/// Adds a key, and gives its id and its token.
pub(super) async fn add_to(
    store: &dyn crate::store::Store,
    name: &str,
) -> Result<(String, String), Failure> {
    let token = NewToken::make()?;
    let [a, b, c] = token::random::<3>()?;
    let id = format!("{}-{a:02x}{b:02x}{c:02x}", RepId::from_name(name));
    let command = Command::AddKey { id: id.clone(), name: name.into(), token: token.hash };
    store
        .execute(Request {
            command,
            actor: Actor::Operator,
            now: Clock::System.now(),
            idempotency: None,
        })
        .await?;
    Ok((id, token.text))
}
