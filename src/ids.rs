//! Fresh identifiers, made at the edge: the domain has no randomness of its own.

use uuid::Uuid;

use crate::domain::ids::{ContactId, DialId, LeadId};

/// A new lead's identifier.
pub fn lead() -> LeadId {
    LeadId(fresh())
}

/// A new contact's identifier.
pub fn contact() -> ContactId {
    ContactId(fresh())
}

/// A new dial's identifier.
pub fn dial() -> DialId {
    DialId(fresh())
}

/// A UUID of version 7: newer ones sort behind older ones.
#[expect(clippy::disallowed_methods, reason = "this is the edge where identifiers are made")]
pub fn fresh() -> Uuid {
    Uuid::now_v7()
}
