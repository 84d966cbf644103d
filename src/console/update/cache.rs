//! What the cache says: the first screen at the start, then whatever was asked for.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::rows;
use crate::{
    console::{
        app::{App, Screen, Weight},
        msg::{Effect, FromCache, Opened},
        recent::HistoryShown,
    },
    domain::ids::LeadId,
};

pub(super) fn answer(app: &mut App, answer: FromCache, out: &mut Vec<Effect>) {
    match answer {
        FromCache::Opened(opened) => open(app, opened, out),
        FromCache::Rows(rows) => {
            rows::put_cached(app, rows);
            app.loaded = true;
        }
        FromCache::Loaded => {
            app.gone = None;
            app.counted = None;
            app.loaded = true;
        }
        FromCache::Leads { found, mut missing } => {
            for lead in found {
                let id = LeadId(lead.id);
                // What has just been said is not written yet.
                if app.leads.get(id).is_some_and(|row| row.rev > lead.rev) {
                    missing.push(id);
                }
                app.recent.keep(lead);
            }
            fetch_missing(app, &missing, out);
        }
        FromCache::History { lead, history } => {
            let fresher = matches!(app.recent.history(lead), Some(HistoryShown::Here(_)));
            match history {
                Some(history) if !fresher => {
                    app.recent.keep_history(lead, HistoryShown::Here(history))
                }
                None if !fresher && !app.is_live() => {
                    let why = "not kept on this machine, and there is no line".into();
                    app.recent.keep_history(lead, HistoryShown::NotHere(why));
                }
                _ => {}
            }
        }
        FromCache::Journal(entries) => app.journal.add(entries),
        FromCache::Broken(why) => {
            // Nothing more comes from there: the server's rows are the first.
            app.counted = None;
            app.toast(Weight::Warning, format!("No cache on this machine: {why}"));
            connect(app, out);
        }
    }
}

fn open(app: &mut App, opened: Opened, out: &mut Vec<Effect>) {
    app.seq = opened.seq;
    app.as_of = opened.as_of;
    app.me = opened.me.or(app.me.take());
    if let Some(business) = opened.business {
        app.tz = TimeZone::get(&business.timezone).unwrap_or(TimeZone::UTC);
        app.business = Some(business);
    }
    app.counted = (opened.seq > 0).then_some(opened.counts);
    if let Some(name) = opened.set_aside {
        let said = format!("The cache was damaged: it is set aside as {name}, and a new one begun");
        app.toast(Weight::Warning, said);
    }
    for view in super::keys::FIRST {
        rows::build(app, view);
    }
    if app.screen == Screen::Journal {
        out.push(Effect::LoadJournal);
    }
    connect(app, out);
}

/// Asks for the line, once.
fn connect(app: &mut App, out: &mut Vec<Effect>) {
    if !std::mem::replace(&mut app.connecting, true) {
        out.push(Effect::Connect { after: app.seq });
    }
}

/// The server may have what the cache has not: only the lead that is looked at is worth the trip.
fn fetch_missing(app: &mut App, missing: &[LeadId], out: &mut Vec<Effect>) {
    for id in missing {
        app.recent.forget(*id);
    }
    let wanted = app.selected().filter(|id| missing.contains(id));
    if let Some(id) = wanted.filter(|_| app.is_live()) {
        app.recent.asked(id);
        out.push(Effect::FetchLead(id));
    }
}

/// An entry's place in a history that is at hand.
pub(super) fn extend_history(app: &mut App, id: LeadId, entry: &crate::wire::Entry) {
    let Some(HistoryShown::Here(history)) = app.recent.history(id) else { return };
    if history.entries.last().is_some_and(|last| last.seq >= entry.seq) {
        return;
    }
    let mut longer = history.as_ref().clone();
    longer.entries.push(crate::wire::Entry { lead: None, ..entry.clone() });
    app.recent.keep_history(id, HistoryShown::Here(Arc::new(longer)));
}
