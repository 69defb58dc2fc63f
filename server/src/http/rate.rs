//! How often somebody may ask: an allowance for each API token, each account, and each stranger's address.
//!
//! The allowance comes back evenly (the generic cell rate algorithm): a minute's worth may be used at once, and then as
//! fast as it comes. What a request costs is declared with its route. Answers tell what is left, in the `RateLimit` and
//! `RateLimit-Policy` fields of draft-ietf-httpapi-ratelimit-headers.
//!
//! Each server counts by itself, in bounded memory: when more ask than there is room for, those who were away longest
//! start afresh. The crate `governor` has the same algorithm; its table of keys grows with every address until somebody
//! sweeps it.

use crate::address::network;
use axum::http::{Extensions, HeaderMap, HeaderValue};
use quick_cache::sync::Cache;
use shared::{
    ApiError, ErrorCode,
    accounts::{Caller, Visitor},
    ids::UserId,
};
use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

const WINDOW: Duration = Duration::from_secs(60);
/// Allowances that are remembered: some megabytes.
const ROOM: usize = 32_768;

/// Put on a request that an API token sent: the token's hash.
#[derive(Debug, Clone)]
pub struct ByToken(pub String);

/// Whose allowance it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// An API token, by its hash.
    Token(String),
    Account(UserId),
    Address(Option<IpAddr>),
}

impl Key {
    /// The sender of a request, as `auth` found it.
    pub fn of(extensions: &Extensions) -> Self {
        match (extensions.get::<ByToken>(), extensions.get::<Caller>()) {
            (Some(ByToken(hash)), _) => Self::Token(hash.clone()),
            (_, Some(Caller::Known(actor))) => Self::Account(actor.user),
            _ => Self::stranger(extensions.get::<Visitor>()),
        }
    }

    /// Somebody who isn't known, by their address.
    pub fn stranger(visitor: Option<&Visitor>) -> Self {
        Self::Address(visitor.and_then(|visitor| visitor.address).map(network))
    }
}

/// What is left of an allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    quota: u32,
    remaining: u32,
    /// Seconds until all of it is back; or, when something was refused, until that may come again.
    seconds: u32,
}

impl RateLimit {
    /// Tells of it in an answer.
    pub fn tell(self, headers: &mut HeaderMap) {
        let policy = format!("\"requests\";q={};w={}", self.quota, WINDOW.as_secs());
        let limit = format!("\"requests\";r={};t={}", self.remaining, self.seconds);
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", limit)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }

    /// The error for who has nothing left.
    pub fn refusal(self) -> ApiError {
        let unit = if self.seconds == 1 { "second" } else { "seconds" };
        let message = format!("Too many requests. Try again in {} {unit}.", self.seconds);
        ApiError::new(ErrorCode::RateLimited, message).with_retry_after(self.seconds)
    }
}

/// The allowances of this server.
pub struct Rates {
    quota: u32,
    since: Instant,
    /// When each is whole again, in nanoseconds.
    whole_at: Cache<Key, Arc<Mutex<u64>>>,
}

impl Rates {
    /// So many requests a minute; 0 is without end.
    #[must_use]
    pub fn new(quota: u32) -> Self {
        Self { quota, since: Instant::now(), whole_at: Cache::new(ROOM) }
    }

    /// Takes the cost from an allowance; the error when there isn't enough, and nothing was taken.
    pub fn charge(&self, key: &Key, cost: u32) -> Result<Option<RateLimit>, RateLimit> {
        let now = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.charge_at(key, cost, now)
    }

    fn charge_at(&self, key: &Key, cost: u32, now: u64) -> Result<Option<RateLimit>, RateLimit> {
        const SECOND: u64 = 1_000_000_000;
        if self.quota == 0 {
            return Ok(None);
        }
        let window = WINDOW.as_secs() * SECOND;
        let each = (window / u64::from(self.quota)).max(1);
        let made = self.whole_at.get_or_insert_with(key, || Ok::<_, std::convert::Infallible>(Arc::default()));
        let whole_at = made.unwrap_or_default();
        // Nothing that holds the lock can leave it half done.
        let mut whole_at = whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        let used = whole_at.saturating_sub(now);
        // No single request is dearer than the whole allowance.
        let wanted = used + (each * u64::from(cost)).min(window);
        let standing = |used: u64, nanos: u64| RateLimit {
            quota: self.quota,
            remaining: u32::try_from(window.saturating_sub(used) / each).unwrap_or(u32::MAX),
            seconds: u32::try_from(nanos.div_ceil(SECOND)).unwrap_or(u32::MAX),
        };
        if wanted > window {
            return Err(standing(used, (wanted - window).max(1)));
        }
        *whole_at = now + wanted;
        Ok(Some(standing(wanted, wanted)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const SECOND: u64 = 1_000_000_000;

    fn account(n: u128) -> Key {
        Key::Account(UserId(Uuid::from_u128(n)))
    }

    #[test]
    fn an_allowance_is_used_and_comes_back() {
        let rates = Rates::new(60);
        for request in 1..=60 {
            let left = rates.charge_at(&account(1), 1, 0).unwrap().unwrap();
            assert_eq!((left.remaining, left.seconds), (60 - request, request));
        }
        let refused = rates.charge_at(&account(1), 1, 0).unwrap_err();
        assert_eq!((refused.remaining, refused.seconds, refused.refusal().retry_after), (0, 1, Some(1)));
        assert!(rates.charge_at(&account(2), 1, 0).is_ok(), "everybody has their own");
        assert!(rates.charge_at(&account(1), 1, SECOND).is_ok());
        assert_eq!(rates.charge_at(&account(1), 20, SECOND).unwrap_err().seconds, 20);
        assert!(rates.charge_at(&account(1), 20, 21 * SECOND).is_ok());
        assert_eq!(rates.charge_at(&account(1), 1, 1_000 * SECOND).unwrap().unwrap().remaining, 59);
    }

    #[test]
    fn what_costs_more_than_all_costs_all() {
        let rates = Rates::new(10);
        assert_eq!(rates.charge_at(&account(1), 50, 0).unwrap().unwrap().remaining, 0);
        assert!(rates.charge_at(&account(1), 1, 0).is_err());
    }

    #[test]
    fn without_a_quota_nothing_is_counted() {
        assert_eq!(Rates::new(0).charge_at(&account(1), 1, 0), Ok(None));
    }

    #[test]
    fn memory_is_bounded() {
        let rates = Rates::new(60);
        for n in 0..2 * ROOM as u128 {
            assert!(rates.charge_at(&account(n), 1, 0).is_ok());
        }
        assert!(rates.whole_at.len() <= ROOM);
    }

    #[test]
    fn a_stranger_s_ipv6_network_is_one() {
        let at = |address: &str| {
            Key::stranger(Some(&Visitor { address: Some(address.parse().unwrap()), ..Visitor::default() }))
        };
        assert_eq!(at("2001:db8::1"), at("2001:db8::2"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
    }
}
