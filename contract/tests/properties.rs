//! What holds for every document, on random ones.

mod common;

use common::{document, random::contract_document, read, rules};
use contract::{Document, Limits, compare};
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::{Level, findings::Counts};

/// The same value with the members of every object in the reverse order.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), reversed(value)))
                .collect();
            members.reverse();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(",")),
        scalar => scalar.to_string(),
    }
}

/// Block-style YAML, with every string in double quotes (which JSON's escapes are right in).
fn yaml(value: &Value, indent: usize, out: &mut String) {
    let pad = "  ".repeat(indent);
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                out.push_str(&format!("\n{pad}{}:", Value::from(key.as_str())));
                yaml(value, indent + 1, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&format!("\n{pad}-"));
                yaml(item, indent + 1, out);
            }
        }
        scalar => out.push_str(&format!(" {scalar}")),
    }
}

fn of(value: &Value) -> Document {
    read(&value.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_document_doesn_t_differ_from_itself(value in contract_document()) {
        prop_assert_eq!(compare(&of(&value), &of(&value)), []);
    }

    #[test]
    fn the_order_of_keys_is_no_difference(value in contract_document()) {
        prop_assert_eq!(compare(&of(&value), &read(&reversed(&value))), []);
        prop_assert_eq!(compare(&read(&reversed(&value)), &of(&value)), []);
    }

    #[test]
    fn yaml_and_json_are_spellings_of_the_same(value in contract_document()) {
        let mut text = String::new();
        yaml(&value, 0, &mut text);
        let (from_yaml, from_json) = (read(&text), of(&value));
        prop_assert_eq!(from_yaml.info().format, shared::versions::Format::Yaml);
        prop_assert_eq!(compare(&from_json, &from_yaml), []);
        let key = &from_json.operations()[0].key;
        let views = (from_json.operation(key), from_yaml.operation(key));
        let outline = |d: &Document| d.outline();
        prop_assert_eq!(outline(&from_json), outline(&from_yaml));
        prop_assert_eq!(views.0.map(|v| v.parameters.len()), views.1.map(|v| v.parameters.len()));
    }

    #[test]
    fn comparing_is_deterministic_and_never_panics(a in contract_document(), b in contract_document()) {
        let (base, revision) = (of(&a), of(&b));
        prop_assert_eq!(compare(&base, &revision), compare(&of(&a), &of(&b)));
        let back = compare(&revision, &base);
        for finding in &back {
            prop_assert!(contract::rules::find(&finding.rule).is_some());
            prop_assert!(finding.base.is_some() || finding.revision.is_some());
        }
        prop_assert!(back.is_sorted_by_key(|finding| std::cmp::Reverse(finding.level)));
    }

    #[test]
    fn an_inline_schema_may_move_into_a_component(value in contract_document()) {
        let mut moved = value.clone();
        let place = "/paths/~1a~1{id}/post/requestBody/content/application~1json/schema";
        let schema = moved.pointer_mut(place).expect("it is there").take();
        *moved.pointer_mut(place).expect("it is there") = json!({"$ref": "#/components/schemas/Moved"});
        moved["components"]["schemas"]["Moved"] = schema;
        prop_assert_eq!(compare(&of(&value), &of(&moved)), []);
        prop_assert_eq!(compare(&of(&moved), &of(&value)), []);
    }

    /// What narrows hurts when it is sent, and is safe when it is received; what widens, the other way around.
    #[test]
    fn directions_mirror_each_other(lower in 0_u32..9, by in 1_u32..9, more in any::<bool>()) {
        let schema = |minimum: u32| format!("{{type: integer, minimum: {minimum}}}");
        let (before, after) = if more { (lower, lower + by) } else { (lower + by, lower) };
        let level = |wrap: fn(&str, &str) -> String| {
            let (base, revision) = (read(&wrap("3.1.0", &schema(before))), read(&wrap("3.1.0", &schema(after))));
            Counts::of(&compare(&base, &revision)).verdict()
        };
        let (sent, received) = (level(common::request), level(common::response));
        prop_assert_eq!(sent, if more { Level::Breaking } else { Level::Safe });
        prop_assert_eq!(received, if more { Level::Safe } else { Level::Breaking });
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = Document::read(&bytes, &Limits::default()) {
            prop_assert!(!error.problems.is_empty());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\]{}:,\"'&*!|>%@#?~ \\n\\ta-c0-9<.-]{0,80}") {
        let source = format!("openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths: {{}}\nx-any: {text}");
        for source in [source.as_str(), text.as_str()] {
            if let Err(error) = Document::read(source.as_bytes(), &Limits::default()) {
                for problem in &error.problems {
                    let line = problem.line.expect("every problem has a line") as usize;
                    prop_assert!(line >= 1 && line <= source.lines().count() + 1, "{problem:?} in {source:?}");
                }
            }
        }
    }

    #[test]
    fn a_damaged_document_is_read_or_refused(value in contract_document(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = value.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(document) = Document::read(&bytes, &Limits::default()) {
            let findings = compare(&document, &of(&value));
            prop_assert!(findings.iter().all(|finding| !finding.message.is_empty()));
            for operation in document.operations() {
                prop_assert!(document.operation(&operation.key).is_some());
            }
        }
    }
}

#[test]
fn a_schema_used_in_both_directions_is_judged_in_each() {
    let source = |required: &str| {
        let media = "{content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}";
        let paths = format!("{{/a: {{post: {{requestBody: {media}, responses: {{200: {media}}}}}}}}}");
        document(
            "3.1.0",
            &format!(
                "paths: {paths}\ncomponents: {{schemas: {{S: {{properties: {{a: {{}}}}, required: [{required}]}}}}}}"
            ),
        )
    };
    assert_eq!(
        rules(&source(""), &source("a")),
        ["request-property-became-required", "response-property-became-required"]
    );
}
