//! JSON values that aren't written in a document: examples being made or checked.

use crate::{
    compare::value::Decimal,
    tree::{Kind, NodeId, Tree},
};
use std::fmt::Write as _;

/// A JSON value. Numbers keep their spelling, so that nothing is rounded; members keep their order.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Value {
    /// A value of a document, unless it has more than `most` parts.
    pub(crate) fn read(tree: &Tree, node: NodeId, most: usize) -> Option<Self> {
        (tree.weight(node) <= most).then(|| Self::copy(tree, node))
    }

    /// Depth is bounded by the reader's limits, so recursion is.
    fn copy(tree: &Tree, node: NodeId) -> Self {
        match tree.kind(node) {
            Kind::Null => Self::Null,
            Kind::Bool => Self::Bool(tree.as_bool(node) == Some(true)),
            Kind::Number => Self::Number(tree.as_number(node).unwrap_or_default().to_owned()),
            Kind::String => Self::Text(tree.as_str(node).unwrap_or_default().to_owned()),
            Kind::Array => Self::List(tree.items(node).iter().map(|item| Self::copy(tree, *item)).collect()),
            Kind::Object => {
                Self::Object(tree.entries(node).map(|(key, value)| (key.to_owned(), Self::copy(tree, value))).collect())
            }
        }
    }

    pub(crate) fn number(number: impl std::fmt::Display) -> Self {
        Self::Number(number.to_string())
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// An object with a member set, in the place that it had, or else at the end.
    pub(crate) fn set(&mut self, name: &str, value: Self) {
        if let Self::Object(members) = self {
            match members.iter_mut().find(|(key, _)| key == name) {
                Some(member) => member.1 = value,
                None => members.push((name.to_owned(), value)),
            }
        }
    }

    /// How many values there are in it, itself included; long texts, names and numbers count as several.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Self::Object(members) => {
                1 + members.iter().map(|(key, value)| key.len() / 64 + value.size()).sum::<usize>()
            }
            Self::Text(text) | Self::Number(text) => 1 + text.len() / 64,
            _ => 1,
        }
    }

    /// Whether it is a whole number, `1.0` included.
    pub(crate) fn is_integer(&self) -> bool {
        matches!(self, Self::Number(text) if Decimal::parse(text).is_integer())
    }

    /// Whether both are the same text where numbers, booleans and texts are written alike: in a URL or a header.
    pub(crate) fn is_spelled_like(&self, other: &Self) -> bool {
        let text = |value: &Self| match value {
            Self::Text(text) | Self::Number(text) => Some(text.clone()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Null | Self::List(_) | Self::Object(_) => None,
        };
        match (self, other) {
            (Self::List(a), Self::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_spelled_like(b)),
            // One item is written like a plain value.
            (Self::List(items), plain) | (plain, Self::List(items)) if !matches!(plain, Self::Object(_)) => {
                matches!(&items[..], [item] if item.is_spelled_like(plain))
            }
            (Self::Object(a), Self::Object(b)) => {
                let has = |(name, value): &(String, Self)| {
                    b.iter().any(|(other, found)| other == name && value.is_spelled_like(found))
                };
                a.len() == b.len() && a.iter().all(has)
            }
            _ => text(self).is_some() && text(self) == text(other),
        }
    }

    /// As JSON on one line.
    pub(crate) fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) => out.push_str(text),
            Self::Text(text) => quote(text, out),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    quote(key, out);
                    out.push_str(": ");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a string can't fail.
            c if c.is_control() => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// JSON Schema's equality: numbers by value, members in any order.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => Decimal::parse(a) == Decimal::parse(b),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Object(a), Self::Object(_)) => {
                other.members() == a.len() && a.iter().all(|(key, value)| other.get(key) == Some(value))
            }
            _ => false,
        }
    }
}

impl Value {
    fn members(&self) -> usize {
        if let Self::Object(members) = self { members.len() } else { 0 }
    }

    /// Whether it is the value of a document, by the same equality.
    pub(crate) fn is_written(&self, tree: &Tree, node: NodeId) -> bool {
        match (self, tree.kind(node)) {
            (Self::Null, Kind::Null) => true,
            (Self::Bool(value), Kind::Bool) => tree.as_bool(node) == Some(*value),
            (Self::Number(text), Kind::Number) => {
                tree.as_number(node).is_some_and(|other| Decimal::parse(text) == Decimal::parse(other))
            }
            (Self::Text(text), Kind::String) => tree.as_str(node) == Some(text),
            (Self::List(items), Kind::Array) => {
                let others = tree.items(node);
                items.len() == others.len() && items.iter().zip(others).all(|(a, b)| a.is_written(tree, *b))
            }
            (Self::Object(members), Kind::Object) => {
                members.len() == tree.members(node).len()
                    && members.iter().all(|(key, value)| tree.get(node, key).is_some_and(|n| value.is_written(tree, n)))
            }
            _ => false,
        }
    }
}
