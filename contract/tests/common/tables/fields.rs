//! Every field of OpenAPI 3.2, changed one at a time.
//!
//! `fixtures/every-field.yaml` says it all: behind a line, `#= OTHER | EXPECTED` is the line's other value with the rules
//! that tell of the change (`rule`, or `rule@level` where the level isn't the rule's own), or `nothing: REASON`.

pub const DOCUMENT: &str = include_str!("../../fixtures/every-field.yaml");

pub struct Edit<'d> {
    pub line: usize,
    pub revision: String,
    pub expected: &'d str,
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

pub fn edits() -> (String, Vec<Edit<'static>>) {
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
