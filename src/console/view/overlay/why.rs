//! Why a lead has its tier, owner and due time: the rule, the facts and the arithmetic.

use jiff::Timestamp;
use ratatui::layout::Rect;

use super::{READABLE, inner_width, show_page};
use crate::{
    console::{
        app::App,
        theme::Meaning,
        time,
        view::{Canvas, page::Page, queue::tier_meaning, words},
    },
    domain::ids::LeadId,
    wire,
};

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, id: LeadId, scroll: usize) {
    let app = canvas.app;
    let mut page = Page::new(canvas.theme, inner_width(area, READABLE));
    let Some(lead) = app.full(id) else {
        page.line("Reading the lead …", Meaning::Muted);
        return show_page(canvas, area, "Why", &page, scroll);
    };
    let called = app.leads.get(id).map_or("this lead", |row| row.called());
    tier(&mut page, lead);
    page.section("the clock");
    clock(&mut page, app, lead);
    page.section("whose");
    whose(&mut page, app, lead);
    show_page(canvas, area, &format!("Why · {called}"), &page, scroll);
}

fn tier(page: &mut Page<'_>, lead: &wire::Lead) {
    page.line(format!("{} ", lead.tier), tier_meaning(lead.tier))
        .add(lead.tier.in_words(), tier_meaning(lead.tier));
    if !lead.reason.is_empty() {
        page.hanging("because   ", Meaning::Muted, &lead.reason, Meaning::Text);
    }
    let wish = match &lead.intent_raw {
        Some(raw) => format!("{} (received as \"{raw}\")", lead.intent.in_words()),
        None => lead.intent.in_words().into(),
    };
    page.hanging("asked for ", Meaning::Muted, &wish, Meaning::Text);
    let signals = &lead.signals;
    let facts: Vec<String> = [
        signals.team_size.map(|size| format!("team of {size}")),
        signals.sites.map(|sites| words::count(sites as usize, "site", "sites")),
        signals.timeline.clone(),
        signals
            .timeline_days
            .map(|days| format!("within {}", words::count(days as usize, "day", "days"))),
        signals.deal_value_pence.map(words::pounds),
        (!signals.deciders.is_empty()).then(|| format!("decides: {}", signals.deciders.join(", "))),
    ]
    .into_iter()
    .flatten()
    .collect();
    let facts = if facts.is_empty() { "none".into() } else { facts.join(" · ") };
    page.hanging("signals   ", Meaning::Muted, &facts, Meaning::Text);
    if let Some(sent) = &lead.agent_tier {
        page.hanging("agent     ", Meaning::Muted, &format!("sent tier {sent}"), Meaning::Text);
    }
}

fn clock(page: &mut Page<'_>, app: &App, lead: &wire::Lead) {
    let said = |at: Timestamp| time::said(at, &app.tz, None);
    let hours = if lead.after_hours { "outside" } else { "in" };
    page.text(
        &format!("The call ended on {}, {hours} business hours.", said(lead.ended_at)),
        Meaning::Text,
        0,
    );
    if let Some(wish) = lead.callback_at {
        let wish = time::said(wish, &app.tz, lead.contact.timezone.as_deref());
        page.text(&format!("They asked to be rung at {wish}."), Meaning::Text, 0);
    }
    let Some(due) = lead.due_at else {
        page.text("No clock runs: nobody waits for a call.", Meaning::Text, 0);
        return;
    };
    let counted = if lead.callback_at == Some(due) {
        format!("So it is due at {}.", said(due))
    } else if let Some(opens) = lead.opens_at.filter(|opens| *opens <= due) {
        let granted = words::spanned(due.duration_since(opens));
        format!(
            "The next opening is {}; {granted} after it, it is due: {}.",
            said(opens),
            said(due)
        )
    } else {
        let granted = words::spanned(due.duration_since(lead.ended_at));
        format!("It is due {granted} after the call: {}.", said(due))
    };
    page.text(&counted, Meaning::Text, 0);
    if lead.carried_over {
        page.text("It was left over and carried to the next day.", Meaning::CarriedOver, 0);
    }
}

fn whose(page: &mut Page<'_>, app: &App, lead: &wire::Lead) {
    let owner = lead.owner.as_deref().unwrap_or("nobody");
    page.text(&format!("It belongs to {owner}, in the queue {}.", lead.queue), Meaning::Text, 0);
    match (&lead.claimed_by, lead.claimed_at) {
        (Some(holder), Some(since)) => {
            let since = words::moment_of(since, app.now(), &app.tz);
            let mut told = format!("{} claimed it at {since}", holder.name);
            if let Some(lease) = lead.lease_until {
                let lease = words::moment_of(lease, app.now(), &app.tz);
                told.push_str(&format!("; without a call it goes back at {lease}"));
            }
            page.text(&format!("{told}."), Meaning::Text, 0);
        }
        _ => {
            page.text("Nobody has claimed it.", Meaning::Text, 0);
        }
    }
}
