//! The statements about policies.

use crate::{
    error::Result,
    permissions::{Grant, Publish},
    store::{row::parse, system},
};
use shared::{Policy, Timestamp, ids::ServiceId, names::ServiceName};
use sqlx::{AnyConnection, Row as _};
use tracing::instrument;

/// A service's policy, without notes.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn policy(connection: &mut AnyConnection, service: &ServiceName) -> Result<Option<Policy>> {
    let row = sqlx::query(
        "SELECT p.text, p.digest, p.author, p.changed_at FROM policies p JOIN services s ON s.id = p.service_id
         WHERE s.name = $1",
    )
    .bind(service.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Policy {
            text: row.try_get("text")?,
            digest: row.try_get("digest")?,
            author: parse(&row, "author")?,
            changed_at: Timestamp(row.try_get("changed_at")?),
            notes: Vec::new(),
        })
    })
    .transpose()
}

/// Puts a policy in force; `false` when the very same text is already.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn set(
    connection: &mut AnyConnection,
    grant: &Grant<Publish, ServiceName>,
    service: ServiceId,
    policy: &Policy,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO policies (service_id, text, digest, author_id, author, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (service_id) DO UPDATE SET text = excluded.text, digest = excluded.digest,
             author_id = excluded.author_id, author = excluded.author, changed_at = excluded.changed_at
         WHERE policies.digest <> excluded.digest",
    )
    .bind(service.to_string())
    .bind(policy.text.as_str())
    .bind(policy.digest.as_str())
    .bind(grant.actor().user.to_string())
    .bind(policy.author.as_str())
    .bind(policy.changed_at.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes what a service has here.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn delete(connection: &mut AnyConnection, service: ServiceId) -> Result<()> {
    sqlx::query("DELETE FROM policies WHERE service_id = $1").bind(service.to_string()).execute(connection).await?;
    Ok(())
}
