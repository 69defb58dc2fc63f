//! Each practice, by a document that keeps to all of them and one edit that breaks it.

mod common;

use common::{Rows, read, try_read};
use contract::{
    lint,
    lint::{LINT_RULES, find},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::lint::Lint;
use std::collections::HashSet;

/// Keeps to every practice, and has a place for each of them.
fn good() -> Value {
    let error = |text: &str| json!({"description": text, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}});
    let order = json!({"$ref": "#/components/schemas/Order"});
    let answer = |schema: &Value| json!({"description": "It.", "content": {"application/json": {"schema": schema}}});
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Shop", "version": "1", "description": "Sells things.",
            "contact": {"url": "https://example.org"}, "license": {"name": "Apache-2.0"}
        },
        "servers": [{"url": "https://shop.example.org/v1"}],
        "tags": [{"name": "orders", "description": "What people buy"}],
        "security": [{"key": []}],
        "paths": {
            "/order-lists/{orderId}": {
                "parameters": [
                    {"name": "orderId", "in": "path", "required": true, "description": "Which.", "schema": {"type": "string", "format": "uuid"}}
                ],
                "get": {
                    "operationId": "readOrder", "summary": "Read an order", "tags": ["orders"],
                    "responses": {"200": answer(&order), "401": {"$ref": "#/components/responses/Unauthorized"},
                        "403": error("No."), "404": error("There is none."), "429": error("Wait.")}
                }
            },
            "/orders": {
                "get": {
                    "operationId": "listOrders", "summary": "List orders",
                    "parameters": [{"name": "limit", "in": "query", "description": "How many.", "schema": {"type": "integer", "exclusiveMinimum": 0}, "example": 5}],
                    "responses": {"200": answer(&json!({"type": "array", "items": order})),
                        "4XX": {"$ref": "#/components/responses/Unauthorized"}}
                },
                "post": {
                    "operationId": "createOrder", "summary": "Buy",
                    "requestBody": {"content": {"application/json": {"schema": order}}},
                    "responses": {"201": answer(&order), "4XX": {"$ref": "#/components/responses/Unauthorized"}}
                }
            }
        },
        "components": {
            "responses": {"Unauthorized": error("Who are you?")},
            "schemas": {
                "Order": {"type": "object", "properties": {
                    "note": {"type": "string", "maxLength": 9, "description": "For the cook.", "examples": ["hot"]},
                    "items": {"type": "array", "maxItems": 9, "description": "What is in it.", "items": {"enum": ["tea"]}}
                }},
                "Problem": {"type": "object", "properties": {"title": {"type": "string", "description": "What is wrong."}}}
            },
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}}
        }
    })
}

/// Sets what a pointer names, or removes it where there is no value.
fn edit(document: &mut Value, pointer: &str, value: Option<Value>) {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at {parent}"));
    let key = key.replace("~1", "/").replace("~0", "~");
    match (parent, value) {
        (Value::Object(members), Some(value)) => drop(members.insert(key, value)),
        (Value::Object(members), None) => drop(members.remove(&key).unwrap_or_else(|| panic!("no {key}"))),
        (Value::Array(items), Some(value)) => items[key.parse::<usize>().expect("an index")] = value,
        (other, _) => panic!("{other} has no members"),
    }
}

/// Moves a path.
fn rename(document: &mut Value, from: &str, to: &str) {
    let paths = document["paths"].as_object_mut().expect("paths");
    let item = paths.remove(from).unwrap_or_else(|| panic!("no {from}"));
    paths.insert(to.to_owned(), item);
}

enum Edit {
    Set(&'static str, Value),
    Remove(&'static str),
    Rename(&'static str, &'static str),
    /// The path once more, with another name for its parameter.
    Twin(&'static str, &'static str, &'static str),
}
use Edit::{Remove, Rename, Set, Twin};

impl Edit {
    fn apply(&self, document: &mut Value) {
        match self {
            Set(pointer, value) => edit(document, pointer, Some(value.clone())),
            Remove(pointer) => edit(document, pointer, None),
            Rename(from, to) => rename(document, from, to),
            Twin(path, name, other) => {
                let paths = document["paths"].as_object_mut().expect("paths");
                let item = paths[*path].to_string().replace(name, other);
                let item = item.replace(r#""operationId":""#, r#""operationId":"twin"#);
                let twin = serde_json::from_str(&item).expect("JSON");
                paths.insert(path.replace(name, other), twin);
            }
        }
    }
}

const ORDER: &str = "/order-lists/{orderId}";

/// What each edit breaks, and what the message names.
fn cases() -> Vec<(&'static str, &'static str, Edit)> {
    let error =
        json!({"description": "No.", "content": {"application/json": {"schema": {"type": "object", "title": "Own"}}}});
    vec![
        ("path-not-kebab-case", "`order-lists`", Rename(ORDER, "/order_lists/{orderId}")),
        ("path-not-kebab-case", "`order-lists`", Rename(ORDER, "/orderLists/{orderId}")),
        ("path-with-verb", "`get`", Rename(ORDER, "/get-orders/{orderId}")),
        ("path-collection-singular", "`order`", Rename(ORDER, "/order/{orderId}")),
        ("path-trailing-slash", "`/order-lists/{orderId}`", Rename(ORDER, "/order-lists/{orderId}/")),
        ("path-ambiguous", "`/order-lists/{orderId}` means the same as", Twin(ORDER, "orderId", "listId")),
        ("api-version-missing", "2 paths", Set("/servers/0/url", json!("https://shop.example.org"))),
        (
            "server-not-https",
            "`https://shop.example.org/v1`",
            Set("/servers/0/url", json!("http://shop.example.org/v1")),
        ),
        ("operation-id-missing", "`POST /orders`", Remove("/paths/~1orders/post/operationId")),
        ("operation-undescribed", "`POST /orders`", Remove("/paths/~1orders/post/summary")),
        ("parameter-undescribed", "`limit`", Remove("/paths/~1orders/get/parameters/0/description")),
        ("property-undescribed", "`note` of `Order`", Remove("/components/schemas/Order/properties/note/description")),
        ("property-undescribed", "`any` of `Order`", Set("/components/schemas/Order/properties/any", json!(true))),
        (
            "keyword-without-effect",
            "`note` of `Order`: `nullable`",
            Set("/components/schemas/Order/properties/note/nullable", json!(true)),
        ),
        ("tag-undeclared", "`people`", Set("/paths/~1orders/post/tags", json!(["people"]))),
        ("path-parameter-undeclared", "`{shop}`", Rename("/orders", "/shops/{shop}/orders")),
        (
            "path-parameter-unused",
            "`orderid`",
            Set(
                "/paths/~1orders/post/parameters",
                json!([
            {"name": "orderid", "in": "path", "required": true, "description": "Which.", "schema": {"type": "integer"}}]),
            ),
        ),
        ("read-with-request-body", "`GET /orders`", Set("/paths/~1orders/get/requestBody", json!({"content": {}}))),
        (
            "request-string-unbounded",
            "`note` of `Order`",
            Remove("/components/schemas/Order/properties/note/maxLength"),
        ),
        (
            "request-array-unbounded",
            "`items` of `Order`",
            Remove("/components/schemas/Order/properties/items/maxItems"),
        ),
        ("success-response-missing", "`POST /orders`", Remove("/paths/~1orders/post/responses/201")),
        (
            "response-without-schema",
            "`201`",
            Set("/paths/~1orders/post/responses/201/content/application~1json", json!({})),
        ),
        (
            "response-without-schema",
            "`201`",
            Set("/paths/~1orders/post/responses/201/content/application~1json/schema", json!({"description": "Any."})),
        ),
        ("error-body-missing", "404", Remove("/paths/~1order-lists~1{orderId}/get/responses/404/content")),
        ("error-bodies-differ", "404", Set("/paths/~1order-lists~1{orderId}/get/responses/404", error)),
        ("response-401-missing", "401", Remove("/paths/~1order-lists~1{orderId}/get/responses/401")),
        ("response-403-missing", "403", Remove("/paths/~1order-lists~1{orderId}/get/responses/403")),
        ("response-404-missing", "`orderId`", Remove("/paths/~1order-lists~1{orderId}/get/responses/404")),
        ("response-429-missing", "429", Remove("/paths/~1order-lists~1{orderId}/get/responses/429")),
        ("list-not-paginated", "`GET /orders`", Set("/paths/~1orders/get/parameters/0/name", json!("sort"))),
        (
            "secret-in-query",
            "`api_key`",
            Set(
                "/paths/~1orders/post/parameters",
                json!([
            {"name": "api_key", "in": "query", "description": "Who.", "schema": {"type": "string", "maxLength": 9}}]),
            ),
        ),
        ("secret-in-query", "`key`", Set("/components/securitySchemes/key/in", json!("query"))),
        ("security-scheme-undefined", "`other`", Set("/paths/~1orders/post/security", json!([{"other": []}]))),
        ("example-invalid", "must", Set("/paths/~1orders/get/parameters/0/example", json!("five"))),
        (
            "example-invalid",
            "must",
            Set("/components/schemas/Order/properties/note/examples", json!(["far too long a note"])),
        ),
        ("example-invalid", "default", Set("/components/schemas/Order/properties/note/default", json!(7))),
        ("component-unused", "`Old`", Set("/components/schemas/Old", json!({"type": "string"}))),
        ("info-description-missing", "info", Remove("/info/description")),
        ("info-contact-missing", "info", Remove("/info/contact")),
        ("info-license-missing", "info", Remove("/info/license")),
    ]
}

fn of(value: &Value) -> Lint {
    lint(&read(&value.to_string()))
}

fn rules(found: &Lint) -> HashSet<&str> {
    found.findings.iter().map(|finding| finding.rule.as_ref()).collect()
}

#[test]
fn a_good_document_has_the_full_score_by_every_rule() {
    let found = of(&good());
    assert_eq!(found.findings, []);
    assert_eq!(found.score.score, 100);
    // What removing the document's own security is about has its place here as well.
    let looked: HashSet<&str> = found.score.reasons.iter().map(|reason| reason.rule.as_ref()).collect();
    for rule in LINT_RULES {
        assert!(looked.contains(rule.id), "{} has no place in the good document", rule.id);
    }
}

#[test]
fn each_edit_breaks_its_rule_and_no_other() {
    let mut broken = HashSet::from(["security-missing"]);
    let mut table = Rows::default();
    for (rule, named, edit) in cases() {
        let mut document = good();
        edit.apply(&mut document);
        let found = of(&document);
        assert_eq!(rules(&found), HashSet::from([rule]), "{:?}", found.findings);
        let finding = &found.findings[0];
        assert!(finding.message.contains(named), "{named} is not in: {}", finding.message);
        assert_eq!(finding.severity, find(rule).expect("it is in the table").severity);
        assert!(found.score.score < 100);
        let reason = found.score.reasons.iter().find(|reason| reason.rule == rule).expect("it has a reason");
        assert_eq!(reason.broken as usize, found.findings.len());
        table.same(&found.score.reasons[0].rule, &rule, format_args!("what costs most comes first"));
        broken.insert(rule);
    }
    for rule in LINT_RULES {
        assert!(broken.contains(rule.id), "no case breaks {}", rule.id);
    }
}

#[test]
fn a_writing_operation_says_who_may_call_it() {
    let mut document = good();
    edit(&mut document, "/security", None);
    let found = of(&document);
    assert_eq!(found.findings.len(), 2, "{:?}", found.findings);
    assert_eq!(rules(&found), HashSet::from(["security-missing", "component-unused"]));
    assert_eq!(found.findings[0].operation.as_ref().expect("it has one").to_string(), "POST /orders");
    // Everyone may: that is said, as signing in says it.
    edit(&mut document, "/paths/~1orders/post/security", Some(json!([])));
    assert_eq!(rules(&of(&document)), HashSet::from(["component-unused"]));
}

/// What has no finding, although it looks like it might.
#[test]
fn no_alarm_without_cause() {
    let path = "/paths/~1orders/post";
    let body = format!("{path}/requestBody/content/application~1json/schema");
    for (why, pointer, value) in [
        ("a bound beside, in allOf", body.clone(), json!({"allOf": [{"type": "string"}, {"maxLength": 5}]})),
        (
            "a bound around alternatives",
            body.clone(),
            json!({"maxLength": 5, "anyOf": [{"type": "string"}, {"type": "null"}]}),
        ),
        (
            "a set of listed values",
            body.clone(),
            json!({"type": "array", "uniqueItems": true, "items": {"enum": [1, 2]}}),
        ),
        (
            "what only answers have",
            body.clone(),
            json!({"properties": {
            "id": {"type": "string", "readOnly": true, "description": "Set by the shop."}}}),
        ),
        (
            "a text that is bounded as the body is",
            format!("{path}/requestBody/content"),
            json!({"text/plain": {"schema": {"type": "string"}},
            "application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}),
        ),
        ("a server of this machine", "/servers".into(), json!([{"url": "http://localhost:3000/v1"}])),
        ("an error that extends the common one", "/components/responses/Own".into(), json!({"description": "No."})),
        (
            "a list that can't grow",
            "/paths/~1orders/get".into(),
            json!({
            "operationId": "listOrders", "summary": "List orders",
            "responses": {"200": {"description": "It.", "content": {"application/json": {"schema":
                {"type": "array", "maxItems": 5, "items": {"$ref": "#/components/schemas/Order"}}}}},
                "4XX": {"$ref": "#/components/responses/Unauthorized"}}}),
        ),
        (
            "a redirect is a success",
            format!("{path}/responses"),
            json!({
            "303": {"description": "There."}, "4XX": {"$ref": "#/components/responses/Unauthorized"}}),
        ),
        (
            "a page token is no secret",
            "/paths/~1orders/get/parameters/0".into(),
            json!({
            "name": "pageToken", "in": "query", "description": "Where.", "schema": {"type": "string", "maxLength": 99}}),
        ),
        ("credentials are optional, so nobody is refused", format!("{path}/security"), json!([{}, {"key": []}])),
    ] {
        let mut document = good();
        edit(&mut document, &pointer, Some(value));
        let found = of(&document);
        let unused = |rule: &&str| *rule != "component-unused";
        assert_eq!(
            rules(&found).into_iter().filter(unused).collect::<Vec<_>>(),
            [""; 0],
            "{why}: {:?}",
            found.findings
        );
    }
}

#[test]
fn discriminators_use_what_they_choose_among() {
    let mut document = good();
    let base = json!({"type": "object", "required": ["kind"], "discriminator": {"propertyName": "kind"},
        "properties": {"kind": {"type": "string", "maxLength": 9, "description": "Which."}}});
    edit(&mut document, "/components/schemas/Pet", Some(base));
    edit(&mut document, "/components/schemas/Cat", Some(json!({"allOf": [{"$ref": "#/components/schemas/Pet"}]})));
    assert_eq!(rules(&of(&document)), HashSet::new(), "chosen by its name");
    edit(&mut document, "/components/schemas/Dog", Some(json!({"type": "object"})));
    assert_eq!(rules(&of(&document)), HashSet::from(["component-unused"]));
    let mapping = json!({"propertyName": "kind", "mapping": {"dog": "#/components/schemas/Dog"}});
    edit(&mut document, "/components/schemas/Pet/discriminator", Some(mapping));
    assert_eq!(rules(&of(&document)), HashSet::new(), "chosen by a mapping");
    // What only refers to itself is used by nobody.
    edit(&mut document, "/components/schemas/Loop", Some(json!({"items": {"$ref": "#/components/schemas/Loop"}})));
    assert_eq!(rules(&of(&document)), HashSet::from(["component-unused"]));
}

#[test]
fn a_shared_example_is_held_against_the_schema_of_each_place() {
    let mut document = good();
    edit(&mut document, "/components/examples", Some(json!({"Long": {"value": {"note": "far too long a note"}}})));
    let examples = json!({"long": {"$ref": "#/components/examples/Long"}});
    edit(&mut document, "/paths/~1orders/post/requestBody/content/application~1json/examples", Some(examples));
    let found = of(&document);
    assert_eq!(rules(&found), HashSet::from(["example-invalid"]), "{:?}", found.findings);
    assert!(found.findings[0].message.contains("`/note`"), "{}", found.findings[0].message);
    assert_eq!(found.findings[0].place.pointer, "/components/examples/Long/value");
}

#[test]
fn a_document_of_2_0_is_judged_by_what_it_means() {
    let source = "swagger: '2.0'
info: {title: T, version: '1', description: D, contact: {name: A}, license: {name: MIT}}
host: shop.example.org
basePath: /v1
schemes: [https]
consumes: [application/json]
produces: [application/json]
tags: [{name: orders}]
securityDefinitions: {key: {type: apiKey, in: header, name: X-Api-Key}}
security: [{key: []}]
paths:
  /orders:
    post:
      operationId: createOrder
      summary: Buy
      tags: [orders]
      parameters:
        - {name: order, in: body, description: What., schema: {$ref: '#/definitions/Order'}}
      responses:
        '201': {description: It., schema: {$ref: '#/definitions/Order'}}
        '401': {$ref: '#/responses/Error'}
        '403': {$ref: '#/responses/Error'}
        default: {$ref: '#/responses/Error'}
definitions:
  Order: {type: object, properties: {note: {type: string, maxLength: 9, description: For the cook.}}}
  Error: {type: object, properties: {title: {type: string, description: What is wrong.}}}
responses: {Error: {description: No., schema: {$ref: '#/definitions/Error'}}}
";
    let found = lint(&read(source));
    assert_eq!(found.findings, []);
    assert_eq!(found.score.score, 100);
    for (from, to, rule, named) in [
        (", maxLength: 9", "", "request-string-unbounded", "`note` of `Order`"),
        (", description: For the cook.", "", "property-undescribed", "`note` of `Order`"),
        ("[https]", "[http]", "server-not-https", "http://shop.example.org/v1"),
        ("in: header", "in: query", "secret-in-query", "`key`"),
        ("basePath: /v1", "basePath: /", "api-version-missing", "`/orders`"),
        ("  Error: {type", "  Old: {}\n  Error: {type", "component-unused", "`Old` in `definitions`"),
    ] {
        let edited = source.replace(from, to);
        assert_ne!(edited, source);
        let found = lint(&read(&edited));
        assert_eq!(rules(&found), HashSet::from([rule]), "{:?}", found.findings);
        assert!(found.findings[0].message.contains(named), "{}", found.findings[0].message);
        assert!(found.findings[0].place.line > 1);
    }
}

#[test]
fn findings_stand_where_the_thing_is_written() {
    let source = "openapi: 3.0.3
info:
  title: T
  version: '1'
paths:
  /getThings:
    get:
      responses: {}
";
    let found = lint(&read(source));
    let at = |rule: &str| {
        let finding = found.findings.iter().find(|finding| finding.rule == rule).expect("it is found");
        (finding.place.line, finding.place.column, finding.place.pointer.as_str(), finding.operation.is_some())
    };
    assert_eq!(at("info-contact-missing"), (2, 1, "/info", false));
    assert_eq!(at("path-with-verb"), (6, 3, "/paths/~1getThings", false));
    assert_eq!(at("operation-id-missing"), (7, 5, "/paths/~1getThings/get", true));
    assert_eq!(at("success-response-missing"), (8, 7, "/paths/~1getThings/get/responses", true));
    assert!(found.findings.is_sorted_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.place.line)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Each defect that goes raises the score or leaves it, in any company.
    #[test]
    fn mending_never_lowers_the_score(chosen in prop::collection::btree_set(0..cases().len(), 1..8), at in any::<prop::sample::Index>()) {
        let cases = cases();
        // One edit for each place: two of the same place can't be told apart.
        let mut places = HashSet::new();
        let place = |edit: &Edit| match edit {
            Set(pointer, _) | Remove(pointer) => (*pointer).to_owned(),
            Rename(from, _) | Twin(from, ..) => (*from).to_owned(),
        };
        // Edits by pointer come before a path has another name, and what contains before what is in it.
        let renames = |edit: &Edit| matches!(edit, Rename(..) | Twin(..));
        let mut edits: Vec<&Edit> = chosen.iter().map(|i| &cases[*i].2).filter(|edit| places.insert(place(edit))).collect();
        edits.sort_by_key(|edit| renames(edit));
        let nested = |a: &str, b: &str| a != b && b.starts_with(&format!("{a}/"));
        let all: Vec<String> = edits.iter().map(|edit| place(edit)).collect();
        edits.retain(|edit| !all.iter().any(|other| nested(other, &place(edit))));
        prop_assume!(!edits.is_empty());
        let score = |edits: &[&Edit]| {
            let mut document = good();
            edits.iter().for_each(|edit| edit.apply(&mut document));
            of(&document)
        };
        let before = score(&edits);
        prop_assert!(before.score.score < 100 && !before.findings.is_empty());
        edits.remove(at.index(edits.len()));
        let after = score(&edits);
        prop_assert!(after.score.score >= before.score.score, "{:?} -> {:?}", before.score, after.score);
        prop_assert_eq!(after.score.score == 100, edits.is_empty());
        prop_assert_eq!(after.findings.is_empty(), edits.is_empty());
    }

    #[test]
    fn any_document_that_can_be_read_can_be_linted(text in "[\\[\\]{}:,\"'&*!|>%@#?~ \\n\\ta-c0-9<.-]{0,80}") {
        let source = format!("openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths:\n  /a: {{get: {text}}}\n");
        if let Ok(document) = try_read(&source) {
            let found = lint(&document);
            prop_assert!(found.score.score < 100, "it has no description");
            prop_assert_eq!(lint(&document), found);
        }
    }
}
