//! Kinds of fault that were reported of tools like this one, each with a small pair of documents and the right answer.

mod common;

use common::{document, operation, read};
use contract::compare;
use shared::{Finding, Level};

/// What a finding says about a message, if it has one: who accepts it, and how it begins.
fn told(finding: &Finding) -> String {
    let level = finding.level;
    match (&finding.witness, &finding.unproven) {
        (Some(witness), _) => format!("{}@{level} {}", finding.rule, witness.start_line),
        (None, Some(why)) => format!("{}@{level} {why}", finding.rule),
        (None, None) => format!("{}@{level}", finding.rule),
    }
}

#[test]
fn what_another_part_of_the_contract_accepts_is_not_breaking() {
    const ACCEPTED: &str = "the other contract accepts the same message by another of its parts";
    let paths = |paths: &str| document("3.1.0", &format!("paths: {{{paths}}}"));
    let get = "get: {responses: {200: {description: ok}}}";
    let by_id = |schema: &str| {
        format!("'/pets/{{id}}': {{parameters: [{{name: id, in: path, required: true, schema: {schema}}}], {get}}}")
    };
    let any = |schema: &str| {
        let parameter =
            |name: &str, schema: &str| format!("{{name: {name}, in: path, required: true, schema: {schema}}}");
        let parameters = [parameter("kind", "{type: string}"), parameter("key", schema)].join(", ");
        format!("'/{{kind}}/{{key}}': {{parameters: [{parameters}], {get}}}")
    };
    let mine = format!("/pets/mine: {{{get}}}");
    let query = |parameters: &str| operation(&format!("parameters: [{parameters}], responses: {{}}"));
    let member = "{name: author, in: query, schema: {type: string}}";
    let object = "{name: filter, in: query, required: true, schema: {type: object, properties: {author: {type: string}}, required: [author]}}";
    let served = |url: &str, path: &str| document("3.1.0", &format!("servers: [{url}]\npaths: {{{path}: {{{get}}}}}"));
    let answers = |responses: &str| operation(&format!("responses: {{{responses}}}"));
    let json = |name: &str| format!("200: {{description: ok, content: {{{name}: {{schema: {{type: string}}}}}}}}");
    let mut wrong = Vec::new();
    for (what, base, revision, expected) in [
        (
            "a concrete path goes, the template stays",
            paths(&format!("{mine}, {}", by_id("{type: string}"))),
            paths(&by_id("{type: string}")),
            vec![format!("operation-removed@risky {ACCEPTED}")],
        ),
        (
            "a template that stays takes some of it",
            paths(&format!("{}, {}", by_id("{type: string, maxLength: 9}"), any("{type: string, maxLength: 5}"))),
            paths(&any("{type: string, maxLength: 5}")),
            vec!["operation-removed@breaking GET /pets/text-1 HTTP/1.1".to_owned()],
        ),
        (
            "the template that stays doesn't take it",
            paths(&format!("{mine}, {}", by_id("{type: integer}"))),
            paths(&by_id("{type: integer}")),
            vec!["operation-removed@breaking GET /pets/mine HTTP/1.1".to_owned()],
        ),
        (
            "a concrete path without the method comes first",
            paths(&format!("{mine}, {}", by_id("{type: string}"))),
            paths(&format!("/pets/mine: {{post: {{responses: {{}}}}}}, {}", by_id("{type: string}"))),
            vec!["operation-added@safe".to_owned(), "operation-removed@breaking GET /pets/mine HTTP/1.1".to_owned()],
        ),
        (
            "members of an exploded object are on the wire, its name isn't",
            query(&member.replace("schema", "required: true, schema")),
            query(object),
            vec!["parameter-removed@risky".to_owned(), format!("required-parameter-added@risky {ACCEPTED}")],
        ),
        (
            "a member that was never required",
            query(member),
            query(object),
            vec![
                "parameter-removed@risky".to_owned(),
                "required-parameter-added@breaking POST /a/{id} HTTP/1.1".to_owned(),
            ],
        ),
        (
            "a part of the address moves from a server's variable into the path",
            served("{url: 'https://a.example/{v}', variables: {v: {default: v1}}}", "/entry"),
            served("{url: 'https://a.example'}", "/v1/entry"),
            vec![],
        ),
        (
            "another value of the variable is gone",
            served("{url: 'https://a.example/{v}', variables: {v: {default: v1, enum: [v1, v2]}}}", "/entry"),
            served("{url: 'https://a.example'}", "/v1/entry"),
            vec!["server-added@safe".to_owned(), "server-removed@risky".to_owned()],
        ),
        (
            "it moves from the servers of a path into the path",
            paths(&format!("/entry: {{servers: [{{url: 'https://a.example/v1/'}}], {get}}}, {mine}")),
            paths(&format!("/v1/entry: {{servers: [{{url: 'https://a.example'}}], {get}}}, {mine}")),
            vec![],
        ),
        (
            "it moves from the servers of a path to those of the document",
            paths(&format!("/entry: {{servers: [{{url: 'https://a.example/v1'}}], {get}}}")),
            served("{url: 'https://a.example/v1'}", "/entry"),
            vec![],
        ),
        (
            "a status that `default` covers",
            answers("200: {description: ok}, default: {description: ok}"),
            answers("default: {description: ok}"),
            vec![format!("success-response-removed@risky {ACCEPTED}")],
        ),
        (
            "a media type that a range covers",
            answers(&json("application/json")),
            answers(&json("application/*")),
            vec!["response-media-type-added@safe".to_owned(), format!("response-media-type-removed@risky {ACCEPTED}")],
        ),
    ] {
        let mut found: Vec<String> = compare(&read(&base), &read(&revision)).iter().map(told).collect();
        found.sort();
        if found != expected {
            wrong.push(format!("{what}:\n  {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_part_that_must_be_sent_as_another_media_type_is_shown() {
    let schema = "{type: object, required: [about], properties: {about: {type: object}, file: {type: string}}}";
    let body = |media_type: &str, part: &str, types: &str| {
        let encoding = format!("encoding: {{{part}: {{contentType: '{types}'}}}}");
        let content = format!("{media_type}: {{schema: {schema}, {encoding}}}");
        operation(&format!("requestBody: {{required: true, content: {{{content}}}}}, responses: {{}}"))
    };
    let form = "multipart/form-data";
    let mut wrong = Vec::new();
    for (media_type, part, was, is, level, shown) in [
        (form, "about", "application/json", "application/xml", Level::Breaking, Some("about: application/json")),
        (form, "file", "image/png, image/jpeg", "image/jpeg", Level::Breaking, Some("file: image/png")),
        (form, "file", "image/*, text/csv", "image/*", Level::Breaking, Some("file: text/csv")),
        // The order means nothing, and a range covers what is in it.
        (form, "file", "image/png, image/jpeg", "image/jpeg,image/png,image/webp", Level::Safe, None),
        (form, "file", "image/png", "image/*", Level::Safe, None),
        // XML can't be made of an object here.
        (form, "about", "application/xml", "application/json", Level::Breaking, None),
        ("application/x-www-form-urlencoded", "about", "application/json", "application/xml", Level::Risky, None),
    ] {
        let findings = compare(&read(&body(media_type, part, was)), &read(&body(media_type, part, is)));
        let [finding] = &findings[..] else {
            wrong.push(format!("{part} {was} → {is}: {findings:#?}"));
            continue;
        };
        let (name, sent) = shown.unwrap_or_default().split_once(": ").unwrap_or_default();
        let text = finding.witness.as_ref().and_then(|witness| witness.body.clone()).unwrap_or_default();
        let mentions = text.contains(&format!("name=\"{name}\"\r\nContent-Type: {sent}\r\n"));
        if finding.level != level || finding.witness.is_some() != shown.is_some() || shown.is_some() != mentions {
            wrong.push(format!("{part} {was} → {is}: {finding:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A type that widens hides nothing that narrows beside it, and what was never limited breaks by a limit.
#[test]
fn what_narrows_beside_a_wider_type_is_told() {
    let mut wrong = Vec::new();
    for (base, revision, sent, received) in [
        (
            "{type: integer, format: int64}",
            "{type: [integer, string], format: int32}",
            "request-format-narrowed@breaking 2147483648",
            "response-type-widened@breaking \"text\"",
        ),
        (
            "{type: integer, maximum: 100}",
            "{type: [integer, string], maximum: 50}",
            "request-bound-tightened@breaking 51",
            "response-type-widened@breaking \"text\"",
        ),
        (
            "{type: [integer, string], format: int32}",
            "{type: integer, format: int64}",
            "request-type-narrowed@breaking \"text\"",
            "response-format-widened@breaking 2147483648",
        ),
        (
            "{type: string, maxLength: 5}",
            "{oneOf: [{type: string, maxLength: 5}, {type: integer}]}",
            "",
            "response-alternative-added@breaking 1",
        ),
        ("{type: integer}", "{type: integer, maximum: 50}", "request-bound-added@breaking 51", ""),
        ("{type: array, items: {}}", "{type: array, items: {}, minItems: 1}", "request-bound-added@breaking []", ""),
        (
            "{type: integer, maximum: 9223372036854775807}",
            "{type: integer, maximum: 9223372036854775806}",
            "request-bound-tightened@breaking 9223372036854775807",
            "",
        ),
    ] {
        for (wrap, expected) in [(common::request as fn(&str, &str) -> String, sent), (common::response, received)] {
            let findings = compare(&read(&wrap("3.1.0", base)), &read(&wrap("3.1.0", revision)));
            let worst = findings.first().filter(|finding| finding.level > Level::Safe);
            let body = |finding: &Finding| finding.witness.as_ref().and_then(|witness| witness.body.clone());
            let told = worst.map(|worst| format!("{}@{} {}", worst.rule, worst.level, body(worst).unwrap_or_default()));
            if told.as_deref().unwrap_or_default() != expected {
                wrong.push(format!("{base} → {revision}: {told:?} instead of {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A comma is a part of a text, and parts the items of a list in a path (RFC 6570, simple expansion).
#[test]
fn a_text_in_a_path_that_becomes_a_list_is_risky() {
    let mut wrong = Vec::new();
    for (schema, expected) in [
        ("{type: string}", Level::Risky),
        ("{type: string, enum: ['a,b']}", Level::Risky),
        ("{type: string, enum: [a, b]}", Level::Safe),
        ("{type: integer}", Level::Safe),
    ] {
        let path = |schema: &str| {
            let parameter = format!("{{name: id, in: path, required: true, schema: {schema}}}");
            document(
                "3.1.0",
                &format!("paths: {{'/a/{{id}}': {{parameters: [{parameter}], get: {{responses: {{}}}}}}}}"),
            )
        };
        let list = format!("{{type: array, items: {schema}}}");
        let found = compare(&read(&path(schema)), &read(&path(&list)));
        if found.iter().map(|finding| finding.level).max() != Some(expected) {
            wrong.push(format!("{schema}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A discriminator's values lead to schemas: components may be renamed, values may not.
#[test]
fn discriminators_are_values_and_not_names() {
    let pets = |cat: &str, discriminator: &str| {
        let component = |name: &str, own: &str| {
            format!(
                "{name}: {{type: object, required: [k, l], properties: {{k: {{type: string}}, l: {{type: string}}, {own}: {{type: string}}}}}}"
            )
        };
        let schema = format!(
            "{{oneOf: [{{$ref: '#/components/schemas/{cat}'}}, {{$ref: '#/components/schemas/Dog'}}], discriminator: {{{discriminator}}}}}"
        );
        document(
            "3.1.0",
            &format!(
                "paths: {{/a: {{post: {{requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}, responses: {{}}}}}}}}\n\
                 components: {{schemas: {{{}, {}}}}}",
                component(cat, "claws"),
                component("Dog", "bark")
            ),
        )
    };
    let mapping = |cat: &str| format!("propertyName: k, mapping: {{cat: '#/components/schemas/{cat}'}}");
    let rule = "request-discriminator-changed";
    let mut wrong = Vec::new();
    for (what, base, revision, expected) in [
        ("a component is renamed", pets("Cat", &mapping("Cat")), pets("Feline", &mapping("Feline")), None),
        ("a value is a name", pets("Cat", "propertyName: k"), pets("Feline", "propertyName: k"), Some(Level::Risky)),
        ("a value leads elsewhere", pets("Cat", &mapping("Cat")), pets("Cat", &mapping("Dog")), Some(Level::Risky)),
        ("another property", pets("Cat", "propertyName: k"), pets("Cat", "propertyName: l"), Some(Level::Breaking)),
        (
            "another property, which may be missing",
            pets("Cat", "propertyName: k"),
            pets("Cat", "propertyName: claws"),
            Some(Level::Risky),
        ),
    ] {
        let findings = compare(&read(&base), &read(&revision));
        let found = findings.iter().find(|finding| finding.rule == rule).map(|finding| finding.level);
        if found != expected {
            wrong.push(format!("{what}: {findings:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A contract in service must be comparable, also when it names two operations alike.
#[test]
fn repeated_operation_ids_of_the_old_contract_are_a_warning() {
    let twice = |ids: [&str; 2]| {
        let operation = |id: &str| format!("{{get: {{operationId: {id}, responses: {{}}}}}}");
        document("3.1.0", &format!("paths: {{/a: {}, /b: {}}}", operation(ids[0]), operation(ids[1])))
    };
    let (old, new) = (twice(["x", "x"]), twice(["x", "y"]));
    let limits = contract::Limits::default();
    assert!(contract::Document::read(old.as_bytes(), &limits).is_err());
    let old = contract::Document::read(old.as_bytes(), &limits.in_service()).expect("it is in service");
    let warnings: Vec<&str> = old.warnings().iter().map(|warning| warning.field.as_str()).collect();
    assert_eq!(warnings, ["/paths/~1b/get/operationId"]);
    let found = compare(&old, &read(&new));
    assert_eq!(found.iter().map(|finding| finding.rule.as_ref()).collect::<Vec<_>>(), ["operation-id-changed"]);
    // What can't be read at all stays refused.
    assert!(contract::Document::read(b"openapi: 3.1.0\npaths: []", &limits.in_service()).is_err());
}

#[test]
fn null_where_it_cannot_be_sent_is_no_difference() {
    for (place, more) in [("query", ""), ("header", ""), ("cookie", ""), ("path", ", required: true")] {
        let parameter = |types: &str| {
            let parameters = format!("[{{name: p, in: {place}, schema: {{type: {types}}}{more}}}]");
            let path = if place == "path" { "'/a/{p}'" } else { "/a" };
            document("3.1.0", &format!("paths: {{{path}: {{get: {{parameters: {parameters}, responses: {{}}}}}}}}"))
        };
        let (plain, nullable) = (read(&parameter("string")), read(&parameter("[string, 'null']")));
        assert_eq!(compare(&nullable, &plain), [], "{place}");
        assert_eq!(compare(&plain, &nullable), [], "{place}");
    }
}

/// A schema that describes members without a type says nothing about null, so that naming the type changes nothing there.
#[test]
fn null_where_no_type_is_named_is_no_difference() {
    let untyped = "{properties: {a: {type: string}}}";
    let typed = "{type: [object, 'null'], properties: {a: {type: string}}}";
    for (base, revision) in [(untyped, typed), (typed, untyped)] {
        for wrap in [common::request, common::response] {
            let (base, revision) = (read(&wrap("3.1.0", base)), read(&wrap("3.1.0", revision)));
            assert_eq!(compare(&base, &revision), []);
        }
    }
}

/// Keywords that say nothing about the type reject nothing (JSON Schema 2020-12, validation, section 6).
#[test]
fn keywords_of_another_type_break_nothing() {
    for schema in ["{type: string, minItems: N}", "{type: object, maximum: N}", "{type: array, maxLength: N}"] {
        let body = |n: &str| {
            let schema = schema.replace('N', n);
            operation(&format!("requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}, responses: {{}}"))
        };
        for (base, revision) in [("13", "14"), ("14", "13")] {
            let findings = compare(&read(&body(base)), &read(&body(revision)));
            assert!(findings.iter().all(|finding| finding.level < Level::Breaking), "{schema}: {findings:?}");
        }
    }
}
