//! Comparisons of two documents: computed once, then read page by page.
//!
//! A comparison is one value in memory, and each page is cut from it: nobody meets half of one. There is one
//! computation of a pair, however many ask at the same time; it runs to its end when they have gone, so that asking
//! again finds its result. Memory for them is bounded. Those of neighbouring versions, which people read, are also
//! stored, with the version they belong to; when a disk is full they are read all the same.

use super::{
    Inner,
    after::After,
    comparisons_sql as sql,
    documents::Digest,
    policy::{InForce, day},
};
use crate::{
    digest,
    error::{Error, Result},
    store::retrying,
};
use contract::{Date, Document, Judged, Options};
use serde::Deserialize;
use shared::{
    ApiError, Cursor, Finding, Level, Page,
    findings::{Counts, OperationKey},
    ids::UserId,
    names::ServiceName,
    services::{Comparison, FindingQuery, Version},
    subject::PathText,
};
use std::{collections::HashSet, sync::Arc};
use tokio::task::spawn_blocking;
use tracing::Instrument as _;

/// Which generation of verdicts the engine gives. Raise it with every change of a rule: what is stored is compared
/// again. The verdict that a version was published with stays what it was.
pub const ENGINE: i64 = 10;

/// Longer searches find nothing that a shorter one doesn't.
const LONGEST_SEARCH: usize = 200;

/// What a comparison depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub base: Digest,
    pub revision: Digest,
    /// When the later of the two was published. What was taken away before its sunset that day stays taken away too
    /// early, however often it is judged again.
    pub day: Date,
    /// What of the policy judged it; empty when nothing did.
    pub policy: Digest,
}

impl Key {
    /// Names the list of findings in cursors. The documents are in the request already.
    fn list(&self) -> String {
        let judged = format!("{ENGINE}\n{}\n{}", self.day, self.policy);
        digest::sha256(judged.as_bytes()).split_off(48)
    }
}

/// A comparison as it is stored.
#[derive(Debug)]
pub struct Packed {
    /// All findings and the number of operations as JSON, compressed with zstd.
    pub findings: Vec<u8>,
    /// Bytes of the JSON.
    pub size: usize,
}

/// What is compressed.
#[derive(Deserialize)]
struct Unpacked {
    operations: u32,
    findings: Vec<Finding>,
}

/// A finding, ready to be searched and sent.
#[derive(Debug)]
struct Row {
    level: Level,
    ignored: bool,
    /// What a search looks through, in lower case.
    search: String,
    /// The finding, as JSON.
    body: String,
}

/// A comparison that is ready to be read.
#[derive(Debug)]
pub struct Compared {
    pub counts: Counts,
    ignored: u32,
    operations_touched: u32,
    operations_total: u32,
    list: String,
    /// The worst first, then in document order; what the policy ignores comes last.
    rows: Vec<Row>,
}

impl Compared {
    fn new(key: &Key, operations: u32, findings: &[Finding], ignored: &[Finding]) -> Result<Self> {
        // Webhooks are no operations of a path, and aren't counted as such.
        let of_paths = findings.iter().filter(|finding| finding.subject.is_of_path());
        let touched: HashSet<&OperationKey> =
            of_paths.flat_map(|finding| finding.operation.iter().chain(&finding.operations)).collect();
        Ok(Self {
            counts: Counts::of(findings),
            ignored: u32::try_from(ignored.len()).unwrap_or(u32::MAX),
            operations_touched: u32::try_from(touched.len()).unwrap_or(u32::MAX),
            operations_total: operations,
            list: key.list(),
            rows: findings.iter().chain(ignored).map(row).collect::<Result<_>>()?,
        })
    }

    /// Bytes in memory.
    pub fn memory_size(&self) -> usize {
        self.rows.iter().map(|row| size_of::<Row>() + row.search.len() + row.body.len()).sum::<usize>() + 1_024
    }

    pub fn pack(&self) -> Result<Packed> {
        let mut array = String::with_capacity(self.rows.iter().map(|row| row.body.len() + 1).sum::<usize>() + 64);
        array.push_str(&format!("{{\"operations\":{},\"findings\":[", self.operations_total));
        for (index, row) in self.rows.iter().enumerate() {
            if index > 0 {
                array.push(',');
            }
            array.push_str(&row.body);
        }
        array.push_str("]}");
        let findings =
            zstd::bulk::compress(array.as_bytes(), zstd::DEFAULT_COMPRESSION_LEVEL).map_err(Error::damaged)?;
        Ok(Packed { findings, size: array.len() })
    }

    fn unpack(key: &Key, packed: &Packed) -> Result<Self> {
        let array = zstd::bulk::decompress(&packed.findings, packed.size).map_err(Error::damaged)?;
        let Unpacked { operations, findings } = serde_json::from_slice(&array)
            .map_err(|error| Error::damaged(format_args!("comparisons.findings: {error}")))?;
        let counting = findings.partition_point(|finding| finding.ignored.is_none());
        let (findings, ignored) = findings.split_at(counting);
        Self::new(key, operations, findings, ignored)
    }

    fn page(&self, query: &FindingQuery) -> Result<Page<Finding>> {
        let limit = query.page().limit()?;
        let after = query.cursor.as_ref().map(Cursor::parse::<After>).transpose()?;
        let search = search_text(query.search.as_deref().unwrap_or_default())?;
        let from = usize::try_from(After::in_list(after, &self.list)?).unwrap_or(usize::MAX);
        let wanted = |row: &Row| {
            row.ignored == query.ignored
                && (query.ignored || query.level.is_none_or(|level| row.level == level))
                && (search.is_empty() || row.search.contains(&search))
        };
        let found = self.rows.iter().enumerate().skip(from).filter(|(_, row)| wanted(row)).take(limit + 1);
        let next = |at: usize| After::cursor(&self.list, i64::try_from(at + 1).unwrap_or(i64::MAX));
        let page = Page::cut(found.collect(), limit, |(at, _)| next(*at));
        let finding = |(_, row): (usize, &Row)| {
            serde_json::from_str(&row.body).map_err(|error| Error::damaged(format_args!("finding: {error}")))
        };
        let items = page.items.into_iter().map(finding).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }
}

fn row(finding: &Finding) -> Result<Row> {
    let operation = finding.operation.as_ref().map(ToString::to_string).unwrap_or_default();
    // A line break between the parts keeps a search from matching across two of them.
    let parts = [&finding.message, &*finding.rule, &operation, &finding.fingerprint, &subject(finding)];
    let search = parts.join("\n").to_lowercase();
    let body = serde_json::to_string(finding).map_err(|error| Error::damaged(format_args!("finding: {error}")))?;
    Ok(Row { level: finding.level, ignored: finding.ignored.is_some(), search, body })
}

/// What a finding is about in the words of its data: the path in the message, the component, all other operations.
fn subject(finding: &Finding) -> String {
    let Finding { subject, operations, .. } = finding;
    let texts = [&subject.component, &subject.keyword, &subject.name, &subject.media_type, &subject.callback];
    let mut all: Vec<String> = texts.into_iter().flatten().cloned().collect();
    all.push(PathText(&subject.path).to_string());
    all.extend(operations.iter().map(ToString::to_string));
    all.join("\n")
}

impl Inner {
    /// Compares two parsed documents, off the async threads.
    pub(super) async fn compare_documents(
        &self,
        who: UserId,
        key: Key,
        [old, new]: [Arc<Document>; 2],
        in_force: Arc<InForce>,
    ) -> Result<Arc<Compared>> {
        let options = Options::default().on(key.day).notice(in_force.policy.notice);
        let bytes = old.memory_size() + new.memory_size();
        self.work
            .run(who, bytes, move || {
                let findings = contract::compare_with(&old, &new, &options);
                let Judged { findings, ignored, .. } = in_force.policy.judge(findings, Some(in_force.today));
                let operations = u32::try_from(contract::count_operations(&old, &new)).unwrap_or(u32::MAX);
                Compared::new(&key, operations, &findings, &ignored).map(Arc::new)
            })
            .await?
    }

    /// The comparison of two versions of a service, as its policy judges it today.
    pub(super) async fn compared(
        self: &Arc<Self>,
        who: UserId,
        base: &Version,
        revision: &Version,
    ) -> Result<Arc<Compared>> {
        let in_force = self.in_force(&revision.service).await?;
        let key = Key {
            base: base.digest.clone(),
            revision: revision.digest.clone(),
            day: day(base.published_at.max(revision.published_at)),
            policy: in_force.changes.clone(),
        };
        let neighbours = base.number.checked_add(1) == Some(revision.number);
        let (inner, wanted, service) = (Arc::clone(self), key.clone(), revision.service.clone());
        let sizes = [base.size, revision.size];
        self.once(key, async move {
            if neighbours {
                inner.load_or_compare(who, &service, &wanted, sizes, in_force).await
            } else {
                inner.compare(who, &wanted, sizes, in_force).await
            }
        })
        .await
    }

    /// What is in memory, or else what `compare` makes, once for all who ask.
    pub(super) async fn once(
        self: &Arc<Self>,
        key: Key,
        compare: impl Future<Output = Result<Arc<Compared>>> + Send + 'static,
    ) -> Result<Arc<Compared>> {
        if let Some(known) = self.comparisons.get(&key) {
            return Ok(known);
        }
        let inner = Arc::clone(self);
        // In a task of its own, which ends with its work and not with the client: who asks next finds the result.
        let work = async move { inner.comparisons.get_or_insert_async(&key, compare).await };
        tokio::spawn(work.in_current_span()).await?
    }

    async fn load_or_compare(
        &self,
        who: UserId,
        service: &ServiceName,
        key: &Key,
        sizes: [u64; 2],
        in_force: Arc<InForce>,
    ) -> Result<Arc<Compared>> {
        let stored = sql::stored(&mut *self.store.read().await?, service, key).await?;
        if let Some(packed) = stored {
            let key = key.clone();
            return spawn_blocking(move || Compared::unpack(&key, &packed).map(Arc::new)).await?;
        }
        let compared = self.compare(who, key, sizes, in_force).await?;
        // Reading doesn't depend on a disk that takes writes: what isn't stored is compared again after a restart.
        if let Err(error) = self.store_comparison(service, key, &compared).await {
            tracing::warn!(%error, "a comparison isn't stored");
        }
        Ok(compared)
    }

    async fn store_comparison(&self, service: &ServiceName, key: &Key, compared: &Arc<Compared>) -> Result<()> {
        let packed = packed(compared).await?;
        retrying(async || {
            let mut tx = self.store.begin().await?;
            sql::store(&mut tx, service, key, &packed).await?;
            Ok(tx.commit().await?)
        })
        .await
    }

    async fn compare(&self, who: UserId, key: &Key, sizes: [u64; 2], in_force: Arc<InForce>) -> Result<Arc<Compared>> {
        // What comparisons have read stays in memory for as long as they wait for their turn.
        let _room = self.documents.room(who, sizes).await;
        let old = self.documents.parsed(who, &key.base).await?;
        let new = self.documents.parsed(who, &key.revision).await?;
        self.compare_documents(who, key.clone(), [old, new], in_force).await
    }

    pub(super) async fn comparison(
        self: &Arc<Self>,
        who: UserId,
        base: Version,
        revision: Version,
    ) -> Result<Comparison> {
        let compared = self.compared(who, &base, &revision).await?;
        let Compared { counts, ignored, operations_touched, operations_total, .. } = &*compared;
        Ok(Comparison {
            base,
            revision,
            level: counts.verdict(),
            counts: *counts,
            operations_touched: *operations_touched,
            operations_total: *operations_total,
            ignored_count: *ignored,
        })
    }

    pub(super) async fn findings(
        self: &Arc<Self>,
        who: UserId,
        base: &Version,
        revision: &Version,
        query: FindingQuery,
    ) -> Result<Page<Finding>> {
        let compared = self.compared(who, base, revision).await?;
        // Looking through 20,000 findings takes milliseconds, which the async threads don't have.
        spawn_blocking(move || compared.page(&query)).await?
    }
}

/// A comparison in the form in which it is stored.
pub async fn packed(compared: &Arc<Compared>) -> Result<Packed> {
    let compared = Arc::clone(compared);
    spawn_blocking(move || compared.pack()).await?
}

/// What people search for, checked and in lower case.
pub fn search_text(search: &str) -> Result<String, ApiError> {
    let search = search.trim();
    if search.chars().count() > LONGEST_SEARCH {
        let message = format!("A search has at most {LONGEST_SEARCH} characters.");
        return Err(ApiError::invalid("search", message));
    }
    Ok(search.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_named_by_what_judged_it() {
        let key = |policy: &str| Key {
            base: "a".into(),
            revision: "b".into(),
            day: Date::from_unix_seconds(0),
            policy: policy.into(),
        };
        assert_eq!(key("x").list(), key("x").list());
        assert_ne!(key("x").list(), key("").list());
        assert_eq!(key("").list().len(), 16);
    }

    #[test]
    fn a_search_is_bounded() {
        assert_eq!(search_text(" 100%_OK! ").unwrap(), "100%_ok!");
        assert!(search_text(&"x".repeat(LONGEST_SEARCH + 1)).is_err());
    }

    #[tokio::test]
    async fn a_comparison_goes_on_without_its_client() {
        use crate::{events::Bus, services, store};
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("hub.db").display());
        let store = store::Store::open(&store::Settings { url, max_connections: 2 }).await.unwrap();
        store.migrate().await.unwrap();
        let bus = Bus::open(store.clone()).await.unwrap();
        let settings = services::Settings { limits: contract::Limits::default(), cache_bytes: 1 << 20 };
        let services = services::ServicesService::new(store, bus, settings);
        let key = Key { base: "a".into(), revision: "b".into(), day: Date::from_unix_seconds(0), policy: "".into() };
        let (finish, finished) = tokio::sync::oneshot::channel::<()>();
        let made = Arc::new(Compared::new(&key, 0, &[], &[]).unwrap());
        let (started, starts) = tokio::sync::oneshot::channel();
        let first = services.0.once(key.clone(), {
            let made = Arc::clone(&made);
            async move {
                started.send(()).unwrap();
                finished.await.unwrap();
                Ok(made)
            }
        });
        // The client hangs up once the work has begun.
        tokio::select! {
            _ = first => unreachable!("it isn't told to finish"),
            started = starts => started.unwrap(),
        }
        let second = services.0.once(key, async { unreachable!("it is computed already") });
        let mut second = Box::pin(second);
        assert!(futures::poll!(&mut second).is_pending());
        finish.send(()).unwrap();
        assert!(Arc::ptr_eq(&second.await.unwrap(), &made));
    }
}
