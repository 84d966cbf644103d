//! What Twilio tells, as our events. The forms come from [`super::signature::Verifier::verify`]: nothing here is believed
//! unproved.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    carrier::{Event, TextFate},
    domain::{
        call::{AnsweredBy, CallRef, Dial, DialEvent, Leg, LegEnd, Step, What},
        ids::DialId,
        phone::CallerId,
    },
};

use super::{codes, form::Form};

/// How far Twilio's clock may be from ours before ours is believed.
const TRUSTED: SignedDuration = SignedDuration::from_hours(2);

/// The progress of a leg ([`super::hooks::REP_STATUS`], [`super::hooks::PROSPECT_STATUS`]), or the request for what to say
/// when the rep has answered ([`super::hooks::ANSWERED`]). `None` for a status that tells nothing.
pub fn leg(dial: DialId, leg: Leg, form: &Form, received: Timestamp) -> Option<DialEvent> {
    let step = match form.get("CallStatus")? {
        "initiated" | "queued" => Step::Started,
        "ringing" => Step::Ringing,
        "in-progress" | "answered" => Step::Answered,
        status => Step::Ended {
            end: leg_end(status)?,
            seconds: form.number("CallDuration"),
            sip: form.number("SipResponseCode"),
        },
    };
    let what = What::Leg { leg, call: call(form, "CallSid"), step };
    Some(DialEvent { dial, at: happened(form, received), what })
}

/// The rep's key ([`super::hooks::PRESSED`]): an event only if it was the one that connects.
pub fn pressed(dial: DialId, form: &Form, received: Timestamp) -> Option<DialEvent> {
    let keys = form.get("Digits")?;
    Dial::confirms(keys).then(|| DialEvent {
        dial,
        at: happened(form, received),
        what: What::Pressed,
    })
}

/// The end of the joining ([`super::hooks::BRIDGED`]).
pub fn bridged(dial: DialId, form: &Form, received: Timestamp) -> Option<DialEvent> {
    let end = match form.get("DialCallStatus")? {
        "answered" => LegEnd::Completed,
        status => leg_end(status)?,
    };
    let what = What::Bridged {
        prospect: call(form, "DialCallSid"),
        end,
        seconds: form.number("DialCallDuration"),
        joined: form.get("DialBridged").and_then(|word| word.parse().ok()),
    };
    Some(DialEvent { dial, at: happened(form, received), what })
}

/// Who answered a leg, by the sound of it: told on its own ([`super::hooks::REP_JUDGED`],
/// [`super::hooks::PROSPECT_JUDGED`]), or along with another event.
pub fn judged(dial: DialId, leg: Leg, form: &Form, received: Timestamp) -> Option<DialEvent> {
    let by = answered_by(form.get("AnsweredBy")?);
    let what = What::Leg { leg, call: call(form, "CallSid"), step: Step::Judged { by } };
    Some(DialEvent { dial, at: happened(form, received), what })
}

/// The fate of a text of ours ([`super::hooks::SMS_STATUS`]).
pub fn text(id: Uuid, form: &Form) -> Option<Event> {
    let status = form.get("MessageStatus").or_else(|| form.get("SmsStatus"))?;
    text_fate(status, form.number("ErrorCode")).map(|fate| Event::Text { id, fate })
}

pub(super) fn text_fate(status: &str, code: Option<u32>) -> Option<TextFate> {
    Some(match status {
        "accepted" | "scheduled" | "queued" | "sending" => TextFate::Taken,
        "sent" => TextFate::Sent,
        "delivered" | "read" | "partially_delivered" => TextFate::Delivered,
        "undelivered" | "failed" | "canceled" => TextFate::Failed { why: codes::why(code), code },
        _ => return None,
    })
}

/// A call that comes in ([`super::hooks::VOICE`]). Twilio repeats the request under the same `call` if our answer was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingCall {
    pub call: CallRef,
    pub from: CallerId,
    /// As received, for a withheld caller's lead.
    pub from_as_received: String,
    pub to: CallerId,
    /// The line that diverted to ours, where its network tells.
    pub diverted_by: Option<CallerId>,
    pub at: Timestamp,
}

impl IncomingCall {
    /// `None` if there is no call in it.
    pub fn read(form: &Form, received: Timestamp) -> Option<IncomingCall> {
        let party = |name: &str| CallerId::read(form.get(name).unwrap_or_default(), "GB");
        Some(IncomingCall {
            call: call(form, "CallSid")?,
            from: party("From"),
            from_as_received: form.get("From").unwrap_or_default().to_owned(),
            to: party("To"),
            diverted_by: form.get("ForwardedFrom").map(|_| party("ForwardedFrom")),
            at: received,
        })
    }
}

/// How a call that came in is going ([`super::hooks::STATUS`]), or how the connection it was given went
/// ([`super::hooks::VOICE_DONE`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingProgress {
    pub call: CallRef,
    pub at: Timestamp,
    /// `None` while it lasts.
    pub over: Option<LegEnd>,
    /// Of the whole call, since it was answered.
    pub seconds: Option<u32>,
    /// What became of the connection to the agent or person, where it was one: only [`LegEnd::Completed`] is "answered".
    pub connection: Option<(LegEnd, Option<u32>)>,
}

impl IncomingProgress {
    /// `None` for a status that tells nothing.
    pub fn read(form: &Form, received: Timestamp) -> Option<IncomingProgress> {
        let connection =
            form.get("DialCallStatus")
                .and_then(|status| {
                    if status == "answered" { Some(LegEnd::Completed) } else { leg_end(status) }
                })
                .map(|end| (end, form.number("DialCallDuration")));
        Some(IncomingProgress {
            call: call(form, "CallSid")?,
            at: happened(form, received),
            over: leg_end(form.get("CallStatus")?),
            seconds: form.number("CallDuration"),
            connection,
        })
    }
}

/// A text that comes in ([`super::hooks::SMS`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingText {
    /// The carrier's name for it: a second delivery carries the same.
    pub message: String,
    pub from: CallerId,
    pub body: String,
    pub wish: Option<TextWish>,
}

/// What a person asks for in one word (the words that carriers and the CTIA agree on).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextWish {
    Stop,
    Start,
}

impl IncomingText {
    /// `None` if there is no message in it.
    pub fn read(form: &Form) -> Option<IncomingText> {
        let body = form.get("Body").unwrap_or_default();
        Some(IncomingText {
            message: form.get("MessageSid").or_else(|| form.get("SmsSid"))?.to_owned(),
            from: CallerId::read(form.get("From").unwrap_or_default(), "GB"),
            body: body.to_owned(),
            // Twilio tells what it took for an opt-out, where it is told to look for them itself.
            wish: wish_in(form.get("OptOutType").unwrap_or(body)),
        })
    }
}

fn wish_in(text: &str) -> Option<TextWish> {
    const STOP: [&str; 10] = [
        "stop",
        "stopall",
        "stop all",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "optout",
        "opt out",
        "revoke",
    ];
    // Not "yes": people answer questions with it.
    const START: [&str; 2] = ["start", "unstop"];
    let bare = |c: char| c.is_whitespace() || c.is_ascii_punctuation();
    let word = text.trim_matches(bare).to_lowercase();
    if STOP.contains(&word.as_str()) {
        Some(TextWish::Stop)
    } else if START.contains(&word.as_str()) {
        Some(TextWish::Start)
    } else {
        None
    }
}

/// A status after which a leg tells nothing more.
pub(super) fn leg_end(status: &str) -> Option<LegEnd> {
    Some(match status {
        "completed" => LegEnd::Completed,
        "busy" => LegEnd::Busy,
        "no-answer" => LegEnd::NoAnswer,
        "canceled" => LegEnd::Cancelled,
        "failed" => LegEnd::Failed,
        _ => return None,
    })
}

pub(super) fn answered_by(word: &str) -> AnsweredBy {
    match word {
        "human" => AnsweredBy::Person,
        "fax" => AnsweredBy::Machine,
        machine if machine.starts_with("machine") => AnsweredBy::Machine,
        _ => AnsweredBy::Unknown,
    }
}

fn call(form: &Form, name: &str) -> Option<CallRef> {
    form.get(name).map(|sid| CallRef(sid.to_owned()))
}

/// When it happened: as Twilio says, unless that is far from the time at which we heard of it.
fn happened(form: &Form, received: Timestamp) -> Timestamp {
    form.get("Timestamp")
        .and_then(read_date)
        .filter(|at| received.duration_since(*at).abs() <= TRUSTED)
        .map_or(received, |at| at.min(received))
}

/// `Tue, 24 Nov 2026 09:15:02 +0000`.
pub(super) fn read_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp())
}

#[cfg(test)]
mod tests;
