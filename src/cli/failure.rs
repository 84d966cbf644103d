//! Why a command did not do what it was asked, in one clear line, and the exit status that says so.

use std::{fmt, process::ExitCode};

use crate::{config::ConfigErrors, store::StoreError};

/// A command that was refused or failed.
#[derive(Debug)]
pub(super) struct Failure {
    exit: u8,
    /// `None`: it has been said already, or nobody is there to read it.
    message: Option<String>,
}

impl Failure {
    /// Exit status 1. The message is a sentence without a full stop: why, and what to do.
    pub(super) fn failed(message: impl fmt::Display) -> Failure {
        Failure { exit: 1, message: Some(message.to_string()) }
    }

    /// Exit status 2: arguments that clap took and that make no sense together.
    pub(super) fn usage(message: impl fmt::Display) -> Failure {
        Failure { exit: 2, message: Some(message.to_string()) }
    }

    /// Exit status 1, after each fault has been told by itself.
    pub(super) fn told() -> Failure {
        Failure { exit: 1, message: None }
    }

    /// Whoever read our output has gone (`… | head`): no failure of ours.
    pub(super) fn reader_gone() -> Failure {
        Failure { exit: 0, message: None }
    }

    /// Prints it, and gives the exit status.
    pub(super) fn tell(self) -> ExitCode {
        if let Some(message) = self.message {
            eprintln!("ringback: {message}");
        }
        ExitCode::from(self.exit)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::failed(error)
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Failure {
        let mut message = errors.to_string();
        if errors.faults().len() > 1 {
            message = format!("the configuration has {} faults\n{message}", errors.faults().len());
        }
        Failure::failed(message)
    }
}
