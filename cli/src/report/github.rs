//! Annotations on the lines of a pull request, as GitHub's workflow commands.

use super::{At, Report, Tone};
use std::fmt::{Display, Write as _};

/// Annotations of one kind that GitHub shows of a step; what is beyond them it leaves out without a word.
const SHOWN: usize = 10;

/// The worst as annotations, the rest as lines of the log.
pub fn write(report: &Report<'_>) -> String {
    let mut text = String::new();
    let mut counts = [0; 3];
    for row in &report.rows {
        let (command, kind) = match row.tone {
            Tone::Bad => ("error", 0),
            Tone::Doubtful => ("warning", 1),
            Tone::Minor | Tone::Fine => ("notice", 2),
        };
        let At { file, line, column } = row.at;
        counts[kind] += 1;
        if counts[kind] > SHOWN {
            let message = data(&format!("{}{}", row.of_operation(), row.message));
            // Writing into a String can't fail.
            let _ =
                writeln!(text, "{command}: {}:{line}:{column}: {}: {message}", data(file.path().as_str()), row.rule);
            continue;
        }
        let message = data(&format!("{}{}", row.of_operation(), row.whole()));
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
    let more: usize = counts.iter().map(|count| count.saturating_sub(SHOWN)).sum();
    let more = if more > 0 { format!(". {more} of them are in the log, and no annotations") } else { String::new() };
    let _ = writeln!(text, "{}{more}", data(report.summary.as_str()));
    text
}

/// A message: a line break would end the command.
pub(super) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, which `:` and `,` would end as well.
pub(super) fn property(text: impl Display) -> String {
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
