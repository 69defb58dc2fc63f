//! Documents that are small on the wire and were costly to read: each of these took minutes or gigabytes once. There
//! are no clocks here: a test that takes longer than the runner allows has failed.

mod common;

use common::{compare_with, document, operation, read, response};
use contract::{Options, compare};
use shared::{Finding, Level};
use std::{collections::HashSet, fmt::Write as _};

/// Items as a list without its brackets.
fn listed(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(", ")
}

#[test]
fn merge_keys_of_many_members() {
    let keys = listed(100_000, |i| format!("k{i}: 0"));
    let mine = listed(50_000, |i| format!("k{}: 1", 2 * i));
    let source = document("3.1.0", &format!("paths: {{}}\nx-a: {{<<: {{{keys}}}}}\nx-b: {{<<: {{{keys}}}, {mine}}}"));
    assert_eq!(read(&source).info().title, "T");
}

/// Schemas that are nothing but references to the next; the last one is what the text says.
fn chain(length: usize, last: &str) -> String {
    let mut schemas = String::new();
    for i in 0..length {
        // Writing to a string can't fail.
        let _ = writeln!(schemas, "    S{i}: {{$ref: '#/components/schemas/S{}'}}", i + 1);
    }
    format!("components:\n  schemas:\n{schemas}    S{length}: {last}\n")
}

#[test]
fn chains_of_references_are_followed_once() {
    let rest = format!("paths: {{}}\n{}", chain(100_000, "{type: string}"));
    let document = read(&document("3.1.0", &rest));
    let kinds: HashSet<String> = document.schemas().into_iter().map(|schema| schema.kind).collect();
    assert_eq!(kinds, HashSet::from(["string".to_owned()]));
    for name in ["S0", "S7", "S99998", "S99999", "S100000"] {
        assert_eq!(document.schema(name).expect("it is there").types, ["string"], "{name}");
    }
}

#[test]
fn parameters_by_the_thousand() {
    let parameters = listed(40_000, |i| format!("{{name: p{i}, in: query}}"));
    let document = read(&operation(&format!("parameters: [{parameters}], responses: {{}}")));
    let key = document.operations()[0].key.clone();
    assert!(!document.operation(&key).expect("it is there").parameters.is_empty());
}

#[test]
fn a_member_of_a_large_object_is_found() {
    let schemas = listed(1_000, |i| format!("s{i}: {{title: t{i}}}"));
    let document = read(&document("3.1.0", &format!("paths: {{}}\ncomponents: {{schemas: {{{schemas}}}}}")));
    for i in [0, 1, 31, 32, 33, 500, 999] {
        let schema = document.schema(&format!("s{i}")).expect("it is there");
        assert_eq!(schema.title.as_deref(), Some(format!("t{i}").as_str()));
    }
    assert!(document.schema("s").is_none() && document.schema("s1000").is_none());
}

/// What comparing two sources finds, and the last of it, which says what is missing.
fn incomplete(base: &str, revision: &str) -> (Vec<Finding>, Finding) {
    let mut findings = compare(&read(base), &read(revision));
    let last = findings.pop().expect("there is something");
    assert_eq!(last.rule, "comparison-incomplete", "{last:?}");
    (findings, last)
}

/// Operations that each answer with the same schema.
fn sharing(operations: usize, schema: &str) -> String {
    let mut rest = String::from("paths:\n");
    for i in 0..operations {
        let _ = writeln!(rest, "  /p{i}: {{get: {{responses: {{$ref: '#/x-responses'}}}}}}");
    }
    let body = "{200: {content: {a/b: {schema: {$ref: '#/components/schemas/S'}}}}}";
    let rest = rest.replace("{$ref: '#/x-responses'}", body);
    document("3.1.0", &format!("{rest}components: {{schemas: {{S: {schema}}}}}"))
}

#[test]
fn many_operations_that_share_many_changes() {
    let schema = |kind: &str| format!("{{properties: {{{}}}}}", listed(5_000, |i| format!("p{i}: {{type: {kind}}}")));
    let (findings, last) = incomplete(&sharing(5_000, &schema("string")), &sharing(5_000, &schema("integer")));
    assert_eq!(findings.len(), 20_000);
    assert!(findings.iter().all(|finding| finding.level == Level::Breaking));
    assert_eq!(last.level, Level::Breaking);
    // 20 operations hear of each of 5,000 changes, and there is a word about the others.
    assert!(
        last.message.starts_with("85000 more differences are not listed: 85000 breaking, 0 risky"),
        "{}",
        last.message
    );
    assert!(last.message.contains("operations were not looked through to the end."), "{}", last.message);
}

#[test]
fn long_chains_of_changed_schemas() {
    let chain = |kind: &str| {
        let mut schemas = String::new();
        for i in 0..20_000 {
            let next = format!("{{$ref: '#/components/schemas/S{}'}}", i + 1);
            let _ = writeln!(schemas, "    S{i}: {{properties: {{n{i}: {next}, own: {{type: {kind}}}}}}}");
        }
        let rest =
            "paths: {/a: {get: {responses: {200: {content: {a/b: {schema: {$ref: '#/components/schemas/S0'}}}}}}}}";
        document("3.1.0", &format!("{rest}\ncomponents:\n  schemas:\n{schemas}    S20000: {{}}"))
    };
    let findings = compare(&read(&chain("string")), &read(&chain("integer")));
    assert_eq!(findings.len(), 20_000);
    assert!(findings.iter().all(|finding| finding.message.len() < 200));
    let (third, far) = (&findings[2].message, &findings[15_000].message);
    assert_eq!(third, "`n0.n1.own` in the 200 response: type changed from string to integer");
    let path = "`n0.n1.n2.n3.n4.n5.….n14995.n14996.n14997.n14998.n14999.own`";
    assert_eq!(*far, format!("{path} in the 200 response: type changed from string to integer"));
}

#[test]
fn what_a_message_quotes_is_cut() {
    let long = "x".repeat(100_000);
    let rows = [
        (response("3.1.0", "{}"), response("3.1.0", &format!("{{properties: {{{long}: {{}}}}}}"))),
        (response("3.1.0", "{type: string}"), response("3.1.0", &format!("{{type: string, pattern: {long}}}"))),
        (response("3.1.0", "{type: string}"), response("3.1.0", &format!("{{type: string, format: {long}}}"))),
        (response("3.1.0", "{}"), response("3.1.0", &format!("{{not: {{patternProperties: {{{long}: {{}}}}}}}}"))),
        (document("3.1.0", "paths: {}"), document("3.1.0", &format!("paths: {{/{long}: {{get: {{}}}}}}"))),
        (document("3.1.0", "paths: {}"), document("3.1.0", &format!("paths: {{}}\nservers: [{{url: {long}}}]"))),
        (document("3.1.0", "paths: {}"), document("3.1.0", &format!("paths: {{}}\nwebhooks: {{{long}: {{}}}}"))),
        (operation("parameters: []"), operation(&format!("parameters: [{{name: {long}, in: query}}]"))),
        (operation("security: []"), operation(&format!("security: [{{{long}: [{long}]}}]"))),
        (operation("operationId: a"), operation(&format!("operationId: {long}"))),
        (operation("responses: {}"), operation(&format!("responses: {{{long}: {{}}}}"))),
        (operation("callbacks: {}"), operation(&format!("callbacks: {{{long}: {{{long}: {{}}}}}}"))),
        (operation("requestBody: {content: {}}"), operation(&format!("requestBody: {{content: {{{long}: {{}}}}}}"))),
    ];
    for (base, revision) in rows {
        let findings = compare(&read(&base), &read(&revision));
        assert!(!findings.is_empty(), "{}", &revision[..150]);
        for finding in findings {
            assert!(finding.message.len() < 1_000, "{} {}", finding.rule, finding.message.len());
        }
    }
}

/// What stands around a list, and what is in it.
type Repeated = (&'static str, fn(usize) -> String);

#[test]
fn lists_that_both_sides_have_in_another_order() {
    let last = 30_000;
    let rows: [Repeated; 6] = [
        ("parameters: [LIST]", |i| format!("{{name: p{i}, in: header}}")),
        ("requestBody: {content: {LIST}}", |i| format!("a/t{i}: {{}}")),
        ("responses: {LIST}", |i| format!("s{i}: {{}}")),
        ("responses: {200: {headers: {LIST}}}", |i| format!("h{i}: {{}}")),
        ("callbacks: {LIST}", |i| format!("c{i}: {{e: {{}}}}")),
        ("requestBody: {content: {a/b: {schema: {patternProperties: {LIST}}}}}", |i| format!("p{i}: {{maxLength: 9}}")),
    ];
    for (around, item) in rows {
        let base = operation(&around.replace("LIST", &listed(last, item)));
        let revision = operation(&around.replace("LIST", &listed(last, |i| item(last - i))));
        let mut rules: Vec<_> =
            compare(&read(&base), &read(&revision)).into_iter().map(|finding| finding.rule).collect();
        rules.sort();
        assert_eq!(rules.len(), 2, "{around}: {rules:?}");
    }
    let servers = |shift: usize| {
        document("3.1.0", &format!("paths: {{}}\nservers: [{}]", listed(last, |i| format!("{{url: u{}}}", i + shift))))
    };
    assert_eq!(compare(&read(&servers(0)), &read(&servers(1))).len(), 2);
}

#[test]
fn schemas_of_many_parts_are_compared_whole_or_said_not_to_be() {
    let parts = |last: &str| {
        let parts = listed(300, |i| if i == 299 { last.to_owned() } else { format!("{{title: t{i}}}") });
        response("3.1.0", &format!("{{allOf: [{parts}]}}"))
    };
    let (base, revision) = (read(&parts("{type: string}")), read(&parts("{type: integer}")));
    let findings = compare(&base, &revision);
    assert!(matches!(&findings[..], [found] if found.rule == "response-type-changed"), "{findings:?}");
    let findings = compare_with(&base, &revision, &Options::default().steps(500));
    let [last] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!((last.rule.as_ref(), last.level), ("comparison-incomplete", Level::Breaking));
    assert!(last.message.contains("1 schemas are put together from too many parts"), "{}", last.message);
    let document = read(&parts("{type: string}"));
    assert_eq!(compare(&document, &document), []);
}

#[test]
fn schemas_that_share_a_huge_part() {
    let schema = |kind: &str| {
        let huge = listed(20_000, |i| format!("p{i}: {{type: {kind}}}"));
        let sharing = listed(5_000, |i| format!("q{i}: {{allOf: [{{$ref: '#/components/schemas/H'}}, {{title: t}}]}}"));
        let rest =
            "paths: {/a: {get: {responses: {200: {content: {a/b: {schema: {$ref: '#/components/schemas/A'}}}}}}}}";
        let schemas = format!("H: {{properties: {{{huge}}}}}, A: {{properties: {{{sharing}}}}}");
        document("3.1.0", &format!("{rest}\ncomponents: {{schemas: {{{schemas}}}}}"))
    };
    let (_, last) = incomplete(&schema("string"), &schema("integer"));
    assert!(last.message.contains("too many parts"), "{}", last.message);
}

#[test]
fn cycles_that_meet_in_many_pairs() {
    let cycle = |length: usize| {
        let rest =
            "paths: {/a: {get: {responses: {200: {content: {a/b: {schema: {$ref: '#/components/schemas/S0'}}}}}}}}";
        let next = |i| format!("S{i}: {{properties: {{n: {{$ref: '#/components/schemas/S{}'}}}}}}", (i + 1) % length);
        document("3.1.0", &format!("{rest}\ncomponents: {{schemas: {{{}}}}}", listed(length, next)))
    };
    let (findings, last) = incomplete(&cycle(9_999), &cycle(10_000));
    assert_eq!(findings, []);
    assert!(last.message.contains("pairs of schemas were not compared"), "{}", last.message);
}

#[test]
fn operations_that_share_a_huge_path_item() {
    let shared = |kind: &str| {
        let parameters = listed(5_000, |i| format!("{{name: p{i}, in: query, schema: {{type: {kind}}}}}"));
        let paths = listed(5_000, |i| format!("/p{i}: {{$ref: '#/x-item'}}"));
        document("3.1.0", &format!("paths: {{{paths}}}\nx-item: {{parameters: [{parameters}], get: {{}}}}"))
    };
    let (findings, last) = incomplete(&shared("string"), &shared("integer"));
    assert_eq!(findings.len(), 20_000);
    assert!(last.message.contains("lists of parameters, headers, media types or the like"), "{}", last.message);
}

/// What many operations share is looked at once, or as often as a bound lets it; without either, these take minutes.
#[test]
fn what_many_operations_share_and_one_part_changed() {
    let operations =
        |count: usize, inside: &str| listed(count, |i| format!("/p{i}: {{get: {{{inside}responses: {{}}}}}}"));
    let list = |count: usize, prefix: &str| (0..count).map(|i| format!("{prefix}{i}")).collect::<Vec<_>>().join(", ");
    let values = |last: &str| {
        let values = format!("{}, {last}", list(40_000, "v"));
        document(
            "3.1.0",
            &format!("paths: {{}}\nservers: [{{url: '/{{v}}', variables: {{v: {{default: v0, enum: [{values}]}}}}}}]"),
        )
    };
    let scheme = |name: &str| {
        let scopes = listed(4_000, |i| format!("s{i}: d"));
        let flows = format!("{{clientCredentials: {{tokenUrl: u, scopes: {{{scopes}}}}}}}");
        let security = format!("security: [{{{name}: []}}], ");
        let paths = operations(4_000, &security);
        document(
            "3.1.0",
            &format!(
                "paths: {{{paths}}}\ncomponents: {{securitySchemes: {{{name}: {{type: oauth2, flows: {flows}}}}}}}"
            ),
        )
    };
    let parts = |kind: &str| {
        let headers = listed(4_000, |i| format!("h{i}: {{}}"));
        let encoding = format!("{{p: {{contentType: {kind}, headers: {{{headers}}}}}}}");
        let body = format!("B: {{content: {{multipart/form-data: {{encoding: {encoding}}}}}}}");
        let shared = "requestBody: {$ref: '#/components/requestBodies/B'}, ";
        document(
            "3.1.0",
            &format!("paths: {{{}}}\ncomponents: {{requestBodies: {{{body}}}}}", operations(4_000, shared)),
        )
    };
    let anchors = |last: &str| {
        let schemas = listed(20_000, |i| format!("S{i}: {{$anchor: x, items: {{$dynamicRef: '#x'}}}}"));
        let last = format!("L: {{$dynamicAnchor: x, type: {last}}}");
        document("3.1.0", &format!("paths: {{}}\ncomponents: {{schemas: {{{schemas}, {last}}}}}"))
    };
    for (base, revision) in [
        (values("a"), values("b")),
        (scheme("a"), scheme("b")),
        (parts("a/b"), parts("a/c")),
        (anchors("string"), anchors("integer")),
    ] {
        let findings = compare(&read(&base), &read(&revision));
        assert!(findings.len() < 20_000, "{}", findings.len());
    }
    // The address of each operation is no copy of what all share.
    let url = "x".repeat(100_000);
    let long = |end: &str| {
        document("3.1.0", &format!("servers: [{{url: 'https://a/{url}{end}'}}]\npaths: {{{}}}", operations(5_000, "")))
    };
    assert_eq!(compare(&read(&long("1")), &read(&long("2"))).len(), 2);
}

/// Schemas that lead to one another, and operations that answer with each of the first few.
fn web(count: usize, schema: impl Fn(usize) -> String) -> String {
    let mut rest = String::from("paths:\n");
    for i in 0..count.min(50) {
        let body = format!("{{application/json: {{schema: {{$ref: '#/components/schemas/S{i}'}}}}}}");
        let _ = writeln!(
            rest,
            "  /p{i}: {{post: {{requestBody: {{content: {body}}}, responses: {{200: {{content: {body}}}}}}}}}"
        );
    }
    rest.push_str("components:\n  schemas:\n");
    for i in 0..count {
        let _ = writeln!(rest, "    S{i}: {}", schema(i));
    }
    document("3.1.0", &rest)
}

/// Schemas by what is costly about them, the number of the schema, how many there are, and the type that changes.
type Costly = (&'static str, fn(usize, usize, &str) -> String);

#[test]
fn costly_documents_end() {
    fn to(index: usize, count: usize) -> String {
        format!("{{$ref: '#/components/schemas/S{}'}}", index % count)
    }
    let rows: [Costly; 9] = [
        ("members upon members that are needed", |i, n, kind| {
            format!(
                "{{type: object, minProperties: 30, additionalProperties: {}, properties: {{x: {{type: {kind}}}}}}}",
                to(i + 1, n)
            )
        }),
        ("required members without end", |i, n, kind| {
            let members = listed(10, |j| format!("p{j}: {}", to(7 * i + 13 * j + 1, n)));
            let names = listed(10, |j| format!("p{j}"));
            format!("{{type: object, required: [{names}, x], properties: {{{members}, x: {{type: {kind}}}}}}}")
        }),
        ("items that differ", |i, n, kind| {
            let (next, other) = (to(i + 1, n), to(i + 7, n));
            format!(
                "{{type: array, minItems: 30, uniqueItems: true, items: {{oneOf: [{next}, {other}, {{type: {kind}}}]}}}}"
            )
        }),
        ("alternatives of alternatives", |i, n, kind| {
            format!("{{anyOf: [{}, {{type: {kind}}}, {{type: object}}]}}", listed(12, |j| to(5 * i + j + 1, n)))
        }),
        ("parts of parts", |i, n, kind| {
            format!("{{allOf: [{}], properties: {{p{i}: {{type: {kind}}}}}}}", listed(20, |j| to(3 * i + j + 1, n)))
        }),
        ("patterns that repeat nothing", |_, _, kind| {
            let pattern = if kind == "string" { "^((b?){1000000}){1000000}$" } else { "^((c?){1000000}){1000000}$" };
            format!("{{type: object, properties: {{x: {{type: {kind}}}, p: {{type: string, pattern: '{pattern}'}}}}}}")
        }),
        ("patterns that are large", |i, _, kind| {
            let pattern = format!("^([a-z]{{1,{}}}[0-9]?){{1,40}}{kind}$", 20 + i % 80);
            format!("{{type: object, properties: {{x: {{type: {kind}}}, p: {{type: string, pattern: '{pattern}'}}}}}}")
        }),
        ("much that must not be", |i, _, kind| {
            let with = listed(200, |j| format!("{{not: {{const: {kind}{j}{i}}}}}"));
            format!("{{allOf: [{with}]}}")
        }),
        ("long lists of values", |i, _, kind| format!("{{enum: [{}]}}", listed(500, |j| format!("{kind}{j}{i}")))),
    ];
    for (what, schema) in rows {
        let count = 300;
        let (base, revision) =
            (read(&web(count, |i| schema(i, count, "string"))), read(&web(count, |i| schema(i, count, "integer"))));
        // As many steps as there are, and too few.
        for options in [Options::default(), Options::default().steps(50_000)] {
            let findings = compare_with(&base, &revision, &options);
            assert!(findings.iter().any(|finding| finding.level == Level::Breaking), "{what}");
        }
    }
}
