//! One call's facts, for the numbers.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;

use super::{
    answer::{Answered, json},
    post::Post,
};
use crate::{
    backend::{app::App, auth::Programs},
    domain::{
        command::{CallFacts, Command},
        phone::CallerId,
        text::clean_line,
    },
    wire::{self, fields::Fields, payload::instant_of},
};

const MEMBERS: &[&str] = &[
    "call_sid",
    "from",
    "started_at",
    "ended_at",
    "answered",
    "answered_by",
    "ring_seconds",
    "end_reason",
];
const SHORT: usize = 200;

/// Report a call
///
/// For carriers whose calls do not pass through us. A later report of the same `call_sid` completes the earlier one.
#[utoipa::path(
    post,
    path = "/api/ingest/call",
    tag = "ingest",
    security(("ingest" = [])),
    params(super::openapi::IdempotencyKey),
    request_body = wire::CallReport,
    responses(
        (status = 201, body = wire::CallRecorded, description = "On disk"),
        (status = 200, body = wire::CallRecorded, description = "The first answer again"),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn ingest_call(State(app): State<Arc<App>>, post: Post<Programs>) -> Answered {
    let call = post.members(MEMBERS, |fields| facts(fields, app.region()))?;
    let call_sid = call.call_sid.clone();
    let done = app.execute(post.known(), Command::RecordCall(call), post.key.clone()).await?;
    let status = if done.replayed { StatusCode::OK } else { StatusCode::CREATED };
    json(status, &wire::CallRecorded { call_sid })
}

fn facts(fields: &mut Fields<'_>, region: &str) -> CallFacts {
    let line =
        |text: &str| Some(clean_line(text, SHORT).into_owned()).filter(|text| !text.is_empty());
    let call_sid = fields.text("call_sid").and_then(line);
    if call_sid.is_none() {
        fields.fault("call_sid", "must name the call");
    }
    let answered = fields.flag("answered");
    if answered.is_none() {
        fields.fault("answered", "must be true or false");
    }
    let started_at = instant(fields, "started_at");
    if started_at.is_none() {
        fields.fault("started_at", "must be a time such as 2026-11-24T16:00:00Z");
    }
    CallFacts {
        call_sid: call_sid.unwrap_or_default(),
        from: fields.text("from").and_then(|text| CallerId::read(text, region).number().cloned()),
        started_at: started_at.unwrap_or_default(),
        ended_at: instant(fields, "ended_at"),
        answered: answered.unwrap_or_default(),
        answered_by: fields.text("answered_by").and_then(line),
        ring_seconds: fields.count("ring_seconds"),
        end_reason: fields.text("end_reason").and_then(line),
    }
}

/// A time; a fault for one that cannot be read.
pub fn instant(fields: &mut Fields<'_>, key: &str) -> Option<Timestamp> {
    match instant_of(fields.text(key)?)? {
        Ok(at) => Some(at),
        Err(fault) => {
            fields.fault(key, fault);
            None
        }
    }
}
