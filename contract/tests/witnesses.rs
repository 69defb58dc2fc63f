//! Witnesses: what they look like, and that they hold.
//!
//! Whatever the engine claims of a value and a schema is asserted against an independent validator in all tests (the
//! feature `independent`). Here whole messages are: their bodies against both documents, by that validator alone.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod common;

use common::{Rows, document, operation, parameter, path, read, request, response};
use contract::compare;
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::{Finding, Level, Witness, findings::Side};

/// The one breaking finding of a rule.
fn breaking(rule: &str, base: &str, revision: &str) -> Finding {
    let findings = compare(&read(base), &read(revision));
    let found = findings.iter().find(|finding| finding.rule == rule && finding.level == Level::Breaking);
    found.unwrap_or_else(|| panic!("no {rule} in {findings:#?}")).clone()
}

fn witness(rule: &str, base: &str, revision: &str) -> Witness {
    let finding = breaking(rule, base, revision);
    finding.witness.clone().unwrap_or_else(|| panic!("{finding:#?}"))
}

#[test]
fn bodies() {
    let mut table = Rows::default();
    for (rule, base, revision, body, refusal) in [
        (
            "request-type-changed",
            "{type: string}",
            "{type: boolean}",
            "\"text\"",
            "The body must be of the type boolean.",
        ),
        ("request-type-narrowed", "{type: number}", "{type: integer}", "1.5", "The body must be of the type integer."),
        ("request-value-removed", "{enum: [a, b]}", "{enum: [a]}", "\"b\"", "The body must be one of [\"a\"]."),
        (
            "request-became-not-nullable",
            "{type: [string, 'null']}",
            "{type: string}",
            "null",
            "The body must be of the type string.",
        ),
        (
            "request-bound-tightened",
            "{type: string, maxLength: 5}",
            "{type: string, maxLength: 3}",
            "\"text\"",
            "The body must have at most 3 characters.",
        ),
        (
            "request-bound-tightened",
            "{type: integer, maximum: 9}",
            "{type: integer, maximum: 5}",
            "6",
            "The body must be at most 5.",
        ),
        (
            "request-pattern-added",
            "{type: string}",
            "{type: string, pattern: '^[0-9]+$'}",
            "\"text\"",
            "The body must match the pattern `^[0-9]+$`.",
        ),
        (
            "request-required-property-added",
            "{type: object, required: [a], properties: {a: {type: integer}, c: {type: string}}}",
            "{type: object, required: [a, b], properties: {a: {type: integer}, b: {type: string}, c: {type: string}}}",
            "{\"a\": 1}",
            "The body must have the member `b`.",
        ),
        (
            "request-type-changed",
            "{type: object, properties: {a: {type: array, items: {type: object, required: [b], properties: {b: {type: string}}}}}}",
            "{type: object, properties: {a: {type: array, items: {type: object, required: [b], properties: {b: {type: integer}}}}}}",
            "{\"a\": [{\"b\": \"text\"}]}",
            "The body at `/a/0/b` must be of the type integer.",
        ),
        (
            "request-additional-properties-closed",
            "{type: object, properties: {a: {}}}",
            "{type: object, properties: {a: {}}, additionalProperties: false}",
            "{\"extra\": \"text\"}",
            "The body must not have the member `extra`, which the schema doesn't name.",
        ),
    ] {
        let witness = witness(rule, &request("3.1.0", base), &request("3.1.0", revision));
        assert_eq!(witness.to_string().lines().next(), Some("POST /a HTTP/1.1"));
        table.same(&witness.body.as_deref(), &Some(body), format_args!("{base} {revision}"));
        assert_eq!((witness.accepted_by, witness.refusal.as_str()), (Side::Base, refusal));
    }
}

#[test]
fn responses() {
    for (rule, base, revision, body) in [
        ("response-became-nullable", "{type: string}", "{type: [string, 'null']}", "null"),
        ("response-type-widened", "{type: integer}", "{type: [integer, string]}", "\"text\""),
        (
            "response-property-became-optional",
            "{type: object, required: [a], properties: {a: {type: string}}}",
            "{type: object, properties: {a: {type: string}}}",
            "{}",
        ),
    ] {
        let witness = witness(rule, &response("3.1.0", base), &response("3.1.0", revision));
        assert_eq!(witness.start_line, "HTTP/1.1 200 OK");
        assert_eq!((witness.accepted_by, witness.body.as_deref()), (Side::Revision, Some(body)));
    }
}

/// Parameters and forms, each written in its style.
#[test]
fn spellings() {
    let of = |place: &str, rest: &str| {
        path(&format!("get: {{parameters: [{{name: id, in: {place}, required: true, {rest}}}], responses: {{}}}}"))
    };
    let text = |least: u8| format!("schema: {{type: string, minLength: {least}}}");
    let list = |most: u8| format!("schema: {{type: array, items: {{type: string}}, maxItems: {most}}}");
    let object = |kind: &str| format!("schema: {{type: object, required: [k], properties: {{k: {{type: {kind}}}}}}}");
    let mut table = Rows::default();
    for (base, revision, line) in [
        (of("path", &text(2)), of("path", &text(3)), "GET /a/te HTTP/1.1"),
        (of("path", &text(0)), of("path", &text(5)), "GET /a/t HTTP/1.1"),
        (
            of("path", &format!("style: matrix, {}", text(2))),
            of("path", &format!("style: matrix, {}", text(3))),
            "GET /a/;id=te HTTP/1.1",
        ),
        (
            of("path", &format!("style: label, explode: true, {}", list(3))),
            of("path", &format!("style: label, explode: true, {}", list(2))),
            "GET /a/.text.text1.text2 HTTP/1.1",
        ),
        (
            of("query", &format!("content: {{application/json: {{{}}}}}", object("string"))),
            of("query", &format!("content: {{application/json: {{{}}}}}", object("integer"))),
            "GET /a/{id}?id=%7B%22k%22%3A%20%22text%22%7D HTTP/1.1",
        ),
    ] {
        let findings = compare(&read(&base), &read(&revision));
        let witness = findings[0].witness.clone().unwrap_or_else(|| panic!("{findings:#?}"));
        table.same(&witness.start_line, &line, format_args!("{base}"));
    }
    let form = |media_type: &str, properties: &str| {
        let schema = format!("{{type: object, required: [p], properties: {{p: {properties}}}}}");
        let body = format!("requestBody: {{required: true, content: {{{media_type}: {{schema: {schema}}}}}}}");
        operation(&format!("{body}, responses: {{}}"))
    };
    for (media_type, base, revision, body) in [
        (
            "application/x-www-form-urlencoded",
            "{type: array, items: {type: string}, maxItems: 3}",
            "{type: array, items: {type: string}, maxItems: 2}",
            "p=text&p=text1&p=text2",
        ),
        (
            "multipart/form-data",
            "{type: object, required: [x], properties: {x: {type: string}}}",
            "{type: object, required: [x], properties: {x: {type: boolean}}}",
            "name=\"p\"\r\nContent-Type: application/json\r\n\r\n{\"x\": \"text\"}\r\n",
        ),
    ] {
        let findings = compare(&read(&form(media_type, base)), &read(&form(media_type, revision)));
        let written = findings[0].witness.as_ref().and_then(|witness| witness.body.clone());
        assert!(written.as_ref().is_some_and(|written| written.contains(body)), "{findings:#?}");
    }
    // Nothing in a URL is no string: only a text can be shown, and that is taken.
    let any = compare(&read(&of("query", "schema: {}")), &read(&of("query", "schema: {type: string}")));
    assert!(any.iter().all(|finding| finding.witness.is_none()), "{any:#?}");
}

#[test]
fn the_last_of_many_alternatives() {
    let kinds = |count: usize| -> String {
        let one = |kind: usize| format!("{{type: object, required: [k], properties: {{k: {{enum: [k{kind}]}}}}}}");
        format!("{{oneOf: [{}]}}", (0..count).map(one).collect::<Vec<_>>().join(", "))
    };
    let witness = witness("response-alternative-added", &response("3.1.0", &kinds(30)), &response("3.1.0", &kinds(31)));
    assert_eq!(witness.body.as_deref(), Some("{\"k\": \"k30\"}"));
}

#[test]
fn lengths_within_a_pattern() {
    let mut table = Rows::default();
    for (before, after, length) in [
        ("maxLength: 40, pattern: '^[0-9a-f]+$'", "maxLength: 64, pattern: '^[0-9a-f]{40}(?:[0-9a-f]{24})?$'", 64),
        ("maxLength: 5, pattern: '^[0-9a-f]+$'", "maxLength: 9, pattern: '^[0-9a-f]+$'", 6),
    ] {
        let schema = |rest: &str| response("3.1.0", &format!("{{type: string, {rest}}}"));
        let witness = witness("response-bound-loosened", &schema(before), &schema(after));
        // Two of them are quotes.
        table.same(&witness.body.map(|body| body.len() - 2), &Some(length), format_args!("{before} {after}"));
    }
}

#[test]
fn whole_messages() {
    let id = "parameters: [{name: id, in: path, required: true, schema: {type: integer}}]";
    let query =
        |rest: &str| path(&format!("{id}, post: {{parameters: [{{name: q, in: query, {rest}}}], responses: {{}}}}"));
    let plain = path(&format!("{id}, post: {{responses: {{}}}}"));
    for (rule, base, revision, message) in [
        (
            "required-parameter-added",
            plain.clone(),
            query("required: true, schema: {type: string}"),
            "POST /a/1 HTTP/1.1\nHost: api.example.com",
        ),
        (
            "operation-removed",
            plain,
            path(&format!("{id}, get: {{responses: {{}}}}")),
            "POST /a/1 HTTP/1.1\nHost: api.example.com",
        ),
        (
            "request-type-changed",
            query("schema: {type: boolean}"),
            query("schema: {type: integer}"),
            "POST /a/1?q=true HTTP/1.1\nHost: api.example.com",
        ),
        (
            "parameter-serialization-changed",
            query("schema: {type: array, items: {type: string}}"),
            query("explode: false, schema: {type: array, items: {type: string}}"),
            "POST /a/1?q=text&q=text HTTP/1.1\nHost: api.example.com",
        ),
    ] {
        assert_eq!(witness(rule, &base, &revision).to_string(), message);
    }
    let secure = |rest: &str| {
        let schemes = "components: {securitySchemes: {bearer: {type: http, scheme: bearer}, key: {type: apiKey, in: header, name: X-Key}}}";
        document(
            "3.1.0",
            &format!(
                "servers: [{{url: 'https://{{env}}.example.org/v1', variables: {{env: {{default: test}}}}}}]\npaths: {{/a: {{get: {{responses: {{}}{rest}}}}}}}\n{schemes}"
            ),
        )
    };
    assert_eq!(
        witness(
            "security-alternative-removed",
            &secure(", security: [{key: []}]"),
            &secure(", security: [{bearer: []}]")
        )
        .to_string(),
        "GET /v1/a HTTP/1.1\nHost: test.example.org\nx-key: <key>"
    );
    assert_eq!(
        witness("security-added", &secure(""), &secure(", security: [{bearer: []}]")).to_string(),
        "GET /v1/a HTTP/1.1\nHost: test.example.org"
    );
    let headers = |required| {
        operation(&format!(
            "responses: {{'204': {{description: d, headers: {{X-Rate: {{required: {required}, schema: {{type: integer}}}}}}}}}}"
        ))
    };
    assert_eq!(
        witness("response-header-became-optional", &headers(true), &headers(false)).to_string(),
        "HTTP/1.1 204 No Content"
    );
    let statuses = |status: u16| operation(&format!("responses: {{'{status}': {{description: d}}}}"));
    let gone = witness("success-response-removed", &statuses(201), &statuses(200));
    assert_eq!((gone.to_string().as_str(), gone.accepted_by), ("HTTP/1.1 201 Created", Side::Base));
    assert_eq!(gone.refusal, "It doesn't list the status 201.");
}

#[test]
fn an_example_shows_its_own_finding_only() {
    let schema =
        |b: &str| format!("{{type: object, required: [a, b], properties: {{a: {{type: string}}, b: {{type: {b}}}}}}}");
    // `a` fits both sides by its pattern, although the least text of the base alone would not.
    let base = request("3.1.0", &schema("string"));
    let revision = request("3.1.0", &schema("integer").replace("{type: string}", "{type: string, pattern: '^[0-9]$'}"));
    let witness = witness("request-type-changed", &base, &revision);
    assert_eq!(witness.body.as_deref(), Some("{\"a\": \"0\", \"b\": \"text\"}"));
}

#[test]
fn what_the_other_side_asks_for_is_given() {
    let schema = |note: u8, required: &str, more: &str| {
        format!(
            "{{type: object, required: [{required}], properties: {{note: {{type: string, maxLength: {note}}}{more}}}}}"
        )
    };
    for more in ["", ", address: {type: string}"] {
        let base = request("3.1.0", &schema(9, "", more));
        let revision = request("3.1.0", &schema(3, "address", ", address: {type: string}"));
        let tightened = witness("request-bound-tightened", &base, &revision);
        assert_eq!(tightened.refusal, "The body at `/note` must have at most 3 characters.");
        let rule = if more.is_empty() { "request-required-property-added" } else { "request-property-became-required" };
        assert_eq!(witness(rule, &base, &revision).refusal, "The body must have the member `address`.");
    }
}

#[test]
fn a_member_that_is_only_named_here_and_described_there_is_written_once() {
    let base = request("3.1.0", "{type: object, required: [b], properties: {a: {type: string, maxLength: 9}}}");
    let revision = request(
        "3.1.0",
        "{type: object, required: [b], properties: {a: {type: string, maxLength: 3}, b: {type: string, pattern: '^[0-9]$'}}}",
    );
    let witness = witness("request-bound-tightened", &base, &revision);
    assert_eq!(witness.body.as_deref(), Some("{\"b\": \"0\", \"a\": \"text\"}"));
}

#[test]
fn what_cannot_be_shown_says_why() {
    let either = |of: &str| {
        format!("{{anyOf: [{{type: object, properties: {{a: {{type: {of}}}}}}}, {{type: object, not: {{const: 1}}}}]}}")
    };
    let mut table = Rows::default();
    for (rule, base, revision, why) in [
        (
            "request-pattern-added",
            parameter("{type: string}"),
            parameter("{type: string, pattern: '^(?!a)'}"),
            "its pattern is beyond what can be checked",
        ),
        (
            "request-bound-tightened",
            request("3.1.0", "{type: string, maxLength: 90000}"),
            request("3.1.0", "{type: string, maxLength: 80000}"),
            "the smallest example is too large to be read",
        ),
        (
            "request-type-changed",
            request("3.1.0", &either("string")),
            request("3.1.0", &either("integer")),
            "the other contract accepts the same message by another of its parts",
        ),
    ] {
        let findings = compare(&read(&base), &read(&revision));
        let unproven = |finding: &&Finding| finding.rule == rule && finding.unproven.is_some();
        assert!(findings.iter().any(|finding| unproven(&finding)), "{rule}: {findings:?}");
        for finding in findings.iter().filter(unproven) {
            assert_eq!(finding.witness, None);
            assert_eq!(finding.unproven.as_deref(), Some(why));
            // What was tried and is accepted isn't breaking; what can't be tried is.
            let accepted = why.contains("accepts");
            table.same(
                &finding.level,
                &if accepted { Level::Risky } else { Level::Breaking },
                format_args!("{rule}: {why}"),
            );
        }
    }
}

/// What a body of the message fits in a document, by the validator alone.
fn fits(document: &Value, witness: &Witness) -> bool {
    let place = if witness.start_line.starts_with("HTTP/") { "responses/200" } else { "requestBody" };
    let mut root = document.clone();
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["$ref"] = json!(format!("#/paths/~1a/post/{place}/content/application~1json/schema"));
    let body: Value = serde_json::from_str(witness.body.as_deref().unwrap()).unwrap();
    jsonschema::validator_for(&root).unwrap().is_valid(&body)
}

fn schemas() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["null", "boolean", "integer", "number", "string"]).prop_map(|t| json!({ "type": t })),
        (0..5_u8, 5..9_u8).prop_map(|(min, max)| json!({ "type": "integer", "minimum": min, "maximum": max })),
        (0..3_u8, 3..6_u8).prop_map(|(min, max)| json!({ "type": "string", "minLength": min, "maxLength": max })),
        prop::sample::subsequence(vec!["a", "b", "c"], 1..3).prop_map(|values| json!({ "enum": values })),
        Just(json!({ "type": "string", "pattern": "^[a-c]{2}$" })),
        Just(json!({ "$ref": "#/components/schemas/Tree" })),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let required = prop::collection::btree_set("[ab]", 0..2);
        prop_oneof![
            (prop::collection::btree_map("[abc]", inner.clone(), 0..3), required, any::<bool>()).prop_map(
                |(p, r, closed)| {
                    json!({ "type": "object", "properties": p, "required": r, "additionalProperties": !closed })
                }
            ),
            (inner.clone(), 0..3_u8).prop_map(|(s, n)| json!({ "type": "array", "items": s, "minItems": n })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|s| json!({ "anyOf": s })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|s| json!({ "oneOf": s })),
            prop::collection::vec(inner, 1..3).prop_map(|s| json!({ "allOf": s })),
        ]
    })
}

fn contract(sent: &Value, received: &Value) -> Value {
    let content = |schema: &Value| json!({ "application/json": { "schema": schema } });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "T", "version": "1" },
        "paths": { "/a": { "post": {
            "requestBody": { "required": true, "content": content(sent) },
            "responses": { "200": { "description": "d", "content": content(received) } },
        } } },
        "components": { "schemas": { "Tree": {
            "type": "object",
            "required": ["name"],
            "properties": { "name": { "type": "string" }, "next": { "$ref": "#/components/schemas/Tree" } },
        } } },
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Each breaking finding has a witness or a reason, and each witness is what it says.
    #[test]
    fn every_witness_holds(old in (schemas(), schemas()), new in (schemas(), schemas())) {
        let (base, revision) = (contract(&old.0, &old.1), contract(&new.0, &new.1));
        for finding in compare(&read(&base.to_string()), &read(&revision.to_string())) {
            let breaks = finding.level == Level::Breaking;
            prop_assert!(!breaks || finding.witness.is_some() || finding.unproven.is_some(), "{:?}", &finding);
            prop_assert!(finding.witness.is_none() || breaks && finding.unproven.is_none());
            prop_assert!(!breaks || finding.unproven.as_deref().is_none_or(|why| !why.contains("accepts")));
            if let Some(witness) = finding.witness.filter(|witness| witness.body.is_some()) {
                let (taker, refuser) = match witness.accepted_by {
                    Side::Base => (&base, &revision),
                    Side::Revision => (&revision, &base),
                };
                prop_assert!(fits(taker, &witness), "refused by both: {} {}", finding.message, witness);
                prop_assert!(!fits(refuser, &witness), "taken by both: {} {}", finding.message, witness);
            }
        }
    }
}
