//! Text in lines: what a detail, a help page or an explanation is made of. Lines are cut to a width once, then scrolled.

use std::borrow::Cow;

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::paint;
use crate::console::{
    theme::{Meaning, Theme},
    width,
};

/// One line: parts in their styles, and one that stands at its right end.
#[derive(Debug, Default)]
struct Line<'t> {
    parts: Vec<(Cow<'t, str>, Style)>,
    right: Option<(Cow<'t, str>, Style)>,
}

/// Lines of a width.
#[derive(Debug)]
pub(super) struct Page<'t> {
    pub(super) theme: &'t Theme,
    wide: usize,
    lines: Vec<Line<'t>>,
}

impl<'t> Page<'t> {
    pub(super) fn new(theme: &'t Theme, wide: u16) -> Page<'t> {
        Page { theme, wide: usize::from(wide), lines: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether two things stand well beside each other on one line.
    pub(super) fn is_wide(&self) -> bool {
        self.wide >= 70
    }

    /// An empty line, unless the page is empty or has just had one.
    pub(super) fn gap(&mut self) -> &mut Self {
        if self.lines.last().is_some_and(|line| !line.parts.is_empty()) {
            self.lines.push(Line::default());
        }
        self
    }

    /// A new line in one meaning, cut at the page's edge.
    pub(super) fn line(&mut self, text: impl Into<Cow<'t, str>>, meaning: Meaning) -> &mut Self {
        self.lines.push(Line::default());
        self.add(text, meaning)
    }

    /// More of the last line.
    pub(super) fn add(&mut self, text: impl Into<Cow<'t, str>>, meaning: Meaning) -> &mut Self {
        let style = self.theme[meaning];
        if let Some(line) = self.lines.last_mut() {
            line.parts.push((text.into(), style));
        }
        self
    }

    /// What stands at the right end of the last line; left out where it does not fit.
    pub(super) fn right(&mut self, text: impl Into<Cow<'t, str>>, meaning: Meaning) -> &mut Self {
        let style = self.theme[meaning];
        if let Some(line) = self.lines.last_mut() {
            line.right = Some((text.into(), style));
        }
        self
    }

    /// Text over as many lines as it needs, each after `indent` columns.
    pub(super) fn text(&mut self, text: &str, meaning: Meaning, indent: usize) -> &mut Self {
        for line in width::wrap(text, self.wide.saturating_sub(indent), usize::MAX - 1) {
            self.line(" ".repeat(indent), meaning).add(line, meaning);
        }
        self
    }

    /// A lead-in and text that hangs behind it.
    pub(super) fn hanging(
        &mut self,
        lead_in: impl Into<Cow<'t, str>>,
        lead_meaning: Meaning,
        text: &str,
        meaning: Meaning,
    ) -> &mut Self {
        let lead_in = lead_in.into();
        let indent = width::columns(&lead_in);
        // A lead-in that takes half of the page stands alone.
        if indent * 2 > self.wide {
            self.line(lead_in, lead_meaning);
            return self.text(text, meaning, 2);
        }
        let mut lines = width::wrap(text, self.wide.saturating_sub(indent), usize::MAX - 1);
        let first = if lines.is_empty() { String::new() } else { lines.remove(0) };
        self.line(lead_in, lead_meaning).add(first, meaning);
        for line in lines {
            self.line(" ".repeat(indent), meaning).add(line, meaning);
        }
        self
    }

    /// "── before ──────".
    pub(super) fn section(&mut self, title: &'t str) -> &mut Self {
        self.gap();
        let rest = self.wide.saturating_sub(width::columns(title) + 4);
        self.line("── ", Meaning::Border)
            .add(title, Meaning::Heading)
            .add(" ", Meaning::Border)
            .add("─".repeat(rest), Meaning::Border)
    }

    /// Draws the lines from `scroll` on; the scroll that was used, at most as far as the last line.
    pub(super) fn draw(&self, buf: &mut Buffer, area: Rect, scroll: usize) -> usize {
        let scroll = scroll.min(self.len().saturating_sub(usize::from(area.height)));
        for (row, line) in (0..area.height).zip(&self.lines[scroll..]) {
            let mut pen = paint::Pen::new(buf, area, row);
            if let Some((text, style)) = &line.right {
                let used: usize = line.parts.iter().map(|(text, _)| width::columns(text)).sum();
                if used + width::columns(text) < usize::from(area.width) {
                    pen.flush_right(text, *style);
                }
            }
            for (text, style) in &line.parts {
                pen.put(text, *style);
            }
        }
        scroll
    }
}
