//! The server's HTTP API as commands and the demo use it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::{Method, RequestBuilder, StatusCode, Url, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;

use super::{failure::Failure, place, token};
use crate::{http_client, wire::Problem};

/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How often a request that the server was too busy to take is sent again.
const TRIES: u32 = 8;

/// Which server, and as whom.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Server {
    /// Address of the server
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "RINGBACK_SERVER",
        hide_env_values = true,
        default_value = "http://127.0.0.1:7464"
    )]
    pub(super) server: Url,

    /// Token to show to the server; other users of this machine can see it here
    #[arg(
        long,
        global = true,
        value_name = "TOKEN",
        env = "RINGBACK_TOKEN",
        hide_env_values = true,
        conflicts_with = "token_file"
    )]
    pub(super) token: Option<SecretString>,

    /// File that holds the token [else `token` in the XDG configuration folder, where `init` keeps it]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
}

/// A server that was spoken to, as somebody.
#[derive(Clone, Debug)]
pub(super) struct Api {
    http: reqwest::Client,
    base: Url,
    token: SecretString,
}

/// Why the server did not do it.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    #[error(
        "no server answers at {base}: start one with `ringback serve`, or name it with --server ({cause})"
    )]
    Unreachable { base: String, cause: String },
    #[error("{}", told(.0))]
    Problem(Box<Problem>),
    #[error("{base} answered {status}, which is not how ringback answers: is --server right?")]
    Foreign { base: String, status: StatusCode },
}

impl ApiError {
    /// The problem's status; `None` where the server said nothing that we understand.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            ApiError::Problem(problem) => Some(problem.status),
            _ => None,
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Failure {
        match error.status() {
            Some(401) => Failure::failed(format!(
                "{error} Give a token with --token-file or RINGBACK_TOKEN; `ringback rep token ID` makes a new one"
            )),
            _ => Failure::failed(error),
        }
    }
}

impl Server {
    /// Ready to ask.
    pub(super) fn connect(&self) -> Result<Api, Failure> {
        let token = token(self.token.as_ref(), self.token_file.as_deref())?;
        Api::new(self.server.clone(), token)
    }
}

/// The token that was given, else that of the file that was named, else that of the file that `init` wrote.
pub(super) fn token(
    given: Option<&SecretString>,
    file: Option<&Path>,
) -> Result<SecretString, Failure> {
    if let Some(token) = given {
        return Ok(token.clone());
    }
    let path = match file {
        Some(path) => path.to_owned(),
        None => place::config_folder()?.join(token::FILE),
    };
    match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => Ok(SecretString::from(text.trim())),
        Ok(_) => Err(Failure::failed(format!("{}: there is no token in it", path.display()))),
        Err(error) if file.is_some() => {
            Err(Failure::failed(format!("{}: {error}", path.display())))
        }
        Err(_) => Err(Failure::failed(
            "no token: give one with --token-file FILE or RINGBACK_TOKEN; `ringback rep token ID` makes a new one",
        )),
    }
}

impl Api {
    pub(super) fn new(base: Url, token: SecretString) -> Result<Api, Failure> {
        if !matches!(base.scheme(), "http" | "https") {
            return Err(Failure::usage(format!(
                "{base} is no address of a server: it begins with http:// or https://"
            )));
        }
        let http = http_client::build(ANSWER_WITHIN).map_err(Failure::failed)?;
        Ok(Api { http, base, token })
    }

    /// `GET`. Query pairs are encoded here.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, ApiError> {
        let request = || self.request(Method::GET, path).query(query);
        self.answer(request).await.map(|(_, body)| body)
    }

    /// `POST` of a value.
    pub(super) async fn post(&self, path: &str, body: &impl Serialize) -> Result<Value, ApiError> {
        let request = || self.request(Method::POST, path).json(body);
        self.answer(request).await.map(|(_, body)| body)
    }

    /// `POST` of JSON as it was written, under the caller's own name for the request.
    pub(super) async fn post_as_is(
        &self,
        path: &str,
        body: &[u8],
        idempotency_key: &str,
    ) -> Result<(StatusCode, Value), ApiError> {
        let request = || {
            self.request(Method::POST, path)
                .header(header::CONTENT_TYPE, "application/json")
                .header("Idempotency-Key", idempotency_key)
                .body(body.to_vec())
        };
        self.answer(request).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.base.clone();
        let below = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{below}{path}"));
        self.http
            .request(method, url)
            .timeout(ANSWER_WITHIN)
            .bearer_auth(self.token.expose_secret())
    }

    /// Sends, and sends again while the server is too busy to take it: then nothing has been done.
    async fn answer(
        &self,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<(StatusCode, Value), ApiError> {
        let mut tries = 1;
        loop {
            let response = request().send().await.map_err(|error| self.unreachable(&error))?;
            let status = response.status();
            let busy =
                matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
            if busy && tries < TRIES {
                tokio::time::sleep(wait(&response, tries)).await;
                tries += 1;
                continue;
            }
            let body = response.bytes().await.map_err(|error| self.unreachable(&error))?;
            return self.read(status, &body);
        }
    }

    fn read(&self, status: StatusCode, body: &[u8]) -> Result<(StatusCode, Value), ApiError> {
        if status.is_success() {
            if let Ok(value) = serde_json::from_slice(body) {
                return Ok((status, value));
            }
        } else if let Ok(problem) = serde_json::from_slice::<Problem>(body) {
            return Err(ApiError::Problem(Box::new(problem)));
        }
        Err(ApiError::Foreign { base: self.base.to_string(), status })
    }

    fn unreachable(&self, error: &reqwest::Error) -> ApiError {
        ApiError::Unreachable { base: self.base.to_string(), cause: root_cause(error) }
    }
}

/// A problem in one line: what this case is, and every fault of the request.
fn told(problem: &Problem) -> String {
    let what = problem.detail.as_deref().unwrap_or(&problem.title);
    if problem.errors.is_empty() {
        return what.into();
    }
    let faults: Vec<_> =
        problem.errors.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect();
    format!("{}: {}", what.trim_end_matches('.'), faults.join("; "))
}

/// What the server asks for, at most ten seconds; doubling from 100 ms where it says nothing.
fn wait(response: &reqwest::Response, tries: u32) -> Duration {
    response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map_or(Duration::from_millis(50 << tries.min(6)), Duration::from_secs)
        .min(Duration::from_secs(10))
}

/// The last of a chain of errors says what happened: "Connection refused (os error 111)".
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
