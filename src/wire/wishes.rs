//! Bodies of the requests that change a lead or a contact.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::outcome::Outcome;

/// `POST /api/leads/{id}/claim`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Claim {
    /// Take it from whoever has it: supervisors only.
    #[serde(default)]
    pub take_over: bool,
}

/// `POST /api/leads/{id}/reassign`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reassign {
    /// A person's handle or name, or a team.
    pub to: String,
}

/// `POST /api/leads/{id}/outcome`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LogOutcome {
    /// `connected`, `booked`, `callback_later`, `voicemail`, `no_answer`, `busy`, `wrong_number`, `not_interested` or
    /// `opted_out`.
    #[schema(value_type = String, example = "callback_later")]
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Needed for `callback_later`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub callback_at: Option<Timestamp>,
}

/// `POST /api/leads/{id}/note`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AddNote {
    pub text: String,
}

/// `POST /api/contacts/{id}/merge`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Merge {
    /// The contact that stays.
    pub into: Uuid,
}
