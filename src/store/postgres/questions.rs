//! What can be asked of the database, each on a connection from the pool.

use std::sync::Arc;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use tokio_postgres::{Row, types::FromSql};

use super::{
    connection::store_error,
    load::{document, read_id},
    reader::Reader,
    sql,
    transaction::roster_of,
    value::Value,
};
use crate::{
    domain::{
        command::TokenHash,
        contact::{Contact, ContactKey},
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
        sql as shared, tally,
    },
};

/// Leads of a contact that a history shows.
const OTHERS_SHOWN: usize = 50;
/// Leads of a contact that a look-up shows.
const EARLIER_SHOWN: usize = 10;
/// Rows that are swept out in one transaction: a long absence must not make one that is given up for its length.
const SWEPT_AT_ONCE: i64 = 5_000;

pub async fn queue(reader: Reader, query: QueueQuery) -> Result<QueuePage, StoreError> {
    let limit = query.limit.clamp(1, 1000);
    let place = query.after.as_ref().map_or(Place::START, Place::from);
    let Some((sql, values)) = page(&query, place, limit) else {
        let [head] = reader.rows_at_one_moment([(shared::HEAD, Vec::new())]).await?;
        return Ok(QueuePage { seq: only(&head)?, leads: Vec::new(), next: None, total: 0 });
    };
    let counted = match (query.view, &query.me) {
        (View::Mine, Some(me)) => tally::mine(me),
        (view, _) => view.as_str().to_owned(),
    };
    let [head, page, total] = reader
        .rows_at_one_moment([
            (shared::HEAD, Vec::new()),
            (sql, values),
            (shared::TALLY, vec![counted.into()]),
        ])
        .await?;
    let mut leads = pairs(&page)?;
    let next = (leads.len() > limit)
        .then(|| {
            leads.truncate(limit);
            leads.last().map(|(lead, _)| rows::cursor_of(lead))
        })
        .flatten();
    Ok(QueuePage { seq: only(&head)?, leads, next, total: count(&total)? })
}

/// The statement for one lead more than `limit`, where there is one: then there is a next page. `None`: nobody's leads.
fn page(query: &QueueQuery, place: Place, limit: usize) -> Option<(&'static str, Vec<Value>)> {
    let limit = Value::Int(limit as i64 + 1);
    let Place { tier_rank, due_sort, value_sort, ended_at, id } = place;
    let mut values: Vec<Value> =
        vec![tier_rank.into(), due_sort.into(), value_sort.into(), id.into()];
    let sql = match query.view {
        View::Overnight => {
            values = vec![tier_rank.into(), value_sort.into(), ended_at.into(), id.into()];
            shared::OVERNIGHT
        }
        View::Callbacks => sql::CALLBACKS,
        View::Booked => sql::BOOKED,
        View::Answers => sql::ANSWERS,
        View::All => sql::EVERYTHING,
        View::Partnerships => {
            values.push(PARTNERSHIPS.into());
            sql::DESK
        }
        View::General => {
            values.push(GENERAL.into());
            sql::DESK
        }
        View::Mine => {
            values.push(Value::text(query.me.as_ref()?.as_str()));
            sql::MINE
        }
    };
    values.push(limit);
    Some((sql, values))
}

pub async fn counts(reader: Reader) -> Result<Vec<(View, u64)>, StoreError> {
    let tallies = reader.rows(shared::TALLIES, Vec::new()).await?;
    let mut counts = tally::SHARED.map(|view| (view, 0));
    for row in &tallies {
        let name: &str = get(row, 0)?;
        if let Some((_, n)) = counts.iter_mut().find(|(view, _)| view.as_str() == name) {
            *n = u64::try_from(get::<i64>(row, 1)?).unwrap_or(0);
        }
    }
    Ok(counts.to_vec())
}

pub async fn lead(reader: Reader, id: LeadId) -> Result<Option<(Lead, Contact)>, StoreError> {
    let rows = reader.rows(shared::LEAD_AND_CONTACT, vec![lead_id(id)]).await?;
    Ok(pairs(&rows)?.pop())
}

pub async fn history(reader: Reader, id: LeadId) -> Result<Option<LeadHistory>, StoreError> {
    let found = reader.rows(shared::LEAD_AND_CONTACT, vec![lead_id(id)]).await?;
    let Some((lead, _)) = pairs(&found)?.pop() else { return Ok(None) };
    let mut contact = lead.contact_id;
    loop {
        let others = vec![contact_id(contact), lead_id(id), (OTHERS_SHOWN as i64).into()];
        let [found, entries, others] = reader
            .rows_at_one_moment([
                (shared::LEAD_AND_CONTACT, vec![lead_id(id)]),
                (shared::ENTRIES_OF_LEAD, vec![lead_id(id)]),
                (shared::OTHER_LEADS, others),
            ])
            .await?;
        let Some((lead, _)) = pairs(&found)?.pop() else { return Ok(None) };
        // Its contact may have become part of another between the two.
        if lead.contact_id == contact {
            return Ok(Some(LeadHistory {
                entries: entries_of(&entries)?,
                others: pairs(&others)?,
            }));
        }
        contact = lead.contact_id;
    }
}

pub async fn lookup(reader: Reader, phone: Phone) -> Result<Option<KnownCaller>, StoreError> {
    let (kind, value) = ContactKey::Phone(phone.e164()).parts();
    let key = vec![kind.into(), Value::text(value)];
    let found = reader.rows(shared::CONTACT_OF_KEY, key.clone()).await?;
    let Some(mut id) = found_id(&found)? else { return Ok(None) };
    loop {
        // One more, in case the open one is among them.
        let others = vec![id.into(), Value::Id([0; 16]), (EARLIER_SHOWN as i64 + 1).into()];
        let [found, contact, open, others] = reader
            .rows_at_one_moment([
                (shared::CONTACT_OF_KEY, key.clone()),
                (shared::CONTACT, vec![id.into()]),
                (shared::OPEN_LEAD, vec![id.into(), Value::Bytes(Vec::new())]),
                (shared::OTHER_LEADS, others),
            ])
            .await?;
        let Some(now) = found_id(&found)? else { return Ok(None) };
        if now != id {
            id = now;
            continue;
        }
        let Some(contact) = first(&contact, "contacts")? else { return Ok(None) };
        let open_lead: Option<Lead> = first(&open, "leads")?;
        let mut earlier: Vec<Lead> = pairs(&others)?.into_iter().map(|(lead, _)| lead).collect();
        earlier.retain(|lead| open_lead.as_ref().is_none_or(|open| open.id != lead.id));
        earlier.truncate(EARLIER_SHOWN);
        return Ok(Some(KnownCaller { contact, open_lead, earlier }));
    }
}

pub async fn contact(reader: Reader, id: ContactId) -> Result<Option<Contact>, StoreError> {
    first(&reader.rows(shared::CONTACT, vec![contact_id(id)]).await?, "contacts")
}

pub async fn journal(reader: Reader, query: JournalQuery) -> Result<Vec<StoredEntry>, StoreError> {
    let values = vec![query.after.into(), limit(query.limit)];
    entries_of(&reader.rows(shared::ENTRIES, values).await?)
}

pub async fn journal_span(reader: Reader) -> Result<(Seq, Seq), StoreError> {
    let [first, head] = reader
        .rows_at_one_moment([(shared::FIRST, Vec::new()), (shared::HEAD, Vec::new())])
        .await?;
    Ok((only(&first)?, only(&head)?))
}

pub async fn due_deadlines(
    reader: Reader,
    now: Timestamp,
    most: usize,
) -> Result<Vec<Deadline>, StoreError> {
    let found = reader.rows(shared::DUE, vec![rows::ms(now).into(), limit(most)]).await?;
    found.iter().map(|row| rows::read_deadline(get(row, 0)?, get(row, 1)?, get(row, 2)?)).collect()
}

pub async fn next_deadline(reader: Reader) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> = only(&reader.rows(shared::NEAREST, Vec::new()).await?)?;
    Ok(at.map(rows::from_ms))
}

pub async fn roster(reader: Reader) -> Result<Roster, StoreError> {
    let [people, tallies] = reader
        .rows_at_one_moment([(shared::PEOPLE, Vec::new()), (shared::TALLIES, Vec::new())])
        .await?;
    roster_of(&people, &tallies)
}

pub async fn token(reader: Reader, hash: TokenHash) -> Result<Option<KnownToken>, StoreError> {
    let found = reader.rows(shared::TOKEN, vec![Value::Bytes(hash.to_vec())]).await?;
    let Some(row) = found.first() else { return Ok(None) };
    let person: Option<&str> = get(row, 2)?;
    Ok(Some(KnownToken {
        owner: document("tokens", row, 0)?,
        person: person.map(|json| rows::read_doc("people", "?", json)).transpose()?,
        expires_at: get::<Option<i64>>(row, 1)?.map(rows::from_ms),
    }))
}

pub async fn accesses(
    reader: Reader,
    lead: Option<LeadId>,
    most: usize,
) -> Result<Vec<Access>, StoreError> {
    let found = match lead {
        None => reader.rows(shared::ACCESSES, vec![limit(most)]).await?,
        Some(id) => reader.rows(shared::ACCESSES_OF_LEAD, vec![lead_id(id), limit(most)]).await?,
    };
    let read = |row: &Row| {
        Ok(Access {
            at: rows::from_ms(get(row, 0)?),
            actor: document("access_log", row, 1)?,
            what: get(row, 2)?,
            lead: maybe_lead("access_log", row, 3)?,
        })
    };
    found.iter().map(read).collect()
}

/// Writes down who looked: all of it, or nothing.
pub async fn record(reader: Reader, accesses: Arc<[Access]>) -> Result<(), StoreError> {
    let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for access in &*accesses {
        columns.0.push(rows::ms(access.at));
        columns.1.push(rows::write_doc(&access.actor)?);
        columns.2.push(access.what.clone());
        columns.3.push(access.lead.map(|id| *id.0.as_bytes()));
    }
    let (at, actor, what, lead) = columns;
    let values = vec![Value::Ints(at), Value::texts(actor), Value::texts(what), Value::Ids(lead)];
    reader.execute(sql::ADD_ACCESSES, values).await.map(drop)
}

pub async fn outbox(
    reader: Reader,
    now: Timestamp,
    most: usize,
) -> Result<Vec<OutboxRow>, StoreError> {
    let found = reader.rows(shared::OUTBOX, vec![rows::ms(now).into(), limit(most)]).await?;
    let read = |row: &Row| {
        Ok(OutboxRow {
            id: get(row, 0)?,
            destination: get(row, 1)?,
            lead: maybe_lead("outbox", row, 2)?,
            body: document("outbox", row, 3)?,
            tries: u32::try_from(get::<i64>(row, 4)?).unwrap_or(u32::MAX),
            not_before: rows::from_ms(get(row, 5)?),
            last_error: get(row, 6)?,
        })
    };
    found.iter().map(read).collect()
}

/// Forgets what has had its time.
pub async fn sweep(reader: Reader, now: Timestamp) -> Result<u64, StoreError> {
    let kept = i64::try_from(crate::store::IDEMPOTENCY_KEPT.as_millis()).unwrap_or(i64::MAX);
    let now = rows::ms(now);
    let mut all = reader.execute(shared::SWEEP_TOKENS, vec![now.into()]).await?;
    loop {
        let values = vec![now.saturating_sub(kept).into(), SWEPT_AT_ONCE.into()];
        let swept = reader.execute(sql::SWEEP_SOME_REPLIES, values).await?;
        all += swept;
        if swept < SWEPT_AT_ONCE as u64 {
            return Ok(all);
        }
    }
}

fn get<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(store_error)
}

/// The one value that an aggregate answers.
fn only<'r, T: FromSql<'r>>(rows: &'r [Row]) -> Result<T, StoreError> {
    let row = rows.first().ok_or_else(|| StoreError::Failed("an aggregate has no row".into()))?;
    get(row, 0)
}

fn count(rows: &[Row]) -> Result<u64, StoreError> {
    let n: Option<i64> = rows.first().map(|row| get(row, 0)).transpose()?;
    Ok(u64::try_from(n.unwrap_or(0)).unwrap_or(0))
}

fn first<T: DeserializeOwned>(rows: &[Row], table: &'static str) -> Result<Option<T>, StoreError> {
    rows.first().map(|row| document(table, row, 0)).transpose()
}

/// Leads with their contacts.
fn pairs(rows: &[Row]) -> Result<Vec<(Lead, Contact)>, StoreError> {
    rows.iter().map(|row| Ok((document("leads", row, 0)?, document("contacts", row, 1)?))).collect()
}

fn entries_of(rows: &[Row]) -> Result<Vec<StoredEntry>, StoreError> {
    let read = |row: &Row| {
        let json: &str = get(row, 2)?;
        Ok(StoredEntry { seq: get(row, 0)?, kind: get(row, 1)?, json: json.into() })
    };
    rows.iter().map(read).collect()
}

fn found_id(rows: &[Row]) -> Result<Option<Bytes16>, StoreError> {
    rows.first().map(|row| read_id("contact_keys", row, 0)).transpose()
}

fn maybe_lead(table: &'static str, row: &Row, column: usize) -> Result<Option<LeadId>, StoreError> {
    let id: Option<&[u8]> = get(row, column)?;
    id.map(|id| Ok(LeadId(rows::read_id(table, id)?))).transpose()
}

fn lead_id(LeadId(id): LeadId) -> Value {
    Value::Id(*id.as_bytes())
}

fn contact_id(ContactId(id): ContactId) -> Value {
    Value::Id(*id.as_bytes())
}

fn limit(most: usize) -> Value {
    Value::Int(i64::try_from(most).unwrap_or(i64::MAX))
}
