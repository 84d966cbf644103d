//! ringback: missed calls become money.
//!
//! An agent answers every call; this library turns each call into one tiered lead, keeps it safe, and shows it to the reps who
//! ring back. `ARCHITECTURE.md` tells which room holds what.

pub mod backend;
pub mod carrier;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod domain;
pub mod http_client;
pub mod ids;
pub mod store;
pub mod wire;
