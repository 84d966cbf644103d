//! The command line as its users meet it: the real binary, its exit status, its two outputs.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

mod backup;
#[path = "../support/postgres.rs"]
#[allow(dead_code, reason = "what every suite with a PostgreSQL shares")]
mod cluster;
mod demo;
mod leads;
mod people;
mod postgres;
mod route;
mod serve;
mod setup;
mod support;
#[path = "../support/terminal.rs"]
#[allow(dead_code, reason = "benches use the rest of it")]
mod terminal;
mod usage;
