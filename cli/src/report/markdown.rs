//! For a pull request's comment: a heading with the verdict and a table for each operation.
//!
//! Documents' texts are no markup here, in Markdown or HTML, and reach nobody. Entities keep a character from being
//! markup; what a forge makes of the text itself (people who are mentioned, issues, links) it leaves alone in `code` only.

use super::{Ignored, Report, Row};
use std::fmt::{self, Display, Write as _};

/// Characters of a comment on GitHub (65,536), less what is said of what is left out.
const MAX_CHARACTERS: usize = 65_000;

/// The report, within what a comment may have: rows come before examples, and the worst before the rest.
pub fn write(report: &Report<'_>) -> String {
    let mut head = String::new();
    // Writing into a String can't fail.
    let _ = writeln!(head, "## {} {}: {}\n", report.tone.shape(), report.verdict, words(&report.summary));
    let subject: Vec<String> = report.subject.iter().map(|subject| code(subject).to_string()).collect();
    let _ = writeln!(head, "{}\n", subject.join(" → "));
    let groups = report.by_operation();
    let mut room = Room(MAX_CHARACTERS.saturating_sub(head.chars().count()));
    let tables: Vec<Table> =
        groups.iter().map(|(heading, rows)| Table::new(heading, rows, report, &mut room)).collect();
    let ignored = Table::of_ignored(report, &mut room);
    let notes: Vec<String> = report.notes.iter().map(|(line, says)| note(report, *line, says)).collect();
    let notes = notes.into_iter().filter(|note| room.take(note)).collect::<String>();
    let examples: Vec<String> = groups
        .iter()
        .zip(&tables)
        .map(|((_, rows), table)| {
            rows.iter().take(table.rows.len()).map(|row| example(row)).filter(|e| room.take(e)).collect()
        })
        .collect();
    let left_out: usize = tables.iter().chain([&ignored]).map(|table| table.left_out).sum();

    let mut text = head;
    for (table, examples) in tables.iter().zip(&examples) {
        table.write(&mut text);
        text.push_str(examples);
    }
    ignored.write(&mut text);
    text.push_str(&notes);
    if left_out > 0 {
        let _ = writeln!(text, "And {left_out} more. `--format text` lists all of them.");
    }
    text
}

/// Characters that are left.
struct Room(usize);

impl Room {
    /// Whether there is room for a text, which is then taken. What is smaller may still fit later.
    fn take(&mut self, text: &str) -> bool {
        let count = text.chars().count();
        let fits = count <= self.0;
        self.0 -= if fits { count } else { 0 };
        fits
    }
}

/// A heading with rows below it, as many as there is room for.
struct Table {
    head: String,
    rows: Vec<String>,
    left_out: usize,
}

impl Table {
    fn new(heading: &str, rows: &[&Row<'_>], report: &Report<'_>, room: &mut Room) -> Self {
        let (heading, column) = (words(heading), report.column);
        let head = format!("### {heading}\n\n| | {column} | rule | where |\n|---|---|---|---|\n");
        let row = |row: &&Row<'_>| {
            let (message, rule, places) = (words(&row.message), code(&row.rule), words(&row.places));
            let engine = row.engine.map(|word| format!(" (engine: {word})")).unwrap_or_default();
            format!("| {}{engine} | {message} | {rule} | {places} |\n", row.word)
        };
        Self::fitted(head, rows.iter().map(row), room)
    }

    fn of_ignored(report: &Report<'_>, room: &mut Room) -> Self {
        let head = format!("### Ignored\n\n| | {} | rule | because |\n|---|---|---|---|\n", report.column);
        let row = |Ignored { row, because }: &Ignored<'_>| {
            let message = format!("{}{}", row.of_operation(), row.message);
            let (message, rule, because) = (words(message), code(&row.rule), words(because));
            format!("| {} | {message} | {rule} | {because} |\n", row.word)
        };
        Self::fitted(head, report.ignored.iter().map(row), room)
    }

    /// The first rows, up to the one for which there is no room.
    fn fitted(head: String, rows: impl ExactSizeIterator<Item = String>, room: &mut Room) -> Self {
        let count = rows.len();
        // And the line break after it.
        let fits = count > 0 && room.take(&format!("{head}\n"));
        let rows: Vec<String> = if fits { rows.take_while(|row| room.take(row)).collect() } else { Vec::new() };
        Self { head, left_out: count - rows.len(), rows }
    }

    fn write(&self, text: &mut String) {
        if !self.rows.is_empty() {
            let _ = writeln!(text, "{}{}", self.head, self.rows.concat());
        }
    }
}

fn note(report: &Report<'_>, line: usize, says: impl Display) -> String {
    format!("{}: {}\n\n", code(format_args!("{}:{line}", report.policy)), words(says))
}

/// The message that shows a finding, folded away; empty where there is none.
fn example(row: &Row<'_>) -> String {
    let Some(proof) = row.proof.as_ref().filter(|proof| !proof.message.is_empty()) else { return String::new() };
    let message = proof.text();
    let fence = fence(&message);
    let (title, meaning) = (words(&row.message), words(&proof.meaning));
    format!(
        "<details><summary>Example: {title}</summary>\n\n{meaning}\n\n{fence}http\n{message}\n{fence}\n\n</details>\n\n"
    )
}

/// A fence that the text can't close.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// Text within a line of Markdown, a cell of a table or an HTML element.
pub(super) fn words(text: impl Display) -> Words {
    Words { text: text.to_string(), code: false }
}

/// The same as code.
fn code(text: impl Display) -> Words {
    Words { text: text.to_string(), code: true }
}

pub(super) struct Words {
    text: String,
    code: bool,
}

impl Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.code { ("<code>", "</code>") } else { ("", "") };
        f.write_str(open)?;
        let mut start = 0;
        for (at, c) in self.text.char_indices() {
            // Within code nothing else is needed; elsewhere a code of its own for what mentions and links begin with.
            let alone = !self.code && (matches!(c, '@' | '#') || begins_link(&self.text[start..at], &self.text[at..]));
            match c {
                _ if alone => write!(f, "<code>&#{};</code>", u32::from(c))?,
                '.' | ',' | ';' | '-' | '(' | ')' | '?' | '+' | '%' => f.write_char(c)?,
                ':' | '/' if !self.code => f.write_char(c)?,
                c if c.is_ascii_punctuation() => write!(f, "&#{};", u32::from(c))?,
                c => f.write_char(c)?,
            }
            if c.is_whitespace() {
                start = at + c.len_utf8();
            }
        }
        f.write_str(close)
    }
}

/// Whether a character ends what GFM makes a link of by itself: `http://`, `www.`, `mailto:`, an issue as `GH-1`.
fn begins_link(word: &str, rest: &str) -> bool {
    let ends = |suffix: &str| {
        let at = word.len().checked_sub(suffix.len());
        at.and_then(|at| word.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    rest.starts_with("://")
        || rest.starts_with('.') && ends("www")
        || rest.starts_with(':') && (ends("mailto") || ends("xmpp"))
        || rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) && ends("gh")
}

#[cfg(test)]
mod tests {
    use super::{code, fence, words};

    #[test]
    fn a_fence_is_longer_than_what_is_in_it() {
        assert_eq!(fence("a ```` b"), "`````");
        assert_eq!(fence(""), "```");
    }

    #[test]
    fn what_a_document_says_is_no_markup() {
        for (text, markdown) in [
            ("a | b <img src=x>", "a &#124; b &#60;img src&#61;x&#62;"),
            ("`items[]` *is*", "&#96;items&#91;&#93;&#96; &#42;is&#42;"),
            ("&lt;", "&#38;lt;"),
            ("@all #1 a/b#2", "<code>&#64;</code>all <code>&#35;</code>1 a/b<code>&#35;</code>2"),
            ("http://a.b WWW.a.b", "http<code>&#58;</code>//a.b WWW<code>&#46;</code>a.b"),
            ("mailto:a GH-1 high-end", "mailto<code>&#58;</code>a GH<code>&#45;</code>1 high-end"),
            ("GET /pets/{id}: 1.5", "GET /pets/&#123;id&#125;: 1.5"),
        ] {
            assert_eq!(words(text).to_string(), markdown);
        }
        assert_eq!(code("a`|@b http://c").to_string(), "<code>a&#96;&#124;&#64;b http&#58;&#47;&#47;c</code>");
    }
}
