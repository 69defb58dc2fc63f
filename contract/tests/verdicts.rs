//! Verdicts on schemas that a hostile reader doubted: whether a change breaks, and nothing more.

mod common;

use common::{BREAKING, NONE, RISKY, Rows, SAFE, document, operation, read, request, response, try_read, worst};

#[test]
fn schemas() {
    let mut table = Rows::default();
    for (base, revision, sent, received) in [
        // Listed values are judged by themselves, whatever keywords they take the place of.
        ("{type: string, maxLength: 10}", "{type: string, enum: [A, B]}", BREAKING, SAFE),
        ("{type: string, enum: [A, B]}", "{type: string, minLength: 1, maxLength: 10}", SAFE, RISKY),
        ("{type: integer, minimum: 1}", "{enum: [1, 2]}", BREAKING, SAFE),
        ("{type: 'null'}", "{enum: [null, b]}", SAFE, BREAKING),
        ("{type: boolean}", "{type: boolean, enum: [true, false]}", NONE, NONE),
        // Several unions of one whole, written in another way each.
        (
            "{allOf: [{oneOf: [{type: string}, {type: string}]}, {oneOf: [{type: integer, minimum: 1}, {type: string}]}]}",
            "{allOf: [{oneOf: [{allOf: [{type: string}]}, {allOf: [{type: string}]}]}, \
              {oneOf: [{oneOf: [{type: integer, minimum: 1}]}, {allOf: [{type: string}]}]}]}",
            NONE,
            NONE,
        ),
        ("{enum: [1, 2]}", "{enum: [1.0, 2.0]}", NONE, NONE),
        ("{anyOf: [{type: boolean}, {enum: [true, 2]}]}", "{anyOf: [{enum: [true, 2]}]}", BREAKING, SAFE),
        // What fits two alternatives of `oneOf` fits none
        (
            "{oneOf: [{type: integer}, {type: string}]}",
            "{oneOf: [{type: integer}, {type: string}, {type: number}]}",
            BREAKING,
            BREAKING,
        ),
        (
            "{oneOf: [{type: string}, {type: integer}]}",
            "{oneOf: [{type: string}, {type: string}, {type: integer}]}",
            BREAKING,
            NONE,
        ),
        ("{oneOf: [{type: string}]}", "{oneOf: [{type: string}, {type: integer}]}", SAFE, BREAKING),
        // What stands beside alternatives
        ("{type: string}", "{maxLength: 2, anyOf: [{type: string}, {type: integer}]}", BREAKING, BREAKING),
        ("{type: string, maxLength: 2}", "{maxLength: 2, anyOf: [{type: string}, {type: integer}]}", SAFE, BREAKING),
        ("{type: string}", "{type: integer, anyOf: [{type: string}, {type: integer}]}", BREAKING, BREAKING),
        ("{type: integer, anyOf: [{type: string}, {type: integer}]}", "{type: integer}", NONE, NONE),
        (
            "{type: string}",
            "{type: object, oneOf: [{type: string}, {type: object, required: [a]}]}",
            BREAKING,
            BREAKING,
        ),
        // Formats of several parts
        (
            "{type: string, allOf: [{format: uuid}]}",
            "{type: string, allOf: [{format: date}, {format: uuid}]}",
            BREAKING,
            SAFE,
        ),
        (
            "{type: string, allOf: [{format: date}, {format: uuid}]}",
            "{type: string, allOf: [{format: uuid}]}",
            SAFE,
            BREAKING,
        ),
        ("{oneOf: [{type: string}]}", "{oneOf: [{type: string}, {type: string}]}", BREAKING, NONE),
        ("{anyOf: [{type: integer}, {type: number}]}", "{oneOf: [{type: integer}, {type: number}]}", BREAKING, SAFE),
        (
            "{oneOf: [{type: string}, {type: integer}, {type: 'null'}]}",
            "{oneOf: [{type: string}, {type: integer}, {type: 'null'}, {type: 'null'}]}",
            BREAKING,
            SAFE,
        ),
        // Each value of a map
        ("{type: object, additionalProperties: {type: integer}}", "{type: object}", SAFE, BREAKING),
        ("{type: object, additionalProperties: false}", "{type: object}", SAFE, RISKY),
        ("{type: integer, multipleOf: 0.01}", "{type: integer, multipleOf: 0.1}", NONE, NONE),
        ("{type: number, multipleOf: 0.01}", "{type: number, multipleOf: 0.1}", BREAKING, SAFE),
        // Null and nothing else
        ("{anyOf: [{type: string}, {type: 'null'}]}", "{anyOf: [{type: 'null'}]}", BREAKING, SAFE),
        ("{type: 'null'}", "{oneOf: [{type: 'null'}]}", NONE, NONE),
        // Who needs whom
        ("{dependentRequired: {a: [b]}}", "{dependentRequired: {a: [b, c]}}", BREAKING, SAFE),
        ("{dependentRequired: {a: [b, c]}}", "{dependentRequired: {a: [b]}}", SAFE, BREAKING),
        ("{dependentRequired: {a: []}}", "{}", NONE, NONE),
        (
            "{allOf: [{dependentRequired: {a: [b]}}]}",
            "{allOf: [{dependentRequired: {a: [b]}}, {dependentRequired: {a: [c]}}]}",
            BREAKING,
            SAFE,
        ),
        // What several parts say
        (
            "{type: integer, allOf: [{multipleOf: 2}]}",
            "{type: integer, allOf: [{multipleOf: 7}, {multipleOf: 2}]}",
            BREAKING,
            SAFE,
        ),
        ("{allOf: [{multipleOf: 3}, {multipleOf: 2}]}", "{allOf: [{multipleOf: 2}, {multipleOf: 3}]}", NONE, NONE),
        ("{allOf: [{multipleOf: 2}, {multipleOf: 4}]}", "{multipleOf: 4}", NONE, NONE),
        (
            "{type: string, allOf: [{format: uuid}]}",
            "{type: string, allOf: [{format: ipv4}, {format: uuid}]}",
            BREAKING,
            SAFE,
        ),
        // Names of a pattern beside no others
        (
            "{type: object, patternProperties: {'^x': {}}, additionalProperties: false}",
            "{type: object, additionalProperties: false}",
            BREAKING,
            SAFE,
        ),
        // What is refused
        ("{not: {type: string, maxLength: 5}}", "{not: {type: string}}", BREAKING, SAFE),
        // What else a list or an object may hold
        (
            "{anyOf: [{type: array, items: {const: b}, prefixItems: [{const: a}]}, {type: integer}]}",
            "{anyOf: [{type: array, items: {const: b}}, {type: integer}]}",
            BREAKING,
            BREAKING,
        ),
        (
            "{not: {anyOf: [{enum: [a, b]}, {minLength: 3, enum: [c, d]}]}}",
            "{not: {anyOf: [{enum: [a]}, {minLength: 3, enum: [b, c, d]}]}}",
            RISKY,
            RISKY,
        ),
        // Patterns that match anything
        ("{type: string}", "{type: string, pattern: '[a-z]*'}", NONE, NONE),
        ("{type: string}", "{type: string, pattern: '[^a]{0,5}'}", NONE, NONE),
        ("{type: string}", "{type: string, pattern: '^[a-z]*$'}", BREAKING, SAFE),
        ("{type: string}", "{type: string, pattern: '[a-z]+'}", BREAKING, SAFE),
        // Lists that the type beside them rules out are meant all the same.
        ("{type: string, enum: ['2026-01-01']}", "{type: string, enum: [2026, 2025]}", BREAKING, RISKY),
        (
            "{type: string, format: date, enum: [20260101]}",
            "{type: string, format: date, enum: [20260101, 20260102]}",
            SAFE,
            RISKY,
        ),
        // What a schema sees of its parts, and what a part sees (JSON Schema, core, 10.3.2.3 and 11.3)
        (
            "{type: object, allOf: [{properties: {a: {}}}], properties: {b: {}}, unevaluatedProperties: false}",
            "{type: object, allOf: [{properties: {a: {}}}], properties: {b: {}}, additionalProperties: false}",
            RISKY,
            RISKY,
        ),
        (
            "{type: array, contains: {type: string}, minContains: 0, unevaluatedItems: false}",
            "{type: array, contains: {type: integer}, minContains: 0, unevaluatedItems: false}",
            BREAKING,
            BREAKING,
        ),
        (
            "{type: array, contains: {}, minContains: 0, maxContains: 3}",
            "{type: array, contains: {}, minContains: 0}",
            SAFE,
            BREAKING,
        ),
        // What stands beside the parts holds.
        (
            "{type: string, allOf: [{default: b}], default: c}",
            "{type: string, allOf: [{default: b}], default: d}",
            RISKY,
            SAFE,
        ),
        // Types beside alternatives
        ("{type: integer, anyOf: [{type: number}, {type: integer, minimum: 5}]}", "{type: number}", SAFE, BREAKING),
        (
            "{type: object, required: [a], properties: {a: {const: 1}}}",
            "{type: object, oneOf: [{type: object, required: [a], properties: {a: {const: 1}}}, {type: object, required: [a], properties: {a: {const: 2}}}]}",
            SAFE,
            BREAKING,
        ),
        // Names of a pattern
        (
            "{type: object, additionalProperties: {type: string}, patternProperties: {'^x': {type: integer}}}",
            "{type: object, additionalProperties: {type: string}}",
            BREAKING,
            BREAKING,
        ),
        (
            "{type: object, additionalProperties: false, patternProperties: {'^x': {}, '^y': {}}}",
            "{type: object, additionalProperties: false, patternProperties: {'^x': {}}}",
            BREAKING,
            SAFE,
        ),
        ("{type: object}", "{type: object, patternProperties: {'^x': {}}}", NONE, NONE),
        // What must be there, described and not
        (
            "{type: object, required: [c]}",
            "{type: object, required: [c], properties: {c: {type: integer}}}",
            BREAKING,
            SAFE,
        ),
        ("{type: object, required: [a], minProperties: 1}", "{type: object, minProperties: 1}", SAFE, BREAKING),
        ("{type: number, multipleOf: 0.5}", "{enum: [1, 2]}", BREAKING, SAFE),
        ("{type: integer}", "{type: number, multipleOf: 0.01}", SAFE, BREAKING),
        ("{type: integer, enum: [1.5, 2]}", "{type: integer, enum: [2]}", NONE, NONE),
        ("{not: {}}", "false", NONE, NONE),
        (
            "{oneOf: [{type: string, pattern: '^[0-9]+$'}, {enum: [all]}]}",
            "{oneOf: [{type: string}, {enum: [all]}]}",
            BREAKING,
            RISKY,
        ),
        // Formats
        ("{type: string}", "{type: string, format: cheese}", RISKY, RISKY),
        ("{type: string}", "{type: string, format: uuid}", BREAKING, SAFE),
        ("{type: number}", "{type: number, format: double}", SAFE, SAFE),
        ("{type: integer, format: int64}", "{type: number, format: double}", SAFE, BREAKING),
        ("{type: string, format: email}", "{type: string, format: idn-email}", SAFE, BREAKING),
        ("{type: string}", "{type: string, format: password}", NONE, NONE),
    ] {
        table.same(
            &worst(&request("3.1.0", base), &request("3.1.0", revision)),
            &sent,
            format_args!("request {base} → {revision}"),
        );
        let found = worst(&response("3.1.0", base), &response("3.1.0", revision));
        table.same(&found, &received, format_args!("response {base} → {revision}"));
    }
}

#[test]
fn spellings() {
    for (base, revision) in [
        ("{dependentSchemas: {a: {required: [b, c]}}}", "{dependentRequired: {a: [b, c]}}"),
        (
            "{dependentSchemas: {a: {required: [b], description: Both}, x: {required: [y], maxProperties: 3}}}",
            "{dependentSchemas: {x: {required: [y], maxProperties: 3}}, dependentRequired: {a: [b]}}",
        ),
        ("{dependentSchemas: {a: {}, b: true}}", "{}"),
        (
            "{type: object, properties: {a: {}}, unevaluatedProperties: false}",
            "{type: object, properties: {a: {}}, additionalProperties: false}",
        ),
        (
            "{type: object, properties: {a: {}}, unevaluatedProperties: {type: string}}",
            "{type: object, properties: {a: {}}, additionalProperties: {type: string}}",
        ),
        (
            "{type: object, allOf: [{properties: {a: {}}}, {properties: {b: {}}}], unevaluatedProperties: false}",
            "{type: object, properties: {a: {}, b: {}}, additionalProperties: false}",
        ),
        ("{type: object, unevaluatedProperties: true}", "{type: object}"),
        (
            "{type: object, additionalProperties: {type: string}, unevaluatedProperties: false}",
            "{type: object, additionalProperties: {type: string}}",
        ),
        (
            "{type: object, anyOf: [{required: [a]}, {required: [b]}], unevaluatedProperties: {}}",
            "{type: object, anyOf: [{required: [a]}, {required: [b]}]}",
        ),
        (
            "{type: array, prefixItems: [{type: string}], unevaluatedItems: false}",
            "{type: array, prefixItems: [{type: string}], items: false}",
        ),
        ("{type: array, items: {type: string}, unevaluatedItems: false}", "{type: array, items: {type: string}}"),
        ("{type: array, unevaluatedItems: true}", "{type: array}"),
        ("{type: array, contains: {type: string}, minContains: 0}", "{type: array}"),
        (
            "{type: object, properties: {a: {}}, required: [a], minProperties: 1}",
            "{type: object, properties: {a: {}}, required: [a]}",
        ),
        ("{allOf: [{multipleOf: 2}, {multipleOf: 3}]}", "{multipleOf: 6}"),
        ("{propertyNames: true}", "{}"),
        ("{not: false}", "{}"),
        ("{type: array, items: {}}", "{type: array, items: true}"),
    ] {
        for wrap in [request, response] {
            for (base, revision) in [(base, revision), (revision, base)] {
                let findings = contract::compare(&read(&wrap("3.1.0", base)), &read(&wrap("3.1.0", revision)));
                let said: Vec<_> = findings.iter().map(|finding| &finding.message).collect();
                assert!(said.is_empty(), "{base} → {revision}: {said:?}");
            }
        }
    }
}

/// What only the way of sending hides.
#[test]
fn texts() {
    let sent = |place: &str, schema: &str| {
        let required = if place == "path" { ", required: true" } else { "" };
        operation(&format!("parameters: [{{name: id, in: {place}{required}, schema: {schema}}}], responses: {{}}"))
    };
    let (numbers, texts) =
        ("{type: integer, enum: [1, 20], default: 20}", "{type: string, enum: ['1', '20'], default: '20'}");
    assert_eq!(worst(&sent("query", numbers), &sent("query", texts)), SAFE);
    let mut table = Rows::default();
    for (base, revision, level) in [
        ("{enum: ['1']}", "{enum: ['2']}", BREAKING),
        ("{enum: ['01', '02']}", "{enum: ['1', '2']}", BREAKING),
        ("{enum: ['1.0']}", "{enum: ['1']}", BREAKING),
        ("{enum: [1.0, 2e1]}", "{type: string, enum: ['1', '20']}", SAFE),
        // A number that is spelled is a text, and keeps to what is said of texts or doesn't.
        ("{type: integer}", "{type: string, format: uuid}", BREAKING),
        ("{type: integer}", "{type: string, pattern: '^[a-z]+$'}", BREAKING),
        ("{type: boolean}", "{type: string, minLength: 30}", BREAKING),
        ("{type: integer}", "{type: string, maxLength: 1}", BREAKING),
        ("{type: integer, format: int64}", "{type: string}", SAFE),
        // So does a truth.
        ("{type: boolean}", "{type: string, enum: ['true', 'false']}", NONE),
        ("{type: string, enum: ['true', 'false']}", "{type: boolean}", NONE),
        ("{type: boolean}", "{type: string, enum: ['true', 'false', maybe]}", SAFE),
        ("{type: boolean}", "{type: string, enum: ['true', maybe]}", BREAKING),
        ("{type: string, enum: ['true']}", "{type: boolean}", SAFE),
        ("{type: string, enum: ['true', maybe]}", "{type: boolean}", BREAKING),
        ("{type: boolean}", "{type: string, enum: ['true', 'false'], minLength: 5}", BREAKING),
        // A list of numbers as texts doesn't show what bounds there are.
        // JSON Schema holds 1.0 for an integer, and some readers of URLs don't.
        ("{type: string, enum: ['1.0']}", "{type: integer}", RISKY),
        ("{type: string, enum: ['1', '20']}", "{type: integer, minimum: 5}", BREAKING),
        ("{type: string, enum: ['1', '20']}", "{type: integer, multipleOf: 5}", BREAKING),
        ("{type: integer}", "{type: string, enum: ['1', '2']}", BREAKING),
        ("{type: string}", "{type: array, items: {type: string}, minItems: 2}", BREAKING),
        ("{type: string}", "{type: array, items: {type: string}, minItems: 1}", SAFE),
    ] {
        table.same(&worst(&sent("query", base), &sent("query", revision)), &level, format_args!("{base} → {revision}"));
    }
    let answered = |schema: &str| operation(&format!("responses: {{200: {{headers: {{X-A: {{schema: {schema}}}}}}}}}"));
    assert_eq!(worst(&answered("{type: string, format: uuid}"), &answered("{type: integer}")), BREAKING);
    assert_eq!(worst(&answered("{type: boolean}"), &answered("{type: string, enum: ['true', 'false']}")), NONE);
    assert_eq!(worst(&answered("{type: boolean}"), &answered("{type: string, enum: ['true', maybe]}")), BREAKING);
    let most = answered("{type: integer, maximum: 5}");
    assert_eq!(worst(&most, &answered("{type: string, enum: ['1', '9']}")), BREAKING);
    let mut table = Rows::default();
    for (place, level) in [("path", NONE), ("query", BREAKING)] {
        let (base, revision) = (sent(place, "{type: string}"), sent(place, "{type: string, minLength: 1}"));
        table.same(&worst(&base, &revision), &level, format_args!("{place}"));
        table.same(&worst(&revision, &base), &if level == NONE { NONE } else { SAFE }, format_args!("{place}"));
    }
    // What is said of another type is told by the type, once.
    let object = "{type: object, required: [a], properties: {a: {type: string}}, minProperties: 1}";
    let findings =
        contract::compare(&read(&response("3.1.0", object)), &read(&response("3.1.0", "{type: string, pattern: a}")));
    assert_eq!(findings.iter().map(|finding| finding.rule.as_ref()).collect::<Vec<_>>(), ["response-type-changed"]);
}

#[test]
fn discriminators() {
    let union = |discriminator: &str| {
        let component =
            |name: &str| format!("{name}: {{type: object, required: [kind], properties: {{kind: {{type: string}}}}}}");
        let one = "{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: "
            .to_owned();
        let body = format!("requestBody: {{content: {{application/json: {{schema: {one}{discriminator}}}}}}}}}");
        let components = format!("components: {{schemas: {{{}, {}}}}}", component("Cat"), component("Dog"));
        document("3.2.0", &format!("paths: {{/a: {{post: {{{body}, responses: {{}}}}}}}}\n{components}"))
    };
    let cat = "{propertyName: kind, mapping: {Cat: '#/components/schemas/Cat'}}";
    let mut table = Rows::default();
    for (base, revision, level) in [
        ("{propertyName: kind}", cat, NONE),
        (cat, "{propertyName: kind, mapping: {Dog: Dog, Cat: Cat}}", NONE),
        ("{propertyName: kind}", "{propertyName: kind, mapping: {cat: Cat}}", RISKY),
        ("{propertyName: kind}", "{propertyName: kind, defaultMapping: Cat}", RISKY),
        ("{propertyName: kind}", "{propertyName: type}", RISKY),
    ] {
        table.same(&worst(&union(base), &union(revision)), &level, format_args!("{base} → {revision}"));
    }
}

#[test]
fn references() {
    let body = |schema: &str, components: &str| {
        let body = format!("requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}");
        let paths = format!("paths: {{/a: {{post: {{{body}, responses: {{}}}}}}}}");
        document("3.1.0", &format!("{paths}\ncomponents: {{schemas: {{{components}}}}}"))
    };
    let (short, long) = ("A: {$anchor: a, type: string, maxLength: 3}", "A: {$anchor: a, type: string, maxLength: 4}");
    let by_id = |length| format!("A: {{$id: 'https://example.org/a', type: string, maxLength: {length}}}");
    let dynamic = |length| format!("A: {{$dynamicAnchor: a, type: string, maxLength: {length}}}");
    let bundled = |length| {
        format!(
            "A: {{$id: 'https://example.org/a', $ref: '#/$defs/k', example: {{$id: 'https://example.org/a', $anchor: a}}, \
             $defs: {{k: {{type: string, maxLength: {length}}}}}}}"
        )
    };
    let one = "{$ref: '#a'}";
    let mut table = Rows::default();
    for (base, revision, level) in [
        (body(one, long), body(one, short), BREAKING),
        (body(one, long), body("{$ref: '#/components/schemas/A'}", long), NONE),
        (
            body("{$ref: 'https://example.org/a'}", &by_id(4)),
            body("{$ref: 'https://example.org/a'}", &by_id(3)),
            BREAKING,
        ),
        // Where only one schema has the name, a dynamic reference is one like any other.
        (body("{$dynamicRef: '#a'}", &dynamic(4)), body("{$dynamicRef: '#a'}", &dynamic(3)), BREAKING),
        (body("{$dynamicRef: '#a'}", long), body("{$ref: '#/components/schemas/A'}", long), NONE),
        (
            body("{$dynamicRef: '#a'}", &format!("{}, B: {{$dynamicAnchor: a, type: string}}", dynamic(4))),
            body("{$dynamicRef: '#a'}", &format!("{}, B: {{$dynamicAnchor: a, type: integer}}", dynamic(4))),
            RISKY,
        ),
        // Bundled: a schema with a name of its own, and what is in it
        (
            body("{$ref: 'https://example.org/a#/$defs/k'}", &bundled(4)),
            body("{$ref: 'https://example.org/a#/$defs/k'}", &bundled(3)),
            BREAKING,
        ),
        (
            body("{$ref: 'https://example.org/a'}", &bundled(4)),
            body("{$ref: '#/components/schemas/A'}", &bundled(4)),
            NONE,
        ),
        // Where several have it, the way there decides: what can't be told isn't passed over.
        (
            body("{$dynamicRef: '#a'}", &format!("{}, B: {{$dynamicAnchor: a}}", dynamic(4))),
            body("{$dynamicRef: '#b'}", &format!("{}, B: {{$dynamicAnchor: b}}, C: {{$dynamicAnchor: b}}", dynamic(4))),
            BREAKING,
        ),
    ] {
        table.same(&worst(&base, &revision), &level, format_args!("{base} → {revision}"));
    }
    for (schema, components, problem) in [
        ("{$ref: '#b'}", short.to_owned(), "no schema has the `$anchor` `b`"),
        ("{$ref: '#a'}", format!("{short}, B: {{$anchor: a}}"), "may mean several schemas"),
        ("{$ref: 'https://example.org/b'}", by_id(3), "points outside of this document"),
    ] {
        let error = try_read(&body(schema, &components)).expect_err(schema).to_string();
        assert!(error.contains(problem), "{error}");
    }
}
