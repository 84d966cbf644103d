//! What a call says about the size and hurry of a deal: given by the agent, or read from the notes.
//!
//! The reading is deliberately plain. It takes what is said outright ("15-person team", "three
//! sites", "£20k", "by Friday") and leaves the rest alone: a wrong fact sends a rep to the wrong
//! caller, a missing one costs nothing that the notes do not still say.

mod deciders;
mod numbers;
mod people;
mod period;
mod sites;
#[cfg(test)]
mod tests;
mod timeline;
mod tokens;
mod urgency;
mod value;

use std::fmt::Write as _;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use tokens::Tokens;

/// How much of a hurry the caller is in, in their own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    Urgent,
    Normal,
}

/// The facts that routing looks at (requirements §3). What nobody stated is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signals {
    /// People who would use the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_size: Option<u32>,
    /// Places the business works from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sites: Option<u32>,
    /// When it is wanted, in the caller's words: "next quarter".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeline: Option<String>,
    /// Days from the call to the latest day that `timeline` allows; `None` if it sets no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeline_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    /// In pence, as said: "£500 a month" is 50,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal_value_pence: Option<i64>,
    /// People who decide, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deciders: Vec<String>,
}

/// Reads the facts that the notes state. `today` is the day of the call where the caller is.
pub fn read_from_notes(text: &str, today: Date) -> Signals {
    let tokens = Tokens::read(text);
    let when = timeline::read(&tokens, today);
    Signals {
        team_size: people::read(&tokens),
        sites: sites::read(&tokens),
        urgency: urgency::read(&tokens, when.as_ref().is_some_and(|when| when.is_at_once)),
        timeline_days: when.as_ref().and_then(|when| when.days),
        timeline: when.map(|when| when.words),
        deal_value_pence: value::read(&tokens),
        deciders: deciders::read(&tokens),
    }
}

impl Signals {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Signals::default()
    }

    /// What the agent gave, filled up with what the notes say. Given facts win one by one; a given
    /// timeline keeps its own days, even if it has none.
    pub fn merged(given: Signals, read: Signals) -> Signals {
        let (timeline, timeline_days) = match given.timeline {
            Some(timeline) => (Some(timeline), given.timeline_days),
            None => (read.timeline, given.timeline_days.or(read.timeline_days)),
        };
        Signals {
            team_size: given.team_size.or(read.team_size),
            sites: given.sites.or(read.sites),
            timeline,
            timeline_days,
            urgency: given.urgency.or(read.urgency),
            deal_value_pence: given.deal_value_pence.or(read.deal_value_pence),
            deciders: if given.deciders.is_empty() { read.deciders } else { given.deciders },
        }
    }

    /// The facts with the days of a timeline that came as words only, as agents send it.
    pub fn with_timeline_days(mut self, today: Date) -> Signals {
        if self.timeline_days.is_none() {
            self.timeline_days =
                self.timeline.as_deref().and_then(|words| timeline::days_of(words, today));
        }
        self
    }

    /// Two touches of one caller. What was said last counts, but a deal never shrinks by a second
    /// call: the larger team, sites and value stay.
    pub fn combined(older: &Signals, newer: &Signals) -> Signals {
        let (timeline, timeline_days) = match (&newer.timeline, newer.timeline_days) {
            (None, None) => (older.timeline.clone(), older.timeline_days),
            (timeline, days) => (timeline.clone(), days),
        };
        let deciders = if newer.deciders.is_empty() { &older.deciders } else { &newer.deciders };
        Signals {
            team_size: older.team_size.max(newer.team_size),
            sites: older.sites.max(newer.sites),
            timeline,
            timeline_days,
            urgency: newer.urgency.or(older.urgency),
            deal_value_pence: older.deal_value_pence.max(newer.deal_value_pence),
            deciders: deciders.clone(),
        }
    }
}

/// What makes a deal large: any one of these (requirements §3, the starter rules).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LargeDeal {
    /// People, at least.
    pub team_size: u32,
    /// Places, at least.
    pub sites: u32,
    /// Pence, at least.
    pub deal_value_pence: i64,
    /// Wanted within so many days, if somebody who decides is named.
    pub timeline_days: u32,
}

impl Default for LargeDeal {
    fn default() -> LargeDeal {
        LargeDeal { team_size: 10, sites: 2, deal_value_pence: 500_000, timeline_days: 14 }
    }
}

impl LargeDeal {
    /// The first fact that makes the deal large, in words for the explanation of a decision.
    pub fn matches(&self, signals: &Signals) -> Option<String> {
        if let Some(size) = signals.team_size.filter(|size| *size >= self.team_size) {
            return Some(format!("team of {size}"));
        }
        if let Some(sites) = signals.sites.filter(|sites| *sites >= self.sites) {
            return Some(if sites == 1 { "1 site".to_owned() } else { format!("{sites} sites") });
        }
        if let Some(pence) =
            signals.deal_value_pence.filter(|pence| *pence >= self.deal_value_pence)
        {
            return Some(format!("deal value {}", pounds(pence)));
        }
        let days = signals.timeline_days.filter(|days| *days <= self.timeline_days)?;
        let decider = signals.deciders.first()?;
        let wanted = match days {
            0 => "wanted today".to_owned(),
            1 => "wanted within a day".to_owned(),
            days => format!("wanted within {days} days"),
        };
        Some(format!("{wanted}, decided by {decider}"))
    }
}

/// How large a deal looks, for the eye and for the order of a queue: 3 for the size that makes a
/// deal large, 2 from £2,000 or a team of 5, 1 when anything about its size is known, else 0.
pub fn value_band(signals: &Signals) -> u8 {
    const MIDDLING_TEAM: u32 = 5;
    const MIDDLING_PENCE: i64 = 200_000;
    let large = LargeDeal::default();
    let reaches = |team: u32, pence: i64| {
        signals.team_size.is_some_and(|size| size >= team)
            || signals.deal_value_pence.is_some_and(|value| value >= pence)
    };
    if reaches(large.team_size, large.deal_value_pence)
        || signals.sites.is_some_and(|sites| sites >= large.sites)
    {
        3
    } else if reaches(MIDDLING_TEAM, MIDDLING_PENCE) {
        2
    } else if signals.team_size.is_some()
        || signals.sites.is_some()
        || signals.deal_value_pence.is_some()
    {
        1
    } else {
        0
    }
}

/// `£20,000`, or `£499.99` where there are pence.
fn pounds(pence: i64) -> String {
    let whole = (pence / 100).to_string();
    let mut out = String::from("£");
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) && digit.is_ascii_digit() {
            out.push(',');
        }
        out.push(digit);
    }
    if pence % 100 != 0 {
        // Writing to a string cannot fail.
        let _ = write!(out, ".{:02}", pence % 100);
    }
    out
}
