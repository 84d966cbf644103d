//! Moving an installation from one engine to the other and back: everything is there, goes on where it stood, and nothing is
//! written over.

use std::{path::Path, sync::Arc};

use ringback::{
    domain::{
        command::{CallFacts, Command},
        decision::Answer,
        ids::RepId,
        journal::Actor,
        outcome::Outcome,
        person::{Person, PersonRef, Presence, Role},
        queue::View,
        touch::Caller,
    },
    store::{
        Access, IdempotencyKey, JournalQuery, QueueQuery, Request, StoreUrl,
        copy::{CopyError, Report, copy},
        open,
    },
};

use crate::{
    cluster,
    fixture::*,
    many_servers::{everything, seqs},
};

fn run<R: Future<Output = ()>>(rule: impl FnOnce(StoreUrl, StoreUrl, StoreUrl) -> R) {
    let Some(cluster) = cluster::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| StoreUrl::or_path(folder.path().join(name).to_str().unwrap()).unwrap();
    let database: StoreUrl = cluster.database().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(rule(file("from.db"), database, file("back.db")));
}

async fn copied(from: &StoreUrl, to: &StoreUrl) -> Result<Report, CopyError> {
    copy(from, to, Arc::new(|_, _| {})).await
}

#[test]
fn an_installation_that_moves_to_postgres_and_back_is_the_same() {
    run(async |from: StoreUrl, over: StoreUrl, back: StoreUrl| {
        fill(&from).await;
        let before = Seen::of(&from).await;
        let there = copied(&from, &over).await.unwrap();
        assert_eq!(Seen::of(&over).await, before);
        let again = copied(&over, &back).await.unwrap();
        assert_eq!(Seen::of(&back).await, before);
        assert_eq!(there, again);
        assert_eq!(there.head, before.head);
        for (table, rows) in &there.tables {
            assert!(
                *rows > 0 || *table == "outbox",
                "nothing in {table}: the test proves too little"
            );
        }
        assert_eq!(there.journal_sha256.len(), 64);
        for url in [&over, &back] {
            goes_on(url).await;
        }
    });
}

#[test]
fn a_database_that_holds_something_is_never_copied_into() {
    run(async |from: StoreUrl, over: StoreUrl, back: StoreUrl| {
        fill(&from).await;
        copied(&from, &over).await.unwrap();
        let before = Seen::of(&over).await;
        fill(&back).await;
        for (from, to) in [(&from, &over), (&over, &back), (&from, &back)] {
            let refused = copied(from, to).await.unwrap_err();
            assert!(matches!(refused, CopyError::NotEmpty("contacts")), "{refused}");
        }
        for same in [&from, &over] {
            let refused = copied(same, same).await.unwrap_err();
            assert!(matches!(refused, CopyError::SamePlace), "{refused}");
        }
        assert_eq!(Seen::of(&over).await, before);
    });
}

#[test]
fn a_source_that_is_not_there_is_not_made() {
    run(async |from: StoreUrl, over: StoreUrl, _| {
        let refused = copied(&from, &over).await.unwrap_err();
        assert!(matches!(refused, CopyError::NoSource(_)), "{refused}");
        let StoreUrl::Sqlite(path) = &from else { panic!("a file") };
        assert!(!Path::exists(path));
        // And the target is still good for a copy.
        fill(&from).await;
        copied(&from, &over).await.unwrap();
    });
}

/// A little of everything.
async fn fill(url: &StoreUrl) {
    let store = open(url, policy()).await.unwrap();
    let priya = Person {
        id: RepId("priya".into()),
        name: "Priya".into(),
        role: Role::Rep,
        phone: Some(phone("+447700900999")),
        email: None,
        slack_id: None,
        presence: Presence::Available,
        shift: None,
        leave: Vec::new(),
        removed: false,
    };
    let rep = Actor::Person(PersonRef { id: priya.id.clone(), name: "Priya".into() });
    let does = async |command, actor: &Actor| {
        store.execute(request(command, actor.clone(), morning())).await.unwrap().answer
    };
    does(Command::AddPerson { person: priya, token: [1; 32] }, &Actor::Operator).await;
    let key = Command::AddKey { id: "form".into(), name: "Form".into(), token: [2; 32] };
    does(key, &Actor::Operator).await;
    let callers = (0..300).map(|n| {
        let email = Some(format!("c{n}@example.co.uk"));
        let caller = Caller { email, ..caller(&format!("+44770{n:07}")) };
        ingest(&*store, call(morning(), caller, Some(&format!("CA{n}"))))
    });
    let leads: Vec<_> = futures_util::future::join_all(callers)
        .await
        .into_iter()
        .map(|(routed, _)| routed)
        .collect();
    let claim = Command::Claim { lead: leads[0].lead_id, take_over: false };
    does(claim, &rep).await;
    let close = Command::LogOutcome {
        lead: leads[1].lead_id,
        outcome: Outcome::NotInterested,
        note: Some("Has somebody already.".into()),
        callback_at: None,
    };
    does(close, &rep).await;
    let merge = Command::MergeContacts { keep: leads[2].contact_id, merge: leads[3].contact_id };
    does(merge, &Actor::Operator).await;
    let facts = CallFacts {
        call_sid: "CA-facts".into(),
        from: None,
        started_at: morning(),
        ended_at: None,
        answered: true,
        answered_by: Some("agent".into()),
        ring_seconds: Some(3),
        end_reason: None,
    };
    does(Command::RecordCall(facts), &program()).await;
    store.execute(keyed()).await.unwrap();
    let access = |n: usize| Access {
        at: morning(),
        actor: rep.clone(),
        what: "lead".into(),
        lead: Some(leads[n].lead_id),
    };
    store.record_access(vec![access(0), access(1)]).await.unwrap();
    store.close().await.unwrap();
}

/// A request under a key of its sender's.
fn keyed() -> Request {
    let call = call(morning(), caller("+447700900777"), None);
    let key = IdempotencyKey { scope: "form".into(), key: "k1".into(), fingerprint: [7; 32] };
    Request {
        idempotency: Some(key),
        ..request(Command::Ingest(Box::new(call)), program(), morning())
    }
}

/// All that can be seen of an installation.
#[derive(Debug, PartialEq)]
struct Seen {
    head: i64,
    journal: Vec<String>,
    leads: Vec<String>,
    totals: Vec<(View, u64)>,
    people: String,
    tokens: String,
    accesses: Vec<Access>,
    deadlines: usize,
}

impl Seen {
    async fn of(url: &StoreUrl) -> Seen {
        let store = open(url, policy()).await.unwrap();
        let journal = store.journal(JournalQuery { after: 0, limit: 10_000 }).await.unwrap();
        let mut leads = Vec::new();
        for view in [View::Overnight, View::Callbacks, View::Answers, View::All, View::Mine] {
            let me = Some(RepId("priya".into()));
            let mut query = QueueQuery { view, me, ..everything(1000) };
            loop {
                let page = store.queue(query.clone()).await.unwrap();
                leads.extend(page.leads.iter().map(|pair| format!("{pair:?}")));
                let Some(next) = page.next else { break };
                query.after = Some(next);
            }
        }
        let later = morning() + jiff::SignedDuration::from_hours(1000);
        let seen = Seen {
            head: store.journal_span().await.unwrap().1,
            journal: journal
                .iter()
                .map(|entry| format!("{} {} {}", entry.seq, entry.kind, entry.json))
                .collect(),
            leads,
            totals: store.counts().await.unwrap(),
            people: format!("{:?}", store.roster().await.unwrap()),
            tokens: format!(
                "{:?} {:?}",
                store.token([1; 32]).await.unwrap(),
                store.token([2; 32]).await.unwrap()
            ),
            accesses: store.accesses(None, 100).await.unwrap(),
            deadlines: store.due_deadlines(later, 10_000).await.unwrap().len(),
        };
        store.close().await.unwrap();
        seen
    }
}

/// What is written next stands behind what was copied.
async fn goes_on(url: &StoreUrl) {
    let store = open(url, policy()).await.unwrap();
    let before = seqs(&*store).await.len() as i64;
    let repeat = store.execute(keyed()).await.unwrap();
    assert!(repeat.replayed, "a key is honoured across the move");
    let (known, replayed) =
        ingest(&*store, call(morning(), caller("+447700000007"), Some("CA7"))).await;
    assert!(replayed);
    let (merged, _) =
        ingest(&*store, call(morning(), caller("+447700000007"), Some("CA-new"))).await;
    assert_eq!((merged.contact_id, merged.merged), (known.contact_id, true));
    assert_eq!(seqs(&*store).await.len() as i64, before + 1);
    let access = Access { at: morning(), actor: Actor::Operator, what: "queue".into(), lead: None };
    store.record_access(vec![access.clone()]).await.unwrap();
    assert_eq!(store.accesses(None, 1).await.unwrap(), vec![access]);
    let claim = Command::Claim { lead: merged.lead_id, take_over: false };
    let rep = Actor::Person(PersonRef { id: RepId("priya".into()), name: "Priya".into() });
    let done = store.execute(request(claim, rep, morning())).await.unwrap();
    assert!(matches!(done.answer, Answer::Lead { .. }));
    store.close().await.unwrap();
}
