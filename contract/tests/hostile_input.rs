//! What can't be read is refused with a sentence that says why, where, and what to do.

mod common;

use common::{document, read, try_read};
use contract::{Document, Limits, ReadErrorKind};
use std::fmt::Write as _;

/// The first problem of a source that is refused: line, column, message.
fn problem(source: &[u8]) -> (u32, u32, String) {
    let error = Document::read(source, &Limits::default()).expect_err("it is refused");
    assert_eq!(error.kind, ReadErrorKind::Invalid);
    let first = error.problems.first().expect("there is a problem");
    (first.line.expect("a line"), first.column.expect("a column"), first.message.clone())
}

/// Source, line, column, and a part of the message.
const SYNTAX: &[(&str, u32, u32, &str)] = &[
    ("", 1, 1, "The document is empty."),
    (" \n# nothing\n", 1, 1, "The document is empty."),
    ("{\"openapi\": \"3.1.0\",}", 1, 21, "Remove the trailing comma."),
    ("[1, 2,]", 1, 7, "Remove the trailing comma."),
    ("{\"a\": 1, // one\n}", 1, 10, "JSON has no comments."),
    ("{\"a\": /* one */ 1}", 1, 7, "JSON has no comments."),
    ("{\"a\": 01}", 1, 7, "numbers have no leading zeros."),
    ("{\"a\": 1.}", 1, 7, "a number lacks a digit"),
    ("{\"a\": 1 2}", 1, 9, "should come here, not `2`"),
    ("{\"a\": \"b}", 1, 7, "this string has no closing `\"`."),
    ("{\"a\": \"\\x\"}", 1, 8, "this escape is none of"),
    ("{\"a\": \"\\u12g4\"}", 1, 8, "four hexadecimal digits"),
    ("{\"a\": \"\\ud83d \"}", 1, 8, "half of a surrogate pair"),
    ("{\"a\": 1 # one\n}", 1, 9, "JSON has no comments."),
    ("{\"a\": .5}", 1, 7, "This isn't JSON:"),
    ("{\"a\": 0x1F}", 1, 7, "This isn't JSON:"),
    ("{\"a\": +1}", 1, 7, "This isn't JSON:"),
    ("{\"a\": NaN}", 1, 7, "`NaN` has no meaning here. A value is"),
    ("{\"a\": 'b'}", 1, 7, "This isn't JSON:"),
    ("{\"a\" 1}", 1, 6, "`:` should come here, not `1`"),
    ("{\"a\": 1 \"b\": 2}", 1, 9, "`,` or the end of this object or list should come here"),
    ("{\"a\": 1", 1, 8, "the document ends where"),
    ("{\"a\": [1}", 1, 9, "`,` or the end of this object or list should come here, not `}`"),
    ("{\"a\": \"b\nc\"}", 1, 9, "a raw line break or control character"),
    ("{\"a\": 1}\n{}", 2, 1, "something follows after the document's end"),
    ("{\"a\":\u{a0}1}", 1, 6, "the character U+00A0 isn't white space here"),
    ("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}", 3, 2, "The key \"a\" stands twice in this object: it is on line 1 already."),
    ("a: 1\nb: 2\na: 3\n", 3, 1, "The key \"a\" stands twice in this object: it is on line 1 already."),
    ("200: a\n'200': b\n", 2, 1, "The key \"200\" stands twice"),
    ("a: [1, 2\nb: 3", 2, 2, "This isn't YAML:"),
    ("a: 1\n---\nb: 2\n", 2, 1, "A second YAML document starts here."),
    ("? [a]\n: b\n", 1, 3, "A key must be a string"),
    ("~: b\n", 1, 1, "A key is missing here, or is null."),
    ("a: &x {b: *x}\n", 1, 11, "would never end"),
    ("a: &x b\n*x : c\n", 2, 1, "A key can't be an alias."),
    ("a: .nan\n", 1, 4, ".nan isn't a number that JSON has."),
    ("a: !ruby/object b\n", 1, 4, "has no meaning in an OpenAPI document"),
    ("a: !!int b\n", 1, 4, "isn't what its tag `!!int` says"),
    ("a: {<<: b}\n", 1, 5, "`<<` merges objects"),
];

#[test]
fn syntax() {
    for (source, line, column, part) in SYNTAX {
        let (at_line, at_column, message) = problem(source.as_bytes());
        assert!(message.contains(part), "{source:?}: {message}");
        assert_eq!((at_line, at_column), (*line, *column), "{source:?}: {message}");
        let last = message.chars().last();
        assert!(matches!(last, Some('.')), "{source:?}: {message}");
    }
}

#[test]
fn keys_that_stand_twice_are_found_in_objects_of_any_size() {
    for size in [2, 8, 9, 32, 33, 500] {
        for (first, second) in [(0, size - 1), (size / 2 - 1, size / 2)] {
            let keys = (0..size).map(|index| format!("\"k{}\": 1", if index == second { first } else { index }));
            let source = format!("{{{}}}", keys.collect::<Vec<_>>().join(",\n"));
            let (line, _, message) = problem(source.as_bytes());
            let said = format!("The key \"k{first}\" stands twice in this object: it is on line {}", first + 1);
            assert!(message.starts_with(&said), "{size}: {message}");
            assert_eq!(line as usize, second + 1, "{size}: {message}");
        }
    }
}

/// The document behind `openapi` and `info`, JSON pointer of the problem, and a part of its message.
const STRUCTURE: &[(&str, &str, &str)] = &[
    ("paths: []", "/paths", "`paths` must be an object, not a list."),
    ("paths: {a: {}}", "/paths/a", "The path `a` must start with `/`."),
    ("paths: {/a: {get: 1}}", "/paths/~1a/get", "Here must stand an operation, an object, not a number."),
    ("paths: {/a: {get: {deprecated: 'yes'}}}", "/paths/~1a/get/deprecated", "must be true or false, not a string."),
    ("paths: {/a: {get: {operationId: 1}}}", "/paths/~1a/get/operationId", "Put it in quotes."),
    ("paths: {/a: {parameters: [{name: a}]}}", "/paths/~1a/parameters/0", "`in` is missing in a parameter."),
    ("paths: {/a: {parameters: [{name: a, in: body}]}}", "/paths/~1a/parameters/0/in", "not in `body`"),
    (
        "paths: {/a: {get: {operationId: x}},\n /b: {get: {operationId: x}}}",
        "/paths/~1b/get/operationId",
        "The operationId `x` is taken on line 3.",
    ),
    (
        "paths: {}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/B'}}}",
        "/components/schemas/A/$ref",
        "there is no `B` in `#/components/schemas`",
    ),
    (
        "paths: {}\ncomponents: {schemas: {A: {$ref: 'other.yaml#/A'}}}",
        "/components/schemas/A/$ref",
        "points outside of this document",
    ),
    (
        "paths: {}\ncomponents: {schemas: {A: {$ref: 'https://example.org/a'}}}",
        "/components/schemas/A/$ref",
        "bundle it first",
    ),
    (
        "paths: {}\ncomponents: {schemas: {A: {$ref: '#A'}}}",
        "/components/schemas/A/$ref",
        "no schema has the `$anchor`",
    ),
    ("paths: {}\ncomponents: {schemas: {A: {$ref: '#/%zz'}}}", "/components/schemas/A/$ref", "percent-encoding"),
    ("paths: {}\ncomponents: {schemas: {A: {$ref: 1}}}", "/components/schemas/A/$ref", "`$ref` must be a string"),
    (
        "paths: {}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}",
        "/components/schemas/A/$ref",
        "leads back to itself",
    ),
    (
        "paths: {/a: {get: {responses: {200: {$ref: '#/components/schemas/S'}}}}}\ncomponents: {schemas: {S: []}}",
        "/components/schemas/S",
        "an object, not a list.",
    ),
];

#[test]
fn structure() {
    for (rest, pointer, part) in STRUCTURE {
        let error = try_read(&document("3.1.0", rest)).expect_err(rest);
        let problem = &error.problems[0];
        assert!(problem.message.contains(part), "{rest}: {}", problem.message);
        assert_eq!(problem.field, *pointer, "{rest}");
        assert!(error.to_string().starts_with(&format!("Line {}, column ", problem.line.expect("a line"))), "{error}");
    }
}

#[test]
fn other_kinds_of_documents() {
    for (source, part) in [
        ("swagger: '2.0'\ninfo: {}", "The member `paths` is missing."),
        ("swagger: '1.2'", "Swagger 1.2 isn't supported. The hub reads OpenAPI 2.0, 3.0.x, 3.1.x and 3.2.x."),
        ("swagger: '2.0'\nopenapi: 3.0.0", "Remove the one that isn't meant."),
        ("info: {}\nbasePath: /v1", "The member `swagger` is missing. By `basePath`, this is OpenAPI 2.0"),
        ("openapi: 3.3.0", "OpenAPI 3.3.0 isn't supported. The hub reads 2.0, 3.0.x, 3.1.x and 3.2.x."),
        ("openapi: 3.2.0\ninfo: {title: T, version: '1'}", "neither `paths` nor `components` nor `webhooks`"),
        ("openapi: 4.0.0", "isn't supported"),
        ("openapi: true", "must be a string of three numbers"),
        ("info: {title: T}", "The member `openapi` is missing."),
        ("just text", "An OpenAPI document is an object, not a string."),
        ("[]", "An OpenAPI document is an object, not a list."),
        ("openapi: 3.0.3\npaths: {}", "The member `info` is missing."),
        ("openapi: 3.0.3\ninfo: {title: T, version: '1'}", "The member `paths` is missing."),
        ("openapi: 3.1.0\ninfo: {title: T, version: '1'}", "neither `paths` nor `components` nor `webhooks`"),
        ("openapi: 3.1.0\ninfo: {title: T, version: []}\npaths: {}", "`version` must be a string, not a list."),
    ] {
        let (_, _, message) = problem(source.as_bytes());
        assert!(message.contains(part), "{source:?}: {message}");
    }
}

/// YAML makes a number of a version without quotes, even where it is meant as a name.
#[test]
fn versions_may_lack_their_quotes() {
    let info = read("openapi: 3.1\ninfo: {title: 2048, version: 1.0}\npaths: {}").info();
    assert_eq!((info.openapi.as_str(), info.title.as_str(), info.version.as_str()), ("3.1", "2048", "1.0"));
}

#[test]
fn bytes_that_are_no_text() {
    let mut source = document("3.1.0", "paths: {}\n# caf").trim_end().as_bytes().to_vec();
    source.push(0xE9);
    let (line, column, message) = problem(&source);
    assert!(message.contains(&format!("isn't UTF-8: byte {} is 0xE9", source.len() - 1)), "{message}");
    assert_eq!((line, column), (4, 6));
    let (_, _, message) = problem(&[0xFF, 0xFE, b'{', 0]);
    assert!(message.contains("is UTF-16, not UTF-8"), "{message}");
}

#[test]
fn problems_come_together_in_order_and_bounded() {
    let mut rest = String::from("paths: {}\ncomponents:\n  schemas:\n");
    for i in 0..200 {
        // Writing to a string can't fail.
        let _ = writeln!(rest, "    A{i}: {{$ref: '#/nowhere/{i}'}}");
    }
    let error = try_read(&document("3.1.0", &rest)).expect_err("200 broken references");
    assert_eq!(error.problems.len(), 20);
    assert!(error.problems.is_sorted_by_key(|problem| problem.line));
    assert!(error.to_string().ends_with("There are 19 more problems."), "{error}");
}

#[test]
fn limits_hold() {
    let source = document("3.1.0", "paths: {}\nx-a: [1, 2, 3]");
    let refuse = |change: &dyn Fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        Document::read(source.as_bytes(), &limits).expect_err("a limit is passed")
    };
    let error = refuse(&|limits| limits.max_bytes = 10);
    assert_eq!(error.kind, ReadErrorKind::TooLarge);
    assert!(error.to_string().contains("at most 10 are read"), "{error}");
    assert!(refuse(&|limits| limits.max_nodes = 5).to_string().contains("more than 5 values"));
    assert!(refuse(&|limits| limits.max_depth = 1).to_string().contains("deeper than 1 levels"));
    let source = document("3.1.0", "paths: {/a: {$ref: '#/x-a'}, /b: {$ref: '#/x-a'}}\nx-a: {get: {}, put: {}}");
    let mut limits = Limits::default();
    limits.max_operations = 3;
    let error = Document::read(source.as_bytes(), &limits).expect_err("four operations are too many");
    assert!(error.to_string().contains("more than 3 operations"), "{error}");
    let source = document("3.1.0", "paths: {}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {}}}");
    let mut limits = Limits::default();
    limits.max_references = 0;
    let error = Document::read(source.as_bytes(), &limits).expect_err("one reference is too many");
    assert!(error.to_string().contains("more than 0 references"), "{error}");
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let mut aliases = String::from("openapi: 3.1.0\nx0: &x0 [a, a, a, a, a, a, a, a, a, a]\n");
    for i in 1..20 {
        let list = vec![format!("*x{}", i - 1); 10].join(", ");
        let _ = writeln!(aliases, "x{i}: &x{i} [{list}]");
    }
    let (_, _, message) = problem(aliases.as_bytes());
    assert!(message.contains("YAML aliases repeat more than 500000 values"), "{message}");
    let block: String = (0..2_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    for bomb in ["[".repeat(100_000), "{\"a\":".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(50_000), block] {
        let (_, _, message) = problem(bomb.as_bytes());
        assert!(message.contains("nested deeper than 200 levels"), "{message}");
    }
}

#[test]
fn recursion_and_long_chains_are_fine() {
    let mut rest = String::from("paths: {/a: {get: {responses: {200: {content: {a/b: {schema: ");
    rest.push_str("{$ref: '#/components/schemas/S0'}}}}}}}}\ncomponents:\n  schemas:\n");
    for i in 0..2_000 {
        let next = (i + 1) % 2_000;
        let _ = writeln!(
            rest,
            "    S{i}: {{allOf: [{{$ref: '#/components/schemas/S{next}'}}], properties: {{p{i}: {{$ref: '#/components/schemas/S{next}'}}}}}}"
        );
    }
    // One chain of `allOf` as long as the document, and a cycle: neither may exhaust the stack or run for ever.
    let document = read(&document("3.1.0", &rest));
    assert_eq!(contract::compare(&document, &document), []);
    assert!(document.schema("S0").is_some_and(|view| !view.properties.is_empty()));
}

#[test]
fn yaml_that_is_right_is_read_right() {
    let source = "\u{FEFF}%YAML 1.2\r\n---\r\nopenapi: '3.1.0' # comment\r\ninfo: {title: NULL is null, version: !!str 1.0}\r\n\
                  x-base: &base\r\n  summary: yes\r\n  deprecated: false\r\n\
                  paths:\r\n  /a:\r\n    get:\r\n      <<: *base\r\n      deprecated: true\r\n      responses:\r\n        200: {description: >-\r\n          folded\r\n          text}\r\n";
    let document = read(source);
    let operations = document.operations();
    assert_eq!(operations[0].summary.as_deref(), Some("yes"));
    assert!(operations[0].deprecated);
    assert_eq!(operations[0].line, 10);
    assert_eq!(document.info().version, "1.0");
    assert_eq!(document.info().title, "NULL is null");
    let view = document.operation(&operations[0].key).expect("it is there");
    assert_eq!(view.responses[0].status, "200");
}
