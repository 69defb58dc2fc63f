//! Putting the parts of a schema together into its [`Facts`].

use super::{
    facts::{APPLICATORS, Additional, Bound, COUNTS, Facts, Types, Union, VALUES, compare_bounds},
    side::Side,
};
use crate::{
    compare::value::{Decimal, canonical},
    tree::{Kind, NodeId},
};
use rustc_hash::FxHashSet;
// Strangers choose the keys; the standard hasher keeps them from choosing collisions.
use std::collections::{HashMap, HashSet};

/// Nodes that one schema is put together from. People compose a handful; a document that chains thousands of `allOf`
/// would make each of its schemas as large as the whole, and comparing quadratic. What is beyond is left out, and the
/// comparison says so.
const MAX_PARTS: usize = 200;

/// Different `multipleOf` of one schema that others are held against.
const MAX_MULTIPLES: usize = 8;

/// Parts of a conjunction on their way into the facts.
struct Flattener<'s, 'd> {
    side: &'s mut Side<'d>,
    facts: Facts<'d>,
    properties: Vec<(&'d str, Vec<NodeId>)>,
    /// Where each property is, as soon as a second part brings some.
    places: HashMap<&'d str, usize>,
    items: Vec<NodeId>,
    formats: Vec<NodeId>,
    multiples: Vec<NodeId>,
    additional: Vec<NodeId>,
    closed: Option<NodeId>,
    /// `null` comes in beside whatever the other parts say.
    nullable: bool,
    /// Every list of values has `null` in it or beside it.
    null_listed: bool,
    /// Whatever implies a type without naming it has `null` beside it.
    null_implied: bool,
}

/// A node with whether it stands under an alternative to `null`.
type Part = (NodeId, bool);

pub(crate) fn flatten<'d>(side: &mut Side<'d>, nodes: &[NodeId]) -> Facts<'d> {
    let first = nodes.first().copied().unwrap_or(NodeId::ROOT);
    let facts = Facts {
        size: 0,
        cut: false,
        node: first,
        types: Types::ALL,
        types_node: None,
        values: None,
        values_node: None,
        format: None,
        patterns: Vec::new(),
        lower: None,
        upper: None,
        counts: [None; 8],
        multiple_of: None,
        unique: None,
        properties: Vec::new(),
        required: HashMap::new(),
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
        facts,
        properties: Vec::new(),
        places: HashMap::new(),
        items: Vec::new(),
        formats: Vec::new(),
        multiples: Vec::new(),
        additional: Vec::new(),
        closed: None,
        nullable: false,
        null_listed: true,
        null_implied: true,
    };
    let mut seen = FxHashSet::default();
    // A stack, not recursion: a chain of `allOf` through references may be as long as the document.
    let mut stack: Vec<Part> = nodes.iter().rev().map(|node| (*node, false)).collect();
    let outer: Vec<NodeId> = nodes.to_vec();
    while let Some((node, nullable)) = stack.pop() {
        if seen.contains(&node) {
            continue;
        }
        if seen.len() >= MAX_PARTS || !flattener.spend(node) {
            flattener.facts.cut = true;
            break;
        }
        seen.insert(node);
        flattener.part(node, nullable, outer.contains(&node), &mut stack);
    }
    flattener.finish()
}

impl<'d> Flattener<'_, 'd> {
    /// Whether there is room for a node and what it lists, which is then taken.
    fn spend(&mut self, node: NodeId) -> bool {
        let tree = &self.side.document.tree;
        let listed = |(key, value): (&str, NodeId)| match key {
            // These are compared whole, as values.
            "enum" | "const" | "default" | "discriminator" | "dependentRequired" => tree.weight(value),
            _ => 1 + tree.members(value).len() + tree.items(value).len(),
        };
        let size = 1 + tree.entries(node).map(listed).sum::<usize>();
        let fits = size <= self.side.room;
        if fits {
            self.side.room -= size;
            self.facts.size += size;
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
            self.facts.types = Types::NONE;
            self.facts.types_node.get_or_insert(node);
        }
        self.types(node, nullable, outer);
        let untyped = tree.get(node, "type").is_none();
        let implies = |key: &str| tree.get(node, key).is_some();
        if untyped && ["properties", "additionalProperties", "items"].into_iter().any(implies) {
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
                    Some(false) => self.closed = self.closed.or(Some(value)),
                    Some(true) => {}
                    // `{}` says no more than `true`, and no more does `{nullable: true}`.
                    None if tree.entries(value).all(|(key, _)| key == "nullable" || describes(key)) => {}
                    None => self.additional.push(value),
                },
                _ => self.keyword(key, value),
            }
        }
        self.bound(minimum, true);
        self.bound(maximum, false);
        stack.extend(parts.into_iter().rev());
    }

    fn types(&mut self, node: NodeId, nullable: bool, outer: bool) {
        let document = self.side.document;
        let tree = &document.tree;
        let says_nullable = !document.version.has_json_schema() && tree.flag(node, "nullable");
        let Some(written) = tree.get(node, "type") else {
            // By the letter, 3.0's `nullable` needs a `type` beside it. Its authors write it beside `allOf` and
            // `oneOf` all the same, and mean it.
            self.nullable |= says_nullable && outer;
            return;
        };
        let mut types = match tree.as_str(written) {
            Some(name) => Types::named(name),
            None => tree
                .items(written)
                .iter()
                .filter_map(|name| tree.as_str(*name))
                .fold(Types::NONE, |types, name| types.or(Types::named(name))),
        };
        if says_nullable || nullable {
            types = types.or(Types::NULL);
        }
        // The parts refuse null by the letter, as they do where no `type` is written; its authors mean it here as there.
        self.nullable |= says_nullable && outer && tree.get(node, "allOf").is_some();
        self.facts.types = self.facts.types.and(types);
        self.facts.types_node.get_or_insert(written);
    }

    fn union(&mut self, list: NodeId, exactly_one: bool, nullable: bool, parts: &mut Vec<Part>) {
        let document = self.side.document;
        let (nulls, members): (Vec<_>, Vec<_>) =
            document.tree.items(list).iter().copied().partition(|member| self.side.is_null(*member));
        match members[..] {
            // Of null and nothing else, null is all that fits.
            [] if !nulls.is_empty() => {
                self.facts.types = self.facts.types.and(Types::NULL);
                self.facts.types_node.get_or_insert(list);
            }
            [] => {}
            [only] => parts.push((only, nullable || !nulls.is_empty())),
            _ => {
                // `null` among the alternatives is nullability; without it, and if no alternative has it, there is none.
                let allowed =
                    !nulls.is_empty() || nullable || members.iter().any(|member| self.side.takes_null(*member));
                if !allowed {
                    self.facts.types = self.facts.types.without_null();
                }
                self.facts.unions.push(Union { node: list, exactly_one, members });
            }
        }
    }

    /// An enumeration; with several, what they have in common.
    fn values(&mut self, values: &[NodeId], at: NodeId, nullable: bool) {
        let tree = &self.side.document.tree;
        self.null_listed &= nullable || values.iter().any(|value| tree.kind(*value) == Kind::Null);
        let mut values: Vec<_> = values.iter().map(|value| (canonical(tree, *value), *value)).collect();
        if let Some(have) = &self.facts.values {
            let known: HashSet<&str> = have.iter().map(|(text, _)| text.as_str()).collect();
            values.retain(|(text, _)| known.contains(text.as_str()));
        }
        self.facts.values = Some(values);
        self.facts.values_node = Some(at);
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
                self.facts.required.entry(name).or_insert(*item);
            }
        }
    }

    fn keyword(&mut self, key: &str, value: NodeId) {
        let tree = &self.side.document.tree;
        let facts = &mut self.facts;
        let is_true = tree.as_bool(value) == Some(true);
        match key {
            "format" => self.formats.push(value),
            "pattern" => facts.patterns.push(value),
            "multipleOf" => self.multiples.push(value),
            "uniqueItems" if is_true => facts.unique = Some(value),
            "default" => facts.default = facts.default.or(Some(value)),
            "xml" => facts.xml = facts.xml.or(Some(value)),
            "discriminator" => facts.discriminator = facts.discriminator.or(Some(value)),
            "readOnly" if is_true => facts.read_only = Some(value),
            "writeOnly" if is_true => facts.write_only = Some(value),
            "deprecated" if is_true => facts.deprecated = Some(value),
            "x-sunset" => facts.sunset = facts.sunset.or(Some(value)),
            "x-stability-level" => facts.stability = facts.stability.or(Some(value)),
            "x-extensible-enum" => facts.extensible = facts.extensible.or(Some(value)),
            _ => {
                if let Some(name) = APPLICATORS.into_iter().find(|name| *name == key) {
                    facts.applicators.push((name, value));
                } else if let Some(name) = VALUES.into_iter().find(|name| *name == key) {
                    facts.keywords.push((name, value));
                } else if let Some(index) = COUNTS.iter().position(|(name, _)| *name == key) {
                    let number = |node| Decimal::parse(tree.as_number(node).unwrap_or("0"));
                    let stricter = facts.counts[index].is_none_or(|have| {
                        if COUNTS[index].1 { number(value) > number(have) } else { number(value) < number(have) }
                    });
                    if stricter {
                        facts.counts[index] = Some(value);
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
            let slot = if lower { &mut self.facts.lower } else { &mut self.facts.upper };
            let stricter = slot.is_none_or(|have| {
                let order = compare_bounds((tree, candidate), (tree, have), lower);
                order == std::cmp::Ordering::Greater
            });
            if stricter {
                *slot = Some(candidate);
            }
        }
    }

    /// What may be said by several parts, of which one stands for all where it can. The others are constraints beside it,
    /// in an order that doesn't depend on the parts'.
    fn several(&mut self) {
        let tree = &self.side.document.tree;
        let number = |node: &NodeId| tree.as_number(*node).unwrap_or_default();
        let mut multiples = std::mem::take(&mut self.multiples);
        multiples.sort_by_key(|node| canonical(tree, *node));
        multiples.dedup_by_key(|node| canonical(tree, *node));
        // Of two, the one that is a multiple of the other says it all. Each is held against each, and people write two.
        let all = multiples.clone();
        multiples.retain(|node| {
            !all.iter()
                .take(MAX_MULTIPLES)
                .any(|other| other != node && Decimal::is_multiple_of(number(other), number(node)))
        });
        let mut formats = std::mem::take(&mut self.formats);
        formats.sort_by_key(|node| tree.as_str(*node));
        formats.dedup_by_key(|node| tree.as_str(*node));
        let facts = &mut self.facts;
        (facts.multiple_of, facts.format) = (multiples.first().copied(), formats.first().copied());
        facts.keywords.extend(multiples.into_iter().skip(1).map(|node| ("multipleOf", node)));
        facts.keywords.extend(formats.into_iter().skip(1).map(|node| ("format", node)));
    }

    fn finish(mut self) -> Facts<'d> {
        self.several();
        let Self {
            side, mut facts, properties, items, additional, closed, nullable, null_listed, null_implied, ..
        } = self;
        facts.properties = properties
            .into_iter()
            .map(|(name, nodes)| {
                let first = nodes[0];
                (name, side.intern(nodes), first)
            })
            .collect();
        facts.items = items.first().copied().map(|first| (side.intern(items), first));
        facts.additional = match (closed, additional.first().copied()) {
            (Some(node), _) => Additional::Closed(node),
            (None, Some(node)) => Additional::Typed(side.intern(additional), node),
            (None, None) => Additional::Open,
        };
        imply_types(side, &mut facts, null_implied && null_listed);
        if nullable {
            facts.types = facts.types.or(Types::NULL);
        }
        normalize(side, &mut facts, null_listed);
        if let Some(values) = &mut facts.values {
            // Nullability is told by the types alone, so that it is one finding and not two.
            values.retain(|(text, _)| text != "null");
        }
        facts
    }
}

/// Keywords that people read and validators don't.
fn describes(key: &str) -> bool {
    matches!(key, "title" | "description" | "example" | "examples" | "$comment" | "externalDocs" | "xml")
        || key.starts_with("x-")
}

/// Keywords that only make sense for one type are taken to mean it, as their authors do.
fn imply_types(side: &Side<'_>, facts: &mut Facts<'_>, null: bool) {
    if facts.types_node.is_some() {
        return;
    }
    let or_null = |types: Types| if null { types.or(Types::NULL) } else { types.without_null() };
    if let Some(values) = &facts.values {
        let kinds = values.iter().map(|(_, node)| side.type_of(*node));
        facts.types = or_null(kinds.fold(Types::NONE, Types::or));
        facts.types_node = facts.values_node;
    } else if !facts.unions.is_empty() {
        // The alternatives say it.
    } else if !facts.properties.is_empty() || facts.additional != Additional::Open {
        facts.types = facts.types.and(or_null(Types::OBJECT));
    } else if facts.items.is_some() {
        facts.types = facts.types.and(or_null(Types::ARRAY));
    }
}

/// Leaves out what has no meaning beside the rest, so that spellings of the same thing have the same facts.
fn normalize(side: &Side<'_>, facts: &mut Facts<'_>, null_listed: bool) {
    let tree = &side.document.tree;
    if let Some(values) = &mut facts.values {
        let allowed = facts.types;
        // `1.0` is an integer as well.
        values.retain(|(text, node)| text == "null" || side.type_of(*node).and(allowed) != Types::NONE);
        let kinds = values.iter().map(|(_, node)| side.type_of(*node)).fold(Types::NONE, Types::or);
        // 3.0 has authors write `nullable: true` beside a list without null, and mean it.
        let null = if !side.document.version.has_json_schema() || null_listed { allowed } else { Types::NONE };
        facts.types = allowed.and(kinds).without_null().or(null.and(Types::NULL));
    }
    let whole = |node: NodeId| Decimal::parse(tree.as_number(node).unwrap_or("0.5")).is_integer();
    if let Some(multiple) = facts.multiple_of.filter(|node| whole(*node)) {
        // Multiples of whole numbers are whole.
        if facts.types.has(Types::NUMBER) && !facts.types.has(Types::ALL) {
            facts.types = Types(facts.types.0 & !Types::NUMBER.0).or(Types::INTEGER);
        }
        let one = Decimal::parse(tree.as_number(multiple).unwrap_or_default()) == Decimal::parse("1");
        if one && !facts.types.has(Types::FRACTION) {
            facts.multiple_of = None;
        }
    }
    for (index, (keyword, larger)) in COUNTS.into_iter().enumerate() {
        // A minimum of none is no minimum; `minContains: 0` does take `contains` back.
        let zero = |node: NodeId| Decimal::parse(tree.as_number(node).unwrap_or("1")) == Decimal::parse("0");
        if larger && keyword != "minContains" && facts.counts[index].is_some_and(zero) {
            facts.counts[index] = None;
        }
    }
    // Keywords that don't fit the type are kept: one of the two is a mistake, and nobody can tell which.
}
