//! Other spellings of the same thing are no difference, whatever they are spellings of; and an edit whose meaning is
//! known is judged by it, whatever stands around it.

mod common;

use common::{
    random::{contract_document, schema},
    read, request, response,
};
use contract::compare;
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::{Level, findings::Counts};

/// Keywords whose schemas are rewritten as well.
const SCHEMAS: [&str; 3] = ["items", "additionalProperties", "contains"];
const LISTS: [&str; 3] = ["allOf", "oneOf", "anyOf"];

/// Rewrites a schema and those in it, each by the next of the choices.
fn rewrite(schema: &mut Value, choices: &mut impl Iterator<Item = u8>) {
    if let Some(members) = schema.as_object_mut() {
        for (key, value) in members.iter_mut() {
            match (key.as_str(), value) {
                (key, value @ Value::Object(_)) if SCHEMAS.contains(&key) => rewrite(value, choices),
                (key, Value::Array(list)) if LISTS.contains(&key) => {
                    list.iter_mut().for_each(|member| rewrite(member, choices));
                }
                ("properties", Value::Object(properties)) => {
                    properties.values_mut().for_each(|property| rewrite(property, choices));
                }
                _ => {}
            }
        }
    }
    respell(schema, choices.next().unwrap_or_default());
}

/// Says one schema in another way, if the choice fits it.
fn respell(schema: &mut Value, choice: u8) {
    let Some(members) = schema.as_object_mut() else { return };
    let is = |kind: &str| members.get("type").is_some_and(|have| have == kind);
    match choice % 16 {
        0 => *schema = json!({"allOf": [schema.take()]}),
        1 => *schema = json!({"oneOf": [schema.take()]}),
        2 => *schema = json!({"anyOf": [schema.take()], "description": "the same"}),
        3 => {
            if let Some(value) = members.remove("const") {
                members.insert("enum".into(), json!([value]));
            }
        }
        4 => {
            if let Some(Value::String(kind)) = members.get("type").cloned() {
                members.insert("type".into(), json!([kind]));
            }
        }
        5 if is("string") => drop(members.insert("minLength".into(), json!(0))),
        6 if is("integer") && !members.contains_key("multipleOf") => {
            members.insert("type".into(), json!("number"));
            members.insert("multipleOf".into(), json!(1.0));
        }
        7 if is("integer") => {
            if let Some(minimum) = members.get("minimum").and_then(Value::as_i64) {
                members.remove("minimum");
                members.insert("exclusiveMinimum".into(), json!(minimum - 1));
            }
        }
        8 if is("array") && !members.contains_key("items") => drop(members.insert("items".into(), json!(true))),
        9 if is("object") && !members.contains_key("additionalProperties") => {
            members.insert("additionalProperties".into(), json!({"title": "anything"}));
        }
        10 => {
            for key in ["enum", "required", "anyOf", "oneOf", "allOf"] {
                if let Some(Value::Array(list)) = members.get_mut(key) {
                    list.reverse();
                }
            }
        }
        11 if members.get("type") == Some(&json!(["string", "null"])) => {
            members.insert("type".into(), json!("string"));
            *schema = json!({"anyOf": [{"type": "null"}, schema.take()]});
        }
        12 => {
            if let Some(required) = members.remove("required") {
                *schema = json!({"allOf": [schema.take(), {"required": required}]});
            }
        }
        13 => {
            members.insert("title".into(), json!("another"));
            members.insert("x-note".into(), json!([1]));
        }
        _ => {}
    }
}

/// Schemas around another one, before and after an edit: whether it breaks those who send it and those who read it.
const EDITS: &[(&str, &str, bool, bool)] = &[
    ("{properties: {x: S}}", "{properties: {x: S, q: {type: string}}}", false, false),
    ("{properties: {x: S}}", "{properties: {x: S, q: {type: string}}, required: [q]}", true, false),
    ("{properties: {x: S}, required: [x]}", "{properties: {x: S}}", false, true),
    ("{properties: {x: S}}", "{properties: {x: S}, required: [x]}", true, false),
    ("{properties: {x: S}, required: [x]}", "{type: object}", false, true),
    ("{properties: {x: S}}", "{properties: {x: S}, additionalProperties: false}", true, false),
    ("{properties: {x: S}, additionalProperties: false}", "{type: object, additionalProperties: false}", true, false),
    ("{properties: {x: S, e: {enum: [a, b]}}}", "{properties: {x: S, e: {enum: [a]}}}", true, false),
    ("{properties: {x: S, e: {enum: [a]}}}", "{properties: {x: S, e: {enum: [a, b]}}}", false, false),
    ("{properties: {x: S, e: {type: integer}}}", "{properties: {x: S, e: {type: number}}}", false, true),
    ("{properties: {x: S, e: {type: string}}}", "{properties: {x: S, e: {type: boolean}}}", true, true),
    ("{type: array, items: S, maxItems: 5}", "{type: array, items: S, maxItems: 4}", true, false),
    ("{type: array, items: S, maxItems: 5}", "{type: array, items: S, maxItems: 6}", false, true),
    (
        "{properties: {x: S, e: {type: string}}}",
        "{properties: {x: S, e: {anyOf: [{type: string}, {type: 'null'}]}}}",
        false,
        true,
    ),
    ("{anyOf: [{type: array, items: S}, {type: boolean}]}", "{type: array, items: S}", true, false),
    ("{type: array, items: S}", "{anyOf: [{type: boolean}, {type: array, items: S}]}", false, true),
    ("{anyOf: [{properties: {x: S}, required: [x], type: object}, {type: boolean}]}", "{type: boolean}", true, false),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn spellings_are_no_difference(value in contract_document(), choices in prop::collection::vec(any::<u8>(), 1..40)) {
        let mut other = value.clone();
        let mut choices = choices.into_iter().cycle();
        for place in ["requestBody", "responses/200"] {
            let place = format!("/paths/~1a~1{{id}}/post/{place}/content/application~1json/schema");
            rewrite(other.pointer_mut(&place).expect("it is there"), &mut choices);
        }
        for name in ["S0", "S1", "S2"] {
            rewrite(&mut other["components"]["schemas"][name], &mut choices);
        }
        let (base, revision) = (read(&value.to_string()), read(&other.to_string()));
        prop_assert_eq!(compare(&base, &revision), [], "{}", other);
        prop_assert_eq!(compare(&revision, &base), [], "{}", other);
    }

    #[test]
    fn edits_are_judged_by_their_meaning(inner in schema(), edit in prop::sample::select(EDITS)) {
        let (before, after, sent, received) = edit;
        // References lead to components that these documents don't have.
        let inner = inner.to_string().replace("$ref", "x-ref");
        let (before, after) = (before.replace('S', &inner), after.replace('S', &inner));
        for (wrap, breaks) in [(request as fn(&str, &str) -> String, sent), (response, received)] {
            let findings = compare(&read(&wrap("3.1.0", &before)), &read(&wrap("3.1.0", &after)));
            let is_breaking = Counts::of(&findings).verdict() == Level::Breaking;
            // Some inner schemas fit nothing, so that there is no difference to be shown around them.
            let doubtful = findings.iter().any(|finding| finding.level == Level::Risky && finding.unproven.is_some());
            prop_assert!(is_breaking == breaks || breaks && doubtful, "{} → {}: {:?}", before, after, findings);
        }
    }
}
