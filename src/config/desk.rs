//! `[claims]`, `[clocks]`, `[dialling]`, `[large_deal]`, `[retention]`: how the desk works.

use jiff::{SignedDuration, Span};

use crate::domain::{
    hours::{Interval, Week},
    policy::{Clocks, RetryStep},
    signals::LargeDeal,
};

use super::{durations, read::Section, tree::Node, values};

/// How a rep's call is made (requirements §5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DialMode {
    /// The carrier rings the rep, then the prospect, and joins them.
    #[default]
    Bridge,
    /// The rep's softphone opens a `tel:` link.
    Tel,
    /// The number is copied, for a handset.
    Copy,
}

/// `[dialling]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialling {
    pub mode: DialMode,
    /// Where prospects may be rung: ISO 3166 alpha-2.
    pub countries: Vec<String>,
    /// When a prospect may be rung without a confirmation, on their own clock.
    pub civil_hours: Interval,
    /// When to try again after voicemail, no answer or busy, attempt by attempt.
    pub retry: Vec<RetryStep>,
}

/// `[retention]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Retention {
    /// How long a closed lead is kept. `None`: for ever.
    pub closed_leads: Option<Span>,
}

/// How long a claim holds without a dial (requirements §4).
pub(super) fn lease(section: &Section<'_>) -> SignedDuration {
    section.get("lease", values::elapsed).unwrap_or(SignedDuration::from_mins(5))
}

/// The time each tier grants (requirements §3).
pub(super) fn clocks(section: &Section<'_>, week: &Week) -> Clocks {
    let default = Clocks::default();
    Clocks {
        priority_in_hours: section
            .get("priority", values::elapsed)
            .unwrap_or(default.priority_in_hours),
        priority_after_opening: section
            .get("priority_after_opening", values::elapsed)
            .unwrap_or(default.priority_after_opening),
        standard_business: section
            .get("standard", |node| durations::business(node.text()?, working_day(week)))
            .unwrap_or(default.standard_business),
    }
}

impl Dialling {
    pub(super) fn read(section: &Section<'_>, week: &Week) -> Dialling {
        const MODES: [(&str, DialMode); 3] =
            [("bridge", DialMode::Bridge), ("tel", DialMode::Tel), ("copy", DialMode::Copy)];
        let hours = |node: &Node| Interval::parse(node.text()?).map_err(|error| error.to_string());
        Dialling {
            mode: section.get("mode", |node| values::word(node, &MODES)).unwrap_or_default(),
            countries: section
                .list("countries", values::country)
                .unwrap_or_else(|| vec!["GB".into()]),
            civil_hours: section.get("civil_hours", hours).unwrap_or(CIVIL_HOURS),
            retry: section.list("retry", |node| retry_step(node, week)).unwrap_or_else(|| {
                vec![
                    RetryStep::After(SignedDuration::from_mins(15)),
                    RetryStep::After(SignedDuration::from_hours(2)),
                    RetryStep::NextOpening,
                ]
            }),
        }
    }
}

/// Requirements §5: outside eight to nine, a rep must confirm.
const CIVIL_HOURS: Interval = match Interval::hours(8, 21) {
    Some(hours) => hours,
    None => panic!("checked when this is compiled"),
};

fn retry_step(node: &Node, week: &Week) -> Result<RetryStep, String> {
    let text = node.text()?;
    if text.trim().eq_ignore_ascii_case("next opening") {
        return Ok(RetryStep::NextOpening);
    }
    durations::business(text, working_day(week))
        .map(RetryStep::After)
        .map_err(|problem| format!("{problem}, or \"next opening\""))
}

/// The opening time of an ordinary day: what `1d` means where business time is counted.
fn working_day(week: &Week) -> SignedDuration {
    week.working_day().unwrap_or(SignedDuration::from_hours(8))
}

/// What counts as a large deal (requirements §3, starter rule 5). A threshold is the smallest size that counts, or, for
/// the timeline, the longest.
pub(super) fn large_deal(section: &Section<'_>) -> LargeDeal {
    let default = LargeDeal::default();
    let people = |node: &Node| values::number(node, 1..=1_000_000);
    LargeDeal {
        team_size: section.get("team_size", people).unwrap_or(default.team_size),
        sites: section.get("sites", people).unwrap_or(default.sites),
        deal_value_pence: section
            .get("deal_value_pence", |node| values::number(node, 1..=100_000_000_000_000_i64))
            .unwrap_or(default.deal_value_pence),
        timeline_days: section
            .get("timeline_days", |node| values::number(node, 0..=3_650))
            .unwrap_or(default.timeline_days),
    }
}

impl Retention {
    pub(super) fn read(section: &Section<'_>) -> Retention {
        Retention { closed_leads: section.get("closed_leads", values::span) }
    }
}
