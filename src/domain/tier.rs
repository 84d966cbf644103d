//! The four tiers (requirements §3).

use serde::{Deserialize, Serialize};

/// How soon a human must act. `B` is the most urgent; `A` and `D` carry no clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tier {
    /// Booked by the agent: no callback, the assigned rep is told.
    A,
    /// Priority callback.
    B,
    /// Standard callback.
    C,
    /// Question answered: review.
    D,
}

impl Tier {
    pub const ALL: [Tier; 4] = [Tier::A, Tier::B, Tier::C, Tier::D];

    pub fn as_str(self) -> &'static str {
        match self {
            Tier::A => "A",
            Tier::B => "B",
            Tier::C => "C",
            Tier::D => "D",
        }
    }

    /// Reads `A` to `D` in either case; `None` for anything else.
    pub fn read(word: &str) -> Option<Tier> {
        Tier::ALL.into_iter().find(|tier| tier.as_str().eq_ignore_ascii_case(word.trim()))
    }

    /// The place in a queue, most urgent first: B 1, C 2, D 3, A 4 (a booking waits for nobody).
    pub fn rank(self) -> u8 {
        match self {
            Tier::B => 1,
            Tier::C => 2,
            Tier::D => 3,
            Tier::A => 4,
        }
    }

    /// What a rep calls it.
    pub fn in_words(self) -> &'static str {
        match self {
            Tier::A => "booked",
            Tier::B => "priority callback",
            Tier::C => "standard callback",
            Tier::D => "answered",
        }
    }

    /// The more urgent of two: a lead's tier can only tighten (requirements §1).
    pub fn tighter(self, other: Tier) -> Tier {
        if other.rank() < self.rank() { other } else { self }
    }
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
