//! What a schema says, whichever way it is spelled.
//!
//! A schema is seen as a *conjunction* of nodes: itself, what its `allOf` lists, what its `$ref` names (3.1 lets
//! other keywords stand beside one), and an alternative that is the only one. Flattening the conjunction into
//! [`NormalizedSchema`] makes moves into or out of `allOf` and `$ref`, `nullable` versus `type: [.., null]`, both forms of
//! exclusive bounds, and `const` versus an enumeration of one the same thing, so that comparing never sees them.

use super::store::Conjunction;
pub(crate) use super::types::Types;
use crate::{
    compare::{lifecycle::Life, value::Decimal},
    tree::{NodeId, Tree},
};
// Strangers choose the keys; the standard hasher keeps them from choosing collisions.
use std::collections::HashMap;

/// A lower or upper bound on numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) node: NodeId,
    pub(crate) exclusive: bool,
}

/// `oneOf` or `anyOf` with at least two alternatives that aren't `null`.
#[derive(Debug)]
pub(crate) struct Union {
    pub(crate) node: NodeId,
    pub(crate) exactly_one: bool,
    pub(crate) members: Vec<NodeId>,
}

/// What an object may hold besides its properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Additional {
    /// Anything; the document may or may not say so.
    Open,
    Closed(NodeId),
    Typed(Conjunction, NodeId),
}

impl Additional {
    pub(crate) const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

/// The counting keywords, of which the strictest in a conjunction holds: `(keyword, whether larger is stricter)`.
pub(crate) const COUNTS: [(&str, bool); 8] = [
    ("minLength", true),
    ("maxLength", false),
    ("minItems", true),
    ("maxItems", false),
    ("minProperties", true),
    ("maxProperties", false),
    ("minContains", true),
    ("maxContains", false),
];

/// Keywords that hold subschemas and that have no field of their own here.
pub(crate) const APPLICATORS: [&str; 12] = [
    "not",
    "patternProperties",
    "propertyNames",
    "dependentSchemas",
    "if",
    "then",
    "else",
    "contains",
    "prefixItems",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];

/// Keywords compared as values.
pub(crate) const VALUES: [&str; 4] = ["contentEncoding", "contentMediaType", "$dynamicRef", "$schema"];

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct NormalizedSchema<'d> {
    /// Members of the nodes that it was put together from.
    pub(crate) size: usize,
    /// Whether some of those were too many, and are left out.
    pub(crate) cut: bool,
    /// The node to point at when no keyword of its own can be named.
    pub(crate) node: NodeId,
    pub(crate) types: Types,
    pub(crate) types_node: Option<NodeId>,
    /// Whether the type is only implied, by members or items that are described.
    pub(crate) implied: bool,
    pub(crate) values: Option<Vec<(String, NodeId)>>,
    pub(crate) values_node: Option<NodeId>,
    /// Of all parts, each once.
    pub(crate) formats: Vec<NodeId>,
    pub(crate) patterns: Vec<NodeId>,
    pub(crate) lower: Option<Bound>,
    pub(crate) upper: Option<Bound>,
    pub(crate) counts: [Option<NodeId>; 8],
    /// Each `multipleOf` of which no other is a multiple.
    pub(crate) multiples: Vec<NodeId>,
    pub(crate) unique: Option<NodeId>,
    /// In document order.
    pub(crate) properties: Vec<(&'d str, Conjunction, NodeId)>,
    pub(crate) required: HashMap<&'d str, NodeId>,
    /// Where the first is a member, the second is one: `dependentRequired`, each pair once.
    pub(crate) needs: Vec<(&'d str, &'d str, NodeId)>,
    /// Members that `required` alone asks for, in either direction.
    pub(crate) named: usize,
    pub(crate) additional: Additional,
    /// Whether a part that says what other members there may be, by the letter refuses some that other parts describe.
    pub(crate) narrow: bool,
    pub(crate) items: Option<(Conjunction, NodeId)>,
    pub(crate) unions: Vec<Union>,
    pub(crate) applicators: Vec<(&'static str, NodeId)>,
    pub(crate) keywords: Vec<(&'static str, NodeId)>,
    pub(crate) default: Option<NodeId>,
    pub(crate) xml: Option<NodeId>,
    pub(crate) discriminator: Option<NodeId>,
    pub(crate) read_only: Option<NodeId>,
    pub(crate) write_only: Option<NodeId>,
    pub(crate) deprecated: Option<NodeId>,
    pub(crate) sunset: Option<NodeId>,
    pub(crate) stability: Option<NodeId>,
    /// `x-extensible-enum`: values that are known today, to which others may come.
    pub(crate) extensible: Option<NodeId>,
}

impl NormalizedSchema<'_> {
    pub(crate) fn nullable(&self) -> bool {
        self.types.has(Types::NULL)
    }

    /// How long it lives.
    pub(crate) fn life<'t>(&self, tree: &'t Tree) -> Life<'t> {
        Life::new(tree, self.node, (self.deprecated, self.sunset, self.stability))
    }

    /// Whether it takes anything, whatever it describes beside that.
    pub(crate) fn says_nothing(&self) -> bool {
        self.types.has(Types::ALL)
            && self.values.is_none()
            && self.formats.is_empty()
            && self.patterns.is_empty()
            && self.lower.is_none()
            && self.upper.is_none()
            && self.counts.iter().all(Option::is_none)
            && self.multiples.is_empty()
            && self.unique.is_none()
            && self.properties.is_empty()
            && self.required.is_empty()
            && self.needs.is_empty()
            && self.additional == Additional::Open
            && self.items.is_none()
            && self.unions.is_empty()
            && self.applicators.is_empty()
            && self.keywords.is_empty()
    }

    /// Whether alternatives are all that it says.
    pub(crate) fn is_bare_union(&self) -> bool {
        !self.unions.is_empty()
            && self.properties.is_empty()
            && self.required.is_empty()
            && self.items.is_none()
            && self.values.is_none()
            && self.additional == Additional::Open
            && self.lower.is_none()
            && self.upper.is_none()
            && self.counts.iter().all(Option::is_none)
            && self.multiples.is_empty()
            && self.patterns.is_empty()
            && self.formats.is_empty()
    }
}

/// `Greater` when the first bound is the stricter one.
pub(crate) fn compare_bounds(
    (a_tree, a): (&crate::tree::Tree, Bound),
    (b_tree, b): (&crate::tree::Tree, Bound),
    lower: bool,
) -> std::cmp::Ordering {
    let number = |tree: &crate::tree::Tree, bound: Bound| Decimal::parse(tree.as_number(bound.node).unwrap_or("0"));
    let by_value = number(a_tree, a).cmp(&number(b_tree, b));
    let by_value = if lower { by_value } else { by_value.reverse() };
    by_value.then(a.exclusive.cmp(&b.exclusive))
}
