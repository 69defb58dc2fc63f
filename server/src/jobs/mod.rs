//! Work that isn't done within a request: once, when somebody asks for it, or again and again.
//!
//! A job is a row. A runner in each server takes the next one that is due for a minute at a time (a lease), and extends
//! that while it works: the job of a server that was killed is free again when its lease ends. Several servers never
//! take the same one: PostgreSQL skips rows that another one is taking, and SQLite has one writer. What fails is tried
//! again after a growing pause with some chance in it; what keeps failing is put aside, a dead letter, until an admin
//! has it tried again. A periodic job is never put aside: it comes again with its next period.
//!
//! A job may run twice: its server can die after the work and before the row says so. So each must be fit for that.

pub mod rest;
mod runner;
mod sql;
pub mod upkeep;

pub use runner::{Kinds, Runner, Stopped};

use crate::{
    clock::Clock,
    error,
    permissions::{self, Grant, ManageJobs, WholeHub},
    store::{Store, retrying},
};
use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use shared::{ApiError, Cursor, Jobs, Page, PageQuery, Timestamp, accounts::Caller, ids::JobId, jobs::Job as Record};
use sqlx::AnyConnection;
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;
use tracing::instrument;
use uuid::Uuid;

/// A kind of job.
#[async_trait]
pub trait Job: Send + Sync + 'static {
    /// Names it in the table, in metrics and on the page.
    const NAME: &'static str;
    /// How often it runs by itself.
    const EVERY: Option<Duration> = None;
    /// What it is told.
    type Payload: Serialize + DeserializeOwned + Default + Send + Sync;

    /// Does the work; it may be done twice.
    async fn run(&self, payload: Self::Payload, progress: &Progress) -> error::Result<()>;
}

/// Where a job says how far it has got.
pub struct Progress {
    store: Store,
    job: sql::ClaimedJob,
}

impl Progress {
    /// So much is done, of so much.
    pub async fn set(&self, done: i64, total: i64) -> error::Result<()> {
        retrying(async || {
            let mut tx = self.store.begin().await?;
            sql::set_progress(&mut tx, &self.job, done, total).await?;
            Ok(tx.commit().await?)
        })
        .await
    }
}

/// What is to be done. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Queue {
    store: Store,
    clock: Clock,
    woken: Arc<Notify>,
}

impl Queue {
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, woken: Arc::new(Notify::new()) }
    }

    /// Has a job done once the transaction is committed; [`Queue::wake`] makes this server look at once.
    pub async fn enqueue<J: Job>(&self, tx: &mut AnyConnection, payload: &J::Payload) -> error::Result<JobId> {
        let id = JobId(Uuid::now_v7());
        sql::insert(tx, id, J::NAME, None, &json(payload)?, self.clock.now()).await?;
        Ok(id)
    }

    /// Makes the row of a periodic job, unless it is there.
    async fn schedule(&self, name: &str, payload: &str) -> error::Result<()> {
        let now = self.clock.now();
        retrying(async || {
            let mut tx = self.store.begin().await?;
            sql::insert(&mut tx, JobId(Uuid::now_v7()), name, Some(name), payload, now).await?;
            Ok(tx.commit().await?)
        })
        .await
    }

    /// Looks for work now instead of within seconds.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    async fn page(&self, _: &Grant<ManageJobs, WholeHub>, page: &PageQuery) -> error::Result<Page<Record>> {
        let limit = page.limit()?;
        let before = page.cursor.as_ref().map(Cursor::parse::<JobId>).transpose()?;
        let jobs = sql::jobs(&mut *self.store.read().await?, before, limit + 1, self.clock.now()).await?;
        Ok(Page::cut(jobs, limit, |job| job.id.to_string()))
    }

    async fn try_again(&self, _: &Grant<ManageJobs, WholeHub>, job: JobId) -> error::Result<()> {
        let now = self.clock.now();
        retrying(async || {
            let mut tx = self.store.begin().await?;
            if !sql::try_again(&mut tx, job, now).await? {
                return Err(ApiError::not_found("such job that waits or was put aside").into());
            }
            Ok(tx.commit().await?)
        })
        .await?;
        self.wake();
        Ok(())
    }
}

fn json<T: Serialize>(payload: &T) -> error::Result<String> {
    serde_json::to_string(payload).map_err(|error| error::Error::damaged(format_args!("a job's payload: {error}")))
}

#[async_trait]
impl Jobs for Queue {
    #[instrument(skip_all)]
    async fn jobs(&self, caller: &Caller, page: PageQuery) -> shared::Result<Page<Record>> {
        Ok(self.page(&permissions::on_hub(caller)?, &page).await?)
    }

    #[instrument(skip_all)]
    async fn try_job_again(&self, caller: &Caller, job: JobId) -> shared::Result<()> {
        Ok(self.try_again(&permissions::on_hub(caller)?, job).await?)
    }
}

/// The moment `pause` after `now`, with up to a quarter more or less, so that what failed together doesn't come again
/// together.
fn jittered(now: Timestamp, pause: Duration) -> Timestamp {
    let pause = crate::clock::millis(pause);
    let mut random = [0; 2];
    // Without randomness the pause is as good as any.
    let share = if getrandom::fill(&mut random).is_ok() { i64::from(u16::from_le_bytes(random)) } else { 32_768 };
    Timestamp(now.0.saturating_add(pause / 4 * 3 + pause / 2 * share / 65_536))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_differ_by_a_quarter_at_most() {
        let moments: Vec<i64> = (0..200).map(|_| jittered(Timestamp(0), Duration::from_secs(100)).0).collect();
        assert!(moments.iter().all(|at| (75_000..=125_000).contains(at)), "{moments:?}");
        assert!(moments.iter().any(|at| *at != moments[0]));
    }
}
