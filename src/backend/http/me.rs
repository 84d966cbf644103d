//! Who asks, and the business they work for.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;

use super::answer::{Answered, json};
use crate::{
    backend::{
        app::App,
        auth::{Anyone, Who},
    },
    wire,
};

/// Read whose token this is
///
/// And what is needed to show times and numbers as the business does.
#[utoipa::path(
    get,
    path = "/api/me",
    tag = "team",
    security(("ingest" = []), ("rep" = [])),
    responses(
        (status = 200, body = wire::Me),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn me(State(app): State<Arc<App>>, who: Who<Anyone>) -> Answered {
    let now = app.clock.now();
    let me = wire::Me {
        id: who.known.id.clone(),
        name: who.known.name.clone(),
        role: who.known.role.as_str().into(),
        now,
        seq: *app.store.head().borrow(),
        business: business(&app, now),
    };
    json(StatusCode::OK, &me)
}

fn business(app: &App, now: Timestamp) -> wire::Business {
    let calendar = &app.policy.calendar;
    wire::Business {
        name: app.settings.business_name.clone(),
        timezone: calendar.time_zone().iana_name().unwrap_or("UTC").into(),
        region: app.region().into(),
        open_now: calendar.is_open(now),
        opens_at: calendar.next_opening(now),
        closes_at: calendar.close_of_day(now),
    }
}
