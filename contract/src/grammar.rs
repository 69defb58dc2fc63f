//! OpenAPI's structure as a table: which kind of object stands under which key of which other kind.
//!
//! One table serves the structural check and the search for references. It also says what is *not* structure:
//! a `$ref` inside of an example, a default or an extension is data, and so is never resolved.

use crate::{swagger, tree::Kind as ValueKind, version::OpenApi};

/// The kinds of objects that OpenAPI defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Kind {
    Root,
    Info,
    Server,
    Tag,
    Components,
    PathItem,
    Operation,
    Parameter,
    Header,
    RequestBody,
    Response,
    MediaType,
    Encoding,
    Example,
    Link,
    Callback,
    Schema,
    Discriminator,
    SecurityScheme,
    Flows,
    Flow,
    Xml,
}

impl Kind {
    /// The kind with its article, for messages.
    pub(crate) const fn phrase(self) -> &'static str {
        match self {
            Self::Root => "the document",
            Self::Info => "the info object",
            Self::Server => "a server",
            Self::Tag => "a tag",
            Self::Components => "the components object",
            Self::PathItem => "a path item",
            Self::Operation => "an operation",
            Self::Parameter => "a parameter",
            Self::Header => "a header",
            Self::RequestBody => "a request body",
            Self::Response => "a response",
            Self::MediaType => "a media type",
            Self::Encoding => "an encoding",
            Self::Example => "an example",
            Self::Link => "a link",
            Self::Callback => "a callback",
            Self::Schema => "a schema",
            Self::Discriminator => "a discriminator",
            Self::SecurityScheme => "a security scheme",
            Self::Flows => "the flows object",
            Self::Flow => "an OAuth flow",
            Self::Xml => "the XML object of a schema",
        }
    }

    /// Whether a `$ref` may stand in its place.
    pub(crate) fn may_be_reference(self, version: OpenApi) -> bool {
        let everywhere = matches!(
            self,
            Self::PathItem
                | Self::Parameter
                | Self::Header
                | Self::RequestBody
                | Self::Response
                | Self::Example
                | Self::Link
                | Self::Callback
                | Self::Schema
                | Self::SecurityScheme
        );
        everywhere || (self == Self::MediaType && version >= OpenApi::V32)
    }
}

/// What stands under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    One(Kind),
    Map(Kind),
    List(Kind),
    /// A string.
    Text,
    /// A string, or a number that is read as one: YAML makes a number of `version: 1.0`.
    Label,
    Bool,
    Number,
    /// A list of strings.
    Texts,
    /// A string or a list of strings: 3.1's `type`.
    TextOrTexts,
    /// Any list.
    Values,
}

impl Shape {
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::One(_) | Self::Map(_) => ValueKind::Object.phrase(),
            Self::List(_) | Self::Values => ValueKind::Array.phrase(),
            Self::Text | Self::Label => ValueKind::String.phrase(),
            Self::Bool => ValueKind::Bool.phrase(),
            Self::Number => ValueKind::Number.phrase(),
            Self::Texts => "a list of strings",
            Self::TextOrTexts => "a string or a list of strings",
        }
    }
}

/// What stands under `key` of an object of this kind; nothing for what has no structure or isn't that version's.
pub(crate) fn shape(version: OpenApi, kind: Kind, key: &str) -> Option<Shape> {
    match version {
        OpenApi::V20 => return swagger::shape(kind, key),
        OpenApi::V32 => {
            if let Some(shape) = shape_of_3_2(kind, key) {
                return Some(shape);
            }
        }
        OpenApi::V30 | OpenApi::V31 => {}
    }
    use Kind as K;
    use Shape::{Bool, List, Map, One, Text, Texts};
    Some(match (kind, key) {
        (K::Root, "info") => One(K::Info),
        (K::Root, "servers") | (K::PathItem | K::Operation, "servers") => List(K::Server),
        (K::Root, "paths" | "webhooks") | (K::Components, "pathItems") => Map(K::PathItem),
        (K::Root, "components") => One(K::Components),
        (K::Root, "tags") => List(K::Tag),
        (K::Root, "security") | (K::Operation, "security") => Shape::Values,
        (K::Info, "title" | "version") => Shape::Label,
        (K::Info, "description") => Text,
        (K::Tag, "name" | "description") | (K::Server, "url") => Text,
        (K::Components, "schemas") => Map(K::Schema),
        (K::Components, "responses") | (K::Operation, "responses") => Map(K::Response),
        (K::Components, "parameters") => Map(K::Parameter),
        (K::Components | K::MediaType | K::Parameter | K::Header, "examples") => Map(K::Example),
        (K::Components, "requestBodies") => Map(K::RequestBody),
        (K::Components | K::Response | K::Encoding, "headers") => Map(K::Header),
        (K::Components, "securitySchemes") => Map(K::SecurityScheme),
        (K::Components | K::Response, "links") => Map(K::Link),
        (K::Components | K::Operation, "callbacks") => Map(K::Callback),
        (K::PathItem | K::Operation, "parameters") => List(K::Parameter),
        (K::PathItem | K::Operation, "summary" | "description") => Text,
        (K::PathItem, method) if version.methods().contains(&method) => One(K::Operation),
        (K::Operation, "operationId") => Text,
        (K::Operation, "tags") => Texts,
        (K::Operation, "requestBody") => One(K::RequestBody),
        (K::Operation | K::Parameter | K::Header, "deprecated") => Bool,
        (K::Parameter | K::Header | K::RequestBody, "required") => Bool,
        (K::Parameter, "name" | "in") | (K::Parameter | K::Header, "style") => Text,
        (K::Parameter | K::Header | K::Encoding, "explode") => Bool,
        (K::Encoding, "contentType" | "style") => Text,
        (K::Parameter | K::Header | K::MediaType, "schema") => One(K::Schema),
        (K::Parameter | K::Header | K::RequestBody | K::Response, "content") => Map(K::MediaType),
        (K::Parameter | K::Header | K::RequestBody | K::Response, "description") => Text,
        (K::MediaType, "encoding") => Map(K::Encoding),
        (K::Example, "summary" | "description") => Text,
        // Every key of a callback is a run-time expression; extensions are skipped before this table is asked.
        (K::Callback, _) => One(K::PathItem),
        (K::SecurityScheme, "flows") => One(K::Flows),
        (K::SecurityScheme, "type" | "scheme" | "in" | "name" | "openIdConnectUrl") => Text,
        (K::Flows, _) => One(K::Flow),
        (K::Schema, key) => return schema_shape(key),
        _ => return None,
    })
}

/// What 3.2 added.
fn shape_of_3_2(kind: Kind, key: &str) -> Option<Shape> {
    use Kind as K;
    use Shape::{Bool, List, Map, One, Text};
    Some(match (kind, key) {
        (K::Root, "$self") | (K::Server, "name") | (K::Response, "summary") => Text,
        (K::Tag, "summary" | "parent" | "kind") => Text,
        (K::Components, "mediaTypes") => Map(K::MediaType),
        (K::PathItem, "additionalOperations") => Map(K::Operation),
        (K::MediaType, "itemSchema") => One(K::Schema),
        (K::MediaType | K::Encoding, "prefixEncoding") => List(K::Encoding),
        (K::MediaType | K::Encoding, "itemEncoding") => One(K::Encoding),
        (K::Encoding, "encoding") => Map(K::Encoding),
        (K::Parameter | K::Header | K::Encoding, "allowReserved") | (K::SecurityScheme, "deprecated") => Bool,
        (K::Example, "serializedValue") => Text,
        (K::SecurityScheme, "oauth2MetadataUrl") => Text,
        (K::Flow, "deviceAuthorizationUrl") => Text,
        (K::Discriminator, "defaultMapping") => Text,
        (K::Schema, "xml") => One(K::Xml),
        (K::Xml, "nodeType" | "name" | "namespace" | "prefix") => Text,
        _ => return None,
    })
}

pub(crate) fn schema_shape(key: &str) -> Option<Shape> {
    use Shape::{Bool, List, Map, Number, One, Text, Texts};
    let schema = Kind::Schema;
    Some(match key {
        "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions" => Map(schema),
        "items"
        | "additionalProperties"
        | "not"
        | "propertyNames"
        | "contains"
        | "if"
        | "then"
        | "else"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contentSchema" => One(schema),
        "allOf" | "oneOf" | "anyOf" | "prefixItems" => List(schema),
        "required" => Texts,
        "type" => Shape::TextOrTexts,
        "enum" => Shape::Values,
        "minimum" | "maximum" | "multipleOf" | "minLength" | "maxLength" | "minItems" | "maxItems"
        | "minProperties" | "maxProperties" | "minContains" | "maxContains" => Number,
        "nullable" | "readOnly" | "writeOnly" | "deprecated" | "uniqueItems" => Bool,
        "title" | "description" | "format" | "pattern" | "contentEncoding" | "contentMediaType" => Text,
        "discriminator" => One(Kind::Discriminator),
        _ => return None,
    })
}

/// The keys that an object of this kind can't do without.
pub(crate) const fn required(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Info => &["title", "version"],
        Kind::Parameter => &["name", "in"],
        Kind::SecurityScheme => &["type"],
        Kind::Tag => &["name"],
        Kind::Server => &["url"],
        Kind::Discriminator => &["propertyName"],
        _ => &[],
    }
}
