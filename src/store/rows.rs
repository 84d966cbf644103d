//! Between the domain's types and what stands in a row: identifiers as bytes, instants as milliseconds, documents as
//! JSON, and the columns that queries need. Shared by all engines.

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::StoreError;
use crate::domain::{
    contact::Contact,
    deadline::{Deadline, DeadlineKind},
    ids::{LeadId, RepId},
    lead::Lead,
    queue::{GENERAL, Kind, PARTNERSHIPS, Standing},
};

/// An identifier as it is stored.
pub type Bytes16 = [u8; 16];

/// The `due_sort` of a lead without a due time.
pub const NEVER: i64 = i64::MAX;

/// An instant as it is stored: whole milliseconds since 1970, the rest cut off.
pub fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The first whole millisecond that is not before an instant: a deadline must never be found before it has come.
pub fn ms_not_before(at: Timestamp) -> i64 {
    let cut = ms(at);
    if from_ms(cut) < at { cut + 1 } else { cut }
}

/// An instant read back. What lies outside jiff's years becomes the nearer end of time.
pub fn from_ms(ms: i64) -> Timestamp {
    let end = if ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(ms).unwrap_or(end)
}

/// A document as it is stored.
///
/// # Errors
/// [`StoreError::Failed`] for a value that has no JSON form: none of ours.
pub fn write_doc<T: Serialize>(value: &T) -> Result<String, StoreError> {
    // Room for almost every document: growing step by step costs more than writing it.
    let mut json = Vec::with_capacity(2048);
    serde_json::to_writer(&mut json, value).map_err(|fault| {
        StoreError::Failed(format!("a document cannot be written as JSON: {}", place(&fault)))
    })?;
    String::from_utf8(json).map_err(|fault| StoreError::Failed(fault.to_string()))
}

/// A document read back.
///
/// # Errors
/// [`StoreError::Damaged`], without a word of what the document holds.
pub fn read_doc<T: DeserializeOwned>(
    table: &'static str,
    key: impl std::fmt::Display,
    json: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|fault| damaged(table, key, place(&fault)))
}

/// A row that does not hold what it should.
pub fn damaged(
    table: &'static str,
    key: impl std::fmt::Display,
    fault: impl Into<String>,
) -> StoreError {
    StoreError::Damaged { table, key: key.to_string(), fault: fault.into() }
}

/// Where a document went wrong. Never the message of serde: it quotes what it read, and that may be a caller's name.
fn place(fault: &serde_json::Error) -> String {
    format!("{:?} error at line {} column {}", fault.classify(), fault.line(), fault.column())
}

/// An identifier read back.
///
/// # Errors
/// [`StoreError::Damaged`] for anything but 16 bytes.
pub fn read_id(table: &'static str, bytes: &[u8]) -> Result<uuid::Uuid, StoreError> {
    uuid::Uuid::from_slice(bytes).map_err(|_| damaged(table, "?", "an identifier is not 16 bytes"))
}

/// A deadline read back.
///
/// # Errors
/// [`StoreError::Damaged`] for an unknown kind.
pub fn read_deadline(at: i64, lead: &[u8], kind: &str) -> Result<Deadline, StoreError> {
    let lead = LeadId(read_id("deadlines", lead)?);
    let kind = DeadlineKind::read(kind)
        .ok_or_else(|| damaged("deadlines", lead, "the kind is unknown"))?;
    Ok(Deadline { at: from_ms(at), lead, kind })
}

/// Where the non-closed leads of a view of their own stand (`leads.shelf`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    Overnight = 1,
    Callbacks = 2,
    Booked = 3,
}

impl Shelf {
    fn of(standing: &Standing<'_>) -> Option<Shelf> {
        match standing.kind {
            Kind::Open if standing.after_hours => Some(Shelf::Overnight),
            Kind::Open => Some(Shelf::Callbacks),
            Kind::Booked => Some(Shelf::Booked),
            Kind::Closed => None,
        }
    }
}

/// A lead's place in every order, as the columns spell it. All ascend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub tier_rank: i16,
    pub due_sort: i64,
    pub value_sort: i64,
    pub ended_at: i64,
    pub id: Bytes16,
}

impl Place {
    /// Before every lead.
    pub const START: Place = Place {
        tier_rank: i16::MIN,
        due_sort: i64::MIN,
        value_sort: i64::MIN,
        ended_at: i64::MIN,
        id: [0; 16],
    };

    pub fn of(standing: &Standing<'_>) -> Place {
        Place {
            tier_rank: i16::from(standing.tier.rank()),
            due_sort: standing.due_at.map_or(NEVER, ms),
            value_sort: -standing.value,
            ended_at: ms(standing.ended_at),
            id: *standing.id.0.as_bytes(),
        }
    }
}

impl From<&super::Cursor> for Place {
    fn from(cursor: &super::Cursor) -> Place {
        Place {
            tier_rank: i16::from(cursor.tier_rank),
            due_sort: cursor.due_at,
            value_sort: cursor.value.saturating_neg(),
            ended_at: cursor.ended_at,
            id: *cursor.id.0.as_bytes(),
        }
    }
}

/// Where a page that ends with this lead ends.
pub fn cursor_of(lead: &Lead) -> super::Cursor {
    let standing = lead.standing();
    super::Cursor {
        tier_rank: standing.tier.rank(),
        value: standing.value,
        due_at: standing.due_at.map_or(NEVER, ms),
        ended_at: ms(standing.ended_at),
        id: standing.id,
    }
}

/// A row of `leads`.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadRow {
    pub contact_id: Bytes16,
    pub rev: i64,
    /// The revision that the row must still have; `None` for a new one.
    pub rev_before: Option<i64>,
    /// None while the lead is open.
    pub closed_slot: Option<Bytes16>,
    pub shelf: Option<i16>,
    pub night_rank: Option<i16>,
    pub place: Place,
    pub desk: Option<&'static str>,
    pub owner: Option<String>,
    pub holder: Option<String>,
    pub doc: String,
}

impl LeadRow {
    /// # Errors
    /// As [`write_doc`].
    pub fn of(lead: &Lead, rev_before: Option<u32>) -> Result<LeadRow, StoreError> {
        let standing = lead.standing();
        let open = standing.kind == Kind::Open;
        let word = |id: Option<&RepId>| id.filter(|_| open).map(|id| id.0.clone());
        let shelf = Shelf::of(&standing);
        let place = Place::of(&standing);
        Ok(LeadRow {
            contact_id: *lead.contact_id.0.as_bytes(),
            rev: i64::from(lead.rev),
            rev_before: rev_before.map(i64::from),
            closed_slot: (!open).then_some(*lead.id.0.as_bytes()),
            shelf: shelf.map(|shelf| shelf as i16),
            night_rank: (shelf == Some(Shelf::Overnight)).then_some(place.tier_rank),
            place,
            desk: desk(standing.queue).filter(|_| open),
            owner: word(standing.owner),
            holder: word(standing.holder),
            doc: write_doc(lead)?,
        })
    }

    /// The `open_slot` column: at most one lead of a contact has an empty one.
    pub fn open_slot(&self) -> &[u8] {
        self.closed_slot.as_ref().map_or(&[], |id| id.as_slice())
    }
}

/// The `desk` of an open lead: its queue, where that is a view of its own.
fn desk(queue: &str) -> Option<&'static str> {
    [GENERAL, PARTNERSHIPS].into_iter().find(|desk| *desk == queue)
}

/// A row of `contacts`.
#[derive(Clone, Debug, PartialEq)]
pub struct ContactRow {
    pub id: Bytes16,
    pub rev: i64,
    /// The revision that the row must still have; `None` for a new one.
    pub rev_before: Option<i64>,
    pub merged_into: Option<Bytes16>,
    pub doc: String,
}

impl ContactRow {
    /// # Errors
    /// As [`write_doc`].
    pub fn of(contact: &Contact, rev_before: Option<u32>) -> Result<ContactRow, StoreError> {
        Ok(ContactRow {
            id: *contact.id.0.as_bytes(),
            rev: i64::from(contact.rev),
            rev_before: rev_before.map(i64::from),
            merged_into: contact.merged_into.map(|id| *id.0.as_bytes()),
            doc: write_doc(contact)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tier::Tier;

    #[test]
    fn the_answers_statement_names_the_rank_of_tier_d() {
        let named = format!("tier_rank = {}", Tier::D.rank());
        assert_eq!(super::super::sql::ANSWERS.matches(&named).count(), 2);
    }

    #[test]
    fn a_deadline_between_two_milliseconds_is_found_only_when_it_has_come() {
        let at: Timestamp = "2026-11-24T08:52:00.0001Z".parse().unwrap();
        assert_eq!(ms(at) + 1, ms_not_before(at));
        assert_eq!(ms_not_before(from_ms(ms(at))), ms(at));
    }

    #[test]
    fn a_damaged_document_is_named_without_its_content() {
        let fault = read_doc::<Contact>("contacts", "1", r#"{"id": "Jane Roe"}"#).unwrap_err();
        assert!(!fault.to_string().contains("Jane"), "{fault}");
        assert!(fault.to_string().contains("contacts row 1"), "{fault}");
    }
}
