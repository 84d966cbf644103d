//! The JSON that backend, console and other programs share (contract, "HTTP"). Times are RFC 3339 in UTC, money is in pence,
//! numbers are E.164 with a display form beside.

pub mod fields;
mod ingest;
pub mod json;
mod lead;
mod me;
mod page;
pub mod payload;
pub mod problem;
mod team;
mod wishes;

pub use ingest::{CallRecorded, CallReport, Payload, PayloadSignals, Routed};
pub use lead::{Contact, Lead, Note, Summary};
pub use me::{Access, Accesses, Business, Journal, Me};
pub use page::{Claimed, Context, EarlierLead, Entry, History, Lookup, Queue};
pub use problem::{Fault, Problem};
pub use team::{Person, PersonPatch, Team};
pub use wishes::{AddNote, Claim, LogOutcome, Merge, Reassign};
