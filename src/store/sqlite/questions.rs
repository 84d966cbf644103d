//! What can be asked of the database, each on a connection that only reads.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use serde::de::DeserializeOwned;

use super::connection::{prepare_cached, store_error};
use crate::{
    domain::{
        command::TokenHash,
        contact::Contact,
        deadline::Deadline,
        ids::{ContactId, LeadId, Seq},
        lead::Lead,
        person::Roster,
        phone::Phone,
        queue::{GENERAL, PARTNERSHIPS, View},
    },
    store::{
        Access, JournalQuery, KnownCaller, KnownToken, LeadHistory, OutboxRow, QueuePage,
        QueueQuery, StoreError, StoredEntry,
        rows::{self, Bytes16, Place},
        sql, tally,
    },
};

/// Leads of a contact that a history shows.
const OTHERS_SHOWN: i64 = 50;
/// Leads of a contact that a look-up shows.
const EARLIER_SHOWN: i64 = 10;

pub fn queue(conn: &Connection, query: &QueueQuery) -> Result<QueuePage, StoreError> {
    let seq = head(conn)?;
    let limit = query.limit.clamp(1, 1000);
    let place = query.after.as_ref().map_or(Place::START, Place::from);
    let mut leads = page(conn, query, place, limit)?;
    let next = (leads.len() > limit)
        .then(|| {
            leads.truncate(limit);
            leads.last().map(|(lead, _)| rows::cursor_of(lead))
        })
        .flatten();
    Ok(QueuePage { seq, leads, next, total: total(conn, query)? })
}

/// One lead more than `limit`, where there is one: then there is a next page.
fn page(
    conn: &Connection,
    query: &QueueQuery,
    place: Place,
    limit: usize,
) -> Result<Vec<(Lead, Contact)>, StoreError> {
    let limit = limit as i64 + 1;
    let Place { tier_rank, due_sort, value_sort, ended_at, id } = place;
    let by_due = |sql| pairs(conn, sql, params![tier_rank, due_sort, value_sort, id, limit]);
    let of = |sql, whose: &str| {
        pairs(conn, sql, params![tier_rank, due_sort, value_sort, id, whose, limit])
    };
    match query.view {
        View::Overnight => {
            pairs(conn, sql::OVERNIGHT, params![tier_rank, value_sort, ended_at, id, limit])
        }
        View::Callbacks => by_due(sql::CALLBACKS),
        View::Booked => by_due(sql::BOOKED),
        View::All => by_due(sql::EVERYTHING),
        View::Answers => pairs(conn, sql::ANSWERS, params![due_sort, value_sort, id, limit]),
        View::Partnerships => of(sql::DESK, PARTNERSHIPS),
        View::General => of(sql::DESK, GENERAL),
        View::Mine => match &query.me {
            Some(me) => of(sql::MINE, me.as_str()),
            None => Ok(Vec::new()),
        },
    }
}

fn total(conn: &Connection, query: &QueueQuery) -> Result<u64, StoreError> {
    match (query.view, &query.me) {
        (View::Mine, None) => Ok(0),
        (View::Mine, Some(me)) => tally(conn, &tally::mine(me)),
        (view, _) => tally(conn, view.as_str()),
    }
}

pub fn counts(conn: &Connection) -> Result<Vec<(View, u64)>, StoreError> {
    tally::SHARED.into_iter().map(|view| Ok((view, tally(conn, view.as_str())?))).collect()
}

fn tally(conn: &Connection, name: &str) -> Result<u64, StoreError> {
    let n: Option<i64> = one(conn, sql::TALLY, params![name], |row| row.get(0))?;
    Ok(u64::try_from(n.unwrap_or(0)).unwrap_or(0))
}

pub fn lead(conn: &Connection, id: LeadId) -> Result<Option<(Lead, Contact)>, StoreError> {
    Ok(pairs(conn, sql::LEAD_AND_CONTACT, params![id.0.as_bytes()])?.pop())
}

pub fn history(conn: &Connection, id: LeadId) -> Result<Option<LeadHistory>, StoreError> {
    let Some((lead, _)) = lead(conn, id)? else { return Ok(None) };
    let entries = many(conn, sql::ENTRIES_OF_LEAD, params![id.0.as_bytes()], stored_entry)?;
    let contact = lead.contact_id.0.as_bytes();
    let others = pairs(conn, sql::OTHER_LEADS, params![contact, id.0.as_bytes(), OTHERS_SHOWN])?;
    Ok(Some(LeadHistory { entries, others }))
}

pub fn lookup(conn: &Connection, phone: &Phone) -> Result<Option<KnownCaller>, StoreError> {
    let (kind, value) = crate::domain::contact::ContactKey::Phone(phone.e164()).parts();
    let id: Option<Bytes16> =
        one(conn, sql::CONTACT_OF_KEY, params![kind, value], |row| row.get(0))?;
    let Some(id) = id else { return Ok(None) };
    let Some(contact) = contact(conn, ContactId(uuid::Uuid::from_bytes(id)))? else {
        return Ok(None);
    };
    let open: &[u8] = &[];
    let open_lead: Option<Lead> = doc(conn, sql::OPEN_LEAD, params![id, open], "leads")?;
    let but = open_lead.as_ref().map_or([0; 16], |lead| *lead.id.0.as_bytes());
    let earlier = pairs(conn, sql::OTHER_LEADS, params![id, but, EARLIER_SHOWN])?;
    let earlier = earlier.into_iter().map(|(lead, _)| lead).collect();
    Ok(Some(KnownCaller { contact, open_lead, earlier }))
}

pub fn contact(conn: &Connection, id: ContactId) -> Result<Option<Contact>, StoreError> {
    doc(conn, sql::CONTACT, params![id.0.as_bytes()], "contacts")
}

pub fn journal(conn: &Connection, query: &JournalQuery) -> Result<Vec<StoredEntry>, StoreError> {
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    many(conn, sql::ENTRIES, params![query.after, limit], stored_entry)
}

pub fn journal_span(conn: &Connection) -> Result<(Seq, Seq), StoreError> {
    let first = one(conn, sql::FIRST, [], |row| row.get(0))?.unwrap_or(1);
    Ok((first, head(conn)?))
}

fn head(conn: &Connection) -> Result<Seq, StoreError> {
    Ok(one(conn, sql::HEAD, [], |row| row.get(0))?.unwrap_or(0))
}

pub fn due_deadlines(
    conn: &Connection,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Deadline>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = many(conn, sql::DUE, params![rows::ms(now), limit], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Bytes16>(1)?, row.get::<_, String>(2)?))
    })?;
    rows.iter().map(|(at, lead, kind)| rows::read_deadline(*at, lead, kind)).collect()
}

pub fn next_deadline(conn: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = one(conn, sql::NEAREST, [], |row| row.get(0))?.flatten();
    Ok(at.map(rows::from_ms))
}

pub fn roster(conn: &Connection) -> Result<Roster, StoreError> {
    let (mut people, mut tallies) =
        (prepare_cached(conn, sql::PEOPLE)?, prepare_cached(conn, sql::TALLIES)?);
    super::transaction::roster(&mut people, &mut tallies)
}

pub fn token(conn: &Connection, hash: &TokenHash) -> Result<Option<KnownToken>, StoreError> {
    let row = one(conn, sql::TOKEN, params![hash], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, Option<i64>>(1)?,
            row.get::<_, Option<String>>(2)?,
        ))
    })?;
    let Some((owner, expires_at, person)) = row else { return Ok(None) };
    Ok(Some(KnownToken {
        owner: rows::read_doc("tokens", "?", &owner)?,
        person: person.map(|json| rows::read_doc("people", "?", &json)).transpose()?,
        expires_at: expires_at.map(rows::from_ms),
    }))
}

pub fn accesses(
    conn: &Connection,
    lead: Option<LeadId>,
    limit: usize,
) -> Result<Vec<Access>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let read = |row: &Row<'_>| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, String>(1)?,
            row.get(2)?,
            row.get::<_, Option<Bytes16>>(3)?,
        ))
    };
    let found = match lead {
        None => many(conn, sql::ACCESSES, params![limit], read)?,
        Some(id) => many(conn, sql::ACCESSES_OF_LEAD, params![id.0.as_bytes(), limit], read)?,
    };
    found
        .into_iter()
        .map(|(at, actor, what, lead)| {
            Ok(Access {
                at: rows::from_ms(at),
                actor: rows::read_doc("access_log", "?", &actor)?,
                what,
                lead: lead.map(|id| LeadId(uuid::Uuid::from_bytes(id))),
            })
        })
        .collect()
}

pub fn outbox(
    conn: &Connection,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<OutboxRow>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let found = many(conn, sql::OUTBOX, params![rows::ms(now), limit], |row| {
        let row = OutboxRow {
            id: row.get(0)?,
            destination: row.get(1)?,
            lead: row.get::<_, Option<Bytes16>>(2)?.map(|id| LeadId(uuid::Uuid::from_bytes(id))),
            body: serde_json::Value::String(row.get(3)?),
            tries: row.get(4)?,
            not_before: rows::from_ms(row.get(5)?),
            last_error: row.get(6)?,
        };
        Ok(row)
    })?;
    found
        .into_iter()
        .map(|mut row| {
            row.body = rows::read_doc("outbox", row.id, row.body.as_str().unwrap_or_default())?;
            Ok(row)
        })
        .collect()
}

fn stored_entry(row: &Row<'_>) -> rusqlite::Result<StoredEntry> {
    Ok(StoredEntry { seq: row.get(0)?, kind: row.get(1)?, json: row.get::<_, Arc<str>>(2)? })
}

fn one<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    prepare_cached(conn, sql)?.query_row(params, read).optional().map_err(store_error)
}

fn many<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = prepare_cached(conn, sql)?;
    let rows = statement.query_map(params, read).map_err(store_error)?;
    rows.collect::<Result<_, _>>().map_err(store_error)
}

fn doc<T: DeserializeOwned>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    table: &'static str,
) -> Result<Option<T>, StoreError> {
    let mut statement = prepare_cached(conn, sql)?;
    let mut rows = statement.query(params).map_err(store_error)?;
    let Some(row) = rows.next().map_err(store_error)? else { return Ok(None) };
    rows::read_doc(table, "?", text(row, 0, table)?).map(Some)
}

/// Leads with their contacts: the documents stand in the first two columns.
fn pairs(
    conn: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<(Lead, Contact)>, StoreError> {
    let mut statement = prepare_cached(conn, sql)?;
    let mut rows = statement.query(params).map_err(store_error)?;
    let mut pairs = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        pairs.push((
            rows::read_doc("leads", "?", text(row, 0, "leads")?)?,
            rows::read_doc("contacts", "?", text(row, 1, "contacts")?)?,
        ));
    }
    Ok(pairs)
}

fn text<'r>(row: &'r Row<'_>, column: usize, table: &'static str) -> Result<&'r str, StoreError> {
    row.get_ref(column)
        .map_err(store_error)?
        .as_str()
        .map_err(|fault| rows::damaged(table, "?", fault.to_string()))
}
