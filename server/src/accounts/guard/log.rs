//! Failed sign-ins in the log: enough to see who guesses, never more than a reader can read.

use super::Attempt;
use shared::{Timestamp, names::Email};
use std::sync::{Mutex, PoisonError};

/// Lines of each kind in a minute.
const LINES: u32 = 60;
const MINUTE: i64 = 60_000;

#[derive(Default)]
pub struct Log {
    failed: Mutex<Budget>,
    refused: Mutex<Budget>,
}

#[derive(Default)]
struct Budget {
    since: Option<Timestamp>,
    used: u32,
    left_out: u64,
}

/// What becomes of a line.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// Written, with the number of lines that were left out before it.
    Write(u64),
    LeaveOut,
}

impl Budget {
    fn next(&mut self, now: Timestamp) -> Line {
        if self.since.is_none_or(|since| !(0..MINUTE).contains(&now.millis_since(since))) {
            (self.since, self.used) = (Some(now), 0);
        }
        if self.used >= LINES {
            self.left_out += 1;
            return Line::LeaveOut;
        }
        self.used += 1;
        Line::Write(std::mem::take(&mut self.left_out))
    }
}

impl Log {
    pub fn failed(&self, attempt: Attempt<'_>, now: Timestamp) {
        metrics::counter!("handshake_sign_ins_failed_total").increment(1);
        if let Line::Write(left_out) = next(&self.failed, now) {
            let (account, address) = (account(attempt), address(attempt));
            tracing::warn!(%account, %address, left_out, "a sign-in failed");
        }
    }

    pub fn refused(&self, attempt: Attempt<'_>, now: Timestamp) {
        metrics::counter!("handshake_sign_ins_refused_total").increment(1);
        if let Line::Write(left_out) = next(&self.refused, now) {
            let (account, address) = (account(attempt), address(attempt));
            tracing::warn!(%account, %address, left_out, "a sign-in has to wait after too many failures");
        }
    }
}

fn next(budget: &Mutex<Budget>, now: Timestamp) -> Line {
    budget.lock().unwrap_or_else(PoisonError::into_inner).next(now)
}

/// Only what is an address: people type their password into the wrong field.
fn account(attempt: Attempt<'_>) -> String {
    attempt.account.parse().map_or_else(|_| "not an address".to_owned(), |email: Email| email.to_string())
}

fn address(attempt: Attempt<'_>) -> String {
    attempt.address.map_or_else(|| "unknown".to_owned(), |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_fills_a_minutes_lines_and_is_counted() {
        let mut budget = Budget::default();
        let lines = (0..100).filter(|_| matches!(budget.next(Timestamp(5)), Line::Write(_))).count();
        assert_eq!(lines, 60);
        assert_eq!(budget.next(Timestamp(MINUTE + 5)), Line::Write(40));
        assert_eq!(budget.next(Timestamp(0)), Line::Write(0), "a clock that goes back begins a new minute");
    }

    #[test]
    fn what_is_no_address_is_not_written_down() {
        let typed = |account| account_of(account);
        assert_eq!(typed("correct horse battery"), "not an address");
        assert_eq!(typed(" Ada@Example.org"), "ada@example.org");
    }

    fn account_of(typed: &str) -> String {
        account(Attempt { account: typed, address: None, device: None })
    }
}
