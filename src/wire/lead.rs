//! LEAD, as the contract spells it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{
    self,
    ids::{LeadId, RepId},
    intent::Intent,
    lead::LeadState,
    outcome::Outcome,
    person::PersonRef,
    queue::{self, Kind, Standing},
    signals::Signals,
    tier::Tier,
};

/// A lead as everybody outside the domain sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Lead {
    pub id: Uuid,
    /// Grows with every change: the newer one wins.
    pub rev: u32,
    #[schema(value_type = String, example = "B")]
    pub tier: Tier,
    pub queue: String,
    /// `waiting`, `claimed`, `dialling`, `connected`, `scheduled`, `booked` or `closed`.
    pub state: String,
    #[schema(value_type = String, example = "new_enquiry_demo")]
    pub intent: Intent,
    /// The intent's word as received, where it is not one of ours.
    pub intent_raw: Option<String>,
    pub contact: Contact,
    /// The newest summary.
    pub summary: String,
    /// All summaries, newest first.
    pub summaries: Vec<Summary>,
    #[schema(value_type = Object)]
    pub signals: Signals,
    /// 0 to 3.
    pub value_band: u8,
    pub source: String,
    pub call_sid: Option<String>,
    pub transcript_id: Option<String>,
    /// How often this person has been in touch about it.
    pub touches: u32,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// The end of the call that has waited longest.
    #[schema(value_type = String, format = DateTime)]
    pub ended_at: Timestamp,
    pub after_hours: bool,
    /// Left over from the day it was to be worked on.
    pub carried_over: bool,
    /// The opening it waits for.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opens_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub callback_at: Option<Timestamp>,
    /// A team's name or a person's handle.
    pub owner: Option<String>,
    /// The person in `owner`, `null` while it is a team's.
    #[schema(value_type = Option<String>)]
    pub owner_person: Option<RepId>,
    #[schema(value_type = Option<Object>)]
    pub claimed_by: Option<PersonRef>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub claimed_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub lease_until: Option<Timestamp>,
    /// Dials that reached nobody.
    pub attempts: u32,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_claim_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_dial_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_contact_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, example = "connected")]
    pub outcome: Option<Outcome>,
    pub routing_tag: Option<String>,
    /// Why this tier and owner, in one sentence.
    pub reason: String,
    /// The tier that the agent sent, as received.
    pub agent_tier: Option<String>,
    /// Newest first.
    pub notes: Vec<Note>,
    /// Whose last change can still be undone.
    #[schema(value_type = Option<String>)]
    pub undo_by: Option<RepId>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
    /// Escalation steps that have fired.
    #[schema(value_type = Vec<Object>)]
    pub escalations: Vec<serde_json::Value>,
}

/// The person behind a lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    pub id: Uuid,
    pub name: Option<String>,
    pub email: Option<String>,
    /// What was given for an address where nobody could be written to: "alex at example dot com".
    #[serde(default)]
    pub email_as_received: Option<String>,
    /// E.164, without the extension. `null` for a withheld caller who left no number.
    pub phone: Option<String>,
    /// As the business writes it, with the extension.
    pub phone_display: Option<String>,
    /// The number exactly as it came, where it says something else: what a rep goes by when nothing could be made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_as_received: Option<String>,
    pub company: Option<String>,
    pub timezone: Option<String>,
    pub customer: bool,
    pub opted_out: bool,
    /// Contacts that may be the same person.
    pub possible_duplicates: Vec<Uuid>,
}

/// What one touch said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub source: String,
    pub text: String,
    #[schema(value_type = String)]
    pub intent: Intent,
    pub question: Option<String>,
    pub answer: Option<String>,
    pub call_sid: Option<String>,
}

/// What a rep wrote down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Note {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub by: String,
    pub text: String,
}

impl Lead {
    /// The outside of a lead and its contact. `region` is where numbers are written without a country.
    pub fn of(lead: &domain::lead::Lead, contact: &domain::contact::Contact, region: &str) -> Lead {
        let newest = lead.newest();
        let claim = lead.claim();
        let closed_at = match lead.state {
            LeadState::Closed { at } => Some(at),
            _ => None,
        };
        Lead {
            id: lead.id.0,
            rev: lead.rev,
            tier: lead.tier,
            queue: lead.queue.clone(),
            state: lead.state.as_str().into(),
            intent: lead.intent,
            intent_raw: lead.intent_raw.clone(),
            contact: Contact::of(contact, region),
            summary: lead
                .touches
                .iter()
                .rev()
                .map(|touch| &touch.summary)
                .find(|text| !text.is_empty())
                .cloned()
                .unwrap_or_default(),
            summaries: lead.touches.iter().rev().map(Summary::of).collect(),
            signals: lead.signals.clone(),
            value_band: lead.value_band,
            source: newest.map(|touch| touch.source.clone()).unwrap_or_default(),
            call_sid: newest.and_then(|touch| touch.call_sid.clone()),
            transcript_id: newest.and_then(|touch| touch.transcript_id.clone()),
            touches: lead.touch_count,
            received_at: lead.received_at,
            ended_at: lead.ended_at,
            after_hours: lead.after_hours,
            carried_over: lead.carried_over,
            opens_at: lead.opens_at,
            due_at: lead.due_at,
            callback_at: lead.callback_at,
            owner: lead.owner.as_ref().map(|owner| owner.as_str().into()),
            owner_person: lead.owner_person().cloned(),
            claimed_by: claim.map(|claim| claim.by.clone()),
            claimed_at: claim.map(|claim| claim.at),
            lease_until: claim.map(|claim| claim.lease_until),
            attempts: lead.attempts,
            first_claim_at: lead.first_claim_at,
            first_dial_at: lead.first_dial_at,
            first_contact_at: lead.first_contact_at,
            outcome: lead.outcome,
            routing_tag: lead.routing_tag.clone(),
            reason: lead.reason.clone(),
            agent_tier: newest.and_then(|touch| {
                touch
                    .agent_tier
                    .raw
                    .clone()
                    .or_else(|| touch.agent_tier.value.map(|tier| tier.as_str().into()))
            }),
            notes: lead
                .notes
                .iter()
                .rev()
                .map(|note| Note { at: note.at, by: note.by.name.clone(), text: note.text.clone() })
                .collect(),
            undo_by: lead.undo.as_ref().map(|undo| undo.by.clone()),
            closed_at,
            escalations: Vec::new(),
        }
    }

    /// What its place in a queue depends on.
    pub fn standing(&self) -> Standing<'_> {
        Standing {
            id: LeadId(self.id),
            kind: match self.state.as_str() {
                "booked" => Kind::Booked,
                "closed" => Kind::Closed,
                _ => Kind::Open,
            },
            tier: self.tier,
            queue: &self.queue,
            after_hours: self.after_hours,
            value: queue::value(self.value_band, self.signals.deal_value_pence),
            due_at: self.due_at,
            ended_at: self.ended_at,
            holder: self.claimed_by.as_ref().map(|person| &person.id),
            owner: self.owner_person.as_ref(),
        }
    }
}

impl Contact {
    /// The outside of a contact.
    pub fn of(contact: &domain::contact::Contact, region: &str) -> Contact {
        Contact {
            id: contact.id.0,
            name: contact.name.clone(),
            email: contact.email().map(Into::into),
            email_as_received: contact.email_as_received.clone(),
            phone: contact.phone().map(|phone| phone.e164().into()),
            phone_display: contact.phone().map(|phone| phone.national_display(region)),
            phone_as_received: contact.phone_as_received.clone(),
            company: contact.company.clone(),
            timezone: contact.timezone.clone(),
            customer: contact.customer,
            opted_out: contact.opted_out,
            possible_duplicates: contact.possible_duplicates.iter().map(|id| id.0).collect(),
        }
    }
}

impl Summary {
    fn of(touch: &domain::touch::Touch) -> Summary {
        Summary {
            at: touch.ended_at,
            source: touch.source.clone(),
            text: touch.summary.clone(),
            intent: touch.intent,
            question: touch.question.clone(),
            answer: touch.answer.clone(),
            call_sid: touch.call_sid.clone(),
        }
    }
}
