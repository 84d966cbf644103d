//! Who is who, and what comes twice (requirements §1).

use ringback::domain::touch::Caller;

use crate::fixture::*;

pub async fn two_withheld_callers_are_never_the_same_contact<F: Fixture>(fixture: F) {
    let store = fixture.open(policy()).await;
    let (first, _) = ingest(&*store, call(morning(), Caller::default(), Some("CA1"))).await;
    let (second, _) = ingest(&*store, call(morning(), Caller::default(), Some("CA2"))).await;
    assert_ne!(first.contact_id, second.contact_id);
    assert_ne!(first.lead_id, second.lead_id);
}

pub async fn the_same_call_twice_answers_the_first_result<F: Fixture>(fixture: F) {
    let store = fixture.open(policy()).await;
    let (first, replayed) =
        ingest(&*store, call(morning(), caller("+447700900123"), Some("CA1"))).await;
    assert!(!replayed);
    let head = *store.head().borrow();
    let (second, replayed) =
        ingest(&*store, call(morning(), caller("+447700900123"), Some("CA1"))).await;
    assert!(replayed);
    assert_eq!(first, second);
    assert_eq!(*store.head().borrow(), head);
}
