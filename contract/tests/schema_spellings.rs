//! Schemas that say the same in other words, across versions of OpenAPI too.

mod common;

use common::{Rows, expected, request, response, rules};

/// Spellings of the same thing: nothing is found, in either direction, either way around.
const SAME: &[(&str, &str, &str, &str)] = &[
    ("3.0.3", "{type: string, nullable: true}", "3.1.0", "{type: [string, 'null']}"),
    ("3.0.3", "{type: string, nullable: true}", "3.1.0", "{oneOf: [{type: string}, {type: 'null'}]}"),
    // `nullable` adds null to `type` and to nothing else (OpenAPI 3.0.4).
    ("3.0.3", "{nullable: true, allOf: [{type: string}]}", "3.1.0", "{type: string}"),
    ("3.0.3", "{type: string, nullable: true, allOf: [{type: string}]}", "3.1.0", "{type: string}"),
    ("3.0.3", "{type: string, nullable: true, enum: [a]}", "3.0.3", "{type: string, enum: [a]}"),
    ("3.0.3", "{type: string, nullable: true, enum: [a, null]}", "3.1.0", "{type: [string, 'null'], enum: [a, null]}"),
    (
        "3.0.3",
        "{type: number, minimum: 1, exclusiveMinimum: true, maximum: 9}",
        "3.1.0",
        "{type: number, exclusiveMinimum: 1.0, maximum: 9e0}",
    ),
    ("3.1.0", "{const: a}", "3.1.0", "{enum: [a]}"),
    ("3.1.0", "{enum: [a]}", "3.1.0", "{type: string, enum: [a]}"),
    ("3.1.0", "{enum: [{a: 1, b: 2}]}", "3.1.0", "{enum: [{b: 2.0, a: 1}]}"),
    ("3.1.0", "{type: [integer, number]}", "3.1.0", "{type: number}"),
    ("3.1.0", "{oneOf: [{type: string}]}", "3.1.0", "{type: string}"),
    ("3.1.0", "{type: object, additionalProperties: true}", "3.1.0", "{type: object, additionalProperties: {}}"),
    (
        "3.1.0",
        "{type: object, properties: {a: {type: string}, b: {}}, required: [a, b]}",
        "3.1.0",
        "{allOf: [{properties: {b: {}}, required: [b]}, {properties: {a: {type: string}}, required: [a]}]}",
    ),
    ("3.1.0", "{type: string, minLength: 3}", "3.1.0", "{allOf: [{minLength: 2}, {type: string, minLength: 3}]}"),
    ("3.1.0", "{type: string, minLength: 0}", "3.1.0", "{type: string}"),
    ("3.1.0", "{type: array, minItems: 0, uniqueItems: false}", "3.1.0", "{type: array, items: {}}"),
    ("3.1.0", "{type: array, items: true}", "3.1.0", "{type: array, items: {description: any}}"),
    ("3.1.0", "{type: integer, minimum: 1, maximum: 8.5}", "3.1.0", "{type: integer, exclusiveMinimum: 0, maximum: 8}"),
    ("3.1.0", "{type: integer}", "3.1.0", "{type: number, multipleOf: 1}"),
    (
        "3.1.0",
        "{not: {required: [b], properties: {b: {type: integer, minimum: 1}}}}",
        "3.1.0",
        "{not: {required: [b], properties: {b: {type: integer, exclusiveMinimum: 0}}}}",
    ),
    ("3.1.0", "{anyOf: [{enum: [a]}, {type: 'null'}]}", "3.1.0", "{type: [string, 'null'], enum: [a, null]}"),
    (
        "3.1.0",
        "{oneOf: [{type: [string, 'null']}, {type: integer}]}",
        "3.1.0",
        "{oneOf: [{allOf: [{type: [string, 'null']}]}, {anyOf: [{type: integer}]}]}",
    ),
    ("3.1.0", "{type: number, multipleOf: 6}", "3.1.0", "{allOf: [{type: integer, multipleOf: 2}, {multipleOf: 6.0}]}"),
    ("3.1.0", "{type: string, enum: [a, 1]}", "3.1.0", "{enum: [a]}"),
    ("3.1.0", "{type: [string, integer], enum: [a, b]}", "3.1.0", "{type: string, enum: [b, a]}"),
    ("3.1.0", "{enum: [a, null]}", "3.1.0", "{type: [string, 'null'], enum: [a, null]}"),
    ("3.0.3", "{type: string, nullable: true, enum: [a]}", "3.1.0", "{type: [string, 'null'], enum: [a]}"),
    ("3.0.3", "{type: string, nullable: true, enum: [a, null]}", "3.1.0", "{enum: [a, null]}"),
    (
        "3.1.0",
        "{type: object, additionalProperties: {}}",
        "3.1.0",
        "{type: object, additionalProperties: {title: any}}",
    ),
    (
        "3.1.0",
        "{allOf: [{minimum: 1, maximum: 9}, {minimum: 3, type: integer}]}",
        "3.1.0",
        "{type: integer, minimum: 3, maximum: 9}",
    ),
    (
        "3.1.0",
        "{type: object, allOf: [{not: {required: [a]}}, {not: {required: [b]}}]}",
        "3.1.0",
        "{allOf: [{type: object, not: {required: [b]}}, {not: {required: [a]}}]}",
    ),
    ("3.1.0", "{type: string, description: a, example: x}", "3.1.0", "{title: b, type: string, x-y: {$ref: none}}"),
    (
        "3.1.0",
        "{oneOf: [{type: string}, {type: object, required: [a]}]}",
        "3.1.0",
        "{oneOf: [{required: [a], type: object}, {type: string}]}",
    ),
];

#[test]
fn spellings_of_the_same_thing_are_the_same() {
    let mut table = Rows::default();
    for (a_version, a, b_version, b) in SAME {
        for wrap in [request, response] {
            let (a_source, b_source) = (wrap(a_version, a), wrap(b_version, b));
            table.same(&rules(&a_source, &b_source), &expected(""), format_args!("{a} → {b}"));
            table.same(&rules(&b_source, &a_source), &expected(""), format_args!("{b} → {a}"));
        }
    }
}
