//! The keys of the screen it was opened on, from the keymap in use: it cannot be wrong.

use ratatui::layout::Rect;

use super::{READABLE, inner_width, show_page};
use crate::console::{
    action::{Context, Group},
    theme::Meaning,
    view::{Canvas, page::Page},
    width,
};

/// Columns for an action's keys.
const KEYS: usize = 14;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect, of: Context, scroll: usize) {
    let app = canvas.app;
    let entries = app.help(of);
    let mut page = Page::new(canvas.theme, inner_width(area, READABLE));
    for group in Group::ALL {
        let bound =
            entries.iter().filter(|(action, keys)| action.group() == group && !keys.is_empty());
        for (at, (action, keys)) in bound.enumerate() {
            if at == 0 {
                page.section(group.title());
            }
            let keys = width::fit(&keys.join(" "), KEYS);
            page.hanging(keys, Meaning::Key, action.sentence(), Meaning::Text);
        }
    }
    page.gap().text(
        "Everything else is in the palette. Keys can be changed in console.toml.",
        Meaning::Muted,
        0,
    );
    show_page(canvas, area, "Keys", &page, scroll);
}
