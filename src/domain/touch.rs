//! What one call, form or message brought: a caller and a touch.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    ids::{ContactId, LeadId},
    intent::Intent,
    outcome::AgentOutcome,
    phone::Phone,
    signals::Signals,
    tier::Tier,
};

/// A word that a stranger sent where we know a list: what we made of it, and the word where it is not on the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heard<T> {
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub value: Option<T>,
    /// As received, only where it says more than `value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

impl<T> Default for Heard<T> {
    fn default() -> Self {
        Heard { value: None, raw: None }
    }
}

impl<T> Heard<T> {
    /// Nothing was sent.
    pub fn is_silent(&self) -> bool {
        self.value.is_none() && self.raw.is_none()
    }
}

/// One contact between a person and us. Kept with the lead it belongs to, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Touch {
    pub received_at: Timestamp,
    /// The end of the call: every clock starts here.
    pub ended_at: Timestamp,
    /// `inbound_call`, `web_form`, `missed_call`, …: any word.
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_sid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript_id: Option<String>,
    pub intent: Intent,
    /// The intent's word as received, where it is not one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent_raw: Option<String>,
    /// 1 to 3 sentences, private data already removed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    #[serde(default, skip_serializing_if = "Heard::is_silent")]
    pub outcome: Heard<AgentOutcome>,
    /// The tier that the agent sent.
    #[serde(default, skip_serializing_if = "Heard::is_silent")]
    pub agent_tier: Heard<Tier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_channel: Option<String>,
}

impl Touch {
    /// A question was answered and nobody asked to be rung back.
    pub fn answered(&self) -> bool {
        self.callback_at.is_none()
            && match self.outcome.value {
                Some(AgentOutcome::Answered) => true,
                Some(_) => false,
                None => self.answer.is_some(),
            }
    }

    /// A meeting stands in the calendar: the agent says so, or sent tier A and nothing to the contrary.
    pub fn booked(&self) -> bool {
        match self.outcome.value {
            Some(outcome) => outcome == AgentOutcome::Booked,
            None => self.agent_tier.value == Some(Tier::A),
        }
    }

    /// A meeting was meant to be and is not: the agent says that booking failed, or sent tier A with an outcome that is no
    /// booking. A person must make it (requirements §3).
    pub fn booking_failed(&self) -> bool {
        self.outcome.value == Some(AgentOutcome::BookingFailed)
            || (self.agent_tier.value == Some(Tier::A) && !self.booked())
    }
}

/// Who rang, as far as the call tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Caller {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Numbers that may identify the caller, the one to ring back first. Empty for a withheld caller who left none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Phone>,
    /// The number as received, where it differs from what we made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_as_received: Option<String>,
    /// Case-folded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What was given for an address, where nobody could be written to there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_as_received: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The sender knows this caller as a customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<bool>,
}

/// One ingested call, with the identifiers to use if it makes a new lead or contact.
#[derive(Clone, Debug, PartialEq)]
pub struct Ingest {
    pub lead_id: LeadId,
    pub contact_id: ContactId,
    pub caller: Caller,
    pub touch: Touch,
    /// Given by the agent, completed by what the notes say.
    pub signals: Signals,
    /// The team or person that the agent names.
    pub routing_owner: Option<String>,
    pub routing_tag: Option<String>,
}
