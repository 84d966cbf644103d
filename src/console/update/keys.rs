//! A key becomes an action, and an action is carried out.

use crossterm::event::KeyEvent;

use super::{leads, moves, prompts, quit, rows};
use crate::{
    console::{
        action::{Action, Group},
        app::{App, Overlay, Screen, Weight},
        find,
        keymap::Press,
        line::Line,
        msg::Effect,
        prompt::{Prompt, PromptKind},
    },
    domain::queue::View,
};

pub(super) fn key(app: &mut App, event: &KeyEvent, out: &mut Vec<Effect>) {
    let Some(press) = Press::of(event) else { return };
    if app.prompt.is_some() {
        return prompts::key(app, event, out);
    }
    if let Some(action) = app.options.keymap.action(press, app.context()) {
        act(app, action, out);
    }
}

/// Carries an action out, whichever way it was asked for.
pub(super) fn act(app: &mut App, action: Action, out: &mut Vec<Effect>) {
    if let Some(why) = refused(app, action) {
        return app.toast(Weight::Warning, why);
    }
    if let Some(screen) = moves::screen_of(action) {
        return moves::show(app, screen, out);
    }
    match action {
        Action::Open => app.detail.focused = true,
        Action::Back => moves::back(app, out),
        Action::NextScreen => moves::turn(app, 1, out),
        Action::PreviousScreen => moves::turn(app, -1, out),
        Action::Find | Action::FindNext | Action::FindPrevious | Action::Filter | Action::Pin => {
            look(app, action);
        }
        Action::Help => {
            app.overlay = match app.overlay {
                Some(Overlay::Help { .. }) => None,
                _ => Some(Overlay::Help { of: app.screen_context(), scroll: 0 }),
            };
        }
        Action::Palette => open_palette(app),
        _ if action.group() == Group::Lead => leads::act(app, action, out),
        _ if action.group() == Group::Move => moves::step(app, action),
        _ => console(app, action, out),
    }
}

/// Why an action cannot be done by this person or in this console at all.
pub(super) fn refused(app: &App, action: Action) -> Option<&'static str> {
    if app.options.readonly && action.writes() {
        return Some("This console only looks on (--readonly)");
    }
    if action.is_for_supervisors() && !app.is_supervisor() {
        return Some("Only a supervisor may do that");
    }
    None
}

fn look(app: &mut App, action: Action) {
    match action {
        Action::Find => {
            let origin = match app.screen {
                Screen::Journal => app.journal.position(),
                Screen::Queue(_) => app.list().and_then(|list| list.position()).unwrap_or(0),
            };
            open(app, PromptKind::Find { line: Line::default(), origin, hit: true });
        }
        Action::FindNext => find_again(app, true),
        Action::FindPrevious => find_again(app, false),
        Action::Filter => {
            let typed = match app.screen {
                Screen::Journal => app.journal.filter().to_owned(),
                Screen::Queue(_) => app
                    .list()
                    .and_then(|list| list.filter())
                    .map(|filter| filter.text.clone())
                    .unwrap_or_default(),
            };
            if let Screen::Queue(view) = app.screen {
                rows::unpin(app, view);
            }
            open(app, PromptKind::Filter { line: Line::holding(&typed) });
        }
        _ => pin(app),
    }
}

fn pin(app: &mut App) {
    let Screen::Queue(view) = app.screen else { return };
    if app.list().is_some_and(|list| list.is_pinned()) {
        rows::unpin(app, view);
        app.toast(Weight::Info, "The order moves again");
    } else {
        moves::with_list(app, |list, _| list.pin());
        app.toast(Weight::Info, "The order is pinned: what comes is counted, not shown");
    }
}

fn find_again(app: &mut App, forward: bool) {
    if app.needle.is_empty() {
        return app.toast(Weight::Info, "Nothing to find yet: / starts");
    }
    let height = app.list_height();
    let place = match app.screen {
        Screen::Journal => prompts::find_entry(app, &app.needle, app.journal.position(), forward),
        Screen::Queue(_) => app.list().and_then(|list| {
            let here = list.position().unwrap_or(0);
            if forward {
                find::first(&app.needle, list.round(&app.leads, here + 1))
            } else {
                find::first(&app.needle, list.round(&app.leads, here).rev())
            }
        }),
    };
    match place {
        None => app.toast(Weight::Info, format!("Nothing here fits “{}”", app.needle)),
        Some(place) if app.screen == Screen::Journal => app.journal.go(place, height),
        Some(place) => select_place(app, place),
    }
}

/// Selects the row at a place.
pub(super) fn select_place(app: &mut App, place: usize) {
    let height = app.list_height();
    moves::with_list(app, |list, leads| {
        if let Some(id) = list.at(leads, place).map(|row| row.id) {
            list.select(leads, id, height);
        }
    });
}

fn open_palette(app: &mut App) {
    let found = palette_found(app, "");
    open(app, PromptKind::Palette { line: Line::default(), found, cursor: 0 });
}

/// What the palette shows for what was typed.
pub(super) fn palette_found(app: &App, typed: &str) -> Vec<crate::console::prompt::Found> {
    find::actions(typed, |action| refused(app, action))
}

pub(super) fn open(app: &mut App, kind: PromptKind) {
    app.prompt = Some(Prompt::new(kind));
}

fn console(app: &mut App, action: Action, out: &mut Vec<Effect>) {
    match action {
        Action::Outbox => app.overlay = Some(Overlay::Outbox { cursor: 0 }),
        Action::Retry => {
            out.push(Effect::Reconnect);
            if app.outbox.iter().any(|kept| kept.refused.is_some()) {
                out.push(Effect::RetryKept);
            }
        }
        Action::Dismiss => dismiss(app, out),
        Action::Theme if !app.options.themes.is_empty() => {
            app.theme = (app.theme + 1) % app.options.themes.len();
            app.toast(Weight::Info, format!("Theme: {}", app.theme_name()));
        }
        Action::Mute => {
            app.muted = !app.muted;
            let said = if app.muted {
                "Bell and desktop notices are off"
            } else {
                "Bell and desktop notices are on"
            };
            app.toast(Weight::Info, said);
        }
        Action::Mouse => {
            app.mouse = !app.mouse;
            out.push(Effect::Mouse(app.mouse));
            let said = if app.mouse {
                "The mouse is ours again"
            } else {
                "The mouse is the terminal's: select and copy"
            };
            app.toast(Weight::Info, said);
        }
        Action::Redraw => out.push(Effect::Redraw),
        Action::Quit => quit(app, out),
        _ => {}
    }
}

fn dismiss(app: &mut App, out: &mut Vec<Effect>) {
    let Some(Overlay::Outbox { cursor }) = app.overlay else {
        return app.toasts.clear();
    };
    match app.outbox.get(cursor) {
        Some(kept) if kept.refused.is_some() => out.push(Effect::Drop { key: kept.key }),
        Some(_) => app.toast(Weight::Info, "It waits for the line: u takes it back"),
        None => {}
    }
}

/// The views whose lists exist from the start.
pub(super) const FIRST: [View; 3] = [View::Overnight, View::Callbacks, View::Mine];
