//! What a finding is made of: values where they stand, which become JSON when the finding is written, and not before.
//!
//! Rules give evidence and no sentences. The [wording](super::wording) makes the sentence from it, and the
//! [fingerprint](super::fingerprint) what tells the finding apart.

use super::value::{Decimal, canonical};
use crate::{
    text::cut,
    tree::{Kind, NodeId, Tree},
};
use serde_json::{Map, Number, Value};
use shared::{Subject, Values};
use std::borrow::Cow;

/// Bytes of text that a value has at most in a finding, about.
const MAX_BYTES: usize = 1_000;
/// Characters of a text in it.
const MAX_TEXT: usize = 200;
/// Members or items of a list or object in it.
const MAX_MEMBERS: usize = 50;
/// Bytes that a member counts as beside its text.
const MEMBER: usize = 8;
/// Members that came or went that a message names.
const NAMED: usize = 5;

/// What was or what is.
#[derive(Debug, Clone, Default)]
pub(crate) enum Fact {
    #[default]
    None,
    /// A value of that side's document.
    Node(NodeId),
    /// Several of them, in any order.
    Nodes(Box<[NodeId]>),
    Json(Box<Value>),
}

/// The members of a list that came or went: they, and not the whole lists, tell the finding apart.
#[derive(Debug, Clone)]
pub(crate) enum Changed {
    Gone(Box<[NodeId]>),
    New(Box<[NodeId]>),
}

/// What rules and values alone don't say, and the sentence should.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Note {
    #[default]
    None,
    /// What isn't described is refused.
    Closed,
    /// It is required as well.
    Required,
    /// A part refuses what other parts describe.
    Narrow,
    /// A single value became a list of such.
    Listed,
    /// Two alternatives surely fit the same.
    Doubled,
    /// The same name stands for something else.
    SameName,
    /// A discriminator's property, and its value that leads elsewhere.
    Mapping(Box<str>, Box<str>),
    /// Days that a deprecation is to leave.
    Notice(u32),
    /// Days that a sunset leaves, and that it is to leave.
    Days(i64, u32),
    /// What else has to be had, of the ways into an operation.
    Instead(Box<str>),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    /// The keyword or field that changed.
    pub(crate) keyword: Option<Cow<'static, str>>,
    pub(crate) base: Fact,
    pub(crate) revision: Fact,
    pub(crate) changed: Option<Changed>,
    /// What tells it apart in place of the values, where those have names that may change.
    pub(crate) identity: Option<Box<str>>,
    pub(crate) note: Note,
}

/// What a finding about an operation or a document tells.
pub(super) type About = (Subject, Evidence);

impl Fact {
    pub(crate) fn json(value: impl Into<Value>) -> Self {
        Self::Json(Box::new(value.into()))
    }

    /// A text of a document, cut where it is long.
    pub(crate) fn text(text: Option<&str>) -> Self {
        text.map_or(Self::None, |text| Self::json(cut(text, MAX_TEXT)))
    }

    pub(crate) fn node(node: Option<NodeId>) -> Self {
        node.map_or(Self::None, Self::Node)
    }

    pub(crate) fn nodes(nodes: impl IntoIterator<Item = NodeId>) -> Self {
        Self::Nodes(nodes.into_iter().collect())
    }

    /// One text as such, several as a list; nothing where there are none.
    pub(crate) fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut all: Vec<Value> = texts.into_iter().take(MAX_MEMBERS).map(|text| cut(text, MAX_TEXT).into()).collect();
        match all.len() {
            0 => Self::None,
            1 => all.pop().map_or(Self::None, Self::json),
            _ => Self::json(all),
        }
    }

    /// Adds to what tells the fact apart; what is cut in JSON counts whole.
    fn identify(&self, tree: &Tree, out: &mut String) {
        match self {
            Self::None => out.push('-'),
            Self::Node(node) => out.push_str(&canonical(tree, *node)),
            Self::Nodes(nodes) => out.push_str(&in_any_order(tree, nodes)),
            Self::Json(value) => out.push_str(&value.to_string()),
        }
    }
}

fn in_any_order(tree: &Tree, nodes: &[NodeId]) -> String {
    let mut all: Vec<String> = nodes.iter().map(|node| canonical(tree, *node)).collect();
    crate::sort::plain(&mut all);
    all.join(",")
}

impl Evidence {
    /// A change for which there are no values.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    pub(crate) fn of(keyword: impl Into<Cow<'static, str>>, base: Fact, revision: Fact) -> Self {
        Self { keyword: Some(keyword.into()), base, revision, ..Self::default() }
    }

    /// A flag that is set now, or no longer.
    pub(crate) fn flag(keyword: &'static str, is: bool) -> Self {
        Self::of(keyword, Fact::json(!is), Fact::json(is))
    }

    pub(crate) fn note(mut self, note: Note) -> Self {
        self.note = note;
        self
    }

    pub(crate) fn changed(mut self, changed: Changed) -> Self {
        self.changed = Some(changed);
        self
    }

    pub(crate) fn identity(mut self, identity: impl Into<Box<str>>) -> Self {
        self.identity = Some(identity.into());
        self
    }

    /// What is written of it.
    pub(super) fn written(&self, base: &Tree, revision: &Tree) -> Written {
        let mut values = Values::default();
        values.base = json_of(&self.base, base, &mut values.cut);
        values.revision = json_of(&self.revision, revision, &mut values.cut);
        let (nodes, tree): (&[NodeId], _) = match &self.changed {
            None => (&[], base),
            Some(Changed::Gone(nodes)) => (nodes, base),
            Some(Changed::New(nodes)) => (nodes, revision),
        };
        let named = nodes.iter().take(NAMED).map(|node| json(tree, *node, &mut MAX_TEXT.clone(), &mut false)).collect();
        let identity = match (&self.identity, &self.changed) {
            (Some(identity), _) => identity.to_string(),
            (None, Some(_)) => in_any_order(tree, nodes),
            (None, None) => {
                let mut identity = String::new();
                self.base.identify(base, &mut identity);
                identity.push('\n');
                self.revision.identify(revision, &mut identity);
                identity
            }
        };
        Written { values, named, unnamed: nodes.len().saturating_sub(NAMED), identity }
    }
}

/// Evidence as it goes into a finding.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) values: Values,
    /// The first few members that came or went, and how many more there are.
    pub(super) named: Vec<Value>,
    pub(super) unnamed: usize,
    /// What tells the values apart.
    pub(super) identity: String,
}

fn json_of(fact: &Fact, tree: &Tree, was_cut: &mut bool) -> Option<Value> {
    let mut room = MAX_BYTES;
    match fact {
        Fact::None => None,
        Fact::Node(node) => Some(json(tree, *node, &mut room, was_cut)),
        Fact::Nodes(nodes) => Some(list(tree, nodes, &mut room, was_cut)),
        Fact::Json(value) => Some((**value).clone()),
    }
}

fn list(tree: &Tree, nodes: &[NodeId], room: &mut usize, was_cut: &mut bool) -> Value {
    let mut items = Vec::new();
    for node in nodes {
        if !takes(room, MEMBER) || items.len() == MAX_MEMBERS {
            *was_cut = true;
            break;
        }
        items.push(json(tree, *node, room, was_cut));
    }
    Value::Array(items)
}

/// A value of a document, as far as there is room for it. Depth is bounded by the reader's limits, so recursion is.
fn json(tree: &Tree, node: NodeId, room: &mut usize, was_cut: &mut bool) -> Value {
    match tree.kind(node) {
        Kind::Null => Value::Null,
        Kind::Bool => Value::Bool(tree.as_bool(node) == Some(true)),
        Kind::Number => number(tree.as_number(node).unwrap_or_default()),
        Kind::String => {
            let whole = tree.as_str(node).unwrap_or_default();
            let text = cut(whole, MAX_TEXT.min(*room));
            *was_cut |= matches!(text, Cow::Owned(_));
            takes(room, text.len());
            text.into()
        }
        Kind::Array => list(tree, tree.items(node), room, was_cut),
        Kind::Object => {
            let mut members = Map::new();
            for (key, value) in tree.entries(node) {
                if !takes(room, MEMBER + key.len()) || members.len() == MAX_MEMBERS {
                    *was_cut = true;
                    break;
                }
                members.insert(key.to_owned(), json(tree, value, room, was_cut));
            }
            Value::Object(members)
        }
    }
}

/// Takes bytes from what is left, of which there may be fewer: then none are left.
fn takes(room: &mut usize, bytes: usize) -> bool {
    let rest = room.checked_sub(bytes);
    *room = rest.unwrap_or(0);
    rest.is_some()
}

/// A number as JSON has it, or as a text where rounding would make it another. `1.0` is `1`.
pub(crate) fn number(text: &str) -> Value {
    let exact = Decimal::parse(text);
    if exact.is_integer()
        && let Some(whole) = exact.whole(true).and_then(|whole| i64::try_from(whole).ok())
    {
        return whole.into();
    }
    let rounded = text.parse().ok().and_then(Number::from_f64);
    let same = rounded.filter(|number| Decimal::parse(&number.to_string()) == exact);
    same.map_or_else(|| cut(text, MAX_TEXT).into(), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, Limits};

    #[test]
    fn numbers_are_never_rounded() {
        for (text, json) in [
            ("8", "8"),
            ("8.0", "8"),
            ("8e0", "8"),
            ("0.1", "0.1"),
            ("-2.50", "-2.5"),
            ("1e400", "\"1e400\""),
            ("9007199254740993.5", "\"9007199254740993.5\""),
            ("9223372036854775808", "\"9223372036854775808\""),
            ("0.1000000000000000000001", "\"0.1000000000000000000001\""),
        ] {
            assert_eq!(number(text).to_string(), json, "{text}");
        }
    }

    #[test]
    fn what_is_long_is_cut_and_says_so() {
        let read = |value: &str| {
            let source = format!(
                "{{\"openapi\":\"3.1.0\",\"info\":{{\"title\":\"T\",\"version\":\"1\"}},\"paths\":{{}},\"x-value\":{value}}}"
            );
            Document::read(source.as_bytes(), &Limits::default()).expect("it is right")
        };
        let many = format!("[{}]", vec!["1"; 60].join(","));
        let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
        for (value, whole) in [
            ("\"short\"", true),
            ("{\"a\":[1,null,true]}", true),
            (&format!("\"{}\"", "x".repeat(300)), false),
            (&many, false),
            (&format!("[{}]", vec![format!("\"{}\"", "x".repeat(150)); 9].join(",")), false),
            (&deep, true),
        ] {
            let document = read(value);
            let node = document.root("x-value");
            let evidence = Evidence::of("default", Fact::node(node), Fact::None);
            let written = evidence.written(&document.tree, &document.tree);
            let json = written.values.base.expect("there is one").to_string();
            assert_eq!(!written.values.cut, whole, "{value}");
            assert_eq!(json == value, whole, "{value}: {json}");
            assert!(json.len() < 2_000);
            assert!(written.identity.len() >= value.len().min(1_000) / 8, "all of it tells it apart");
        }
    }
}
