//! Random documents for property tests.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A random schema, a few levels deep, with references to the three components that every document has.
pub fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({"type": "string"})),
        Just(json!({"type": ["string", "null"]})),
        Just(json!({"type": "integer", "minimum": 1})),
        Just(json!({"type": "number", "exclusiveMaximum": 9.5})),
        Just(json!({"enum": ["a", "b", 1]})),
        Just(json!({"const": true})),
        Just(json!({})),
        (0..3).prop_map(|i| json!({"$ref": format!("#/components/schemas/S{i}")})),
        (1..9_u8, "[a-c]{1,2}").prop_map(|(n, p)| json!({"type": "string", "maxLength": n, "pattern": p})),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let properties = prop::collection::btree_map("[a-d]", inner.clone(), 0..4);
        let object = (properties, prop::collection::btree_set("[a-d]", 0..3), prop::option::of(any::<bool>()));
        prop_oneof![
            object.prop_map(|(properties, required, additional)| {
                let mut object = json!({"type": "object", "properties": properties, "required": required});
                if let Some(additional) = additional {
                    object["additionalProperties"] = json!(additional);
                }
                object
            }),
            inner.clone().prop_map(|items| json!({"type": "array", "items": items, "minItems": 1})),
            inner.clone().prop_map(|not| json!({"type": "object", "not": not})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| json!({"oneOf": all})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| json!({"anyOf": all})),
            prop::collection::vec(inner, 1..3).prop_map(|all| json!({"allOf": all})),
        ]
    })
}

/// A random document, whose components never are references themselves.
pub fn contract_document() -> impl Strategy<Value = Value> {
    let component = schema().prop_map(|schema| json!({"allOf": [schema], "title": "component"}));
    (prop::collection::vec(component, 3), schema(), schema(), any::<bool>()).prop_map(
        |(components, sent, received, required)| {
            let names = components.into_iter().enumerate().map(|(i, schema)| (format!("S{i}"), schema));
            json!({
                "openapi": "3.1.0",
                "info": {"title": "T", "version": "1"},
                "paths": {"/a/{id}": {
                    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
                    "post": {
                        "requestBody": {"required": required, "content": {"application/json": {"schema": sent}}},
                        "responses": {"200": {"content": {"application/json": {"schema": received}}}}
                    }
                }},
                "components": {"schemas": Map::from_iter(names)}
            })
        },
    )
}
