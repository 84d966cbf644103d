//! The journal on the screen: what happened, newest first, held still by sequence number.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use crate::{domain::ids::Seq, wire};

/// How many entries are kept.
pub const KEPT: usize = 2_000;

/// What happened lately, and what is seen of it.
#[derive(Debug, Default)]
pub struct JournalScreen {
    /// Newest first.
    entries: VecDeque<Arc<wire::Entry>>,
    /// As typed; empty shows all.
    filter: String,
    /// What the filter lets through, newest first; unused while it is empty.
    filtered: VecDeque<Seq>,
    /// What arrives does not move it. `None` follows the newest.
    selected: Option<Seq>,
    /// Lines between the top of the window and the selected entry.
    anchor: usize,
}

/// The part of the journal that a window shows.
#[derive(Debug)]
pub struct JournalViewport<'a> {
    /// The place of the first entry shown.
    pub first: usize,
    /// How many there are.
    pub total: usize,
    /// Which of `entries` is selected.
    pub selected: Option<usize>,
    /// Newest first.
    pub entries: Vec<&'a wire::Entry>,
}

impl JournalScreen {
    /// How many entries are shown.
    pub fn len(&self) -> usize {
        if self.filter.is_empty() { self.entries.len() } else { self.filtered.len() }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// The entry at a place, from 0, newest first.
    pub fn at(&self, place: usize) -> Option<&Arc<wire::Entry>> {
        if self.filter.is_empty() {
            return self.entries.get(place);
        }
        let seq = *self.filtered.get(place)?;
        self.entries.get(self.place_of_entry(seq)?)
    }

    /// The place of the selected entry.
    pub fn position(&self) -> usize {
        self.selected.and_then(|seq| self.place(seq)).unwrap_or(0)
    }

    pub fn selected_entry(&self) -> Option<&Arc<wire::Entry>> {
        self.at(self.position())
    }

    /// The places that a window of `height` lines shows.
    pub fn window(&self, height: usize) -> Range<usize> {
        if height == 0 {
            return 0..0;
        }
        let line = self.anchor.min(height - 1);
        let first = self.position().saturating_sub(line).min(self.len().saturating_sub(height));
        first..(first + height).min(self.len())
    }

    /// What a window of `height` lines shows.
    pub fn viewport(&self, height: usize) -> JournalViewport<'_> {
        let window = self.window(height);
        JournalViewport {
            first: window.start,
            total: self.len(),
            selected: (!self.is_empty()).then(|| self.position().saturating_sub(window.start)),
            entries: window.filter_map(|place| self.at(place)).map(Arc::as_ref).collect(),
        }
    }

    /// The place of the entry with a sequence number among those shown; of the next older one if it is not there.
    fn place(&self, seq: Seq) -> Option<usize> {
        let place = if self.filter.is_empty() {
            self.entries.partition_point(|entry| entry.seq > seq)
        } else {
            self.filtered.partition_point(|known| *known > seq)
        };
        (place < self.len()).then_some(place)
    }

    fn place_of_entry(&self, seq: Seq) -> Option<usize> {
        self.entries.binary_search_by(|entry| seq.cmp(&entry.seq)).ok()
    }
}
