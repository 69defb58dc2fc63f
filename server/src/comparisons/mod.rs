//! Comparisons of two documents: what the engine found, once for a pair, and what a policy makes of it.
//!
//! What the engine finds depends on the two documents, the day that sunsets are judged by and the notice that a team
//! promises, and on nothing else: it is stored once for these, by publishing and, after an upgrade, [again](rejudge).
//! Reading stores nothing: what isn't stored is compared in memory. The policy is applied on read, so that another one
//! costs no comparison, except where it raises findings to breaking that have no proof yet, or where there were more
//! findings than are listed: those take the documents.
//!
//! A comparison under a policy is one value in memory, and each page is cut from it: nobody meets half of one. There is
//! one computation of it, however many ask at the same time; it runs to its end when they have gone, so that asking again
//! finds its result. Memory for both is bounded.

mod compared;
mod packed;
pub mod rejudge;
pub mod rest;
mod sql;

pub use compared::Compared;
pub use packed::Packed;

use crate::{
    digest,
    documents::{self, Digest, Documents, Weight},
    error::Result,
    permissions::{self, Grant, Read},
    policies::{EffectivePolicy, PoliciesService, day},
    store::Store,
};
use async_trait::async_trait;
use contract::{Date, Document, Judging, Notice, Options, Policy, Report, generation};
use quick_cache::{Weighter, sync::Cache};
use shared::{
    ComparisonRef, Comparisons, Finding, Page, Version, Versions,
    accounts::Caller,
    comparisons::{Comparison, FindingQuery},
    ids::UserId,
};
use sqlx::AnyConnection;
use std::sync::Arc;
use tokio::task::spawn_blocking;
use tracing::{Instrument as _, instrument};

/// What the engine's findings depend on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pair {
    pub base: Digest,
    pub revision: Digest,
    /// When the later of the two was published. What was taken away before its sunset that day stays taken away too
    /// early, however often it is judged again.
    pub day: Date,
    pub notice: Notice,
}

/// What a comparison under a policy depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pair: Pair,
    /// What of the policy judges it; empty when nothing does.
    policy: Digest,
}

impl Key {
    /// Names the list of findings in cursors. The documents are in the request already.
    fn list(&self) -> String {
        let judged = format!("{}\n{}\n{}", generation(), self.pair.day, self.policy);
        digest::sha256(judged.as_bytes()).split_off(48)
    }
}

impl Weighter<Key, Arc<Compared>> for Weight {
    fn weight(&self, _: &Key, compared: &Arc<Compared>) -> u64 {
        compared.memory_size() as u64
    }
}

impl Weighter<Pair, Arc<Packed>> for Weight {
    fn weight(&self, _: &Pair, packed: &Arc<Packed>) -> u64 {
        packed.findings.len() as u64 + 512
    }
}

/// Where the documents are.
#[derive(Clone)]
pub enum Sources {
    /// In hand.
    Parsed([Arc<Document>; 2]),
    /// Stored, with so many bytes of text.
    Stored([u64; 2]),
}

/// Two documents to be compared for somebody, and what judges them.
#[derive(Clone)]
pub struct Question {
    pub who: UserId,
    pub pair: Pair,
    pub sources: Sources,
    pub effective_policy: Arc<EffectivePolicy>,
}

/// Compares documents, once for all who ask. Cheap to clone.
#[derive(Clone)]
pub struct Comparer(Arc<Inner>);

struct Inner {
    store: Store,
    documents: Arc<Documents>,
    policies: PoliciesService,
    /// What the engine found.
    found: Cache<Pair, Arc<Packed>, Weight>,
    compared: Cache<Key, Arc<Compared>, Weight>,
}

impl Comparer {
    #[must_use]
    pub fn new(
        store: Store,
        documents: Arc<Documents>,
        policies: PoliciesService,
        settings: documents::Settings,
    ) -> Self {
        let (found, compared) = (documents::cache(settings.sixteenths(1)), documents::cache(settings.sixteenths(1)));
        Self(Arc::new(Inner { store, documents, policies, found, compared }))
    }

    /// A comparison as the policy judges it.
    pub async fn compared(&self, question: Question) -> Result<Arc<Compared>> {
        let key = Key { pair: question.pair.clone(), policy: question.effective_policy.comparison_key.clone() };
        let (comparer, wanted) = (self.clone(), key.clone());
        self.once(key, async move { comparer.judge(wanted, question).await }).await
    }

    /// What is in memory, or else what `compare` makes, once for all who ask.
    async fn once(
        &self,
        key: Key,
        compare: impl Future<Output = Result<Arc<Compared>>> + Send + 'static,
    ) -> Result<Arc<Compared>> {
        if let Some(known) = self.0.compared.get(&key) {
            return Ok(known);
        }
        let comparer = self.clone();
        // In a task of its own, which ends with its work and not with the client: who asks next finds the result.
        let work = async move { comparer.0.compared.get_or_insert_async(&key, compare).await };
        tokio::spawn(work.in_current_span()).await?
    }

    async fn judge(&self, key: Key, question: Question) -> Result<Arc<Compared>> {
        let (packed, fresh) = self.found(&question).await?;
        let (by, wanted) = (Arc::clone(&question.effective_policy), key.clone());
        let known = spawn_blocking(move || {
            let report = fresh.map_or_else(|| packed.unpack(), Ok)?;
            let report = report.under(&by.policy, Some(by.today));
            report.map(|report| Compared::new(&wanted, &report).map(Arc::new)).transpose()
        });
        if let Some(compared) = known.await?? {
            return Ok(compared);
        }
        let by = Arc::clone(&question.effective_policy);
        let proved = self.examine(&question, move |base, revision, options| {
            let judging = Judging { policy: &by.policy, today: Some(by.today), options };
            Compared::new(&key, &contract::judge(base, revision, &judging)).map(Arc::new)
        });
        proved.await?
    }

    /// What the engine found: known, stored, or else found now. The second is what the first was made of, if it was now.
    async fn found(&self, question: &Question) -> Result<(Arc<Packed>, Option<Report>)> {
        let pair = &question.pair;
        if let Some(known) = self.0.found.get(pair) {
            return Ok((known, None));
        }
        let stored = sql::stored(&mut *self.0.store.read().await?, pair).await?;
        let (packed, report) = match stored {
            Some(packed) => (packed, None),
            None => {
                let mut policy = Policy::new();
                policy.notice = pair.notice;
                let compare = self.examine(question, move |base, revision, options| {
                    let report = contract::judge(base, revision, &Judging { policy: &policy, today: None, options });
                    Packed::new(&report).map(|packed| (packed, Some(report)))
                });
                compare.await??
            }
        };
        let packed = Arc::new(packed);
        self.0.found.insert(pair.clone(), Arc::clone(&packed));
        Ok((packed, report))
    }

    /// What the engine found, to be stored.
    pub async fn to_store(&self, question: &Question) -> Result<Arc<Packed>> {
        Ok(self.found(question).await?.0)
    }

    /// Looks at both documents, off the async threads.
    async fn examine<T: Send + 'static>(
        &self,
        Question { who, pair, sources, .. }: &Question,
        look: impl FnOnce(&Document, &Document, Options) -> T + Send + 'static,
    ) -> Result<T> {
        let documents = &self.0.documents;
        // What comparisons have read stays in memory for as long as they wait for their turn.
        let (_room, [base, revision]) = match sources {
            Sources::Parsed(parsed) => (None, parsed.clone()),
            Sources::Stored(sizes) => {
                let room = documents.room(*who, *sizes).await;
                let base = documents.parsed(*who, &pair.base).await?;
                (Some(room), [base, documents.parsed(*who, &pair.revision).await?])
            }
        };
        let (bytes, options) = (base.memory_size() + revision.memory_size(), Options::default().on(pair.day));
        documents.work.run(*who, bytes, move || look(&base, &revision, options)).await
    }

    /// Two versions of a service, to be judged by its policy of today.
    async fn question(&self, who: UserId, base: &Version, revision: &Version) -> Result<Question> {
        let effective_policy = self.0.policies.effective_policy(&revision.service).await?;
        let pair = Pair {
            base: base.digest.clone(),
            revision: revision.digest.clone(),
            day: day(base.published_at.max(revision.published_at)),
            notice: effective_policy.policy.notice,
        };
        Ok(Question { who, pair, sources: Sources::Stored([base.size, revision.size]), effective_policy })
    }

    pub async fn comparison(&self, who: UserId, base: Version, revision: Version) -> Result<Comparison> {
        let compared = self.compared(self.question(who, &base, &revision).await?).await?;
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
        let compared = self.compared(self.question(who, base, revision).await?).await?;
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

    /// What compares them.
    #[must_use]
    pub fn comparer(&self) -> Comparer {
        self.comparer.clone()
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

/// Stores what the engine found, with the version that has it compared.
pub async fn store_in(tx: &mut AnyConnection, pair: &Pair, packed: &Packed) -> Result<()> {
    sql::store(tx, pair, packed).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(policy: &str) -> Key {
        let (day, notice) = (Date::from_unix_seconds(0), Notice::default());
        Key { pair: Pair { base: "a".into(), revision: "b".into(), day, notice }, policy: policy.into() }
    }

    #[test]
    fn a_list_is_named_by_what_judged_it() {
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
        let key = key("");
        let (finish, finished) = tokio::sync::oneshot::channel::<()>();
        let made = Arc::new(Compared::new(&key, &Report::default()).unwrap());
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
