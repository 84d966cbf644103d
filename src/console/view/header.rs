//! The first line: the screens with their counts, the line to the server, the time.

use ratatui::layout::Rect;

use super::{Canvas, paint::Pen, words};
use crate::{
    console::{
        action::Action,
        app::{App, LinkShown, Screen},
        theme::Meaning,
        width,
    },
    domain::queue::View,
};

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let (app, theme) = (canvas.app, canvas.theme);
    let (link, meaning) = link(app);
    let mut pen = canvas.pen(area, 0);
    // From the right: what must never be missing comes first, and the rest where there is room for it.
    if area.width >= 100 {
        pen.flush_right(" ", theme.base());
        pen.flush_right(&words::date(app.now(), &app.tz), theme[Meaning::Muted]);
        pen.flush_right("  ", theme.base());
    }
    let clock = if area.width >= 60 {
        words::clock(app.now(), &app.tz)
    } else {
        words::time(app.now(), &app.tz)
    };
    pen.flush_right(&format!("{clock} "), theme[Meaning::Text]);
    pen.flush_right(&format!(" {link}  "), theme[meaning]);
    let mut flag = |on: bool, word: &str, meaning: Meaning| {
        if on && area.width >= 80 {
            pen.flush_right(&format!(" {word} "), theme[meaning]);
        }
    };
    flag(app.options.readonly, "read only", Meaning::Warning);
    flag(app.muted, "muted", Meaning::Muted);
    if area.width >= 72 {
        pen.put(" ringback ", theme[Meaning::Title]);
    }
    let placed = tabs(&mut pen, app, theme);
    let row = |(x, wide, screen)| (Rect { x, width: wide, ..area }, screen);
    canvas.drawn.geometry.tabs = placed.into_iter().map(row).collect();
}

/// What is said of the line to the server: a symbol and a word, and since when.
fn link(app: &App) -> (String, Meaning) {
    match app.link_shown() {
        LinkShown::Live => ("● LIVE".into(), Meaning::Live),
        LinkShown::Connecting => ("◌ CONNECTING".into(), Meaning::Reconnecting),
        LinkShown::Reconnecting(seconds) => {
            (format!("◌ RECONNECTING {seconds} s"), Meaning::Reconnecting)
        }
        LinkShown::Stale(None) => ("○ NO DATABASE".into(), Meaning::Offline),
        LinkShown::Stale(Some(at)) => {
            let moment = words::moment_of(at, app.now(), &app.tz);
            (format!("○ NO DATABASE as of {moment}"), Meaning::Offline)
        }
        LinkShown::Offline(None) => ("○ OFFLINE".into(), Meaning::Offline),
        LinkShown::Offline(Some(at)) => {
            let moment = words::moment_of(at, app.now(), &app.tz);
            (format!("○ OFFLINE as of {moment}"), Meaning::Offline)
        }
    }
}

/// Draws the tabs that fit, the shown one always; where each is.
fn tabs(
    pen: &mut Pen<'_>,
    app: &App,
    theme: &crate::console::theme::Theme,
) -> Vec<(u16, u16, Screen)> {
    let mut screens: Vec<Screen> = Screen::TABS.iter().map(|(_, screen)| *screen).collect();
    if !screens.contains(&app.screen) {
        screens.push(app.screen);
    }
    let labels: Vec<(Screen, String)> =
        screens.into_iter().map(|screen| (screen, label(app, screen))).collect();
    let wide = |label: &str| u16::try_from(width::columns(label)).unwrap_or(u16::MAX);
    let all: u16 = labels.iter().fold(0, |sum, (_, label)| sum.saturating_add(wide(label)));
    let crowded = all > pen.room();
    let mut placed = Vec::new();
    for (screen, label) in labels {
        let shown = screen == app.screen;
        // On a narrow screen only the shown one keeps its name; the others keep their key and count.
        let label = if crowded && !shown { brief(app, screen) } else { label };
        let wanted = wide(&label);
        if wanted > pen.room() && !shown {
            continue;
        }
        let x = pen.x();
        pen.put(&label, theme[if shown { Meaning::TabActive } else { Meaning::Tab }]);
        placed.push((x, pen.x() - x, screen));
    }
    placed
}

fn key(app: &App, screen: Screen) -> String {
    let action = match screen {
        Screen::Queue(View::Overnight) => Action::Overnight,
        Screen::Queue(View::Callbacks) => Action::Callbacks,
        Screen::Queue(View::Mine) => Action::Mine,
        Screen::Queue(View::Booked) => Action::Booked,
        Screen::Queue(View::Answers) => Action::Answers,
        Screen::Queue(View::Partnerships) => Action::Partnerships,
        Screen::Queue(View::General) => Action::General,
        Screen::Queue(View::All) => Action::All,
        Screen::Journal => Action::JournalScreen,
    };
    app.options.keymap.keys_of(action).into_iter().next().unwrap_or_default()
}

fn total(app: &App, screen: Screen) -> Option<usize> {
    match screen {
        Screen::Queue(view) => {
            let total = app.total(view);
            (app.loaded || total > 0).then_some(total)
        }
        Screen::Journal => None,
    }
}

/// ` 1 Overnight 12 `.
fn label(app: &App, screen: Screen) -> String {
    let mut label = format!(" {}", key(app, screen));
    if label.len() > 1 {
        label.push(' ');
    }
    label.push_str(screen.title());
    if let Some(total) = total(app, screen) {
        label.push_str(&format!(" {total}"));
    }
    label.push(' ');
    label
}

/// ` 1·12`.
fn brief(app: &App, screen: Screen) -> String {
    match total(app, screen) {
        Some(total) => format!(" {}·{total}", key(app, screen)),
        None => format!(" {}", key(app, screen)),
    }
}
