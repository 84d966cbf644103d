//! One queue on the screen: an order over the rows, a selection that belongs to a lead, and what is seen of it.
//!
//! The list holds still under the hand: the selection is a lead's id, and the scroll is told by the line that the selected lead
//! stands on, so what arrives above it moves what is above it.

use std::ops::Range;

use super::{
    filter::Filter,
    leads::{Leads, Slot},
    row::Row,
};
use crate::domain::{
    ids::{LeadId, RepId},
    queue::{Key, View},
    tier::Tier,
};

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
    selected: Option<LeadId>,
    /// Where the selected lead stands, or stood before it left.
    index: usize,
    /// Lines between the top of the window and the selected lead.
    anchor: usize,
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
            selected: None,
            index: 0,
            anchor: 0,
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
        match &self.pinned {
            Some(pinned) => {
                let live = if self.filter.is_some() { &self.filtered } else { &self.all };
                live.len().saturating_sub(pinned.len())
            }
            None => 0,
        }
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
        let line = self.anchor.min(height - 1);
        let first = self.index.saturating_sub(line).min(len.saturating_sub(height));
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

    /// The row at a place.
    pub fn at<'a>(&self, leads: &'a Leads, place: usize) -> Option<&'a Row> {
        leads.at(*self.shown().get(place)?)
    }
}

fn key(view: View, leads: &Leads, slot: Slot) -> Option<Key> {
    leads.at(slot).map(|row| view.key(&row.standing()))
}
