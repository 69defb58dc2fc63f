//! Publishing a version.
//!
//! Reading and comparing take time, so both happen before the transaction, against the version that is the latest then.
//! The transaction takes the next number only if that version still is; if not, all of it is undone and the verdict is
//! computed against the new latest one. Two people who publish at once both get a version, one after the other, each
//! with the verdict against the one right before it. Within this server a lock per service lets them queue, so that
//! nobody's work is in vain; between servers the number decides.
//!
//! What is published is compared with what is there by its bytes:
//!
//! - the latest version's document: nothing happens, and the answer says so. Even with another label: there is nothing
//!   in it that a reader of the contract could see;
//! - an older version's document under that version's label: refused, since a version can't come twice; under a new
//!   label it is a version of its own, which is how one goes back;
//! - another document under a label that exists: refused, since versions never change.

use super::{
    VersionsService,
    sql::{self, Head},
};
use crate::{
    comparisons::{self, Compared, Packed, Pair, Question, Sources},
    documents::{self, Digest, Stored},
    error::Result,
    events, naming,
    permissions::{Grant, Publish as PublishHere},
    policies::{EffectivePolicy, Sent, day},
    store::{
        once::{Begun, Once},
        retrying, storable,
    },
};
use axum::body::Bytes;
use contract::Document;
use serde::{Deserialize, Serialize};
use shared::{
    ApiError, ErrorCode, Timestamp,
    comparisons::Comparison,
    events::EventKind,
    ids::VersionId,
    names::{ServiceName, VersionLabel},
    versions::{Publish, Published, PublishedVerdict, Verdict, Version, VersionRef},
};
use std::sync::Arc;
use uuid::Uuid;

/// How many times other servers may be first before the client is asked to try again.
const ATTEMPTS: usize = 8;

/// One request to publish, from beginning to end.
struct Request<'a> {
    grant: &'a Grant<PublishHere, ServiceName>,
    /// The label that was asked for.
    wanted: Option<VersionLabel>,
    bytes: Bytes,
    digest: Digest,
    once: Once,
    policy: Option<Sent>,
}

/// What is stored under a request's Idempotency-Key.
#[derive(Debug, Serialize, Deserialize)]
struct Answered {
    version: VersionId,
    created: bool,
}

impl VersionsService {
    pub(super) async fn publish_version(
        &self,
        grant: &Grant<PublishHere, ServiceName>,
        publish: Publish,
    ) -> Result<Published> {
        let policy = publish.policy.map(|text| self.0.policies.parsed(grant, text)).transpose()?;
        let bytes = Bytes::from(publish.document);
        let digest = documents::digest(bytes.clone()).await?;
        let wanted = publish.label;
        let once = {
            // None of the parts can contain a line break.
            let label = wanted.as_ref().map_or("", VersionLabel::as_str);
            let policy = policy.as_ref().map_or("", |sent| &sent.policy.digest);
            let asked = [grant.service().as_str(), label, &digest, policy];
            Once::new(grant.actor().user, publish.idempotency_key, &asked)?
        };
        let request = Request { grant, wanted, bytes, digest, once, policy };
        let done = self.answer(&request).await?;
        let verdict = self.verdict(grant, &done.version).await?;
        Ok(Published { verdict, ..done })
    }

    async fn head(&self, grant: &Grant<PublishHere, ServiceName>) -> Result<Head> {
        let mut connection = self.0.store.read().await?;
        match sql::head(&mut connection, grant).await? {
            Some(head) if head.archived => Err(naming::archived(grant.service()).into()),
            Some(head) => Ok(head),
            None => Err(naming::missing(&mut connection, grant.service()).await?.into()),
        }
    }

    async fn answer(&self, request: &Request<'_>) -> Result<Published> {
        // Before anything is read: a repeated request costs next to nothing.
        let head = self.head(request.grant).await?;
        if let Some(done) = self.settled(request, &head).await? {
            return Ok(done);
        }
        let document =
            self.0.documents.read_new(request.grant.actor().user, &request.digest, request.bytes.clone()).await?;
        let label = match &request.wanted {
            Some(label) => label.clone(),
            None => own_label(&document)?,
        };
        let packed = documents::pack(request.bytes.clone()).await?;

        let _turn = self.0.locks.take(head.service).await;
        for _ in 0..ATTEMPTS {
            let head = self.head(request.grant).await?;
            if let Some(done) = self.settled(request, &head).await? {
                return Ok(done);
            }
            if !self.label_is_free(request, &head, &label).await? {
                continue;
            }
            if let Some(published) = self.store_version(request, &head, &label, &document, &packed).await? {
                return Ok(published);
            }
        }
        let service = request.grant.service();
        let message = format!("Others keep publishing versions of {service} at the same time. Try again in a moment.");
        Err(ApiError::new(ErrorCode::Conflict, message).into())
    }

    /// The answer, when there is nothing to do: the request was answered before, or its document is the latest version.
    async fn settled(&self, request: &Request<'_>, head: &Head) -> Result<Option<Published>> {
        if let Some(answer) = self.replay(request).await? {
            return Ok(Some(answer));
        }
        let Some(latest) = head.latest.clone().filter(|latest| latest.digest == request.digest) else {
            return Ok(None);
        };
        if let Some(wanted) = request.wanted.as_ref().filter(|wanted| **wanted != latest.label) {
            let taken = sql::version_by_label(&mut *self.0.store.read().await?, request.grant, wanted).await?;
            if let Some(taken) = taken.filter(|taken| taken.digest != request.digest) {
                return Err(label_taken(request, &taken).into());
            }
        }
        let done = Published { created: false, version: latest, verdict: None };
        if !request.once.has_key() && request.policy.is_none() {
            return Ok(Some(done));
        }
        // When the same request was answered a moment ago, that answer holds.
        match self.note(request, head, &done.version).await? {
            None => Ok(Some(done)),
            Some(first) => self.published(&first).await,
        }
    }

    /// Stores that a document was there already, and the policy that came along, which may be news. Gives the first
    /// answer when the request has one.
    async fn note(&self, request: &Request<'_>, head: &Head, latest: &Version) -> Result<Option<Answered>> {
        let now = self.0.clock.now();
        retrying(async || {
            let mut work = match request.once.begin(&self.0.store, now).await? {
                Begun::New(work) => work,
                Begun::Repeated(first) => return Ok(Some(first)),
            };
            let told = match &request.policy {
                Some(sent) if self.0.policies.set_in(work.tx(), request.grant, head.service, &sent.policy).await? => {
                    Some(self.0.policies.tell(work.tx(), request.grant, head.service, now).await?)
                }
                _ => None,
            };
            let tx = work.answered(&Answered { version: latest.id, created: false }).await?;
            match told {
                Some(told) => self.0.bus.commit(tx, told).await?,
                None => tx.commit().await?,
            }
            Ok(None)
        })
        .await
    }

    /// The first answer to a request with this key.
    async fn replay(&self, request: &Request<'_>) -> Result<Option<Published>> {
        match request.once.answer(&self.0.store, self.0.clock.now()).await? {
            None => Ok(None),
            Some(first) => self.published(&first).await,
        }
    }

    async fn published(&self, first: &Answered) -> Result<Option<Published>> {
        let version = sql::version_by_id(&mut *self.0.store.read().await?, &first.version.to_string()).await?;
        let version = version.ok_or_else(|| {
            let message = "What this request published was deleted with its service. Use another Idempotency-Key.";
            ApiError::new(ErrorCode::Conflict, message)
        })?;
        Ok(Some(Published { created: first.created, version, verdict: None }))
    }

    /// Refuses a label that is taken; `false` when it was taken after `seen` was read, perhaps by this very request sent
    /// twice: what to answer shows when everything is read again.
    async fn label_is_free(&self, request: &Request<'_>, seen: &Head, label: &VersionLabel) -> Result<bool> {
        match sql::version_by_label(&mut *self.0.store.read().await?, request.grant, label).await? {
            None => Ok(true),
            Some(taken) if taken.number > seen.number => Ok(false),
            Some(taken) => Err(label_taken(request, &taken).into()),
        }
    }

    /// One attempt; `None` when another version, or another request with the same key, was first.
    async fn store_version(
        &self,
        request: &Request<'_>,
        head: &Head,
        label: &VersionLabel,
        document: &Arc<Document>,
        packed: &Stored,
    ) -> Result<Option<Published>> {
        let now = self.0.clock.now();
        let effective_policy = match &request.policy {
            Some(sent) => Arc::clone(&sent.effective_policy),
            None => self.0.policies.effective_policy(request.grant.service()).await?,
        };
        let compared = match &head.latest {
            None => None,
            Some(base) => Some(self.compare_with_latest(request, base, document, effective_policy, now).await?),
        };
        let verdict = compared.as_ref().zip(head.latest.as_ref()).map(|((_, compared, _), base)| PublishedVerdict {
            level: compared.counts.verdict(),
            counts: compared.counts,
            base: base.label.clone(),
        });
        let version = version(request, head, label, document, verdict, now);
        let stored = retrying(async || {
            // Whatever ends this early drops the transaction, and none of it has happened.
            let mut work = match request.once.begin::<Answered>(&self.0.store, now).await? {
                Begun::New(work) => work,
                Begun::Repeated(_) => return Ok(false),
            };
            if !sql::take_number(work.tx(), head.service, head.number).await? {
                return Ok(false);
            }
            let policy_changed = match &request.policy {
                Some(sent) => self.0.policies.set_in(work.tx(), request.grant, head.service, &sent.policy).await?,
                None => false,
            };
            documents::sql::insert(work.tx(), &version.digest, version.format, packed).await?;
            sql::insert_version(work.tx(), request.grant, head.service, &version).await?;
            if let Some((pair, _, packed)) = &compared {
                comparisons::store_in(work.tx(), pair, packed).await?;
            }
            let kind = EventKind::VersionPublished {
                service: version.service.clone(),
                label: version.label.clone(),
                verdict: version.published_verdict.clone(),
            };
            let (actor, subject) = (request.grant.actor(), events::version(version.id));
            let mut newest =
                events::append(work.tx(), &self.0.store, version.published_at, actor, subject, &kind).await?;
            if policy_changed {
                newest = self.0.policies.tell(work.tx(), request.grant, head.service, version.published_at).await?;
            }
            let tx = work.answered(&Answered { version: version.id, created: true }).await?;
            self.0.bus.commit(tx, newest).await?;
            Ok(true)
        })
        .await?;
        Ok(stored.then_some(Published { created: true, version, verdict: None }))
    }

    /// What is new against the latest version, ready to be read and to be stored.
    async fn compare_with_latest(
        &self,
        request: &Request<'_>,
        base: &Version,
        document: &Arc<Document>,
        effective_policy: Arc<EffectivePolicy>,
        now: Timestamp,
    ) -> Result<(Pair, Arc<Compared>, Arc<Packed>)> {
        let who = request.grant.actor().user;
        let old = self.0.documents.parsed(who, &base.digest).await?;
        let pair = Pair {
            base: base.digest.clone(),
            revision: request.digest.clone(),
            day: day(now),
            notice: effective_policy.policy.notice,
        };
        let sources = Sources::Parsed([old, Arc::clone(document)]);
        let question = Question { who, pair: pair.clone(), sources, effective_policy };
        let compared = self.0.comparer.compared(question.clone()).await?;
        let packed = self.0.comparer.to_store(&question).await?;
        Ok((pair, compared, packed))
    }

    /// A version against the one that it was compared with when it came, as the service's policy judges it now.
    async fn verdict(&self, grant: &Grant<PublishHere, ServiceName>, version: &Version) -> Result<Option<Verdict>> {
        let Some(verdict) = &version.published_verdict else { return Ok(None) };
        let base = VersionRef { service: version.service.clone(), label: verdict.base.clone() };
        let base = self.row(grant, &base).await?;
        let Comparison { level, counts, ignored_count, .. } =
            self.0.comparer.comparison(grant.actor().user, base, version.clone()).await?;
        Ok(Some(Verdict { level, counts, ignored_count }))
    }
}

fn version(
    request: &Request<'_>,
    head: &Head,
    label: &VersionLabel,
    document: &Document,
    verdict: Option<PublishedVerdict>,
    published_at: Timestamp,
) -> Version {
    let info = document.info();
    Version {
        id: VersionId(Uuid::now_v7()),
        service: request.grant.service().clone(),
        label: label.clone(),
        number: head.number + 1,
        author: request.grant.actor().name.clone(),
        published_at,
        size: request.bytes.len() as u64,
        digest: request.digest.clone(),
        format: info.format,
        openapi: storable(&info.openapi).into_owned(),
        title: storable(&info.title).into_owned(),
        operations: info.operations,
        published_verdict: verdict,
    }
}

fn label_taken(request: &Request<'_>, taken: &Version) -> ApiError {
    let (label, service) = (&taken.label, request.grant.service());
    let message = if taken.digest == request.digest {
        format!(
            "This very document is version {label} of {service} already, and later versions have followed it. To put it \
             in force again, publish it under a new label."
        )
    } else {
        format!(
            "Version {label} of {service} exists already, with another document. A version never changes: give this one \
             a label of its own, in info.version or beside the document."
        )
    };
    ApiError::new(ErrorCode::LabelTaken, message.clone()).with_detail("label", message)
}

/// The label that the document gives itself.
fn own_label(document: &Document) -> Result<VersionLabel, ApiError> {
    let version = document.info().version;
    version.parse().map_err(|error: ApiError| {
        let shown: String = version.chars().take(80).collect();
        let message = format!(
            "The document's info.version is {shown:?}, which can't be a label: {} Change it, or give a label beside the \
             document.",
            error.message
        );
        ApiError::invalid("label", message)
    })
}
