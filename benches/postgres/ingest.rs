//! Ingest against `pgbench`.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use ringback::store::{Request, Store, postgres::PostgresStore, sql};

use crate::{calls, cluster::Cluster, spread::Spread};

const SENDERS: usize = 64;

pub async fn run(binaries: PathBuf, quick: bool) {
    let pgbench = binaries.join("pgbench");
    let (leads, seconds, rounds) = if quick { (256, 2, 1) } else { (30_000, 10, 3) };
    let cluster = Cluster::start(binaries, &["shared_buffers=256MB", "max_wal_size=4GB"]);
    println!("{}", disk(cluster.folder()));
    let (ours, by_hand) = (cluster.database(), cluster.database());
    let store = PostgresStore::open(&ours.parse().unwrap(), calls::policy()).await.unwrap();
    calls::staff(&*store).await;
    // What a call's rows look like: the statements by hand write the same.
    store.execute(calls::request(1)).await.unwrap();
    let rows = Rows::read(&ours).await;
    PostgresStore::open(&by_hand.parse().unwrap(), calls::policy())
        .await
        .unwrap()
        .close()
        .await
        .unwrap();

    let (client, driver) = tokio_postgres::connect(&by_hand, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(driver);
    client.batch_execute("CREATE SEQUENCE free").await.unwrap();

    let (same, free) = (rows.script(true), rows.script(false));
    let (mut rates, mut theirs, mut next) = (Vec::new(), [Vec::new(), Vec::new()], 2);
    for round in 1..=rounds {
        let (rate, spread) = through_the_door(&store, next, leads).await;
        next += leads;
        println!("round {round}: Store::execute {rate:>7.0} leads/s ({spread})");
        rates.push(rate);
        for (script, found) in [&same, &free].into_iter().zip(&mut theirs) {
            let reference = statements_by_hand(&pgbench, &cluster, &by_hand, script, seconds);
            println!("         {:<14} {reference:>7.0} leads/s", script.name);
            found.push(reference);
        }
    }
    let mean = |rates: &[f64]| rates.iter().sum::<f64>() / rates.len() as f64;
    for (script, found) in [&same, &free].into_iter().zip(&theirs) {
        let ratio = mean(&rates) / mean(found);
        println!("ingest, {SENDERS} senders: {ratio:.2} of {} (bar: 0.80)", script.name);
    }
    store.close().await.unwrap();
}

/// 64 senders, each one request at a time.
async fn through_the_door(store: &Arc<PostgresStore>, from: usize, leads: usize) -> (f64, Spread) {
    let requests: Vec<Vec<Request>> = (0..SENDERS)
        .map(|sender| (from + sender..from + leads).step_by(SENDERS).map(calls::request).collect())
        .collect();
    let start = Instant::now();
    let senders: Vec<_> = requests
        .into_iter()
        .map(|requests| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let mut times = Vec::with_capacity(requests.len());
                for request in requests {
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
    (leads as f64 / start.elapsed().as_secs_f64(), Spread::of(times))
}

/// The documents of one call.
struct Rows {
    contact: String,
    lead: String,
    entry: String,
    answer: String,
    deadlines: usize,
    tallies: Vec<String>,
}

impl Rows {
    async fn read(database: &str) -> Rows {
        let (client, driver) =
            tokio_postgres::connect(database, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(driver);
        let text = async |sql: &str| -> String { client.query_one(sql, &[]).await.unwrap().get(0) };
        let deadlines: i64 =
            client.query_one("SELECT COUNT(*) FROM deadlines", &[]).await.unwrap().get(0);
        let tallies = client.query("SELECT name FROM tallies", &[]).await.unwrap();
        Rows {
            contact: text("SELECT doc FROM contacts").await,
            lead: text("SELECT doc FROM leads").await,
            entry: text("SELECT json FROM journal ORDER BY seq DESC LIMIT 1").await,
            answer: text("SELECT answer FROM replies").await,
            deadlines: usize::try_from(deadlines).unwrap(),
            tallies: tallies.iter().map(|row| row.get(0)).collect(),
        }
    }

    /// What `Store::execute` sends for one call by itself. Identifiers are made of the sequence number, so that they come in
    /// order as ours do.
    ///
    /// Without `order` it is a harder measure: a number from a sequence instead of lock and head, no counts and no
    /// notification, so nothing makes one client wait for another. It keeps fewer promises, and writes fewer rows.
    fn script(&self, order: bool) -> Script {
        let id = "decode(lpad(to_hex(CAST(:seq AS BIGINT)), 32, '0'), 'hex')";
        let keys = [
            ("'phone'", "'+44' || CAST(:caller AS TEXT)"),
            ("'email'", "'caller.' || CAST(:caller AS TEXT) || '@example.co.uk'"),
        ];
        let sid = "'CA' || lpad(to_hex(CAST(:caller AS BIGINT)), 32, '0')";
        let at = "1795539600000 + CAST(:seq AS BIGINT)";
        let mut script: Vec<String> = vec![
            "\\set caller random(1000000000, 9223372036854775807)".into(),
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;".into(),
        ];
        if order {
            script.push("SELECT pg_advisory_xact_lock(7);".into());
            script.push("SELECT COALESCE(MAX(seq), 0) + 1 AS seq FROM journal \\gset".into());
        } else {
            script.push("SELECT 1000000000 + nextval('free') AS seq \\gset".into());
        }
        script.extend([filled(sql::REPLY, &["'call'", sid, "1795453200000"])]);
        for (kind, value) in keys {
            script.push(filled(sql::CONTACT_OF_KEY, &[kind, value]));
        }
        script.push(filled(sql::ADD_CONTACT, &[id, "1", "NULL", &quoted(&self.contact)]));
        for (kind, value) in keys {
            script.push(filled(sql::ADD_KEY, &[kind, value, id]));
        }
        let lead = quoted(&self.lead);
        let columns = [
            "id",
            "contact_id",
            "rev",
            "open_slot",
            "shelf",
            "night_rank",
            "tier_rank",
            "due_sort",
            "value_sort",
            "ended_at",
            "desk",
            "owner",
            "holder",
            "doc",
        ];
        let values =
            [id, id, "1", "''", "1", "1", "1", at, "0", at, "NULL", "'priya'", "NULL", &lead];
        let known: Vec<&str> = columns
            .iter()
            .zip(values)
            .filter(|(column, _)| {
                sql::ADD_LEAD.contains(&format!(" {column},"))
                    || sql::ADD_LEAD.contains(&format!("({column},"))
                    || **column == "doc"
            })
            .map(|(_, value)| value)
            .collect();
        script.push(filled(sql::ADD_LEAD, &known));
        for kind in ["'due'", "'carry_over'"].iter().take(self.deadlines) {
            script.push(filled(sql::ADD_DEADLINE, &[at, id, kind]));
        }
        script.push(filled(
            sql::ADD_ENTRY,
            &["CAST(:seq AS BIGINT)", at, "'lead.arrived'", id, &quoted(&self.entry)],
        ));
        script.push(filled(sql::PUT_REPLY, &["'call'", sid, "NULL", &quoted(&self.answer), at]));
        if order {
            for name in &self.tallies {
                script.push(filled(sql::ADD_TALLY, &[&quoted(name), "1"]));
            }
            script.push(
                "SELECT d.at, pg_notify('ringback', CAST(:seq AS TEXT) || ' ' || d.at) \
                 FROM (SELECT MIN(at) AS at FROM deadlines) d;"
                    .into(),
            );
        }
        script.push("COMMIT;".into());
        let name = if order { "pgbench" } else { "pgbench, free" };
        Script { name, text: script.join("\n") }
    }
}

/// A script for `pgbench`.
struct Script {
    name: &'static str,
    text: String,
}

/// A statement with its parameters written in.
fn filled(sql: &str, values: &[&str]) -> String {
    let mut filled = sql.to_owned();
    for (n, value) in values.iter().enumerate().rev() {
        filled = filled.replace(&format!("${}", n + 1), value);
    }
    assert!(!filled.contains('$'), "{filled}");
    filled + ";"
}

/// A text as a literal, without a colon: to `pgbench` that begins a variable.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\x3a");
    format!("E'{text}'")
}

/// `pgbench` for some seconds; answers leads a second.
fn statements_by_hand(
    pgbench: &Path,
    cluster: &Cluster,
    database: &str,
    script: &Script,
    seconds: u32,
) -> f64 {
    let file = cluster.folder().join("call.sql");
    std::fs::write(&file, &script.text).unwrap();
    let clients = SENDERS.to_string();
    let output = Command::new(pgbench)
        .args(["-n", "-M", "prepared", "-c", &clients, "-j", "2", "-T", &seconds.to_string(), "-f"])
        .arg(&file)
        .arg(database)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = "));
    // On a machine with too much to do, not one may have come to an end.
    rate.and_then(|rest| rest.split(' ').next()).map_or(0.0, |rate| rate.parse().expect("a number"))
}

/// What a write of a page that must be on disk costs here.
fn disk(folder: &Path) -> String {
    use std::io::{Seek, Write};
    let mut file = std::fs::File::create(folder.join("reference")).unwrap();
    let times: Vec<Duration> = (0..200)
        .map(|_| {
            file.rewind().unwrap();
            let start = Instant::now();
            file.write_all(&[7; 8192]).unwrap();
            file.sync_data().unwrap();
            start.elapsed()
        })
        .collect();
    format!("8 KiB and fdatasync: {}", Spread::of(times))
}
