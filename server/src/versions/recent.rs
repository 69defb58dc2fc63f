//! Versions that were just read. A page asks several questions about one version, each of which begins with its row.
//!
//! A row never changes; its service may be renamed or deleted. Both are events, so what was read is good until the next
//! one. An event of another server may come late, or not at all while the connection is lost: hence [`LIFETIME`].

use crate::events::Bus;
use quick_cache::sync::Cache;
use shared::{Version, VersionRef};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const LIFETIME: Duration = Duration::from_secs(2);
/// Versions that people look at at the same time.
const VERSIONS: usize = 256;

struct Entry {
    /// The newest event before it was read.
    event: i64,
    read_at: Instant,
    version: Version,
}

pub struct RecentVersions {
    bus: Bus,
    cache: Cache<VersionRef, Arc<Entry>>,
}

impl RecentVersions {
    pub fn new(bus: Bus) -> Self {
        Self { bus, cache: Cache::new(VERSIONS) }
    }

    /// The version, read unless it was just read. Which errors there are isn't remembered.
    pub async fn get<E>(&self, key: &VersionRef, read: impl Future<Output = Result<Version, E>>) -> Result<Version, E> {
        let (event, now) = (self.bus.latest(), Instant::now());
        let is_good = |entry: &Arc<Entry>| entry.event == event && now.duration_since(entry.read_at) < LIFETIME;
        if let Some(entry) = self.cache.get(key).filter(is_good) {
            return Ok(entry.version.clone());
        }
        let version = read.await?;
        self.cache.insert(key.clone(), Arc::new(Entry { event, read_at: now, version: version.clone() }));
        Ok(version)
    }
}
