//! Errors as everybody outside sees them: RFC 9457, `application/problem+json`.
//!
//! A client acts on [`Problem::code`], which never changes; title and detail are for people.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Claimed;

/// The media type of every error.
pub const PROBLEM_JSON: &str = "application/problem+json";
/// What stands before the code in `type`.
pub const TYPE_PREFIX: &str = "urn:ringback:problem:";

/// One thing wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// Where: an RFC 6901 JSON Pointer into the body (`/signals/team_size`, empty for the body as a whole), `?name` for a
    /// parameter of the query, or the name of a header.
    pub pointer: String,
    /// What is wrong and what would be right, without repeating what was sent.
    pub detail: String,
}

impl Fault {
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Fault {
        Fault { pointer: pointer.into(), detail: detail.into() }
    }
}

/// An error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:ringback:problem:` and the code: `already-claimed`, `invalid-body`, …
    #[serde(rename = "type")]
    #[schema(example = "urn:ringback:problem:already-claimed")]
    pub kind: String,
    /// The same for every problem of a type.
    pub title: String,
    pub status: u16,
    /// This case in particular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Every fault of a request that does not fit, at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
    /// Who holds the lead, for `already-claimed`.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    pub claimed: Option<Claimed>,
}

impl Problem {
    pub fn new(code: Code) -> Problem {
        Problem {
            kind: format!("{TYPE_PREFIX}{}", code.as_str()),
            title: code.title().into(),
            status: code.status(),
            detail: None,
            errors: Vec::new(),
            claimed: None,
        }
    }

    pub fn with_detail(self, detail: impl Into<String>) -> Problem {
        Problem { detail: Some(detail.into()), ..self }
    }

    pub fn with_errors(self, errors: Vec<Fault>) -> Problem {
        Problem { errors, ..self }
    }

    /// The part of the type to act on; `None` for a type that this version does not know.
    pub fn code(&self) -> Option<Code> {
        Code::read(self.kind.strip_prefix(TYPE_PREFIX)?)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.detail.as_deref().unwrap_or(&self.title))?;
        for (n, fault) in self.errors.iter().enumerate() {
            let before = if n == 0 { ": " } else { "; " };
            write!(f, "{before}{} {}", fault.pointer, fault.detail)?;
        }
        Ok(())
    }
}

macro_rules! codes {
    ($($variant:ident = $word:literal, $status:literal, $title:literal;)*) => {
        /// What kind of error: stable for ever.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($variant,)* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The end of the problem's `type`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $word,)* }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Code::$variant => $status,)* }
            }

            /// One sentence for people.
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title,)* }
            }

            /// Reads the end of a problem's `type`.
            pub fn read(word: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| code.as_str() == word)
            }
        }
    };
}

codes! {
    MalformedJson = "malformed-json", 400, "The body is not JSON.";
    InvalidParameter = "invalid-parameter", 400, "A parameter or header of the request does not fit.";
    TokenMissing = "token-missing", 401, "Send a token: `Authorization: Bearer TOKEN`.";
    TokenRefused = "token-refused", 401, "This token is unknown, has expired, or was replaced.";
    RoleMissing = "role-missing", 403, "This token's role may not do that.";
    SupervisorOnly = "supervisor-only", 403, "Only a supervisor may do that.";
    PersonOnly = "person-only", 403, "Only a person may do that.";
    NotYours = "not-yours", 403, "The lead is not yours to give back.";
    NoSuchRoute = "no-such-route", 404, "There is nothing at this address.";
    NoSuchLead = "no-such-lead", 404, "There is no such lead.";
    NoSuchContact = "no-such-contact", 404, "There is no such contact.";
    NoSuchPerson = "no-such-person", 404, "Nobody here has this handle.";
    MethodNotAllowed = "method-not-allowed", 405, "This address does not take that method.";
    BodyTooSlow = "body-too-slow", 408, "The body did not arrive in time.";
    AlreadyClaimed = "already-claimed", 409, "Somebody else has the lead.";
    LeadClosed = "lead-closed", 409, "The lead is closed.";
    LeadBooked = "lead-booked", 409, "The lead is booked: nobody waits for a call.";
    NothingToUndo = "nothing-to-undo", 409, "Nothing of yours to undo here: something has come after it.";
    HandleTaken = "handle-taken", 409, "There is a person with this handle already.";
    GapTooOld = "gap-too-old", 410, "Too much has happened since then: load the queue again.";
    BodyTooLarge = "body-too-large", 413, "The body is too large.";
    NotJson = "unsupported-media-type", 415, "Send the body as `Content-Type: application/json`.";
    InvalidBody = "invalid-body", 422, "The body does not fit.";
    KeyReused = "idempotency-key-reused", 422, "This Idempotency-Key was used for another request.";
    TooManyRequests = "too-many-requests", 429, "Too many requests: wait a moment.";
    Internal = "internal", 500, "Something broke on our side. Nothing is known to be done.";
    Overloaded = "overloaded", 503, "The server is busy: the request was not taken. Try again.";
    DatabaseAway = "database-away", 503, "The server cannot reach its database: it may or may not have been done. Repeat it with the same Idempotency-Key.";
    Unavailable = "unavailable", 503, "The server is shutting down.";
    TimedOut = "timed-out", 503, "No answer in time: it may or may not have been done. Repeat it with the same Idempotency-Key.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_back_as_it_was_written_with_its_members_at_the_top() {
        let problem = Problem {
            claimed: Some(Claimed {
                claimed_by: crate::domain::person::PersonRef {
                    id: crate::domain::ids::RepId("tom".into()),
                    name: "Tom".into(),
                },
                claimed_at: "2026-09-01T08:00:00Z".parse().expect("a timestamp"),
            }),
            ..Problem::new(Code::AlreadyClaimed).with_detail("Tom has it")
        };
        let json = serde_json::to_value(&problem).expect("serialises");
        assert_eq!(json["type"], "urn:ringback:problem:already-claimed");
        assert_eq!(json["status"], 409);
        assert_eq!(json["claimed_by"]["id"], "tom");
        assert_eq!(json["claimed_at"], "2026-09-01T08:00:00Z");
        let back: Problem = serde_json::from_value(json).expect("reads back");
        assert_eq!(back, problem);
        assert_eq!(back.code(), Some(Code::AlreadyClaimed));
    }

    #[test]
    fn every_code_reads_back_and_is_an_error() {
        for code in Code::ALL {
            assert_eq!(Code::read(code.as_str()), Some(*code));
            assert!((400..600).contains(&code.status()), "{code:?}");
        }
    }
}
