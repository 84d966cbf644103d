//! Twilio.
pub mod form;
pub mod signature;
