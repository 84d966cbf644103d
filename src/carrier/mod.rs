//! The carrier: who rings people and carries texts, in our words.
//!
//! A [`Carrier`] is asked to ring a rep and to join them with a prospect; what happens then comes back as [`Event`]s, which
//! may be late, repeated or out of order. There are two: [`twilio`], and [`simulated`] for rehearsals and the demo.
//!
//! Nothing here retries and nothing here knows the store. The intent to dial is on disk before [`Carrier::ring`] is called;
//! an answer that was lost ([`CarrierError::outcome_unknown`]) is looked for with [`Carrier::find`], and never asked for a
//! second time blindly (requirements §5).

mod error;
pub mod simulated;
pub mod twilio;

use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::{
    call::{AnsweredBy, CallRef, Dial, DialEvent, Leg, LegEnd, Step, What},
    ids::DialId,
    phone::{CallerId, Phone},
};

pub use error::{CarrierError, Why};

/// What a carrier answers, some time later.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, CarrierError>>;

/// Somebody who rings people and carries texts.
pub trait Carrier: Send + Sync + std::fmt::Debug {
    /// What it is called in messages to people.
    fn name(&self) -> &'static str;

    /// Rings a rep; when they press 1, rings the prospect with the business's number and joins the two. The answer is the
    /// rep's leg; all else comes as events.
    fn ring<'a>(&'a self, order: &'a RingOrder) -> Answer<'a, CallRef>;

    /// Ends a leg. Ending the rep's ends the prospect's with it.
    fn hang_up<'a>(&'a self, call: &'a CallRef) -> Answer<'a, HangUp>;

    /// The calls that we made between two parties since a time: to find one whose answer was lost.
    fn find<'a>(&'a self, search: &'a Search) -> Answer<'a, Vec<CallRecord>>;

    /// A call as the carrier knows it now, followed by the legs it made: to learn what events should have told. Empty for a
    /// call that the carrier does not know.
    fn legs<'a>(&'a self, call: &'a CallRef) -> Answer<'a, Vec<CallRecord>>;

    /// Every call that started within a span, ours and theirs: to compare with our own list.
    fn calls_between(&self, from: Timestamp, to: Timestamp) -> Answer<'_, Vec<CallRecord>>;

    /// Sends a text. Its fate comes as events.
    fn send_text<'a>(&'a self, order: &'a TextOrder) -> Answer<'a, SentText>;

    /// Asks who we are to the carrier, changing nothing: for `ringback check`.
    fn probe(&self) -> Answer<'_, Account>;
}

/// The wish to join a rep with a prospect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingOrder {
    /// Ours; stands in everything that the carrier is told and tells.
    pub dial: DialId,
    pub rep: Phone,
    pub prospect: Phone,
    /// Who it is about, said to the rep before they press 1: a stranger's words, made safe by the adapter.
    pub announce: String,
    pub limits: Limits,
    /// Whether to listen for answering machines on both legs. It costs a little with most carriers.
    pub detect_machines: bool,
}

/// How long a dial may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// 5 s to 600 s.
    pub ring_rep: Duration,
    /// 5 s to 600 s.
    pub ring_prospect: Duration,
    /// 1 s to 4 h.
    pub talk: Duration,
}

impl Default for Limits {
    /// 25 s, short of most mailboxes; 30 s; an hour.
    fn default() -> Self {
        Limits {
            ring_rep: Duration::from_secs(25),
            ring_prospect: Duration::from_secs(30),
            talk: Duration::from_secs(3600),
        }
    }
}

impl RingOrder {
    /// The order for a dial: the same at every attempt to answer the carrier about it.
    pub fn of(dial: &Dial, announce: String, limits: Limits, detect_machines: bool) -> RingOrder {
        RingOrder {
            dial: dial.id,
            rep: dial.rep_phone.clone(),
            prospect: dial.prospect.clone(),
            announce,
            limits,
            detect_machines,
        }
    }
}

/// What became of the wish to end a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HangUp {
    /// It is being ended.
    Ending,
    /// It was over before, or never was.
    AlreadyOver,
}

/// Which calls to look for: those from the business's number to this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    pub to: Phone,
    /// Placed at this time or later. An adapter allows for a clock that differs by a few seconds, so leave out calls known
    /// to belong to other dials.
    pub since: Timestamp,
}

/// One leg as a carrier keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    pub call: CallRef,
    /// The leg that made this one.
    pub parent: Option<CallRef>,
    pub direction: Direction,
    pub from: CallerId,
    pub to: CallerId,
    pub status: CallStatus,
    pub answered_by: Option<AnsweredBy>,
    pub created_at: Timestamp,
    /// When it began to be placed, or came in; `None` while it waits its turn.
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Since the answer.
    pub seconds: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    Inbound,
    Outbound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallStatus {
    /// Waits for its turn at the carrier.
    Queued,
    Ringing,
    /// Answered, and not over.
    InProgress,
    Over(LegEnd),
}

impl CallRecord {
    /// What the record says of a leg of a dial, as the events that should have said it. The carrier keeps no time of the
    /// answer: for a leg that was answered it is reckoned back from its end, or is the time of asking.
    pub fn as_events(&self, dial: DialId, asked_at: Timestamp) -> Vec<DialEvent> {
        let leg = if self.parent.is_some() { Leg::Prospect } else { Leg::Rep };
        let started = self.started_at.unwrap_or(self.created_at);
        let over = self.ended_at.unwrap_or(asked_at);
        let talked = jiff::SignedDuration::from_secs(self.seconds.unwrap_or(0).into());
        let answered = over.checked_sub(talked).unwrap_or(over).max(started);
        let mut steps = vec![(self.created_at, Step::Started)];
        match self.status {
            CallStatus::Queued => {}
            CallStatus::Ringing => steps.push((started, Step::Ringing)),
            CallStatus::InProgress => steps.push((asked_at, Step::Answered)),
            CallStatus::Over(end) => {
                if end == LegEnd::Completed {
                    steps.push((answered, Step::Answered));
                }
                steps.push((over, Step::Ended { end, seconds: self.seconds, sip: None }));
            }
        }
        if let Some(by) = self.answered_by {
            steps.push((asked_at, Step::Judged { by }));
        }
        let event = |(at, step)| DialEvent {
            dial,
            at,
            what: What::Leg { leg, call: Some(self.call.clone()), step },
        };
        steps.into_iter().map(event).collect()
    }
}

/// The wish to send a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextOrder {
    /// Ours; stands in the events about it.
    pub id: Uuid,
    pub to: Phone,
    /// At most 1,600 characters.
    pub body: String,
    /// Not delivered after this long: news of a missed call is no use tomorrow. 1 s to 10 h.
    pub valid_for: Duration,
}

/// A text that the carrier took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentText {
    /// The carrier's name for it.
    pub message: String,
    pub fate: TextFate,
}

/// What has become of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextFate {
    /// The carrier has it.
    Taken,
    /// The network has it.
    Sent,
    Delivered,
    Failed {
        why: Why,
        code: Option<u32>,
    },
}

impl TextFate {
    /// Nothing more will be heard. A fate once told as final stands, whatever comes late.
    pub fn is_final(&self) -> bool {
        matches!(self, TextFate::Delivered | TextFate::Failed { .. })
    }
}

/// Something that happened at the carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Dial(DialEvent),
    Text { id: Uuid, fate: TextFate },
}

/// Who we are to a carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whether calls can be made now.
    pub active: bool,
    /// As the carrier puts it: `active`, `suspended`, `closed`.
    pub status: String,
    /// Only numbers that were verified by hand can be rung.
    pub trial: bool,
    pub caller_id: CallerIdStanding,
}

/// Whether the configured number may be shown to prospects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallerIdStanding {
    /// Ours at the carrier; calls to it are told to these addresses.
    Ours { voice_url: Option<String>, sms_url: Option<String> },
    /// Somebody else's number that was verified: good for calls, no use for texts, and calls to it do not reach us.
    Verified,
    /// Calls will be refused.
    Unknown,
}
