//! Documents that are small on the wire and were costly to read: each of these took minutes or gigabytes once. There
//! are no clocks here: a test that takes longer than the runner allows has failed.

mod common;

use common::{document, operation, read};
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
