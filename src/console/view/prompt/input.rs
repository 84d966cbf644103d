//! A line of text being typed, over one or more lines of the screen, and where its cursor stands.

use ratatui::layout::{Position, Rect};

use crate::console::{line::Line, theme::Meaning, view::Canvas, width};

/// Draws a label and what has been typed. The lines around the cursor are shown where not all fit.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    label: &str,
    line: &Line,
) -> Option<Position> {
    if area.is_empty() {
        return None;
    }
    let theme = canvas.theme;
    canvas.pen(area, 0).put(label, theme[Meaning::Muted]);
    let indent = u16::try_from(width::columns(label)).unwrap_or(0).min(area.width - 1);
    let text = Rect { x: area.x + indent, width: area.width - indent, ..area };
    let rows = Rows::of(line, usize::from(text.width));
    // One line shows what fits before the cursor, several show whole rows.
    let high = usize::from(text.height);
    let first = (rows.cursor_row + 1).saturating_sub(high);
    for (at, row) in rows.rows.iter().skip(first).take(high).enumerate() {
        canvas.pen(text, at as u16).put(row, theme[Meaning::Input]);
    }
    if first > 0 {
        canvas.pen(Rect { x: text.x.saturating_sub(1), width: 1, ..text }, 0).put("…", theme[Meaning::Muted]);
    }
    Some(Position {
        x: text.x + (rows.cursor_column as u16).min(text.width - 1),
        y: text.y + (rows.cursor_row - first) as u16,
    })
}

/// Typed text in rows of a width.
struct Rows {
    rows: Vec<String>,
    cursor_row: usize,
    cursor_column: usize,
}

impl Rows {
    fn of(line: &Line, wide: usize) -> Rows {
        let (before, after) = line.text().split_at(line.cursor());
        let mut rows = Rows { rows: vec![String::new()], cursor_row: 0, cursor_column: 0 };
        let mut used = 0;
        for (part, is_before) in [(before, true), (after, false)] {
            for (cell, columns) in width::cells(&width::clean(part)) {
                if used + columns > wide && used > 0 {
                    rows.rows.push(String::new());
                    used = 0;
                }
                if let Some(row) = rows.rows.last_mut() {
                    row.push_str(cell);
                }
                used += columns;
            }
            if is_before {
                // A cursor behind a full row stands at the start of the next.
                if used >= wide {
                    rows.rows.push(String::new());
                    used = 0;
                }
                rows.cursor_row = rows.rows.len() - 1;
                rows.cursor_column = used;
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, left: usize, wide: usize) -> (Vec<String>, (usize, usize)) {
        let mut line = Line::holding(text);
        for _ in 0..left {
            line.left();
        }
        let rows = Rows::of(&line, wide);
        (rows.rows, (rows.cursor_row, rows.cursor_column))
    }

    #[test]
    fn the_cursor_stands_where_the_next_letter_will() {
        assert_eq!(rows("abc", 0, 10), (vec!["abc".into()], (0, 3)));
        assert_eq!(rows("abc", 2, 10), (vec!["abc".into()], (0, 1)));
        assert_eq!(rows("abcd", 0, 4), (vec!["abcd".into(), String::new()], (1, 0)));
        assert_eq!(rows("王小明", 1, 4), (vec!["王小".into(), "明".into()], (1, 0)));
        assert_eq!(rows("", 0, 4), (vec![String::new()], (0, 0)));
    }
}
