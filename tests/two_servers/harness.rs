//! Two servers, each the real binary, on one real PostgreSQL; clients and consoles that go to the other one when theirs is
//! gone.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::{sync::watch, time::timeout};

use crate::cluster::{self, Cluster};

/// How long a console waits for anything at all before it takes its server for dead.
const SILENCE: Duration = Duration::from_secs(20);

/// Everything that a test needs.
pub struct Site {
    pub cluster: Cluster,
    pub servers: [Arc<Server>; 2],
    pub key: String,
    /// One token for each rep.
    pub reps: Vec<String>,
    pub client: reqwest::Client,
}

/// One server: the real binary. Killed with SIGKILL when dropped, or earlier.
pub struct Server {
    pub address: String,
    process: Mutex<Child>,
}

/// Runs a test on two servers with some reps, if there is PostgreSQL.
pub fn site<F: Future<Output = ()>>(reps: usize, test: impl FnOnce(Site) -> F) {
    let Some(binaries) = cluster::available() else { return };
    let cluster = Cluster::start(binaries, &["fsync=off"]);
    let folder = tempfile::tempdir().unwrap();
    let url = cluster.database();
    let token = |arguments: &[&str]| {
        let output = ringback(folder.path(), &url).args(arguments).arg("--json").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let added: Value = serde_json::from_slice(&output.stdout).unwrap();
        added["token"].as_str().unwrap().to_owned()
    };
    let key = token(&["key", "add", "load"]);
    let reps = (0..reps)
        .map(|n| token(&["rep", "add", &format!("Rep {n}"), "--phone", &format!("0770090{n:04}")]))
        .collect();
    let servers = [(), ()].map(|()| Arc::new(Server::start(folder.path(), &url)));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let client = ringback::http_client::build(SILENCE).unwrap();
        test(Site { cluster, servers, key, reps, client }).await;
    });
}

fn ringback(folder: &Path, url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringback"));
    command.env_remove("RINGBACK_CONFIG").env("XDG_CONFIG_HOME", folder);
    command.env("RINGBACK_DATA", folder).env("RINGBACK_STORE__URL", url).env("RINGBACK_LOG", "off");
    command
}

impl Server {
    fn start(folder: &Path, url: &str) -> Server {
        let mut process = ringback(folder, url)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let address = said.trim().strip_prefix("listening on ").expect("listening on").to_owned();
        Server { address, process: Mutex::new(process) }
    }

    /// SIGKILL: no word of farewell.
    pub fn kill(&self) {
        let mut process = self.process.lock().unwrap();
        let _ = process.kill();
        let _ = process.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What clients have sent, and the lead that each of them was told of.
pub struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<tokio::task::JoinHandle<Vec<String>>>,
}

impl Site {
    /// Sixteen clients, each a call at a time, every second one to the other server first. A call that was not acknowledged
    /// goes to the next server under the same key, until it is.
    pub fn load(&self) -> Load {
        let stop = Arc::new(AtomicBool::new(false));
        let clients = (0..16)
            .map(|client| {
                let sender = Sender {
                    client: self.client.clone(),
                    addresses: self.servers.each_ref().map(|server| server.address.clone()),
                    key: self.key.clone(),
                };
                let stop = Arc::clone(&stop);
                tokio::spawn(async move {
                    let mut leads = Vec::new();
                    while !stop.load(Ordering::Relaxed) {
                        leads.push(sender.deliver(client, leads.len()).await);
                    }
                    leads
                })
            })
            .collect();
        Load { stop, clients }
    }

    /// Consoles, half of them on each server. Each reads until `end` gives a last number and it has come there, and answers
    /// every number that it has seen, in order.
    pub fn consoles(
        &self,
        consoles: usize,
        end: &watch::Receiver<Option<i64>>,
    ) -> Vec<tokio::task::JoinHandle<Vec<i64>>> {
        (0..consoles)
            .map(|n| {
                let mut console = Console {
                    client: self.client.clone(),
                    addresses: self.servers.each_ref().map(|server| server.address.clone()),
                    token: self.reps[n % self.reps.len()].clone(),
                    server: n,
                    seen: Vec::new(),
                };
                let end = end.clone();
                tokio::spawn(async move {
                    console.follow(end).await;
                    console.seen
                })
            })
            .collect()
    }

    pub async fn get(&self, server: usize, path: &str) -> Value {
        let url = format!("{}{path}", self.servers[server].address);
        let reply = self.client.get(url).bearer_auth(&self.reps[0]).send().await.unwrap();
        assert_eq!(reply.status(), StatusCode::OK);
        reply.json().await.unwrap()
    }

    /// The number of every entry, and the lead of each that arrived.
    pub async fn journal(&self, server: usize) -> (Vec<i64>, Vec<String>) {
        let (mut seqs, mut arrived) = (Vec::new(), Vec::new());
        loop {
            let after = seqs.last().copied().unwrap_or(0);
            let page = self.get(server, &format!("/api/journal?after={after}&limit=500")).await;
            let entries = page["entries"].as_array().unwrap();
            if entries.is_empty() {
                return (seqs, arrived);
            }
            for entry in entries {
                seqs.push(entry["seq"].as_i64().unwrap());
                if entry["kind"] == "lead.arrived" {
                    arrived.push(entry["lead"]["id"].as_str().unwrap().into());
                }
            }
        }
    }
}

impl Load {
    /// Lets every client end its last call, and answers all leads that were acknowledged.
    pub async fn end(self) -> Vec<String> {
        self.stop.store(true, Ordering::Relaxed);
        let mut leads = Vec::new();
        for client in self.clients {
            let theirs = timeout(Duration::from_secs(60), client).await;
            leads.extend(theirs.expect("every call is acknowledged in the end").unwrap());
        }
        leads
    }
}

struct Sender {
    client: reqwest::Client,
    addresses: [String; 2],
    key: String,
}

impl Sender {
    async fn deliver(&self, client: usize, n: usize) -> String {
        let body = json!({
            "name": format!("Caller {client}.{n}"), "phone": format!("+4477{:08}", client * 100_000 + n),
            "intent": "pricing", "source": "inbound_call", "timezone": "Europe/London",
        });
        for attempt in client.. {
            let reply = self
                .client
                .post(format!("{}/api/ingest/lead", self.addresses[attempt % 2]))
                .bearer_auth(&self.key)
                .header("Idempotency-Key", format!("{client}-{n}"))
                .json(&body)
                .timeout(Duration::from_secs(8))
                .send()
                .await;
            match reply {
                Ok(reply) if reply.status().is_success() => {
                    if let Ok(answer) = reply.json::<Value>().await {
                        return answer["lead_id"].as_str().unwrap().into();
                    }
                }
                Ok(reply) if reply.status().is_server_error() => {
                    assert!(reply.headers().contains_key("retry-after"), "{reply:?}");
                }
                Ok(reply) => panic!("{reply:?}"),
                Err(_) => {}
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        unreachable!("the attempts have no end")
    }
}

/// A console as far as its stream goes.
struct Console {
    client: reqwest::Client,
    addresses: [String; 2],
    token: String,
    server: usize,
    seen: Vec<i64>,
}

impl Console {
    async fn follow(&mut self, mut end: watch::Receiver<Option<i64>>) {
        loop {
            tokio::select! {
                () = self.listen() => {
                    self.server += 1;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                () = wait_for_end(&mut end) => break,
            }
        }
        let last = end.borrow().unwrap_or_default();
        while self.seen.last().copied().unwrap_or_default() < last {
            self.listen_until(last).await;
            self.server += 1;
        }
    }

    async fn listen(&mut self) {
        self.listen_until(i64::MAX).await;
    }

    /// Resumes behind what it has seen, and reads until the stream breaks off or `last` has come.
    async fn listen_until(&mut self, last: i64) {
        let url = format!("{}/api/stream", self.addresses[self.server % 2]);
        let from = self.seen.last().copied().unwrap_or_default();
        let request = self.client.get(url).bearer_auth(&self.token).header("Last-Event-ID", from);
        let Ok(mut response) = request.send().await else { return };
        if response.status() != StatusCode::OK {
            return;
        }
        let mut buffer = Vec::new();
        while let Some(id) = next_id(&mut response, &mut buffer).await {
            self.seen.push(id);
            if id >= last {
                return;
            }
        }
    }
}

async fn wait_for_end(end: &mut watch::Receiver<Option<i64>>) {
    if end.wait_for(Option::is_some).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The number of the next event; `None` when the stream has broken off.
async fn next_id(response: &mut Response, buffer: &mut Vec<u8>) -> Option<i64> {
    loop {
        if let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = buffer.drain(..end + 2).collect();
            let block = std::str::from_utf8(&block).unwrap();
            let id = block.lines().find_map(|line| line.strip_prefix("id: "));
            match id {
                Some(id) => return Some(id.parse().unwrap()),
                None => continue,
            }
        }
        buffer.extend_from_slice(&timeout(SILENCE, response.chunk()).await.ok()?.ok()??);
    }
}
