//! The OpenAPI document, made from the routes themselves.

use std::sync::LazyLock;

use axum::{body::Bytes, http::StatusCode};
use utoipa::{
    IntoParams, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use super::answer::{Answered, json_bytes};
use crate::backend::failure::Failure;

/// The header under which a repeat is recognised for 24 hours.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "documentation only")]
pub struct IdempotencyKey {
    /// The sender's own name for this request: the same key again, within 24 hours, changes nothing and gets the first
    /// answer. 1 to 255 printable ASCII characters.
    #[param(rename = "Idempotency-Key", required = false)]
    idempotency_key: Option<String>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "ringback",
        description = "Calls become leads, leads become callbacks. JSON in and out; times are RFC 3339 in UTC, money is in pence, numbers are E.164. A 2xx on a write means: on disk. Every response carries the server's own time in `x-ringback-now` and an `x-request-id`. Errors are RFC 9457; act on `type`.",
    ),
    tags(
        (name = "ingest", description = "For the programs that answer calls"),
        (name = "contacts", description = "Who is calling"),
        (name = "queue", description = "What to do next"),
        (name = "leads", description = "One lead: claim, ring back, log what came of it"),
        (name = "journal", description = "What happened, live and later"),
        (name = "team", description = "The people"),
        (name = "audit", description = "Who looked"),
        (name = "operations", description = "For those who watch the service"),
    )
)]
struct About;

/// The OpenAPI document of this version.
pub fn document() -> utoipa::openapi::OpenApi {
    let routes = super::all()
        .into_iter()
        .fold(OpenApiRouter::with_openapi(About::openapi()), OpenApiRouter::routes);
    let mut document = routes.into_openapi();
    let components = document.components.get_or_insert_default();
    for (name, whose) in [
        ("ingest", "An ingest key: `ringback key add NAME`"),
        ("rep", "A rep's or supervisor's token: `ringback rep add NAME`"),
        ("supervisor", "A supervisor's token: `ringback rep add NAME --role supervisor`"),
    ] {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(whose));
        components.add_security_scheme(name, SecurityScheme::Http(bearer.build()));
    }
    document
}

static DOCUMENT: LazyLock<Result<Bytes, String>> =
    LazyLock::new(|| document().to_json().map(Bytes::from).map_err(|error| error.to_string()));

/// This document
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "operations",
    responses((status = 200, description = "OpenAPI 3.1"))
)]
pub async fn openapi() -> Answered {
    match &*DOCUMENT {
        Ok(document) => Ok(json_bytes(StatusCode::OK, document.to_vec())),
        Err(error) => Err(Failure::internal(error.clone())),
    }
}
