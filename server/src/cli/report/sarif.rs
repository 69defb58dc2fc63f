//! SARIF 2.1.0 (OASIS), which code-scanning tools show beside the code.

use super::{place, until};
use crate::cli::diff::{Change, Error};
use contract::rules::{self, Rule};
use serde_json::{Value, json};
use shared::{Finding, Level};

pub fn write(change: &Change<'_>) -> Result<String, Error> {
    let mut used: Vec<&Rule> = Vec::new();
    let mut results: Vec<Value> = change.findings.iter().map(|finding| result(change, finding, &mut used)).collect();
    for ignored in change.ignored {
        let mut result = result(change, &ignored.finding, &mut used);
        let justification = format!("{}{}", ignored.reason, until(ignored));
        result["suppressions"] = json!([{"kind": "external", "justification": justification}]);
        results.push(result);
    }
    let rules: Vec<Value> = used.into_iter().map(rule).collect();
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "handshake", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Breaking => "error",
        Level::Risky => "warning",
        Level::Safe => "note",
    }
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.how},
        "defaultConfiguration": {"level": level(rule.level)},
    })
}

fn result(change: &Change<'_>, finding: &Finding, used: &mut Vec<&Rule>) -> Value {
    let (file, line, column) = place(change, finding);
    let mut location = physical(file, line, column);
    if let Some(operation) = &finding.operation {
        location["logicalLocations"] = json!([{"fullyQualifiedName": operation.to_string(), "kind": "function"}]);
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.level),
        "message": {"text": finding.message},
        "locations": [location],
    });
    if let Some(rule) = rules::find(&finding.rule) {
        let index = used.iter().position(|known| known.id == rule.id).unwrap_or_else(|| {
            used.push(rule);
            used.len() - 1
        });
        result["ruleIndex"] = index.into();
    }
    if let Some(level) = change.engine_level(finding) {
        result["properties"] = json!({"engineLevel": level});
    }
    if let (Some(_), Some(old)) = (&finding.revision, &finding.base) {
        let mut before = physical(&change.old.file, old.line, old.column);
        before["message"] = json!({"text": "As it was"});
        result["relatedLocations"] = json!([before]);
    }
    result
}

fn physical(file: &str, line: u32, column: u32) -> Value {
    json!({"physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": line, "startColumn": column}}})
}
