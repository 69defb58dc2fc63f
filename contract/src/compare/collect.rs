//! From changes in the graph of schema pairs to findings of operations.

use super::{
    Comparison,
    schema::{Change, PairId, Path, Step},
};
use rustc_hash::{FxHashMap, FxHashSet};
use shared::{
    Finding,
    findings::{Direction, OperationKey},
};
use std::fmt;

/// So many operations hear of one and the same change in a shared schema; the rest is summed up in one more
/// finding. See the decision record on shared components.
pub(super) const MAX_OPERATIONS: usize = 20;

/// Where in an operation a schema stands.
#[derive(Debug, Clone)]
pub(super) enum Where {
    Parameter { location: String, name: String },
    RequestBody { media_type: Option<String> },
    Response { status: String, media_type: Option<String> },
    Header { status: String, name: String },
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, media_type) = match self {
            Self::Parameter { location, name } => return write!(f, "the {location} parameter `{name}`"),
            Self::Header { status, name } => return write!(f, "the header `{name}` of the {status} response"),
            Self::RequestBody { media_type } => ("the request body".to_owned(), media_type),
            Self::Response { status, media_type } => (format!("the {status} response"), media_type),
        };
        f.write_str(&what)?;
        media_type.as_ref().map_or(Ok(()), |media_type| write!(f, " ({media_type})"))
    }
}

/// A schema that an operation has on both sides.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) operation: usize,
    pub(super) key: OperationKey,
    pub(super) prefix: String,
    pub(super) place: Where,
    pub(super) direction: Direction,
    pub(super) pair: PairId,
}

/// What makes two findings tell the same: rule, both places, direction.
type Identity = (&'static str, Option<u32>, Option<u32>, Direction);

struct Shared<'s> {
    told: usize,
    first: (&'s Change, Vec<Step>, usize),
    /// Operations beyond the bound.
    beyond: Vec<OperationKey>,
}

pub(super) fn collect(comparison: &mut Comparison<'_>) {
    let (roots, schemas) = (std::mem::take(&mut comparison.roots), &comparison.schemas);
    let mut found: Vec<Finding> = Vec::new();
    let mut shared: FxHashMap<Identity, Shared<'_>> = FxHashMap::default();
    let mut order: Vec<Identity> = Vec::new();
    let mut seen: FxHashSet<PairId> = FxHashSet::default();
    let mut told: FxHashSet<Identity> = FxHashSet::default();
    let mut current = usize::MAX;
    for (index, root) in roots.iter().enumerate() {
        if root.operation != current {
            current = root.operation;
            seen.clear();
            told.clear();
        }
        schemas.collect(root.pair, &mut seen, |change, path| {
            let node = |node: Option<crate::tree::NodeId>| node.map(|node| node.0);
            let identity = (change.rule.id, node(change.base), node(change.revision), root.direction);
            if !told.insert(identity) {
                return;
            }
            let entry = shared.entry(identity).or_insert_with(|| {
                order.push(identity);
                Shared { told: 0, first: (change, path.to_vec(), index), beyond: Vec::new() }
            });
            if entry.told < MAX_OPERATIONS {
                entry.told += 1;
                found.push(finding(comparison, root, change, path));
            } else {
                entry.beyond.push(root.key.clone());
            }
        });
    }
    for identity in order {
        let Some(entry) = shared.remove(&identity).filter(|entry| !entry.beyond.is_empty()) else { continue };
        let (change, path, index) = entry.first;
        let mut summary = finding(comparison, &roots[index], change, &path);
        summary.operation = None;
        summary.message = in_others(&summary.message, &entry.beyond);
        found.push(summary);
    }
    comparison.findings.extend(found);
}

fn finding(comparison: &Comparison<'_>, root: &Root, change: &Change, path: &[Step]) -> Finding {
    Finding {
        rule: change.rule.id.into(),
        level: change.level,
        operation: Some(root.key.clone()),
        direction: Some(root.direction),
        message: sentence(root, change, path),
        base: change.base.map(|node| comparison.base.place(node)),
        revision: change.revision.map(|node| comparison.revision.place(node)),
    }
}

fn sentence(root: &Root, change: &Change, path: &[Step]) -> String {
    let subject = if path.is_empty() {
        format!("{}{}", root.place, root.prefix)
    } else {
        format!("`{}` in {}{}", Path(path), root.place, root.prefix)
    };
    format!("{} {}.", upper_first(&subject), change.says)
}

pub(super) fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn in_others(message: &str, others: &[OperationKey]) -> String {
    let named: Vec<String> = others.iter().take(3).map(ToString::to_string).collect();
    let more = others.len() - named.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let operations = if others.len() == 1 { "operation" } else { "operations" };
    format!("{message} The same holds for {} more {operations}: {}{rest}.", others.len(), named.join(", "))
}
