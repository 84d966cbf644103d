//! For Prometheus.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::IntoResponse,
};

use super::answer::Answered;
use crate::{backend::app::App, store::StoreError, wire::problem::Code};

/// Counters of the service
///
/// In Prometheus's text form; may be closed by configuration.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operations",
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 404, body = crate::wire::Problem, content_type = "application/problem+json", description = "Closed"),
    )
)]
pub async fn prometheus(State(app): State<Arc<App>>) -> Answered {
    if !app.settings.metrics {
        return Err(Code::NoSuchRoute.into());
    }
    let counts = match app.database.away() {
        Some(_) => None,
        None => match app.store.counts().await {
            Ok(counts) => Some(counts),
            // What is counted in memory is worth the most just then.
            Err(StoreError::Unavailable(_)) => None,
            Err(error) => return Err(error.into()),
        },
    };
    app.metrics.database(counts.is_some());
    for (view, leads) in counts.into_iter().flatten() {
        app.metrics.queue(view.as_str(), leads);
    }
    let mut response = app.metrics.render().into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
    );
    Ok(response)
}
