//! Who looked.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};

use super::{
    answer::{Answered, json},
    query::Params,
};
use crate::{
    backend::{
        app::App,
        auth::{Supervisors, Who},
    },
    wire,
};

const PAGE: usize = 200;
const LARGEST_PAGE: usize = 1_000;

/// Read who looked at personal data
///
/// Newest first. An access appears within moments of the answer it belongs to.
#[utoipa::path(
    get,
    path = "/api/audit",
    tag = "audit",
    security(("supervisor" = [])),
    params(
        ("lead" = Option<uuid::Uuid>, Query, description = "Only accesses to this lead"),
        ("limit" = Option<usize>, Query, description = "1 to 1000, 200 by default"),
    ),
    responses(
        (status = 200, body = wire::Accesses),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn audit(
    State(app): State<Arc<App>>,
    _who: Who<Supervisors>,
    mut params: Params,
) -> Answered {
    let lead = params.read("lead", "a lead's id", |text| text.parse().ok());
    let limit = params.number("limit", 1..=LARGEST_PAGE, PAGE);
    params.finish()?;
    let accesses = app.store.accesses(lead, limit).await?;
    let accesses = accesses
        .into_iter()
        .map(|access| wire::Access {
            at: access.at,
            actor: access.actor,
            what: access.what,
            lead: access.lead.map(|lead| lead.0),
        })
        .collect();
    json(StatusCode::OK, &wire::Accesses { accesses })
}
