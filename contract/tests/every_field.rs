//! Every field that OpenAPI 3.2 has, changed one at a time: a rule tells of it, or it is written here why nobody can feel
//! it.

mod common;

use common::{
    expected, rules,
    tables::fields::{DOCUMENT, edits},
};

#[test]
fn each_difference_is_told_or_unfelt() {
    let (base, edits) = edits();
    let mut wrong = Vec::new();
    for edit in &edits {
        let mut found = rules(&base, &edit.revision);
        found.dedup();
        let wanted = if edit.expected.starts_with("nothing: ") { Vec::new() } else { expected(edit.expected) };
        let back = rules(&edit.revision, &base);
        if back.is_empty() != wanted.is_empty() {
            wrong.push(format!("line {}: {}\n  found on the way back {}", edit.line, edit.expected, back.join(" ")));
        }
        if found != wanted {
            wrong.push(format!("line {}: {}\n  found {}", edit.line, edit.expected, found.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {} edits:\n{}", wrong.len(), edits.len(), wrong.join("\n"));
}

/// A scalar without another value would be a field that nobody looked at.
#[test]
fn each_field_is_changed() {
    // What the fields of a kind that is changed elsewhere need to be whole
    let known =
        ["$ref: ", "openapi: ", "in: ", "name: ", "type: ", "required: ", "style: ", "operationId: ", "tokenUrl: "];
    for (index, line) in DOCUMENT.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#')) {
        let field = line.trim_start().trim_start_matches("- ").trim_start_matches("{");
        let plain = field.split_once(": ").is_some_and(|(_, value)| !value.starts_with(['{', '[', '#']));
        let told = line.contains(" #= ") || known.iter().any(|key| field.starts_with(key));
        assert!(!plain || told, "line {}: {line}", index + 1);
    }
}
