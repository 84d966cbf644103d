//! The command line as its users meet it: the real binary, its exit status, its two outputs.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

mod demo;
mod leads;
mod people;
mod route;
mod serve;
mod setup;
mod support;
mod usage;
