//! The journal on the screen: what happened, newest first, held still by sequence number.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use super::list::Step;
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

    /// Puts entries in that are not there yet, in any order; the oldest beyond [`KEPT`] go.
    pub(super) fn add(&mut self, entries: impl IntoIterator<Item = Arc<wire::Entry>>) {
        for entry in entries {
            let at = self.entries.partition_point(|known| known.seq > entry.seq);
            if self.entries.get(at).is_some_and(|known| known.seq == entry.seq) {
                continue;
            }
            if at < KEPT {
                if !self.filter.is_empty() && says(&entry, &self.filter.to_lowercase()) {
                    let at = self.filtered.partition_point(|known| *known > entry.seq);
                    self.filtered.insert(at, entry.seq);
                }
                self.entries.insert(at, entry);
            }
        }
        self.entries.truncate(KEPT);
        let oldest = self.entries.back().map_or(0, |entry| entry.seq);
        while self.filtered.back().is_some_and(|seq| *seq < oldest) {
            self.filtered.pop_back();
        }
    }

    /// Shows only entries that hold every one of these words.
    pub(super) fn set_filter(&mut self, filter: &str) {
        self.filter = filter.trim().into();
        let wanted = self.filter.to_lowercase();
        let fitting = self.entries.iter().filter(|entry| says(entry, &wanted));
        self.filtered = fitting.map(|entry| entry.seq).collect();
    }

    /// Moves the selection; on the newest entry it follows what comes.
    pub(super) fn step(&mut self, step: Step, height: usize) {
        let last = self.len().saturating_sub(1);
        let place = match step {
            Step::By(by) => self.position().saturating_add_signed(by).min(last),
            Step::Top => 0,
            Step::Bottom => last,
        };
        self.go(place, height);
    }

    /// Selects the entry at a place.
    pub(super) fn go(&mut self, place: usize, height: usize) {
        let first = self.window(height).start;
        self.anchor = place.saturating_sub(first).min(height.saturating_sub(1));
        self.selected = match place {
            0 => None,
            _ => self.at(place).map(|entry| entry.seq),
        };
        self.anchor = place.saturating_sub(self.window(height).start);
    }

    /// Moves the window, and the selection only where it would leave it.
    pub(super) fn scroll(&mut self, by: isize, height: usize) {
        let window = self.window(height);
        let last = self.len().saturating_sub(window.len());
        let first = window.start.saturating_add_signed(by).min(last);
        let end = (first + window.len()).saturating_sub(1).max(first);
        let place = self.position().clamp(first, end);
        self.go(place, height);
        self.anchor = place.saturating_sub(first);
    }

    /// The entries shown with their places, from `place` on and round once.
    pub(super) fn round(
        &self,
        place: usize,
    ) -> impl DoubleEndedIterator<Item = (usize, &Arc<wire::Entry>)> {
        (place..self.len())
            .chain(0..place.min(self.len()))
            .filter_map(|place| Some((place, self.at(place)?)))
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

/// Whether an entry holds each of the words (in lower case): in its kind, who made it, whom it is about, or its detail.
fn says(entry: &wire::Entry, words: &str) -> bool {
    let name =
        entry.lead.as_ref().and_then(|lead| lead.contact.name.as_deref()).unwrap_or_default();
    let text = format!("{} {} {name} {}", entry.kind, entry.actor.name(), entry.detail);
    let text = text.to_lowercase();
    words.split_whitespace().all(|word| text.contains(word))
}
