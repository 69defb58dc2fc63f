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
    Inner,
    comparisons::{self, Compared, Packed},
    comparisons_sql,
    documents::{self, Digest},
    policy::{InForce, Sent, day},
    policy_sql,
    sql::{self, Answered, Stored},
};
use crate::{
    clock::millis,
    digest,
    error::Result,
    events,
    permissions::{Grant, Publish as PublishHere},
    store::{retrying, storable},
};
use axum::body::Bytes;
use contract::Document;
use shared::{
    ApiError, ErrorCode, Timestamp,
    events::EventKind,
    ids::VersionId,
    names::{ServiceName, VersionLabel},
    services::{Comparison, Judgement, Publish, Published, Service, Verdict, Version},
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// How long an Idempotency-Key is good for.
pub const IDEMPOTENCY: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest Idempotency-Key.
const LONGEST_KEY: usize = 255;
/// How many times other servers may be first before the client is asked to try again.
const ATTEMPTS: usize = 8;

/// One request to publish, from beginning to end.
struct Request<'a> {
    grant: &'a Grant<PublishHere, ServiceName>,
    /// The label that was asked for.
    wanted: Option<VersionLabel>,
    bytes: Bytes,
    digest: Digest,
    key: Option<Key>,
    policy: Option<Sent>,
}

struct Key {
    key: String,
    fingerprint: String,
}

impl Key {
    fn new(
        key: String,
        service: &ServiceName,
        label: Option<&VersionLabel>,
        digest: &Digest,
        policy: Option<&Sent>,
    ) -> Result<Self, ApiError> {
        let takes = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
        if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(takes) {
            let message = format!("An Idempotency-Key has 1 to {LONGEST_KEY} visible ASCII characters without quotes.");
            return Err(ApiError::new(ErrorCode::BadRequest, message.clone()).with_detail("Idempotency-Key", message));
        }
        // None of the parts can contain a line break.
        let label = label.map_or("", VersionLabel::as_str);
        let policy = policy.map_or("", |sent| &sent.policy.digest);
        let asked = format!("{service}\n{label}\n{digest}\n{policy}");
        Ok(Self { key, fingerprint: digest::sha256(asked.as_bytes()) })
    }
}

impl Inner {
    pub(super) async fn publish(
        self: &Arc<Self>,
        grant: &Grant<PublishHere, ServiceName>,
        publish: Publish,
    ) -> Result<Published> {
        let policy = publish.policy.map(|text| self.read_policy(grant, text)).transpose()?;
        let bytes = Bytes::from(publish.document);
        let digest = documents::digest(bytes.clone()).await?;
        let wanted = publish.label;
        let key = publish
            .idempotency_key
            .map(|key| Key::new(key, grant.service(), wanted.as_ref(), &digest, policy.as_ref()));
        let request = Request { grant, wanted, bytes, digest, key: key.transpose()?, policy };
        let done = self.answer(&request).await?;
        let judgement = self.judgement(grant, &done.version).await?;
        Ok(Published { judgement, ..done })
    }

    async fn answer(self: &Arc<Self>, request: &Request<'_>) -> Result<Published> {
        let service = request.grant.service();
        // Before anything is read: a repeated request costs next to nothing.
        let found = self.service_row(request.grant).await?;
        if let Some(done) = self.settled(request, &found).await? {
            return Ok(done);
        }
        let document =
            self.documents.read_new(request.grant.actor().user, &request.digest, request.bytes.clone()).await?;
        let label = match &request.wanted {
            Some(label) => label.clone(),
            None => own_label(&document)?,
        };
        let packed = documents::pack(request.bytes.clone()).await?;

        let _turn = self.turns.take(found.id).await;
        for _ in 0..ATTEMPTS {
            let found = self.service_row(request.grant).await?;
            if let Some(done) = self.settled(request, &found).await? {
                return Ok(done);
            }
            if !self.label_is_free(request, &found, &label).await? {
                continue;
            }
            if let Some(published) = self.store_version(request, &found, &label, &document, &packed).await? {
                return Ok(published);
            }
        }
        let message = format!("Others keep publishing versions of {service} at the same time. Try again in a moment.");
        Err(ApiError::new(ErrorCode::Conflict, message).into())
    }

    /// The answer, when there is nothing to do: the request was answered before, or its document is the latest version.
    async fn settled(&self, request: &Request<'_>, service: &Service) -> Result<Option<Published>> {
        if let Some(answer) = self.replay(request).await? {
            return Ok(Some(answer));
        }
        let Some(latest) = service.latest.clone().filter(|latest| latest.digest == request.digest) else {
            return Ok(None);
        };
        if let Some(wanted) = request.wanted.as_ref().filter(|wanted| **wanted != latest.label) {
            let taken = sql::version_by_label(&mut *self.store.read().await?, request.grant, wanted).await?;
            if let Some(taken) = taken.filter(|taken| taken.digest != request.digest) {
                return Err(label_taken(request, &taken).into());
            }
        }
        let done = || Published { created: false, version: latest.clone(), judgement: None };
        if request.key.is_none() && request.policy.is_none() {
            return Ok(Some(done()));
        }
        let now = self.clock.now();
        let first = retrying(async || {
            let mut tx = self.store.begin().await?;
            // Whatever ends this early drops the transaction, and none of it has happened.
            if !self.remember(&mut tx, request, latest.id, false, now).await? {
                return Ok(false);
            }
            // The document is there already; the policy that came along may be news.
            match &request.policy {
                Some(sent) if policy_sql::set(&mut tx, request.grant, service.id, &sent.policy).await? => {
                    let told = self.tell_policy(&mut tx, request.grant, service, now).await?;
                    self.bus.commit(tx, told).await?;
                }
                _ => tx.commit().await?,
            }
            Ok(true)
        })
        .await?;
        // When the same request was answered a moment ago, that answer holds.
        if first { Ok(Some(done())) } else { self.replay(request).await }
    }

    /// The first answer to a request with this key.
    async fn replay(&self, request: &Request<'_>) -> Result<Option<Published>> {
        let Some(key) = &request.key else { return Ok(None) };
        let mut connection = self.store.read().await?;
        let since = self.keys_since(self.clock.now());
        let Some(answered) = sql::answered(&mut connection, request.grant.actor().user, &key.key, since).await? else {
            return Ok(None);
        };
        if answered.fingerprint != key.fingerprint {
            let message = "This Idempotency-Key came with another request before. Use a new key for a new request.";
            return Err(ApiError::new(ErrorCode::IdempotencyMismatch, message).into());
        }
        let version = sql::version_by_id(&mut connection, &answered.version.to_string()).await?;
        Ok(version.map(|version| Published { created: answered.created, version, judgement: None }))
    }

    fn keys_since(&self, now: Timestamp) -> Timestamp {
        Timestamp(now.0.saturating_sub(millis(IDEMPOTENCY)))
    }

    /// Remembers the answer under the request's key; `false` when the key has one already.
    async fn remember(
        &self,
        tx: &mut sqlx::AnyConnection,
        request: &Request<'_>,
        version: VersionId,
        created: bool,
        now: Timestamp,
    ) -> Result<bool> {
        let Some(key) = &request.key else { return Ok(true) };
        let answer = Answered { fingerprint: key.fingerprint.clone(), version, created };
        sql::remember(tx, request.grant.actor().user, &key.key, &answer, now, self.keys_since(now)).await
    }

    /// Refuses a label that is taken; `false` when it was taken after `seen` was read, perhaps by this very request sent
    /// twice: what to answer shows when everything is read anew.
    async fn label_is_free(&self, request: &Request<'_>, seen: &Service, label: &VersionLabel) -> Result<bool> {
        match sql::version_by_label(&mut *self.store.read().await?, request.grant, label).await? {
            None => Ok(true),
            Some(taken) if taken.number > seen.versions => Ok(false),
            Some(taken) => Err(label_taken(request, &taken).into()),
        }
    }

    /// One attempt; `None` when another version, or another request with the same key, was first.
    async fn store_version(
        self: &Arc<Self>,
        request: &Request<'_>,
        service: &Service,
        label: &VersionLabel,
        document: &Arc<Document>,
        packed: &Stored,
    ) -> Result<Option<Published>> {
        let now = self.clock.now();
        let in_force = match &request.policy {
            Some(sent) => Arc::clone(&sent.in_force),
            None => self.in_force(request.grant.service()).await?,
        };
        let compared = match &service.latest {
            None => None,
            Some(base) => Some(self.compare_with_latest(request, base, document, in_force, now).await?),
        };
        let verdict = compared.as_ref().zip(service.latest.as_ref()).map(|((_, compared, _), base)| Verdict {
            level: compared.counts.verdict(),
            counts: compared.counts,
            base: base.label.clone(),
        });
        let version = version(request, service, label, document, verdict, now);
        let stored = retrying(async || {
            let mut tx = self.store.begin().await?;
            // Whatever ends this early drops the transaction, and none of it has happened.
            if !self.remember(&mut tx, request, version.id, true, version.published_at).await?
                || !sql::take_number(&mut tx, service.id, service.versions).await?
            {
                return Ok(false);
            }
            let policy_changed = match &request.policy {
                Some(sent) => policy_sql::set(&mut tx, request.grant, service.id, &sent.policy).await?,
                None => false,
            };
            sql::insert_document(&mut tx, &version.digest, version.format, packed).await?;
            sql::insert_version(&mut tx, request.grant, service.id, &version).await?;
            if let Some((key, _, packed)) = &compared {
                comparisons_sql::store(&mut tx, request.grant.service(), key, packed).await?;
            }
            let kind = EventKind::VersionPublished {
                service: version.service.clone(),
                label: version.label.clone(),
                verdict: version.verdict.clone(),
            };
            let (actor, subject) = (request.grant.actor(), events::version(version.id));
            let mut newest = events::append(&mut tx, &self.store, version.published_at, actor, subject, &kind).await?;
            if policy_changed {
                newest = self.tell_policy(&mut tx, request.grant, service, version.published_at).await?;
            }
            self.bus.commit(tx, newest).await?;
            Ok(true)
        })
        .await?;
        Ok(stored.then_some(Published { created: true, version, judgement: None }))
    }

    /// What is new against the latest version, ready to be read and to be stored.
    async fn compare_with_latest(
        self: &Arc<Self>,
        request: &Request<'_>,
        base: &Version,
        document: &Arc<Document>,
        in_force: Arc<InForce>,
        now: Timestamp,
    ) -> Result<(comparisons::Key, Arc<Compared>, Packed)> {
        let who = request.grant.actor().user;
        let old = self.documents.parsed(who, &base.digest).await?;
        let key = comparisons::Key {
            base: base.digest.clone(),
            revision: request.digest.clone(),
            day: day(now),
            policy: in_force.changes.clone(),
        };
        let (inner, wanted, documents) = (Arc::clone(self), key.clone(), [old, Arc::clone(document)]);
        let compare = async move { inner.compare_documents(who, wanted, documents, in_force).await };
        let compared = self.once(key.clone(), compare).await?;
        let packed = comparisons::packed(&compared).await?;
        Ok((key, compared, packed))
    }

    /// A version against the one that it was compared with when it came, as the service's policy judges it now.
    async fn judgement(
        self: &Arc<Self>,
        grant: &Grant<PublishHere, ServiceName>,
        version: &Version,
    ) -> Result<Option<Judgement>> {
        let Some(verdict) = &version.verdict else { return Ok(None) };
        let base = self.version_row(grant, &verdict.base).await?;
        let Comparison { level, counts, ignored_count, .. } =
            self.comparison(grant.actor().user, base, version.clone()).await?;
        Ok(Some(Judgement { level, counts, ignored_count }))
    }
}

fn version(
    request: &Request<'_>,
    service: &Service,
    label: &VersionLabel,
    document: &Document,
    verdict: Option<Verdict>,
    published_at: Timestamp,
) -> Version {
    let info = document.info();
    Version {
        id: VersionId(Uuid::now_v7()),
        service: service.name.clone(),
        label: label.clone(),
        number: service.versions + 1,
        author: request.grant.actor().name.clone(),
        published_at,
        size: request.bytes.len() as u64,
        digest: request.digest.clone(),
        format: info.format,
        openapi: storable(&info.openapi).into_owned(),
        title: storable(&info.title).into_owned(),
        operations: info.operations,
        verdict,
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
