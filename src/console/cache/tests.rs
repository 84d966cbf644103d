//! What is kept comes back, to whom it belongs, and a bad file costs nothing but itself.

use std::{collections::HashMap, path::Path, time::Duration};

use tempfile::TempDir;
use tokio::sync::mpsc::{Receiver, channel};

use super::*;
use crate::{
    console::{
        msg::{Kept, Opened, Write},
        testing::{self, at, claimed, closed, entry, lead, person, row},
    },
    domain::{journal::Actor, person::Role, queue::View},
};

const TOKEN: &str = "token-one";

fn id(n: u128) -> LeadId {
    LeadId(testing::uuid(n))
}

fn place(folder: &TempDir) -> PathBuf {
    folder.path().join("ringback").join("console.db")
}

fn open_with(path: &Path, token: &str) -> (Cache, Receiver<Msg>) {
    let (out, messages) = channel(1_000);
    (Cache::open(path.to_owned(), token.into(), out), messages)
}

async fn next(messages: &mut Receiver<Msg>) -> FromCache {
    let msg = tokio::time::timeout(Duration::from_secs(20), messages.recv()).await;
    match msg.expect("in time").expect("a message") {
        Msg::Cache(answer) => answer,
        other => panic!("{other:?}"),
    }
}

/// What a cache hands over at its start.
struct Start {
    opened: Opened,
    rows: HashMap<LeadId, Row>,
    cache: Cache,
    messages: Receiver<Msg>,
}

async fn start(path: &Path, token: &str) -> Start {
    let (cache, mut messages) = open_with(path, token);
    let opened = match next(&mut messages).await {
        FromCache::Opened(opened) => opened,
        other => panic!("{other:?}"),
    };
    let mut rows = HashMap::new();
    loop {
        match next(&mut messages).await {
            FromCache::Rows(piece) => rows.extend(piece.into_iter().map(|row| (row.id, row))),
            FromCache::Loaded => return Start { opened, rows, cache, messages },
            other => panic!("{other:?}"),
        }
    }
}

fn saved(lead: &wire::Lead) -> Saved {
    let json = serde_json::to_string(lead).expect("serialises");
    Saved { row: row(lead), json: json.into() }
}

fn remember(cache: &Cache, seq: Seq, lead: wire::Lead) {
    let row = row(&lead);
    let tom = Actor::Person(person("Tom"));
    cache.remember(entry(seq, tom, "lead.touched", Some(lead)).into(), Some(row));
}

fn note(key: u128, text: &str) -> Kept {
    Kept {
        key: testing::uuid(key),
        lead: id(1),
        name: "Alex".into(),
        by: testing::me(Role::Rep).id,
        write: Write::Note { text: text.into() },
        at: at(testing::MORNING),
        refused: None,
    }
}

/// Waits until everything asked for before is on disk: a commit is for all or none, and this one is answered.
async fn settled(cache: &Cache) {
    cache.keep(note(999_999, "a mark")).await.expect("kept");
    cache.drop_kept(testing::uuid(999_999));
    cache.keep(note(999_998, "another")).await.expect("kept");
    cache.drop_kept(testing::uuid(999_998));
}

#[tokio::test]
async fn what_the_server_said_is_there_at_the_next_start() {
    let folder = TempDir::new().expect("a folder");
    let path = place(&folder);
    let first = start(&path, TOKEN).await;
    assert_eq!(first.opened.seq, 0);
    assert!(first.rows.is_empty());
    let cache = first.cache;
    cache.hello(&testing::me(Role::Rep), &testing::business());
    let generation = cache.begin_reload();
    let mine = claimed(lead(2, "Morag"), "Priya", testing::MORNING);
    cache.page(vec![saved(&lead(1, "Alex")), saved(&mine)], generation);
    cache.end_reload(generation, 40, at(testing::MORNING));
    remember(&cache, 41, lead(3, "Dev"));
    settled(&cache).await;
    drop(cache);

    let mut second = start(&path, TOKEN).await;
    assert_eq!(second.opened.seq, 41);
    assert_eq!(second.opened.as_of, Some(at(testing::MORNING)));
    assert_eq!(second.opened.me, Some(testing::me(Role::Rep)));
    assert_eq!(second.opened.business, Some(testing::business()));
    let counts: HashMap<_, _> =
        second.opened.counts.iter().map(|(view, tiers)| (view.as_str(), *tiers)).collect();
    assert_eq!(counts[View::Overnight.as_str()], [0, 3, 0, 0]);
    assert_eq!(counts[View::Mine.as_str()], [0, 1, 0, 0]);
    assert_eq!(second.rows[&id(1)], row(&lead(1, "Alex")));
    assert_eq!(second.rows[&id(2)], row(&mine));
    second.cache.leads(vec![id(3), id(4)]);
    assert_eq!(
        next(&mut second.messages).await,
        FromCache::Leads { found: vec![lead(3, "Dev").into()], missing: vec![id(4)] }
    );
    second.cache.journal();
    match next(&mut second.messages).await {
        FromCache::Journal(entries) => assert_eq!(entries.len(), 1),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn another_token_is_not_taken_for_the_same_person() {
    let folder = TempDir::new().expect("a folder");
    let first = start(&place(&folder), TOKEN).await;
    first.cache.hello(&testing::me(Role::Rep), &testing::business());
    settled(&first.cache).await;
    drop(first);
    let second = start(&place(&folder), "token-two").await;
    assert_eq!(second.opened.me, None);
    assert!(second.opened.business.is_some());
}

#[tokio::test]
async fn the_newer_version_of_a_lead_stays_and_a_closed_one_goes() {
    let folder = TempDir::new().expect("a folder");
    let first = start(&place(&folder), TOKEN).await;
    let newer = claimed(lead(1, "Alex"), "Tom", testing::MORNING);
    remember(&first.cache, 1, newer.clone());
    remember(&first.cache, 2, lead(1, "Alex"));
    remember(&first.cache, 3, lead(2, "Morag"));
    remember(&first.cache, 4, closed(lead(2, "Morag")));
    settled(&first.cache).await;
    drop(first);
    let mut second = start(&place(&folder), TOKEN).await;
    assert_eq!(second.rows.len(), 1);
    assert_eq!(second.rows[&id(1)], row(&newer));
    second.cache.leads(vec![id(2)]);
    let gone = FromCache::Leads { found: Vec::new(), missing: vec![id(2)] };
    assert_eq!(next(&mut second.messages).await, gone);
}

#[tokio::test]
async fn a_reload_drops_what_it_did_not_bring() {
    let folder = TempDir::new().expect("a folder");
    let first = start(&place(&folder), TOKEN).await;
    let cache = first.cache;
    for (seq, n) in [(1, 1), (2, 2), (3, 3)] {
        remember(&cache, seq, lead(n, "Caller"));
    }
    // A page may be older than what is there: the lead stays, in its newer version.
    let newer = claimed(lead(3, "Caller"), "Tom", testing::MORNING);
    remember(&cache, 4, newer.clone());
    let generation = cache.begin_reload();
    cache.page(vec![saved(&lead(1, "Caller")), saved(&lead(3, "Caller"))], generation);
    cache.end_reload(generation, 9, at(testing::MORNING));
    settled(&cache).await;
    drop(cache);
    let second = start(&place(&folder), TOKEN).await;
    let mut ids: Vec<LeadId> = second.rows.keys().copied().collect();
    ids.sort_unstable();
    assert_eq!(ids, [id(1), id(3)]);
    assert_eq!(second.rows[&id(3)], row(&newer));
    assert_eq!(second.opened.seq, 9);
}

#[tokio::test]
async fn thousands_of_rows_come_in_pieces_and_each_once_in_the_end() {
    let folder = TempDir::new().expect("a folder");
    let first = start(&place(&folder), TOKEN).await;
    let generation = first.cache.begin_reload();
    let leads: Vec<_> = (1..=4_321)
        .map(|n| {
            let mut lead = lead(n, "Caller");
            lead.after_hours = n % 3 != 0;
            lead.value_band = u8::try_from(n % 4).unwrap_or(0);
            lead
        })
        .collect();
    for page in leads.chunks(1_000) {
        first.cache.page(page.iter().map(saved).collect(), generation);
    }
    first.cache.end_reload(generation, 5_000, at(testing::MORNING));
    settled(&first.cache).await;
    drop(first);
    let second = start(&place(&folder), TOKEN).await;
    assert_eq!(second.rows.len(), 4_321);
    for lead in &leads {
        assert_eq!(second.rows[&LeadId(lead.id)], row(lead));
    }
}

#[tokio::test]
async fn histories_come_back() {
    let folder = TempDir::new().expect("a folder");
    let mut first = start(&place(&folder), TOKEN).await;
    let history = wire::History {
        entries: vec![entry(7, Actor::Clock, "lead.due", None)],
        earlier: vec![lead(9, "Alex")],
    };
    first.cache.history(id(1));
    let none = FromCache::History { lead: id(1), history: None };
    assert_eq!(next(&mut first.messages).await, none);
    first.cache.keep_history(id(1), Arc::new(history.clone()));
    settled(&first.cache).await;
    first.cache.history(id(1));
    let here = FromCache::History { lead: id(1), history: Some(history.into()) };
    assert_eq!(next(&mut first.messages).await, here);
}

#[tokio::test]
async fn the_outbox_survives_in_its_order_with_what_was_refused() {
    let folder = TempDir::new().expect("a folder");
    let first = start(&place(&folder), TOKEN).await;
    for kept in [note(3, "one"), note(1, "two"), note(2, "three")] {
        first.cache.keep(kept).await.expect("kept");
    }
    first.cache.refused(testing::uuid(1), Some("Tom has it".into()));
    first.cache.drop_kept(testing::uuid(2));
    settled(&first.cache).await;
    drop(first);
    let second = start(&place(&folder), TOKEN).await;
    let refused = Kept { refused: Some("Tom has it".into()), ..note(1, "two") };
    assert_eq!(second.cache.outbox().await, [note(3, "one"), refused]);
}

#[tokio::test]
async fn a_damaged_or_foreign_file_is_set_aside_and_a_new_one_begun() {
    let folder = TempDir::new().expect("a folder");
    let path = place(&folder);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(
        &path,
        "this is no database at all, but it is long enough to be read as one".repeat(20),
    )
    .expect("written");
    let damaged = start(&path, TOKEN).await;
    assert_eq!(damaged.opened.set_aside.as_deref(), Some("console.db.damaged"));
    assert!(path.with_file_name("console.db.damaged").exists());
    remember(&damaged.cache, 1, lead(1, "Alex"));
    settled(&damaged.cache).await;
    drop(damaged);
    assert_eq!(start(&path, TOKEN).await.rows.len(), 1);

    let foreign = folder.path().join("foreign.db");
    let other = rusqlite::Connection::open(&foreign).expect("opens");
    other.execute_batch("CREATE TABLE other (n INTEGER)").expect("a table");
    drop(other);
    let set_aside = start(&foreign, TOKEN).await;
    assert_eq!(set_aside.opened.set_aside.as_deref(), Some("foreign.db.damaged"));
}

#[tokio::test]
async fn a_place_where_no_file_can_be_is_said_and_nothing_waits_for_it() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").expect("written");
    let (cache, mut messages) = open_with(&file.join("console.db"), TOKEN);
    assert!(matches!(next(&mut messages).await, FromCache::Broken(_)));
    assert_eq!(cache.outbox().await, []);
    assert!(cache.keep(note(1, "one")).await.is_err());
}

#[cfg(unix)]
#[tokio::test]
async fn file_and_folder_are_their_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().expect("a folder");
    let path = place(&folder);
    let first = start(&path, TOKEN).await;
    settled(&first.cache).await;
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().expect("a folder")), 0o700);
    for file in ["console.db", "console.db-wal", "console.db-shm"] {
        assert_eq!(mode(&path.with_file_name(file)), 0o600, "{file}");
    }
}
