//! What came of a call.

use std::sync::Arc;

use axum::extract::State;

use super::{
    answer::{self, Answered},
    calls::instant,
    post::{Id, Post},
};
use crate::{
    backend::{app::App, auth::Reps},
    domain::{command::Command, ids::LeadId, outcome::Outcome},
    wire::{self, fields::Fields, payload::spoken},
};

/// Log an outcome
///
/// It closes the lead, schedules it (`callback_later` needs `callback_at`), or sends it up the retry ladder.
#[utoipa::path(
    post,
    path = "/api/leads/{id}/outcome",
    tag = "leads",
    security(("rep" = [])),
    params(("id" = uuid::Uuid, Path), super::openapi::IdempotencyKey),
    request_body = wire::LogOutcome,
    responses(
        (status = 200, body = wire::Lead),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn outcome(State(app): State<Arc<App>>, id: Id, post: Post<Reps>) -> Answered {
    let lead = id.lead()?;
    let command =
        post.members(&["outcome", "note", "callback_at"], |fields| command(lead, fields))?;
    answer::lead(&app, app.execute(post.known(), command, post.key.clone()).await?)
}

fn command(lead: LeadId, fields: &mut Fields<'_>) -> Command {
    let outcome = fields.text("outcome").and_then(Outcome::read);
    if outcome.is_none() {
        let words: Vec<&str> = Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
        fields.fault("outcome", format!("must be one of {}", words.join(", ")));
    }
    Command::LogOutcome {
        lead,
        // Not used when it is missing: a fault is noted.
        outcome: outcome.unwrap_or(Outcome::Connected),
        note: fields.text("note").and_then(spoken),
        callback_at: instant(fields, "callback_at"),
    }
}
