//! Memory for documents that are being published, taken before a body is read.
//!
//! A document costs many times its size until its version is stored: the body, what it is parsed into, what is stored.
//! Without a bound, enough large uploads at once end the process. So each takes room for what it may need, or waits.
//! Usual documents have room of their own and don't wait behind the largest.

use crate::fair::{Fair, Place};
use axum::http::{HeaderMap, header};
use shared::{ApiError, ErrorCode, ids::UserId};
use std::time::Duration;
use tokio::time::timeout;

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
    small: Fair<UserId>,
    large: Fair<UserId>,
}

impl Uploads {
    /// An eighth of the memory is for small documents. Nobody has more than half of either.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let room = |bytes: usize| Fair::new(bytes / PIECE, bytes / PIECE / 2);
        Self { small: room(bytes / 8), large: room(bytes / 8 * 7) }
    }

    /// Room for the document of somebody's request, of at most `most` bytes.
    pub async fn room(&self, who: UserId, headers: &HeaderMap, most: usize) -> Result<Place, ApiError> {
        let announced =
            headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let bytes = announced.unwrap_or(most).min(most);
        let room = if bytes <= SMALL { &self.small } else { &self.large };
        timeout(PATIENCE, room.take(who, bytes.saturating_mul(EACH_BYTE) / PIECE)).await.map_err(|_| {
            ApiError::new(
                ErrorCode::Unavailable,
                "The hub has as many documents to publish as it has memory for. Try again in a moment.",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;
    use uuid::Uuid;

    const MAX: usize = 50 << 20;

    fn announcing(bytes: usize) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_LENGTH, bytes.into())])
    }

    fn person(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    #[tokio::test]
    async fn large_documents_wait_for_each_other_and_small_ones_do_not() {
        let uploads = Uploads::new(1 << 30);
        let large = announcing(49 << 20);
        let first = uploads.room(person(1), &large, MAX).now_or_never().unwrap().unwrap();
        let _second = uploads.room(person(2), &large, MAX).now_or_never().unwrap().unwrap();
        let mut third = Box::pin(uploads.room(person(3), &large, MAX));
        assert!(third.as_mut().now_or_never().is_none());
        // A body that doesn't announce its size may be the largest.
        assert!(uploads.room(person(4), &HeaderMap::new(), MAX).now_or_never().is_none());
        assert!(uploads.room(person(4), &announcing(10_000), MAX).now_or_never().unwrap().is_ok());
        drop(first);
        assert!(third.await.is_ok());
    }

    #[tokio::test]
    async fn one_person_leaves_room_for_others() {
        let uploads = Uploads::new(1 << 30);
        let hold = |size: usize| {
            let uploads = &uploads;
            move |_| uploads.room(person(1), &announcing(size), MAX).now_or_never()
        };
        let held: Vec<_> = (0..100).map(hold(49 << 20)).chain((0..1_000).map(hold(SMALL))).collect();
        assert!(held.iter().flatten().count() < 100, "who sends the most waits for themselves");
        for size in [49 << 20, SMALL, 200] {
            assert!(uploads.room(person(2), &announcing(size), MAX).now_or_never().unwrap().is_ok(), "{size}");
        }
    }

    #[tokio::test]
    async fn a_document_larger_than_ones_share_has_all_of_it() {
        let uploads = Uploads::new(1 << 20);
        let taken = uploads.room(person(1), &announcing(49 << 20), MAX).now_or_never().unwrap().unwrap();
        assert!(uploads.room(person(1), &announcing(2 << 20), MAX).now_or_never().is_none());
        drop(taken);
        assert!(uploads.room(person(1), &announcing(2 << 20), MAX).now_or_never().unwrap().is_ok());
    }
}
