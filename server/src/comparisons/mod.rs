//! Comparisons of two documents: computed once, then read page by page.
//!
//! A comparison is one value in memory, and each page is cut from it: nobody meets half of one. There is one
//! computation of a pair, however many ask at the same time; it runs to its end when they have gone, so that asking
//! again finds its result. Memory for them is bounded. Those of neighbouring versions, which people read, are also
//! stored, with the version they belong to; when a disk is full they are read all the same.

pub mod rest;
mod sql;

use crate::{
    cursor::After,
    digest,
    documents::{self, Digest, Documents, Weigh},
    error::{Error, Result},
    permissions::{self, Grant, Read},
    policies::{InForce, PoliciesService, day},
    search,
    store::{Store, retrying},
};
use async_trait::async_trait;
use contract::{Date, Document, Judging, Options};
use quick_cache::{Weighter, sync::Cache};
use serde::Deserialize;
use shared::{
    ComparisonRef, Comparisons, Cursor, Finding, Level, Page, Version, Versions,
    accounts::Caller,
    comparisons::{Comparison, FindingQuery},
    findings::{Counts, OperationKey},
    ids::{ServiceId, UserId},
    names::ServiceName,
    subject::PathText,
};
use sqlx::AnyConnection;
use std::{collections::HashSet, sync::Arc};
use tokio::task::spawn_blocking;
use tracing::{Instrument as _, instrument};

/// Which generation of verdicts the engine gives. Raise it with every change of a rule: what is stored is compared
/// again. The verdict that a version was published with stays what it was.
pub const ENGINE: i64 = 10;

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
        let search = search::text(query.search.as_deref().unwrap_or_default())?;
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

impl Weighter<Key, Arc<Compared>> for Weigh {
    fn weight(&self, _: &Key, compared: &Arc<Compared>) -> u64 {
        compared.memory_size() as u64
    }
}

/// Compares documents, once for all who ask. Cheap to clone.
#[derive(Clone)]
pub struct Comparer(Arc<Inner>);

struct Inner {
    store: Store,
    documents: Arc<Documents>,
    policies: PoliciesService,
    cache: Cache<Key, Arc<Compared>, Weigh>,
}

impl Comparer {
    #[must_use]
    pub fn new(
        store: Store,
        documents: Arc<Documents>,
        policies: PoliciesService,
        settings: documents::Settings,
    ) -> Self {
        Self(Arc::new(Inner { store, documents, policies, cache: documents::cache(settings.sixteenths(2)) }))
    }

    /// Compares two parsed documents, off the async threads.
    pub async fn compare_documents(
        &self,
        who: UserId,
        key: Key,
        [old, new]: [Arc<Document>; 2],
        in_force: Arc<InForce>,
    ) -> Result<Arc<Compared>> {
        let bytes = old.memory_size() + new.memory_size();
        self.0
            .documents
            .work
            .run(who, bytes, move || {
                let InForce { policy, today, .. } = &*in_force;
                let options = Options::default().on(key.day);
                let report = contract::judge(&old, &new, &Judging { policy, today: Some(*today), options });
                let operations = u32::try_from(report.operations).unwrap_or(u32::MAX);
                Compared::new(&key, operations, &report.findings, &report.ignored).map(Arc::new)
            })
            .await?
    }

    /// The comparison of two versions of a service, as its policy judges it today.
    pub async fn compared(&self, who: UserId, base: &Version, revision: &Version) -> Result<Arc<Compared>> {
        let in_force = self.0.policies.in_force(&revision.service).await?;
        let key = Key {
            base: base.digest.clone(),
            revision: revision.digest.clone(),
            day: day(base.published_at.max(revision.published_at)),
            policy: in_force.changes.clone(),
        };
        let neighbours = base.number.checked_add(1) == Some(revision.number);
        let (comparer, wanted, service) = (self.clone(), key.clone(), revision.service.clone());
        let sizes = [base.size, revision.size];
        self.once(key, async move {
            if neighbours {
                comparer.load_or_compare(who, &service, &wanted, sizes, in_force).await
            } else {
                comparer.compare(who, &wanted, sizes, in_force).await
            }
        })
        .await
    }

    /// What is in memory, or else what `compare` makes, once for all who ask.
    pub async fn once(
        &self,
        key: Key,
        compare: impl Future<Output = Result<Arc<Compared>>> + Send + 'static,
    ) -> Result<Arc<Compared>> {
        if let Some(known) = self.0.cache.get(&key) {
            return Ok(known);
        }
        let comparer = self.clone();
        // In a task of its own, which ends with its work and not with the client: who asks next finds the result.
        let work = async move { comparer.0.cache.get_or_insert_async(&key, compare).await };
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
        let stored = sql::stored(&mut *self.0.store.read().await?, service, key).await?;
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
            let mut tx = self.0.store.begin().await?;
            sql::store(&mut tx, service, key, &packed).await?;
            Ok(tx.commit().await?)
        })
        .await
    }

    async fn compare(&self, who: UserId, key: &Key, sizes: [u64; 2], in_force: Arc<InForce>) -> Result<Arc<Compared>> {
        // What comparisons have read stays in memory for as long as they wait for their turn.
        let _room = self.0.documents.room(who, sizes).await;
        let old = self.0.documents.parsed(who, &key.base).await?;
        let new = self.0.documents.parsed(who, &key.revision).await?;
        self.compare_documents(who, key.clone(), [old, new], in_force).await
    }

    pub async fn comparison(&self, who: UserId, base: Version, revision: Version) -> Result<Comparison> {
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

    async fn findings(
        &self,
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

/// Comparisons of stored versions. Cheap to clone.
#[derive(Clone)]
pub struct ComparisonsService {
    comparer: Comparer,
    versions: Arc<dyn Versions>,
}

impl ComparisonsService {
    #[must_use]
    pub fn new(comparer: Comparer, versions: Arc<dyn Versions>) -> Self {
        Self { comparer, versions }
    }

    /// Who asks, and the two versions.
    async fn versions(&self, caller: &Caller, comparison: &ComparisonRef) -> shared::Result<(UserId, [Version; 2])> {
        let grant: Grant<Read, _> = permissions::on_service(caller, &comparison.service)?;
        let [base, revision] = comparison.versions();
        let base = self.versions.read(caller, &base).await?;
        let revision = self.versions.read(caller, &revision).await?;
        Ok((grant.actor().user, [base, revision]))
    }
}

/// Deletes a service's comparisons.
pub async fn delete_in(tx: &mut AnyConnection, service: ServiceId) -> Result<()> {
    sql::delete(tx, service).await
}

#[async_trait]
impl Comparisons for ComparisonsService {
    #[instrument(skip_all, name = "comparisons.read")]
    async fn read(&self, caller: &Caller, comparison: &ComparisonRef) -> shared::Result<Comparison> {
        let (who, [base, revision]) = self.versions(caller, comparison).await?;
        Ok(self.comparer.comparison(who, base, revision).await?)
    }

    #[instrument(skip_all, name = "comparisons.findings")]
    async fn findings(
        &self,
        caller: &Caller,
        comparison: &ComparisonRef,
        query: FindingQuery,
    ) -> shared::Result<Page<Finding>> {
        let (who, [base, revision]) = self.versions(caller, comparison).await?;
        Ok(self.comparer.findings(who, &base, &revision, query).await?)
    }
}

/// Stores a comparison with the version that it belongs to.
pub async fn store_in(tx: &mut AnyConnection, service: &ServiceName, key: &Key, packed: &Packed) -> Result<()> {
    sql::store(tx, service, key, packed).await
}

/// A comparison in the form in which it is stored.
pub async fn packed(compared: &Arc<Compared>) -> Result<Packed> {
    let compared = Arc::clone(compared);
    spawn_blocking(move || compared.pack()).await?
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

    #[tokio::test]
    async fn a_comparison_goes_on_without_its_client() {
        use crate::{clock::Clock, events::Bus, store};
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("hub.db").display());
        let store = store::Store::open(&store::Settings { url, max_connections: 2 }).await.unwrap();
        store.migrate().await.unwrap();
        let bus = Bus::open(store.clone()).await.unwrap();
        let settings = documents::Settings { limits: contract::Limits::default(), cache_bytes: 1 << 20 };
        let documents = Arc::new(Documents::new(store.clone(), settings));
        let policies = PoliciesService::new(store.clone(), bus, Clock::default());
        let comparer = Comparer::new(store, documents, policies, settings);
        let key = Key { base: "a".into(), revision: "b".into(), day: Date::from_unix_seconds(0), policy: "".into() };
        let (finish, finished) = tokio::sync::oneshot::channel::<()>();
        let made = Arc::new(Compared::new(&key, 0, &[], &[]).unwrap());
        let (started, starts) = tokio::sync::oneshot::channel();
        let first = comparer.once(key.clone(), {
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
        let second = comparer.once(key, async { unreachable!("it is computed already") });
        let mut second = Box::pin(second);
        assert!(futures::poll!(&mut second).is_pending());
        finish.send(()).unwrap();
        assert!(Arc::ptr_eq(&second.await.unwrap(), &made));
    }
}
