//! From where accounts were signed in to lately: a good record, in bounded memory.
//!
//! Only a right password gets in here, so that nobody grows it or pushes others out by guessing.

use shared::Timestamp;
use std::collections::{HashMap, VecDeque};

/// Addresses that an account is known from.
const ADDRESSES: usize = 8;
/// Accounts that are remembered.
const ACCOUNTS: usize = 8_192;
/// 30 days.
const MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;

#[derive(Debug, Default)]
pub struct Known(HashMap<u64, VecDeque<(u64, Timestamp)>>);

impl Known {
    pub fn knows(&self, account: u64, address: u64, now: Timestamp) -> bool {
        self.0.get(&account).into_iter().flatten().any(|(known, at)| {
            // A time that is still to come is from a clock that went back.
            *known == address && (0..MILLIS).contains(&now.millis_since(*at))
        })
    }

    pub fn note(&mut self, account: u64, address: u64, now: Timestamp) {
        if self.0.len() >= ACCOUNTS && !self.0.contains_key(&account) {
            let oldest = self.0.iter().min_by_key(|(_, places)| places.back().map(|(_, at)| *at)).map(|(key, _)| *key);
            oldest.and_then(|key| self.0.remove(&key));
        }
        let places = self.0.entry(account).or_default();
        places.retain(|(known, _)| *known != address);
        if places.len() >= ADDRESSES {
            places.pop_front();
        }
        places.push_back((address, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_known_from_where_it_was_signed_in_to_lately() {
        let mut known = Known::default();
        known.note(1, 10, Timestamp(1_000));
        assert!(known.knows(1, 10, Timestamp(1_000)));
        assert!(!known.knows(1, 11, Timestamp(1_000)) && !known.knows(2, 10, Timestamp(1_000)));
        assert!(!known.knows(1, 10, Timestamp(1_000 + MILLIS)) && !known.knows(1, 10, Timestamp(0)));
    }

    #[test]
    fn memory_is_bounded() {
        let mut known = Known::default();
        for n in 0..20_000 {
            known.note(n, 0, Timestamp(i64::try_from(n).unwrap()));
            known.note(20_001, n, Timestamp(i64::try_from(n).unwrap()));
        }
        assert!(known.0.len() <= ACCOUNTS && known.0[&20_001].len() == ADDRESSES);
    }
}
