//! One line of text being typed. Moves by what a reader sees as one character.

use unicode_segmentation::UnicodeSegmentation;

/// Longest text that is taken, in bytes: a note of the contract is far shorter than a body's 64 KiB.
const LONGEST: usize = 8_000;

/// A line and its cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    text: String,
    /// In bytes, always between two characters.
    cursor: usize,
}

impl Line {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the cursor stands, in bytes of the text.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// A line that holds `text`, its cursor at the end.
    pub fn holding(text: &str) -> Line {
        let mut line = Line::default();
        line.insert(text);
        line
    }

    /// Inserts text at the cursor. Line breaks and tabs become spaces and other control characters go: a paste never
    /// ends the line.
    pub fn insert(&mut self, text: &str) {
        let mut clean = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\r' | '\n' | '\t' => {
                    if !clean.ends_with(' ') {
                        clean.push(' ');
                    }
                }
                c if c.is_control() => {}
                c => clean.push(c),
            }
        }
        let mut room = LONGEST.saturating_sub(self.text.len()).min(clean.len());
        while !clean.is_char_boundary(room) {
            room -= 1;
        }
        clean.truncate(room);
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
        self.settle();
    }

    pub fn left(&mut self) {
        self.cursor = self.before();
    }

    pub fn right(&mut self) {
        self.cursor = self.after();
    }

    pub fn word_left(&mut self) {
        self.cursor = self.word_start();
    }

    pub fn word_right(&mut self) {
        let rest = &self.text[self.cursor..];
        let word = rest.trim_start().find(char::is_whitespace);
        let skipped = rest.len() - rest.trim_start().len();
        self.cursor += word.map_or(rest.len(), |end| skipped + end);
    }

    pub fn home(&mut self) {
        self.cursor = 0;
    }

    pub fn end(&mut self) {
        self.cursor = self.text.len();
    }

    /// Deletes the character before the cursor; `false` where there is none.
    pub fn backspace(&mut self) -> bool {
        let from = self.before();
        self.cut(from, self.cursor)
    }

    /// Deletes the character under the cursor.
    pub fn delete(&mut self) -> bool {
        let to = self.after();
        self.cut(self.cursor, to)
    }

    /// Deletes back to the start of the word.
    pub fn delete_word(&mut self) -> bool {
        let from = self.word_start();
        self.cut(from, self.cursor)
    }

    /// Deletes back to the start of the line.
    pub fn delete_to_start(&mut self) -> bool {
        self.cut(0, self.cursor)
    }

    /// Deletes to the end of the line.
    pub fn delete_to_end(&mut self) -> bool {
        self.cut(self.cursor, self.text.len())
    }

    fn cut(&mut self, from: usize, to: usize) -> bool {
        self.text.replace_range(from..to, "");
        self.cursor = from;
        self.settle();
        from != to
    }

    fn before(&self) -> usize {
        let last = self.text[..self.cursor].grapheme_indices(true).next_back();
        last.map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let next = self.text[self.cursor..].graphemes(true).next();
        self.cursor + next.map_or(0, str::len)
    }

    fn word_start(&self) -> usize {
        let before = self.text[..self.cursor].trim_end();
        before
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8))
    }

    /// Deleting between two characters can join what is left of them: the cursor steps behind the joint one.
    fn settle(&mut self) {
        let at = self.cursor;
        let inside = self
            .text
            .grapheme_indices(true)
            .find(|(start, grapheme)| *start < at && at < start + grapheme.len());
        if let Some((start, grapheme)) = inside {
            self.cursor = start + grapheme.len();
        }
    }
}
