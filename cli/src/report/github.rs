//! Annotations on the lines of a pull request, as GitHub's workflow commands.

use super::{At, Report, Tone};
use std::fmt::{Display, Write as _};

pub fn write(report: &Report<'_>) -> String {
    let mut text = String::new();
    for row in &report.rows {
        let command = match row.tone {
            Tone::Bad => "error",
            Tone::Doubtful => "warning",
            Tone::Minor | Tone::Fine => "notice",
        };
        let At { file, line, column } = row.at;
        let message = data(&format!("{}{}", row.of_operation(), row.whole()));
        // Writing into a String can't fail.
        let _ = writeln!(
            text,
            "::{command} file={},line={line},col={column},title={}::{message}",
            property(file.path()),
            property(&row.rule)
        );
    }
    for (line, says) in &report.notes {
        let file = property(report.policy.path());
        let _ = writeln!(text, "::warning file={file},line={line},title=policy::{}", data(says.as_str()));
    }
    let _ = writeln!(text, "{}", data(report.summary.as_str()));
    text
}

/// A message: a line break would end the command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, which `:` and `,` would end as well.
fn property(text: impl Display) -> String {
    data(&text.to_string()).replace(':', "%3A").replace(',', "%2C")
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
