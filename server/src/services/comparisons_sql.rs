//! The statements about comparisons and their findings.

use super::{
    comparisons::{Compared, ENGINE, IGNORED, Key, Summary},
    sql::{counts, number},
};
use crate::{
    error::{Error, Result},
    store::{insert_rows, system},
};
use shared::Finding;
use sqlx::{AnyConnection, Row as _};
use tracing::instrument;
use uuid::Uuid;

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn summary(connection: &mut AnyConnection, key: &Key) -> Result<Option<Summary>> {
    let row = sqlx::query(
        "SELECT id, breaking, risky, safe, ignored, operations_touched FROM comparisons
         WHERE base_digest = $1 AND revision_digest = $2 AND engine = $3 AND day = $4 AND policy = $5",
    )
    .bind(key.base.as_str())
    .bind(key.revision.as_str())
    .bind(ENGINE)
    .bind(key.day.to_string())
    .bind(key.policy.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Summary {
            id: row.try_get("id")?,
            counts: counts(&row)?,
            ignored: number(&row, "ignored")?,
            operations_touched: number(&row, "operations_touched")?,
        })
    })
    .transpose()
}

/// Keeps a comparison with its findings, unless it is there already. What the same change was judged as before, by
/// another policy or another release, goes: whoever wants it again has it made again.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection), findings = compared.rows.len()))]
pub async fn insert(connection: &mut AnyConnection, compared: &Compared) -> Result<()> {
    let id = Uuid::now_v7().to_string();
    sqlx::query(
        "DELETE FROM comparisons
         WHERE base_digest = $1 AND revision_digest = $2 AND day = $3 AND (engine <> $4 OR policy <> $5)",
    )
    .bind(compared.key.base.as_str())
    .bind(compared.key.revision.as_str())
    .bind(compared.key.day.to_string())
    .bind(ENGINE)
    .bind(compared.key.policy.as_str())
    .execute(&mut *connection)
    .await?;
    let done = sqlx::query(
        "INSERT INTO comparisons (id, base_digest, revision_digest, engine, day, policy, breaking, risky, safe, ignored,
             operations_touched)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (base_digest, revision_digest, engine, day, policy) DO NOTHING",
    )
    .bind(id.as_str())
    .bind(compared.key.base.as_str())
    .bind(compared.key.revision.as_str())
    .bind(ENGINE)
    .bind(compared.key.day.to_string())
    .bind(compared.key.policy.as_str())
    .bind(i64::from(compared.counts.breaking))
    .bind(i64::from(compared.counts.risky))
    .bind(i64::from(compared.counts.safe))
    .bind(i64::from(compared.ignored))
    .bind(i64::from(compared.operations_touched))
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    let statement = "INSERT INTO findings (comparison_id, position, level, search, body) VALUES";
    insert_rows(connection, statement, 5, &compared.rows, |query, index, row| {
        query
            .bind(id.clone())
            .bind(i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1))
            .bind(row.level)
            .bind(row.search.as_str())
            .bind(row.body.as_str())
    })
    .await?;
    Ok(())
}

/// Whether a comparison is still kept.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn is_kept(connection: &mut AnyConnection, comparison: &str) -> Result<bool> {
    let row =
        sqlx::query("SELECT id FROM comparisons WHERE id = $1").bind(comparison).fetch_optional(connection).await?;
    Ok(row.is_some())
}

/// Findings after a position, each with its own. `pattern` is one of `LIKE`, with `!` before a character that is meant
/// as such; the empty one finds all. Without a level, all that count.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn findings(
    connection: &mut AnyConnection,
    comparison: &str,
    level: Option<&'static str>,
    pattern: &str,
    after: i64,
    limit: usize,
) -> Result<Vec<(i64, Finding)>> {
    let query = match level {
        None => sqlx::query(
            "SELECT position, body FROM findings WHERE comparison_id = $1 AND position > $2
             AND ($3 = '' OR search LIKE $3 ESCAPE '!') AND level <> $5 ORDER BY position LIMIT $4",
        ),
        Some(_) => sqlx::query(
            "SELECT position, body FROM findings WHERE comparison_id = $1 AND position > $2
             AND ($3 = '' OR search LIKE $3 ESCAPE '!') AND level = $5 ORDER BY position LIMIT $4",
        ),
    };
    let query = query.bind(comparison).bind(after).bind(pattern).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    query
        .bind(level.unwrap_or(IGNORED))
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| {
            let finding = serde_json::from_str(row.try_get("body")?);
            Ok((row.try_get("position")?, finding.map_err(|error| Error::damaged(format_args!("finding: {error}")))?))
        })
        .collect()
}
