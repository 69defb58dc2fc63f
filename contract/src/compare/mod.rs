//! Two documents in, findings out.

use crate::Document;
use shared::{Finding, Level};
use std::collections::HashMap;

/// What changed from `base` to `revision`: worst level first, then in document order.
#[must_use]
pub fn compare(base: &Document, revision: &Document) -> Vec<Finding> {
    let keys = |document: &Document| -> HashMap<(String, String), usize> {
        let key = |(i, o): (usize, &crate::document::Operation)| ((o.key.method.clone(), o.template.clone()), i);
        document.operations.iter().enumerate().map(key).collect()
    };
    let (before, after) = (keys(base), keys(revision));
    let finding = |rule: &'static str, level, operation: &crate::document::Operation, what: &str| Finding {
        rule: rule.into(),
        level,
        operation: Some(operation.key.clone()),
        direction: None,
        message: format!("The operation {} was {what}.", operation.key),
        base: None,
        revision: None,
    };
    let mut findings = Vec::new();
    for operation in &base.operations {
        if !after.contains_key(&(operation.key.method.clone(), operation.template.clone())) {
            let place = Some(base.place(operation.node));
            findings
                .push(Finding { base: place, ..finding("operation-removed", Level::Breaking, operation, "removed") });
        }
    }
    for operation in &revision.operations {
        if !before.contains_key(&(operation.key.method.clone(), operation.template.clone())) {
            let place = Some(revision.place(operation.node));
            findings.push(Finding { revision: place, ..finding("operation-added", Level::Safe, operation, "added") });
        }
    }
    findings
}
