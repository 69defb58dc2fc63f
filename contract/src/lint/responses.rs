//! Errors: that each has a body, and that it is the same one everywhere.

use super::{LintRuleId, Linter, examples::weight, operations::is_json, quoted};
use crate::{compare::canonical, tree::NodeId};
use rustc_hash::{FxHashMap, FxHashSet};

/// An inline schema with more values than this is compared by its place instead of its text.
const MAX_WEIGHT: usize = 500;

/// What tells the schemas of errors apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Shape {
    /// A schema that is written in one place.
    At(NodeId),
    /// An inline schema's text.
    Text(String),
}

/// An error response, once for all that use it.
struct Failure<'d> {
    status: &'d str,
    node: NodeId,
    /// Problem details, the standard.
    problem: bool,
    /// The schema, and what it is made from.
    shapes: Vec<Shape>,
}

impl<'d> Linter<'d> {
    pub(super) fn responses(&mut self) {
        let failures = self.failures();
        let mut uses: FxHashMap<&Shape, (usize, usize)> = FxHashMap::default();
        for (order, failure) in failures.iter().enumerate() {
            for shape in &failure.shapes {
                uses.entry(shape).or_insert((0, order)).0 += 1;
            }
        }
        // The one that most have; of several, the first.
        let common = uses.into_iter().max_by_key(|(_, (count, order))| (*count, std::cmp::Reverse(*order)));
        let common = common.map(|(shape, _)| shape.clone());
        for Failure { status, node, problem, shapes } in failures {
            let status = quoted(status);
            let has_body = problem || !shapes.is_empty();
            self.place(LintRuleId::ErrorBody, has_body, node, || {
                format!("The {status} response has no body with a schema. Describe it by the schema of all errors.")
            });
            if has_body {
                let standard = problem || common.as_ref().is_some_and(|common| shapes.contains(common));
                self.place(LintRuleId::ErrorBodies, standard, node, || {
                    let usual = match &common {
                        Some(Shape::At(node)) => format!(", {}", super::name_of(self.document, *node)),
                        _ => String::new(),
                    };
                    format!("The {status} response has a body unlike that of most errors{usual}. Use the same one.")
                });
            }
        }
    }

    /// Every error response that operations have, each once.
    fn failures(&self) -> Vec<Failure<'d>> {
        let (mut failures, mut seen) = (Vec::new(), FxHashSet::default());
        let mut operations = FxHashSet::default();
        for operation in &self.document.operations {
            // An answer to HEAD never has a body.
            if operation.key.method == "head" || !operations.insert(operation.node) {
                continue;
            }
            let Some(responses) = self.tree.get(operation.node, "responses") else { continue };
            let succeeds = self.tree.entries(responses).any(|(status, _)| status.starts_with(['2', '3']));
            for (status, node) in self.tree.entries(responses) {
                let node = self.document.references.resolve(node);
                if (status.starts_with(['4', '5']) || (status == "default" && succeeds)) && seen.insert(node) {
                    failures.push(self.failure(status, node));
                }
            }
        }
        failures
    }

    fn failure(&self, status: &'d str, node: NodeId) -> Failure<'d> {
        let (mut problem, mut shapes) = (false, Vec::new());
        let content = self.tree.get(node, "content");
        for (media_type, value) in content.into_iter().flat_map(|content| self.tree.entries(content)) {
            let Some(schema) = self.tree.get(value, "schema") else { continue };
            problem |= media_type.to_ascii_lowercase().starts_with("application/problem+");
            if is_json(media_type) || shapes.is_empty() {
                shapes.push(self.shape(schema));
                // What extends the common error has its members as well.
                let schema = self.document.references.resolve(schema);
                let parts = self.tree.get(schema, "allOf").map(|parts| self.tree.items(parts)).unwrap_or_default();
                shapes.extend(parts.iter().take(8).map(|part| self.shape(*part)));
            }
        }
        Failure { status, node, problem, shapes }
    }

    fn shape(&self, schema: NodeId) -> Shape {
        let resolved = self.document.references.resolve(schema);
        if resolved != schema || weight(self.tree, schema, MAX_WEIGHT).is_none() {
            return Shape::At(resolved);
        }
        Shape::Text(canonical(self.tree, schema))
    }
}
