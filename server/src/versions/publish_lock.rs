//! One publisher of a service at a time, on this server; between servers the version's number decides.

use shared::ids::ServiceId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::OwnedMutexGuard;

/// A lock for each service that somebody publishes to now.
#[derive(Debug, Default)]
pub struct PublishLocks(Mutex<HashMap<ServiceId, Arc<tokio::sync::Mutex<()>>>>);

impl PublishLocks {
    /// Waits for this server's other publishers to the same service.
    pub async fn take(&self, service: ServiceId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Nobody but the map has the locks of services that nobody publishes to any more.
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(locks.entry(service).or_default())
        };
        lock.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[tokio::test]
    async fn services_wait_for_themselves_only() {
        let [a, b, c] = [1, 2, 3].map(|n| ServiceId(Uuid::from_u128(n)));
        let locks = PublishLocks::default();
        let first = locks.take(a).await;
        let _other = locks.take(b).await;
        let mut second = std::pin::pin!(locks.take(a));
        assert!(futures::poll!(&mut second).is_pending());
        drop(first);
        drop(second.await);
        drop(locks.take(c).await);
        assert_eq!(locks.0.lock().unwrap().len(), 2, "the lock that nobody has is gone");
    }
}
