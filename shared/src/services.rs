//! Services: backends whose contracts the hub has.

use crate::{Page, PageQuery, Result, Timestamp, Version, accounts::Caller, ids::ServiceId, names::ServiceName};
use serde::{Deserialize, Serialize};

/// The service as which a hub publishes its own contract.
pub const OWN_SERVICE: &str = "handshake";

/// A backend whose contract the hub keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Service {
    pub id: ServiceId,
    pub name: ServiceName,
    /// What it is, in a sentence; empty when nobody said.
    pub description: String,
    pub created_at: Timestamp,
    /// How many versions it has.
    pub versions: u32,
    /// The version in force: the one published last.
    pub latest: Option<Version>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewService {
    pub name: ServiceName,
    /// At most 500 characters; of those that aren't seen only line breaks and tabs.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = description_schema, required = false))]
    pub description: String,
}

#[cfg(feature = "openapi")]
fn description_schema() -> utoipa::openapi::Object {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::Type::String)
        .description(Some("At most 500 characters; of those that aren't seen only line breaks and tabs."))
        .max_length(Some(NewService::MAX_DESCRIPTION))
        .pattern(Some(format!("^[^{}]*$", crate::names::patterns::unseen_in_lines())))
        .build()
}

impl NewService {
    pub const MAX_DESCRIPTION: usize = 500;
}

/// Services.
#[async_trait::async_trait]
pub trait Services: Send + Sync + 'static {
    /// By name.
    async fn list(&self, caller: &Caller, page: PageQuery) -> Result<Page<Service>>;
    async fn read(&self, caller: &Caller, service: &ServiceName) -> Result<Service>;
    /// `name-taken` when it is.
    async fn create(&self, caller: &Caller, service: NewService) -> Result<Service>;
}
