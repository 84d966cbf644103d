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

/// Goes with a response to the log.
#[derive(Clone, Debug)]
pub struct Cause(pub String);

impl Failure {
    pub fn new(problem: Problem) -> Failure {
        Failure { problem: Box::new(problem), retry_after: None, cause: None }
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
            StoreError::Conflict { .. } => Failure {
                retry_after: Some(Duration::from_secs(1)),
                cause: Some(error.to_string()),
                ..Failure::from(Code::Overloaded)
            },
            StoreError::Unavailable(_) => Failure {
                retry_after: Some(Duration::from_secs(1)),
                cause: Some(error.to_string()),
                ..Failure::from(Code::Unavailable)
            },
            StoreError::Damaged { .. } | StoreError::Failed(_) => {
                Failure::internal(error.to_string())
            }
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
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds(wait));
        }
        if code.is_some_and(closes) {
            response.extensions_mut().insert(Close);
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
