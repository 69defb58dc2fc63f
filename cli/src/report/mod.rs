//! What a command found, in the formats that people and their tools read.
//!
//! A command makes a [`Report`] of what it found; how that is written is the same for all of them. Only JSON is the
//! command's own: it says what the REST API says. Whatever a document, a policy or a file's name says is [`Printable`]
//! when it gets here; a format adds the escapes of its own.

mod github;
mod junit;
mod markdown;
pub mod refused;
mod sarif;
mod text;

use super::files;
use clap::ValueEnum;
use serde::Serialize;
use shared::printable::{self, Printable};
use shared::urls;
use shared::{Witness, findings::Side};
use std::{
    fmt,
    io::{self, IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// The findings as the REST API has them.
    Json,
    /// For a pull request's comment.
    Markdown,
    /// Annotations in GitHub's workflow commands.
    Github,
    /// SARIF 2.1.0, for code-scanning tools.
    Sarif,
    /// JUnit's XML, for test reports.
    Junit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

/// How bad something is, whatever the command calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Bad,
    Doubtful,
    Minor,
    Fine,
}

impl Tone {
    /// What tells it apart without colours.
    const fn shape(self) -> &'static str {
        match self {
            Self::Bad => "✕",
            Self::Doubtful => "!",
            Self::Minor => "·",
            Self::Fine => "✓",
        }
    }
}

/// A file's name, for people and for tools.
#[derive(Debug, Clone)]
pub struct FileName {
    shown: Printable,
    path: Printable,
    uri: String,
    is_relative: bool,
}

impl FileName {
    /// A file that was named on the command line.
    pub fn new(path: &str) -> Self {
        let here = std::env::current_dir().ok();
        let folder = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
        let real = std::fs::canonicalize(folder.unwrap_or(Path::new("."))).ok();
        let within = real
            .as_deref()
            .and_then(|real| files::below(files::work_tree(real)?, &real.join(Path::new(path).file_name()?)));
        match within {
            Some(within) => Self::in_repository(path, &within),
            None => Self::at(path, path, uri(path, here.as_deref())),
        }
    }

    /// A file by its path below a repository's root.
    pub fn in_repository(shown: &str, path: &str) -> Self {
        Self::at(shown, path, uri(path, None))
    }

    fn at(shown: &str, path: &str, uri: String) -> Self {
        let is_relative = !uri.starts_with("file:") && !uri.starts_with("../");
        Self { shown: Printable::new(shown), path: Printable::new(path), uri, is_relative }
    }

    /// The path below the repository's root, where tools look for it; below the working directory where there is none.
    pub fn path(&self) -> &Printable {
        &self.path
    }

    /// A URI (RFC 3986): relative where the file is below the repository's root.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Whether the URI is relative to the repository's root.
    pub fn is_relative(&self) -> bool {
        self.is_relative
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown.fmt(f)
    }
}

fn uri(path: &str, here: Option<&Path>) -> String {
    let below = here.and_then(|here| Path::new(path).strip_prefix(here).ok()).and_then(Path::to_str).unwrap_or(path);
    let below = if cfg!(windows) { below.replace('\\', "/") } else { below.to_owned() };
    let parts: Vec<String> = below.trim_start_matches("./").split('/').map(urls::escape).collect();
    let path = parts.join("/");
    if path.starts_with('/') { format!("file://{path}") } else { path }
}

/// A line and a column of a file.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    pub file: &'a FileName,
    pub line: u32,
    pub column: u32,
}

/// A finding on its way out.
#[derive(Debug)]
pub struct Row<'a> {
    pub tone: Tone,
    /// What the command calls the tone: `breaking`, `warning`.
    pub word: &'static str,
    pub rule: Printable,
    /// The operation that it is about; none for the document as a whole.
    pub operation: Option<Printable>,
    pub message: Printable,
    /// Where it is to be shown.
    pub at: At<'a>,
    /// Where it stood in the document before.
    pub before: Option<At<'a>>,
    /// Its places, in words for people.
    pub places: Printable,
    /// Whether the command fails for it.
    pub fails: bool,
    /// What the engine calls its tone, where a policy calls it something else.
    pub engine: Option<&'static str>,
    /// What shows it to be true.
    pub proof: Option<Proof>,
    /// What it is known by wherever it stands, where it has such a thing.
    pub fingerprint: Option<String>,
}

/// A message that shows a finding, or why there is none.
#[derive(Debug)]
pub struct Proof {
    /// What the message means, or that there is none, in a sentence.
    pub meaning: Printable,
    /// The message's lines; none where there is no message.
    pub message: Vec<Printable>,
}

impl Proof {
    pub fn witness(witness: &Witness) -> Self {
        let (takes, refuses) = match witness.accepted_by {
            Side::Base => ("old", "new"),
            Side::Revision => ("new", "old"),
        };
        let refusal = &witness.refusal;
        let mut message = vec![Printable::new(&witness.start_line)];
        message.extend(
            witness.headers.iter().map(|field| Printable::new(format_args!("{}: {}", field.name, field.value))),
        );
        if let Some(body) = &witness.body {
            message.push(Printable::default());
            // Only a body has lines of its own.
            message.extend(body.lines().map(Printable::new));
        }
        let meaning = format!("The {takes} contract takes this message, the {refuses} one refuses it. {refusal}");
        Self { meaning: Printable::new(meaning), message }
    }

    pub fn unproven(why: &str) -> Self {
        Self { meaning: Printable::new(format_args!("Unproven: {why}.")), message: Vec::new() }
    }

    /// The message in one text, of which no line is more than the message's.
    fn text(&self) -> String {
        self.message.iter().map(Printable::as_str).collect::<Vec<_>>().join("\n")
    }
}

impl Row<'_> {
    /// The finding with what shows it to be true, for formats that have one text for both.
    fn whole(&self) -> String {
        let Some(proof) = &self.proof else { return self.message.to_string() };
        let shown = if proof.message.is_empty() { String::new() } else { format!("\n\n{}", proof.text()) };
        format!("{}\n{}{shown}", self.message, proof.meaning)
    }

    /// "GET /orders: ", where it is about an operation.
    fn of_operation(&self) -> String {
        self.operation.as_ref().map(|operation| format!("{operation}: ")).unwrap_or_default()
    }
}

/// A finding that a policy ignores: it is told and doesn't count.
#[derive(Debug)]
pub struct Ignored<'a> {
    pub row: Row<'a>,
    /// Why, and until when.
    pub because: Printable,
}

/// The reason that a policy gives, and its last day if it has one.
pub fn because(ignored: Option<&shared::findings::Ignored>) -> Printable {
    ignored.map(Printable::new).unwrap_or_default()
}

/// A rule, for tools that keep rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    pub id: &'static str,
    pub tone: Tone,
    pub title: &'static str,
    pub why: &'static str,
    pub how: &'static str,
}

/// What a command found.
#[derive(Debug)]
pub struct Report<'a> {
    /// The command: `handshake diff`.
    pub command: &'static str,
    /// What was looked at: `old.yaml`, `new.yaml`.
    pub subject: Vec<Printable>,
    pub tone: Tone,
    /// The tone in a word, for a heading.
    pub verdict: &'static str,
    /// The rows in a few words.
    pub summary: Printable,
    /// What a table's column of messages is headed by.
    pub column: &'static str,
    pub rows: Vec<Row<'a>>,
    pub ignored: Vec<Ignored<'a>>,
    /// The policy's file, and what is to be said of its lines.
    pub policy: &'a FileName,
    pub notes: Vec<(usize, Printable)>,
    pub about: fn(&str) -> Option<About>,
}

/// The report can't be written; the command exits with 2.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the report can't be written: {0}")]
    Write(#[from] io::Error),
    #[error("the report can't be written: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the report can't be written: {0}")]
    Junit(#[from] quick_junit::SerializeError),
}

/// Writes to standard output.
fn put(text: &str) -> Result<(), Error> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

impl Report<'_> {
    /// Prints the report, or `json` where that is asked for. 1 when the command is to fail.
    pub fn print(&self, format: Format, color: Color, json: &impl Serialize, failed: bool) -> Result<ExitCode, Error> {
        let colors = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        let text = match format {
            Format::Text => text::write(self, colors),
            Format::Json => printable::json(json)?,
            Format::Markdown => markdown::write(self),
            Format::Github => github::write(self),
            Format::Sarif => sarif::write(self)?,
            Format::Junit => junit::write(self)?,
        };
        put(&text)?;
        Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }

    /// "old.yaml → new.yaml".
    fn subject(&self) -> String {
        self.subject.iter().map(Printable::as_str).collect::<Vec<_>>().join(" → ")
    }

    /// Rows by operation: first the operation with the worst row, as the engine sorts them; what is about the whole
    /// document under `None`.
    fn by_operation(&self) -> Vec<(&str, Vec<&Row<'_>>)> {
        let mut places = std::collections::HashMap::new();
        let mut groups: Vec<(&str, Vec<&Row<'_>>)> = Vec::new();
        for row in &self.rows {
            let place = *places.entry(row.operation.as_ref()).or_insert_with(|| {
                groups.push((heading(row), Vec::new()));
                groups.len() - 1
            });
            groups[place].1.push(row);
        }
        groups
    }
}

/// What a group of rows is headed by.
fn heading<'r>(row: &'r Row<'_>) -> &'r str {
    row.operation.as_ref().map_or("The document as a whole", Printable::as_str)
}

#[cfg(test)]
mod tests {
    use super::uri;
    use std::path::Path;

    #[test]
    fn a_file_s_uri_is_one() {
        for (path, expected) in [
            ("new.yaml", "new.yaml"),
            ("./api/new.yaml", "api/new.yaml"),
            ("../new.yaml", "../new.yaml"),
            ("a b/#1/50%:ä?.yaml", "a%20b/%231/50%25%3A%C3%A4%3F.yaml"),
            ("/work/api/a b.yaml", "api/a%20b.yaml"),
            ("/other/b.yaml", "file:///other/b.yaml"),
        ] {
            assert_eq!(uri(path, Some(Path::new("/work"))), expected, "{path}");
        }
    }
}
