//! The number to ring, large, with what a rep should know before somebody answers.

use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use super::{READABLE, digits, inner_width, open};
use crate::{
    console::{
        theme::Meaning,
        view::{Canvas, page::Page, queue::tier_meaning, words},
    },
    domain::ids::LeadId,
};

/// The summary's lines: enough to begin a talk.
const SUMMARY: usize = 4;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, id: LeadId) {
    let (app, theme) = (canvas.app, canvas.theme);
    let row = app.leads.get(id);
    let called = row.map_or("this lead", |row| row.called());
    let lead = app.full(id);
    let number = lead
        .and_then(|lead| lead.contact.phone_display.as_deref().or(lead.contact.phone.as_deref()));
    let wide = inner_width(area, READABLE);
    let mut page = Page::new(theme, wide);
    match (number, row.and_then(|row| row.phone_digits())) {
        (Some(number), _) => page.line(format!(" {number} "), Meaning::Number),
        (None, Some(digits)) => page.line(format!(" +{digits} "), Meaning::Number),
        (None, None) => page.line("The number was withheld, and none was left.", Meaning::Warning),
    };
    if let Some((zone, there)) = lead
        .and_then(|lead| lead.contact.timezone.as_deref())
        .and_then(|zone| Some((zone, TimeZone::get(zone).ok()?)))
    {
        let there = words::time(app.now(), &there);
        page.add(format!("  {}, {there} there", words::city(zone)), Meaning::Muted);
    }
    page.gap();
    if let Some(row) = row {
        let tier = tier_meaning(row.tier);
        page.line(format!("{} ", row.tier), tier)
            .add(row.tier.in_words(), tier)
            .add(format!(" · {}", row.intent.in_words()), Meaning::Text);
    }
    if let Some(lead) = lead {
        let company = lead.contact.company.as_deref().filter(|company| !company.is_empty());
        if let Some(company) = company {
            page.add(format!(" · {company}"), Meaning::Text);
        }
        for line in crate::console::width::wrap(&lead.summary, usize::from(wide), SUMMARY) {
            page.line(line, Meaning::Text);
        }
    }
    let big = number.filter(|number| digits::width(number).is_some_and(|own| own <= wide));
    let extra = if big.is_some() && area.height >= 14 { digits::HIGH + 1 } else { 0 };
    let lines = page.len() + usize::from(extra);
    let (_, inside) = open(canvas, area, &format!("Ring {called}"), READABLE, lines);
    if let Some(number) = big.filter(|_| extra > 0) {
        digits::draw(canvas, inside, number, theme[Meaning::Title]);
    }
    let below = Rect {
        y: inside.y + extra.min(inside.height),
        height: inside.height.saturating_sub(extra),
        ..inside
    };
    page.draw(canvas.buf, below, 0);
    canvas.drawn.geometry.overlay = inside;
    canvas.drawn.geometry.overlay_lines = lines;
}
