//! Claims: taken, given back, given to somebody else.

use std::sync::Arc;

use axum::extract::State;

use super::{
    answer::{self, Answered},
    post::{Id, Post},
};
use crate::{
    backend::{
        app::App,
        auth::{Reps, Supervisors},
    },
    domain::{command::Command, text::clean_line},
    wire,
};

/// Claim a lead
///
/// Of any number of reps at once exactly one wins; the others are told who has it, and since when. `take_over` is for
/// supervisors.
#[utoipa::path(
    post,
    path = "/api/leads/{id}/claim",
    tag = "leads",
    security(("rep" = [])),
    params(("id" = uuid::Uuid, Path), super::openapi::IdempotencyKey),
    request_body(content = Option<wire::Claim>, description = "May be left out"),
    responses(
        (status = 200, body = wire::Lead),
        (status = 409, body = wire::Problem, content_type = "application/problem+json", description = "`already-claimed`, with `claimed_by` and `claimed_at`; `lead-closed`, `lead-booked`"),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn claim(State(app): State<Arc<App>>, id: Id, post: Post<Reps>) -> Answered {
    let lead = id.lead()?;
    let take_over =
        post.members(&["take_over"], |fields| fields.flag("take_over"))?.unwrap_or_default();
    let command = Command::Claim { lead, take_over };
    answer::lead(&app, app.execute(post.known(), command, post.key.clone()).await?)
}

/// Give a lead back to the queue
#[utoipa::path(
    post,
    path = "/api/leads/{id}/release",
    tag = "leads",
    security(("rep" = [])),
    params(("id" = uuid::Uuid, Path), super::openapi::IdempotencyKey),
    responses(
        (status = 200, body = wire::Lead),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn release(State(app): State<Arc<App>>, id: Id, post: Post<Reps>) -> Answered {
    let lead = id.lead()?;
    post.members(&[], |_| ())?;
    let command = Command::Release { lead };
    answer::lead(&app, app.execute(post.known(), command, post.key.clone()).await?)
}

/// Give a lead to a person or a team
#[utoipa::path(
    post,
    path = "/api/leads/{id}/reassign",
    tag = "leads",
    security(("supervisor" = [])),
    params(("id" = uuid::Uuid, Path), super::openapi::IdempotencyKey),
    request_body = wire::Reassign,
    responses(
        (status = 200, body = wire::Lead),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn reassign(State(app): State<Arc<App>>, id: Id, post: Post<Supervisors>) -> Answered {
    let lead = id.lead()?;
    let to = post.members(&["to"], |fields| {
        let to = fields.text("to").map(|to| clean_line(to, 200).into_owned());
        if to.as_deref().is_none_or(str::is_empty) {
            fields.fault("to", "must be a person's handle or name, or a team");
        }
        to.unwrap_or_default()
    })?;
    let command = Command::Reassign { lead, to };
    answer::lead(&app, app.execute(post.known(), command, post.key.clone()).await?)
}
