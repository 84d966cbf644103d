//! People, their tokens and their work.

use jiff::SignedDuration;
use ringback::domain::{
    command::{Command, PersonChange},
    decision::{Refusal, TokenOwner},
    ids::RepId,
    journal::Actor,
    person::{Presence, Role},
    queue::View,
};

use crate::{fixture::Fixture, office::*};

async fn change(store: &Desk, handle: &str, change: PersonChange) {
    let command = Command::ChangePerson { id: RepId(handle.into()), change };
    store.ask(command, Actor::Operator, after(1)).await.unwrap();
}

async fn load(store: &Desk, handle: &str) -> u32 {
    let roster = store.roster().await.unwrap();
    roster.people.iter().find(|(person, _)| person.id.as_str() == handle).unwrap().1
}

pub async fn a_person_has_a_token_until_it_is_replaced<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.hire("priya", Role::Rep).await;
    store.hire("tom", Role::Supervisor).await;
    let known = store.token(token_of("priya")).await.unwrap().unwrap();
    assert_eq!(known.owner, TokenOwner::Person { id: RepId("priya".into()) });
    assert_eq!(known.person, Some(person("priya", Role::Rep)));
    assert_eq!(known.expires_at, None);
    let replace = Command::ReplaceToken {
        id: RepId("priya".into()),
        token: [9; 32],
        expires_at: Some(after(60)),
    };
    store.ask(replace, Actor::Operator, after(1)).await.unwrap();
    assert_eq!(store.token(token_of("priya")).await.unwrap(), None);
    let known = store.token([9; 32]).await.unwrap().unwrap();
    assert_eq!(known.expires_at, Some(after(60)));
    assert!(store.token(token_of("tom")).await.unwrap().is_some(), "nobody else's is touched");
    assert_eq!(store.token([0; 32]).await.unwrap(), None);
}

pub async fn somebody_removed_loses_every_token<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.hire("priya", Role::Rep).await;
    change(&store, "priya", PersonChange { removed: Some(true), ..PersonChange::default() }).await;
    assert_eq!(store.token(token_of("priya")).await.unwrap(), None);
    let roster = store.roster().await.unwrap();
    assert!(roster.people[0].0.removed, "the name stays, for old records");
}

pub async fn a_key_of_a_program_opens_the_door<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    let add = Command::AddKey { id: "agent".into(), name: "Voice agent".into(), token: [5; 32] };
    store.ask(add, Actor::Operator, morning()).await.unwrap();
    let known = store.token([5; 32]).await.unwrap().unwrap();
    let owner = TokenOwner::Key { id: "agent".into(), name: "Voice agent".into() };
    assert_eq!((known.owner, known.person), (owner, None));
}

pub async fn a_handle_is_taken_once<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.hire("priya", Role::Rep).await;
    let again = Command::AddPerson { person: person("priya", Role::Supervisor), token: [7; 32] };
    let refused = store.ask(again, Actor::Operator, morning()).await;
    assert_eq!(refusal(refused), Refusal::HandleTaken("priya".into()));
    assert_eq!(store.token([7; 32]).await.unwrap(), None);
    assert_eq!(store.roster().await.unwrap().people, [(person("priya", Role::Rep), 0)]);
}

pub async fn open_leads_are_counted_for_whoever_works_on_them<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    for (handle, role) in [("boss", Role::Supervisor), ("priya", Role::Rep), ("tom", Role::Rep)] {
        store.hire(handle, role).await;
    }
    let (routed, _) = store.ingest(call(morning(), caller("+447700900123"), None)).await;
    let reassign = |to: &str| {
        let command = Command::Reassign { lead: routed.lead_id, to: to.into() };
        store.ask(command, rep("boss"), after(1))
    };
    reassign("priya").await.unwrap();
    assert_eq!((load(&store, "priya").await, load(&store, "tom").await), (1, 0));
    // Tom holds what is Priya's: it is his work now, and in both their queues.
    store.claim(routed.lead_id, "tom", after(2)).await.unwrap();
    assert_eq!((load(&store, "priya").await, load(&store, "tom").await), (0, 1));
    for me in ["priya", "tom"] {
        assert_eq!(store.whole_view(View::Mine, Some(me), 10).await.len(), 1, "{me}");
    }
    store.close_lead(routed.lead_id, "tom", after(3)).await;
    assert_eq!((load(&store, "priya").await, load(&store, "tom").await), (0, 0));
    for me in ["priya", "tom"] {
        assert!(store.whole_view(View::Mine, Some(me), 10).await.is_empty(), "{me}");
    }
}

pub async fn a_lead_goes_to_the_least_loaded_who_is_there<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.hire("priya", Role::Rep).await;
    store.hire("tom", Role::Rep).await;
    let mut owners = Vec::new();
    for n in 0..4 {
        let mut ingest = call(after(30 + n), nth_caller(n as usize), None);
        ingest.routing_owner = Some("team_sdr".into());
        owners.push(store.ingest(ingest).await.0.owner.unwrap());
    }
    assert_eq!(owners, ["priya", "tom", "priya", "tom"]);
    let away = PersonChange { presence: Some(Presence::Away), ..PersonChange::default() };
    change(&store, "priya", away).await;
    for n in 4..7 {
        let mut ingest = call(after(30 + n), nth_caller(n as usize), None);
        ingest.routing_owner = Some("team_sdr".into());
        assert_eq!(store.ingest(ingest).await.0.owner.unwrap(), "tom", "Priya is away");
    }
    assert_eq!((load(&store, "priya").await, load(&store, "tom").await), (2, 5));
}

pub async fn expired_tokens_are_swept<F: Fixture>(database: F) {
    let store = open(&database, policy()).await;
    store.hire("priya", Role::Rep).await;
    let replace = Command::ReplaceToken {
        id: RepId("priya".into()),
        token: [9; 32],
        expires_at: Some(after(60)),
    };
    store.ask(replace, Actor::Operator, morning()).await.unwrap();
    assert_eq!(store.sweep(after(60) - SignedDuration::from_millis(1)).await.unwrap(), 0);
    assert_eq!(store.sweep(after(60)).await.unwrap(), 1);
    assert_eq!(store.token([9; 32]).await.unwrap(), None);
}
