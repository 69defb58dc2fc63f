//! Services, the versions of their contracts, and what changed between two of them.

use crate::{
    Cursor, Finding, Level, Page, PageQuery, Policy, Result, Timestamp,
    accounts::Caller,
    contracts::{OperationSummary, OperationView, Outline, SchemaSummary, SchemaView},
    findings::{Counts, OperationKey},
    ids::{ServiceId, VersionId},
    lint::{LintFinding, LintQuery, Score},
    names::{DisplayName, ServiceName, VersionLabel},
};
use serde::{Deserialize, Serialize};
use std::fmt;

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

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Json,
    Yaml,
}

impl Format {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }

    /// `application/json`, or `application/yaml` (RFC 9512).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Yaml => "application/yaml",
        }
    }
}

/// One immutable version of a service's contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Version {
    pub id: VersionId,
    pub service: ServiceName,
    pub label: VersionLabel,
    /// 1 for the service's first version, then 2, 3, …
    pub number: u32,
    /// Who published it: a person, or the token's owner.
    pub author: DisplayName,
    pub published_at: Timestamp,
    /// The document's size in bytes.
    pub size: u64,
    /// `sha256:` and 64 hexadecimal digits of the document's bytes.
    pub digest: String,
    pub format: Format,
    /// OpenAPI version as written in the document.
    pub openapi: String,
    /// `info.title`.
    pub title: String,
    /// How many operations the document has.
    pub operations: u32,
    /// Against the version before; absent on a service's first one.
    pub verdict: Option<Verdict>,
}

/// What a version changed, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The worst level found.
    pub level: Level,
    pub counts: Counts,
    /// The version that it was compared with.
    pub base: VersionLabel,
}

/// A document to publish.
#[derive(Debug, Clone, Default)]
pub struct Publish {
    /// JSON or YAML, UTF-8.
    pub document: Vec<u8>,
    /// Absent: `info.version`.
    pub label: Option<VersionLabel>,
    /// Chosen by the client, 1 to 255 visible ASCII characters: whoever sends the same request again under the same key
    /// within 24 hours gets the first answer again. With another request it is an `idempotency-mismatch`.
    pub idempotency_key: Option<String>,
    /// The `handshake.toml` to judge by from now on, this version included; the service's stays when absent.
    pub policy: Option<String>,
}

/// What publishing did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// `false` when the very same document is the latest version already: nothing was done.
    pub created: bool,
    pub version: Version,
    /// The version against the one before it, as the service's policy judges it now; absent on a service's first one.
    pub judgement: Option<Judgement>,
}

/// What a policy makes of a change, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    /// The worst level of what counts.
    pub level: Level,
    pub counts: Counts,
    /// Findings that the policy ignores; in none of the counts.
    pub ignored_count: u32,
}

/// Two versions, compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    pub base: Version,
    pub revision: Version,
    pub level: Level,
    pub counts: Counts,
    /// Operations that at least one of these findings names.
    pub operations_touched: u32,
    /// Operations of both versions together, of which those are: what both have counts once.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub operations_total: u32,
    /// Findings that the service's policy ignores; in none of the numbers above.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub ignored_count: u32,
}

/// Which findings are wanted: worst first, then in document order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct FindingQuery {
    /// Only this level.
    pub level: Option<Level>,
    /// Instead of the findings that count, those that the service's policy ignores, whatever their level.
    pub ignored: bool,
    /// Only findings whose message, rule, fingerprint, operation or place in the message contains this, ignoring case.
    #[cfg_attr(feature = "openapi", param(max_length = 200))]
    pub search: Option<String>,
    /// `nextCursor` of the page before.
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, max_length = 200))]
    pub cursor: Option<Cursor>,
    /// 1 to 200, 50 when absent.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

/// Which operations or schemas of a version are wanted, in document order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct ContractQuery {
    /// Only operations with this tag; the empty tag means those without one.
    #[cfg_attr(feature = "openapi", param(max_length = 1000))]
    pub tag: Option<String>,
    /// Only what contains this in path, method, id, summary or name, ignoring case.
    #[cfg_attr(feature = "openapi", param(max_length = 200))]
    pub search: Option<String>,
    /// `nextCursor` of the page before.
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, max_length = 200))]
    pub cursor: Option<Cursor>,
    /// 1 to 200, 50 when absent.
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200))]
    pub limit: Option<u32>,
}

macro_rules! page_query {
    ($($name:ident),+) => { $(
        impl $name {
            #[must_use]
            pub fn page(&self) -> PageQuery {
                PageQuery { cursor: self.cursor.clone(), limit: self.limit }
            }
        }
    )+ };
}
page_query!(FindingQuery, ContractQuery);

/// A stretch of a version's source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SourceLines {
    /// Number of the first line here, from 1.
    pub from: u32,
    pub lines: Vec<String>,
    /// Lines in the whole document.
    pub total: u32,
}

/// A document's bytes, and whatever must live as long as they are used.
pub struct SourceBytes(Box<dyn AsRef<[u8]> + Send + Sync>);

impl SourceBytes {
    pub fn new(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self(Box::new(bytes))
    }
}

impl AsRef<[u8]> for SourceBytes {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl fmt::Debug for SourceBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceBytes({} bytes)", self.as_ref().len())
    }
}

/// A version's document as it was published, byte for byte.
#[derive(Debug)]
pub struct Source {
    pub bytes: SourceBytes,
    pub format: Format,
    pub digest: String,
}

/// Services and versions.
#[async_trait::async_trait]
pub trait Services: Send + Sync + 'static {
    /// Services by name.
    async fn services(&self, caller: &Caller, page: PageQuery) -> Result<Page<Service>>;
    async fn service(&self, caller: &Caller, service: &ServiceName) -> Result<Service>;
    /// `name-taken` when it is.
    async fn create_service(&self, caller: &Caller, service: NewService) -> Result<Service>;

    /// Versions, newest first.
    async fn versions(&self, caller: &Caller, service: &ServiceName, page: PageQuery) -> Result<Page<Version>>;
    async fn version(&self, caller: &Caller, service: &ServiceName, label: &VersionLabel) -> Result<Version>;
    /// Reads, compares with the version in force, and stores, in one transaction with the event.
    /// `invalid-contract` with places when it can't be read; `label-taken` when another document has the label.
    async fn publish_version(&self, caller: &Caller, service: &ServiceName, publish: Publish) -> Result<Published>;

    async fn source(&self, caller: &Caller, service: &ServiceName, label: &VersionLabel) -> Result<Source>;
    /// `count` lines, 1 to 1,000, from line `from` (from 1). A line of more than 2,000 characters is cut there and says
    /// so.
    async fn source_lines(
        &self,
        caller: &Caller,
        service: &ServiceName,
        label: &VersionLabel,
        from: u32,
        count: u32,
    ) -> Result<SourceLines>;
    async fn outline(&self, caller: &Caller, service: &ServiceName, label: &VersionLabel) -> Result<Outline>;
    async fn operations(
        &self,
        caller: &Caller,
        service: &ServiceName,
        label: &VersionLabel,
        query: ContractQuery,
    ) -> Result<Page<OperationSummary>>;
    async fn operation(
        &self,
        caller: &Caller,
        service: &ServiceName,
        label: &VersionLabel,
        operation: &OperationKey,
    ) -> Result<OperationView>;
    /// Component schemas.
    async fn schemas(
        &self,
        caller: &Caller,
        service: &ServiceName,
        label: &VersionLabel,
        query: ContractQuery,
    ) -> Result<Page<SchemaSummary>>;
    async fn schema(
        &self,
        caller: &Caller,
        service: &ServiceName,
        label: &VersionLabel,
        name: &str,
    ) -> Result<SchemaView>;

    /// What a team makes of the findings about a service; none when nobody has sent a policy.
    async fn policy(&self, caller: &Caller, service: &ServiceName) -> Result<Option<Policy>>;
    /// Judges the service's versions by this `handshake.toml` from now on. What versions were published with stays.
    async fn set_policy(&self, caller: &Caller, service: &ServiceName, text: String) -> Result<Policy>;

    /// How well the version's contract keeps to the practices of a good one, by this release's rules.
    async fn lint(&self, caller: &Caller, service: &ServiceName, label: &VersionLabel) -> Result<Score>;
    /// Where it doesn't.
    async fn lint_findings(
        &self,
        caller: &Caller,
        service: &ServiceName,
        label: &VersionLabel,
        query: LintQuery,
    ) -> Result<Page<LintFinding>>;

    /// Any two versions of a service, in either order.
    async fn compare(
        &self,
        caller: &Caller,
        service: &ServiceName,
        base: &VersionLabel,
        revision: &VersionLabel,
    ) -> Result<Comparison>;
    async fn findings(
        &self,
        caller: &Caller,
        service: &ServiceName,
        base: &VersionLabel,
        revision: &VersionLabel,
        query: FindingQuery,
    ) -> Result<Page<Finding>>;
}
