//! The types that JSON has.

use crate::tree::{NodeId, Tree};

/// A set of JSON types. Numbers are two disjoint types, so that `integer` is a subset of `number`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Types(pub(crate) u8);

impl Types {
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const INTEGER: Self = Self(4);
    pub(crate) const NUMBER: Self = Self(4 | 8);
    /// Numbers that aren't whole.
    pub(crate) const FRACTION: Self = Self(8);
    pub(crate) const STRING: Self = Self(16);
    pub(crate) const ARRAY: Self = Self(32);
    pub(crate) const OBJECT: Self = Self(64);
    pub(crate) const BOOLEAN: Self = Self(2);
    pub(crate) const ALL: Self = Self(127);
    pub(crate) const NONE: Self = Self(0);
    /// What a URL or a header can spell without quotes.
    pub(crate) const SCALARS: Self = Self(2 | 4 | 8 | 16);

    pub(crate) fn named(name: &str) -> Self {
        match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            // `file`, `any` and the like are no JSON types; they restrict nothing.
            _ => Self::ALL,
        }
    }

    /// By what stands at `type`: a name, or since 3.1 a list of names.
    pub(crate) fn written(tree: &Tree, node: NodeId) -> Self {
        match tree.as_str(node) {
            Some(name) => Self::named(name),
            None => {
                let names = tree.items(node).iter().filter_map(|name| tree.as_str(*name));
                names.fold(Self::NONE, |types, name| types.or(Self::named(name)))
            }
        }
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn without_null(self) -> Self {
        Self(self.0 & !1)
    }

    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Each type by itself; numbers that aren't whole are one.
    pub(crate) fn each(self) -> impl Iterator<Item = Self> {
        (0..7).map(|bit| Self(1 << bit)).filter(move |kind| self.has(*kind))
    }

    /// The names of the types, as a schema's `type` has them; none where it may be any.
    pub(crate) fn names(self) -> Option<Vec<&'static str>> {
        if self.has(Self::ALL) {
            return None;
        }
        let mut rest = self;
        let mut names = Vec::new();
        for (types, name) in [
            (Self::OBJECT, "object"),
            (Self::ARRAY, "array"),
            (Self::STRING, "string"),
            (Self::NUMBER, "number"),
            (Self::INTEGER, "integer"),
            (Self::BOOLEAN, "boolean"),
            (Self::NULL, "null"),
        ] {
            if rest.has(types) {
                names.push(name);
                rest = Self(rest.0 & !types.0);
            }
        }
        Some(names)
    }
}
