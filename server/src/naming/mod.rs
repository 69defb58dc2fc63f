//! Which service a name means, today or in the past.

mod sql;

use crate::{error::Result, permissions::Grant};
use shared::{ApiError, ErrorCode, ids::ServiceId, names::ServiceName};
use sqlx::AnyConnection;

/// The service that a grant names; `not-found` when there is none, `moved` when it has another name now.
pub async fn service<A>(connection: &mut AnyConnection, grant: &Grant<A, ServiceName>) -> Result<ServiceId> {
    match sql::service(connection, grant.service()).await? {
        Some((id, _)) => Ok(id),
        None => Err(missing(connection, grant.service()).await?.into()),
    }
}

/// The same, for something that an archived service doesn't take: `archived`.
pub async fn service_in_use<A>(connection: &mut AnyConnection, grant: &Grant<A, ServiceName>) -> Result<ServiceId> {
    match sql::service(connection, grant.service()).await? {
        Some((id, false)) => Ok(id),
        Some((_, true)) => Err(archived(grant.service()).into()),
        None => Err(missing(connection, grant.service()).await?.into()),
    }
}

/// What is said of a name that no service has.
pub async fn missing(connection: &mut AnyConnection, name: &ServiceName) -> Result<ApiError> {
    Ok(match sql::name_of_today(connection, name).await? {
        Some(today) => {
            let message = format!("The service {name} is called {today} now.");
            ApiError::new(ErrorCode::Moved, message).with_detail("service", today.to_string())
        }
        None => ApiError::not_found(format_args!("service called {name}")),
    })
}

/// What is said of an archived service.
pub fn archived(name: &ServiceName) -> ApiError {
    ApiError::new(ErrorCode::Archived, format!("The service {name} is archived. Restore it in its settings first."))
}

/// Has a name lead to the service that had it.
pub async fn leave(connection: &mut AnyConnection, name: &ServiceName, service: ServiceId) -> Result<()> {
    sql::leave(connection, name, service).await
}

/// Takes a name, which leads to no other service from now on.
pub async fn take(connection: &mut AnyConnection, name: &ServiceName) -> Result<()> {
    sql::take(connection, name).await
}
