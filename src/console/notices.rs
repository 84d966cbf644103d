//! What is told once, and how.

use std::collections::HashSet;

use crate::domain::ids::LeadId;

/// What has been told already: one notice per thing.
#[derive(Debug, Default)]
pub struct Told {
    pub(super) arrived: HashSet<LeadId>,
    pub(super) due: HashSet<(LeadId, i64)>,
    pub(super) lease: HashSet<(LeadId, i64)>,
}
