//! What `f` lets through: words, tiers and states.

use jiff::Timestamp;

use super::row::{Row, State};
use crate::domain::{ids::RepId, tier::Tier};

/// All of it must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// As typed.
    pub text: String,
    tiers: Vec<Tier>,
    standings: Vec<Standing>,
    /// In lower case.
    words: Vec<String>,
}

/// What a lead can be, as a word of the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Free,
    Mine,
    Claimed,
    Scheduled,
    Due,
    Carried,
    Customer,
    Withheld,
}

const STANDINGS: [(&str, Standing); 8] = [
    ("free", Standing::Free),
    ("mine", Standing::Mine),
    ("claimed", Standing::Claimed),
    ("scheduled", Standing::Scheduled),
    ("due", Standing::Due),
    ("carried", Standing::Carried),
    ("customer", Standing::Customer),
    ("withheld", Standing::Withheld),
];

impl Filter {
    /// Reads what was typed; `None` where that is nothing. A single letter `a` to `d` is a tier, the words of the filter are
    /// `free`, `mine`, `claimed`, `scheduled`, `due`, `carried`, `customer`, `withheld`, and anything else is looked for in
    /// name, company, number, intent, queue, owner and holder.
    pub fn read(text: &str) -> Option<Filter> {
        let mut filter = Filter { text: text.trim().into(), ..Filter::default() };
        for word in text.split_whitespace().map(str::to_lowercase) {
            let standing = STANDINGS.iter().find(|(known, _)| *known == word);
            match (Tier::read(&word), standing) {
                (Some(tier), _) => filter.tiers.push(tier),
                (_, Some((_, standing))) => filter.standings.push(*standing),
                _ => filter.words.push(word),
            }
        }
        (!filter.text.is_empty()).then_some(filter)
    }

    /// Whether what it lets through changes by itself.
    pub(super) fn depends_on_time(&self) -> bool {
        self.standings.contains(&Standing::Due)
    }

    /// Whether a lead fits, for the person `me`, at `now`.
    pub fn lets_through(&self, row: &Row, me: Option<&RepId>, now: Timestamp) -> bool {
        (self.tiers.is_empty() || self.tiers.contains(&row.tier))
            && self.standings.iter().all(|standing| standing.fits(row, me, now))
            && self.words.iter().all(|word| row.says(word))
    }
}

impl Standing {
    fn fits(self, row: &Row, me: Option<&RepId>, now: Timestamp) -> bool {
        match self {
            Standing::Free => row.holder.is_none() && row.state != State::Closed,
            Standing::Mine => me.is_some_and(|me| row.is_of(me)),
            Standing::Claimed => row.holder.is_some(),
            Standing::Scheduled => row.state == State::Scheduled,
            Standing::Due => row.due_at().is_some_and(|due| due <= now),
            Standing::Carried => row.carried_over,
            Standing::Customer => row.customer,
            Standing::Withheld => row.withheld,
        }
    }
}
