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
        canvas
            .pen(Rect { x: text.x.saturating_sub(1), width: 1, ..text }, 0)
            .put("…", theme[Meaning::Muted]);
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
    /// Breaks behind spaces where there are any. A cursor behind a full row stands at the start of the next.
    fn of(line: &Line, wide: usize) -> Rows {
        let (before, after) = line.text().split_at(line.cursor());
        let (before, after) = (width::clean(before), width::clean(after));
        let cursor = width::cells(&before).count();
        let cells: Vec<(&str, usize)> = width::cells(&before).chain(width::cells(&after)).collect();
        let mut rows = Rows { rows: Vec::new(), cursor_row: 0, cursor_column: 0 };
        let mut start = 0;
        loop {
            let end = row_end(&cells, start, wide);
            if cursor >= start {
                rows.cursor_row = rows.rows.len();
                rows.cursor_column = cells[start..cursor.min(end)].iter().map(|cell| cell.1).sum();
            }
            rows.rows.push(cells[start..end].iter().map(|cell| cell.0).collect());
            start = end;
            if start == cells.len() {
                break;
            }
        }
        if rows.cursor_column >= wide {
            (rows.cursor_row, rows.cursor_column) = (rows.cursor_row + 1, 0);
            if rows.cursor_row == rows.rows.len() {
                rows.rows.push(String::new());
            }
        }
        rows
    }
}

/// Where the row that starts at a cell ends.
fn row_end(cells: &[(&str, usize)], start: usize, wide: usize) -> usize {
    let mut used = 0;
    for (at, (_, columns)) in cells.iter().enumerate().skip(start) {
        used += columns;
        if used > wide && at > start {
            let space = cells[start..=at].iter().rposition(|cell| cell.0 == " ");
            // A space that does not fit hangs over the edge.
            return space.map_or(at, |space| start + space + 1);
        }
    }
    cells.len()
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
        let (text, cursor) = rows("one two three", 0, 9);
        assert_eq!((text, cursor), (vec!["one two ".into(), "three".into()], (1, 5)));
        let (text, cursor) = rows("abcd efgh", 5, 4);
        assert_eq!((text, cursor), (vec!["abcd ".into(), "efgh".into()], (1, 0)));
    }
}
