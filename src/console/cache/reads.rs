//! The thread that reads: first what the first frame needs, then the rest in pieces, and in between whatever is asked for.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, TryRecvError},
    },
    time::Instant,
};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{CacheError, broken};
use crate::{
    console::{
        app::Me,
        journal,
        msg::{FromCache, Kept, Msg, Opened},
        row::{Names, Row, Shelf},
    },
    domain::{
        ids::{LeadId, RepId},
        queue::View,
        tier::Tier,
    },
    wire,
};

/// Rows that the first frame may show.
const FIRST: usize = 200;
/// Rows in a piece of the rest.
const PIECE: usize = 2_000;

/// Something wanted.
#[derive(Debug)]
pub(in crate::console) enum Read {
    Leads(Vec<LeadId>),
    History(LeadId),
    Journal,
    Outbox(oneshot::Sender<Vec<Kept>>),
}

pub(super) fn run(
    connection: &Connection,
    wanted: &Receiver<Read>,
    token: &str,
    set_aside: Option<String>,
    out: &mpsc::Sender<Msg>,
) {
    let begun = Instant::now();
    let result = hand_over(connection, wanted, token, set_aside, out);
    tracing::debug!(ms = begun.elapsed().as_millis(), "the cache has been read");
    if let Err(error) = result {
        broken(out, &error);
    }
    while let Ok(read) = wanted.recv() {
        answer(connection, read, out);
    }
}

/// Everything that is there at the start.
fn hand_over(
    connection: &Connection,
    wanted: &Receiver<Read>,
    token: &str,
    set_aside: Option<String>,
    out: &mpsc::Sender<Msg>,
) -> Result<(), CacheError> {
    let tell = |answer| out.blocking_send(Msg::Cache(answer)).is_ok();
    let mut names = Names::default();
    let opened = opened(connection, token, set_aside)?;
    let me = opened.me.as_ref().map(|me| me.id.clone());
    if !tell(FromCache::Opened(opened)) {
        return Ok(());
    }
    let mut first = piece(connection, Shelf::Overnight, None, FIRST, &mut names)?.rows;
    first.extend(piece(connection, Shelf::Callbacks, None, FIRST, &mut names)?.rows);
    first.extend(me.map(|me| mine(connection, &me, &mut names)).transpose()?.unwrap_or_default());
    if !tell(FromCache::Rows(first)) {
        return Ok(());
    }
    for shelf in [Shelf::Overnight, Shelf::Callbacks, Shelf::Booked] {
        let mut last = None;
        loop {
            loop {
                match wanted.try_recv() {
                    Ok(read) => answer(connection, read, out),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return Ok(()),
                }
            }
            let piece = piece(connection, shelf, last.as_deref(), PIECE, &mut names)?;
            if !tell(FromCache::Rows(piece.rows)) {
                return Ok(());
            }
            match piece.last {
                Some(place) => last = Some(place),
                None => break,
            }
        }
    }
    tell(FromCache::Loaded);
    Ok(())
}

fn opened(
    connection: &Connection,
    token: &str,
    set_aside: Option<String>,
) -> Result<Opened, CacheError> {
    let seq = meta(connection, "seq")?.and_then(|seq| seq.parse().ok()).unwrap_or(0);
    // Another token may be another person's.
    let same = meta(connection, "token")?.as_deref() == Some(token);
    let me: Option<Me> = json(meta(connection, "me")?).filter(|_| same);
    let mut counts = vec![
        (View::Overnight, count(connection, Shelf::Overnight)?),
        (View::Callbacks, count(connection, Shelf::Callbacks)?),
        (View::Booked, count(connection, Shelf::Booked)?),
    ];
    if let Some(me) = &me {
        let mut tiers = [0; 4];
        let rows = mine(connection, &me.id, &mut Names::default())?;
        rows.iter().for_each(|row| tiers[row.tier as usize] += 1);
        counts.push((View::Mine, tiers));
    }
    Ok(Opened {
        seq,
        as_of: meta(connection, "as_of")?.and_then(|at| at.parse().ok()),
        business: json(meta(connection, "business")?),
        me,
        set_aside,
        counts,
    })
}

/// How many rows of each tier a shelf has: the first byte of a place is the tier's rank.
fn count(connection: &Connection, shelf: Shelf) -> Result<[usize; 4], CacheError> {
    let mut query = connection.prepare_cached(
        "SELECT count(*) FROM rows WHERE shelf = ?1 AND place >= ?2 AND place < ?3",
    )?;
    let mut tiers = [0; 4];
    for tier in Tier::ALL {
        let rank = tier.rank();
        let found: i64 =
            query.query_row(params![shelf as u8, [rank], [rank + 1]], |row| row.get(0))?;
        tiers[tier as usize] = usize::try_from(found).unwrap_or(0);
    }
    Ok(tiers)
}

struct Piece {
    rows: Vec<Row>,
    /// Where the next piece begins; `None` behind the last.
    last: Option<Vec<u8>>,
}

fn piece(
    connection: &Connection,
    shelf: Shelf,
    after: Option<&[u8]>,
    limit: usize,
    names: &mut Names,
) -> Result<Piece, CacheError> {
    let mut query = connection.prepare_cached(
        "SELECT id, row, place FROM rows WHERE shelf = ?1 AND place > ?2 ORDER BY place LIMIT ?3",
    )?;
    let limit_sql = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut found = query.query(params![shelf as u8, after.unwrap_or(&[]), limit_sql])?;
    let mut rows = Vec::with_capacity(limit);
    let mut last = None;
    let mut seen = 0;
    while let Some(row) = found.next()? {
        seen += 1;
        if seen == limit {
            last = Some(row.get(2)?);
        }
        // A row that cannot be read is left out; the server brings it again with its next change.
        let id = LeadId(Uuid::from_bytes(row.get(0)?));
        let blob = row.get_ref(1)?.as_bytes().map_err(rusqlite::Error::from)?;
        rows.extend(Row::from_blob(id, blob, names));
    }
    Ok(Piece { rows, last })
}

fn mine(connection: &Connection, me: &RepId, names: &mut Names) -> Result<Vec<Row>, CacheError> {
    let mut query = connection.prepare_cached(
        "SELECT id, row FROM rows WHERE (holder = ?1 OR owner = ?1) AND shelf < ?2",
    )?;
    let found = query.query_map(params![me.as_str(), Shelf::Booked as u8], |row| {
        Ok((LeadId(Uuid::from_bytes(row.get(0)?)), row.get::<_, Vec<u8>>(1)?))
    })?;
    let mut rows = Vec::new();
    for row in found {
        let (id, blob) = row?;
        rows.extend(Row::from_blob(id, &blob, names));
    }
    Ok(rows)
}

fn answer(connection: &Connection, read: Read, out: &mpsc::Sender<Msg>) {
    let answer = match read {
        Read::Leads(ids) => leads(connection, &ids),
        Read::History(lead) => {
            let sql = "SELECT json FROM histories WHERE lead = ?1";
            text(connection, sql, lead).map(|text| {
                let history = json::<wire::History>(text).map(Arc::new);
                FromCache::History { lead, history }
            })
        }
        Read::Journal => entries(connection).map(FromCache::Journal),
        Read::Outbox(answer) => {
            let waiting = outbox(connection).unwrap_or_else(|error| {
                broken(out, &error);
                Vec::new()
            });
            // Who asked may have gone.
            let _ = answer.send(waiting);
            return;
        }
    };
    match answer {
        Ok(answer) => {
            let _ = out.blocking_send(Msg::Cache(answer));
        }
        Err(error) => broken(out, &error),
    }
}

fn leads(connection: &Connection, ids: &[LeadId]) -> Result<FromCache, CacheError> {
    let (mut found, mut missing) = (Vec::with_capacity(ids.len()), Vec::new());
    for id in ids {
        match json::<wire::Lead>(text(connection, "SELECT json FROM leads WHERE id = ?1", *id)?) {
            Some(lead) => found.push(Arc::new(lead)),
            None => missing.push(*id),
        }
    }
    Ok(FromCache::Leads { found, missing })
}

fn entries(connection: &Connection) -> Result<Vec<Arc<wire::Entry>>, CacheError> {
    let mut query =
        connection.prepare_cached("SELECT json FROM journal ORDER BY seq DESC LIMIT ?1")?;
    let kept = i64::try_from(journal::KEPT).unwrap_or(i64::MAX);
    let texts = query.query_map([kept], |row| row.get::<_, String>(0))?;
    let mut entries = Vec::new();
    for text in texts {
        entries.extend(json(Some(text?)).map(Arc::new));
    }
    Ok(entries)
}

fn outbox(connection: &Connection) -> Result<Vec<Kept>, CacheError> {
    let mut query = connection.prepare_cached(
        "SELECT key, lead, name, by, write, at, refused FROM outbox ORDER BY number",
    )?;
    let mut found = query.query([])?;
    let mut waiting = Vec::new();
    while let Some(row) = found.next()? {
        let Some(write) = json(Some(row.get::<_, String>(4)?)) else { continue };
        waiting.push(Kept {
            key: Uuid::from_bytes(row.get(0)?),
            lead: LeadId(Uuid::from_bytes(row.get(1)?)),
            name: row.get(2)?,
            by: RepId(row.get(3)?),
            write,
            at: Timestamp::from_millisecond(row.get(5)?).unwrap_or_default(),
            refused: row.get(6)?,
        });
    }
    Ok(waiting)
}

fn text(connection: &Connection, sql: &str, id: LeadId) -> Result<Option<String>, CacheError> {
    let mut query = connection.prepare_cached(sql)?;
    Ok(query.query_row([id.0.as_bytes()], |row| row.get(0)).optional()?)
}

fn meta(connection: &Connection, name: &str) -> Result<Option<String>, CacheError> {
    let mut query = connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    Ok(query.query_row([name], |row| row.get(0)).optional()?)
}

/// What was written by another version and cannot be read is not there.
fn json<T: DeserializeOwned>(text: Option<String>) -> Option<T> {
    serde_json::from_str(&text?).ok()
}
