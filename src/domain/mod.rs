//! The rules of ringback, pure: no input or output, no clock, no randomness, no async, and nothing else of ours imported.

pub mod phone;
pub mod redaction;
pub mod signals;
pub mod text;
