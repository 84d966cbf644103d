//! The people.

use std::sync::Arc;

use super::{
    answer::{Answered, json, unexpected},
    post::{Id, Post},
};
use crate::{
    backend::{
        app::App,
        auth::{Reps, Supervisors, Who},
    },
    domain::{
        command::{Command, PersonChange},
        decision::Answer,
        person::{Leave, Person, Shift},
        phone::CallerId,
        text::clean_line,
    },
    wire::{self, fields::Fields, payload::address},
};
use axum::{extract::State, http::StatusCode};

const SHORT: usize = 200;

/// Read the team
///
/// People who work here, each with presence and open leads.
#[utoipa::path(
    get,
    path = "/api/team",
    tag = "team",
    security(("rep" = [])),
    responses(
        (status = 200, body = wire::Team),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn team(State(app): State<Arc<App>>, _who: Who<Reps>) -> Answered {
    let roster = app.store.roster().await?;
    let people = roster
        .people
        .into_iter()
        .filter(|(person, _)| !person.removed)
        .map(|(person, open_leads)| shown(&app, person, open_leads))
        .collect();
    json(StatusCode::OK, &wire::Team { people })
}

fn shown(app: &App, person: Person, open_leads: u32) -> wire::Person {
    let now = app.clock.now();
    wire::Person {
        present: person.can_take(now, now, &app.policy.calendar),
        has_phone: person.phone.is_some(),
        id: person.id,
        name: person.name,
        role: person.role,
        presence: person.presence,
        open_leads,
        leave: person.leave,
        shift: person.shift,
    }
}

const MEMBERS: &[&str] = &[
    "name",
    "role",
    "phone",
    "email",
    "slack_id",
    "presence",
    "leave",
    "clear_leave",
    "shift",
    "removed",
];

/// Change a person
///
/// What is left out stays. Somebody who is removed loses every token at once.
#[utoipa::path(
    patch,
    path = "/api/team/{id}",
    tag = "team",
    security(("supervisor" = [])),
    params(("id" = String, Path, description = "The handle"), super::openapi::IdempotencyKey),
    request_body = wire::PersonPatch,
    responses(
        (status = 200, body = wire::Person),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn change(State(app): State<Arc<App>>, id: Id, post: Post<Supervisors>) -> Answered {
    let id = id.rep();
    let change = post.members(MEMBERS, |fields| person_change(fields, app.region()))?;
    let command = Command::ChangePerson { id: id.clone(), change };
    let done = app.execute(post.known(), command, post.key.clone()).await?;
    // Who is removed, or has another role now, is asked again at once and not in a second.
    app.tokens.doubt_all();
    app.hub.staff_changed();
    let Answer::Person { person } = done.answer else { return Err(unexpected("a person")) };
    let roster = app.store.roster().await?;
    let open_leads = roster.people.iter().find(|(one, _)| one.id == id).map_or(0, |(_, n)| *n);
    json(StatusCode::OK, &shown(&app, *person, open_leads))
}

fn person_change(fields: &mut Fields<'_>, region: &str) -> PersonChange {
    let line = |text: &str| clean_line(text, SHORT).into_owned();
    let name = fields.text("name").map(line);
    if name.as_deref() == Some("") {
        fields.fault("name", "must not be empty");
    }
    let phone = fields.text("phone").map(|text| CallerId::read(text, region));
    if phone.as_ref().is_some_and(|phone| phone.number().is_none()) {
        fields.fault("phone", "must be a number that can be rung");
    }
    let email = fields.text("email").map(address);
    if email == Some(None) {
        fields.fault("email", "must be an e-mail address");
    }
    let leave: Option<Leave> =
        fields.parsed("leave", "{\"from\": \"2026-12-01\", \"to\": \"2026-12-05\"}");
    if leave.as_ref().is_some_and(|leave| leave.to < leave.from) {
        fields.fault("leave/to", "must not lie before `from`");
    }
    PersonChange {
        name,
        role: fields.parsed("role", "rep or supervisor"),
        phone: phone.and_then(|phone| phone.number().cloned()),
        email: email.flatten(),
        slack_id: fields.text("slack_id").map(line),
        presence: fields.parsed("presence", "available or away"),
        shift: shift(fields),
        add_leave: leave,
        clear_leave: fields.flag("clear_leave").unwrap_or_default(),
        removed: fields.flag("removed"),
    }
}

/// `null` takes the shift away: whoever has none works whenever the business is open.
fn shift(fields: &mut Fields<'_>) -> Option<Option<Shift>> {
    if fields.is_null("shift") {
        return Some(None);
    }
    let wanted = "null, or seven days from Monday on, each null or [\"09:00\", \"17:00\"]";
    let shift: Shift = fields.parsed("shift", wanted)?;
    if shift.iter().flatten().any(|(from, to)| to <= from) {
        fields.fault("shift", "must end later on a day than it begins");
    }
    Some(Some(shift))
}
