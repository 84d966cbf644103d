//! The database away, dead, frozen or out of reach: what its users are told, how soon, and that nothing acknowledged is lost.
//! Each rule has a cluster of its own to hurt.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    process::Command as Program,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use ringback::{
    domain::command::Command,
    store::{
        IdempotencyKey, QueuePage, Request, Store, StoreError,
        postgres::{Address, Options, PostgresStore},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    cluster::{self, Cluster},
    fixture::*,
    many_servers::{everything, seqs, wait_for_head},
};

/// Runs a rule with a cluster of its own, if there is PostgreSQL.
fn run<R: Future<Output = ()>>(rule: impl FnOnce(Cluster) -> R) {
    let Some(binaries) = cluster::available() else { return };
    let cluster = Cluster::start(binaries, &["fsync=off"]);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(rule(cluster));
}

async fn open(url: &str) -> Arc<PostgresStore> {
    PostgresStore::open(&url.parse().unwrap(), policy()).await.unwrap()
}

#[test]
fn while_the_database_is_away_everybody_is_told_within_two_seconds_and_afterwards_all_goes_on() {
    run(async |mut cluster: Cluster| {
        let store = open(&cluster.database()).await;
        ingest(&*store, call(morning(), caller("+447700900123"), Some("CA1"))).await;
        let before = *store.head().borrow();
        cluster.kill();
        for n in 0..20 {
            let start = Instant::now();
            let late = call(morning(), caller("+447700900124"), Some("CA2"));
            let late = request(Command::Ingest(Box::new(late)), program(), morning());
            let (write, read) = tokio::join!(store.execute(late), store.queue(everything(10)));
            assert!(matches!(write, Err(StoreError::Unavailable(_))), "{n}: {write:?}");
            assert!(matches!(read, Err(StoreError::Unavailable(_))), "{n}: {read:?}");
            assert!(start.elapsed() < Duration::from_secs(2), "{n}: {:?}", start.elapsed());
        }
        cluster.resume();
        let back = Instant::now();
        let (late, _) =
            retried(&*store, call(morning(), caller("+447700900124"), Some("CA2"))).await;
        assert!(back.elapsed() < Duration::from_secs(4), "{:?}", back.elapsed());
        assert_eq!(queue_again(&*store).await.total, 2);
        assert!(*store.head().borrow() > before);
        assert!(store.lead(late.lead_id).await.unwrap().is_some());
        store.close().await.unwrap();
    });
}

#[test]
fn a_killed_database_loses_nothing_that_was_acknowledged_and_repeats_change_nothing() {
    run(async |mut cluster: Cluster| {
        let url = cluster.database();
        let servers = [open(&url).await, open(&url).await];
        let stop = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..16)
            .map(|sender| {
                let (servers, stop) = (servers.clone(), Arc::clone(&stop));
                tokio::spawn(async move {
                    let mut acknowledged = Vec::new();
                    for n in 0.. {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        acknowledged.push(deliver(&servers, sender, n).await);
                    }
                    acknowledged
                })
            })
            .collect();
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(700)).await;
            cluster.kill();
            cluster.resume();
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
        stop.store(true, Ordering::Relaxed);
        let mut leads = BTreeSet::new();
        let mut acknowledged = 0;
        for sender in senders {
            let theirs = sender.await.unwrap();
            acknowledged += theirs.len();
            leads.extend(theirs);
        }
        assert!(acknowledged > 50, "only {acknowledged} went through");
        assert_eq!(leads.len(), acknowledged, "each request has a lead of its own");
        let seqs = seqs(&*servers[0]).await;
        assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>(), "no gap, no twin");
        let page = servers[1].queue(everything(1000)).await.unwrap();
        assert_eq!(page.total as usize, acknowledged, "nothing twice, nothing lost");
        for server in &servers {
            wait_for_head(&**server, seqs.len() as i64).await;
            server.close().await.unwrap();
        }
    });
}

/// A call from a new caller, sent to one server and then to the other until it is acknowledged.
async fn deliver(
    servers: &[Arc<PostgresStore>; 2],
    sender: usize,
    n: usize,
) -> ringback::domain::ids::LeadId {
    let call = call(morning(), caller(&format!("+4477{:08}", sender * 10_000 + n)), None);
    let request = Request {
        idempotency: Some(IdempotencyKey {
            scope: "agent".into(),
            key: format!("{sender}/{n}"),
            fingerprint: [9; 32],
        }),
        ..request(Command::Ingest(Box::new(call)), program(), morning())
    };
    for attempt in 0.. {
        match servers[(sender + attempt) % 2].execute(request.clone()).await {
            Ok(done) => return routed(done).0.lead_id,
            Err(StoreError::Unavailable(_) | StoreError::Busy { .. }) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(other) => panic!("{other}"),
        }
    }
    unreachable!("the attempts have no end")
}

#[test]
fn a_frozen_database_is_given_up_after_a_while_and_taken_up_again() {
    run(async |cluster: Cluster| {
        let patience = Duration::from_secs(1);
        let options = Options { patience, ..Options::default() };
        let address: Address = cluster.database().parse().unwrap();
        let store = PostgresStore::open_with(&address, policy(), options).await.unwrap();
        ingest(&*store, call(morning(), caller("+447700900123"), Some("CA1"))).await;
        store.queue(everything(10)).await.unwrap();
        let frozen = Frozen::all(&cluster);
        let start = Instant::now();
        let late = call(morning(), caller("+447700900124"), Some("CA2"));
        let request = request(Command::Ingest(Box::new(late)), program(), morning());
        let (write, read) = tokio::join!(store.execute(request), store.queue(everything(10)));
        assert!(matches!(write, Err(StoreError::Unavailable(_))), "{write:?}");
        assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
        drop(frozen);
        let (_, replayed) =
            retried(&*store, call(morning(), caller("+447700900124"), Some("CA2"))).await;
        let page = queue_again(&*store).await;
        // What was under way when it froze may have been written after all; then it was found again.
        assert_eq!(page.total, 2, "replayed: {replayed}");
        store.close().await.unwrap();
    });
}

/// All processes of a cluster, stopped until this is dropped.
struct Frozen(Vec<String>);

impl Frozen {
    fn all(cluster: &Cluster) -> Frozen {
        let pid_file =
            std::fs::read_to_string(cluster.folder().join("data/postmaster.pid")).unwrap();
        let postmaster = pid_file.lines().next().unwrap().to_owned();
        let children = Program::new("pgrep").args(["-P", &postmaster]).output().unwrap();
        let children = String::from_utf8(children.stdout).unwrap();
        let all = Frozen(children.lines().map(Into::into).chain([postmaster.clone()]).collect());
        all.signal("-STOP");
        all
    }

    fn signal(&self, signal: &str) {
        // One may have ended by itself.
        let _ = Program::new("kill").arg(signal).args(&self.0).status();
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.signal("-CONT");
    }
}

#[test]
fn a_server_whose_cable_is_cut_in_the_middle_holds_nobody_up_for_long() {
    run(async |cluster: Cluster| {
        let url = cluster.database();
        let cable = Cable::lay(cluster.port()).await;
        let far = url.replace(&cluster.port().to_string(), &cable.address.port().to_string());
        let options = Options { idle_in_transaction: Duration::from_secs(1), ..Options::default() };
        let cut_off =
            PostgresStore::open_with(&far.parse().unwrap(), policy(), options).await.unwrap();
        let near = open(&url).await;
        // Under load, so that the cut comes in the middle of a transaction, with the writers' lock taken.
        for sender in 0..8 {
            let store = Arc::clone(&cut_off);
            tokio::spawn(async move {
                for n in 0..10_000 {
                    let number = format!("+4477{:08}", sender * 10_000 + n);
                    let call = Command::Ingest(Box::new(call(morning(), caller(&number), None)));
                    let _ = store.execute(request(call, program(), morning())).await;
                }
            });
        }
        for n in 0..5 {
            tokio::time::sleep(Duration::from_millis(200)).await;
            cable.cut.store(true, Ordering::Relaxed);
            let start = Instant::now();
            retried(
                &*near,
                call(morning(), caller(&format!("+44770090012{n}")), Some(&format!("CA{n}"))),
            )
            .await;
            assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
            cable.cut.store(false, Ordering::Relaxed);
        }
        let seqs = seqs(&*near).await;
        assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>());
    });
}

/// A way to the database that can be cut without either end noticing.
struct Cable {
    address: SocketAddr,
    cut: Arc<AtomicBool>,
}

impl Cable {
    async fn lay(port: u16) -> Cable {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cut = Arc::new(AtomicBool::new(false));
        let shared = Arc::clone(&cut);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else { continue };
                let (near, far) = (near.into_split(), far.into_split());
                tokio::spawn(carry(near.0, far.1, Arc::clone(&shared)));
                tokio::spawn(carry(far.0, near.1, Arc::clone(&shared)));
            }
        });
        Cable { address, cut }
    }
}

/// Carries bytes one way. What is on its way when the cable is cut is lost, and so is the connection: it stays open, silent.
async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    cut: Arc<AtomicBool>,
) {
    let mut bytes = vec![0; 64 << 10];
    loop {
        let Ok(n) = from.read(&mut bytes).await else { return };
        if cut.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        if n == 0 || to.write_all(&bytes[..n]).await.is_err() {
            return;
        }
    }
}

#[test]
fn a_database_that_cannot_be_reached_is_said_at_once_and_without_its_password() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let address: Address =
            format!("postgres://ringback:s3cret@127.0.0.1:{free}/x").parse().unwrap();
        let start = Instant::now();
        let error = PostgresStore::open(&address, policy()).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        assert!(
            !error.to_string().contains("s3cret") && error.to_string().contains("127.0.0.1"),
            "{error}"
        );
        assert!(start.elapsed() < Duration::from_secs(2));
    });
}

/// Ingests as a good client does: again until it is acknowledged.
async fn retried(
    store: &dyn Store,
    call: ringback::domain::touch::Ingest,
) -> (ringback::domain::decision::Routed, bool) {
    let now = call.touch.received_at;
    let request = request(Command::Ingest(Box::new(call)), program(), now);
    loop {
        match store.execute(request.clone()).await {
            Ok(done) => return routed(done),
            Err(StoreError::Unavailable(_) | StoreError::Busy { .. }) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(other) => panic!("{other}"),
        }
    }
}

/// A page of everything, as soon as reads go through again: within a second.
async fn queue_again(store: &dyn Store) -> QueuePage {
    let start = Instant::now();
    loop {
        match store.queue(everything(10)).await {
            Ok(page) => return page,
            Err(error) => assert!(start.elapsed() < Duration::from_secs(1), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
