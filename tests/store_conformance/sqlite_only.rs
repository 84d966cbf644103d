//! What only a SQLite file has to prove: other processes on it, its log, its file.

use std::{path::Path, time::Duration};

use ringback::{
    domain::{command::Command, ids::ContactId, journal::Actor, person::Role, queue::View},
    store::{
        StoreError,
        sqlite::{Options, SqliteStore},
    },
};
use rusqlite::{Connection, params};

use crate::{
    fixture::{Sqlite, run},
    office::*,
};

fn raw(path: &Path) -> Connection {
    let conn = Connection::open(path).unwrap();
    conn.busy_timeout(Duration::from_secs(5)).unwrap();
    conn
}

#[test]
fn another_process_is_noticed_and_numbers_go_on_behind_its_own() {
    run::<Sqlite, _>(|database| async move {
        let server = open(&database, policy()).await;
        server.ingest(call(morning(), nth_caller(1), None)).await;
        let mut head = server.head();
        head.borrow_and_update();
        // `ringback rep add` beside a running server opens the same file.
        let beside = open(&database, policy()).await;
        beside.hire("priya", Role::Rep).await;
        tokio::time::timeout(Duration::from_secs(10), head.changed()).await.unwrap().unwrap();
        assert_eq!(*head.borrow(), 2);
        assert!(server.token(token_of("priya")).await.unwrap().is_some());
        // The new colleague gets work at once, and nobody's number is taken twice.
        let mut ingest = call(after(30), nth_caller(2), None);
        ingest.routing_owner = Some("team_sdr".into());
        assert_eq!(server.ingest(ingest).await.0.owner.as_deref(), Some("priya"));
        beside.ingest(call(morning(), nth_caller(3), None)).await;
        server.ingest(call(morning(), nth_caller(4), None)).await;
        let numbers: Vec<_> = server.whole_journal().await.iter().map(|entry| entry.seq).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
    });
}

#[test]
fn a_request_that_tears_its_transaction_harms_nobody_beside_it() {
    run::<Sqlite, _>(|database| async move {
        let store = open(&database, policy()).await;
        store.ingest(call(morning(), nth_caller(1000), None)).await;
        let poisoned = call(morning(), nth_caller(7), None);
        // A row that should not be there: the insert of this contact will fail, after others of its commit succeeded.
        let ContactId(taken) = poisoned.contact_id;
        raw(&database.path())
            .execute(
                "INSERT INTO contacts (id, rev, doc) VALUES (?1, 1, '{}')",
                params![taken.as_bytes()],
            )
            .unwrap();
        let mut calls: Vec<_> = (0..40)
            .filter(|n| *n != 7)
            .map(|n| call(morning(), nth_caller(n), Some(&format!("CA{n}"))))
            .collect();
        calls.insert(20, poisoned);
        let sent: Vec<_> = calls
            .into_iter()
            .map(|call| {
                let store = store.clone();
                tokio::spawn(async move { store.ingest_as(call, None).await })
            })
            .collect();
        let mut failed = 0;
        for request in sent {
            match request.await.unwrap() {
                Ok((routed, _)) => assert_eq!(store.stored(routed.lead_id).await.0.rev, 1),
                Err(error) => {
                    assert!(matches!(error, StoreError::Failed(_)), "{error:?}");
                    failed += 1;
                }
            }
        }
        assert_eq!(failed, 1);
        let entries = store.whole_journal().await;
        assert!(entries.iter().map(|entry| entry.seq).eq(1..=40));
        assert_eq!(store.whole_view(View::All, None, 100).await.len(), 40);
    });
}

#[test]
fn a_lead_changed_behind_the_stores_back_is_a_conflict() {
    run::<Sqlite, _>(|database| async move {
        let store = open(&database, policy()).await;
        let (routed, _) = store.ingest(call(morning(), nth_caller(1), None)).await;
        let conn = raw(&database.path());
        conn.execute("UPDATE leads SET rev = 9", []).unwrap();
        let conflict = store.claim(routed.lead_id, "priya", after(1)).await;
        assert!(
            matches!(conflict, Err(StoreError::Conflict { table: "leads", .. })),
            "{conflict:?}"
        );
        assert_eq!(store.whole_journal().await.len(), 1);
    });
}

#[test]
fn a_damaged_row_is_named_without_what_it_holds() {
    run::<Sqlite, _>(|database| async move {
        let store = open(&database, policy()).await;
        let (routed, _) = store.ingest(call(morning(), nth_caller(1), None)).await;
        raw(&database.path())
            .execute("UPDATE leads SET doc = '{\"id\": \"Jane Roe\"}'", [])
            .unwrap();
        let damaged = store.claim(routed.lead_id, "priya", after(1)).await.unwrap_err();
        assert!(matches!(damaged, StoreError::Damaged { table: "leads", .. }), "{damaged:?}");
        assert!(!damaged.to_string().contains("Jane"), "{damaged}");
        assert!(damaged.to_string().contains(&routed.lead_id.to_string()), "{damaged}");
        // Others go on.
        store.ingest(call(morning(), nth_caller(2), None)).await;
    });
}

#[test]
fn when_too_many_wait_further_ones_are_told_to_come_again() {
    run::<Sqlite, _>(|database| async move {
        let options = Options { waiting: 4, batch: 1, ..Options::default() };
        let store = Desk::of(SqliteStore::open_with(&database.path(), policy(), options).unwrap());
        let other = raw(&database.path());
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let sent: Vec<_> = (0..30)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    store.ingest_as(call(morning(), nth_caller(n), None), None).await
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(300)).await;
        other.execute_batch("ROLLBACK").unwrap();
        let (mut stored, mut turned_away) = (0, 0);
        for request in sent {
            match request.await.unwrap() {
                Ok(_) => stored += 1,
                Err(StoreError::Busy { retry_after }) => {
                    assert!(retry_after > Duration::ZERO);
                    turned_away += 1;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(stored >= 4 && turned_away > 0, "{stored} stored, {turned_away} turned away");
        assert_eq!(store.whole_journal().await.len(), stored);
    });
}

#[test]
fn the_log_stays_short_under_a_load_that_does_not_pause() {
    run::<Sqlite, _>(|database| async move {
        let options = Options { checkpoint_pages: 200, ..Options::default() };
        let store = Desk::of(SqliteStore::open_with(&database.path(), policy(), options).unwrap());
        let senders: Vec<_> = (0..8)
            .map(|sender| {
                let store = store.clone();
                tokio::spawn(async move {
                    for n in 0..300 {
                        store.ingest(call(morning(), nth_caller(sender * 1000 + n), None)).await;
                    }
                })
            })
            .collect();
        for sender in senders {
            sender.await.unwrap();
        }
        // Never copied home, it would be nearly 13,000 pages by now.
        let pages = database.path().with_extension("db-wal").metadata().unwrap().len() / 4120;
        assert!(pages < 4000, "{pages} pages of log");
        store.close().await.unwrap();
        let left = database.path().with_extension("db-wal").metadata().map_or(0, |file| file.len());
        assert_eq!(left, 0, "a clean end leaves no log");
    });
}

#[test]
fn a_backup_is_whole_while_requests_go_on() {
    run::<Sqlite, _>(|database| async move {
        let sqlite = SqliteStore::open(&database.path(), policy()).unwrap();
        let store = Desk::of(sqlite.clone());
        let writing = {
            let store = store.clone();
            tokio::spawn(async move {
                for n in 0..400 {
                    store.ingest(call(morning(), nth_caller(n), None)).await;
                }
            })
        };
        while *store.head().borrow() < 50 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let to = database.0.path().join("copy.db");
        sqlite.backup(&to).await.unwrap();
        let again = sqlite.backup(&to).await;
        assert!(matches!(again, Err(StoreError::Unavailable(_))), "it overwrites nothing");
        writing.await.unwrap();
        let copy = Desk::of(SqliteStore::open(&to, policy()).unwrap());
        let entries = copy.whole_journal().await;
        assert!(entries.len() >= 50);
        assert!(entries.iter().map(|entry| entry.seq).eq(1..=entries.len() as i64));
        assert_eq!(copy.whole_view(View::All, None, 1000).await.len(), entries.len());
        let check: String =
            raw(&to).query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
    });
}

#[test]
fn a_database_of_a_newer_ringback_is_not_touched() {
    run::<Sqlite, _>(|database| async move {
        drop(open(&database, policy()).await);
        let conn = raw(&database.path());
        conn.execute("INSERT INTO schema_steps (version, name) VALUES (999, 'tomorrow')", [])
            .unwrap();
        let refused = SqliteStore::open(&database.path(), policy()).unwrap_err();
        assert!(
            matches!(&refused, StoreError::Unavailable(why) if why.contains("newer")),
            "{refused}"
        );
    });
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    run::<Sqlite, _>(|database| async move {
        std::fs::write(database.path(), "Dear diary, today nobody rang at all. ".repeat(200))
            .unwrap();
        let refused = SqliteStore::open(&database.path(), policy()).unwrap_err();
        assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
        let nowhere = database.0.path().join("no/such/folder.db");
        assert!(SqliteStore::open(&nowhere, policy()).is_err());
    });
}

#[cfg(unix)]
#[test]
fn the_file_and_its_log_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    run::<Sqlite, _>(|database| async move {
        let store = open(&database, policy()).await;
        let command = Command::AddKey { id: "a".into(), name: "A".into(), token: [1; 32] };
        store.ask(command, Actor::Operator, morning()).await.unwrap();
        for name in ["ringback.db", "ringback.db-wal", "ringback.db-shm"] {
            let mode = database.0.path().join(name).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
        }
    });
}
