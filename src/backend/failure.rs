//! A request that was not answered as asked, and what its sender is told: one table from refusals and store errors to
//! problems.

use std::time::Duration;

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::limits::TooMany;
use crate::{
    domain::decision::Refusal,
    domain::person::PersonRef,
    store::StoreError,
    wire::{
        Claimed,
        json::NotJson,
        payload::Unfit,
        problem::{Code, Fault, PROBLEM_JSON, Problem},
    },
};

/// When to come back, where nothing better is known.
const MOMENT: Duration = Duration::from_secs(1);

/// An error on its way out.
#[derive(Debug)]
pub struct Failure {
    problem: Box<Problem>,
    retry_after: Option<Duration>,
    /// What the log may know and the sender may not.
    cause: Option<String>,
}

/// Goes with a response whose connection should not be used again: its body may not have been read, or its sender is a
/// stranger.
#[derive(Clone, Copy, Debug)]
pub struct Close;

/// Goes with a response that found the database away: it is to be asked again at once.
#[derive(Clone, Copy, Debug)]
pub struct Doubt;

/// Goes with a response to the log.
#[derive(Clone, Debug)]
pub struct Cause(pub String);

impl Failure {
    pub fn new(problem: Problem) -> Failure {
        let passes = matches!(problem.status, 429 | 503);
        let retry_after = passes.then_some(Duration::from_secs(1));
        Failure { problem: Box::new(problem), retry_after, cause: None }
    }

    pub fn explained(code: Code, detail: impl Into<String>) -> Failure {
        Failure::new(Problem::new(code).with_detail(detail))
    }

    /// A body that is JSON and does not fit.
    pub fn faults(faults: Vec<Fault>) -> Failure {
        Failure::new(Problem::new(Code::InvalidBody).with_errors(faults))
    }

    /// Parameters or headers that do not fit.
    pub fn parameters(faults: Vec<Fault>) -> Failure {
        Failure::new(Problem::new(Code::InvalidParameter).with_errors(faults))
    }

    /// A defect of ours: the log gets the cause.
    pub fn internal(cause: impl Into<String>) -> Failure {
        Failure { cause: Some(cause.into()), ..Failure::from(Code::Internal) }
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Self {
        Failure::new(Problem::new(code))
    }
}

impl From<TooMany> for Failure {
    fn from(too_many: TooMany) -> Self {
        Failure { retry_after: Some(too_many.retry_after), ..Failure::from(Code::TooManyRequests) }
    }
}

impl From<NotJson> for Failure {
    fn from(fault: NotJson) -> Self {
        Failure::explained(Code::MalformedJson, fault.to_string())
    }
}

impl From<Unfit> for Failure {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::NotJson(fault) => fault.into(),
            Unfit::Faults(faults) => Failure::faults(faults),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let words = refusal.to_string();
        let at = |pointer: &str| Failure::faults(vec![Fault::new(pointer, words.clone())]);
        match refusal {
            Refusal::NoSuchLead => Code::NoSuchLead.into(),
            Refusal::NoSuchContact => Code::NoSuchContact.into(),
            Refusal::NoSuchPerson(_) => Code::NoSuchPerson.into(),
            Refusal::AlreadyClaimed { by, by_name, at } => Failure::new(Problem {
                claimed: Some(Claimed {
                    claimed_by: PersonRef { id: by, name: by_name },
                    claimed_at: at,
                }),
                ..Problem::new(Code::AlreadyClaimed).with_detail(words)
            }),
            Refusal::Closed => Code::LeadClosed.into(),
            Refusal::Booked => Code::LeadBooked.into(),
            Refusal::NotYours => Code::NotYours.into(),
            Refusal::SupervisorOnly => Code::SupervisorOnly.into(),
            Refusal::PersonOnly => Code::PersonOnly.into(),
            Refusal::NothingToUndo => Code::NothingToUndo.into(),
            Refusal::HandleTaken(_) => Code::HandleTaken.into(),
            Refusal::KeyReused => Code::KeyReused.into(),
            Refusal::CallbackTimeMissing | Refusal::CallbackTimePast => at("/callback_at"),
            Refusal::NoSuchOwner(_) => at("/to"),
            Refusal::SameContact => at("/into"),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal.into(),
            StoreError::Busy { retry_after } => {
                Failure { retry_after: Some(retry_after), ..Failure::from(Code::Overloaded) }
            }
            // Nothing was written: the same request again will most likely do.
            StoreError::Conflict { .. } => {
                Failure { cause: Some(error.to_string()), ..Failure::from(Code::Overloaded) }
            }
            StoreError::Unavailable(_) => {
                Failure { cause: Some(error.to_string()), ..Failure::from(Code::DatabaseAway) }
            }
            // What stands in the row may be about a person: the log gets only its place.
            StoreError::Damaged { table, key, .. } => {
                Failure::internal(format!("{table} row {key} is damaged"))
            }
            StoreError::Failed(_) => Failure::internal(error.to_string()),
        }
    }
}

/// Whether the connection is better closed after such an answer.
fn closes(code: Code) -> bool {
    matches!(
        code,
        Code::TokenMissing
            | Code::TokenRefused
            | Code::TooManyRequests
            | Code::BodyTooSlow
            | Code::BodyTooLarge
            | Code::TimedOut
    )
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let code = self.problem.code();
        let status =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = challenge(code) {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        let moment = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(MOMENT);
        if let Some(wait) = self.retry_after.or(moment) {
            headers.insert(header::RETRY_AFTER, seconds(wait));
        }
        if code.is_some_and(closes) {
            response.extensions_mut().insert(Close);
        }
        if code == Some(Code::DatabaseAway) {
            response.extensions_mut().insert(Doubt);
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(Cause(cause));
        }
        response
    }
}

/// RFC 6750 for those who came without a good token, or with one that does not suffice.
fn challenge(code: Option<Code>) -> Option<&'static str> {
    match code? {
        Code::TokenMissing => Some("Bearer realm=\"ringback\""),
        Code::TokenRefused => Some("Bearer realm=\"ringback\", error=\"invalid_token\""),
        Code::RoleMissing | Code::SupervisorOnly | Code::PersonOnly => {
            Some("Bearer realm=\"ringback\", error=\"insufficient_scope\"")
        }
        _ => None,
    }
}

/// `Retry-After`: whole seconds, rounded up, at least one.
fn seconds(wait: Duration) -> HeaderValue {
    let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    HeaderValue::from(whole.max(1))
}

/// The server's own time, on every response.
pub const NOW: HeaderName = HeaderName::from_static("x-ringback-now");

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;
    use crate::domain::ids::RepId;

    async fn answered(failure: impl Into<Failure>) -> (Response, Problem) {
        let (parts, body) = failure.into().into_response().into_parts();
        let bytes = to_bytes(body, 1 << 16).await.expect("a body");
        let problem = serde_json::from_slice(&bytes).expect("a problem");
        (Response::from_parts(parts, axum::body::Body::empty()), problem)
    }

    #[tokio::test]
    async fn every_refusal_has_its_status_and_code() {
        let claimed = Refusal::AlreadyClaimed {
            by: RepId("tom".into()),
            by_name: "Tom".into(),
            at: "2026-09-01T08:00:00Z".parse().expect("a time"),
        };
        for (refusal, status, code, pointer) in [
            (Refusal::NoSuchLead, 404, "no-such-lead", None),
            (Refusal::NoSuchContact, 404, "no-such-contact", None),
            (Refusal::NoSuchPerson("x".into()), 404, "no-such-person", None),
            (claimed, 409, "already-claimed", None),
            (Refusal::Closed, 409, "lead-closed", None),
            (Refusal::Booked, 409, "lead-booked", None),
            (Refusal::NothingToUndo, 409, "nothing-to-undo", None),
            (Refusal::HandleTaken("x".into()), 409, "handle-taken", None),
            (Refusal::NotYours, 403, "not-yours", None),
            (Refusal::SupervisorOnly, 403, "supervisor-only", None),
            (Refusal::PersonOnly, 403, "person-only", None),
            (Refusal::KeyReused, 422, "idempotency-key-reused", None),
            (Refusal::CallbackTimeMissing, 422, "invalid-body", Some("/callback_at")),
            (Refusal::CallbackTimePast, 422, "invalid-body", Some("/callback_at")),
            (Refusal::NoSuchOwner("x".into()), 422, "invalid-body", Some("/to")),
            (Refusal::SameContact, 422, "invalid-body", Some("/into")),
        ] {
            let (response, problem) = answered(StoreError::from(refusal.clone())).await;
            assert_eq!(response.status().as_u16(), status, "{refusal:?}");
            assert_eq!(problem.code().map(Code::as_str), Some(code), "{refusal:?}");
            let named = problem.errors.first().map(|fault| fault.pointer.as_str());
            assert_eq!(named, pointer, "{refusal:?}");
        }
    }

    #[tokio::test]
    async fn a_store_in_trouble_is_told_by_status_and_its_reason_only_to_the_log() {
        let inner = || "no such column".to_owned();
        for (error, status, retry_after) in [
            (StoreError::Busy { retry_after: Duration::from_millis(1_200) }, 503, Some("2")),
            (StoreError::Unavailable(inner()), 503, Some("1")),
            (StoreError::Conflict { table: "leads", key: inner() }, 503, Some("1")),
            (StoreError::Failed(inner()), 500, None),
            (StoreError::Damaged { table: "leads", key: inner(), fault: inner() }, 500, None),
        ] {
            let (response, problem) = answered(error.clone()).await;
            assert_eq!(response.status().as_u16(), status, "{error}");
            let header = response.headers().get(header::RETRY_AFTER);
            assert_eq!(header.map(|value| value.to_str().expect("text")), retry_after, "{error}");
            assert!(!format!("{problem:?}").contains("no such column"), "{error}");
            if !matches!(error, StoreError::Busy { .. }) {
                let cause = response.extensions().get::<Cause>().expect("for the log");
                assert!(cause.0.contains("no such column"), "{cause:?}");
                assert!(!cause.0.contains("Alex"), "{cause:?}");
            }
        }
    }
}
