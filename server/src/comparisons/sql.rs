//! The statements about comparisons.

use super::{Packed, Pair};
use crate::{
    error::Result,
    store::{
        row::{number, parse},
        system,
    },
    versions::row::{version, version_columns},
};
use contract::generation;
use shared::{Version, ids::ServiceId};
use sqlx::{Any, AnyConnection, Row as _, any::AnyArguments, query::Query};
use tracing::instrument;

/// Binds what names a row: `$1` to `$6`.
fn of<'q>(query: Query<'q, Any, AnyArguments>, pair: &'q Pair) -> Query<'q, Any, AnyArguments> {
    query
        .bind(pair.base.as_str())
        .bind(pair.revision.as_str())
        .bind(pair.day.to_string())
        .bind(i64::from(pair.notice.stable))
        .bind(i64::from(pair.notice.beta))
        .bind(generation())
}

/// What this generation of the engine found in a pair, if it is stored.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn stored(connection: &mut AnyConnection, pair: &Pair) -> Result<Option<Packed>> {
    let query = sqlx::query(
        "SELECT findings, size FROM comparisons WHERE base_digest = $1 AND revision_digest = $2 AND day = $3
             AND notice_stable = $4 AND notice_beta = $5 AND engine = $6",
    );
    let row = of(query, pair).fetch_optional(connection).await?;
    row.map(|row| Ok(Packed { findings: row.try_get("findings")?, size: number(&row, "size")? })).transpose()
}

/// Whether it is stored.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn is_stored(connection: &mut AnyConnection, pair: &Pair) -> Result<bool> {
    let query = sqlx::query(
        "SELECT size FROM comparisons WHERE base_digest = $1 AND revision_digest = $2 AND day = $3
             AND notice_stable = $4 AND notice_beta = $5 AND engine = $6",
    );
    Ok(of(query, pair).fetch_optional(connection).await?.is_some())
}

/// Stores what this generation found; what is stored already is the same.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn store(connection: &mut AnyConnection, pair: &Pair, Packed { findings, size }: &Packed) -> Result<()> {
    let query = sqlx::query(
        "INSERT INTO comparisons (base_digest, revision_digest, day, notice_stable, notice_beta, engine, findings, size)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
    );
    of(query, pair)
        .bind(findings.as_slice())
        .bind(i64::try_from(*size).unwrap_or(i64::MAX))
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes what other generations found than the one that the hub was upgraded to last.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn delete_old(connection: &mut AnyConnection) -> Result<u64> {
    let done = sqlx::query("DELETE FROM comparisons WHERE engine <> (SELECT engine FROM hub WHERE id = 1)")
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Notes this generation as the one that the hub was upgraded to last; `false` when it is already.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn upgrade(connection: &mut AnyConnection) -> Result<bool> {
    let done = sqlx::query("UPDATE hub SET engine = $1 WHERE id = 1 AND (engine IS NULL OR engine <> $1)")
        .bind(generation())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The generation that the hub was upgraded to last; empty when none was noted.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn upgraded_to(connection: &mut AnyConnection) -> Result<String> {
    let engine: Option<String> =
        sqlx::query_scalar("SELECT engine FROM hub WHERE id = 1").fetch_one(connection).await?;
    Ok(engine.unwrap_or_default())
}

/// How many services have a version that was compared with one before it.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn count_compared(connection: &mut AnyConnection) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM services WHERE versions > 1").fetch_one(connection).await?)
}

/// The next of these services, by id: its latest version and the one before.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn next_compared(
    connection: &mut AnyConnection,
    after: Option<ServiceId>,
) -> Result<Option<(ServiceId, [Version; 2])>> {
    let rows = sqlx::query(concat!(
        "SELECT s.id AS service_id, s.name AS service, ",
        version_columns!(),
        " FROM services s JOIN versions v ON v.service_id = s.id AND v.number >= s.versions - 1
          WHERE s.id > $1 AND s.versions > 1 ORDER BY s.id, v.number LIMIT 2"
    ))
    .bind(after.map_or_else(String::new, |id| id.to_string()))
    .fetch_all(connection)
    .await?;
    let [before, latest] = &rows[..] else { return Ok(None) };
    Ok(Some((parse(latest, "service_id")?, [version(before)?, version(latest)?])))
}
