//! The statements about names of services.

use crate::{
    error::Result,
    store::{row::parse, system},
};
use shared::{ids::ServiceId, names::ServiceName};
use sqlx::{AnyConnection, Row as _};
use tracing::instrument;

/// The service with this name, and whether it is archived.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn service(connection: &mut AnyConnection, name: &ServiceName) -> Result<Option<(ServiceId, bool)>> {
    let row = sqlx::query("SELECT id, archived_at FROM services WHERE name = $1")
        .bind(name.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok((parse(&row, "id")?, row.try_get::<Option<i64>, _>("archived_at")?.is_some()))).transpose()
}

/// What a service that had this name is called today.
#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn name_of_today(connection: &mut AnyConnection, name: &ServiceName) -> Result<Option<ServiceName>> {
    let row =
        sqlx::query("SELECT s.name FROM service_names n JOIN services s ON s.id = n.service_id WHERE n.name = $1")
            .bind(name.as_str())
            .fetch_optional(connection)
            .await?;
    row.map(|row| parse(&row, "name")).transpose()
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn leave(connection: &mut AnyConnection, name: &ServiceName, service: ServiceId) -> Result<()> {
    sqlx::query(
        "INSERT INTO service_names (name, service_id) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET service_id = excluded.service_id",
    )
    .bind(name.as_str())
    .bind(service.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn take(connection: &mut AnyConnection, name: &ServiceName) -> Result<()> {
    sqlx::query("DELETE FROM service_names WHERE name = $1").bind(name.as_str()).execute(connection).await?;
    Ok(())
}
