//! Every field that OpenAPI 3.2 has, changed one at a time: a rule tells of it, or it is written here why nobody can feel
//! it.
//!
//! `fixtures/every-field.yaml` says it all: behind a line, `#= OTHER | EXPECTED` is the line's other value with the rules
//! that tell of the change (`rule`, or `rule@level` where the level isn't the rule's own), or `nothing: REASON`.

mod common;

use common::{expected, rules};

const DOCUMENT: &str = include_str!("fixtures/every-field.yaml");

struct Edit<'d> {
    line: usize,
    revision: String,
    expected: &'d str,
}

/// A line without what is said about it, and with its other value.
fn lines(line: &str) -> (&str, Option<(String, &str)>) {
    let Some((before, said)) = line.split_once(" #= ") else { return (line, None) };
    let (other, expected) = said.rsplit_once(" | ").unwrap_or_else(|| panic!("no expectation: {line}"));
    let changed = match before.strip_suffix(':') {
        // A name for another.
        Some(_) => format!("{}{other}:", &before[..before.len() - before.trim_start().len()]),
        None if other.contains(": ") && before.trim_start().starts_with("- ") => {
            format!("{}- {other}", &before[..before.len() - before.trim_start().len()])
        }
        None => {
            let (key, _) = before.split_once(": ").unwrap_or_else(|| panic!("no value: {line}"));
            format!("{key}: {other}")
        }
    };
    (before, Some((changed, expected)))
}

fn edits() -> (String, Vec<Edit<'static>>) {
    let read: Vec<_> = DOCUMENT.lines().map(lines).collect();
    let base: Vec<&str> = read.iter().map(|(line, _)| *line).collect();
    let mut edits = Vec::new();
    for (index, (_, edit)) in read.iter().enumerate() {
        if let Some((changed, expected)) = edit {
            let mut revision = base.clone();
            revision[index] = changed;
            edits.push(Edit { line: index + 1, revision: revision.join("\n"), expected });
        }
    }
    (base.join("\n"), edits)
}

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
