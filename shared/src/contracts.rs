//! A contract as people browse it: flat, resolved, bounded pieces of an OpenAPI document, ready to be shown.
//!
//! A real contract can have a thousand operations and schemas that contain themselves, so nothing here is the
//! whole: lists are pages, and a schema is unfolded to a bounded depth, behind which its name is a link.

use crate::findings::OperationKey;
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
    pub description: Option<String>,
    /// The OpenAPI version as written: `3.1.0`.
    pub openapi: String,
    /// Server URLs.
    pub servers: Vec<String>,
    pub operations: u32,
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
    pub description: Option<String>,
    pub operations: u32,
}

/// A row in the list of operations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OperationSummary {
    pub key: OperationKey,
    pub operation_id: Option<String>,
    pub summary: Option<String>,
    pub tags: Vec<String>,
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
    pub description: Option<String>,
    pub parameters: Vec<ParameterView>,
    pub request_body: Option<BodyView>,
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
    pub name: String,
    /// `path`, `query`, `header` or `cookie`.
    pub location: String,
    pub required: bool,
    pub deprecated: bool,
    pub description: Option<String>,
    pub schema: Option<SchemaView>,
    pub examples: Vec<ExampleView>,
    pub line: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BodyView {
    pub required: bool,
    pub description: Option<String>,
    pub content: Vec<MediaTypeView>,
    pub line: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct MediaTypeView {
    pub media_type: String,
    pub schema: Option<SchemaView>,
    pub examples: Vec<ExampleView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ExampleView {
    /// Empty for the single `example`.
    pub name: String,
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
    pub description: Option<String>,
    pub headers: Vec<ParameterView>,
    pub content: Vec<MediaTypeView>,
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
    pub types: Vec<String>,
    /// Whether `null` is allowed, in either version's spelling.
    pub nullable: bool,
    pub format: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub deprecated: bool,
    pub read_only: bool,
    pub write_only: bool,
    /// Keyword and value as written: `("minLength", "1")`, `("pattern", "^[a-z]+$")`.
    pub constraints: Vec<(String, String)>,
    /// JSON texts.
    pub enum_values: Vec<String>,
    /// JSON text of `default`.
    pub default: Option<String>,
    pub examples: Vec<String>,
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub properties: Vec<PropertyView>,
    /// Properties beyond the limit that are not listed.
    pub more_properties: u32,
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub items: Option<Box<SchemaView>>,
    /// Absent when the document doesn't say.
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub additional_properties: Option<Box<SchemaView>>,
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub all_of: Vec<SchemaView>,
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub one_of: Vec<SchemaView>,
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub any_of: Vec<SchemaView>,
    /// Members of `allOf`, `oneOf` and `anyOf` beyond the limit that are not listed.
    pub more_alternatives: u32,
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub not: Option<Box<SchemaView>>,
    pub line: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PropertyView {
    pub name: String,
    pub required: bool,
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    pub schema: SchemaView,
}

/// A row in the list of component schemas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SchemaSummary {
    pub name: String,
    /// `object`, `string`, `oneOf`, …: what a reader expects behind the name.
    pub kind: String,
    pub line: u32,
}
