//! What the store costs: `cargo bench --bench store`.
//!
//! New callers through `Store::execute` (identity, routing, clocks, journal, deadlines, counts) against a bare writer thread
//! that only upserts a contact and inserts a lead, both in group commits of up to 64 and both with 64 senders; and one request
//! at a time against one write of 4 KiB and an fdatasync. Same machine, same disk, same run: the ratios are what counts.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on should stop")]

use std::{
    collections::BTreeSet,
    io::{Seek, Write},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{Timestamp, tz::TimeZone};
use ringback::{
    domain::{
        command::Command,
        hours::{Calendar, Week},
        ids::RepId,
        intent::Intent,
        journal::Actor,
        person::{Person, Presence, Role},
        phone::Phone,
        policy::{Policy, Team},
        queue::View,
        signals::Signals,
        touch::{Caller, Heard, Ingest, Touch},
    },
    ids,
    store::{QueueQuery, Request, Store, sqlite::SqliteStore},
};
use rusqlite::{Connection, params};
use tokio::sync::{mpsc, oneshot};

const SENDERS: usize = 64;
const BATCH: usize = 64;

fn main() {
    // `cargo test --benches` runs this too: then a handful is enough to see that it works.
    let quick = !std::env::args().any(|arg| arg == "--bench");
    let (leads, alone) = if quick { (256, 16) } else { (100_000, 2_000) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let bare = bare(&folder.path().join("bare.db"), leads).await;
        println!("bare writer, {SENDERS} senders:   {bare:>8.0} leads/s");
        let path = folder.path().join("store.db");
        let store = SqliteStore::open(&path, policy()).unwrap();
        staff(&*store).await;
        let rate = through_the_door(&store, leads).await;
        println!(
            "Store::execute, {SENDERS} senders: {rate:>8.0} leads/s  ({:.2} of the bare writer)",
            rate / bare
        );
        let disk = spread(alone, write_and_sync(&folder.path().join("disk")));
        println!("4 KiB and fdatasync:         {disk}");
        let mut times = Vec::new();
        for n in 0..alone {
            let request = request(leads + n);
            let start = Instant::now();
            store.execute(request).await.unwrap();
            times.push(start.elapsed());
        }
        let one = Spread::of(times);
        println!(
            "Store::execute, 1 sender:    {one}  ({:.2} of the disk's p50)",
            one.p50.as_secs_f64() / disk.p50.as_secs_f64()
        );
        for (view, limit) in [
            (View::Overnight, 100),
            (View::Callbacks, 100),
            (View::All, 100),
            (View::Answers, 100),
            (View::Mine, 100),
            (View::Callbacks, 1000),
        ] {
            let mut times = Vec::new();
            let mut total = 0;
            for _ in 0..alone / 10 {
                let query =
                    QueueQuery { view, me: Some(RepId("priya".into())), limit, after: None };
                let start = Instant::now();
                total = store.queue(query).await.unwrap().total;
                times.push(start.elapsed());
            }
            println!("queue {:<10} {limit:>4} of {total:>6}: {}", view.as_str(), Spread::of(times));
        }
        store.close().await.unwrap();
        let start = Instant::now();
        let store = SqliteStore::open(&path, policy()).unwrap();
        println!("open:                        {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
        store.close().await.unwrap();
    });
}

/// 64 senders, each one request at a time.
async fn through_the_door(store: &Arc<SqliteStore>, leads: usize) -> f64 {
    let start = Instant::now();
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let mut times = Vec::new();
                for n in (sender..leads).step_by(SENDERS) {
                    let request = request(n);
                    let start = Instant::now();
                    store.execute(request).await.unwrap();
                    times.push(start.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for sender in senders {
        times.extend(sender.await.unwrap());
    }
    let rate = leads as f64 / start.elapsed().as_secs_f64();
    println!("                             {}", Spread::of(times));
    rate
}

async fn staff(store: &dyn Store) {
    for (n, name) in
        ["priya", "tom", "aled", "siobhan", "ravi", "mina", "jo", "kit"].into_iter().enumerate()
    {
        let person = Person {
            id: RepId(name.into()),
            name: name.into(),
            role: Role::Rep,
            phone: Some(phone(&format!("+4420794609{n:02}"))),
            email: None,
            slack_id: None,
            presence: Presence::Available,
            shift: None,
            leave: Vec::new(),
            removed: false,
        };
        let command = Command::AddPerson { person, token: [n as u8; 32] };
        let request =
            Request { command, actor: Actor::Operator, now: evening(0), idempotency: None };
        store.execute(request).await.unwrap();
    }
}

/// One after another, evening and morning in turn: both clocks, both queues.
fn request(n: usize) -> Request {
    let at = evening(n);
    let ingest = Ingest {
        lead_id: ids::lead(),
        contact_id: ids::contact(),
        caller: Caller {
            name: Some(format!("Caller {n}")),
            phones: vec![phone(&scattered_number(n))],
            phone_as_received: None,
            email: Some(format!("caller.{:x}@example.co.uk", scatter(n))),
            email_as_received: None,
            company: Some("Harbour & Vale".into()),
            timezone: Some("Europe/London".into()),
            customer: None,
        },
        touch: Touch {
            received_at: at,
            ended_at: at,
            source: "inbound_call".into(),
            call_sid: Some(format!("CA{:032x}", scatter(n))),
            transcript_id: Some(format!("tr_{n}")),
            intent: Intent::Pricing,
            intent_raw: None,
            summary: "Runs a 15-person accountancy practice in Bristol. Wants a quote for missed-call cover on three \
                      sites and asks to be rung before noon."
                .into(),
            question: None,
            answer: None,
            outcome: Heard::default(),
            agent_tier: Heard::default(),
            callback_at: None,
            preferred_channel: Some("phone".into()),
        },
        signals: Signals { team_size: Some(15), sites: Some(3), ..Signals::default() },
        routing_owner: Some("team_sdr".into()),
        routing_tag: Some("sdr_quote".into()),
    };
    Request {
        command: Command::Ingest(Box::new(ingest)),
        actor: Actor::Program { id: "agent".into(), name: "Voice agent".into() },
        now: at,
        idempotency: None,
    }
}

/// Every second one comes after hours.
fn evening(n: usize) -> Timestamp {
    let base = if n.is_multiple_of(2) { 1_795_539_600_000 } else { 1_795_514_400_000 };
    Timestamp::from_millisecond(base + n as i64).unwrap()
}

/// Numbers in no order, as callers have them: each `n` another one. Every one lands on a page of its own, which is what
/// a store has to bear; numbers in order would be kinder by half.
fn scatter(n: usize) -> u64 {
    (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// 99,999,989 is a prime: each `n` below it another number.
fn scattered_number(n: usize) -> String {
    format!("+447{:09}", n as u64 * 61_803_391 % 99_999_989)
}

fn phone(number: &str) -> Phone {
    serde_json::from_value(serde_json::Value::String(number.into())).unwrap()
}

fn policy() -> Arc<Policy> {
    let calendar = Calendar::new(
        TimeZone::get("Europe/London").unwrap(),
        Week::mon_to_fri(9, 17),
        BTreeSet::new(),
    );
    let members = ["priya", "tom", "aled", "siobhan", "ravi"].map(Into::into).to_vec();
    Arc::new(Policy {
        teams: vec![Team { name: "team_sdr".into(), members }],
        ..Policy::starter(calendar)
    })
}

/// The least that could be done: a contact upserted and a lead inserted, each a row of JSON.
async fn bare(path: &Path, leads: usize) -> f64 {
    let (jobs, mut waiting) =
        mpsc::channel::<(String, [u8; 16], [u8; 16], String, oneshot::Sender<()>)>(8192);
    let conn = Connection::open(path).unwrap();
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE contacts (phone TEXT NOT NULL PRIMARY KEY, id BLOB NOT NULL, doc TEXT NOT NULL);
         CREATE TABLE leads (id BLOB NOT NULL PRIMARY KEY, contact_id BLOB NOT NULL, doc TEXT NOT NULL);",
    )
    .unwrap();
    let writer = std::thread::spawn(move || {
        let mut contact = conn
            .prepare("INSERT INTO contacts VALUES (?1, ?2, ?3) ON CONFLICT (phone) DO UPDATE SET doc = excluded.doc")
            .unwrap();
        let mut lead = conn.prepare("INSERT INTO leads VALUES (?1, ?2, ?3)").unwrap();
        let mut batch = Vec::new();
        let mut answers = Vec::new();
        while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
            conn.execute_batch("BEGIN IMMEDIATE").unwrap();
            for (phone, contact_id, lead_id, doc, answer) in batch.drain(..) {
                contact.execute(params![phone, contact_id, doc]).unwrap();
                lead.execute(params![lead_id, contact_id, doc]).unwrap();
                answers.push(answer);
            }
            conn.execute_batch("COMMIT").unwrap();
            for answer in answers.drain(..) {
                let _: Result<(), ()> = answer.send(());
            }
        }
    });
    let start = Instant::now();
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let jobs = jobs.clone();
            tokio::spawn(async move {
                for n in (sender..leads).step_by(SENDERS) {
                    let (answer, answered) = oneshot::channel();
                    let doc =
                        format!(r#"{{"name": "Caller {n}", "summary": "{}"}}"#, "x".repeat(400));
                    let (contact, lead) =
                        (ids::contact().0.into_bytes(), ids::lead().0.into_bytes());
                    jobs.send((scattered_number(n), contact, lead, doc, answer)).await.unwrap();
                    answered.await.unwrap();
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let rate = leads as f64 / start.elapsed().as_secs_f64();
    drop(jobs);
    writer.join().unwrap();
    rate
}

fn write_and_sync(path: &Path) -> impl FnMut() {
    let mut file = std::fs::File::create(path).unwrap();
    // Like the log: written over again and again, its blocks there already.
    file.write_all(&vec![0; 4 << 20]).unwrap();
    file.sync_all().unwrap();
    file.rewind().unwrap();
    move || {
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        if file.stream_position().unwrap() >= 4 << 20 {
            file.rewind().unwrap();
        }
    }
}

fn spread(times: usize, mut act: impl FnMut()) -> Spread {
    Spread::of(
        (0..times)
            .map(|_| {
                let start = Instant::now();
                act();
                start.elapsed()
            })
            .collect(),
    )
}

struct Spread {
    p50: Duration,
    p99: Duration,
    max: Duration,
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Spread {
        times.sort();
        let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
        Spread { p50: at(0.5), p99: at(0.99), max: at(1.0) }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        write!(
            f,
            "p50 {:.3} ms, p99 {:.3} ms, max {:.3} ms",
            ms(self.p50),
            ms(self.p99),
            ms(self.max)
        )
    }
}
