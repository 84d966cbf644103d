//! The console's side of the HTTP API (contract, "HTTP").

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use jiff::SignedDuration;
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, header};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::mpsc::Sender;
use uuid::Uuid;

use super::{
    app::Me,
    msg::{Failure, FromServer, Msg, Request, Write},
    prompt::Person,
};
use crate::{
    clock::Clock,
    domain::{
        ids::{LeadId, RepId, Seq},
        person::Role,
    },
    http_client,
    wire::{self, problem::Code},
};

/// How long an answer may take. A claim that takes longer is lost anyway.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);
/// How long a page of the whole queue may take: it is big.
const PAGE_WITHIN: Duration = Duration::from_secs(30);
/// How long the line may be silent: the server sends a comment every 15 s.
const SILENCE: Duration = Duration::from_secs(20);
/// How often a request is sent again when nobody answered or the server was too busy, always with the same key.
const TRIES: u32 = 3;
/// The wait before the second try; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// Leads on a page of the whole queue: the most that the server gives.
const PAGE: usize = 1_000;
/// The header that carries the server's clock.
const NOW: &str = "x-ringback-now";
/// A difference between two clocks that nobody sees.
const UNSEEN_MS: i64 = 100;

/// The way to the server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    /// They stand in for each other; never empty.
    servers: Arc<[Url]>,
    at: Arc<AtomicUsize>,
    token: SecretString,
    clock: Clock,
    /// The server's clock less ours as last told, in milliseconds.
    skew: Arc<AtomicI64>,
    news: Sender<Msg>,
}

/// Why a console cannot have a client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("no server is named")]
    NoServer,
    #[error("secure connections cannot be set up: {0}")]
    Tls(#[from] reqwest::Error),
}

/// Who we are there, and whose leads these are.
#[derive(Clone, Debug)]
pub(super) struct Hello {
    pub me: Me,
    pub business: wire::Business,
}

/// A page of a queue, its leads as they came: they are kept as they are.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Page {
    pub as_of: jiff::Timestamp,
    /// The server's database is away: this is what it remembers.
    #[serde(default)]
    pub stale: bool,
    pub seq: Seq,
    pub leads: Vec<Box<serde_json::value::RawValue>>,
    pub next: Option<String>,
}

impl Client {
    /// A client of one server, or of several that stand in for each other. Differences between their clock and ours go to
    /// `news`.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn new(
        servers: Vec<Url>,
        token: SecretString,
        clock: Clock,
        news: Sender<Msg>,
    ) -> Result<Client, ClientError> {
        if servers.is_empty() {
            return Err(ClientError::NoServer);
        }
        Ok(Client {
            http: http_client::build_watchful(SILENCE)?,
            servers: servers.into(),
            at: Arc::default(),
            token,
            clock,
            skew: Arc::new(AtomicI64::new(0)),
            news,
        })
    }

    /// The server asked now.
    pub fn server(&self) -> &Url {
        &self.servers[self.at.load(Ordering::Relaxed) % self.servers.len()]
    }

    /// How many servers stand in for each other: at least one.
    pub(super) fn servers(&self) -> u32 {
        u32::try_from(self.servers.len()).unwrap_or(u32::MAX)
    }

    /// The turn of the server asked now: to be handed to [`Client::leave`] if it fails.
    pub(super) fn turn(&self) -> usize {
        self.at.load(Ordering::Relaxed)
    }

    /// Asks the next server from now on, unless somebody else has left that one already: two requests that fail at the same
    /// server must not step over the next one.
    pub(super) fn leave(&self, turn: usize) {
        let next = turn.wrapping_add(1);
        let _ = self.at.compare_exchange(turn, next, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// # Errors
    /// See [`Failure`]. An `ingest` key is refused: it may not look at leads.
    pub(super) async fn hello(&self) -> Result<Hello, Failure> {
        let me: wire::Me = self.get(&["me"], &[]).await?;
        let role = match me.role.as_str() {
            "supervisor" => Role::Supervisor,
            "rep" => Role::Rep,
            _ => {
                let why = "this token is a program's, not a person's".into();
                return Err(Failure::Refused { status: 403, why });
            }
        };
        Ok(Hello { me: Me { id: RepId(me.id), name: me.name, role }, business: me.business })
    }

    pub(super) async fn page(&self, cursor: Option<&str>) -> Result<Page, Failure> {
        let limit = PAGE.to_string();
        let mut query = vec![("view", "all"), ("limit", limit.as_str())];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let request = self.request(Method::GET, &["queue"]).query(&query).timeout(PAGE_WITHIN);
        read(self.answered(request).await?).await
    }

    pub(super) async fn lead(&self, id: LeadId) -> Result<wire::Lead, Failure> {
        self.get(&["leads", &id.to_string()], &[]).await
    }

    pub(super) async fn history(&self, id: LeadId) -> Result<wire::History, Failure> {
        self.get(&["leads", &id.to_string(), "history"], &[]).await
    }

    /// The newest entries, newest first.
    pub(super) async fn journal(&self, limit: usize) -> Result<Vec<wire::Entry>, Failure> {
        let limit = limit.min(PAGE).to_string();
        let journal: wire::Journal = self.get(&["journal"], &[("limit", &limit)]).await?;
        let mut entries = journal.entries;
        entries.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.seq));
        Ok(entries)
    }

    pub(super) async fn team(&self) -> Result<Vec<Person>, Failure> {
        let team: wire::Team = self.get(&["team"], &[]).await?;
        let person = |person: wire::Person| Person {
            id: person.id,
            name: person.name,
            present: person.present,
            open_leads: person.open_leads,
        };
        Ok(team.people.into_iter().map(person).collect())
    }

    /// Asks for a change of a lead. Sent again with the same key while nobody answers, so it is done once at most.
    pub(super) async fn ask(
        &self,
        lead: LeadId,
        request: &Request,
        key: Uuid,
    ) -> Result<wire::Lead, Failure> {
        let (what, body) = match request {
            Request::Claim { take_over } => ("claim", json!({ "take_over": take_over })),
            Request::Release => ("release", json!({})),
            Request::Reassign { to } => ("reassign", json!({ "to": to })),
            Request::Undo => ("undo", json!({})),
        };
        self.post(lead, what, &body, key).await
    }

    /// Sends a note or an outcome.
    pub(super) async fn send(
        &self,
        lead: LeadId,
        write: &Write,
        key: Uuid,
    ) -> Result<wire::Lead, Failure> {
        match write {
            Write::Note { text } => self.post(lead, "note", &json!({ "text": text }), key).await,
            Write::Outcome { outcome, note, callback_at } => {
                let mut body = json!({ "outcome": outcome });
                if let Some(note) = note {
                    body["note"] = json!(note);
                }
                if let Some(at) = callback_at {
                    body["callback_at"] = json!(at);
                }
                self.post(lead, "outcome", &body, key).await
            }
        }
    }

    /// Opens the stream of what happens after a sequence number. The answer's body never ends by itself.
    pub(super) async fn stream(&self, after: Seq) -> Result<Response, Failure> {
        let request = self
            .request(Method::GET, &["stream"])
            .query(&[("after", after)])
            .header("last-event-id", after)
            .header(header::ACCEPT, "text/event-stream");
        // No timeout for the whole: the silence between two chunks is what counts. The headers must come soon, though.
        match tokio::time::timeout(ANSWER_WITHIN, self.answered(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(Failure::Unreachable("the server does not answer".into())),
        }
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, Failure> {
        let request = self.request(Method::GET, path).query(query).timeout(ANSWER_WITHIN);
        read(self.answered(request).await?).await
    }

    async fn post(
        &self,
        lead: LeadId,
        what: &str,
        body: &Value,
        key: Uuid,
    ) -> Result<wire::Lead, Failure> {
        let mut wait = FIRST_WAIT;
        let mut tries = 1;
        loop {
            let turn = self.turn();
            let request = self
                .request(Method::POST, &["leads", &lead.to_string(), what])
                .header("idempotency-key", key.to_string())
                .json(body)
                .timeout(ANSWER_WITHIN);
            let answer = match self.answered(request).await {
                Ok(answer) => read(answer).await,
                Err(failure) => Err(failure),
            };
            match answer {
                Err(Failure::Unreachable(_) | Failure::DatabaseAway(_)) if tries < TRIES => {
                    self.leave(turn);
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                    tries += 1;
                }
                answer => return answer,
            }
        }
    }

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let mut url = self.server().clone();
        // A base that cannot hold a path is none of http: the request then fails with a reason.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("api").extend(path);
        }
        self.http.request(method, url).bearer_auth(self.token.expose_secret())
    }

    /// Sends, reads the server's clock, and turns what is no success into a [`Failure`].
    async fn answered(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let sent = self.clock.now();
        let answer =
            request.send().await.map_err(|error| Failure::Unreachable(in_words(&error)))?;
        self.compare_clocks(sent, &answer);
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(failure(answer).await)
    }

    fn compare_clocks(&self, sent: jiff::Timestamp, answer: &Response) {
        let theirs = answer.headers().get(NOW).and_then(|value| value.to_str().ok());
        let Some(theirs) = theirs.and_then(|text| text.parse::<jiff::Timestamp>().ok()) else {
            return;
        };
        let now = self.clock.now();
        // The server read its clock somewhere between.
        let half = now.duration_since(sent).as_millis() / 2;
        let half = i64::try_from(half).unwrap_or(0).max(0);
        let skew = theirs.as_millisecond() - (now.as_millisecond() - half);
        let known = self.skew.load(Ordering::Relaxed);
        if (skew - known).abs() >= UNSEEN_MS + half {
            self.skew.store(skew, Ordering::Relaxed);
            let news = FromServer::Skew(SignedDuration::from_millis(skew));
            // A full queue has no room for a correction: the next answer brings another one.
            if self.news.try_send(Msg::Server(news)).is_err() {
                self.skew.store(known, Ordering::Relaxed);
            }
        }
    }
}

async fn read<T: DeserializeOwned>(answer: Response) -> Result<T, Failure> {
    let body = answer.bytes().await.map_err(|error| Failure::Unreachable(in_words(&error)))?;
    serde_json::from_slice(&body).map_err(|error| {
        tracing::warn!(%error, "the server's answer cannot be read");
        let why = "its answer cannot be read: is it another version, or another service?".into();
        Failure::Refused { status: 200, why }
    })
}

/// What an error answer means. What a moment later may succeed counts as not having been answered.
async fn failure(answer: Response) -> Failure {
    let status = answer.status();
    let body = answer.bytes().await.unwrap_or_default();
    let problem = serde_json::from_slice::<wire::Problem>(&body).ok();
    let busy = status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    match problem {
        Some(problem) if problem.code() == Some(Code::DatabaseAway) => {
            Failure::DatabaseAway("it cannot reach its database".into())
        }
        _ if busy => Failure::Unreachable(match problem {
            Some(problem) => problem.to_string(),
            None => format!("the server answered {status}"),
        }),
        Some(problem) => match (problem.code(), problem.claimed.clone()) {
            (Some(Code::AlreadyClaimed), Some(claimed)) => {
                Failure::Claimed { by: claimed.claimed_by, at: claimed.claimed_at }
            }
            _ => Failure::Refused { status: status.as_u16(), why: problem.to_string() },
        },
        None => {
            let why = format!("the server answered {status}");
            Failure::Refused { status: status.as_u16(), why }
        }
    }
}

/// Why a request got no answer, without the address: it stands in the header.
fn in_words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".into();
    }
    if error.is_connect() {
        let mut source: Option<&dyn std::error::Error> = Some(error);
        while let Some(cause) = source {
            if let Some(io) = cause.downcast_ref::<std::io::Error>() {
                return match io.kind() {
                    std::io::ErrorKind::ConnectionRefused => "nobody listens there".into(),
                    _ => io.to_string(),
                };
            }
            source = cause.source();
        }
        return "no connection".into();
    }
    "the connection broke".into()
}
