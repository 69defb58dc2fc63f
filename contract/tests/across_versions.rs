//! The same contract in the words of 3.0 and of 3.1 is the same contract.

mod common;

use common::{Rows, read, request, response, rules};
use contract::compare;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A schema as 3.0 spells it, and as 3.1 does.
const SPELLINGS: &[(&str, &str)] = &[
    ("{type: string, nullable: true}", "{type: [string, 'null']}"),
    ("{type: string, nullable: true}", "{type: ['null', string]}"),
    ("{type: string, nullable: true}", "{oneOf: [{type: string}, {type: 'null'}]}"),
    ("{type: string, nullable: false}", "{type: [string]}"),
    ("{nullable: true, allOf: [{type: object}]}", "{type: object}"),
    ("{type: string, nullable: true, enum: [a, null]}", "{type: [string, 'null'], enum: [a, null]}"),
    ("{type: string, enum: [a]}", "{type: string, const: a}"),
    ("{type: number, minimum: 1, exclusiveMinimum: true}", "{type: number, exclusiveMinimum: 1}"),
    ("{type: number, maximum: 1.50, exclusiveMaximum: true}", "{type: number, exclusiveMaximum: 1.5}"),
    ("{type: number, minimum: 1, exclusiveMinimum: false}", "{type: number, minimum: 1}"),
    ("{type: string, format: byte}", "{type: string, contentEncoding: base64}"),
    ("{type: string, format: byte, nullable: true}", "{type: [string, 'null'], contentEncoding: base64}"),
    ("{type: string, format: byte}", "{type: string, contentEncoding: base64, contentMediaType: image/png}"),
    ("{type: string, format: binary}", "{}"),
    ("{type: string, format: binary}", "true"),
    ("{type: string, format: binary}", "{type: string, format: binary}"),
    ("{type: string, format: binary}", "{type: string, contentMediaType: application/octet-stream}"),
    ("{type: array, items: {type: string, format: binary}}", "{type: array, items: {}}"),
    ("{properties: {f: {type: string, format: binary}}}", "{properties: {f: {}}}"),
    (
        "{properties: {f: {type: string, format: binary}}}",
        "{properties: {f: {contentMediaType: image/png, type: string}}}",
    ),
    ("{type: string, example: a}", "{type: string, examples: [a]}"),
    ("{type: object, additionalProperties: {}}", "{type: object, additionalProperties: true}"),
    ("{type: object, additionalProperties: {nullable: true}}", "{type: object}"),
    ("{type: array, items: {type: integer, nullable: true}}", "{type: array, items: {type: [integer, 'null']}}"),
];

#[test]
fn spellings() {
    let mut table = Rows::default();
    for (before, since) in SPELLINGS {
        for wrap in [request, response] {
            for later in ["3.1.0", "3.2.0"] {
                let (old, new) = (wrap("3.0.3", before), wrap(later, since));
                table.same(&rules(&old, &new), &[""; 0], format_args!("{before} {since}"));
                table.same(&rules(&new, &old), &[""; 0], format_args!("{since} {before}"));
            }
        }
    }
}

/// What looks like such a spelling and isn't one.
#[test]
fn differences_are_still_seen() {
    let mut table = Rows::default();
    for (before, since, sent) in [
        ("{type: string}", "{type: [string, 'null']}", "request-became-nullable"),
        // `nullable` is no keyword of 3.1, and neither are flags for bounds.
        ("{type: string, nullable: true}", "{type: string, nullable: true}", "request-became-not-nullable"),
        ("{type: number, minimum: 1}", "{type: number, exclusiveMinimum: 1}", "request-bound-tightened"),
        (
            "{type: string, format: byte}",
            "{type: string, contentEncoding: base32}",
            "request-format-widened request-constraint-added",
        ),
        ("{type: string, format: date}", "{}", "request-type-widened"),
        ("{type: string}", "{}", "request-type-widened"),
        ("{type: string, format: binary}", "{type: integer}", "request-type-changed"),
        ("{type: string, enum: [a]}", "{type: string, const: b}", "request-constant-changed"),
    ] {
        table.same(
            &rules(&request("3.0.3", before), &request("3.1.0", since)),
            &common::expected(sent),
            format_args!("{before} {since}"),
        );
    }
    // Within one version, bytes are a word like another.
    let (bytes, anything) = ("{type: string, format: binary}", "{}");
    assert_eq!(rules(&request("3.1.0", bytes), &request("3.1.0", anything)), ["request-type-widened"]);
    assert_eq!(rules(&request("3.0.3", bytes), &request("3.0.3", anything)), ["request-type-widened"]);
}

#[test]
fn bytes_need_no_schema() {
    let body = |openapi: &str, media: &str| {
        let content = format!("{{content: {{application/octet-stream: {media}}}}}");
        common::document(
            openapi,
            &format!("paths: {{/a: {{post: {{requestBody: {content}, responses: {{200: {content}}}}}}}}}"),
        )
    };
    let old = body("3.0.3", "{schema: {type: string, format: binary}}");
    assert_eq!(rules(&old, &body("3.1.0", "{}")), [""; 0]);
    assert_eq!(rules(&body("3.1.0", "{}"), &old), [""; 0]);
    assert_eq!(rules(&old, &body("3.0.3", "{}")), ["request-schema-removed", "response-schema-removed"]);
}

/// A random schema of 3.0, a few levels deep, with references to the three components that every document has.
fn schema() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(json!({"type": "string"})),
        Just(json!({"type": "string", "format": "byte"})),
        Just(json!({"type": "string", "format": "binary"})),
        Just(json!({"type": "string", "enum": ["a", "b"]})),
        Just(json!({"type": "string", "enum": ["a", null]})),
        Just(json!({"type": "string", "enum": ["a"], "example": "a"})),
        (0..9_i32, any::<bool>()).prop_map(|(n, x)| json!({"type": "integer", "minimum": n, "exclusiveMinimum": x})),
        (0..9_i32, any::<bool>()).prop_map(|(n, x)| json!({"type": "number", "maximum": n, "exclusiveMaximum": x})),
        Just(json!({"type": "boolean"})),
    ];
    let leaf = prop_oneof![
        4 => (scalar, any::<bool>()).prop_map(|(mut schema, nullable)| {
            schema["nullable"] = json!(nullable);
            schema
        }),
        1 => (0..3).prop_map(|i| json!({"$ref": format!("#/components/schemas/S{i}")})),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let properties = prop::collection::btree_map("[a-d]", inner.clone(), 0..4);
        let object = (properties, prop::collection::btree_set("[a-d]", 0..3), any::<bool>());
        prop_oneof![
            object.prop_map(|(properties, required, nullable)| {
                json!({"type": "object", "properties": properties, "required": required, "nullable": nullable})
            }),
            (inner.clone(), any::<bool>())
                .prop_map(|(items, nullable)| { json!({"type": "array", "items": items, "nullable": nullable}) }),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|all| json!({"oneOf": all})),
            // Of one part: two formats of one string mean nothing, in either version.
            inner.prop_map(|one| json!({"allOf": [one]})),
        ]
    })
}

/// A 3.0 schema in the words of 3.1, with one of two spellings where there are two.
fn rewritten(schema: &Value, other: bool) -> Value {
    let Value::Object(members) = schema else { return schema.clone() };
    let mut new = Map::new();
    for (key, value) in members {
        match key.as_str() {
            "nullable" | "exclusiveMinimum" | "exclusiveMaximum" => {}
            "minimum" | "maximum" => {
                let exclusive = format!("exclusiveM{}", &key[1..]);
                let key = if members.get(&exclusive) == Some(&json!(true)) { exclusive } else { key.clone() };
                new.insert(key, value.clone());
            }
            "format" if value == "byte" => drop(new.insert("contentEncoding".to_owned(), json!("base64"))),
            "format" if value == "binary" => {
                new.insert("contentMediaType".to_owned(), json!("application/octet-stream"));
            }
            "enum" if other && value.as_array().is_some_and(|values| values.len() == 1) => {
                new.insert("const".to_owned(), value[0].clone());
            }
            "example" => drop(new.insert("examples".to_owned(), json!([value]))),
            "items" => drop(new.insert(key.clone(), rewritten(value, !other))),
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                let properties = properties.map(|(name, schema)| (name.clone(), rewritten(schema, !other)));
                new.insert(key.clone(), Value::Object(properties.collect()));
            }
            "oneOf" | "allOf" => {
                let list = value.as_array().into_iter().flatten().map(|schema| rewritten(schema, other));
                new.insert(key.clone(), list.collect());
            }
            _ => drop(new.insert(key.clone(), value.clone())),
        }
    }
    if members.get("nullable") != Some(&json!(true)) {
        return Value::Object(new);
    }
    // A list of values is what it says in both versions: null is one of them, or isn't accepted.
    let listed = members.get("enum").and_then(Value::as_array);
    if other && listed.is_some_and(|values| !values.contains(&Value::Null)) {
        return Value::Object(new);
    }
    if other {
        return json!({"anyOf": [Value::Object(new), {"type": "null"}]});
    }
    new["type"] = json!([new["type"], "null"]);
    Value::Object(new)
}

fn document(openapi: &str, schemas: &[Value]) -> Value {
    let [sent, received, components @ ..] = schemas else { return Value::Null };
    let names = components.iter().enumerate().map(|(i, schema)| (format!("S{i}"), json!({"allOf": [schema]})));
    json!({
        "openapi": openapi,
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"post": {
            "requestBody": {"content": {"application/json": {"schema": sent}}},
            "responses": {"200": {"description": "d", "content": {"application/json": {"schema": received}}}}
        }}},
        "components": {"schemas": Map::from_iter(names)}
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_rewrite_of_any_3_0_document_is_no_change(schemas in prop::collection::vec(schema(), 5), other in any::<bool>()) {
        let new: Vec<Value> = schemas.iter().map(|schema| rewritten(schema, other)).collect();
        for later in ["3.1.0", "3.2.0"] {
            let (old, new) = (document("3.0.3", &schemas).to_string(), document(later, &new).to_string());
            prop_assert_eq!(compare(&read(&old), &read(&new)), [], "\n{}\n{}", old, new);
            prop_assert_eq!(compare(&read(&new), &read(&old)), [], "\n{}\n{}", new, old);
        }
    }
}
