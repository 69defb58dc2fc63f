//! The statements about names of services.

use crate::{
    error::Result,
    store::{row::parse, system},
};
use shared::{ids::ServiceId, names::ServiceName};
use sqlx::AnyConnection;
use tracing::instrument;

#[instrument(skip_all, fields(otel.kind = "client", db.system = system(connection)))]
pub async fn service(connection: &mut AnyConnection, name: &ServiceName) -> Result<Option<ServiceId>> {
    let row =
        sqlx::query("SELECT id FROM services WHERE name = $1").bind(name.as_str()).fetch_optional(connection).await?;
    row.map(|row| parse(&row, "id")).transpose()
}
