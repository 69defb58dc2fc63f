//! Time for each stage, on generated documents of doubling size: a linear engine takes twice the time for each.
//! Two real documents are measured as well when `HANDSHAKE_BENCH_BASE` and `HANDSHAKE_BENCH_REVISION` name them.

use contract::{Document, Limits, compare, lint};
use std::fmt::Write as _;

fn main() {
    divan::main();
}

/// Operations a document has.
const SIZES: [usize; 4] = [125, 250, 500, 1000];

/// A document with `operations` operations over half as many schemas, which refer to one another in a ring.
fn generate(operations: usize, kind: &str) -> String {
    let schemas = operations / 2;
    let mut json = String::from(r#"{"openapi":"3.1.0","info":{"title":"Generated","version":"1"},"paths":{"#);
    for i in 0..operations {
        let comma = if i == 0 { "" } else { "," };
        let schema = format!(r##"{{"$ref":"#/components/schemas/S{}"}}"##, i % schemas);
        let media = format!(r#"{{"content":{{"application/json":{{"schema":{schema}}}}}}}"#);
        // Writing to a string can't fail.
        let _ =
            write!(json, r#"{comma}"/p{i}/{{id}}":{{"post":{{"requestBody":{media},"responses":{{"200":{media}}}}}}}"#);
    }
    json.push_str(r#"},"components":{"schemas":{"#);
    for i in 0..schemas {
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(
            json,
            r#"{comma}"S{i}":{{"type":"object","required":["id"],"properties":{{"id":{{"type":"string"}}"#
        );
        for property in 0..10 {
            let kind = if i % 10 == 0 && property == 0 { kind } else { "string" };
            let _ = write!(json, r#","p{property}":{{"type":"{kind}","description":"Some text about it."}}"#);
        }
        let _ = write!(
            json,
            r##","next":{{"$ref":"#/components/schemas/S{}"}}}}}}"##,
            (i + 1) % schemas.min(i / 10 * 10 + 10)
        );
    }
    json.push_str("}}}");
    json
}

fn read(source: &str) -> Document {
    Document::read(source.as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}"))
}

#[divan::bench(args = SIZES)]
fn read_json(bencher: divan::Bencher<'_, '_>, operations: usize) {
    let source = generate(operations, "string");
    bencher.counter(divan::counter::BytesCount::of_str(&source)).bench(|| read(&source));
}

/// JSON in an outer comment is YAML to the reader, so that both readers see the same document.
#[divan::bench(args = SIZES)]
fn read_yaml(bencher: divan::Bencher<'_, '_>, operations: usize) {
    let source = format!("# YAML\n{}", generate(operations, "string"));
    bencher.counter(divan::counter::BytesCount::of_str(&source)).bench(|| read(&source));
}

/// With examples for what breaks: each schema that changed is sent and received.
#[divan::bench(args = SIZES)]
fn compare_changed(bencher: divan::Bencher<'_, '_>, operations: usize) {
    let (base, revision) = (read(&generate(operations, "string")), read(&generate(operations, "integer")));
    bencher.bench(|| compare(&base, &revision));
}

/// One schema of as many alternatives, which all become others: each is looked for among all, which takes the square,
/// up to the bounds on work that a comparison has.
#[divan::bench(args = SIZES)]
fn compare_alternatives(bencher: divan::Bencher<'_, '_>, alternatives: usize) {
    let document = |kind: &str| {
        let one =
            |i| format!(r#"{{"type":"object","required":["kind"],"properties":{{"kind":{{"const":"{kind}{i}"}}}}}}"#);
        let all: Vec<String> = (0..alternatives).map(one).collect();
        let media = format!(r#"{{"content":{{"application/json":{{"schema":{{"oneOf":[{}]}}}}}}}}"#, all.join(","));
        let operation = format!(r#"{{"requestBody":{media},"responses":{{"200":{media}}}}}"#);
        read(&format!(
            r#"{{"openapi":"3.1.0","info":{{"title":"Generated","version":"1"}},"paths":{{"/p":{{"post":{operation}}}}}}}"#
        ))
    };
    let (base, revision) = (document("a"), document("b"));
    bencher.bench(|| compare(&base, &revision));
}

/// What says the same in another text: every schema is looked at, and nothing is found.
#[divan::bench(args = SIZES)]
fn compare_same(bencher: divan::Bencher<'_, '_>, operations: usize) {
    let (base, revision) =
        (read(&generate(operations, "string")), read(&format!("\n{}", generate(operations, "string"))));
    bencher.bench(|| compare(&base, &revision));
}

#[divan::bench(args = SIZES, name = "lint")]
fn lint_one(bencher: divan::Bencher<'_, '_>, operations: usize) {
    let document = read(&generate(operations, "string"));
    bencher.bench(|| lint(&document));
}

#[divan::bench(sample_count = 10)]
fn real_pair(bencher: divan::Bencher<'_, '_>) {
    let source = |name| std::env::var(name).ok().map(|path| std::fs::read_to_string(path).expect("it can be read"));
    let (Some(base), Some(revision)) = (source("HANDSHAKE_BENCH_BASE"), source("HANDSHAKE_BENCH_REVISION")) else {
        return;
    };
    let (base, revision) = (read(&base), read(&revision));
    bencher.bench(|| compare(&base, &revision));
}
