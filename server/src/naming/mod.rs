//! Which service a name means.

mod sql;

use crate::{error::Result, permissions::Grant};
use shared::{ApiError, ids::ServiceId, names::ServiceName};
use sqlx::AnyConnection;

/// The service that a grant names; `not-found` when there is none.
pub async fn service<A>(connection: &mut AnyConnection, grant: &Grant<A, ServiceName>) -> Result<ServiceId> {
    match sql::service(connection, grant.service()).await? {
        Some(id) => Ok(id),
        None => Err(missing(grant.service()).into()),
    }
}

/// What is said of a name that no service has.
pub fn missing(name: &ServiceName) -> ApiError {
    ApiError::not_found(format_args!("service called {name}"))
}
