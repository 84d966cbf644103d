//! The line above the footer: a message while there is one, else that we are offline, else how the Bs stand and what is due
//! next. It is always there on screens that are high enough, so that nothing moves when it speaks.

use jiff::Timestamp;
use ratatui::layout::Rect;

use super::{Canvas, due::Step, paint::Pen, queue::clock_start, words};
use crate::{
    console::{
        app::{App, Link, LinkShown, Toast, Weight},
        row::Row,
        theme::{Meaning, Theme},
        width,
    },
    domain::{queue::View, tier::Tier},
};

/// The most rows that are looked through for the gauge: Bs stand on top, and nobody has more of them.
const LOOKED_AT: usize = 500;
const BAR: usize = 10;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let (app, theme) = (canvas.app, canvas.theme);
    let mut pen = canvas.pen(area, 0);
    pen.put(" ", theme.base());
    if let Some(toast) = app.toasts.back() {
        message(&mut pen, app, theme, toast);
    } else if let LinkShown::Offline(_) | LinkShown::Stale(_) = app.link_shown() {
        offline(&mut pen, app, theme);
    } else {
        gauge(&mut pen, app, theme);
    }
}

/// The newest message: a symbol and colour for its weight, and how many more there are.
pub(super) fn message(pen: &mut Pen<'_>, app: &App, theme: &Theme, toast: &Toast) {
    let (symbol, meaning) = match toast.weight {
        Weight::Info => ("·", Meaning::Text),
        Weight::Good => ("✓", Meaning::Success),
        Weight::Warning => ("!", Meaning::Warning),
        Weight::Bad => ("✗", Meaning::Danger),
    };
    if app.toasts.len() > 1 {
        pen.flush_right(&format!(" +{} ", app.toasts.len() - 1), theme[Meaning::Muted]);
    }
    pen.put(symbol, theme[meaning]).put(" ", theme.base()).put(&toast.text, theme[meaning]);
}

/// "offline since 09:20 · read only · notes and outcomes are kept and go out when the line is back".
fn offline(pen: &mut Pen<'_>, app: &App, theme: &Theme) {
    let stale = matches!(app.link_shown(), LinkShown::Stale(_));
    let mut said = if stale { "○ the server's database is away" } else { "○ offline" }.to_owned();
    let since = match &app.link {
        Link::Down { since, .. } | Link::Refused { since, .. } | Link::Connecting { since } => {
            // Told by our clock; shown by the server's, like everything else.
            since.checked_add(app.skew).unwrap_or(*since)
        }
        Link::Live { since } => *since,
    };
    said.push_str(" since ");
    words::moment(&mut said, since, app.now(), &app.tz);
    pen.put(&said, theme[Meaning::Offline]);
    match &app.link {
        Link::Refused { why, .. } => {
            pen.put(" · ", theme[Meaning::Muted]).put(why, theme[Meaning::Danger]);
        }
        _ => {
            pen.put(" · read only", theme[Meaning::Warning]);
        }
    }
    let waiting = app.outbox.len();
    let kept = match waiting {
        0 => " · notes and outcomes are kept until the line is back".to_owned(),
        _ => format!(" · {} for the line", words::count(waiting, "write waits", "writes wait")),
    };
    pen.put(&kept, theme[Meaning::Muted]);
    if let Link::Down { why, .. } = &app.link {
        pen.put(&format!(" · {why}"), theme[Meaning::Muted]);
    }
}

/// How the open Bs stand, and the clock that runs out next: what can be told from the rows at hand.
fn gauge(pen: &mut Pen<'_>, app: &App, theme: &Theme) {
    let urgent = Urgent::among(app);
    let gap = if pen.room() < 100 { "  ·  " } else { "    ·    " };
    let between = (gap, theme[Meaning::Muted]);
    let mut first = true;
    if urgent.open > 0 {
        let filled = (BAR * urgent.held).div_ceil(urgent.open).min(BAR);
        pen.put("B claimed ", theme[Meaning::Muted])
            .put(&format!("{}/{} ", urgent.held, urgent.open), theme[Meaning::Text])
            .put(&"▰".repeat(filled), theme[Meaning::Gauge])
            .put(&"▱".repeat(BAR - filled), theme[Meaning::GaugeRest]);
        first = false;
    }
    if urgent.past > 0 {
        if !first {
            pen.put(between.0, between.1);
        }
        pen.put(&format!("! {} B past due", urgent.past), theme[Meaning::Danger]);
        first = false;
    }
    if let Some(next) = urgent.next {
        let name = width::truncate(next.row.called(), 24);
        let at = words::moment_of(next.due, app.now(), &app.tz);
        let left = words::counted(app.now(), next.due);
        let start = clock_start(next.row.opens_at(), next.row.ended_at());
        let step = Step::at(app.now(), start, next.due, next.row.tier);
        if !first {
            pen.put(between.0, between.1);
        }
        pen.put("next due ", theme[Meaning::Muted])
            .put(&format!("{} {at} ", next.row.tier), theme[Meaning::Text])
            .put(&format!("({left})"), theme[step.meaning()])
            .put(&format!(" {name}"), theme[Meaning::Muted]);
        first = false;
    }
    if first && app.loaded {
        pen.put("No B is open.", theme[Meaning::Muted]);
    }
    let waiting = app.outbox.len();
    if waiting > 0 {
        let word = words::count(waiting, "write under way", "writes under way");
        pen.put(between.0, between.1).put(&word, theme[Meaning::Pending]);
    }
}

/// What the most urgent rows say.
#[derive(Debug, Default)]
struct Urgent<'a> {
    /// Open Bs.
    open: usize,
    /// Those of them that somebody holds.
    held: usize,
    /// Those that nobody holds and whose time is up.
    past: usize,
    /// The free lead whose clock runs out next.
    next: Option<Next<'a>>,
}

#[derive(Debug)]
struct Next<'a> {
    row: &'a Row,
    due: Timestamp,
}

impl<'a> Urgent<'a> {
    fn among(app: &'a App) -> Urgent<'a> {
        let mut urgent = Urgent::default();
        for view in [View::Overnight, View::Callbacks] {
            let Some(list) = app.list_of(view) else { continue };
            let bs = list.count(Tier::B).min(LOOKED_AT);
            // Behind the Bs one look is enough where there are none.
            for row in list.top(&app.leads).take(bs.max(20)) {
                urgent.count(row, app.now());
            }
        }
        urgent
    }

    fn count(&mut self, row: &'a Row, now: Timestamp) {
        let held = row.holder.is_some();
        let due = row.due_at();
        if row.tier == Tier::B {
            self.open += 1;
            self.held += usize::from(held);
            self.past += usize::from(!held && due.is_some_and(|due| due < now));
        }
        if let Some(due) = due.filter(|due| !held && *due >= now)
            && self.next.as_ref().is_none_or(|next| due < next.due)
        {
            self.next = Some(Next { row, due });
        }
    }
}
