//! The journal: what happened, newest first.

use ratatui::layout::Rect;

use super::{Canvas, paint, queue::tier_meaning, story, words};
use crate::{console::theme::Meaning, wire};

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let (app, theme) = (canvas.app, canvas.theme);
    let journal = &app.journal;
    let filter = format!("only {} ({})", journal.filter(), journal.len());
    let mut title = vec![("Journal", theme[Meaning::Title])];
    if !journal.filter().is_empty() {
        title.extend([(" ─ ", theme[Meaning::Border]), (filter.as_str(), theme[Meaning::Match])]);
    }
    let active = !app.detail.focused;
    let inside = paint::frame(canvas.buf, area, &title, theme, active);
    let seen = journal.viewport(usize::from(inside.height));
    canvas.drawn.geometry.list = inside;
    canvas.drawn.geometry.first = seen.first;
    if seen.entries.is_empty() {
        let words = match (app.loaded, journal.filter().is_empty()) {
            (false, _) => "Reading the journal …",
            (true, true) => "Nothing has happened yet.",
            (true, false) => "Nothing fits.",
        };
        canvas
            .pen(inside, inside.height.saturating_sub(1) / 2)
            .skip(2)
            .put(words, theme[Meaning::Muted]);
        return;
    }
    for (line, entry) in (0..inside.height).zip(&seen.entries) {
        let row = Rect { y: inside.y + line, height: 1, ..inside };
        let selected = seen.selected == Some(usize::from(line));
        draw_entry(canvas, row, entry, selected);
    }
    let style = theme[if active { Meaning::BorderActive } else { Meaning::Border }];
    paint::scrollbar(canvas.buf, area, seen.first, seen.entries.len(), seen.total, style);
}

/// `08:52:14  Tom           claimed               B Alex Rivera`.
fn draw_entry(canvas: &mut Canvas<'_>, area: Rect, entry: &wire::Entry, selected: bool) {
    let (app, theme) = (canvas.app, canvas.theme);
    let told = story::deed(entry);
    let meaning = if story::is_warning(entry) { Meaning::Warning } else { Meaning::Text };
    let recent = app.now().duration_since(entry.at).as_hours() < 20;
    let at = if recent {
        words::clock(entry.at, &app.tz)
    } else {
        words::moment_of(entry.at, app.now(), &app.tz)
    };
    // A column of air before the frame.
    let air = u16::from(area.width > 60);
    let mut pen = canvas.pen(Rect { width: area.width - air, ..area }, 0);
    pen.put(if selected { "▌" } else { " " }, theme[Meaning::BorderActive]);
    pen.column(&at, 9, theme[Meaning::Muted]).skip(1);
    let rest = pen.room();
    let (who, name) = if rest >= 44 { (12, (rest - 14) * 2 / 5) } else { (0, rest / 2) };
    if who > 0 {
        pen.column(entry.actor.name(), who, theme[Meaning::Claimed]).skip(1);
    }
    let deed = pen.room().saturating_sub(name + 1);
    pen.column(&told, deed, theme[meaning]).skip(1);
    if let Some(lead) = &entry.lead {
        let called = lead.contact.name.as_deref().filter(|name| !name.is_empty());
        let called = called.or(lead.contact.company.as_deref()).unwrap_or("(withheld)");
        pen.put(lead.tier.as_str(), theme[tier_meaning(lead.tier)]);
        pen.skip(1).put(called, theme[Meaning::Text]);
    }
    if selected {
        paint::select(canvas.buf, area, theme.base(), theme);
    }
}
