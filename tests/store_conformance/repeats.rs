//! What comes twice changes nothing and is answered with the first result (requirements §1; contract, "HTTP").

use jiff::{SignedDuration, Timestamp};
use ringback::{
    domain::{command::Command, decision::Refusal, ids::LeadId, person::Role},
    store::{IdempotencyKey, Request, StoreError},
};

use crate::{fixture::Fixture, office::*};

pub async fn the_same_call_twice_answers_the_first_result<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let (first, replayed) =
        store.ingest(call(morning(), caller("+447700900123"), Some("CA1"))).await;
    assert!(!replayed);
    let before = (store.whole_journal().await, store.stored(first.lead_id).await);
    // Under other identifiers, at another time, even with another body: the SID names the call.
    let (second, replayed) =
        store.ingest(call(after(90), caller("+447700900124"), Some("CA1"))).await;
    assert!(replayed);
    assert_eq!(first, second);
    assert_eq!(before, (store.whole_journal().await, store.stored(first.lead_id).await));
}

pub async fn the_same_call_delivered_twice_at_once_is_one_lead<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let deliveries: Vec<_> = (0..50)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                store.ingest(call(morning(), caller("+447700900123"), Some("CA1"))).await
            })
        })
        .collect();
    let mut firsts = 0;
    let mut leads = std::collections::BTreeSet::new();
    for delivery in deliveries {
        let (routed, replayed) = delivery.await.unwrap();
        firsts += usize::from(!replayed);
        leads.insert(routed.lead_id);
    }
    assert_eq!((firsts, leads.len()), (1, 1));
    assert_eq!(store.whole_journal().await.len(), 1);
}

pub async fn a_repeat_with_the_same_key_answers_the_first_result_and_changes_nothing<F: Fixture>(
    database: F,
) {
    let store = open(&database, policy()).await;
    store.hire("priya", Role::Rep).await;
    let (routed, _) = store.ingest(call(morning(), caller("+447700900123"), None)).await;
    let note = |now| Request {
        command: Command::AddNote { lead: routed.lead_id, text: "Rang, will call back.".into() },
        actor: rep("priya"),
        now,
        idempotency: Some(key("priya", "1", 1)),
    };
    let first = store.execute(note(after(1))).await.unwrap();
    let head = store.journal_span().await.unwrap();
    let second = store.execute(note(after(2))).await.unwrap();
    assert!(!first.replayed && second.replayed);
    assert_eq!(first.answer, second.answer);
    assert_eq!(store.journal_span().await.unwrap(), head);
    assert_eq!(store.stored(routed.lead_id).await.0.notes.len(), 1);
}

pub async fn a_key_used_for_another_request_is_refused<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let ingest = |number: &str, fingerprint| {
        store.ingest_as(call(morning(), caller(number), None), Some(key("agent", "1", fingerprint)))
    };
    ingest("+447700900123", 1).await.unwrap();
    assert_eq!(refusal(ingest("+447700900124", 2).await), Refusal::KeyReused);
    assert_eq!(store.whole_journal().await.len(), 1);
}

pub async fn the_keys_of_two_senders_never_meet<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    // A sender may even be called like the place where calls are remembered.
    for (n, scope) in ["agent", "form", "call"].into_iter().enumerate() {
        let fresh = call(morning(), nth_caller(n), Some(&format!("CA{n}")));
        let (_, replayed) = store.ingest_as(fresh, Some(key(scope, "CA0", n as u8))).await.unwrap();
        assert!(!replayed, "{scope}");
    }
    assert_eq!(store.whole_journal().await.len(), 3);
}

pub async fn a_call_seen_before_is_remembered_under_its_new_key_too<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let deliver = |sid, idempotency| {
        store.ingest_as(call(morning(), caller("+447700900123"), Some(sid)), Some(idempotency))
    };
    let (first, _) = deliver("CA1", key("agent", "1", 1)).await.unwrap();
    let (second, replayed) = deliver("CA1", key("agent", "2", 2)).await.unwrap();
    assert!(replayed);
    assert_eq!(first, second);
    assert_eq!(refusal(deliver("CA9", key("agent", "2", 9)).await), Refusal::KeyReused);
}

pub async fn a_key_is_forgotten_after_a_day_and_a_call_never<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let deliver =
        |at: Timestamp, sid: Option<&'static str>, idempotency: Option<IdempotencyKey>| {
            store.ingest_as(call(at, caller("+447700900123"), sid), idempotency)
        };
    let day = SignedDuration::from_hours(24);
    let keyed = || Some(key("agent", "1", 1));
    deliver(morning(), None, keyed()).await.unwrap();
    deliver(morning(), Some("CA1"), None).await.unwrap();
    let almost = morning() + day - SignedDuration::from_millis(1);
    assert!(deliver(almost, None, keyed()).await.unwrap().1);
    assert_eq!(store.sweep(almost).await.unwrap(), 0);
    // Forgotten by the clock, swept or not; then the key is free for another request.
    let other = store.ingest_as(
        call(morning() + day, caller("+447700900123"), None),
        Some(key("agent", "1", 7)),
    );
    assert!(!other.await.unwrap().1);
    let later = morning() + day * 3;
    assert_eq!(store.sweep(later).await.unwrap(), 1);
    assert_eq!(store.sweep(later).await.unwrap(), 0);
    assert!(deliver(later, Some("CA1"), None).await.unwrap().1, "a call is never forgotten");
}

pub async fn a_refused_request_leaves_its_key_free<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.hire("priya", Role::Rep).await;
    let claim = |lead: LeadId| {
        store.execute(Request {
            command: Command::Claim { lead, take_over: false },
            actor: rep("priya"),
            now: after(1),
            idempotency: Some(key("priya", "1", 1)),
        })
    };
    let ingest = call(morning(), caller("+447700900123"), None);
    let lead = ingest.lead_id;
    assert_eq!(refusal(claim(lead).await), Refusal::NoSuchLead);
    store.ingest(ingest).await;
    assert!(!claim(lead).await.unwrap().replayed);
    assert!(claim(lead).await.unwrap().replayed);
}

pub async fn repeats_are_recognised_after_a_restart<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let deliver = || call(morning(), caller("+447700900123"), Some("CA1"));
    let (first, _) = store.ingest_as(deliver(), Some(key("agent", "1", 1))).await.unwrap();
    store.close().await.unwrap();
    let store = open(&database, policy()).await;
    assert_eq!(store.ingest(deliver()).await, (first.clone(), true));
    let again = store.ingest_as(deliver(), Some(key("agent", "1", 1))).await;
    assert_eq!(again.unwrap(), (first, true));
    let reused: Result<_, StoreError> =
        store.ingest_as(deliver(), Some(key("agent", "1", 2))).await;
    assert_eq!(refusal(reused), Refusal::KeyReused);
}
