//! The statements about comparisons.

use super::{ENGINE, Key, Packed};
use crate::{
    error::Result,
    store::{row::number, system},
};
use shared::{ids::ServiceId, names::ServiceName};
use sqlx::{AnyConnection, Row as _};
use tracing::instrument;

/// A stored comparison, unless another engine or policy judged it.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn stored(connection: &mut AnyConnection, service: &ServiceName, key: &Key) -> Result<Option<Packed>> {
    let row = sqlx::query(
        "SELECT c.findings, c.size FROM comparisons c JOIN services s ON s.id = c.service_id
         WHERE s.name = $1 AND c.base_digest = $2 AND c.revision_digest = $3 AND c.day = $4 AND c.engine = $5
             AND c.policy = $6",
    )
    .bind(service.as_str())
    .bind(key.base.as_str())
    .bind(key.revision.as_str())
    .bind(key.day.to_string())
    .bind(ENGINE)
    .bind(key.policy.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok(Packed { findings: row.try_get("findings")?, size: number(&row, "size")? })).transpose()
}

/// Stores a comparison in the place of what another engine or policy made of the same change.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn store(
    connection: &mut AnyConnection,
    service: &ServiceName,
    key: &Key,
    Packed { findings, size }: &Packed,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO comparisons (service_id, base_digest, revision_digest, day, engine, policy, findings, size)
         SELECT id, $2, $3, $4, $5, $6, $7, $8 FROM services WHERE name = $1
         ON CONFLICT (service_id, base_digest, revision_digest, day) DO UPDATE
         SET engine = excluded.engine, policy = excluded.policy, findings = excluded.findings, size = excluded.size",
    )
    .bind(service.as_str())
    .bind(key.base.as_str())
    .bind(key.revision.as_str())
    .bind(key.day.to_string())
    .bind(ENGINE)
    .bind(key.policy.as_str())
    .bind(findings.as_slice())
    .bind(i64::try_from(*size).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes what a service has here.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn delete(connection: &mut AnyConnection, service: ServiceId) -> Result<()> {
    sqlx::query("DELETE FROM comparisons WHERE service_id = $1").bind(service.to_string()).execute(connection).await?;
    Ok(())
}
