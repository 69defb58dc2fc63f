//! Whether a value fits a schema, by the letter of JSON Schema as OpenAPI uses it.
//!
//! The comparison reads schemas as their authors mean them (`properties` means an object); here the letter holds, since
//! what is claimed to be accepted or refused must be so for every validator. Where validators differ, or a keyword isn't
//! understood (a regular expression beyond the common ground, `unevaluatedProperties` through alternatives), the answer
//! is that it is unknown, and nothing is claimed. The tests hold each answer against the `jsonschema` crate's.

pub(crate) mod format;
pub(crate) mod value;

mod objects;
mod text;

use crate::{document::Document, tree::NodeId};
use regex_lite::Regex;
use rustc_hash::FxHashMap;
use shared::findings::Direction;
use std::fmt::Display;
pub(crate) use text::regex as pattern;
use value::Value;

/// How a value travels, which says what is left out of it and how scalars are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Transit {
    /// Without one, both read-only and write-only members may be missing.
    pub(crate) direction: Option<Direction>,
    /// In a URL or a header, where `5` may be a number or a text.
    pub(crate) textual: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    Fits,
    Fails(Failure),
    /// It can't be told, and why.
    Unknown(&'static str),
}

/// The first thing that is wrong with a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    /// The keyword that refuses it.
    pub(crate) keyword: NodeId,
    /// JSON pointer into the value.
    pub(crate) at: String,
    /// What is wrong, as the end of a sentence: `must be a number`.
    pub(crate) says: String,
}

impl Verdict {
    fn fails(keyword: NodeId, says: impl Into<String>) -> Self {
        Self::Fails(Failure { keyword, at: String::new(), says: says.into() })
    }

    /// A verdict on a part, as one on the whole.
    fn inside(self, step: impl Display) -> Self {
        match self {
            Self::Fails(Failure { keyword, at, says }) => {
                let mut pointer = String::from("/");
                crate::tree::push_escaped(&mut pointer, &step.to_string());
                Self::Fails(Failure { keyword, at: pointer + &at, says })
            }
            other => other,
        }
    }

    pub(crate) fn fits(&self) -> bool {
        *self == Self::Fits
    }

    #[cfg(test)]
    pub(crate) fn is_failure(&self) -> bool {
        matches!(self, Self::Fails(_))
    }
}

/// All must hold: a failure is one whatever else is unknown.
#[derive(Default)]
struct All {
    unknown: Option<&'static str>,
}

impl All {
    /// Takes a verdict in; the failure, if it is one.
    fn add(&mut self, verdict: Verdict) -> Result<(), Failure> {
        match verdict {
            Verdict::Fits => Ok(()),
            Verdict::Unknown(why) => {
                self.unknown = self.unknown.or(Some(why));
                Ok(())
            }
            Verdict::Fails(failure) => Err(failure),
        }
    }

    fn verdict(self) -> Verdict {
        self.unknown.map_or(Verdict::Fits, Verdict::Unknown)
    }
}

/// Schemas that one check may look at: alternatives of alternatives multiply.
const MAX_STEPS: usize = 20_000;
/// Schemas inside one another, references included, that one check may go through.
const MAX_DEPTH: usize = 150;

/// Comparisons within one keyword that count as a step.
const WORK: usize = 128;
/// Work of compiling a pattern, beside its length.
const COMPILING: usize = 20 * WORK;

pub(crate) const TOO_MUCH: &str = "checking it takes too long";

/// Checks values against a document's schemas.
pub(crate) struct Validator<'d> {
    document: &'d Document,
    patterns: FxHashMap<NodeId, Option<Regex>>,
    steps: usize,
    depth: usize,
}

impl<'d> Validator<'d> {
    pub(crate) fn new(document: &'d Document) -> Self {
        Self { document, patterns: FxHashMap::default(), steps: 0, depth: 0 }
    }

    /// Whether a value fits a schema.
    pub(crate) fn check(&mut self, schema: NodeId, value: &Value, transit: Transit) -> Verdict {
        (self.steps, self.depth) = (0, 0);
        self.enter(schema, value, transit)
    }

    /// Schemas that the last check looked at.
    pub(crate) fn spent(&self) -> usize {
        self.steps
    }

    /// Whether there is room for what a keyword compares: the names that it lists, each with every member.
    fn affords(&mut self, schema: NodeId, (key, node): (&str, NodeId), value: &Value) -> bool {
        let tree = &self.document.tree;
        let held = match value {
            Value::Object(members) => members.len(),
            Value::List(items) => items.len(),
            _ => 1,
        };
        let listed = |node| tree.items(node).len() + tree.members(node).len();
        let work = match key {
            "enum" => listed(node),
            "required" | "patternProperties" => listed(node).saturating_mul(held),
            "dependentRequired" => {
                let names = tree.entries(node).map(|(_, list)| 1 + listed(list)).sum::<usize>();
                names.saturating_mul(held)
            }
            "additionalProperties" => tree.get(schema, "patternProperties").map_or(0, listed).saturating_mul(held),
            "pattern" => self.cost_of_pattern(node, value),
            _ => tree.as_number(node).map_or(1, str::len),
        };
        self.steps = self.steps.saturating_add(work / WORK);
        self.steps < MAX_STEPS
    }

    /// What compiling a pattern takes the first time, and matching a text each time, as [`WORK`] is counted.
    fn cost_of_pattern(&self, node: NodeId, value: &Value) -> usize {
        let Value::Text(text) = value else { return 0 };
        let length = self.document.tree.as_str(node).map_or(0, str::len);
        let compiling = if self.patterns.contains_key(&node) { 0 } else { COMPILING + length };
        compiling + length.saturating_mul(1 + text.len()) / 8
    }

    /// One level deeper, as long as there is room.
    fn enter(&mut self, schema: NodeId, value: &Value, transit: Transit) -> Verdict {
        if self.steps >= MAX_STEPS || self.depth >= MAX_DEPTH {
            return Verdict::Unknown(TOO_MUCH);
        }
        self.steps += 1;
        self.depth += 1;
        let verdict = match (transit.textual, value) {
            (true, Value::Text(text)) => self.readings(schema, text, transit),
            _ => self.schema(schema, value, transit).map_or_else(Verdict::Fails, All::verdict),
        };
        self.depth -= 1;
        verdict
    }

    /// A text in a URL fits when one of the values that it can be read as does.
    fn readings(&mut self, schema: NodeId, text: &str, transit: Transit) -> Verdict {
        let plain = Transit { textual: false, ..transit };
        let mut all = None;
        for value in text::readings(text) {
            match self.enter(schema, &value, plain) {
                Verdict::Fits => return Verdict::Fits,
                Verdict::Fails(_) if matches!(all, Some(Verdict::Unknown(_))) => {}
                // That it is of another type says less than what is wrong with it as a number.
                Verdict::Fails(failure) if matches!(all, Some(Verdict::Fails(_))) && self.is_type(failure.keyword) => {}
                other => all = Some(other),
            }
        }
        all.unwrap_or(Verdict::Fits)
    }

    fn is_type(&self, keyword: NodeId) -> bool {
        self.document.tree.key_of(keyword) == Some("type")
    }

    fn schema(&mut self, schema: NodeId, value: &Value, transit: Transit) -> Result<All, Failure> {
        let document = self.document;
        let tree = &document.tree;
        let mut all = All::default();
        if tree.as_bool(schema) == Some(false) {
            all.add(Verdict::fails(schema, "is not allowed"))?;
        }
        if let Some(target) = document.references.step(schema) {
            all.add(self.enter(target, value, transit))?;
            if !document.version.has_json_schema() {
                return Ok(all);
            }
        }
        let types = self.types(schema, value);
        if let Verdict::Unknown(why) = types
            && matches!(value, Value::Null)
        {
            // If null is taken, then whatever the other keywords say.
            return Ok(All { unknown: Some(why) });
        }
        all.add(types)?;
        self.steps += tree.members(schema).len() / 16;
        for (key, node) in tree.entries(schema) {
            if !self.affords(schema, (key, node), value) {
                all.add(Verdict::Unknown(TOO_MUCH))?;
                continue;
            }
            let verdict = match key {
                "$dynamicRef" if !document.follows_dynamic(schema) => {
                    Verdict::Unknown("what a `$dynamicRef` means depends on the way to it")
                }
                "enum" => enumeration(tree, node, value),
                "const" if !value.is_written(tree, node) => {
                    Verdict::fails(node, format!("must be {}", crate::views::compact(tree, node, 60)))
                }
                "allOf" => self.all_of(node, value, transit),
                "anyOf" => self.alternatives(node, value, transit, false),
                "oneOf" => self.alternatives(node, value, transit, true),
                "not" => match self.enter(node, value, transit) {
                    Verdict::Fits => Verdict::fails(node, "must not fit the schema in `not`"),
                    Verdict::Fails(_) => Verdict::Fits,
                    unknown => unknown,
                },
                "if" => self.condition(schema, node, value, transit),
                _ => match value {
                    Value::Number(text) => text::number(tree, schema, key, node, text),
                    Value::Text(text) => self.text(key, node, text),
                    Value::List(items) => self.items(schema, key, node, items, transit),
                    Value::Object(members) => self.members(schema, (key, node), members, value, transit),
                    _ => Verdict::Fits,
                },
            };
            all.add(verdict)?;
        }
        Ok(all)
    }

    /// `type`, with 3.0's `nullable` beside it.
    fn types(&self, schema: NodeId, value: &Value) -> Verdict {
        let tree = &self.document.tree;
        let Some(node) = tree.get(schema, "type") else { return Verdict::Fits };
        if matches!(value, Value::Null) && self.document.adds_null(schema) {
            return Verdict::Fits;
        }
        let listed = tree.items(node).iter().take(16).filter_map(|name| tree.as_str(*name));
        let named = tree.as_str(node).into_iter().chain(listed);
        let is = |name: &str| match (name, value) {
            ("null", Value::Null)
            | ("boolean", Value::Bool(_))
            | ("number", Value::Number(_))
            | ("string", Value::Text(_))
            | ("array", Value::List(_))
            | ("object", Value::Object(_)) => true,
            ("integer", value) => value.is_integer(),
            _ => false,
        };
        let known =
            |name: &str| matches!(name, "null" | "boolean" | "number" | "string" | "array" | "object" | "integer");
        if named.clone().any(is) {
            Verdict::Fits
        } else if named.clone().all(known) {
            let named: Vec<&str> = named.collect();
            Verdict::fails(node, format!("must be of the type {}", named.join(" or ")))
        } else {
            Verdict::Unknown("its type isn't one of JSON Schema's")
        }
    }

    fn all_of(&mut self, list: NodeId, value: &Value, transit: Transit) -> Verdict {
        let mut all = All::default();
        for member in self.document.tree.items(list) {
            if let Err(failure) = all.add(self.enter(*member, value, transit)) {
                return Verdict::Fails(failure);
            }
        }
        all.verdict()
    }

    fn alternatives(&mut self, list: NodeId, value: &Value, transit: Transit, exactly_one: bool) -> Verdict {
        let (mut fitting, mut unknown) = (0, None);
        for member in self.document.tree.items(list) {
            if self.lacks(*member, value, transit) {
                continue;
            }
            match self.enter(*member, value, transit) {
                Verdict::Fits if !exactly_one => return Verdict::Fits,
                Verdict::Fits => fitting += 1,
                Verdict::Unknown(why) => unknown = Some(why),
                Verdict::Fails(_) => {}
            }
            if fitting > 1 {
                return Verdict::fails(list, "must fit exactly one of the alternatives, and fits several");
            }
        }
        match (fitting, unknown) {
            (_, Some(why)) => Verdict::Unknown(why),
            (0, None) => Verdict::fails(list, "must fit one of the alternatives, and fits none"),
            _ => Verdict::Fits,
        }
    }

    fn condition(&mut self, schema: NodeId, condition: NodeId, value: &Value, transit: Transit) -> Verdict {
        let branch = match self.enter(condition, value, transit) {
            Verdict::Fits => "then",
            Verdict::Fails(_) => "else",
            unknown => return unknown,
        };
        match self.document.tree.get(schema, branch) {
            Some(node) => self.enter(node, value, transit),
            None => Verdict::Fits,
        }
    }

    fn text(&mut self, key: &str, node: NodeId, text: &str) -> Verdict {
        let tree = &self.document.tree;
        match key {
            "pattern" => match self.matches(node, text) {
                Some(true) => Verdict::Fits,
                Some(false) => {
                    let pattern = crate::text::cut(tree.as_str(node).unwrap_or_default(), 60);
                    Verdict::fails(node, format!("must match the pattern `{pattern}`"))
                }
                None => Verdict::Unknown("its pattern is beyond what can be checked"),
            },
            "format" => match tree.as_str(node).and_then(|format| format::keeps(format, text)) {
                Some(false) => {
                    let format = crate::text::cut(tree.as_str(node).unwrap_or_default(), 60);
                    Verdict::fails(node, format!("must have the format `{format}`"))
                }
                _ => Verdict::Fits,
            },
            _ => text::length(tree, key, node, text),
        }
    }

    /// Whether a text matches a pattern of the document; nothing when the pattern isn't understood.
    pub(crate) fn matches(&mut self, pattern: NodeId, text: &str) -> Option<bool> {
        let source = self.document.tree.as_str(pattern)?;
        self.patterns.entry(pattern).or_insert_with(|| text::regex(source)).as_ref().map(|regex| regex.is_match(text))
    }
}

fn enumeration(tree: &crate::tree::Tree, list: NodeId, value: &Value) -> Verdict {
    if tree.items(list).iter().any(|item| value.is_written(tree, *item)) {
        return Verdict::Fits;
    }
    Verdict::fails(list, format!("must be one of {}", crate::views::compact(tree, list, 80)))
}

#[cfg(test)]
mod tests;
