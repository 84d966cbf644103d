//! The JSON that Twilio answers with: what we read of it, and nothing else. (An account's answer holds its token.)

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{
    StatusCode,
    header::{DATE, HeaderMap, RETRY_AFTER},
};
use serde::Deserialize;

use super::{codes, event};
use crate::{
    carrier::{CallRecord, CallStatus, CarrierError, Direction, Why},
    domain::{call::CallRef, phone::CallerId},
};

/// Nobody waits longer for us to try again.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// Most characters of Twilio's own words that are passed on.
const LONGEST_DETAIL: usize = 200;

#[derive(Deserialize)]
pub(super) struct Call {
    pub sid: String,
    #[serde(default)]
    parent_call_sid: Option<String>,
    #[serde(default)]
    direction: Option<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    status: String,
    #[serde(default)]
    answered_by: Option<String>,
    #[serde(default)]
    date_created: Option<String>,
    #[serde(default)]
    start_time: Option<String>,
    #[serde(default)]
    end_time: Option<String>,
    /// A number written as text.
    #[serde(default)]
    duration: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct CallPage {
    pub calls: Vec<Call>,
    #[serde(default)]
    pub next_page_uri: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Message {
    pub sid: String,
    pub status: String,
    #[serde(default)]
    pub error_code: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct Account {
    pub status: String,
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct NumberPage {
    #[serde(default)]
    pub incoming_phone_numbers: Vec<Number>,
    #[serde(default)]
    pub outgoing_caller_ids: Vec<Number>,
}

#[derive(Deserialize)]
pub(super) struct Number {
    pub phone_number: String,
    #[serde(default)]
    pub voice_url: Option<String>,
    #[serde(default)]
    pub sms_url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Failure {
    code: Option<u32>,
    message: Option<String>,
    /// Where newer services (RFC 9457) put their words.
    detail: Option<String>,
}

impl Call {
    /// # Errors
    /// [`CarrierError::Lost`] for a call whose status or times cannot be read: it must not pass for one that is not there.
    pub(super) fn into_record(self) -> Result<CallRecord, CarrierError> {
        let status = match self.status.as_str() {
            "queued" | "initiated" => CallStatus::Queued,
            "ringing" => CallStatus::Ringing,
            "in-progress" => CallStatus::InProgress,
            over => CallStatus::Over(event::leg_end(over).ok_or(CarrierError::Lost)?),
        };
        let date = |text: Option<String>| text.as_deref().and_then(event::read_date);
        let started_at = date(self.start_time);
        let party = |text: Option<String>| CallerId::read(&text.unwrap_or_default(), "GB");
        let inbound = self.direction.as_deref() == Some("inbound");
        Ok(CallRecord {
            call: CallRef(self.sid),
            parent: self.parent_call_sid.filter(|sid| !sid.is_empty()).map(CallRef),
            direction: if inbound { Direction::Inbound } else { Direction::Outbound },
            from: party(self.from),
            to: party(self.to),
            status,
            answered_by: self.answered_by.as_deref().map(event::answered_by),
            created_at: date(self.date_created).or(started_at).ok_or(CarrierError::Lost)?,
            started_at,
            ended_at: date(self.end_time),
            seconds: self.duration.and_then(|text| text.parse().ok()),
        })
    }
}

/// What an answer other than 2xx means.
pub(super) fn refusal(
    status: StatusCode,
    retry_after: Option<Duration>,
    body: &[u8],
) -> CarrierError {
    let failure: Failure = serde_json::from_slice(body).unwrap_or_default();
    let code = failure.code;
    if status == StatusCode::TOO_MANY_REQUESTS || code == Some(20_429) {
        return CarrierError::Throttled { retry_after };
    }
    if status.is_server_error() || !status.is_client_error() {
        // It may have been done before something broke.
        return CarrierError::Lost;
    }
    let words = codes::in_words(code).map(str::to_owned);
    if status == StatusCode::UNAUTHORIZED || codes::is_about_the_account(code) {
        let detail =
            words.unwrap_or_else(|| "Twilio does not accept the account SID and token".into());
        return CarrierError::Auth { code, detail };
    }
    let why = match codes::why(code) {
        Why::Other if status == StatusCode::NOT_FOUND => Why::Over,
        why => why,
    };
    let theirs = || match failure.message.or(failure.detail) {
        Some(message) => format!("Twilio refused: {}", without_numbers(&message)),
        None => format!("Twilio refused with status {}", status.as_u16()),
    };
    CarrierError::Refused { why, code, detail: words.unwrap_or_else(theirs) }
}

/// How long to wait before trying again: seconds, or a date by the server's own clock.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = |text: &str| -> Option<Timestamp> { event::read_date(text) };
            let now = date(headers.get(DATE)?.to_str().ok()?)?;
            Duration::try_from(date(text)?.duration_since(now)).unwrap_or_default()
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

/// A message fit for the journal: somebody's number in it becomes dots.
fn without_numbers(message: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    let flush = |digits: &mut String, out: &mut String| {
        let count = digits.bytes().filter(u8::is_ascii_digit).count();
        out.push_str(if count > 5 { "…" } else { digits });
        digits.clear();
    };
    for c in message.chars().filter(|c| !c.is_control()).take(LONGEST_DETAIL) {
        if c.is_ascii_digit() || (!digits.is_empty() && matches!(c, ' ' | '-' | '(' | ')')) {
            digits.push(c);
            continue;
        }
        let blank = digits.ends_with(' ');
        flush(&mut digits, &mut out);
        if blank && out.ends_with('…') {
            out.push(' ');
        }
        out.push(c);
    }
    flush(&mut digits, &mut out);
    out
}

#[cfg(test)]
mod tests;
