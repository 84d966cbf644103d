//! Proof that a request comes from Twilio: `X-Twilio-Signature`.
//!
//! HMAC over the URL as it was configured, with the names and values of the form behind it, keyed with the account's token.
//! The URL is ours to know: it is put together from `public_url` and what was asked for, never from headers that anybody can
//! send. The signer is inconsistent about ports, so the URL is tried without one and with one. A replay verifies; that the
//! same event twice changes nothing is the defence.

#[cfg(test)]
mod tests;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::form::Form;

/// The header that carries the signature.
pub const HEADER: &str = "x-twilio-signature";
/// The header that names another key and algorithm, if the account signs with a shared key.
pub const SETTINGS_HEADER: &str = "x-twilio-webhooks-signature-settings";

/// Checks requests that claim to come from Twilio.
#[derive(Clone, Debug)]
pub struct Verifier {
    /// Without a slash at the end.
    public_url: String,
    tokens: Vec<SecretString>,
    shared_keys: Vec<SharedKey>,
}

/// A key of its own for webhooks, made in Twilio's console.
#[derive(Clone, Debug)]
pub struct SharedKey {
    pub id: String,
    pub secret: SecretString,
    /// A request may not choose a weaker one.
    pub algorithm: Algorithm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    HmacSha1,
    HmacSha256,
}

/// What of a request is needed to judge it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Incoming<'a> {
    /// Path and query exactly as received: not decoded, not sorted.
    pub target: &'a str,
    /// [`HEADER`].
    pub signature: Option<&'a str>,
    /// [`SETTINGS_HEADER`].
    pub settings: Option<&'a str>,
    pub content_type: Option<&'a str>,
    pub body: &'a [u8],
}

/// Why a request is refused: 403 for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Forged {
    #[error("there is no signature")]
    Unsigned,
    #[error("the signature does not fit")]
    WrongSignature,
    #[error("the body is not the one that was signed")]
    WrongBody,
    #[error("the body is not covered by the signature")]
    UnprotectedBody,
    #[error("the signature names a key or an algorithm that is not configured")]
    UnknownKey,
}

impl Verifier {
    /// For requests to `public_url`. Several tokens while one replaces another: each may be the one that signs.
    pub fn new(public_url: &str, tokens: impl IntoIterator<Item = SecretString>) -> Verifier {
        Verifier {
            public_url: public_url.trim_end_matches('/').to_owned(),
            tokens: tokens.into_iter().collect(),
            shared_keys: Vec::new(),
        }
    }

    /// Accepts requests signed with a shared key too.
    #[must_use]
    pub fn with_shared_key(mut self, key: SharedKey) -> Verifier {
        self.shared_keys.push(key);
        self
    }

    /// Judges a request, and hands out the form that was signed (empty for JSON and for GET).
    ///
    /// # Errors
    /// Why it is refused. Nothing of the request may be believed then.
    pub fn verify(&self, request: Incoming<'_>) -> Result<Form, Forged> {
        self.verify_at(&format!("{}{}", self.public_url, request.target), request)
    }

    /// Judges the upgrade to a WebSocket: its URL is the one written in the TwiML, with `wss` for `https`. With a query, some
    /// signers take it for part of the URL and some for parameters: either is accepted.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn verify_upgrade(&self, request: Incoming<'_>) -> Result<(), Forged> {
        let url = format!("{}{}", self.public_url, request.target);
        let url = match url.split_once("://") {
            Some(("https", rest)) => format!("wss://{rest}"),
            Some(("http", rest)) => format!("ws://{rest}"),
            _ => url,
        };
        self.verify_upgrade_at(&url, request)
    }

    fn verify_at(&self, url: &str, request: Incoming<'_>) -> Result<Form, Forged> {
        if let Some(expected) = query_value(url, "bodySHA256") {
            self.verify_text(url, &Form::default(), request)?;
            let hash = hex(&Sha256::digest(request.body));
            let same = bool::from(hash.as_bytes().ct_eq(expected.as_bytes()));
            return if same { Ok(Form::default()) } else { Err(Forged::WrongBody) };
        }
        if !request.body.is_empty() && !is_form(request.content_type) {
            return Err(Forged::UnprotectedBody);
        }
        let form = Form::parse(request.body);
        self.verify_text(url, &form, request)?;
        Ok(form)
    }

    fn verify_upgrade_at(&self, url: &str, request: Incoming<'_>) -> Result<(), Forged> {
        let whole = self.verify_text(url, &Form::default(), request);
        match (whole, url.split_once('?')) {
            (Err(Forged::WrongSignature), Some((path, query))) => {
                self.verify_text(path, &Form::parse(query.as_bytes()), request)
            }
            _ => whole,
        }
    }

    /// Every key over every form of the URL, without stopping at the first that fits.
    fn verify_text(&self, url: &str, form: &Form, request: Incoming<'_>) -> Result<(), Forged> {
        let signature = request.signature.ok_or(Forged::Unsigned)?;
        let signature = STANDARD.decode(signature).map_err(|_| Forged::WrongSignature)?;
        let keys = self.keys(request.settings)?;
        let parameters = signed_parameters(form);
        let mut fits = Choice::from(0);
        for url in with_and_without_port(url) {
            let text = [url.as_bytes(), parameters.as_bytes()];
            for (secret, algorithm) in &keys {
                fits |= digest(secret, *algorithm, text).ct_eq(&signature);
            }
        }
        if bool::from(fits) { Ok(()) } else { Err(Forged::WrongSignature) }
    }

    /// The keys that a request may be signed with. What its header names must be what was configured.
    fn keys(&self, settings: Option<&str>) -> Result<Vec<(&SecretString, Algorithm)>, Forged> {
        let setting = |name: &str| {
            settings.unwrap_or_default().split(',').find_map(|part| {
                let (key, value) = part.split_once('=')?;
                (key.trim() == name).then(|| value.trim())
            })
        };
        let with_token = || self.tokens.iter().map(|token| (token, Algorithm::HmacSha1)).collect();
        let algorithm = match setting("algorithm") {
            None => return Ok(with_token()),
            Some("HMAC_SHA1") => Algorithm::HmacSha1,
            Some("HMAC_SHA256") => Algorithm::HmacSha256,
            Some(_) => return Err(Forged::UnknownKey),
        };
        let Some(id) = setting("key") else { return Err(Forged::UnknownKey) };
        let known = |key: &&SharedKey| key.id == id && key.algorithm == algorithm;
        let key = self.shared_keys.iter().find(known).ok_or(Forged::UnknownKey)?;
        Ok(vec![(&key.secret, algorithm)])
    }
}

/// Names in code-point order; for each, its values sorted and each once; nothing between them.
fn signed_parameters(form: &Form) -> String {
    let mut pairs: Vec<&(String, String)> = form.pairs().iter().collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect()
}

fn digest(secret: &SecretString, algorithm: Algorithm, text: [&[u8]; 2]) -> Vec<u8> {
    fn run<M: Mac + KeyInit>(key: &[u8], text: [&[u8]; 2]) -> Vec<u8> {
        // HMAC takes keys of any length.
        let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
        text.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().to_vec()
    }
    let key = secret.expose_secret().as_bytes();
    match algorithm {
        Algorithm::HmacSha1 => run::<Hmac<Sha1>>(key, text),
        Algorithm::HmacSha256 => run::<Hmac<Sha256>>(key, text),
    }
}

/// The URL without a port, and with the one it has or else those that its scheme implies to one signer or another.
fn with_and_without_port(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else { return vec![url.to_owned()] };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            (host, Some(port))
        }
        _ => (authority, None),
    };
    let implied: &[&str] = match (port, scheme) {
        (Some(_), _) => &[],
        (None, "https") => &["443"],
        (None, "wss") => &["443", "80"],
        (None, _) => &["80"],
    };
    let mut urls = vec![format!("{scheme}://{host}{path}")];
    urls.extend(port.iter().chain(implied).map(|port| format!("{scheme}://{host}:{port}{path}")));
    urls
}

fn query_value<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}

fn is_form(content_type: Option<&str>) -> bool {
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
