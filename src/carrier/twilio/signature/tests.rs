use serde::Deserialize;

use super::*;

const VECTORS: &str = include_str!("../../../../tests/data/twilio-signatures.json");

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    kind: String,
    token: String,
    url: String,
    content_type: Option<String>,
    #[serde(default)]
    body: String,
    settings_header: Option<String>,
    string_to_sign: String,
    signature: String,
    valid: bool,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str::<File>(VECTORS).expect("the vectors").vectors
}

impl Vector {
    fn request(&self) -> Incoming<'_> {
        Incoming {
            target: "",
            signature: Some(&self.signature),
            settings: self.settings_header.as_deref(),
            content_type: self.content_type.as_deref(),
            body: self.body.as_bytes(),
        }
    }

    /// Where the URL's path begins: what stands before it is the public URL.
    fn path_at(&self) -> usize {
        let host = self.url.find("://").expect("a scheme") + 3;
        host + self.url[host..].find('/').expect("a path")
    }

    fn verifier(&self) -> Verifier {
        let public = self.url[..self.path_at()].replacen("wss:", "https:", 1);
        let verifier = Verifier::new(&public, [SecretString::from(self.token.clone())]);
        match self.settings_header {
            Some(_) => verifier.with_shared_key(SharedKey {
                id: "webhooks_sharedkey_01jz8x5v9q".into(),
                secret: self.token.clone().into(),
                algorithm: Algorithm::HmacSha256,
            }),
            None => verifier,
        }
    }

    fn judge(&self, request: Incoming<'_>) -> Result<(), Forged> {
        let request = Incoming { target: &self.url[self.path_at()..], ..request };
        match self.kind.as_str() {
            "websocket" => self.verifier().verify_upgrade(request),
            _ => self.verifier().verify(request).map(drop),
        }
    }
}

#[test]
fn every_vector_is_judged_as_the_vendors_own_libraries_judge_it() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 30);
    for vector in &vectors {
        let judged = vector.judge(vector.request());
        assert_eq!(judged.is_ok(), vector.valid, "{}: {judged:?}", vector.name);
    }
    assert_eq!(vectors.iter().filter(|vector| !vector.valid).count(), 6);
}

#[test]
fn the_form_handed_out_is_the_one_that_was_signed() {
    let vectors = vectors();
    let vector = vectors.iter().find(|vector| vector.name == "inbound-voice-uk").expect("a vector");
    let target = &vector.url[vector.path_at()..];
    let form = vector.verifier().verify(Incoming { target, ..vector.request() }).expect("valid");
    assert_eq!(form.get("From"), Some("+447700900123"));
    assert!(vector.string_to_sign.ends_with(&signed_parameters(&form)));
}

#[test]
fn a_request_without_its_signature_or_with_any_bit_of_it_changed_is_refused() {
    for vector in vectors().iter().filter(|vector| vector.valid) {
        let unsigned = Incoming { signature: None, ..vector.request() };
        assert_eq!(vector.judge(unsigned), Err(Forged::Unsigned), "{}", vector.name);
        let signature = STANDARD.decode(&vector.signature).expect("base64");
        for bit in 0..signature.len() * 8 {
            let mut changed = signature.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let changed = STANDARD.encode(changed);
            let request = Incoming { signature: Some(&changed), ..vector.request() };
            assert_eq!(vector.judge(request), Err(Forged::WrongSignature), "{}", vector.name);
        }
        for cut in ["", "=", "not base64 !", &vector.signature[..vector.signature.len() - 4]] {
            let request = Incoming { signature: Some(cut), ..vector.request() };
            assert_eq!(vector.judge(request), Err(Forged::WrongSignature), "{cut:?}");
        }
    }
}

#[test]
fn a_body_that_the_signature_does_not_cover_is_refused() {
    let vectors = vectors();
    let json = vectors.iter().find(|vector| vector.name == "json-unicode-body").expect("a vector");
    let other = Incoming { body: b"{}", ..json.request() };
    assert_eq!(json.judge(other), Err(Forged::WrongBody));
    // The same URL and signature, with a form instead of JSON: the hash still has to fit.
    let form = Incoming {
        body: b"From=%2B447700900123",
        content_type: Some("application/x-www-form-urlencoded"),
        ..json.request()
    };
    assert_eq!(json.judge(form), Err(Forged::WrongBody));
    // JSON without a hash, however well its URL is signed.
    let get = vectors.iter().find(|vector| vector.name == "get-with-query").expect("a vector");
    let smuggled =
        Incoming { body: b"{}", content_type: Some("application/json"), ..get.request() };
    assert_eq!(get.judge(smuggled), Err(Forged::UnprotectedBody));
}

#[test]
fn a_header_cannot_choose_the_key_or_a_weaker_algorithm() {
    let vectors = vectors();
    let shared = vectors.iter().find(|vector| vector.name == "shared-key-sha256").expect("one");
    for settings in [
        "key=webhooks_sharedkey_01jz8x5v9q,algorithm=HMAC_SHA1",
        "key=another,algorithm=HMAC_SHA256",
        "algorithm=HMAC_SHA256",
        "key=webhooks_sharedkey_01jz8x5v9q,algorithm=none",
        "algorithm=",
    ] {
        let request = Incoming { settings: Some(settings), ..shared.request() };
        assert_eq!(shared.judge(request), Err(Forged::UnknownKey), "{settings}");
    }
    // Without an algorithm, the account's token signs: the shared key's digest does not fit.
    for settings in [None, Some(""), Some("key=webhooks_sharedkey_01jz8x5v9q")] {
        let request = Incoming { settings, ..shared.request() };
        assert_eq!(shared.judge(request), Err(Forged::WrongSignature));
    }
}

#[test]
fn while_a_token_is_replaced_either_signs() {
    let vectors = vectors();
    let vector = &vectors[0];
    let target = &vector.url[vector.path_at()..];
    let judge = |tokens: &[&str]| {
        let tokens = tokens.iter().map(|token| SecretString::from((*token).to_owned()));
        Verifier::new(&vector.url[..vector.path_at()], tokens)
            .verify(Incoming { target, ..vector.request() })
            .is_ok()
    };
    assert!(judge(&["next", &vector.token]) && judge(&[&vector.token, "next"]));
    assert!(!judge(&["next"]) && !judge(&[]));
}

#[test]
fn a_public_url_with_a_path_in_front_is_part_of_what_is_signed() {
    let secret = SecretString::from("12345");
    let url = b"https://example.co.uk/ringback/webhooks/twilio/whisper";
    let signature = STANDARD.encode(digest(&secret, Algorithm::HmacSha1, [url, b""]));
    let verifier = Verifier::new("https://example.co.uk/ringback/", [secret]);
    let request = Incoming {
        target: "/webhooks/twilio/whisper",
        signature: Some(&signature),
        ..Incoming::default()
    };
    assert_eq!(verifier.verify(request), Ok(Form::default()));
}

#[test]
fn ports_are_tried_both_ways_and_hosts_in_brackets_are_left_whole() {
    for (url, tried) in [
        ("https://a.uk/x?y=1:2", vec!["https://a.uk/x?y=1:2", "https://a.uk:443/x?y=1:2"]),
        ("https://a.uk:8443/x", vec!["https://a.uk/x", "https://a.uk:8443/x"]),
        ("http://a.uk", vec!["http://a.uk", "http://a.uk:80"]),
        ("wss://a.uk/x", vec!["wss://a.uk/x", "wss://a.uk:443/x", "wss://a.uk:80/x"]),
        ("http://[::1]/x", vec!["http://[::1]/x", "http://[::1]:80/x"]),
        ("http://[::1]:81/x", vec!["http://[::1]/x", "http://[::1]:81/x"]),
        ("nonsense", vec!["nonsense"]),
    ] {
        assert_eq!(with_and_without_port(url), tried, "{url}");
    }
}
