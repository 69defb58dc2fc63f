//! The newest events in memory, read from the database once for all live streams of this server.

use super::Recorded;
use shared::{events::Event, ids::UserId, names::ServiceName};
use std::sync::Arc;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Events that stay in memory: some hundred kilobytes.
const ROOM: usize = 1_024;

/// An event, ready to be sent to all who may see it.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    pub seq: i64,
    pub what: EntryKind,
}

#[derive(Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// Something happened: its service, and the event as JSON.
    Event { service: Option<ServiceName>, json: String },
    /// What this account may do has changed: who streams for it is asked again.
    Access(UserId),
}

impl Entry {
    pub fn new(recorded: Recorded) -> Result<Self, serde_json::Error> {
        Ok(match recorded {
            Recorded::Access { seq, user } => Self { seq, what: EntryKind::Access(user) },
            Recorded::Event(event) => {
                let Event { seq, kind, .. } = &*event;
                let json = serde_json::to_string(&event)?;
                Self { seq: *seq, what: EntryKind::Event { service: kind.service().cloned(), json } }
            }
        })
    }
}

/// A bounded stretch of events without holes. The oldest go when there is no more room.
#[derive(Debug)]
pub struct Ring(Mutex<Stretch>);

#[derive(Debug)]
struct Stretch {
    /// The number before the oldest entry.
    floor: i64,
    entries: VecDeque<Arc<Entry>>,
}

impl Ring {
    /// Nothing yet; the next event has the number after `head`.
    pub const fn new(head: i64) -> Self {
        Self(Mutex::new(Stretch { floor: head, entries: VecDeque::new() }))
    }

    pub fn push(&self, entry: Entry) {
        let mut stretch = self.lock();
        stretch.entries.push_back(Arc::new(entry));
        if stretch.entries.len() > ROOM
            && let Some(oldest) = stretch.entries.pop_front()
        {
            stretch.floor = oldest.seq;
        }
    }

    /// What comes after this number; `None` when some of it isn't in memory any more.
    pub fn after(&self, seq: i64) -> Option<Vec<Arc<Entry>>> {
        let stretch = self.lock();
        if seq < stretch.floor {
            return None;
        }
        let from = stretch.entries.partition_point(|entry| entry.seq <= seq);
        Some(stretch.entries.range(from..).cloned().collect())
    }

    fn lock(&self) -> MutexGuard<'_, Stretch> {
        // Nothing that holds the lock can leave it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_ring_is_bounded_and_says_what_it_lacks() {
        let ring = Ring::new(10);
        let numbers = |seq| ring.after(seq).map(|entries| entries.iter().map(|entry| entry.seq).collect::<Vec<_>>());
        assert_eq!((numbers(9), numbers(10), numbers(99)), (None, Some(vec![]), Some(vec![])));
        for seq in 11..=10 + ROOM as i64 + 2 {
            ring.push(Entry { seq, what: EntryKind::Access(UserId(Uuid::nil())) });
        }
        assert_eq!((numbers(11), numbers(12).map(|numbers| numbers.len())), (None, Some(ROOM)));
        let newest = 10 + ROOM as i64 + 2;
        assert_eq!(numbers(newest - 1), Some(vec![newest]));
    }
}
