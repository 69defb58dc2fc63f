//! The statements of this area.

use crate::{
    error::{Error, Result},
    store::{Backend, system},
};
use shared::{
    Timestamp,
    ids::JobId,
    jobs::{Job, JobState, Progress},
};
use sqlx::{AnyConnection, Row as _, any::AnyRow};
use tracing::instrument;

/// A job that a runner has taken.
#[derive(Debug, Clone)]
pub struct ClaimedJob {
    pub id: JobId,
    pub name: String,
    pub payload: String,
    /// This attempt's number, from 1.
    pub attempt: i64,
    /// Shows that the job is still this attempt's.
    pub lease: String,
}

/// A job that is due now; one with a key that is there already is left as it is.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn insert(
    connection: &mut AnyConnection,
    id: JobId,
    name: &str,
    key: Option<&str>,
    payload: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO jobs (id, name, key, payload, created_at, run_at, attempts) VALUES ($1, $2, $3, $4, $5, $5, 0)
         ON CONFLICT (key) DO NOTHING",
    )
    .bind(id.to_string())
    .bind(name)
    .bind(key)
    .bind(payload)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// The next job of these names (`,one,another,`) that is due and that nobody has.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn take(
    connection: &mut AnyConnection,
    backend: Backend,
    names: &str,
    lease: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<ClaimedJob>> {
    // Each server skips what another one is taking at this moment. SQLite has one writer, and no such words.
    let statement = match backend {
        Backend::Postgres => {
            "UPDATE jobs SET lease = $1, leased_until = $2, attempts = attempts + 1 WHERE id = (
                 SELECT id FROM jobs WHERE dead_at IS NULL AND run_at <= $3
                     AND (leased_until IS NULL OR leased_until <= $3) AND $4 LIKE '%,' || name || ',%'
                 ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
             RETURNING id, name, payload, attempts"
        }
        Backend::Sqlite => {
            "UPDATE jobs SET lease = $1, leased_until = $2, attempts = attempts + 1 WHERE id = (
                 SELECT id FROM jobs WHERE dead_at IS NULL AND run_at <= $3
                     AND (leased_until IS NULL OR leased_until <= $3) AND $4 LIKE '%,' || name || ',%'
                 ORDER BY run_at, id LIMIT 1)
             RETURNING id, name, payload, attempts"
        }
    };
    let row =
        sqlx::query(statement).bind(lease).bind(until.0).bind(now.0).bind(names).fetch_optional(connection).await?;
    row.map(|row| {
        Ok(ClaimedJob {
            id: id(&row)?,
            name: row.try_get("name")?,
            payload: row.try_get("payload")?,
            attempt: row.try_get("attempts")?,
            lease: lease.to_owned(),
        })
    })
    .transpose()
}

/// Whether the job is still this attempt's; it is until then.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn extend(connection: &mut AnyConnection, job: &ClaimedJob, until: Timestamp) -> Result<bool> {
    let done = sqlx::query("UPDATE jobs SET leased_until = $1 WHERE id = $2 AND lease = $3")
        .bind(until.0)
        .bind(job.id.to_string())
        .bind(job.lease.as_str())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// How far this attempt has got.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn set_progress(connection: &mut AnyConnection, job: &ClaimedJob, done: i64, total: i64) -> Result<()> {
    sqlx::query("UPDATE jobs SET done = $1, total = $2 WHERE id = $3 AND lease = $4")
        .bind(done)
        .bind(total)
        .bind(job.id.to_string())
        .bind(job.lease.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// A job is done for good.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn delete(connection: &mut AnyConnection, job: &ClaimedJob) -> Result<()> {
    sqlx::query("DELETE FROM jobs WHERE id = $1 AND lease = $2")
        .bind(job.id.to_string())
        .bind(job.lease.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// What becomes of an attempt's job.
#[derive(Debug)]
pub struct Next {
    pub run_at: Timestamp,
    /// Attempts that count from now on.
    pub attempts: i64,
    pub error: Option<String>,
    /// When it was put aside.
    pub dead_at: Option<Timestamp>,
    /// When it succeeded, if it did now.
    pub finished_at: Option<Timestamp>,
}

/// Gives a job back.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn give_back(connection: &mut AnyConnection, job: &ClaimedJob, next: &Next) -> Result<()> {
    sqlx::query(
        "UPDATE jobs SET lease = NULL, leased_until = NULL, run_at = $1, attempts = $2, error = $3, dead_at = $4,
             finished_at = COALESCE($5, finished_at)
         WHERE id = $6 AND lease = $7",
    )
    .bind(next.run_at.0)
    .bind(next.attempts)
    .bind(next.error.as_deref())
    .bind(next.dead_at.map(|at| at.0))
    .bind(next.finished_at.map(|at| at.0))
    .bind(job.id.to_string())
    .bind(job.lease.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// Has a job that nobody works on tried at once, as if for the first time.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn try_again(connection: &mut AnyConnection, job: JobId, now: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE jobs SET run_at = $1, attempts = 0, dead_at = NULL, lease = NULL, leased_until = NULL
         WHERE id = $2 AND (leased_until IS NULL OR leased_until <= $1)",
    )
    .bind(now.0)
    .bind(job.to_string())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// When the next job of these names is due, or the lease of one ends; `None` when there is none.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn next_due(connection: &mut AnyConnection, names: &str) -> Result<Option<Timestamp>> {
    let at: Option<i64> = sqlx::query_scalar(
        "SELECT MIN(CASE WHEN leased_until > run_at THEN leased_until ELSE run_at END) FROM jobs
         WHERE dead_at IS NULL AND $1 LIKE '%,' || name || ',%'",
    )
    .bind(names)
    .fetch_one(connection)
    .await?;
    Ok(at.map(Timestamp))
}

/// How many jobs wait, run and were put aside.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn counts(connection: &mut AnyConnection, now: Timestamp) -> Result<[(JobState, i64); 3]> {
    let row = sqlx::query(
        "SELECT COUNT(*) FILTER (WHERE dead_at IS NOT NULL) AS dead,
                COUNT(*) FILTER (WHERE dead_at IS NULL AND leased_until > $1) AS running, COUNT(*) AS jobs FROM jobs",
    )
    .bind(now.0)
    .fetch_one(connection)
    .await?;
    let (dead, running, all): (i64, i64, i64) = (row.try_get("dead")?, row.try_get("running")?, row.try_get("jobs")?);
    Ok([(JobState::Waiting, all - dead - running), (JobState::Running, running), (JobState::Dead, dead)])
}

/// Newest first.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn jobs(
    connection: &mut AnyConnection,
    before: Option<JobId>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Job>> {
    sqlx::query(
        "SELECT id, name, key, created_at, run_at, attempts, leased_until, error, finished_at, dead_at, done, total
         FROM jobs
         WHERE ($1 = '' OR id < $1) ORDER BY id DESC LIMIT $2",
    )
    .bind(before.map_or_else(String::new, |id| id.to_string()))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?
    .iter()
    .map(|row| job(row, now))
    .collect()
}

fn job(row: &AnyRow, now: Timestamp) -> Result<Job> {
    let time = |column| Ok::<_, Error>(row.try_get::<Option<i64>, _>(column)?.map(Timestamp));
    let state = if time("dead_at")?.is_some() {
        JobState::Dead
    } else if time("leased_until")?.is_some_and(|until| until > now) {
        JobState::Running
    } else {
        JobState::Waiting
    };
    Ok(Job {
        id: id(row)?,
        name: row.try_get("name")?,
        periodic: row.try_get::<Option<&str>, _>("key")?.is_some(),
        state,
        attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(u32::MAX),
        created_at: Timestamp(row.try_get("created_at")?),
        run_at: Timestamp(row.try_get("run_at")?),
        finished_at: time("finished_at")?,
        error: row.try_get("error")?,
        progress: progress(row)?,
    })
}

fn progress(row: &AnyRow) -> Result<Option<Progress>> {
    let number =
        |column| Ok::<_, Error>(row.try_get::<Option<i64>, _>(column)?.map(|n| u32::try_from(n).unwrap_or(u32::MAX)));
    Ok(number("done")?.zip(number("total")?).map(|(done, total)| Progress { done, total }))
}

fn id(row: &AnyRow) -> Result<JobId> {
    let text: &str = row.try_get("id")?;
    text.parse().map_err(|error| Error::damaged(format_args!("jobs.id: {error}")))
}
