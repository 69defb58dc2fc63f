//! OpenAPI 2.0 (Swagger), read by conversion.
//!
//! The rest of the engine speaks OpenAPI 3. A 2.0 document is checked by a grammar of its own, so that what is wrong is
//! said in 2.0's words; then its tree is *enriched* with what 3.0 would say instead: an operation that has a `body`
//! parameter gets a `requestBody` beside it, a parameter's `type` and bounds come together in a `schema`, a response's
//! `schema` becomes the `content` of what the operation produces.
//!
//! Nothing is copied and nothing moves. Nodes that were written stay where they are and keep their parents, so that
//! every pointer, line and column that anybody is told is one of the 2.0 source; `$ref`s lead where they led; and what
//! has to be new is a small node that knows which written one it stands for. The alternative, to write a 3.0 document
//! and to read that, would take the memory of two and a table from each of its places to one of the source.

mod bodies;
mod convert;
mod overlay;
mod parameters;

use crate::{
    check::Checker,
    grammar::{Kind, Shape, schema_shape},
    tree::{NodeId, Tree},
    version::{self, OpenApi},
};
pub(crate) use convert::convert;

/// The version that `swagger` names, or a sentence on what is wrong with it.
pub(crate) fn version(tree: &Tree, node: NodeId) -> Result<OpenApi, String> {
    // Without quotes it is a number in YAML, which many a document has.
    match tree.as_str(node).or_else(|| tree.as_number(node)) {
        Some("2.0" | "2") => Ok(OpenApi::V20),
        Some(other) => Err(format!("Swagger {other} isn't supported. The hub reads OpenAPI {}.", version::READ)),
        None => Err("`swagger` must be the string \"2.0\".".to_owned()),
    }
}

/// The member that only a 2.0 document has, where there is one.
pub(crate) fn looks_like(tree: &Tree) -> Option<&'static str> {
    let telling = ["definitions", "securityDefinitions", "basePath", "host", "consumes", "produces"];
    telling.into_iter().find(|key| tree.get(NodeId::ROOT, key).is_some())
}

/// What stands under `key` of an object of this kind in 2.0.
pub(crate) fn shape(kind: Kind, key: &str) -> Option<Shape> {
    use Kind as K;
    use Shape::{Bool, List, Map, One, Text, Texts};
    Some(match (kind, key) {
        (K::Root, "info") => One(K::Info),
        (K::Root, "paths") => Map(K::PathItem),
        (K::Root, "definitions") => Map(K::Schema),
        (K::Root, "parameters") => Map(K::Parameter),
        (K::Root, "responses") | (K::Operation, "responses") => Map(K::Response),
        (K::Root, "securityDefinitions") => Map(K::SecurityScheme),
        (K::Root, "tags") => List(K::Tag),
        (K::Root, "host" | "basePath") => Text,
        (K::Root | K::Operation, "schemes" | "consumes" | "produces") => Texts,
        (K::Root | K::Operation, "security") => Shape::Values,
        (K::Info, "title" | "version") => Shape::Label,
        (K::Info, "description") | (K::Tag, "name" | "description") => Text,
        (K::PathItem | K::Operation, "parameters") => List(K::Parameter),
        (K::PathItem, method) if OpenApi::V20.methods().contains(&method) => One(K::Operation),
        (K::Operation, "tags") => Texts,
        (K::Operation, "summary" | "description" | "operationId") => Text,
        (K::Operation, "deprecated") | (K::Parameter, "required" | "allowEmptyValue") => Bool,
        (K::Parameter, "name" | "in") => Text,
        (K::Parameter, "schema") | (K::Response, "schema") => One(K::Schema),
        (K::Parameter | K::Header, "type" | "collectionFormat") => Text,
        (K::Parameter | K::Header, key) if parameters::KEYWORDS.contains(&key) => return schema_shape(key),
        (K::Parameter | K::Header | K::Response, "description") => Text,
        (K::Response, "headers") => Map(K::Header),
        (K::SecurityScheme, "type" | "name" | "in" | "flow" | "authorizationUrl" | "tokenUrl") => Text,
        (K::Schema, "discriminator") => Text,
        (K::Schema, key) => return schema_shape(key),
        _ => return None,
    })
}

/// Members that OpenAPI 3 has and 2.0 hasn't, with what 2.0 has instead.
const LATER: &[(Kind, &str, &str)] = &[
    (Kind::Root, "components", "`definitions`, `parameters`, `responses` and `securityDefinitions`"),
    (Kind::Root, "servers", "`host`, `basePath` and `schemes`"),
    (Kind::Root, "webhooks", "no webhooks"),
    (Kind::Operation, "requestBody", "a parameter `in: body`"),
    (Kind::Operation, "callbacks", "no callbacks"),
    (Kind::Response, "content", "`schema`, and `produces` beside it"),
    (Kind::Parameter, "content", "`type`, or `in: body` with a `schema`"),
    (Kind::Header, "content", "`type`"),
    (Kind::Header, "schema", "`type`"),
];

/// What shapes alone don't tell of an object.
pub(crate) fn check(checker: &mut Checker<'_>, node: NodeId, kind: Kind) {
    let tree = checker.tree;
    for (_, key, instead) in LATER.iter().filter(|(of, ..)| *of == kind) {
        if let Some(later) = tree.get(node, key) {
            checker.problem(later, format!("OpenAPI 2.0 has no `{key}` in {}; it has {instead}.", kind.phrase()));
        }
    }
    match kind {
        Kind::Root => address(checker),
        Kind::Parameter => parameter(checker, node),
        Kind::SecurityScheme => {
            one_of(checker, node, "type", &["basic", "apiKey", "oauth2"]);
            if tree.text_of(node, "type") == Some("oauth2") {
                one_of(checker, node, "flow", &["implicit", "password", "application", "accessCode"]);
            }
        }
        _ => {}
    }
}

/// The three that make the server's address.
fn address(checker: &mut Checker<'_>) {
    let tree = checker.tree;
    let get = |key| tree.get(NodeId::ROOT, key);
    if let Some(host) = get("host")
        && tree.as_str(host).is_some_and(|text| text.contains('/'))
    {
        checker.problem(host, "`host` is a host name, with a port if need be, such as `api.example.org`, and no more.");
    }
    if let Some(path) = get("basePath")
        && tree.as_str(path).is_some_and(|text| !text.is_empty() && !text.starts_with('/'))
    {
        checker.problem(path, "`basePath` must start with `/`.");
    }
    let schemes = get("schemes").map(|list| tree.items(list)).unwrap_or_default();
    let known = ["http", "https", "ws", "wss"];
    let unknown = |node: &&NodeId| tree.as_str(**node).is_some_and(|text| !known.contains(&text));
    if let Some(scheme) = schemes.iter().find(unknown) {
        checker.problem(*scheme, "A scheme is `http`, `https`, `ws` or `wss`.");
    }
}

fn parameter(checker: &mut Checker<'_>, node: NodeId) {
    let tree = checker.tree;
    let Some(location) = tree.get(node, "in") else { return };
    let schema = tree.get(node, "schema");
    match tree.as_str(location) {
        None => {}
        Some("body") => {
            if schema.is_none() {
                checker.problem(node, "`schema` is missing in a `body` parameter. Add it.");
            }
        }
        Some(place @ ("path" | "query" | "header" | "formData")) => {
            if let Some(schema) = schema {
                let message = format!(
                    "Only a `body` parameter has a `schema`. Write `type` in this `{place}` parameter instead."
                );
                checker.problem(schema, message);
            } else if tree.get(node, "type").is_none() {
                checker.problem(node, format!("`type` is missing in a `{place}` parameter. Add it."));
            }
            one_of(checker, node, "collectionFormat", &["csv", "ssv", "tsv", "pipes", "multi"]);
        }
        Some(other) => {
            let message =
                format!("A parameter is in `path`, `query`, `header`, `formData` or `body`, not in `{other}`.");
            checker.problem(location, message);
        }
    }
}

fn one_of(checker: &mut Checker<'_>, node: NodeId, key: &str, words: &[&str]) {
    let tree = checker.tree;
    let Some(value) = tree.get(node, key) else { return };
    if let Some(text) = tree.as_str(value).filter(|text| !words.contains(text)) {
        let words = words.join("`, `");
        checker.problem(value, format!("`{key}` is one of `{words}`, not `{text}`."));
    }
}
