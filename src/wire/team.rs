//! The people.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    ids::RepId,
    person::{self, Presence, Role},
};

/// `GET /api/team`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Team {
    pub people: Vec<Person>,
}

/// A rep or a supervisor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    #[schema(value_type = String)]
    pub id: RepId,
    pub name: String,
    #[schema(value_type = String, example = "rep")]
    pub role: Role,
    #[schema(value_type = String, example = "available")]
    pub presence: Presence,
    /// Works now: employed, not on leave, on shift, not away.
    pub present: bool,
    /// Open leads owned or held.
    pub open_leads: u32,
    #[schema(value_type = Vec<Object>)]
    pub leave: Vec<person::Leave>,
    /// From Monday to Sunday: `["09:00", "17:00"]` or `null`; `null` as a whole: whenever the business is open.
    #[schema(value_type = Option<Object>)]
    pub shift: Option<person::Shift>,
    /// Has a phone that a callback can ring.
    pub has_phone: bool,
}

/// `PATCH /api/team/{id}`: what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slack_id: Option<String>,
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<Presence>,
    /// Add days off: `{"from": "2026-12-01", "to": "2026-12-05"}`.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leave: Option<PatchLeave>,
    /// Drop all days off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clear_leave: bool,
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<person::Shift>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed: Option<bool>,
}

/// Days off, both ends included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchLeave {
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    #[schema(value_type = String, format = Date)]
    pub to: Date,
}
