//! The service over real HTTP: a real socket, a real database, a clock that tests move by hand. One file for each resource;
//! every test runs once for each kind of database.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

mod audit;
mod bad_bodies;
mod calls;
mod claim;
#[path = "../support/postgres.rs"]
#[allow(dead_code, reason = "what every suite with a PostgreSQL shares")]
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
mod outage;
mod outcome;
mod queue;
mod raw;
mod roles;
mod shutdown;
mod sse;
mod stream;
mod team;
