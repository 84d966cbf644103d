//! A queue: one line a lead, most urgent first, the columns that the width allows.

use std::fmt::Write as _;

use jiff::Timestamp;
use ratatui::{layout::Rect, style::Style};

use super::{
    Canvas,
    due::{self, Step},
    paint, words,
};
use crate::{
    console::{
        app::{App, UnderWay},
        list::List,
        prompt::PromptKind,
        row::{Owner, Row, State},
        theme::{Meaning, Theme},
        width,
    },
    domain::{queue::View, tier::Tier},
};

/// Cursor, tier, its symbol, and a mark.
const LEADING: u16 = 4;
/// The mark of what was carried over, and `2d 04:31`.
const WAITING: u16 = 9;
const VALUE: u16 = 3;
/// `Wed 09:15`, or `! +1:23:10`.
const CLOCK: u16 = 10;

/// Below this width there is room for wait, name and clock only.
const NARROW: u16 = 54;

/// Which columns there are and how wide they are; 0 for one that is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Columns {
    name: u16,
    wants: u16,
    value: u16,
    /// The time of day that it is due.
    due: u16,
    /// What is left until then.
    clock: u16,
    /// The holder. Where there is no column, the holder stands before what is wanted, or in the place of the wait.
    who: u16,
}

impl Columns {
    fn for_width(wide: u16) -> Columns {
        let mut columns = match wide {
            96.. => {
                Columns { value: VALUE, due: CLOCK, clock: CLOCK, who: 16, ..Columns::default() }
            }
            74.. => Columns { value: VALUE, clock: CLOCK, who: 10, ..Columns::default() },
            NARROW.. => Columns { value: VALUE, clock: CLOCK, ..Columns::default() },
            _ => Columns { clock: CLOCK.min(wide / 4), ..Columns::default() },
        };
        let fixed = [columns.value, columns.due, columns.clock, columns.who];
        let gaps: u16 = fixed.iter().filter(|column| **column > 0).map(|column| column + 1).sum();
        let rest = wide.saturating_sub(LEADING + WAITING + gap(wide) + gaps);
        if wide < NARROW {
            columns.name = rest;
        } else {
            columns.name = rest / 2;
            columns.wants = rest - 1 - columns.name;
        }
        columns
    }
}

/// Columns between the wait and the name.
fn gap(wide: u16) -> u16 {
    if wide < NARROW { 1 } else { 2 }
}

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Rect) {
    let (app, theme) = (canvas.app, canvas.theme);
    let Some(list) = app.list().filter(|_| !area.is_empty()) else { return };
    let title = title(app, list, area.width < NARROW);
    let parts: Vec<(&str, Style)> =
        title.iter().map(|(text, meaning)| (text.as_str(), theme[*meaning])).collect();
    let active = !app.detail.focused;
    let inside = paint::frame(canvas.buf, area, &parts, theme, active);
    // A column of air before the frame, where there is room for it.
    let columns = Columns::for_width(inside.width - u16::from(inside.width >= NARROW));
    let headed = u16::from(inside.height >= 5);
    let rows = Rect { y: inside.y + headed, height: inside.height - headed, ..inside };
    if headed == 1 {
        heading(canvas, inside, columns);
    }
    let Some(seen) = app.viewport(usize::from(rows.height)) else { return };
    canvas.drawn.geometry.list = rows;
    canvas.drawn.geometry.first = seen.first;
    if seen.rows.is_empty() {
        return empty(canvas, rows, list);
    }
    let mut look = Look::new(app, theme, columns, gap(inside.width));
    for (line, row) in (0..rows.height).zip(&seen.rows) {
        let selected = seen.selected == Some(usize::from(line));
        look.row(canvas, Rect { y: rows.y + line, height: 1, ..rows }, row, selected);
    }
    let thumb = theme[if active { Meaning::BorderActive } else { Meaning::Border }];
    paint::scrollbar(canvas.buf, area, seen.first, seen.rows.len(), seen.total, thumb);
    position(canvas, area, list);
}

/// "Overnight ─ 3 B · 7 C · 2 D ─ opens in 7:46"; on a narrow screen "Overnight ─ 3B 7C 2D ─ opens 7:46".
fn title(app: &App, list: &List, narrow: bool) -> Vec<(String, Meaning)> {
    let mut title = vec![(app.screen.title().to_owned(), Meaning::Title)];
    let rule = || (" ─ ".to_owned(), Meaning::Border);
    let counts = [Tier::B, Tier::C, Tier::D, Tier::A]
        .into_iter()
        .map(|tier| (tier, app.count(list.view, tier)))
        .filter(|(_, count)| *count > 0);
    for (at, (tier, count)) in counts.enumerate() {
        let between = if narrow { " " } else { " · " };
        title.push(if at == 0 { rule() } else { (between.into(), Meaning::Border) });
        let gap = if narrow { "" } else { " " };
        title.push((format!("{count}{gap}{tier}"), tier_meaning(tier)));
    }
    if let Some(opens) = opening(app, narrow) {
        title.push(rule());
        title.push((opens, Meaning::Text));
    }
    if let Some(filter) = list.filter() {
        title.push(rule());
        title.push((format!("only {} ({})", filter.text, list.len()), Meaning::Match));
    }
    if list.is_pinned() {
        title.push(rule());
        let news = match list.held_back() {
            0 => "pinned".into(),
            more => format!("pinned, {more} new"),
        };
        title.push((news, Meaning::Warning));
    }
    if !app.marks.is_empty() {
        title.push(rule());
        title.push((format!("{} marked", app.marks.len()), Meaning::Marked));
    }
    title
}

/// The countdown to the next opening, while closed.
fn opening(app: &App, narrow: bool) -> Option<String> {
    let business = app.business.as_ref().filter(|business| !business.open_now)?;
    let opens = business.opens_at?;
    let left = opens.duration_since(app.now());
    if left.is_negative() {
        return None;
    }
    if left.as_hours() >= 12 {
        return Some(format!("opens {}", words::moment_of(opens, app.now(), &app.tz)));
    }
    let word = if narrow { "opens" } else { "opens in" };
    Some(format!("{word} {}", words::counted(app.now(), opens)))
}

fn heading(canvas: &mut Canvas<'_>, area: Rect, columns: Columns) {
    let style = canvas.theme[Meaning::Heading];
    let mut pen = canvas.pen(area, 0);
    pen.skip(LEADING);
    pen.column_right("waiting", WAITING, style).skip(gap(area.width));
    pen.column("name", columns.name, style);
    if columns.wants > 0 {
        pen.skip(1).column("wants", columns.wants, style);
    }
    if columns.value > 0 {
        pen.skip(1).column("val", columns.value, style);
    }
    if columns.due > 0 {
        pen.skip(1).column_right("due", columns.due, style);
    }
    if columns.clock > 0 {
        let word = if columns.due > 0 { "left" } else { "due" };
        pen.skip(1).column_right(word, columns.clock, style);
    }
    if columns.who > 0 {
        pen.skip(1).column("with", columns.who, style);
    }
}

/// What a queue says when it has nothing to show.
fn empty(canvas: &mut Canvas<'_>, area: Rect, list: &List) {
    let (app, theme) = (canvas.app, canvas.theme);
    let (first, second) = if !app.loaded {
        ("Reading the queue …", String::new())
    } else if app.as_of.is_none() && !app.is_live() {
        ("There has been no line to the server yet.", String::new())
    } else if let Some(filter) = list.filter() {
        ("Nothing fits.", format!("Filter: {} · Esc shows all.", filter.text))
    } else {
        let calm = match list.view {
            View::Mine => "Nothing is yours. The next lead waits in the queues.",
            View::Overnight => "Nobody is left waiting from the night.",
            View::Callbacks => "Nobody is waiting to be rung back.",
            _ => "Nothing here.",
        };
        (calm, String::new())
    };
    let middle = area.height.saturating_sub(2) / 2;
    for (row, (text, meaning)) in
        [(first, Meaning::Text), (second.as_str(), Meaning::Muted)].into_iter().enumerate()
    {
        let wide = u16::try_from(width::columns(text)).unwrap_or(u16::MAX);
        let mut pen = canvas.pen(area, middle + row as u16);
        pen.skip(area.width.saturating_sub(wide) / 2).put(text, theme[meaning]);
    }
}

/// "3 of 12" on the lower frame.
fn position(canvas: &mut Canvas<'_>, area: Rect, list: &List) {
    let Some(position) = list.position().filter(|_| area.height >= 3) else { return };
    let text = format!(" {} of {} ", position + 1, list.len());
    let theme = canvas.theme;
    let line = Rect { width: area.width.saturating_sub(2), ..area };
    canvas.pen(line, area.height - 1).flush_right(&text, theme[Meaning::Muted]);
}

pub(super) fn tier_meaning(tier: Tier) -> Meaning {
    match tier {
        Tier::A => Meaning::TierA,
        Tier::B => Meaning::TierB,
        Tier::C => Meaning::TierC,
        Tier::D => Meaning::TierD,
    }
}

/// Beside the letter, so that a tier is seen without reading and without colour.
pub(super) fn tier_symbol(tier: Tier) -> &'static str {
    match tier {
        Tier::A => "★",
        Tier::B => "▲",
        Tier::C => "△",
        Tier::D => "·",
    }
}

/// `£` once for each band.
pub(super) fn value(band: u8) -> &'static str {
    match band {
        0 => "",
        1 => "£",
        2 => "££",
        _ => "£££",
    }
}

/// Where the clock of a lead starts.
pub(super) fn clock_start(opens_at: Option<Timestamp>, ended_at: Timestamp) -> Timestamp {
    opens_at.map_or(ended_at, |opens| opens.max(ended_at))
}

/// A name as it fits: whole, or the given name, or cut by whoever draws it.
fn short(name: &str, wide: u16) -> &str {
    let fits = |name: &str| width::columns(name) <= usize::from(wide);
    match name.split([' ', '-']).next() {
        Some(given) if !fits(name) && !given.is_empty() && fits(given) => given,
        _ => name,
    }
}

/// Draws the rows of one frame, with one string for all of them.
struct Look<'a> {
    app: &'a App,
    theme: &'a Theme,
    columns: Columns,
    gap: u16,
    now: Timestamp,
    /// What is being looked for, in lower case; empty for nothing.
    needle: String,
    text: String,
}

impl<'a> Look<'a> {
    fn new(app: &'a App, theme: &'a Theme, columns: Columns, gap: u16) -> Look<'a> {
        let needle = match &app.prompt {
            Some(prompt) => match &prompt.kind {
                PromptKind::Find { line, .. } => line.text().trim().to_ascii_lowercase(),
                _ => String::new(),
            },
            None => String::new(),
        };
        Look { app, theme, columns, gap, now: app.now(), needle, text: String::new() }
    }

    fn row(&mut self, canvas: &mut Canvas<'_>, area: Rect, row: &'a Row, selected: bool) {
        let theme = self.theme;
        let cursor = if selected { "▌" } else { " " };
        let tier = theme[tier_meaning(row.tier)];
        let (mark, meaning) = self.mark(row);
        let mut pen = canvas.pen(area, 0);
        pen.put(cursor, theme[Meaning::BorderActive]);
        pen.put(row.tier.as_str(), tier).put(tier_symbol(row.tier), tier);
        pen.put(mark, theme[meaning]);
        self.waiting(&mut pen, row);
        pen.skip(self.gap);
        let name_at = pen.x();
        pen.column(row.called(), self.columns.name, self.name_style(row));
        self.wants(&mut pen, row);
        if self.columns.value > 0 {
            pen.skip(1).column(value(row.band), VALUE, theme[Meaning::Value]);
        }
        self.clock(&mut pen, row);
        self.who(&mut pen, row);
        self.found(canvas, Rect { x: name_at, width: self.columns.name, ..area }, row);
        if selected {
            paint::select(canvas.buf, area, theme.base(), theme);
        }
    }

    /// What has happened to it here, in one column, most telling first.
    fn mark(&self, row: &Row) -> (&'static str, Meaning) {
        if self.app.marks.contains(&row.id) {
            return ("✓", Meaning::Marked);
        }
        match self.app.under_way(row.id) {
            Some(UnderWay::Refused) => return ("✗", Meaning::Danger),
            Some(_) => return ("…", Meaning::Pending),
            None => {}
        }
        if self.app.drafts.contains_key(&row.id) {
            return ("✎", Meaning::Pending);
        }
        match row.state {
            _ if row.holder.is_some() && self.is_mine(row) => ("●", Meaning::Mine),
            _ if row.holder.is_some() => ("◆", Meaning::Claimed),
            State::Scheduled => ("◷", Meaning::Muted),
            State::Closed => ("✓", Meaning::Success),
            _ => (" ", Meaning::Text),
        }
    }

    fn is_mine(&self, row: &Row) -> bool {
        self.app.my_id().is_some_and(|me| row.is_held_by(me))
    }

    /// The holder as a row names them.
    fn holder(&self, row: &'a Row) -> Option<(&'a str, Meaning)> {
        let holder = row.holder.as_deref()?;
        if self.app.my_id().is_some_and(|me| *me == holder.id) {
            return Some(("you", Meaning::Mine));
        }
        Some((&holder.name, Meaning::Claimed))
    }

    fn name_style(&self, row: &Row) -> Style {
        let style = match row.state {
            State::Closed | State::Booked => self.theme[Meaning::Muted],
            _ if row.holder.is_some() && !self.is_mine(row) => self.theme[Meaning::Muted],
            _ => self.theme[Meaning::Text],
        };
        if row.withheld && row.name.is_empty() { style.italic() } else { style }
    }

    fn waiting(&mut self, pen: &mut paint::Pen<'_>, row: &'a Row) {
        let theme = self.theme;
        if self.columns.wants == 0
            && let Some((holder, meaning)) = self.holder(row)
        {
            pen.skip(1).column_right(short(holder, WAITING - 1), WAITING - 1, theme[meaning]);
            return;
        }
        let carried = if row.carried_over { "»" } else { " " };
        pen.put(carried, theme[Meaning::CarriedOver]);
        self.text.clear();
        words::span(&mut self.text, self.now.duration_since(row.ended_at()));
        let meaning = if row.carried_over { Meaning::CarriedOver } else { Meaning::Muted };
        pen.column_right(&self.text, WAITING - 1, theme[meaning]);
    }

    /// "3 calls · quote, 3 sites".
    fn wants(&mut self, pen: &mut paint::Pen<'_>, row: &'a Row) {
        if self.columns.wants == 0 {
            return;
        }
        let theme = self.theme;
        let mut rest = self.columns.wants;
        pen.skip(1);
        if self.columns.who == 0
            && let Some((holder, meaning)) = self.holder(row)
        {
            let most = (rest / 2).max(6).min(rest);
            let holder = short(holder, most);
            let used = u16::try_from(width::columns(holder)).unwrap_or(most).min(most);
            pen.column(holder, used, theme[meaning]).put(" ", theme[Meaning::Muted]);
            rest = rest.saturating_sub(used + 1);
        }
        self.text.clear();
        if row.opted_out {
            self.text.push_str("opted out · ");
        }
        // First, so that it is read where the rest is cut off.
        if row.touches > 1 {
            let _ = write!(self.text, "{} calls · ", row.touches);
        }
        self.text.push_str(row.intent.in_words());
        let _ = match (row.sites, row.team_size) {
            (2.., _) => write!(self.text, ", {} sites", row.sites),
            (_, 2..) => write!(self.text, ", {} people", row.team_size),
            _ => Ok(()),
        };
        if row.attempts > 0 {
            let _ = write!(self.text, " · tried {}×", row.attempts);
        }
        let meaning = if row.opted_out { Meaning::Danger } else { Meaning::Text };
        pen.column(&self.text, rest, theme[meaning]);
    }

    fn clock(&mut self, pen: &mut paint::Pen<'_>, row: &Row) {
        let theme = self.theme;
        let Columns { due: due_wide, clock: clock_wide, .. } = self.columns;
        let Some(due) = row.due_at().filter(|_| row.state != State::Closed) else {
            pen.skip(if due_wide > 0 { due_wide + 1 } else { 0 });
            pen.skip(1).column_right("–", clock_wide, theme[Meaning::Muted]);
            return;
        };
        let start = clock_start(row.opens_at(), row.ended_at());
        let step = Step::at(self.now, start, due, row.tier);
        let style = theme[step.meaning()];
        if due_wide > 0 {
            self.text.clear();
            words::moment(&mut self.text, due, self.now, &self.app.tz);
            pen.skip(1).column_right(&self.text, due_wide, theme[Meaning::Muted]);
        }
        self.text.clear();
        if step > Step::Calm {
            let _ = write!(self.text, "{} ", step.symbol());
        }
        if due_wide > 0 || step > Step::Calm || due::is_close(self.now, due) {
            words::countdown(&mut self.text, self.now, due);
        } else {
            words::moment(&mut self.text, due, self.now, &self.app.tz);
        }
        pen.skip(1).column_right(&self.text, clock_wide, style);
    }

    fn who(&mut self, pen: &mut paint::Pen<'_>, row: &'a Row) {
        let wide = self.columns.who;
        if wide == 0 {
            return;
        }
        let theme = self.theme;
        pen.skip(1);
        match (self.holder(row), &row.owner) {
            (Some((holder, meaning)), _) => {
                self.text.clear();
                self.text.push_str(short(holder, wide));
                if let (Meaning::Mine, Some(lease)) = (meaning, row.lease_until())
                    && wide > 10
                    && lease > self.now
                {
                    self.text.push_str(", ");
                    words::countdown(&mut self.text, self.now, lease);
                }
                pen.column(&self.text, wide, theme[meaning])
            }
            (None, Owner::Person(id)) => {
                let mine = self.app.my_id().is_some_and(|me| me == id.as_ref());
                let known = self.app.team.iter().find(|person| person.id == **id);
                let name = known.map_or(id.as_str(), |person| &person.name);
                let name = if mine { "you" } else { short(name, wide.saturating_sub(4)) };
                self.text.clear();
                let _ = write!(self.text, "for {name}");
                pen.column(&self.text, wide, theme[Meaning::Muted])
            }
            (None, _) => pen.column("", wide, theme[Meaning::Muted]),
        };
    }

    /// Shows in the name what is being looked for.
    fn found(&self, canvas: &mut Canvas<'_>, area: Rect, row: &Row) {
        if self.needle.is_empty() {
            return;
        }
        let shown = width::truncate(row.called(), usize::from(area.width));
        let lower = shown.to_ascii_lowercase();
        let Some(start) = lower.find(&self.needle) else { return };
        let before = width::columns(&shown[..start]) as u16;
        let found = &shown[start..start + self.needle.len()];
        let theme = self.theme;
        canvas.pen(area, 0).skip(before).put(found, theme[Meaning::Match]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_fill_the_line_at_any_width() {
        for wide in 20..260 {
            let columns = Columns::for_width(wide);
            let parts = [columns.wants, columns.value, columns.due, columns.clock, columns.who];
            let used: u16 = LEADING
                + WAITING
                + gap(wide)
                + columns.name
                + parts.iter().filter(|part| **part > 0).map(|part| part + 1).sum::<u16>();
            assert!(used == wide || columns.name == 0, "{wide}: {columns:?} use {used}");
            assert!(columns.name >= 12 || wide < 38, "{wide}: {columns:?}");
        }
    }
}
