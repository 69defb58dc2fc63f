//! Verdicts on operations and what they are made of that a hostile reader doubted: whether a change breaks, and nothing
//! more. Those on schemas stand in `verdicts.rs`.

mod common;

use common::{BREAKING, NONE, RISKY, Rows, SAFE, document, operation, read, worst};

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
    let mut table = Rows::default();
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
        table.same(&worst(&base, &revision), &level, format_args!("{base}\n{revision}"));
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
    let mut table = Rows::default();
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
            table.same(&worst(&make(&base), &make(&revision)), &level, format_args!("{base} → {revision}"));
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
    assert_eq!(findings[0].message, "`k` now takes other credentials");
}

#[test]
fn who_may_call() {
    let schemes =
        "s: {type: http, scheme: basic}, t: {type: http, scheme: basic}, k: {type: apiKey, name: n, in: query}";
    let oauth = |name: &str, token: &str| {
        let flow = format!("clientCredentials: {{tokenUrl: 'https://example.org/{token}', scopes: {{a: A, b: B}}}}");
        format!("{name}: {{type: oauth2, flows: {{{flow}}}}}")
    };
    let make = |security: &str, schemes: &str| {
        let components = format!("components: {{securitySchemes: {{{schemes}}}}}");
        document("3.1.0", &format!("paths: {{/a: {{get: {{security: [{security}], responses: {{}}}}}}}}\n{components}"))
    };
    let mut table = Rows::default();
    for (base, revision, level) in [
        // Two schemes that both documents know are two, however alike they are.
        (make("{s: []}", schemes), make("{t: []}", schemes), BREAKING),
        (make("{s: []}, {t: []}", schemes), make("{s: []}", schemes), BREAKING),
        (make("{s: []}", schemes), make("{s: []}, {t: []}", schemes), SAFE),
        (make("{s: []}", schemes), make("{s: [], t: []}", schemes), BREAKING),
        // One that got another name is the same.
        (make("{s: []}", "s: {type: http, scheme: basic}"), make("{t: []}", "t: {type: http, scheme: Basic}"), NONE),
        (make("{o: [a]}", &oauth("o", "token")), make("{p: [a]}", &oauth("p", "token")), NONE),
        (make("{o: [a]}", &oauth("o", "token")), make("{p: [a]}", &oauth("p", "other")), BREAKING),
        (make("{o: [a]}", &oauth("o", "token")), make("{o: [a]}", &oauth("o", "other")), RISKY),
        (make("{o: [a]}", &oauth("o", "token")), make("{o: [a, b]}", &oauth("o", "token")), BREAKING),
        // The usual repair: another kind with the same header
        (make("{b: []}", "b: {type: http, scheme: bearer}"), make("{b: []}", "b: {type: oauth2, flows: {}}"), RISKY),
        // With another name as well it may be anything.
        (
            make("{k: []}", "k: {type: apiKey, in: header, name: Authorization}"),
            make("{b: []}", "b: {type: http, scheme: bearer}"),
            BREAKING,
        ),
        (
            make("{b: []}", "b: {type: apiKey, in: header, name: Authorization}"),
            make("{b: []}", "b: {type: http, scheme: Bearer}"),
            RISKY,
        ),
        (
            make("{b: []}", "b: {type: apiKey, in: header, name: Authorization}"),
            make("{b: []}", "b: {type: http, scheme: basic}"),
            BREAKING,
        ),
        (
            make("{b: []}", "b: {type: apiKey, in: query, name: authorization}"),
            make("{b: []}", "b: {type: http, scheme: bearer}"),
            BREAKING,
        ),
        (
            make("{o: [a]}", &oauth("o", "token")),
            make("{p: [a]}", &oauth("p", "token").replace("b: B", "b: Other, c: C")),
            NONE,
        ),
        (make("{k: []}", schemes), make("{k: []}", &schemes.replace("name: n", "name: N")), BREAKING),
    ] {
        table.same(&worst(&base, &revision), &level, format_args!("{base} → {revision}"));
    }
    // A message doesn't show whose credential it is: nothing is claimed about it.
    let findings = contract::compare(&read(&make("{s: []}", schemes)), &read(&make("{t: []}", schemes)));
    assert!(findings[0].witness.is_none(), "{findings:?}");
    assert!(findings[0].unproven.as_ref().is_some_and(|why| why.contains("by which scheme")), "{findings:?}");
}

#[test]
fn parts_of_a_body() {
    let body = |media: &str, parts: &str, encoding: &str| {
        let schema = format!("schema: {{type: object, properties: {{{parts}}}}}");
        operation(&format!(
            "requestBody: {{content: {{{media}: {{{schema}, encoding: {{{encoding}}}}}}}}}, responses: {{}}"
        ))
    };
    let form = |encoding: &str| {
        body("multipart/form-data", "o: {type: object}, s: {type: string}, l: {type: array, items: {}}", encoding)
    };
    let mut table = Rows::default();
    for (base, revision, level) in [
        ("", "o: {contentType: application/json}, s: {contentType: text/plain}", NONE),
        ("l: {style: form}", "l: {style: form, explode: true}", NONE),
        ("s: {contentType: 'image/png'}", "s: {contentType: 'image/png, image/jpeg'}", SAFE),
        ("s: {contentType: 'image/png, image/jpeg'}", "s: {contentType: 'image/png'}", BREAKING),
        ("l: {style: form}", "l: {style: pipeDelimited, explode: false}", BREAKING),
        ("l: {explode: true}", "l: {explode: false}", BREAKING),
        ("s: {explode: true}", "s: {explode: false}", RISKY),
    ] {
        table.same(&worst(&form(base), &form(revision)), &level, format_args!("{base} → {revision}"));
    }
    let findings = contract::compare(&read(&form("")), &read(&form("o: {contentType: text/xml}")));
    let message = "`o` in the request body (multipart/form-data): encoding `contentType` changed from \
                   `application/json` to `text/xml`";
    assert_eq!(findings[0].message, message);
}

#[test]
fn addresses() {
    let servers = |servers: &str, paths: &str| document("3.1.0", &format!("servers: [{servers}]\npaths: {{{paths}}}"));
    let get = "{get: {responses: {}}}";
    let own = "{get: {servers: [{url: 'https://own.example.org'}], responses: {}}}";
    let mut table = Rows::default();
    for (base, revision, level) in [
        // A part of the address moves between the servers and the paths: clients call what they called.
        (
            servers("{url: 'https://example.org/v1'}", &format!("/a: {get}, '/b/{{id}}': {get}")),
            servers("{url: 'https://example.org'}", &format!("/v1/a: {get}, '/v1/b/{{name}}': {get}")),
            NONE,
        ),
        (
            servers("{url: /v1}, {url: 'https://example.org/v1/'}", &format!("/a: {get}")),
            servers("{url: /}, {url: 'https://example.org'}", &format!("/v1/a: {get}")),
            NONE,
        ),
        (servers("{url: /v1}", &format!("/a: {get}")), document("3.1.0", &format!("paths: {{/v1/a: {get}}}")), NONE),
        (
            servers("{url: /v1}", &format!("/a: {get}, /b: {get}")),
            servers("{url: /}", &format!("/v1/a: {get}")),
            BREAKING,
        ),
        (servers("{url: /v1}", &format!("/a: {get}")), servers("{url: /v2}", &format!("/a: {get}")), RISKY),
        (document("3.1.0", &format!("paths: {{/a: {get}}}")), servers("{url: /v2}", &format!("/a: {get}")), RISKY),
        // An operation with servers of its own has its own address.
        (
            servers("{url: /v1}", &format!("/a: {get}, /b: {own}, /c: {get}")),
            servers("{url: /}", &format!("/v1/a: {get}, /b: {own}, /v1/c: {get}")),
            NONE,
        ),
        // Scheme and host in another case, and the port that the scheme implies
        (
            servers("{url: 'https://Example.org:443/v1'}, {url: 'http://{Host}.org/'}", &format!("/a: {get}")),
            servers("{url: 'HTTPS://example.org/v1/'}, {url: 'http://{Host}.ORG:80'}", &format!("/a: {get}")),
            NONE,
        ),
        (
            servers("{url: 'https://example.org:80/a'}", &format!("/a: {get}")),
            servers("{url: 'https://example.org/a'}", &format!("/a: {get}")),
            RISKY,
        ),
        (
            servers("{url: 'https://example.org/a'}", &format!("/a: {get}")),
            servers("{url: 'https://example.org/A'}", &format!("/a: {get}")),
            RISKY,
        ),
        (
            servers("{url: 'https://User@example.org?Tenant=A'}", &format!("/a: {get}")),
            servers("{url: 'https://User@EXAMPLE.org?Tenant=A'}", &format!("/a: {get}")),
            NONE,
        ),
        (
            servers("{url: 'https://example.org?tenant=A'}", &format!("/a: {get}")),
            servers("{url: 'https://example.org?tenant=a'}", &format!("/a: {get}")),
            RISKY,
        ),
        (
            servers("{url: 'https://User@example.org'}", &format!("/a: {get}")),
            servers("{url: 'https://user@example.org'}", &format!("/a: {get}")),
            RISKY,
        ),
        // The servers of each operation become the document's, whatever nobody was called at before.
        (
            servers("{url: 'https://unused.example.org'}", &format!("/b: {own}")),
            servers("{url: 'https://own.example.org'}", &format!("/b: {get}")),
            NONE,
        ),
        // A server that no operation is called at
        (
            servers("{url: 'https://example.org'}", &format!("/b: {own}")),
            servers("{url: 'https://example.com'}", &format!("/b: {own}")),
            NONE,
        ),
    ] {
        table.same(&worst(&base, &revision), &level, format_args!("{base} → {revision}"));
        let back = worst(&revision, &base);
        table.same(&(back == NONE), &(level == NONE), format_args!("{revision} → {base}"));
    }
    let swagger = |base_path: &str, path: &str| {
        format!(
            "swagger: '2.0'\ninfo: {{title: T, version: '1'}}\nbasePath: {base_path}\npaths: {{{path}: {{get: {{responses: {{200: {{description: ok}}}}}}}}}}\n"
        )
    };
    assert_eq!(worst(&swagger("/v1", "/a"), &swagger("/", "/v1/a")), NONE);
}

/// What real documents have although they shouldn't: told by lint, and compared as well as can be.
#[test]
fn odd_documents() {
    let get = |path: &str, limit: u32| {
        let name = path.rsplit('{').next().unwrap_or_default().trim_end_matches('}').to_owned();
        let parameter =
            format!("{{name: {name}, in: path, required: true, schema: {{type: string, maxLength: {limit}}}}}");
        format!("'{path}': {{get: {{parameters: [{parameter}], responses: {{}}}}}}")
    };
    let paths = |paths: &[String]| document("3.1.0", &format!("paths: {{{}}}", paths.join(", ")));
    let both = paths(&[get("/a/{x}", 9), get("/a/{y}", 5)]);
    let mut table = Rows::default();
    for (base, revision, level) in [
        // Two paths that differ by the names of parameters only: each is the one that is written alike.
        (both.clone(), paths(&[get("/a/{y}", 5), get("/a/{x}", 9)]), NONE),
        (both.clone(), paths(&[get("/a/{x}", 9), get("/a/{z}", 5)]), NONE),
        (both.clone(), paths(&[get("/a/{x}", 8), get("/a/{y}", 5)]), BREAKING),
        // What is left takes the same requests.
        (both, paths(&[get("/a/{x}", 9)]), RISKY),
    ] {
        table.same(&worst(&base, &revision), &level, format_args!("{base} → {revision}"));
    }
    let answer = |content: &str| operation(&format!("responses: {{200: {{content: {{{content}}}}}}}"));
    let (utf8, plain) = ("'application/json; charset=utf-8': {schema: {type: string}}", "application/json: {}");
    // The same media type twice, with and without what JSON is anyway
    let twice = answer(&format!("{utf8}, {plain}"));
    let mut table = Rows::default();
    for revision in [answer(&format!("{plain}, {utf8}")), answer(&format!("{utf8}, {plain}"))] {
        table.same(&worst(&twice, &revision), &NONE, format_args!("{revision}"));
    }
    assert_eq!(worst(&answer(utf8), &twice), BREAKING, "without a charset it may be anything");
    let quoted = "'application/json; charset=\"utf-8\"': {schema: {type: string}}";
    assert_eq!(worst(&answer(utf8), &answer(quoted)), NONE);
    // Each of a range was promised to be what the range is.
    let (any, text, number) = (
        "'*/*': {schema: {type: string}}",
        "application/json: {schema: {type: string}}",
        "application/cbor: {schema: {type: integer}}",
    );
    let mut table = Rows::default();
    for content in [format!("{text}, {number}"), format!("{number}, {text}"), format!("{any}, {number}")] {
        table.same(&worst(&answer(any), &answer(&content)), &BREAKING, format_args!("{content}"));
    }
    // Parts that contradict each other, in whatever order
    let parts = |first: &str, second: &str| format!("components: {{schemas: {{{first}, {second}}}}}");
    let (one, two) = (
        "A: {properties: {p: {default: 1, xml: {name: a}, discriminator: {propertyName: a}}}}",
        "B: {properties: {p: {default: 2, xml: {name: b}, discriminator: {propertyName: b}}}}",
    );
    let whole = "paths: {/a: {post: {requestBody: {content: {application/json: {schema: {allOf: [{$ref: \
                 '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}}}}, responses: {}}}}\n";
    let (first, second) = (whole.to_owned() + &parts(one, two), whole.to_owned() + &parts(two, one));
    assert_eq!(worst(&document("3.1.0", &first), &document("3.1.0", &second)), NONE);
}
