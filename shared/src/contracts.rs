//! A contract as people browse it: flat, resolved, bounded pieces of an OpenAPI document, ready to be shown.
//!
//! A real contract can have a thousand operations and schemas that contain themselves, so nothing here is the
//! whole: lists are pages, and a schema is unfolded to a bounded depth, behind which its name is a link.

use crate::{
    Cursor, Page, PageQuery, Result, VersionRef,
    accounts::Caller,
    findings::OperationKey,
    lint::{LintFinding, LintQuery, Score},
};
use serde::{Deserialize, Serialize};

/// What a document is about, and how much there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Outline {
    /// `info.title`.
    pub title: String,
    /// `info.version`, as written.
    pub version: String,
    /// `info.description`.
    pub description: Option<String>,
    /// The OpenAPI version as written: `3.1.0`.
    pub openapi: String,
    /// Server URLs.
    pub servers: Vec<String>,
    /// How many operations there are.
    pub operations: u32,
    /// How many component schemas there are.
    pub schemas: u32,
    /// Tags in document order, then those only operations name; the last, nameless one holds untagged operations.
    pub tags: Vec<TagSummary>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TagSummary {
    /// Empty for operations without a tag.
    pub name: String,
    /// What the document says of the tag.
    pub description: Option<String>,
    /// How many operations have the tag.
    pub operations: u32,
}

/// A row in the list of operations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OperationSummary {
    pub key: OperationKey,
    /// The `operationId`.
    pub operation_id: Option<String>,
    /// What it does, in a few words.
    pub summary: Option<String>,
    /// The tags that it is listed under.
    pub tags: Vec<String>,
    /// Whether clients should leave it.
    pub deprecated: bool,
    /// Line in the source, from 1.
    pub line: u32,
}

/// One operation, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OperationView {
    pub summary: OperationSummary,
    /// What it does, in full.
    pub description: Option<String>,
    /// What is sent beside the body, what its path shares with others included.
    pub parameters: Vec<ParameterView>,
    /// The body that it takes, if it takes one.
    pub request_body: Option<BodyView>,
    /// What it answers, by status.
    pub responses: Vec<ResponseView>,
    /// Alternatives, each a list of scheme names that are needed together; empty when none is needed.
    pub security: Vec<Vec<String>>,
    /// Parameters, responses, headers, media types, examples and schemes beyond the limits that are not listed.
    #[serde(default)]
    pub more: u32,
}

/// A parameter or a response header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ParameterView {
    /// The name as it is sent.
    pub name: String,
    /// `path`, `query`, `header` or `cookie`.
    pub location: String,
    /// Whether it must be sent.
    pub required: bool,
    /// Whether clients should stop sending it.
    pub deprecated: bool,
    /// What it means.
    pub description: Option<String>,
    pub schema: Option<SchemaView>,
    /// Examples of its value.
    pub examples: Vec<ExampleView>,
    /// Line in the source, from 1.
    pub line: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BodyView {
    /// Whether it must be sent.
    pub required: bool,
    /// What it means.
    pub description: Option<String>,
    /// The forms that it has.
    pub content: Vec<MediaTypeView>,
    /// Line in the source, from 1.
    pub line: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MediaTypeView {
    /// The media type: `application/json`.
    pub media_type: String,
    pub schema: Option<SchemaView>,
    /// Examples of the body.
    pub examples: Vec<ExampleView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExampleView {
    /// Empty for the single `example`.
    pub name: String,
    /// What it shows, in a few words.
    pub summary: Option<String>,
    /// Pretty-printed JSON, cut at 20,000 characters.
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResponseView {
    /// `200`, `4XX` or `default`.
    pub status: String,
    /// What it means.
    pub description: Option<String>,
    /// The headers that it carries.
    pub headers: Vec<ParameterView>,
    /// The forms that its body has.
    pub content: Vec<MediaTypeView>,
    /// Line in the source, from 1.
    pub line: u32,
}

/// A schema, unfolded to a bounded depth.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct SchemaView {
    /// The component's name, when it came by `$ref`.
    pub name: Option<String>,
    /// Not unfolded here (too deep, or inside itself): look the name up.
    pub folded: bool,
    /// `true` (anything) or `false` (nothing) schemas.
    pub boolean: Option<bool>,
    /// The JSON types that it allows; empty for any.
    pub types: Vec<String>,
    /// Whether `null` is allowed, in either version's spelling.
    pub nullable: bool,
    /// The `format`: `date-time`.
    pub format: Option<String>,
    /// A name for people.
    pub title: Option<String>,
    /// What it means.
    pub description: Option<String>,
    /// Whether clients should stop using it.
    pub deprecated: bool,
    /// Whether only answers have it.
    pub read_only: bool,
    /// Whether only requests have it.
    pub write_only: bool,
    /// Keyword and value as written: `("minLength", "1")`, `("pattern", "^[a-z]+$")`.
    pub constraints: Vec<(String, String)>,
    /// JSON texts.
    pub enum_values: Vec<String>,
    /// JSON text of `default`.
    pub default: Option<String>,
    /// Examples of its value, as JSON.
    pub examples: Vec<String>,
    /// The properties of an object.
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub properties: Vec<PropertyView>,
    /// Properties beyond the limit that are not listed.
    pub more_properties: u32,
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub items: Option<Box<SchemaView>>,
    /// Absent when the document doesn't say.
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub additional_properties: Option<Box<SchemaView>>,
    /// All of these fit.
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub all_of: Vec<SchemaView>,
    /// Exactly one of these fits.
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub one_of: Vec<SchemaView>,
    /// At least one of these fits.
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub any_of: Vec<SchemaView>,
    /// Members of `allOf`, `oneOf` and `anyOf` beyond the limit that are not listed.
    pub more_alternatives: u32,
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub not: Option<Box<SchemaView>>,
    /// Line in the source, from 1.
    pub line: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PropertyView {
    /// The property's name.
    pub name: String,
    /// Whether it is always there.
    pub required: bool,
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub schema: SchemaView,
}

/// A row in the list of component schemas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SchemaSummary {
    /// The component's name.
    pub name: String,
    /// `object`, `string`, `oneOf`, …: what a reader expects behind the name.
    pub kind: String,
    /// Line in the source, from 1.
    pub line: u32,
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

impl ContractQuery {
    #[must_use]
    pub fn page(&self) -> PageQuery {
        PageQuery { cursor: self.cursor.clone(), limit: self.limit }
    }
}

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

/// Versions' contracts, piece by piece.
#[async_trait::async_trait]
pub trait Contracts: Send + Sync + 'static {
    async fn outline(&self, caller: &Caller, version: &VersionRef) -> Result<Outline>;
    async fn operations(
        &self,
        caller: &Caller,
        version: &VersionRef,
        query: ContractQuery,
    ) -> Result<Page<OperationSummary>>;
    async fn operation(&self, caller: &Caller, version: &VersionRef, operation: &OperationKey)
    -> Result<OperationView>;
    /// Component schemas.
    async fn schemas(&self, caller: &Caller, version: &VersionRef, query: ContractQuery)
    -> Result<Page<SchemaSummary>>;
    async fn schema(&self, caller: &Caller, version: &VersionRef, name: &str) -> Result<SchemaView>;
    /// `count` lines, 1 to 1,000, from line `from` (from 1). A line of more than 2,000 characters is cut there and says
    /// so.
    async fn source_lines(&self, caller: &Caller, version: &VersionRef, from: u32, count: u32) -> Result<SourceLines>;
    /// How well the contract keeps to the practices of a good one, by this release's rules.
    async fn lint(&self, caller: &Caller, version: &VersionRef) -> Result<Score>;
    /// Where it doesn't.
    async fn lint_findings(&self, caller: &Caller, version: &VersionRef, query: LintQuery)
    -> Result<Page<LintFinding>>;
}
