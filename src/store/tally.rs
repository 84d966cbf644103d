//! Counts kept by every change, so that nobody has to count: how many leads each view shows, how many each person finds
//! in Mine, and how many open leads are each person's work.

use crate::domain::{
    ids::RepId,
    lead::Lead,
    person::{Person, Roster},
    queue::View,
};

/// Views that count the same for everybody.
pub const SHARED: [View; 7] = [
    View::Overnight,
    View::Callbacks,
    View::Booked,
    View::Answers,
    View::Partnerships,
    View::General,
    View::All,
];

/// What a transaction does to the counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deltas {
    views: [i64; SHARED.len()],
    people: Vec<PersonDelta>,
}

/// What a transaction does to one person's counts.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonDelta {
    pub id: RepId,
    /// Leads in Mine.
    pub mine: i64,
    /// Open leads that are this person's work.
    pub load: i64,
}

impl Deltas {
    /// Counts a lead as it is before a change out (`-1`), and as it is after it in (`1`).
    pub fn count(&mut self, lead: &Lead, by: i64) {
        let standing = lead.standing();
        for (view, n) in SHARED.iter().zip(&mut self.views) {
            if view.shows(&standing, None) {
                *n += by;
            }
        }
        if !lead.is_open() {
            return;
        }
        let (holder, owner) = (lead.holder(), lead.owner_person());
        for id in owner.into_iter().chain(holder.filter(|holder| Some(*holder) != owner)) {
            self.person(id).mine += by;
        }
        if let Some(id) = lead.assignee() {
            self.person(id).load += by;
        }
    }

    /// Adds what another part of the transaction does.
    pub fn add(&mut self, other: &Deltas) {
        for (mine, theirs) in self.views.iter_mut().zip(other.views) {
            *mine += theirs;
        }
        for theirs in &other.people {
            let mine = self.person(&theirs.id);
            mine.mine += theirs.mine;
            mine.load += theirs.load;
        }
    }

    /// What it does to people.
    pub fn people(&self) -> &[PersonDelta] {
        &self.people
    }

    /// Every row that changes, and by how much; the name is lent.
    ///
    /// # Errors
    /// The first error of `write`.
    pub fn each<E>(&self, mut write: impl FnMut(&str, i64) -> Result<(), E>) -> Result<(), E> {
        for (view, n) in SHARED.iter().zip(self.views) {
            if n != 0 {
                write(view.as_str(), n)?;
            }
        }
        for person in &self.people {
            if person.mine != 0 {
                write(&mine(&person.id), person.mine)?;
            }
            if person.load != 0 {
                write(&load(&person.id), person.load)?;
            }
        }
        Ok(())
    }

    fn person(&mut self, id: &RepId) -> &mut PersonDelta {
        let at = match self.people.iter().position(|person| person.id == *id) {
            Some(at) => at,
            None => {
                self.people.push(PersonDelta { id: id.clone(), mine: 0, load: 0 });
                self.people.len() - 1
            }
        };
        &mut self.people[at]
    }
}

/// The row that counts what a person finds in Mine.
pub fn mine(id: &RepId) -> String {
    format!("mine/{id}")
}

/// The row that counts a person's open work.
pub fn load(id: &RepId) -> String {
    format!("load/{id}")
}

/// Whose open work a row counts.
pub fn load_of(name: &str) -> Option<&str> {
    name.strip_prefix("load/")
}

/// Puts a person into a roster that is sorted by handle, in the place of the one with the same handle.
pub fn put_person(roster: &mut Roster, person: Person) {
    match roster.people.binary_search_by(|(known, _)| known.id.cmp(&person.id)) {
        Ok(at) => roster.people[at].0 = person,
        Err(at) => roster.people.insert(at, (person, 0)),
    }
}

/// Adds to somebody's open work, in a roster that is sorted by handle.
pub fn add_load(roster: &mut Roster, id: &str, by: i64) {
    if let Ok(at) = roster.people.binary_search_by(|(known, _)| known.id.as_str().cmp(id)) {
        let load = &mut roster.people[at].1;
        *load = u32::try_from(i64::from(*load).saturating_add(by)).unwrap_or(0);
    }
}
