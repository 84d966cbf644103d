//! `ringback lead add`.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::cli::{
    api::{Api, ApiError},
    failure::Failure,
    input::{Payload, Source},
    output,
    table::Table,
    token,
};
use crate::wire::Fault;

/// Send leads, as programs do
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback lead add call.json --token-file ingest.token
  ringback lead add - --json < calls.ndjson

Running it again on the same file within a day adds nothing twice.")]
pub(crate) struct Args {
    /// One JSON payload, or one on each line; `-` for standard input
    #[arg(value_name = "FILE|-")]
    source: Source,

    /// Count what was sent before as a new call
    #[arg(long)]
    again: bool,
}

/// A payload that the server did not take.
#[derive(Serialize)]
struct NotTaken {
    line: usize,
    error: String,
    errors: Vec<Fault>,
}

/// Sends payload after payload, so that calls of one person keep their order. One that is refused does not stop the
/// others; a server that has gone does.
pub(super) async fn add(args: Args, api: &Api, as_json: bool) -> Result<(), Failure> {
    let payloads = args.source.payloads()?;
    let salt = if args.again { token::random::<16>()?.to_vec() } else { Vec::new() };
    let mut keys = Keys::new(salt);
    let mut table = Table::new(["LINE", "TIER", "QUEUE", "OWNER", "DUE", "LEAD", ""]);
    let mut refused = 0;
    for (sent, payload) in payloads.iter().enumerate() {
        let key = keys.next(payload);
        match api.post_as_is("/api/ingest/lead", &payload.bytes, &key).await {
            Ok((_, answer)) if as_json => output::json(&answer)?,
            Ok((_, answer)) => table.row(row(payload, &answer)),
            Err(error @ ApiError::Problem(_)) if error.status().is_some_and(of_the_payload) => {
                refused += 1;
                tell(payload, error, as_json)?;
            }
            Err(error) => {
                eprintln!("ringback: stopped after {sent} of {} payloads", payloads.len());
                return Err(error.into());
            }
        }
    }
    if !as_json && refused < payloads.len() {
        table.print()?;
    }
    if refused == 0 { Ok(()) } else { Err(Failure::told()) }
}

/// Whether the next payload may fare better.
fn of_the_payload(status: u16) -> bool {
    matches!(status, 400 | 413 | 422)
}

fn tell(payload: &Payload, error: ApiError, as_json: bool) -> Result<(), Failure> {
    let line = payload.line;
    eprintln!("ringback: line {line}: {error}");
    if !as_json {
        return Ok(());
    }
    let sentence = error.to_string();
    let errors = match error {
        ApiError::Problem(problem) => problem.errors,
        _ => Vec::new(),
    };
    output::json(&NotTaken { line, error: sentence, errors })
}

fn row(payload: &Payload, answer: &Value) -> [String; 7] {
    let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
    let merged = answer["merged"].as_bool().unwrap_or(false);
    [
        payload.line.to_string(),
        text("tier"),
        text("queue"),
        text("owner"),
        text("due_at"),
        text("lead_id"),
        if merged { "joined an open lead".into() } else { "new".into() },
    ]
}

/// Names for requests, made from what is sent: the same file sent again gives the same names, and two equal lines of one
/// file two different ones.
struct Keys {
    salt: Vec<u8>,
    seen: HashMap<[u8; 32], u32>,
}

impl Keys {
    fn new(salt: Vec<u8>) -> Keys {
        Keys { salt, seen: HashMap::new() }
    }

    fn next(&mut self, payload: &Payload) -> String {
        let digest = Sha256::new().chain_update(&self.salt).chain_update(&payload.bytes).finalize();
        let count = self.seen.entry(digest.into()).or_default();
        *count += 1;
        let hex: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("cli-{hex}-{count}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(salt: &[u8], lines: &[&str]) -> Vec<String> {
        let mut keys = Keys::new(salt.to_vec());
        let payload = |text: &&str| Payload { line: 1, bytes: text.as_bytes().to_vec() };
        lines.iter().map(payload).map(|payload| keys.next(&payload)).collect()
    }

    #[test]
    fn a_file_sent_again_has_the_same_keys_and_equal_lines_have_different_ones() {
        let once = keys(b"", &["a", "b", "a"]);
        assert_eq!(once, keys(b"", &["a", "b", "a"]));
        assert_ne!(once[0], once[2]);
        assert_eq!(once[1], keys(b"", &["b"])[0], "a line's key does not depend on its place");
        assert_ne!(once, keys(b"salt", &["a", "b", "a"]));
    }
}
