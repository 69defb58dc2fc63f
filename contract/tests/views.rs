//! Documents as people browse them.

mod common;

use common::{document, read};
use shared::contracts::SchemaView;

const SHOP: &str = "
servers: [{url: https://shop.example}]
tags: [{name: orders, description: What people buy}]
security: [{key: []}, {a: [], b: []}]
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, format: uuid}, example: x}
      - {name: page, in: query, schema: {type: integer}}
    get:
      operationId: order
      tags: [orders, other]
      parameters: [{$ref: '#/components/parameters/Page'}]
      responses:
        '200':
          description: An order
          headers: {ETag: {schema: {type: string}, required: true}}
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Order'}
              examples: {small: {summary: A small one, value: {id: 1, lines: []}}}
    put: {deprecated: true, security: [], requestBody: {required: true, content: {text/csv: {}}}}
components:
  parameters:
    Page: {name: page, in: query, deprecated: true, schema: {type: integer, minimum: 1, default: 1}}
  schemas:
    Order:
      description: What somebody bought
      type: object
      required: [id]
      properties:
        id: {type: [string, 'null'], minLength: 1, pattern: '^[a-z]+$', enum: [a, null]}
        parent: {$ref: '#/components/schemas/Order', description: The order before}
        lines: {type: array, items: {oneOf: [{$ref: '#/components/schemas/Line'}, {type: string}]}}
      additionalProperties: false
    Line: {allOf: [{type: object}, {properties: {sum: {type: number, readOnly: true}}}]}
";

#[test]
fn an_outline_counts_what_there_is() {
    let document = read(&document("3.1.0", SHOP));
    let outline = document.outline();
    assert_eq!((outline.title.as_str(), outline.version.as_str(), outline.openapi.as_str()), ("T", "1", "3.1.0"));
    assert_eq!((outline.operations, outline.schemas), (2, 2));
    assert_eq!(outline.servers, ["https://shop.example"]);
    let tags: Vec<_> = outline.tags.iter().map(|tag| (tag.name.as_str(), tag.operations)).collect();
    assert_eq!(tags, [("orders", 1), ("other", 1), ("", 1)]);
    let schemas: Vec<_> = document.schemas().into_iter().map(|s| (s.name, s.kind)).collect();
    assert_eq!(schemas, [("Order".to_owned(), "object".to_owned()), ("Line".to_owned(), "allOf".to_owned())]);
    assert!(document.memory_size() > SHOP.len());
}

#[test]
fn an_operation_is_shown_whole() {
    let document = read(&document("3.1.0", SHOP));
    let operations = document.operations();
    let view = document.operation(&operations[0].key).expect("it is there");
    let parameters: Vec<_> = view.parameters.iter().map(|p| (p.name.as_str(), p.deprecated)).collect();
    assert_eq!(parameters, [("page", true), ("id", false)], "the operation's own win over the path's");
    assert_eq!(view.parameters[1].examples[0].value, "\"x\"");
    assert_eq!(view.security, [vec!["key".to_owned()], vec!["a".to_owned(), "b".to_owned()]]);
    let response = &view.responses[0];
    assert_eq!((response.headers[0].name.as_str(), response.headers[0].required), ("ETag", true));
    assert_eq!(response.content[0].examples[0].value, "{\n  \"id\": 1,\n  \"lines\": []\n}");
    let put = document.operation(&operations[1].key).expect("it is there");
    assert!(put.security.is_empty() && put.summary.deprecated);
    assert!(put.request_body.is_some_and(|body| body.required && body.content[0].schema.is_none()));
    assert!(document.operation(&"GET /nothing".parse().expect("a key")).is_none());
}

#[test]
fn a_schema_is_unfolded_and_recursion_folded() {
    let document = read(&document("3.1.0", SHOP));
    let order = document.schema("Order").expect("it is there");
    assert_eq!(order.additional_properties.as_ref().and_then(|schema| schema.boolean), Some(false));
    let [id, parent, lines] = &order.properties[..] else { panic!("{order:?}") };
    assert!(id.required && id.schema.nullable);
    assert_eq!(id.schema.types, ["string"]);
    assert_eq!(id.schema.enum_values, ["\"a\"", "null"]);
    let constraints = [("minLength", "1"), ("pattern", "^[a-z]+$")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(id.schema.constraints, constraints);
    assert!(parent.schema.folded);
    assert_eq!(parent.schema.name.as_deref(), Some("Order"));
    let items = lines.schema.items.as_ref().expect("it has items");
    assert_eq!(items.one_of[0].name.as_deref(), Some("Line"));
    assert!(items.one_of[0].all_of[1].properties[0].schema.read_only);
    assert!(document.schema("Nothing").is_none());
}

#[test]
fn views_are_bounded() {
    fn count(view: &SchemaView) -> usize {
        let lists = view.all_of.iter().chain(&view.one_of).chain(&view.any_of);
        let boxes = view.items.iter().chain(&view.additional_properties).chain(&view.not).map(|schema| &**schema);
        1 + lists.chain(boxes).map(count).sum::<usize>()
            + view.properties.iter().map(|property| count(&property.schema)).sum::<usize>()
    }
    let properties: Vec<String> = (0..100).map(|i| format!("p{i}: {{$ref: '#/components/schemas/B'}}")).collect();
    let wide = format!("{{type: object, properties: {{{}}}}}", properties.join(", "));
    let other = wide.replace("/B'", "/C'");
    let rest = format!("paths: {{}}\ncomponents: {{schemas: {{A: {wide}, B: {other}, C: {{type: object}}}}}}");
    let view = read(&document("3.1.0", &rest)).schema("A").expect("it is there");
    assert_eq!((view.properties.len(), view.more_properties), (60, 40));
    // 400 unfolded, and the folded children of the last ones.
    assert!(count(&view) < 4_000, "{}", count(&view));
    assert!(view.properties[59].schema.folded);
}
