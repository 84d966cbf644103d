//! Names for things: what a command, a row and a journal entry refer to each other by.
//!
//! Identifiers are made at the edge and passed in (the domain has no randomness). Leads and contacts carry UUIDs of
//! version 7, so a newer one sorts behind an older one and database pages fill in order. People carry short readable
//! handles (`priya`), because they stand in configuration files and are typed by hand.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }
    };
}

uuid_id!(
    /// One lead: one row in a queue until it is closed.
    LeadId
);
uuid_id!(
    /// One person who rang, wrote or was written about.
    ContactId
);
uuid_id!(
    /// One rep's attempt to reach one prospect by phone.
    DialId
);

/// A person of ours: a rep or a supervisor. Lower-case letters, digits and hyphens, 1 to 40 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RepId(pub String);

impl RepId {
    /// The handle made from a name: `Priya Shah` becomes `priya-shah`. A name without a single ASCII letter or digit
    /// becomes `rep`; the caller makes it unique.
    pub fn from_name(name: &str) -> Self {
        let mut handle = String::new();
        for c in name.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() {
                handle.push(c);
            } else if !handle.is_empty() && !handle.ends_with('-') {
                handle.push('-');
            }
        }
        handle.truncate(40);
        let handle = handle.trim_end_matches('-');
        RepId(if handle.is_empty() { "rep".into() } else { handle.into() })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RepId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The place of an entry in the journal: 1, 2, 3 … without a gap, in the order of commits. 0 is "before everything".
pub type Seq = i64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_made_from_any_name() {
        for (name, handle) in [
            ("Priya", "priya"),
            ("Priya Shah", "priya-shah"),
            ("  Anne-Marie  O'Neill ", "anne-marie-o-neill"),
            ("محمد", "rep"),
            ("", "rep"),
        ] {
            assert_eq!(RepId::from_name(name).as_str(), handle, "{name}");
        }
    }
}
