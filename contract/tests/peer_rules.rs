//! What another checker tells apart, we tell as well: each of its rules is mapped to ours or to a reason, and the most
//! of those about schemas are proven by a pair of documents.

mod common;

use common::{request, response, rules};
use contract::rules::find;
use std::collections::{BTreeMap, BTreeSet};

const TABLE: &str = include_str!("fixtures/peer-rules.tsv");

/// Their rules with ours, or with the reason why there is none.
fn table() -> BTreeMap<&'static str, &'static str> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once('\t').expect("an id, a tab and what covers it")).collect()
}

#[test]
fn each_of_their_rules_is_one_of_ours_or_has_a_reason() {
    let table = table();
    assert_eq!((table.len(), TABLE.lines().count()), (509, 510), "an id stands twice, or is gone");
    for (theirs, ours) in table {
        match ours.strip_prefix("- ") {
            Some(reason) => assert!(reason.ends_with('.') && reason.len() > 20, "{theirs}: {reason}"),
            None => {
                for id in ours.split_whitespace() {
                    assert!(find(id).is_some(), "{theirs}: there is no rule {id}");
                }
                assert!(!ours.trim().is_empty(), "{theirs}");
            }
        }
    }
}

/// How their rules about schemas end, with an edit that is one.
const EDITS: &[(&str, &str, &str)] = &[
    ("all-of-added", "{type: object}", "{type: object, allOf: [{required: [a]}]}"),
    ("all-of-removed", "{type: object, allOf: [{required: [a]}]}", "{type: object}"),
    (
        "any-of-added",
        "{anyOf: [{type: string}, {type: object}]}",
        "{anyOf: [{type: string}, {type: object}, {type: boolean}]}",
    ),
    (
        "any-of-removed",
        "{anyOf: [{type: string}, {type: object}, {type: boolean}]}",
        "{anyOf: [{type: string}, {type: object}]}",
    ),
    (
        "one-of-added",
        "{oneOf: [{type: string}, {type: object}]}",
        "{oneOf: [{type: string}, {type: object}, {type: boolean}]}",
    ),
    (
        "one-of-removed",
        "{oneOf: [{type: string}, {type: object}, {type: boolean}]}",
        "{oneOf: [{type: string}, {type: object}]}",
    ),
    ("wrapped-in-one-of", "{type: string}", "{oneOf: [{type: string}, {type: boolean}]}"),
    ("became-nullable", "{type: string}", "{type: [string, 'null']}"),
    ("became-not-nullable", "{type: [string, 'null']}", "{type: string}"),
    ("became-enum", "{type: string}", "{type: string, enum: [a]}"),
    ("enum-value-added", "{enum: [a]}", "{enum: [a, b]}"),
    ("enum-value-removed", "{enum: [a, b]}", "{enum: [a]}"),
    ("const-added", "{type: string}", "{type: string, const: a}"),
    ("const-changed", "{const: a}", "{const: b}"),
    ("const-removed", "{type: string, const: a}", "{type: string}"),
    ("default-value-added", "{type: string}", "{type: string, default: a}"),
    ("default-value-changed", "{type: string, default: b}", "{type: string, default: a}"),
    ("default-value-removed", "{type: string, default: b}", "{type: string}"),
    ("type-changed", "{type: string}", "{type: object}"),
    ("type-generalized", "{type: integer}", "{type: number}"),
    ("type-specialized", "{type: number}", "{type: integer}"),
    ("list-of-types-narrowed", "{type: [string, integer]}", "{type: string}"),
    ("list-of-types-widened", "{type: string}", "{type: [string, integer]}"),
    ("content-encoding-changed", "{type: string, contentEncoding: base64}", "{type: string, contentEncoding: base32}"),
    ("content-media-type-changed", "{type: string, contentMediaType: a/b}", "{type: string, contentMediaType: a/c}"),
    ("content-schema-added", "{type: string}", "{type: string, contentSchema: {type: object}}"),
    ("content-schema-removed", "{type: string, contentSchema: {type: object}}", "{type: string}"),
    ("max-set", "{type: number}", "{type: number, maximum: 5}"),
    ("max-decreased", "{type: number, maximum: 6}", "{type: number, maximum: 5}"),
    ("max-increased", "{type: number, maximum: 6}", "{type: number, maximum: 7}"),
    ("min-set", "{type: number}", "{type: number, minimum: 5}"),
    ("min-decreased", "{type: number, minimum: 6}", "{type: number, minimum: 5}"),
    ("min-increased", "{type: number, minimum: 6}", "{type: number, minimum: 7}"),
    ("exclusive-max-set", "{type: number}", "{type: number, exclusiveMaximum: 5}"),
    ("exclusive-max-decreased", "{type: number, exclusiveMaximum: 6}", "{type: number, exclusiveMaximum: 5}"),
    ("exclusive-max-increased", "{type: number, exclusiveMaximum: 6}", "{type: number, exclusiveMaximum: 7}"),
    ("exclusive-min-set", "{type: number}", "{type: number, exclusiveMinimum: 5}"),
    ("exclusive-min-decreased", "{type: number, exclusiveMinimum: 6}", "{type: number, exclusiveMinimum: 5}"),
    ("exclusive-min-increased", "{type: number, exclusiveMinimum: 6}", "{type: number, exclusiveMinimum: 7}"),
    ("max-length-set", "{type: string}", "{type: string, maxLength: 5}"),
    ("max-length-unset", "{type: string, maxLength: 5}", "{type: string}"),
    ("max-length-decreased", "{type: string, maxLength: 6}", "{type: string, maxLength: 5}"),
    ("max-length-increased", "{type: string, maxLength: 6}", "{type: string, maxLength: 7}"),
    ("min-length-decreased", "{type: string, minLength: 6}", "{type: string, minLength: 5}"),
    ("min-length-increased", "{type: string, minLength: 6}", "{type: string, minLength: 7}"),
    ("min-items-set", "{type: array}", "{type: array, minItems: 5}"),
    ("min-items-unset", "{type: array, minItems: 5}", "{type: array}"),
    ("min-items-decreased", "{type: array, minItems: 6}", "{type: array, minItems: 5}"),
    ("min-items-increased", "{type: array, minItems: 6}", "{type: array, minItems: 7}"),
    ("min-contains-decreased", "{contains: {}, minContains: 3}", "{contains: {}, minContains: 2}"),
    ("min-contains-increased", "{contains: {}, minContains: 3}", "{contains: {}, minContains: 4}"),
    ("max-contains-decreased", "{contains: {}, maxContains: 3}", "{contains: {}, maxContains: 2}"),
    ("max-contains-increased", "{contains: {}, maxContains: 3}", "{contains: {}, maxContains: 4}"),
    ("pattern-added", "{type: string}", "{type: string, pattern: a}"),
    ("pattern-removed", "{type: string, pattern: a}", "{type: string}"),
    ("pattern-changed", "{type: string, pattern: a}", "{type: string, pattern: b}"),
    ("pattern-generalized", "{type: string, pattern: a}", "{type: string, pattern: '.*'}"),
    ("pattern-property-added", "{type: object}", "{type: object, patternProperties: {a: {type: string}}}"),
    ("pattern-property-removed", "{type: object, patternProperties: {a: {type: string}}}", "{type: object}"),
    ("contains-added", "{type: array}", "{type: array, contains: {type: string}}"),
    ("contains-removed", "{type: array, contains: {type: string}}", "{type: array}"),
    ("dependent-required-added", "{type: object}", "{type: object, dependentRequired: {a: [b]}}"),
    ("dependent-required-changed", "{dependentRequired: {a: [b]}}", "{dependentRequired: {a: [c]}}"),
    ("dependent-required-removed", "{type: object, dependentRequired: {a: [b]}}", "{type: object}"),
    ("dependent-schema-added", "{type: object}", "{type: object, dependentSchemas: {a: {required: [b]}}}"),
    ("dependent-schema-removed", "{type: object, dependentSchemas: {a: {required: [b]}}}", "{type: object}"),
    ("if-added", "{type: object}", "{type: object, if: {required: [a]}}"),
    ("if-removed", "{type: object, if: {required: [a]}}", "{type: object}"),
    ("then-added", "{if: {required: [a]}}", "{if: {required: [a]}, then: {required: [b]}}"),
    ("then-removed", "{if: {required: [a]}, then: {required: [b]}}", "{if: {required: [a]}}"),
    ("else-added", "{if: {required: [a]}}", "{if: {required: [a]}, else: {required: [b]}}"),
    ("else-removed", "{if: {required: [a]}, else: {required: [b]}}", "{if: {required: [a]}}"),
    ("property-names-added", "{type: object}", "{type: object, propertyNames: {pattern: a}}"),
    ("property-names-removed", "{type: object, propertyNames: {pattern: a}}", "{type: object}"),
    ("unevaluated-items-added", "{type: array}", "{type: array, unevaluatedItems: false}"),
    ("unevaluated-items-removed", "{type: array, unevaluatedItems: false}", "{type: array}"),
    ("unevaluated-properties-added", "{type: object}", "{type: object, unevaluatedProperties: false}"),
    ("unevaluated-properties-removed", "{type: object, unevaluatedProperties: false}", "{type: object}"),
    ("prefix-items-added", "{type: array}", "{type: array, prefixItems: [{type: string}]}"),
    (
        "prefix-items-removed",
        "{type: array, prefixItems: [{type: string}], items: {type: object}}",
        "{type: array, items: {type: object}}",
    ),
    ("discriminator-added", "{type: object}", "{type: object, discriminator: {propertyName: a}}"),
    ("discriminator-removed", "{type: object, discriminator: {propertyName: a}}", "{type: object}"),
    ("discriminator-property-name-changed", "{discriminator: {propertyName: a}}", "{discriminator: {propertyName: b}}"),
    (
        "discriminator-mapping-added",
        "{discriminator: {propertyName: a}}",
        "{discriminator: {propertyName: a, mapping: {c: D}}}",
    ),
    (
        "discriminator-mapping-deleted",
        "{discriminator: {propertyName: a, mapping: {c: D}}}",
        "{discriminator: {propertyName: a}}",
    ),
    (
        "discriminator-mapping-changed",
        "{discriminator: {propertyName: a, mapping: {c: D}}}",
        "{discriminator: {propertyName: a, mapping: {c: E}}}",
    ),
];

#[test]
fn an_edit_that_they_tell_is_told_by_the_rule_that_the_table_names() {
    let table = table();
    let mut proven = BTreeSet::new();
    for (edit, base, revision) in EDITS {
        for direction in ["request", "response"] {
            let wrap = if direction == "request" { request } else { response };
            for (place, before, after) in [("body", "", ""), ("property", "{properties: {p: ", "}}")] {
                let id = format!("{direction}-{place}-{edit}");
                let Some((id, ours)) = table.get_key_value(id.as_str()) else { continue };
                let schema = |schema: &str| wrap("3.1.0", &format!("{before}{schema}{after}"));
                let told = rules(&schema(base), &schema(revision));
                let told: Vec<&str> = told.iter().map(|rule| rule.split('@').next().unwrap_or(rule)).collect();
                assert!(ours.split_whitespace().any(|rule| told.contains(&rule)), "{id}: {told:?}, not {ours}");
                proven.insert(*id);
            }
        }
    }
    assert!(proven.len() >= 270, "{} of their rules are proven", proven.len());
}
