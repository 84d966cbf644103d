//! Several servers, one truth: what must hold when more than one process works on a database. Each server is a store of its
//! own here; they share nothing but the database.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use ringback::{
    domain::{
        command::Command,
        decision::{Answer, Refusal},
        ids::{RepId, Seq},
        intent::Intent,
        journal::Actor,
        person::{Person, PersonRef, Presence, Role},
        touch::Caller,
    },
    store::{
        JournalQuery, Store, StoreError,
        postgres::{Options, PostgresStore},
    },
};

use crate::{
    fixture::*,
    many_servers::{Postgres, everything, seqs, wait_for_head},
};

pub async fn of_racing_claims_one_wins_and_the_losers_are_told_who(fixture: Postgres) {
    let servers = two(&fixture).await;
    let (lead, _) = ingest(&*servers[0], call(morning(), caller("+447700900123"), None)).await;
    let racing: Vec<_> = (0..200)
        .map(|n| {
            let server = Arc::clone(&servers[n % 2]);
            let rep = rep(&format!("rep{n}"));
            let claim = Command::Claim { lead: lead.lead_id, take_over: false };
            tokio::spawn(async move { server.execute(request(claim, rep, morning())).await })
        })
        .collect();
    let (mut winners, mut told) = (Vec::new(), BTreeSet::new());
    for claim in racing {
        match claim.await.unwrap() {
            Ok(done) => match done.answer {
                Answer::Lead { lead, .. } => winners.push(lead.claim().unwrap().by.id.clone()),
                other => panic!("not the answer to a claim: {other:?}"),
            },
            Err(StoreError::Refused(Refusal::AlreadyClaimed { by, .. })) => drop(told.insert(by)),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(winners.len(), 1);
    assert_eq!(told, BTreeSet::from([winners[0].clone()]));
    let kinds = kinds(&*servers[1]).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "lead.claimed").count(), 1);
}

pub async fn the_journal_has_no_gap_and_no_twin(fixture: Postgres) {
    let servers = two(&fixture).await;
    let senders: Vec<_> = (0..16)
        .map(|sender| {
            let server = Arc::clone(&servers[sender % 2]);
            tokio::spawn(async move {
                for n in 0..20 {
                    let number = format!("+4477009{:05}", sender * 100 + n);
                    ingest(&*server, call(morning(), caller(&number), None)).await;
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    for server in &servers {
        let seqs = seqs(&**server).await;
        assert_eq!(seqs, (1..=seqs.len() as Seq).collect::<Vec<_>>());
        assert!(seqs.len() >= 320, "{}", seqs.len());
        wait_for_head(&**server, seqs.len() as Seq).await;
        let page = server.queue(everything(1000)).await.unwrap();
        assert_eq!((page.total, page.leads.len()), (320, 320));
    }
}

pub async fn a_caller_who_reaches_two_servers_at_once_is_one_contact(fixture: Postgres) {
    let servers = two(&fixture).await;
    let calls: Vec<_> = (0..40)
        .map(|n| {
            let server = Arc::clone(&servers[n % 2]);
            tokio::spawn(async move {
                ingest(&*server, call(morning(), caller("+447700900123"), Some(&format!("CA{n}"))))
                    .await
                    .0
            })
        })
        .collect();
    let (mut leads, mut contacts, mut new) = (BTreeSet::new(), BTreeSet::new(), 0);
    for call in calls {
        let routed = call.await.unwrap();
        leads.insert(routed.lead_id);
        contacts.insert(routed.contact_id);
        new += usize::from(!routed.merged);
    }
    assert_eq!((leads.len(), contacts.len(), new), (1, 1, 1));
    let lead = leads.pop_first().unwrap();
    let (lead, _) = servers[0].lead(lead).await.unwrap().unwrap();
    assert_eq!(lead.touch_count, 40);
}

pub async fn a_call_delivered_to_two_servers_is_answered_with_the_first_result(fixture: Postgres) {
    let servers = two(&fixture).await;
    let deliveries: Vec<_> = (0..30)
        .map(|n| {
            let server = Arc::clone(&servers[n % 2]);
            let delivery = call(morning(), caller("+447700900123"), Some("CA1"));
            tokio::spawn(async move { ingest(&*server, delivery).await })
        })
        .collect();
    let (mut answers, mut first) = (BTreeMap::new(), 0);
    for delivery in deliveries {
        let (routed, replayed) = delivery.await.unwrap();
        first += usize::from(!replayed);
        answers.insert(routed.lead_id, routed);
    }
    assert_eq!((first, answers.len()), (1, 1));
}

pub async fn who_is_added_on_one_server_works_on_the_other_at_once(fixture: Postgres) {
    let servers = two(&fixture).await;
    // Both know the roster before it changes.
    for (n, server) in servers.iter().enumerate() {
        ingest(&**server, call(morning(), caller(&format!("+44770090012{n}")), None)).await;
    }
    add(&*servers[0], "priya").await;
    let (routed, _) =
        ingest(&*servers[1], large(call(morning(), caller("+447700900125"), None))).await;
    assert_eq!(routed.owner.as_deref(), Some("priya"));
    // Her work there counts here.
    add(&*servers[0], "tom").await;
    let (routed, _) =
        ingest(&*servers[0], large(call(morning(), caller("+447700900126"), None))).await;
    assert_eq!(routed.owner.as_deref(), Some("tom"));
}

pub async fn a_server_hears_of_the_others_commits(fixture: Postgres) {
    let deaf_to_looking = Options { look_every: Duration::from_secs(3600), ..Options::default() };
    let listening = open(&fixture, deaf_to_looking).await;
    let writing = fixture.server(policy()).await;
    // The listener's first look comes a moment after it has begun to listen.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (mut head, mut nearest) = (listening.head(), listening.nearest_deadline());
    head.mark_unchanged();
    ingest(&*writing, call(morning(), caller("+447700900123"), None)).await;
    tokio::time::timeout(Duration::from_secs(2), head.changed())
        .await
        .expect("a notification")
        .unwrap();
    wait_for_head(&*listening, *writing.head().borrow()).await;
    assert_eq!(*nearest.borrow_and_update(), *writing.nearest_deadline().borrow());
    assert!(nearest.borrow().is_some());
}

pub async fn a_lost_notification_loses_nothing(fixture: Postgres) {
    let quick = Options { look_every: Duration::from_millis(200), ..Options::default() };
    let listening = open(&fixture, quick).await;
    let writing = fixture.server(policy()).await;
    let admin = admin(&fixture).await;
    for n in 0..5 {
        // Every connection but the writer's own: the listeners' are among them.
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
                   AND datname = current_database() AND query LIKE 'SELECT (SELECT COALESCE(MAX(seq)%'";
        let listener_is_cut = async {
            while admin.query(cut, &[]).await.unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), listener_is_cut)
            .await
            .expect("there is a listener to cut off");
        ingest(&*writing, call(morning(), caller(&format!("+44770090012{n}")), None)).await;
    }
    wait_for_head(&*listening, *writing.head().borrow()).await;
}

pub async fn a_deadline_is_worked_by_one_server(fixture: Postgres) {
    let servers = two(&fixture).await;
    for n in 0..5 {
        ingest(&*servers[n % 2], call(morning(), caller(&format!("+44770090012{n}")), None)).await;
    }
    wait_for_head(&*servers[0], *servers[1].head().borrow()).await;
    wait_for_head(&*servers[1], *servers[0].head().borrow()).await;
    let later = morning() + SignedDuration::from_hours(24);
    let (one, other) =
        tokio::join!(servers[0].due_deadlines(later, 100), servers[1].due_deadlines(later, 100));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(one.is_empty() != other.is_empty(), "{one:?} {other:?}");
    let on_duty = usize::from(one.is_empty());
    let (worker, idle) = (&servers[on_duty], &servers[1 - on_duty]);
    // The other one's timer sleeps.
    assert_eq!(*idle.nearest_deadline().borrow(), None);
    assert!(worker.nearest_deadline().borrow().is_some());
    let due = if on_duty == 0 { one } else { other };
    assert_eq!(worker.due_deadlines(later, 100).await.unwrap(), due);
    for deadline in due {
        let command = Command::DeadlineReached { lead: deadline.lead, kind: deadline.kind };
        worker.execute(request(command, Actor::Clock, later)).await.unwrap();
    }
    assert_eq!(worker.due_deadlines(later, 100).await.unwrap(), []);
}

pub async fn the_work_of_a_server_that_dies_is_taken_over_within_seconds(fixture: Postgres) {
    let servers = two(&fixture).await;
    ingest(&*servers[0], call(morning(), caller("+447700900123"), None)).await;
    wait_for_head(&*servers[1], *servers[0].head().borrow()).await;
    let later = morning() + SignedDuration::from_hours(24);
    assert!(!servers[0].due_deadlines(later, 100).await.unwrap().is_empty());
    assert!(servers[1].due_deadlines(later, 100).await.unwrap().is_empty());
    // Silent from here on, as after a power cut: it never says that it leaves.
    let mut nearest = servers[1].nearest_deadline();
    assert_eq!(*nearest.borrow_and_update(), None);
    let died = Instant::now();
    tokio::time::timeout(Duration::from_secs(8), nearest.changed())
        .await
        .expect("a waking")
        .unwrap();
    assert!(nearest.borrow_and_update().is_some(), "the timer of the other one wakes");
    assert!(!servers[1].due_deadlines(later, 100).await.unwrap().is_empty());
    assert!(died.elapsed() < Duration::from_secs(8), "{:?}", died.elapsed());
    // And now the first one sleeps.
    assert!(servers[0].due_deadlines(later, 100).await.unwrap().is_empty());
}

pub async fn a_server_that_is_stopped_leaves_its_work_at_once(fixture: Postgres) {
    let servers = two(&fixture).await;
    ingest(&*servers[0], call(morning(), caller("+447700900123"), None)).await;
    let later = morning() + SignedDuration::from_hours(24);
    assert!(!servers[0].due_deadlines(later, 100).await.unwrap().is_empty());
    servers[0].close().await.unwrap();
    assert!(!servers[1].due_deadlines(later, 100).await.unwrap().is_empty());
}

pub async fn one_request_that_the_database_refuses_harms_no_other(fixture: Postgres) {
    let server = fixture.server(policy()).await;
    let key = |token| Command::AddKey { id: "form".into(), name: "Form".into(), token };
    server.execute(request(key([7; 32]), Actor::Operator, morning())).await.unwrap();
    let all: Vec<_> = (0..60)
        .map(|n| {
            let command = match n {
                // The token is known already: the database refuses the second one.
                17 | 43 => key([7; 32]),
                _ => Command::Ingest(Box::new(call(
                    morning(),
                    caller(&format!("+447700900{n:03}")),
                    None,
                ))),
            };
            let server = Arc::clone(&server);
            tokio::spawn(
                async move { server.execute(request(command, program(), morning())).await },
            )
        })
        .collect();
    for (n, one) in all.into_iter().enumerate() {
        let outcome = one.await.unwrap();
        assert_eq!(outcome.is_err(), n == 17 || n == 43, "{n}: {outcome:?}");
    }
    let seqs = seqs(&*server).await;
    assert_eq!(seqs, (1..=seqs.len() as Seq).collect::<Vec<_>>());
    assert_eq!(server.queue(everything(100)).await.unwrap().total, 58);
}

pub async fn a_nul_in_what_strangers_wrote_is_no_fault(fixture: Postgres) {
    let server = fixture.server(policy()).await;
    let strange = || {
        let caller = Caller {
            name: Some("Jane\0Roe".into()),
            email: Some("jane\0@example.co.uk".into()),
            ..Caller::default()
        };
        call(morning(), caller, Some("CA\u{0}1"))
    };
    let (first, _) = ingest(&*server, strange()).await;
    let (again, replayed) = ingest(&*server, strange()).await;
    assert!(replayed);
    assert_eq!(first, again);
    let caller = Caller { email: Some("jane\0@example.co.uk".into()), ..Caller::default() };
    let (other_call, _) = ingest(&*server, call(morning(), caller, Some("CA2"))).await;
    assert_eq!(other_call.contact_id, first.contact_id);
}

/// Two servers on one database.
async fn two(fixture: &Postgres) -> [Arc<PostgresStore>; 2] {
    [fixture.server(policy()).await, fixture.server(policy()).await]
}

async fn open(fixture: &Postgres, options: Options) -> Arc<PostgresStore> {
    PostgresStore::open_with(&fixture.url().parse().unwrap(), policy(), options).await.unwrap()
}

async fn admin(fixture: &Postgres) -> tokio_postgres::Client {
    let (client, driver) =
        tokio_postgres::connect(fixture.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(driver);
    client
}

fn rep(id: &str) -> Actor {
    Actor::Person(PersonRef { id: RepId(id.into()), name: id.into() })
}

async fn add(store: &dyn Store, id: &str) {
    let person = Person {
        id: RepId(id.into()),
        name: id.into(),
        role: Role::Rep,
        phone: None,
        email: None,
        slack_id: None,
        presence: Presence::Available,
        shift: None,
        leave: Vec::new(),
        removed: false,
    };
    let mut token = [0; 32];
    token[..id.len()].copy_from_slice(id.as_bytes());
    let command = Command::AddPerson { person, token };
    store.execute(request(command, Actor::Operator, morning())).await.unwrap();
}

/// A call that goes to the team.
fn large(mut call: ringback::domain::touch::Ingest) -> ringback::domain::touch::Ingest {
    call.touch.intent = Intent::Pricing;
    call.signals.team_size = Some(40);
    call
}

async fn kinds(store: &dyn Store) -> Vec<String> {
    let query = JournalQuery { after: 0, limit: 10_000 };
    store.journal(query).await.unwrap().into_iter().map(|entry| entry.kind).collect()
}
