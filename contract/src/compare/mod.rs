//! Two documents in, findings out.
//!
//! Operations, parameters, bodies and responses are walked side by side; their schemas are handed to the
//! [graph of pairs](schema), which compares each pair once. Then every operation collects what it reaches.
//! Findings name operations, so that "whom does it break" has an answer; what a shared component changes for
//! many operations is told for a bounded number of them (see [`collect`]).

mod collect;
mod messages;
mod operations;
mod parameters;
mod schema;
mod security;
mod value;

use crate::{Document, rules, tree::NodeId};
use collect::{Root, Where};
use schema::{Mode, Schemas};
use shared::{
    Finding, Level,
    findings::{Direction, OperationKey},
};

/// What changed from `base` to `revision`: worst level first, then in the revision's order.
///
/// Pure and deterministic: the order of keys in either document doesn't matter beyond positions. Comparing a
/// document with itself finds nothing.
#[must_use]
pub fn compare(base: &Document, revision: &Document) -> Vec<Finding> {
    let mut comparison =
        Comparison { base, revision, schemas: Schemas::new(base, revision), findings: Vec::new(), roots: Vec::new() };
    comparison.operations();
    comparison.webhooks();
    comparison.security_schemes();
    comparison.servers();
    comparison.schemas.run();
    collect::collect(&mut comparison);
    let mut findings = comparison.findings;
    let line = |finding: &Finding| finding.revision.as_ref().or(finding.base.as_ref()).map_or(0, |place| place.line);
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (std::cmp::Reverse(finding.level), line(finding));
        key(a).cmp(&key(b)).then_with(|| a.operation.cmp(&b.operation)).then_with(|| a.message.cmp(&b.message))
    });
    findings
}

struct Comparison<'d> {
    base: &'d Document,
    revision: &'d Document,
    schemas: Schemas<'d>,
    findings: Vec<Finding>,
    roots: Vec<Root>,
}

/// An operation that both documents have, and how it is seen.
#[derive(Clone)]
struct Scope {
    key: OperationKey,
    /// Index that tells operations apart while collecting.
    id: usize,
    /// What precedes a place in messages: empty, or that it is in a callback or webhook.
    prefix: String,
    /// Webhooks and callbacks: the service sends the request, the client answers.
    reversed: bool,
}

impl Scope {
    /// The direction that a request (or else a response) has here.
    const fn direction(&self, request: bool) -> Direction {
        if request == self.reversed { Direction::Response } else { Direction::Request }
    }

    const fn mode(&self, request: bool, textual: bool) -> Mode {
        Mode { direction: self.direction(request), textual }
    }
}

/// Where a finding stands in both documents.
type Places = (Option<NodeId>, Option<NodeId>);

impl<'d> Comparison<'d> {
    /// A finding at its rule's own level.
    fn add(
        &mut self,
        rule: &'static str,
        scope: Option<&Scope>,
        direction: Option<Direction>,
        message: impl Into<String>,
        places: Places,
    ) -> &mut Finding {
        let rule = rules::get(rule);
        let index = self.findings.len();
        self.findings.push(Finding {
            rule: rule.id.into(),
            level: rule.level,
            operation: scope.map(|scope| scope.key.clone()),
            direction,
            message: message.into(),
            base: places.0.map(|node| self.base.place(node)),
            revision: places.1.map(|node| self.revision.place(node)),
        });
        &mut self.findings[index]
    }

    /// Has the schemas at a place of an operation compared.
    fn compare_schemas(&mut self, scope: &Scope, place: Where, mode: Mode, base: NodeId, revision: NodeId) {
        let pair = self.schemas.pair_nodes(base, revision, mode);
        let direction = mode.direction;
        self.roots.push(Root {
            operation: scope.id,
            key: scope.key.clone(),
            prefix: scope.prefix.clone(),
            place,
            direction,
            pair,
        });
    }

    fn base_get(&self, node: NodeId, key: &str) -> Option<NodeId> {
        self.base.get(node, key)
    }

    fn revision_get(&self, node: NodeId, key: &str) -> Option<NodeId> {
        self.revision.get(node, key)
    }

    fn servers(&mut self) {
        let urls = |document: &'d Document| -> Vec<(&'d str, NodeId)> {
            let servers = document.root("servers").map(|node| document.tree.items(node)).unwrap_or_default();
            servers.iter().filter_map(|node| Some((document.tree.text_of(*node, "url")?, *node))).collect()
        };
        let (before, after) = (urls(self.base), urls(self.revision));
        for (url, node) in before.iter().filter(|(url, _)| !after.iter().any(|(other, _)| other == url)) {
            self.add(
                "server-removed",
                None,
                None,
                format!("The server {url} is no longer listed."),
                (Some(*node), None),
            );
        }
        for (url, node) in after.iter().filter(|(url, _)| !before.iter().any(|(other, _)| other == url)) {
            self.add("server-added", None, None, format!("The server {url} is new."), (None, Some(*node)));
        }
    }
}

/// Raises or lowers a finding from its rule's level, where its circumstances do.
fn at_level(finding: &mut Finding, level: Level) {
    finding.level = level;
}
