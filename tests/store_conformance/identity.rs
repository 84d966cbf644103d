//! One person, one contact (requirements §1).

use std::sync::Arc;

use ringback::domain::{
    ids::ContactId, journal::EntryKind, person::Role, policy::Policy, touch::Caller,
};

use crate::{fixture::Fixture, office::*};

pub async fn two_withheld_callers_are_never_the_same_contact<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let (first, _) = store.ingest(call(morning(), Caller::default(), Some("CA1"))).await;
    let (second, _) = store.ingest(call(morning(), Caller::default(), Some("CA2"))).await;
    assert_ne!(first.contact_id, second.contact_id);
    assert_ne!(first.lead_id, second.lead_id);
}

pub async fn the_same_person_calling_again_joins_the_open_lead<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let (first, _) = store.ingest(call(morning(), caller("+447700900123"), Some("CA1"))).await;
    let (second, _) = store.ingest(call(after(3), caller("+447700900123"), Some("CA2"))).await;
    assert!(!first.merged && second.merged);
    assert_eq!(second.lead_id, first.lead_id);
    let (lead, contact) = store.stored(first.lead_id).await;
    assert_eq!((lead.touch_count, lead.rev), (2, 2));
    assert_eq!(contact.id, first.contact_id);
    assert_eq!(contact.rev, 1, "the call told nothing new of the caller");
}

pub async fn any_number_and_any_address_finds_the_contact<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let both = Caller {
        phones: vec![phone("+447700900123"), phone("+442079460958")],
        email: Some("jane@example.co.uk".into()),
        ..Caller::default()
    };
    let (first, _) = store.ingest(call(morning(), both, Some("CA1"))).await;
    let others = [caller("+442079460958"), email("jane@example.co.uk"), caller("+447700900123")];
    for (n, other) in others.into_iter().enumerate() {
        let (found, _) = store.ingest(call(after(1), other, Some(&format!("CB{n}")))).await;
        assert_eq!(found.contact_id, first.contact_id);
    }
    let contact = store.stored_contact(first.contact_id).await;
    assert_eq!(contact.phones.len(), 2);
    assert_eq!(contact.phone(), Some(&phone("+447700900123")), "the newest number stands first");
}

pub async fn number_and_address_of_two_contacts_mark_them_as_possible_duplicates<F: Fixture>(
    database: F,
) {
    let store = open(&database, policy()).await;
    let (by_phone, _) = store.ingest(call(morning(), caller("+447700900123"), Some("CA1"))).await;
    let (by_email, _) =
        store.ingest(call(morning(), email("jane@example.co.uk"), Some("CA2"))).await;
    assert_ne!(by_phone.contact_id, by_email.contact_id);
    let both = Caller { email: Some("jane@example.co.uk".into()), ..caller("+447700900123") };
    let (found, _) = store.ingest(call(after(1), both, Some("CA3"))).await;
    assert_eq!(found.lead_id, by_phone.lead_id, "the number is believed first");
    let contact = store.stored_contact(by_phone.contact_id).await;
    assert_eq!(contact.possible_duplicates, [by_email.contact_id]);
    assert!(contact.emails.is_empty(), "the address stays with the one who has it");
    let told = store.whole_journal().await;
    assert!(told.iter().any(|entry| entry.kind == EntryKind::ContactDuplicate.as_str()));
}

pub async fn the_same_person_in_two_calls_at_once_has_one_open_lead<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    for round in 0..20 {
        let calls = (0..8).map(|n| {
            let store = store.clone();
            let sid = format!("CA{round}-{n}");
            tokio::spawn(async move {
                store.ingest(call(morning(), nth_caller(round), Some(&sid))).await.0
            })
        });
        let mut routed = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            routed.push(call.await.unwrap());
        }
        assert_eq!(routed.iter().filter(|routed| !routed.merged).count(), 1);
        assert!(routed.iter().all(|other| other.lead_id == routed[0].lead_id));
        assert_eq!(store.stored(routed[0].lead_id).await.0.touch_count, 8);
    }
}

pub async fn after_a_close_the_same_person_gets_a_new_lead<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.hire("priya", Role::Rep).await;
    let (first, _) = store.ingest(call(morning(), caller("+447700900123"), Some("CA1"))).await;
    store.close_lead(first.lead_id, "priya", after(10)).await;
    let (second, _) = store.ingest(call(after(20), caller("+447700900123"), Some("CA2"))).await;
    assert!(!second.merged);
    assert_ne!(second.lead_id, first.lead_id);
    assert_eq!(second.contact_id, first.contact_id);
}

/// Found while it was not known as ours, then configured as ours: the next call with it and another key must join that
/// other key's lead, and not fail for ever on a second open lead.
pub async fn a_number_of_ours_that_was_stored_as_a_callers_loses_no_call<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let (wrong, _) = store.ingest(call(morning(), caller("+442079460000"), Some("CA1"))).await;
    let (right, _) = store.ingest(call(morning(), email("jane@example.co.uk"), Some("CA2"))).await;
    store.close().await.unwrap();
    let ours = Policy { own_numbers: vec![phone("+442079460000")], ..plain_policy() };
    let store = open(&database, Arc::new(ours)).await;
    let both = Caller { email: Some("jane@example.co.uk".into()), ..caller("+442079460000") };
    let (found, _) = store.ingest(call(after(1), both, Some("CA3"))).await;
    assert_eq!((found.lead_id, found.merged), (right.lead_id, true));
    let untouched: ContactId = wrong.contact_id;
    assert_eq!(store.stored_contact(untouched).await.rev, 1);
}
