//! Work that takes much processor time or memory: off the async threads, a few pieces at a time, shared fairly.
//!
//! Two lanes: reading a usual contract takes milliseconds and doesn't wait behind one of 15 MB. In each lane nobody has
//! all places, so a person who asks for the most expensive things the hub has can't keep others from theirs. What waits
//! is bounded, too: one more of somebody who has many waiting is refused.

use crate::error::Result;
use shared::{ApiError, ErrorCode, ids::UserId};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Work on more memory than this is large: the parsed form of some 2 MB of text.
const LARGE: usize = 16 << 20;
/// Places in a lane; work on the largest documents takes some hundred megabytes each.
const MOST_AT_ONCE: usize = 4;
/// Pieces of work that one person may have waiting or running.
const MOST_OF_ONE: usize = 64;

/// What runs and waits.
#[derive(Debug)]
pub struct Work {
    /// Places in each lane that one person may have.
    each: usize,
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
    people: Arc<Mutex<HashMap<UserId, Person>>>,
}

#[derive(Debug)]
struct Person {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
    admitted: usize,
}

impl Default for Work {
    fn default() -> Self {
        // Two at least, so that there is always a place that isn't one person's. The system shares the processors.
        let places = thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(2, MOST_AT_ONCE);
        Self::with_places(places)
    }
}

impl Work {
    fn with_places(places: usize) -> Self {
        let lane = || Arc::new(Semaphore::new(places));
        Self { each: places - 1, small: lane(), large: lane(), people: Arc::default() }
    }

    /// Runs work for somebody, on about this much memory. It runs to its end although the client hangs up.
    pub async fn run<T: Send + 'static>(
        &self,
        who: UserId,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let (admission, own) = self.admit(who, bytes > LARGE)?;
        let lane = if bytes > LARGE { &self.large } else { &self.small };
        // First a place of one's own: nobody waits for the lane with more pieces than could run. Neither is ever closed.
        let own = own.acquire_owned().await.ok();
        let place = Arc::clone(lane).acquire_owned().await.ok();
        Ok(spawn_blocking(move || {
            let done = work();
            drop((place, own, admission));
            done
        })
        .await?)
    }

    fn admit(&self, who: UserId, large: bool) -> Result<(Admission, Arc<Semaphore>), ApiError> {
        let mut people = lock(&self.people);
        let lane = || Arc::new(Semaphore::new(self.each));
        let person = people.entry(who).or_insert_with(|| Person { small: lane(), large: lane(), admitted: 0 });
        if person.admitted >= MOST_OF_ONE {
            return Err(ApiError::new(
                ErrorCode::RateLimited,
                "You have asked for more at once than the hub works on for one person. Try again in a moment.",
            ));
        }
        person.admitted += 1;
        let own = if large { &person.large } else { &person.small };
        Ok((Admission { who, people: Arc::clone(&self.people) }, Arc::clone(own)))
    }
}

/// Counts a piece of work of somebody until it is dropped.
struct Admission {
    who: UserId,
    people: Arc<Mutex<HashMap<UserId, Person>>>,
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut people = lock(&self.people);
        if let Some(person) = people.get_mut(&self.who) {
            person.admitted -= 1;
            if person.admitted == 0 {
                people.remove(&self.who);
            }
        }
    }
}

fn lock(people: &Mutex<HashMap<UserId, Person>>) -> MutexGuard<'_, HashMap<UserId, Person>> {
    // Nothing that holds the lock can leave the counts half done.
    people.lock().unwrap_or_else(PoisonError::into_inner)
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
        for _ in 1..MOST_OF_ONE {
            let (work, (end, ended)) = (Arc::clone(&work), mpsc::channel::<()>());
            let (admission, _) = work.admit(person(1), false).unwrap();
            tokio::spawn(async move { spawn_blocking(move || ended.recv().ok()).await.map(|_| drop(admission)) });
            busy.push(end);
        }
        let refused = work.run(person(1), 1, || ()).await.unwrap_err();
        assert!(matches!(refused, crate::error::Error::Domain(error) if error.code == ErrorCode::RateLimited));
        assert!(work.run(person(2), 1, || ()).await.is_ok());
        drop(busy);
        while !lock(&work.people).is_empty() {
            tokio::task::yield_now().await;
        }
    }
}
