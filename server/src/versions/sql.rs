//! The statements about versions.

use super::row::{version, version_columns};
use crate::{
    error::Result,
    permissions::{Grant, Publish},
    store::{
        row::{number, parse},
        storable, system,
    },
};
use shared::{
    findings::Counts,
    ids::ServiceId,
    names::{ServiceName, VersionLabel},
    versions::Version,
};
use sqlx::{AnyConnection, Row as _};
use tracing::instrument;

/// A statement that reads versions, each with its service's name.
macro_rules! select_versions {
    ($rest:literal) => {
        concat!(
            "SELECT s.name AS service, ",
            version_columns!(),
            " FROM services s JOIN versions v ON v.service_id = s.id ",
            $rest
        )
    };
}

/// Versions of a service with a smaller number, newest first.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn versions(
    connection: &mut AnyConnection,
    service: ServiceId,
    before: i64,
    limit: usize,
) -> Result<Vec<Version>> {
    sqlx::query(select_versions!("WHERE v.service_id = $1 AND v.number < $2 ORDER BY v.number DESC LIMIT $3"))
        .bind(service.to_string())
        .bind(before)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?
        .iter()
        .map(version)
        .collect()
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn version_by_label<A>(
    connection: &mut AnyConnection,
    grant: &Grant<A, ServiceName>,
    label: &VersionLabel,
) -> Result<Option<Version>> {
    sqlx::query(select_versions!("WHERE s.name = $1 AND v.label = $2"))
        .bind(grant.service().as_str())
        .bind(label.as_str())
        .fetch_optional(connection)
        .await?
        .map(|row| version(&row))
        .transpose()
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn version_by_id(connection: &mut AnyConnection, id: &str) -> Result<Option<Version>> {
    sqlx::query(select_versions!("WHERE v.id = $1"))
        .bind(id)
        .fetch_optional(connection)
        .await?
        .map(|row| version(&row))
        .transpose()
}

/// Where a service's numbers have got to: its latest version, too, if it has one.
#[derive(Debug)]
pub struct Head {
    pub service: ServiceId,
    pub number: u32,
    pub latest: Option<Version>,
    pub archived: bool,
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn head(connection: &mut AnyConnection, grant: &Grant<Publish, ServiceName>) -> Result<Option<Head>> {
    let row = sqlx::query(concat!(
        "SELECT s.id AS service_id, s.name AS service, s.versions, s.archived_at, ",
        version_columns!(),
        " FROM services s LEFT JOIN versions v ON v.service_id = s.id AND v.number = s.versions WHERE s.name = $1"
    ))
    .bind(grant.service().as_str())
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let latest = match row.try_get::<Option<&str>, _>("version_id")? {
            None => None,
            Some(_) => Some(version(&row)?),
        };
        let archived = row.try_get::<Option<i64>, _>("archived_at")?.is_some();
        Ok(Head { archived, service: parse(&row, "service_id")?, number: number(&row, "versions")?, latest })
    })
    .transpose()
}

/// Moves the service's latest number on by one; `false` when it isn't `from` any more, or the service is
/// archived. A second transaction waits here
/// for the first, so exactly one of those that started from the same version goes on.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn take_number(connection: &mut AnyConnection, service: ServiceId, from: u32) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE services SET versions = versions + 1 WHERE id = $1 AND versions = $2 AND archived_at IS NULL",
    )
    .bind(service.to_string())
    .bind(i64::from(from))
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn insert_version(
    connection: &mut AnyConnection,
    grant: &Grant<Publish, ServiceName>,
    service: ServiceId,
    version: &Version,
) -> Result<()> {
    let verdict = version.published_verdict.as_ref();
    let count = |count: fn(&Counts) -> u32| verdict.map(|verdict| i64::from(count(&verdict.counts)));
    sqlx::query(
        "INSERT INTO versions (id, service_id, number, label, author_id, author, published_at, digest, size, format,
             openapi, title, operations, base_label, level, breaking, risky, safe)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    )
    .bind(version.id.to_string())
    .bind(service.to_string())
    .bind(i64::from(version.number))
    .bind(version.label.as_str())
    .bind(grant.actor().user.to_string())
    .bind(version.author.as_str())
    .bind(version.published_at.0)
    .bind(version.digest.as_str())
    .bind(i64::try_from(version.size).unwrap_or(i64::MAX))
    .bind(version.format.as_str())
    .bind(storable(&version.openapi).into_owned())
    .bind(storable(&version.title).into_owned())
    .bind(i64::from(version.operations))
    .bind(verdict.map(|verdict| verdict.base.as_str()))
    .bind(verdict.map(|verdict| verdict.level.as_str()))
    .bind(count(|counts| counts.breaking))
    .bind(count(|counts| counts.risky))
    .bind(count(|counts| counts.safe))
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes what a service has here.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn delete(connection: &mut AnyConnection, service: ServiceId) -> Result<()> {
    sqlx::query("DELETE FROM versions WHERE service_id = $1").bind(service.to_string()).execute(connection).await?;
    Ok(())
}
