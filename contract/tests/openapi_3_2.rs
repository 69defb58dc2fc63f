//! OpenAPI 3.2: what it adds is read, checked, shown and compared.

mod common;

use common::{Rows, document, expected, read, rules, try_read};
use shared::findings::OperationKey;

/// A 3.2 document with one path, `/a/{id}`, whose item is given in flow style without its braces.
fn path(item: &str) -> String {
    document("3.2.0", &format!("paths:\n  '/a/{{id}}': {{{item}}}"))
}

fn operation(operation: &str) -> String {
    path(&format!("post: {{{operation}}}"))
}

/// A response of a media type described by these members.
fn stream(members: &str) -> String {
    operation(&format!("responses: {{200: {{description: d, content: {{application/jsonl: {{{members}}}}}}}}}"))
}

/// Base, revision, findings.
type Row = (String, String, &'static str);

fn rows() -> Vec<Row> {
    let additional = |method: &str| path(&format!("additionalOperations: {{{method}: {{responses: {{}}}}}}"));
    let whole = |name: &str, more: &str| {
        let schema = format!("{{type: object, properties: {{a: {{type: string{more}}}}}}}");
        let content = format!("{{application/x-www-form-urlencoded: {{schema: {schema}}}}}");
        operation(&format!("parameters: [{{name: {name}, in: querystring, content: {content}}}], responses: {{}}"))
    };
    let item = |kind: &str| stream(&format!("itemSchema: {{type: object, properties: {{a: {{type: {kind}}}}}}}"));
    let cookie = |more: &str| {
        operation(&format!("parameters: [{{name: c, in: cookie, schema: {{type: array}}{more}}}], responses: {{}}"))
    };
    let scheme = |members: &str| {
        document(
            "3.2.0",
            &format!(
                "security: [{{s: []}}]\npaths: {{}}\ncomponents: {{securitySchemes: {{s: {{type: oauth2, {members}}}}}}}"
            ),
        )
    };
    let media = |schema: &str| {
        document(
            "3.2.0",
            &format!(
                "paths: {{/a: {{get: {{responses: {{200: {{content: {{application/json: {{$ref: '#/components/mediaTypes/M'}}}}}}}}}}}}}}\n\
                 components: {{mediaTypes: {{M: {{schema: {schema}}}}}}}"
            ),
        )
    };
    let parts = |encoding: &str| {
        operation(&format!(
            "requestBody: {{content: {{multipart/mixed: {{itemSchema: {{}}, {encoding}}}}}}}, responses: {{}}"
        ))
    };
    let union = |more: &str| {
        let schema =
            format!("{{oneOf: [{{type: object}}, {{type: array}}], discriminator: {{propertyName: k{more}}}}}");
        operation(&format!("requestBody: {{content: {{a/b: {{schema: {schema}}}}}}}, responses: {{}}"))
    };
    vec![
        // Methods
        (path("query: {responses: {}}"), path("query: {responses: {}}"), ""),
        (path("query: {responses: {}}"), path("summary: s"), "operation-removed"),
        (path("summary: s"), path("query: {responses: {}}"), "operation-added"),
        (additional("COPY"), path("summary: s"), "operation-removed"),
        (additional("COPY"), additional("copy"), "operation-removed operation-added"),
        (
            path("additionalOperations: {COPY: {parameters: [{name: q, in: query}]}}"),
            path("additionalOperations: {COPY: {parameters: [{name: q, in: query, required: true}]}}"),
            "parameter-became-required",
        ),
        (
            document("3.2.0", "webhooks: {w: {additionalOperations: {PING: {responses: {}}}}}"),
            document("3.2.0", "webhooks: {w: {post: {responses: {}}}}"),
            "webhook-removed webhook-added@risky",
        ),
        // The whole query
        (whole("a", ""), whole("b", ""), ""),
        (whole("a", ""), whole("a", ", maxLength: 5"), "request-bound-added"),
        (operation("responses: {}"), whole("a", ""), "optional-parameter-added"),
        (whole("a", ""), operation("responses: {}"), "parameter-removed"),
        // Streams
        (item("number"), item("string"), "response-type-changed"),
        (item("number"), item("integer"), "response-type-narrowed"),
        (stream("itemSchema: {type: number}"), stream("schema: {type: array, items: {type: number}}"), ""),
        (
            stream("schema: {type: array, items: {type: number}}"),
            stream("itemSchema: {type: string}"),
            "response-type-changed",
        ),
        (stream("itemSchema: {type: number}"), stream(""), "response-schema-removed"),
        // Parts
        (parts("itemEncoding: {contentType: a/b}"), parts("itemEncoding: {contentType: a/c}"), "encoding-changed"),
        (parts("prefixEncoding: [{contentType: a/b}]"), parts("prefixEncoding: []"), "encoding-changed"),
        (parts("prefixEncoding: [{style: form}]"), parts("prefixEncoding: []"), ""),
        // Shared media types
        (media("{type: number}"), media("{type: string}"), "response-type-changed"),
        (
            media("{type: number}"),
            document(
                "3.2.0",
                "paths: {/a: {get: {responses: {200: {content: {application/json: {schema: {type: number}}}}}}}}",
            ),
            "",
        ),
        // Serialization
        (cookie(""), cookie(", style: cookie"), "parameter-serialization-changed"),
        (cookie(", style: cookie"), cookie(", style: cookie, explode: true"), ""),
        (
            operation("parameters: [{name: id, in: path, required: true, allowReserved: true, schema: {}}]"),
            operation("parameters: [{name: id, in: path, required: true, schema: {}}]"),
            "parameter-characters-restricted",
        ),
        // Who may call
        (
            scheme(
                "flows: {deviceAuthorization: {deviceAuthorizationUrl: 'https://a/b', tokenUrl: 'https://a/t', scopes: {}}}",
            ),
            scheme(
                "flows: {deviceAuthorization: {deviceAuthorizationUrl: 'https://a/c', tokenUrl: 'https://a/t', scopes: {}}}",
            ),
            "security-flow-changed",
        ),
        (
            scheme("oauth2MetadataUrl: 'https://a/b'"),
            scheme("oauth2MetadataUrl: 'https://a/c'"),
            "security-flow-changed",
        ),
        (scheme("flows: {}"), scheme("oauth2MetadataUrl: 'https://a/c', flows: {}"), ""),
        (scheme("flows: {}"), scheme("deprecated: true, flows: {}"), "security-scheme-deprecated"),
        // What nobody feels on the wire
        (union(""), union(", defaultMapping: A"), "request-discriminator-changed"),
        (
            document(
                "3.2.0",
                "$self: 'https://a/b'\nservers: [{url: /x, name: n}]\ntags: [{name: a, summary: s, kind: nav}]\npaths: {}",
            ),
            document("3.2.0", "servers: [{url: /x}]\ntags: [{name: a, parent: b}, {name: b}]\npaths: {}"),
            "",
        ),
        (operation("responses: {200: {summary: s}}"), operation("responses: {200: {description: d}}"), ""),
    ]
}

#[test]
fn changes() {
    let mut table = Rows::default();
    for (base, revision, findings) in rows() {
        table.same(&rules(&base, &revision), &expected(findings), format_args!("\n{base}\n{revision}"));
        table.same(&rules(&base, &base), &[""; 0], format_args!("{base}"));
    }
}

/// Members of the document behind `info`, the problem's pointer, and a part of its message.
const PROBLEMS: &[(&str, &str, &str)] = &[
    ("paths: {/a: {query: 1}}", "/paths/~1a/query", "an operation, an object, not a number"),
    ("paths: {/a: {additionalOperations: []}}", "/paths/~1a/additionalOperations", "must be an object"),
    (
        "paths: {/a: {additionalOperations: {Get: {}}}}",
        "/paths/~1a/additionalOperations/Get",
        "write it as `get`, a member of the path item",
    ),
    ("paths: {/a: {additionalOperations: {'A B': {}}}}", "/paths/~1a/additionalOperations/A B", "is no HTTP method"),
    (
        "paths: {/a: {get: {parameters: [{name: q, in: querystring}]}}}",
        "/paths/~1a/get/parameters/0",
        "`content` is missing in a `querystring` parameter",
    ),
    (
        "paths: {/a: {parameters: [{name: p, in: query}], get: {parameters: [{name: q, in: querystring, content: {}}]}}}",
        "/paths/~1a/get/parameters/0",
        "no `query` parameter beside it",
    ),
    (
        "paths: {/a: {get: {parameters: [{name: p, in: querystring, content: {}}, {name: q, in: querystring, content: {}}]}}}",
        "/paths/~1a/get/parameters/1",
        "one of it at most",
    ),
    (
        "paths: {/a: {get: {parameters: [{name: q, in: body}]}}}",
        "/paths/~1a/get/parameters/0/in",
        "`querystring`, `header`",
    ),
    ("paths: {}\ncomponents: {mediaTypes: {M: {itemSchema: 1}}}", "/components/mediaTypes/M/itemSchema", "a schema"),
    (
        "paths: {}\ncomponents: {mediaTypes: {M: {encoding: {}, itemEncoding: {}}}}",
        "/components/mediaTypes/M/encoding",
        "can't stand beside `itemEncoding`",
    ),
    (
        "paths: {}\ncomponents: {mediaTypes: {M: {$ref: '#/components/mediaTypes/N'}}}",
        "/components/mediaTypes/M/$ref",
        "there is no `N`",
    ),
    ("paths: {}\ncomponents: {schemas: {S: {xml: {nodeType: 1}}}}", "/components/schemas/S/xml/nodeType", "a string"),
    ("paths: {}\n$self: 1", "/$self", "must be a string"),
    (
        "$self: https://example.org/b\npaths: {}\ncomponents: {schemas: {A: {$ref: 'https://example.org/c#/components/schemas/A'}}}",
        "/components/schemas/A/$ref",
        "points outside of this document",
    ),
];

#[test]
fn problems() {
    let mut table = Rows::default();
    for (rest, pointer, part) in PROBLEMS {
        let error = try_read(&document("3.2.0", rest)).expect_err(rest);
        let problem = &error.problems[0];
        assert!(problem.message.contains(part), "{rest}: {}", problem.message);
        table.same(&problem.field, pointer, format_args!("{rest}"));
        assert_eq!(error.problems.len(), 1, "{rest}: {error:?}");
    }
}

/// What only 3.2 has means nothing before it: earlier documents with such members are read as they were.
#[test]
fn earlier_versions_stay_what_they_are() {
    let rest = "paths: {/a: {query: 1, additionalOperations: 1}}\ncomponents: {mediaTypes: 1}";
    assert!(read(&document("3.1.0", rest)).operations().is_empty());
    assert!(try_read(&document("3.2.0", rest)).is_err());
}

#[test]
fn references_by_the_document_s_own_address_are_local() {
    for reference in ["https://example.org/api/shop.yaml#/components/schemas/B", "shop.yaml#/components/schemas/B"] {
        let schemas = format!("{{A: {{properties: {{b: {{$ref: '{reference}'}}}}}}, B: {{type: string}}}}");
        let rest = format!("$self: https://example.org/api/shop.yaml\npaths: {{}}\ncomponents: {{schemas: {schemas}}}");
        let view = read(&document("3.2.0", &rest)).schema("A").expect("it is there");
        assert_eq!(view.properties[0].schema.types, ["string"]);
    }
}

#[test]
fn views() {
    let source = document(
        "3.2.0",
        "
tags: [{name: t, summary: Things}]
paths:
  /a:
    query:
      tags: [t]
      parameters: [{name: q, in: querystring, content: {text/plain: {schema: {type: string}}}}]
      responses:
        200:
          summary: A stream
          content:
            application/jsonl:
              itemSchema: {$ref: '#/components/schemas/Event'}
              examples: {one: {dataValue: {id: 1}}, two: {serializedValue: '{\"id\":2}'}}
            application/json: {$ref: '#/components/mediaTypes/Page'}
    additionalOperations:
      COPY: {summary: Copy it}
      purge: {summary: Purge it}
components:
  mediaTypes: {Page: {schema: {type: integer}}}
  schemas: {Event: {type: object, properties: {id: {type: integer}}}}",
    );
    let document = read(&source);
    let keys: Vec<String> = document.operations().iter().map(|operation| operation.key.to_string()).collect();
    assert_eq!(keys, ["QUERY /a", "COPY /a", "purge /a"]);
    for key in keys {
        let parsed: OperationKey = key.parse().expect("a key");
        assert!(document.operation(&parsed).is_some(), "{key}");
    }
    assert!(document.operation(&OperationKey::new("Query", "/a")).is_some());
    assert!(document.operation(&OperationKey::new("copy", "/a")).is_none(), "the case of other methods counts");
    let view = document.operation(&OperationKey::new("QUERY", "/a")).expect("it is there");
    assert_eq!((view.parameters[0].location.as_str(), view.parameters[0].schema.is_some()), ("querystring", true));
    let response = &view.responses[0];
    assert_eq!(response.description.as_deref(), Some("A stream"));
    let [events, page] = &response.content[..] else { panic!("{response:?}") };
    let items = events.schema.as_ref().and_then(|schema| schema.items.as_ref()).expect("a sequence of items");
    assert_eq!(items.name.as_deref(), Some("Event"));
    assert_eq!(events.examples[1].value, "{\"id\":2}");
    assert!(events.examples[0].value.contains("\"id\": 1"));
    assert_eq!(page.schema.as_ref().map(|schema| schema.types.clone()), Some(vec!["integer".to_owned()]));
    assert_eq!(document.outline().tags[0].description.as_deref(), Some("Things"));
    assert_eq!(document.info().openapi, "3.2.0");
}

/// The same contract in 3.1's words and in 3.2's.
#[test]
fn a_rewrite_of_3_1_is_no_change() {
    let before = document(
        "3.1.0",
        "
tags: [{name: a, x-parent: b}, {name: b}]
paths:
  /a/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      parameters: [{name: q, in: query, schema: {type: string}}]
      responses:
        200:
          description: Events
          content:
            application/jsonl: {schema: {$ref: '#/components/schemas/Event'}}
            text/event-stream: {schema: {type: array, items: {$ref: '#/components/schemas/Event'}}}
            application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Event'}}}
components:
  schemas: {Event: {type: object, properties: {id: {type: integer}}}}
  securitySchemes: {o: {type: oauth2, flows: {password: {tokenUrl: 'https://a/t', scopes: {}}}}}",
    );
    let after = document(
        "3.2.0",
        "
$self: https://example.org/openapi.yaml
tags: [{name: a, parent: b, kind: nav}, {name: b}]
paths:
  /a/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      parameters: [{name: q, in: query, schema: {type: string}}]
      responses:
        200:
          summary: Events
          content:
            application/jsonl: {itemSchema: {$ref: '#/components/schemas/Event'}}
            text/event-stream: {itemSchema: {$ref: 'https://example.org/openapi.yaml#/components/schemas/Event'}}
            application/json: {$ref: '#/components/mediaTypes/Events'}
components:
  mediaTypes: {Events: {schema: {type: array, items: {$ref: '#/components/schemas/Event'}}}}
  schemas: {Event: {type: object, properties: {id: {type: integer}}}}
  securitySchemes: {o: {type: oauth2, flows: {password: {tokenUrl: 'https://a/t', scopes: {}}}}}",
    );
    assert_eq!(rules(&before, &after), [""; 0]);
    assert_eq!(rules(&after, &before), [""; 0]);
}
