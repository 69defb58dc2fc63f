//! For a pull request's comment: a heading with the verdict and a table for each operation.

use super::{by_operation, heading, ignored_in_words, places, until};
use crate::cli::diff::Change;
use shared::Level;
use std::fmt::Write as _;

pub fn write(change: &Change<'_>) -> String {
    let mut text = String::new();
    let verdict = match change.counts.verdict() {
        Level::Breaking => "✕ Breaking",
        Level::Risky => "! Risky",
        Level::Safe => "✓ Safe",
    };
    // Writing into a String can't fail.
    let _ = writeln!(text, "## {verdict}: {}{}\n", change.counts.in_words(), ignored_in_words(change));
    let _ = writeln!(text, "`{}` → `{}`\n", change.old.given, change.new.given);
    for (operation, findings) in by_operation(change.findings) {
        let _ =
            writeln!(text, "### {}\n\n| | what changed | rule | where |\n|---|---|---|---|", cell(&heading(operation)));
        for finding in findings {
            let (message, places) = (cell(&finding.message), cell(&places(change, finding)));
            let level = change.engine_level(finding).map(|level| format!(" (engine: {level})")).unwrap_or_default();
            let _ = writeln!(text, "| {}{level} | {message} | `{}` | {places} |", finding.level, finding.rule);
        }
        text.push('\n');
    }
    if !change.ignored.is_empty() {
        let _ = writeln!(text, "### Ignored\n\n| | what changed | rule | because |\n|---|---|---|---|");
        for ignored in change.ignored {
            let finding = &ignored.finding;
            let operation = finding.operation.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
            let message = cell(&format!("{operation}{}", finding.message));
            let reason = cell(&format!("{}{}", ignored.reason, until(ignored)));
            let _ = writeln!(text, "| {} | {message} | `{}` | {reason} |", finding.level, finding.rule);
        }
        text.push('\n');
    }
    for (line, says) in change.endings() {
        let _ = writeln!(text, "`{}:{line}`: {says}\n", change.policy);
    }
    text
}

/// Text that stays in its cell and is no markup: what a document says ends up here.
fn cell(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '\n' | '\r' => out.push(' '),
            '|' | '<' | '>' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '@' => out.extend(['\\', c]),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn what_a_document_says_is_no_markup() {
        assert_eq!(cell("a | b\n<img> @all"), r"a \| b \<img\> \@all");
    }
}
