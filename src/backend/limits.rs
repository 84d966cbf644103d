//! How much one client may ask for: requests a second by token, and by address for those who show no valid one.
//!
//! Peers are told apart by the address of the connection: a header such as `X-Forwarded-For` says what its sender likes.

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};

use super::auth::{Known, TokenRole};
use crate::domain::command::TokenHash;

/// How much the service takes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a second for one ingest key. The default is above what a small machine can store: a night's backlog is
    /// never slowed by us.
    pub ingest_per_second: u32,
    /// Requests a second for one person's token, with a burst of twice as many.
    pub rep_per_second: u32,
    /// Requests a second for one address that shows no valid token, with a burst of twice as many.
    pub strangers_per_second: u32,
    /// Open connections, streams included.
    pub max_connections: usize,
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// How long a body may take to arrive.
    pub body_within: Duration,
    /// How long a connection may take to its first request.
    pub first_request_within: Duration,
    /// How long an answer may take; streams answer at once, and then go on.
    pub answer_within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            ingest_per_second: 50_000,
            rep_per_second: 500,
            strangers_per_second: 10,
            max_connections: 4_096,
            body_bytes: 64 * 1024,
            body_within: Duration::from_secs(10),
            first_request_within: Duration::from_secs(10),
            answer_within: Duration::from_secs(30),
        }
    }
}

/// Come back after this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    pub retry_after: Duration,
}

/// The counts behind the limits.
pub struct RateLimits {
    programs: DefaultKeyedRateLimiter<TokenHash>,
    people: DefaultKeyedRateLimiter<TokenHash>,
    strangers: DefaultKeyedRateLimiter<IpAddr>,
    /// Addresses that have used up what strangers may ask, until when.
    barred: Mutex<HashMap<IpAddr, Instant>>,
    clock: DefaultClock,
}

impl RateLimits {
    pub fn new(limits: &Limits) -> RateLimits {
        let quota = |per_second: u32, burst: u32| {
            let at_least_one = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
            Quota::per_second(at_least_one(per_second)).allow_burst(at_least_one(burst))
        };
        RateLimits {
            programs: RateLimiter::keyed(quota(limits.ingest_per_second, limits.ingest_per_second)),
            people: RateLimiter::keyed(quota(
                limits.rep_per_second,
                limits.rep_per_second.saturating_mul(2),
            )),
            strangers: RateLimiter::keyed(quota(
                limits.strangers_per_second,
                limits.strangers_per_second.saturating_mul(2),
            )),
            barred: Mutex::new(HashMap::new()),
            clock: DefaultClock::default(),
        }
    }

    /// One request of somebody we know.
    pub fn known(&self, known: &Known) -> Result<(), TooMany> {
        let limiter = match known.role {
            TokenRole::Ingest => &self.programs,
            TokenRole::Rep | TokenRole::Supervisor => &self.people,
        };
        limiter.check_key(&known.hash).map_err(|not_until| TooMany {
            retry_after: not_until.wait_time_from(self.clock.now()),
        })
    }

    /// One request without a valid token.
    pub fn stranger(&self, peer: IpAddr) -> Result<(), TooMany> {
        let peer = network(peer);
        self.strangers.check_key(&peer).map_err(|not_until| {
            let retry_after = not_until.wait_time_from(self.clock.now());
            self.barred().insert(peer, Instant::now() + retry_after);
            TooMany { retry_after }
        })
    }

    /// Whether a token never seen before is worth a look in the database, coming from there.
    pub fn worth_a_look(&self, peer: IpAddr) -> Result<(), TooMany> {
        let until = self.barred().get(&network(peer)).copied();
        match until.map(|until| until.saturating_duration_since(Instant::now())) {
            Some(retry_after) if !retry_after.is_zero() => Err(TooMany { retry_after }),
            _ => Ok(()),
        }
    }

    /// Forgets those who have been quiet. To be called now and then.
    pub fn forget_the_quiet(&self) {
        self.programs.retain_recent();
        self.people.retain_recent();
        self.strangers.retain_recent();
        let now = Instant::now();
        self.barred().retain(|_, until| *until > now);
    }

    fn barred(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, Instant>> {
        self.barred.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever has an IPv6 network has all its addresses: a /64 counts as one.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6([a, b, c, d, 0, 0, 0, 0].into())
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_who_asks_too_often_is_told_when_to_come_back_and_others_are_not_held_up() {
        let limits = RateLimits::new(&Limits { strangers_per_second: 1, ..Limits::default() });
        let peer: IpAddr = [192, 0, 2, 7].into();
        assert_eq!(limits.stranger(peer), Ok(()));
        assert_eq!(limits.worth_a_look(peer), Ok(()));
        assert_eq!(limits.stranger(peer), Ok(()));
        let TooMany { retry_after } = limits.stranger(peer).expect_err("the third is too many");
        assert!(retry_after <= Duration::from_secs(1) && !retry_after.is_zero(), "{retry_after:?}");
        assert!(limits.worth_a_look(peer).is_err());
        assert_eq!(limits.stranger([192, 0, 2, 8].into()), Ok(()));
    }

    #[test]
    fn an_ipv6_network_counts_as_one_and_a_mapped_ipv4_as_itself() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(network(ip("2001:db8:1:2:3:4:5:6")), network(ip("2001:db8:1:2::9")));
        assert_ne!(network(ip("2001:db8:1:2::1")), network(ip("2001:db8:1:3::1")));
        assert_eq!(network(ip("::ffff:192.0.2.7")), ip("192.0.2.7"));
    }
}
