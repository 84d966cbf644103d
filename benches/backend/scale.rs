//! What a full installation feels like: `cargo bench --bench backend -- scale`.
//!
//! 100,000 open leads: from start to `listening on`, a page of each queue, and the time from a call's request to the event at
//! each of 10 subscribers of the stream, at 25 calls a second. The server is the real binary in the release profile.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::{client::Client, ms, payload, quantile, server, server::Server};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const LEADS: u64 = 100_000;
const SUBSCRIBERS: usize = 10;
const CALLS: u64 = 500;

pub fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    let key = server::token(&data, &["key", "add", "bench"]);
    let rep = server::token(&data, &["rep", "add", "Priya", "--phone", "07700 900999"]);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");

    let filling = Server::start(&data);
    runtime.block_on(fill(filling.address, &key));
    println!("after taking {LEADS} leads: {:.1} MB resident", filling.resident_mb());
    drop(filling);

    start(&data);
    let server = Server::start(&data);
    runtime.block_on(queues(server.address, &rep));
    runtime.block_on(stream(server.address, &key, &rep));
    println!("after the queries: {:.1} MB resident", server.resident_mb());
}

pub async fn fill(address: SocketAddr, key: &str) {
    let tasks: Vec<_> = (0..32)
        .map(|client| {
            let key = key.to_owned();
            tokio::spawn(async move {
                let mut connection = Client::connect(address, &key).await;
                for caller in (client..LEADS).step_by(32) {
                    let (status, _) = connection.post("/api/ingest/lead", &payload(caller)).await;
                    assert_eq!(status, 201);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a client");
    }
}

fn start(data: &Path) {
    let mut times: Vec<Duration> = (0..7).map(|_| Server::start(data).started_in).collect();
    println!(
        "start to listening, {LEADS} leads on disk: median {}, worst {}",
        ms(quantile(&mut times, 0.5)),
        ms(quantile(&mut times, 1.0))
    );
}

async fn queues(address: SocketAddr, rep: &str) {
    let mut connection = Client::connect(address, rep).await;
    for view in ["overnight", "callbacks", "answers", "general", "mine", "all"] {
        let path = format!("/api/queue?view={view}&limit=50");
        let mut times = Vec::new();
        for _ in 0..300 {
            // Slower than the limit on a rep's requests.
            tokio::time::sleep(Duration::from_millis(3)).await;
            let (status, time) = connection.get(&path).await;
            assert_eq!(status, 200, "{}", String::from_utf8_lossy(connection.body()));
            times.push(time);
        }
        println!(
            "queue {view:<10} 50 rows: p50 {}   p99 {}",
            ms(quantile(&mut times, 0.5)),
            ms(quantile(&mut times, 0.99))
        );
    }
}

type Sent = Arc<Mutex<HashMap<String, Instant>>>;

async fn stream(address: SocketAddr, key: &str, rep: &str) {
    let sent: Sent = Arc::default();
    let mut readers = Vec::new();
    for _ in 0..SUBSCRIBERS {
        let subscriber = subscribe(address, rep).await;
        readers.push(tokio::spawn(read(subscriber, Arc::clone(&sent))));
    }
    let mut connection = Client::connect(address, key).await;
    let mut tick = tokio::time::interval(Duration::from_millis(40));
    for caller in LEADS..LEADS + CALLS {
        tick.tick().await;
        let body = payload(caller);
        sent.lock().expect("unpoisoned").insert(format!("CA{caller:032x}"), Instant::now());
        let (status, _) = connection.post("/api/ingest/lead", &body).await;
        assert_eq!(status, 201);
    }
    let mut times = Vec::new();
    for reader in readers {
        times.extend(reader.await.expect("a subscriber"));
    }
    assert_eq!(times.len(), SUBSCRIBERS * CALLS as usize, "every subscriber sees every call once");
    println!(
        "call to event, {SUBSCRIBERS} subscribers, 25/s: p50 {}   p99 {}",
        ms(quantile(&mut times, 0.5)),
        ms(quantile(&mut times, 0.99))
    );
}

pub async fn subscribe(address: SocketAddr, rep: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!(
        "GET /api/stream HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {rep}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        assert!(stream.read_buf(&mut head).await.expect("an answer") > 0);
    }
    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    stream
}

/// The time each call took to arrive, by its SID in the event's data.
async fn read(mut stream: TcpStream, sent: Sent) -> Vec<Duration> {
    let mut times = Vec::new();
    let mut buffer = Vec::new();
    while times.len() < CALLS as usize {
        let read =
            tokio::time::timeout(Duration::from_secs(30), stream.read_buf(&mut buffer)).await;
        assert!(read.expect("an event in time").expect("a stream") > 0, "the stream ended early");
        let arrived = Instant::now();
        while let Some(end) = buffer.windows(2).position(|window| window == b"\n\n") {
            let event: Vec<u8> = buffer.drain(..end + 2).collect();
            let text = String::from_utf8_lossy(&event);
            if !text.contains("event: lead.arrived") && !text.contains("event:lead.arrived") {
                continue;
            }
            let sid = text
                .split(r#""call_sid":""#)
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .expect("a call SID");
            times.push(arrived - sent.lock().expect("unpoisoned")[sid]);
        }
    }
    times
}
