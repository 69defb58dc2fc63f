//! Putting the parts of a schema together into its [`NormalizedSchema`].

mod settle;

use super::{
    normalized::{APPLICATORS, Additional, Bound, COUNTS, NormalizedSchema, Types, VALUES, compare_bounds},
    store::SchemaStore,
};
use crate::{
    compare::value::{Decimal, canonical},
    tree::{Kind, NodeId, Tree},
    version::is_own_dialect,
};
use rustc_hash::FxHashSet;
use settle::Choice;
// Strangers choose the keys; the standard hasher keeps them from choosing collisions.
use std::collections::{HashMap, HashSet};

/// Steps that a member of a schema takes on its way into the normalized schema. People compose a handful of parts; a document that
/// chains thousands of `allOf` makes each of its schemas as large as the whole. As long as there are steps, a chain is
/// followed to its end: where it was cut, a change at its end would be no finding. What is beyond is left out, and the
/// comparison says so.
const STEPS_PER_MEMBER: usize = 6;

/// Parts of a conjunction on their way into the normalized schema.
struct Flattener<'s, 'd> {
    side: &'s mut SchemaStore<'d>,
    normalized: NormalizedSchema<'d>,
    properties: Vec<(&'d str, Vec<NodeId>)>,
    /// Where each property is, as soon as a second part brings some.
    places: HashMap<&'d str, usize>,
    items: Vec<NodeId>,
    additional: Vec<NodeId>,
    closed: Option<NodeId>,
    /// Parts that say themselves what other members there may be.
    limits: Vec<NodeId>,
    /// What several parts may say, of which one holds: its keyword, whether the schema itself says it, and where.
    said: Vec<(&'static str, bool, NodeId)>,
    /// Whether a part lets all further members in by name, so that none is left unevaluated.
    opened: bool,
    unevaluated: Vec<(&'static str, NodeId)>,
    choices: Vec<Choice>,
    /// Every list of values has `null` in it or beside it.
    null_listed: bool,
    /// Whatever implies a type without naming it has `null` beside it.
    null_implied: bool,
}

/// Keywords that are taken to name the type that they are about.
pub(super) const IMPLIES_A_TYPE: [&str; 5] =
    ["properties", "additionalProperties", "unevaluatedProperties", "items", "unevaluatedItems"];

/// Keywords of which one holds, whichever parts say them.
const ONE_HOLDS: [&str; 6] = ["default", "xml", "discriminator", "x-sunset", "x-stability-level", "x-extensible-enum"];

/// A node with whether it stands under an alternative to `null`.
type Part = (NodeId, bool);

pub(crate) fn flatten<'d>(side: &mut SchemaStore<'d>, nodes: &[NodeId]) -> NormalizedSchema<'d> {
    let first = nodes.first().copied().unwrap_or(NodeId::ROOT);
    let normalized = NormalizedSchema {
        size: 0,
        cut: false,
        node: first,
        types: Types::ALL,
        types_node: None,
        implied: false,
        values: None,
        values_node: None,
        formats: Vec::new(),
        patterns: Vec::new(),
        lower: None,
        upper: None,
        counts: [None; 8],
        multiples: Vec::new(),
        unique: None,
        properties: Vec::new(),
        required: HashMap::new(),
        needs: Vec::new(),
        named: 0,
        narrow: false,
        additional: Additional::Open,
        items: None,
        unions: Vec::new(),
        applicators: Vec::new(),
        keywords: Vec::new(),
        default: None,
        xml: None,
        discriminator: None,
        read_only: None,
        write_only: None,
        deprecated: None,
        sunset: None,
        stability: None,
        extensible: None,
    };
    let mut flattener = Flattener {
        side,
        normalized,
        properties: Vec::new(),
        places: HashMap::new(),
        items: Vec::new(),
        additional: Vec::new(),
        closed: None,
        limits: Vec::new(),
        said: Vec::new(),
        opened: false,
        unevaluated: Vec::new(),
        choices: Vec::new(),
        null_listed: true,
        null_implied: true,
    };
    let mut seen = FxHashSet::default();
    // A stack, not recursion: a chain of `allOf` through references may be as long as the document.
    let mut stack: Vec<Part> = nodes.iter().rev().map(|node| (*node, false)).collect();
    loop {
        let Some((node, nullable)) = stack.pop() else {
            // An alternative that is the only one possible beside the rest is a part like any other.
            if !flattener.choose(&mut stack) {
                flattener.normalized.cut = true;
            }
            if stack.is_empty() {
                break;
            }
            continue;
        };
        if seen.contains(&node) {
            continue;
        }
        if !flattener.spend(node) {
            flattener.normalized.cut = true;
            break;
        }
        seen.insert(node);
        // They are in order: see `SchemaStore::intern`.
        let outer = nodes.binary_search(&node).is_ok();
        flattener.part(node, nullable, outer, &mut stack);
    }
    flattener.finish()
}

impl<'d> Flattener<'_, 'd> {
    /// Whether there is room for a node and what it lists, which is then taken.
    fn spend(&mut self, node: NodeId) -> bool {
        let tree = &self.side.document.tree;
        if self.side.budget.left() == 0 {
            return false;
        }
        let listed = |(key, value): (&str, NodeId)| match key {
            // These are compared whole, as values.
            "enum" | "const" | "default" | "discriminator" | "dependentRequired" | "dependentSchemas" => {
                tree.weight(value)
            }
            _ => 1 + tree.members(value).len() + tree.items(value).len(),
        };
        let size = 1 + tree.entries(node).map(listed).sum::<usize>();
        let fits = size <= self.side.room && self.side.budget.take(STEPS_PER_MEMBER * size);
        if fits {
            self.side.room -= size;
            self.normalized.size += size;
        }
        fits
    }

    fn part(&mut self, node: NodeId, nullable: bool, outer: bool, stack: &mut Vec<Part>) {
        let document = self.side.document;
        let tree = &document.tree;
        if let Some(target) = document.references.step(node) {
            let target = self.side.target(target);
            stack.push((target, nullable));
            // What stands beside a `$ref` holds in 3.1 only.
            if !document.version.has_json_schema() {
                return;
            }
        }
        if tree.as_bool(node) == Some(false) {
            self.normalized.types = Types::NONE;
            self.normalized.types_node.get_or_insert(node);
        }
        self.types(node, nullable);
        let untyped = tree.get(node, "type").is_none();
        let implies = |key: &str| tree.get(node, key).is_some();
        if untyped && IMPLIES_A_TYPE.into_iter().any(implies) {
            self.null_implied &= nullable;
        }
        let mut parts = Vec::new();
        let (mut minimum, mut maximum) = ((None, None), (None, None));
        for (key, value) in tree.entries(node) {
            match key {
                "allOf" => parts.extend(tree.items(value).iter().map(|member| (*member, nullable))),
                "oneOf" | "anyOf" => self.union(value, key == "oneOf", nullable, &mut parts),
                "enum" => self.values(tree.items(value), value, nullable),
                "const" => self.values(&[value], value, nullable),
                "minimum" => minimum.0 = Some(value),
                "exclusiveMinimum" => minimum.1 = Some(value),
                "maximum" => maximum.0 = Some(value),
                "exclusiveMaximum" => maximum.1 = Some(value),
                "properties" => self.properties(value),
                "required" => self.required(value),
                "items" if tree.kind(value) == Kind::Object => self.items.push(value),
                "items" if tree.as_bool(value) == Some(false) => self.items.push(value),
                "additionalProperties" => match tree.as_bool(value) {
                    _ if takes_all(tree, value) => self.opened = true,
                    Some(false) => self.closed = self.closed.or(Some(value)),
                    _ => self.additional.push(value),
                },
                // Beside these, nothing is left that wasn't evaluated (JSON Schema 2020-12, core, 11).
                "unevaluatedProperties" if implies("additionalProperties") => {}
                "unevaluatedItems" if implies("items") => {}
                "unevaluatedProperties" | "unevaluatedItems" | "propertyNames" | "contentSchema"
                    if takes_all(tree, value) => {}
                // A part sees what it says itself; the schema sees all of its parts.
                "unevaluatedProperties" if outer => self.unevaluated.push(("unevaluatedProperties", value)),
                "unevaluatedItems" if outer => self.unevaluated.push(("unevaluatedItems", value)),
                "not" if tree.as_bool(value) == Some(false) => {}
                "not" if takes_all(tree, value) => {
                    self.normalized.types = Types::NONE;
                    self.normalized.types_node.get_or_insert(value);
                }
                "$dynamicRef" if document.follows_dynamic(node) => {}
                "$schema" if tree.as_str(value).is_none_or(is_own_dialect) => {}
                "dependentRequired" => self.needs(value),
                "dependentSchemas" => {
                    self.needs_by_schema(value);
                    if tree.entries(value).any(|(_, schema)| !only_requires(tree, schema)) {
                        self.normalized.applicators.push(("dependentSchemas", value));
                    }
                }
                _ => self.keyword(key, value, outer),
            }
        }
        if tree.get(node, "additionalProperties").is_some_and(|value| !takes_all(tree, value)) {
            self.limits.push(node);
        }
        self.bound(minimum, true);
        self.bound(maximum, false);
        stack.extend(parts.into_iter().rev());
    }

    fn types(&mut self, node: NodeId, nullable: bool) {
        let document = self.side.document;
        let tree = &document.tree;
        let Some(written) = tree.get(node, "type") else { return };
        let mut types = Types::written(tree, written);
        // It adds null to `type` and to nothing else: `enum` and `allOf` beside it may still refuse null (OpenAPI
        // 3.0.4, Schema Object).
        if nullable || document.adds_null(node) {
            types = types.or(Types::NULL);
        }
        self.normalized.types = self.normalized.types.and(types);
        self.normalized.types_node.get_or_insert(written);
    }

    fn union(&mut self, list: NodeId, exactly_one: bool, nullable: bool, parts: &mut Vec<Part>) {
        let document = self.side.document;
        let (nulls, members): (Vec<_>, Vec<_>) =
            document.tree.items(list).iter().copied().partition(|member| self.side.is_null(*member));
        match members[..] {
            // Of null and nothing else, null is all that fits.
            [] if !nulls.is_empty() => {
                self.normalized.types = self.normalized.types.and(Types::NULL);
                self.normalized.types_node.get_or_insert(list);
            }
            [] => {}
            [only] => parts.push((only, nullable || !nulls.is_empty())),
            _ => {
                // `null` among the alternatives is nullability, unless it fits two where only one may fit.
                let null = if exactly_one { nulls.len() == 1 } else { !nulls.is_empty() };
                self.choices.push(Choice { node: list, exactly_one, null: nullable || null, members });
            }
        }
    }

    /// An enumeration; with several, what they have in common.
    fn values(&mut self, values: &[NodeId], at: NodeId, nullable: bool) {
        let tree = &self.side.document.tree;
        self.null_listed &= nullable || values.iter().any(|value| tree.kind(*value) == Kind::Null);
        let mut values: Vec<_> = values.iter().map(|value| (canonical(tree, *value), *value)).collect();
        if let Some(have) = &self.normalized.values {
            let known: HashSet<&str> = have.iter().map(|(text, _)| text.as_str()).collect();
            values.retain(|(text, _)| known.contains(text.as_str()));
        }
        self.normalized.values = Some(values);
        self.normalized.values_node = Some(at);
    }

    fn properties(&mut self, map: NodeId) {
        let entries = self.side.document.tree.entries(map);
        if self.properties.is_empty() {
            // Within one object no name stands twice.
            self.properties.extend(entries.map(|(name, property)| (name, vec![property])));
            return;
        }
        if self.places.is_empty() {
            self.places.extend(self.properties.iter().enumerate().map(|(place, (name, _))| (*name, place)));
        }
        for (name, property) in entries {
            let place = *self.places.entry(name).or_insert_with(|| {
                self.properties.push((name, Vec::new()));
                self.properties.len() - 1
            });
            self.properties[place].1.push(property);
        }
    }

    fn required(&mut self, list: NodeId) {
        let tree = &self.side.document.tree;
        for item in tree.items(list) {
            if let Some(name) = tree.as_str(*item) {
                self.normalized.required.entry(name).or_insert(*item);
            }
        }
    }

    /// Members that need others, by name.
    fn needs(&mut self, map: NodeId) {
        let tree = &self.side.document.tree;
        for (name, list) in tree.entries(map) {
            let needed = tree.items(list).iter().filter_map(|item| Some((name, tree.as_str(*item)?, *item)));
            self.normalized.needs.extend(needed);
        }
    }

    /// The same, said by schemas that only require.
    fn needs_by_schema(&mut self, map: NodeId) {
        let tree = &self.side.document.tree;
        for (name, schema) in tree.entries(map).filter(|(_, schema)| only_requires(tree, *schema)) {
            let list = tree.get(schema, "required").map(|list| tree.items(list)).unwrap_or_default();
            let needed = list.iter().filter_map(|item| Some((name, tree.as_str(*item)?, *item)));
            self.normalized.needs.extend(needed);
        }
    }

    fn keyword(&mut self, key: &str, value: NodeId, outer: bool) {
        let tree = &self.side.document.tree;
        if let Some(key) = ONE_HOLDS.into_iter().find(|known| *known == key) {
            self.said.push((key, outer, value));
            return;
        }
        let normalized = &mut self.normalized;
        let is_true = tree.as_bool(value) == Some(true);
        match key {
            "format" => normalized.formats.push(value),
            "pattern" => normalized.patterns.push(value),
            "multipleOf" => normalized.multiples.push(value),
            "uniqueItems" if is_true => normalized.unique = Some(value),
            "readOnly" if is_true => normalized.read_only = Some(value),
            "writeOnly" if is_true => normalized.write_only = Some(value),
            "deprecated" if is_true => normalized.deprecated = Some(value),
            _ => {
                if let Some(name) = APPLICATORS.into_iter().find(|name| *name == key) {
                    normalized.applicators.push((name, value));
                } else if let Some(name) = VALUES.into_iter().find(|name| *name == key) {
                    normalized.keywords.push((name, value));
                } else if let Some(index) = COUNTS.iter().position(|(name, _)| *name == key) {
                    let number = |node| Decimal::parse(tree.as_number(node).unwrap_or("0"));
                    let stricter = normalized.counts[index].is_none_or(|have| {
                        if COUNTS[index].1 { number(value) > number(have) } else { number(value) < number(have) }
                    });
                    if stricter {
                        normalized.counts[index] = Some(value);
                    }
                }
            }
        }
    }

    /// Both forms of exclusive bounds: 3.0's flag beside the bound, 3.1's bound of its own.
    fn bound(&mut self, (inclusive, exclusive): (Option<NodeId>, Option<NodeId>), lower: bool) {
        let tree = &self.side.document.tree;
        let flag = exclusive.and_then(|node| tree.as_bool(node)).unwrap_or(false);
        let candidates = [
            inclusive.map(|node| Bound { node, exclusive: flag }),
            exclusive.filter(|node| tree.as_number(*node).is_some()).map(|node| Bound { node, exclusive: true }),
        ];
        for candidate in candidates.into_iter().flatten() {
            let slot = if lower { &mut self.normalized.lower } else { &mut self.normalized.upper };
            let stricter = slot.is_none_or(|have| {
                let order = compare_bounds((tree, candidate), (tree, have), lower);
                order == std::cmp::Ordering::Greater
            });
            if stricter {
                *slot = Some(candidate);
            }
        }
    }
}

/// Keywords that people read and validators don't.
fn describes(key: &str) -> bool {
    matches!(key, "title" | "description" | "example" | "examples" | "$comment" | "externalDocs" | "xml")
        || key.starts_with("x-")
}

/// Whether a schema takes anything, by its own members: `{}` says no more than `true`, and no more does
/// `{nullable: true}`.
fn takes_all(tree: &Tree, node: NodeId) -> bool {
    match tree.as_bool(node) {
        Some(takes) => takes,
        None => tree.entries(node).all(|(key, _)| key == "nullable" || describes(key)),
    }
}

/// Whether a schema says nothing but which members there must be.
pub(super) fn only_requires(tree: &Tree, node: NodeId) -> bool {
    match tree.as_bool(node) {
        Some(takes) => takes,
        None => tree.entries(node).all(|(key, _)| key == "required" || describes(key)),
    }
}
