//! Memory for documents that are being published, taken before a body is read.
//!
//! A document costs many times its size until its version is stored: the body, what it is parsed into, what is stored.
//! Without a bound, enough large uploads at once end the process. So each takes room for what it may need, or waits.
//! Usual documents have room of their own and don't wait behind the largest.

use axum::http::{HeaderMap, header};
use shared::{ApiError, ErrorCode};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Memory for each byte of a document. Usual contracts take 5, their own byte and 4 of what they are parsed into, in JSON
/// and in YAML; one of nothing but short numbers takes 17, so that two of the largest may take twice what they are
/// counted for.
const EACH_BYTE: usize = 8;
/// Documents up to this size take the small room.
const SMALL: usize = 1 << 20;
/// How long an upload waits for room.
const PATIENCE: Duration = Duration::from_secs(30);
/// Room is counted in pieces of this many bytes.
const PIECE: usize = 1 << 10;

/// The room for documents that are being published. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Uploads {
    small: Room,
    large: Room,
}

#[derive(Debug, Clone)]
struct Room {
    pieces: usize,
    free: Arc<Semaphore>,
}

/// Room that a document has; free again when dropped.
#[derive(Debug)]
pub struct Taken(#[allow(dead_code, reason = "held, never read")] OwnedSemaphorePermit);

impl Uploads {
    /// An eighth of the memory is for small documents.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self { small: Room::new(bytes / 8), large: Room::new(bytes / 8 * 7) }
    }

    /// Room for the document of a request, of at most `most` bytes.
    pub async fn room(&self, headers: &HeaderMap, most: usize) -> Result<Taken, ApiError> {
        let announced =
            headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let bytes = announced.unwrap_or(most).min(most);
        let room = if bytes <= SMALL { &self.small } else { &self.large };
        timeout(PATIENCE, room.take(bytes)).await.map_err(|_| {
            ApiError::new(
                ErrorCode::Unavailable,
                "The hub has as many documents to publish as it has memory for. Try again in a moment.",
            )
        })
    }
}

impl Room {
    fn new(bytes: usize) -> Self {
        // A document may be larger than the whole room: it then has the room to itself.
        let pieces = (bytes / PIECE).clamp(1, u32::MAX as usize >> 1);
        Self { pieces, free: Arc::new(Semaphore::new(pieces)) }
    }

    async fn take(&self, bytes: usize) -> Taken {
        let pieces = (bytes.saturating_mul(EACH_BYTE) / PIECE).clamp(1, self.pieces);
        let permits = u32::try_from(pieces).unwrap_or(u32::MAX);
        match Arc::clone(&self.free).acquire_many_owned(permits).await {
            Ok(permit) => Taken(permit),
            // The semaphore is never closed.
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    fn announcing(bytes: usize) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_LENGTH, bytes.into())])
    }

    #[tokio::test]
    async fn large_documents_wait_for_each_other_and_small_ones_do_not() {
        const MOST: usize = 50 << 20;
        let uploads = Uploads::new(1 << 30);
        let large = announcing(49 << 20);
        let first = uploads.room(&large, MOST).now_or_never().unwrap().unwrap();
        let _second = uploads.room(&large, MOST).now_or_never().unwrap().unwrap();
        let mut third = Box::pin(uploads.room(&large, MOST));
        assert!(third.as_mut().now_or_never().is_none());
        // A body that doesn't announce its size may be the largest.
        assert!(uploads.room(&HeaderMap::new(), MOST).now_or_never().is_none());
        assert!(uploads.room(&announcing(10_000), MOST).now_or_never().unwrap().is_ok());
        drop(first);
        assert!(third.await.is_ok());
    }

    #[tokio::test]
    async fn a_document_larger_than_the_room_has_it_to_itself() {
        let uploads = Uploads::new(1 << 20);
        let taken = uploads.room(&announcing(49 << 20), 50 << 20).now_or_never().unwrap().unwrap();
        assert!(uploads.room(&announcing(2 << 20), 50 << 20).now_or_never().is_none());
        drop(taken);
        assert!(uploads.room(&announcing(2 << 20), 50 << 20).now_or_never().unwrap().is_ok());
    }
}
