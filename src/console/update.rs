//! The state's only way to change: a message comes in, effects go out. Nothing here reads a clock, a file or a socket; the time
//! comes with the message.

mod cache;
mod keys;
mod leads;
mod mouse;
mod moves;
mod prompts;
mod rows;
mod server;
mod tick;

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;

use super::{
    app::{App, Overlay, Screen, Toast, Weight},
    clipboard::{Copied, CopyError},
    msg::{Effect, Kept, Msg},
    recent::HistoryShown,
    settings::Settings,
    words,
};
use crate::domain::{ids::LeadId, text};

/// How many rows around the selected one are kept at hand in full.
const AHEAD: usize = 12;
/// Toasts on the screen at once.
const TOASTS: usize = 4;

/// Takes one message that came `at` (our machine's time), and says what is to be done.
pub fn update(app: &mut App, at: Timestamp, msg: Msg) -> Vec<Effect> {
    app.local = at;
    app.dirty |= !matches!(msg, Msg::Drawn(_));
    let mut out = Vec::new();
    match msg {
        Msg::Key(event) => keys::key(app, &event, &mut out),
        Msg::Paste(text) => prompts::paste(app, &text),
        Msg::Mouse(event) => mouse::mouse(app, event, &mut out),
        Msg::Resize(width, height) => app.size = Size { width, height },
        Msg::Focus(focused) => app.focused = focused,
        Msg::Tick => tick::tick(app, &mut out),
        Msg::Drawn(geometry) => app.geometry = geometry,
        Msg::Cache(answer) => cache::answer(app, answer, &mut out),
        Msg::Outbox(kept) => outbox(app, kept),
        Msg::Dropped { kept, dropped } => self::dropped(app, &kept, dropped),
        Msg::Server(news) => server::news(app, news, &mut out),
        Msg::Copied { what, text, way } => copied(app, what, &text, way, &mut out),
        Msg::Settings(settings) => self::settings(app, settings, &mut out),
        Msg::Told(what) => app.toast(Weight::Warning, what),
        Msg::Terminate => quit(app, &mut out),
    }
    follow(app, &mut out);
    out
}

impl App {
    /// Whether something changed since the last frame.
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Whether something changed since the last frame; asking makes it unchanged.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// Shows a message for a few seconds; a bad one longer.
    pub(super) fn toast(&mut self, weight: Weight, text: impl Into<String>) {
        let seconds = match weight {
            Weight::Info | Weight::Good => 5,
            Weight::Warning => 8,
            Weight::Bad => 12,
        };
        let (text, at) = (text.into(), self.local);
        let until = at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(at);
        // The same thing again replaces itself.
        self.toasts.retain(|toast| toast.text != text);
        self.toasts.push_back(Toast { weight, text, at, until });
        while self.toasts.len() > TOASTS {
            self.toasts.pop_front();
        }
    }

    /// How a lead is called in a sentence, whether it is still in a queue or not.
    pub(super) fn name_of(&self, id: LeadId) -> String {
        if let Some(row) = self.leads.get(id) {
            return row.called().into();
        }
        let contact = self.recent.lead(id).and_then(|lead| lead.contact.name.clone());
        contact.unwrap_or_else(|| "this lead".into())
    }

    /// The height of the list or the journal on the last frame.
    fn list_height(&self) -> usize {
        usize::from(self.geometry.list.height)
    }
}

fn settings(app: &mut App, settings: Result<Box<Settings>, String>, out: &mut Vec<Effect>) {
    let settings = match settings {
        Ok(settings) => *settings,
        Err(fault) => return app.toast(Weight::Bad, fault),
    };
    // A theme chosen with a key stays, unless the file names another one than before.
    if let Some(theme) = app.options.themes.iter().position(|name| *name == settings.theme)
        && theme != app.options.theme
    {
        app.options.theme = theme;
        app.theme = theme;
    }
    if settings.mouse != app.options.mouse {
        app.mouse = settings.mouse;
        out.push(Effect::Mouse(settings.mouse));
    }
    app.options.mouse = settings.mouse;
    app.options.bell = settings.bell;
    app.options.desktop = settings.notifications;
    app.options.require_outcome = settings.require_outcome;
    app.options.keymap = settings.keymap;
    app.toast(Weight::Info, "Settings are read anew");
}

fn quit(app: &mut App, out: &mut Vec<Effect>) {
    app.quitting = true;
    out.push(Effect::Quit);
}

/// Takes the outbox as it stands over; what is another person's waits for that person. The cursor stays with what it was on.
fn outbox(app: &mut App, kept: Vec<Kept>) {
    let kept: Vec<Kept> = kept.into_iter().filter(|kept| app.my_id() == Some(&kept.by)).collect();
    if let Some(Overlay::Outbox { cursor }) = &mut app.overlay {
        let under = app.outbox.get(*cursor).map(|kept| kept.key);
        let place = kept.iter().position(|kept| Some(kept.key) == under);
        *cursor = place.unwrap_or(*cursor).min(kept.len().saturating_sub(1));
    }
    app.outbox = kept;
}

/// Says which way a copy went; where there was none, shows what it was, to be read off the screen.
fn copied(
    app: &mut App,
    what: &str,
    text: &str,
    way: Result<Copied, CopyError>,
    out: &mut Vec<Effect>,
) {
    match way {
        Ok(copied) => {
            app.toast(Weight::Good, format!("Copied the {what} ({})", copied.way()));
            if let Copied::Terminal(bytes) = copied {
                out.push(Effect::Emit(bytes));
            }
        }
        Err(error) => {
            let text = text::clean_line(text, 120);
            app.toast(Weight::Warning, format!("Not copied: {error}. The {what}: {text}"));
        }
    }
}

fn dropped(app: &mut App, kept: &Kept, dropped: bool) {
    let (what, name) = (words::write_in_words(&kept.write), &kept.name);
    if dropped {
        app.toast(Weight::Good, format!("{name}: {what} taken back before it went"));
    } else {
        app.toast(Weight::Warning, format!("{name}: {what} is on its way already"));
    }
}

/// Asks for what the detail of the selected lead needs, once for each selection.
fn follow(app: &mut App, out: &mut Vec<Effect>) {
    let selected = app.selected();
    if selected == app.followed {
        return;
    }
    app.followed = selected;
    app.detail.scroll = 0;
    let Some(id) = selected else { return };
    if app.screen == Screen::Journal {
        let lead = app.journal.selected_entry().and_then(|entry| entry.lead.clone());
        lead.into_iter().for_each(|lead| app.recent.keep(lead.into()));
    }
    let wanted: Vec<LeadId> =
        around(app, id).into_iter().filter(|id| !app.recent.is_known(*id)).collect();
    wanted.iter().for_each(|id| app.recent.asked(*id));
    if !wanted.is_empty() {
        out.push(Effect::LoadLeads(wanted));
    }
    if app.recent.history(id).is_none() {
        app.recent.keep_history(id, HistoryShown::Coming);
        out.push(Effect::LoadHistory(id));
    }
}

/// The selected lead and those that a key or two lead to.
fn around(app: &App, id: LeadId) -> Vec<LeadId> {
    let mut ids = vec![id];
    if let Some(list) = app.list()
        && let Some(place) = list.position()
    {
        let near = place.saturating_sub(AHEAD)..(place + AHEAD).min(list.len());
        ids.extend(near.filter_map(|place| list.at(&app.leads, place)).map(|row| row.id));
        ids[1..].sort_unstable();
        ids.dedup();
    }
    ids
}

#[cfg(test)]
mod tests;
