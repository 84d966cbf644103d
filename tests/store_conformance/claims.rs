//! One holder at most, and what can be taken back (requirements §4).

use ringback::{
    domain::{command::Command, decision::Refusal, lead::LeadState, queue::View},
    ids,
};

use crate::{fixture::Fixture, office::*};

pub async fn of_200_racing_claims_one_wins_and_each_loser_is_told_who<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let (routed, _) = store.ingest(call(morning(), caller("+447700900123"), None)).await;
    let claims: Vec<_> = (0..200)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(
                async move { store.claim(routed.lead_id, &format!("rep-{n}"), after(1)).await },
            )
        })
        .collect();
    let (mut winners, mut losers) = (Vec::new(), Vec::new());
    for claim in claims {
        match claim.await.unwrap() {
            Ok(lead) => winners.push(lead.holder().unwrap().clone()),
            lost => match refusal(lost) {
                Refusal::AlreadyClaimed { by, at, .. } => losers.push((by, at)),
                other => panic!("{other:?}"),
            },
        }
    }
    assert_eq!((winners.len(), losers.len()), (1, 199));
    assert!(losers.iter().all(|lost| *lost == (winners[0].clone(), after(1))));
    assert_eq!(store.stored(routed.lead_id).await.0.holder(), Some(&winners[0]));
    assert_eq!(store.whole_journal().await.len(), 2, "arrived, and claimed once");
}

pub async fn what_is_not_there_cannot_be_claimed<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    assert_eq!(refusal(store.claim(ids::lead(), "priya", morning()).await), Refusal::NoSuchLead);
}

pub async fn a_close_can_be_undone_and_the_lead_is_back_in_its_queue<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let (routed, _) = store.ingest(call(morning(), caller("+447700900123"), None)).await;
    let before = store.claim(routed.lead_id, "priya", after(1)).await.unwrap();
    store.close_lead(routed.lead_id, "priya", after(2)).await;
    assert!(store.whole_view(View::All, None, 10).await.is_empty());
    let undo = Command::Undo { lead: routed.lead_id };
    let back = lead_of(store.ask(undo, rep("priya"), after(3)).await.unwrap());
    assert!(matches!(back.state, LeadState::Claimed(_)));
    assert_eq!(back.rev, before.rev + 2);
    assert_eq!(store.whole_view(View::Overnight, None, 10).await, std::slice::from_ref(&back));
    assert_eq!(store.whole_view(View::Mine, Some("priya"), 10).await, [back]);
}

pub async fn undo_after_a_close_is_refused_when_a_newer_lead_is_open<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let (old, _) = store.ingest(call(morning(), caller("+447700900123"), None)).await;
    store.close_lead(old.lead_id, "priya", after(2)).await;
    let (new, _) = store.ingest(call(after(3), caller("+447700900123"), None)).await;
    assert_ne!(old.lead_id, new.lead_id);
    let undo = Command::Undo { lead: old.lead_id };
    let refused = store.ask(undo.clone(), rep("priya"), after(4)).await;
    assert_eq!(refusal(refused), Refusal::NothingToUndo);
    // Once the newer one is closed too, nothing stands in the way.
    store.close_lead(new.lead_id, "priya", after(5)).await;
    assert!(lead_of(store.ask(undo, rep("priya"), after(6)).await.unwrap()).is_open());
}

pub async fn requests_that_are_refused_harm_nobody_beside_them<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let mixed: Vec<_> = (0..300)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                if n % 3 == 0 {
                    let refused = store.claim(ids::lead(), "priya", morning()).await;
                    assert_eq!(refusal(refused), Refusal::NoSuchLead);
                    None
                } else {
                    Some(store.ingest(call(morning(), nth_caller(n), None)).await.0.lead_id)
                }
            })
        })
        .collect();
    let mut stored = 0;
    for request in mixed {
        if let Some(id) = request.await.unwrap() {
            assert_eq!(store.stored(id).await.0.rev, 1);
            stored += 1;
        }
    }
    assert_eq!(stored, 200);
    assert_eq!(store.whole_journal().await.len(), 200);
    assert_eq!(store.whole_view(View::All, None, 64).await.len(), 200);
}
