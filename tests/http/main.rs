//! The service over real HTTP: a real socket, a real database, a clock that tests move by hand. One file for each resource;
//! every test runs once for each kind of database.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on says why")]

mod audit;
mod bad_bodies;
mod calls;
mod claim;
#[path = "../support/postgres.rs"]
#[expect(dead_code, reason = "others kill it, too")]
mod cluster;
mod contacts;
mod deadlines;
mod harness;
mod idempotency;
mod ingest;
mod journal;
mod leads;
mod limits;
mod me;
mod openapi;
mod operations;
mod outcome;
mod queue;
mod raw;
mod roles;
mod shutdown;
mod sse;
mod stream;
mod team;
