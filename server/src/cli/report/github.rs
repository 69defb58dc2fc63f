//! Annotations on the lines of a pull request, as GitHub's workflow commands.

use super::{ignored_in_words, place};
use crate::cli::diff::Change;
use shared::Level;
use std::fmt::Write as _;

pub fn write(change: &Change<'_>) -> String {
    let mut text = String::new();
    for finding in change.findings {
        let command = match finding.level {
            Level::Breaking => "error",
            Level::Risky => "warning",
            Level::Safe => "notice",
        };
        let (file, line, column) = place(change, finding);
        let operation = finding.operation.as_ref().map(|operation| format!("{operation}: ")).unwrap_or_default();
        let message = data(&format!("{operation}{}", finding.message));
        // Writing into a String can't fail.
        let _ = writeln!(
            text,
            "::{command} file={},line={line},col={column},title={}::{message}",
            property(file),
            finding.rule
        );
    }
    for (line, says) in change.endings() {
        let _ = writeln!(
            text,
            "::warning file={},line={line},title=ignore ended::{}",
            property(change.policy),
            data(&says)
        );
    }
    let _ = writeln!(text, "{}{}", data(&change.counts.in_words()), ignored_in_words(change));
    text
}

/// A message: a line break would end the command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, which `:` and `,` would end as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("50 %\n::error::x"), "50 %25%0A::error::x");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
    }
}
