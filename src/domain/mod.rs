//! The rules of ringback, pure: no input or output, no clock, no randomness, no async, and nothing else of ours imported.
//!
//! Every change of state enters as a [`command::Command`] and leaves [`decide::decide`] as a [`decision::Decision`], which
//! somebody else commits in one transaction.

pub mod call;
pub mod clock;
pub mod command;
pub mod contact;
pub mod deadline;
pub mod decide;
pub mod decision;
pub mod dialling;
pub mod holidays;
pub mod hours;
pub mod ids;
pub mod intent;
pub mod journal;
pub mod lead;
pub mod outcome;
pub mod person;
pub mod phone;
pub mod policy;
pub mod queue;
pub mod redaction;
pub mod routing;
pub mod signals;
pub mod text;
pub mod tier;
pub mod touch;
