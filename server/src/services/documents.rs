//! Documents: stored compressed, parsed when somebody looks, kept parsed while there is room.
//!
//! A contract compresses to a tenth or less (zstd at its default level, some 200 MB a second), so that a hub with
//! hundreds of versions of a 13 MB description stays small, and so do its backups. Parsed documents are many times
//! larger than their bytes: they are cached within a budget, by digest, and only a few are parsed at a time ([`Work`]),
//! however many ask. Who asks for one that is being parsed waits for that one.

use super::{
    comparisons::{Compared, Key},
    policy::InForce,
    sql::{self, Stored},
    work::Work,
};
use crate::{
    digest,
    error::{Error, Result},
    fair::{Fair, Place},
    store::Store,
};
use axum::body::Bytes;
use contract::{Document, JudgedLint, Limits, ReadError, ReadErrorKind};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter, sync::Cache, sync::DefaultLifecycle};
use shared::{ApiError, ErrorCode, ids::UserId, services::SourceLines};
use std::{hash::Hash, sync::Arc};
use tokio::task::spawn_blocking;

/// `sha256:` and 64 hexadecimal digits.
pub type Digest = String;

/// How many bytes a parsed document has in memory for each byte of its text, about.
const PARSED: usize = 8;
/// Room is counted in pieces of this many bytes.
const PIECE: usize = 1 << 10;
/// Smaller documents aren't worth compressing.
const SMALLEST_COMPRESSED: usize = 512;
/// A line that is longer (minified JSON) is cut in listings; the whole is in the download.
const LONGEST_LINE: usize = 2_000;
/// The most lines in one listing.
const MOST_LINES: u32 = 1_000;

/// Where every so-many-th line starts is remembered; the lines between are counted from there.
const MARK_EVERY: usize = 256;

/// A document's text, and where some of its lines start.
pub struct Text {
    pub bytes: Bytes,
    lines: usize,
    marks: Vec<usize>,
}

/// Weighs what is in the caches by its bytes.
#[derive(Clone)]
pub struct Weigh;

impl Weighter<Digest, Arc<Document>> for Weigh {
    fn weight(&self, _: &Digest, document: &Arc<Document>) -> u64 {
        // Nothing weighs nothing, or the cache would keep it for ever.
        (document.memory_size() as u64).max(1)
    }
}

impl Weighter<Key, Arc<Compared>> for Weigh {
    fn weight(&self, _: &Key, compared: &Arc<Compared>) -> u64 {
        compared.memory_size() as u64
    }
}

impl Weighter<Digest, Arc<Text>> for Weigh {
    fn weight(&self, _: &Digest, text: &Arc<Text>) -> u64 {
        (text.bytes.len() + size_of_val(text.marks.as_slice())) as u64 + 1
    }
}

impl Weighter<Digest, Arc<JudgedLint>> for Weigh {
    fn weight(&self, _: &Digest, judged: &Arc<JudgedLint>) -> u64 {
        let findings = judged.lint.findings.len() + judged.ignored.len();
        // A finding's texts are some 200 bytes beside its fields.
        (findings * (size_of::<shared::lint::LintFinding>() + 256)) as u64 + 4_096
    }
}

/// The documents of the hub.
pub struct Documents {
    store: Store,
    limits: Limits,
    work: Arc<Work>,
    parsed: Cache<Digest, Arc<Document>, Weigh>,
    texts: Cache<Digest, Arc<Text>, Weigh>,
    /// By the document's digest and what of the policy judged it.
    linted: Cache<Digest, Arc<JudgedLint>, Weigh>,
    /// Memory for texts that are in use, however slowly a client takes them.
    reading: Fair<UserId>,
    /// Memory for parsed documents that wait to be compared.
    comparing: Fair<UserId>,
}

impl Documents {
    /// Most of `cache_bytes` is for parsed documents. Two sixteenths are left for comparisons.
    pub fn new(store: Store, work: Arc<Work>, limits: Limits, cache_bytes: usize) -> Self {
        let sixteenth = cache_bytes as u64 / 16;
        Self {
            store,
            limits,
            work,
            parsed: cache(sixteenth * 11),
            texts: cache(sixteenth * 2),
            linted: cache(sixteenth),
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

    /// What could be better about a stored document, as a policy judges it.
    pub async fn linted(&self, who: UserId, digest: &Digest, in_force: Arc<InForce>) -> Result<Arc<JudgedLint>> {
        let key = format!("{digest} {}", in_force.practices);
        let lint = async {
            let document = self.parsed(who, digest).await?;
            let memory = document.memory_size();
            let lint = move || contract::lint_with(&document, &in_force.policy, Some(in_force.today));
            self.work.run(who, memory, move || Arc::new(lint())).await
        };
        self.linted.get_or_insert_async(&key, lint).await
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
        let size = sql::document_size(&mut *self.store.read().await?, digest).await?;
        size.ok_or_else(|| gone(digest))
    }

    async fn stored(&self, digest: &Digest) -> Result<Stored> {
        sql::document(&mut *self.store.read().await?, digest).await?.ok_or_else(|| gone(digest))
    }
}

fn gone(digest: &Digest) -> Error {
    Error::damaged(format_args!("document {digest} is gone"))
}

/// A cache of so many bytes.
pub fn cache<K: Eq + Hash, V: Clone>(capacity: u64) -> Cache<K, V, Weigh>
where
    Weigh: Weighter<K, V>,
{
    // One shard: several would each have a part of the room, and a large document would fit in none.
    let options = OptionsBuilder::new().shards(1).estimated_items_capacity(128).weight_capacity(capacity).build();
    match options {
        Ok(options) => Cache::with_options(options, Weigh, DefaultHashBuilder::default(), DefaultLifecycle::default()),
        // Only a missing capacity is refused, and both are given above.
        Err(_) => Cache::with_weighter(128, capacity, Weigh),
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

impl Text {
    fn new(bytes: Bytes) -> Self {
        let mut marks = Vec::new();
        let mut lines = 0;
        for start in line_starts(&bytes, 0) {
            if lines % MARK_EVERY == 0 {
                marks.push(start);
            }
            lines += 1;
        }
        Self { bytes, lines, marks }
    }

    /// Some of the lines; past the end there are none.
    pub fn lines(&self, from: u32, count: u32) -> Result<SourceLines, ApiError> {
        if from == 0 {
            return Err(ApiError::invalid("from", "Lines are counted from 1."));
        }
        if !(1..=MOST_LINES).contains(&count) {
            return Err(ApiError::invalid("count", format!("count must be 1 to {MOST_LINES}, not {count}.")));
        }
        let first = from as usize - 1;
        let starts = self.marks.get(first / MARK_EVERY).into_iter().flat_map(|mark| line_starts(&self.bytes, *mark));
        let lines = starts.skip(first % MARK_EVERY).take(count as usize).map(|start| self.line(start)).collect();
        Ok(SourceLines { from, lines, total: u32::try_from(self.lines).unwrap_or(u32::MAX) })
    }

    fn line(&self, start: usize) -> String {
        let rest = &self.bytes[start..];
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        // Stored documents are UTF-8; were one not, a replacement character says so.
        let text = String::from_utf8_lossy(&rest[..end]);
        let text = text.trim_end_matches('\r');
        match text.char_indices().nth(LONGEST_LINE) {
            Some((cut, _)) => format!("{}… (the line goes on: download the document)", &text[..cut]),
            None => text.to_owned(),
        }
    }
}

/// Where lines start, from the start of one on.
fn line_starts(bytes: &[u8], from: usize) -> impl Iterator<Item = usize> {
    let breaks = bytes[from..].iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let starts = std::iter::once(from).chain(breaks.map(move |(at, _)| from + at + 1));
    // The break at the very end ends the last line and doesn't start another.
    starts.filter(|start| *start < bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Text {
        Text::new(Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn lines_are_counted_as_editors_do() {
        for (source, lines) in
            [("", &[][..]), ("a", &["a"]), ("a\n", &["a"]), ("a\r\nb", &["a", "b"]), ("a\n\nb\n", &["a", "", "b"])]
        {
            let all = text(source).lines(1, 10).unwrap();
            assert_eq!(all.lines, lines, "{source:?}");
            assert_eq!(all.total as usize, lines.len());
        }
        assert_eq!(text("a\nb\nc").lines(2, 1).unwrap().lines, ["b"]);
        assert!(text("a").lines(7, 1).unwrap().lines.is_empty());
        assert!(text("a").lines(0, 1).is_err());
        assert!(text("a").lines(1, 1_001).is_err());
    }

    #[test]
    fn any_line_is_found_and_memory_does_not_grow_with_lines() {
        let source = (1..=3 * MARK_EVERY).map(|n| format!("{n}\n")).collect::<String>();
        let text = text(&source);
        for from in [1, 2, 255, 256, 257, 258, 511, 512, 513, 767, 768] {
            let lines = text.lines(from, 2).unwrap().lines;
            let expected = (from..from + 2).filter(|n| *n as usize <= 3 * MARK_EVERY).map(|n| n.to_string());
            assert_eq!(lines, expected.collect::<Vec<_>>(), "{from}");
        }
        assert_eq!(text.marks.len(), 3);
    }

    #[test]
    fn an_endless_line_is_cut_between_characters() {
        let line = text(&"é".repeat(LONGEST_LINE + 1)).lines(1, 1).unwrap().lines.remove(0);
        assert_eq!(line.chars().filter(|c| *c == 'é').count(), LONGEST_LINE);
        assert!(line.contains("é… (the line goes on"));
    }

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
        sql::insert_document(&mut tx, "d", shared::services::Format::Yaml, &packed).await.unwrap();
        tx.commit().await.unwrap();
        // Room for four such documents, so for two of one person.
        let documents = Documents::new(store, Arc::default(), Limits::default(), text.len() * 8);
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
