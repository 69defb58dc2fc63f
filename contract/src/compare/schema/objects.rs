//! Objects: properties, what is required, what else they may hold.

use super::{
    Report, Schemas, Step,
    normalized::{Additional, NormalizedSchema},
};
use crate::{
    compare::{
        evidence::{Evidence, Fact, Note},
        lifecycle::{self, Announced},
    },
    rules,
    tree::NodeId,
};
use shared::Level;
use std::collections::HashMap;

pub(super) fn compare(
    schemas: &mut Schemas<'_>,
    report: &mut Report,
    b: &NormalizedSchema<'_>,
    r: &NormalizedSchema<'_>,
) {
    let after: HashMap<&str, usize> = r.properties.iter().enumerate().map(|(i, (name, ..))| (*name, i)).collect();
    let before: HashMap<&str, usize> = b.properties.iter().enumerate().map(|(i, (name, ..))| (*name, i)).collect();
    for (name, base, base_node) in &b.properties {
        let node = base_node;
        match after.get(name) {
            Some(index) => {
                let (_, revision, revision_node) = r.properties[*index];
                let property = Property { name, base: *node, revision: revision_node };
                let (bf, rf) = (schemas.base.normalized(*base), schemas.revision.normalized(revision));
                if property.visible(report, (b, &bf), (r, &rf)) {
                    property.requirement(report, b, r);
                    let unstable = bf.life(&schemas.base.document.tree).is_unstable();
                    let pair = schemas.pair(*base, revision, report.mode.inside_of(unstable));
                    report.edge(Step::Property((*name).into()), pair);
                }
            }
            None if let Additional::Typed(others, node) = r.additional => {
                // What isn't named any more is one of the others now.
                if hidden(report, &schemas.base.normalized(*base)).is_none() {
                    Property { name, base: *base_node, revision: node }.requirement(report, b, r);
                    let pair = schemas.pair(*base, others, report.mode.inside());
                    report.edge(Step::Property((*name).into()), pair);
                }
            }
            None if r.additional == Additional::Open
                && b.required.contains_key(name)
                && r.required.contains_key(name) =>
            {
                let normalized = schemas.base.normalized(*base);
                if hidden(report, &normalized).is_none() && !normalized.says_nothing() {
                    let rule = report.mode.pick(rules::REQUEST_SCHEMA_REMOVED, rules::RESPONSE_SCHEMA_REMOVED);
                    report.add(rule, Evidence::none(), Some(*node), Some(r.node));
                    report.below(Step::Property((*name).into()));
                }
            }
            None => {
                let normalized = schemas.base.normalized(*base);
                if hidden(report, &normalized).is_none() {
                    let announced = normalized.life(&schemas.base.document.tree).announced(&schemas.options);
                    if !retired(report, name, (*node, r.node), &announced) {
                        removed(report, name, *node, b, r);
                    }
                }
            }
        }
    }
    for (name, revision, node) in r.properties.iter().filter(|(name, ..)| !before.contains_key(name)) {
        let normalized = schemas.revision.normalized(*revision);
        if hidden(report, &normalized).is_some() {
            continue;
        }
        if b.additional == Additional::Open && b.required.contains_key(name) && r.required.contains_key(name) {
            if !normalized.says_nothing() {
                let rule = report.mode.pick(rules::REQUEST_SCHEMA_ADDED, rules::RESPONSE_SCHEMA_ADDED);
                report.add(rule, Evidence::none(), Some(b.node), Some(*node));
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
fn hidden(report: &Report, normalized: &NormalizedSchema<'_>) -> Option<NodeId> {
    if report.mode.is_request() { normalized.read_only } else { normalized.write_only }
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
        (b, bf): (&NormalizedSchema<'_>, &NormalizedSchema<'_>),
        (r, rf): (&NormalizedSchema<'_>, &NormalizedSchema<'_>),
    ) -> bool {
        let request = report.mode.is_request();
        let at = (Some(self.base), Some(self.revision));
        // What is required counts only where the property is part of the message.
        let (was_promised, is_needed) = (b.required.contains_key(self.name), r.required.contains_key(self.name));
        let (rule, level, evidence, at) = match (hidden(report, bf), hidden(report, rf)) {
            (None, None) => {
                self.noted(report, bf, rf);
                return true;
            }
            (Some(_), Some(_)) => return false,
            (None, Some(node)) if request => {
                (rules::REQUEST_PROPERTY_BECAME_READ_ONLY, None, Evidence::flag("readOnly", true), (at.0, Some(node)))
            }
            (None, Some(node)) => (
                rules::RESPONSE_PROPERTY_BECAME_WRITE_ONLY,
                was_promised.then_some(Level::Breaking),
                Evidence::flag("writeOnly", true),
                (at.0, Some(node)),
            ),
            (Some(node), None) if request => (
                rules::REQUEST_PROPERTY_BECAME_WRITABLE,
                is_needed.then_some(Level::Breaking),
                Evidence::flag("readOnly", false).note(if is_needed { Note::Required } else { Note::None }),
                (Some(node), at.1),
            ),
            (Some(node), None) => {
                (rules::RESPONSE_PROPERTY_BECAME_READABLE, None, Evidence::flag("writeOnly", false), (Some(node), at.1))
            }
        };
        report.add(rule, evidence, at.0, at.1);
        if let Some(level) = level {
            report.level(level);
        }
        report.below(self.step());
        false
    }

    /// The flag of the other direction, which changes nothing in this one.
    fn noted(&self, report: &mut Report, bf: &NormalizedSchema<'_>, rf: &NormalizedSchema<'_>) {
        let request = report.mode.is_request();
        let flag =
            |normalized: &NormalizedSchema<'_>| if request { normalized.write_only } else { normalized.read_only };
        let (before, after) = (flag(bf), flag(rf));
        if before.is_some() == after.is_some() {
            return;
        }
        let evidence = Evidence::flag(if request { "writeOnly" } else { "readOnly" }, after.is_some());
        let rule = if request {
            rules::REQUEST_PROPERTY_WRITE_ONLY_CHANGED
        } else {
            rules::RESPONSE_PROPERTY_READ_ONLY_CHANGED
        };
        report.add(rule, evidence, before.or(Some(self.base)), after.or(Some(self.revision)));
        report.below(self.step());
    }

    fn requirement(&self, report: &mut Report, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
        let mode = report.mode;
        match (b.required.get(self.name), r.required.get(self.name)) {
            (None, Some(node)) => {
                let rule = mode.pick(rules::REQUEST_PROPERTY_BECAME_REQUIRED, rules::RESPONSE_PROPERTY_BECAME_REQUIRED);
                report.add(rule, Evidence::flag("required", true), Some(self.base), Some(*node));
                report.below(self.step());
            }
            (Some(node), None) => {
                let rule = mode.pick(rules::REQUEST_PROPERTY_BECAME_OPTIONAL, rules::RESPONSE_PROPERTY_BECAME_OPTIONAL);
                report.add(rule, Evidence::flag("required", false), Some(*node), Some(self.revision));
                report.below(self.step());
            }
            _ => {}
        }
    }
}

/// Tells of a property whose sunset decides what its removal means; whether it did.
fn retired(report: &mut Report, name: &str, (base, revision): (NodeId, NodeId), announced: &Announced) -> bool {
    let rule = match announced {
        Announced::No | Announced::Deprecated => return false,
        Announced::After(_) => rules::REMOVED_AFTER_SUNSET,
        Announced::Before(_) => rules::REMOVED_BEFORE_SUNSET,
        Announced::Unreadable(_) => rules::SUNSET_INVALID,
    };
    report.add(rule, lifecycle::removed(announced), Some(base), Some(revision));
    report.below(Step::Property(name.into()));
    true
}

fn removed(report: &mut Report, name: &str, node: NodeId, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    let mode = report.mode;
    let closed = matches!(r.additional, Additional::Closed(_));
    let required = b.required.contains_key(name);
    if mode.is_request() {
        let note = if closed { Note::Closed } else { Note::None };
        report.add(rules::REQUEST_PROPERTY_REMOVED, Evidence::none().note(note), Some(node), Some(r.node));
        if closed {
            report.level(Level::Breaking);
        }
    } else {
        let rule = if required { rules::RESPONSE_REQUIRED_PROPERTY_REMOVED } else { rules::RESPONSE_PROPERTY_REMOVED };
        report.add(rule, Evidence::none(), Some(node), Some(r.node));
    }
    report.below(Step::Property(name.into()));
}

fn added(report: &mut Report, name: &str, node: NodeId, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    let mode = report.mode;
    if mode.is_request() {
        // What was required without being described was sent before.
        if let Some(required) = r.required.get(name).filter(|_| !b.required.contains_key(name)) {
            report.add(rules::REQUEST_REQUIRED_PROPERTY_ADDED, Evidence::none(), Some(b.node), Some(*required));
        } else {
            report.add(rules::REQUEST_PROPERTY_ADDED, Evidence::none(), Some(b.node), Some(node));
        }
    } else {
        if let Additional::Closed(closed) = b.additional {
            let evidence = Evidence::none().note(Note::Closed);
            report.add(rules::RESPONSE_PROPERTY_ADDED, evidence, Some(closed), Some(node));
            report.level(Level::Risky);
        } else {
            report.add(rules::RESPONSE_PROPERTY_ADDED, Evidence::none(), Some(b.node), Some(node));
        }
    }
    report.below(Step::Property(name.into()));
}

/// Names that are required without being described on at least one side.
fn undescribed(
    report: &mut Report,
    b: &NormalizedSchema<'_>,
    r: &NormalizedSchema<'_>,
    before: &HashMap<&str, usize>,
    after: &HashMap<&str, usize>,
) {
    let mode = report.mode;
    let mut gained: Vec<_> = r.required.iter().filter(|(name, _)| !b.required.contains_key(*name)).collect();
    let typed = |normalized: &NormalizedSchema<'_>| matches!(normalized.additional, Additional::Typed(..));
    gained.retain(|(name, _)| !(after.contains_key(*name) || typed(r) && before.contains_key(*name)));
    crate::sort::plain(&mut gained);
    for (name, node) in gained {
        let rule = mode.pick(rules::REQUEST_PROPERTY_BECAME_REQUIRED, rules::RESPONSE_PROPERTY_BECAME_REQUIRED);
        report.add(rule, Evidence::flag("required", true), Some(b.node), Some(*node));
        report.below(Step::Property((*name).into()));
    }
    let mut lost: Vec<_> = b.required.iter().filter(|(name, _)| !r.required.contains_key(*name)).collect();
    lost.retain(|(name, _)| !(before.contains_key(*name) || typed(b) && after.contains_key(*name)));
    crate::sort::plain(&mut lost);
    for (name, node) in lost {
        let rule = mode.pick(rules::REQUEST_PROPERTY_BECAME_OPTIONAL, rules::RESPONSE_PROPERTY_BECAME_OPTIONAL);
        report.add(rule, Evidence::flag("required", false), Some(*node), Some(r.node));
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

fn additional(schemas: &mut Schemas<'_>, report: &mut Report, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    let mode = report.mode;
    let closed = mode.pick(rules::REQUEST_ADDITIONAL_PROPERTIES_CLOSED, rules::RESPONSE_ADDITIONAL_PROPERTIES_CLOSED);
    let opened = mode.pick(rules::REQUEST_ADDITIONAL_PROPERTIES_OPENED, rules::RESPONSE_ADDITIONAL_PROPERTIES_OPENED);
    // Where no object was possible, nothing is opened or closed: the type says it.
    let objects = |normalized: &NormalizedSchema<'_>| normalized.types.has(super::normalized::Types::OBJECT);
    if !objects(b) || !objects(r) {
        return;
    }
    if let (Some(before), Some(after)) = (limit(b.additional), limit(r.additional))
        && b.narrow != r.narrow
    {
        // By the letter it sees its own properties only, and refuses those of the parts (JSON Schema, core, 10.3.2.3). Most
        // authors don't know, and most services take them all the same.
        let rule = if r.narrow { closed } else { opened };
        let evidence = Evidence::flag("additionalProperties", !r.narrow).note(Note::Narrow);
        report.add(rule, evidence, Some(before), Some(after));
        report.level(Level::Risky);
    }
    // Allowed, refused, or described by a schema.
    let fact = |additional| match additional {
        Additional::Open => Fact::json(true),
        Additional::Closed(_) => Fact::json(false),
        Additional::Typed(..) => Fact::json("schema"),
    };
    let evidence = || Evidence::of("additionalProperties", fact(b.additional), fact(r.additional));
    match (b.additional, r.additional) {
        (Additional::Open, Additional::Open) | (Additional::Closed(_), Additional::Closed(_)) => {}
        (Additional::Typed(before, _), Additional::Typed(after, _)) => {
            let pair = schemas.pair(before, after, mode.inside());
            report.edge(Step::Additional, pair);
        }
        (Additional::Closed(node), Additional::Open) => {
            report.add(opened, evidence(), Some(node), Some(r.node));
        }
        (Additional::Closed(node), Additional::Typed(_, after)) => {
            report.add(opened, evidence(), Some(node), Some(after));
        }
        (Additional::Typed(_, node), Additional::Open) => {
            report.add(opened, evidence(), Some(node), Some(r.node));
            if !mode.is_request() {
                // Readers of a map were promised what each of its values is.
                report.level(Level::Breaking);
            }
        }
        (Additional::Open, Additional::Closed(node)) => {
            report.add(closed, evidence(), Some(b.node), Some(node));
        }
        (Additional::Open, Additional::Typed(_, node)) => {
            report.add(closed, evidence(), Some(b.node), Some(node));
        }
        (Additional::Typed(_, before), Additional::Closed(node)) => {
            report.add(closed, evidence(), Some(before), Some(node));
        }
    }
}
