//! The queue as it was last known, in memory: pages of it while the database is away.

use std::{cmp::Reverse, sync::Arc};

use jiff::Timestamp;

use crate::{
    domain::{
        contact::Contact,
        ids::Seq,
        lead::Lead,
        queue::{Key, View},
    },
    store::{
        Cursor, QueuePage, QueueQuery, Store, StoreError,
        rows::{cursor_of, from_ms},
    },
};

/// Leads kept: the most urgent there are. A small firm has fewer, and it bounds the memory of any other.
const KEPT: usize = 1_000;

/// The most urgent leads at one moment. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LastKnown {
    /// The journal's head then.
    pub seq: Seq,
    /// When this was true last.
    pub as_of: Timestamp,
    leads: Arc<[(Lead, Contact)]>,
    /// How many leads the views showed, those that are not kept too.
    totals: Arc<[(View, u64)]>,
    /// There are no other leads.
    whole: bool,
}

impl LastKnown {
    /// Reads the queue as it is at `now`.
    ///
    /// # Errors
    /// As the store says.
    pub async fn read(store: &dyn Store, now: Timestamp) -> Result<LastKnown, StoreError> {
        let query = QueueQuery { view: View::All, me: None, limit: KEPT, after: None };
        let page = store.queue(query).await?;
        let whole = page.next.is_none();
        let totals = if whole { Vec::new() } else { store.counts().await? };
        Ok(LastKnown {
            seq: page.seq,
            as_of: now,
            leads: page.leads.into(),
            totals: totals.into(),
            whole,
        })
    }

    /// A page as the store would have answered it, as far as it is known.
    pub fn page(&self, query: &QueueQuery) -> QueuePage {
        let QueueQuery { view, me, limit, after } = query;
        let mut shown: Vec<(Key, &(Lead, Contact))> = self
            .leads
            .iter()
            .filter(|(lead, _)| view.shows(&lead.standing(), me.as_ref()))
            .map(|known| (key(*view, &cursor_of(&known.0)), known))
            .collect();
        let total = self.total(*view, shown.len());
        let after = after.as_ref().map(|cursor| key(*view, cursor));
        shown.retain(|(key, _)| after.is_none_or(|after| *key > after));
        shown.sort_unstable_by_key(|(key, _)| *key);
        let more = shown.len() > *limit;
        shown.truncate(*limit);
        let next = shown.last().filter(|_| more).map(|(_, (lead, _))| cursor_of(lead));
        let leads = shown.into_iter().map(|(_, known)| known.clone()).collect();
        QueuePage { seq: self.seq, leads, next, total }
    }

    fn total(&self, view: View, shown: usize) -> u64 {
        let counted = self.totals.iter().find(|(counted, _)| *counted == view).map(|(_, n)| *n);
        let shown = u64::try_from(shown).unwrap_or(u64::MAX);
        if self.whole { shown } else { counted.unwrap_or(shown) }
    }
}

/// A place in a view's order, in whole milliseconds as the store counts.
fn key(view: View, place: &Cursor) -> Key {
    let &Cursor { tier_rank, value, due_at, ended_at, id } = place;
    match view {
        View::Overnight => Key::Overnight(tier_rank, Reverse(value), from_ms(ended_at), id),
        _ => Key::Callbacks(tier_rank, from_ms(due_at), Reverse(value), id),
    }
}
