//! What a command found, in the formats that people and their tools read.

mod github;
mod junit;
mod markdown;
mod sarif;
mod text;

use super::diff::{Change, Error};
use clap::ValueEnum;
use contract::Ignored;
use serde::Serialize;
use shared::{
    Finding, Level,
    findings::{Counts, OperationKey},
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

/// The report, ending with a line break.
pub fn write(format: Format, change: &Change<'_>, colors: bool) -> Result<String, Error> {
    Ok(match format {
        Format::Text => text::write(change, colors),
        Format::Json => json(change)?,
        Format::Markdown => markdown::write(change),
        Format::Github => github::write(change),
        Format::Sarif => sarif::write(change)?,
        Format::Junit => junit::write(change)?,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Json<'a> {
    /// The worst level found.
    level: Level,
    counts: Counts,
    findings: Vec<Entry<'a>>,
    /// What the policy ignores; not counted.
    ignored: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    /// Where the policy gives the finding another level.
    #[serde(skip_serializing_if = "Option::is_none")]
    engine_level: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// The last day on which it is ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

fn json(change: &Change<'_>) -> Result<String, Error> {
    let counted = |finding| Entry { finding, engine_level: change.engine_level(finding), reason: None, expires: None };
    let report = Json {
        level: change.counts.verdict(),
        counts: change.counts,
        findings: change.findings.iter().map(counted).collect(),
        ignored: change.ignored.iter().map(entry).collect(),
    };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

fn entry(ignored: &Ignored) -> Entry<'_> {
    Entry {
        finding: &ignored.finding,
        engine_level: None,
        reason: Some(&ignored.reason),
        expires: ignored.expires.map(|last| last.to_string()),
    }
}

/// ", 2 ignored" behind the counts, if any are.
fn ignored_in_words(change: &Change<'_>) -> String {
    if change.ignored.is_empty() { String::new() } else { format!(", {} ignored", change.ignored.len()) }
}

/// " (until 2027-03-31)" behind a reason, if it ends.
fn until(ignored: &Ignored) -> String {
    ignored.expires.map(|last| format!(" (until {last})")).unwrap_or_default()
}

/// Findings by operation: first the operation with the worst finding, as the engine sorts them; what is about the whole
/// document under `None`.
fn by_operation(findings: &[Finding]) -> Vec<(Option<&OperationKey>, Vec<&Finding>)> {
    let mut places = std::collections::HashMap::new();
    let mut groups: Vec<(Option<&OperationKey>, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        let operation = finding.operation.as_ref();
        let place = *places.entry(operation).or_insert_with(|| {
            groups.push((operation, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(finding);
    }
    groups
}

/// What a group of findings is headed by.
fn heading(operation: Option<&OperationKey>) -> String {
    operation.map_or_else(|| "The document as a whole".to_owned(), ToString::to_string)
}

/// Where a finding is to be shown: in the new file, or in the old one when it is gone from the new.
fn place<'a>(change: &Change<'a>, finding: &'a Finding) -> (&'a str, u32, u32) {
    match (&finding.revision, &finding.base) {
        (Some(place), _) => (&change.new.file, place.line, place.column),
        (None, Some(place)) => (&change.old.file, place.line, place.column),
        (None, None) => (&change.new.file, 1, 1),
    }
}

/// "old.yaml:12:9 → new.yaml:14:9", as far as the finding has places.
fn places(change: &Change<'_>, finding: &Finding) -> String {
    let at = |file: &str, place: &Option<shared::findings::Place>| {
        place.as_ref().map(|place| format!("{file}:{}:{}", place.line, place.column))
    };
    let (old, new) = (at(&change.old.given, &finding.base), at(&change.new.given, &finding.revision));
    match (old, new) {
        (Some(old), Some(new)) => format!("{old} → {new}"),
        (Some(old), None) => old,
        (None, Some(new)) => new,
        (None, None) => String::new(),
    }
}
