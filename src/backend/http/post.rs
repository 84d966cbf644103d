//! Reading a request that changes something: who asks, before anything else; then the body, within limits; then the key
//! under which a repeat is recognised.

use std::{future::poll_fn, pin::Pin, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, header, request::Parts},
};
use sha2::{Digest, Sha256};

use crate::{
    backend::{
        app::App,
        auth::{Known, Right, Who},
        failure::Failure,
    },
    domain::ids::{ContactId, LeadId, RepId},
    store::IdempotencyKey,
    wire::{
        fields::Fields,
        json::Json,
        problem::{Code, Fault},
    },
};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The longest `Idempotency-Key`.
const LONGEST_KEY: usize = 255;
/// What is read of a body that is too large, and for how long, so that its sender gets to read the refusal.
const DRAINED_BYTES: usize = 8 * 1024 * 1024;
const DRAINED_WITHIN: Duration = Duration::from_secs(2);

/// A request with a body, by somebody who may send it.
#[derive(Debug)]
pub struct Post<R> {
    pub who: Who<R>,
    pub body: Bytes,
    pub key: Option<IdempotencyKey>,
}

impl<R> Post<R> {
    pub fn known(&self) -> &Known {
        &self.who.known
    }

    /// Reads the body as an object, `read` naming its members; an absent body is an empty object.
    ///
    /// # Errors
    /// 400 for what is not JSON; 422 with every fault, members that are not in `known` among them.
    pub fn members<T>(
        &self,
        known: &[&str],
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> Result<T, Failure> {
        let json = if self.body.trim_ascii().is_empty() {
            Json::Object(Vec::new())
        } else {
            Json::read(&self.body)?
        };
        let mut fields = Fields::of(&json);
        fields.only(known);
        let value = read(&mut fields);
        let faults = fields.finish();
        if faults.is_empty() { Ok(value) } else { Err(Failure::faults(faults)) }
    }
}

impl<R: Right> FromRequest<Arc<App>> for Post<R> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let who = Who::asks(app, &parts).await?;
        let body = read_body(&parts.headers, body, app).await?;
        if !body.is_empty() && !is_json(&parts.headers) {
            return Err(Code::NotJson.into());
        }
        let key = idempotency(&parts, &body, &who.known)?;
        Ok(Post { who, body, key })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return false };
    let media = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    let media = media.trim_ascii();
    media.eq_ignore_ascii_case(b"application/json")
        || (media.len() > 17
            && media[..12].eq_ignore_ascii_case(b"application/")
            && media[media.len() - 5..].eq_ignore_ascii_case(b"+json"))
}

/// The whole body.
///
/// # Errors
/// 413 for one over the limit, 408 for one that takes too long.
async fn read_body(headers: &HeaderMap, body: Body, app: &App) -> Result<Bytes, Failure> {
    let limits = &app.settings.limits;
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let mut reader = Reader { body, read: 0 };
    let too_large = announced.is_some_and(|length| length > limits.body_bytes as u64);
    if !too_large {
        let read = tokio::time::timeout(limits.body_within, reader.up_to(limits.body_bytes)).await;
        if let Some(bytes) = read.map_err(|_| Failure::from(Code::BodyTooSlow))?? {
            return Ok(bytes);
        }
    }
    // `Expect: 100-continue`: nobody has sent anything yet, and now nobody will.
    if !headers.contains_key(header::EXPECT) {
        let _ = tokio::time::timeout(DRAINED_WITHIN, reader.drain(DRAINED_BYTES)).await;
    }
    let detail = format!("A body may have {} bytes.", limits.body_bytes);
    Err(Failure::explained(Code::BodyTooLarge, detail))
}

struct Reader {
    body: Body,
    read: usize,
}

impl Reader {
    /// The body, or `None` when it has more than `limit` bytes. A body of one frame is not copied.
    async fn up_to(&mut self, limit: usize) -> Result<Option<Bytes>, Failure> {
        let Some(first) = self.frame().await? else { return Ok(Some(Bytes::new())) };
        if self.read > limit {
            return Ok(None);
        }
        if self.body.is_end_stream() {
            return Ok(Some(first));
        }
        let mut whole = first.to_vec();
        while let Some(next) = self.frame().await? {
            if self.read > limit {
                return Ok(None);
            }
            whole.extend_from_slice(&next);
        }
        Ok(Some(whole.into()))
    }

    async fn drain(&mut self, limit: usize) -> Result<(), Failure> {
        while self.read < limit && self.frame().await?.is_some() {}
        Ok(())
    }

    /// The next bytes; `None` at the end.
    async fn frame(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            match poll_fn(|context| Pin::new(&mut self.body).poll_frame(context)).await {
                None => return Ok(None),
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        self.read += bytes.len();
                        return Ok(Some(bytes));
                    }
                }
                Some(Err(_)) => {
                    return Err(Failure::explained(Code::MalformedJson, "the body broke off"));
                }
            }
        }
    }
}

fn idempotency(
    parts: &Parts,
    body: &[u8],
    known: &Known,
) -> Result<Option<IdempotencyKey>, Failure> {
    let Some(value) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key =
        value.to_str().ok().map(str::trim).filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
    let Some(key) = key else {
        let detail = format!("must be 1 to {LONGEST_KEY} printable ASCII characters");
        return Err(Failure::parameters(vec![Fault::new("Idempotency-Key", detail)]));
    };
    let mut hash = Sha256::new();
    for part in [parts.method.as_str().as_bytes(), b" ", parts.uri.path().as_bytes(), b"\n", body] {
        hash.update(part);
    }
    Ok(Some(IdempotencyKey {
        scope: known.scope(),
        key: key.into(),
        fingerprint: hash.finalize().into(),
    }))
}

/// The `{id}` of a path, taken as it is: who asks is found out first.
#[derive(Debug)]
pub struct Id(String);

impl Id {
    /// # Errors
    /// 404 for what cannot be a lead's id.
    pub fn lead(&self) -> Result<LeadId, Failure> {
        self.0.parse().map_err(|_| Code::NoSuchLead.into())
    }

    /// # Errors
    /// 404 for what cannot be a contact's id.
    pub fn contact(&self) -> Result<ContactId, Failure> {
        self.0.parse().map_err(|_| Code::NoSuchContact.into())
    }

    pub fn rep(self) -> RepId {
        RepId(self.0)
    }
}

impl FromRequestParts<Arc<App>> for Id {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Self, Self::Rejection> {
        // A segment that is not UTF-8 is nobody's id.
        let path = Path::<String>::from_request_parts(parts, app).await;
        Ok(Id(path.map(|Path(id)| id).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_type_is_json_with_parameters_and_as_a_suffix() {
        let read = |value: &'static str| {
            is_json(&HeaderMap::from_iter([(
                header::CONTENT_TYPE,
                value.parse().expect("a header"),
            )]))
        };
        for json in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/vnd.ringback+json",
            "application/json ;charset=utf-8",
        ] {
            assert!(read(json), "{json}");
        }
        for other in
            ["text/plain", "application/jsonp", "application/+json", "json", "application/xml+xml"]
        {
            assert!(!read(other), "{other}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
