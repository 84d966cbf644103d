//! A terminal that keeps columns straight where it and we disagree on how wide a character is.
//!
//! Unicode leaves the width of some scripts' signs open, and terminals differ. Cells that follow one another on a line are usually
//! sent without saying where they belong; behind a character that a terminal may take for wider or narrower, the next one is sent
//! to its place. That costs a few bytes, on the lines of such names only.

use std::io::{self, Write};

use ratatui::{
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};

/// [`CrosstermBackend`], steadied.
#[derive(Debug)]
pub struct SteadyBackend<W: Write> {
    inner: CrosstermBackend<W>,
}

impl<W: Write> SteadyBackend<W> {
    pub fn new(writer: W) -> SteadyBackend<W> {
        SteadyBackend { inner: CrosstermBackend::new(writer) }
    }
}

/// The writer itself, for what is not drawn: a title, the bell, the clipboard.
impl<W: Write> Write for SteadyBackend<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(&mut self.inner, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut self.inner)
    }
}

/// Whether every terminal moves on by as many columns as we do.
fn is_agreed(symbol: &str) -> bool {
    let mut letters = symbol.chars();
    let alone = |letter: char| {
        matches!(letter,
            // Latin, Greek, Cyrillic: up to the first combining mark, and behind the last.
            ' '..='~' | '\u{A0}'..='\u{2FF}' | '\u{370}'..='\u{482}' | '\u{48A}'..='\u{52F}'
            // Dashes and quotes; arrows; frames, blocks and the shapes that we use; check marks.
            | '\u{2010}'..='\u{2027}' | '\u{2190}'..='\u{2193}' | '\u{2500}'..='\u{25FC}' | '\u{2605}' | '\u{270E}'
            | '\u{2713}'..='\u{2718}')
    };
    letters.next().is_some_and(alone) && letters.next().is_none()
}

impl<W: Write> Backend for SteadyBackend<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        // One call draws what may follow without a word; each call says where it begins.
        let cells: Vec<_> = content.collect();
        let mut start = 0;
        for (at, (x, y, cell)) in cells.iter().enumerate() {
            let adjacent = cells
                .get(at + 1)
                .is_some_and(|(next_x, next_y, _)| (*next_x, *next_y) == (x + 1, *y));
            if adjacent && !is_agreed(cell.symbol()) {
                self.inner.draw(cells[start..=at].iter().copied())?;
                start = at + 1;
            }
        }
        self.inner.draw(cells[start..].iter().copied())
    }

    fn append_lines(&mut self, lines: u16) -> io::Result<()> {
        self.inner.append_lines(lines)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.inner.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.inner.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests {
    use ratatui::{buffer::Buffer, layout::Rect, style::Style};

    use super::*;

    fn sent(text: &str) -> String {
        let blank = Buffer::empty(Rect::new(0, 0, 12, 1));
        let mut buffer = blank.clone();
        buffer.set_string(0, 0, text, Style::new());
        let mut bytes = Vec::new();
        let mut backend = SteadyBackend::new(&mut bytes);
        backend.draw(blank.diff_iter(&buffer)).expect("drawn");
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn what_all_terminals_agree_on_is_sent_in_one_go() {
        for text in ["│SiânMüller│", "▌B▲£££", "Ωμέγα", "Жанна", "…"] {
            assert!(sent(text).contains(text), "{text}: {:?}", sent(text));
        }
    }

    #[test]
    fn behind_a_sign_of_open_width_the_next_is_sent_to_its_place() {
        // A vowel sign that some terminals give a column of its own.
        let bytes = sent("தா|");
        assert!(bytes.contains("\u{1b}[1;2H|"), "{bytes:?}");
        let bytes = sent("e\u{301}|");
        assert!(bytes.contains("\u{1b}[1;2H|"), "{bytes:?}");
    }
}
