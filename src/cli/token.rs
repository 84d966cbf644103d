//! Bearer tokens: 32 random bytes behind a prefix that scanners for leaked secrets can look for. Only the SHA-256 is kept;
//! with full entropy nothing slower is needed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::failure::Failure;
use crate::domain::command::TokenHash;

/// The file in the configuration folder in which `init` keeps a token, and in which clients look for one.
pub(super) const FILE: &str = "token";

/// A new token: shown once, never stored.
#[derive(Debug)]
pub(super) struct NewToken {
    pub(super) text: String,
    pub(super) hash: TokenHash,
}

impl NewToken {
    pub(super) fn make() -> Result<NewToken, Failure> {
        let text = format!("rb_{}", BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?));
        let hash = Sha256::digest(text.as_bytes()).into();
        Ok(NewToken { text, hash })
    }
}

/// Bytes that nobody can guess.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::failed(format!("the system gives no random numbers: {error}")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_url_safe_and_never_twice_the_same() {
        let (one, other) = (NewToken::make().unwrap(), NewToken::make().unwrap());
        assert_ne!(one.text, other.text);
        assert_eq!(one.text.len(), 3 + 43);
        assert!(one.text.starts_with("rb_"));
        assert!(one.text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
        assert_eq!(one.hash[..], Sha256::digest(one.text.as_bytes())[..]);
    }
}
