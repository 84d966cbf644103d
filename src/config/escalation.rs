//! `[[escalation]]`: who is told when a lead waits too long (requirements §6).

use jiff::SignedDuration;

use crate::domain::tier::Tier;

use super::{
    nearest,
    read::Section,
    routing,
    tree::Node,
    values::{self, name},
};

/// One rung of the ladder; it fires once for each lead.
#[derive(Clone, Debug, PartialEq)]
pub struct Rung {
    /// The tiers it watches.
    pub tiers: Vec<Tier>,
    pub when: Trigger,
    pub notify: Vec<Notify>,
    pub by: Vec<Channel>,
}

/// What makes a rung fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// So long after the opening that an after-hours lead waits for.
    AfterOpening(SignedDuration),
    /// So long after the due time.
    AfterDue(SignedDuration),
    /// So many hundredths of the time that the tier grants, in business time.
    Percent(u32),
    /// So long after the end of the call, and only while closed.
    ClosedWait(SignedDuration),
    /// So many leads in the overnight queue.
    QueueDepth(u32),
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notify {
    Supervisor,
    OnCall,
    Owner,
    /// The next person of the owner's team who is present.
    NextRep,
    Person(String),
}

/// How they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Slack,
    Sms,
    Email,
    /// A banner, and a desktop notification.
    Console,
}

const ROLES: [(&str, Notify); 4] = [
    ("supervisor", Notify::Supervisor),
    ("on_call", Notify::OnCall),
    ("owner", Notify::Owner),
    ("next_rep", Notify::NextRep),
];

const CHANNELS: [(&str, Channel); 4] = [
    ("slack", Channel::Slack),
    ("sms", Channel::Sms),
    ("email", Channel::Email),
    ("console", Channel::Console),
];

/// The given ladder; any given one replaces the starter ladder.
pub(super) fn read(given: Option<Vec<Section<'_>>>) -> Vec<Rung> {
    match given {
        None => starter(),
        Some(sections) => sections.iter().filter_map(rung).collect(),
    }
}

fn rung(section: &Section<'_>) -> Option<Rung> {
    let tiers = section.list("tiers", routing::tier);
    let when = trigger(&section.section("when"));
    let notify = section.list("notify", |node| notify(section, node));
    let by = section.list("by", |node| values::word(node, &CHANNELS));
    for (key, given, example) in [
        ("notify", notify.as_ref().map(Vec::len), "[\"supervisor\"]"),
        ("by", by.as_ref().map(Vec::len), "[\"console\"]"),
    ] {
        if given.is_none() && section.node(key).is_none() {
            section.missing(key, example);
        }
    }
    Some(Rung {
        tiers: tiers.unwrap_or_else(|| vec![Tier::B]),
        when: when?,
        notify: notify?,
        by: by?,
    })
}

/// Exactly one of the conditions.
fn trigger(section: &Section<'_>) -> Option<Trigger> {
    let triggers = [
        section.get("after_opening", values::elapsed_or_none).map(Trigger::AfterOpening),
        section.get("after_due", values::elapsed_or_none).map(Trigger::AfterDue),
        section.get("percent", |node| values::number(node, 1..=1_000_u32)).map(Trigger::Percent),
        section.get("closed_wait", values::elapsed).map(Trigger::ClosedWait),
        section
            .get("queue_depth", |node| values::number(node, 1..=1_000_000_u32))
            .map(Trigger::QueueDepth),
    ];
    let given = section.keys_given();
    let [Some(trigger)] = triggers.into_iter().filter(Option::is_some).collect::<Vec<_>>()[..]
    else {
        if given != 1 {
            let problem = "an escalation needs one condition: add when = { after_opening = \"15m\" }, or one of after_due, \
                           percent, closed_wait, queue_depth";
            section.fault_here(problem.into());
        }
        return None;
    };
    Some(trigger)
}

fn notify(section: &Section<'_>, node: &Node) -> Result<Notify, String> {
    let text = name(node)?;
    if let Some((_, role)) = ROLES.iter().find(|(role, _)| *role == text) {
        return Ok(role.clone());
    }
    if let Some(near) = nearest(&text, ROLES.iter().map(|(role, _)| *role)) {
        let problem =
            format!("\"{text}\" is taken for the name of a person: did you mean \"{near}\"?");
        section.notes.warn(&node.place, problem);
    }
    Ok(Notify::Person(text))
}

/// The ladder of an installation that configured none (requirements §6): a warning at 80 % of the time, the next present
/// rep at 100 %, the supervisor a quarter past opening and at 150 %; over a closed spell the on-call person.
pub fn starter() -> Vec<Rung> {
    use {Channel::*, Notify::*};
    let minutes = SignedDuration::from_mins;
    let rung = |tiers: &[Tier], when, notify: &[Notify], by: &[Channel]| Rung {
        tiers: tiers.into(),
        when,
        notify: notify.into(),
        by: by.into(),
    };
    let (b, clocked) = (&[Tier::B][..], &[Tier::B, Tier::C][..]);
    vec![
        rung(clocked, Trigger::Percent(80), &[Owner], &[Console]),
        rung(b, Trigger::AfterOpening(minutes(15)), &[Supervisor], &[Slack, Sms, Console]),
        rung(b, Trigger::Percent(100), &[NextRep], &[Slack, Console]),
        rung(clocked, Trigger::Percent(150), &[Supervisor], &[Slack, Sms, Console]),
        rung(b, Trigger::ClosedWait(minutes(12 * 60)), &[OnCall], &[Slack, Sms]),
        rung(b, Trigger::QueueDepth(20), &[OnCall], &[Slack, Sms]),
    ]
}
