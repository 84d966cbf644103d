//! Why a carrier did not do what it was asked.

use std::time::Duration;

/// What went wrong, by what is to be done about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// It said no, and will again. Nothing was done. `detail` names nobody's number.
    #[error("{detail}")]
    Refused { why: Why, code: Option<u32>, detail: String },
    /// It had no time for us. Nothing was done; it may be asked again.
    #[error("the carrier is busy: too many requests at once")]
    Throttled { retry_after: Option<Duration> },
    /// It does not know us, or will not serve us any more. Nothing was done, and nothing will be until somebody sees to it.
    #[error("{detail}")]
    Auth { code: Option<u32>, detail: String },
    /// It was not reached: nothing was sent, so nothing was done.
    #[error("the carrier cannot be reached")]
    NotReached,
    /// It was asked, and its answer did not come, or cannot be understood. What was asked may have been done.
    #[error("the carrier's answer was lost")]
    Lost,
}

impl CarrierError {
    /// Whether what was asked may have been done all the same: look before asking again.
    pub fn outcome_unknown(&self) -> bool {
        matches!(self, CarrierError::Lost)
    }

    /// Whether the same request may be sent again later as it is.
    pub fn may_repeat(&self) -> bool {
        matches!(self, CarrierError::Throttled { .. } | CarrierError::NotReached)
    }
}

/// Why it said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The number does not exist or cannot be reached.
    BadNumber,
    /// Calls or texts to that country are not allowed on the account.
    CountryClosed,
    /// The carrier blocks this number, or this text.
    Blocked,
    /// A trial account reaches verified numbers only.
    Trial,
    /// Our caller id, our address or another setting is wrong.
    Configuration,
    /// The person replied STOP: never text them again.
    OptedOut,
    /// The number takes no texts.
    NotTextable,
    /// The call is over.
    Over,
    /// Worth another try after a while.
    Temporary,
    /// Anything else.
    Other,
}
