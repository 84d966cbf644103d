//! How fast new leads are taken over HTTP, durably: `cargo bench --bench backend -- ingest`.
//!
//! The server is the real binary in the release profile, the load generator shares its two cores, and each request is the
//! guide's whole payload with a caller who has never rung before. The reference, measured before and after, is a bare writer
//! thread upserting a contact and inserting a lead in group commits of up to 64.

use std::time::{Duration, Instant};

use crate::{client::Client, ms, payload, quantile, reference, server};

struct Measured {
    rate: f64,
    p50: Duration,
    p99: Duration,
}

pub fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    let key = server::token(&data, &["key", "add", "bench"]);
    let server = server::Server::start(&data);
    println!("server idle: {:.1} MB resident", server.resident_mb());

    let mut bare = vec![reference::bare_writer(folder.path(), 64, 200_000)];
    let before = reference::write_and_sync(folder.path());
    println!(
        "reference: bare writer {:.0}/s at 64 writers, 4 KiB write + fdatasync {}",
        bare[0],
        ms(before)
    );

    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut next = 0;
    let mut results = Vec::new();
    for (clients, requests) in [(1, 5_000), (16, 60_000), (64, 150_000)] {
        let measured = runtime.block_on(load(&server, &key, clients, next, requests));
        next += requests;
        println!(
            "{clients:>3} clients: {:>7.0} leads/s   p50 {}   p99 {}",
            measured.rate,
            ms(measured.p50),
            ms(measured.p99)
        );
        results.push((clients, measured));
    }
    let again = tempfile::tempdir().expect("a folder");
    bare.push(reference::bare_writer(again.path(), 64, 200_000));
    let sync = (before + reference::write_and_sync(again.path())) / 2;
    let bare = bare.iter().sum::<f64>() / bare.len() as f64;
    for (clients, measured) in &results {
        println!(
            "{clients:>3} clients: {:.2} of the bare writer's {bare:.0}/s",
            measured.rate / bare
        );
    }
    println!(
        "  1 client:  p50 is {:.2} times one 4 KiB write + fdatasync",
        results[0].1.p50.as_secs_f64() / sync.as_secs_f64()
    );
    println!("server after {next} leads: {:.1} MB resident", server.resident_mb());
}

async fn load(
    server: &server::Server,
    key: &str,
    clients: u64,
    first: u64,
    requests: u64,
) -> Measured {
    let address = server.address;
    let began = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let key = key.to_owned();
            tokio::spawn(async move {
                let mut connection = Client::connect(address, &key).await;
                let mut times = Vec::new();
                for caller in (first + client..first + requests).step_by(clients as usize) {
                    let (status, time) =
                        connection.post("/api/ingest/lead", &payload(caller)).await;
                    assert_eq!(status, 201, "{}", String::from_utf8_lossy(connection.body()));
                    times.push(time);
                }
                times
            })
        })
        .collect();
    let mut times = Vec::with_capacity(requests as usize);
    for task in tasks {
        times.extend(task.await.expect("a client"));
    }
    let rate = requests as f64 / began.elapsed().as_secs_f64();
    Measured { rate, p50: quantile(&mut times, 0.5), p99: quantile(&mut times, 0.99) }
}
