//! One dial: a rep's phone, then a prospect's, and what the carrier told of it (requirements §5).
//!
//! A carrier's events come late, twice and in any order. So a dial is not pushed from state to state: each event adds to
//! what is known (the earliest time, the strongest evidence), nothing known is ever forgotten, and the state is read off
//! that. The same events in any order, any of them any number of times, are therefore the same dial, and a dial that has
//! ended never comes back to life.

mod facts;
mod reading;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    ids::{DialId, LeadId},
    person::PersonRef,
    phone::Phone,
};
use facts::Facts;

pub use reading::Patience;

/// The carrier's name for one leg of a call (Twilio: `CA` and 32 hexadecimal digits).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallRef(pub String);

impl CallRef {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CallRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A rep's attempt to reach a prospect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dial {
    pub id: DialId,
    pub lead: LeadId,
    pub rep: PersonRef,
    /// As they were when the dial was asked for: what was rung stays true when a number is corrected later.
    pub rep_phone: Phone,
    pub prospect: Phone,
    pub requested_at: Timestamp,
    #[serde(default)]
    facts: Facts,
}

/// Where a dial stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DialState {
    /// The intent is on disk, and the carrier has been or is about to be asked.
    Requested,
    RepRinging,
    /// The rep hears who it is about, and has not pressed 1.
    RepAnswered,
    /// The rep pressed 1; the prospect's phone is being rung.
    ProspectRinging,
    /// Somebody or something answered at the prospect's: a mailbox answers too.
    Connected {
        since: Timestamp,
    },
    Ended {
        at: Timestamp,
        end: End,
        /// How long the two were joined; 0 if they never were.
        talk_seconds: u32,
    },
}

/// How a dial ended. "Answered" is not "spoke to a person": only the rep knows that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The carrier would not place it. Nobody was rung.
    Refused,
    /// The carrier's answer was lost, and it knows of no such call.
    Lost,
    RepNoAnswer,
    RepBusy,
    /// The rep's phone could not be reached.
    RepFailed,
    /// The rep's phone was answered and nobody pressed 1: a mailbox, or a stray hand. The prospect was not rung.
    RepUnconfirmed,
    /// Called off before the prospect was rung.
    CalledOff,
    /// The rep let go while the prospect was being rung.
    LetGo,
    NoAnswer,
    Busy,
    /// The prospect's number could not be reached; with the SIP status (RFC 3261) where the carrier told it.
    Failed {
        sip: Option<u16>,
    },
    Answered {
        by: AnsweredBy,
    },
}

/// Who or what answered, as far as the carrier can hear. In the order of evidence.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum AnsweredBy {
    #[default]
    Unknown,
    Person,
    /// A mailbox, an answering machine, a fax.
    Machine,
}

/// One of the two calls that a dial is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    Rep,
    Prospect,
}

/// How one leg ended. In the order of evidence: where a carrier contradicts itself, the later one here counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegEnd {
    Failed,
    Cancelled,
    NoAnswer,
    Busy,
    /// It was answered, and is over.
    Completed,
}

/// Something that happened to a dial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialEvent {
    pub dial: DialId,
    /// When it happened, not when we heard of it.
    pub at: Timestamp,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum What {
    /// The carrier took the order. Any event of a leg says so too.
    Placed { call: CallRef },
    /// The carrier refused the order; why, in a sentence without anybody's number.
    Refused { why: String },
    /// A leg made progress.
    Leg { leg: Leg, call: Option<CallRef>, step: Step },
    /// The rep pressed 1. Another key, or none, is no event: the leg ends, and that is one.
    Pressed,
    /// The attempt to join the two is over, however it went.
    Bridged {
        prospect: Option<CallRef>,
        end: LegEnd,
        seconds: Option<u32>,
        /// Whether the two ever heard each other, where the carrier says so.
        joined: Option<bool>,
    },
    /// Somebody here asked for the end: the console's hang-up.
    HangUpAsked,
    /// We stopped waiting: the carrier knows of no such call. The prospect of this dial is not rung after that.
    GivenUp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    Started,
    Ringing,
    Answered,
    /// The carrier listened to who answered.
    Judged {
        by: AnsweredBy,
    },
    Ended {
        end: LegEnd,
        seconds: Option<u32>,
        sip: Option<u16>,
    },
}

impl Dial {
    /// A dial that somebody asked for and nobody has been told of.
    pub fn requested(
        id: DialId,
        lead: LeadId,
        rep: PersonRef,
        rep_phone: Phone,
        prospect: Phone,
        now: Timestamp,
    ) -> Dial {
        Dial { id, lead, rep, rep_phone, prospect, requested_at: now, facts: Facts::default() }
    }

    /// The dial with what an event tells. An event of another dial changes nothing; nor does one that was heard before.
    #[must_use]
    pub fn apply(mut self, event: &DialEvent) -> Dial {
        if event.dial == self.id {
            // Carriers tell times in whole seconds: nothing happened before it was asked for.
            self.facts.add(event.at.max(self.requested_at), &event.what);
        }
        self
    }

    /// Whether the rep's keys mean "connect me".
    pub fn confirms(keys: &str) -> bool {
        keys == "1"
    }
}

impl DialState {
    /// The wire form.
    pub fn as_str(&self) -> &'static str {
        match self {
            DialState::Requested => "requested",
            DialState::RepRinging => "rep_ringing",
            DialState::RepAnswered => "rep_answered",
            DialState::ProspectRinging => "prospect_ringing",
            DialState::Connected { .. } => "connected",
            DialState::Ended { .. } => "ended",
        }
    }
}

impl End {
    /// The wire form.
    pub fn as_str(self) -> &'static str {
        match self {
            End::Refused => "refused",
            End::Lost => "lost",
            End::RepNoAnswer => "rep_no_answer",
            End::RepBusy => "rep_busy",
            End::RepFailed => "rep_failed",
            End::RepUnconfirmed => "rep_unconfirmed",
            End::CalledOff => "called_off",
            End::LetGo => "let_go",
            End::NoAnswer => "no_answer",
            End::Busy => "busy",
            End::Failed { .. } => "failed",
            End::Answered { .. } => "answered",
        }
    }

    /// What a rep reads.
    pub fn in_words(self) -> &'static str {
        match self {
            End::Refused => "the carrier refused the call: nobody was rung",
            End::Lost => "the call was never placed: nobody was rung",
            End::RepNoAnswer => "your phone was not answered: the prospect was not rung",
            End::RepBusy => "your phone was busy: the prospect was not rung",
            End::RepFailed => "your phone could not be reached: the prospect was not rung",
            End::RepUnconfirmed => "nobody pressed 1 on your phone: the prospect was not rung",
            End::CalledOff => "called off before the prospect was rung",
            End::LetGo => "you hung up while it was ringing",
            End::NoAnswer => "no answer",
            End::Busy => "busy",
            End::Failed { .. } => "the number could not be reached",
            End::Answered { by: AnsweredBy::Machine } => "a machine answered",
            End::Answered { .. } => "answered",
        }
    }
}
