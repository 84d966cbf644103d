//! What the stand-in posts to us, signed as Twilio signs.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use tokio::sync::mpsc;

use super::{ACCOUNT, Call, Shared, TOKEN};

/// How status callbacks are told.
#[derive(Clone, Copy, Debug)]
pub enum Telling {
    /// Each at once, one after the other.
    Promptly,
    /// Each twice.
    Twice,
    /// Each up to this much late, so that they overtake each other.
    UpTo(Duration),
    /// Each twice, and each up to this much late.
    TwiceUpTo(Duration),
    /// Not at all.
    Never,
}

/// A status callback on its way.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub url: String,
    pub form: Vec<(String, String)>,
}

/// An answer to a request for TwiML.
pub(crate) struct Reply {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

/// Delivers status callbacks for as long as the stand-in lives. Their answers do not matter, and none is sent again.
pub(crate) async fn deliver_all(mut parcels: mpsc::UnboundedReceiver<Parcel>, shared: Arc<Shared>) {
    let mut lateness = 0x9E37_79B9_u64;
    while let Some(Parcel { url, form }) = parcels.recv().await {
        let telling = *shared.telling.lock().unwrap();
        let (times, window) = match telling {
            Telling::Never => continue,
            Telling::Promptly => (1, None),
            Telling::Twice => (2, None),
            Telling::UpTo(window) => (1, Some(window)),
            Telling::TwiceUpTo(window) => (2, Some(window)),
        };
        for _ in 0..times {
            let Some(window) = window else {
                tell(&shared, &url, &form).await;
                continue;
            };
            lateness = lateness
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let wait = window.mul_f64((lateness >> 40) as f64 / (1_u64 << 24) as f64);
            let (shared, url, form) = (Arc::clone(&shared), url.clone(), form.clone());
            tokio::spawn(async move {
                tokio::time::sleep(wait).await;
                tell(&shared, &url, &form).await;
            });
        }
    }
}

async fn tell(shared: &Shared, url: &str, form: &[(String, String)]) {
    match post(shared, url, form).await {
        Ok(reply) if reply.status / 100 == 2 => {}
        Ok(reply) => shared.warn(15_003, format!("status {} from {url}", reply.status)),
        Err(error) => shared.warn(11_205, format!("{url}: {error}")),
    }
}

/// Posts a form to an address of ours, and hands out the answer. A connection that fails is tried once more, an answer
/// that is an error is not.
pub(crate) async fn post(
    shared: &Shared,
    url: &str,
    form: &[(String, String)],
) -> Result<Reply, reqwest::Error> {
    let token = shared.sid("");
    match attempt(shared, url, form, &token).await {
        Err(error) if error.is_connect() => attempt(shared, url, form, &token).await,
        settled => settled,
    }
}

async fn attempt(
    shared: &Shared,
    url: &str,
    form: &[(String, String)],
    token: &str,
) -> Result<Reply, reqwest::Error> {
    let routes = shared.state().routes.clone();
    let route =
        routes.iter().find_map(|(public, to)| Some((url.strip_prefix(public.as_str())?, to)));
    let target = route.map_or(url.to_owned(), |(rest, to)| format!("http://{to}{rest}"));
    let host = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let response = shared
        .http
        .post(target)
        .header("host", host)
        .header("user-agent", "TwilioProxy/1.1")
        .header("i-twilio-idempotency-token", token)
        .header("x-twilio-signature", sign(url, form, shared.options.sign_with_port))
        .timeout(Duration::from_secs(15))
        .form(form)
        .send()
        .await?;
    let status = response.status().as_u16();
    let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    Ok(Reply { status, content_type, body: response.text().await? })
}

/// The signature of a form to a URL, by the vendor's documentation and not by our own code.
pub(crate) fn sign(url: &str, form: &[(String, String)], with_port: bool) -> String {
    let mut text = url.to_owned();
    if with_port {
        let (scheme, rest) = url.split_once("://").unwrap();
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let port = if scheme == "https" { 443 } else { 80 };
        if !host.contains(':') {
            text = format!("{scheme}://{host}:{port}{path}");
        }
    }
    let mut pairs = form.to_vec();
    pairs.sort();
    pairs.dedup();
    for (name, value) in pairs {
        text += &name;
        text += &value;
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// What every request about a leg carries.
pub(crate) fn standard(call: &Call, status: &str) -> Vec<(String, String)> {
    let mut form: Vec<(String, String)> = [
        ("CallSid", call.sid.as_str()),
        ("AccountSid", ACCOUNT),
        ("From", &call.from),
        ("To", &call.to),
        ("Caller", &call.from),
        ("Called", &call.to),
        ("CallStatus", status),
        ("Direction", call.direction),
        ("ApiVersion", "2010-04-01"),
        ("FromCountry", "GB"),
        ("FromCity", ""),
        ("ToCountry", "GB"),
        ("ToCity", ""),
    ]
    .iter()
    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
    .collect();
    if let Some(parent) = &call.parent {
        form.push(("ParentCallSid".into(), parent.clone()));
    }
    form
}

pub(crate) fn with(form: &mut Vec<(String, String)>, name: &str, value: impl ToString) {
    form.push((name.to_owned(), value.to_string()));
}
