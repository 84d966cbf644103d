//! An answer means: on disk.

use std::time::Duration;

use jiff::Timestamp;
use ringback::{
    domain::{person::Role, queue::View},
    ids,
    store::{JournalQuery, StoreError},
};

use crate::{fixture::Fixture, office::*};

pub async fn everything_acknowledged_is_there_after_reopening<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.hire("priya", Role::Rep).await;
    let senders: Vec<_> = (0..16)
        .map(|sender| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut stored = Vec::new();
                for n in 0..20 {
                    let ingest = call(morning(), nth_caller(sender * 100 + n), None);
                    let (routed, _) = store.ingest(ingest).await;
                    stored.push(store.stored(routed.lead_id).await);
                }
                stored
            })
        })
        .collect();
    let mut acknowledged = Vec::new();
    for sender in senders {
        acknowledged.extend(sender.await.unwrap());
    }
    let journal = store.whole_journal().await;
    // Without a close: as after a crash, as far as this process can tell.
    drop(store);
    let store = open(&database, policy()).await;
    for (lead, contact) in acknowledged {
        assert_eq!(store.stored(lead.id).await, (lead, contact));
    }
    assert_eq!(store.whole_journal().await, journal);
    assert_eq!(*store.head().borrow(), journal.len() as i64);
    assert_eq!(store.whole_view(View::All, None, 100).await.len(), 320);
    assert!(store.token(token_of("priya")).await.unwrap().is_some());
    // And it goes on where it stopped.
    store.ingest(call(after(1), caller("+447700900123"), None)).await;
    assert_eq!(store.whole_journal().await.len(), journal.len() + 1);
}

pub async fn close_carries_out_what_was_handed_in_and_refuses_the_rest<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let handed_in: Vec<_> = (0..200)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                store.ingest_as(call(morning(), nth_caller(n), None), None).await
            })
        })
        .collect();
    store.close().await.unwrap();
    store.close().await.unwrap();
    let mut acknowledged = 0;
    for request in handed_in {
        match request.await.unwrap() {
            Ok(_) => acknowledged += 1,
            Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}"),
        }
    }
    let late = store.ingest_as(call(morning(), nth_caller(999), None), None).await;
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
    assert!(matches!(store.counts().await, Err(StoreError::Unavailable(_))));
    let store = open(&database, policy()).await;
    assert_eq!(store.whole_journal().await.len(), acknowledged);
}

pub async fn an_empty_store_answers_every_question<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    assert_eq!(store.name(), F::NAME);
    assert_eq!(store.journal_span().await.unwrap(), (1, 0));
    assert_eq!(*store.head().borrow(), 0);
    assert!(store.journal(JournalQuery { after: 0, limit: 10 }).await.unwrap().is_empty());
    assert!(store.lead(ids::lead()).await.unwrap().is_none());
    assert!(store.contact(ids::contact()).await.unwrap().is_none());
    assert!(store.counts().await.unwrap().iter().all(|(_, n)| *n == 0));
    assert!(store.roster().await.unwrap().people.is_empty());
    assert!(store.due_deadlines(Timestamp::MAX, 10).await.unwrap().is_empty());
    assert_eq!(store.next_deadline().await.unwrap(), None);
    assert_eq!(*store.nearest_deadline().borrow(), None);
    assert!(store.accesses(None, 10).await.unwrap().is_empty());
    assert!(store.outbox(Timestamp::MAX, 10).await.unwrap().is_empty());
    assert_eq!(store.sweep(morning()).await.unwrap(), 0);
    for view in View::ALL {
        assert!(store.whole_view(view, Some("priya"), 10).await.is_empty());
    }
}

pub async fn the_nearest_deadline_is_told_when_it_changes<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let mut nearest = store.nearest_deadline();
    let (routed, _) = store.ingest(call(morning(), caller("+447700900123"), None)).await;
    let told = async |nearest: &mut tokio::sync::watch::Receiver<Option<Timestamp>>| {
        tokio::time::timeout(Duration::from_secs(5), nearest.changed()).await.unwrap().unwrap();
        *nearest.borrow_and_update()
    };
    assert_eq!(told(&mut nearest).await, routed.due_at);
    // A claim's lease ends before that.
    let claimed = store.claim(routed.lead_id, "priya", after(1)).await.unwrap();
    assert_eq!(told(&mut nearest).await, claimed.claim().map(|claim| claim.lease_until));
    store.close_lead(routed.lead_id, "priya", after(2)).await;
    assert_eq!(told(&mut nearest).await, None);
}
