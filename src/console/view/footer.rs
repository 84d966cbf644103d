//! The last line: the keys that matter here, as the keymap in use has them. On low screens a message takes its place.

use super::{Canvas, layout::Panes, status};
use crate::console::{action::Context, theme::Meaning};

pub(super) fn draw(canvas: &mut Canvas<'_>, panes: &Panes) {
    let (app, theme) = (canvas.app, canvas.theme);
    if panes.footer.is_empty() {
        return;
    }
    let keys = app.footer();
    let mut pen = canvas.pen(panes.footer, 0);
    pen.put(" ", theme.base());
    if panes.status.is_empty()
        && let Some(toast) = app.toasts.back()
    {
        status::message(&mut pen, app, theme, toast);
        return;
    }
    // On a screen, what leads on (palette, help) stays in sight: it is written from the right. Prompts have few keys.
    let leads_on = if matches!(app.context(), Context::Prompt | Context::Overlay) { 0 } else { 2 };
    let (most, last) = keys.split_at(keys.len().saturating_sub(leads_on));
    for (key, word) in last.iter().rev() {
        let wide = key.chars().count() + word.len() + 4;
        if usize::from(pen.room()) > wide + 12 {
            pen.flush_right(&format!("{word} "), theme[Meaning::Muted]);
            pen.flush_right(&format!("  {key} "), theme[Meaning::Key]);
        }
    }
    for (key, word) in most {
        let wide = key.chars().count() + word.chars().count() + 1;
        if usize::from(pen.room()) < wide {
            break;
        }
        pen.put(key, theme[Meaning::Key]).skip(1).put(word, theme[Meaning::Muted]).skip(3);
    }
}
