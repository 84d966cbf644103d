//! For those who watch the service.

use std::{sync::Arc, time::Duration};

use axum::{extract::State, http::StatusCode};
use serde_json::json;

use super::answer::{self, Answered};
use crate::{backend::app::App, wire::problem::Code};

/// How long the store may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the process is alive
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operations",
    responses((status = 200, description = "`{\"status\": \"ok\"}`"))
)]
pub async fn healthz() -> Answered {
    answer::json(StatusCode::OK, &json!({ "status": "ok" }))
}

/// Whether it can take requests
///
/// The store answers, and the service is not about to stop.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    responses(
        (status = 200, description = "`{\"status\": \"ready\", \"store\": \"sqlite\"}`"),
        (status = 503, body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn readyz(State(app): State<Arc<App>>) -> Answered {
    if app.draining.is_cancelled() {
        return Err(Code::Unavailable.into());
    }
    if app.database.away().is_some() {
        return Err(Code::DatabaseAway.into());
    }
    match tokio::time::timeout(PATIENCE, app.store.journal_span()).await {
        Ok(span) => span?,
        Err(_) => return Err(Code::DatabaseAway.into()),
    };
    answer::json(StatusCode::OK, &json!({ "status": "ready", "store": app.store.name() }))
}
