//! What the machine can do at best, measured in the same run: a bare writer thread, and a bare write to disk.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, params};
use tokio::sync::{mpsc, oneshot};

/// Upserts of a contact and inserts of a lead per second, by `writers` tasks that each wait for the commit of theirs, through
/// one thread that commits up to 64 at a time.
pub fn bare_writer(folder: &Path, writers: usize, rows: usize) -> f64 {
    let mut connection = Connection::open(folder.join("reference.db")).expect("a database");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE contacts (id INTEGER PRIMARY KEY, phone TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
             CREATE TABLE leads (id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL, tier TEXT NOT NULL, body TEXT NOT NULL);",
        )
        .expect("a schema");
    let (sender, mut receiver) = mpsc::channel::<(u64, oneshot::Sender<()>)>(4096);
    let thread = std::thread::spawn(move || {
        let mut batch = Vec::with_capacity(64);
        while receiver.blocking_recv_many(&mut batch, 64) > 0 {
            let transaction = connection.transaction().expect("a transaction");
            for (row, _) in &batch {
                write_row(&transaction, *row);
            }
            transaction.commit().expect("a commit");
            for (_, answer) in batch.drain(..) {
                let _ = answer.send(());
            }
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let began = Instant::now();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..writers)
            .map(|writer| {
                let sender = sender.clone();
                tokio::spawn(async move {
                    for row in (writer..rows).step_by(writers) {
                        let (answer, done) = oneshot::channel();
                        sender.send((row as u64, answer)).await.expect("the writer runs");
                        done.await.expect("a commit");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("a task");
        }
    });
    let rate = rows as f64 / began.elapsed().as_secs_f64();
    drop(sender);
    thread.join().expect("the writer ends");
    rate
}

fn write_row(connection: &Connection, row: u64) {
    let contact: i64 = connection
        .prepare_cached("INSERT INTO contacts (phone, name) VALUES (?1, ?2) ON CONFLICT (phone) DO UPDATE SET name = excluded.name RETURNING id")
        .and_then(|mut statement| statement.query_row(params![format!("+4477{:08}", crate::digits(row)), "Alex Rivera"], |row| row.get(0)))
        .expect("a contact");
    connection
        .prepare_cached("INSERT INTO leads (contact_id, tier, body) VALUES (?1, ?2, ?3)")
        .and_then(|mut statement| statement.execute(params![contact, "B", crate::payload(row)]))
        .expect("a lead");
}

/// The median time of one 4 KiB write at the end of a file, as a log grows, followed by fdatasync.
pub fn write_and_sync(folder: &Path) -> Duration {
    let mut file = File::create(folder.join("reference.bin")).expect("a file");
    let page = [7_u8; 4096];
    let mut times: Vec<Duration> = (0..400)
        .map(|_| {
            let began = Instant::now();
            file.write_all(&page).expect("a write");
            file.sync_data().expect("a sync");
            began.elapsed()
        })
        .collect();
    crate::quantile(&mut times, 0.5)
}
