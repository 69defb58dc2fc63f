//! `oneOf` and `anyOf`: which alternative of the base is which of the revision, and what came and went.
//!
//! Alternatives are matched by the component's name, then by meaning (fingerprint), then by likeness, the most alike first
//! and in no order of the documents. Comparing every one with every other would cost the square of their number and still
//! guess.

use super::{
    Conjunction, Medium, Mode, Report, Schemas, Step,
    normalized::{NormalizedSchema, Types, Union},
    overlaps::{disjoint, doubled, overlap},
    shape::shape,
    store::{SchemaRef, SchemaStore},
    subset::Ternary,
};
use crate::{
    compare::evidence::{Evidence, Fact},
    rules,
    tree::NodeId,
};
use rustc_hash::FxHashMap;
use serde_json::json;
use shared::{Level, findings::Side};
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// An alternative, or the whole schema where only the other side has alternatives.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) schema: Conjunction,
    pub(super) node: NodeId,
}

/// How two schemas with alternatives relate as a whole, whatever their alternatives are one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// Both take the same values.
    Same,
    /// Nothing that was right is wrong now.
    Harmless,
    Unknown,
}

impl Relation {
    /// Changes inside of what is harmless as a whole are harmless.
    pub(super) fn cap(self, mode: Mode) -> Mode {
        if self == Self::Harmless { Mode { cap: Level::Safe, ..mode } } else { mode }
    }
}

/// The relation of two schemas of which at least one has alternatives, or just one lists its values.
pub(super) fn relation(
    schemas: &mut Schemas<'_>,
    (base, b): (Conjunction, &NormalizedSchema<'_>),
    (revision, r): (Conjunction, &NormalizedSchema<'_>),
    mode: Mode,
) -> Relation {
    let listed = b.values.is_some() != r.values.is_some();
    let plain = b.unions.is_empty() && r.unions.is_empty() && !listed;
    let kinds =
        |normalized: &NormalizedSchema<'_>| normalized.unions.iter().map(|union| union.exactly_one).collect::<Vec<_>>();
    let alike = |schemas: &mut Schemas<'_>| {
        kinds(b) == kinds(r) && schemas.base.fingerprint(base) == schemas.revision.fingerprint(revision)
    };
    if plain || mode.medium != Medium::Typed || alike(schemas) {
        return Relation::Unknown;
    }
    let (old, new) = (SchemaRef::new(Side::Base, base), SchemaRef::new(Side::Revision, revision));
    let (whole, part) = if mode.is_request() { (new, old) } else { (old, new) };
    if schemas.covers(whole, part, mode.is_request()) != Ternary::Yes {
        return Relation::Unknown;
    }
    match schemas.covers(part, whole, mode.is_request()) {
        Ternary::Yes => Relation::Same,
        _ => Relation::Harmless,
    }
}

pub(super) fn compare(
    schemas: &mut Schemas<'_>,
    report: &mut Report,
    (base, b): (Conjunction, &NormalizedSchema<'_>),
    (revision, r): (Conjunction, &NormalizedSchema<'_>),
) {
    let mode = report.mode;
    for pair in paired(schemas, &b.unions, &r.unions) {
        match pair {
            (Some(before), Some(after)) => {
                let (had, have) = (base_members(schemas, before), revision_members(schemas, after));
                if before.exactly_one != after.exactly_one {
                    let rule = mode.pick(rules::REQUEST_ALTERNATIVES_CHANGED, rules::RESPONSE_ALTERNATIVES_CHANGED);
                    let evidence = Evidence::of("alternatives", fact(before), fact(after));
                    report.add(rule, evidence, Some(before.node), Some(after.node));
                }
                let (mut had, mut have) = (had, have);
                let all = have.clone();
                let pairs = matched(schemas, report, &mut had, &mut have);
                if after.exactly_one && mode.is_request() {
                    // Where any number of alternatives could fit, each is a new one that must be the only one; and so is
                    // one that takes more than it did.
                    let mut new: Vec<(Option<Member>, Member)> = Vec::new();
                    if before.exactly_one {
                        let changed = |(old, new): &(Member, Member)| {
                            schemas.base.fingerprint(old.schema) != schemas.revision.fingerprint(new.schema)
                        };
                        let pairs = pairs.into_iter().take(MAX_HELD).filter(changed).collect::<Vec<_>>();
                        new.extend(pairs.into_iter().map(|(old, new)| (Some(old), new)));
                        new.extend(have.iter().map(|member| (None, *member)));
                    } else {
                        new.extend(all.iter().map(|member| (None, *member)));
                    }
                    doubled(schemas, report, &new, (before.node, after));
                }
                let alone = b.unions.len() == 1 && r.unions.len() == 1;
                covered(schemas, mode, alone, (base, &mut had), (revision, &mut have));
                leftover(schemas, report, (&had, before.node), (&have, after.node));
            }
            (None, Some(union)) => {
                let rule = mode.pick(rules::REQUEST_CONSTRAINT_ADDED, rules::RESPONSE_CONSTRAINT_ADDED);
                report.add(rule, Evidence::of(keyword(union), Fact::None, Fact::None), Some(b.node), Some(union.node));
            }
            (Some(union), None) => {
                let rule = mode.pick(rules::REQUEST_CONSTRAINT_REMOVED, rules::RESPONSE_CONSTRAINT_REMOVED);
                report.add(rule, Evidence::of(keyword(union), Fact::None, Fact::None), Some(union.node), Some(r.node));
            }
            (None, None) => {}
        }
    }
}

/// Which union of the base is which of the revision, where a schema has several: what means the same belongs together
/// however it is written, and the rest by what it means, in no order of the documents.
fn paired<'f>(
    schemas: &mut Schemas<'_>,
    base: &'f [Union],
    revision: &'f [Union],
) -> Vec<(Option<&'f Union>, Option<&'f Union>)> {
    let old: Vec<u64> = base.iter().map(|union| print(&mut schemas.base, union)).collect();
    let new: Vec<u64> = revision.iter().map(|union| print(&mut schemas.revision, union)).collect();
    let same: FxHashMap<usize, usize> = same(&old, &new).into_iter().collect();
    let taken: HashSet<usize> = same.values().copied().collect();
    let mut unpaired: Vec<usize> = (0..base.len()).filter(|index| !same.contains_key(index)).collect();
    let mut rest: Vec<usize> = (0..revision.len()).filter(|index| !taken.contains(index)).collect();
    crate::sort::by_key(&mut unpaired, |index| old[*index]);
    crate::sort::by_key(&mut rest, |index| new[*index]);
    let partners: FxHashMap<usize, usize> = unpaired.into_iter().zip(rest.iter().copied()).collect();
    let rest = rest.split_off(partners.len());
    let partner = |index: usize| same.get(&index).or_else(|| partners.get(&index)).map(|index| &revision[*index]);
    let mut pairs: Vec<_> = base.iter().enumerate().map(|(index, before)| (Some(before), partner(index))).collect();
    pairs.extend(rest.into_iter().map(|index| (None, Some(&revision[index]))));
    pairs
}

/// The union that stands for a schema with several: the same one in whatever order they are.
fn chosen<'f>(side: &mut SchemaStore<'_>, unions: &'f [Union]) -> Option<&'f Union> {
    match unions {
        [] => None,
        [only] => Some(only),
        several => several.iter().min_by_key(|union| print(side, union)),
    }
}

/// What a union means: the order of its members is nothing.
fn print(side: &mut SchemaStore<'_>, union: &Union) -> u64 {
    union.members.iter().fold(u64::from(union.exactly_one), |sum, member| {
        let member = side.intern([*member]);
        sum.wrapping_add(side.fingerprint(member))
    })
}

/// Which of the base's fingerprints stand in the revision, each with one there.
fn same(base: &[u64], revision: &[u64]) -> Vec<(usize, usize)> {
    let mut free: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for (index, print) in revision.iter().enumerate().rev() {
        free.entry(*print).or_default().push(index);
    }
    base.iter().enumerate().filter_map(|(index, print)| Some((index, free.get_mut(print)?.pop()?))).collect()
}

/// One side is a union and nothing else, the other isn't: the plain one is taken as a union of itself alone.
pub(super) fn wrapped(
    schemas: &mut Schemas<'_>,
    report: &mut Report,
    (base, b): (Conjunction, &NormalizedSchema<'_>),
    (revision, r): (Conjunction, &NormalizedSchema<'_>),
) {
    // A schema that takes anything is no alternative; it is a union lifted or laid on.
    let anything = |normalized: &NormalizedSchema<'_>| {
        normalized.unions.is_empty() && normalized.types.has(Types::ALL.without_null())
    };
    if anything(b) || anything(r) {
        compare(schemas, report, (base, b), (revision, r));
        return;
    }
    let (before, after) = (chosen(&mut schemas.base, &b.unions), chosen(&mut schemas.revision, &r.unions));
    let mut had = match before {
        Some(union) => base_members(schemas, union),
        None => vec![Member { schema: base, node: b.node }],
    };
    let mut have = match after {
        Some(union) => revision_members(schemas, union),
        None => vec![Member { schema: revision, node: r.node }],
    };
    let [had_at, have_at] =
        [(before, b), (after, r)].map(|(union, normalized)| union.map_or(normalized.node, |union| union.node));
    matched(schemas, report, &mut had, &mut have);
    let others = have.clone();
    covered(schemas, report.mode, true, (base, &mut had), (revision, &mut have));
    if let ([before, ..], [after, ..]) = (&had[..], &have[..])
        && (b.unions.is_empty() && had.len() == 1 || r.unions.is_empty() && have.len() == 1)
    {
        // Nothing alike: it is another thing altogether.
        let mode = report.mode;
        let rule = mode.pick(rules::REQUEST_TYPE_CHANGED, rules::RESPONSE_TYPE_CHANGED);
        let places = (Some(before.node), Some(after.node));
        let mut shapes: Vec<String> = had.iter().map(|member| shape(&mut schemas.base, member.schema)).collect();
        shapes.extend(have.iter().map(|member| shape(&mut schemas.revision, member.schema)));
        crate::sort::plain(&mut shapes);
        let evidence = Evidence::of("oneOf", Fact::None, Fact::None).identity(shapes.join("\n"));
        report.add(rule, evidence, places.0, places.1);
        return;
    }
    let harmless = report.mode.cap == Level::Safe;
    if !harmless && report.mode.is_request() && b.unions.is_empty() && after.is_some_and(|union| union.exactly_one) {
        overlap(schemas, report, b, &others, have_at);
    }
    leftover(schemas, report, (&had, had_at), (&have, have_at));
}

/// Steps that looking for an alternative's counterpart takes.
const STEPS_PER_MEMBER: usize = 10;

/// Alternatives that are held against each other: bounded, since unions may have any number.
pub(super) const MAX_HELD: usize = 32;

fn base_members(schemas: &mut Schemas<'_>, union: &Union) -> Vec<Member> {
    union.members.iter().map(|node| Member { schema: schemas.base.intern([*node]), node: *node }).collect()
}

fn revision_members(schemas: &mut Schemas<'_>, union: &Union) -> Vec<Member> {
    union.members.iter().map(|node| Member { schema: schemas.revision.intern([*node]), node: *node }).collect()
}

/// Pairs what belongs together and leaves the rest.
fn matched(
    schemas: &mut Schemas<'_>,
    report: &mut Report,
    had: &mut Vec<Member>,
    have: &mut Vec<Member>,
) -> Vec<(Member, Member)> {
    let mut all = Vec::new();
    schemas.budget.take(STEPS_PER_MEMBER * (had.len() + have.len()));
    // By name first, then by meaning: a name that stays means the same thing, changed.
    let by_name = keyed(had, have, |m| schemas.base.name(m.schema), |m| schemas.revision.name(m.schema));
    all.extend(by_name.iter().map(|(old, new)| (had[*old], have[*new])));
    take(schemas, report, had, have, &by_name);
    let prints: (Vec<u64>, Vec<u64>) = (
        had.iter().map(|m| schemas.base.fingerprint(m.schema)).collect(),
        have.iter().map(|m| schemas.revision.fingerprint(m.schema)).collect(),
    );
    let by_meaning = same(&prints.0, &prints.1);
    all.extend(by_meaning.iter().map(|(old, new)| (had[*old], have[*new])));
    take(schemas, report, had, have, &by_meaning);
    let alike = alike(schemas, had, have);
    all.extend(alike.iter().map(|(old, new)| (had[*old], have[*new])));
    take(schemas, report, had, have, &alike);
    all
}

fn keyed<'k>(
    had: &[Member],
    have: &[Member],
    base: impl Fn(&Member) -> Option<&'k str>,
    revision: impl Fn(&Member) -> Option<&'k str>,
) -> Vec<(usize, usize)> {
    let index: HashMap<&str, usize> =
        have.iter().enumerate().filter_map(|(index, member)| Some((revision(member)?, index))).collect();
    let mut used = vec![false; have.len()];
    let mut pairs = Vec::new();
    for (before, member) in had.iter().enumerate() {
        if let Some(after) = base(member).and_then(|name| index.get(name)).copied()
            && !std::mem::replace(&mut used[after], true)
        {
            pairs.push((before, after));
        }
    }
    pairs
}

/// What is left, matched where types agree and objects have at least half of their properties in common: first what is
/// most alike, and of what is equally so, the first by its shape.
fn alike(schemas: &mut Schemas<'_>, had: &[Member], have: &[Member]) -> Vec<(usize, usize)> {
    // Bounded: beyond this, guessing costs more than it tells.
    const MAX: usize = 64;
    if had.is_empty() || have.is_empty() {
        return Vec::new();
    }
    let old: Vec<String> = had.iter().take(MAX).map(|member| shape(&mut schemas.base, member.schema)).collect();
    let new: Vec<String> = have.iter().take(MAX).map(|member| shape(&mut schemas.revision, member.schema)).collect();
    let mut all = Vec::new();
    for (before, old) in old.iter().enumerate() {
        let b = schemas.base.normalized(had[before].schema);
        for (after, new) in new.iter().enumerate() {
            let r = schemas.revision.normalized(have[after].schema);
            let size = 1 + b.properties.len() + r.properties.len();
            let likeness = if schemas.budget.take(size) { likeness(schemas, &b, &r) } else { None };
            all.extend(likeness.map(|likeness| (Reverse(likeness), old, new, before, after)));
        }
    }
    crate::sort::plain(&mut all);
    let mut used = (vec![false; had.len()], vec![false; have.len()]);
    let mut pairs = Vec::new();
    for (.., before, after) in all {
        if !used.0[before] && !used.1[after] {
            (used.0[before], used.1[after]) = (true, true);
            pairs.push((before, after));
        }
    }
    pairs
}

/// How much two schemas are alike, by the properties that they have in common and those that mean the same; none where it
/// is too little. Those that a property's values tell apart are the last that are taken for the same.
fn likeness(schemas: &mut Schemas<'_>, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) -> Option<usize> {
    let (before, after) = (b.types.without_null(), r.types.without_null());
    let nothing = before == Types::NONE || after == Types::NONE;
    if !(before.has(after) || after.has(before)) || nothing && before != after {
        return None;
    }
    let others: HashMap<&str, Conjunction> = r.properties.iter().map(|(name, schema, _)| (*name, *schema)).collect();
    let common: Vec<(Conjunction, Conjunction)> =
        b.properties.iter().filter_map(|(name, schema, _)| Some((*schema, *others.get(name)?))).collect();
    let most = b.properties.len().max(r.properties.len());
    if 2 * common.len() < most {
        return None;
    }
    let (mut same, mut told_apart) = (0, false);
    for (old, new) in &common {
        same += usize::from(schemas.base.fingerprint(*old) == schemas.revision.fingerprint(*new));
        told_apart |= disjoint(&schemas.base.normalized(*old), &schemas.revision.normalized(*new));
    }
    let likeness = 1 + common.len() + same + most * usize::from(before == after);
    Some(if told_apart { 0 } else { 1_000 * likeness / (1 + most) })
}

/// Makes pairs of what was matched and takes it off the lists.
fn take(
    schemas: &mut Schemas<'_>,
    report: &mut Report,
    had: &mut Vec<Member>,
    have: &mut Vec<Member>,
    pairs: &[(usize, usize)],
) {
    for (before, after) in pairs {
        let (before, after) = (had[*before], have[*after]);
        let name = schemas.revision.name(after.schema).or_else(|| schemas.base.name(before.schema));
        let name: Option<Rc<str>> = name.map(Into::into);
        let pair = schemas.pair(before.schema, after.schema, report.mode);
        report.edge(Step::Alternative(name), pair);
    }
    let mut gone = (vec![false; had.len()], vec![false; have.len()]);
    for (before, after) in pairs {
        (gone.0[*before], gone.1[*after]) = (true, true);
    }
    let mut index = 0..;
    had.retain(|_| !index.next().is_some_and(|i: usize| gone.0[i]));
    let mut index = 0..;
    have.retain(|_| !index.next().is_some_and(|i: usize| gone.1[i]));
}

/// Leaves out alternatives that the other side takes by others: they neither went nor came.
fn covered(
    schemas: &mut Schemas<'_>,
    mode: Mode,
    alone: bool,
    (base, had): (Conjunction, &mut Vec<Member>),
    (revision, have): (Conjunction, &mut Vec<Member>),
) {
    // Beside other alternatives, one that the whole covers might be told twice or not at all.
    if !alone || mode.medium != Medium::Typed {
        return;
    }
    let request = mode.is_request();
    let (old, new) = (SchemaRef::new(Side::Base, base), SchemaRef::new(Side::Revision, revision));
    had.retain(|member| schemas.covers(new, SchemaRef::new(Side::Base, member.schema), request) != Ternary::Yes);
    have.retain(|member| schemas.covers(old, SchemaRef::new(Side::Revision, member.schema), request) != Ternary::Yes);
}

fn leftover(
    schemas: &mut Schemas<'_>,
    report: &mut Report,
    (had, base): (&[Member], NodeId),
    (have, revision): (&[Member], NodeId),
) {
    let mode = report.mode;
    for member in had {
        let rule = mode.pick(rules::REQUEST_ALTERNATIVE_REMOVED, rules::RESPONSE_ALTERNATIVE_REMOVED);
        let (what, identity) = described(&mut schemas.base, member.schema);
        let evidence = Evidence::of("alternatives", what, Fact::None).identity(identity);
        report.add(rule, evidence, Some(member.node), Some(revision));
    }
    for member in have {
        let rule = mode.pick(rules::REQUEST_ALTERNATIVE_ADDED, rules::RESPONSE_ALTERNATIVE_ADDED);
        let (what, identity) = described(&mut schemas.revision, member.schema);
        let evidence = Evidence::of("alternatives", Fact::None, what).identity(identity);
        report.add(rule, evidence, Some(base), Some(member.node));
    }
}

/// An alternative's name, or its types where it has none, with what tells it apart whatever it is called.
pub(super) fn described(side: &mut SchemaStore<'_>, schema: Conjunction) -> (Fact, String) {
    let identity = shape(side, schema);
    let what = match side.name(schema) {
        Some(name) => Fact::text(Some(name)),
        None => match side.normalized(schema).types.names().as_deref() {
            None => Fact::json(json!({})),
            Some([one]) => Fact::json(json!({ "type": one })),
            Some(names) => Fact::json(json!({ "type": names })),
        },
    };
    (what, identity)
}

const fn keyword(union: &Union) -> &'static str {
    if union.exactly_one { "oneOf" } else { "anyOf" }
}

fn fact(union: &Union) -> Fact {
    Fact::json(keyword(union))
}
