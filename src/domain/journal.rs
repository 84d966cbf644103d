//! The append-only journal: who, what, when (requirements §4).

use serde::{Deserialize, Serialize};

use super::{
    ids::{LeadId, RepId},
    person::PersonRef,
};

/// Who made a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A rep or a supervisor.
    Person(PersonRef),
    /// A program with an ingest key.
    Program { id: String, name: String },
    /// A deadline that came.
    Clock,
    /// Somebody at the server's own command line.
    Operator,
}

impl Actor {
    /// A name to show.
    pub fn name(&self) -> &str {
        match self {
            Actor::Person(person) => &person.name,
            Actor::Program { name, .. } => name,
            Actor::Clock => "clock",
            Actor::Operator => "operator",
        }
    }

    pub fn person(&self) -> Option<&PersonRef> {
        match self {
            Actor::Person(person) => Some(person),
            _ => None,
        }
    }

    pub fn rep_id(&self) -> Option<&RepId> {
        self.person().map(|person| &person.id)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// What happened. The wire form names the thing and the event: `lead.claimed`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EntryKind { $($(#[$doc])* $variant,)* }

        impl EntryKind {
            pub const ALL: &'static [EntryKind] = &[$(EntryKind::$variant,)*];

            pub fn as_str(self) -> &'static str {
                match self { $(EntryKind::$variant => $word,)* }
            }
        }
    };
}

kinds! {
    LeadArrived = "lead.arrived",
    /// Another call of the same person joined the open lead.
    LeadTouched = "lead.touched",
    LeadClaimed = "lead.claimed",
    LeadReleased = "lead.released",
    LeadReassigned = "lead.reassigned",
    LeadNoted = "lead.noted",
    LeadScheduled = "lead.scheduled",
    LeadClosed = "lead.closed",
    LeadUndone = "lead.undone",
    /// The due time passed and nobody was reached.
    LeadDue = "lead.due",
    LeadCarriedOver = "lead.carried_over",
    /// Nobody of the team can take it: the supervisor is told.
    LeadUnstaffed = "lead.unstaffed",
    ContactDuplicate = "contact.possible_duplicate",
    ContactMerged = "contact.merged",
    /// Opted out, opted in, or corrected.
    ContactChanged = "contact.changed",
    RepChanged = "rep.changed",
    KeyChanged = "key.changed",
    CallRecorded = "call.recorded",
}

impl EntryKind {
    pub fn read(word: &str) -> Option<EntryKind> {
        EntryKind::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

impl Serialize for EntryKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EntryKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = std::borrow::Cow::<str>::deserialize(deserializer)?;
        EntryKind::read(&word).ok_or_else(|| {
            serde::de::Error::custom(format_args!("unknown journal entry kind `{word}`"))
        })
    }
}

/// An entry about to be written. The store adds the sequence number and the lead as it is after the change.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEntry {
    pub kind: EntryKind,
    pub lead: Option<LeadId>,
    /// What else is worth knowing: a small JSON object, empty where the lead says it all.
    pub detail: serde_json::Value,
}

impl NewEntry {
    pub fn about(lead: LeadId, kind: EntryKind, detail: serde_json::Value) -> Self {
        NewEntry { kind, lead: Some(lead), detail }
    }
}
