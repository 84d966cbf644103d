//! What is known of a dial. Every field only grows: which of two reports came first makes no difference to what is kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AnsweredBy, CallRef, Leg, LegEnd, Step, What};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Facts {
    pub placed_at: Option<Timestamp>,
    pub refused: Option<(Timestamp, String)>,
    pub pressed_at: Option<Timestamp>,
    pub hang_up_at: Option<Timestamp>,
    pub given_up_at: Option<Timestamp>,
    pub rep: LegFacts,
    pub prospect: LegFacts,
    pub bridge: Option<BridgeFacts>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct LegFacts {
    pub call: Option<CallRef>,
    pub started_at: Option<Timestamp>,
    pub ringing_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    pub answered_by: Option<AnsweredBy>,
    pub ended_at: Option<Timestamp>,
    pub end: Option<LegEnd>,
    pub seconds: Option<u32>,
    pub sip: Option<u16>,
}

/// What the carrier says of the attempt to join the two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct BridgeFacts {
    pub at: Timestamp,
    pub end: LegEnd,
    pub seconds: Option<u32>,
    pub joined: Option<bool>,
}

/// Keeps the smaller: the first time something happened, however often and late it is told.
fn least<T: Ord>(known: &mut Option<T>, told: T) {
    match known {
        Some(kept) if *kept <= told => {}
        _ => *known = Some(told),
    }
}

/// Keeps the greater: the stronger evidence, the later count. Nothing told changes nothing.
fn greatest<T: Ord>(known: &mut Option<T>, told: Option<T>) {
    if told > *known {
        *known = told;
    }
}

impl Facts {
    pub(super) fn add(&mut self, at: Timestamp, what: &What) {
        match what {
            What::Placed { call } => {
                least(&mut self.placed_at, at);
                self.rep.named(Some(call));
            }
            What::Refused { why } => least(&mut self.refused, (at, why.clone())),
            What::Leg { leg, call, step } => {
                least(&mut self.placed_at, at);
                let facts = match leg {
                    Leg::Rep => &mut self.rep,
                    Leg::Prospect => &mut self.prospect,
                };
                facts.named(call.as_ref());
                facts.add(at, step);
            }
            What::Pressed => least(&mut self.pressed_at, at),
            What::Bridged { prospect, end, seconds, joined } => {
                self.prospect.named(prospect.as_ref());
                let told = BridgeFacts { at, end: *end, seconds: *seconds, joined: *joined };
                match &mut self.bridge {
                    Some(known) => known.merge(told),
                    none => *none = Some(told),
                }
            }
            What::HangUpAsked => least(&mut self.hang_up_at, at),
            What::GivenUp => least(&mut self.given_up_at, at),
        }
    }
}

impl LegFacts {
    /// A leg has one name. Should a carrier ever give two, all of us must still settle on the same.
    fn named(&mut self, call: Option<&CallRef>) {
        if let Some(call) = call {
            least(&mut self.call, call.clone());
        }
    }

    fn add(&mut self, at: Timestamp, step: &Step) {
        match step {
            Step::Started => least(&mut self.started_at, at),
            Step::Ringing => least(&mut self.ringing_at, at),
            Step::Answered => least(&mut self.answered_at, at),
            Step::Judged { by } => greatest(&mut self.answered_by, Some(*by)),
            Step::Ended { end, seconds, sip } => {
                least(&mut self.ended_at, at);
                greatest(&mut self.end, Some(*end));
                greatest(&mut self.seconds, *seconds);
                greatest(&mut self.sip, *sip);
            }
        }
    }

    /// Whether anything at all is known of this leg: it exists at the carrier.
    pub(super) fn exists(&self) -> bool {
        self.started_at.is_some()
            || self.ringing_at.is_some()
            || self.answered_at.is_some()
            || self.ended_at.is_some()
    }
}

impl BridgeFacts {
    fn merge(&mut self, told: BridgeFacts) {
        self.at = self.at.min(told.at);
        self.end = self.end.max(told.end);
        greatest(&mut self.seconds, told.seconds);
        greatest(&mut self.joined, told.joined);
    }
}
