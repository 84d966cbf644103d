//! What the server says: the line, the queue, what happened, and answers to what was asked.

use std::{collections::HashSet, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};

use super::{cache, leads, moves, rows, rows::Put, tick};
use crate::{
    console::{
        app::{App, Done, Link, Me, Overlay, Pending, Screen, Weight},
        msg::{Changed, Effect, Failure, FromServer, Kept, LineNews, Op, Request, Write},
        prompt::PromptKind,
        recent::HistoryShown,
        row::Row,
        words,
    },
    domain::{
        ids::{LeadId, Seq},
        person::PersonRef,
    },
    wire,
};

/// How many of our changes can be taken back one after the other.
const UNDO_KEPT: usize = 50;

pub(super) fn news(app: &mut App, news: FromServer, out: &mut Vec<Effect>) {
    match news {
        FromServer::Hello { me, business } => hello(app, me, business),
        FromServer::Skew(skew) => app.skew = skew,
        FromServer::Line(news) => line(app, news, out),
        FromServer::DatabaseAway => app.database_away = true,
        FromServer::ReloadStarted => app.reload = Some(HashSet::new()),
        FromServer::ReloadPage(page) => {
            rows::put_page(app, page);
            app.loaded = true;
        }
        FromServer::ReloadDone { seq, as_of } => reloaded(app, seq, as_of),
        FromServer::Remembered { rows, as_of } => {
            app.reload = None;
            rows::put_page(app, rows);
            app.as_of = app.as_of.max(Some(as_of));
            app.loaded = true;
        }
        FromServer::Entry { entry, row } => happened(app, &entry, row, out),
        FromServer::Lead(lead) => app.recent.keep(lead),
        FromServer::History { lead, history } => self::history(app, lead, history),
        FromServer::Journal(entries) => app.journal.add(entries),
        FromServer::Team(team) => self::team(app, team),
        FromServer::Answer { op, lead, answer } => self::answer(app, op, lead, answer, out),
        FromServer::Sent { kept, answer } => sent(app, &kept, answer),
    }
}

fn hello(app: &mut App, me: Me, business: wire::Business) {
    app.greeted = app.local;
    app.tz = TimeZone::get(&business.timezone).unwrap_or(TimeZone::UTC);
    app.business = Some(business);
    let another = app.my_id() != Some(&me.id);
    app.me = Some(me);
    if another {
        app.done.clear();
        rows::rebuild_mine(app);
    }
}

fn line(app: &mut App, news: LineNews, out: &mut Vec<Effect>) {
    let now = app.local;
    match news {
        LineNews::Connecting => {}
        LineNews::Up => {
            app.database_away = false;
            app.link = Link::Live { since: now };
            app.as_of = Some(app.now());
            // Asked for while there was no line, or too old by now.
            app.followed = None;
            app.recent.drop_missing_histories();
            if app.screen == Screen::Journal {
                out.push(Effect::LoadJournal);
            }
        }
        LineNews::Down { why, retry_at } => {
            let (since, was_live) = match &app.link {
                Link::Live { .. } => (now, true),
                Link::Down { since, was_live, .. } => (*since, *was_live),
                Link::Connecting { since } | Link::Refused { since, .. } => (*since, false),
            };
            app.link = Link::Down { since, retry_at, why, was_live };
        }
        LineNews::Refused { why } => {
            app.toast(Weight::Bad, format!("The server turned us away: {why}"));
            app.link = Link::Refused { since: now, why };
        }
    }
}

/// What the whole queue does not show any more, and nobody told us anything newer of, is gone.
fn reloaded(app: &mut App, seq: Seq, as_of: Timestamp) {
    if let Some(seen) = app.reload.take() {
        let gone: Vec<LeadId> =
            app.leads.iter().map(|(_, row)| row.id).filter(|id| !seen.contains(id)).collect();
        for id in gone {
            rows::remove(app, id);
        }
    }
    // What the cache has not handed over yet is older than this.
    app.gone = None;
    app.seq = seq;
    app.as_of = Some(as_of);
    app.counted = None;
    app.loaded = true;
}

fn happened(app: &mut App, entry: &Arc<wire::Entry>, row: Option<Box<Row>>, out: &mut Vec<Effect>) {
    let fresh = entry.seq > app.seq;
    app.seq = app.seq.max(entry.seq);
    app.journal.add([entry.clone()]);
    let Some(row) = row else { return };
    let id = row.id;
    let selected = app.selected();
    if let Some(lead) = entry.lead.as_ref().filter(|_| app.recent.is_known(id)) {
        app.recent.keep(Arc::new(lead.clone()));
        cache::extend_history(app, id, entry);
    }
    let before = match rows::put(app, (*row).clone()) {
        Put::Older => return,
        Put::New => None,
        Put::Changed(before) => Some(before),
    };
    if !fresh {
        return;
    }
    let ours = entry.actor.rep_id().is_some() && entry.actor.rep_id() == app.my_id();
    if !ours {
        tell_prompt(app, entry, id);
        tell_hand(app, entry, id, selected, before.as_deref());
        tick::lost(app, entry, before.as_deref(), &row, out);
    }
    tick::arrived(app, before.as_deref(), &row, out);
}

/// An open prompt is told what somebody else did to its lead.
fn tell_prompt(app: &mut App, entry: &wire::Entry, id: LeadId) {
    let at = entry.at.to_zoned_datetime(app.tz.clone());
    let Some(prompt) = &mut app.prompt else { return };
    let concerned = prompt.target().is_some_and(|target| target.leads().contains(&id));
    // Looking for something concerns no lead: those are told by the list.
    if concerned && !matches!(prompt.kind, PromptKind::Copy { .. }) {
        let (who, did) = (entry.actor.name(), words::did(entry));
        prompt.told = Some(format!("{who} {did} at {}", at.strftime("%H:%M:%S")));
    }
}

/// A change by somebody else under the cursor is told, if it changes what one may do there.
fn tell_hand(
    app: &mut App,
    entry: &wire::Entry,
    id: LeadId,
    selected: Option<LeadId>,
    before: Option<&Row>,
) {
    let Some(before) = before.filter(|_| selected == Some(id)) else { return };
    let moved = app.selected() != selected;
    let holder = app.leads.get(id).and_then(|row| row.holder.clone());
    if moved || holder != before.holder {
        let (who, did) = (entry.actor.name(), words::did(entry));
        app.toast(Weight::Info, format!("{}: {who} {did}", before.called()));
    }
}

fn history(app: &mut App, lead: LeadId, history: Result<Arc<wire::History>, Failure>) {
    match history {
        Ok(history) => app.recent.keep_history(lead, HistoryShown::Here(history)),
        Err(failure) => {
            if !matches!(app.recent.history(lead), Some(HistoryShown::Here(_))) {
                let why = words::why_not(&failure, app.now());
                app.recent.keep_history(lead, HistoryShown::NotHere(why));
            }
        }
    }
}

fn team(app: &mut App, team: Result<Vec<crate::console::prompt::Person>, Failure>) {
    match team {
        Ok(team) => {
            app.team = team;
            if let Some(prompt) = &mut app.prompt
                && let PromptKind::Reassign { line, choices, cursor, .. } = &mut prompt.kind
            {
                *choices = super::prompts::fitting(&app.team, line.text());
                *cursor = (*cursor).min(choices.len().saturating_sub(1));
            }
        }
        Err(failure) => {
            let why = words::why_not(&failure, app.now());
            app.toast(Weight::Warning, format!("Who is here is not known: {why}"));
        }
    }
}

/// Puts the lead of an answer in, as if it had come by the stream.
fn take_in(app: &mut App, changed: Changed) {
    app.recent.keep(changed.lead);
    rows::put(app, changed.row);
}

fn answer(
    app: &mut App,
    op: Op,
    lead: LeadId,
    answer: Result<Box<Changed>, Failure>,
    out: &mut Vec<Effect>,
) {
    let Some(pending) = app.pending.remove(&op) else { return };
    match answer {
        Ok(changed) => {
            let holder = changed.lead.claimed_by.clone();
            take_in(app, *changed);
            done(app, lead, &pending, holder, out);
        }
        Err(failure) => {
            let why = words::why_not(&failure, app.now());
            if app.overlay == Some(Overlay::Call { lead }) {
                app.overlay = None;
            }
            let what = match pending.request {
                Request::Claim { take_over: false } => "not claimed",
                Request::Claim { take_over: true } => "not taken over",
                Request::Release => "not given back",
                Request::Reassign { .. } => "not reassigned",
                Request::Undo => "not taken back",
            };
            app.toast(Weight::Bad, format!("{}: {what}. {}", pending.name, capital(&why)));
            if matches!(failure, Failure::Claimed { .. }) {
                tick::ring(app, out);
            }
        }
    }
}

fn done(
    app: &mut App,
    lead: LeadId,
    pending: &Pending,
    holder: Option<PersonRef>,
    out: &mut Vec<Effect>,
) {
    let name = &pending.name;
    let (said, what) = match &pending.request {
        Request::Claim { .. } => {
            if app.overlay == (Some(Overlay::Call { lead })) {
                leads::copy_number(app, lead, out);
            }
            (format!("{name} is yours"), Some("claim"))
        }
        Request::Release => (format!("{name} is free again"), Some("release")),
        Request::Reassign { to } => {
            let to = app.team.iter().find(|person| person.id == *to);
            let to = to.map_or("somebody else", |person| person.name.as_str());
            (format!("{name} goes to {to}"), None)
        }
        Request::Undo => {
            let height = app.list_height();
            moves::with_list(app, |list, leads| list.select(leads, lead, height));
            let holder = holder.map(|holder| format!(": {} has it", holder.name));
            (format!("Taken back: {name} is as it was{}", holder.unwrap_or_default()), None)
        }
    };
    app.toast(Weight::Good, said);
    if let Some(what) = what {
        remember(app, Done { lead, name: name.clone(), what });
    }
}

fn remember(app: &mut App, done: Done) {
    // Only the last change of a lead can be taken back.
    app.done.retain(|known| known.lead != done.lead);
    app.done.push(done);
    if app.done.len() > UNDO_KEPT {
        app.done.remove(0);
    }
}

fn sent(app: &mut App, kept: &Kept, answer: Result<Box<Changed>, Failure>) {
    let what = words::write_in_words(&kept.write);
    match answer {
        Ok(changed) => {
            take_in(app, *changed);
            match kept.write {
                Write::Outcome { .. } => {
                    remember(app, Done { lead: kept.lead, name: kept.name.clone(), what });
                }
                // A note is the newest change now, and cannot be taken back.
                Write::Note { .. } => app.done.retain(|done| done.lead != kept.lead),
            }
            app.toast(Weight::Good, format!("{}: {what} saved", kept.name));
        }
        Err(failure) => {
            let why = words::why_not(&failure, app.now());
            let said = format!(
                "{}: {what} was refused. {}. It is kept in the outbox",
                kept.name,
                capital(&why)
            );
            app.toast(Weight::Bad, said);
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
