//! A 2xx means: on disk. The real server is killed in the middle of a load, started again, and asked for everything that it
//! had acknowledged.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};

const CLIENTS: usize = 16;
/// The whole load. The server is killed when a good half of it is acknowledged.
const LEADS: usize = 24_000;
const KILLED_AFTER: usize = 13_000;

#[test]
fn every_acknowledged_lead_outlives_a_kill_in_the_middle_of_a_load() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| ringback(folder.path(), arguments);
    let key = token(run(&["key", "add", "load", "--json"]));
    let rep = token(run(&["rep", "add", "Priya", "--phone", "07700900456", "--json"]));

    let server = Server::start(folder.path());
    let acknowledged = load(server, &key, 0..LEADS, KILLED_AFTER);
    assert!(acknowledged.len() >= KILLED_AFTER, "{} acknowledged", acknowledged.len());
    assert!(acknowledged.len() < LEADS, "it was killed too late to be in the middle");

    let server = Server::start(folder.path());
    let found = leads(&server, &rep);
    for (call, lead) in &acknowledged {
        let stored = found.get(call);
        assert_eq!(stored.map(Vec::as_slice), Some(&[lead.clone()][..]), "{call} was acknowledged");
    }
    assert!(found.values().all(|leads| leads.len() == 1), "a call became two leads");
    journal_is_whole(&server, &rep, found.len());

    // The clients send again what was never answered, as the world does: the same calls, once each.
    let rest = (0..LEADS).filter(|n| !acknowledged.contains_key(&sid(*n)));
    let answered = load(server, &key, rest, usize::MAX);
    assert_eq!(acknowledged.len() + answered.len(), LEADS);
    let server = Server::start(folder.path());
    let found = leads(&server, &rep);
    assert_eq!(found.len(), LEADS);
    assert!(found.values().all(|leads| leads.len() == 1), "a call became two leads");
    journal_is_whole(&server, &rep, LEADS);
    println!(
        "{} of {LEADS} acknowledged before the kill, none lost, none twice",
        acknowledged.len()
    );
}

/// Sends calls from all clients at once, and kills the server as soon as so many are acknowledged, or at the end. Gives
/// what was acknowledged: call to lead.
fn load(
    server: Server,
    key: &str,
    calls: impl Iterator<Item = usize>,
    kill_after: usize,
) -> HashMap<String, String> {
    let waiting = Arc::new(Mutex::new(calls.collect::<Vec<_>>().into_iter()));
    let count = AtomicUsize::new(0);
    let address = server.address.clone();
    let server = Mutex::new(Some(server));
    let client = || {
        let mut acknowledged = Vec::new();
        let mut client = Client::connect(&address, key);
        loop {
            let Some(n) = waiting.lock().expect("the calls").next() else { break };
            let Some((status, answer)) = client.post("/api/ingest/lead", &payload(n)) else {
                break;
            };
            // 200: it was stored just before the kill, and only the answer was lost.
            assert!(status == 201 || status == 200, "{answer}");
            acknowledged.push((sid(n), answer["lead_id"].as_str().expect("an id").to_owned()));
            if count.fetch_add(1, Ordering::SeqCst) + 1 == kill_after {
                drop(server.lock().expect("the server").take());
            }
        }
        acknowledged
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        clients.into_iter().flat_map(|client| client.join().expect("a client")).collect()
    })
}

fn sid(n: usize) -> String {
    format!("CA{n:032x}")
}

/// The guide's payload, from a caller who has never rung before.
fn payload(n: usize) -> String {
    json!({
        "name": format!("Caller {n}"), "email": format!("caller.{n}@example.com"), "phone": format!("+4477{n:08}"),
        "intent": "new_enquiry_demo", "tier": "B", "source": "inbound_call", "call_sid": sid(n),
        "transcript_id": format!("tr_{n}"), "timezone": "Europe/London", "routing_owner": "team_sdr",
        "notes": "Evaluating AI appointment booking for 15-person sales team. Current stack is Salesforce.",
    })
    .to_string()
}

/// All leads, by the call that made them.
fn leads(server: &Server, rep: &str) -> HashMap<String, Vec<String>> {
    let mut client = Client::connect(&server.address, rep);
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("/api/queue?view=all&limit=500{cursor}"));
        for lead in page["leads"].as_array().expect("leads") {
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            found.entry(text(&lead["call_sid"])).or_default().push(text(&lead["id"]));
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// Every number from 1 to the head once, and each lead arrived once.
fn journal_is_whole(server: &Server, rep: &str, leads: usize) {
    let mut client = Client::connect(&server.address, rep);
    let mut last = 0;
    let mut arrived = HashSet::new();
    loop {
        let page = client.get(&format!("/api/journal?after={last}&limit=500"));
        let entries = page["entries"].as_array().expect("entries");
        if entries.is_empty() {
            assert_eq!(page["seq"], last, "the journal ends before its head");
            break;
        }
        for entry in entries {
            last += 1;
            assert_eq!(entry["seq"], last, "a gap or a twin in the journal");
            if entry["kind"] == "lead.arrived" {
                assert!(arrived.insert(entry["lead"]["id"].to_string()), "a lead arrived twice");
            }
        }
    }
    assert_eq!(arrived.len(), leads);
}

/// The real binary on a folder; killed with SIGKILL when dropped.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(folder: &std::path::Path) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringback"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder);
        command.args(["--at", "2026-09-01T02:10:00+01:00"]).env_remove("RINGBACK_CONFIG");
        command.env("XDG_CONFIG_HOME", folder).env("RINGBACK_LOG", "error").stdout(Stdio::piped());
        let mut process = command.spawn().expect("it starts");
        let mut said = String::new();
        let out = process.stdout.take().expect("standard output");
        BufReader::new(out).read_line(&mut said).expect("a line");
        let address = said.trim().strip_prefix("listening on http://").expect("listening on");
        Server { process, address: address.into() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("gone");
    }
}

fn ringback(folder: &std::path::Path, arguments: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringback"));
    command.args(arguments).arg("--data").arg(folder).env_remove("RINGBACK_CONFIG");
    let output = command.env("XDG_CONFIG_HOME", folder).output().expect("it runs");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn token(added: Value) -> String {
    added["token"].as_str().expect("a token").into()
}

/// A connection that is kept alive.
struct Client {
    stream: BufReader<TcpStream>,
    head: String,
}

impl Client {
    fn connect(address: &str, token: &str) -> Client {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let head = format!("host: {address}\r\nauthorization: Bearer {token}\r\n");
        Client { stream: BufReader::new(stream), head }
    }

    /// Status and JSON; `None` when the server has gone.
    fn post(&mut self, path: &str, body: &str) -> Option<(u16, Value)> {
        let length = body.len();
        let head = &self.head;
        self.exchange(&format!(
            "POST {path} HTTP/1.1\r\n{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    }

    fn get(&mut self, path: &str) -> Value {
        let head = &self.head;
        let (status, body) =
            self.exchange(&format!("GET {path} HTTP/1.1\r\n{head}\r\n")).expect("an answer");
        assert_eq!(status, 200, "{body}");
        body
    }

    fn exchange(&mut self, request: &str) -> Option<(u16, Value)> {
        self.stream.get_mut().write_all(request.as_bytes()).ok()?;
        let mut line = String::new();
        self.stream.read_line(&mut line).ok()?;
        let status = line.get(9..12)?.parse().ok()?;
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line).ok()?;
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().ok()?;
                }
                Some(_) => {}
                None if line == "\r\n" => break,
                None => return None,
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok()?;
        Some((status, serde_json::from_slice(&body).ok()?))
    }
}
