//! `ringback rep add`.

use serde::Serialize;

use super::request;
use crate::{
    cli::{failure::Failure, output, token::NewToken},
    domain::{
        command::Command,
        decision::Refusal,
        ids::RepId,
        person::{Person, Presence, Role},
        phone::{CallerId, Phone},
        text::clean_line,
    },
    store::{Store, StoreError},
};

/// Add a rep or a supervisor; their token is shown once
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback rep add 'Priya Shah' --phone '07700 900456' --email priya@example.co.uk --slack U024BE7LH
  ringback rep add 'Gwen Parry' --phone 02079460100 --role supervisor --json")]
pub(crate) struct Args {
    /// As colleagues and prospects know them
    name: String,

    /// The phone that a callback rings first
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,

    /// Where mail to them goes
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,

    /// Member id in Slack
    #[arg(long, value_name = "ID")]
    slack: Option<String>,

    /// A supervisor also reassigns, takes over and manages people
    #[arg(long, value_enum, default_value_t = RoleWord::Rep)]
    role: RoleWord,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum RoleWord {
    Rep,
    Supervisor,
}

/// Somebody to be added.
#[derive(Debug)]
pub(crate) struct NewPerson {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) phone: Option<Phone>,
    pub(crate) email: Option<String>,
    pub(crate) slack_id: Option<String>,
}

impl Default for NewPerson {
    fn default() -> Self {
        NewPerson { name: String::new(), role: Role::Rep, phone: None, email: None, slack_id: None }
    }
}

/// Somebody who was added. The only place in which their token stands.
#[derive(Debug, Serialize)]
pub(crate) struct Added {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) token: String,
}

impl Added {
    pub(super) fn new(person: &Person, token: String) -> Added {
        Added { id: person.id.0.clone(), name: person.name.clone(), role: person.role, token }
    }

    pub(super) fn tell(&self) -> Result<(), Failure> {
        output::line(format!("{}\n{}", self.id, self.token))?;
        eprintln!(
            "ringback: this token is shown only once: {} keeps it in a file for `ringback console --token-file`",
            self.name
        );
        Ok(())
    }
}

pub(super) async fn add(
    args: Args,
    store: &dyn Store,
    region: &str,
    json: bool,
) -> Result<(), Failure> {
    let phone = args.phone.as_deref().map(|text| read_phone(text, region)).transpose()?;
    let email = args.email.as_deref().map(read_email).transpose()?;
    let role = match args.role {
        RoleWord::Rep => Role::Rep,
        RoleWord::Supervisor => Role::Supervisor,
    };
    let person = NewPerson { name: args.name, role, phone, email, slack_id: args.slack };
    let without_phone = person.phone.is_none();
    let added = add_to(store, person).await?;
    if json {
        output::json(&added)?;
    } else {
        added.tell()?;
    }
    if without_phone {
        eprintln!("ringback: {} has no phone, so callbacks cannot ring them", added.name);
    }
    Ok(())
}

fn read_phone(text: &str, region: &str) -> Result<Phone, Failure> {
    CallerId::read(text, region).number().cloned().ok_or_else(|| {
        Failure::usage(
            "this is no telephone number: write it as \"07700 900456\" or \"+447700900456\"",
        )
    })
}

fn read_email(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    match text.split_once('@') {
        Some((local, domain)) if !local.is_empty() && domain.contains('.') => {
            Ok(text.to_lowercase())
        }
        _ => Err(Failure::usage("this is no e-mail address: write it as \"priya@example.co.uk\"")),
    }
}

/// Adds somebody under the first handle that is free: `priya`, `priya-2`, `priya-3`, …
pub(crate) async fn add_to(store: &dyn Store, new: NewPerson) -> Result<Added, Failure> {
    let name = clean_line(&new.name, 80).into_owned();
    if name.is_empty() {
        return Err(Failure::usage("a person needs a name"));
    }
    let token = NewToken::make()?;
    let handle = RepId::from_name(&name);
    for id in handles(&handle) {
        let person = Person {
            id,
            name: name.clone(),
            role: new.role,
            phone: new.phone.clone(),
            email: new.email.clone(),
            slack_id: new.slack_id.clone(),
            presence: Presence::Available,
            shift: None,
            leave: Vec::new(),
            removed: false,
        };
        let command = Command::AddPerson { person, token: token.hash };
        match store.execute(request(command)).await {
            Ok(done) => return Ok(Added::new(&super::person(done.answer)?, token.text)),
            Err(StoreError::Refused(Refusal::HandleTaken(_))) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::failed(format!("a thousand people are called {name}: give another name")))
}

fn handles(handle: &RepId) -> impl Iterator<Item = RepId> {
    let numbered = |n: u32| {
        let suffix = format!("-{n}");
        let stem: String = handle.as_str().chars().take(40 - suffix.len()).collect();
        RepId(stem + &suffix)
    };
    std::iter::once(handle.clone()).chain((2..1_000).map(numbered))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_numbered_and_never_longer_than_forty_characters() {
        let long = RepId("a".repeat(40));
        let handles: Vec<_> = handles(&long).take(3).map(|id| id.0).collect();
        assert_eq!(handles[1], format!("{}-2", "a".repeat(38)));
        assert!(handles.iter().all(|id| id.len() <= 40));
    }
}
