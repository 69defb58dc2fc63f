//! Objects: properties, what is required, what else they may hold.

use super::{
    Report, Schemas, Step,
    facts::{Additional, Facts},
};
use crate::{compare::lifecycle::Announced, tree::NodeId};
use shared::Level;
use std::collections::HashMap;

pub(super) fn compare(schemas: &mut Schemas<'_>, report: &mut Report, b: &Facts<'_>, r: &Facts<'_>) {
    let after: HashMap<&str, usize> = r.properties.iter().enumerate().map(|(i, (name, ..))| (*name, i)).collect();
    let before: HashMap<&str, usize> = b.properties.iter().enumerate().map(|(i, (name, ..))| (*name, i)).collect();
    for (name, base, base_node) in &b.properties {
        let node = base_node;
        match after.get(name) {
            Some(index) => {
                let (_, revision, revision_node) = r.properties[*index];
                let property = Property { name, base: *node, revision: revision_node };
                let (bf, rf) = (schemas.base.facts(*base), schemas.revision.facts(revision));
                if property.visible(report, (b, &bf), (r, &rf)) {
                    property.requirement(report, b, r);
                    let unstable = bf.life(&schemas.base.document.tree).is_unstable();
                    let pair = schemas.pair(*base, revision, report.mode.inside_of(unstable));
                    report.edge(Step::Property((*name).into()), pair);
                }
            }
            None if let Additional::Typed(others, node) = r.additional => {
                // What isn't named any more is one of the others now.
                if hidden(report, &schemas.base.facts(*base)).is_none() {
                    Property { name, base: *base_node, revision: node }.requirement(report, b, r);
                    let pair = schemas.pair(*base, others, report.mode.inside());
                    report.edge(Step::Property((*name).into()), pair);
                }
            }
            None if r.additional == Additional::Open
                && b.required.contains_key(name)
                && r.required.contains_key(name) =>
            {
                let facts = schemas.base.facts(*base);
                if hidden(report, &facts).is_none() && !facts.says_nothing() {
                    let rule = report.mode.pick("request-schema-removed", "response-schema-removed");
                    report.add(rule, "is no longer described: it may be anything", Some(*node), Some(r.node));
                    report.below(Step::Property((*name).into()));
                }
            }
            None => {
                let facts = schemas.base.facts(*base);
                if hidden(report, &facts).is_none() {
                    let announced = facts.life(&schemas.base.document.tree).announced(&schemas.options);
                    if !retired(report, name, (*node, r.node), &announced) {
                        removed(report, name, *node, b, r);
                    }
                }
            }
        }
    }
    for (name, revision, node) in r.properties.iter().filter(|(name, ..)| !before.contains_key(name)) {
        let facts = schemas.revision.facts(*revision);
        if hidden(report, &facts).is_some() {
            continue;
        }
        if b.additional == Additional::Open && b.required.contains_key(name) && r.required.contains_key(name) {
            if !facts.says_nothing() {
                let rule = report.mode.pick("request-schema-added", "response-schema-added");
                report.add(rule, "is described now; before, it could be anything", Some(b.node), Some(*node));
                report.below(Step::Property((*name).into()));
            }
            continue;
        }
        if let Additional::Typed(others, base) = b.additional {
            // It was one of the others, and has a name of its own now.
            Property { name, base, revision: *node }.requirement(report, b, r);
            let pair = schemas.pair(others, *revision, report.mode.inside());
            report.edge(Step::Property((*name).into()), pair);
        } else {
            added(report, name, *node, b, r);
        }
    }
    undescribed(report, b, r, &before, &after);
    additional(schemas, report, b, r);
}

/// The flag that takes a property out of this direction: a request has no read-only ones, a response no write-only.
fn hidden(report: &Report, facts: &Facts<'_>) -> Option<NodeId> {
    if report.mode.is_request() { facts.read_only } else { facts.write_only }
}

struct Property<'a> {
    name: &'a str,
    base: NodeId,
    revision: NodeId,
}

impl Property<'_> {
    fn step(&self) -> Step {
        Step::Property(self.name.into())
    }

    /// Whether the property is there on both sides of this direction; reports when that changed.
    fn visible(
        &self,
        report: &mut Report,
        (b, bf): (&Facts<'_>, &Facts<'_>),
        (r, rf): (&Facts<'_>, &Facts<'_>),
    ) -> bool {
        let request = report.mode.is_request();
        let at = (Some(self.base), Some(self.revision));
        // What is required counts only where the property is part of the message.
        let (was_promised, is_needed) = (b.required.contains_key(self.name), r.required.contains_key(self.name));
        let (rule, level, says, at) = match (hidden(report, bf), hidden(report, rf)) {
            (None, None) => {
                self.noted(report, bf, rf);
                return true;
            }
            (Some(_), Some(_)) => return false,
            (None, Some(node)) if request => (
                "request-property-became-read-only",
                None,
                "is read-only now: requests can no longer set it",
                (at.0, Some(node)),
            ),
            (None, Some(node)) => (
                "response-property-became-write-only",
                was_promised.then_some(Level::Breaking),
                "is write-only now: responses no longer hold it",
                (at.0, Some(node)),
            ),
            (Some(node), None) if request => (
                "request-property-became-writable",
                is_needed.then_some(Level::Breaking),
                if is_needed {
                    "is no longer read-only, and requests need it"
                } else {
                    "is no longer read-only: requests may set it"
                },
                (Some(node), at.1),
            ),
            (Some(node), None) => (
                "response-property-became-readable",
                None,
                "is no longer write-only: responses may hold it",
                (Some(node), at.1),
            ),
        };
        report.add(rule, says, at.0, at.1);
        if let Some(level) = level {
            report.level(level);
        }
        report.below(self.step());
        false
    }

    /// The flag of the other direction, which changes nothing in this one.
    fn noted(&self, report: &mut Report, bf: &Facts<'_>, rf: &Facts<'_>) {
        let request = report.mode.is_request();
        let flag = |facts: &Facts<'_>| if request { facts.write_only } else { facts.read_only };
        let (before, after) = (flag(bf), flag(rf));
        if before.is_some() == after.is_some() {
            return;
        }
        let kind = if request { "write-only" } else { "read-only" };
        let says = if after.is_some() { format!("is {kind} now") } else { format!("is no longer {kind}") };
        let rule = if request { "request-property-write-only-changed" } else { "response-property-read-only-changed" };
        report.add(rule, says, before.or(Some(self.base)), after.or(Some(self.revision)));
        report.below(self.step());
    }

    fn requirement(&self, report: &mut Report, b: &Facts<'_>, r: &Facts<'_>) {
        let mode = report.mode;
        match (b.required.get(self.name), r.required.get(self.name)) {
            (None, Some(node)) => {
                let rule = mode.pick("request-property-became-required", "response-property-became-required");
                let says = mode.pick("was optional and is now required", "is always there now");
                report.add(rule, says, Some(self.base), Some(*node));
                report.below(self.step());
            }
            (Some(node), None) => {
                let rule = mode.pick("request-property-became-optional", "response-property-became-optional");
                let says =
                    mode.pick("is no longer required", "may now be missing; clients were promised that it is there");
                report.add(rule, says, Some(*node), Some(self.revision));
                report.below(self.step());
            }
            _ => {}
        }
    }
}

/// Tells of a property whose sunset decides what its removal means; whether it did.
fn retired(report: &mut Report, name: &str, (base, revision): (NodeId, NodeId), announced: &Announced) -> bool {
    let (rule, says) = match announced {
        Announced::No | Announced::Deprecated => return false,
        Announced::After(sunset) => ("removed-after-sunset", format!("was removed after its sunset, {sunset}")),
        Announced::Before(sunset) => ("removed-before-sunset", format!("was removed before its sunset, {sunset}")),
        Announced::Unreadable(text) => ("sunset-invalid", format!("was removed; its sunset `{text}` is no date")),
    };
    report.add(rule, says, Some(base), Some(revision));
    report.below(Step::Property(name.into()));
    true
}

fn removed(report: &mut Report, name: &str, node: NodeId, b: &Facts<'_>, r: &Facts<'_>) {
    let mode = report.mode;
    let closed = matches!(r.additional, Additional::Closed(_));
    let required = b.required.contains_key(name);
    if mode.is_request() {
        let says = if closed {
            "was removed, and unknown members are refused"
        } else {
            "was removed; whoever still sends it may be ignored or refused"
        };
        report.add("request-property-removed", says, Some(node), Some(r.node));
        if closed {
            report.level(Level::Breaking);
        }
    } else if required {
        report.add(
            "response-required-property-removed",
            "was removed; clients were promised that it is there",
            Some(node),
            Some(r.node),
        );
    } else {
        report.add(
            "response-property-removed",
            "was removed; it was optional, but clients may rely on it",
            Some(node),
            Some(r.node),
        );
    }
    report.below(Step::Property(name.into()));
}

fn added(report: &mut Report, name: &str, node: NodeId, b: &Facts<'_>, r: &Facts<'_>) {
    let mode = report.mode;
    if mode.is_request() {
        // What was required without being described was sent before.
        if let Some(required) = r.required.get(name).filter(|_| !b.required.contains_key(name)) {
            report.add("request-required-property-added", "is new and required", Some(b.node), Some(*required));
        } else {
            report.add("request-property-added", "is new and optional", Some(b.node), Some(node));
        }
    } else {
        report.add("response-property-added", "is new", Some(b.node), Some(node));
        if let Additional::Closed(closed) = b.additional {
            report.level(Level::Risky);
            if let Some(change) = report.changes.last_mut() {
                change.says =
                    "is new, where clients were promised that nothing comes beside the known members".to_owned();
                change.base = Some(closed);
            }
        }
    }
    report.below(Step::Property(name.into()));
}

/// Names that are required without being described on at least one side.
fn undescribed(
    report: &mut Report,
    b: &Facts<'_>,
    r: &Facts<'_>,
    before: &HashMap<&str, usize>,
    after: &HashMap<&str, usize>,
) {
    let mode = report.mode;
    let mut gained: Vec<_> = r.required.iter().filter(|(name, _)| !b.required.contains_key(*name)).collect();
    let typed = |facts: &Facts<'_>| matches!(facts.additional, Additional::Typed(..));
    gained.retain(|(name, _)| !(after.contains_key(*name) || typed(r) && before.contains_key(*name)));
    gained.sort_unstable();
    for (name, node) in gained {
        let rule = mode.pick("request-property-became-required", "response-property-became-required");
        let says = mode.pick("is required now", "is always there now");
        report.add(rule, says, Some(b.node), Some(*node));
        report.below(Step::Property((*name).into()));
    }
    let mut lost: Vec<_> = b.required.iter().filter(|(name, _)| !r.required.contains_key(*name)).collect();
    lost.retain(|(name, _)| !(before.contains_key(*name) || typed(b) && after.contains_key(*name)));
    lost.sort_unstable();
    for (name, node) in lost {
        let rule = mode.pick("request-property-became-optional", "response-property-became-optional");
        let says = mode.pick("is no longer required", "may now be missing; clients were promised that it is there");
        report.add(rule, says, Some(*node), Some(r.node));
        report.below(Step::Property((*name).into()));
    }
}

/// Where an object says what else it may hold.
fn limit(additional: Additional) -> Option<NodeId> {
    match additional {
        Additional::Open => None,
        Additional::Closed(node) | Additional::Typed(_, node) => Some(node),
    }
}

fn additional(schemas: &mut Schemas<'_>, report: &mut Report, b: &Facts<'_>, r: &Facts<'_>) {
    let mode = report.mode;
    let closed = mode.pick("request-additional-properties-closed", "response-additional-properties-closed");
    let opened = mode.pick("request-additional-properties-opened", "response-additional-properties-opened");
    // Where no object was possible, nothing is opened or closed: the type says it.
    let objects = |facts: &Facts<'_>| facts.types.has(super::facts::Types::OBJECT);
    if !objects(b) || !objects(r) {
        return;
    }
    if let (Some(before), Some(after)) = (limit(b.additional), limit(r.additional))
        && b.narrow != r.narrow
    {
        // By the letter it sees its own properties only, and refuses those of the parts (JSON Schema, core, 10.3.2.3). Most
        // authors don't know, and most services take them all the same.
        let (rule, says) = if r.narrow {
            (closed, "by the letter refuses members that other parts of it describe now")
        } else {
            (opened, "by the letter refused members that other parts of it describe, and doesn't any more")
        };
        report.add(rule, says, Some(before), Some(after));
        report.level(Level::Risky);
    }
    match (b.additional, r.additional) {
        (Additional::Open, Additional::Open) | (Additional::Closed(_), Additional::Closed(_)) => {}
        (Additional::Typed(before, _), Additional::Typed(after, _)) => {
            let pair = schemas.pair(before, after, mode.inside());
            report.edge(Step::Additional, pair);
        }
        (Additional::Closed(node), Additional::Open) => {
            report.add(opened, "may hold unknown members now", Some(node), Some(r.node));
        }
        (Additional::Closed(node), Additional::Typed(_, after)) => {
            report.add(opened, "may hold further members of a given kind now", Some(node), Some(after));
        }
        (Additional::Typed(_, node), Additional::Open) => {
            report.add(opened, "may hold further members of any kind now", Some(node), Some(r.node));
            if !mode.is_request() {
                // Whoever reads a map was promised what each of its values is.
                report.level(Level::Breaking);
            }
        }
        (Additional::Open, Additional::Closed(node)) => {
            report.add(closed, "holds no unknown members any more", Some(b.node), Some(node));
        }
        (Additional::Open, Additional::Typed(_, node)) => {
            report.add(closed, "holds further members of a given kind only", Some(b.node), Some(node));
        }
        (Additional::Typed(_, before), Additional::Closed(node)) => {
            report.add(closed, "holds no further members any more", Some(before), Some(node));
        }
    }
}
