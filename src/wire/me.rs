//! Who asks, the business they work for, and pages of the records.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Entry;
use crate::domain::{ids::Seq, journal::Actor};

/// `GET /api/me`: whose token this is, and what a console must know to show times and numbers as the business does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    pub id: String,
    pub name: String,
    /// `ingest`, `rep` or `supervisor`.
    pub role: String,
    /// The server's clock.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    /// The journal's head.
    pub seq: Seq,
    pub business: Business,
}

/// The business as its clocks see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Business {
    pub name: String,
    /// IANA name.
    pub timezone: String,
    /// Where numbers are written without a country: ISO 3166 alpha-2.
    pub region: String,
    pub open_now: bool,
    /// The next opening; `null` when nothing opens within a year.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opens_at: Option<Timestamp>,
    /// The end of today's last opening; `null` on a closed day.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closes_at: Option<Timestamp>,
}

/// `GET /api/journal`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Journal {
    /// The journal's head when it was read.
    pub seq: Seq,
    /// In order.
    pub entries: Vec<Entry>,
}

/// `GET /api/audit`: who looked at whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Accesses {
    /// Newest first.
    pub accesses: Vec<Access>,
}

/// Somebody looked at personal data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Access {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    #[schema(value_type = Object)]
    pub actor: Actor,
    /// `lead`, `history`, `lookup`, `queue overnight`, …
    pub what: String,
    pub lead: Option<Uuid>,
}
