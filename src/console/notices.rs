//! What has been told already: one notice for each thing.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::domain::ids::LeadId;

/// What a notice was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Matter {
    Arrived,
    Due,
    LeaseEnds,
}

/// What has been told.
#[derive(Debug, Default)]
pub(super) struct Told(HashSet<(LeadId, Matter, i64)>);

impl Told {
    /// Whether this is told for the first time. A lead that falls due again at another time is another thing.
    pub(super) fn first(&mut self, lead: LeadId, matter: Matter, at: Timestamp) -> bool {
        self.0.insert((lead, matter, at.as_millisecond()))
    }
}
