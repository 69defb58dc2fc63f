//! What a command found, in the formats that people and their tools read.
//!
//! A command makes a [`Report`] of what it found; how that is written is the same for all of them. Only JSON is the
//! command's own: it says what the REST API says.

mod github;
mod junit;
mod markdown;
mod sarif;
mod text;

use clap::ValueEnum;
use serde::Serialize;
use shared::{
    Witness,
    findings::{OperationKey, Side},
};
use std::{
    io::{self, IsTerminal as _, Write as _},
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

/// A line and a column of a file.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    pub file: &'a str,
    pub line: u32,
    pub column: u32,
}

/// A finding on its way out.
#[derive(Debug)]
pub struct Row<'a> {
    pub tone: Tone,
    /// What the command calls the tone: `breaking`, `warning`.
    pub word: &'static str,
    pub rule: &'a str,
    /// The operation that it is about; none for the document as a whole.
    pub operation: Option<&'a OperationKey>,
    pub message: &'a str,
    /// Where it is to be shown.
    pub at: At<'a>,
    /// Where it stood in the document before.
    pub before: Option<At<'a>>,
    /// Its places, in words for people.
    pub places: String,
    /// Whether the command fails for it.
    pub fails: bool,
    /// What the engine calls its tone, where a policy calls it something else.
    pub engine: Option<&'static str>,
    /// What shows it to be true.
    pub proof: Option<Proof<'a>>,
}

/// A message that shows a finding, or why there is none.
#[derive(Debug)]
pub enum Proof<'a> {
    Witness(&'a Witness),
    Unproven(&'a str),
}

impl Proof<'_> {
    /// What the message means, in a sentence.
    fn meaning(&self) -> String {
        match self {
            Self::Witness(Witness { accepted_by: Side::Base, refusal, .. }) => {
                format!("The old contract takes this message, the new one refuses it. {refusal}")
            }
            Self::Witness(Witness { refusal, .. }) => {
                format!("The new contract takes this message, the old one refuses it. {refusal}")
            }
            Self::Unproven(why) => format!("Unproven: {why}."),
        }
    }

    fn message(&self) -> Option<String> {
        match self {
            Self::Witness(witness) => Some(witness.to_string()),
            Self::Unproven(_) => None,
        }
    }
}

impl Row<'_> {
    /// The finding with what shows it to be true, for formats that have one text for both.
    fn whole(&self) -> String {
        let message = self.message.to_owned();
        let Some(proof) = &self.proof else { return message };
        let shown = proof.message().map(|shown| format!("\n\n{shown}")).unwrap_or_default();
        format!("{message}\n{}{shown}", proof.meaning())
    }
}

/// A finding that a policy ignores: it is told and doesn't count.
#[derive(Debug)]
pub struct Ignored<'a> {
    pub row: Row<'a>,
    /// Why, and until when.
    pub because: String,
}

/// The reason that a policy gives, and its last day if it has one.
pub fn because(ignored: Option<&shared::findings::Ignored>) -> String {
    ignored.map(ToString::to_string).unwrap_or_default()
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
    /// What was looked at: `old.yaml → new.yaml`.
    pub subject: String,
    pub tone: Tone,
    /// The tone in a word, for a heading.
    pub verdict: &'static str,
    /// The rows in a few words.
    pub summary: String,
    /// What a table's column of messages is headed by.
    pub column: &'static str,
    pub rows: Vec<Row<'a>>,
    pub ignored: Vec<Ignored<'a>>,
    /// The policy's file, and what is to be said of its lines.
    pub policy: &'a str,
    pub endings: Vec<(usize, String)>,
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
            Format::Json => serde_json::to_string_pretty(json)? + "\n",
            Format::Markdown => markdown::write(self),
            Format::Github => github::write(self),
            Format::Sarif => sarif::write(self)?,
            Format::Junit => junit::write(self)?,
        };
        match io::stdout().lock().write_all(text.as_bytes()) {
            // A reader that has seen enough, such as `head`, is no failure.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written?,
        }
        Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }

    /// Rows by operation: first the operation with the worst row, as the engine sorts them; what is about the whole
    /// document under `None`.
    fn by_operation(&self) -> Vec<(Option<&OperationKey>, Vec<&Row<'_>>)> {
        let mut places = std::collections::HashMap::new();
        let mut groups: Vec<(Option<&OperationKey>, Vec<&Row<'_>>)> = Vec::new();
        for row in &self.rows {
            let place = *places.entry(row.operation).or_insert_with(|| {
                groups.push((row.operation, Vec::new()));
                groups.len() - 1
            });
            groups[place].1.push(row);
        }
        groups
    }
}

/// What a group of rows is headed by.
fn heading(operation: Option<&OperationKey>) -> String {
    operation.map_or_else(|| "The document as a whole".to_owned(), ToString::to_string)
}
