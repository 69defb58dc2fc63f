//! SARIF 2.1.0 (OASIS), which code-scanning tools show beside the code.

use super::{About, At, Error, FileName, Ignored, Report, Row, Tone, uri};
use crate::files;
use serde_json::{Value, json};
use shared::printable;

pub fn write(report: &Report<'_>) -> Result<String, Error> {
    let mut used: Vec<About> = Vec::new();
    let mut results: Vec<Value> = report.rows.iter().map(|row| result(report, row, &mut used)).collect();
    for Ignored { row, because } in &report.ignored {
        let mut result = result(report, row, &mut used);
        result["suppressions"] = json!([{"kind": "external", "justification": because.as_str()}]);
        results.push(result);
    }
    let rules: Vec<Value> = used.iter().map(rule).collect();
    Ok(printable::json(&document(&rules, &results))?)
}

/// A run with its rules and results.
pub(super) fn document(rules: &[Value], results: &[Value]) -> Value {
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "handshake", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"%SRCROOT%": root()},
            "results": results,
        }],
    })
}

const fn level(tone: Tone) -> &'static str {
    match tone {
        Tone::Bad => "error",
        Tone::Doubtful => "warning",
        Tone::Minor | Tone::Fine => "note",
    }
}

fn rule(rule: &About) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.how},
        "defaultConfiguration": {"level": level(rule.tone)},
    })
}

fn result(report: &Report<'_>, row: &Row<'_>, used: &mut Vec<About>) -> Value {
    let mut location = physical(row.at);
    if let Some(operation) = &row.operation {
        location["logicalLocations"] = json!([{"fullyQualifiedName": operation.as_str(), "kind": "function"}]);
    }
    let mut result = json!({
        "ruleId": row.rule.as_str(),
        "level": level(row.tone),
        "message": {"text": text(&row.whole())},
        "locations": [location],
    });
    if let Some(rule) = (report.about)(row.rule.as_str()) {
        let index = used.iter().position(|known| known.id == rule.id).unwrap_or_else(|| {
            used.push(rule);
            used.len() - 1
        });
        result["ruleIndex"] = index.into();
    }
    if let Some(fingerprint) = &row.fingerprint {
        // By it a tool knows a finding again when its lines have moved (SARIF 3.27.17).
        result["partialFingerprints"] = json!({"handshake/v1": fingerprint});
    }
    if let Some(word) = row.engine {
        result["properties"] = json!({"engineLevel": word});
    }
    if let Some(before) = row.before {
        let mut before = physical(before);
        before["message"] = json!({"text": "As it was"});
        result["relatedLocations"] = json!([before]);
    }
    result
}

/// What relative URIs are relative to (SARIF 3.14.14).
fn root() -> Value {
    let here = std::env::current_dir().and_then(std::fs::canonicalize).ok();
    let tree = here.as_deref().and_then(files::work_tree).and_then(std::path::Path::to_str);
    match tree {
        Some(tree) => json!({"uri": format!("{}/", uri(tree, None))}),
        None => json!({"description": {"text": "The working directory"}}),
    }
}

fn physical(At { file, line, column }: At<'_>) -> Value {
    location(file, Some((line, column)))
}

/// A file, and a line and a column in it where there are such.
pub(super) fn location(file: &FileName, place: Option<(u32, u32)>) -> Value {
    let mut artifact = json!({"uri": file.uri()});
    if file.is_relative() {
        artifact["uriBaseId"] = "%SRCROOT%".into();
    }
    let mut physical = json!({"artifactLocation": artifact});
    if let Some((line, column)) = place {
        physical["region"] = json!({"startLine": line, "startColumn": column});
    }
    json!({"physicalLocation": physical})
}

/// A message without links (SARIF 3.11.6): a document's text links to nothing.
pub(super) fn text(message: &str) -> String {
    message.replace("](", "]\\u{28}")
}
