//! The console as a rep feels it: `cargo bench --bench backend -- console`.
//!
//! The real binary in a pseudo-terminal of 120 × 36, with 100,000 open leads: from start to the first full frame out of the
//! cache, from a key to the first byte and to the whole frame, and from a call's request to its row on the screen while 50
//! other consoles listen.

use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    client::Client,
    ms, payload, quantile, scale,
    server::{self, Server},
    terminal::Terminal,
};

const SIZE: (u16, u16) = (120, 36);
const OTHERS: usize = 50;

pub fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let home = folder.path().join("home");
    std::fs::create_dir(&data).and_then(|()| std::fs::create_dir(&home)).expect("folders");
    let key = server::token(&data, &["key", "add", "bench"]);
    let rep = server::token(&data, &["rep", "add", "Priya", "--phone", "07700 900999"]);
    std::fs::write(home.join("token"), &rep).expect("a token file");
    let server = Server::start(&data);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(scale::fill(server.address, &key));

    let mut console = open(&server, &home);
    console.until("the whole queue", |screen| screen.contains("LIVE") || screen.contains("live"));
    wait_until_idle(&mut console);
    println!("console with 100,000 leads: {:.1} MB resident", resident_mb(console.process_id()));
    keys(&mut console);
    idle(&mut console);
    runtime.block_on(rows(&mut console, server.address, &key, &rep));
    console.press("q");
    console.exit();
    starts(&server, &home);
}

fn open(server: &Server, home: &Path) -> Terminal {
    let url = format!("http://{}", server.address);
    let token = home.join("token").display().to_string();
    Terminal::start(
        server::BINARY,
        &["console", "--server", &url, "--token-file", &token],
        home,
        SIZE,
    )
}

/// Until the processor has rested for a second: the queue has been loaded and written to the cache.
fn wait_until_idle(console: &mut Terminal) {
    let mut before = cpu_ticks(console.process_id());
    for _ in 0..120 {
        let until = Instant::now() + Duration::from_secs(1);
        while Instant::now() < until {
            console.read(Duration::from_millis(50));
        }
        let after = cpu_ticks(console.process_id());
        if after - before < 3 {
            return;
        }
        before = after;
    }
}

fn starts(server: &Server, home: &Path) {
    let mut times: Vec<Duration> = (0..10)
        .map(|_| {
            let began = Instant::now();
            let mut console = open(server, home);
            let full = console
                .until("the first full frame", |screen| screen.matches(" people ").count() >= 20);
            let took = full - began;
            console.press("q");
            console.exit();
            took
        })
        .collect();
    println!(
        "start to the first full frame from the cache: p50 {}   worst {}",
        ms(quantile(&mut times, 0.5)),
        ms(quantile(&mut times, 1.0))
    );
}

fn keys(console: &mut Terminal) {
    let mut first = Vec::new();
    let mut whole = Vec::new();
    let mut bytes = Vec::new();
    for press in 0..400 {
        console.settle(Duration::from_millis(3));
        let pressed = console.press(if press % 40 < 20 { "j" } else { "k" });
        let Some(mut at) = console.read(Duration::from_millis(500)) else { continue };
        first.push(at - pressed);
        while let Some(more) = console.read(Duration::from_millis(3)) {
            at = more;
        }
        whole.push(at - pressed);
        bytes.push(console.drawn);
    }
    bytes.sort_unstable();
    println!(
        "key to first byte: p50 {}   p99 {};   to the whole frame: p50 {}   p99 {};   {} bytes a key (median)",
        ms(quantile(&mut first, 0.5)),
        ms(quantile(&mut first, 0.99)),
        ms(quantile(&mut whole, 0.5)),
        ms(quantile(&mut whole, 0.99)),
        bytes[bytes.len() / 2]
    );
}

fn idle(console: &mut Terminal) {
    let before = cpu_ticks(console.process_id());
    let until = Instant::now() + Duration::from_secs(10);
    while Instant::now() < until {
        console.read(Duration::from_millis(100));
    }
    // The kernel counts hundredths of a second.
    let used = (cpu_ticks(console.process_id()) - before) as f64 / 100.0;
    println!("idle for 10 s: {:.1} % of one processor", used * 10.0);
}

async fn rows(console: &mut Terminal, address: SocketAddr, key: &str, rep: &str) {
    for _ in 0..OTHERS {
        let mut stream = scale::subscribe(address, rep).await;
        tokio::spawn(async move {
            let mut sink = vec![0; 65536];
            while tokio::io::AsyncReadExt::read(&mut stream, &mut sink)
                .await
                .is_ok_and(|read| read > 0)
            {}
        });
    }
    let mut connection = Client::connect(address, key).await;
    console.press("g");
    let mut times = Vec::new();
    for call in 0..100_u64 {
        console.settle(Duration::from_millis(20));
        // The largest deal so far stands on top of the queue.
        let name = format!("Newest Caller {call}");
        let caller = 900_000 + call;
        let body = payload(caller)
            .replace(&format!("Alex Rivera {caller}"), &name)
            .replace(r#""tier":"C""#, r#""tier":"B""#)
            .replace(r#""tier":"D""#, r#""tier":"B""#)
            .replace(
                r#""routing_owner""#,
                &format!(
                    r#""signals":{{"deal_value_pence":{}}},"routing_owner""#,
                    900_000_000 + call
                ),
            );
        let sent = Instant::now();
        let (status, _) = connection.post("/api/ingest/lead", &body).await;
        assert_eq!(status, 201);
        let seen =
            tokio::task::block_in_place(|| console.until(&name, |screen| screen.contains(&name)));
        times.push(seen.saturating_duration_since(sent));
    }
    println!(
        "call to row on the screen, {OTHERS} other consoles: p50 {}   p99 {}",
        ms(quantile(&mut times, 0.5)),
        ms(quantile(&mut times, 0.99))
    );
}

fn cpu_ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("a status");
    let after_name = stat.rsplit(')').next().expect("fields");
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    fields[11].parse::<u64>().expect("user time") + fields[12].parse::<u64>().expect("system time")
}

fn resident_mb(process: u32) -> f64 {
    server::resident_mb(process)
}
