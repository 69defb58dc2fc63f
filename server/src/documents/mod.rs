//! Documents: stored compressed, parsed when somebody looks, kept parsed while there is room.
//!
//! A contract compresses to a tenth or less (zstd at its default level, some 200 MB a second), so that a hub with
//! hundreds of versions of a 13 MB description stays small, and so do its backups. Parsed documents are many times
//! larger than their bytes: they are cached within a budget, by digest, and only a few are parsed at a time ([`Work`]),
//! however many ask. Who asks for one that is being parsed waits for that one.

pub mod sql;
mod text;
mod work;

pub use sql::Stored;
pub use text::Text;
pub use work::Work;

use crate::{
    digest,
    error::{Error, Result},
    fair::{Fair, Place},
    store::{Store, retrying},
};
use axum::body::Bytes;
use contract::{Document, Limits, ReadError, ReadErrorKind};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter, sync::Cache, sync::DefaultLifecycle};
use shared::{ApiError, ErrorCode, ids::UserId};
use std::{hash::Hash, sync::Arc};
use tokio::task::spawn_blocking;

/// `sha256:` and 64 hexadecimal digits.
pub type Digest = String;

/// How many bytes a parsed document has in memory for each byte of its text, about.
const PARSED: usize = 8;
/// Documents that one transaction deletes.
const AT_A_TIME: u32 = 50;
/// Room is counted in pieces of this many bytes.
const PIECE: usize = 1 << 10;
/// Smaller documents aren't worth compressing.
const SMALLEST_COMPRESSED: usize = 512;
/// Weighs what is in the caches by its bytes.
#[derive(Clone)]
pub struct Weight;

impl Weighter<Digest, Arc<Document>> for Weight {
    fn weight(&self, _: &Digest, document: &Arc<Document>) -> u64 {
        // Nothing weighs nothing, or the cache would keep it for ever.
        (document.memory_size() as u64).max(1)
    }
}

/// What reading may cost.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// What a document may be.
    pub limits: Limits,
    /// Memory for documents that are kept ready, and for what is made of them: 512 MiB is good.
    pub cache_bytes: usize,
}

impl Settings {
    /// Some sixteenths of the memory.
    #[must_use]
    pub const fn sixteenths(&self, n: u64) -> u64 {
        self.cache_bytes as u64 / 16 * n
    }
}

/// The documents of the hub.
pub struct Documents {
    store: Store,
    limits: Limits,
    pub work: Work,
    parsed: Cache<Digest, Arc<Document>, Weight>,
    texts: Cache<Digest, Arc<Text>, Weight>,
    /// Memory for texts that are in use, however slowly a client takes them.
    reading: Fair<UserId>,
    /// Memory for parsed documents that wait to be compared.
    comparing: Fair<UserId>,
}

impl Documents {
    /// Most of the memory is for parsed documents. A sixteenth is left for lint and two for comparisons.
    #[must_use]
    pub fn new(store: Store, settings: Settings) -> Self {
        let Settings { limits, cache_bytes } = settings;
        Self {
            store,
            limits,
            work: Work::default(),
            parsed: cache(settings.sixteenths(11)),
            texts: cache(settings.sixteenths(2)),
            reading: Fair::new(cache_bytes / PIECE / 2, cache_bytes / PIECE / 4),
            comparing: Fair::new(cache_bytes / PIECE, cache_bytes / PIECE / 2),
        }
    }

    /// Reads a document that somebody sends.
    pub async fn read_new(&self, who: UserId, digest: &Digest, bytes: Bytes) -> Result<Arc<Document>> {
        let limits = self.limits;
        let read = async {
            let read = self.work.run(who, bytes.len() * PARSED, move || Document::read(&bytes, &limits)).await?;
            read.map(Arc::new).map_err(|error| Error::Domain(unreadable(error)))
        };
        self.parsed.get_or_insert_async(digest, read).await
    }

    /// A stored document, parsed.
    pub async fn parsed(&self, who: UserId, digest: &Digest) -> Result<Arc<Document>> {
        let read = async {
            let size = self.size(digest).await?;
            // It was within the limits when it was published; lowering them later doesn't take it away.
            let mut limits = self.limits;
            limits.max_bytes = limits.max_bytes.max(size);
            let turn = self.work.turn(who, size * PARSED).await?;
            let stored = self.stored(digest).await?;
            let read = turn.run(move || unpack(stored).map(|bytes| Document::read(&bytes, &limits))).await??;
            read.map(Arc::new).map_err(|error| Error::damaged(format_args!("document {digest}: {error}")))
        };
        self.parsed.get_or_insert_async(digest, read).await
    }

    /// A stored document's text, and the room that it has in memory while somebody uses it.
    pub async fn text(&self, who: UserId, digest: &Digest) -> Result<(Arc<Text>, Place)> {
        let size = self.size(digest).await?;
        let room = self.reading.take(who, size / PIECE).await;
        let read = async {
            let turn = self.work.turn(who, size).await?;
            let stored = self.stored(digest).await?;
            turn.run(move || unpack(stored).map(|bytes| Arc::new(Text::new(bytes)))).await?
        };
        Ok((self.texts.get_or_insert_async(digest, read).await?, room))
    }

    /// Room in memory for documents of these sizes, parsed.
    pub async fn room(&self, who: UserId, sizes: [u64; 2]) -> Place {
        let bytes = sizes
            .into_iter()
            .fold(0_usize, |sum, size| sum.saturating_add(usize::try_from(size).unwrap_or(usize::MAX)));
        self.comparing.take(who, bytes.saturating_mul(PARSED) / PIECE).await
    }

    async fn size(&self, digest: &Digest) -> Result<usize> {
        let size = sql::size(&mut *self.store.read().await?, digest).await?;
        size.ok_or_else(|| gone(digest))
    }

    async fn stored(&self, digest: &Digest) -> Result<Stored> {
        sql::document(&mut *self.store.read().await?, digest).await?.ok_or_else(|| gone(digest))
    }
}

/// Deletes the documents that no version has any more, a few at a time so that nobody waits long for the writer.
pub async fn delete_unused(store: &Store) -> Result<u64> {
    let mut gone = 0;
    loop {
        let some = retrying(async || {
            let mut tx = store.begin().await?;
            let some = sql::delete_unused(&mut tx, AT_A_TIME).await?;
            tx.commit().await?;
            Ok(some)
        })
        .await?;
        gone += some;
        if some < u64::from(AT_A_TIME) {
            return Ok(gone);
        }
    }
}

fn gone(digest: &Digest) -> Error {
    Error::damaged(format_args!("document {digest} is gone"))
}

/// A cache of so many bytes.
pub fn cache<K: Eq + Hash, V: Clone>(capacity: u64) -> Cache<K, V, Weight>
where
    Weight: Weighter<K, V>,
{
    // One shard: several would each have a part of the room, and a large document would fit in none.
    let options = OptionsBuilder::new().shards(1).estimated_items_capacity(128).weight_capacity(capacity).build();
    match options {
        Ok(options) => Cache::with_options(options, Weight, DefaultHashBuilder::default(), DefaultLifecycle::default()),
        // Only a missing capacity is refused, and both are given above.
        Err(_) => Cache::with_weighter(128, capacity, Weight),
    }
}

fn unreadable(error: ReadError) -> ApiError {
    let code = if error.kind == ReadErrorKind::TooLarge { ErrorCode::TooLarge } else { ErrorCode::InvalidContract };
    ApiError::new(code, error.to_string()).with_details(error.problems)
}

/// A document's digest, computed off the async threads.
pub async fn digest(bytes: Bytes) -> Result<Digest> {
    Ok(spawn_blocking(move || format!("sha256:{}", digest::sha256(&bytes))).await?)
}

/// The form in which a document is stored.
pub async fn pack(bytes: Bytes) -> Result<Stored> {
    spawn_blocking(move || {
        let size = bytes.len();
        if size >= SMALLEST_COMPRESSED {
            let packed = zstd::bulk::compress(&bytes, zstd::DEFAULT_COMPRESSION_LEVEL).map_err(Error::damaged)?;
            if packed.len() < size {
                return Ok(Stored { coding: "zstd".to_owned(), bytes: packed, size });
            }
        }
        Ok(Stored { coding: "plain".to_owned(), bytes: bytes.to_vec(), size })
    })
    .await?
}

fn unpack(stored: Stored) -> Result<Bytes> {
    match stored.coding.as_str() {
        "plain" => Ok(stored.bytes.into()),
        "zstd" => Ok(zstd::bulk::decompress(&stored.bytes, stored.size).map_err(Error::damaged)?.into()),
        other => Err(Error::damaged(format_args!("document coding: {other}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_packed_unpacks_to_the_same() {
        for (source, coding) in [("openapi: 3.1.0", "plain"), (&"openapi: 3.1.0\n".repeat(1_000), "zstd")] {
            let packed = pack(Bytes::copy_from_slice(source.as_bytes())).await.unwrap();
            assert_eq!(packed.coding, coding);
            assert_eq!(&*unpack(packed).unwrap(), source.as_bytes());
        }
    }

    #[tokio::test]
    async fn what_one_person_reads_leaves_room_for_others() {
        use crate::store;
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("hub.db").display());
        let store = Store::open(&store::Settings { url, max_connections: 2 }).await.unwrap();
        store.migrate().await.unwrap();
        let text = "openapi: 3.1.0\n".repeat(10_000);
        let packed = pack(Bytes::from(text.clone())).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        sql::insert(&mut tx, "d", shared::versions::Format::Yaml, &packed).await.unwrap();
        tx.commit().await.unwrap();
        // Room for four such documents, so for two of one person.
        let documents = Documents::new(store, Settings { limits: Limits::default(), cache_bytes: text.len() * 8 });
        let [ada, bob] = [1, 2].map(|n| UserId(uuid::Uuid::from_u128(n)));
        let digest = "d".to_owned();
        let first = documents.text(ada, &digest).await.unwrap();
        assert_eq!(first.0.bytes.as_ref(), text.as_bytes());
        let _second = documents.text(ada, &digest).await.unwrap();
        let mut third = Box::pin(documents.text(ada, &digest));
        for _ in 0..5 {
            tokio::select! {
                _ = &mut third => unreachable!("a share is two documents"),
                others = documents.text(bob, &digest) => assert!(others.is_ok()),
            }
        }
        drop(first);
        assert!(third.await.is_ok());
    }
}
