//! A firm with a phone: Harbour & Vale, open Monday to Friday nine to five in London, on a clock that stands still.
//!
//! Priya and Tom are reps, Sam is their supervisor, and the agent has an ingest key. To run the suite on another database,
//! add it to [`Kind`].

use std::{
    collections::BTreeMap,
    future::Future,
    io::Write,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Once},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use reqwest::{Method, StatusCode, header::HeaderMap};
use ringback::{
    backend::{self, Backend, RunError, Settings, token_hash},
    clock::Clock,
    domain::{
        command::Command,
        holidays::{Holidays, Nation},
        hours::{Calendar, Week},
        ids::RepId,
        journal::Actor,
        person::{Person, Presence, Role},
        policy::{Policy, Team},
    },
    http_client,
    store::{self, Request, Store, StoreUrl},
    wire::Problem,
};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::cluster::{self, Cluster};

/// The databases the suite runs on.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Sqlite,
    Postgres(&'static Cluster),
}

impl Kind {
    /// Those that this machine has: PostgreSQL may be missing, but not where `CI=true`.
    fn all() -> Vec<Kind> {
        [Some(Kind::Sqlite), cluster::shared().map(Kind::Postgres)].into_iter().flatten().collect()
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Sqlite => "sqlite",
            Kind::Postgres(_) => "postgres",
        }
    }
}

/// A database that is still there after a restart.
enum Disk {
    Sqlite(tempfile::TempDir),
    Postgres(String),
}

impl Disk {
    fn new(kind: Kind) -> Disk {
        match kind {
            Kind::Sqlite => Disk::Sqlite(tempfile::tempdir().expect("a folder")),
            Kind::Postgres(cluster) => Disk::Postgres(cluster.database()),
        }
    }

    async fn open(&self, policy: Arc<Policy>) -> Arc<dyn Store> {
        let url = match self {
            Disk::Sqlite(folder) => StoreUrl::Sqlite(folder.path().join("ringback.db")),
            Disk::Postgres(url) => url.parse().expect("an address"),
        };
        store::open(&url, policy).await.expect("a store")
    }
}

/// How a service is to be set up.
pub struct Plan {
    pub at: Timestamp,
    pub settings: Settings,
}

impl Default for Plan {
    /// Ten past two in the night after the summer bank holiday: the desk opens at nine, which is eight in UTC.
    fn default() -> Self {
        Plan {
            at: at("2026-09-01T01:10:00Z"),
            settings: Settings { business_name: "Harbour & Vale".into(), ..Settings::default() },
        }
    }
}

/// Runs a test on every kind of database, with the usual plan.
pub fn house<F: Future<Output = ()>>(test: impl Fn(House) -> F) {
    house_with(Plan::default, test);
}

/// Runs a test on every kind of database.
pub fn house_with<F: Future<Output = ()>>(plan: impl Fn() -> Plan, test: impl Fn(House) -> F) {
    let kinds = Kind::all();
    static NAMED: Once = Once::new();
    NAMED.call_once(|| {
        let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
        // Past the capture of the test runner: this must be seen.
        let _ = writeln!(std::io::stderr(), "http suite on: {}", names.join(", "));
        // Quiet unless RUST_LOG says what is to be seen.
        tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_test_writer()
            .init();
    });
    for kind in kinds {
        run(|| async {
            let house = House::open(kind, plan()).await;
            // A test that uses two fields of the house lets go of the others at once.
            let disk = house.disk.clone();
            test(house).await;
            drop(disk);
        });
    }
}

/// Runs a test on a PostgreSQL of its own, to be hurt; not at all where there is none.
pub fn house_on_its_own<F: Future<Output = ()>>(test: impl FnOnce(House, Cluster) -> F) {
    let Some(binaries) = cluster::available() else { return };
    let cluster = Cluster::start(binaries, &["fsync=off"]);
    run(|| async {
        let disk = Disk::Postgres(cluster.database());
        test(House::on(disk, Plan::default()).await, cluster).await;
    });
}

fn run<F: Future<Output = ()>>(test: impl FnOnce() -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(test());
    runtime.shutdown_timeout(Duration::from_secs(1));
}

/// A running service.
pub struct House {
    pub clock: Clock,
    pub store: Arc<dyn Store>,
    pub policy: Arc<Policy>,
    pub address: SocketAddr,
    pub settings: Settings,
    pub shutdown: CancellationToken,
    pub served: JoinHandle<Result<(), RunError>>,
    client: reqwest::Client,
    disk: Arc<Disk>,
}

impl House {
    async fn open(kind: Kind, plan: Plan) -> House {
        House::on(Disk::new(kind), plan).await
    }

    async fn on(disk: Disk, plan: Plan) -> House {
        let Plan { at, settings } = plan;
        let clock = Clock::manual(at);
        let policy = policy();
        let disk = Arc::new(disk);
        let store = disk.open(policy.clone()).await;
        hire(&*store, at).await;
        let (address, shutdown, served) =
            serve(store.clone(), clock.clone(), policy.clone(), settings.clone());
        let client = http_client::build(Duration::from_secs(30)).expect("a client");
        House { clock, store, policy, address, settings, shutdown, served, client, disk }
    }

    /// Stops the service, closes the database, and starts both again, at another port.
    pub async fn restart(self) -> House {
        let House { clock, store, policy, settings, shutdown, served, client, disk, .. } = self;
        shutdown.cancel();
        served.await.expect("no panic").expect("a clean end");
        store.close().await.expect("the store closes");
        drop(store);
        let store = disk.open(policy.clone()).await;
        let (address, shutdown, served) =
            serve(store.clone(), clock.clone(), policy.clone(), settings.clone());
        House { clock, store, policy, address, settings, shutdown, served, client, disk }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// A request by whoever has `token` (`""` for nobody), as raw as needed.
    pub fn request(&self, method: Method, path: &str, token: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, self.url(path));
        if token.is_empty() { request } else { request.bearer_auth(token) }
    }

    pub async fn get(&self, token: &str, path: &str) -> Reply {
        Reply::of(self.request(Method::GET, path, token)).await
    }

    pub async fn post(&self, token: &str, path: &str, body: Value) -> Reply {
        Reply::of(self.request(Method::POST, path, token).json(&body)).await
    }

    /// A POST without a body.
    pub async fn press(&self, token: &str, path: &str) -> Reply {
        Reply::of(self.request(Method::POST, path, token)).await
    }

    pub async fn patch(&self, token: &str, path: &str, body: Value) -> Reply {
        Reply::of(self.request(Method::PATCH, path, token).json(&body)).await
    }

    /// A POST with the body as given.
    pub async fn post_raw(&self, token: &str, path: &str, body: impl Into<reqwest::Body>) -> Reply {
        let request = self.request(Method::POST, path, token).body(body);
        Reply::of(request.header("content-type", "application/json")).await
    }

    pub async fn ingest(&self, body: Value) -> Reply {
        self.post(AGENT, "/api/ingest/lead", body).await
    }

    /// A call by somebody new, and the id of the lead it becomes.
    pub async fn lead(&self, name: &str) -> String {
        let reply = self.ingest(json!({ "name": name, "intent": "pricing" })).await;
        reply.expect(StatusCode::CREATED)["lead_id"].as_str().expect("an id").into()
    }

    pub fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    /// Executes a command past HTTP, as somebody at the server's own command line does.
    pub async fn operator(&self, command: Command) {
        operator(&*self.store, self.clock.now(), command).await;
    }
}

fn serve(
    store: Arc<dyn Store>,
    clock: Clock,
    policy: Arc<Policy>,
    settings: Settings,
) -> (SocketAddr, CancellationToken, JoinHandle<Result<(), RunError>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let shutdown = CancellationToken::new();
    let backend = Backend { store, clock, policy, settings };
    let served = tokio::spawn(backend::run(listener, backend, shutdown.clone()));
    (address, shutdown, served)
}

fn policy() -> Arc<Policy> {
    let closed = Holidays::built_in().dates(Nation::EnglandAndWales);
    let london = TimeZone::get("Europe/London").expect("London");
    let calendar = Calendar::new(london, Week::mon_to_fri(9, 17), closed);
    let members = vec!["priya".into(), "tom".into()];
    Arc::new(Policy {
        teams: vec![Team { name: "team_sdr".into(), members }],
        ..Policy::starter(calendar)
    })
}

pub const PRIYA: &str = "rbt_priya";
pub const TOM: &str = "rbt_tom";
pub const SAM: &str = "rbt_sam";
pub const AGENT: &str = "rbk_agent";

async fn hire(store: &dyn Store, now: Timestamp) {
    for (name, role, token) in
        [("Priya", Role::Rep, PRIYA), ("Tom", Role::Rep, TOM), ("Sam", Role::Supervisor, SAM)]
    {
        let person = person(name, role);
        operator(store, now, Command::AddPerson { person, token: token_hash(token) }).await;
    }
    let key = Command::AddKey {
        id: "agent".into(),
        name: "Voice agent".into(),
        token: token_hash(AGENT),
    };
    operator(store, now, key).await;
}

pub fn person(name: &str, role: Role) -> Person {
    Person {
        id: RepId::from_name(name),
        name: name.into(),
        role,
        phone: None,
        email: None,
        slack_id: None,
        presence: Presence::Available,
        shift: None,
        leave: Vec::new(),
        removed: false,
    }
}

async fn operator(store: &dyn Store, now: Timestamp, command: Command) {
    let request = Request { command, actor: Actor::Operator, now, idempotency: None };
    store.execute(request).await.expect("done");
}

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("an RFC 3339 time")
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub async fn of(request: reqwest::RequestBuilder) -> Reply {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        Reply { status, headers, text: response.text().await.expect("a body") }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub fn expect(&self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json()
    }

    #[track_caller]
    pub fn ok(&self) -> Value {
        self.expect(StatusCode::OK)
    }

    /// A problem, checked for the form that all of them have.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Problem {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem: Problem = serde_json::from_str(&self.text).expect("a problem");
        assert_eq!(problem.kind, format!("urn:ringback:problem:{code}"), "{self:?}");
        assert_eq!(problem.status, status, "{self:?}");
        assert!(!problem.title.is_empty());
        problem
    }

    /// The faults of a problem: pointer and detail.
    #[track_caller]
    pub fn faults(&self, status: u16, code: &str) -> BTreeMap<String, String> {
        let problem = self.problem(status, code);
        problem.errors.into_iter().map(|fault| (fault.pointer, fault.detail)).collect()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Waits until something holds that other tasks bring about, at most five seconds.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(5), "it never happened: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
