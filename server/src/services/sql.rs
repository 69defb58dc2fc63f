//! The statements about services.

use crate::{
    error::Result,
    permissions::{CreateService, Grant, Hub, Read, Visible},
    store::{
        row::{number, parse},
        system,
    },
    versions::row::{version, version_columns},
};
use shared::{Timestamp, names::ServiceName, services::Service};
use sqlx::{AnyConnection, Row as _, any::AnyRow};
use tracing::instrument;

/// A statement that reads services, each with its latest version, if it has one.
macro_rules! select_services {
    ($rest:literal) => {
        concat!(
            "SELECT s.id AS service_id, s.name AS service, s.description, s.created_at, s.versions, ",
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
