//! Taking one's own last change back.

use std::sync::Arc;

use axum::extract::State;

use super::{
    answer::{self, Answered},
    post::{Id, Post},
};
use crate::{
    backend::{app::App, auth::Reps},
    domain::command::Command,
    wire,
};

/// Undo one's own last change of a lead
///
/// A claim, a release, an outcome or a schedule, while nothing has come after it.
#[utoipa::path(
    post,
    path = "/api/leads/{id}/undo",
    tag = "leads",
    security(("rep" = [])),
    params(("id" = uuid::Uuid, Path), super::openapi::IdempotencyKey),
    responses(
        (status = 200, body = wire::Lead),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn undo(State(app): State<Arc<App>>, id: Id, post: Post<Reps>) -> Answered {
    let lead = id.lead()?;
    post.members(&[], |_| ())?;
    let command = Command::Undo { lead };
    answer::lead(&app, app.execute(post.known(), command, post.key.clone()).await?)
}
