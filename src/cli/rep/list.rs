//! `ringback rep list`.

use serde::Serialize;

use crate::{
    cli::{failure::Failure, output, table::Table},
    domain::person::{Leave, Person, Presence, Role},
    store::Store,
};

#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    name: &'a str,
    role: Role,
    phone: Option<&'a str>,
    email: Option<&'a str>,
    slack_id: Option<&'a str>,
    presence: Presence,
    leave: &'a [Leave],
    open_leads: u32,
}

/// Prints everybody still here; people removed keep their name in old records only.
pub(super) async fn list(store: &dyn Store, region: &str, json: bool) -> Result<(), Failure> {
    let roster = store.roster().await?;
    let here = roster.people.iter().filter(|(person, _)| !person.removed);
    if json {
        let people: Vec<_> = here.map(|(person, load)| listed(person, *load)).collect();
        return output::json(&serde_json::json!({ "people": people }));
    }
    let mut table = Table::new(["ID", "NAME", "ROLE", "PHONE", "LEAVE", "OPEN LEADS"]);
    for (person, load) in here {
        let phone = person.phone.as_ref().map(|phone| phone.national_display(region));
        table.row([
            person.id.0.clone(),
            person.name.clone(),
            person.role.as_str().into(),
            phone.unwrap_or_default(),
            leave(&person.leave),
            load.to_string(),
        ]);
    }
    table.print()
}

fn listed(person: &Person, open_leads: u32) -> Listed<'_> {
    Listed {
        id: person.id.as_str(),
        name: &person.name,
        role: person.role,
        phone: person.phone.as_ref().map(|phone| phone.e164()),
        email: person.email.as_deref(),
        slack_id: person.slack_id.as_deref(),
        presence: person.presence,
        leave: &person.leave,
        open_leads,
    }
}

fn leave(leave: &[Leave]) -> String {
    let spans: Vec<_> =
        leave.iter().map(|leave| format!("{} to {}", leave.from, leave.to)).collect();
    spans.join(", ")
}
