//! What a schema says once all of its parts are known: alternatives that can't be, keywords that mean others, types that
//! nobody wrote.

use super::{Flattener, Part};
use crate::{
    compare::{
        schema::{
            normalized::{Additional, COUNTS, NormalizedSchema, Types, Union},
            store::SchemaStore,
        },
        value::{Decimal, canonical},
    },
    tree::{NodeId, Tree},
};
use std::collections::HashSet;

/// Different `multipleOf` of one schema that others are held against.
const MAX_MULTIPLES: usize = 8;

/// `oneOf` or `anyOf` with at least two alternatives that aren't `null`, on its way into the normalized schema.
pub(super) struct Choice {
    pub(super) node: NodeId,
    pub(super) exactly_one: bool,
    /// Whether null is one of the alternatives, or fits beside them.
    pub(super) null: bool,
    pub(super) members: Vec<NodeId>,
}

impl<'d> Flattener<'_, 'd> {
    /// Leaves out alternatives whose types can't be, and gives out the one that is left. Whether there were steps for it.
    pub(super) fn choose(&mut self, stack: &mut Vec<Part>) -> bool {
        if self.normalized.types.has(Types::ALL) || self.choices.is_empty() {
            return true;
        }
        if self.side.budget.left() == 0 {
            return false;
        }
        let types = self.normalized.types;
        for mut choice in std::mem::take(&mut self.choices) {
            let side = &*self.side;
            choice.members.retain(|member| side.possible_types(*member).and(types) != Types::NONE);
            match choice.members[..] {
                [] => {
                    let left = if choice.null { Types::NULL } else { Types::NONE };
                    self.normalized.types = self.normalized.types.and(left);
                    self.normalized.types_node.get_or_insert(choice.node);
                }
                [only] => stack.push((only, choice.null)),
                _ => self.choices.push(choice),
            }
        }
        true
    }

    pub(super) fn finish(mut self) -> NormalizedSchema<'d> {
        for Choice { node, exactly_one, null, members } in std::mem::take(&mut self.choices) {
            // Where no alternative has null, there is none.
            if !null && !members.iter().any(|member| self.side.takes_null(*member)) {
                self.normalized.types = self.normalized.types.without_null();
            }
            self.normalized.unions.push(Union { node, exactly_one, members });
        }
        self.several();
        self.one_each();
        self.unevaluated();
        self.normalized.named = self.named_at_least();
        let tree = &self.side.document.tree;
        let own = |node: &NodeId| tree.get(*node, "properties").map_or(0, |map| tree.members(map).len());
        self.normalized.narrow = self.limits.iter().any(|node| own(node) < self.properties.len());
        let Self { side, mut normalized, properties, items, additional, closed, null_listed, null_implied, .. } = self;
        normalized.properties = properties
            .into_iter()
            .map(|(name, nodes)| {
                let first = nodes[0];
                (name, side.intern(nodes), first)
            })
            .collect();
        normalized.items = items.first().copied().map(|first| (side.intern(items), first));
        normalized.additional = match (closed, additional.first().copied()) {
            (Some(node), _) => Additional::Closed(node),
            (None, Some(node)) => Additional::Typed(side.intern(additional), node),
            (None, None) => Additional::Open,
        };
        imply_types(side, &mut normalized, null_implied && null_listed);
        normalize(side, &mut normalized, null_listed);
        no_effect(side, &mut normalized);
        if let Some(values) = &mut normalized.values {
            // Nullability is told by the types alone, so that it is one finding and not two.
            values.retain(|(text, _)| text != "null");
        }
        normalized
    }

    /// What may be said by several parts, in an order that doesn't depend on the parts'.
    fn several(&mut self) {
        let tree = &self.side.document.tree;
        let normalized = &mut self.normalized;
        // Where a part is written twice, pairs are made in this order.
        if normalized.keywords.len() > 1 {
            crate::sort::by_key(&mut normalized.keywords, |(name, node)| (*name, canonical(tree, *node)));
        }
        let mut names = HashSet::new();
        if normalized.applicators.iter().any(|(name, _)| !names.insert(*name)) {
            crate::sort::by_key(&mut normalized.applicators, |(name, node)| (*name, light(tree, *node)));
        }
        if normalized.unions.len() > 1 {
            crate::sort::by_key(&mut normalized.unions, |union| light(tree, union.node));
        }
        crate::sort::plain(&mut normalized.needs);
        normalized.needs.dedup_by_key(|(name, needed, _)| (*name, *needed));
        crate::sort::by_key(&mut normalized.formats, |node| tree.as_str(*node));
        normalized.formats.dedup_by_key(|node| tree.as_str(*node));
        crate::sort::by_key(&mut normalized.multiples, |node| canonical(tree, *node));
        normalized.multiples.dedup_by_key(|node| canonical(tree, *node));
        // Of two, the one that is a multiple of the other says it all. Each is held against each, and people write two.
        let number = |node: &NodeId| tree.as_number(*node).unwrap_or_default();
        let all = normalized.multiples.clone();
        normalized.multiples.retain(|node| {
            !all.iter()
                .take(MAX_MULTIPLES)
                .any(|other| other != node && Decimal::is_multiple_of(number(other), number(node)))
        });
    }

    /// What stands beside a reference or the parts holds before what those say; of several alike, the same whatever their
    /// order.
    fn one_each(&mut self) {
        let tree = &self.side.document.tree;
        let mut said = std::mem::take(&mut self.said);
        if said.len() > 1 {
            crate::sort::by_key(&mut said, |(key, outer, node)| (*key, !*outer, canonical(tree, *node)));
        }
        let normalized = &mut self.normalized;
        for (key, _, node) in said.into_iter().rev() {
            let slot = match key {
                "default" => &mut normalized.default,
                "xml" => &mut normalized.xml,
                "discriminator" => &mut normalized.discriminator,
                "x-sunset" => &mut normalized.sunset,
                "x-stability-level" => &mut normalized.stability,
                _ => &mut normalized.extensible,
            };
            *slot = Some(node);
        }
    }

    /// `unevaluatedProperties` is `additionalProperties` where all that evaluates members is known: alternatives and
    /// conditions evaluate some, or not, by the value. The same holds for items.
    fn unevaluated(&mut self) {
        let normalized = &mut self.normalized;
        let applies = |names: &[&str]| normalized.applicators.iter().any(|(name, _)| names.contains(name));
        let by_value =
            !normalized.unions.is_empty() || normalized.cut || applies(&["if", "then", "else", "dependentSchemas"]);
        let contains = applies(&["contains"]);
        let known_items = self.items.is_empty() && !contains;
        let known_members = !self.opened && self.additional.is_empty();
        for (name, node) in std::mem::take(&mut self.unevaluated) {
            let of_items = name == "unevaluatedItems";
            let known = if of_items { known_items } else { known_members };
            match self.side.document.tree.as_bool(node) {
                _ if by_value || !known => normalized.applicators.push((name, node)),
                _ if of_items => self.items.push(node),
                Some(_) => self.closed = self.closed.or(Some(node)),
                None => self.additional.push(node),
            }
        }
    }

    /// How many members there are by `required` alone, in either direction.
    fn named_at_least(&self) -> usize {
        let tree = &self.side.document.tree;
        // What a reference leads to may be flagged as no part of one direction.
        let always = |node: &NodeId| {
            !["readOnly", "writeOnly", "$ref", "allOf", "oneOf", "anyOf"]
                .into_iter()
                .any(|key| tree.get(*node, key).is_some())
        };
        let flagged = self
            .properties
            .iter()
            .filter(|(name, nodes)| self.normalized.required.contains_key(name) && !nodes.iter().all(always));
        self.normalized.required.len() - flagged.count()
    }
}

/// A value in writing, unless it is large: those stay in the order in which they stand.
fn light(tree: &Tree, node: NodeId) -> Option<String> {
    tree.is_light(node).then(|| canonical(tree, node))
}

/// Keywords that only make sense for one type are taken to mean it, as their authors do.
fn imply_types(side: &SchemaStore<'_>, normalized: &mut NormalizedSchema<'_>, null: bool) {
    if normalized.types_node.is_some() {
        return;
    }
    let or_null = |types: Types| if null { types.or(Types::NULL) } else { types.without_null() };
    if let Some(values) = &normalized.values {
        let kinds = values.iter().map(|(_, node)| side.type_of(*node));
        normalized.types = or_null(kinds.fold(Types::NONE, Types::or));
        normalized.types_node = normalized.values_node;
    } else if !normalized.unions.is_empty() {
        // The alternatives say it.
    } else if !normalized.properties.is_empty() || normalized.additional != Additional::Open {
        normalized.types = normalized.types.and(or_null(Types::OBJECT));
        normalized.implied = true;
    } else if normalized.items.is_some() {
        normalized.types = normalized.types.and(or_null(Types::ARRAY));
        normalized.implied = true;
    }
}

/// Leaves out what has no meaning beside the rest, so that spellings of the same thing are normalized alike.
fn normalize(side: &SchemaStore<'_>, normalized: &mut NormalizedSchema<'_>, null_listed: bool) {
    let tree = &side.document.tree;
    if let Some(values) = &mut normalized.values {
        let allowed = normalized.types;
        // `1.0` is an integer as well.
        let kind = |node: NodeId| match side.type_of(node) {
            Types::NUMBER => Types::FRACTION,
            kind => kind,
        };
        let fits = |(text, node): &(String, NodeId)| text == "null" || kind(*node).and(allowed) != Types::NONE;
        // Where none fits, as with days that YAML reads as numbers, the list is what is meant.
        let meant = values.iter().any(fits) || values.is_empty();
        if meant {
            values.retain(fits);
        }
        let own = |node| if meant { side.type_of(node) } else { allowed };
        let kinds = values.iter().map(|(_, node)| own(*node)).fold(Types::NONE, Types::or);
        let null = if null_listed { allowed } else { Types::NONE };
        normalized.types = allowed.and(kinds).without_null().or(null.and(Types::NULL));
    }
    let whole = |node: NodeId| Decimal::parse(tree.as_number(node).unwrap_or("0.5")).is_integer();
    if normalized.multiples.iter().any(|node| whole(*node)) {
        // Multiples of whole numbers are whole.
        if normalized.types.has(Types::NUMBER) && !normalized.types.has(Types::ALL) {
            normalized.types = Types(normalized.types.0 & !Types::NUMBER.0).or(Types::INTEGER);
        }
        if !normalized.types.has(Types::FRACTION) {
            let one = |node: &NodeId| Decimal::parse(tree.as_number(*node).unwrap_or_default()) == Decimal::parse("1");
            normalized.multiples.retain(|node| !one(node));
        }
    }
    for (index, (keyword, larger)) in COUNTS.into_iter().enumerate() {
        // A minimum of none is no minimum; `minContains: 0` does take `contains` back.
        let zero = |node: NodeId| Decimal::parse(tree.as_number(node).unwrap_or("1")) == Decimal::parse("0");
        if larger && keyword != "minContains" && normalized.counts[index].is_some_and(zero) {
            normalized.counts[index] = None;
        }
    }
    // Keywords that don't fit the type are kept: one of the two is a mistake, and nobody can tell which.
}

/// Leaves out counts that the rest implies.
fn no_effect(side: &SchemaStore<'_>, normalized: &mut NormalizedSchema<'_>) {
    let tree = &side.document.tree;
    let index = |name: &str| COUNTS.iter().position(|(keyword, _)| *keyword == name).unwrap_or_default();
    let at_most = |node: Option<NodeId>, most: &str| {
        node.is_some_and(|node| Decimal::parse(tree.as_number(node).unwrap_or("1")) <= Decimal::parse(most))
    };
    let least = index("minProperties");
    if at_most(normalized.counts[least], &normalized.named.to_string()) {
        normalized.counts[least] = None;
    }
    // None of them need be there, and any number of them may.
    let (least, most) = (index("minContains"), index("maxContains"));
    let count = |wanted: &str| normalized.applicators.iter().filter(|(name, _)| *name == wanted).count();
    // What they evaluate may be all that there may be.
    let alone = count("contains") == 1 && count("unevaluatedItems") == 0;
    if alone && at_most(normalized.counts[least], "0") && normalized.counts[most].is_none() {
        normalized.counts[least] = None;
        normalized.applicators.retain(|(name, _)| *name != "contains");
    }
}
