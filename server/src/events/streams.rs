//! How many live streams may be open: in all, and for each person, so that nobody takes everybody's.

use shared::{ApiError, ErrorCode, ids::UserId};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Streams that one person may have open at once: one for each browser, and those of pipelines and scripts.
const EACH: usize = 50;

/// The streams that are open now. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Streams {
    most: usize,
    open: Arc<Mutex<HashMap<UserId, usize>>>,
}

/// One open stream; it counts until it is dropped.
#[derive(Debug)]
pub struct Permit {
    user: UserId,
    streams: Streams,
}

impl Streams {
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, open: Arc::default() }
    }

    /// How many are open.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().values().sum()
    }

    /// One more; `unavailable` when there are as many as may be.
    pub fn open(&self, user: UserId) -> Result<Permit, ApiError> {
        let refused = |message| Err(ApiError::new(ErrorCode::Unavailable, message));
        let mut open = self.lock();
        if open.values().sum::<usize>() >= self.most {
            return refused("The hub has as many live streams open as it allows. Try again later.");
        }
        let mine = open.entry(user).or_default();
        if *mine >= EACH {
            return refused("You have as many live streams open as one person may. Close some pages.");
        }
        *mine += 1;
        Ok(Permit { user, streams: self.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        // Nothing that holds the lock can leave the counts half done.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.streams.lock();
        if let Some(mine) = open.get_mut(&self.user) {
            *mine -= 1;
            if *mine == 0 {
                open.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn nobody_takes_everybodys_streams() {
        let (streams, [ada, bob]) = (Streams::new(EACH + 2), [UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2))]);
        let mut adas: Vec<_> = (0..EACH).map(|_| streams.open(ada).unwrap()).collect();
        assert!(streams.open(ada).is_err());
        let _bobs = [streams.open(bob).unwrap(), streams.open(bob).unwrap()];
        assert!(streams.open(bob).is_err(), "as many as may be in all");
        adas.pop();
        assert_eq!(streams.count(), EACH + 1);
        assert!(streams.open(ada).is_ok());
    }
}
