//! What lies over the screen until it is left: the keys, the reasons, the outbox, the number to ring.

mod call;
mod digits;
mod help;
mod outbox;
mod why;

use ratatui::layout::Rect;

use super::{Canvas, page::Page, paint};
use crate::console::{app::Overlay, theme::Meaning};

/// As wide as lines are easily read.
const READABLE: u16 = 96;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let Some(overlay) = canvas.app.overlay.as_ref().filter(|_| !area.is_empty()) else { return };
    match overlay {
        Overlay::Help { of, scroll } => help::draw(canvas, area, *of, *scroll),
        Overlay::Why { lead, scroll } => why::draw(canvas, area, *lead, *scroll),
        Overlay::Outbox { cursor } => outbox::draw(canvas, area, *cursor),
        Overlay::Call { lead } => call::draw(canvas, area, *lead),
    }
}

/// An empty framed box over the middle, `lines` high inside if there is room; its inside, with a column of air.
fn open(canvas: &mut Canvas<'_>, area: Rect, title: &str, wide: u16, lines: usize) -> (Rect, Rect) {
    let theme = canvas.theme;
    let high = u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2);
    let outer = paint::centred(area, wide, high);
    paint::ground(canvas.buf, outer, theme.popup());
    let title = [(title, theme[Meaning::Title])];
    let inside = paint::frame(canvas.buf, outer, &title, theme, true);
    let air = u16::from(inside.width > 30);
    (outer, Rect { x: inside.x + air, width: inside.width - 2 * air, ..inside })
}

/// Width of a page inside of a box that is [`open`]ed in `area`.
fn inner_width(area: Rect, wide: u16) -> u16 {
    let inside = wide.min(area.width).saturating_sub(2);
    if inside > 30 { inside - 2 } else { inside }
}

/// A page in a box of its size, scrolled.
fn show_page(canvas: &mut Canvas<'_>, area: Rect, title: &str, page: &Page<'_>, scroll: usize) {
    let (outer, inside) = open(canvas, area, title, READABLE, page.len());
    let scroll = page.draw(canvas.buf, inside, scroll);
    let style = canvas.theme[Meaning::BorderActive];
    let seen = usize::from(inside.height);
    paint::scrollbar(canvas.buf, outer, scroll, seen, page.len(), style);
    canvas.drawn.geometry.overlay = inside;
    canvas.drawn.geometry.overlay_lines = page.len();
}
