//! `handshake rules [ID]`: what the engine looks for, why it matters and how to do it safely: first the rules of
//! `handshake diff`, then those of `handshake lint`.

use clap::{Args, ValueEnum};
use contract::{
    lint::{LINT_RULES, LintRule},
    rules::{RULES, Rule},
};
use serde::Serialize;
use shared::printable::Printable;

/// Which rules, and how to write them.
#[derive(Debug, Args)]
pub struct Rules {
    /// Explain this rule only.
    id: Option<String>,
    /// Only rules of this level: breaking, risky or safe for changes, error, warning or hint for practices.
    #[arg(long, value_parser = ["breaking", "risky", "safe", "error", "warning", "hint"])]
    level: Option<String>,
    #[arg(long, short, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// The command exits with 2.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no rule {name}{hint}; `handshake rules` lists all", name = Printable::new(.id))]
    Unknown { id: String, hint: String },
    #[error("the rules can't be written: {0}")]
    Json(#[from] serde_json::Error),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Of {
    /// What a change does: `handshake diff`.
    Diff,
    /// What a contract could do better: `handshake lint`.
    Lint,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Row {
    id: &'static str,
    of: Of,
    level: &'static str,
    title: &'static str,
    why: &'static str,
    how: &'static str,
}

impl Rules {
    pub fn run(&self) -> Result<(), super::Error> {
        let chosen: Vec<Row> = match &self.id {
            Some(id) => vec![all().find(|row| row.id == id).ok_or_else(|| unknown(id))?],
            None => all().filter(|row| self.level.as_deref().is_none_or(|level| row.level == level)).collect(),
        };
        match (self.format, self.id.is_some()) {
            (Format::Json, _) => super::print_line(serde_json::to_string_pretty(&chosen).map_err(Error::from)?)?,
            (Format::Text, true) => chosen.iter().try_for_each(explain)?,
            (Format::Text, false) => {
                let width = chosen.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
                for rule in &chosen {
                    super::print_line(format_args!("{:<width$}  {:<8}  {}", rule.id, rule.level, rule.title))?;
                }
            }
        }
        Ok(())
    }
}

fn all() -> impl Iterator<Item = Row> {
    let change = |rule: &'static Rule| {
        let level = rule.level.as_str();
        Row { id: rule.id, of: Of::Diff, level, title: rule.title, why: rule.why, how: rule.how }
    };
    let practice = |rule: &'static LintRule| {
        let level = rule.severity.as_str();
        Row { id: rule.id, of: Of::Lint, level, title: rule.title, why: rule.why, how: rule.how }
    };
    RULES.iter().map(change).chain(LINT_RULES.iter().map(practice))
}

fn explain(rule: &Row) -> Result<(), super::Error> {
    let how = match rule.of {
        Of::Diff => "How to change it safely",
        Of::Lint => "How to fix it",
    };
    let Row { id, level, title, why, how: steps, .. } = rule;
    super::print_line(format_args!("{id} ({level})\n{title}\n\nWhy it matters: {why}\n{how}: {steps}"))
}

/// Names a rule that begins or ends alike, since most wrong ids are half right.
fn unknown(id: &str) -> Error {
    let near = all().find(|rule| !id.is_empty() && rule.id.contains(id));
    let hint = near.map(|rule| format!(" (did you mean {}?)", rule.id)).unwrap_or_default();
    Error::Unknown { id: id.to_owned(), hint }
}
