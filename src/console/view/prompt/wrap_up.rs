//! The wrap-up bar: one digit an outcome, a time for a callback, an optional note.

use ratatui::layout::Rect;

use super::Lines;
use crate::{
    console::{
        prompt::{Field, Prompt, WrapUp},
        theme::Meaning,
        view::{Canvas, layout::Panes},
    },
    domain::outcome::{Effect, Outcome},
};

pub(super) fn draw(canvas: &mut Canvas<'_>, panes: &Panes, prompt: &Prompt, bar: &WrapUp) {
    let wide = panes.footer.width.saturating_sub(4);
    let rows = flow(wide);
    let timed = bar.chosen.is_some_and(|outcome| outcome.effect() == Effect::ScheduleAtWish);
    let typed = if bar.chosen.is_none() { 0 } else { 1 + 2 * u16::from(timed) };
    let title = format!("What came of it? · {}", bar.target.called());
    let lines = u16::try_from(rows.len()).unwrap_or(9);
    let mut lines = Lines::open(canvas, panes, prompt, &title, lines + typed);
    for row in rows {
        let area = lines.take(1);
        choices(canvas, area, &row, bar);
    }
    if timed {
        lines.when(canvas, &bar.when, bar.field == Field::When);
    }
    if bar.chosen.is_some() {
        if bar.field == Field::Note {
            lines.typed(canvas, "note  ", &bar.note, 1);
        } else {
            lines.resting(canvas, "note  ", &bar.note);
        }
    }
}

/// The outcomes with their digits, over as many lines as they need.
fn flow(wide: u16) -> Vec<Vec<(usize, Outcome)>> {
    let mut rows = vec![Vec::new()];
    let mut used = 0;
    for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
        let own = own_width(outcome);
        if used + own > usize::from(wide) && used > 0 {
            rows.push(Vec::new());
            used = 0;
        }
        if let Some(row) = rows.last_mut() {
            row.push((index + 1, outcome));
        }
        used += own;
    }
    rows
}

/// ` 1 connected `, and a space.
fn own_width(outcome: Outcome) -> usize {
    outcome.in_words().len() + 5
}

fn choices(canvas: &mut Canvas<'_>, area: Rect, row: &[(usize, Outcome)], bar: &WrapUp) {
    if area.is_empty() {
        return;
    }
    let theme = canvas.theme;
    let mut pen = canvas.pen(area, 0);
    for (digit, outcome) in row {
        let chosen = bar.chosen == Some(*outcome);
        let meaning = match outcome.effect() {
            Effect::Suppress => Meaning::Danger,
            _ => Meaning::Text,
        };
        let digit = digit.to_string();
        if chosen {
            pen.put("▸", theme[Meaning::TabActive]);
            pen.put(&digit, theme[Meaning::TabActive]).put(" ", theme[Meaning::TabActive]);
            pen.put(outcome.in_words(), theme[Meaning::TabActive]);
            pen.put(" ", theme[Meaning::TabActive]).skip(1);
        } else {
            pen.skip(1).put(&digit, theme[Meaning::Key]).skip(1);
            pen.put(outcome.in_words(), theme[meaning]).skip(2);
        }
    }
}
