//! The live stream as Server-Sent Events.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;

use super::{answer::Answered, journal::sequence, query::Params};
use crate::{
    backend::{
        app::App,
        auth::{Reps, Who},
        failure::Failure,
        stream::{self, Start},
    },
    domain::ids::Seq,
    wire::problem::{Code, Fault},
};

const LAST_EVENT_ID: &str = "last-event-id";

/// Follow the journal live
///
/// Server-Sent Events: `id` is the journal's sequence, `event` the kind, `data` an entry. `Last-Event-ID`, or `after` for the
/// first time, resumes with nothing missed and nothing twice; without either the stream begins with what comes next. A gap
/// that is too old is 410: load the queue again and start at its `seq`. A comment line every 15 s keeps proxies awake.
#[utoipa::path(
    get,
    path = "/api/stream",
    tag = "journal",
    security(("rep" = [])),
    params(
        ("after" = Option<i64>, Query, description = "Only entries behind this one"),
        ("Last-Event-ID" = Option<i64>, Header, description = "Overrules `after`: a client that comes back sends it by itself"),
    ),
    responses(
        (status = 200, body = crate::wire::Entry, content_type = "text/event-stream"),
        (status = 410, body = crate::wire::Problem, content_type = "application/problem+json", description = "`gap-too-old`"),
        (status = "default", body = crate::wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn stream(
    State(app): State<Arc<App>>,
    who: Who<Reps>,
    mut params: Params,
    headers: HeaderMap,
) -> Answered {
    let after = params.read("after", "a sequence number", sequence);
    params.finish()?;
    let after = last_event_id(&headers)?.or(after);
    if app.draining.is_cancelled() {
        return Err(Code::Unavailable.into());
    }
    if app.database.away().is_some() {
        return Err(Code::DatabaseAway.into());
    }
    let start = stream::start(&app, after).await?;
    let Start::Behind(after) = start else { return Err(Code::GapTooOld.into()) };
    app.looked(&who.known, "stream", None);
    let ends = app.draining.clone().cancelled_owned();
    let events = stream::events(app, who.known.hash, after).take_until(ends);
    Ok(event_stream(Body::from_stream(events)))
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<Seq>, Failure> {
    let Some(value) = headers.get(LAST_EVENT_ID).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let seq = value.to_str().ok().and_then(sequence);
    seq.map(Some).ok_or_else(|| {
        Failure::parameters(vec![Fault::new("Last-Event-ID", "must be a sequence number")])
    })
}

fn event_stream(body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx holds a stream back unless told not to.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
