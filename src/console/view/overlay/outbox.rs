//! Notes and outcomes that wait for the line, or that the server refused.

use ratatui::layout::Rect;

use super::{READABLE, open};
use crate::console::{
    msg::Kept,
    theme::Meaning,
    view::{Canvas, detail::write_in_words, paint, words},
};

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, cursor: usize) {
    let (app, theme) = (canvas.app, canvas.theme);
    let kept = &app.outbox;
    let (outer, inside) = open(canvas, area, "Outbox", READABLE, (kept.len() * 2).max(1));
    canvas.drawn.geometry.overlay = inside;
    canvas.drawn.geometry.overlay_lines = kept.len();
    if kept.is_empty() {
        canvas
            .pen(inside, 0)
            .put("Nothing waits: everything has been sent.", theme[Meaning::Muted]);
        return;
    }
    // Two lines each: what, and how it stands.
    let seen = usize::from(inside.height / 2).max(1);
    let first = cursor.saturating_sub(seen - 1).min(kept.len().saturating_sub(seen));
    for (at, kept) in kept.iter().enumerate().skip(first).take(seen) {
        let row = Rect { y: inside.y + ((at - first) * 2) as u16, height: 2, ..inside };
        draw_kept(canvas, row.intersection(inside), kept, at == cursor);
    }
    paint::scrollbar(canvas.buf, outer, first, seen, kept.len(), theme[Meaning::BorderActive]);
}

fn draw_kept(canvas: &mut Canvas<'_>, area: Rect, kept: &Kept, selected: bool) {
    let (app, theme) = (canvas.app, canvas.theme);
    let at = words::moment_of(kept.at, app.now(), &app.tz);
    let mut pen = canvas.pen(area, 0);
    pen.put(if selected { "▌" } else { " " }, theme[Meaning::BorderActive]);
    pen.put(&format!("{at}  "), theme[Meaning::Muted]);
    pen.put(&kept.name, theme[Meaning::Text]).put("  ", theme[Meaning::Text]);
    pen.put(&write_in_words(&kept.write), theme[Meaning::Text]);
    let mut pen = canvas.pen(area, 1);
    pen.skip(3);
    match &kept.refused {
        Some(why) => {
            pen.put("✗ refused: ", theme[Meaning::Danger]).put(why, theme[Meaning::Danger]);
        }
        None => {
            pen.put("… waits for the line", theme[Meaning::Pending]);
        }
    }
    if selected {
        paint::select(canvas.buf, area, theme.popup(), theme);
    }
}
