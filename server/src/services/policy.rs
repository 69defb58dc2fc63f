//! What a team makes of the findings about a service.
//!
//! A policy is the service's, not a version's: a version never changes, and what a team accepts does. So any two versions
//! are judged by the policy that was sent last, as `handshake diff` judges any two documents by the `handshake.toml` of
//! the working directory. The verdict that a version was published with stays what it was.
//!
//! Ignores end with a day. Comparisons that are kept carry what of the policy judged them in their key, so that one is
//! made anew once an ignore has ended, or the policy has changed in a way that matters to it.

use super::{Inner, documents::Digest, policy_sql as sql};
use crate::{
    digest,
    error::{Error, Result},
    events,
    policy::{FILE, Loaded, parse},
    store::retrying,
};
use contract::Date;
use shared::{Actor, ApiError, ErrorCode, Policy, events::EventKind, names::ServiceName, policy::Note};

/// What judges on a day.
#[derive(Debug, Clone)]
pub struct InForce {
    pub policy: contract::Policy,
    pub today: Date,
    /// Digest of what of the policy judges changes; empty when nothing does.
    pub changes: Digest,
    /// The same for the practices of lint.
    pub practices: Digest,
}

impl InForce {
    fn new(policy: contract::Policy, today: Date) -> Self {
        let key = |text: String| if text.is_empty() { text } else { digest::sha256(text.as_bytes()) };
        let (changes, practices) = (key(policy.for_changes(Some(today))), key(policy.for_practices(Some(today))));
        Self { policy, today, changes, practices }
    }
}

impl Inner {
    fn today(&self) -> Date {
        Date::from_unix_seconds(self.clock.now().0.div_euclid(1000))
    }

    /// What judges the service's versions today.
    pub(super) async fn in_force(&self, service: &ServiceName) -> Result<InForce> {
        let stored = sql::policy(&mut *self.store.read().await?, service).await?;
        let policy = stored.map(|stored| read_stored(service, &stored.text)).unwrap_or_default().policy;
        Ok(InForce::new(policy, self.today()))
    }

    pub(super) async fn policy(&self, service: &ServiceName) -> Result<Option<Policy>> {
        // A service that isn't there has no answer, rather than no policy.
        self.service_row(service).await?;
        let stored = sql::policy(&mut *self.store.read().await?, service).await?;
        Ok(stored.map(|stored| {
            let notes = self.notes(&read_stored(service, &stored.text));
            Policy { notes, ..stored }
        }))
    }

    pub(super) async fn set_policy(&self, actor: &Actor, service: &ServiceName, text: String) -> Result<Policy> {
        let loaded = read_sent(&text)?;
        let found = self.service_row(service).await?;
        let digest = format!("sha256:{}", digest::sha256(text.as_bytes()));
        let notes = self.notes(&loaded);
        let policy = Policy { text, digest, author: actor.name.clone(), changed_at: self.clock.now(), notes };
        let kind = EventKind::PolicyChanged { service: found.name.clone() };
        let seq = retrying(async || {
            let mut tx = self.store.begin().await?;
            if !sql::set(&mut tx, found.id, actor.user, &policy).await? {
                return Ok(None);
            }
            let seq = events::append(&mut tx, &self.store, policy.changed_at, actor, &kind).await?;
            tx.commit().await?;
            Ok(Some(seq))
        })
        .await?;
        match seq {
            Some(seq) => {
                self.bus.wake(seq);
                Ok(policy)
            }
            // The very same text is in force already, since whoever sent it first.
            None => {
                let stored = sql::policy(&mut *self.store.read().await?, service).await?;
                let stored = stored.ok_or_else(|| Error::damaged("a policy that was just there is gone"))?;
                Ok(Policy { notes: policy.notes, ..stored })
            }
        }
    }

    fn notes(&self, loaded: &Loaded) -> Vec<Note> {
        let ended = loaded.policy.ended(self.today());
        let note = |(line, message)| Note { line: u32::try_from(line).unwrap_or(u32::MAX), message };
        loaded.endings(&ended).into_iter().map(note).collect()
    }
}

/// A policy that somebody sends.
fn read_sent(text: &str) -> Result<Loaded, ApiError> {
    if text.len() > Policy::MAX_BYTES {
        let message = format!("A policy has at most {} KiB.", Policy::MAX_BYTES / 1024);
        return Err(ApiError::new(ErrorCode::TooLarge, message));
    }
    let loaded = parse(FILE, text).map_err(|error| {
        let mut refused = ApiError::invalid("policy", error.to_string());
        for detail in &mut refused.details {
            detail.line = u32::try_from(error.line).ok();
            detail.message.clone_from(&error.message);
        }
        refused
    })?;
    if loaded.policy.ignores().len() > Policy::MAX_IGNORES {
        let message = format!("A policy has at most {} ignores: turn rules off instead.", Policy::MAX_IGNORES);
        return Err(ApiError::invalid("policy", message));
    }
    Ok(loaded)
}

/// A policy that an earlier release took. Should this one know a rule no more, then nothing is ignored: findings too many
/// are safer than findings too few, and the log says why.
fn read_stored(service: &ServiceName, text: &str) -> Loaded {
    parse(FILE, text).unwrap_or_else(|error| {
        tracing::error!(%service, %error, "a stored policy can't be read; the service is judged without one");
        Loaded::default()
    })
}
