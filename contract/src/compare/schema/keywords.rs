//! Keywords that hold schemas, and those that are compared as values: the constraints beside types and bounds.

use super::{
    Report, Schemas, Step,
    flatten::only_requires,
    normalized::{APPLICATORS, Additional, NormalizedSchema, VALUES},
    pair::at,
    store::SchemaRef,
    subset::Ternary,
};
use crate::{
    compare::{
        evidence::{Evidence, Fact},
        findings::quoted,
        value::canonical,
    },
    rules,
    tree::{NodeId, Tree},
};
use rustc_hash::FxHashMap;
use shared::{Level, findings::Side};
use std::collections::{HashMap, HashSet};

/// Keywords that hold schemas: compared where they are on both sides, a narrowing or widening where not. A conjunction
/// may have one several times; what both sides have alike is no difference.
pub(super) fn applicators(
    schemas: &mut Schemas<'_>,
    report: &mut Report,
    b: &NormalizedSchema<'_>,
    r: &NormalizedSchema<'_>,
) {
    let all = |list: &[(&'static str, NodeId)], name: &str| -> Vec<NodeId> {
        list.iter().filter(|(known, _)| *known == name).map(|(_, node)| *node).collect()
    };
    // What is evaluated decides what else there may be; which values that is nobody can tell.
    let rest = |normalized: &NormalizedSchema<'_>| {
        normalized.applicators.iter().any(|(name, _)| name.starts_with("unevaluated"))
    };
    let undecided = rest(b) || rest(r);
    for name in APPLICATORS {
        let (mut had, mut have) = (all(&b.applicators, name), all(&r.applicators, name));
        if had.len() > 1 || have.len() > 1 {
            without_common(schemas, &mut had, &mut have);
        }
        let (mut had, mut have) = (had.into_iter(), have.into_iter());
        loop {
            let told = report.changes.len();
            match (had.next(), have.next()) {
                (None, None) => break,
                (Some(before), Some(after)) => applicator(schemas, report, name, (before, b), (after, r)),
                (None, Some(node)) if name == "prefixItems" => prefix(schemas, report, (None, b), (Some(node), r)),
                (Some(node), None) if name == "prefixItems" => prefix(schemas, report, (Some(node), b), (None, r)),
                (None, Some(node)) if name == PATTERNS => patterns(schemas, report, (None, b), (Some(node), r)),
                (Some(node), None) if name == PATTERNS => patterns(schemas, report, (Some(node), b), (None, r)),
                (None, Some(node)) => constraint(report, name, at(b), Some(node), true),
                (Some(node), None) => constraint(report, name, Some(node), at(r), false),
            }
            if undecided {
                report.at_least(told, Level::Risky);
            }
        }
    }
}

const PATTERNS: &str = "patternProperties";

/// The schemas that a map holds, in its order.
fn children(tree: &Tree, map: Option<NodeId>) -> Vec<(String, NodeId)> {
    map.into_iter().flat_map(|map| tree.entries(map)).map(|(key, node)| (key.to_owned(), node)).collect()
}

fn by_key(children: &[(String, NodeId)]) -> HashMap<&str, NodeId> {
    children.iter().map(|(key, node)| (key.as_str(), *node)).collect()
}

/// Members with names of a pattern. Where one side doesn't know a pattern, they are what it says of all others there.
fn patterns(
    schemas: &mut Schemas<'_>,
    report: &mut Report,
    (before, b): (Option<NodeId>, &NormalizedSchema<'_>),
    (after, r): (Option<NodeId>, &NormalizedSchema<'_>),
) {
    let had = children(&schemas.base.document.tree, before);
    let have = children(&schemas.revision.document.tree, after);
    let (before_by_key, after_by_key) = (by_key(&had), by_key(&have));
    let mode = report.mode.inside();
    let step = |key: &str| Step::Member(PATTERNS, key.into());
    for (key, node) in &had {
        let schema = schemas.base.intern([*node]);
        match (after_by_key.get(key.as_str()), r.additional) {
            (Some(other), _) => {
                let other = schemas.revision.intern([*other]);
                let pair = schemas.pair(schema, other, mode);
                report.edge(step(key), pair);
            }
            (None, Additional::Typed(other, _)) => {
                let pair = schemas.pair(schema, other, mode);
                report.edge(step(key), pair);
            }
            (None, Additional::Closed(closed)) => let_in(report, Some(*node), Some(closed), false),
            (None, Additional::Open) if schemas.base.says_nothing(*node) => {}
            (None, Additional::Open) => {
                constraint(report, &format!("{PATTERNS} {key}"), Some(*node), after.or(at(r)), false);
            }
        }
    }
    for (key, node) in have.iter().filter(|(key, _)| !before_by_key.contains_key(key.as_str())) {
        let schema = schemas.revision.intern([*node]);
        match b.additional {
            Additional::Typed(other, _) => {
                let pair = schemas.pair(other, schema, mode);
                report.edge(step(key), pair);
            }
            Additional::Closed(closed) => let_in(report, Some(closed), Some(*node), true),
            Additional::Open if schemas.revision.says_nothing(*node) => {}
            Additional::Open => constraint(report, &format!("{PATTERNS} {key}"), before.or(at(b)), Some(*node), true),
        }
    }
}

fn let_in(report: &mut Report, base: Option<NodeId>, revision: Option<NodeId>, more: bool) {
    let mode = report.mode;
    let rule = if more {
        mode.pick(rules::REQUEST_ADDITIONAL_PROPERTIES_OPENED, rules::RESPONSE_ADDITIONAL_PROPERTIES_OPENED)
    } else {
        mode.pick(rules::REQUEST_ADDITIONAL_PROPERTIES_CLOSED, rules::RESPONSE_ADDITIONAL_PROPERTIES_CLOSED)
    };
    report.add(rule, Evidence::flag(PATTERNS, more), base, revision);
}

/// Takes off both lists what means the same.
fn without_common(schemas: &mut Schemas<'_>, had: &mut Vec<NodeId>, have: &mut Vec<NodeId>) {
    // For each meaning, where it stands in the revision; the first last.
    let mut places: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for (place, node) in have.iter().enumerate().rev() {
        let schema = schemas.revision.intern([*node]);
        places.entry(schemas.revision.fingerprint(schema)).or_default().push(place);
    }
    let mut common = vec![false; have.len()];
    had.retain(|node| {
        let schema = schemas.base.intern([*node]);
        let print = schemas.base.fingerprint(schema);
        let found = places.get_mut(&print).and_then(Vec::pop);
        found.is_none_or(|place| std::mem::replace(&mut common[place], true))
    });
    let mut places = common.into_iter();
    have.retain(|_| places.next() == Some(false));
}

/// The first items of a list, each by its place. Beyond those that are named, an item is what `items` says.
fn prefix(
    schemas: &mut Schemas<'_>,
    report: &mut Report,
    (before, b): (Option<NodeId>, &NormalizedSchema<'_>),
    (after, r): (Option<NodeId>, &NormalizedSchema<'_>),
) {
    let list = |tree: &Tree, node: Option<NodeId>| node.map(|node| tree.items(node).to_vec()).unwrap_or_default();
    let had = list(&schemas.base.document.tree, before);
    let have = list(&schemas.revision.document.tree, after);
    let mode = report.mode.inside();
    for place in 0..had.len().max(have.len()) {
        let old = had.get(place).map(|node| schemas.base.intern([*node])).or(b.items.map(|(items, _)| items));
        let new = have.get(place).map(|node| schemas.revision.intern([*node])).or(r.items.map(|(items, _)| items));
        let name = format!("prefixItems {place}");
        match (old, new) {
            (Some(old), Some(new)) => {
                let pair = schemas.pair(old, new, mode);
                report.edge(Step::Member("prefixItems", place.to_string().into()), pair);
            }
            (None, Some(_)) => constraint(report, &name, before.or(at(b)), have.get(place).copied().or(at(r)), true),
            (Some(_), None) => constraint(report, &name, had.get(place).copied().or(at(b)), after.or(at(r)), false),
            (None, None) => {}
        }
    }
}

fn constraint(report: &mut Report, name: &str, base: Option<NodeId>, revision: Option<NodeId>, added: bool) {
    // Those that are plain values are shown.
    let value = |node| if VALUES.contains(&name) { Fact::node(node) } else { Fact::None };
    let keyword = quoted(name).into_owned();
    let mode = report.mode;
    if added {
        let rule = mode.pick(rules::REQUEST_CONSTRAINT_ADDED, rules::RESPONSE_CONSTRAINT_ADDED);
        report.add(rule, Evidence::of(keyword, Fact::None, value(revision)), base, revision);
    } else {
        let rule = mode.pick(rules::REQUEST_CONSTRAINT_REMOVED, rules::RESPONSE_CONSTRAINT_REMOVED);
        report.add(rule, Evidence::of(keyword, value(base), Fact::None), base, revision);
    }
}

fn applicator(
    schemas: &mut Schemas<'_>,
    report: &mut Report,
    name: &'static str,
    (before, b): (NodeId, &NormalizedSchema<'_>),
    (after, r): (NodeId, &NormalizedSchema<'_>),
) {
    let mode = report.mode;
    if name == "prefixItems" {
        prefix(schemas, report, (Some(before), b), (Some(after), r));
        return;
    }
    if name == PATTERNS {
        patterns(schemas, report, (Some(before), b), (Some(after), r));
        return;
    }
    let (base, revision) = (&schemas.base.document.tree, &schemas.revision.document.tree);
    if name == "dependentSchemas" {
        let (mut had, mut have) = (children(base, Some(before)), children(revision, Some(after)));
        // Those that only require are told with `dependentRequired`.
        had.retain(|(_, schema)| !only_requires(base, *schema));
        have.retain(|(_, schema)| !only_requires(revision, *schema));
        let (before_by_key, after_by_key) = (by_key(&had), by_key(&have));
        for (key, node) in &had {
            let key = key.as_str();
            match after_by_key.get(key) {
                Some(other) => {
                    let pair = schemas.pair_nodes(*node, *other, mode);
                    report.edge(Step::Member(name, key.into()), pair);
                }
                None => constraint(report, &format!("{name} {key}"), Some(*node), Some(after), false),
            }
        }
        for (key, node) in have.iter().filter(|(key, _)| !before_by_key.contains_key(key.as_str())) {
            constraint(report, &format!("{name} {key}"), Some(before), Some(*node), true);
        }
        return;
    }
    if matches!(name, "not" | "if") {
        negated(schemas, report, name, before, after);
        return;
    }
    let pair = schemas.pair_nodes(before, after, mode);
    report.edge(Step::Keyword(name), pair);
}

/// `not` and `if`, which don't narrow when their schema does. What `not` refuses is decided by the two schemas: where
/// the new one takes nothing more, nothing more is refused.
fn negated(schemas: &mut Schemas<'_>, report: &mut Report, name: &'static str, before: NodeId, after: NodeId) {
    let mode = report.mode;
    let (old, new) = (schemas.base.intern([before]), schemas.revision.intern([after]));
    if schemas.base.fingerprint(old) == schemas.revision.fingerprint(new) {
        return;
    }
    let (old, new) = (SchemaRef::new(Side::Base, old), SchemaRef::new(Side::Revision, new));
    let (whole, part) = if mode.is_request() { (old, new) } else { (new, old) };
    let is_not = name == "not";
    let harmless = if is_not { schemas.covers(whole, part, mode.is_request()) } else { Ternary::Unknown };
    let opposite = if is_not { schemas.covers(part, whole, mode.is_request()) } else { Ternary::Unknown };
    if harmless == Ternary::Yes && opposite == Ternary::Yes {
        return;
    }
    // They differ, and the one holds all of the other: it holds more.
    let harmless = if harmless == Ternary::Unknown && opposite == Ternary::Yes { Ternary::No } else { harmless };
    let rule = mode.pick(rules::REQUEST_CONSTRAINT_CHANGED, rules::RESPONSE_CONSTRAINT_CHANGED);
    report.add(rule, Evidence::of(name, Fact::None, Fact::None), Some(before), Some(after));
    match harmless {
        Ternary::Yes => report.level(Level::Safe),
        Ternary::No => report.level(Level::Breaking),
        Ternary::Unknown => report,
    };
}

/// Keywords compared as values.
pub(super) fn compare(
    report: &mut Report,
    (base, revision): (&Tree, &Tree),
    b: &NormalizedSchema<'_>,
    r: &NormalizedSchema<'_>,
    passed_over: impl Fn(&str) -> bool,
) {
    let mode = report.mode;
    let find =
        |list: &[(&'static str, NodeId)], name: &str| list.iter().find(|(n, _)| *n == name).map(|(_, node)| *node);
    needs(report, b, r);
    for name in VALUES.into_iter().filter(|name| !passed_over(name)) {
        match (find(&b.keywords, name), find(&r.keywords, name)) {
            (None, Some(node)) => constraint(report, name, at(b), Some(node), true),
            (Some(node), None) => constraint(report, name, Some(node), at(r), false),
            (Some(before), Some(after)) if canonical(base, before) != canonical(revision, after) => {
                let rule = mode.pick(rules::REQUEST_CONSTRAINT_CHANGED, rules::RESPONSE_CONSTRAINT_CHANGED);
                let evidence = Evidence::of(name, Fact::Node(before), Fact::Node(after));
                report.add(rule, evidence, Some(before), Some(after));
                // Another encoding is another content.
                report.level(Level::Breaking);
            }
            _ => continue,
        }
        if name == "$schema" {
            // Keywords may mean something else by it, or all the same.
            report.level(Level::Risky);
        }
    }
}

const NEEDS: &str = "dependentRequired";

/// Which members need which others, by all parts of a whole.
fn needs(report: &mut Report, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    let all = |normalized: &NormalizedSchema<'_>| -> HashSet<(String, String)> {
        normalized.needs.iter().map(|(name, needed, _)| ((*name).to_owned(), (*needed).to_owned())).collect()
    };
    let (had, have) = (all(b), all(r));
    let place = |normalized: &NormalizedSchema<'_>| normalized.needs.first().map(|(.., node)| *node).or(at(normalized));
    let places = (place(b), place(r));
    match (had.is_empty(), have.is_empty()) {
        _ if had == have => {}
        (true, _) => constraint(report, NEEDS, places.0, places.1, true),
        (_, true) => constraint(report, NEEDS, places.0, places.1, false),
        _ => {
            let mode = report.mode;
            let harmless = if mode.is_request() { have.is_subset(&had) } else { had.is_subset(&have) };
            let rule = mode.pick(rules::REQUEST_CONSTRAINT_CHANGED, rules::RESPONSE_CONSTRAINT_CHANGED);
            let fact = |normalized: &NormalizedSchema<'_>| {
                let mut all: Vec<String> = normalized.needs.iter().map(|(a, b, _)| format!("{a} needs {b}")).collect();
                crate::sort::plain(&mut all);
                Fact::texts(all.iter().map(String::as_str))
            };
            report.add(rule, Evidence::of(NEEDS, fact(b), fact(r)), places.0, places.1);
            report.level(if harmless { Level::Safe } else { Level::Breaking });
        }
    }
}
