//! Moving: in a list, a detail, the journal, an overlay, and from screen to screen.

use super::{leads, rows};
use crate::{
    console::{
        action::{Action, Context},
        app::{App, Overlay, Screen},
        leads::Leads,
        list::{Eyes, List, Step},
        msg::Effect,
        prompt::Target,
    },
    domain::queue::View,
};

/// Moves by an action of [`crate::console::action::Group::Move`].
pub(super) fn step(app: &mut App, action: Action) {
    let page = match app.context() {
        Context::Overlay => app.geometry.overlay.height,
        Context::Detail => app.geometry.detail.height,
        _ => app.geometry.list.height,
    };
    // One line of what was seen stays, as in every pager.
    let page = isize::try_from(page).unwrap_or(isize::MAX).saturating_sub(1).max(1);
    let step = match action {
        Action::Up => Step::By(-1),
        Action::HalfPageDown => Step::By((page / 2).max(1)),
        Action::HalfPageUp => Step::By(-(page / 2).max(1)),
        Action::PageDown => Step::By(page),
        Action::PageUp => Step::By(-page),
        Action::Top => Step::Top,
        Action::Bottom => Step::Bottom,
        _ => Step::By(1),
    };
    go(app, step);
}

fn go(app: &mut App, step: Step) {
    let height = app.list_height();
    match app.context() {
        Context::Overlay => overlay(app, step),
        Context::Detail => {
            let shown = usize::from(app.geometry.detail.height);
            let last = app.geometry.detail_lines.saturating_sub(shown);
            app.detail.scroll = moved(app.detail.scroll, step, last);
        }
        Context::Journal => app.journal.step(step, height),
        Context::List | Context::Prompt => {
            with_list(app, |list, leads| list.step(leads, step, height));
        }
    }
}

fn overlay(app: &mut App, step: Step) {
    let shown = usize::from(app.geometry.overlay.height);
    let last = app.geometry.overlay_lines.saturating_sub(shown);
    match &mut app.overlay {
        Some(Overlay::Help { scroll, .. } | Overlay::Why { scroll, .. }) => {
            *scroll = moved(*scroll, step, last);
        }
        Some(Overlay::Outbox { cursor }) => {
            *cursor = moved(*cursor, step, app.outbox.len().saturating_sub(1));
        }
        Some(Overlay::Call { .. }) | None => {}
    }
}

/// A place moved, from 0 to `last`.
pub(super) fn moved(place: usize, step: Step, last: usize) -> usize {
    match step {
        Step::By(by) => place.saturating_add_signed(by).min(last),
        Step::Top => 0,
        Step::Bottom => last,
    }
}

/// Does something with the list on the screen.
pub(super) fn with_list<T>(app: &mut App, act: impl FnOnce(&mut List, &Leads) -> T) -> Option<T> {
    let Screen::Queue(view) = app.screen else { return None };
    let list = app.lists.iter_mut().find(|list| list.view == view)?;
    Some(act(list, &app.leads))
}

/// Selects the next lead after this one is dealt with, or the one before where it is the last.
pub(super) fn move_on(app: &mut App) {
    let height = app.list_height();
    with_list(app, |list, leads| {
        let last = list.position().is_some_and(|place| place + 1 == list.len());
        list.step(leads, Step::By(if last { -1 } else { 1 }), height);
    });
}

/// Goes to a screen.
pub(super) fn show(app: &mut App, screen: Screen, out: &mut Vec<Effect>) {
    if app.screen == screen {
        return;
    }
    if Screen::TABS.iter().any(|(_, tab)| *tab == app.screen) {
        app.tab = app.screen;
    }
    app.screen = screen;
    app.detail.focused = false;
    app.overlay = None;
    match screen {
        Screen::Queue(view) => rows::build(app, view),
        Screen::Journal if app.journal.is_empty() => out.push(Effect::LoadJournal),
        Screen::Journal => {}
    }
}

/// Goes to the next tab, or the one before.
pub(super) fn turn(app: &mut App, by: isize, out: &mut Vec<Effect>) {
    let tabs = Screen::TABS.len();
    let here = Screen::TABS.iter().position(|(_, tab)| *tab == app.screen);
    let next = match here {
        Some(here) => here.wrapping_add_signed(by).wrapping_add(tabs) % tabs,
        None => 0,
    };
    show(app, Screen::TABS[next].1, out);
}

/// The screen that an action shows.
pub(super) fn screen_of(action: Action) -> Option<Screen> {
    Some(match action {
        Action::Overnight => Screen::Queue(View::Overnight),
        Action::Callbacks => Screen::Queue(View::Callbacks),
        Action::Mine => Screen::Queue(View::Mine),
        Action::Booked => Screen::Queue(View::Booked),
        Action::Answers => Screen::Queue(View::Answers),
        Action::Partnerships => Screen::Queue(View::Partnerships),
        Action::General => Screen::Queue(View::General),
        Action::All => Screen::Queue(View::All),
        Action::JournalScreen => Screen::Journal,
        _ => return None,
    })
}

/// One level back.
pub(super) fn back(app: &mut App, out: &mut Vec<Effect>) {
    if let Some(Overlay::Call { lead }) = app.overlay
        && leads::outcome_is_owed(app, Some(lead))
    {
        return leads::open_wrap_up(app, Target::One { lead, name: app.name_of(lead) });
    }
    if app.overlay.take().is_some() {
        return;
    }
    if app.detail.focused {
        app.detail.focused = false;
        return;
    }
    let eyes = Eyes::of(&app.me, app.now());
    if let Screen::Queue(view) = app.screen
        && let Some(list) = app.lists.iter_mut().find(|list| list.view == view)
        && list.filter().is_some()
    {
        list.set_filter(None, &app.leads, eyes);
        return;
    }
    if app.screen == Screen::Journal && !app.journal.filter().is_empty() {
        app.journal.set_filter("");
        return;
    }
    if !Screen::TABS.iter().any(|(_, tab)| *tab == app.screen) {
        show(app, app.tab, out);
    }
}
