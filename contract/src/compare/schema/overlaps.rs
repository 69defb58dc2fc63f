//! A `oneOf` rejects what fits two of its alternatives: which of them overlap.

use super::{
    Conjunction, Report, Schemas,
    alternatives::{MAX_HELD, Member, described},
    normalized::{NormalizedSchema, Types, Union},
    store::SchemaRef,
    subset::Ternary,
};
use crate::{
    compare::evidence::{Evidence, Fact, Note},
    rules,
    tree::NodeId,
};
use shared::findings::Side;
use std::collections::{HashMap, HashSet};

/// A new alternative that takes all that another takes ends that one.
pub(super) fn doubled(
    schemas: &mut Schemas<'_>,
    report: &mut Report,
    have: &[(Option<Member>, Member)],
    (base, union): (NodeId, &Union),
) {
    for (old, member) in have.iter().take(MAX_HELD) {
        // One stands for all, and not the first: which one it is doesn't depend on their order.
        let mut least: Option<(Fact, String)> = None;
        for other in union.members.iter().filter(|node| **node != member.node).take(MAX_HELD) {
            let schema = schemas.revision.intern([*other]);
            if schemas.revision.normalized(schema).types.has(Types::OBJECT) {
                // By the letter, objects that don't close themselves nearly always overlap, and nobody feels it.
                continue;
            }
            let (whole, part) = (SchemaRef::new(Side::Revision, member.schema), SchemaRef::new(Side::Revision, schema));
            let known = old
                .is_some_and(|old| schemas.covers(SchemaRef::new(Side::Base, old.schema), part, true) == Ternary::Yes);
            if !known && schemas.covers(whole, part, true) == Ternary::Yes {
                let described = described(&mut schemas.revision, schema);
                if least.as_ref().is_none_or(|(_, identity)| described.1 < *identity) {
                    least = Some(described);
                }
            }
        }
        if let Some((what, identity)) = least {
            let evidence = Evidence::of("oneOf", Fact::None, what).identity(identity).note(Note::Doubled);
            report.add(rules::REQUEST_ALTERNATIVES_OVERLAP, evidence, Some(base), Some(member.node));
        }
    }
}

/// The plain schema fits one of the alternatives: does it fit others too?
pub(super) fn overlap(
    schemas: &mut Schemas<'_>,
    report: &mut Report,
    b: &NormalizedSchema<'_>,
    have: &[Member],
    at: NodeId,
) {
    let fits = |r: &NormalizedSchema<'_>| {
        let types = b.types.without_null().and(r.types.without_null());
        // What it requires was always there, and no property tells the two apart.
        types != Types::NONE
            && (!types.has(Types::OBJECT) || r.required.keys().all(|name| b.required.contains_key(name)))
    };
    // One stands for all, and not the first: which one it is doesn't depend on their order.
    let mut least: Option<(Fact, String)> = None;
    for member in have {
        let r = schemas.revision.normalized(member.schema);
        if fits(&r) && schemas.budget.take(b.size + r.size) && !told_apart(schemas, b, &r) {
            let described = described(&mut schemas.revision, member.schema);
            if least.as_ref().is_none_or(|(_, identity)| described.1 < *identity) {
                least = Some(described);
            }
        }
    }
    if let Some((what, identity)) = least {
        let evidence = Evidence::of("oneOf", Fact::None, what).identity(identity);
        report.add(rules::REQUEST_ALTERNATIVES_OVERLAP, evidence, Some(b.node), Some(at));
    }
}

/// Whether a property has values on one side that it never has on the other, or another type.
fn told_apart(schemas: &mut Schemas<'_>, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) -> bool {
    if disjoint(b, r) {
        return true;
    }
    let others: HashMap<&str, Conjunction> = r.properties.iter().map(|(name, schema, _)| (*name, *schema)).collect();
    b.properties.iter().filter(|(name, ..)| b.required.contains_key(name)).any(|(name, property, _)| {
        let Some(other) = others.get(name) else { return false };
        let (before, after) = (schemas.base.normalized(*property), schemas.revision.normalized(*other));
        disjoint(&before, &after) || before.types.and(after.types) == Types::NONE
    })
}

/// Whether both have a list of values, with none in common.
pub(super) fn disjoint(b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) -> bool {
    let (Some(before), Some(after)) = (&b.values, &r.values) else { return false };
    let after: HashSet<&str> = after.iter().map(|(text, _)| text.as_str()).collect();
    !before.iter().any(|(text, _)| after.contains(text.as_str()))
}
