//! What the console looks like: functions from the state to a frame, and nothing else. One file holds one screen or widget.
//!
//! Nothing here waits, asks the clock or changes the state. What a view learns that keys and mouse need (where the rows are, how
//! long the detail is) it hands back as [`Geometry`].

mod detail;
mod due;
mod footer;
mod header;
mod journal;
pub mod layout;
mod overlay;
mod page;
mod paint;
mod prompt;
mod queue;

mod status;
mod story;
mod words;

#[cfg(test)]
mod tests;

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Position, Rect},
};

use super::{
    app::{App, Geometry, Screen},
    theme::Theme,
};

/// What a frame said of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    pub geometry: Geometry,
    /// Where the terminal's cursor belongs: in what is being typed.
    pub cursor: Option<Position>,
}

/// Draws the state on a terminal's frame.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: &Theme) -> Geometry {
    let drawn = draw_on(frame.buffer_mut(), app, theme);
    if let Some(cursor) = drawn.cursor {
        frame.set_cursor_position(cursor);
    }
    drawn.geometry
}

/// Draws the state over the whole of a buffer.
pub fn draw_on(buf: &mut Buffer, app: &App, theme: &Theme) -> Drawn {
    let area = buf.area;
    let mut canvas = Canvas { buf, app, theme, drawn: Drawn::default() };
    paint::ground(canvas.buf, area, theme.base());
    if area.width == 0 || area.height == 0 {
        return canvas.drawn;
    }
    let panes = layout::panes(area, app.detail.focused);
    header::draw(&mut canvas, panes.header);
    match app.screen {
        Screen::Queue(_) => queue::draw(&mut canvas, panes.list),
        Screen::Journal => journal::draw(&mut canvas, panes.list),
    }
    detail::draw(&mut canvas, &panes);
    status::draw(&mut canvas, panes.status);
    footer::draw(&mut canvas, &panes);
    overlay::draw(&mut canvas, layout::between(&panes));
    prompt::draw(&mut canvas, &panes);
    canvas.drawn
}

/// What every view is given.
struct Canvas<'a> {
    buf: &'a mut Buffer,
    app: &'a App,
    theme: &'a Theme,
    drawn: Drawn,
}

impl<'a> Canvas<'a> {
    /// A pen at the left end of a line.
    fn pen(&mut self, area: Rect, row: u16) -> paint::Pen<'_> {
        paint::Pen::new(self.buf, area, row)
    }
}
