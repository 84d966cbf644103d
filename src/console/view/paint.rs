//! Putting text and frames on a buffer. Whatever is put is made safe first, cut with `…` where it does not fit, and never
//! leaves its line: columns stay straight whatever strangers call themselves.

use ratatui::{
    buffer::{Buffer, Cell},
    layout::Rect,
    style::Style,
};

use crate::console::{
    theme::{Meaning, Theme},
    width,
};

/// Writes along one line, from left to right.
pub(super) struct Pen<'b> {
    buf: &'b mut Buffer,
    x: u16,
    y: u16,
    /// The first column that is out of bounds.
    end: u16,
}

impl<'b> Pen<'b> {
    /// A pen at the left end of a line of `area`; `row` counts from its top. Out of the area it writes nothing.
    pub(super) fn new(buf: &'b mut Buffer, area: Rect, row: u16) -> Pen<'b> {
        let inside = area.intersection(buf.area);
        let y = area.y.saturating_add(row);
        let end = if y < inside.bottom() { inside.right() } else { area.x };
        Pen { buf, x: area.x, y, end }
    }

    /// Columns that are left.
    pub(super) fn room(&self) -> u16 {
        self.end.saturating_sub(self.x)
    }

    /// The column that comes next.
    pub(super) fn x(&self) -> u16 {
        self.x
    }

    /// Moves on without writing.
    pub(super) fn skip(&mut self, columns: u16) -> &mut Self {
        self.x = self.x.saturating_add(columns).min(self.end);
        self
    }

    /// Writes text, cut where the line ends.
    pub(super) fn put(&mut self, text: &str, style: Style) -> &mut Self {
        let room = self.room();
        self.put_within(text, room, style);
        self
    }

    /// Writes text into a column of exactly `wide`.
    pub(super) fn column(&mut self, text: &str, wide: u16, style: Style) -> &mut Self {
        let wide = wide.min(self.room());
        let start = self.x;
        self.put_within(text, wide, style);
        self.x = start + wide;
        self
    }

    /// Writes text at the right end of a column of exactly `wide`.
    pub(super) fn column_right(&mut self, text: &str, wide: u16, style: Style) -> &mut Self {
        let wide = wide.min(self.room());
        let start = self.x;
        let used = u16::try_from(width::columns(text)).unwrap_or(u16::MAX).min(wide);
        self.x = start + (wide - used);
        self.put_within(text, used, style);
        self.x = start + wide;
        self
    }

    /// Writes text at the right end of the line, which ends before it from now on; nothing where it does not fit.
    pub(super) fn flush_right(&mut self, text: &str, style: Style) -> &mut Self {
        let used = u16::try_from(width::columns(text)).unwrap_or(u16::MAX);
        if used <= self.room() {
            let back = self.x;
            self.x = self.end - used;
            self.put_within(text, used, style);
            self.end = (self.end - used).max(back);
            self.x = back;
        }
        self
    }

    fn put_within(&mut self, text: &str, most: u16, style: Style) {
        if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            self.put_ascii(text, most, style);
            return;
        }
        let fits = width::truncate(text, usize::from(most));
        for (cell, wide) in width::cells(&fits) {
            self.put_cell(cell, wide, style);
        }
    }

    fn put_ascii(&mut self, text: &str, most: u16, style: Style) {
        let most = usize::from(most);
        if text.len() <= most {
            for at in 0..text.len() {
                self.put_cell(&text[at..=at], 1, style);
            }
        } else if most > 0 {
            let kept = text[..most - 1].trim_end();
            for at in 0..kept.len() {
                self.put_cell(&kept[at..=at], 1, style);
            }
            self.put_cell(width::ELLIPSIS, 1, style);
        }
    }

    fn put_cell(&mut self, cell: &str, wide: usize, style: Style) {
        let wide = wide as u16;
        if wide == 0 || self.x + wide > self.end {
            return;
        }
        self.buf[(self.x, self.y)].set_symbol(cell).set_style(style);
        for hidden in 1..wide {
            // Hidden under the wide character; keeps its colours, so that whoever follows draws on the same ground.
            self.buf[(self.x + hidden, self.y)].set_symbol(" ").set_style(style);
        }
        self.x += wide;
    }
}

/// One line made of parts.
pub(super) type Parts<'t> = [(&'t str, Style)];

/// Empties an area and gives it a ground.
pub(super) fn ground(buf: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buf.area);
    let mut empty = Cell::EMPTY;
    empty.set_style(style);
    for y in area.top()..area.bottom() {
        // A wide character that began left of the area would reach into it.
        if area.left() > buf.area.left() {
            let before = &mut buf[(area.left() - 1, y)];
            if width::columns(before.symbol()) > 1 {
                before.set_symbol(" ");
            }
        }
        for x in area.left()..area.right() {
            buf[(x, y)].clone_from(&empty);
        }
    }
}

/// Draws a frame with round corners and its title; what is inside of it. Areas that are too small have no frame.
pub(super) fn frame(
    buf: &mut Buffer,
    area: Rect,
    title: &Parts<'_>,
    theme: &Theme,
    active: bool,
) -> Rect {
    let area = area.intersection(buf.area);
    if area.width < 4 || area.height < 3 {
        return area;
    }
    let style = theme[if active { Meaning::BorderActive } else { Meaning::Border }];
    let (left, right) = (area.left(), area.right() - 1);
    let (top, bottom) = (area.top(), area.bottom() - 1);
    for x in left + 1..right {
        buf[(x, top)].set_symbol("─").set_style(style);
        buf[(x, bottom)].set_symbol("─").set_style(style);
    }
    for y in top + 1..bottom {
        buf[(left, y)].set_symbol("│").set_style(style);
        buf[(right, y)].set_symbol("│").set_style(style);
    }
    for (x, y, corner) in
        [(left, top, "╭"), (right, top, "╮"), (left, bottom, "╰"), (right, bottom, "╯")]
    {
        buf[(x, y)].set_symbol(corner).set_style(style);
    }
    if !title.is_empty() {
        let mut pen = Pen::new(buf, Rect { x: left + 1, width: area.width - 2, ..area }, 0);
        pen.put(" ", style);
        // The corner and one line of the frame stay.
        pen.end = pen.end.saturating_sub(2);
        for (text, style) in title {
            pen.put(text, *style);
        }
        pen.end += 1;
        pen.put(" ", style);
    }
    Rect { x: left + 1, y: top + 1, width: area.width - 2, height: area.height - 2 }
}

/// Shows on a frame's right side which part of `total` lines is seen; nothing where all are.
pub(super) fn scrollbar(
    buf: &mut Buffer,
    frame: Rect,
    first: usize,
    seen: usize,
    total: usize,
    style: Style,
) {
    let frame = frame.intersection(buf.area);
    if total <= seen || frame.height < 3 || frame.width == 0 {
        return;
    }
    let track = usize::from(frame.height - 2);
    let thumb = (track * seen / total).clamp(1, track);
    let rest = track - thumb;
    let last = total - seen;
    let start = (first.min(last) * rest + last / 2) / last;
    for at in 0..thumb {
        // `track` came from a u16.
        let y = frame.y + 1 + (start + at) as u16;
        buf[(frame.right() - 1, y)].set_symbol("┃").set_style(style);
    }
}

/// A rectangle of a size in the middle of another, as far as it fits.
pub(super) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// Gives the row under the cursor its ground, without taking the colours of what has a ground of its own.
pub(super) fn select(buf: &mut Buffer, row: Rect, base: Style, theme: &Theme) {
    let selected = theme[Meaning::Selected];
    let row = row.intersection(buf.area);
    for y in row.top()..row.bottom() {
        for x in row.left()..row.right() {
            let cell = &mut buf[(x, y)];
            if base.bg.is_none_or(|bg| cell.bg == bg) {
                cell.set_style(selected);
            } else {
                cell.modifier |= selected.add_modifier;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(buf: &Buffer, y: u16) -> String {
        (0..buf.area.width).map(|x| buf[(x, y)].symbol()).collect()
    }

    #[test]
    fn columns_are_as_wide_as_asked_whatever_stands_in_them() {
        for name in
            ["Alex", "王小明王小明", "👩‍💻👩‍💻👩‍💻👩‍💻", "e\u{301}\u{302}", "a very long name indeed", ""]
        {
            let mut buf = Buffer::empty(Rect::new(0, 0, 20, 1));
            let area = buf.area;
            let mut pen = Pen::new(&mut buf, area, 0);
            pen.column(name, 8, Style::new()).put("|", Style::new());
            pen.column_right(name, 8, Style::new()).put("|", Style::new());
            assert_eq!(buf[(8, 0)].symbol(), "|", "{name}: {:?}", row(&buf, 0));
            assert_eq!(buf[(17, 0)].symbol(), "|", "{name}: {:?}", row(&buf, 0));
        }
    }

    #[test]
    fn a_pen_outside_of_the_buffer_writes_nothing() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 4, 2));
        let blank = buf.clone();
        for area in [Rect::new(0, 5, 4, 1), Rect::new(9, 0, 4, 1), Rect::new(0, 0, 0, 1)] {
            Pen::new(&mut buf, area, 0).put("hello", Style::new()).column("x", 3, Style::new());
        }
        Pen::new(&mut buf, Rect::new(0, 0, 4, 2), 2).put("hello", Style::new());
        assert_eq!(buf, blank);
        Pen::new(&mut buf, Rect::new(2, 1, 9, 1), 0).put("hello", Style::new());
        assert_eq!(row(&buf, 1), "  h…");
    }

    #[test]
    fn a_frame_keeps_its_corners_under_a_long_title() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 12, 3));
        let area = buf.area;
        let title = [("Llanfairpwllgwyngyll", Style::new())];
        let inside = frame(&mut buf, area, &title, &Theme::standard(), false);
        assert_eq!(row(&buf, 0), "╭ Llanfa… ─╮");
        assert_eq!(row(&buf, 2), "╰──────────╯");
        assert_eq!(inside, Rect::new(1, 1, 10, 1));
    }

    #[test]
    fn the_scrollbar_is_at_the_top_first_and_at_the_bottom_last() {
        let thumb = |first| {
            let mut buf = Buffer::empty(Rect::new(0, 0, 1, 12));
            let area = buf.area;
            scrollbar(&mut buf, area, first, 10, 100, Style::new());
            let at: Vec<u16> = (0..12).filter(|y| buf[(0, *y)].symbol() == "┃").collect();
            at
        };
        assert_eq!(thumb(0), [1]);
        assert_eq!(thumb(90), [10]);
        assert_eq!(thumb(45), [6]);
    }
}
