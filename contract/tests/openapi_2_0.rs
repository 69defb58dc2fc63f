//! OpenAPI 2.0, read by conversion: what it means is what its rewrite in 3.x means, and every place that is told is one
//! of the 2.0 source.

mod common;

use common::{
    Rows, expected, read, rules,
    tables::shop::{SHOP, rewritten},
    try_read,
};
use shared::{Level, findings::Direction};

fn document(rest: &str) -> String {
    format!("swagger: '2.0'\ninfo: {{title: T, version: '1'}}\n{rest}\n")
}

/// A document with one operation, `POST /a`, whose members are given in flow style without braces.
fn operation(members: &str) -> String {
    document(&format!(
        "consumes: [application/json]\nproduces: [application/json]\npaths: {{/a: {{post: {{{members}}}}}}}"
    ))
}

fn parameters(list: &str) -> String {
    operation(&format!("parameters: [{list}], responses: {{}}"))
}

/// A contract with all that 2.0 says in its own way.
/// Every part of the contract is compared: what the rewrite changes is seen from 2.0 as well.
#[test]
fn a_faithful_rewrite_is_no_change_and_an_unfaithful_one_is() {
    let old = SHOP;
    let mut table = Rows::default();
    for openapi in ["3.0.3", "3.1.0", "3.2.0"] {
        let new = rewritten(openapi);
        for (base, revision) in [(old, new.as_str()), (&new, old)] {
            let findings = contract::compare(&read(base), &read(revision));
            table.same(&findings, &[], format_args!("{openapi}"));
        }
        for (was, is, findings) in [
            ("https://shop.example/v2", "https://shop.example/v3", "server-removed server-added"),
            ("format: uuid", "format: date", "request-format-changed"),
            ("ids, in: query, explode: false", "ids, in: query, explode: true", "parameter-serialization-changed"),
            ("pipeDelimited", "spaceDelimited", "parameter-serialization-changed"),
            ("minimum: 1, default: 1", "minimum: 2, default: 1", "request-bound-tightened"),
            ("{schema: {type: integer}}}\n", "{schema: {type: boolean}}}\n", "response-type-changed"),
            ("application/merge-patch+json", "application/json", "request-media-type-removed request-media-type-added"),
            ("maxLength: 10", "maxLength: 9", "request-bound-tightened"),
            ("required: [file]", "required: []", "request-property-became-optional"),
            ("tags: {style: form, explode: false}", "tags: {style: form}", "encoding-changed@breaking"),
            ("enum: [x, y]", "enum: [x]", "request-value-removed"),
            ("propertyName: kind", "propertyName: id", "request-discriminator-changed response-discriminator-changed"),
            ("scheme: basic", "scheme: bearer", "security-alternative-removed security-scheme-changed"),
            ("name: X-Key", "name: X-Token", "security-alternative-removed security-scheme-changed"),
            ("authorizationUrl: 'https://a/b'", "authorizationUrl: 'https://a/c'", "security-flow-changed"),
            ("title: {type: string}", "title: {type: integer}", "response-type-changed"),
        ] {
            let changed = new.replace(was, is);
            assert_ne!(changed, new, "{was}");
            let mut seen = rules(old, &changed);
            seen.dedup();
            assert!(expected(findings).iter().all(|rule| seen.contains(rule)), "{was}: {seen:?}");
        }
    }
}

/// The edits that only 2.0's words can express, and what they mean.
#[test]
fn changes() {
    let query = |more: &str| parameters(&format!("{{name: q, in: query, {more}}}"));
    let body = |schema: &str| parameters(&format!("{{name: b, in: body, schema: {schema}}}"));
    let form = |list: &str| operation(&format!("consumes: [multipart/form-data], parameters: [{list}]"));
    let field = "{name: a, in: formData, type: string}";
    let response = |schema: &str| operation(&format!("responses: {{200: {{description: d, schema: {schema}}}}}"));
    let typed = |members: &str| {
        document(&format!(
            "{members}\npaths: {{/a: {{post: {{parameters: [{{name: b, in: body, schema: {{}}}}], responses: {{200: {{description: d, schema: {{}}}}}}}}}}}}"
        ))
    };
    let scheme = |members: &str| {
        document(&format!("security: [{{s: []}}]\npaths: {{}}\nsecurityDefinitions: {{s: {{{members}}}}}"))
    };
    let mut table = Rows::default();
    for (base, revision, findings) in [
        (query("type: integer"), query("type: string"), "request-type-widened"),
        (query("type: string"), query("type: string, required: true"), "parameter-became-required"),
        (query("type: string"), query("type: string, enum: [a]"), "request-values-restricted"),
        // Null can't be sent in a query.
        (query("type: string"), query("type: string, x-nullable: true"), ""),
        (
            query("type: array, items: {type: string}"),
            query("type: array, items: {type: string}, collectionFormat: csv"),
            "",
        ),
        (
            query("type: array, items: {type: string}"),
            query("type: array, items: {type: string}, collectionFormat: multi"),
            "parameter-serialization-changed",
        ),
        (
            query("type: array, items: {type: string}, collectionFormat: tsv"),
            query("type: array, items: {type: string}, collectionFormat: ssv"),
            "parameter-serialization-changed",
        ),
        (body("{type: object}"), body("{type: object, required: [a]}"), "request-property-became-required"),
        (body("{}"), operation("responses: {}"), "request-body-removed"),
        (
            operation("responses: {}"),
            parameters("{name: b, in: body, required: true, schema: {}}"),
            "required-request-body-added",
        ),
        // The name of a body is never sent.
        (body("{}"), parameters("{name: other, in: body, schema: {}}"), ""),
        (form(field), form(&format!("{field}, {{name: b, in: formData, type: file}}")), "request-property-added"),
        (
            form(field),
            form(&format!("{field}, {{name: b, in: formData, type: integer, required: true}}")),
            "request-required-property-added request-body-became-required",
        ),
        (form(field), parameters(field), "request-media-type-removed request-media-type-added"),
        (response("{type: integer}"), response("{type: file}"), "response-type-changed"),
        (response("{type: integer}"), operation("responses: {200: {description: d}}"), "response-media-type-removed"),
        (
            typed("consumes: [a/b]\nproduces: [a/b]"),
            typed("consumes: [a/b, a/c]\nproduces: [a/c]"),
            "request-media-type-added response-media-type-removed response-media-type-added",
        ),
        // Who named no media type before promised none.
        (typed("x-a: 1"), typed("consumes: [a/b]\nproduces: [a/b]"), ""),
        (
            document("host: a\nschemes: [https]\npaths: {}"),
            document("host: a\nschemes: [https]\nbasePath: /\npaths: {}"),
            "",
        ),
        (
            document("host: a\nschemes: [https]\npaths: {}"),
            document("host: b\nschemes: [https]\npaths: {}"),
            "server-removed server-added",
        ),
        (scheme("type: basic"), scheme("type: apiKey, in: header, name: a"), "security-scheme-changed"),
        (
            scheme("type: oauth2, flow: implicit, authorizationUrl: 'https://a', scopes: {a: A, b: B}"),
            scheme("type: oauth2, flow: implicit, authorizationUrl: 'https://a', scopes: {a: A}"),
            "security-scope-removed",
        ),
    ] {
        table.same(&rules(&base, &revision), &expected(findings), format_args!("\n{base}\n{revision}"));
        assert_eq!(rules(&base, &base), [""; 0]);
    }
}

#[test]
fn a_parameter_of_the_path_belongs_to_its_operations() {
    let source = |more: &str| {
        document(&format!(
            "consumes: [application/json]\npaths: {{/a: {{parameters: [{{name: b, in: body, schema: {{type: string}}}}], post: {{responses: {{}}}}, put: {{{more}responses: {{}}}}}}}}"
        ))
    };
    let plain = source("");
    let own = source("parameters: [{name: b, in: body, schema: {type: integer}}], ");
    assert_eq!(rules(&plain, &own), ["request-type-changed"]);
    let view = |method: &str| {
        let key = format!("{method} /a").parse().expect("a key");
        let view = read(&own).operation(&key).expect("it is there");
        assert!(view.parameters.is_empty());
        view.request_body.expect("a body").content[0].schema.as_ref().expect("a schema").types.clone()
    };
    assert_eq!((view("POST"), view("PUT")), (vec!["string".to_owned()], vec!["integer".to_owned()]));
}

#[test]
fn places_are_those_of_the_source() {
    let base = SHOP;
    let place = |was: &str, is: &str| {
        let revision = base.replacen(was, is, 1);
        assert_ne!(base, revision, "{was}");
        let findings = contract::compare(&read(base), &read(&revision));
        let finding = findings.first().unwrap_or_else(|| panic!("{was} to {is} is seen"));
        let at = finding.revision.clone().expect("a place in the revision");
        let line = revision.lines().nth(at.line as usize - 1).expect("the line exists").to_owned();
        let rest: String = line.chars().skip(at.column as usize - 1).collect();
        (finding.rule.to_string(), at.pointer, rest)
    };
    let mut table = Rows::default();
    for (was, is, rule, pointer, text) in [
        (
            "in: query, type: integer, minimum: 1",
            "in: query, type: integer, minimum: 2",
            "request-bound-tightened",
            "/parameters/Page/minimum",
            "minimum: 2",
        ),
        (
            "type: string, format: uuid",
            "type: integer",
            "request-type-narrowed",
            "/paths/~1orders~1{id}/parameters/0/type",
            "type: integer",
        ),
        (
            "collectionFormat: multi",
            "collectionFormat: csv",
            "parameter-serialization-changed",
            "/paths/~1orders~1{id}/get/parameters/2",
            "{name: tags",
        ),
        (
            "{name: note, in: formData, type: string, maxLength: 10}",
            "{name: note, in: formData, type: string, maxLength: 5}",
            "request-bound-tightened",
            "/paths/~1files/post/parameters/1/maxLength",
            "maxLength: 5",
        ),
        (
            "produces: [application/json, application/xml]",
            "produces: [application/json, text/csv]",
            "response-media-type-removed",
            "/responses/Missing",
            "Missing:",
        ),
        (
            "id: {type: string, x-nullable: true}",
            "id: {type: string, x-nullable: false}",
            "request-became-not-nullable",
            "/definitions/Order/properties/id/type",
            "type: string",
        ),
        (
            "discriminator: kind",
            "discriminator: id",
            "response-discriminator-changed",
            "/definitions/Order/discriminator",
            "discriminator: id",
        ),
        (
            "{type: basic}",
            "{type: apiKey, in: query, name: k}",
            "security-alternative-removed",
            "/paths/~1orders~1{id}/patch/security/0",
            "{basic: []}",
        ),
        (
            "tokenUrl: 'https://a/t', scopes: {read: Read}}\n  app",
            "tokenUrl: 'https://a/t', scopes: {}}\n  app",
            "security-scope-removed",
            "/securityDefinitions/oauth/flow",
            "flow: accessCode",
        ),
    ] {
        let (found, at, rest) = place(was, is);
        table.same(&(found.as_str(), at.as_str()), &(rule, pointer), format_args!("{was}"));
        assert!(rest.starts_with(text), "{was}: {rest}");
    }
    // Media types stand in the lists that name them, servers where their address is put together.
    let added = base.replace("[application/json, application/xml]", "[application/json, application/xml, text/csv]");
    let findings = contract::compare(&read(base), &read(&added));
    let csv = findings.iter().find(|finding| finding.rule == "response-media-type-added").expect("it is added");
    assert_eq!(csv.revision.as_ref().map(|place| place.pointer.as_str()), Some("/paths/~1orders~1{id}/get/produces/2"));
    let moved = base.replace("host: shop.example", "host: shops.example");
    let findings = contract::compare(&read(base), &read(&moved));
    let pointers: Vec<_> = findings.iter().filter_map(|f| f.revision.as_ref()).map(|p| p.pointer.as_str()).collect();
    assert_eq!(pointers, ["/schemes/1", "/schemes/0"], "in the order of their messages");
    assert!(
        findings.iter().all(|finding| finding.level < Level::Breaking && finding.direction != Some(Direction::Request))
    );
}

/// The document behind `swagger` and `info`, JSON pointer of the problem, and a part of its message.
const PROBLEMS: &[(&str, &str, &str)] = &[
    ("definitions: {}", "", "The member `paths` is missing."),
    ("paths: []", "/paths", "`paths` must be an object, not a list."),
    ("paths: {a: {}}", "/paths/a", "The path `a` must start with `/`."),
    ("host: https://a.example\npaths: {}", "/host", "`host` is a host name"),
    ("basePath: v1\npaths: {}", "/basePath", "must start with `/`"),
    ("schemes: [ftp]\npaths: {}", "/schemes/0", "`http`, `https`, `ws` or `wss`"),
    (
        "paths: {}\ncomponents: {}",
        "/components",
        "OpenAPI 2.0 has no `components` in the document; it has `definitions`",
    ),
    ("paths: {}\nservers: []", "/servers", "it has `host`, `basePath` and `schemes`"),
    ("paths: {/a: {post: {requestBody: {}}}}", "/paths/~1a/post/requestBody", "it has a parameter `in: body`"),
    (
        "paths: {/a: {get: {responses: {200: {description: d, content: {}}}}}}",
        "/paths/~1a/get/responses/200/content",
        "OpenAPI 2.0 has no `content` in a response; it has `schema`",
    ),
    ("paths: {/a: {get: {parameters: [{name: a, in: cookie}]}}}", "/paths/~1a/get/parameters/0/in", "not in `cookie`"),
    (
        "paths: {/a: {get: {parameters: [{name: a, in: query}]}}}",
        "/paths/~1a/get/parameters/0",
        "`type` is missing in a `query` parameter",
    ),
    (
        "paths: {/a: {get: {parameters: [{name: a, in: query, schema: {type: string}}]}}}",
        "/paths/~1a/get/parameters/0/schema",
        "Only a `body` parameter has a `schema`.",
    ),
    (
        "paths: {/a: {get: {parameters: [{name: a, in: body}]}}}",
        "/paths/~1a/get/parameters/0",
        "`schema` is missing in a `body` parameter",
    ),
    (
        "paths: {/a: {post: {parameters: [{name: a, in: body, schema: {}}, {name: b, in: body, schema: {}}]}}}",
        "/paths/~1a/post/parameters/1",
        "one `body` parameter at most",
    ),
    (
        "paths: {/a: {post: {parameters: [{name: a, in: body, schema: {}}, {name: b, in: formData, type: string}]}}}",
        "/paths/~1a/post/parameters/1",
        "either a `body` parameter or `formData` parameters, not both",
    ),
    (
        "paths: {/a: {parameters: [{$ref: '#/parameters/B'}], post: {parameters: [{name: b, in: formData, type: string}]}}}\nparameters: {B: {name: a, in: body, schema: {}}}",
        "/paths/~1a/post/parameters/0",
        "not both",
    ),
    (
        "paths: {/a: {get: {parameters: [{name: a, in: query, type: array, collectionFormat: json}]}}}",
        "/paths/~1a/get/parameters/0/collectionFormat",
        "is one of `csv`",
    ),
    (
        "paths: {}\nsecurityDefinitions: {s: {type: http}}",
        "/securityDefinitions/s/type",
        "is one of `basic`, `apiKey`, `oauth2`, not `http`",
    ),
    (
        "paths: {}\nsecurityDefinitions: {s: {type: oauth2, flow: code}}",
        "/securityDefinitions/s/flow",
        "`application`, `accessCode`, not `code`",
    ),
    (
        "paths: {}\ndefinitions: {A: {$ref: '#/components/schemas/B'}}",
        "/definitions/A/$ref",
        "there is no `components` in `#`",
    ),
    (
        "paths: {}\ndefinitions: {A: {discriminator: {propertyName: a}}}",
        "/definitions/A/discriminator",
        "a string, not an object",
    ),
    ("paths: {}\ndefinitions: {A: {$ref: '#/definitions/A'}}", "/definitions/A/$ref", "leads back to itself"),
];

#[test]
fn problems() {
    let mut table = Rows::default();
    for (rest, pointer, part) in PROBLEMS {
        let error = try_read(&document(rest)).expect_err(rest);
        let problem = &error.problems[0];
        assert!(problem.message.contains(part), "{rest}: {}", problem.message);
        table.same(&problem.field, pointer, format_args!("{rest}"));
        assert_eq!(error.problems.len(), 1, "{rest}: {error:?}");
    }
}

#[test]
fn views() {
    let document = read(SHOP);
    assert_eq!(document.info().openapi, "2.0");
    let outline = document.outline();
    assert_eq!(outline.servers, ["https://shop.example/v2", "http://shop.example/v2"]);
    assert_eq!((outline.operations, outline.schemas), (5, 3));
    let view = document.operation(&"GET /orders/{id}".parse().expect("a key")).expect("it is there");
    let names: Vec<_> = view.parameters.iter().map(|p| (p.name.as_str(), p.location.as_str(), p.line)).collect();
    assert_eq!(names[0], ("page", "query", 12));
    assert_eq!(view.parameters.len(), 7);
    let page = view.parameters[0].schema.as_ref().expect("a schema");
    assert_eq!((page.types[0].as_str(), page.default.as_deref()), ("integer", Some("1")));
    let types: Vec<_> = view.responses[1].content.iter().map(|media| media.media_type.as_str()).collect();
    assert_eq!(types, ["application/json", "application/xml"], "a shared response is what its operation produces");
    assert_eq!(view.responses[0].content[0].examples[0].value, "{\n  \"id\": \"1\"\n}");
    assert_eq!(view.responses[0].headers[0].schema.as_ref().map(|s| s.types.clone()), Some(vec!["integer".to_owned()]));
    assert_eq!(view.security, [["key"]]);
    let upload = document.operation(&"POST /files".parse().expect("a key")).expect("it is there");
    let body = upload.request_body.expect("a body");
    assert!(body.required && upload.parameters.is_empty());
    assert_eq!(body.content[0].media_type, "multipart/form-data");
    let form = body.content[0].schema.as_ref().expect("a schema");
    let fields: Vec<_> = form.properties.iter().map(|field| (field.name.as_str(), field.required)).collect();
    assert_eq!(fields, [("file", true), ("note", false), ("tags", false)]);
    assert_eq!(form.properties[0].schema.format.as_deref(), Some("binary"));
    let order = document.schema("Order").expect("it is there");
    assert!(order.properties[1].schema.nullable);
    assert_eq!(order.properties[3].schema.name.as_deref(), Some("Order"));
}

#[test]
fn the_version_may_lack_its_quotes() {
    for version in ["2.0", "'2.0'", "\"2.0\""] {
        let source = format!("swagger: {version}\ninfo: {{title: T, version: '1'}}\npaths: {{}}");
        assert_eq!(read(&source).info().openapi, "2.0");
    }
}

/// Lists of media types multiply with what has a body; strangers choose the length of both.
#[test]
fn media_types_do_not_multiply_without_end() {
    let types: Vec<String> = (0..3_000).map(|i| format!("a/b{i}")).collect();
    let responses: Vec<String> = (0..3_000).map(|i| format!("{i}: {{schema: {{maxLength: {i}}}}}")).collect();
    let rest = format!(
        "produces: [{}]\npaths: {{/a: {{get: {{responses: {{{}}}}}}}}}",
        types.join(", "),
        responses.join(", ")
    );
    let error = try_read(&document(&rest)).expect_err("it would have nine million media types");
    assert!(error.to_string().contains("Shorten `consumes` and `produces`"), "{error}");
}

/// Lint speaks of the source, and of each place once, however many media types share it.
#[test]
fn lint_reads_what_was_converted() {
    let document = read(SHOP);
    let lint = contract::lint(&document);
    assert!(!lint.findings.is_empty());
    let mut places = std::collections::HashSet::new();
    for finding in &lint.findings {
        assert!(!finding.place.pointer.contains("/content/"), "{finding:?}");
        assert!(places.insert((finding.rule.clone(), finding.place.clone(), finding.message.clone())), "{finding:?}");
    }
    assert!(places.iter().any(|(_, place, _)| place.pointer.starts_with("/definitions/")));
}
