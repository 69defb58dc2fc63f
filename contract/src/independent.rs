//! The verdict of a validator that isn't ours, for assertions: whatever is claimed about a value is held against it.
//!
//! It knows JSON Schema and not OpenAPI, so the document is translated: 3.0's `nullable` and exclusive flags to what
//! JSON Schema says, what doesn't travel this way taken off `required`, integer formats to bounds.

use crate::{
    Document,
    json_schema::{
        format::{INTEGERS, keeps},
        value::Value,
    },
    tree::{Kind, NodeId, Tree},
};
use serde_json::{Map, Number, Value as Json, json};
use shared::findings::Direction;

/// Values of a document that is translated: this is for tests, whose documents are small.
const MAX_NODES: usize = 3_000;

const FORMATS: [&str; 8] = ["date", "date-time", "time", "uuid", "ipv4", "ipv6", "email", "uri"];

/// Whether a value fits a schema; nothing when the document is too large, or the schema isn't one to the validator.
pub(crate) fn fits(document: &Document, schema: NodeId, value: &Value, direction: Option<Direction>) -> Option<bool> {
    // It knows one document only.
    if document.tree.nodes.len() > MAX_NODES || document.tree.sources.len() > 1 {
        return None;
    }
    let mut root = translate(document, NodeId::ROOT, direction);
    let members = root.as_object_mut()?;
    members.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    members.insert("$ref".to_owned(), json!(format!("#{}", encoded(&document.tree.pointer(schema)))));
    let options = jsonschema::options().should_validate_formats(true).should_ignore_unknown_formats(true);
    // The grammar of these is checked by tests of its own.
    let options = FORMATS.into_iter().fold(options, |options, format| {
        options.with_format(format, move |text: &str| keeps(format, text) != Some(false))
    });
    let validator = options.build(&root).ok()?;
    Some(validator.is_valid(&json(value)?))
}

/// A pointer as the fragment of a URI.
fn encoded(pointer: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'~' | b'-' | b'_' | b'.');
    pointer.bytes().map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Number(text) => Json::Number(text.parse::<Number>().ok()?),
        Value::Text(text) => json!(text),
        Value::List(items) => Json::Array(items.iter().map(json).collect::<Option<_>>()?),
        Value::Object(members) => {
            Json::Object(members.iter().map(|(key, value)| Some((key.clone(), json(value)?))).collect::<Option<_>>()?)
        }
    })
}

/// A value of the document, with whatever looks like a schema translated: what only looks like one is never referred to.
fn translate(document: &Document, node: NodeId, direction: Option<Direction>) -> Json {
    let tree = &document.tree;
    match tree.kind(node) {
        Kind::Null => Json::Null,
        Kind::Bool => json!(tree.as_bool(node)),
        Kind::Number => tree.as_number(node).and_then(|text| text.parse().ok()).map_or(Json::Null, Json::Number),
        Kind::String => json!(tree.as_str(node)),
        Kind::Array => Json::Array(tree.items(node).iter().map(|item| translate(document, *item, direction)).collect()),
        Kind::Object => {
            let members =
                tree.entries(node).map(|(key, value)| (key.to_owned(), translate(document, value, direction)));
            Json::Object(schema(document, node, members.collect(), direction))
        }
    }
}

fn schema(
    document: &Document,
    node: NodeId,
    mut members: Map<String, Json>,
    direction: Option<Direction>,
) -> Map<String, Json> {
    let tree = &document.tree;
    // OpenAPI's keywords that mean something else to JSON Schema, or nothing.
    members.remove("discriminator");
    members.remove("$id");
    // Whether `format` counts at all is what validators differ in; what ours doesn't check is no matter.
    if tree.text_of(node, "format").is_some_and(|format| !FORMATS.contains(&format)) {
        members.remove("format");
    }
    if !document.version.has_json_schema() {
        if let Some(reference) = members.get("$ref").cloned() {
            return Map::from_iter([("$ref".to_owned(), reference)]);
        }
        exclusive(&mut members, "minimum", "exclusiveMinimum");
        exclusive(&mut members, "maximum", "exclusiveMaximum");
        if tree.flag(node, "nullable")
            && let Some(kind) = members.get("type").cloned()
        {
            members.insert("type".to_owned(), json!([kind, "null"]));
        }
    }
    if let Some((_, least, most)) =
        tree.text_of(node, "format").and_then(|f| INTEGERS.iter().find(|(name, ..)| *name == f))
    {
        let bounds = json!({ "minimum": least.parse::<Number>().ok(), "maximum": most.parse::<Number>().ok() });
        let list = members.entry("allOf").or_insert_with(|| json!([]));
        list.as_array_mut().into_iter().for_each(|list| list.push(bounds.clone()));
    }
    if let (Some(Json::Array(names)), Some(properties)) = (members.get_mut("required"), tree.get(node, "properties")) {
        names.retain(|name| {
            let property = name.as_str().and_then(|name| tree.get(properties, name));
            !property.is_some_and(|property| hidden(document, tree, property, direction))
        });
    }
    members
}

fn hidden(document: &Document, tree: &Tree, property: NodeId, direction: Option<Direction>) -> bool {
    let target = document.references.resolve(property);
    let flag = |name| tree.flag(property, name) || tree.flag(target, name);
    match direction {
        Some(Direction::Request) => flag("readOnly"),
        Some(Direction::Response) => flag("writeOnly"),
        None => flag("readOnly") || flag("writeOnly"),
    }
}

fn exclusive(members: &mut Map<String, Json>, bound: &str, flag: &str) {
    match members.remove(flag) {
        Some(Json::Bool(true)) => {
            if let Some(value) = members.remove(bound) {
                members.insert(flag.to_owned(), value);
            }
        }
        Some(Json::Bool(false)) | None => {}
        Some(number) => {
            members.insert(flag.to_owned(), number);
        }
    }
}
