//! Full leads and histories seen lately: what the detail is drawn from.

use std::{collections::HashMap, sync::Arc};

use crate::{domain::ids::LeadId, wire};

/// How many full leads are kept at hand. They are a few kilobytes each.
const KEPT: usize = 256;

/// What is known of a lead's history.
#[derive(Clone, Debug, PartialEq)]
pub enum HistoryShown {
    /// Asked for.
    Coming,
    Here(Arc<wire::History>),
    /// Not in the cache, and there is no line.
    NotHere(String),
}

#[derive(Debug, Default)]
struct Known {
    asked: bool,
    lead: Option<Arc<wire::Lead>>,
    history: Option<HistoryShown>,
    /// When it was used last, in uses.
    used: u64,
}

/// The leads used last.
#[derive(Debug, Default)]
pub struct Recent {
    known: HashMap<LeadId, Known>,
    uses: u64,
}

impl Recent {
    pub fn lead(&self, id: LeadId) -> Option<&Arc<wire::Lead>> {
        self.known.get(&id)?.lead.as_ref()
    }

    pub fn history(&self, id: LeadId) -> Option<&HistoryShown> {
        self.known.get(&id)?.history.as_ref()
    }

    /// Whether a lead is at hand, or on its way.
    pub fn is_known(&self, id: LeadId) -> bool {
        self.known.get(&id).is_some_and(|known| known.asked || known.lead.is_some())
    }

    /// Keeps a lead; an older version than the one at hand is passed over.
    pub(super) fn keep(&mut self, lead: Arc<wire::Lead>) {
        let known = self.touch(LeadId(lead.id));
        if known.lead.as_ref().is_none_or(|at_hand| at_hand.rev <= lead.rev) {
            known.lead = Some(lead);
        }
        self.shrink();
    }

    pub(super) fn keep_history(&mut self, id: LeadId, history: HistoryShown) {
        self.touch(id).history = Some(history);
        self.shrink();
    }

    /// It was asked for: it is not asked for again.
    pub(super) fn asked(&mut self, id: LeadId) {
        self.touch(id).asked = true;
        self.shrink();
    }

    /// It is not where it was looked for.
    pub(super) fn forget(&mut self, id: LeadId) {
        self.touch(id).asked = false;
    }

    /// What could not be had may be there now.
    pub(super) fn drop_missing_histories(&mut self) {
        for known in self.known.values_mut() {
            if !matches!(known.history, Some(HistoryShown::Here(_))) {
                known.history = None;
            }
        }
    }

    /// It is being looked at: it stays.
    fn touch(&mut self, id: LeadId) -> &mut Known {
        self.uses += 1;
        let uses = self.uses;
        let known = self.known.entry(id).or_default();
        known.used = uses;
        known
    }

    /// Forgets the half that was used longest ago, so that it is rarely done.
    fn shrink(&mut self) {
        if self.known.len() <= KEPT {
            return;
        }
        let mut used: Vec<u64> = self.known.values().map(|known| known.used).collect();
        let middle = used.len() / 2;
        let (_, limit, _) = used.select_nth_unstable(middle);
        let limit = *limit;
        self.known.retain(|_, known| known.used >= limit);
    }
}
