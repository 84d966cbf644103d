//! What the owner of the business decided: the configuration as the rules read it.

use jiff::SignedDuration;

use super::{hours::Calendar, phone::Phone, routing::Rule, signals::LargeDeal};

/// Every setting a decision depends on. Made from the configuration file at the edge; plain data here.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Region of numbers written without a country: ISO 3166 alpha-2.
    pub region: String,
    pub calendar: Calendar,
    /// The business's own numbers: never a prospect's identity.
    pub own_numbers: Vec<Phone>,
    pub clocks: Clocks,
    /// How long a claim holds without a dial (requirements §4).
    pub lease: SignedDuration,
    /// When to try again after voicemail, no answer or busy, attempt by attempt (requirements §5).
    pub retry: Vec<RetryStep>,
    /// Whether the rules overrule a tier sent by the agent (requirements §3).
    pub overrule_agent_tier: bool,
    /// Ordered: the first that matches decides.
    pub rules: Vec<Rule>,
    pub teams: Vec<Team>,
    pub large_deal: LargeDeal,
}

/// The time each tier grants (requirements §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// Tier B in hours: from the end of the call.
    pub priority_in_hours: SignedDuration,
    /// Tier B after hours: from the opening it waits for.
    pub priority_after_opening: SignedDuration,
    /// Tier C: business time, from the end of the call or from the opening.
    pub standard_business: SignedDuration,
}

impl Default for Clocks {
    fn default() -> Self {
        Clocks {
            priority_in_hours: SignedDuration::from_mins(5),
            priority_after_opening: SignedDuration::from_mins(15),
            standard_business: SignedDuration::from_hours(2),
        }
    }
}

/// One rung of the retry ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryStep {
    /// Business time from the attempt.
    After(SignedDuration),
    NextOpening,
}

/// People who share a kind of work. Members are handles or full names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    pub name: String,
    pub members: Vec<String>,
}

impl Policy {
    /// The policy of an installation that configured nothing.
    pub fn starter(calendar: Calendar) -> Self {
        Policy {
            region: "GB".into(),
            calendar,
            own_numbers: Vec::new(),
            clocks: Clocks::default(),
            lease: SignedDuration::from_mins(5),
            retry: vec![
                RetryStep::After(SignedDuration::from_mins(15)),
                RetryStep::After(SignedDuration::from_hours(2)),
                RetryStep::NextOpening,
            ],
            overrule_agent_tier: false,
            rules: super::routing::starter_rules(),
            teams: Vec::new(),
            large_deal: LargeDeal::default(),
        }
    }

    pub fn team(&self, name: &str) -> Option<&Team> {
        self.teams.iter().find(|team| team.name == name)
    }
}
