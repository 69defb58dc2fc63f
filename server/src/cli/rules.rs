//! `handshake rules [ID]`: what the engine looks for, why it matters and how to do it safely.

use clap::{Args, ValueEnum};
use contract::rules::{self, RULES, Rule};
use serde::Serialize;
use shared::Level;

/// Which rules, and how to write them.
#[derive(Debug, Args)]
pub struct Rules {
    /// Explain this rule only.
    id: Option<String>,
    /// Only rules of this level.
    #[arg(long, value_parser = ["breaking", "risky", "safe"])]
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
    #[error("there is no rule {id}{hint}; `handshake rules` lists all")]
    Unknown { id: String, hint: String },
    #[error("the rules can't be written: {0}")]
    Json(#[from] serde_json::Error),
}

#[derive(Serialize)]
struct Row {
    id: &'static str,
    level: Level,
    title: &'static str,
    why: &'static str,
    how: &'static str,
}

impl Rules {
    pub fn run(&self) -> Result<(), Error> {
        let chosen = match &self.id {
            Some(id) => vec![rules::find(id).ok_or_else(|| unknown(id))?],
            None => {
                let fits = |rule: &&Rule| self.level.as_deref().is_none_or(|level| rule.level.as_str() == level);
                RULES.iter().filter(fits).collect()
            }
        };
        match (self.format, self.id.is_some()) {
            (Format::Json, _) => {
                let rows: Vec<Row> = chosen.into_iter().map(row).collect();
                println!("{}", serde_json::to_string_pretty(&rows)?);
            }
            (Format::Text, true) => chosen.into_iter().for_each(explain),
            (Format::Text, false) => {
                let width = chosen.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
                for rule in &chosen {
                    println!("{:<width$}  {:<8}  {}", rule.id, rule.level.as_str(), rule.title);
                }
            }
        }
        Ok(())
    }
}

fn row(rule: &Rule) -> Row {
    Row { id: rule.id, level: rule.level, title: rule.title, why: rule.why, how: rule.how }
}

fn explain(rule: &Rule) {
    println!(
        "{} ({})\n{}\n\nWhy it matters: {}\nHow to change it safely: {}",
        rule.id, rule.level, rule.title, rule.why, rule.how
    );
}

/// Names a rule that begins or ends alike, since most wrong ids are half right.
fn unknown(id: &str) -> Error {
    let near = RULES.iter().find(|rule| !id.is_empty() && rule.id.contains(id));
    let hint = near.map(|rule| format!(" (did you mean {}?)", rule.id)).unwrap_or_default();
    Error::Unknown { id: id.to_owned(), hint }
}
