//! A screen as a picture: the README's are drawn from the real buffer.
//!
//! Frames, blocks and bars are drawn as shapes, so that they join in every viewer; text is placed by column, so that it stands
//! straight in any monospaced font.

use std::fmt::Write as _;

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

use super::{
    theme::{Meaning, Theme, colour},
    width,
};

/// Size of one cell, in the picture's units.
const WIDE: f32 = 8.4;
const HIGH: f32 = 18.0;
const FONT: f32 = 14.0;
/// Air around the screen.
const MARGIN: f32 = 12.0;
/// Where letters stand in a cell, from its top.
const BASELINE: f32 = 13.4;

/// The picture of a screen. A theme that leaves colours to the terminal is drawn light on dark.
pub fn to_svg(buffer: &Buffer, theme: &Theme) -> String {
    let mut picture = Picture::new(buffer, theme);
    picture.open();
    for y in 0..buffer.area.height {
        picture.grounds(y);
    }
    for y in 0..buffer.area.height {
        picture.letters(y);
    }
    picture.svg.push_str("</svg>\n");
    picture.svg
}

struct Picture<'a> {
    buffer: &'a Buffer,
    ink: [u8; 3],
    paper: [u8; 3],
    svg: String,
}

/// What is seen of a cell.
#[derive(Clone, Copy, PartialEq)]
struct Look {
    ink: [u8; 3],
    paper: [u8; 3],
    bold: bool,
    italic: bool,
    underline: bool,
    dim: bool,
}

impl<'a> Picture<'a> {
    fn new(buffer: &'a Buffer, theme: &Theme) -> Picture<'a> {
        let paper = theme[Meaning::Background].bg.and_then(colour::rgb).unwrap_or([17, 20, 27]);
        let ink = theme[Meaning::Text].fg.and_then(colour::rgb).unwrap_or([216, 221, 233]);
        Picture { buffer, ink, paper, svg: String::new() }
    }

    fn open(&mut self) {
        let wide = f32::from(self.buffer.area.width) * WIDE + 2.0 * MARGIN;
        let high = f32::from(self.buffer.area.height) * HIGH + 2.0 * MARGIN;
        let (ink, paper) = (hex(self.ink), hex(self.paper));
        let _ = write!(
            self.svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide:.1} {high:.1}\" width=\"{wide:.1}\" \
             height=\"{high:.1}\" fill=\"{ink}\" font-size=\"{FONT}\" xml:space=\"preserve\" font-family=\"'JetBrains Mono', \
             'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" \
             fill=\"{paper}\"/>\n"
        );
    }

    fn cell(&self, x: u16, y: u16) -> &'a Cell {
        &self.buffer[(self.buffer.area.x + x, self.buffer.area.y + y)]
    }

    fn look(&self, cell: &Cell) -> Look {
        let colour = |colour: Color, else_: [u8; 3]| colour::rgb(colour).unwrap_or(else_);
        let (mut ink, mut paper) = (colour(cell.fg, self.ink), colour(cell.bg, self.paper));
        let has = |modifier| cell.modifier.contains(modifier);
        if has(Modifier::REVERSED) {
            std::mem::swap(&mut ink, &mut paper);
        }
        Look {
            ink,
            paper,
            bold: has(Modifier::BOLD),
            italic: has(Modifier::ITALIC),
            underline: has(Modifier::UNDERLINED),
            dim: has(Modifier::DIM),
        }
    }

    /// The coloured grounds of a line, one rectangle for each run.
    fn grounds(&mut self, y: u16) {
        let wide = self.buffer.area.width;
        let mut start = 0;
        while start < wide {
            let paper = self.look(self.cell(start, y)).paper;
            let same = |x: &u16| self.look(self.cell(*x, y)).paper == paper;
            let end = (start + 1..wide).take_while(same).last().map_or(start + 1, |last| last + 1);
            if paper != self.paper {
                self.rect(start, y, [0.0, 0.0, f32::from(end - start), 1.0], paper);
            }
            start = end;
        }
    }

    /// A rectangle in parts of a cell: left, top, width, height.
    fn rect(&mut self, x: u16, y: u16, [left, top, wide, high]: [f32; 4], fill: [u8; 3]) {
        let (x, y) = (MARGIN + (f32::from(x) + left) * WIDE, MARGIN + (f32::from(y) + top) * HIGH);
        let _ = writeln!(
            self.svg,
            "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{:.2}\" height=\"{:.2}\" fill=\"{}\"/>",
            wide * WIDE,
            high * HIGH,
            hex(fill)
        );
    }

    /// What stands on a line: shapes one by one, letters in runs of one look.
    fn letters(&mut self, y: u16) {
        let wide = self.buffer.area.width;
        let mut x = 0;
        while x < wide {
            let cell = self.cell(x, y);
            let look = self.look(cell);
            if self.shape(x, y, cell.symbol(), look.ink) || cell.symbol() == " " {
                x += 1;
                continue;
            }
            let start = x;
            let mut text = String::new();
            let mut columns = 0u16;
            while x < wide {
                let cell = self.cell(x, y);
                if self.look(cell) != look || is_shape(cell.symbol()) {
                    break;
                }
                // Two blanks end a run: columns behind them start exactly where they should.
                if cell.symbol() == " " && (x + 1 == wide || self.cell(x + 1, y).symbol() == " ") {
                    break;
                }
                text.push_str(cell.symbol());
                let own = u16::try_from(width::columns(cell.symbol())).unwrap_or(1).max(1);
                columns += own;
                x += own;
                if own > 1 {
                    break;
                }
            }
            self.text(start, y, &text, columns, look);
            x = x.max(start + 1);
        }
    }

    fn text(&mut self, x: u16, y: u16, text: &str, columns: u16, look: Look) {
        if text.trim().is_empty() {
            return;
        }
        let (left, base) = (MARGIN + f32::from(x) * WIDE, MARGIN + f32::from(y) * HIGH + BASELINE);
        let _ = write!(self.svg, "<text x=\"{left:.2}\" y=\"{base:.2}\"");
        let _ = write!(self.svg, " textLength=\"{:.2}\"", f32::from(columns) * WIDE);
        self.svg.push_str(" lengthAdjust=\"spacingAndGlyphs\"");
        if look.ink != self.ink {
            let _ = write!(self.svg, " fill=\"{}\"", hex(look.ink));
        }
        for (on, attribute) in [
            (look.bold, " font-weight=\"bold\""),
            (look.italic, " font-style=\"italic\""),
            (look.underline, " text-decoration=\"underline\""),
            (look.dim, " opacity=\"0.6\""),
        ] {
            if on {
                self.svg.push_str(attribute);
            }
        }
        let _ = writeln!(self.svg, ">{}</text>", escape(text));
    }

    /// Draws what joins its neighbours; `false` for a letter.
    fn shape(&mut self, x: u16, y: u16, symbol: &str, ink: [u8; 3]) -> bool {
        if let Some(part) = block(symbol) {
            self.rect(x, y, part, ink);
            return true;
        }
        let Some(path) = frame(symbol) else { return false };
        let (left, top) = (MARGIN + f32::from(x) * WIDE, MARGIN + f32::from(y) * HIGH);
        let heavy = if symbol == "┃" { 3.0 } else { 1.2 };
        let _ = writeln!(
            self.svg,
            "<path transform=\"translate({left:.2} {top:.2})\" d=\"{path}\" fill=\"none\" stroke=\"{}\" \
             stroke-width=\"{heavy}\"/>",
            hex(ink)
        );
        true
    }
}

fn is_shape(symbol: &str) -> bool {
    block(symbol).is_some() || frame(symbol).is_some()
}

/// Blocks, in parts of a cell: left, top, width, height.
fn block(symbol: &str) -> Option<[f32; 4]> {
    Some(match symbol {
        "█" => [0.0, 0.0, 1.0, 1.0],
        "▀" => [0.0, 0.0, 1.0, 0.5],
        "▄" => [0.0, 0.5, 1.0, 0.5],
        "▌" => [0.0, 0.0, 0.5, 1.0],
        "▐" => [0.5, 0.0, 0.5, 1.0],
        _ => return None,
    })
}

/// Lines of frames, in the picture's units from the cell's corner.
fn frame(symbol: &str) -> Option<&'static str> {
    // Half of a cell is 4.2 by 9.
    Some(match symbol {
        "─" => "M0 9H8.4",
        "│" | "┃" => "M4.2 0V18",
        "╭" => "M4.2 18V13Q4.2 9 8.4 9",
        "╮" => "M0 9Q4.2 9 4.2 13V18",
        "╰" => "M4.2 0V5Q4.2 9 8.4 9",
        "╯" => "M0 9Q4.2 9 4.2 5V0",
        "├" => "M4.2 0V18M4.2 9H8.4",
        "┤" => "M4.2 0V18M0 9H4.2",
        "┬" => "M0 9H8.4M4.2 9V18",
        "┴" => "M0 9H8.4M4.2 0V9",
        "┼" => "M0 9H8.4M4.2 0V18",
        _ => return None,
    })
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Text between tags. What XML cannot hold is left out.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for found in text.chars() {
        match found {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {}
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use ratatui::{layout::Rect, style::Style};

    use super::*;

    fn picture(text: &str, style: Style) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 24, 1));
        buffer.set_string(0, 0, text, style);
        to_svg(&buffer, &Theme::standard())
    }

    #[test]
    fn a_strangers_name_is_text_and_never_a_tag() {
        let svg = picture("<script>&\"'", Style::new());
        assert!(svg.contains(">&lt;script&gt;&amp;&quot;'</text>"), "{svg}");
        assert_eq!(escape("a\u{1b}\0\u{ffff}b"), "ab");
    }

    #[test]
    fn colours_and_weights_are_those_of_the_cells() {
        let svg = picture(
            "past due",
            Style::new().fg(Color::Rgb(1, 2, 3)).bg(Color::Rgb(255, 0, 0)).bold(),
        );
        assert!(svg.contains("fill=\"#ff0000\"/>"), "{svg}");
        assert!(svg.contains("fill=\"#010203\" font-weight=\"bold\">past due<"), "{svg}");
        let svg = picture("x", Style::new().fg(Color::Rgb(1, 2, 3)).reversed());
        assert!(
            svg.contains(
                "<rect x=\"12.00\" y=\"12.00\" width=\"8.40\" height=\"18.00\" fill=\"#010203\"/>"
            ),
            "{svg}"
        );
    }

    #[test]
    fn frames_are_shapes_and_columns_start_where_they_should() {
        let svg = picture("╭─╮ name  wants", Style::new());
        assert_eq!(svg.matches("<path").count(), 3, "{svg}");
        assert!(svg.contains("x=\"45.60\" y=\"25.40\" textLength=\"33.60\""), "{svg}");
        assert!(svg.contains("x=\"96.00\""), "{svg}");
    }

    #[test]
    fn a_wide_letter_takes_two_columns_and_the_next_follows_it() {
        let svg = picture("王小", Style::new());
        assert!(svg.contains("x=\"12.00\" y=\"25.40\" textLength=\"16.80\""), "{svg}");
        assert!(svg.contains("x=\"28.80\" y=\"25.40\""), "{svg}");
    }
}
