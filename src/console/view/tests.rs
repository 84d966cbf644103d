//! Every screen and prompt as it is seen, at four sizes.

mod hostile;
mod scene;
mod screens;

use ratatui::{buffer::Buffer, style::Style};

use crate::console::{
    theme::{Meaning, Theme},
    width,
};

/// The sizes that must work (design: 40×12 still shows the list, 80×24 is fully usable, 120 shows both, 200 uses the room).
const SIZES: [(u16, u16); 4] = [(40, 12), (80, 24), (120, 36), (200, 50)];

/// A drawn buffer as text, one line a row. What a wide character hides is left out.
fn text(buf: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buf.area.width {
            let symbol = buf[(x, y)].symbol();
            line.push_str(symbol);
            x += width::columns(symbol).max(1) as u16;
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// How many cells look like what: a change of colour is seen in a snapshot, and named by its meaning.
fn digest(buf: &Buffer, theme: &Theme) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for cell in &buf.content {
        let name = look(cell.style(), theme);
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    counts.sort();
    let counts: Vec<String> =
        counts.into_iter().map(|(name, count)| format!("{name} {count}")).collect();
    counts.join("\n")
}

/// The meanings that look like a cell, on what it lies on.
fn look(seen: Style, theme: &Theme) -> String {
    let selected = theme[Meaning::Selected];
    let grounds = [
        ("", theme.base()),
        ("popup: ", theme.popup()),
        ("selected: ", theme.base().patch(selected)),
        ("selected popup: ", theme.popup().patch(selected)),
    ];
    for (ground, beneath) in grounds {
        let names: Vec<&str> = Meaning::ALL
            .iter()
            .filter(|meaning| !meaning.is_surface())
            .filter(|meaning| {
                let style = beneath.patch(theme[**meaning]);
                // A selected row's own colour covers the meaning's, a chip's ground covers the row's.
                let style = if ground.starts_with("selected") && theme[**meaning].bg.is_none() {
                    style.patch(selected)
                } else {
                    style
                };
                same(style, seen)
            })
            .map(|meaning| meaning.as_str())
            .collect();
        if !names.is_empty() {
            return format!("{ground}{}", names.join("/"));
        }
    }
    format!("{:?} on {:?} {:?}", seen.fg, seen.bg, seen.add_modifier)
}

fn same(a: Style, b: Style) -> bool {
    let plain = |colour: Option<ratatui::style::Color>| colour.unwrap_or_default();
    plain(a.fg) == plain(b.fg) && plain(a.bg) == plain(b.bg) && a.add_modifier == b.add_modifier
}
