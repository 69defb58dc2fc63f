//! How often something failed, and how long it has to wait because of that.

use crate::clock::millis;
use shared::Timestamp;
use std::{collections::HashMap, time::Duration};

/// What failures lead to.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// So many cost nothing.
    pub free: u32,
    /// The wait after the next one; each further one doubles it.
    pub first: Duration,
    pub longest: Duration,
    /// One failure is forgotten each time so much time passes without another.
    pub forget: Duration,
}

/// Failures by key, in bounded memory.
#[derive(Debug)]
pub struct Failures {
    rule: Rule,
    most: usize,
    records: HashMap<u64, Record>,
}

#[derive(Debug, Clone, Copy)]
struct Record {
    count: u32,
    last: Timestamp,
}

impl Failures {
    pub fn new(rule: Rule, most: usize) -> Self {
        Self { rule, most, records: HashMap::new() }
    }

    /// How long the key still has to wait; nothing when it may try now.
    pub fn wait(&mut self, key: u64, now: Timestamp) -> Option<Duration> {
        let rule = self.rule;
        let record = self.records.get_mut(&key)?;
        if now < record.last {
            // The clock went back: the wait begins again rather than lasting until the old time comes round.
            record.last = now;
        }
        let wait = rule.wait(rule.left(*record, now));
        let passed = Duration::from_millis(now.millis_since(record.last).unsigned_abs());
        wait.checked_sub(passed).filter(|left| !left.is_zero())
    }

    /// Whether the key failed more often than costs nothing.
    pub fn exceeded(&self, key: u64, now: Timestamp) -> bool {
        self.records.get(&key).is_some_and(|record| self.rule.left(*record, now) > self.rule.free)
    }

    pub fn note(&mut self, key: u64, now: Timestamp) {
        if self.records.len() >= self.most && !self.records.contains_key(&key) {
            self.make_room(now);
        }
        let rule = self.rule;
        let record = self.records.entry(key).or_insert(Record { count: 0, last: now });
        record.count = rule.left(*record, now).saturating_add(1);
        record.last = now;
    }

    pub fn forgive(&mut self, key: u64) {
        self.records.remove(&key);
    }

    /// First those that are forgotten anyway; when that isn't enough, the eighth that failed longest ago.
    fn make_room(&mut self, now: Timestamp) {
        let rule = self.rule;
        self.records.retain(|_, record| rule.left(*record, now) > 0);
        if self.records.len() >= self.most {
            let mut times: Vec<_> = self.records.values().map(|record| record.last).collect();
            let eighth = times.len() / 8;
            let (_, bound, _) = times.select_nth_unstable(eighth);
            let bound = *bound;
            self.records.retain(|_, record| record.last > bound);
        }
    }
}

impl Rule {
    /// The failures that aren't forgotten yet.
    fn left(self, record: Record, now: Timestamp) -> u32 {
        let passed = now.millis_since(record.last).max(0) / millis(self.forget).max(1);
        record.count.saturating_sub(u32::try_from(passed).unwrap_or(u32::MAX))
    }

    fn wait(self, failures: u32) -> Duration {
        match failures.checked_sub(self.free) {
            None | Some(0) => Duration::ZERO,
            Some(over) => self.first.saturating_mul(1 << (over - 1).min(30)).min(self.longest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        free: 2,
        first: Duration::from_secs(1),
        longest: Duration::from_secs(8),
        forget: Duration::from_secs(60),
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    #[test]
    fn waits_double_up_to_a_bound_and_are_forgotten() {
        let mut failures = Failures::new(RULE, 10);
        let mut waits = Vec::new();
        for _ in 0..7 {
            failures.note(1, at(100));
            waits.push(failures.wait(1, at(100)).map_or(0, |wait| wait.as_secs()));
        }
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 8]);
        assert_eq!(failures.wait(1, at(105)), Some(Duration::from_secs(3)));
        assert_eq!(failures.wait(1, at(108)), None);
        assert_eq!(failures.wait(2, at(100)), None);
        assert!(failures.exceeded(1, at(108)) && !failures.exceeded(1, at(100 + 5 * 60)));
        failures.note(1, at(100 + 5 * 60));
        assert_eq!(failures.wait(1, at(100 + 5 * 60)), Some(Duration::from_secs(1)), "two were left, and one came");
        failures.forgive(1);
        assert_eq!(failures.wait(1, at(100)), None);
    }

    #[test]
    fn a_clock_that_goes_back_does_not_make_anybody_wait_longer() {
        let mut failures = Failures::new(RULE, 10);
        (0..3).for_each(|_| failures.note(1, at(100_000)));
        assert_eq!(failures.wait(1, at(50)), Some(Duration::from_secs(1)));
        assert_eq!(failures.wait(1, at(51)), None);
    }

    #[test]
    fn memory_is_bounded() {
        let mut failures = Failures::new(RULE, 100);
        for key in 0..100_000 {
            failures.note(key, at(i64::try_from(key).unwrap()));
            assert!(failures.records.len() <= 100);
        }
        // One that fails over and over isn't pushed out by those that came before it.
        (0..5).for_each(|_| failures.note(7, at(200_000)));
        assert!(failures.wait(7, at(200_000)).is_some());
    }
}
