//! YAML 1.2 and its quirks: what is written means what the core schema says, stands where an editor shows it, and is
//! refused in words where it means nothing here.

mod common;

use common::{Rows, document, read, try_read};
use contract::{Document, Limits};

/// A document whose schema `S` has this value as its default.
fn with_default(value: &str) -> String {
    document("3.1.0", &format!("paths: {{}}\ncomponents:\n  schemas:\n    S:\n      default: {value}"))
}

/// The value as JSON.
fn json(value: &str) -> Option<String> {
    read(&with_default(value)).schema("S").expect("it is there").default
}

/// As written behind `default:`, and as JSON.
const VALUES: &[(&str, &str)] = &[
    // The famous ones: YAML 1.1 made them booleans.
    ("no", "\"no\""),
    ("NO", "\"NO\""),
    ("yes", "\"yes\""),
    ("on", "\"on\""),
    ("off", "\"off\""),
    ("y", "\"y\""),
    ("True", "true"),
    ("FALSE", "false"),
    ("tRue", "\"tRue\""),
    // Numbers
    ("0o17", "15"),
    ("0x1F", "31"),
    ("0xff", "255"),
    ("017", "17"),
    ("08", "8"),
    ("0b101", "\"0b101\""),
    ("-0x1F", "\"-0x1F\""),
    ("+12", "12"),
    ("-12", "-12"),
    ("1_000", "\"1_000\""),
    ("1,000", "\"1,000\""),
    ("12:30:45", "\"12:30:45\""),
    ("190:20:30", "\"190:20:30\""),
    (".5", "0.5"),
    ("-.5", "-0.5"),
    ("5.", "5"),
    ("6.02e+23", "6.02e+23"),
    ("1E3", "1E3"),
    ("-0", "-0"),
    ("0.10", "0.10"),
    (
        "123456789012345678901234567890.123456789012345678901234567890",
        "123456789012345678901234567890.123456789012345678901234567890",
    ),
    ("1e-400", "1e-400"),
    ("0xffffffffffffffffffffffffffffffff", "340282366920938463463374607431768211455"),
    ("1.2.3", "\"1.2.3\""),
    // Nulls
    ("~", "null"),
    ("null", "null"),
    ("Null", "null"),
    ("NULL", "null"),
    ("nULL", "\"nULL\""),
    ("", "null"),
    ("# a comment", "null"),
    ("''", "\"\""),
    // Timestamps are strings.
    ("2024-01-01", "\"2024-01-01\""),
    ("2001-12-14t21:59:43.10-05:00", "\"2001-12-14t21:59:43.10-05:00\""),
    // Quotes
    ("'no'", "\"no\""),
    ("\"12\"", "\"12\""),
    ("'it''s'", "\"it's\""),
    (r#""\u263A \x41\t\u00e4 \U0001F600""#, "\"☺ A\\tä 😀\""),
    (r#""\N\L\P\_\e\/""#, "\"\u{85}\u{2028}\u{2029}\u{a0}\\u001b/\""),
    ("\"a\n        b\"", "\"a b\""),
    // Blocks
    ("|\n        a\n         b\n", "\"a\\n b\\n\""),
    ("|-\n        a\n        b\n", "\"a\\nb\""),
    (">\n        a\n        b\n", "\"a b\\n\""),
    ("|\r\n        a\r\n        b\r\n", "\"a\\nb\\n\""),
    // Tags
    ("!!str 12", "\"12\""),
    ("! 12", "\"12\""),
    ("!!int 12", "12"),
    ("!!int '12'", "12"),
    ("!!float 1.5", "1.5"),
    ("!!bool true", "true"),
    ("!!null ''", "null"),
    ("!!binary aGk=", "\"aGk=\""),
    ("!!timestamp 2024-01-01", "\"2024-01-01\""),
    ("!!map {a: 1}", "{\"a\":1}"),
    ("!!seq [1]", "[1]"),
    ("!<tag:yaml.org,2002:str> 1", "\"1\""),
    // Collections
    ("[a, b,]", "[\"a\",\"b\"]"),
    ("{a: 1, 'b': , c}", "{\"a\":1,\"b\":null,\"c\":null}"),
    ("[a: 1]", "[{\"a\":1}]"),
    ("{\"a\":1}", "{\"a\":1}"),
    ("{1: a, true: b, 1.5: c}", "{\"1\":\"a\",\"true\":\"b\",\"1.5\":\"c\"}"),
    // Anchors, aliases, merge keys
    ("{a: &x [1, 2], b: *x}", "{\"a\":[1,2],\"b\":[1,2]}"),
    ("{a: &x 1, b: &x 2, c: *x}", "{\"a\":1,\"b\":2,\"c\":2}"),
    ("{a: &x {p: 1, q: 2}, b: {<<: *x, q: 3}}", "{\"a\":{\"p\":1,\"q\":2},\"b\":{\"q\":3,\"p\":1}}"),
    ("[&x {p: 1}, &y {p: 2, q: 2}, {<<: [*x, *y]}]", "[{\"p\":1},{\"p\":2,\"q\":2},{\"p\":1,\"q\":2}]"),
    ("{&x a: 1, b: *x}", "{\"a\":1,\"b\":\"a\"}"),
    ("{&x 0x1F: 1, b: *x}", "{\"0x1F\":1,\"b\":31}"),
    ("{<<: {p: 1}, p: 2}", "{\"p\":2}"),
    ("{'<<': 1}", "{\"<<\":1}"),
    // Unicode
    ("käse", "\"käse\""),
    ("{日本: 語, '🦀': x}", "{\"日本\":\"語\",\"🦀\":\"x\"}"),
    // Line breaks of YAML 1.1 that are none in 1.2
    ("a\u{85}b", "\"a\u{85}b\""),
    ("'a\u{2028}b'", "\"a\u{2028}b\""),
    ("a\u{2029}b", "\"a\u{2029}b\""),
    // White space
    ("\ta\t# tabs separate", "\"a\""),
    ("a #no", "\"a\""),
    ("a#no", "\"a#no\""),
    ("http://a.example", "\"http://a.example\""),
];

#[test]
fn values_mean_what_the_core_schema_says() {
    let mut wrong = Vec::new();
    for (written, expected) in VALUES {
        let found = match try_read(&with_default(written)) {
            Ok(document) => document.schema("S").expect("it is there").default,
            Err(error) => Some(error.to_string()),
        };
        if found.as_deref() != Some(*expected) {
            wrong.push(format!("{written:?}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The same numbers mean the same, whatever their spelling.
#[test]
fn numbers_keep_every_digit() {
    let schema = |bound: &str| common::request("3.1.0", &format!("{{type: number, maximum: {bound}}}"));
    for (was, is, same) in [
        ("31", "0x1F", true),
        ("15", "0o17", true),
        ("17", "017", true),
        ("100000000000000000000000000000001", "100000000000000000000000000000001.000", true),
        ("100000000000000000000000000000001", "100000000000000000000000000000002", false),
        ("0.1000000000000000000000000000000001", "0.1", false),
        ("1e1000", "10e999", true),
    ] {
        let findings = common::rules(&schema(was), &schema(is));
        assert_eq!(findings.is_empty(), same, "{was} {is}: {findings:?}");
    }
}

/// The source, the line and column of the first problem, and a part of its message.
const PROBLEMS: &[(&str, u32, u32, &str)] = &[
    ("a: .inf", 1, 4, ".inf isn't a number that JSON has."),
    ("a: -.Inf", 1, 4, "Write a finite number"),
    ("a: .NaN", 1, 4, "isn't a number that JSON has"),
    ("a: !!float .inf", 1, 4, "isn't a number that JSON has"),
    ("a: !!int abc", 1, 4, "isn't what its tag `!!int` says"),
    ("a: !!bool yes", 1, 4, "isn't what its tag `!!bool` says"),
    ("a: !thing b", 1, 4, "The tag `!thing` has no meaning in an OpenAPI document."),
    ("a: !!set {b}", 1, 4, "has no meaning in an OpenAPI document"),
    ("a: !Ref b", 1, 4, "The tag `!Ref`"),
    ("a: 1\n---\nb: 2", 2, 1, "A second YAML document starts here."),
    ("a: 1\n...\n---\n", 3, 1, "A second YAML document starts here."),
    ("a: 1\na: 2", 2, 1, "The key \"a\" stands twice"),
    ("a: 1\r\n\"a\": 2", 2, 1, "it is on line 1 already"),
    ("1: a\n'1': b", 2, 1, "The key \"1\" stands twice"),
    ("x: 1\nä:\n  ö: 1\n  ü: 2\n  ö: 3", 5, 3, "it is on line 3 already"),
    ("ä: {ö: 1, ö: 2}", 1, 11, "The key \"ö\" stands twice"),
    ("a:\n\tb: 1", 2, 2, "This isn't YAML:"),
    ("a:\r\tb: 1", 2, 2, "This isn't YAML:"),
    ("a: *x", 1, 4, "This isn't YAML:"),
    ("a: &x [*x]", 1, 8, "stands inside of what it repeats"),
    ("&x a: 1\n*x : 2", 2, 1, "A key can't be an alias."),
    ("? [a]\n: b", 1, 3, "A key must be a string"),
    ("? {a: 1}\n: b", 1, 3, "A key must be a string"),
    ("~: a", 1, 1, "A key is missing here, or is null."),
    (": a", 1, 1, "A key is missing here, or is null."),
    ("a: {<<: 1}", 1, 5, "`<<` merges objects"),
    ("a: {<<: [1]}", 1, 5, "`<<` merges objects"),
    ("a: 'b", 1, 4, "This isn't YAML:"),
    ("a: @b", 1, 4, "This isn't YAML:"),
    ("a: \"\\q\"", 1, 4, "This isn't YAML:"),
    ("a: [1", 1, 6, "This isn't YAML:"),
    ("a: b: c", 1, 5, "This isn't YAML:"),
];

#[test]
fn what_means_nothing_is_refused_where_it_stands() {
    let mut wrong = Vec::new();
    for (source, line, column, part) in PROBLEMS {
        let error = Document::read(source.as_bytes(), &Limits::default()).expect_err(source);
        let problem = &error.problems[0];
        if !problem.message.contains(part) || (problem.line, problem.column) != (Some(*line), Some(*column)) {
            wrong.push(format!("{source:?}: {problem:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn numbers_are_asked_for_where_one_is_needed() {
    for (bound, part) in [
        ("'5'", "`maximum` must be a number, not a string."),
        (".inf", "Write a finite number"),
        ("no", "not a string"),
    ] {
        let error =
            try_read(&common::request("3.1.0", &format!("{{type: number, maximum: {bound}}}"))).expect_err(bound);
        assert!(error.to_string().contains(part), "{bound}: {error}");
    }
}

/// Every kind of line break and every width of character: an editor shows the same line and column.
#[test]
fn positions_are_an_editor_s() {
    let source = "openapi: 3.1.0\ninfo: {title: \"käse 🧀 日本\", version: '1'}\n# ümläut\npaths:\n  /ä:\n    get: {deprecated: no}\n";
    let mut table = Rows::default();
    for (name, text) in [
        ("LF", source.to_owned()),
        ("CRLF", source.replace('\n', "\r\n")),
        ("CR", source.replace('\n', "\r")),
        ("BOM", format!("\u{feff}{source}")),
        ("BOM and CRLF", format!("\u{feff}{}", source.replace('\n', "\r\n"))),
    ] {
        let error = try_read(&text).expect_err(name);
        let problem = &error.problems[0];
        table.same(&(problem.line, problem.column), &(Some(6), Some(11)), format_args!("{name}: {}", problem.message));
        table.same(&problem.field, &"/paths/~1ä/get/deprecated", format_args!("{name}"));
    }
    let wide = document("3.1.0", "paths: {'/🧀日本': {get: {deprecated: no}}}");
    let error = try_read(&wide).expect_err("no is no boolean");
    assert_eq!((error.problems[0].line, error.problems[0].column), (Some(3), Some(24)));
}

#[test]
fn one_document_may_be_framed() {
    for source in [
        "---\nopenapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n...\n",
        "%YAML 1.2\n---\nopenapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n",
        "# first\n\n--- # here\nopenapi: 3.1.0\ninfo:\n  title: T\n  version: !!str 1\npaths: {}\n...\n# last\n",
        "\u{feff}---\r\nopenapi: 3.1.0\r\ninfo:\r\n  title: T\r\n  version: '1'\r\npaths:\r\n",
        "openapi: 3.1.0\rinfo:\r  title: T\r  version: '1'\rpaths:\r",
    ] {
        let document = try_read(source).unwrap_or_else(|error| panic!("{source:?}: {error}"));
        assert_eq!((document.info().title.as_str(), document.info().version.as_str()), ("T", "1"), "{source:?}");
    }
}

#[test]
fn statuses_may_lack_their_quotes() {
    let source = document(
        "3.1.0",
        "paths:\n  /a:\n    get:\n      responses:\n        200: {description: d}\n        4XX: {description: d}\n        default: {description: d}",
    );
    let document = read(&source);
    let view = document.operation(&document.operations()[0].key).expect("it is there");
    let statuses: Vec<_> = view.responses.iter().map(|response| response.status.as_str()).collect();
    assert_eq!(statuses, ["200", "4XX", "default"]);
}

#[test]
fn other_encodings_are_named() {
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    for text in ["openapi: 3.1.0", "{\"openapi\": \"3.1.0\"}", "\u{feff}openapi: 3.1.0"] {
        for big in [true, false] {
            let error = Document::read(&utf16(text, big), &Limits::default()).expect_err(text);
            assert!(error.to_string().contains("UTF-16"), "{text:?}: {error}");
            assert_eq!((error.problems[0].line, error.problems[0].column), (Some(1), Some(1)));
        }
    }
    let error = Document::read(b"openapi: 3.1.0\x00", &Limits::default()).expect_err("a zero byte is no text");
    assert!(!error.to_string().contains("UTF-16"), "{error}");
}

#[test]
fn json_is_unharmed() {
    assert_eq!(
        json("{\"a\": [1, 2.50, -1e5, true, null, \"\\u00e4\"]}").as_deref(),
        Some("{\"a\":[1,2.50,-1e5,true,null,\"ä\"]}")
    );
}
