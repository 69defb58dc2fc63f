//! A finding's fingerprint depends on what changed, and on nothing else: documents that are reordered, moved or
//! refactored have the same fingerprints.

mod common;

use common::{document, random::contract_document, read, request};
use contract::compare;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use shared::Finding;
use std::collections::BTreeSet;

/// Lists whose order means nothing.
const SETS: [&str; 8] = ["required", "enum", "oneOf", "anyOf", "allOf", "type", "parameters", "tags"];

/// The same document with the members of every object, and of every list whose order means nothing, in another order.
fn reordered(value: &Value, by: usize) -> String {
    fn turned(mut parts: Vec<String>, by: usize) -> String {
        if by.is_multiple_of(2) {
            parts.reverse();
        }
        let by = by % parts.len().max(1);
        parts.rotate_left(by);
        // Lines move, too.
        parts.join(&format!(",{}", "\n".repeat(by % 3)))
    }
    fn write(value: &Value, key: &str, by: usize) -> String {
        match value {
            Value::Object(members) => {
                let member = |(key, value): (&String, &Value)| {
                    format!("{}: {}", Value::from(key.as_str()), write(value, key, by))
                };
                format!("{{{}}}", turned(members.iter().map(member).collect(), by))
            }
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| write(item, "", by)).collect();
                let turn = SETS.contains(&key);
                format!("[{}]", if turn { turned(items, by) } else { items.join(",") })
            }
            scalar => scalar.to_string(),
        }
    }
    write(value, "", by)
}

/// The same document with other names for its components.
fn renamed(value: &Value) -> Value {
    let names = [("S0", "Zebra"), ("S1", "Alpaca"), ("S2", "Mule")];
    let mut text = value.to_string();
    for (old, new) in names {
        text = text.replace(&format!("#/components/schemas/{old}\""), &format!("#/components/schemas/{new}\""));
    }
    let mut value: Value = serde_json::from_str(&text).expect("it is JSON");
    let schemas = value["components"]["schemas"].as_object_mut().expect("it has components");
    *schemas = std::mem::take(schemas)
        .into_iter()
        .map(|(name, schema)| {
            let new = names.iter().find(|(old, _)| *old == name).map_or(name.as_str(), |(_, new)| new);
            (new.to_owned(), schema)
        })
        .collect();
    value
}

/// The schemas in a schema that are no alternatives, by pointer. An alternative that gets a name is known by it.
fn places(schema: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        places(property, &format!("{at}/properties/{name}"), all);
    }
    if schema["items"].is_object() {
        places(&schema["items"], &format!("{at}/items"), all);
    }
}

/// The same document with one of its inline schemas in a component of its own.
fn extracted(value: &Value, pick: usize) -> Value {
    let mut all = Vec::new();
    for start in ["requestBody", "responses/200"] {
        let at = format!("/paths/~1a~1{{id}}/post/{start}/content/application~1json/schema");
        places(value.pointer(&at).expect("it is there"), &at, &mut all);
    }
    let mut moved = value.clone();
    let place = moved.pointer_mut(&all[pick % all.len()]).expect("it is there");
    let schema = std::mem::replace(place, json!({"$ref": "#/components/schemas/Moved"}));
    moved["components"]["schemas"]["Moved"] = schema;
    moved
}

/// The same document with each component that is used once in the place where it is used.
fn inlined(value: &Value) -> Value {
    fn replace(value: &mut Value, reference: &Value, schema: &Value) {
        if value == reference {
            *value = schema.clone();
            return;
        }
        match value {
            Value::Object(members) => members.values_mut().for_each(|value| replace(value, reference, schema)),
            Value::Array(items) => items.iter_mut().for_each(|value| replace(value, reference, schema)),
            _ => {}
        }
    }
    let mut value = value.clone();
    for name in ["S0", "S1", "S2"] {
        let reference = json!({"$ref": format!("#/components/schemas/{name}")});
        let schema = value["components"]["schemas"][name].clone();
        let used = value.to_string().matches(&reference.to_string()).count();
        if used == 1 && !schema.to_string().contains(&reference.to_string()) {
            replace(&mut value["paths"], &reference, &schema);
            let schemas = &mut value["components"]["schemas"];
            replace(schemas, &reference, &schema);
        }
    }
    value
}

/// Whether a component stands among alternatives, where its name is what it is known by.
fn names_alternatives(value: &Value) -> bool {
    let named = |list: &Value| list.as_array().is_some_and(|list| list.iter().any(|member| member["$ref"].is_string()));
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| {
            ["oneOf", "anyOf"].contains(&key.as_str()) && named(value) || names_alternatives(value)
        }),
        Value::Array(items) => items.iter().any(names_alternatives),
        _ => false,
    }
}

fn found(base: &str, revision: &str) -> Vec<Finding> {
    compare(&read(base), &read(revision))
}

fn prints(base: &str, revision: &str) -> BTreeSet<String> {
    let findings = found(base, revision);
    let prints: BTreeSet<String> = findings.iter().map(|finding| finding.fingerprint.clone()).collect();
    assert_eq!(prints.len(), findings.len(), "each finding has its own");
    prints
}

/// What they were made of, for messages.
fn told(base: &str, revision: &str) -> Vec<String> {
    let line = |f: &Finding| format!("{} {} {}", &f.fingerprint[..8], f.rule, f.message);
    found(base, revision).iter().map(line).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn order_and_place_make_no_other_finding(a in contract_document(), b in contract_document(), by in 0..24_usize) {
        let (base, revision) = (a.to_string(), b.to_string());
        let (base_again, revision_again) = (reordered(&a, by), reordered(&b, by / 2 + 1));
        prop_assert_eq!(
            prints(&base, &revision), prints(&base_again, &revision_again),
            "{:#?}\n{:#?}", told(&base, &revision), told(&base_again, &revision_again)
        );
    }

    #[test]
    fn refactoring_makes_no_other_finding(a in contract_document(), b in contract_document(), pick in any::<u16>()) {
        let (base, revision) = (a.to_string(), b.to_string());
        let whole = prints(&base, &revision);
        let same = |base: &Value, revision: &Value, what: &str| {
            let (base_again, revision_again) = (base.to_string(), revision.to_string());
            prop_assert_eq!(
                &whole, &prints(&base_again, &revision_again),
                "{}: {:#?}\n{:#?}", what, told(&a.to_string(), &b.to_string()), told(&base_again, &revision_again)
            );
            Ok(())
        };
        same(&renamed(&a), &renamed(&b), "renamed")?;
        if !names_alternatives(&a) && !names_alternatives(&b) {
            same(&a, &renamed(&b), "renamed in the revision")?;
            same(&inlined(&a), &b, "inlined in the base")?;
            same(&inlined(&a), &inlined(&b), "inlined")?;
        }
        same(&a, &extracted(&b, pick.into()), "extracted in the revision")?;
        same(&extracted(&a, pick.into()), &b, "extracted in the base")?;
    }

    /// What else changes later doesn't touch what was found before.
    #[test]
    fn other_changes_make_no_other_finding(a in contract_document(), b in contract_document()) {
        let mut more = b.clone();
        more["paths"]["/0"] = json!({"get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "string"}}}}}}});
        more["info"]["version"] = "2".into();
        more["paths"]["/a/{id}"]["post"]["requestBody"]["content"]["text/plain"] = json!({"schema": {"type": "string"}});
        let (before, after) = (prints(&a.to_string(), &b.to_string()), prints(&a.to_string(), &more.to_string()));
        prop_assert!(before.is_subset(&after), "{:#?}", told(&a.to_string(), &more.to_string()));
    }
}

/// Documents with operations that share a schema.
fn sharing(paths: impl Iterator<Item = usize>, kind: &str) -> String {
    let ok = "{responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}}}";
    let paths: String = paths.map(|i| format!("  /p{i}: {{get: {ok}}}\n")).collect();
    document("3.1.0", &format!("paths:\n{paths}components: {{schemas: {{S: {{type: {kind}}}}}}}"))
}

#[test]
fn the_operations_that_are_told_one_by_one_are_the_same_in_any_order() {
    let forwards = prints(&sharing(0..30, "integer"), &sharing(0..30, "number"));
    let backwards = prints(&sharing((0..30).rev(), "integer"), &sharing((0..30).rev(), "number"));
    assert_eq!(forwards, backwards);
}

#[test]
fn every_operation_is_named_by_a_finding() {
    let findings = found(&sharing(0..1_000, "integer"), &sharing(0..1_000, "number"));
    let alone = findings.iter().filter_map(|finding| finding.operation.clone());
    let all: BTreeSet<_> = alone.chain(findings.iter().flat_map(|finding| finding.operations.clone())).collect();
    assert_eq!((findings.len(), all.len()), (21, 1_000));
}

#[test]
fn what_differs_in_subject_or_values_differs() {
    let of = |revision: &str| {
        let base = "{type: object, properties: {a: {type: integer, maximum: 8}, b: {type: integer, maximum: 8}}}";
        let found = found(&request("3.1.0", base), &request("3.1.0", revision));
        assert_eq!(found.len(), 1, "{found:#?}");
        found[0].clone()
    };
    let edits = [("4", "8"), ("5", "8"), ("8", "4"), ("9", "8")];
    let edits = edits.map(|(a, b)| {
        of(&format!(
            "{{type: object, properties: {{a: {{type: integer, maximum: {a}}}, b: {{type: integer, maximum: {b}}}}}}}"
        ))
    });
    let prints: BTreeSet<_> = edits.iter().map(|finding| finding.fingerprint.clone()).collect();
    assert_eq!(prints.len(), edits.len());
    let first = &edits[0];
    assert_eq!((&first.values.base, &first.values.revision), (&Some(json!(8)), &Some(json!(4))));
    assert_eq!(first.message, "`a` in the request body: maximum lowered from 8 to 4");
    let subject = serde_json::to_value(&first.subject).expect("it is JSON");
    let path = json!([{"kind": "property", "name": "a"}]);
    let expected = json!({"part": "request-body", "mediaType": "application/json", "path": path, "keyword": "maximum"});
    assert_eq!(subject, expected);
}

#[test]
fn the_same_number_written_in_another_way_is_the_same() {
    let of = |old: &str, new: &str| {
        let schema = |maximum: &str| request("3.1.0", &format!("{{type: number, maximum: {maximum}}}"));
        prints(&schema(old), &schema(new))
    };
    assert_eq!(of("8", "4"), of("8.0", "4e0"));
    assert_ne!(of("8", "4"), of("8", "5"));
}

#[test]
fn values_are_whole_lists_and_what_changed_in_them_tells_apart() {
    let of = |old: &str, new: &str| {
        let schema = |values: &str| request("3.1.0", &format!("{{type: string, enum: [{values}]}}"));
        let findings = found(&schema(old), &schema(new));
        findings.into_iter().find(|finding| finding.rule == "request-value-removed").expect("a value was removed")
    };
    let removed = of("a, b", "a");
    assert_eq!((removed.values.base, removed.values.revision), (Some(json!(["a", "b"])), Some(json!(["a"]))));
    assert_eq!(removed.message, "The request body: value `b` removed");
    assert_eq!(removed.fingerprint, of("b, a", "a, c").fingerprint);
}

#[test]
fn a_document_has_no_more_than_it_says() {
    // Serialized as the REST API has it: what is empty is left out.
    let finding = &found(&document("3.1.0", "paths: {/a: {get: {}}}"), &document("3.1.0", "paths: {}"))[0];
    let json: Map<String, Value> = match serde_json::to_value(finding) {
        Ok(Value::Object(members)) => members,
        other => panic!("{other:?}"),
    };
    assert_eq!(json["subject"], json!({"part": "operation"}));
    assert!(!json.contains_key("operations") && !json.contains_key("values"), "{json:?}");
    assert_eq!(json["fingerprint"].as_str().map(str::len), Some(32));
}

#[test]
fn which_of_several_alternatives_a_plain_schema_fits_is_no_matter_of_order() {
    let (object, any) = ("{type: object, not: {type: string}}", "{}");
    let body = |schema: &str| request("3.1.0", schema);
    let base = body(object);
    let revisions = [format!("{{oneOf: [{any}, {object}]}}"), format!("{{oneOf: [{object}, {any}]}}")];
    let [one, other] = revisions.map(|revision| prints(&base, &body(&revision)));
    assert_eq!(one, other);
}

#[test]
fn alternatives_are_told_apart_by_their_parts_in_any_order() {
    let (one, other) = ("oneOf: [{type: string}, {type: integer}]", "oneOf: [{maxLength: 3}, {minLength: 5}]");
    let body = |schema: &str| request("3.1.0", schema);
    let base = body("{anyOf: [{type: boolean}, {type: string}]}");
    let all = |a: &str, b: &str| body(&format!("{{anyOf: [{{allOf: [{{{a}}}, {{{b}}}]}}]}}"));
    assert_eq!(prints(&base, &all(one, other)), prints(&base, &all(other, one)));
}

#[test]
fn which_of_several_unions_a_plain_schema_is_held_against_is_no_matter_of_order() {
    let (one, other) =
        ("oneOf: [{type: string}, {type: string}]", "anyOf: [{type: string}, {type: integer, minimum: 1}]");
    let all = |a: &str, b: &str| request("3.1.0", &format!("{{allOf: [{{{a}}}, {{{b}}}]}}"));
    let plain = request("3.1.0", "{type: string}");
    assert_eq!(prints(&all(one, other), &plain), prints(&all(other, one), &plain));
    assert_eq!(prints(&plain, &all(one, other)), prints(&plain, &all(other, one)));
}

#[test]
fn which_of_several_unions_is_which_is_no_matter_of_order() {
    let all = |a: &str, b: &str| request("3.1.0", &format!("{{allOf: [{{anyOf: [{a}]}}, {{anyOf: [{b}]}}]}}"));
    let (one, other) = ("{type: string}, {type: integer}", "{type: string, maxLength: 3}, {type: integer}");
    let (new, newer) = ("{type: string, maxLength: 4}, {type: integer}", "{type: string}, {type: boolean}");
    let first = prints(&all(one, other), &all(new, newer));
    assert_eq!(first, prints(&all(other, one), &all(new, newer)));
    assert_eq!(first, prints(&all(one, other), &all(newer, new)));
}
