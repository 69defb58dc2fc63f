//! Whether every value of one schema is a value of another.
//!
//! Comparing keyword by keyword tells what changed; it can't tell that `type: [string, integer]` and an `anyOf` of both
//! are the same, or that an alternative that went is covered by one that stayed. This does, where it is decidable at a
//! glance: `Yes` and `No` are sure, everything else is `Unknown` and judged by the keywords alone. The work is bounded
//! for each question and for all together; what goes beyond is `Unknown` as well.

mod disjoint;
mod values;

use super::{
    Schemas,
    bounds::{are_multiples, at_least, multiples_of, whole_bound},
    equivalence::is_narrower,
    normalized::{Additional, COUNTS, NormalizedSchema, Types, Union},
    store::SchemaRef,
};
use crate::{
    compare::value::{Decimal, canonical},
    tree::{NodeId, Tree},
};
use shared::findings::Side;
use std::{cmp::Ordering, collections::HashSet, rc::Rc};

/// The answer to whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ternary {
    Yes,
    No,
    Unknown,
}

use Ternary::{No, Unknown, Yes};

impl Ternary {
    /// Whether all hold.
    fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Yes => other(),
            No => No,
            Unknown => {
                if other() == No {
                    No
                } else {
                    Unknown
                }
            }
        }
    }

    const fn sure(yes: bool) -> Self {
        if yes { Yes } else { No }
    }

    const fn hardly(yes: bool) -> Self {
        if yes { Yes } else { Unknown }
    }
}

/// Steps that one question may take.
const STEPS: usize = 4_000;
/// Steps of the comparison's budget that a step of a question takes.
const COST: usize = 20;
/// How deep schemas are looked into. Recursion is bounded by this.
const DEPTH: usize = 24;
/// Values of an enumeration that are looked at one by one.
const VALUES: usize = 1_000;

/// One question.
struct Question<'s, 'd> {
    schemas: &'s mut Schemas<'d>,
    /// Of requests, read-only properties are no part; of responses, write-only ones.
    request: bool,
    left: usize,
    /// What is being asked: inside of itself it is taken to hold, as recursive schemas need.
    asked: Vec<(SchemaRef, Types, SchemaRef)>,
}

impl Schemas<'_> {
    /// Whether every value of `part` is one of `whole`, in a direction.
    pub(super) fn covers(&mut self, whole: SchemaRef, part: SchemaRef, request: bool) -> Ternary {
        let left = STEPS.min(self.room_for_questions / COST);
        let mut question = Question { request, left, asked: Vec::new(), schemas: self };
        let answer = question.subset(part, Types::ALL, whole);
        let used = left - question.left;
        self.room_for_questions -= used * COST;
        self.budget.take(used * COST);
        answer
    }
}

impl<'d> Question<'_, 'd> {
    fn normalized(&mut self, SchemaRef { side, schema }: SchemaRef) -> Rc<NormalizedSchema<'d>> {
        self.schemas.store(side).normalized(schema)
    }

    fn tree(&self, side: Side) -> &'d Tree {
        &self.schemas.document(side).tree
    }

    fn one(&mut self, side: Side, node: NodeId) -> SchemaRef {
        SchemaRef::new(side, self.schemas.store(side).intern([node]))
    }

    fn print(&mut self, side: Side, node: NodeId) -> u64 {
        let store = self.schemas.store(side);
        let schema = store.intern([node]);
        store.fingerprint(schema)
    }

    fn spend(&mut self, steps: usize) -> bool {
        let fits = steps <= self.left;
        self.left = self.left.saturating_sub(steps);
        fits
    }

    /// Whether every value of `part` that has one of the types is one of `whole`.
    fn subset(&mut self, part: SchemaRef, mask: Types, whole: SchemaRef) -> Ternary {
        if part == whole || self.asked.contains(&(part, mask, whole)) {
            return Yes;
        }
        let (p, w) = (self.normalized(part), self.normalized(whole));
        if self.asked.len() >= DEPTH || !self.spend(1 + (p.size + w.size) / 8) || p.cut || w.cut {
            return Unknown;
        }
        let types = p.types.and(mask);
        if types == Types::NONE || w.says_nothing() {
            return Yes;
        }
        self.asked.push((part, mask, whole));
        let answer = self.part((part.side, &p), types, (whole, &w), part);
        self.asked.pop();
        // What narrows the part beside what was looked at may leave nothing of what is outside of the whole.
        let plain = p.unions.is_empty() && p.applicators.is_empty() && p.keywords.is_empty() && p.needs.is_empty();
        if answer == No && !plain { Unknown } else { answer }
    }

    fn part(
        &mut self,
        (side, p): (Side, &NormalizedSchema<'d>),
        types: Types,
        (whole, w): (SchemaRef, &NormalizedSchema<'d>),
        part: SchemaRef,
    ) -> Ternary {
        if types.has(Types::NULL) && !w.types.has(Types::NULL) {
            return No;
        }
        let types = types.without_null();
        if let Some(values) = &p.values {
            return self.each_value(side, values, whole);
        }
        for union in &p.unions {
            // A value of the part is one of an alternative's: if the whole has all of those, it has that one.
            if self.all_members(side, union, types, whole) {
                return Yes;
            }
        }
        if !w.types.has(types) {
            return No;
        }
        let answer = self.own(side, p, types, whole.side, w);
        if answer != Yes {
            return answer;
        }
        for union in &w.unions {
            if !self.in_union(part, types, whole.side, union) {
                return Unknown;
            }
        }
        Yes
    }

    fn each_value(&mut self, side: Side, values: &[(String, NodeId)], whole: SchemaRef) -> Ternary {
        if values.len() > VALUES {
            return Unknown;
        }
        let mut answer = Yes;
        for (_, value) in values {
            answer = answer.and(|| self.accepts(whole, side, *value, 0));
        }
        answer
    }

    fn all_members(&mut self, side: Side, union: &Union, types: Types, whole: SchemaRef) -> bool {
        union.members.iter().all(|member| {
            let member = self.one(side, *member);
            self.subset(member, types, whole) == Yes
        })
    }

    /// Whether each type of the part fits an alternative, and where only one may fit, no other.
    fn in_union(&mut self, part: SchemaRef, types: Types, side: Side, union: &Union) -> bool {
        let members: Vec<SchemaRef> = union.members.iter().map(|member| self.one(side, *member)).collect();
        types.each().all(|kind| {
            // Any that fits, and not the first: the answer doesn't depend on their order.
            members.iter().any(|member| {
                self.subset(part, kind, *member) == Yes
                    && (!union.exactly_one
                        || members.iter().all(|other| other == member || self.disjoint(part, kind, *other, DEPTH / 4)))
            })
        })
    }

    /// What keywords beside alternatives say.
    fn own(
        &mut self,
        side: Side,
        p: &NormalizedSchema<'d>,
        types: Types,
        whole: Side,
        w: &NormalizedSchema<'d>,
    ) -> Ternary {
        let trees = (self.tree(side), self.tree(whole));
        let mut answer = match &w.values {
            None => Yes,
            // Whether null is listed was asked before.
            Some(_) if types == Types::NONE => Yes,
            Some(values) if types == Types::BOOLEAN => {
                let listed = |wanted: &str| values.iter().any(|(text, _)| text == wanted);
                Ternary::sure(listed("true") && listed("false"))
            }
            Some(_) => No,
        };
        if types.and(Types::STRING.or(Types::NUMBER)) != Types::NONE {
            let text = |tree: &'d Tree, node: NodeId| tree.as_str(node).unwrap_or_default();
            let kept = |wide: &str| {
                let narrow = p.formats.iter().map(|node| text(trees.0, *node));
                narrow.into_iter().any(|narrow| narrow == wide || is_narrower(narrow, wide))
            };
            let all = w.formats.iter().all(|node| kept(text(trees.1, *node)));
            answer = answer.and(|| Ternary::hardly(all));
        }
        if types.and(Types::NUMBER) != Types::NONE {
            answer = answer.and(|| numbers(trees, p, types, w));
        }
        let relevant = |keyword: &str| match keyword {
            "minLength" | "maxLength" => types.has(Types::STRING),
            "minProperties" | "maxProperties" => types.has(Types::OBJECT),
            _ => types.has(Types::ARRAY),
        };
        for (index, (keyword, larger)) in COUNTS.into_iter().enumerate() {
            let Some(needed) = w.counts[index].filter(|_| relevant(keyword)) else { continue };
            let named =
                |node| Decimal::parse(trees.1.as_number(node).unwrap_or("0")) <= Decimal::parse(&p.named.to_string());
            let holds = keyword == "minProperties" && named(needed)
                || p.counts[index].is_some_and(|has| {
                    let number = |tree: &Tree, node| Decimal::parse(tree.as_number(node).unwrap_or("0"));
                    let order = number(trees.0, has).cmp(&number(trees.1, needed));
                    if larger { order != Ordering::Less } else { order != Ordering::Greater }
                });
            answer = answer.and(|| Ternary::hardly(holds));
        }
        if types.has(Types::STRING) {
            let texts = |tree: &'d Tree, f: &NormalizedSchema<'_>| -> HashSet<&'d str> {
                f.patterns.iter().filter_map(|node| tree.as_str(*node)).collect()
            };
            let (have, need) = (texts(trees.0, p), texts(trees.1, w));
            answer = answer.and(|| Ternary::hardly(need.is_subset(&have)));
        }
        if types.has(Types::ARRAY) {
            answer = answer.and(|| Ternary::hardly(w.unique.is_none() || p.unique.is_some()));
            answer = answer.and(|| self.items(side, p, whole, w));
        }
        if types.has(Types::OBJECT) {
            answer = answer.and(|| self.object(side, p, whole, w));
        }
        answer.and(|| self.others(side, p, whole, w))
    }

    fn items(&mut self, side: Side, p: &NormalizedSchema<'d>, whole: Side, w: &NormalizedSchema<'d>) -> Ternary {
        let Some((wanted, _)) = w.items else { return Yes };
        let has_prefix =
            |normalized: &NormalizedSchema<'_>| normalized.applicators.iter().any(|(name, _)| *name == "prefixItems");
        if has_prefix(p) && !has_prefix(w) {
            // The first items are others than those that were looked at.
            return Unknown;
        }
        let wanted = SchemaRef::new(whole, wanted);
        match p.items {
            Some((items, _)) => match self.subset(SchemaRef::new(side, items), Types::ALL, wanted) {
                // A list may be empty, or its items impossible.
                No => Unknown,
                answer => answer,
            },
            None => Ternary::hardly(self.normalized(wanted).says_nothing()),
        }
    }

    fn object(&mut self, side: Side, p: &NormalizedSchema<'d>, whole: Side, w: &NormalizedSchema<'d>) -> Ternary {
        // Each is looked up among the other's.
        if !self.spend(p.properties.len().saturating_mul(w.properties.len() + w.required.len()) / 64) {
            return Unknown;
        }
        let mut answer = Yes;
        let hidden = |normalized: &NormalizedSchema<'_>, request: bool| {
            if request { normalized.read_only.is_some() } else { normalized.write_only.is_some() }
        };
        for name in w.required.keys().filter(|name| !p.required.contains_key(*name)) {
            let schema = w.properties.iter().find(|(known, ..)| known == name).map(|(_, schema, _)| *schema);
            let out_of_sight =
                schema.is_some_and(|schema| hidden(&self.normalized(SchemaRef::new(whole, schema)), self.request));
            if !out_of_sight {
                return No;
            }
        }
        for (name, wanted, _) in &w.properties {
            let wanted = SchemaRef::new(whole, *wanted);
            let have = p.properties.iter().find(|(known, ..)| known == name).map(|(_, schema, _)| *schema);
            if hidden(&self.normalized(wanted), self.request) {
                continue;
            }
            let fits = match (have, p.additional) {
                (Some(schema), _) | (None, Additional::Typed(schema, _)) => {
                    self.subset(SchemaRef::new(side, schema), Types::ALL, wanted)
                }
                (None, Additional::Closed(_)) => Yes,
                (None, Additional::Open) => Ternary::hardly(self.normalized(wanted).says_nothing()),
            };
            // Only what must be there is surely a value that doesn't fit.
            let fits = if fits == No && !p.required.contains_key(name) { Unknown } else { fits };
            answer = answer.and(|| fits);
        }
        for (name, have, _) in p.properties.iter().filter(|(name, ..)| !w.properties.iter().any(|(n, ..)| n == name)) {
            let have = SchemaRef::new(side, *have);
            if hidden(&self.normalized(have), self.request) {
                continue;
            }
            let fits = match w.additional {
                Additional::Open => Yes,
                Additional::Closed(_) => Ternary::hardly(self.normalized(have).types == Types::NONE),
                Additional::Typed(schema, _) => self.subset(have, Types::ALL, SchemaRef::new(whole, schema)),
            };
            let fits = if fits == No && !p.required.contains_key(name) { Unknown } else { fits };
            answer = answer.and(|| fits);
        }
        let has_patterns = |normalized: &NormalizedSchema<'_>| {
            normalized.applicators.iter().any(|(name, _)| *name == "patternProperties")
        };
        if has_patterns(p) && !has_patterns(w) && w.additional != Additional::Open {
            // Members that the part knows by their pattern are strangers to the whole.
            return answer.and(|| Unknown);
        }
        answer.and(|| match (p.additional, w.additional) {
            (_, Additional::Open) | (Additional::Closed(_), _) => Yes,
            (Additional::Typed(a, _), Additional::Typed(b, _)) => {
                Ternary::hardly(self.subset(SchemaRef::new(side, a), Types::ALL, SchemaRef::new(whole, b)) == Yes)
            }
            _ => Unknown,
        })
    }

    /// Keywords without a field of their own: what the whole has of them, the part has to have alike.
    fn others(&mut self, side: Side, p: &NormalizedSchema<'d>, whole: Side, w: &NormalizedSchema<'d>) -> Ternary {
        let trees = (self.tree(side), self.tree(whole));
        let pairs = |normalized: &NormalizedSchema<'d>| {
            normalized.needs.iter().map(|(a, b, _)| (*a, *b)).collect::<HashSet<_>>()
        };
        if !w.needs.is_empty() && !pairs(w).is_subset(&pairs(p)) {
            return Unknown;
        }
        for (name, wanted) in &w.keywords {
            let same = |(have, node): &(&str, NodeId)| {
                have == name && canonical(trees.0, *node) == canonical(trees.1, *wanted)
            };
            if !p.keywords.iter().any(same) {
                return Unknown;
            }
        }
        for (name, wanted) in &w.applicators {
            let mut found = false;
            for (_, node) in p.applicators.iter().filter(|(have, _)| have == name) {
                // Fingerprints look at a few levels and through references, texts at all of what is written.
                found |= trees.0.is_light(*node)
                    && trees.1.is_light(*wanted)
                    && canonical(trees.0, *node) == canonical(trees.1, *wanted)
                    && (side == whole || self.print(side, *node) == self.print(whole, *wanted));
            }
            if !found {
                return Unknown;
            }
        }
        Yes
    }
}

fn numbers(trees: (&Tree, &Tree), p: &NormalizedSchema<'_>, types: Types, w: &NormalizedSchema<'_>) -> Ternary {
    let whole_numbers = types.and(Types::NUMBER) == Types::INTEGER;
    for (have, need, lower) in [(p.lower, w.lower, true), (p.upper, w.upper, false)] {
        let Some(need) = need else { continue };
        let holds = have.is_some_and(|have| {
            let whole = |tree, bound| if whole_numbers { whole_bound(tree, bound, lower) } else { None };
            match (whole(trees.0, have), whole(trees.1, need)) {
                (Some(have), Some(need)) => {
                    if lower {
                        have >= need
                    } else {
                        have <= need
                    }
                }
                _ => at_least((trees.0, have), (trees.1, need), lower),
            }
        });
        if !holds {
            return No;
        }
    }
    let (mut have, need) = (multiples_of(trees.0, p), multiples_of(trees.1, w));
    if whole_numbers {
        have.push("1");
    }
    Ternary::hardly(need.iter().all(|need| are_multiples(&have, need)))
}
