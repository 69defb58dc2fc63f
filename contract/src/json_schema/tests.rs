#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use super::{Transit, Validator, Verdict, value::Value};
use crate::{Document, Limits, independent};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use shared::findings::Direction;

const PLAIN: Transit = Transit { direction: None, textual: false };

fn document(version: &str, schema: &Json) -> Document {
    let source = json!({
        "openapi": version,
        "info": { "title": "Test", "version": "1" },
        "paths": {},
        "components": { "schemas": { "Value": schema, "Tree": {
            "type": "object",
            "required": ["name"],
            "properties": { "name": { "type": "string" }, "next": { "$ref": "#/components/schemas/Tree" } },
        } } },
    });
    Document::read(source.to_string().as_bytes(), &Limits::default())
        .unwrap_or_else(|error| panic!("{error}: {source}"))
}

/// A value as the reader of documents sees it.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::number(number),
        Json::String(text) => Value::text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(members) => Value::Object(members.iter().map(|(key, v)| (key.clone(), value(v))).collect()),
    }
}

fn check(version: &str, schema: &Json, instance: &Json, transit: Transit) -> Verdict {
    let document = document(version, schema);
    let schemas = document.components("schemas").unwrap();
    let node = document.tree.get(schemas, "Value").unwrap();
    let verdict = Validator::new(&document).check(node, &value(instance), transit);
    if !transit.textual {
        // Whatever is claimed, the other validator agrees.
        let other = independent::fits(&document, node, &value(instance), transit.direction);
        match &verdict {
            Verdict::Fits => assert_ne!(other, Some(false), "{schema} {instance}"),
            Verdict::Fails(failure) => assert_ne!(other, Some(true), "{schema} {instance} {failure:?}"),
            Verdict::Unknown(_) => {}
        }
    }
    verdict
}

/// A row that is judged in another way than expected.
fn misjudged(version: &str, schema: &Json, instance: &Json, fails: bool) -> Option<String> {
    let verdict = check(version, schema, instance, PLAIN);
    let expected = if fails { verdict.is_failure() } else { verdict == Verdict::Fits };
    (!expected).then(|| format!("{schema} {instance}: {verdict:?}"))
}

#[test]
fn keywords() {
    let object = json!({ "type": "object", "properties": { "a": { "type": "integer" } }, "required": ["a"] });
    let closed = json!({ "properties": { "a": {} }, "patternProperties": { "^x-": { "type": "string" } }, "additionalProperties": false });
    let mut wrong = Vec::new();
    for (schema, good, bad) in [
        (json!({ "type": "integer" }), json!(1.0), json!(1.5)),
        (json!({ "type": ["string", "null"] }), json!(null), json!(1)),
        (json!({ "enum": [1, "a", { "b": [2] }] }), json!({ "b": [2.0] }), json!({ "b": [3] })),
        (json!({ "const": null }), json!(null), json!(0)),
        (json!({ "minimum": 1, "exclusiveMaximum": 3 }), json!(1), json!(3)),
        (json!({ "multipleOf": 3 }), json!(9), json!(10)),
        (json!({ "minLength": 2, "maxLength": 3 }), json!("äöü"), json!("ä")),
        (json!({ "pattern": "^[a-z]+$" }), json!("abc"), json!("aBc")),
        (json!({ "format": "date" }), json!("2024-02-29"), json!("2023-02-29")),
        (json!({ "type": "integer", "format": "int32" }), json!(2_147_483_647), json!(2_147_483_648_i64)),
        (json!({ "items": { "type": "string" }, "minItems": 1 }), json!(["a"]), json!([])),
        (json!({ "items": { "type": "string" } }), json!(["a"]), json!(["a", 1])),
        (json!({ "uniqueItems": true }), json!([1, "1"]), json!([1, 1.0])),
        (json!({ "prefixItems": [{ "type": "string" }], "items": false }), json!(["a"]), json!(["a", 1])),
        (json!({ "contains": { "const": 1 }, "maxContains": 1 }), json!([0, 1]), json!([1, 1])),
        (json!({ "contains": { "const": 1 }, "minContains": 0 }), json!([]), json!({ "not": "a list" })),
        (object.clone(), json!({ "a": 1 }), json!({})),
        (object, json!({ "a": 1, "b": 2 }), json!({ "a": "1" })),
        (closed.clone(), json!({ "a": 1, "x-b": "" }), json!({ "b": 1 })),
        (closed, json!(1), json!({ "x-b": 1 })),
        (json!({ "additionalProperties": { "type": "integer" } }), json!({ "a": 1 }), json!({ "a": "b" })),
        (json!({ "minProperties": 1, "maxProperties": 1 }), json!({ "a": 1 }), json!({})),
        (json!({ "propertyNames": { "maxLength": 1 } }), json!({ "a": 1 }), json!({ "ab": 1 })),
        (json!({ "dependentRequired": { "a": ["b"] } }), json!({ "b": 1 }), json!({ "a": 1 })),
        (json!({ "dependentSchemas": { "a": { "required": ["b"] } } }), json!({ "b": 1 }), json!({ "a": 1 })),
        (json!({ "allOf": [{ "minimum": 1 }, { "maximum": 2 }] }), json!(2), json!(3)),
        (json!({ "anyOf": [{ "type": "string" }, { "minimum": 3 }] }), json!("a"), json!(2)),
        (json!({ "oneOf": [{ "type": "integer" }, { "minimum": 3 }] }), json!(1), json!(3)),
        (json!({ "not": { "type": "string" } }), json!(1), json!("a")),
        (
            json!({ "if": { "type": "string" }, "then": { "minLength": 1 }, "else": { "minimum": 1 } }),
            json!("a"),
            json!(0),
        ),
        (
            json!({ "unevaluatedProperties": false, "allOf": [{ "properties": { "a": {} } }] }),
            json!({ "a": 1 }),
            json!({ "b": 1 }),
        ),
        (
            json!({ "$ref": "#/components/schemas/Tree" }),
            json!({ "name": "a", "next": { "name": "b" } }),
            json!({ "name": "a", "next": {} }),
        ),
        (
            json!({ "$ref": "#/components/schemas/Tree", "minProperties": 2 }),
            json!({ "name": "a", "b": 1 }),
            json!({ "name": "a" }),
        ),
    ] {
        // A keyword about one type says nothing of others, so one of the bad ones above is good.
        let expected = !(bad == json!({ "not": "a list" }));
        wrong.extend(misjudged("3.1.0", &schema, &good, false));
        wrong.extend(misjudged("3.1.0", &schema, &bad, expected));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn older_spellings() {
    let mut wrong = Vec::new();
    for (schema, good, bad) in [
        (json!({ "type": "string", "nullable": true }), json!(null), json!(1)),
        (json!({ "type": "integer", "minimum": 1, "exclusiveMinimum": true }), json!(2), json!(1)),
        // It adds null to `type`, and to nothing else.
        (json!({ "nullable": true, "allOf": [{ "type": "object" }] }), json!({}), json!(null)),
        (json!({ "type": "string", "nullable": true, "enum": ["a"] }), json!("a"), json!(null)),
        (json!({ "type": "string", "nullable": true, "enum": ["a", null] }), json!(null), json!("b")),
        (json!({ "$ref": "#/components/schemas/Tree", "minProperties": 5 }), json!({ "name": "a" }), json!({})),
    ] {
        wrong.extend(misjudged("3.0.3", &schema, &good, false));
        wrong.extend(misjudged("3.0.3", &schema, &bad, true));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_validators_differ_on_is_unknown() {
    for (version, schema, instance) in [
        ("3.1.0", json!({ "type": "file" }), json!("a")),
        ("3.1.0", json!({ "pattern": "(?=a)b" }), json!("a")),
        (
            "3.1.0",
            json!({ "unevaluatedProperties": false, "anyOf": [{ "properties": { "a": {} } }, true] }),
            json!({ "a": 1 }),
        ),
    ] {
        let verdict = check(version, &schema, &instance, PLAIN);
        assert!(matches!(verdict, Verdict::Unknown(_)), "{schema} {instance}: {verdict:?}");
    }
}

#[test]
fn what_does_not_travel_is_not_required() {
    let schema = json!({
        "type": "object",
        "required": ["id", "secret"],
        "properties": { "id": { "type": "integer", "readOnly": true }, "secret": { "type": "string", "writeOnly": true } },
    });
    let transit = |direction| Transit { direction, textual: false };
    for (direction, instance, fits) in [
        (Some(Direction::Request), json!({ "secret": "s" }), true),
        (Some(Direction::Request), json!({ "id": 1 }), false),
        (Some(Direction::Response), json!({ "id": 1 }), true),
        (Some(Direction::Response), json!({ "secret": "s" }), false),
        (None, json!({}), true),
    ] {
        assert_eq!(check("3.1.0", &schema, &instance, transit(direction)).fits(), fits, "{direction:?} {instance}");
    }
}

#[test]
fn a_text_in_a_url_is_whatever_it_can_be_read_as() {
    let textual = Transit { direction: Some(Direction::Request), textual: true };
    for (schema, good, bad) in [
        (json!({ "type": "integer" }), json!("5"), json!("5x")),
        (json!({ "type": "string", "pattern": "^0" }), json!("05"), json!("5")),
        (json!({ "type": "boolean" }), json!("true"), json!("yes")),
        (json!({ "type": "array", "items": { "enum": [1, 2] } }), json!(["1", "2"]), json!(["1", "3"])),
    ] {
        assert_eq!(check("3.1.0", &schema, &good, textual), Verdict::Fits, "{schema} {good}");
        assert!(check("3.1.0", &schema, &bad, textual).is_failure(), "{schema} {bad}");
    }
}

#[test]
fn a_failure_says_where_and_what() {
    let schema = json!({ "properties": { "a/b": { "items": { "type": "string" } } } });
    let Verdict::Fails(failure) = check("3.1.0", &schema, &json!({ "a/b": ["x", 1] }), PLAIN) else {
        panic!("it fits")
    };
    assert_eq!((failure.at.as_str(), failure.says.as_str()), ("/a~1b/1", "must be of the type string"));
}

#[test]
fn hostile_schemas_end() {
    // Each level doubles what there is to look at.
    let mut schemas: serde_json::Map<String, Json> = (0..60)
        .map(|i| {
            let next = json!({ "$ref": format!("#/components/schemas/S{}", i + 1) });
            (format!("S{i}"), json!({ "oneOf": [next, { "allOf": [next] }, next] }))
        })
        .collect();
    schemas.insert("S60".to_owned(), json!({ "$ref": "#/components/schemas/S0", "type": "string" }));
    let source = json!({ "openapi": "3.1.0", "info": { "title": "T", "version": "1" }, "paths": {}, "components": { "schemas": schemas } });
    let document = Document::read(source.to_string().as_bytes(), &Limits::default()).unwrap();
    let node = document.tree.get(document.components("schemas").unwrap(), "S0").unwrap();
    let verdict = Validator::new(&document).check(node, &Value::Null, PLAIN);
    assert!(matches!(verdict, Verdict::Unknown(_)), "{verdict:?}");
}

fn schemas() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(json!(true)),
        Just(json!(false)),
        Just(json!({ "$ref": "#/components/schemas/Tree" })),
        prop::sample::select(vec!["null", "boolean", "integer", "number", "string", "array", "object"])
            .prop_map(|t| json!({ "type": t })),
        (-3..4_i32).prop_map(|n| json!({ "minimum": n })),
        (-3..4_i32).prop_map(|n| json!({ "exclusiveMaximum": n })),
        (0..3_u8).prop_map(|n| json!({ "minLength": n })),
        (0..3_u8).prop_map(|n| json!({ "maxItems": n })),
        (0..3_u8).prop_map(|n| json!({ "minProperties": n })),
        values().prop_map(|v| json!({ "const": v })),
        prop::collection::vec(values(), 1..3).prop_map(|v| json!({ "enum": v })),
        Just(json!({ "required": ["a"] })),
        Just(json!({ "pattern": "^a" })),
        Just(json!({ "uniqueItems": true })),
        Just(json!({ "dependentRequired": { "a": ["b"] } })),
    ];
    leaf.prop_recursive(3, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|s| json!({ "not": s })),
            inner.clone().prop_map(|s| json!({ "items": s })),
            inner.clone().prop_map(|s| json!({ "contains": s })),
            inner.clone().prop_map(|s| json!({ "additionalProperties": s, "properties": { "b": true } })),
            inner.clone().prop_map(|s| json!({ "properties": { "a": s } })),
            inner.clone().prop_map(|s| json!({ "patternProperties": { "^b": s } })),
            inner.clone().prop_map(|s| json!({ "propertyNames": s })),
            inner.clone().prop_map(|s| json!({ "unevaluatedProperties": s, "properties": { "a": true } })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|s| json!({ "allOf": s })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|s| json!({ "anyOf": s })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|s| json!({ "oneOf": s })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|s| json!({ "prefixItems": s })),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| json!({ "if": a, "then": b, "else": c })),
        ]
    })
}

fn values() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Json::from),
        (-4..5_i32).prop_map(Json::from),
        Just(json!(1.5)),
        "[ab]{0,3}".prop_map(Json::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            prop::collection::btree_map("[abc]", inner, 0..3).prop_map(Json::from_iter),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Never a claim that the other validator denies; asserted in `check`.
    #[test]
    fn claims_hold(schema in schemas(), instance in values()) {
        check("3.1.0", &schema, &instance, PLAIN);
    }
}
