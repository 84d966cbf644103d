//! Duplicates are merged, callers are known again (requirements §1, §8).

use jiff::Timestamp;
use ringback::domain::{
    command::{CallFacts, Command},
    contact::Contact,
    decision::Refusal,
    ids::ContactId,
    journal::EntryKind,
    person::Role,
    queue::View,
    touch::Caller,
};

use crate::{fixture::Fixture, office::*};

async fn merge(store: &Desk, keep: ContactId, merge: ContactId, at: Timestamp) -> Contact {
    let command = Command::MergeContacts { keep, merge };
    contact_of(store.ask(command, rep("boss"), at).await.unwrap())
}

pub async fn a_merge_moves_numbers_and_the_open_lead<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.hire("boss", Role::Supervisor).await;
    let (kept, _) = store.ingest(call(morning(), caller("+447700900123"), None)).await;
    store.close_lead(kept.lead_id, "priya", after(1)).await;
    let other = Caller { email: Some("jane@example.co.uk".into()), ..caller("+442079460958") };
    let (gone, _) = store.ingest(call(after(2), other, None)).await;
    let contact = merge(&store, kept.contact_id, gone.contact_id, after(3)).await;
    assert_eq!(contact.phones, [phone("+447700900123"), phone("+442079460958")]);
    assert_eq!(contact, store.stored_contact(kept.contact_id).await);
    let (lead, shown) = store.stored(gone.lead_id).await;
    assert_eq!((lead.contact_id, shown.id), (kept.contact_id, kept.contact_id));
    assert_eq!(store.stored_contact(gone.contact_id).await.merged_into, Some(kept.contact_id));
    // Every key of the one that is gone finds the one that was kept, and so the open lead.
    for who in [caller("+442079460958"), email("jane@example.co.uk"), caller("+447700900123")] {
        let (found, _) = store.ingest(call(after(4), who, None)).await;
        assert_eq!((found.contact_id, found.lead_id), (kept.contact_id, gone.lead_id));
    }
    let others = store.history(gone.lead_id).await.unwrap().unwrap().others;
    assert_eq!(others.len(), 1);
    assert_eq!(others[0].0.id, kept.lead_id);
}

pub async fn two_open_leads_become_one_row<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.hire("boss", Role::Supervisor).await;
    let (kept, _) = store.ingest(call(morning(), caller("+447700900123"), None)).await;
    let (gone, _) = store.ingest(call(after(1), caller("+442079460958"), None)).await;
    assert_eq!(store.whole_view(View::All, None, 10).await.len(), 2);
    merge(&store, kept.contact_id, gone.contact_id, after(2)).await;
    let rows = store.whole_view(View::All, None, 10).await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].id, rows[0].touch_count), (kept.lead_id, 2));
    let (closed, _) = store.stored(gone.lead_id).await;
    assert!(closed.is_closed());
    let others = store.history(kept.lead_id).await.unwrap().unwrap().others;
    assert_eq!(others[0].0.id, gone.lead_id, "the closed one stays in the history");
    let told: Vec<_> = store.whole_journal().await.iter().map(|entry| entry.kind.clone()).collect();
    assert!(told.contains(&EntryKind::ContactMerged.as_str().to_owned()));
    assert!(told.contains(&EntryKind::LeadClosed.as_str().to_owned()));
}

pub async fn what_was_merged_twice_is_found_from_the_last<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.hire("boss", Role::Supervisor).await;
    let mut met = Vec::new();
    for n in 0..3 {
        let (routed, _) = store.ingest(call(after(n), nth_caller(n as usize), None)).await;
        store.close_lead(routed.lead_id, "priya", after(n + 1)).await;
        met.push(routed);
    }
    merge(&store, met[1].contact_id, met[0].contact_id, after(10)).await;
    let last = merge(&store, met[2].contact_id, met[1].contact_id, after(11)).await;
    assert_eq!(last.phones.len(), 3);
    let others = store.history(met[2].lead_id).await.unwrap().unwrap().others;
    let others: Vec<_> = others.iter().map(|(lead, _)| lead.id).collect();
    assert_eq!(others, [met[1].lead_id, met[0].lead_id]);
    // What has become part of another cannot be merged once more.
    let again = Command::MergeContacts { keep: met[0].contact_id, merge: met[2].contact_id };
    assert_eq!(refusal(store.ask(again, rep("boss"), after(12)).await), Refusal::NoSuchContact);
}

pub async fn only_a_supervisor_merges<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.hire("priya", Role::Rep).await;
    store.hire("boss", Role::Supervisor).await;
    let (one, _) = store.ingest(call(morning(), caller("+447700900123"), None)).await;
    let (two, _) = store.ingest(call(morning(), caller("+442079460958"), None)).await;
    let ask =
        |keep, merge, who| store.ask(Command::MergeContacts { keep, merge }, rep(who), after(1));
    let (one, two) = (one.contact_id, two.contact_id);
    assert_eq!(refusal(ask(one, two, "priya").await), Refusal::SupervisorOnly);
    assert_eq!(refusal(ask(one, one, "boss").await), Refusal::SameContact);
    let nobody = ringback::ids::contact();
    assert_eq!(refusal(ask(one, nobody, "boss").await), Refusal::NoSuchContact);
    assert_eq!(store.stored_contact(one).await.rev, 1);
}

pub async fn a_lookup_shows_the_open_lead_and_the_earlier_ones<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let mut closed = Vec::new();
    for n in 0..12 {
        let (routed, _) = store.ingest(call(after(n), caller("+447700900123"), None)).await;
        store.close_lead(routed.lead_id, "priya", after(n)).await;
        closed.insert(0, routed.lead_id);
    }
    let known = store.lookup(phone("+447700900123")).await.unwrap().unwrap();
    assert_eq!(known.open_lead, None);
    assert!(known.earlier.iter().map(|lead| lead.id).eq(closed[..10].iter().copied()));
    let (open, _) = store.ingest(call(after(20), caller("+447700900123"), None)).await;
    let known = store.lookup(phone("+447700900123")).await.unwrap().unwrap();
    assert_eq!(known.contact.id, open.contact_id);
    assert_eq!(known.open_lead.unwrap().id, open.lead_id);
    assert!(known.earlier.iter().map(|lead| lead.id).eq(closed[..10].iter().copied()));
    assert!(store.lookup(phone("+447700900124")).await.unwrap().is_none());
}

pub async fn a_call_reported_twice_is_one_call<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let ringing = CallFacts {
        call_sid: "CA1".into(),
        from: Some(phone("+447700900123")),
        started_at: morning(),
        ended_at: None,
        answered: true,
        answered_by: Some("agent".into()),
        ring_seconds: Some(2),
        end_reason: None,
    };
    let ended = CallFacts { ended_at: Some(after(2)), ..ringing.clone() };
    let report =
        |call: &CallFacts| store.ask(Command::RecordCall(call.clone()), program(), after(3));
    let mut written = Vec::new();
    for call in [&ringing, &ringing, &ended, &ended] {
        report(call).await.unwrap();
        written.push(store.journal_span().await.unwrap().1);
    }
    assert_eq!(
        written,
        [1, 1, 2, 2],
        "a further report completes the first, the same one changes nothing"
    );
}
