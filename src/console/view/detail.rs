//! One lead: who, the number, what they want, why it is here, and what was before.

use jiff::{Timestamp, tz::TimeZone};
use ratatui::layout::Rect;

use super::{
    Canvas,
    due::Step,
    layout::Panes,
    page::Page,
    paint,
    queue::{clock_start, tier_meaning, tier_symbol, value},
    story, words,
};
use crate::{
    console::{
        app::{App, UnderWay},
        msg::Write,
        recent::HistoryShown,
        row::{Names, Row, State},
        theme::Meaning,
    },
    domain::{ids::LeadId, signals::Urgency},
    wire,
};

/// The hours in which ringing is civil, in the prospect's time (requirements §5).
const CIVIL: std::ops::Range<i8> = 8..21;

/// Draws the detail, and what of it has a pane of its own on a wide screen.
pub(super) fn draw(canvas: &mut Canvas<'_>, panes: &Panes) {
    if panes.detail.is_empty() {
        return;
    }
    let (app, theme) = (canvas.app, canvas.theme);
    let active = app.detail.focused;
    let lead = app.selected().and_then(|id| app.full(id)).map(AsRef::as_ref);
    // A closed lead has left the rows; the journal still leads to it.
    let closed = lead.map(|lead| Row::of(lead, &mut Names::default()));
    let Some(row) = app.selected_row().or(closed.as_ref()) else {
        paint::frame(canvas.buf, panes.detail, &[], theme, active);
        paint::frame(canvas.buf, panes.aside, &[], theme, false);
        return;
    };
    let title = [(row.called(), theme[Meaning::Title])];
    let inside = paint::frame(canvas.buf, panes.detail, &title, theme, active);
    let text = inset(inside);
    let mut page = Page::new(theme, text.width);
    about(&mut page, app, row, lead);
    if let Some(lead) = lead {
        summary(&mut page, app, row, lead);
    } else {
        page.gap().line("Reading the rest …", Meaning::Muted);
    }
    clock(&mut page, app, row, lead);
    if let Some(lead) = lead {
        reason(&mut page, lead);
    }
    if panes.aside.is_empty() {
        past(&mut page, app, row.id, lead);
    }
    let scroll = page.draw(canvas.buf, text, app.detail.scroll);
    let style = theme[if active { Meaning::BorderActive } else { Meaning::Border }];
    let seen = usize::from(text.height);
    paint::scrollbar(canvas.buf, panes.detail, scroll, seen, page.len(), style);
    canvas.drawn.geometry.detail = text;
    canvas.drawn.geometry.detail_lines = page.len();
    aside(canvas, panes, row.id);
}

/// Notes and history beside the detail.
fn aside(canvas: &mut Canvas<'_>, panes: &Panes, id: LeadId) {
    if panes.aside.is_empty() {
        return;
    }
    let (app, theme) = (canvas.app, canvas.theme);
    let title = [("Notes and history", theme[Meaning::Title])];
    let inside = paint::frame(canvas.buf, panes.aside, &title, theme, false);
    let text = inset(inside);
    let mut page = Page::new(theme, text.width);
    past(&mut page, app, id, app.full(id).map(AsRef::as_ref));
    page.draw(canvas.buf, text, 0);
}

/// A column of air on both sides, where there is room for it.
fn inset(area: Rect) -> Rect {
    if area.width < 30 {
        return area;
    }
    Rect { x: area.x + 1, width: area.width - 2, ..area }
}

/// Tier and wish, the number and the time there, and whose it is.
fn about<'t>(page: &mut Page<'t>, app: &App, row: &Row, lead: Option<&wire::Lead>) {
    let tier = tier_meaning(row.tier);
    page.line(format!("{}{} ", row.tier, tier_symbol(row.tier)), tier)
        .add(row.tier.in_words(), tier)
        .add(format!(" · {}", row.intent.in_words()), Meaning::Text);
    if let Some(raw) = lead.and_then(|lead| lead.intent_raw.clone()) {
        page.add(format!(" (\"{raw}\")"), Meaning::Muted);
    }
    if row.touches > 1 {
        page.right(words::count(row.touches.into(), "call", "calls"), Meaning::Warning);
    }
    number(page, app, row, lead);
    if page.is_wide()
        && let Some((due, step)) = due(app, row)
    {
        page.right(format!("due {due}"), step.meaning());
    }
    holder(page, app, row);
    let Some(contact) = lead.map(|lead| &lead.contact) else { return };
    let mut known: Vec<String> = Vec::new();
    known.extend(contact.company.clone().filter(|company| !company.is_empty()));
    known.extend(contact.customer.then(|| "customer".to_owned()));
    known.extend(contact.email.clone().or(contact.email_as_received.clone()));
    if !known.is_empty() {
        page.line(known.join(" · "), Meaning::Text);
    }
    if contact.opted_out {
        page.line("Opted out: never ring, never text.", Meaning::Danger);
    }
    if !contact.possible_duplicates.is_empty() {
        page.line("May be the same person as another contact.", Meaning::Warning);
    }
}

/// The number, so that nobody has to look for it, and what their clock shows.
fn number(page: &mut Page<'_>, app: &App, row: &Row, lead: Option<&wire::Lead>) {
    let Some(lead) = lead else {
        match row.phone_digits() {
            Some(digits) => page.line(format!(" +{digits} "), Meaning::Number),
            None => page.line("number withheld", Meaning::Warning),
        };
        return;
    };
    match (&lead.contact.phone_display, &lead.contact.phone) {
        (Some(number), _) | (None, Some(number)) => {
            page.line(format!(" {number} "), Meaning::Number)
        }
        (None, None) => match &lead.contact.phone_as_received {
            Some(received) => {
                page.line(format!("no number; received: {received}"), Meaning::Warning)
            }
            None => page.line("number withheld, none left to ring back", Meaning::Warning),
        },
    };
    let Some(zone) = &lead.contact.timezone else { return };
    let Ok(there) = TimeZone::get(zone) else { return };
    page.add(
        format!("  {}, {} there", words::city(zone), words::time(app.now(), &there)),
        Meaning::Muted,
    );
    if !CIVIL.contains(&there.to_datetime(app.now()).hour()) {
        page.add("  not a civil hour", Meaning::Warning);
    }
}

/// Who has it and until when, and what is under way.
fn holder(page: &mut Page<'_>, app: &App, row: &Row) {
    let mine = app.my_id().is_some_and(|me| row.is_held_by(me));
    match (row.holder.as_deref(), row.state) {
        (_, State::Closed) => {
            let outcome = row.outcome.map_or("closed", |outcome| outcome.in_words());
            page.line(format!("✓ closed: {outcome}"), Meaning::Success);
        }
        (Some(_), _) if mine => {
            page.line("● yours", Meaning::Mine);
            if let Some(lease) = row.lease_until() {
                let left = words::counted(app.now(), lease);
                page.add(format!(", ring within {left}"), Meaning::Text);
            }
        }
        (Some(holder), _) => {
            page.line(format!("◆ {} has it", holder.name), Meaning::Claimed);
            if let Some(since) = row.claimed_at() {
                let since = words::moment_of(since, app.now(), &app.tz);
                page.add(format!(" since {since}"), Meaning::Muted);
            }
        }
        (None, _) => {}
    }
    match app.under_way(row.id) {
        Some(UnderWay::Refused) => {
            page.line("✗ refused by the server: see the outbox", Meaning::Danger)
        }
        Some(UnderWay::Waiting) => page.line("… waits for the line", Meaning::Pending),
        Some(UnderWay::Claiming) => page.line("… being claimed for you", Meaning::Pending),
        Some(UnderWay::Releasing) => page.line("… being given back", Meaning::Pending),
        Some(UnderWay::Reassigning) => page.line("… being reassigned", Meaning::Pending),
        Some(UnderWay::Undoing) => page.line("… being taken back", Meaning::Pending),
        None => page,
    };
}

/// What they want, in their words, and what was read from them.
fn summary(page: &mut Page<'_>, app: &App, row: &Row, lead: &wire::Lead) {
    page.gap();
    if lead.summary.is_empty() {
        page.line("No summary.", Meaning::Muted);
    } else {
        page.text(&lead.summary, Meaning::Text, 0);
    }
    let newest = lead.summaries.first();
    if let Some(question) = newest.and_then(|newest| newest.question.as_deref()) {
        page.hanging("asked ", Meaning::Muted, question, Meaning::Text);
    }
    if let Some(answer) = newest.and_then(|newest| newest.answer.as_deref()) {
        page.hanging("answered ", Meaning::Muted, answer, Meaning::Text);
    }
    page.gap();
    let signals = signals(lead);
    if row.band > 0 || !signals.is_empty() {
        page.hanging(
            format!("{:8}", if row.band > 0 { value(row.band) } else { "signals" }),
            if row.band > 0 { Meaning::Value } else { Meaning::Muted },
            if signals.is_empty() { "by what they want" } else { &signals },
            Meaning::Text,
        );
    }
    if let Some(wish) = row.callback_at() {
        let theirs = lead.contact.timezone.as_deref();
        let said = crate::console::time::said(wish, &app.tz, theirs);
        page.hanging("wants to be rung ", Meaning::Muted, &said, Meaning::Warning);
    }
    if row.attempts > 0 {
        page.line(format!("tried {}, reached nobody", times(row.attempts)), Meaning::Warning);
    }
}

fn times(attempts: u16) -> String {
    match attempts {
        1 => "once".into(),
        2 => "twice".into(),
        more => format!("{more} times"),
    }
}

/// "team 15 · 3 sites · next quarter · £20,000 · decides: Jo".
fn signals(lead: &wire::Lead) -> String {
    let signals = &lead.signals;
    let mut known: Vec<String> = Vec::new();
    known.extend(signals.team_size.map(|size| format!("team {size}")));
    known.extend(signals.sites.map(|sites| words::count(sites as usize, "site", "sites")));
    known.extend(signals.timeline.clone());
    known.extend((signals.urgency == Some(Urgency::Urgent)).then(|| "urgent".to_owned()));
    known.extend(signals.deal_value_pence.map(words::pounds));
    if !signals.deciders.is_empty() {
        known.push(format!("decides: {}", signals.deciders.join(", ")));
    }
    known.join(" · ")
}

/// Waiting since, due when, and how late that is, in words.
fn clock(page: &mut Page<'_>, app: &App, row: &Row, lead: Option<&wire::Lead>) {
    let now = app.now();
    let moment = |at: Timestamp| words::moment_of(at, now, &app.tz);
    let waits = words::spanned(now.duration_since(row.ended_at()));
    page.gap().line("waiting ", Meaning::Muted);
    page.add(format!("{waits}, since {}", moment(row.ended_at())), Meaning::Text);
    match due(app, row) {
        Some(_) if page.is_wide() => {}
        Some((due, step)) => {
            page.line("due     ", Meaning::Muted).add(due, step.meaning());
        }
        None => {
            page.line("due     ", Meaning::Muted).add("no clock runs", Meaning::Text);
        }
    }
    if row.carried_over {
        page.line("» carried over from another day", Meaning::CarriedOver);
    }
    if let Some(tag) = lead.and_then(|lead| lead.routing_tag.clone()) {
        page.line("tag     ", Meaning::Muted).add(tag, Meaning::Text);
    }
}

/// "09:15, in 22:46", and how late that is; `None` where no clock runs.
fn due(app: &App, row: &Row) -> Option<(String, Step)> {
    let due = row.due_at().filter(|_| row.state != State::Closed)?;
    let now = app.now();
    let step = Step::at(now, clock_start(row.opens_at(), row.ended_at()), due, row.tier);
    let (at, left) = (words::moment_of(due, now, &app.tz), words::counted(now, due));
    let said = match step {
        Step::Past => format!("{at} ! {} {left}", step.in_words()),
        Step::Calm => format!("{at}, in {left}"),
        step => format!("{at} {} {}, in {left}", step.symbol(), step.in_words()),
    };
    Some((said, step))
}

fn reason(page: &mut Page<'_>, lead: &wire::Lead) {
    let owner = lead.owner.as_deref().unwrap_or("nobody");
    let owner = format!("{owner}, queue {}", lead.queue);
    page.hanging("for     ", Meaning::Muted, &owner, Meaning::Text);
    if !lead.reason.is_empty() {
        page.hanging("why     ", Meaning::Muted, &lead.reason, Meaning::Text);
    }
}

/// Notes, earlier summaries, earlier leads and the lead's own journal.
fn past(page: &mut Page<'_>, app: &App, id: LeadId, lead: Option<&wire::Lead>) {
    let now = app.now();
    let moment = |at: Timestamp| words::moment_of(at, now, &app.tz);
    notes(page, app, id, lead);
    let earlier = lead.map(|lead| lead.summaries.as_slice()).unwrap_or_default();
    if earlier.len() > 1 {
        page.section("earlier calls");
        for summary in &earlier[1..] {
            let lead_in = format!("{}  ", moment(summary.at));
            let said = if summary.text.is_empty() { "no summary" } else { &summary.text };
            page.hanging(lead_in, Meaning::Muted, said, Meaning::Text);
        }
    }
    match app.recent.history(id) {
        None => {}
        Some(HistoryShown::Coming) => {
            page.gap().line("Reading what was before …", Meaning::Muted);
        }
        Some(HistoryShown::NotHere(why)) => {
            page.gap().text(&format!("What was before is not here: {why}"), Meaning::Muted, 0);
        }
        Some(HistoryShown::Here(history)) => {
            if !history.earlier.is_empty() {
                page.section("before");
            }
            for before in &history.earlier {
                let lead_in = format!("{}  ", moment(before.received_at));
                page.hanging(lead_in, Meaning::Muted, &before_in_words(before), Meaning::Text);
            }
            if !history.entries.is_empty() {
                page.section("what happened");
            }
            for entry in history.entries.iter().rev() {
                let lead_in = format!("{}  ", moment(entry.at));
                let told = format!("{} · {}", entry.actor.name(), story::deed(entry));
                let meaning =
                    if story::is_warning(entry) { Meaning::Warning } else { Meaning::Text };
                page.hanging(lead_in, Meaning::Muted, &told, meaning);
            }
        }
    }
}

fn notes(page: &mut Page<'_>, app: &App, id: LeadId, lead: Option<&wire::Lead>) {
    let waiting: Vec<_> = app.outbox.iter().filter(|kept| kept.lead == id).collect();
    let draft = app.drafts.get(&id);
    let written = lead.map(|lead| lead.notes.as_slice()).unwrap_or_default();
    if waiting.is_empty() && draft.is_none() && written.is_empty() {
        return;
    }
    page.section("notes");
    if let Some(draft) = draft {
        page.hanging("✎ half typed  ", Meaning::Pending, draft, Meaning::Text);
    }
    for kept in waiting.iter().rev() {
        let (lead_in, meaning) = match &kept.refused {
            Some(_) => ("✗ refused  ", Meaning::Danger),
            None => ("… waits  ", Meaning::Pending),
        };
        page.hanging(lead_in, meaning, &write_in_words(&kept.write), Meaning::Text);
    }
    for note in written {
        let at = words::moment_of(note.at, app.now(), &app.tz);
        page.hanging(format!("{at} {}  ", note.by), Meaning::Muted, &note.text, Meaning::Text);
    }
}

/// What a kept note or outcome says.
pub(super) fn write_in_words(write: &Write) -> String {
    match write {
        Write::Note { text } => text.clone(),
        Write::Outcome { outcome, note: Some(note), .. } => {
            format!("{}: {note}", outcome.in_words())
        }
        Write::Outcome { outcome, note: None, .. } => outcome.in_words().into(),
    }
}

/// "quote, 6 seats · connected · Priya".
fn before_in_words(lead: &wire::Lead) -> String {
    let mut said = lead.intent.in_words().to_owned();
    for more in [
        lead.outcome.map(|outcome| outcome.in_words().to_owned()),
        lead.owner.clone().filter(|_| lead.owner_person.is_some()),
        Some(lead.summary.clone()).filter(|summary| !summary.is_empty()),
    ]
    .into_iter()
    .flatten()
    {
        said.push_str(" · ");
        said.push_str(&more);
    }
    said
}
