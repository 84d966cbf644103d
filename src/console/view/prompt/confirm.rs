//! A confirm: it names the lead, it stands on Cancel, and only its own key does it.

use super::Lines;
use crate::console::{
    prompt::Prompt,
    theme::Meaning,
    view::{
        Canvas,
        layout::{self, Panes},
        paint,
    },
    width,
};

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    panes: &Panes,
    prompt: &Prompt,
    called: &str,
    question: &str,
) {
    let space = layout::between(panes);
    let wide = space.width.min(64);
    let asked = width::wrap(question, usize::from(wide.saturating_sub(4)), 6);
    let extra = u16::from(prompt.told.is_some()) + u16::from(prompt.fault.is_some());
    let high = asked.len() as u16 + extra + 4;
    let area = paint::centred(space, wide, high);
    let mut lines = Lines::framed(canvas, area, prompt, &format!("Sure? · {called}"));
    for line in &asked {
        lines.say(canvas, line, Meaning::Text);
    }
    lines.take(1);
    let theme = canvas.theme;
    let area = lines.take(1);
    if area.is_empty() {
        return;
    }
    canvas
        .pen(area, 0)
        .put("▸ Cancel ", theme[Meaning::TabActive])
        .skip(3)
        .put("y", theme[Meaning::Key])
        .put(" yes, do it", theme[Meaning::Danger]);
}
