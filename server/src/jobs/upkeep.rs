//! What is deleted in time: events, sessions, idempotency keys, documents, and comparisons of earlier engines.

use super::{Job, Kinds, Progress};
use crate::{
    accounts::AccountsService,
    areas::Areas,
    clock::Clock,
    comparisons::rejudge::{self, Rejudge},
    documents,
    error::Result,
    events::{EventsService, Retention},
    store::{Store, once},
};
use async_trait::async_trait;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Events that are older than the settings say.
struct OldEvents {
    events: EventsService,
    retention: Retention,
    clock: Clock,
}

#[async_trait]
impl Job for OldEvents {
    const NAME: &'static str = "delete-old-events";
    const EVERY: Option<Duration> = Some(HOUR);
    type Payload = ();

    async fn run(&self, (): (), _: &Progress) -> Result<()> {
        self.events.delete_old(self.clock.now(), self.retention).await.map(told("events"))
    }
}

/// Sessions that nobody can go on with.
struct EndedSessions(AccountsService);

#[async_trait]
impl Job for EndedSessions {
    const NAME: &'static str = "delete-ended-sessions";
    const EVERY: Option<Duration> = Some(HOUR);
    type Payload = ();

    async fn run(&self, (): (), _: &Progress) -> Result<()> {
        self.0.delete_ended_sessions().await.map(told("sessions"))
    }
}

/// Idempotency keys that aren't good any more.
struct OldKeys {
    store: Store,
    clock: Clock,
}

#[async_trait]
impl Job for OldKeys {
    const NAME: &'static str = "delete-old-idempotency-keys";
    const EVERY: Option<Duration> = Some(HOUR);
    type Payload = ();

    async fn run(&self, (): (), _: &Progress) -> Result<()> {
        once::delete_old(&self.store, self.clock.now()).await.map(told("idempotency keys"))
    }
}

/// Documents that no version has: those of services that were deleted.
pub struct UnusedDocuments {
    store: Store,
}

#[async_trait]
impl Job for UnusedDocuments {
    const NAME: &'static str = "delete-unused-documents";
    const EVERY: Option<Duration> = Some(HOUR);
    type Payload = ();

    async fn run(&self, (): (), _: &Progress) -> Result<()> {
        documents::delete_unused(&self.store).await.map(told("documents"))
    }
}

/// What earlier generations of the engine found.
struct OldComparisons(Store);

#[async_trait]
impl Job for OldComparisons {
    const NAME: &'static str = "delete-old-comparisons";
    const EVERY: Option<Duration> = Some(HOUR);
    type Payload = ();

    async fn run(&self, (): (), _: &Progress) -> Result<()> {
        rejudge::delete_old(&self.0).await.map(told("comparisons"))
    }
}

fn told(what: &'static str) -> impl Fn(u64) {
    move |gone| tracing::debug!(gone, "deleted old {what}")
}

/// The jobs that keep the tables small and new.
#[must_use]
pub fn jobs(store: &Store, areas: &Areas, retention: Retention, clock: &Clock) -> Kinds {
    Kinds::default()
        .with(OldEvents { events: areas.events.clone(), retention, clock: clock.clone() })
        .with(EndedSessions(areas.accounts.clone()))
        .with(UnusedDocuments { store: store.clone() })
        .with(OldKeys { store: store.clone(), clock: clock.clone() })
        .with(OldComparisons(store.clone()))
        .with(Rejudge(areas.comparisons.comparer()))
}
