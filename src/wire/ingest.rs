//! What programs send in, and what they are told. [`super::payload`] reads the payload; these are its outside, for those who
//! send it and for the OpenAPI document.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{decision, tier::Tier};

/// `POST /api/ingest/lead`: the guide's payload. Every member may be left out or `null`; unknown ones are ignored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Payload {
    #[schema(example = "Alex Rivera")]
    pub name: Option<String>,
    #[schema(example = "alex.rivera@example.com")]
    pub email: Option<String>,
    /// The calling number, in any form; `anonymous` and the like for a withheld one.
    #[schema(example = "+447700900123")]
    pub phone: Option<String>,
    /// `new_enquiry_demo`, `new_enquiry_quote`, `new_enquiry_discovery`, `new_enquiry`, `pricing`, `support`, `partnership`,
    /// `unclear`. Another word is kept as received and goes to the general queue.
    #[schema(example = "new_enquiry_demo")]
    pub intent: Option<String>,
    /// What the agent thinks: `A` to `D`.
    #[schema(example = "B")]
    pub tier: Option<String>,
    #[schema(example = "inbound_call")]
    pub source: Option<String>,
    /// The same call twice changes nothing.
    #[schema(example = "CA0123456789abcdef0123456789abcdef")]
    pub call_sid: Option<String>,
    #[schema(example = "tr_123")]
    pub transcript_id: Option<String>,
    /// The caller's, an IANA name.
    #[schema(example = "Europe/London")]
    pub timezone: Option<String>,
    /// A summary of 1 to 3 sentences: what the rep reads first.
    #[schema(
        example = "Evaluating AI appointment booking for 15-person sales team. Current stack is Salesforce. Timeline: next quarter."
    )]
    pub notes: Option<String>,
    /// A team or a person.
    #[schema(example = "team_sdr")]
    pub routing_owner: Option<String>,
    /// `booked`, `booking_failed`, `transferred`, `callback_later`, `answered`, `opted_out`, `abandoned`.
    pub outcome: Option<String>,
    pub routing_tag: Option<String>,
    pub signals: Option<PayloadSignals>,
    pub company: Option<String>,
    /// The number to ring back on, if it is another one.
    pub callback_phone: Option<String>,
    /// When the caller wishes to be rung.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub callback_at: Option<Timestamp>,
    /// `phone`, `sms`, `email`, …
    pub preferred_channel: Option<String>,
    /// The end of the call: every clock starts here. The time of arrival if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// For a question that the agent answered.
    pub question: Option<String>,
    pub answer: Option<String>,
    /// The sender knows this caller as a customer.
    pub customer: Option<bool>,
}

/// How large the deal might be, and how soon.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PayloadSignals {
    #[schema(example = 15)]
    pub team_size: Option<u32>,
    pub sites: Option<u32>,
    #[schema(example = "next quarter")]
    pub timeline: Option<String>,
    /// `urgent` or `normal`.
    pub urgency: Option<String>,
    pub deal_value_pence: Option<u64>,
    /// Who else decides.
    pub deciders: Option<Vec<String>>,
}

/// Where a call went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Routed {
    pub lead_id: Uuid,
    pub contact_id: Uuid,
    #[schema(value_type = String, example = "B")]
    pub tier: Tier,
    #[schema(example = "team_sdr")]
    pub queue: String,
    /// A team's name or a person's handle.
    pub owner: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// Why this tier, queue and owner, in one sentence.
    pub reason: String,
    /// It joined an open lead of the same person.
    pub merged: bool,
}

impl From<decision::Routed> for Routed {
    fn from(routed: decision::Routed) -> Self {
        let decision::Routed { lead_id, contact_id, tier, queue, owner, due_at, reason, merged } =
            routed;
        Routed {
            lead_id: lead_id.0,
            contact_id: contact_id.0,
            tier,
            queue,
            owner,
            due_at,
            reason,
            merged,
        }
    }
}

/// `POST /api/ingest/call`: one call's facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CallReport {
    pub call_sid: String,
    /// The calling number, in any form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    pub answered: bool,
    /// `agent`, a person's handle, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ring_seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
}

/// A call's facts are on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallRecorded {
    pub call_sid: String,
}
