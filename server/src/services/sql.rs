//! The statements about services, versions and documents. Those about comparisons are in [`super::comparisons_sql`].

use crate::{
    error::{Error, Result},
    permissions::{CreateService, Grant, Hub, Publish, Read, Visible},
    store::{storable, system},
};
use shared::{
    Timestamp,
    findings::Counts,
    ids::ServiceId,
    names::{ServiceName, VersionLabel},
    services::{Format, Service, Verdict, Version},
};
use sqlx::{AnyConnection, Row as _, any::AnyRow};
use std::{fmt::Display, str::FromStr};
use tracing::instrument;

/// A statement that reads versions, each with its service's name.
macro_rules! select_versions {
    ($rest:literal) => {
        concat!(
            "SELECT s.name AS service, v.id AS version_id, v.number, v.label, v.author, v.published_at, v.digest, \
             v.size, v.format, v.openapi, v.title, v.operations, v.base_label, v.level, v.breaking, v.risky, v.safe \
             FROM services s JOIN versions v ON v.service_id = s.id ",
            $rest
        )
    };
}

/// A statement that reads services, each with its latest version, if it has one.
macro_rules! select_services {
    ($rest:literal) => {
        concat!(
            "SELECT s.id AS service_id, s.name AS service, s.description, s.created_at, s.versions, \
             v.id AS version_id, v.number, v.label, v.author, v.published_at, v.digest, v.size, v.format, v.openapi, \
             v.title, v.operations, v.base_label, v.level, v.breaking, v.risky, v.safe \
             FROM services s LEFT JOIN versions v ON v.service_id = s.id AND v.number = s.versions ",
            $rest
        )
    };
}

pub(super) fn parse<T: FromStr<Err: Display>>(row: &AnyRow, column: &str) -> Result<T> {
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|error| Error::damaged(format_args!("{column}: {error}")))
}

pub(super) fn number<T: TryFrom<i64, Error: Display>>(row: &AnyRow, column: &str) -> Result<T> {
    row.try_get::<i64, _>(column)?.try_into().map_err(|error| Error::damaged(format_args!("{column}: {error}")))
}

fn format(row: &AnyRow) -> Result<Format> {
    match row.try_get("format")? {
        "json" => Ok(Format::Json),
        "yaml" => Ok(Format::Yaml),
        other => Err(Error::damaged(format_args!("format: {other}"))),
    }
}

pub(super) fn counts(row: &AnyRow) -> Result<Counts> {
    Ok(Counts { breaking: number(row, "breaking")?, risky: number(row, "risky")?, safe: number(row, "safe")? })
}

fn version(row: &AnyRow) -> Result<Version> {
    let verdict = match row.try_get::<Option<&str>, _>("level")? {
        None => None,
        Some(_) => Some(Verdict { level: parse(row, "level")?, counts: counts(row)?, base: parse(row, "base_label")? }),
    };
    Ok(Version {
        id: parse(row, "version_id")?,
        service: parse(row, "service")?,
        label: parse(row, "label")?,
        number: number(row, "number")?,
        author: parse(row, "author")?,
        published_at: Timestamp(row.try_get("published_at")?),
        size: number(row, "size")?,
        digest: row.try_get("digest")?,
        format: format(row)?,
        openapi: row.try_get("openapi")?,
        title: row.try_get("title")?,
        operations: number(row, "operations")?,
        verdict,
    })
}

fn service(row: &AnyRow) -> Result<Service> {
    let latest = match row.try_get::<Option<&str>, _>("version_id")? {
        None => None,
        Some(_) => Some(version(row)?),
    };
    Ok(Service {
        id: parse(row, "service_id")?,
        name: parse(row, "service")?,
        description: row.try_get("description")?,
        created_at: Timestamp(row.try_get("created_at")?),
        versions: number(row, "versions")?,
        latest,
    })
}

/// Services by name, after this one.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn services(
    connection: &mut AnyConnection,
    grant: &Grant<Read, Visible>,
    after: &str,
    limit: usize,
) -> Result<Vec<Service>> {
    sqlx::query(select_services!(
        "WHERE s.name > $1 AND ($3 = '' OR $3 LIKE '%,' || s.name || ',%') ORDER BY s.name LIMIT $2"
    ))
    .bind(after)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .bind(grant.on().pattern())
    .fetch_all(connection)
    .await?
    .iter()
    .map(service)
    .collect()
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn service_by_name<A>(
    connection: &mut AnyConnection,
    grant: &Grant<A, ServiceName>,
) -> Result<Option<Service>> {
    sqlx::query(select_services!("WHERE s.name = $1"))
        .bind(grant.service().as_str())
        .fetch_optional(connection)
        .await?
        .map(|row| service(&row))
        .transpose()
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn insert_service(
    connection: &mut AnyConnection,
    _: &Grant<CreateService, Hub>,
    service: &Service,
) -> Result<()> {
    sqlx::query("INSERT INTO services (id, name, description, created_at, versions) VALUES ($1, $2, $3, $4, 0)")
        .bind(service.id.to_string())
        .bind(service.name.as_str())
        .bind(service.description.as_str())
        .bind(service.created_at.0)
        .execute(connection)
        .await?;
    Ok(())
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

/// Moves the service's latest number on by one; `false` when it isn't `from` any more. A second transaction waits here
/// for the first, so exactly one of those that started from the same version goes on.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn take_number(connection: &mut AnyConnection, service: ServiceId, from: u32) -> Result<bool> {
    let done = sqlx::query("UPDATE services SET versions = versions + 1 WHERE id = $1 AND versions = $2")
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
    let verdict = version.verdict.as_ref();
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

/// A document as it is stored.
pub struct Stored {
    pub coding: String,
    pub bytes: Vec<u8>,
    pub size: usize,
}

/// Keeps a document, unless it is there already.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn insert_document(
    connection: &mut AnyConnection,
    digest: &str,
    format: Format,
    document: &Stored,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO documents (digest, size, format, coding, bytes) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (digest) DO NOTHING",
    )
    .bind(digest)
    .bind(i64::try_from(document.size).unwrap_or(i64::MAX))
    .bind(format.as_str())
    .bind(document.coding.as_str())
    .bind(document.bytes.as_slice())
    .execute(connection)
    .await?;
    Ok(())
}

/// How large a document is, in bytes.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn document_size(connection: &mut AnyConnection, digest: &str) -> Result<Option<usize>> {
    let row =
        sqlx::query("SELECT size FROM documents WHERE digest = $1").bind(digest).fetch_optional(connection).await?;
    row.map(|row| number(&row, "size")).transpose()
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn document(connection: &mut AnyConnection, digest: &str) -> Result<Option<Stored>> {
    let row = sqlx::query("SELECT size, coding, bytes FROM documents WHERE digest = $1")
        .bind(digest)
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        Ok(Stored { coding: row.try_get("coding")?, bytes: row.try_get("bytes")?, size: number(&row, "size")? })
    })
    .transpose()
}
