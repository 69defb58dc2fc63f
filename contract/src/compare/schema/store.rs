//! One document's schemas, as conjunctions and what each normalizes to, computed once.

use super::{
    bounds::whole_bound,
    flatten::{IMPLIES_A_TYPE, flatten},
    normalized::{Additional, NormalizedSchema, Types},
};
use crate::{
    budget::Budget,
    compare::value::{Decimal, canonical},
    document::Document,
    tree::{Kind, NodeId},
};
use rustc_hash::{FxHashMap, FxHasher};
use shared::findings::Side;
use std::{
    hash::{Hash, Hasher},
    rc::Rc,
};

/// Some nodes that hold together, interned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Conjunction(u32);

/// A schema of one of the documents, as the set of the values that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SchemaRef {
    pub(crate) side: Side,
    pub(crate) schema: Conjunction,
}

impl SchemaRef {
    pub(crate) const fn new(side: Side, schema: Conjunction) -> Self {
        Self { side, schema }
    }
}

/// Schemas that are looked at to see whether one takes null, or of which types its values are.
const LOOKED_AT: u32 = 64;

/// How deep fingerprints look. Deeper differences are found by comparing; fingerprints only tell who is who.
const FINGERPRINT_DEPTH: u8 = 4;

pub(crate) struct SchemaStore<'d> {
    pub(crate) document: &'d Document,
    all: Vec<Rc<[NodeId]>>,
    ids: FxHashMap<Rc<[NodeId]>, Conjunction>,
    normalized: Vec<Option<Rc<NormalizedSchema<'d>>>>,
    fingerprints: FxHashMap<(Conjunction, u8), u64>,
    /// Where chains of references lead.
    targets: FxHashMap<NodeId, NodeId>,
    pub(super) budget: Budget,
    /// Members of schemas that may still be put together and stored.
    pub(super) room: usize,
    /// Schemas that were not put together whole.
    pub(crate) too_large: usize,
}

/// Members of schemas that are put together for one document, beside one for each of its values: they are stored. Schemas
/// share their parts by reference, so that many small ones can be as large as the document, each.
const MAX_MEMBERS: usize = 2_000_000;

impl<'d> SchemaStore<'d> {
    pub(crate) fn new(document: &'d Document, budget: Budget) -> Self {
        Self {
            document,
            all: Vec::new(),
            ids: FxHashMap::default(),
            normalized: Vec::new(),
            fingerprints: FxHashMap::default(),
            targets: FxHashMap::default(),
            budget,
            room: MAX_MEMBERS + document.tree.nodes.len(),
            too_large: 0,
        }
    }

    pub(crate) fn intern(&mut self, nodes: impl IntoIterator<Item = NodeId>) -> Conjunction {
        let mut nodes: Vec<NodeId> = nodes.into_iter().map(|node| self.target(node)).collect();
        nodes.sort_unstable();
        nodes.dedup();
        if let Some(id) = self.ids.get(nodes.as_slice()) {
            return *id;
        }
        let id = Conjunction(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        let nodes: Rc<[NodeId]> = nodes.into();
        self.all.push(Rc::clone(&nodes));
        self.normalized.push(None);
        self.ids.insert(nodes, id);
        id
    }

    pub(crate) fn normalized(&mut self, id: Conjunction) -> Rc<NormalizedSchema<'d>> {
        if let Some(normalized) = &self.normalized[id.0 as usize] {
            return Rc::clone(normalized);
        }
        let nodes = Rc::clone(&self.all[id.0 as usize]);
        let normalized = Rc::new(flatten(self, &nodes));
        self.too_large += usize::from(normalized.cut);
        self.normalized[id.0 as usize] = Some(Rc::clone(&normalized));
        normalized
    }

    /// The nodes that hold together.
    pub(crate) fn nodes(&self, id: Conjunction) -> Rc<[NodeId]> {
        Rc::clone(&self.all[id.0 as usize])
    }

    /// The component that a conjunction is, if it is one.
    pub(crate) fn name(&self, id: Conjunction) -> Option<&'d str> {
        let [node] = self.all[id.0 as usize][..] else { return None };
        self.document.component(node)
    }

    /// Where a reference leads, unless what stands beside it matters.
    pub(super) fn target(&mut self, start: NodeId) -> NodeId {
        let tree = &self.document.tree;
        let bare = |key: &str| {
            matches!(key, "$ref" | "description" | "summary" | "title")
                || key.starts_with("x-") && !matches!(key, "x-sunset" | "x-stability-level" | "x-extensible-enum")
        };
        let bare = |node: NodeId, key: &str| bare(key) || key == "$dynamicRef" && self.document.follows_dynamic(node);
        let (mut node, mut path) = (start, Vec::new());
        while let Some(next) = self.document.references.step(node) {
            if let Some(known) = self.targets.get(&node) {
                node = *known;
                break;
            }
            if self.document.version.has_json_schema() && !tree.entries(node).all(|(key, _)| bare(node, key)) {
                break;
            }
            path.push(node);
            node = next;
        }
        // Each chain is walked once, however many refer to its links.
        self.targets.extend(path.into_iter().map(|link| (link, node)));
        node
    }

    /// The default that a schema gives.
    pub(crate) fn default_of(&mut self, schema: NodeId) -> Option<NodeId> {
        let schema = self.intern([schema]);
        self.normalized(schema).default
    }

    /// Whether a schema takes anything: `true`, `{}`, and what only describes.
    pub(crate) fn says_nothing(&mut self, schema: NodeId) -> bool {
        let schema = self.intern([schema]);
        self.normalized(schema).says_nothing()
    }

    /// Whether a schema allows `null` and nothing else.
    pub(crate) fn is_null(&self, node: NodeId) -> bool {
        let tree = &self.document.tree;
        let node = self.document.references.resolve(node);
        let is_null = |value: NodeId| tree.kind(value) == Kind::Null;
        match (tree.get(node, "type"), tree.get(node, "enum"), tree.get(node, "const")) {
            (Some(types), _, _) => match tree.as_str(types) {
                Some(name) => name == "null",
                None => matches!(tree.items(types), [only] if tree.as_str(*only) == Some("null")),
            },
            (None, Some(values), _) => matches!(tree.items(values), [only] if is_null(*only)),
            (None, None, Some(value)) => is_null(value),
            _ => false,
        }
    }

    /// Whether a schema takes `null`, as far as a few steps tell; beyond those it is taken not to.
    pub(crate) fn takes_null(&self, node: NodeId) -> bool {
        let mut steps = LOOKED_AT;
        let takes = self.null_within(node, 16, &mut steps);
        self.looked_at(steps);
        takes
    }

    fn null_within(&self, node: NodeId, depth: u8, steps: &mut u32) -> bool {
        let tree = &self.document.tree;
        if depth == 0 || *steps == 0 {
            return false;
        }
        *steps -= 1;
        if let Some(target) = self.document.references.step(node) {
            let beside = self.document.version.has_json_schema() && tree.members(node).len() > 1;
            return self.null_within(target, depth - 1, steps) && (!beside || self.null_here(node, depth, steps));
        }
        self.null_here(node, depth, steps)
    }

    fn null_here(&self, node: NodeId, depth: u8, steps: &mut u32) -> bool {
        let tree = &self.document.tree;
        if tree.as_bool(node) == Some(false) {
            return false;
        }
        let is_null = |value: &NodeId| tree.kind(*value) == Kind::Null;
        let by_type = tree.get(node, "type").is_none_or(|written| match tree.as_str(written) {
            _ if self.document.adds_null(node) => true,
            Some(name) => Types::named(name).has(Types::NULL),
            // There are seven types; what repeats them is none of a person.
            None => tree.items(written).iter().take(16).any(|name| tree.as_str(*name) == Some("null")),
        });
        let untyped = tree.get(node, "type").is_none();
        let implied = IMPLIES_A_TYPE.iter().any(|key| tree.get(node, key).is_some());
        let by_values = tree.get(node, "enum").is_none_or(|list| tree.items(list).iter().any(is_null))
            && tree.get(node, "const").is_none_or(|value| is_null(&value));
        if !by_type || untyped && implied || !by_values {
            return false;
        }
        let list = |key| tree.get(node, key).map(|list| tree.items(list));
        list("allOf").is_none_or(|all| all.iter().all(|member| self.null_within(*member, depth - 1, steps)))
            && list("anyOf").is_none_or(|any| any.iter().any(|member| self.null_within(*member, depth - 1, steps)))
            && list("oneOf").is_none_or(|any| any.iter().any(|member| self.null_within(*member, depth - 1, steps)))
    }

    /// The types that values of a schema can have, as far as a few steps tell; beyond those, any.
    pub(super) fn possible_types(&self, node: NodeId) -> Types {
        let mut steps = LOOKED_AT;
        let types = self.types_within(node, 16, &mut steps);
        self.looked_at(steps);
        types
    }

    /// Takes from the budget what a look at a schema took of its steps.
    fn looked_at(&self, left: u32) {
        self.budget.take(2 * (LOOKED_AT - left) as usize);
    }

    /// Whether the types beside alternatives say no more than those do.
    pub(super) fn types_are_those_of_members(&self, normalized: &NormalizedSchema<'_>) -> bool {
        normalized.types_node.is_none()
            || normalized
                .unions
                .iter()
                .flat_map(|union| &union.members)
                .all(|member| normalized.types.or(Types::NULL).has(self.possible_types(*member)))
    }

    fn types_within(&self, node: NodeId, depth: u8, steps: &mut u32) -> Types {
        /// Values of a list that are looked at.
        const VALUES: usize = 100;
        let tree = &self.document.tree;
        if depth == 0 || *steps == 0 {
            return Types::ALL;
        }
        *steps -= 1;
        let mut types = Types::ALL;
        if let Some(target) = self.document.references.step(node) {
            types = self.types_within(target, depth - 1, steps);
            if !self.document.version.has_json_schema() {
                return types;
            }
        }
        if tree.as_bool(node) == Some(false) {
            return Types::NONE;
        }
        for (key, value) in tree.entries(node) {
            let own = match key {
                "type" if self.document.adds_null(node) => Types::written(tree, value).or(Types::NULL),
                "type" => Types::written(tree, value),
                "enum" if tree.items(value).len() <= VALUES => {
                    tree.items(value).iter().map(|value| self.type_of(*value)).fold(Types::NONE, Types::or)
                }
                "const" => self.type_of(value),
                "allOf" => {
                    let members = tree.items(value).iter();
                    members.map(|member| self.types_within(*member, depth - 1, steps)).fold(Types::ALL, Types::and)
                }
                "anyOf" | "oneOf" if !tree.items(value).is_empty() => {
                    let members = tree.items(value).iter();
                    members.map(|member| self.types_within(*member, depth - 1, steps)).fold(Types::NONE, Types::or)
                }
                _ => Types::ALL,
            };
            types = types.and(own);
        }
        types
    }

    /// The type of a value.
    pub(crate) fn type_of(&self, node: NodeId) -> Types {
        let tree = &self.document.tree;
        match tree.kind(node) {
            Kind::Null => Types::NULL,
            Kind::Bool => Types::BOOLEAN,
            Kind::Number if tree.as_number(node).is_some_and(|text| Decimal::parse(text).is_integer()) => {
                Types::INTEGER
            }
            Kind::Number => Types::NUMBER,
            Kind::String => Types::STRING,
            Kind::Array => Types::ARRAY,
            Kind::Object => Types::OBJECT,
        }
    }

    /// A number that schemas with the same meaning share, whatever their spelling, down to a few levels.
    pub(crate) fn fingerprint(&mut self, id: Conjunction) -> u64 {
        self.fingerprint_to(id, FINGERPRINT_DEPTH)
    }

    fn fingerprint_to(&mut self, id: Conjunction, depth: u8) -> u64 {
        if depth == 0 {
            return 0;
        }
        if let Some(known) = self.fingerprints.get(&(id, depth)) {
            return *known;
        }
        let normalized = self.normalized(id);
        let tree = &self.document.tree;
        let maps = normalized.applicators.iter().filter(|(keyword, _)| is_map(keyword));
        if !self.budget.take(normalized.size + maps.map(|(_, node)| tree.weight(*node)).sum::<usize>()) {
            // What looks alike is compared, as far as there are steps for it.
            return 0;
        }
        let mut hasher = FxHasher::default();
        self.hash_scalars(&normalized, &mut hasher);
        // Sums don't depend on order, and neither do properties, requirements and alternatives.
        let mut sum = 0_u64;
        let mut add = |tag: &str, part: u64| {
            let mut hasher = FxHasher::default();
            (tag, part).hash(&mut hasher);
            sum = sum.wrapping_add(mixed(hasher.finish()));
        };
        for (name, property, _) in &normalized.properties {
            let part = self.fingerprint_to(*property, depth - 1);
            add(name, part);
        }
        for name in normalized.required.keys() {
            add(name, 1);
        }
        if let Some((items, _)) = normalized.items {
            add("items", self.fingerprint_to(items, depth - 1));
        }
        match normalized.additional {
            Additional::Open => {}
            Additional::Closed(_) => add("closed", 1),
            Additional::Typed(schema, _) => add("additional", self.fingerprint_to(schema, depth - 1)),
        }
        for union in &normalized.unions {
            for member in &union.members {
                let member = self.intern([*member]);
                add("alternative", self.fingerprint_to(member, depth - 1));
            }
        }
        for (keyword, node) in &normalized.applicators {
            let part = if self.document.tree.kind(*node) == Kind::Object && !is_map(keyword) {
                let schema = self.intern([*node]);
                self.fingerprint_to(schema, depth - 1)
            } else {
                hash_of(&canonical(&self.document.tree, *node))
            };
            add(keyword, part);
        }
        sum.hash(&mut hasher);
        let fingerprint = mixed(hasher.finish());
        self.fingerprints.insert((id, depth), fingerprint);
        fingerprint
    }

    fn hash_scalars(&self, normalized: &NormalizedSchema<'_>, hasher: &mut FxHasher) {
        let tree = &self.document.tree;
        normalized.types.hash(hasher);
        if let Some(values) = &normalized.values {
            values.iter().fold(0_u64, |sum, (text, _)| sum.wrapping_add(hash_of(text))).hash(hasher);
        }
        let number = |node: NodeId| canonical(tree, node);
        let whole_numbers = !normalized.types.has(Types::FRACTION);
        for (bound, lower) in [(normalized.lower, true), (normalized.upper, false)] {
            let whole = bound.filter(|_| whole_numbers).and_then(|bound| whole_bound(tree, bound, lower));
            match whole {
                // Of whole numbers, `> 0` and `>= 1` say the same.
                Some(nearest) => nearest.hash(hasher),
                None => bound.map(|bound| (number(bound.node), bound.exclusive)).hash(hasher),
            }
        }
        for node in normalized.counts {
            node.map(number).hash(hasher);
        }
        normalized.multiples.iter().for_each(|node| number(*node).hash(hasher));
        normalized.needs.iter().for_each(|(name, needed, _)| (name, needed).hash(hasher));
        // Formats before 3.1 that are keywords from then on.
        let older = !self.document.version.has_json_schema();
        for format in normalized.formats.iter().filter_map(|node| tree.as_str(*node)) {
            match format {
                "byte" if older => ("contentEncoding", "\"base64\"").hash(hasher),
                "binary" if older => ("contentMediaType", "\"application/octet-stream\"").hash(hasher),
                _ => format.hash(hasher),
            }
        }
        normalized.patterns.iter().for_each(|node| number(*node).hash(hasher));
        normalized.keywords.iter().for_each(|(keyword, node)| (keyword, number(*node)).hash(hasher));
        (normalized.unique.is_some(), normalized.read_only.is_some(), normalized.write_only.is_some()).hash(hasher);
    }
}

/// Applicators whose value maps names to schemas, or lists them.
fn is_map(keyword: &str) -> bool {
    matches!(keyword, "patternProperties" | "dependentSchemas")
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    mixed(hasher.finish())
}

/// Makes a hash fit for being added to others. The hasher multiplies and adds, so that its sums would be the same for
/// other parts with the same total: `[a, b]` and `[c]` like `[a]` and `[b, c]`. (The finalizer of splitmix64.)
const fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}
