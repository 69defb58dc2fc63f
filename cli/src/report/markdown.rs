//! For a pull request's comment: a heading with the verdict and a table for each operation.
//!
//! Documents' texts are no markup here, in Markdown or HTML, and reach nobody. Entities keep a character from being
//! markup; what a forge makes of the text itself (people who are mentioned, issues, links) it leaves alone in `code` only.

use super::{Ignored, Report, Row};
use std::fmt::{self, Display, Write as _};

pub fn write(report: &Report<'_>) -> String {
    let mut text = String::new();
    // Writing into a String can't fail.
    let _ = writeln!(text, "## {} {}: {}\n", report.tone.shape(), report.verdict, words(&report.summary));
    let subject: Vec<String> = report.subject.iter().map(|subject| code(subject).to_string()).collect();
    let _ = writeln!(text, "{}\n", subject.join(" → "));
    for (heading, rows) in report.by_operation() {
        let (heading, column) = (words(heading), report.column);
        let _ = writeln!(text, "### {heading}\n\n| | {column} | rule | where |\n|---|---|---|---|");
        for row in &rows {
            let (message, rule, places) = (words(&row.message), code(&row.rule), words(&row.places));
            let engine = row.engine.map(|word| format!(" (engine: {word})")).unwrap_or_default();
            let _ = writeln!(text, "| {}{engine} | {message} | {rule} | {places} |", row.word);
        }
        text.push('\n');
        rows.iter().for_each(|row| example(&mut text, row));
    }
    if !report.ignored.is_empty() {
        let _ = writeln!(text, "### Ignored\n\n| | {} | rule | because |\n|---|---|---|---|", report.column);
        for Ignored { row, because } in &report.ignored {
            let message = format!("{}{}", row.of_operation(), row.message);
            let (message, rule, because) = (words(message), code(&row.rule), words(because));
            let _ = writeln!(text, "| {} | {message} | {rule} | {because} |", row.word);
        }
        text.push('\n');
    }
    for (line, says) in &report.notes {
        let _ = writeln!(text, "{}: {}\n", code(format_args!("{}:{line}", report.policy)), words(says));
    }
    text
}

/// The message that shows a finding, folded away.
fn example(text: &mut String, row: &Row<'_>) {
    let Some(proof) = row.proof.as_ref().filter(|proof| !proof.message.is_empty()) else { return };
    let message = proof.text();
    let fence = fence(&message);
    let (title, meaning) = (words(&row.message), words(&proof.meaning));
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

/// Text within a line of Markdown, a cell of a table or an HTML element.
fn words(text: impl Display) -> Words {
    Words { text: text.to_string(), code: false }
}

/// The same as code.
fn code(text: impl Display) -> Words {
    Words { text: text.to_string(), code: true }
}

struct Words {
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
