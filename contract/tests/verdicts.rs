//! Verdicts that a hostile reader doubted: whether a change breaks, and nothing more.

mod common;

use common::{document, operation, read, request, response};
use shared::Level;

/// The worst level of what was found.
fn worst(base: &str, revision: &str) -> Option<Level> {
    contract::compare(&read(base), &read(revision)).into_iter().map(|finding| finding.level).max()
}

const NONE: Option<Level> = None;
const SAFE: Option<Level> = Some(Level::Safe);
const RISKY: Option<Level> = Some(Level::Risky);
const BREAKING: Option<Level> = Some(Level::Breaking);

#[test]
fn schemas() {
    for (base, revision, sent, received) in [
        // Listed values are judged by themselves, whatever keywords they take the place of.
        ("{type: string, maxLength: 10}", "{type: string, enum: [A, B]}", BREAKING, SAFE),
        ("{type: string, enum: [A, B]}", "{type: string, minLength: 1, maxLength: 10}", SAFE, RISKY),
        ("{type: integer, minimum: 1}", "{enum: [1, 2]}", BREAKING, SAFE),
        ("{type: 'null'}", "{enum: [null, b]}", SAFE, BREAKING),
        ("{type: boolean}", "{type: boolean, enum: [true, false]}", NONE, NONE),
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
            "{type: string, allOf: [{format: x}, {format: uuid}]}",
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
        // Formats
        ("{type: integer, format: int64}", "{type: number, format: double}", SAFE, BREAKING),
        ("{type: string, format: email}", "{type: string, format: idn-email}", SAFE, BREAKING),
        ("{type: string}", "{type: string, format: password}", NONE, NONE),
    ] {
        assert_eq!(worst(&request("3.1.0", base), &request("3.1.0", revision)), sent, "request {base} → {revision}");
        let found = worst(&response("3.1.0", base), &response("3.1.0", revision));
        assert_eq!(found, received, "response {base} → {revision}");
    }
}

#[test]
fn messages() {
    let body = |content: &str| operation(&format!("requestBody: {{content: {{{content}}}}}, responses: {{}}"));
    let answer = |responses: &str| operation(&format!("responses: {{{responses}}}"));
    let parameter = |rest: &str| operation(&format!("parameters: [{{name: q, {rest}}}], responses: {{}}"));
    let xml = |media_type: &str, property: &str| {
        let schema = format!("{{type: object, properties: {{p: {property}}}}}");
        answer(&format!("200: {{content: {{{media_type}: {{schema: {schema}}}}}}}"))
    };
    let text = "{schema: {type: string, maxLength: 5}}";
    for (base, revision, level) in [
        // A media type of a range that was taken as a whole before
        (
            body(&format!("'*/*': {text}")),
            body(&format!("'*/*': {text}, application/json: {{schema: {{type: string, maxLength: 3}}}}")),
            BREAKING,
        ),
        (body(&format!("'*/*': {text}")), body(&format!("'*/*': {text}, application/json: {text}")), SAFE),
        // One of a range that was promised as a whole
        (
            answer(&format!("200: {{content: {{application/*: {text}}}}}")),
            answer(&format!("200: {{content: {{application/json: {text}}}}}")),
            SAFE,
        ),
        (
            answer(&format!("2XX: {{content: {{application/json: {text}}}}}")),
            answer(&format!("200: {{content: {{application/json: {text}}}}}")),
            SAFE,
        ),
        (
            answer(&format!("2XX: {{content: {{application/json: {text}}}}}")),
            answer("200: {content: {application/json: {schema: {type: integer}}}}"),
            BREAKING,
        ),
        (answer("2XX: {}, éXX: {}, XX: {}"), answer("2XX: {}, 200: {}"), SAFE),
        // What `explode` can't show
        (
            parameter("in: header, schema: {type: array}"),
            parameter("in: header, explode: true, schema: {type: array}"),
            NONE,
        ),
        (
            parameter("in: query, style: deepObject, schema: {type: object}"),
            parameter("in: query, style: deepObject, explode: true, schema: {type: object}"),
            NONE,
        ),
        (
            parameter("in: query, schema: {type: string}"),
            parameter("in: query, style: pipeDelimited, schema: {type: string}"),
            NONE,
        ),
        (
            parameter("in: query, schema: {type: array}"),
            parameter("in: query, style: pipeDelimited, schema: {type: array}"),
            BREAKING,
        ),
        // What is only seen in XML
        (xml("text/xml", "{type: string}"), xml("text/xml", "{type: string, xml: {attribute: true}}"), BREAKING),
        (xml("application/a+xml", "{xml: {name: q}}"), xml("application/a+xml", "{xml: {name: r}}"), BREAKING),
        (xml("text/xml", "{type: string}"), xml("text/xml", "{type: string, xml: {name: p, wrapped: false}}"), NONE),
        (xml("application/json", "{}"), xml("application/json", "{xml: {name: r}}"), NONE),
        // Where nothing has parts
        (
            body("application/json: {encoding: {p: {contentType: a/b}}}"),
            body("application/json: {encoding: {p: {contentType: c/d}}}"),
            NONE,
        ),
    ] {
        assert_eq!(worst(&base, &revision), level, "{base}\n{revision}");
    }
}

/// What the service sends itself is a promise, and what it is answered is asked for.
#[test]
fn callbacks_and_webhooks() {
    let webhook = |members: &str| document("3.1.0", &format!("webhooks: {{w: {{post: {{{members}}}}}}}"));
    let shared = |members: &str| document("3.1.0", &format!("webhooks: {{w: {{{members}, post: {{}}}}}}"));
    let callback = |members: &str| {
        operation(&format!("responses: {{}}, callbacks: {{c: {{'{{$request.body#/u}}': {{post: {{{members}}}}}}}}}"))
    };
    let sent = |rest: &str| format!("parameters: [{{name: X-S, in: header, {rest}}}]");
    let answered = |rest: &str| format!("responses: {{200: {{headers: {{X-S: {{{rest}}}}}}}}}");
    let string = "required: true, schema: {type: string, maxLength: 5}";
    for make in [&webhook as &dyn Fn(&str) -> String, &callback] {
        for (base, revision, level) in [
            (sent(string), "responses: {}".to_owned(), BREAKING),
            (sent("schema: {type: string}"), "responses: {}".to_owned(), RISKY),
            ("responses: {}".to_owned(), sent(string), SAFE),
            (sent(string), sent("schema: {type: string, maxLength: 5}"), BREAKING),
            (sent("schema: {type: string, maxLength: 5}"), sent(string), SAFE),
            (sent(string), sent("required: true, schema: {type: string, maxLength: 9}"), BREAKING),
            (sent(string), sent("required: true, schema: {type: string, maxLength: 3}"), SAFE),
            (sent("required: true, schema: {}"), sent("required: true"), NONE),
            ("responses: {200: {}}".to_owned(), answered("required: true"), BREAKING),
            ("responses: {200: {}}".to_owned(), answered("required: false"), SAFE),
            (answered("required: false"), answered("required: true"), BREAKING),
            (answered("required: true"), answered("required: false"), SAFE),
            (answered("required: true"), "responses: {200: {}}".to_owned(), SAFE),
        ] {
            assert_eq!(worst(&make(&base), &make(&revision)), level, "{base} → {revision}");
        }
    }
    assert_eq!(worst(&shared(&sent(string)), &shared("summary: s")), BREAKING);
}

#[test]
fn schemes() {
    let key = |place: &str, used: &str| {
        let components = format!("components: {{securitySchemes: {{k: {{type: apiKey, name: a, in: {place}}}}}}}");
        document("3.1.0", &format!("paths: {{/a: {{get: {{{used}responses: {{}}}}}}}}\n{components}"))
    };
    assert_eq!(worst(&key("header", ""), &key("query", "")), SAFE, "nothing asks for it");
    let used = "security: [{k: []}], ";
    let (base, revision) = (read(&key("header", used)), read(&key("query", used)));
    let findings = contract::compare(&base, &revision);
    let told: Vec<_> = findings.iter().map(|finding| (finding.rule.as_ref(), finding.operation.is_some())).collect();
    assert_eq!(told, [("security-alternative-removed", true), ("security-scheme-changed", false)]);
    assert_eq!(findings[0].message, "GET /a lets in with `k`, which is sent in another way now.");
}
