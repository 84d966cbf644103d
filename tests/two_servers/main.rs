//! Two real `ringback serve` processes on one real PostgreSQL, and what is done to them: races, SIGKILL under load, a database
//! that is killed and comes back. What was acknowledged stands once, whoever watches sees everything once and in order.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

mod clients;
#[path = "../support/postgres.rs"]
#[allow(dead_code, reason = "what every suite with a PostgreSQL shares")]
mod cluster;
mod console;
mod deadlines;
mod deaths;
mod farm;
mod races;
#[path = "../support/terminal.rs"]
#[allow(dead_code, reason = "what every suite with a terminal shares")]
mod terminal;
mod watchers;
