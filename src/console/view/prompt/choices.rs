//! Things to choose from: the palette, the copy menu, the people a lead can be given to.

use ratatui::layout::Rect;

use super::Lines;
use crate::console::{
    line::Line,
    prompt::{CopyChoice, Found, Person, Prompt},
    theme::Meaning,
    view::{
        Canvas,
        layout::{self, Panes},
        paint, words,
    },
    width,
};

/// The most lines of a list that lies over the screen.
const LONGEST: u16 = 16;

/// The places that a list of `len` shows in `high` lines, so that the cursor is among them.
fn window(len: usize, cursor: usize, high: u16) -> std::ops::Range<usize> {
    let high = usize::from(high);
    let first = (cursor + 1).saturating_sub(high).min(len.saturating_sub(high));
    first..(first + high).min(len)
}

/// Draws a list in what is left of a prompt, each line by `one`.
fn list<T>(
    canvas: &mut Canvas<'_>,
    lines: &mut Lines,
    items: &[T],
    cursor: usize,
    one: impl Fn(&mut Canvas<'_>, Rect, &T),
) {
    let theme = canvas.theme;
    for place in window(items.len(), cursor, lines.area.height) {
        let row = lines.take(1);
        let mark = if place == cursor { "▌" } else { " " };
        canvas.pen(row, 0).put(mark, theme[Meaning::BorderActive]);
        one(
            canvas,
            Rect { x: row.x + 2, width: row.width.saturating_sub(2), ..row },
            &items[place],
        );
        if place == cursor {
            paint::select(canvas.buf, row, theme.popup(), theme);
        }
    }
}

/// A box over the upper middle of the screen.
fn over(panes: &Panes, wide: u16, lines: usize, prompt: &Prompt) -> Rect {
    let space = layout::between(panes);
    let extra = u16::from(prompt.told.is_some()) + u16::from(prompt.fault.is_some());
    let high = u16::try_from(lines).unwrap_or(LONGEST).min(LONGEST) + extra + 2;
    let centred = paint::centred(space, wide, high);
    Rect { y: space.y + (centred.y - space.y) / 2, ..centred }
}

/// Any action by its name: what matched, its sentence, its key.
pub(super) fn palette(
    canvas: &mut Canvas<'_>,
    panes: &Panes,
    prompt: &Prompt,
    (line, found, cursor): (&Line, &[Found], usize),
) {
    let area = over(panes, 88, usize::from(LONGEST), prompt);
    let mut lines = Lines::framed(canvas, area, prompt, "Command");
    lines.typed(canvas, ": ", line, 1);
    if found.is_empty() {
        return lines.say(canvas, "No action is called that.", Meaning::Muted);
    }
    list(canvas, &mut lines, found, cursor, palette_line);
}

fn palette_line(canvas: &mut Canvas<'_>, area: Rect, found: &Found) {
    let (app, theme) = (canvas.app, canvas.theme);
    let keys = app.options.keymap.keys_of(found.action).join(" ");
    let able = found.refused.is_none();
    let name = theme[if able { Meaning::Text } else { Meaning::Muted }];
    let mut pen = canvas.pen(area, 0);
    pen.flush_right(&format!(" {keys}"), theme[if able { Meaning::Key } else { Meaning::Muted }]);
    let start = pen.x();
    for (at, letter) in (0..).zip(found.action.name().chars()) {
        let style = if found.matched.contains(&at) { theme[Meaning::Match] } else { name };
        pen.put(letter.encode_utf8(&mut [0; 4]), style);
    }
    let sentence = found.refused.unwrap_or(found.action.sentence());
    let meaning = if able { Meaning::Muted } else { Meaning::Warning };
    let used = pen.x() - start;
    pen.skip(18u16.saturating_sub(used).max(1)).put(sentence, theme[meaning]);
}

/// What of a lead can be copied, each with its key and what it would be.
pub(super) fn copy(
    canvas: &mut Canvas<'_>,
    panes: &Panes,
    prompt: &Prompt,
    (called, choices, cursor): (&str, &[CopyChoice], usize),
) {
    let title = format!("Copy · {called}");
    let count = u16::try_from(choices.len()).unwrap_or(LONGEST).max(1);
    let mut lines = Lines::open(canvas, panes, prompt, &title, count);
    list(canvas, &mut lines, choices, cursor, |canvas, area, choice| {
        let theme = canvas.theme;
        let key = choice.key.to_string();
        let preview = choice.text.lines().next().unwrap_or_default();
        canvas
            .pen(area, 0)
            .put(&key, theme[Meaning::Key])
            .skip(2)
            .column(choice.what, 10, theme[Meaning::Text])
            .skip(1)
            .put(preview, theme[Meaning::Muted]);
    });
}

/// Who can be given a lead: whether they are there, and how much they have.
pub(super) fn reassign(
    canvas: &mut Canvas<'_>,
    panes: &Panes,
    prompt: &Prompt,
    (called, line, people, cursor): (&str, &Line, &[Person], usize),
) {
    let area = over(panes, 64, people.len().max(1) + 1, prompt);
    let mut lines = Lines::framed(canvas, area, prompt, &format!("Give to whom? · {called}"));
    lines.typed(canvas, "", line, 1);
    if people.is_empty() {
        return lines.say(canvas, "Nobody is called that.", Meaning::Muted);
    }
    list(canvas, &mut lines, people, cursor, |canvas, area, person| {
        let theme = canvas.theme;
        let (symbol, word, meaning) = if person.present {
            ("●", "here", Meaning::Live)
        } else {
            ("○", "away", Meaning::Muted)
        };
        let load = format!("{} ", words::count(person.open_leads as usize, "lead", "leads"));
        let name = width::truncate(&person.name, 40);
        canvas
            .pen(area, 0)
            .flush_right(&load, theme[Meaning::Muted])
            .put(symbol, theme[meaning])
            .skip(1)
            .column(word, 5, theme[meaning])
            .put(&name, theme[Meaning::Text]);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_always_in_the_window() {
        for len in 1..40 {
            for cursor in 0..len {
                for high in 1..10 {
                    let window = window(len, cursor, high);
                    assert!(window.contains(&cursor), "{len} {cursor} {high}");
                    assert_eq!(window.len(), len.min(usize::from(high)));
                }
            }
        }
    }
}
