//! All leads that are not closed, as rows. Lists refer to them by slot.

use std::collections::HashMap;

use super::row::Row;
use crate::domain::ids::LeadId;

/// A row's place in memory. It stays the same while the row is there.
pub type Slot = u32;

/// The rows, and where each stands.
#[derive(Debug, Default)]
pub struct Leads {
    rows: Vec<Option<Row>>,
    free: Vec<Slot>,
    slots: HashMap<LeadId, Slot>,
}

impl Leads {
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub fn get(&self, id: LeadId) -> Option<&Row> {
        self.at(self.slot(id)?)
    }

    pub fn slot(&self, id: LeadId) -> Option<Slot> {
        self.slots.get(&id).copied()
    }

    pub fn at(&self, slot: Slot) -> Option<&Row> {
        self.rows.get(slot as usize)?.as_ref()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Slot, &Row)> {
        (0..).zip(&self.rows).filter_map(|(slot, row)| Some((slot, row.as_ref()?)))
    }

    /// Puts a row in the place of its older self, which is handed back.
    pub(super) fn put(&mut self, row: Row) -> (Slot, Option<Row>) {
        if let Some(slot) = self.slot(row.id) {
            let before = self.rows[slot as usize].replace(row);
            return (slot, before);
        }
        let id = row.id;
        let slot = match self.free.pop() {
            Some(slot) => {
                self.rows[slot as usize] = Some(row);
                slot
            }
            None => {
                self.rows.push(Some(row));
                // Four thousand million leads do not fit into memory first.
                (self.rows.len() - 1) as Slot
            }
        };
        self.slots.insert(id, slot);
        (slot, None)
    }

    pub(super) fn take(&mut self, id: LeadId) -> Option<(Slot, Row)> {
        let slot = self.slots.remove(&id)?;
        let row = self.rows[slot as usize].take()?;
        self.free.push(slot);
        Some((slot, row))
    }
}
