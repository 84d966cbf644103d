//! What came of a call (requirements §5; guide, "What CRM fields").

use serde::{Deserialize, Serialize};

/// The outcome a rep logs at hang-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Connected,
    Booked,
    CallbackLater,
    Voicemail,
    NoAnswer,
    Busy,
    WrongNumber,
    NotInterested,
    OptedOut,
}

/// What an outcome does to the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The work is done.
    Close,
    /// The prospect named a time; it must be given.
    ScheduleAtWish,
    /// Nobody was reached: the retry ladder says when to try again.
    Retry,
    /// The work is done, and this person is never rung or texted again.
    Suppress,
}

impl Outcome {
    pub const ALL: [Outcome; 9] = [
        Outcome::Connected,
        Outcome::Booked,
        Outcome::CallbackLater,
        Outcome::Voicemail,
        Outcome::NoAnswer,
        Outcome::Busy,
        Outcome::WrongNumber,
        Outcome::NotInterested,
        Outcome::OptedOut,
    ];

    /// The wire form.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Connected => "connected",
            Outcome::Booked => "booked",
            Outcome::CallbackLater => "callback_later",
            Outcome::Voicemail => "voicemail",
            Outcome::NoAnswer => "no_answer",
            Outcome::Busy => "busy",
            Outcome::WrongNumber => "wrong_number",
            Outcome::NotInterested => "not_interested",
            Outcome::OptedOut => "opted_out",
        }
    }

    /// Reads the wire form; `None` for an unknown word.
    pub fn read(word: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }

    pub fn effect(self) -> Effect {
        match self {
            Outcome::CallbackLater => Effect::ScheduleAtWish,
            Outcome::Voicemail | Outcome::NoAnswer | Outcome::Busy => Effect::Retry,
            Outcome::OptedOut => Effect::Suppress,
            Outcome::Connected
            | Outcome::Booked
            | Outcome::WrongNumber
            | Outcome::NotInterested => Effect::Close,
        }
    }

    /// Whether somebody was spoken to: "completed" is not "spoke to a person".
    pub fn reached_a_person(self) -> bool {
        !matches!(self, Outcome::Voicemail | Outcome::NoAnswer | Outcome::Busy)
    }

    /// What a rep calls it.
    pub fn in_words(self) -> &'static str {
        match self {
            Outcome::Connected => "connected",
            Outcome::Booked => "booked",
            Outcome::CallbackLater => "callback later",
            Outcome::Voicemail => "voicemail",
            Outcome::NoAnswer => "no answer",
            Outcome::Busy => "busy",
            Outcome::WrongNumber => "wrong number",
            Outcome::NotInterested => "not interested",
            Outcome::OptedOut => "opted out",
        }
    }
}

/// What the agent says came of its own call. An unknown word is kept as received beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentOutcome {
    /// A meeting stands in the calendar.
    Booked,
    /// A meeting was agreed and then could not be made: the slot was gone, the calendar was down (requirements §3).
    BookingFailed,
    /// A person took the call over: the first human contact has happened.
    Transferred,
    CallbackLater,
    /// The question was answered and nothing more is wanted.
    Answered,
    OptedOut,
    /// The caller rang off before the talk was over.
    Abandoned,
}

impl AgentOutcome {
    pub const ALL: [AgentOutcome; 7] = [
        AgentOutcome::Booked,
        AgentOutcome::BookingFailed,
        AgentOutcome::Transferred,
        AgentOutcome::CallbackLater,
        AgentOutcome::Answered,
        AgentOutcome::OptedOut,
        AgentOutcome::Abandoned,
    ];

    /// The wire form.
    pub fn as_str(self) -> &'static str {
        match self {
            AgentOutcome::Booked => "booked",
            AgentOutcome::BookingFailed => "booking_failed",
            AgentOutcome::Transferred => "transferred",
            AgentOutcome::CallbackLater => "callback_later",
            AgentOutcome::Answered => "answered",
            AgentOutcome::OptedOut => "opted_out",
            AgentOutcome::Abandoned => "abandoned",
        }
    }

    /// Reads the wire form, and the guide's spelling with spaces ("callback later"); `None` for an unknown word.
    pub fn read(word: &str) -> Option<AgentOutcome> {
        let word = word.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        AgentOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}
