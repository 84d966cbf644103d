//! Append-only, without a gap, in the order of commits (requirements §4).

use std::{collections::HashMap, time::Duration};

use ringback::{
    domain::{
        command::Command,
        ids::LeadId,
        journal::{Actor, EntryKind},
        outcome::Outcome,
        person::Role,
    },
    store::{Access, JournalQuery},
    wire,
};

use crate::{fixture::Fixture, office::*};

/// The entries behind `after`, each read back, and its lead compared with the stored one.
async fn check_against_stored(store: &Desk, after: i64) -> i64 {
    let entries = store.journal(JournalQuery { after, limit: 100 }).await.unwrap();
    for stored in &entries {
        let entry = entry(stored);
        assert_eq!((entry.seq, &entry.kind), (stored.seq, &stored.kind));
        assert_eq!(serde_json::to_string(&entry).unwrap(), *stored.json, "it is the wire form");
        if let Some(told) = entry.lead {
            let (lead, contact) = store.stored(LeadId(told.id)).await;
            assert_eq!(told, wire::Lead::of(&lead, &contact, "GB"), "{}", entry.kind);
        }
    }
    entries.last().map_or(after, |entry| entry.seq)
}

pub async fn every_entry_holds_its_lead_as_it_is_stored<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.hire("boss", Role::Supervisor).await;
    store.hire("priya", Role::Rep).await;
    let mut seen = check_against_stored(&store, 0).await;
    let (first, _) = store.ingest(call(morning(), caller("+447700900123"), Some("CA1"))).await;
    seen = check_against_stored(&store, seen).await;
    let (other, _) = store.ingest(call(morning(), email("jane@example.co.uk"), Some("CA2"))).await;
    seen = check_against_stored(&store, seen).await;
    let lead = first.lead_id;
    let priya = || rep("priya");
    let commands = [
        (Command::Claim { lead, take_over: false }, priya()),
        (Command::AddNote { lead, text: "Left a message.".into() }, priya()),
        (Command::Release { lead }, priya()),
        (Command::Undo { lead }, priya()),
        (Command::Reassign { lead, to: "team_sdr".into() }, rep("boss")),
        (
            Command::LogOutcome {
                lead,
                outcome: Outcome::NoAnswer,
                note: Some("Rang out.".into()),
                callback_at: None,
            },
            priya(),
        ),
        (Command::MergeContacts { keep: first.contact_id, merge: other.contact_id }, rep("boss")),
        (
            Command::LogOutcome { lead, outcome: Outcome::OptedOut, note: None, callback_at: None },
            priya(),
        ),
        (Command::Undo { lead }, priya()),
    ];
    for (n, (command, actor)) in commands.into_iter().enumerate() {
        store.ask(command, actor, after(5 + n as i64)).await.unwrap();
        let before = seen;
        seen = check_against_stored(&store, seen).await;
        assert!(seen > before, "every one of them changes something");
    }
    // Only the newest state can be compared with what is stored; the older ones must have been passed through one by one.
    let mut revisions: HashMap<uuid::Uuid, u32> = HashMap::new();
    for stored in store.whole_journal().await {
        if let Some(lead) = entry(&stored).lead {
            let known = revisions.insert(lead.id, lead.rev).unwrap_or(0);
            assert!(lead.rev == known || lead.rev == known + 1, "{} after {known}", lead.rev);
        }
    }
}

pub async fn sequence_numbers_have_no_gap_and_no_twin<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let senders: Vec<_> = (0..16)
        .map(|sender| {
            let store = store.clone();
            tokio::spawn(async move {
                for n in 0..40 {
                    let who = nth_caller(sender * 1000 + n % 30);
                    let (routed, _) = store.ingest(call(after(n as i64), who, None)).await;
                    // Some are lost to others or closed: that changes nothing, and writes nothing.
                    let _ = store.claim(routed.lead_id, "priya", after(n as i64)).await;
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let entries = store.whole_journal().await;
    let (first, last) = store.journal_span().await.unwrap();
    assert_eq!(first, 1);
    assert!(entries.iter().map(|entry| entry.seq).eq(first..=last));
    assert!(last >= 16 * 40);
    // In the order of commits: each lead's revisions ascend.
    let mut revisions = HashMap::new();
    for lead in entries.iter().filter_map(|stored| entry(stored).lead) {
        let known = revisions.insert(lead.id, lead.rev).unwrap_or(0);
        assert_eq!(lead.rev, known + 1);
    }
}

pub async fn it_can_be_read_on_from_any_place<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    for n in 0..10 {
        store.ingest(call(morning(), nth_caller(n), None)).await;
    }
    let whole = store.whole_journal().await;
    for after in 0..12 {
        for limit in [1, 3, 100] {
            let part = store.journal(JournalQuery { after, limit }).await.unwrap();
            let wanted: Vec<_> =
                whole.iter().filter(|entry| entry.seq > after).take(limit).cloned().collect();
            assert_eq!(part, wanted, "{limit} behind {after}");
        }
    }
}

pub async fn the_head_moves_when_something_is_committed<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let mut head = store.head();
    assert_eq!(*head.borrow_and_update(), 0);
    store.ingest(call(morning(), caller("+447700900123"), Some("CA1"))).await;
    tokio::time::timeout(Duration::from_secs(5), head.changed()).await.unwrap().unwrap();
    assert_eq!(*head.borrow_and_update(), 1);
    // A repeat commits nothing.
    store.ingest(call(morning(), caller("+447700900123"), Some("CA1"))).await;
    assert!(!head.has_changed().unwrap());
}

pub async fn a_lead_has_its_own_history_and_its_contacts_other_leads<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let mut leads = Vec::new();
    for n in 0..3 {
        let (routed, _) = store.ingest(call(after(n * 10), caller("+447700900123"), None)).await;
        store.close_lead(routed.lead_id, "priya", after(n * 10 + 5)).await;
        leads.push(routed.lead_id);
    }
    store.ingest(call(morning(), caller("+447700900999"), None)).await;
    let history = store.history(leads[1]).await.unwrap().unwrap();
    let kinds: Vec<_> = history.entries.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds, [EntryKind::LeadArrived.as_str(), EntryKind::LeadClosed.as_str()]);
    assert!(history.entries.iter().all(|stored| entry(stored).lead.unwrap().id == leads[1].0));
    let others: Vec<_> = history.others.iter().map(|(lead, _)| lead.id).collect();
    assert_eq!(others, [leads[2], leads[0]], "newest first");
    assert!(store.history(ringback::ids::lead()).await.unwrap().is_none());
}

pub async fn who_looked_is_written_down_beside_it<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let (routed, _) = store.ingest(call(morning(), caller("+447700900123"), None)).await;
    let head = store.journal_span().await.unwrap();
    let look = |n: i64, what: &str, lead| Access {
        at: after(n),
        actor: rep("priya"),
        what: what.into(),
        lead,
    };
    let looks = vec![
        look(1, "queue overnight", None),
        look(2, "lead", Some(routed.lead_id)),
        Access { actor: Actor::Operator, ..look(3, "history", Some(routed.lead_id)) },
    ];
    store.record_access(looks.clone()).await.unwrap();
    let newest_first: Vec<_> = looks.iter().rev().cloned().collect();
    assert_eq!(store.accesses(None, 10).await.unwrap(), newest_first);
    assert_eq!(store.accesses(Some(routed.lead_id), 10).await.unwrap(), newest_first[..2]);
    assert_eq!(store.accesses(None, 1).await.unwrap(), newest_first[..1]);
    assert_eq!(store.journal_span().await.unwrap(), head, "looking changes nothing");
}
