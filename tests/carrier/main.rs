//! The Twilio adapter against a stand-in that speaks Twilio's documented HTTP: orders, callbacks, TwiML, lists, and
//! everything that goes wrong with them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says why")]

mod bookkeeping;
mod dials;
mod faults;
mod inbound;
mod office;
#[path = "../standins/twilio.rs"]
mod standin;
mod texts;
