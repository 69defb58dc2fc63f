//! From changes in the graph of schema pairs to findings of operations.

use super::{
    Comparison,
    findings::quoted,
    schema::{Change, PairId, Path, Step, Trail, Walk},
};
use crate::witness::{Claim, Endpoints};
use rustc_hash::{FxHashMap, FxHashSet};
use shared::{
    Finding, Level,
    findings::{Direction, OperationKey},
};
use std::{fmt, rc::Rc};

/// So many operations hear of one and the same change in a shared schema; the rest is summed up in one more
/// finding. See the decision record on shared components.
pub(super) const MAX_OPERATIONS: usize = 20;

/// Where in an operation a schema stands.
#[derive(Debug, Clone)]
pub(crate) enum Where {
    Parameter { location: String, name: String },
    RequestBody { media_type: Option<String> },
    Response { status: String, media_type: Option<String> },
    Header { status: String, name: String },
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, media_type) = match self {
            Self::Parameter { location, name } => {
                return write!(f, "the {} parameter `{}`", quoted(location), quoted(name));
            }
            Self::Header { status, name } => {
                return write!(f, "the header `{}` of the {} response", quoted(name), quoted(status));
            }
            Self::RequestBody { media_type } => ("the request body".to_owned(), media_type),
            Self::Response { status, media_type } => (format!("the {} response", quoted(status)), media_type),
        };
        f.write_str(&what)?;
        media_type.as_ref().map_or(Ok(()), |media_type| write!(f, " ({})", quoted(media_type)))
    }
}

/// A schema that an operation has on both sides.
#[derive(Debug)]
pub(crate) struct Root {
    pub(super) operation: usize,
    pub(super) key: Rc<OperationKey>,
    pub(super) prefix: Rc<str>,
    pub(crate) place: Where,
    pub(crate) ends: Rc<Endpoints>,
    pub(super) direction: Direction,
    pub(crate) pair: PairId,
}

/// What makes two findings tell the same: rule, both places, direction.
type Identity = (&'static str, Option<u32>, Option<u32>, Direction);

/// Steps that writing a finding takes.
const STEPS_PER_FINDING: usize = 40;

/// Operations that a finding names when it speaks of all that are beyond the bound.
const NAMED: usize = 3;

struct Shared<'s> {
    level: Level,
    told: usize,
    /// What the first finding told; absent when it was one too many to be kept.
    first: Option<(&'s Change, Vec<Step>, usize, Claim)>,
    /// Operations beyond the bound: how many, and the first of them.
    beyond: usize,
    named: Vec<Rc<OperationKey>>,
}

pub(super) fn collect(comparison: &mut Comparison<'_>) {
    let (roots, mut findings) = (std::mem::take(&mut comparison.roots), std::mem::take(&mut comparison.findings));
    let mut shared: FxHashMap<Identity, Shared<'_>> = FxHashMap::default();
    let mut order: Vec<Identity> = Vec::new();
    let mut walk = Walk::default();
    let mut told: FxHashSet<Identity> = FxHashSet::default();
    let mut current = usize::MAX;
    let mut unheard: FxHashSet<usize> = FxHashSet::default();
    for (index, root) in roots.iter().enumerate() {
        if root.operation != current {
            current = root.operation;
            walk.restart();
            // Not cleared: that takes as long as the largest operation did.
            told = FxHashSet::default();
        }
        let whole = comparison.schemas.collect(root.pair, &mut walk, |change, path| {
            let node = |node: Option<crate::tree::NodeId>| node.map(|node| node.0);
            let identity = (change.rule.id, node(change.base), node(change.revision), root.direction);
            if !told.insert(identity) {
                return;
            }
            let entry = shared.entry(identity).or_insert_with(|| {
                order.push(identity);
                Shared { level: change.level, told: 0, first: None, beyond: 0, named: Vec::new() }
            });
            // What is told takes as long as some more steps.
            if entry.told < MAX_OPERATIONS && comparison.budget.take(STEPS_PER_FINDING) {
                entry.told += 1;
                let claim = claim(index, change, path);
                let kept = findings.add(change.level, claim, || finding(comparison, root, change, &path.steps()));
                if kept && entry.told == 1 {
                    // What shows it in one operation shows it in those beyond the bound.
                    entry.first = Some((change, path.steps(), index, self::claim(index, change, path)));
                }
            } else {
                entry.beyond += 1;
                if entry.named.len() < NAMED {
                    entry.named.push(Rc::clone(&root.key));
                }
            }
        });
        if !whole {
            unheard.insert(root.operation);
        }
    }
    for identity in order {
        let Some(mut entry) = shared.remove(&identity).filter(|entry| entry.beyond > 0) else { continue };
        let Some((change, path, index, claim)) = entry.first.take() else {
            findings.leave_out(entry.level);
            continue;
        };
        findings.add(change.level, claim, || {
            let mut summary = finding(comparison, &roots[index], change, &path);
            summary.operation = None;
            summary.message = in_others(&summary.message, &entry);
            summary
        });
    }
    if !unheard.is_empty() {
        findings.unjudged(format!(
            "Too many operations share too many changes: the schemas of {} operations were not looked through to the end.",
            unheard.len()
        ));
    }
    comparison.findings = findings;
    comparison.roots = roots;
}

/// What a finding about a schema claims, to be shown when the walk is over.
fn claim(root: usize, change: &Change, path: &Trail<'_, '_>) -> Claim {
    if change.level < Level::Breaking {
        return Claim::None;
    }
    let (last, change) = path.change();
    Claim::Schema { root, last, change, route: path.route() }
}

fn finding(comparison: &Comparison<'_>, root: &Root, change: &Change, path: &[Step]) -> Finding {
    Finding {
        rule: change.rule.id.into(),
        level: change.level,
        operation: Some(root.key.as_ref().clone()),
        direction: Some(root.direction),
        message: sentence(root, change, path),
        base: change.base.map(|node| comparison.base.place(node)),
        revision: change.revision.map(|node| comparison.revision.place(node)),
        witness: None,
        unproven: None,
        engine_level: None,
        ignored: None,
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

pub(crate) fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn in_others(message: &str, shared: &Shared<'_>) -> String {
    let named: Vec<String> = shared.named.iter().map(|key| quoted(&key.to_string()).into_owned()).collect();
    let more = shared.beyond - named.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let operations = if shared.beyond == 1 { "operation" } else { "operations" };
    format!("{message} The same holds for {} more {operations}: {}{rest}.", shared.beyond, named.join(", "))
}
