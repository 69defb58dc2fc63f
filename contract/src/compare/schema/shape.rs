//! What a schema looks like, in a text: whatever its components are called, in whatever order its members stand, and on
//! every machine the same. It tells alternatives apart that have no name that counts.

use super::{
    normalized::{Additional, Bound, NormalizedSchema},
    store::{Conjunction, SchemaStore},
};
use crate::{compare::value::canonical, tree::NodeId};
use std::fmt::Write as _;

/// Levels that are looked at.
const DEPTH: u8 = 4;
/// Bytes after which nothing more is added.
const ENOUGH: usize = 2_000;
/// Members of one kind that are looked at.
const MAX: usize = 64;

pub(super) fn shape(side: &mut SchemaStore<'_>, schema: Conjunction) -> String {
    let mut out = String::new();
    write(side, schema, DEPTH, &mut out);
    out
}

fn write(side: &mut SchemaStore<'_>, schema: Conjunction, depth: u8, out: &mut String) {
    if depth == 0 || out.len() > ENOUGH {
        return;
    }
    let normalized = side.normalized(schema);
    if !side.budget.take(normalized.size) {
        return;
    }
    itself(side, &normalized, out);
    let mut inner = |side: &mut SchemaStore<'_>, name: &str, schema: Conjunction| {
        // Writing to a string can't fail.
        let _ = write!(out, " {name}(");
        write(side, schema, depth - 1, out);
        out.push(')');
    };
    let mut properties: Vec<(&str, Conjunction)> =
        normalized.properties.iter().map(|(name, schema, _)| (*name, *schema)).collect();
    crate::sort::by_key(&mut properties, |(name, _)| *name);
    for (name, property) in properties.into_iter().take(MAX) {
        inner(side, &quoted(name), property);
    }
    if let Some((items, _)) = normalized.items {
        inner(side, "items", items);
    }
    if let Additional::Typed(others, _) = normalized.additional {
        inner(side, "values", others);
    }
    let mut unions: Vec<String> = Vec::new();
    for union in &normalized.unions {
        let mut members: Vec<String> = Vec::new();
        for member in union.members.iter().take(MAX) {
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
fn itself(side: &SchemaStore<'_>, normalized: &NormalizedSchema<'_>, out: &mut String) {
    let tree = &side.document.tree;
    let text = |node: &NodeId| canonical(tree, *node);
    let mut add = |name: &str, mut all: Vec<String>| {
        if !all.is_empty() {
            crate::sort::plain(&mut all);
            let all: Vec<String> = all.iter().map(|text| quoted(text)).collect();
            let _ = write!(out, " {name}[{}]", all.join(","));
        }
    };
    let few = |nodes: &[NodeId]| nodes.iter().take(MAX).map(text).collect::<Vec<_>>();
    // Any type has no name, and neither has none.
    let types = normalized.types.names().map(|names| if names.is_empty() { vec!["nothing"] } else { names });
    add("type", types.unwrap_or_default().into_iter().map(str::to_owned).collect());
    if let Some(values) = &normalized.values {
        let mut values: Vec<String> = values.iter().map(|(text, _)| text.clone()).collect();
        crate::sort::plain(&mut values);
        values.truncate(MAX);
        add("enum", values);
    }
    add("format", few(&normalized.formats));
    add("pattern", few(&normalized.patterns));
    add("multipleOf", few(&normalized.multiples));
    let bound = |bound: Option<Bound>| bound.map(|bound| format!("{}{}", bound.exclusive, text(&bound.node)));
    add("lower", bound(normalized.lower).into_iter().collect());
    add("upper", bound(normalized.upper).into_iter().collect());
    for (index, count) in normalized.counts.iter().enumerate().filter(|(_, count)| count.is_some()) {
        add(&index.to_string(), count.iter().map(text).collect());
    }
    let mut required: Vec<String> = normalized.required.keys().map(|name| (*name).to_owned()).collect();
    crate::sort::plain(&mut required);
    required.truncate(MAX);
    add("required", required);
    // What is in these may be named by components.
    add("holds", normalized.applicators.iter().map(|(keyword, _)| (*keyword).to_owned()).collect());
    add("says", normalized.keywords.iter().map(|(keyword, node)| format!("{keyword} {}", text(node))).collect());
    if normalized.additional.is_closed() {
        add("closed", vec![String::new()]);
    }
}
