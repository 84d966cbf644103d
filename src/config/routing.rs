//! `[routing]` and `[[team]]`: which call goes where, and who works together.

use std::collections::BTreeSet;

use crate::domain::{
    intent::Intent,
    policy::Team,
    routing::{self, Rule, When},
    signals::Urgency,
    tier::Tier,
};

use super::{nearest, read::Section, tree::Node, values};

/// `[routing]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Routing {
    /// Whether the rules overrule a tier sent by the agent.
    pub overrule_agent_tier: bool,
    /// In order; the starter rules of requirements §3 where none is given.
    pub rules: Vec<Rule>,
}

impl Routing {
    pub(super) fn read(section: &Section<'_>, teams: &[Team]) -> Routing {
        let overrule_agent_tier =
            section.get("overrule_agent_tier", Node::flag).unwrap_or_default();
        let Some(given) = section.sections("rule") else {
            return Routing { overrule_agent_tier, rules: routing::starter_rules() };
        };
        let mut rules: Vec<Rule> = Vec::new();
        for (index, section) in given.iter().enumerate() {
            let Some(rule) = rule(section, index, teams) else { continue };
            if let Some(first) = rules.iter().find(|rule| rule.when == When::default()) {
                let problem = format!(
                    "rule \"{}\" is never reached: rule \"{}\" before it has no conditions and takes every call",
                    rule.name, first.name
                );
                section.warn("name", problem);
            }
            rules.push(rule);
        }
        Routing { overrule_agent_tier, rules }
    }
}

fn rule(section: &Section<'_>, index: usize, teams: &[Team]) -> Option<Rule> {
    let name = section.get("name", values::name);
    let when = when(&section.section("when"));
    let tier = section.require("tier", "\"C\"", tier);
    let queue = section.require("queue", "\"callbacks\"", values::name);
    let owner = section.get("owner", values::name);
    if let Some(owner) = &owner
        && !teams.iter().any(|team| team.name == *owner)
    {
        section.warn("owner", not_a_team(owner, teams));
    }
    let name = name.unwrap_or_else(|| format!("rule {}", index + 1));
    Some(Rule { name, when, tier: tier?, queue: queue?, owner })
}

fn not_a_team(owner: &str, teams: &[Team]) -> String {
    let hint = match nearest(owner, teams.iter().map(|team| team.name.as_str())) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => {
            "add a [[team]] of this name, or see to it that `ringback rep list` shows the person"
                .into()
        }
    };
    format!("\"{owner}\" is no [[team]] of this configuration, so it must be a person: {hint}")
}

/// A tier, `A` to `D`.
pub(super) fn tier(node: &Node) -> Result<Tier, String> {
    let text = node.text()?;
    Tier::read(text)
        .ok_or_else(|| format!("{text:?} is not a tier: write \"A\", \"B\", \"C\" or \"D\""))
}

fn when(section: &Section<'_>) -> When {
    let count = |node: &Node| values::number(node, 0..=1_000_000_u32);
    let pence = |node: &Node| values::number(node, 0..=100_000_000_000_000_i64);
    let flag = |key| section.get(key, Node::flag);
    When {
        intent: section.list("intent", intent).unwrap_or_default(),
        team_size_min: section.get("team_size_min", count),
        sites_min: section.get("sites_min", count),
        deal_value_min_pence: section.get("deal_value_min_pence", pence),
        timeline_days_max: section.get("timeline_days_max", count),
        urgency: section.get("urgency", urgency),
        source: section.list("source", values::name).unwrap_or_default(),
        existing_customer: flag("existing_customer"),
        after_hours: flag("after_hours"),
        answered: flag("answered"),
        booked: flag("booked"),
        large_deal: flag("large_deal"),
        decider_named: flag("decider_named"),
        scoping: flag("scoping"),
    }
}

fn intent(node: &Node) -> Result<Intent, String> {
    values::word(node, &Intent::ALL.map(|intent| (intent.as_str(), intent)))
}

fn urgency(node: &Node) -> Result<Urgency, String> {
    values::word(node, &[("urgent", Urgency::Urgent), ("normal", Urgency::Normal)])
}

/// The teams, by name each only once.
pub(super) fn teams(given: &[Section<'_>]) -> Vec<Team> {
    let mut names = BTreeSet::new();
    given
        .iter()
        .filter_map(|section| {
            let name = section.require("name", "\"team_sdr\"", values::name);
            let members = section.list("members", values::name).unwrap_or_default();
            let name = name?;
            if !names.insert(name.clone()) {
                let problem =
                    format!("there are two teams \"{name}\": give each a name of its own");
                section.fault("name", problem);
            }
            Some(Team { name, members })
        })
        .collect()
}
