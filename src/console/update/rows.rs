//! Rows that come, change and go, and the lists that show them.

use std::collections::HashSet;

use crate::{
    console::{
        app::App,
        leads::Slot,
        list::{Eyes, List},
        row::{Row, State},
    },
    domain::{ids::LeadId, queue::View},
};

/// What a row did to what we have.
#[derive(Debug)]
pub(super) enum Put {
    /// We have a newer one.
    Older,
    New,
    Changed(Box<Row>),
}

/// Puts one row of the server's in; the newer one wins. A closed one leaves, unless a pinned order still shows it.
pub(super) fn put(app: &mut App, row: Row) -> Put {
    if let Some(seen) = &mut app.reload {
        seen.insert(row.id);
    }
    if row.state == State::Closed
        && let Some(gone) = &mut app.gone
    {
        gone.insert(row.id);
    }
    put_newer(app, row)
}

fn put_newer(app: &mut App, row: Row) -> Put {
    if app.leads.get(row.id).is_some_and(|known| known.rev > row.rev) {
        return Put::Older;
    }
    let known = app.leads.slot(row.id);
    let pinned = app.lists.iter().any(List::is_pinned);
    if row.state == State::Closed && !(pinned && known.is_some()) {
        return match remove(app, row.id) {
            Some(before) => Put::Changed(before),
            None => Put::New,
        };
    }
    let eyes = Eyes::of(&app.me, app.now());
    if let Some(slot) = known {
        app.lists.iter_mut().for_each(|list| list.leave(&app.leads, slot, eyes.me));
    }
    let (slot, before) = app.leads.put(row);
    for list in &mut app.lists {
        list.enter(&app.leads, slot, eyes);
        list.settle(&app.leads);
    }
    before.map_or(Put::New, |before| Put::Changed(Box::new(before)))
}

/// Puts many rows of the server's in, most of them new.
pub(super) fn put_page(app: &mut App, rows: Vec<Row>) {
    if let Some(seen) = &mut app.reload {
        seen.extend(rows.iter().map(|row| row.id));
    }
    put_all(app, rows);
}

/// Puts rows in that were true when the cache was written. What the server has said meanwhile holds.
pub(super) fn put_cached(app: &mut App, mut rows: Vec<Row>) {
    let Some(gone) = &app.gone else { return };
    rows.retain(|row| !gone.contains(&row.id));
    put_all(app, rows);
}

fn put_all(app: &mut App, rows: Vec<Row>) {
    let mut new = HashSet::with_capacity(rows.len());
    for row in rows {
        match app.leads.slot(row.id) {
            None if row.state == State::Closed => {}
            None => {
                new.insert(app.leads.put(row).0);
            }
            Some(slot) => {
                // The same lead twice among these: the lists must know it before it changes.
                if new.contains(&slot) {
                    show_all(app, std::mem::take(&mut new));
                }
                put_newer(app, row);
            }
        }
    }
    show_all(app, new);
}

fn show_all(app: &mut App, new: HashSet<Slot>) {
    let new: Vec<Slot> = new.into_iter().collect();
    let now = app.now();
    for list in &mut app.lists {
        list.enter_all(&app.leads, &new, Eyes::of(&app.me, now));
    }
}

/// Takes a row out of everything.
pub(super) fn remove(app: &mut App, id: LeadId) -> Option<Box<Row>> {
    let slot = app.leads.slot(id)?;
    let me = app.me.as_ref().map(|me| &me.id);
    app.lists.iter_mut().for_each(|list| list.leave(&app.leads, slot, me));
    let row = if app.lists.iter().any(List::is_pinned) {
        // Its slot must not be given to another lead while a pinned order shows it.
        let mut closed = app.leads.at(slot)?.clone();
        closed.state = State::Closed;
        app.leads.put(closed).1?
    } else {
        app.leads.take(id)?.1
    };
    app.lists.iter_mut().for_each(|list| list.settle(&app.leads));
    app.marks.remove(&id);
    Some(Box::new(row))
}

/// Lets go of the pinned order, and of the closed leads that only it showed.
pub(super) fn unpin(app: &mut App, view: View) {
    if let Some(list) = app.lists.iter_mut().find(|list| list.view == view) {
        list.unpin(&app.leads);
    }
    if app.lists.iter().any(List::is_pinned) {
        return;
    }
    let closed: Vec<LeadId> = app
        .leads
        .iter()
        .filter(|(_, row)| row.state == State::Closed)
        .map(|(_, row)| row.id)
        .collect();
    for id in closed {
        app.leads.take(id);
    }
    app.lists.iter_mut().for_each(|list| list.settle(&app.leads));
}

/// Makes sure that a list's order stands before it is looked at.
pub(super) fn build(app: &mut App, view: View) {
    let eyes = Eyes::of(&app.me, app.now());
    if let Some(list) = app.lists.iter_mut().find(|list| list.view == view)
        && !list.is_built()
    {
        list.build(&app.leads, eyes);
    }
}

/// Somebody else sits here now: what is "mine" is looked for anew.
pub(super) fn rebuild_mine(app: &mut App) {
    let eyes = Eyes::of(&app.me, app.now());
    for list in app.lists.iter_mut().filter(|list| list.is_built()) {
        if list.view == View::Mine {
            list.build(&app.leads, eyes);
        } else {
            list.refilter(&app.leads, eyes);
        }
    }
}
