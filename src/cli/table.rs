//! A table for people: columns as wide as their widest cell, no lines. Cells hold what strangers wrote, so they are cleaned
//! before they reach the terminal.

use unicode_width::UnicodeWidthStr;

use super::{failure::Failure, output};
use crate::domain::text::clean_line;

/// No cell is wider than this many characters; the last column is not cut.
const CELL_MAX: usize = 48;

/// Rows under headings.
#[derive(Debug)]
pub(super) struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    pub(super) fn new(headings: [&str; COLUMNS]) -> Self {
        Table { rows: vec![headings.map(str::to_owned)] }
    }

    pub(super) fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells.map(|cell| match clean_line(&cell, CELL_MAX).as_ref() {
            "" => "–".into(),
            clean => clean.into(),
        }));
    }

    pub(super) fn print(&self) -> Result<(), Failure> {
        self.lines().into_iter().try_for_each(output::line)
    }

    fn lines(&self) -> Vec<String> {
        let width = |column: usize| {
            self.rows.iter().map(|row| row[column].as_str().width()).max().unwrap_or(0)
        };
        let widths: [usize; COLUMNS] = std::array::from_fn(width);
        self.rows.iter().map(|row| padded(row, &widths)).collect()
    }
}

fn padded(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str(cell);
        let missing = width.saturating_sub(cell.as_str().width());
        line.extend(std::iter::repeat_n(' ', missing + 2));
    }
    line.trim_end().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stay_straight_under_wide_letters_and_hostile_names() {
        let mut table = Table::new(["NAME", "TIER"]);
        table.row(["Zoë".into(), "B".into()]);
        table.row(["花子".into(), "C".into()]);
        table.row(["\u{1b}[31mMallory\u{202e}\r\n".into(), "D".into()]);
        table.row([String::new(), "A".into()]);
        assert_eq!(
            table.lines(),
            ["NAME     TIER", "Zoë      B", "花子     C", "Mallory  D", "–        A"]
        );
    }
}
