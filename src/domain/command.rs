//! Everything that can be asked of the system. Each change of state enters here and nowhere else.

use jiff::Timestamp;

use super::{
    contact::ContactKey,
    deadline::DeadlineKind,
    ids::{ContactId, LeadId, RepId},
    outcome::Outcome,
    person::{Leave, Person, Presence, Role, Shift},
    phone::Phone,
    touch::Ingest,
};

/// SHA-256 of a bearer token: all that is kept of it.
pub type TokenHash = [u8; 32];

/// A wish to change something.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A call, a form or a message came in.
    Ingest(Box<Ingest>),
    /// The facts of one call, for the numbers.
    RecordCall(CallFacts),
    Claim {
        lead: LeadId,
        /// Take it from its holder: supervisors only.
        take_over: bool,
    },
    Release {
        lead: LeadId,
    },
    /// To a person (handle or name) or a team.
    Reassign {
        lead: LeadId,
        to: String,
    },
    LogOutcome {
        lead: LeadId,
        outcome: Outcome,
        note: Option<String>,
        /// Needed for [`Outcome::CallbackLater`], ignored by the others.
        callback_at: Option<Timestamp>,
    },
    AddNote {
        lead: LeadId,
        text: String,
    },
    /// Takes the actor's last change of this lead back, while nothing has come after it.
    Undo {
        lead: LeadId,
    },
    /// `merge` was `keep` all along.
    MergeContacts {
        keep: ContactId,
        merge: ContactId,
    },
    /// A deadline's instant has come.
    DeadlineReached {
        lead: LeadId,
        kind: DeadlineKind,
    },
    AddPerson {
        person: Person,
        token: TokenHash,
    },
    ChangePerson {
        id: RepId,
        change: PersonChange,
    },
    /// Replaces every token of a person.
    ReplaceToken {
        id: RepId,
        token: TokenHash,
        expires_at: Option<Timestamp>,
    },
    AddKey {
        id: String,
        name: String,
        token: TokenHash,
    },
}

/// What about a person changes; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonChange {
    pub name: Option<String>,
    pub role: Option<Role>,
    pub phone: Option<Phone>,
    pub email: Option<String>,
    pub slack_id: Option<String>,
    pub presence: Option<Presence>,
    /// `Some(None)`: works whenever the business is open.
    pub shift: Option<Option<Shift>>,
    pub add_leave: Option<Leave>,
    pub clear_leave: bool,
    pub removed: Option<bool>,
}

/// One call as the carrier or the agent counts it (requirements §10).
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct CallFacts {
    pub call_sid: String,
    pub from: Option<Phone>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub answered: bool,
    /// Who or what answered: `agent`, a person's handle, …
    pub answered_by: Option<String>,
    pub ring_seconds: Option<u32>,
    pub end_reason: Option<String>,
}

/// What a command concerns: a store loads this before it asks for a decision.
#[derive(Clone, Debug, PartialEq)]
pub enum Concerns<'a> {
    /// The contact that these find, and its open lead.
    Caller { phones: &'a [Phone], email: Option<&'a str> },
    /// A lead and its contact.
    Lead(LeadId),
    /// A lead, its contact, and the contact's open lead where that is another one.
    LeadAndSibling(LeadId),
    /// Two contacts and the open lead of each.
    Contacts(ContactId, ContactId),
    /// People and keys only.
    Staff,
    /// A call already recorded under this SID.
    Call(&'a str),
}

impl Command {
    pub fn concerns(&self) -> Concerns<'_> {
        match self {
            Command::Ingest(ingest) => Concerns::Caller {
                phones: &ingest.caller.phones,
                email: ingest.caller.email.as_deref(),
            },
            Command::RecordCall(call) => Concerns::Call(&call.call_sid),
            Command::Claim { lead, .. }
            | Command::Release { lead }
            | Command::Reassign { lead, .. }
            | Command::LogOutcome { lead, .. }
            | Command::AddNote { lead, .. }
            | Command::DeadlineReached { lead, .. } => Concerns::Lead(*lead),
            Command::Undo { lead } => Concerns::LeadAndSibling(*lead),
            Command::MergeContacts { keep, merge } => Concerns::Contacts(*keep, *merge),
            Command::AddPerson { .. }
            | Command::ChangePerson { .. }
            | Command::ReplaceToken { .. }
            | Command::AddKey { .. } => Concerns::Staff,
        }
    }

    /// The call whose second delivery must change nothing and be answered with the first result.
    pub fn delivered_once(&self) -> Option<&str> {
        match self {
            Command::Ingest(ingest) => ingest.touch.call_sid.as_deref(),
            _ => None,
        }
    }
}

impl Concerns<'_> {
    /// The keys that find a caller's contact, in the order in which they are believed: numbers first.
    pub fn keys(&self) -> Vec<ContactKey<'_>> {
        match self {
            Concerns::Caller { phones, email } => phones
                .iter()
                .map(|phone| ContactKey::Phone(phone.e164()))
                .chain(email.map(ContactKey::Email))
                .collect(),
            _ => Vec::new(),
        }
    }
}
