//! What a rep wrote down.

use std::sync::Arc;

use axum::extract::State;

use super::{
    answer::{self, Answered},
    post::{Id, Post},
};
use crate::{
    backend::{app::App, auth::Reps},
    domain::command::Command,
    wire::{self, payload::spoken},
};

/// Add a note
///
/// Card, bank and National Insurance numbers are taken out before it is stored.
#[utoipa::path(
    post,
    path = "/api/leads/{id}/note",
    tag = "leads",
    security(("rep" = [])),
    params(("id" = uuid::Uuid, Path), super::openapi::IdempotencyKey),
    request_body = wire::AddNote,
    responses(
        (status = 200, body = wire::Lead),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn note(State(app): State<Arc<App>>, id: Id, post: Post<Reps>) -> Answered {
    let lead = id.lead()?;
    let text = post.members(&["text"], |fields| {
        let text = fields.text("text").and_then(spoken);
        if text.is_none() {
            fields.fault("text", "must say something");
        }
        text.unwrap_or_default()
    })?;
    let command = Command::AddNote { lead, text };
    answer::lead(&app, app.execute(post.known(), command, post.key.clone()).await?)
}
