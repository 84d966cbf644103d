//! A million leads and ten million journal entries, in SQLite and in PostgreSQL: a page of each queue on both, and what a
//! server's memory makes of the journal.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use ringback::{
    domain::{
        contact::Contact,
        deadline,
        ids::RepId,
        lead::{Lead, LeadState, Owner},
        queue::{GENERAL, PARTNERSHIPS, View},
        tier::Tier,
    },
    ids,
    store::{
        JournalQuery, QueueQuery, StoreUrl,
        copy::copy,
        open,
        rows::{self, ContactRow, LeadRow},
        tally::{Deltas, SHARED},
    },
};
use rusqlite::{Connection, Transaction, params};

use crate::{calls, cluster::Cluster, spread::Spread};

/// Milliseconds in which a page of a queue must be there, at the 99th percentile.
const BAR: Duration = Duration::from_millis(50);
const PAGES: usize = 300;

pub async fn run(binaries: PathBuf, leads: usize, entries: usize) {
    let settings = ["shared_buffers=512MB", "max_wal_size=2GB", "maintenance_work_mem=256MB"];
    let cluster = Cluster::start(binaries, &settings);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = StoreUrl::Sqlite(folder.path().join("ringback.db"));
    let (empty, full) = (cluster.database(), cluster.database());

    let start = Instant::now();
    generate(&file, folder.path(), leads, entries).await;
    println!("{leads} leads and {entries} entries made in {:.0} s", start.elapsed().as_secs_f64());
    pages("sqlite", &file).await;

    let start = Instant::now();
    let to: StoreUrl = full.parse().unwrap();
    let report = copy(&file, &to, Arc::new(|_, _| {})).await.unwrap();
    let rows: u64 = report.tables.iter().map(|(_, rows)| rows).sum();
    println!(
        "copied to PostgreSQL in {:.0} s: {rows} rows, the journal to {}",
        start.elapsed().as_secs_f64(),
        report.head
    );
    pages("postgres", &to).await;
    for (name, url) in [("empty", &empty), ("full", &full)] {
        println!(
            "a server on the {name} database: {:.1} MB resident",
            resident_mb(url, folder.path())
        );
    }
}

/// Pages of each queue, the first and others.
async fn pages(name: &str, url: &StoreUrl) {
    let store = open(url, calls::policy()).await.unwrap();
    let mut worst = Duration::ZERO;
    for view in SHARED.into_iter().chain([View::Mine]) {
        let mut times = Vec::with_capacity(PAGES);
        let me = Some(RepId("priya".into()));
        let mut query = QueueQuery { view, me, limit: 100, after: None };
        let mut total = 0;
        for n in 0..PAGES {
            let start = Instant::now();
            let page = store.queue(query.clone()).await.unwrap();
            times.push(start.elapsed());
            total = page.total;
            // Every third time back to the first page: that is what consoles ask for most.
            query.after = page.next.filter(|_| n % 3 != 2);
        }
        let spread = Spread::of(times);
        worst = worst.max(spread.p99);
        println!("{name:<9} {:<13} 100 of {total:>7}: {spread}", view.as_str());
    }
    let verdict = if worst < BAR { "within" } else { "OVER" };
    println!(
        "{name}: the worst p99 is {:.1} ms, {verdict} the bar of 50 ms",
        worst.as_secs_f64() * 1e3
    );
    store.close().await.unwrap();
}

/// What a server uses that has served pages of the journal.
fn resident_mb(url: &str, folder: &Path) -> f64 {
    let ringback = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringback"));
        command.env_remove("RINGBACK_CONFIG").env("XDG_CONFIG_HOME", folder);
        command.env("RINGBACK_DATA", folder).env("RINGBACK_STORE__URL", url);
        command
    };
    let mut server = ringback()
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut said).unwrap();
    std::thread::sleep(Duration::from_secs(5));
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let kb = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    kb.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
}

/// Fills a SQLite file: one real call through the door, and then the like of it in bulk.
async fn generate(url: &StoreUrl, folder: &Path, leads: usize, entries: usize) {
    let store = open(url, calls::policy()).await.unwrap();
    calls::staff(&*store).await;
    let done = store.execute(calls::request(0)).await.unwrap();
    let ringback::domain::decision::Answer::Routed(routed) = done.answer else { panic!("routed") };
    let (lead, contact) = store.lead(routed.lead_id).await.unwrap().unwrap();
    let (_, head) = store.journal_span().await.unwrap();
    let entry = store.journal(JournalQuery { after: head - 1, limit: 1 }).await.unwrap().remove(0);
    store.close().await.unwrap();
    let mut conn = Connection::open(folder.join("ringback.db")).unwrap();
    conn.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;").unwrap();
    let writing = conn.transaction().unwrap();
    let mut deltas = Deltas::default();
    let mut ids = Vec::with_capacity(leads);
    for n in 1..=leads {
        let (lead, contact) = like(&lead, &contact, n);
        put(&writing, &lead, &contact, &mut deltas);
        ids.push(lead.id);
    }
    let add = "INSERT INTO tallies (name, n) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET n = n + excluded.n";
    let mut add = writing.prepare(add).unwrap();
    deltas.each(|name, n| add.execute(params![name, n]).map(drop)).unwrap();
    drop(add);
    let mut add = writing
        .prepare("INSERT INTO journal (seq, at, kind, lead_id, json) VALUES (?1, ?2, ?3, ?4, ?5)")
        .unwrap();
    let (before, behind) = entry.json.split_once(&format!("\"seq\":{head}")).unwrap();
    let known = lead.id.to_string();
    for n in 0..entries {
        let (seq, id) = (head + 1 + n as i64, ids[n * 7919 % leads]);
        let json = format!("{before}\"seq\":{seq}{}", behind.replace(&known, &id.to_string()));
        let at = rows::ms(calls::at(n));
        add.execute(params![seq, at, "lead.noted", id.0.as_bytes(), json]).unwrap();
    }
    drop(add);
    writing.commit().unwrap();
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
}

/// A lead that could have come by another call: a third waits for the morning, four in ten came in hours, some are booked,
/// a quarter is closed.
fn like(lead: &Lead, contact: &Contact, n: usize) -> (Lead, Contact) {
    let mut contact = Contact { id: ids::contact(), ..contact.clone() };
    contact.phones = vec![calls::number_of(n + 1_000_000)];
    contact.emails = vec![format!("n{n}@example.co.uk")];
    let mut lead = Lead { id: ids::lead(), contact_id: contact.id, undo: None, ..lead.clone() };
    let scattered = |most: usize| n.wrapping_mul(0x9E37_79B9) % most;
    lead.ended_at = later(calls::at(0), n as i64);
    lead.due_at = Some(later(lead.ended_at, 60_000 * scattered(10_000) as i64));
    lead.value_band = (scattered(4)) as u8;
    lead.tier = [Tier::B, Tier::C, Tier::C, Tier::D][scattered(4)];
    lead.queue = ["callbacks", "callbacks", GENERAL, PARTNERSHIPS][scattered(16) % 4].into();
    lead.owner = Some(Owner::Person(RepId(calls::NAMES[scattered(8)].into())));
    lead.after_hours = false;
    match scattered(100) {
        0..33 => lead.after_hours = true,
        33..73 => {}
        73..76 => {
            lead.tier = Tier::A;
            lead.state = LeadState::Booked;
        }
        _ => lead.state = LeadState::Closed { at: lead.ended_at },
    }
    (lead, contact)
}

fn later(at: Timestamp, ms: i64) -> Timestamp {
    at + SignedDuration::from_millis(ms)
}

fn put(writing: &Transaction<'_>, lead: &Lead, contact: &Contact, deltas: &mut Deltas) {
    let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
        writing.prepare_cached(sql).unwrap().execute(params).unwrap();
    };
    let row = ContactRow::of(contact, None).unwrap();
    run(
        "INSERT INTO contacts (id, rev, merged_into, doc) VALUES (?1, ?2, ?3, ?4)",
        &[&row.id, &row.rev, &row.merged_into, &row.doc],
    );
    for key in contact.keys() {
        let (kind, value) = key.parts();
        run(
            "INSERT INTO contact_keys (kind, value, contact_id) VALUES (?1, ?2, ?3)",
            &[&kind, &value, &row.id],
        );
    }
    let row = LeadRow::of(lead, None).unwrap();
    run(
        "INSERT INTO leads (id, contact_id, rev, open_slot, shelf, night_rank, tier_rank, due_sort, value_sort, ended_at, desk, owner, holder, doc)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        &[
            &row.place.id,
            &row.contact_id,
            &row.rev,
            &row.open_slot(),
            &row.shelf,
            &row.night_rank,
            &row.place.tier_rank,
            &row.place.due_sort,
            &row.place.value_sort,
            &row.place.ended_at,
            &row.desk,
            &row.owner,
            &row.holder,
            &row.doc,
        ],
    );
    for deadline in deadline::of(lead) {
        let (at, lead) = (rows::ms_not_before(deadline.at), deadline.lead.0.as_bytes());
        let kind = deadline.kind.as_str();
        run("INSERT INTO deadlines (at, lead_id, kind) VALUES (?1, ?2, ?3)", &[&at, lead, &kind]);
    }
    deltas.count(lead, 1);
}
