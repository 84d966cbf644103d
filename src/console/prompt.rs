//! What is being typed or chosen. A prompt belongs to a lead's id from the moment it opens: it acts on that lead or not at all.

use jiff::Timestamp;

use super::{action::Action, line::Line, msg::Write};
use crate::domain::{
    ids::{LeadId, RepId},
    outcome::Outcome,
};

/// Whom a prompt is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    One {
        lead: LeadId,
        name: String,
    },
    /// The marked leads, in the order of the list.
    Marked(Vec<LeadId>),
}

impl Target {
    pub fn leads(&self) -> &[LeadId] {
        match self {
            Target::One { lead, .. } => std::slice::from_ref(lead),
            Target::Marked(leads) => leads,
        }
    }

    /// "Alex Rivera", or "3 marked leads".
    pub fn called(&self) -> String {
        match self {
            Target::One { name, .. } => name.clone(),
            Target::Marked(leads) if leads.len() == 1 => "1 marked lead".into(),
            Target::Marked(leads) => format!("{} marked leads", leads.len()),
        }
    }
}

/// The open prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    pub kind: PromptKind,
    /// What somebody else did to its lead since it opened: "Tom claimed it at 09:02:11".
    pub told: Option<String>,
    /// Why Enter did not work.
    pub fault: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PromptKind {
    /// `a`. Half-typed notes are kept for their lead when it is left with Esc.
    Note { target: Target, line: Line },
    /// `o`: one digit an outcome, an optional note, a time for a callback.
    WrapUp(WrapUp),
    /// `s`.
    Schedule { target: Target, when: When },
    /// `/`: the selection follows while it is typed.
    Find {
        line: Line,
        /// Where the search starts, and where Esc goes back to.
        origin: usize,
        /// What is typed is there.
        hit: bool,
    },
    /// `f`: the list follows while it is typed.
    Filter { line: Line },
    /// `R`.
    Reassign { target: Target, line: Line, choices: Vec<Person>, cursor: usize },
    /// `y`.
    Copy { target: Target, choices: Vec<CopyChoice>, cursor: usize },
    /// Starts on Cancel: only `y` does it.
    Confirm { target: Target, question: String, then: Deferred },
    /// `:` and ctrl-p.
    Palette { line: Line, found: Vec<Found>, cursor: usize },
}

/// The wrap-up bar.
#[derive(Clone, Debug, PartialEq)]
pub struct WrapUp {
    pub target: Target,
    pub chosen: Option<Outcome>,
    /// For [`Outcome::CallbackLater`].
    pub when: When,
    pub note: Line,
    pub field: Field,
}

/// Where the wrap-up bar's keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A digit from 1 to 9: see [`Outcome::ALL`].
    Choice,
    When,
    Note,
}

/// A time being typed, and what it means so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct When {
    pub line: Line,
    pub reading: Reading,
}

/// What a typed time means.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Reading {
    #[default]
    Nothing,
    At {
        at: Timestamp,
        /// In both local times: "Tue 24 Nov 16:00 · 17:00 there (Europe/Paris)".
        said: String,
    },
    /// What is wrong with it and what would be right.
    Unclear(String),
}

/// Somebody a lead can be given to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: RepId,
    pub name: String,
    pub present: bool,
    pub open_leads: u32,
}

/// One thing that can be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyChoice {
    /// The key that takes it.
    pub key: char,
    /// "number", "briefing", "link".
    pub what: &'static str,
    pub text: String,
}

/// What a confirm does.
#[derive(Clone, Debug, PartialEq)]
pub enum Deferred {
    TakeOver,
    Reassign {
        to: RepId,
        name: String,
    },
    /// The same write for each of the target's leads.
    Write(Write),
}

/// An action that the palette found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub action: Action,
    /// Which characters of its name matched, for drawing them bold.
    pub matched: Vec<u32>,
    /// Why it cannot be done now; `None` where it can.
    pub refused: Option<&'static str>,
}

impl Prompt {
    pub fn new(kind: PromptKind) -> Prompt {
        Prompt { kind, told: None, fault: None }
    }

    /// Whom it is about; `None` for prompts about the list or the console.
    pub fn target(&self) -> Option<&Target> {
        match &self.kind {
            PromptKind::Note { target, .. }
            | PromptKind::Schedule { target, .. }
            | PromptKind::Reassign { target, .. }
            | PromptKind::Copy { target, .. }
            | PromptKind::Confirm { target, .. }
            | PromptKind::WrapUp(WrapUp { target, .. }) => Some(target),
            PromptKind::Find { .. } | PromptKind::Filter { .. } | PromptKind::Palette { .. } => {
                None
            }
        }
    }

    /// The one lead it is about.
    pub fn lead(&self) -> Option<LeadId> {
        match self.target()? {
            Target::One { lead, .. } => Some(*lead),
            Target::Marked(_) => None,
        }
    }

    /// The keys it takes, for the footer: key and word.
    pub fn keys(&self) -> &'static [(&'static str, &'static str)] {
        match &self.kind {
            PromptKind::Note { .. } => &[("Enter", "save"), ("Esc", "keep for later")],
            PromptKind::WrapUp(bar) => match bar.field {
                Field::Choice => &[("1–9", "outcome"), ("Esc", "leave")],
                Field::When => &[("Enter", "log it"), ("Tab", "note"), ("Esc", "back")],
                Field::Note => &[("Enter", "log it"), ("Esc", "back")],
            },
            PromptKind::Schedule { .. } => &[("Enter", "schedule"), ("Esc", "leave")],
            PromptKind::Find { .. } => {
                &[("Enter", "stay"), ("↓ ↑", "next, previous"), ("Esc", "go back")]
            }
            PromptKind::Filter { .. } => &[("Enter", "keep"), ("Esc", "show all")],
            PromptKind::Reassign { .. } => {
                &[("↓ ↑", "choose"), ("Enter", "go on"), ("Esc", "leave")]
            }
            PromptKind::Copy { .. } => &[("n b l", "copy"), ("Enter", "copy"), ("Esc", "leave")],
            PromptKind::Confirm { .. } => &[("y", "yes"), ("Enter, Esc", "cancel")],
            PromptKind::Palette { .. } => {
                &[("↓ ↑", "choose"), ("Enter", "do it"), ("Esc", "leave")]
            }
        }
    }
}
