//! The cleaning itself: one pass, and no allocation for the plain text that most people write.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use super::escape::Escapes;
use super::glyphs::{Glyph, glyph, is_joiner, joiner_works, takes_selector};

/// Marks kept on one character. Real writing needs four at most (Vietnamese two, pointed Hebrew
/// four); more is "Zalgo" that climbs over the lines above.
const MARKS_PER_CHARACTER: u8 = 4;

/// Joiners kept in one emoji; the longest in use (a family of four) has three.
const JOINERS_PER_EMOJI: u8 = 7;

/// One line of stranger's text: a name, a company, a subject.
///
/// Control characters and whole escape sequences, reorderings of direction, invisible and
/// unassigned characters are gone; every run of white space is one space; the ends are trimmed.
/// No more than `max_chars` characters (code points) come back, cut between graphemes with `…`.
/// Clean ASCII is borrowed.
pub fn clean_line(text: &str, max_chars: usize) -> Cow<'_, str> {
    clean(text, max_chars, false)
}

/// Several lines of a stranger's text: a summary, a note.
///
/// As [`clean_line`], but line breaks stay, with at most one empty line between two others.
pub fn clean_text(text: &str, max_chars: usize) -> Cow<'_, str> {
    clean(text, max_chars, true)
}

fn clean(text: &str, max_chars: usize, lines: bool) -> Cow<'_, str> {
    if text.len() <= max_chars && is_plain(text.as_bytes(), lines) {
        return Cow::Borrowed(text);
    }
    let mut cleaner = Cleaner::new(text.len().min(max_chars.saturating_mul(4)), lines);
    let mut escapes = Escapes::default();
    let mut at = 0;
    // One character past the limit is enough to know that there is more, and where it may be cut.
    while at < text.len() && cleaner.chars <= max_chars {
        let rest = &text[at..];
        let skip = escapes.sequence_len(rest);
        if skip > 0 {
            at += skip;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        at += c.len_utf8();
        cleaner.take(c, rest[c.len_utf8()..].starts_with('\n'));
    }
    let chars = cleaner.chars;
    let mut cleaned = cleaner.out;
    if chars > max_chars {
        cut(&mut cleaned, max_chars);
    }
    Cow::Owned(cleaned)
}

/// Whether nothing in these bytes would change: printable ASCII, single spaces, no space at an end
/// or beside a line break, no more than one empty line.
fn is_plain(bytes: &[u8], lines: bool) -> bool {
    // What came before the first byte counts as a break, so that leading space is seen.
    let mut breaks = 2;
    let mut space = false;
    for &byte in bytes {
        match byte {
            b'!'..=b'~' => {
                breaks = 0;
                space = false;
            }
            b' ' if breaks == 0 && !space => space = true,
            b'\n' if lines && breaks < 2 && !space => breaks += 1,
            _ => return false,
        }
    }
    bytes.is_empty() || (breaks == 0 && !space)
}

/// White space that is owed before the next visible character.
#[derive(Clone, Copy, PartialEq)]
enum Gap {
    None,
    Space,
    Lines(u8),
}

struct Cleaner {
    out: String,
    chars: usize,
    lines: bool,
    gap: Gap,
    /// The last character written, for what depends on its neighbour.
    last: char,
    /// A joiner seen since, not yet known to join.
    joiner: Option<char>,
    marks: u8,
    joiners: u8,
}

impl Cleaner {
    fn new(capacity: usize, lines: bool) -> Cleaner {
        Cleaner {
            out: String::with_capacity(capacity),
            chars: 0,
            lines,
            gap: Gap::None,
            last: ' ',
            joiner: None,
            marks: 0,
            joiners: 0,
        }
    }

    fn take(&mut self, c: char, before_line_feed: bool) {
        match glyph(c) {
            Glyph::Visible => self.visible(c),
            Glyph::Mark => self.mark(c),
            Glyph::Joiner => self.joiner = Some(c),
            Glyph::Selector => self.selector(c),
            Glyph::Space => self.widen(Gap::Space),
            // CR LF is one line break.
            Glyph::Newline if c == '\r' && before_line_feed => {}
            Glyph::Newline if self.lines => self.widen(Gap::Lines(1)),
            Glyph::Newline => self.widen(Gap::Space),
            Glyph::Unwanted => {}
        }
    }

    fn widen(&mut self, by: Gap) {
        self.joiner = None;
        self.gap = match (self.gap, by) {
            (Gap::Lines(n), Gap::Lines(_)) => Gap::Lines(n.saturating_add(1).min(2)),
            (Gap::Lines(n), _) => Gap::Lines(n),
            (_, by) => by,
        };
    }

    fn visible(&mut self, c: char) {
        self.close_gap();
        if !self.write_joiner(c) {
            self.joiners = 0;
        }
        self.write(c);
        self.marks = 0;
    }

    fn mark(&mut self, c: char) {
        // A mark with nothing to sit on would decorate the frame around the text.
        if self.out.is_empty() || self.gap != Gap::None || self.marks >= MARKS_PER_CHARACTER {
            return;
        }
        self.write_joiner(c);
        self.write(c);
        self.marks += 1;
    }

    fn selector(&mut self, c: char) {
        if self.gap == Gap::None && self.joiner.is_none() && takes_selector(self.last) {
            self.write(c);
        }
    }

    fn close_gap(&mut self) {
        let gap = std::mem::replace(&mut self.gap, Gap::None);
        if self.out.is_empty() {
            return;
        }
        match gap {
            Gap::None => {}
            Gap::Space => self.write(' '),
            Gap::Lines(n) => (0..n).for_each(|_| self.write('\n')),
        }
    }

    /// Writes the joiner that is waiting, if it has work between the last character and `next`.
    fn write_joiner(&mut self, next: char) -> bool {
        let Some(joiner) = self.joiner.take() else { return false };
        let works = self.joiners < JOINERS_PER_EMOJI && joiner_works(self.last, joiner, next);
        if works {
            self.write(joiner);
            self.joiners += 1;
        }
        works
    }

    fn write(&mut self, c: char) {
        self.out.push(c);
        self.chars += 1;
        self.last = c;
    }
}

/// Shortens to `max_chars` code points, `…` included, never inside a grapheme.
fn cut(text: &mut String, max_chars: usize) {
    let Some(room) = max_chars.checked_sub(1) else { return text.clear() };
    let mut chars = 0;
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        chars += grapheme.chars().count();
        if chars > room {
            break;
        }
        end = at + grapheme.len();
    }
    text.truncate(end);
    // A joiner at the end joins nothing.
    let kept = text.trim_end_matches(|c: char| c.is_whitespace() || is_joiner(c)).len();
    text.truncate(kept);
    text.push('…');
}
