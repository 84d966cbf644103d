//! One queue on the screen: an order over the rows, a selection that belongs to a lead, and what is seen of it.
//!
//! The list holds still under the hand: the selection is a lead's id, and the scroll is told by the line that the selected lead
//! stands on, so what arrives above it moves what is above it.

use std::ops::Range;

use super::{
    app::Me,
    filter::Filter,
    leads::{Leads, Slot},
    row::Row,
};
use crate::domain::{
    ids::{LeadId, RepId},
    queue::{Key, View},
    tier::Tier,
};
use jiff::Timestamp;

/// A queue as one person looks at it.
#[derive(Debug)]
pub struct List {
    pub view: View,
    /// Filled when it is first looked at, and kept in order from then on.
    built: bool,
    /// Everything in this view, in its order.
    all: Vec<Slot>,
    /// By tier: A, B, C, D.
    tiers: [usize; 4],
    filter: Option<Filter>,
    /// What the filter lets through, in the view's order.
    filtered: Vec<Slot>,
    /// The rows as they stood when the order was pinned.
    pinned: Option<Vec<Slot>>,
    /// How many came since.
    held_back: usize,
    selected: Option<LeadId>,
    /// Where the selected lead stands, or stood before it left.
    index: usize,
    /// Lines between the top of the window and the selected lead.
    anchor: usize,
    /// Nobody has moved away from the top: what arrives there is shown.
    at_top: bool,
}

/// The part of a list that a window shows.
#[derive(Debug)]
pub struct Viewport<'a> {
    /// The place of the first row shown.
    pub first: usize,
    /// How many there are in the list.
    pub total: usize,
    /// Which of `rows` is selected.
    pub selected: Option<usize>,
    pub rows: Vec<&'a Row>,
}

impl List {
    pub fn new(view: View) -> List {
        List {
            view,
            built: false,
            all: Vec::new(),
            tiers: [0; 4],
            filter: None,
            filtered: Vec::new(),
            pinned: None,
            held_back: 0,
            selected: None,
            index: 0,
            anchor: 0,
            at_top: true,
        }
    }

    /// What is shown, in its order.
    fn shown(&self) -> &[Slot] {
        match (&self.pinned, &self.filter) {
            (Some(pinned), _) => pinned,
            (None, Some(_)) => &self.filtered,
            (None, None) => &self.all,
        }
    }

    /// How many rows are shown: the filter's, or the pinned ones.
    pub fn len(&self) -> usize {
        self.shown().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are in this view, filtered out or not.
    pub fn total(&self) -> usize {
        self.all.len()
    }

    /// How many of a tier there are in this view, filtered out or not.
    pub fn count(&self, tier: Tier) -> usize {
        self.tiers[tier as usize]
    }

    pub fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    pub fn is_pinned(&self) -> bool {
        self.pinned.is_some()
    }

    /// How many came while the order was pinned and are not shown.
    pub fn held_back(&self) -> usize {
        self.held_back
    }

    pub fn selected(&self) -> Option<LeadId> {
        self.selected
    }

    /// The place of the selected lead, from 0; `None` where nothing is shown.
    pub fn position(&self) -> Option<usize> {
        self.selected.map(|_| self.index)
    }

    /// The places that a window of `height` lines shows.
    pub fn window(&self, height: usize) -> Range<usize> {
        let len = self.len();
        if height == 0 {
            return 0..0;
        }
        let line = if self.at_top { self.index } else { self.anchor };
        let first = self.index.saturating_sub(line.min(height - 1)).min(len.saturating_sub(height));
        first..(first + height).min(len)
    }

    /// What a window of `height` lines shows.
    pub fn viewport<'a>(&self, leads: &'a Leads, height: usize) -> Viewport<'a> {
        let window = self.window(height);
        Viewport {
            first: window.start,
            total: self.len(),
            selected: self.position().and_then(|at| at.checked_sub(window.start)),
            rows: self.shown()[window].iter().filter_map(|slot| leads.at(*slot)).collect(),
        }
    }

    /// The most urgent rows of this view first, filtered out or not.
    pub fn top<'a>(&'a self, leads: &'a Leads) -> impl Iterator<Item = &'a Row> {
        self.all.iter().filter_map(|slot| leads.at(*slot))
    }

    /// The row at a place.
    pub fn at<'a>(&self, leads: &'a Leads, place: usize) -> Option<&'a Row> {
        leads.at(*self.shown().get(place)?)
    }
}

/// What a list is looked at with: it decides what "mine" and "due" mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Eyes<'a> {
    pub me: Option<&'a RepId>,
    pub now: Timestamp,
}

impl Eyes<'_> {
    pub(super) fn of(me: &Option<Me>, now: Timestamp) -> Eyes<'_> {
        Eyes { me: me.as_ref().map(|me| &me.id), now }
    }
}

/// How far the selection goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    By(isize),
    Top,
    Bottom,
}

/// Changes, all by the loop's `update`.
impl List {
    /// Whether the order stands; it is made when the list is first looked at.
    pub(super) fn is_built(&self) -> bool {
        self.built
    }

    /// Makes the order from all rows.
    pub(super) fn build(&mut self, leads: &Leads, eyes: Eyes<'_>) {
        self.built = true;
        let view = self.view;
        let mut keys: Vec<(Key, Slot)> = leads
            .iter()
            .filter(|(_, row)| view.shows(&row.standing(), eyes.me))
            .map(|(slot, row)| (view.key(&row.standing()), slot))
            .collect();
        keys.sort_unstable();
        self.all = keys.iter().map(|(_, slot)| *slot).collect();
        self.tiers = [0; 4];
        for row in self.all.iter().filter_map(|slot| leads.at(*slot)) {
            self.tiers[row.tier as usize] += 1;
        }
        self.refilter(leads, eyes);
    }

    /// Puts many new rows in at once. The list does not hold any of them yet.
    pub(super) fn enter_all(&mut self, leads: &Leads, slots: &[Slot], eyes: Eyes<'_>) {
        if !self.built {
            return;
        }
        let view = self.view;
        let mut keys: Vec<(Key, Slot)> = slots
            .iter()
            .filter_map(|slot| Some((*slot, leads.at(*slot)?)))
            .filter(|(_, row)| view.shows(&row.standing(), eyes.me))
            .map(|(slot, row)| (view.key(&row.standing()), slot))
            .collect();
        if keys.len() <= 64 || self.pinned.is_some() {
            keys.iter().for_each(|(_, slot)| self.enter(leads, *slot, eyes));
            return self.settle(leads);
        }
        keys.sort_unstable();
        let before = std::mem::take(&mut self.all);
        self.all = merged(before, &keys, |slot| key(view, leads, slot));
        for row in keys.iter().filter_map(|(_, slot)| leads.at(*slot)) {
            self.tiers[row.tier as usize] += 1;
        }
        self.refilter(leads, eyes);
    }

    /// Takes a row out before it changes; call [`List::enter`] with the changed one and [`List::settle`] after it.
    pub(super) fn leave(&mut self, leads: &Leads, slot: Slot, me: Option<&RepId>) {
        let Some(row) = leads.at(slot).filter(|_| self.built) else { return };
        if !self.view.shows(&row.standing(), me) {
            return;
        }
        let place = self.view.key(&row.standing());
        let mut was_shown = take(&mut self.all, self.view, leads, &place);
        if was_shown {
            self.tiers[row.tier as usize] -= 1;
        }
        if self.filter.is_some() {
            was_shown = take(&mut self.filtered, self.view, leads, &place);
        }
        if was_shown && self.is_held_back(slot) {
            self.held_back = self.held_back.saturating_sub(1);
        }
    }

    /// Puts a row in its place, if this view shows it.
    pub(super) fn enter(&mut self, leads: &Leads, slot: Slot, eyes: Eyes<'_>) {
        let Some(row) = leads.at(slot).filter(|_| self.built) else { return };
        if !self.view.shows(&row.standing(), eyes.me) {
            return;
        }
        let place = self.view.key(&row.standing());
        put(&mut self.all, self.view, leads, &place, slot);
        self.tiers[row.tier as usize] += 1;
        let let_through =
            self.filter.as_ref().map(|filter| filter.lets_through(row, eyes.me, eyes.now));
        if let_through == Some(true) {
            put(&mut self.filtered, self.view, leads, &place, slot);
        }
        if let_through != Some(false) && self.is_held_back(slot) {
            self.held_back += 1;
        }
    }

    fn is_held_back(&self, slot: Slot) -> bool {
        self.pinned.as_ref().is_some_and(|pinned| !pinned.contains(&slot))
    }

    /// Finds the selected lead again. If it has left, the one that took its place is selected.
    pub(super) fn settle(&mut self, leads: &Leads) {
        let place = self.selected.and_then(|id| self.place_of(leads, id));
        match place {
            Some(place) => self.index = place,
            None => {
                self.index = self.index.min(self.len().saturating_sub(1));
                self.selected = self.at(leads, self.index).map(|row| row.id);
            }
        }
    }

    /// Selects a lead; `false` if it is not shown.
    pub(super) fn select(&mut self, leads: &Leads, id: LeadId, height: usize) -> bool {
        let Some(place) = self.place_of(leads, id) else { return false };
        self.go(leads, place, height);
        true
    }

    /// Moves the selection, and the window as little as it takes.
    pub(super) fn step(&mut self, leads: &Leads, step: Step, height: usize) {
        let last = self.len().saturating_sub(1);
        match step {
            Step::By(by) => self.go(leads, self.index.saturating_add_signed(by).min(last), height),
            Step::Bottom => self.go(leads, last, height),
            Step::Top => {
                self.go(leads, 0, height);
                self.at_top = true;
            }
        }
    }

    /// Moves the window, and the selection only where it would leave it.
    pub(super) fn scroll(&mut self, leads: &Leads, by: isize, height: usize) {
        let window = self.window(height);
        let last = self.len().saturating_sub(window.len());
        let first = window.start.saturating_add_signed(by).min(last);
        let index = self.index.clamp(first, (first + window.len()).saturating_sub(1).max(first));
        self.go(leads, index, height);
        self.anchor = self.index.saturating_sub(first);
        self.at_top = false;
    }

    fn go(&mut self, leads: &Leads, place: usize, height: usize) {
        let first = self.window(height).start;
        let last_line = height.saturating_sub(1);
        // Two lines of what comes next stay in sight.
        let margin = 2.min(last_line / 2);
        let lowest = last_line.saturating_sub(margin).max(margin);
        self.anchor = place.saturating_sub(first).clamp(margin, lowest);
        self.index = place;
        self.selected = self.at(leads, place).map(|row| row.id);
        self.at_top = false;
        // The line it stands on in truth: at both ends the margin cannot be kept.
        self.anchor = place.saturating_sub(self.window(height).start);
    }

    /// Sets the filter and shows what it lets through.
    pub(super) fn set_filter(&mut self, filter: Option<Filter>, leads: &Leads, eyes: Eyes<'_>) {
        self.filter = filter;
        self.refilter(leads, eyes);
    }

    /// Looks through all rows again: for what depends on the time, or on who is asking.
    pub(super) fn refilter(&mut self, leads: &Leads, eyes: Eyes<'_>) {
        self.filtered = match &self.filter {
            None => Vec::new(),
            Some(filter) => self
                .all
                .iter()
                .copied()
                .filter(|slot| {
                    leads.at(*slot).is_some_and(|row| filter.lets_through(row, eyes.me, eyes.now))
                })
                .collect(),
        };
        self.settle(leads);
    }

    /// Keeps what is shown as it stands.
    pub(super) fn pin(&mut self) {
        self.pinned = Some(self.shown().to_vec());
        self.held_back = 0;
    }

    pub(super) fn unpin(&mut self, leads: &Leads) {
        self.pinned = None;
        self.held_back = 0;
        self.settle(leads);
    }

    /// The rows shown with their places, from `place` on and round once.
    pub(super) fn round<'a>(
        &'a self,
        leads: &'a Leads,
        place: usize,
    ) -> impl DoubleEndedIterator<Item = (usize, &'a Row)> {
        let shown = self.shown();
        (place..shown.len())
            .chain(0..place.min(shown.len()))
            .filter_map(move |place| Some((place, leads.at(shown[place])?)))
    }

    /// Everything in this view, in its order, filtered out or not.
    pub(super) fn all_slots(&self) -> &[Slot] {
        &self.all
    }

    /// Where a lead stands among what is shown.
    pub(super) fn place_of(&self, leads: &Leads, id: LeadId) -> Option<usize> {
        let slot = leads.slot(id)?;
        // Nothing has moved, most of the time.
        if self.shown().get(self.index) == Some(&slot) {
            return Some(self.index);
        }
        if let Some(pinned) = &self.pinned {
            return pinned.iter().position(|known| *known == slot);
        }
        let place = self.view.key(&leads.at(slot)?.standing());
        search(self.shown(), self.view, leads, &place).ok()
    }
}

fn key(view: View, leads: &Leads, slot: Slot) -> Option<Key> {
    leads.at(slot).map(|row| view.key(&row.standing()))
}

fn search(order: &[Slot], view: View, leads: &Leads, place: &Key) -> Result<usize, usize> {
    order.binary_search_by(|slot| key(view, leads, *slot).as_ref().cmp(&Some(place)))
}

fn take(order: &mut Vec<Slot>, view: View, leads: &Leads, place: &Key) -> bool {
    match search(order, view, leads, place) {
        Ok(at) => {
            order.remove(at);
            true
        }
        Err(_) => false,
    }
}

fn put(order: &mut Vec<Slot>, view: View, leads: &Leads, place: &Key, slot: Slot) {
    if let Err(at) = search(order, view, leads, place) {
        order.insert(at, slot);
    }
}

/// Two sorted runs as one. What comes wholly behind the other is only appended: so it is when the cache hands over its rows.
fn merged(
    mut before: Vec<Slot>,
    new: &[(Key, Slot)],
    key: impl Fn(Slot) -> Option<Key>,
) -> Vec<Slot> {
    let last = before.last().and_then(|slot| key(*slot));
    if last.as_ref() <= new.first().map(|(key, _)| key) {
        before.extend(new.iter().map(|(_, slot)| *slot));
        return before;
    }
    let mut order = Vec::with_capacity(before.len() + new.len());
    let mut new = new.iter().peekable();
    for slot in before {
        let place = key(slot);
        while let Some((_, earlier)) = new.next_if(|(key, _)| Some(key) < place.as_ref()) {
            order.push(*earlier);
        }
        order.push(slot);
    }
    order.extend(new.map(|(_, slot)| *slot));
    order
}
