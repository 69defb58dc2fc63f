//! For a pull request's comment: a heading with the verdict and a table for each operation.

use super::{Ignored, Report, Row, heading};
use std::fmt::Write as _;

pub fn write(report: &Report<'_>) -> String {
    let mut text = String::new();
    // Writing into a String can't fail.
    let _ = writeln!(text, "## {} {}: {}\n", report.tone.shape(), report.verdict, report.summary);
    let _ = writeln!(text, "`{}`\n", report.subject.replace(" → ", "` → `"));
    for (operation, rows) in report.by_operation() {
        let (heading, column) = (cell(&heading(operation)), report.column);
        let _ = writeln!(text, "### {heading}\n\n| | {column} | rule | where |\n|---|---|---|---|");
        for row in &rows {
            let (message, places) = (cell(row.message), cell(&row.places));
            let engine = row.engine.map(|word| format!(" (engine: {word})")).unwrap_or_default();
            let _ = writeln!(text, "| {}{engine} | {message} | `{}` | {places} |", row.word, row.rule);
        }
        text.push('\n');
        rows.iter().for_each(|row| example(&mut text, row));
    }
    if !report.ignored.is_empty() {
        let _ = writeln!(text, "### Ignored\n\n| | {} | rule | because |\n|---|---|---|---|", report.column);
        for Ignored { row, because } in &report.ignored {
            let operation = row.operation.map(|key| format!("{key}: ")).unwrap_or_default();
            let (message, because) = (cell(&format!("{operation}{}", row.message)), cell(because));
            let _ = writeln!(text, "| {} | {message} | `{}` | {because} |", row.word, row.rule);
        }
        text.push('\n');
    }
    for (line, says) in &report.endings {
        let _ = writeln!(text, "`{}:{line}`: {says}\n", report.policy);
    }
    text
}

/// The message that shows a finding, folded away.
fn example(text: &mut String, row: &Row<'_>) {
    let Some(proof) = &row.proof else { return };
    let Some(message) = proof.message() else { return };
    let fence = fence(&message);
    let (title, meaning) = (cell(row.message), cell(&proof.meaning()));
    let _ = writeln!(
        text,
        "<details><summary>Example: {title}</summary>\n\n{meaning}\n\n{fence}http\n{message}\n{fence}\n\n</details>\n"
    );
}

/// A fence that the text can't close.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
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
    use super::{cell, fence};

    #[test]
    fn a_fence_is_longer_than_what_is_in_it() {
        assert_eq!(fence("a ```` b"), "`````");
        assert_eq!(fence(""), "```");
    }

    #[test]
    fn what_a_document_says_is_no_markup() {
        assert_eq!(cell("a | b\n<img> @all"), r"a \| b \<img\> \@all");
    }
}
