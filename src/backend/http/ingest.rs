//! A call, a form or a message comes in.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};

use super::{
    answer::{Answered, json, unexpected},
    post::Post,
};
use crate::{
    backend::{app::App, auth::Programs, failure::Failure},
    domain::{command::Command, decision::Answer},
    ids,
    store::Request,
    wire::{self, payload},
};

/// Ingest a lead
///
/// The payload of the guide. Everything is optional, but something must be said. What is unknown or odd is kept as
/// received: only wrong types, times without a zone and the like are refused, all at once. The same `call_sid`, or the same
/// `Idempotency-Key`, changes nothing and gets the first answer again.
#[utoipa::path(
    post,
    path = "/api/ingest/lead",
    tag = "ingest",
    security(("ingest" = [])),
    params(super::openapi::IdempotencyKey),
    request_body = wire::Payload,
    responses(
        (status = 201, body = wire::Routed, description = "A new lead, on disk"),
        (status = 200, body = wire::Routed, description = "It joined an open lead (`merged`), or is the first answer again"),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn ingest_lead(State(app): State<Arc<App>>, post: Post<Programs>) -> Answered {
    let answered = ingest(&app, post).await;
    if answered.is_err() {
        app.metrics.turned_down.increment(1);
    }
    answered
}

async fn ingest(app: &App, post: Post<Programs>) -> Result<Response, Failure> {
    let now = app.clock.now();
    let time_zone = app.policy.calendar.time_zone();
    let draft = payload::read(&post.body, now, app.region(), time_zone)?;
    let command = Command::Ingest(Box::new(draft.with_ids(ids::lead(), ids::contact())));
    let request =
        Request { command, actor: post.known().actor.clone(), now, idempotency: post.key };
    let done = app.store.execute(request).await?;
    let Answer::Routed(routed) = done.answer else { return Err(unexpected("where a call went")) };
    let (status, counter) = match (done.replayed, routed.merged) {
        (true, _) => (StatusCode::OK, &app.metrics.repeated),
        (false, true) => (StatusCode::OK, &app.metrics.joined),
        (false, false) => (StatusCode::CREATED, &app.metrics.arrived),
    };
    counter.increment(1);
    json(status, &wire::Routed::from(routed))
}
