//! Work that takes much processor time or memory: off the async threads, a few pieces at a time, shared fairly.
//!
//! Two lanes: reading a usual contract takes milliseconds and doesn't wait behind one of 15 MB. In each lane nobody has
//! all places, so a person who asks for the most expensive things the hub has can't keep others from theirs. What waits
//! is bounded, too: one more of somebody who has many waiting is refused.

use crate::{
    error::Result,
    fair::{Fair, Place},
};
use shared::{ApiError, ErrorCode, ids::UserId};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};
use tokio::task::spawn_blocking;

/// Work on more memory than this is large: the parsed form of some 2 MB of text.
const LARGE: usize = 16 << 20;
/// Places in a lane; work on the largest documents takes some hundred megabytes each.
const MAX_AT_ONCE: usize = 4;
/// Pieces of work that one person may have waiting or running.
const MAX_PER_PERSON: usize = 64;

/// What runs and waits.
#[derive(Debug)]
pub struct Work {
    small: Fair<UserId>,
    large: Fair<UserId>,
    /// Pieces of work that are waiting or running, by person.
    admitted: Arc<Mutex<HashMap<UserId, usize>>>,
}

/// A piece of work whose turn has come.
pub struct Turn {
    _place: Place,
    _admission: Admission,
}

impl Default for Work {
    fn default() -> Self {
        // Two at least, so that there is always a place that isn't one person's. The system shares the processors.
        let places = thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(2, MAX_AT_ONCE);
        Self::with_places(places)
    }
}

impl Work {
    fn with_places(places: usize) -> Self {
        let lane = || Fair::new(places, places - 1);
        Self { small: lane(), large: lane(), admitted: Arc::default() }
    }

    /// Runs work for somebody, on about this much memory. It runs to its end although the client hangs up.
    pub async fn run<T: Send + 'static>(
        &self,
        who: UserId,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        self.turn(who, bytes).await?.run(work).await
    }

    /// Waits for the turn of work on about this much memory. What the work needs is fetched when it has come, so that
    /// what waits takes no memory.
    pub async fn turn(&self, who: UserId, bytes: usize) -> Result<Turn> {
        let admission = self.admit(who)?;
        let lane = if bytes > LARGE { &self.large } else { &self.small };
        Ok(Turn { _place: lane.take(who, 1).await, _admission: admission })
    }

    fn admit(&self, who: UserId) -> Result<Admission, ApiError> {
        let mut admitted = lock(&self.admitted);
        let pieces = admitted.entry(who).or_default();
        if *pieces >= MAX_PER_PERSON {
            return Err(ApiError::new(
                ErrorCode::RateLimited,
                "You have asked for more at once than the hub works on for one person. Try again in a moment.",
            ));
        }
        *pieces += 1;
        Ok(Admission { who, admitted: Arc::clone(&self.admitted) })
    }
}

impl Turn {
    /// Runs the work. It runs to its end although the client hangs up.
    pub async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        Ok(spawn_blocking(move || {
            let done = work();
            drop(self);
            done
        })
        .await?)
    }
}

/// Counts a piece of work of somebody until it is dropped.
struct Admission {
    who: UserId,
    admitted: Arc<Mutex<HashMap<UserId, usize>>>,
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut admitted = lock(&self.admitted);
        if let Some(pieces) = admitted.get_mut(&self.who) {
            *pieces -= 1;
            if *pieces == 0 {
                admitted.remove(&self.who);
            }
        }
    }
}

fn lock(admitted: &Mutex<HashMap<UserId, usize>>) -> MutexGuard<'_, HashMap<UserId, usize>> {
    // Nothing that holds the lock can leave the counts half done.
    admitted.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use uuid::Uuid;

    fn person(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    /// Work that ends when it is told to, started.
    async fn endless(work: &Arc<Work>, who: UserId, bytes: usize) -> mpsc::Sender<()> {
        let (end, ended) = mpsc::channel::<()>();
        let (started, starts) = tokio::sync::oneshot::channel();
        let work = Arc::clone(work);
        tokio::spawn(async move {
            let job = move || {
                started.send(()).ok();
                ended.recv().ok();
            };
            work.run(who, bytes, job).await.ok();
        });
        // Where one's places are taken it starts later.
        tokio::time::timeout(std::time::Duration::from_millis(50), starts).await.ok();
        end
    }

    #[tokio::test]
    async fn nobody_takes_all_places() {
        let work = Arc::new(Work::with_places(3));
        let mut busy = Vec::new();
        for _ in 0..10 {
            busy.push(endless(&work, person(1), LARGE + 1).await);
        }
        assert_eq!(work.run(person(2), LARGE + 1, || 7).await.unwrap(), 7);
        assert_eq!(work.run(person(1), 1, || 8).await.unwrap(), 8, "small work doesn't wait behind large work");
        drop(busy);
    }

    #[tokio::test]
    async fn what_waits_is_bounded_and_forgotten() {
        let work = Arc::new(Work::with_places(2));
        let mut busy = vec![endless(&work, person(1), 1).await];
        for _ in 1..MAX_PER_PERSON {
            let (work, (end, ended)) = (Arc::clone(&work), mpsc::channel::<()>());
            let admission = work.admit(person(1)).unwrap();
            tokio::spawn(async move { spawn_blocking(move || ended.recv().ok()).await.map(|_| drop(admission)) });
            busy.push(end);
        }
        let refused = work.run(person(1), 1, || ()).await.unwrap_err();
        assert!(matches!(refused, crate::error::Error::Domain(error) if error.code == ErrorCode::RateLimited));
        assert!(work.run(person(2), 1, || ()).await.is_ok());
        drop(busy);
        while !lock(&work.admitted).is_empty() {
            tokio::task::yield_now().await;
        }
    }
}
