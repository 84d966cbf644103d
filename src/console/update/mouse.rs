//! The mouse: it selects and scrolls, and never dials, claims or confirms.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::{keys, moves};
use crate::console::{
    app::{App, Screen},
    list::Step,
    msg::Effect,
};

/// Lines that one notch of the wheel moves.
const NOTCH: isize = 3;

pub(super) fn mouse(app: &mut App, event: MouseEvent, out: &mut Vec<Effect>) {
    if app.prompt.is_some() {
        return;
    }
    let at = Position { x: event.column, y: event.row };
    match event.kind {
        MouseEventKind::ScrollDown => wheel(app, at, NOTCH),
        MouseEventKind::ScrollUp => wheel(app, at, -NOTCH),
        MouseEventKind::Down(MouseButton::Left) => click(app, at, out),
        // Moving the mouse changes nothing: no frame for it.
        _ => {}
    }
}

fn wheel(app: &mut App, at: Position, by: isize) {
    let height = app.list_height();
    if app.overlay.is_some() {
        return scroll_overlay(app, by);
    }
    if app.geometry.detail.contains(at) {
        let last = app.geometry.detail_lines.saturating_sub(app.geometry.detail.height.into());
        app.detail.scroll = moves::moved(app.detail.scroll, Step::By(by), last);
        return;
    }
    match app.screen {
        Screen::Journal => app.journal.scroll(by, height),
        Screen::Queue(_) => {
            moves::with_list(app, |list, leads| list.scroll(leads, by, height));
        }
    }
}

fn scroll_overlay(app: &mut App, by: isize) {
    use crate::console::app::Overlay;
    let last = app.geometry.overlay_lines.saturating_sub(app.geometry.overlay.height.into());
    if let Some(Overlay::Help { scroll, .. } | Overlay::Why { scroll, .. }) = &mut app.overlay {
        *scroll = moves::moved(*scroll, Step::By(by), last);
    }
}

fn click(app: &mut App, at: Position, out: &mut Vec<Effect>) {
    let tab = app.geometry.tabs.iter().find(|(area, _)| area.contains(at)).map(|(_, tab)| *tab);
    if let Some(screen) = tab {
        return moves::show(app, screen, out);
    }
    if app.overlay.is_some() {
        return;
    }
    if app.geometry.list.contains(at) {
        let place = app.geometry.first + usize::from(at.y - app.geometry.list.y);
        let height = app.list_height();
        app.detail.focused = false;
        match app.screen {
            Screen::Journal => {
                app.journal.go(place.min(app.journal.len().saturating_sub(1)), height)
            }
            Screen::Queue(_) => keys::select_place(app, place),
        }
    } else if app.geometry.detail.contains(at) {
        app.detail.focused = true;
    }
}
