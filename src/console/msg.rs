//! What can happen to the console, and what it can ask of the world. Both are plain data.

use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    app::{Geometry, Me},
    clipboard::{Copied, CopyError},
    prompt::Person,
    row::Row,
    settings::Settings,
};
use crate::{
    domain::{
        ids::{LeadId, RepId, Seq},
        outcome::Outcome,
        person::PersonRef,
        queue::View,
    },
    wire,
};

/// Counts what was asked, so that an answer finds its question.
pub type Op = u64;

/// Something that happened. The loop hands each to [`super::update::update`] with the time at which it came.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    Key(KeyEvent),
    Paste(String),
    Mouse(MouseEvent),
    Resize(u16, u16),
    Focus(bool),
    /// A second of the wall clock turned.
    Tick,
    /// A frame was drawn: where things are on it.
    Drawn(Geometry),

    /// The cache answered.
    Cache(FromCache),
    /// The outbox as it stands now, oldest first.
    Outbox(Vec<Kept>),
    /// The server answered, or the line to it changed.
    Server(FromServer),
    /// A note or an outcome was taken out of the outbox, or was on its way already.
    Dropped {
        kept: Box<Kept>,
        dropped: bool,
    },
    /// A text went to the clipboard, or did not.
    Copied {
        what: &'static str,
        text: String,
        way: Result<Copied, CopyError>,
    },
    /// The settings or a theme changed on disk: what they say now, or what is wrong with them.
    Settings(Result<Box<Settings>, String>),
    /// Something the loop has to say.
    Told(String),
    /// A signal asked us to leave.
    Terminate,
}

/// What the cache knows.
#[expect(clippy::large_enum_variant, reason = "the large one comes once in a run")]
#[derive(Clone, Debug, PartialEq)]
pub enum FromCache {
    /// What stood there at the start: comes first.
    Opened(Opened),
    /// More rows of the start, in no particular order.
    Rows(Vec<Row>),
    /// All rows of the start have been handed over.
    Loaded,
    /// Leads that were asked for, and those it does not have.
    Leads {
        found: Vec<Arc<wire::Lead>>,
        missing: Vec<LeadId>,
    },
    History {
        lead: LeadId,
        history: Option<Arc<wire::History>>,
    },
    Journal(Vec<Arc<wire::Entry>>),
    /// It could not be opened or written: the console goes on without it, and says so once.
    Broken(String),
}

/// What the cache holds beside the rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opened {
    /// The journal's head that the rows are true to; 0 for an empty cache.
    pub seq: Seq,
    /// When the line was last up.
    pub as_of: Option<Timestamp>,
    pub me: Option<Me>,
    pub business: Option<wire::Business>,
    /// A damaged or foreign file was set aside under this name.
    pub set_aside: Option<String>,
    /// How many rows of each tier (A to D) each view has.
    pub counts: Vec<(View, [usize; 4])>,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq)]
pub enum FromServer {
    /// Who we are there; sent whenever the line comes up.
    Hello {
        me: Me,
        business: wire::Business,
    },
    /// The server's clock less ours.
    Skew(SignedDuration),
    Line(LineNews),
    /// The whole queue is coming, because what we have is too old or not there.
    ReloadStarted,
    /// A page of it.
    ReloadPage(Vec<Row>),
    /// It is complete and true to this sequence number, or newer.
    ReloadDone {
        seq: Seq,
        as_of: Timestamp,
    },
    /// One thing happened.
    Entry {
        entry: Arc<wire::Entry>,
        row: Option<Box<Row>>,
    },
    History {
        lead: LeadId,
        history: Result<Arc<wire::History>, Failure>,
    },
    Journal(Vec<Arc<wire::Entry>>),
    /// One lead that the cache did not have.
    Lead(Arc<wire::Lead>),
    Team(Result<Vec<Person>, Failure>),
    /// A request about a lead was done, or not.
    Answer {
        op: Op,
        lead: LeadId,
        answer: Result<Box<Changed>, Failure>,
    },
    /// A kept note or outcome reached the server, or was refused for good.
    Sent {
        kept: Box<Kept>,
        answer: Result<Box<Changed>, Failure>,
    },
}

/// The lead after a change.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    pub lead: Arc<wire::Lead>,
    pub row: Row,
}

/// The state of the line to the server.
#[derive(Clone, Debug, PartialEq)]
pub enum LineNews {
    Connecting,
    /// Everything since is coming.
    Up,
    /// It went; the next try is then.
    Down {
        why: String,
        retry_at: Timestamp,
    },
    /// It cannot be had with this token, or the server is none of ours: no further tries by itself.
    Refused {
        why: String,
    },
}

/// Why a request failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// Somebody else has it.
    Claimed { by: PersonRef, at: Timestamp },
    /// The server said no, and why, in a sentence.
    Refused { status: u16, why: String },
    /// Nobody answered: it may be tried again.
    Unreachable(String),
}

/// A note or an outcome: kept until the server has it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Write {
    Note { text: String },
    Outcome { outcome: Outcome, note: Option<String>, callback_at: Option<Timestamp> },
}

/// A note or an outcome in the outbox.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its `Idempotency-Key`.
    pub key: Uuid,
    pub lead: LeadId,
    /// The lead's name when it was written.
    pub name: String,
    /// Who wrote it: nobody else sends it.
    pub by: RepId,
    pub write: Write,
    pub at: Timestamp,
    /// Why the server refused it; `None` while it waits.
    pub refused: Option<String>,
}

/// A request about one lead that needs the line.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    Claim { take_over: bool },
    Release,
    Reassign { to: RepId },
    Undo,
}

/// Something the console asks of the world. Its only way back is a [`Msg`].
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Opens the line, and keeps it open: resumes after `after`, reloads whole where that is 0 or too old.
    Connect {
        after: Seq,
    },
    /// Tries the line again at once, if it is down.
    Reconnect,
    /// Asks who we are and whether the business is open: answered by [`FromServer::Hello`].
    AskHello,
    Request {
        op: Op,
        lead: LeadId,
        request: Request,
    },
    /// Keeps a note or an outcome and sends it as soon as the line allows.
    Keep {
        lead: LeadId,
        name: String,
        by: RepId,
        write: Write,
    },
    /// Takes it out of the outbox, if it is not on its way.
    Drop {
        key: Uuid,
    },
    /// Refused ones may go once more.
    RetryKept,
    /// From the cache.
    LoadLeads(Vec<LeadId>),
    /// From the server.
    FetchLead(LeadId),
    /// From the cache at once, and from the server once the selection has rested for a moment; a newer one takes its place.
    LoadHistory(LeadId),
    /// From the cache at once, and from the server if there is a line.
    LoadJournal,
    LoadTeam,
    Copy {
        what: &'static str,
        text: String,
    },
    Notify(Notice),
    /// The bell.
    Ring,
    Title(String),
    /// Bytes for the terminal: its clipboard.
    Emit(String),
    Mouse(bool),
    /// Draws everything anew.
    Redraw,
    Quit,
}

/// A desktop notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Made safe on its way out, as the body is.
    pub title: String,
    pub body: String,
    /// Stays until it is read.
    pub urgent: bool,
}
