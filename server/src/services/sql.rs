//! The statements about services.

use crate::{
    error::Result,
    permissions::{CreateService, DeleteService, Grant, ManageService, Read, Visible, WholeHub},
    store::{
        row::{number, parse},
        system,
    },
    versions::row::{version, version_columns},
};
use shared::{
    Timestamp,
    ids::ServiceId,
    names::ServiceName,
    services::{ChangeService, Service, ServiceSettings},
};
use sqlx::{AnyConnection, Row as _, any::AnyRow};
use tracing::instrument;

/// A statement that reads services, each with its latest version, if it has one.
macro_rules! select_services {
    ($rest:literal) => {
        concat!(
            "SELECT s.id AS service_id, s.name AS service, s.description, s.created_at, s.versions, \
             s.archived_at, ",
            version_columns!(),
            " FROM services s LEFT JOIN versions v ON v.service_id = s.id AND v.number = s.versions ",
            $rest
        )
    };
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
        archived_at: row.try_get::<Option<i64>, _>("archived_at")?.map(Timestamp),
    })
}

/// Services by name, after this one: those in use, or those that are archived.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn services(
    connection: &mut AnyConnection,
    grant: &Grant<Read, Visible>,
    archived: bool,
    after: &str,
    limit: usize,
) -> Result<Vec<Service>> {
    sqlx::query(select_services!(
        "WHERE s.name > $1 AND ($3 = '' OR $3 LIKE '%,' || s.name || ',%')
             AND CASE WHEN s.archived_at IS NULL THEN 0 ELSE 1 END = $4
         ORDER BY s.name LIMIT $2"
    ))
    .bind(after)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .bind(grant.on().pattern())
    .bind(i64::from(archived))
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
    _: &Grant<CreateService, WholeHub>,
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

/// A service's settings.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn settings<A>(
    connection: &mut AnyConnection,
    grant: &Grant<A, ServiceName>,
) -> Result<Option<(ServiceId, ServiceSettings)>> {
    let row = sqlx::query("SELECT id, name, description, archived_at, revision FROM services WHERE name = $1")
        .bind(grant.service().as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        let settings = ServiceSettings {
            name: parse(&row, "name")?,
            description: row.try_get("description")?,
            archived: row.try_get::<Option<i64>, _>("archived_at")?.is_some(),
            revision: number(&row, "revision")?,
        };
        Ok((parse(&row, "id")?, settings))
    })
    .transpose()
}

/// Changes settings from this revision to the next one; `false` when they aren't of that revision any more.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn change(
    connection: &mut AnyConnection,
    _: &Grant<ManageService, ServiceName>,
    (service, revision): (ServiceId, u32),
    change: &ChangeService,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE services SET name = $3, description = $4, revision = revision + 1,
             archived_at = CASE WHEN $5 = 0 THEN NULL WHEN archived_at IS NULL THEN $6 ELSE archived_at END
         WHERE id = $1 AND revision = $2",
    )
    .bind(service.to_string())
    .bind(i64::from(revision))
    .bind(change.name.as_str())
    .bind(change.description.as_str())
    .bind(i64::from(change.archived))
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes a service that nothing refers to any more but its names and what tokens are bound to, which go with it.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn delete(
    connection: &mut AnyConnection,
    _: &Grant<DeleteService, ServiceName>,
    service: ServiceId,
) -> Result<()> {
    sqlx::query("DELETE FROM services WHERE id = $1").bind(service.to_string()).execute(connection).await?;
    Ok(())
}
