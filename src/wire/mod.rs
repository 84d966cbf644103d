//! The JSON that backend, console and other programs share (contract, "HTTP"). Times are RFC 3339 in UTC, money is in pence,
//! numbers are E.164 with a display form beside.

mod lead;
mod page;
mod team;

pub use lead::{Contact, Lead, Note, Summary};
pub use page::{Claimed, Context, EarlierLead, Entry, History, Lookup, Queue};
pub use team::{Person, PersonPatch, Team};
