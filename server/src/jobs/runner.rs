//! Takes jobs and does them, as long as the server runs.

use super::{Job, Progress, Queue, jittered, json, sql};
use crate::{
    clock::after,
    error::{Error, Result},
    store::retrying,
};
use async_trait::async_trait;
use shared::Timestamp;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Jobs that a server does at once.
const AT_ONCE: usize = 2;
/// How long a job is a runner's before it says that it is still at it.
const LEASE: Duration = Duration::from_secs(60);
/// How long a runner waits at most before it looks for work: other servers don't wake it.
const LOOK: Duration = Duration::from_secs(10);
/// Attempts before a job is put aside: over some two hours.
const ATTEMPTS: i64 = 8;
/// The first pause after a failure; each is three times as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);
/// How long a server that stops waits for what it is doing.
const GRACE: Duration = Duration::from_secs(10);
/// Longer causes of failures are cut.
const LONGEST_ERROR: usize = 1_000;

/// A job whatever its payload's type.
#[async_trait]
trait AnyJob: Send + Sync {
    fn every(&self) -> Option<Duration>;
    /// What a periodic one is told.
    fn payload(&self) -> Result<String>;
    async fn run(&self, payload: &str, progress: &Progress) -> Result<()>;
}

#[async_trait]
impl<J: Job> AnyJob for J {
    fn every(&self) -> Option<Duration> {
        J::EVERY
    }

    fn payload(&self) -> Result<String> {
        json(&J::Payload::default())
    }

    async fn run(&self, payload: &str, progress: &Progress) -> Result<()> {
        let payload = serde_json::from_str(payload)
            .map_err(|error| Error::damaged(format_args!("the payload of a job {}: {error}", J::NAME)))?;
        Job::run(self, payload, progress).await
    }
}

/// The jobs that a release knows.
#[derive(Default)]
pub struct Kinds(HashMap<&'static str, Arc<dyn AnyJob>>);

impl Kinds {
    #[must_use]
    pub fn with<J: Job>(mut self, job: J) -> Self {
        self.0.insert(J::NAME, Arc::new(job));
        self
    }

    /// For a statement: `,one,another,`. Jobs of other releases are left to them.
    fn names(&self) -> String {
        self.0.keys().fold(",".to_owned(), |names, name| format!("{names}{name},"))
    }
}

/// Does what is in the queue. Cheap to clone.
#[derive(Clone)]
pub struct Runner {
    queue: Queue,
    kinds: Arc<Kinds>,
    names: Arc<str>,
    stopping: CancellationToken,
    grace: Duration,
}

/// Whether the server is stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    No,
    Yes,
}

impl Runner {
    #[must_use]
    pub fn new(queue: Queue, kinds: Kinds, stopping: CancellationToken) -> Self {
        let names = kinds.names().into();
        Self { queue, kinds: Arc::new(kinds), names, stopping, grace: GRACE }
    }

    /// Waits for that long for what it is doing when the server stops.
    #[must_use]
    pub const fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Does jobs until the server stops. What it is doing then has some seconds to end; the rest is given back.
    pub async fn run(self) {
        self.schedule().await;
        let mut workers = JoinSet::new();
        for _ in 0..AT_ONCE {
            workers.spawn(self.clone().work());
        }
        while workers.join_next().await.is_some() {}
    }

    /// Makes the rows of periodic jobs, and tries until the database takes them.
    pub async fn schedule(&self) {
        for (name, kind) in &self.kinds.0 {
            if kind.every().is_none() {
                continue;
            }
            loop {
                let made = match kind.payload() {
                    Ok(payload) => self.queue.schedule(name, &payload).await,
                    Err(error) => Err(error),
                };
                let Err(error) = made else { break };
                tracing::warn!(%error, job = name, "a periodic job can't be scheduled; trying again");
                if self.pause(LOOK).await == Stopped::Yes {
                    return;
                }
            }
        }
    }

    async fn work(self) {
        loop {
            let pause = match self.next().await {
                Ok(true) => Duration::ZERO,
                Ok(false) => self.until_due().await.unwrap_or(LOOK).min(LOOK),
                Err(_) if self.queue.store.is_closed() => return,
                Err(error) => {
                    tracing::warn!(%error, "jobs can't be taken; trying again");
                    LOOK
                }
            };
            if self.stopping.is_cancelled() || (!pause.is_zero() && self.pause(pause).await == Stopped::Yes) {
                return;
            }
        }
    }

    /// Waits, or is woken.
    async fn pause(&self, pause: Duration) -> Stopped {
        tokio::select! {
            () = self.stopping.cancelled() => Stopped::Yes,
            () = self.queue.woken.notified() => Stopped::No,
            () = sleep(pause) => Stopped::No,
        }
    }

    async fn until_due(&self) -> Result<Duration> {
        let mut connection = self.queue.store.read().await?;
        let (now, due) = (self.queue.clock.now(), sql::next_due(&mut connection, &self.names).await?);
        for (state, count) in sql::counts(&mut connection, now).await? {
            #[allow(clippy::cast_precision_loss, reason = "counts of jobs are small")]
            metrics::gauge!("handshake_jobs", "state" => state.as_str()).set(count as f64);
        }
        let millis = due.map_or(i64::MAX, |due| due.millis_since(now)).max(100);
        Ok(Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
    }

    /// Does the next job that is due; `false` when none is.
    pub async fn next(&self) -> Result<bool> {
        let Some(job) = self.take().await? else { return Ok(false) };
        let Some(kind) = self.kinds.0.get(job.name.as_str()) else { return Ok(false) };
        let started = Instant::now();
        let outcome = if job.attempt > ATTEMPTS {
            Err("its server stopped during each attempt".to_owned())
        } else {
            match self.attempt(&job, Arc::clone(kind)).await {
                Some(outcome) => outcome,
                // Stopping, or another server has it: neither is the job's failure.
                None => return Ok(true),
            }
        };
        let word = if outcome.is_ok() { "ok" } else { "failed" };
        metrics::counter!("handshake_job_attempts_total", "job" => job.name.clone(), "outcome" => word).increment(1);
        metrics::histogram!("handshake_job_seconds", "job" => job.name.clone()).record(started.elapsed());
        self.settle(&job, kind.every(), outcome).await?;
        Ok(true)
    }

    async fn take(&self) -> Result<Option<sql::ClaimedJob>> {
        let (store, now) = (&self.queue.store, self.queue.clock.now());
        let lease = Uuid::now_v7().to_string();
        retrying(async || {
            let mut tx = store.begin().await?;
            let taken = sql::take(&mut tx, store.backend(), &self.names, &lease, now, after(now, LEASE)).await?;
            tx.commit().await?;
            Ok(taken)
        })
        .await
    }

    /// One attempt: how it ended, or `None` when it was left.
    async fn attempt(&self, job: &sql::ClaimedJob, kind: Arc<dyn AnyJob>) -> Option<Result<(), String>> {
        let progress = Progress { store: self.queue.store.clone(), job: job.clone() };
        // In a task of its own, so that a panic is a failure like another.
        let mut work = tokio::spawn(async move { kind.run(&progress.job.payload, &progress).await });
        let mut stopping = std::pin::pin!(async {
            self.stopping.cancelled().await;
            sleep(self.grace).await;
        });
        loop {
            tokio::select! {
                done = &mut work => return Some(match done {
                    Ok(done) => done.map_err(|error| error.to_string()),
                    Err(error) => Err(format!("it broke off: {error}")),
                }),
                () = &mut stopping => {
                    work.abort();
                    self.leave(job).await;
                    return None;
                }
                () = sleep(LEASE / 3) => {
                    if !self.still_ours(job).await {
                        tracing::warn!(job = job.name, id = %job.id, "another server has taken this job");
                        work.abort();
                        return None;
                    }
                }
            }
        }
    }

    /// Extends the lease. A database that is away for a moment takes nothing from anybody.
    async fn still_ours(&self, job: &sql::ClaimedJob) -> bool {
        let until = after(self.queue.clock.now(), LEASE);
        let extended = retrying(async || {
            let mut tx = self.queue.store.begin().await?;
            let ours = sql::extend(&mut tx, job, until).await?;
            tx.commit().await?;
            Ok(ours)
        });
        match timeout(LEASE / 3, extended).await {
            Ok(Ok(ours)) => ours,
            Ok(Err(error)) => {
                tracing::warn!(%error, job = job.name, "a job's lease can't be extended");
                true
            }
            Err(_) => true,
        }
    }

    /// Gives a job back that isn't done, for the next server to begin at once.
    async fn leave(&self, job: &sql::ClaimedJob) {
        let run_at = self.queue.clock.now();
        let next = sql::Next { run_at, attempts: job.attempt - 1, error: None, dead_at: None, finished_at: None };
        if let Err(error) = self.give_back(job, &next).await {
            tracing::warn!(%error, job = job.name, "a job can't be given back; it is free when its lease ends");
        }
    }

    async fn settle(&self, job: &sql::ClaimedJob, every: Option<Duration>, outcome: Result<(), String>) -> Result<()> {
        let now = self.queue.clock.now();
        match (outcome, every) {
            (Ok(()), None) => {
                retrying(async || {
                    let mut tx = self.queue.store.begin().await?;
                    sql::delete(&mut tx, job).await?;
                    Ok(tx.commit().await?)
                })
                .await
            }
            (Ok(()), Some(every)) => {
                let run_at = jittered(now, every);
                let next = sql::Next { run_at, attempts: 0, error: None, dead_at: None, finished_at: Some(now) };
                self.give_back(job, &next).await
            }
            (Err(error), every) => {
                tracing::error!(%error, job = job.name, id = %job.id, attempt = job.attempt, "a job failed");
                self.give_back(job, &after_failure(job.attempt, every, now, &error)).await
            }
        }
    }

    async fn give_back(&self, job: &sql::ClaimedJob, next: &sql::Next) -> Result<()> {
        retrying(async || {
            let mut tx = self.queue.store.begin().await?;
            sql::give_back(&mut tx, job, next).await?;
            Ok(tx.commit().await?)
        })
        .await
    }
}

fn after_failure(attempt: i64, every: Option<Duration>, now: Timestamp, error: &str) -> sql::Next {
    let error = Some(error.chars().take(LONGEST_ERROR).collect());
    let times = u32::try_from(attempt - 1).unwrap_or(0).min(16);
    let run_at = jittered(now, FIRST_PAUSE.saturating_mul(3_u32.saturating_pow(times)).min(LONGEST_PAUSE));
    match every {
        _ if attempt < ATTEMPTS => sql::Next { run_at, attempts: attempt, error, dead_at: None, finished_at: None },
        None => sql::Next { run_at: now, attempts: attempt, error, dead_at: Some(now), finished_at: None },
        Some(every) => sql::Next { run_at: jittered(now, every), attempts: 0, error, dead_at: None, finished_at: None },
    }
}
