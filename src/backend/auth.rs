//! Who asks: bearer tokens and what their holders may do. Only hashes of tokens are looked at, and only valid ones are
//! remembered, for a second.

use std::{
    collections::HashMap,
    marker::PhantomData,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{app::App, failure::Failure};
use crate::{
    domain::{command::TokenHash, decision::TokenOwner, journal::Actor, person::Role},
    store::{KnownToken, Store, StoreError},
    wire::problem::Code,
};

/// How long a token is believed without asking the store again. A change made by this process counts at once.
const BELIEVED_FOR: Duration = Duration::from_secs(1);
/// While the database is away, whoever was valid so shortly before stays so: they may see the queue as it was. Nobody may
/// change anything then.
const BELIEVED_SINCE: Duration = Duration::from_secs(600);
/// Longer than any token of ours: not worth hashing.
const LONGEST_TOKEN: usize = 512;

/// The hash under which a bearer token is kept. Tokens have full entropy, so a plain SHA-256 is enough.
pub fn token_hash(token: &str) -> TokenHash {
    Sha256::digest(token).into()
}

/// What a token's holder may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenRole {
    /// A program that reports calls.
    Ingest,
    Rep,
    Supervisor,
}

impl TokenRole {
    pub fn as_str(self) -> &'static str {
        match self {
            TokenRole::Ingest => "ingest",
            TokenRole::Rep => "rep",
            TokenRole::Supervisor => "supervisor",
        }
    }
}

/// Somebody whose token is valid.
#[derive(Clone, Debug)]
pub struct Known {
    pub hash: TokenHash,
    pub actor: Actor,
    pub role: TokenRole,
    /// Handle or key, and name.
    pub id: String,
    pub name: String,
    pub expires_at: Option<Timestamp>,
}

impl Known {
    /// `None` for a person who no longer works here.
    fn of(hash: TokenHash, token: KnownToken) -> Option<Known> {
        let KnownToken { owner, person, expires_at } = token;
        let (actor, role, id, name) = match (owner, person) {
            (TokenOwner::Key { id, name }, _) => {
                let actor = Actor::Program { id: id.clone(), name: name.clone() };
                (actor, TokenRole::Ingest, id, name)
            }
            (TokenOwner::Person { .. }, Some(person)) if !person.removed => {
                let role = match person.role {
                    Role::Rep => TokenRole::Rep,
                    Role::Supervisor => TokenRole::Supervisor,
                };
                (Actor::Person(person.as_ref()), role, person.id.0, person.name)
            }
            (TokenOwner::Person { .. }, _) => return None,
        };
        Some(Known { hash, actor, role, id, name, expires_at })
    }

    /// Whose idempotency keys these are: those of two senders never meet.
    pub fn scope(&self) -> String {
        match self.role {
            TokenRole::Ingest => format!("key:{}", self.id),
            TokenRole::Rep | TokenRole::Supervisor => format!("person:{}", self.id),
        }
    }

    fn valid_at(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// The tokens seen to be valid lately.
#[derive(Default)]
pub struct Tokens {
    seen: RwLock<HashMap<TokenHash, Seen>>,
}

/// Somebody who was valid when last looked at.
#[derive(Clone)]
struct Seen {
    known: Arc<Known>,
    at: Instant,
    /// People or keys have changed since.
    doubted: bool,
}

impl Seen {
    fn is_fresh(&self) -> bool {
        !self.doubted && self.at.elapsed() < BELIEVED_FOR
    }

    /// Whether they may be believed in an outage that began then.
    fn outlasts(&self, outage: Instant) -> bool {
        !self.doubted && outage.saturating_duration_since(self.at) < BELIEVED_SINCE
    }
}

impl Tokens {
    fn recall(&self, hash: &TokenHash) -> Option<Seen> {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        seen.get(hash).cloned()
    }

    async fn look_up(
        &self,
        store: &dyn Store,
        hash: TokenHash,
    ) -> Result<Option<Arc<Known>>, StoreError> {
        let looked = Instant::now();
        let known = store.token(hash).await?.and_then(|token| Known::of(hash, token)).map(Arc::new);
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        match &known {
            Some(known) => {
                seen.insert(hash, Seen { known: known.clone(), at: looked, doubted: false })
            }
            None => seen.remove(&hash),
        };
        Ok(known)
    }

    /// Looks everybody up again: people or keys have changed. Who was valid stays known as such, so that a flood of wrong
    /// tokens from the same address does not lock them out.
    pub fn doubt_all(&self) {
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        seen.values_mut().for_each(|seen| seen.doubted = true);
    }

    /// Whether a token that opened a stream is still valid.
    pub async fn still_valid(&self, app: &App, hash: TokenHash) -> bool {
        match self.look_up(&*app.store, hash).await {
            Ok(known) => known.is_some_and(|known| known.valid_at(app.clock.now())),
            // The store cannot say: the stream fails by itself if that lasts.
            Err(_) => true,
        }
    }
}

/// The other end of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Who asks.
///
/// # Errors
/// 401 without a valid token, 429 for too many requests; both long before a body is read.
pub async fn authenticate(app: &App, parts: &Parts) -> Result<Arc<Known>, Failure> {
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
    let refuse = |code| match peer.map_or(Ok(()), |peer| app.rates.stranger(peer)) {
        Ok(()) => Failure::from(code),
        Err(too_many) => Failure::from(too_many),
    };
    let Some(token) = bearer(&parts.headers) else { return Err(refuse(Code::TokenMissing)) };
    if token.len() > LONGEST_TOKEN {
        return Err(refuse(Code::TokenRefused));
    }
    let hash = token_hash(token);
    let known = match app.tokens.recall(&hash) {
        Some(seen) if seen.is_fresh() => Some(seen.known),
        Some(seen) => look_again(app, hash, seen).await?,
        None => {
            peer.map_or(Ok(()), |peer| app.rates.worth_a_look(peer))?;
            app.tokens.look_up(&*app.store, hash).await?
        }
    };
    match known.filter(|known| known.valid_at(app.clock.now())) {
        Some(known) => {
            app.rates.known(&known)?;
            Ok(known)
        }
        None => Err(refuse(Code::TokenRefused)),
    }
}

/// Looks up somebody who was valid before; while the database is away, that must do.
async fn look_again(
    app: &App,
    hash: TokenHash,
    seen: Seen,
) -> Result<Option<Arc<Known>>, StoreError> {
    let away = app.database.away();
    if away.is_some_and(|away| seen.outlasts(away.since)) {
        return Ok(Some(seen.known));
    }
    let asked = Instant::now();
    match app.tokens.look_up(&*app.store, hash).await {
        Err(StoreError::Unavailable(_)) if seen.outlasts(asked) => {
            app.database.doubt();
            Ok(Some(seen.known))
        }
        known => known,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// A column of the contract's table: who may use a route.
pub trait Right: Send + Sync + 'static {
    fn allows(role: TokenRole) -> bool;
    /// For the refusal.
    const WHO: &'static str;
}

/// Programs that report calls.
#[derive(Debug)]
pub struct Programs;
/// Reps and supervisors.
#[derive(Debug)]
pub struct Reps;
#[derive(Debug)]
pub struct Supervisors;
/// Whoever has a token.
#[derive(Debug)]
pub struct Anyone;

impl Right for Programs {
    fn allows(role: TokenRole) -> bool {
        role == TokenRole::Ingest
    }
    const WHO: &'static str = "This needs an ingest key (`ringback key add`).";
}

impl Right for Reps {
    fn allows(role: TokenRole) -> bool {
        role != TokenRole::Ingest
    }
    const WHO: &'static str = "This needs a rep's or a supervisor's token.";
}

impl Right for Supervisors {
    fn allows(role: TokenRole) -> bool {
        role == TokenRole::Supervisor
    }
    const WHO: &'static str = "This needs a supervisor's token.";
}

impl Right for Anyone {
    fn allows(_: TokenRole) -> bool {
        true
    }
    const WHO: &'static str = "This needs a token.";
}

/// Somebody who may use this route.
#[derive(Debug)]
pub struct Who<R> {
    pub known: Arc<Known>,
    right: PhantomData<R>,
}

impl<R: Right> Who<R> {
    /// # Errors
    /// 401, 403 or 429.
    pub async fn asks(app: &App, parts: &Parts) -> Result<Who<R>, Failure> {
        let known = authenticate(app, parts).await?;
        if R::allows(known.role) {
            Ok(Who { known, right: PhantomData })
        } else {
            Err(Failure::explained(Code::RoleMissing, R::WHO))
        }
    }
}

impl<R: Right> FromRequestParts<Arc<App>> for Who<R> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        Who::asks(app, parts).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_is_found_in_any_case_of_the_scheme_and_nothing_else_is() {
        let read = |value: &'static str| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().expect("a header"))]);
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(read("Bearer abc"), Some("abc".into()));
        assert_eq!(read("bearer  abc "), Some("abc".into()));
        for value in ["Bearer", "Bearer ", "Basic abc", "abc", ""] {
            assert_eq!(read(value), None, "{value}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }

    #[test]
    fn a_token_is_kept_as_its_sha256() {
        let hex: String = token_hash("abc").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
