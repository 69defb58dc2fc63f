//! What a team makes of the findings about a service.
//!
//! A policy is the service's, not a version's: a version never changes, and what a team accepts does. So any two versions
//! are judged by the policy that was sent last, as `handshake diff` judges any two documents by the `handshake.toml` of
//! the working directory. The verdict that a version was published with stays what it was.
//!
//! Ignores end with a day. Comparisons that are kept carry what of the policy judged them in their key, so that one is
//! made again once an ignore has ended, or the policy has changed in a way that matters to it.

pub mod rest;
mod sql;

use crate::{
    clock::Clock,
    digest,
    documents::Digest,
    error::{Error, Result},
    events::{self, Bus},
    naming,
    permissions::{self, Grant, Publish, Read},
    store::{Store, retrying},
};
use async_trait::async_trait;
use contract::{
    Date,
    policy_file::{FILE, Loaded, parse},
};
use quick_cache::sync::Cache;
use shared::{
    ApiError, IfMatch, Policies, Policy, Timestamp, accounts::Caller, events::EventKind, ids::ServiceId,
    names::ServiceName, policies::Note,
};
use sqlx::AnyConnection;
use std::sync::Arc;
use tracing::instrument;

/// Policies that stay in memory; each is as large as its text, some kilobytes.
const CACHED: usize = 256;

/// What judges on a day.
#[derive(Debug, Clone)]
pub struct EffectivePolicy {
    pub policy: contract::Policy,
    pub today: Date,
    /// Digest of what of the policy judges changes; empty when nothing does.
    pub comparison_key: Digest,
    /// The same for the rules of lint.
    pub lint_key: Digest,
}

impl EffectivePolicy {
    fn new(policy: contract::Policy, today: Date) -> Self {
        let key = |text: String| if text.is_empty() { text } else { digest::sha256(text.as_bytes()) };
        let (comparison_key, lint_key) = (key(policy.comparison_key(Some(today))), key(policy.lint_key(Some(today))));
        Self { policy, today, comparison_key, lint_key }
    }
}

/// A policy that somebody sends, and what it judges today.
pub struct Sent {
    pub policy: Policy,
    pub effective_policy: Arc<EffectivePolicy>,
}

/// The day of a moment, in UTC.
pub fn day(at: Timestamp) -> Date {
    Date::from_unix_seconds(at.0.div_euclid(1000))
}

/// Policies on the store. Cheap to clone.
#[derive(Clone)]
pub struct PoliciesService(Arc<Inner>);

struct Inner {
    store: Store,
    bus: Bus,
    clock: Clock,
    /// By their digest and the day.
    cache: Cache<(Digest, Date), Arc<EffectivePolicy>>,
}

impl PoliciesService {
    #[must_use]
    pub fn new(store: Store, bus: Bus, clock: Clock) -> Self {
        Self(Arc::new(Inner { store, bus, clock, cache: Cache::new(CACHED) }))
    }

    fn today(&self) -> Date {
        day(self.0.clock.now())
    }

    /// What judges the service's versions today.
    pub async fn effective_policy(&self, service: &ServiceName) -> Result<Arc<EffectivePolicy>> {
        let today = self.today();
        let stored = sql::policy(&mut *self.0.store.read().await?, service).await?;
        let Some(stored) = stored else {
            return Ok(Arc::new(EffectivePolicy::new(contract::Policy::default(), today)));
        };
        let key = (stored.digest, today);
        if let Some(known) = self.0.cache.get(&key) {
            return Ok(known);
        }
        // An earlier release took it. What it would have made of findings can't be known, and a verdict without it may
        // be better than the team's own: there is none until a policy is sent that can be read.
        let policy = parse(FILE, &stored.text).map_err(|error| {
            tracing::error!(%service, %error, "a stored policy can't be read; the service can't be judged");
            ApiError::invalid("policy", unreadable(service, &error.message))
        })?;
        let policy = policy.policy;
        let effective_policy = Arc::new(EffectivePolicy::new(policy, today));
        self.0.cache.insert(key, Arc::clone(&effective_policy));
        Ok(effective_policy)
    }

    async fn policy(&self, grant: &Grant<Read, ServiceName>) -> Result<Option<Policy>> {
        let mut connection = self.0.store.read().await?;
        // A service that isn't there has no answer, rather than no policy.
        naming::service(&mut connection, grant).await?;
        let stored = sql::policy(&mut connection, grant.service()).await?;
        Ok(stored.map(|stored| Policy { notes: notes(&stored.text, self.today()), ..stored }))
    }

    /// A policy that somebody sends, ready to be put in force.
    pub fn parsed(&self, grant: &Grant<Publish, ServiceName>, text: String) -> Result<Sent, ApiError> {
        let loaded = parse(FILE, &text).map_err(|error| {
            let mut refused = ApiError::invalid("policy", error.message);
            for detail in &mut refused.details {
                detail.line = u32::try_from(error.line).ok();
            }
            refused
        })?;
        let digest = format!("sha256:{}", digest::sha256(text.as_bytes()));
        let (now, today) = (self.0.clock.now(), self.today());
        let policy = Policy {
            text,
            digest,
            author: grant.actor().name.clone(),
            changed_at: now,
            notes: endings(&loaded, today),
        };
        Ok(Sent { policy, effective_policy: Arc::new(EffectivePolicy::new(loaded.policy, today)) })
    }

    async fn set_policy(
        &self,
        grant: &Grant<Publish, ServiceName>,
        if_match: &IfMatch,
        policy: Policy,
    ) -> Result<Policy> {
        let today = self.today();
        let changed = retrying(async || {
            let mut tx = self.0.store.begin().await?;
            let service = naming::service_in_use(&mut tx, grant).await?;
            if *if_match != IfMatch::Any {
                let current = sql::policy(&mut tx, grant.service()).await?;
                let current = current.map(|stored| Policy { notes: notes(&stored.text, today), ..stored });
                if_match.check(&current.map(|policy| policy.etag()).unwrap_or_default())?;
            }
            if !self.set_in(&mut tx, grant, service, &policy).await? {
                return Ok(false);
            }
            let told = self.tell(&mut tx, grant, service, policy.changed_at).await?;
            self.0.bus.commit(tx, told).await?;
            Ok(true)
        })
        .await?;
        if changed {
            return Ok(policy);
        }
        // The very same text is in force already, since somebody else sent it first.
        let stored = sql::policy(&mut *self.0.store.read().await?, grant.service()).await?;
        let stored = stored.ok_or_else(|| Error::damaged("a policy that was just there is gone"))?;
        Ok(Policy { notes: policy.notes, ..stored })
    }

    /// Tells in an event that a policy was put in force. The last thing before the commit, as all events are.
    pub async fn tell(
        &self,
        tx: &mut AnyConnection,
        grant: &Grant<Publish, ServiceName>,
        service: ServiceId,
        at: Timestamp,
    ) -> Result<events::Appended> {
        let kind = EventKind::PolicyChanged { service: grant.service().clone() };
        events::append(tx, &self.0.store, at, grant.actor(), events::service(service), &kind).await
    }

    /// Puts a policy in force in a transaction; `false` when the very same text is already.
    pub async fn set_in(
        &self,
        tx: &mut AnyConnection,
        grant: &Grant<Publish, ServiceName>,
        service: ServiceId,
        policy: &Policy,
    ) -> Result<bool> {
        sql::set(tx, grant, service, policy).await
    }
}

/// Deletes a service's policy.
pub async fn delete_in(tx: &mut AnyConnection, service: ServiceId) -> Result<()> {
    sql::delete(tx, service).await
}

#[async_trait]
impl Policies for PoliciesService {
    #[instrument(skip_all, name = "policies.read")]
    async fn read(&self, caller: &Caller, service: &ServiceName) -> shared::Result<Option<Policy>> {
        Ok(self.policy(&permissions::on_service(caller, service)?).await?)
    }

    #[instrument(skip_all, name = "policies.set")]
    async fn set(
        &self,
        caller: &Caller,
        service: &ServiceName,
        if_match: IfMatch,
        text: String,
    ) -> shared::Result<Policy> {
        let grant = permissions::on_service(caller, service)?;
        let sent = self.parsed(&grant, text)?;
        Ok(self.set_policy(&grant, &if_match, sent.policy).await?)
    }
}

/// Says why a service can't be judged, and what to do.
fn unreadable(service: &ServiceName, why: &str) -> String {
    format!(
        "The policy of {service} was stored by another release and can't be read by this one: {why}. Nothing is judged \
         without it: send the policy again."
    )
}

/// What is to be said of a stored policy on a day.
fn notes(text: &str, today: Date) -> Vec<Note> {
    match parse(FILE, text) {
        Ok(loaded) => endings(&loaded, today),
        Err(error) => {
            let message = format!("{}: the service can't be judged until a policy is sent again.", error.message);
            vec![note(error.line, message)]
        }
    }
}

fn endings(loaded: &Loaded, today: Date) -> Vec<Note> {
    let ended = loaded.endings(&loaded.policy.ended(today));
    ended.into_iter().map(|(line, message)| note(line, message)).collect()
}

fn note(line: usize, message: String) -> Note {
    Note { line: u32::try_from(line).unwrap_or(u32::MAX), message }
}
