//! Room that many share and of which nobody gets more than a share.
//!
//! Who wants more of it than their share waits for themselves, outside of the line in which everybody else stands.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many people are remembered before those who have nothing any more are looked for.
const PEOPLE: usize = 256;

/// Room of so many units. Cheap to clone.
pub struct Fair<K> {
    share: u32,
    all: Arc<Semaphore>,
    people: Arc<Mutex<People<K>>>,
}

struct People<K> {
    shares: HashMap<K, Weak<Semaphore>>,
    /// How many there may be before they are looked through again.
    most: usize,
}

/// Units that somebody has; free again when dropped.
#[derive(Debug)]
pub struct Place(#[allow(dead_code, reason = "held, never read")] [Option<OwnedSemaphorePermit>; 2]);

impl<K: Eq + Hash> Fair<K> {
    /// Room of `units`, of which one person gets `share` at most.
    #[must_use]
    pub fn new(units: usize, share: usize) -> Self {
        let bounded = |units: usize| u32::try_from(units).unwrap_or(u32::MAX).clamp(1, u32::MAX >> 3);
        let units = bounded(units);
        let people = People { shares: HashMap::new(), most: PEOPLE };
        Self {
            share: bounded(share).min(units),
            all: Arc::new(Semaphore::new(units as usize)),
            people: Arc::new(Mutex::new(people)),
        }
    }

    /// Takes units, or as many as a share has: what is larger has all of a share.
    pub async fn take(&self, who: K, units: usize) -> Place {
        let units = u32::try_from(units).unwrap_or(u32::MAX).clamp(1, self.share);
        // One's own share comes first, so that nobody stands in the common line with more than that. Neither is ever
        // closed.
        let own = self.share_of(who).acquire_many_owned(units).await.ok();
        let common = Arc::clone(&self.all).acquire_many_owned(units).await.ok();
        Place([own, common])
    }

    fn share_of(&self, who: K) -> Arc<Semaphore> {
        // Nothing that holds the lock can leave the map half done.
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = people.shares.get(&who).and_then(Weak::upgrade) {
            return share;
        }
        if people.shares.len() >= people.most {
            people.shares.retain(|_, share| share.strong_count() > 0);
            people.most = (people.shares.len() * 2).max(PEOPLE);
        }
        let share = Arc::new(Semaphore::new(self.share as usize));
        people.shares.insert(who, Arc::downgrade(&share));
        share
    }
}

impl<K> Clone for Fair<K> {
    fn clone(&self) -> Self {
        Self { share: self.share, all: Arc::clone(&self.all), people: Arc::clone(&self.people) }
    }
}

impl<K> fmt::Debug for Fair<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fair").field("share", &self.share).field("free", &self.all.available_permits()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[test]
    fn nobody_has_more_than_a_share_and_others_do_not_wait_for_them() {
        let fair = Fair::new(10, 6);
        let first = fair.take("a", 5).now_or_never().unwrap();
        let mut waiting: Vec<_> = (0..20).map(|_| Box::pin(fair.take("a", 5))).collect();
        assert!(waiting.iter_mut().all(|place| place.as_mut().now_or_never().is_none()));
        let second = fair.take("b", 4).now_or_never().expect("the others' part is free");
        // Now all is taken: the next in the common line gets what is free first.
        let mut third = Box::pin(fair.take("c", 3));
        assert!(third.as_mut().now_or_never().is_none());
        drop(second);
        assert!(third.as_mut().now_or_never().is_some());
        drop(first);
        assert!(waiting[0].as_mut().now_or_never().is_some());
    }

    #[test]
    fn what_is_larger_than_a_share_has_all_of_it() {
        let fair = Fair::new(10, 6);
        let _all = fair.take("a", 1_000).now_or_never().unwrap();
        assert!(fair.take("a", 1).now_or_never().is_none());
        assert!(fair.take("b", 4).now_or_never().is_some());
    }

    #[test]
    fn who_has_nothing_any_more_is_forgotten() {
        let fair = Fair::new(10, 1);
        let _held = fair.take(usize::MAX, 1).now_or_never().unwrap();
        for who in 0..10 * PEOPLE {
            drop(fair.take(who, 1).now_or_never().unwrap());
        }
        assert!(fair.people.lock().unwrap().shares.len() <= PEOPLE);
        assert!(fair.take(usize::MAX, 1).now_or_never().is_none(), "who has something is remembered");
    }
}
