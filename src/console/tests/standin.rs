//! A small server that speaks the console's part of the contract, remembers what was asked, and misbehaves when told to.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    middleware::{self, Next},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
    routing::{get, post},
};
use futures_util::{Stream, StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, task::AbortHandle};

use crate::{
    console::testing::{self, claimed, closed, person},
    domain::{ids::Seq, journal::Actor},
    wire::{
        self, Problem,
        problem::{Code, PROBLEM_JSON},
    },
};

/// Leads on a page, so that a small queue has several.
const PAGE: usize = 10;

/// What the server knows, and how it misbehaves.
#[derive(Default)]
struct World {
    seq: Seq,
    leads: Vec<wire::Lead>,
    entries: Vec<(Seq, String)>,
    /// Entries up to this one are forgotten.
    forgotten: Seq,
    pages: usize,
    reloads: usize,
    /// First answers, by key.
    answers: HashMap<String, (StatusCode, Value)>,
    done: Vec<String>,
    lose: usize,
    refuse: bool,
    skew: SignedDuration,
    hold: bool,
}

#[derive(Clone)]
struct Shared {
    world: Arc<Mutex<World>>,
    /// Told when something happened, or the lines are cut: counts the cuts.
    news: watch::Sender<u64>,
}

/// The server.
pub(super) struct Standin {
    shared: Shared,
    address: SocketAddr,
    task: Mutex<AbortHandle>,
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("the world")
    }
}

impl Standin {
    pub async fn with(leads: impl IntoIterator<Item = wire::Lead>) -> Standin {
        let world = World { seq: 1, leads: leads.into_iter().collect(), ..World::default() };
        let shared = Shared { world: Arc::new(Mutex::new(world)), news: watch::Sender::new(0) };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let task = Mutex::new(serve(listener, shared.clone()));
        Standin { shared, address, task }
    }

    pub fn url(&self) -> Url {
        format!("http://{}", self.address).parse().expect("a URL")
    }

    /// Something happens to a lead.
    pub fn happens(&self, kind: &str, lead: wire::Lead) {
        happens(&self.shared, Actor::Person(person("Tom")), kind, lead);
    }

    /// A lead changes, and nobody is told.
    pub fn hold_back(&self, lead: wire::Lead) {
        put(&mut self.shared.world(), lead);
    }

    /// An entry of a version to come.
    pub fn says_something_strange(&self) {
        let mut world = self.shared.world();
        world.seq += 1;
        let seq = world.seq;
        world.entries.push((seq, json!({ "seq": seq, "tier": "E" }).to_string()));
        drop(world);
        self.shared.news.send_modify(|_| {});
    }

    /// All streams end.
    pub fn cut(&self) {
        self.shared.news.send_modify(|cuts| *cuts += 1);
    }

    /// The server dies.
    pub fn stop(&self) {
        self.task.lock().expect("the task").abort();
        self.cut();
    }

    pub async fn go_on(&self) {
        let listener = loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => break listener,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        *self.task.lock().expect("the task") = serve(listener, self.shared.clone());
    }

    pub fn forget_the_past(&self) {
        let mut world = self.shared.world();
        world.forgotten = world.seq;
        world.entries.clear();
    }

    /// Another database stands behind the same address.
    pub fn replace_world(&self, leads: impl IntoIterator<Item = wire::Lead>) {
        let mut world = self.shared.world();
        *world = World { seq: 0, leads: leads.into_iter().collect(), ..World::default() };
    }

    /// The first answers to so many writes do not arrive.
    pub fn lose_answers(&self, count: usize) {
        self.shared.world().lose = count;
    }

    pub fn refuse_tokens(&self, refuse: bool) {
        self.shared.world().refuse = refuse;
    }

    pub fn clock_is_off_by(&self, skew: SignedDuration) {
        self.shared.world().skew = skew;
    }

    /// Nothing goes out by the streams while it is held.
    pub fn hold_the_stream(&self, hold: bool) {
        self.shared.world().hold = hold;
        self.shared.news.send_modify(|_| {});
    }

    pub fn pages(&self) -> usize {
        self.shared.world().pages
    }

    pub fn reloads(&self) -> usize {
        self.shared.world().reloads
    }

    /// What was done, in order, each thing as often as it was done.
    pub fn done(&self) -> Vec<String> {
        self.shared.world().done.clone()
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(listener: TcpListener, shared: Shared) -> AbortHandle {
    let routes = Router::new()
        .route("/api/me", get(me))
        .route("/api/queue", get(queue))
        .route("/api/stream", get(events))
        .route("/api/journal", get(journal))
        .route("/api/leads/{id}/history", get(history))
        .route("/api/leads/{id}/{what}", post(change))
        .layer(middleware::from_fn_with_state(shared.clone(), gate))
        .with_state(shared);
    tokio::spawn(async move { axum::serve(listener, routes).await }).abort_handle()
}

async fn gate(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (refuse, skew) = {
        let world = shared.world();
        (world.refuse, world.skew)
    };
    if refuse {
        return problem(Problem::new(Code::TokenRefused));
    }
    let mut response = next.run(request).await;
    let now = testing_now() + skew;
    let value = HeaderValue::from_str(&now.to_string()).expect("a header");
    response.headers_mut().insert("x-ringback-now", value);
    response
}

fn testing_now() -> Timestamp {
    crate::clock::Clock::System.now()
}

fn problem(problem: Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).expect("a status");
    (status, [("content-type", PROBLEM_JSON)], Json(problem)).into_response()
}

/// The token is the handle.
fn who(headers: &HeaderMap) -> String {
    let value = headers.get("authorization").and_then(|value| value.to_str().ok());
    value.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().to_owned()
}

fn name(who: &str) -> String {
    who[..1].to_uppercase() + &who[1..]
}

async fn me(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    let who = who(&headers);
    Json(wire::Me {
        name: name(&who),
        id: who,
        role: "rep".into(),
        now: testing_now(),
        seq: shared.world().seq,
        business: testing::business(),
    })
    .into_response()
}

async fn queue(
    State(shared): State<Shared>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let mut world = shared.world();
    let from: usize = query.get("cursor").and_then(|from| from.parse().ok()).unwrap_or(0);
    world.pages += 1;
    world.reloads += usize::from(from == 0);
    let leads: Vec<wire::Lead> = world.leads.iter().skip(from).take(PAGE).cloned().collect();
    let end = from + leads.len();
    Json(wire::Queue {
        as_of: testing_now(),
        stale: false,
        seq: world.seq,
        leads,
        next: (end < world.leads.len()).then(|| end.to_string()),
        total: world.leads.len() as u64,
    })
    .into_response()
}

async fn events(
    State(shared): State<Shared>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let after: Seq = last.or_else(|| query.get("after")?.parse().ok()).unwrap_or(0);
    if after < shared.world().forgotten {
        return problem(Problem::new(Code::GapTooOld));
    }
    Sse::new(follow(shared, after)).into_response()
}

/// Entries behind `after`, until the lines are cut.
fn follow(shared: Shared, after: Seq) -> impl Stream<Item = Result<Event, Infallible>> {
    let mut news = shared.news.subscribe();
    let cuts = *news.borrow_and_update();
    stream::unfold((shared, after, news), move |(shared, after, mut news)| async move {
        loop {
            if *news.borrow_and_update() != cuts {
                return None;
            }
            let next = {
                let world = shared.world();
                let mut entries = world.entries.iter().filter(|_| !world.hold);
                entries.find(|(seq, _)| *seq > after).cloned()
            };
            if let Some((seq, data)) = next {
                let event = Event::default().id(seq.to_string()).data(data);
                return Some((Ok(event), (shared, seq, news)));
            }
            news.changed().await.ok()?;
        }
    })
    .boxed()
}

async fn journal(State(shared): State<Shared>) -> Response {
    let seq = shared.world().seq;
    Json(wire::Journal { seq, entries: Vec::new() }).into_response()
}

async fn history() -> Response {
    Json(wire::History { entries: Vec::new(), earlier: Vec::new() }).into_response()
}

/// A write: done once for each key, and answered as the first time.
async fn change(
    State(shared): State<Shared>,
    Path((id, what)): Path<(uuid::Uuid, String)>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let key = key.expect("every write has a key").to_owned();
    let known = shared.world().answers.get(&key).cloned();
    let (status, answer) = match known {
        Some(known) => known,
        None => {
            let answer = decide(&shared, id, &what, &body, &who(&headers));
            shared.world().answers.insert(key, answer.clone());
            answer
        }
    };
    let mut world = shared.world();
    if world.lose > 0 {
        world.lose -= 1;
        return StatusCode::BAD_GATEWAY.into_response();
    }
    (status, Json(answer)).into_response()
}

fn decide(
    shared: &Shared,
    id: uuid::Uuid,
    what: &str,
    body: &Value,
    who: &str,
) -> (StatusCode, Value) {
    let Some(lead) = shared.world().leads.iter().find(|lead| lead.id == id).cloned() else {
        return refusal(Problem::new(Code::LeadClosed));
    };
    let me = person(&name(who));
    if let Some(holder) = lead.claimed_by.as_ref().filter(|holder| holder.id != me.id)
        && what != "note"
    {
        let taken = wire::Claimed {
            claimed_by: holder.clone(),
            claimed_at: lead.claimed_at.unwrap_or_default(),
        };
        let problem = Problem { claimed: Some(taken), ..Problem::new(Code::AlreadyClaimed) };
        return refusal(problem);
    }
    let (kind, done, after) = match what {
        "claim" => ("lead.claimed", "claim".into(), claimed(lead, &name(who), testing::MORNING)),
        "outcome" => ("lead.closed", format!("outcome {}", text(body, "outcome")), closed(lead)),
        _ => {
            let after = wire::Lead { rev: lead.rev + 1, ..lead };
            ("lead.noted", format!("note {}", text(body, "text")), after)
        }
    };
    shared.world().done.push(done);
    happens(shared, Actor::Person(me), kind, after.clone());
    (StatusCode::OK, serde_json::to_value(after).expect("serialises"))
}

fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_default().to_owned()
}

fn refusal(problem: Problem) -> (StatusCode, Value) {
    let status = StatusCode::from_u16(problem.status).expect("a status");
    (status, serde_json::to_value(problem).expect("serialises"))
}

fn happens(shared: &Shared, by: Actor, kind: &str, lead: wire::Lead) {
    let mut world = shared.world();
    world.seq += 1;
    let entry = testing::entry(world.seq, by, kind, Some(lead.clone()));
    let json = serde_json::to_string(&entry).expect("serialises");
    world.entries.push((entry.seq, json));
    put(&mut world, lead);
    drop(world);
    shared.news.send_modify(|_| {});
}

fn put(world: &mut World, lead: wire::Lead) {
    world.leads.retain(|known| known.id != lead.id);
    if lead.state != "closed" {
        world.leads.push(lead);
    }
}
