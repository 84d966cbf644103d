//! Answers: JSON, written once.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    backend::{app::App, failure::Failure},
    domain::decision::Answer,
    store::Done,
    wire,
};

/// What a handler returns.
pub type Answered = Result<Response, Failure>;

/// A JSON answer. Nothing here may be kept by a cache on the way.
pub fn json(status: StatusCode, value: &impl Serialize) -> Answered {
    let body = serde_json::to_vec(value)
        .map_err(|error| Failure::internal(format!("an answer cannot be written: {error}")))?;
    Ok(json_bytes(status, body))
}

/// A JSON answer that is written already.
pub fn json_bytes(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The answer to a command about a lead: the lead as it is now.
pub fn lead(app: &App, done: Done) -> Answered {
    match done.answer {
        Answer::Lead { lead, contact } => {
            json(StatusCode::OK, &wire::Lead::of(&lead, &contact, app.region()))
        }
        _ => Err(unexpected("a lead")),
    }
}

/// A command was answered with something else: a defect of ours.
pub fn unexpected(wanted: &str) -> Failure {
    Failure::internal(format!("a command that answers {wanted} answered something else"))
}
