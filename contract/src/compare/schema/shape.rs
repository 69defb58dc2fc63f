//! What a schema looks like, in a text: whatever its components are called, in whatever order its members stand, and on
//! every machine the same. It tells alternatives apart that have no name that counts.

use super::{
    facts::{Additional, Bound, Facts},
    side::{Conjunction, Side},
};
use crate::{compare::value::canonical, tree::NodeId};
use std::fmt::Write as _;

/// Levels that are looked at.
const DEPTH: u8 = 4;
/// Bytes after which nothing more is added.
const ENOUGH: usize = 2_000;
/// Members of one kind that are looked at.
const MOST: usize = 64;

pub(super) fn shape(side: &mut Side<'_>, schema: Conjunction) -> String {
    let mut out = String::new();
    write(side, schema, DEPTH, &mut out);
    out
}

fn write(side: &mut Side<'_>, schema: Conjunction, depth: u8, out: &mut String) {
    if depth == 0 || out.len() > ENOUGH {
        return;
    }
    let facts = side.facts(schema);
    if !side.budget.take(facts.size) {
        return;
    }
    itself(side, &facts, out);
    let mut inner = |side: &mut Side<'_>, name: &str, schema: Conjunction| {
        // Writing to a string can't fail.
        let _ = write!(out, " {name}(");
        write(side, schema, depth - 1, out);
        out.push(')');
    };
    let mut properties: Vec<(&str, Conjunction)> =
        facts.properties.iter().map(|(name, schema, _)| (*name, *schema)).collect();
    crate::sort::by_key(&mut properties, |(name, _)| *name);
    for (name, property) in properties.into_iter().take(MOST) {
        inner(side, &quoted(name), property);
    }
    if let Some((items, _)) = facts.items {
        inner(side, "items", items);
    }
    if let Additional::Typed(others, _) = facts.additional {
        inner(side, "values", others);
    }
    let mut unions: Vec<String> = Vec::new();
    for union in &facts.unions {
        let mut members: Vec<String> = Vec::new();
        for member in union.members.iter().take(MOST) {
            let member = side.intern([*member]);
            let mut text = String::new();
            write(side, member, depth - 1, &mut text);
            members.push(text);
        }
        crate::sort::plain(&mut members);
        unions.push(format!(" {}[{}]", if union.exactly_one { "oneOf" } else { "anyOf" }, members.join(",")));
    }
    // Parts of one schema may have one each, in any order.
    crate::sort::plain(&mut unions);
    out.extend(unions);
}

/// A text in JSON's quotes, so that it ends where it does.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What a schema says of a value as such.
fn itself(side: &Side<'_>, facts: &Facts<'_>, out: &mut String) {
    let tree = &side.document.tree;
    let text = |node: &NodeId| canonical(tree, *node);
    let mut add = |name: &str, mut all: Vec<String>| {
        if !all.is_empty() {
            crate::sort::plain(&mut all);
            let all: Vec<String> = all.iter().map(|text| quoted(text)).collect();
            let _ = write!(out, " {name}[{}]", all.join(","));
        }
    };
    let few = |nodes: &[NodeId]| nodes.iter().take(MOST).map(text).collect::<Vec<_>>();
    // Any type has no name, and neither has none.
    let types = facts.types.names().map(|names| if names.is_empty() { vec!["nothing"] } else { names });
    add("type", types.unwrap_or_default().into_iter().map(str::to_owned).collect());
    if let Some(values) = &facts.values {
        let mut values: Vec<String> = values.iter().map(|(text, _)| text.clone()).collect();
        crate::sort::plain(&mut values);
        values.truncate(MOST);
        add("enum", values);
    }
    add("format", few(&facts.formats));
    add("pattern", few(&facts.patterns));
    add("multipleOf", few(&facts.multiples));
    let bound = |bound: Option<Bound>| bound.map(|bound| format!("{}{}", bound.exclusive, text(&bound.node)));
    add("lower", bound(facts.lower).into_iter().collect());
    add("upper", bound(facts.upper).into_iter().collect());
    for (index, count) in facts.counts.iter().enumerate().filter(|(_, count)| count.is_some()) {
        add(&index.to_string(), count.iter().map(text).collect());
    }
    let mut required: Vec<String> = facts.required.keys().map(|name| (*name).to_owned()).collect();
    crate::sort::plain(&mut required);
    required.truncate(MOST);
    add("required", required);
    // What is in these may be named by components.
    add("holds", facts.applicators.iter().map(|(keyword, _)| (*keyword).to_owned()).collect());
    add("says", facts.keywords.iter().map(|(keyword, node)| format!("{keyword} {}", text(node))).collect());
    if facts.additional.is_closed() {
        add("closed", vec![String::new()]);
    }
}
