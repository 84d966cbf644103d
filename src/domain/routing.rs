//! Rules that give a call its tier, queue and owner (requirements §3): an ordered list, the first that matches decides,
//! and every decision can be told in one sentence.

use super::{
    clock::{self, Due},
    intent::Intent,
    lead::Owner,
    person::Roster,
    policy::Policy,
    queue::{GENERAL, PARTNERSHIPS},
    signals::{LargeDeal, Signals, Urgency},
    tier::Tier,
    touch::Touch,
};
use jiff::Timestamp;

/// The queue of tier A.
pub const BOOKED: &str = "booked";
/// The queue of tier D.
pub const ANSWERS: &str = "answers";
/// The team that new business goes to in the starter rules.
pub const SDR: &str = "team_sdr";

/// One rule of the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub name: String,
    pub when: When,
    pub tier: Tier,
    pub queue: String,
    /// A team or a person. `None`: whoever the agent names, else nobody.
    pub owner: Option<String>,
}

/// The conditions of a rule: all that are given must hold. None given matches every call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct When {
    /// Any of these; `new_enquiry` covers its details. Empty: any intent.
    pub intent: Vec<Intent>,
    pub team_size_min: Option<u32>,
    pub sites_min: Option<u32>,
    pub deal_value_min_pence: Option<i64>,
    /// Wanted within so many days.
    pub timeline_days_max: Option<u32>,
    pub urgency: Option<Urgency>,
    /// Any of these. Empty: any source.
    pub source: Vec<String>,
    pub existing_customer: Option<bool>,
    pub after_hours: Option<bool>,
    /// A question was answered and no callback is wanted.
    pub answered: Option<bool>,
    /// A meeting stands in the calendar.
    pub booked: Option<bool>,
    pub large_deal: Option<bool>,
    pub decider_named: Option<bool>,
    /// A price was asked for that the published ranges do not give.
    pub scoping: Option<bool>,
}

/// What the conditions look at.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub touch: &'a Touch,
    pub signals: &'a Signals,
    pub existing_customer: bool,
    pub after_hours: bool,
    pub large_deal: &'a LargeDeal,
}

impl Facts<'_> {
    fn scoping(&self) -> bool {
        self.touch.intent == Intent::Pricing && !self.touch.answered()
    }
}

/// How one condition of a rule fares.
enum Check {
    NotAsked,
    /// The fact that made it hold, in words.
    Holds(String),
    Fails,
}

impl When {
    /// `None` when the rule does not match; otherwise the facts that made it match, in words.
    pub fn matches(&self, facts: &Facts<'_>) -> Option<Vec<String>> {
        let conditions: [fn(&When, &Facts<'_>) -> Check; 5] =
            [When::intent, When::size, When::hurry, When::source, When::large_deal];
        let flags = self.flags(facts);
        let mut why = Vec::new();
        for check in conditions.iter().map(|condition| condition(self, facts)).chain(flags) {
            match check {
                Check::NotAsked => {}
                Check::Holds(fact) => why.push(fact),
                Check::Fails => return None,
            }
        }
        Some(why)
    }

    fn intent(&self, facts: &Facts<'_>) -> Check {
        let intent = facts.touch.intent;
        let any = self.intent.iter().any(|pattern| intent.is_a(*pattern));
        asked(!self.intent.is_empty(), any, || intent.in_words().into())
    }

    fn size(&self, facts: &Facts<'_>) -> Check {
        let signals = facts.signals;
        let team =
            at_least(self.team_size_min, signals.team_size, |size| format!("team of {size}"));
        let sites = at_least(self.sites_min, signals.sites, |sites| format!("{sites} sites"));
        let value = at_least(self.deal_value_min_pence, signals.deal_value_pence, |pence| {
            format!("worth £{}", pence / 100)
        });
        both(both(team, sites), value)
    }

    fn hurry(&self, facts: &Facts<'_>) -> Check {
        let signals = facts.signals;
        let days = match (self.timeline_days_max, signals.timeline_days) {
            (None, _) => Check::NotAsked,
            (Some(max), Some(days)) if days <= max => {
                Check::Holds(format!("wanted within {days} days"))
            }
            (Some(_), _) => Check::Fails,
        };
        let is = signals.urgency.unwrap_or(Urgency::Normal);
        let urgency = asked(self.urgency.is_some(), self.urgency == Some(is), || match is {
            Urgency::Urgent => "urgent".into(),
            Urgency::Normal => "not urgent".into(),
        });
        both(days, urgency)
    }

    fn source(&self, facts: &Facts<'_>) -> Check {
        let source = &facts.touch.source;
        asked(!self.source.is_empty(), self.source.contains(source), || format!("source {source}"))
    }

    fn large_deal(&self, facts: &Facts<'_>) -> Check {
        let Some(wanted) = self.large_deal else { return Check::NotAsked };
        match facts.large_deal.matches(facts.signals) {
            Some(fact) if wanted => Check::Holds(fact),
            None if !wanted => Check::Holds("no large-deal signal".into()),
            _ => Check::Fails,
        }
    }

    fn flags(&self, facts: &Facts<'_>) -> [Check; 6] {
        let flag = |wanted: Option<bool>, is: bool, yes: &str, no: &str| {
            asked(wanted.is_some(), wanted == Some(is), || if is { yes.into() } else { no.into() })
        };
        let answered = facts.touch.answered();
        let decider = !facts.signals.deciders.is_empty();
        [
            flag(
                self.existing_customer,
                facts.existing_customer,
                "existing customer",
                "not a customer yet",
            ),
            flag(self.after_hours, facts.after_hours, "after hours", "in hours"),
            flag(
                self.answered,
                answered,
                "question answered, no callback wanted",
                "callback wanted",
            ),
            flag(self.booked, facts.touch.booked(), "meeting booked", "no meeting booked"),
            flag(self.decider_named, decider, "decider named", "no decider named"),
            flag(
                self.scoping,
                facts.scoping(),
                "price needs a scoping call",
                "no scoping call needed",
            ),
        ]
    }
}

fn asked(asked: bool, holds: bool, fact: impl FnOnce() -> String) -> Check {
    match (asked, holds) {
        (false, _) => Check::NotAsked,
        (true, true) => Check::Holds(fact()),
        (true, false) => Check::Fails,
    }
}

/// What nobody stated is not enough.
fn at_least<T: PartialOrd>(min: Option<T>, is: Option<T>, fact: impl FnOnce(T) -> String) -> Check {
    match (min, is) {
        (None, _) => Check::NotAsked,
        (Some(min), Some(is)) if is >= min => Check::Holds(fact(is)),
        (Some(_), _) => Check::Fails,
    }
}

fn both(one: Check, other: Check) -> Check {
    match (one, other) {
        (Check::Fails, _) | (_, Check::Fails) => Check::Fails,
        (Check::NotAsked, check) | (check, Check::NotAsked) => check,
        (Check::Holds(one), Check::Holds(other)) => Check::Holds(format!("{one}, {other}")),
    }
}

/// What the rules alone say of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict<'a> {
    /// `None`: no rule matched.
    pub rule: Option<&'a Rule>,
    pub facts: Vec<String>,
}

impl Verdict<'_> {
    fn tier(&self) -> Tier {
        self.rule.map_or(Tier::C, |rule| rule.tier)
    }

    fn queue(&self) -> &str {
        self.rule.map_or(GENERAL, |rule| &rule.queue)
    }

    fn owner(&self) -> Option<&str> {
        self.rule.and_then(|rule| rule.owner.as_deref())
    }

    fn in_words(&self) -> String {
        match self.rule {
            None => "no rule matched".into(),
            Some(rule) if self.facts.is_empty() => format!("rule \"{}\"", rule.name),
            Some(rule) => format!("rule \"{}\": {}", rule.name, self.facts.join(", ")),
        }
    }
}

/// The first rule that matches.
pub fn evaluate<'a>(rules: &'a [Rule], facts: &Facts<'_>) -> Verdict<'a> {
    rules
        .iter()
        .find_map(|rule| rule.when.matches(facts).map(|facts| Verdict { rule: Some(rule), facts }))
        .unwrap_or(Verdict { rule: None, facts: Vec::new() })
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Routing {
    pub tier: Tier,
    pub queue: String,
    pub owner: Option<Owner>,
    pub due: Due,
    /// One sentence.
    pub reason: String,
    /// The team or person that could not take it because nobody is there: the supervisor must hear of it.
    pub unstaffed: Option<String>,
}

/// Routes a call: rules, the agent's own tier, the clocks, and a person to own it.
pub fn route(
    touch: &Touch,
    signals: &Signals,
    existing_customer: bool,
    routing_owner: Option<&str>,
    policy: &Policy,
    roster: &Roster,
    now: Timestamp,
) -> Routing {
    let after_hours = !policy.calendar.is_open(touch.ended_at);
    let facts =
        Facts { touch, signals, existing_customer, after_hours, large_deal: &policy.large_deal };
    let verdict = evaluate(&policy.rules, &facts);
    let (tier, tier_reason) = tier(touch, &verdict, policy.overrule_agent_tier);
    let queue = queue(tier, &verdict, &facts, policy);
    let due = clock::due(tier, touch.ended_at, touch.callback_at, policy);
    let act_at = due.opens_at.map_or(now, |opens| opens.max(now));

    let from_agent = routing_owner
        .filter(|_| !policy.overrule_agent_tier)
        .filter(|name| policy.team(name).is_some() || roster.find(name).is_some());
    let wanted = from_agent.or(verdict.owner()).or(routing_owner);
    let choice = wanted.map(|name| pick(name, policy, roster, act_at, now));
    let reason = match &choice {
        Some(choice) => format!("{tier_reason}. {}", choice.reason),
        None => format!("{tier_reason}."),
    };
    Routing {
        tier,
        queue,
        owner: choice.as_ref().and_then(|choice| choice.owner.clone()),
        due,
        reason,
        unstaffed: choice.and_then(|choice| choice.unstaffed),
    }
}

/// The agent's tier is honoured unless the configuration says otherwise; a booking that failed is a B whatever was sent.
fn tier(touch: &Touch, verdict: &Verdict<'_>, overrule: bool) -> (Tier, String) {
    if touch.booking_failed() {
        return (Tier::B, "Tier B: the booking failed and must be made by a person".into());
    }
    let ruled = verdict.tier();
    let words = verdict.in_words();
    match (touch.agent_tier.value, &touch.agent_tier.raw) {
        (Some(sent), _) if sent == ruled => {
            (ruled, format!("Tier {ruled}, sent by the agent and given by {words}"))
        }
        (Some(sent), _) if overrule => {
            (ruled, format!("Tier {ruled} by {words}; the agent sent {sent} and is overruled"))
        }
        (Some(sent), _) => {
            (sent, format!("Tier {sent} sent by the agent; {words} would give {ruled}"))
        }
        (None, Some(raw)) => {
            (ruled, format!("Tier {ruled} by {words}; the agent sent \"{raw}\", which is no tier"))
        }
        (None, None) => (ruled, format!("Tier {ruled} by {words}")),
    }
}

/// A and D have queues of their own. A callback that the rules had taken for a booking or an answer goes where the rules
/// would put it without that.
fn queue(tier: Tier, verdict: &Verdict<'_>, facts: &Facts<'_>, policy: &Policy) -> String {
    if tier == verdict.tier() {
        return verdict.queue().into();
    }
    match tier {
        Tier::A => BOOKED.into(),
        Tier::D => ANSWERS.into(),
        Tier::B | Tier::C if !matches!(verdict.tier(), Tier::A | Tier::D) => verdict.queue().into(),
        Tier::B | Tier::C => policy
            .rules
            .iter()
            .filter(|rule| !matches!(rule.tier, Tier::A | Tier::D))
            .find(|rule| {
                let open =
                    When { answered: None, booked: None, scoping: None, ..rule.when.clone() };
                open.matches(facts).is_some()
            })
            .map_or_else(|| GENERAL.into(), |rule| rule.queue.clone()),
    }
}

struct Choice {
    owner: Option<Owner>,
    reason: String,
    unstaffed: Option<String>,
}

/// The person who gets it: of a team the least loaded who is there, never somebody on leave.
fn pick(name: &str, policy: &Policy, roster: &Roster, act_at: Timestamp, now: Timestamp) -> Choice {
    if let Some(team) = policy.team(name) {
        return match roster.least_loaded(&team.members, act_at, now, &policy.calendar) {
            Some(person) => Choice {
                owner: Some(Owner::Person(person.id.clone())),
                reason: format!("{} is the least loaded of {name} present.", person.name),
                unstaffed: None,
            },
            None => Choice {
                owner: Some(Owner::Team(name.into())),
                reason: format!("Nobody of {name} is present: it stays with the team."),
                unstaffed: Some(name.into()),
            },
        };
    }
    match roster.find(name) {
        Some(person) if person.can_take(act_at, now, &policy.calendar) => Choice {
            owner: Some(Owner::Person(person.id.clone())),
            reason: format!("{} is named for it.", person.name),
            unstaffed: None,
        },
        Some(person) => Choice {
            owner: None,
            reason: format!("{} is named for it and not present.", person.name),
            unstaffed: Some(person.name.clone()),
        },
        None => Choice {
            owner: Some(Owner::Team(name.into())),
            reason: format!("It belongs to {name}."),
            unstaffed: None,
        },
    }
}

/// The rules of an installation that configured none, in the order of requirements §3.
pub fn starter_rules() -> Vec<Rule> {
    let rule = |name: &str, when: When, tier, queue: &str, owner: Option<&str>| Rule {
        name: name.into(),
        when,
        tier,
        queue: queue.into(),
        owner: owner.map(Into::into),
    };
    let business = vec![Intent::NewEnquiry(None), Intent::Pricing];
    vec![
        rule("booked", When { booked: Some(true), ..When::default() }, Tier::A, BOOKED, None),
        rule(
            "urgent support",
            When {
                intent: vec![Intent::Support],
                urgency: Some(Urgency::Urgent),
                ..When::default()
            },
            Tier::B,
            "support",
            Some("support"),
        ),
        rule(
            "support",
            When { intent: vec![Intent::Support], ..When::default() },
            Tier::C,
            "support",
            Some("support"),
        ),
        rule(
            "partnership",
            When { intent: vec![Intent::Partnership], ..When::default() },
            Tier::C,
            PARTNERSHIPS,
            Some(PARTNERSHIPS),
        ),
        rule(
            "unclear",
            When { intent: vec![Intent::Unclear], ..When::default() },
            Tier::C,
            GENERAL,
            Some(GENERAL),
        ),
        rule(
            "large deal",
            When { intent: business, large_deal: Some(true), ..When::default() },
            Tier::B,
            SDR,
            Some(SDR),
        ),
        rule(
            "new enquiry",
            When {
                intent: vec![Intent::NewEnquiry(None)],
                answered: Some(false),
                ..When::default()
            },
            Tier::C,
            SDR,
            Some(SDR),
        ),
        rule(
            "scoping call",
            When { scoping: Some(true), ..When::default() },
            Tier::C,
            SDR,
            Some(SDR),
        ),
        rule("answered", When { answered: Some(true), ..When::default() }, Tier::D, ANSWERS, None),
    ]
}
