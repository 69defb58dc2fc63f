//! Services: backends whose contracts the hub has.

use crate::{
    Cursor, IfMatch, Page, PageQuery, Result, Timestamp, Version, accounts::Caller, ids::ServiceId, names::ServiceName,
};
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
    /// Since when it is archived; `null` while it is in use.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub archived_at: Option<Timestamp>,
}

/// What people decide about a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServiceSettings {
    pub name: ServiceName,
    /// What it is, in a sentence; empty when nobody said.
    pub description: String,
    /// An archived service can be read; nothing can be published to it, and lists leave it out.
    pub archived: bool,
    /// Counts changes of these settings, from 1.
    pub revision: u32,
}

impl ServiceSettings {
    /// The entity tag of this state.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"{}\"", self.revision)
    }
}

/// All that people decide about a service, as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeService {
    /// With another name, the old one leads here until another service takes it.
    pub name: ServiceName,
    /// At most 500 characters; of those that aren't seen only line breaks and tabs.
    #[cfg_attr(feature = "openapi", schema(schema_with = description_schema))]
    pub description: String,
    /// Whether it can be read only.
    pub archived: bool,
}

/// Which services are wanted, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceQuery {
    /// Instead of the services in use, those that are archived.
    pub archived: bool,
    /// `nextCursor` of the page before.
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, max_length = 200))]
    pub cursor: Option<Cursor>,
    /// 1 to 200, 50 when absent.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

impl ServiceQuery {
    #[must_use]
    pub fn page(&self) -> PageQuery {
        PageQuery { cursor: self.cursor.clone(), limit: self.limit }
    }
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
    async fn list(&self, caller: &Caller, query: ServiceQuery) -> Result<Page<Service>>;
    async fn read(&self, caller: &Caller, service: &ServiceName) -> Result<Service>;
    /// `name-taken` when it is.
    async fn create(&self, caller: &Caller, service: NewService) -> Result<Service>;
    async fn settings(&self, caller: &Caller, service: &ServiceName) -> Result<ServiceSettings>;
    /// `precondition-failed` when somebody was faster; `name-taken` when another service has the name.
    async fn change(
        &self,
        caller: &Caller,
        service: &ServiceName,
        if_match: IfMatch,
        change: ChangeService,
    ) -> Result<ServiceSettings>;
    /// Deletes it with all its versions, comparisons and its policy, for good.
    async fn delete(&self, caller: &Caller, service: &ServiceName) -> Result<()>;
}
