//! A firm that runs two servers on one database.

use std::{
    future::Future,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use ringback::{
    backend::token_hash,
    clock::Clock,
    config::Config,
    domain::{
        command::Command as Door,
        ids::RepId,
        journal::Actor,
        person::{Person, Presence, Role},
    },
    http_client,
    store::{self, Request, Store, StoreUrl},
};
use serde_json::Value;
use tempfile::TempDir;

use crate::cluster::{self, Cluster};

/// The token of the program that brings the calls in.
pub const AGENT: &str = "rbk_agent";

/// How long anything may take to come about.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Farm {
    pub cluster: Cluster,
    pub servers: [Server; 2],
    /// The truth, asked past both servers.
    pub store: Arc<dyn Store>,
    folder: TempDir,
}

/// One `ringback serve`, on the same address after every restart. Killed when dropped.
pub struct Server {
    process: Child,
    pub address: String,
}

/// Runs a test on a farm of its own, if there is PostgreSQL. `settings` go into `ringback.toml`.
pub fn farm<F: Future<Output = ()>>(settings: &str, test: impl FnOnce(Farm) -> F) {
    let Some(binaries) = cluster::available() else { return };
    let cluster = Cluster::start(binaries, &[]);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async { test(Farm::new(cluster, settings).await).await });
    runtime.shutdown_timeout(Duration::from_secs(1));
}

impl Farm {
    async fn new(cluster: Cluster, settings: &str) -> Farm {
        let folder = tempfile::tempdir().expect("a folder");
        let url = cluster.database();
        let file = folder.path().join("ringback.toml");
        let text = format!(
            "[store]\nurl = \"{url}\"\n[server.limits]\nrep_per_second = 100000\n{settings}"
        );
        std::fs::write(&file, &text).expect("a configuration");
        let config = Config::parse(&text, &file).expect("a configuration");
        let url: StoreUrl = url.parse().expect("an address");
        let store = store::open(&url, Arc::new(config.policy())).await.expect("a store");
        let key =
            Door::AddKey { id: "agent".into(), name: "Agent".into(), token: token_hash(AGENT) };
        operator(&*store, key).await;
        let start = || Server::start(folder.path(), "127.0.0.1:0");
        let servers = [start(), start()];
        Farm { cluster, servers, store, folder }
    }

    /// Somebody who may look and claim, and their token.
    pub async fn hire(&self, id: &str) -> String {
        let person = Person {
            id: RepId(id.into()),
            name: id.into(),
            role: Role::Rep,
            phone: None,
            email: None,
            slack_id: None,
            presence: Presence::Available,
            shift: None,
            leave: Vec::new(),
            removed: false,
        };
        let token = format!("rbt_{id}");
        operator(&*self.store, Door::AddPerson { person, token: token_hash(&token) }).await;
        token
    }

    /// SIGKILL.
    pub fn kill(&mut self, server: usize) {
        self.servers[server].kill();
    }

    /// Starts a server again, where it was.
    pub fn restart(&mut self, server: usize) {
        let address = self.servers[server].address.clone();
        self.servers[server] = Server::start(self.folder.path(), &address);
    }

    pub fn addresses(&self) -> [String; 2] {
        [self.servers[0].address.clone(), self.servers[1].address.clone()]
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Asks a server for something until it answers.
    pub async fn get(&self, server: usize, path: &str, token: &str) -> Value {
        let client = http_client::build(Duration::from_secs(10)).expect("a client");
        let url = format!("http://{}{path}", self.servers[server].address);
        let began = Instant::now();
        loop {
            let sent = client.get(&url).bearer_auth(token).send().await;
            if let Ok(answer) = sent.and_then(reqwest::Response::error_for_status) {
                let body = answer.bytes().await.expect("a body");
                return serde_json::from_slice(&body).expect("JSON");
            }
            assert!(began.elapsed() < PATIENCE, "{url} does not answer");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Server {
    fn start(folder: &Path, listen: &str) -> Server {
        let mut process = Command::new(env!("CARGO_BIN_EXE_ringback"))
            .args(["serve", "--listen", listen, "--config"])
            .arg(folder.join("ringback.toml"))
            .env_clear()
            .env("HOME", folder)
            .env("RINGBACK_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("it starts");
        let mut said = String::new();
        let out = process.stdout.take().expect("standard output");
        BufReader::new(out).read_line(&mut said).expect("a line");
        let address = said.trim().strip_prefix("listening on http://").expect("listening on");
        Server { process, address: address.into() }
    }

    fn kill(&mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("gone");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn operator(store: &dyn Store, command: Door) {
    let now = Clock::System.now();
    let request = Request { command, actor: Actor::Operator, now, idempotency: None };
    store.execute(request).await.expect("done");
}
