//! Schemas compared in both directions: each row is one edit, and what it means in a request and in a response.

mod common;

use common::{expected, request, response, rules, sentences};
use contract::rules::RULES;
use std::collections::BTreeSet;

/// Base, revision, findings when it is sent, findings when it is received.
type Row = (&'static str, &'static str, &'static str, &'static str);

const ROWS: &[Row] = &[
    // Types
    ("{type: string}", "{type: integer}", "request-type-changed", "response-type-changed"),
    ("{type: integer}", "{type: number}", "request-type-widened", "response-type-widened"),
    ("{type: [string, integer]}", "{type: string}", "request-type-narrowed", "response-type-narrowed"),
    ("{}", "{type: string}", "request-type-narrowed", "response-type-narrowed"),
    ("{type: string}", "{}", "request-type-widened", "response-type-widened"),
    ("true", "false", "request-type-narrowed", "response-type-narrowed"),
    ("{type: string}", "{type: [string, 'null']}", "request-became-nullable", "response-became-nullable"),
    ("{type: [string, 'null']}", "{type: string}", "request-became-not-nullable", "response-became-not-nullable"),
    (
        "{type: [string, 'null']}",
        "{type: integer}",
        "request-type-changed request-became-not-nullable",
        "response-type-changed response-became-not-nullable",
    ),
    // Objects
    ("{type: object}", "{properties: {a: {}}}", "request-property-added", "response-property-added"),
    (
        "{type: object}",
        "{properties: {a: {}}, required: [a]}",
        "request-required-property-added",
        "response-property-added",
    ),
    ("{properties: {a: {}}}", "{type: object}", "request-property-removed", "response-property-removed"),
    (
        "{properties: {a: {}}, required: [a]}",
        "{type: object}",
        "request-property-removed",
        "response-required-property-removed",
    ),
    (
        "{properties: {a: {}}, additionalProperties: false}",
        "{type: object, additionalProperties: false}",
        "request-property-removed@breaking",
        "response-property-removed",
    ),
    (
        "{type: object, additionalProperties: false}",
        "{properties: {a: {}}, additionalProperties: false}",
        "request-property-added",
        "response-property-added@risky",
    ),
    (
        "{properties: {a: {}}}",
        "{properties: {a: {}}, required: [a]}",
        "request-property-became-required",
        "response-property-became-required",
    ),
    (
        "{properties: {a: {}}, required: [a]}",
        "{properties: {a: {}}}",
        "request-property-became-optional",
        "response-property-became-optional",
    ),
    (
        "{type: object}",
        "{type: object, required: [a]}",
        "request-property-became-required",
        "response-property-became-required",
    ),
    (
        "{type: object, required: [a]}",
        "{type: object}",
        "request-property-became-optional",
        "response-property-became-optional",
    ),
    (
        "{properties: {a: {type: string}}}",
        "{properties: {a: {type: string, readOnly: true}}}",
        "request-property-became-read-only",
        "response-property-read-only-changed",
    ),
    (
        "{properties: {a: {type: string, readOnly: true}}}",
        "{properties: {a: {type: string}}}",
        "request-property-became-writable",
        "response-property-read-only-changed",
    ),
    // Required where it is part of the message: what was out of sight is needed at once, or gone at once.
    (
        "{properties: {a: {type: string, readOnly: true}}, required: [a]}",
        "{properties: {a: {type: string}}, required: [a]}",
        "request-property-became-writable@breaking",
        "response-property-read-only-changed",
    ),
    (
        "{properties: {a: {type: string}}, required: [a]}",
        "{properties: {a: {type: string, writeOnly: true}}, required: [a]}",
        "request-property-write-only-changed",
        "response-property-became-write-only@breaking",
    ),
    (
        "{properties: {a: {type: string}}}",
        "{properties: {a: {type: string, writeOnly: true}}}",
        "request-property-write-only-changed",
        "response-property-became-write-only",
    ),
    (
        "{properties: {a: {type: string, writeOnly: true}}}",
        "{properties: {a: {type: string}}}",
        "request-property-write-only-changed",
        "response-property-became-readable",
    ),
    // A request never holds what is read-only, so its changes concern responses alone; and the other way around.
    (
        "{properties: {a: {type: string, readOnly: true}}}",
        "{properties: {a: {type: integer, readOnly: true}}, required: [a]}",
        "",
        "response-type-changed response-property-became-required",
    ),
    ("{properties: {a: {writeOnly: true}}}", "{type: object}", "request-property-removed", ""),
    (
        "{properties: {a: {type: string}}}",
        "{properties: {a: {type: string, deprecated: true}}}",
        "property-deprecated",
        "property-deprecated",
    ),
    (
        "{properties: {a: {type: string, deprecated: true}}}",
        "{properties: {a: {type: string}}}",
        "property-undeprecated",
        "property-undeprecated",
    ),
    (
        "{type: object}",
        "{type: object, additionalProperties: false}",
        "request-additional-properties-closed",
        "response-additional-properties-closed",
    ),
    (
        "{type: object, additionalProperties: false}",
        "{type: object, additionalProperties: {type: string}}",
        "request-additional-properties-opened",
        "response-additional-properties-opened",
    ),
    (
        "{type: object, additionalProperties: {type: string}}",
        "{type: object, additionalProperties: {type: integer}}",
        "request-type-changed",
        "response-type-changed",
    ),
    // Values
    ("{enum: [a, b]}", "{enum: [a, b, c]}", "request-value-added", "response-value-added"),
    ("{enum: [a, b]}", "{enum: [b]}", "request-value-removed", "response-value-removed"),
    ("{type: string}", "{type: string, enum: [a, b]}", "request-values-restricted", "response-values-restricted"),
    ("{type: string, enum: [a, b]}", "{type: string}", "request-values-unrestricted", "response-values-unrestricted"),
    ("{const: a}", "{enum: [b]}", "request-constant-changed", "response-constant-changed"),
    ("{type: string, const: a}", "{type: string}", "request-values-unrestricted", "response-constant-removed"),
    // Formats
    (
        "{type: string, format: date}",
        "{type: string, format: email}",
        "request-format-changed",
        "response-format-changed",
    ),
    ("{type: string}", "{type: string, format: email}", "request-format-narrowed", "response-format-narrowed"),
    (
        "{type: integer, format: int32}",
        "{type: integer, format: int64}",
        "request-format-widened",
        "response-format-widened",
    ),
    // Bounds
    ("{type: integer}", "{type: integer, minimum: 1}", "request-bound-added", "response-bound-tightened"),
    (
        "{type: integer, maximum: 9}",
        "{type: integer, exclusiveMaximum: 9}",
        "request-bound-tightened",
        "response-bound-tightened",
    ),
    ("{type: integer, minimum: 5}", "{type: integer, minimum: 4}", "request-bound-loosened", "response-bound-loosened"),
    (
        "{type: integer, minimum: 9007199254740993}",
        "{type: integer, minimum: 9007199254740992}",
        "request-bound-loosened",
        "response-bound-loosened",
    ),
    ("{type: string}", "{type: string, minLength: 1}", "request-bound-tightened", "response-bound-tightened"),
    ("{type: string}", "{type: string, maxLength: 1}", "request-bound-added", "response-bound-tightened"),
    ("{type: object, maxProperties: 1}", "{type: object}", "request-bound-loosened", "response-bound-loosened"),
    (
        "{type: number, multipleOf: 2}",
        "{type: number, multipleOf: 6}",
        "request-bound-tightened",
        "response-bound-tightened",
    ),
    (
        "{type: number, multipleOf: 6}",
        "{type: number, multipleOf: 2}",
        "request-bound-loosened",
        "response-bound-loosened",
    ),
    (
        "{type: number, multipleOf: 2}",
        "{type: number, multipleOf: 3}",
        "request-bound-tightened",
        "response-bound-loosened",
    ),
    ("{type: array}", "{type: array, uniqueItems: true}", "request-bound-tightened", "response-bound-tightened"),
    ("{type: array, uniqueItems: true}", "{type: array}", "request-bound-loosened", "response-bound-loosened@risky"),
    ("{type: string}", "{type: string, pattern: a}", "request-pattern-added", "response-pattern-added"),
    ("{type: string, pattern: a}", "{type: string, pattern: b}", "request-pattern-changed", "response-pattern-changed"),
    (
        "{type: string, pattern: a}",
        "{type: string, pattern: '.*'}",
        "request-pattern-removed",
        "response-pattern-removed",
    ),
    // Lists
    ("{type: array}", "{type: array, items: {type: string}}", "request-items-described", "response-items-described"),
    (
        "{type: array, items: {type: string}}",
        "{type: array}",
        "request-items-undescribed",
        "response-items-undescribed",
    ),
    (
        "{type: array, items: {type: string}}",
        "{type: array, items: {type: integer}}",
        "request-type-changed",
        "response-type-changed",
    ),
    // Alternatives
    (
        "{oneOf: [{type: string}, {type: integer}]}",
        "{oneOf: [{type: string}, {type: integer}, {type: boolean}]}",
        "request-alternative-added",
        "response-alternative-added",
    ),
    (
        "{anyOf: [{type: string}, {type: integer}, {type: boolean}]}",
        "{anyOf: [{type: boolean}, {type: string}]}",
        "request-alternative-removed",
        "response-alternative-removed",
    ),
    (
        "{oneOf: [{type: string, maxLength: 5}, {type: string, minLength: 2}]}",
        "{anyOf: [{type: string, maxLength: 5}, {type: string, minLength: 2}]}",
        "request-alternatives-changed@safe",
        "response-alternatives-changed",
    ),
    ("{oneOf: [{type: string}, {type: integer}]}", "{anyOf: [{type: string}, {type: integer}]}", "", ""),
    (
        "{anyOf: [{type: string, maxLength: 5}, {type: string, pattern: a}]}",
        "{oneOf: [{type: string, maxLength: 5}, {type: string, pattern: a}]}",
        "request-alternatives-changed",
        "response-alternatives-changed@safe",
    ),
    (
        "{oneOf: [{properties: {a: {type: string}}}, {type: integer}]}",
        "{oneOf: [{type: integer}, {properties: {a: {type: boolean}}}]}",
        "request-type-changed",
        "response-type-changed",
    ),
    (
        "{type: string}",
        "{oneOf: [{type: integer}, {type: string}]}",
        "request-alternative-added",
        "response-alternative-added",
    ),
    (
        "{properties: {a: {}, b: {}}, required: [a, b]}",
        "{oneOf: [{properties: {a: {}, b: {}}, required: [a]}, {properties: {a: {}, b: {}}, required: [b]}]}",
        "request-alternative-added request-alternatives-overlap request-property-became-optional",
        "response-alternative-added response-property-became-optional",
    ),
    ("{type: string}", "{oneOf: [{type: integer}, {type: boolean}]}", "request-type-changed", "response-type-changed"),
    (
        "{type: object}",
        "{type: object, properties: {a: {}}, oneOf: [{required: [a]}, {required: [b]}]}",
        "request-constraint-added request-property-added",
        "response-constraint-added response-property-added",
    ),
    // Alternatives as a whole: what others cover neither went nor came.
    ("{anyOf: [{type: integer}, {type: number}, {type: string}]}", "{anyOf: [{type: number}, {type: string}]}", "", ""),
    (
        "{anyOf: [{type: string, maxLength: 5}, {type: 'boolean'}]}",
        "{anyOf: [{type: string, maxLength: 5}, {type: 'boolean'}, {enum: [a, b]}]}",
        "",
        "",
    ),
    ("{type: [string, integer]}", "{anyOf: [{type: string}, {type: integer}]}", "", ""),
    ("{type: [string, integer]}", "{oneOf: [{type: integer}, {type: string}]}", "", ""),
    ("{enum: [a, b, c]}", "{anyOf: [{enum: [a]}, {enum: [b, c]}]}", "", ""),
    ("{anyOf: [{enum: [a, b]}, {enum: [c]}]}", "{anyOf: [{enum: [a]}, {enum: [b, c]}]}", "", ""),
    ("{anyOf: [{const: a}, {const: b}]}", "{enum: [b, a]}", "", ""),
    (
        "{type: string, enum: [a, b]}",
        "{anyOf: [{type: string}, {type: integer}]}",
        "request-alternative-added request-values-unrestricted",
        "response-alternative-added response-values-unrestricted",
    ),
    (
        "{anyOf: [{type: string}, {type: integer}]}",
        "{type: number}",
        "request-alternative-removed request-type-widened",
        "response-alternative-removed response-type-widened",
    ),
    (
        "{oneOf: [{properties: {k: {const: a}}, required: [k]}, {properties: {k: {const: b}}, required: [k]}]}",
        "{anyOf: [{properties: {k: {const: b}}, required: [k]}, {properties: {k: {const: a}}, required: [k]}]}",
        "",
        "",
    ),
    // Members that are described for all others
    (
        "{type: object, additionalProperties: {type: string}}",
        "{properties: {a: {type: string}}, additionalProperties: {type: string}}",
        "",
        "",
    ),
    (
        "{properties: {a: {type: string}}, additionalProperties: {type: string}}",
        "{type: object, additionalProperties: {type: string}}",
        "",
        "",
    ),
    (
        "{properties: {a: {type: integer}}, required: [a], additionalProperties: {type: string}}",
        "{type: object, additionalProperties: {type: string}}",
        "request-property-became-optional request-type-changed",
        "response-property-became-optional response-type-changed",
    ),
    (
        "{type: object, additionalProperties: {type: string}}",
        "{properties: {a: {type: string, maxLength: 3}}, required: [a], additionalProperties: {type: string}}",
        "request-bound-added request-property-became-required",
        "response-bound-tightened response-property-became-required",
    ),
    // What is refused: less of it hurts nobody who sends, more of it nobody who reads.
    (
        "{type: object, not: {required: [a]}}",
        "{type: object, not: {required: [a, b]}}",
        "request-constraint-changed@safe",
        "response-constraint-changed@breaking",
    ),
    (
        "{type: object, not: {required: [a, b]}}",
        "{type: object, not: {required: [a]}}",
        "request-constraint-changed@breaking",
        "response-constraint-changed@safe",
    ),
    ("{not: {type: [string, integer]}}", "{not: {anyOf: [{type: string}, {type: integer}]}}", "", ""),
    // First items, and what the others are
    (
        "{type: array, prefixItems: [{type: integer}], items: {type: string}}",
        "{type: array, items: {type: string}}",
        "request-type-changed",
        "response-type-changed",
    ),
    (
        "{type: array, items: {type: string}}",
        "{type: array, prefixItems: [{type: string}], items: {type: string}}",
        "",
        "",
    ),
    (
        "{type: array}",
        "{type: array, prefixItems: [{}, {type: string}]}",
        "request-constraint-added request-constraint-added",
        "response-constraint-added response-constraint-added",
    ),
    // Known values to which others may come
    (
        "{type: string, x-extensible-enum: [a, b]}",
        "{type: string, x-extensible-enum: [b, c]}",
        "request-value-added request-value-removed",
        "response-value-added@safe response-value-removed",
    ),
    // What else there is
    ("{type: string}", "{type: string, not: {const: a}}", "request-constraint-added", "response-constraint-added"),
    (
        "{type: array, contains: {const: a}}",
        "{type: array}",
        "request-constraint-removed",
        "response-constraint-removed",
    ),
    (
        "{type: string, not: {const: a}}",
        "{type: string, not: {const: b}}",
        "request-constraint-changed@breaking",
        "response-constraint-changed@breaking",
    ),
    (
        "{type: string, not: {pattern: a}}",
        "{type: string, not: {pattern: b}}",
        "request-constraint-changed",
        "response-constraint-changed",
    ),
    (
        "{type: string, contentEncoding: base64}",
        "{type: string, contentEncoding: base32}",
        "request-constraint-changed@breaking",
        "response-constraint-changed@breaking",
    ),
    (
        "{type: object, patternProperties: {a: {type: string}}}",
        "{type: object, patternProperties: {a: {type: integer}, b: {maxLength: 9}}}",
        "request-constraint-added request-type-changed",
        "response-constraint-added response-type-changed",
    ),
    (
        "{type: object, dependentRequired: {a: [b]}}",
        "{type: object, dependentRequired: {a: [c]}}",
        "request-constraint-changed@breaking",
        "response-constraint-changed@breaking",
    ),
    ("{type: string, default: a}", "{type: string, default: b}", "request-default-changed", "response-default-changed"),
    (
        "{oneOf: [{type: string}, {type: object}], discriminator: {propertyName: a}}",
        "{oneOf: [{type: string}, {type: object}], discriminator: {propertyName: b}}",
        "request-discriminator-changed",
        "response-discriminator-changed",
    ),
];

#[test]
fn each_edit_means_what_the_table_says() {
    for (base, revision, sent, received) in ROWS {
        let found = rules(&request("3.1.0", base), &request("3.1.0", revision));
        assert_eq!(found, expected(sent), "request {base} → {revision}");
        let found = rules(&response("3.1.0", base), &response("3.1.0", revision));
        assert_eq!(found, expected(received), "response {base} → {revision}");
    }
}

#[test]
fn a_schema_compared_with_itself_finds_nothing() {
    for (base, revision, ..) in ROWS {
        for schema in [base, revision] {
            assert_eq!(rules(&request("3.1.0", schema), &request("3.1.0", schema)), expected(""), "{schema}");
            assert_eq!(rules(&response("3.1.0", schema), &response("3.1.0", schema)), expected(""), "{schema}");
        }
    }
}

#[test]
fn every_rule_about_schemas_is_hit() {
    let hit: BTreeSet<&str> = ROWS
        .iter()
        .flat_map(|(.., sent, received)| sent.split_whitespace().chain(received.split_whitespace()))
        .map(|rule| rule.split('@').next().unwrap_or(rule))
        .collect();
    let start = RULES.iter().position(|rule| rule.id == "request-constraint-changed").expect("the first of its part");
    let missed: Vec<&str> = RULES[start..].iter().map(|rule| rule.id).filter(|id| !hit.contains(id)).collect();
    assert!(missed.is_empty(), "no row for {missed:?}");
}

#[test]
fn sentences_about_schemas() {
    let row = |(base, revision, ..): &Row| {
        let sent = sentences(&request("3.1.0", base), &request("3.1.0", revision));
        let received = sentences(&response("3.1.0", base), &response("3.1.0", revision));
        format!("{base} → {revision}\n{sent}{received}")
    };
    insta::assert_snapshot!(ROWS.iter().map(row).collect::<String>());
}
