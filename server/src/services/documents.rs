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
/// Smaller documents aren't worth compressing.
const SMALLEST_COMPRESSED: usize = 512;
/// A line that is longer (minified JSON) is cut in listings; the whole is in the download.
const LONGEST_LINE: usize = 2_000;
/// The most lines in one listing.
const MOST_LINES: u32 = 1_000;

/// A document's text, and where its lines start.
pub struct Text {
    pub bytes: Arc<[u8]>,
    starts: Vec<usize>,
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
        (text.bytes.len() + size_of_val(text.starts.as_slice())) as u64 + 1
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
            let text = self.text(digest).await?;
            // It was within the limits when it was published; lowering them later doesn't take it away.
            let mut limits = self.limits;
            limits.max_bytes = limits.max_bytes.max(text.bytes.len());
            let memory = text.bytes.len() * PARSED;
            let read = self.work.run(who, memory, move || Document::read(&text.bytes, &limits)).await?;
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

    /// A stored document's text.
    pub async fn text(&self, digest: &Digest) -> Result<Arc<Text>> {
        let read = async {
            let stored = sql::document(&mut *self.store.read().await?, digest).await?;
            let stored = stored.ok_or_else(|| Error::damaged(format_args!("document {digest} is gone")))?;
            spawn_blocking(move || Ok(Arc::new(Text::new(unpack(stored)?)))).await?
        };
        self.texts.get_or_insert_async(digest, read).await
    }
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

fn unpack(stored: Stored) -> Result<Arc<[u8]>> {
    match stored.coding.as_str() {
        "plain" => Ok(stored.bytes.into()),
        "zstd" => Ok(zstd::bulk::decompress(&stored.bytes, stored.size).map_err(Error::damaged)?.into()),
        other => Err(Error::damaged(format_args!("document coding: {other}"))),
    }
}

impl Text {
    fn new(bytes: Arc<[u8]>) -> Self {
        let breaks = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
        // The break at the very end ends the last line and doesn't start another.
        let starts = std::iter::once(0).chain(breaks).filter(|start| *start < bytes.len()).collect();
        Self { bytes, starts }
    }

    /// Some of the lines; past the end there are none.
    pub fn lines(&self, from: u32, count: u32) -> Result<SourceLines, ApiError> {
        if from == 0 {
            return Err(ApiError::invalid("from", "Lines are counted from 1."));
        }
        if !(1..=MOST_LINES).contains(&count) {
            return Err(ApiError::invalid("count", format!("count must be 1 to {MOST_LINES}, not {count}.")));
        }
        let lines = (from as usize - 1..self.starts.len()).take(count as usize).map(|line| self.line(line)).collect();
        Ok(SourceLines { from, lines, total: u32::try_from(self.starts.len()).unwrap_or(u32::MAX) })
    }

    fn line(&self, line: usize) -> String {
        let end = self.starts.get(line + 1).copied().unwrap_or(self.bytes.len());
        // Stored documents are UTF-8; were one not, a replacement character says so.
        let text = String::from_utf8_lossy(&self.bytes[self.starts[line]..end]);
        let text = text.trim_end_matches(['\n', '\r']);
        match text.char_indices().nth(LONGEST_LINE) {
            Some((cut, _)) => format!("{}… (the line goes on: download the document)", &text[..cut]),
            None => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Text {
        Text::new(text.as_bytes().into())
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
}
