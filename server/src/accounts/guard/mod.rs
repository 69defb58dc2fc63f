//! What stands between a flood of guesses and the passwords, without locking anybody's account.
//!
//! Failures are counted three ways: by account and address, by address, and by account over all strangers. Each count
//! makes the next attempt wait longer. Who has a good record for an account (a browser that signed in to it before,
//! shown by its device cookie, or an address from which it was signed in to lately) is counted apart from strangers, so
//! that whatever strangers do, the owner gets in; this is what OWASP calls device cookies. The rest of the order is the
//! [`queue`]'s.
//!
//! Accounts go by the address that was typed, whether there is such an account or not: both are treated alike. The
//! memory is this server's alone, bounded, and gone when it stops.

mod backoff;
mod known;
mod log;
mod queue;

pub use queue::Turn;

use crate::{address::network, clock::Clock};
use backoff::{Failures, Rule};
use known::Known;
use log::Log;
use queue::{Class, Place, Queue};
use shared::{ApiError, ErrorCode, Timestamp};
use std::{
    hash::{BuildHasher as _, RandomState},
    net::IpAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// One account from one address or browser: a person who mistypes, or somebody who guesses.
const PAIR: Rule = Rule {
    free: 5,
    first: Duration::from_secs(2),
    longest: Duration::from_secs(15 * 60),
    forget: Duration::from_secs(10 * 60),
};
/// One address, over all accounts: an office, or somebody who tries one password everywhere.
const ADDRESS: Rule =
    Rule { free: 20, first: Duration::from_secs(2), longest: Duration::from_secs(60), forget: Duration::from_secs(60) };
/// One account, over all strangers: many machines that guess together. A short wait, as it also keeps out an owner who
/// comes with a new browser from a new address meanwhile.
const ACCOUNT: Rule =
    Rule { free: 50, first: Duration::from_secs(1), longest: Duration::from_secs(10), forget: Duration::from_secs(10) };
/// Records of each kind: some megabytes in all.
const RECORDS: usize = 32_768;
/// What somebody waits whom the queue had no place for.
const FULL: Duration = Duration::from_secs(2);

/// Who tries to sign in.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The account's address as it was typed.
    pub account: &'a str,
    pub address: Option<IpAddr>,
    /// A browser that signed in to this account before.
    pub device: Option<&'a str>,
}

/// Lets attempts in, one by one, and learns how they went.
pub struct Guard {
    keys: RandomState,
    queue: Queue,
    records: Mutex<Records>,
    log: Log,
    clock: Clock,
    own_turns: AtomicU64,
}

struct Records {
    pairs: Failures,
    addresses: Failures,
    accounts: Failures,
    known: Known,
}

/// The keys that an attempt is counted under.
#[derive(Debug, Clone, Copy)]
struct Keys {
    pair: u64,
    account: u64,
    address: u64,
    device: bool,
}

impl Records {
    fn is_known(&self, keys: Keys, now: Timestamp) -> bool {
        keys.device || (self.known.knows(keys.account, keys.address, now) && !self.pairs.exceeded(keys.pair, now))
    }

    fn wait(&mut self, keys: Keys, now: Timestamp) -> Option<Duration> {
        let of_pair = self.pairs.wait(keys.pair, now);
        if self.is_known(keys, now) {
            return of_pair;
        }
        of_pair.max(self.addresses.wait(keys.address, now)).max(self.accounts.wait(keys.account, now))
    }
}

impl Guard {
    /// Hashes as many passwords at once as there are `processors`.
    pub fn new(processors: usize, clock: Clock) -> Self {
        let records = Records {
            pairs: Failures::new(PAIR, RECORDS),
            addresses: Failures::new(ADDRESS, RECORDS),
            accounts: Failures::new(ACCOUNT, RECORDS),
            known: Known::default(),
        };
        Self {
            keys: RandomState::new(),
            queue: Queue::new(processors),
            records: Mutex::new(records),
            log: Log::default(),
            clock,
            own_turns: AtomicU64::new(0),
        }
    }

    /// Waits until the attempt may be made; `rate-limited` when it has to come again later.
    pub async fn turn(&self, attempt: Attempt<'_>) -> Result<Turn, ApiError> {
        let keys = self.keys(attempt);
        let class = self.check(attempt, keys)?;
        let line = if class == Class::Known { keys.account } else { keys.address };
        let place = Place { class, line, account: keys.account };
        let turn = self.queue.turn(place).await.map_err(|queue::Full| self.refuse(attempt, FULL))?;
        // Those who were before it in the line may have failed.
        self.check(attempt, keys)?;
        Ok(turn)
    }

    /// A turn for what isn't an attempt: a new password that somebody with the right to set one sets.
    pub async fn own_turn(&self) -> Result<Turn, ApiError> {
        let line = self.keys.hash_one(("own", self.own_turns.fetch_add(1, Ordering::Relaxed)));
        let place = Place { class: Class::Known, line, account: line };
        self.queue.turn(place).await.map_err(|queue::Full| too_many(FULL))
    }

    /// As [`Guard::turn`], for what costs no hashing.
    pub fn check_only(&self, attempt: Attempt<'_>) -> Result<(), ApiError> {
        self.check(attempt, self.keys(attempt)).map(|_| ())
    }

    pub fn succeeded(&self, attempt: Attempt<'_>) {
        let (keys, now) = (self.keys(attempt), self.clock.now());
        let mut records = self.records();
        records.pairs.forgive(keys.pair);
        records.known.note(keys.account, keys.address, now);
    }

    pub fn failed(&self, attempt: Attempt<'_>) {
        let (keys, now) = (self.keys(attempt), self.clock.now());
        let mut records = self.records();
        records.pairs.note(keys.pair, now);
        if !keys.device {
            records.addresses.note(keys.address, now);
            records.accounts.note(keys.account, now);
        }
        drop(records);
        self.log.failed(attempt, now);
    }

    fn check(&self, attempt: Attempt<'_>, keys: Keys) -> Result<Class, ApiError> {
        let now = self.clock.now();
        let mut records = self.records();
        let (wait, known) = (records.wait(keys, now), records.is_known(keys, now));
        drop(records);
        match wait {
            Some(wait) => Err(self.refuse(attempt, wait)),
            None => Ok(if known { Class::Known } else { Class::Stranger }),
        }
    }

    fn refuse(&self, attempt: Attempt<'_>, wait: Duration) -> ApiError {
        self.log.refused(attempt, self.clock.now());
        too_many(wait)
    }

    fn keys(&self, attempt: Attempt<'_>) -> Keys {
        let account = attempt.account.trim().to_lowercase();
        let address = attempt.address.map(network);
        let device = attempt.device;
        let from = match device {
            Some(device) => self.keys.hash_one(("device", device)),
            None => self.keys.hash_one(("address", address)),
        };
        Keys {
            pair: self.keys.hash_one(("pair", &account, from)),
            account: self.keys.hash_one(("account", &account)),
            address: self.keys.hash_one(("address", address)),
            device: device.is_some(),
        }
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_many(wait: Duration) -> ApiError {
    let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1);
    let unit = if seconds == 1 { "second" } else { "seconds" };
    ApiError::new(ErrorCode::RateLimited, format!("Too many failed attempts. Try again in {seconds} {unit}."))
        .with_retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from<'a>(account: &'a str, address: &str) -> Attempt<'a> {
        Attempt { account, address: Some(address.parse().unwrap()), device: None }
    }

    fn guard() -> Guard {
        Guard::new(2, Clock::new(|| Timestamp(1_000_000)))
    }

    /// Attempts that are let in before one has to wait.
    fn guesses(guard: &Guard, attempt: impl Fn(usize) -> Attempt<'static>) -> usize {
        (0..1_000).take_while(|n| guard.check_only(attempt(*n)).map(|()| guard.failed(attempt(*n))).is_ok()).count()
    }

    #[test]
    fn one_who_guesses_locks_out_only_themselves() {
        let guard = guard();
        guard.succeeded(from("ada@example.org", "192.0.2.7"));
        assert_eq!(guesses(&guard, |_| from("ada@example.org", "192.0.2.66")), 6);
        let refused = guard.check_only(from(" ADA@example.org", "192.0.2.66")).unwrap_err();
        assert_eq!((refused.code, refused.retry_after), (ErrorCode::RateLimited, Some(2)));
        // Others behind the same address, the owner elsewhere, and the owner's browser behind the same address.
        assert!(guard.check_only(from("bob@example.org", "192.0.2.66")).is_ok());
        assert!(guard.check_only(from("ada@example.org", "192.0.2.7")).is_ok());
        assert!(guard.check_only(Attempt { device: Some("d"), ..from("ada@example.org", "192.0.2.66") }).is_ok());
    }

    #[test]
    fn an_address_that_tries_many_accounts_waits_and_those_known_there_do_not() {
        let guard = guard();
        guard.succeeded(from("ada@example.org", "192.0.2.66"));
        let accounts: Vec<String> = (0..1_000).map(|n| format!("{n}@example.org")).collect();
        let accounts: &'static [String] = accounts.leak();
        assert_eq!(guesses(&guard, |n| from(&accounts[n], "192.0.2.66")), 21);
        assert!(guard.check_only(from("ada@example.org", "192.0.2.66")).is_ok());
        assert!(guard.check_only(from("bob@example.org", "192.0.2.67")).is_ok());
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let guard = guard();
        let addresses: Vec<String> = (0..1_000).map(|n| format!("2001:db8::{n:x}")).collect();
        let addresses: &'static [String] = addresses.leak();
        assert_eq!(guesses(&guard, |n| from("ada@example.org", &addresses[n])), 6);
        assert!(guard.check_only(from("ada@example.org", "2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn many_addresses_together_wait_and_the_owners_do_not() {
        let guard = guard();
        guard.succeeded(from("ada@example.org", "198.51.100.1"));
        let addresses: Vec<String> = (0..1_000).map(|n| format!("192.0.{}.{}", n / 250, n % 250)).collect();
        let addresses: &'static [String] = addresses.leak();
        assert_eq!(guesses(&guard, |n| from("ada@example.org", &addresses[n])), 51);
        assert!(guard.check_only(from("ada@example.org", "198.51.100.1")).is_ok());
        assert!(guard.check_only(Attempt { device: Some("d"), ..from("ada@example.org", "203.0.113.1") }).is_ok());
        assert!(guard.check_only(from("ada@example.org", "203.0.113.1")).is_err());
    }

    #[test]
    fn a_browser_that_guesses_is_no_better_than_others() {
        let guard = guard();
        assert_eq!(guesses(&guard, |_| Attempt { device: Some("d"), ..from("ada@example.org", "192.0.2.1") }), 6);
    }
}
