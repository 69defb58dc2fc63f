//! Lists and objects against the keywords about what they hold.

use super::{All, TOO_MUCH, Transit, Validator, Verdict, text, value::Value};
use crate::tree::{Kind, NodeId};
use shared::findings::Direction;
use std::{collections::HashSet, fmt::Display};

/// References and members of `allOf` that are followed to find a flag or the names that a schema declares.
const MAX_PARTS: usize = 64;

impl Validator<'_> {
    pub(super) fn items(
        &mut self,
        schema: NodeId,
        key: &str,
        node: NodeId,
        items: &[Value],
        transit: Transit,
    ) -> Verdict {
        let tree = &self.document.tree;
        let order = || text::count(tree, node, items.len());
        let bound = || crate::text::cut(tree.as_number(node).unwrap_or_default(), 60);
        match key {
            "minItems" if order().is_lt() => Verdict::fails(node, format!("must have at least {} items", bound())),
            "maxItems" if order().is_gt() => Verdict::fails(node, format!("must have at most {} items", bound())),
            "uniqueItems" if tree.as_bool(node) == Some(true) => {
                // Values have no order, so each is held against each; examples have a handful.
                if items.len() > 200 {
                    return Verdict::Unknown(TOO_MUCH);
                }
                let twice = items.iter().enumerate().any(|(index, item)| items[..index].contains(item));
                if twice { Verdict::fails(node, "must not have the same item twice") } else { Verdict::Fits }
            }
            "prefixItems" => {
                let schemas = tree.items(node).iter();
                self.each(schemas.zip(items).enumerate().map(|(index, (schema, item))| (index, *schema, item)), transit)
            }
            "items" => {
                let first = tree.get(schema, "prefixItems").map_or(0, |list| tree.items(list).len());
                let rest = items.iter().enumerate().skip(first);
                self.each(rest.map(|(index, item)| (index, node, item)), transit)
            }
            "contains" => self.contains(schema, node, items, transit),
            "unevaluatedItems" if !items.is_empty() && tree.get(schema, "items").is_none() => {
                Verdict::Unknown("`unevaluatedItems` is beyond what can be checked")
            }
            _ => Verdict::Fits,
        }
    }

    /// Parts of a value, each with the step that leads to it and the schema that it has to fit.
    fn each<'v>(
        &mut self,
        parts: impl Iterator<Item = (impl Display, NodeId, &'v Value)>,
        transit: Transit,
    ) -> Verdict {
        let mut all = All::default();
        for (step, schema, value) in parts {
            if let Err(failure) = all.add(self.enter(schema, value, transit).inside(step)) {
                return Verdict::Fails(failure);
            }
        }
        all.verdict()
    }

    fn contains(&mut self, schema: NodeId, node: NodeId, items: &[Value], transit: Transit) -> Verdict {
        let tree = &self.document.tree;
        let (mut fitting, mut unknown) = (0, None);
        for item in items {
            match self.enter(node, item, transit) {
                Verdict::Fits => fitting += 1,
                Verdict::Unknown(why) => unknown = Some(why),
                Verdict::Fails(_) => {}
            }
        }
        let least = tree.get(schema, "minContains").map_or_else(
            || if fitting > 0 { std::cmp::Ordering::Equal } else { std::cmp::Ordering::Less },
            |least| text::count(tree, least, fitting),
        );
        let most = tree.get(schema, "maxContains").is_some_and(|most| text::count(tree, most, fitting).is_gt());
        match unknown {
            Some(why) => Verdict::Unknown(why),
            None if least.is_lt() => Verdict::fails(node, "has too few of the items that it must contain"),
            None if most => Verdict::fails(node, "has too many of the items that it may contain"),
            None => Verdict::Fits,
        }
    }

    pub(super) fn members(
        &mut self,
        schema: NodeId,
        (key, node): (&str, NodeId),
        members: &[(String, Value)],
        value: &Value,
        transit: Transit,
    ) -> Verdict {
        let document = self.document;
        let tree = &document.tree;
        let order = || text::count(tree, node, members.len());
        let bound = || crate::text::cut(tree.as_number(node).unwrap_or_default(), 60);
        match key {
            "minProperties" if order().is_lt() => {
                Verdict::fails(node, format!("must have at least {} members", bound()))
            }
            "maxProperties" if order().is_gt() => {
                Verdict::fails(node, format!("must have at most {} members", bound()))
            }
            "required" => self.required(schema, node, value, transit),
            "properties" => {
                let described = members.iter().filter_map(|(name, value)| Some((name, tree.get(node, name)?, value)));
                self.each(described, transit)
            }
            "patternProperties" => self.pattern_properties(node, members, transit),
            "additionalProperties" => self.additional(schema, node, members, transit),
            "propertyNames" => {
                let names: Vec<Value> = members.iter().map(|(name, _)| Value::text(name.clone())).collect();
                let named = members.iter().zip(&names).map(|((step, _), name)| (step, node, name));
                self.each(named, Transit { textual: false, ..transit })
            }
            "dependentRequired" => dependent_required(tree, node, value),
            "dependentSchemas" => {
                let mut all = All::default();
                for (_, schema) in tree.entries(node).filter(|(name, _)| value.get(name).is_some()) {
                    if let Err(failure) = all.add(self.enter(schema, value, transit)) {
                        return Verdict::Fails(failure);
                    }
                }
                all.verdict()
            }
            "unevaluatedProperties" => self.unevaluated(schema, node, members),
            _ => Verdict::Fits,
        }
    }

    /// Whether a value fails a schema at first sight: for alternatives, of which most lack a member that others have, and
    /// whose failures nobody asks about.
    pub(super) fn lacks(&mut self, schema: NodeId, value: &Value, transit: Transit) -> bool {
        let schema = self.document.references.resolve(schema);
        let Some(list) = self.document.tree.get(schema, "required") else { return false };
        self.steps += 1;
        matches!(value, Value::Object(_))
            && self.affords(schema, ("required", list), value)
            && matches!(self.required(schema, list, value, transit), Verdict::Fails(_))
    }

    /// What is required of a request isn't required of it when it is read-only; likewise for responses.
    fn required(&self, schema: NodeId, list: NodeId, value: &Value, transit: Transit) -> Verdict {
        let tree = &self.document.tree;
        for item in tree.items(list) {
            let Some(name) = tree.as_str(*item).filter(|name| value.get(name).is_none()) else { continue };
            let described = tree.get(schema, "properties").and_then(|map| tree.get(map, name));
            match described.map(|property| self.is_hidden(property, transit.direction)) {
                Some(true) => {}
                // Another part of the whole may say that it is read-only.
                None if self.is_hidden_elsewhere(schema, name, transit.direction) => {
                    return Verdict::Unknown("whether a member is required depends on where it is described");
                }
                _ => {
                    let name = crate::text::cut(name, 60);
                    return Verdict::fails(*item, format!("must have the member `{name}`"));
                }
            }
        }
        Verdict::Fits
    }

    /// Whether a property doesn't travel this way.
    fn is_hidden(&self, property: NodeId, direction: Option<Direction>) -> bool {
        let flags: &[&str] = match direction {
            Some(Direction::Request) => &["readOnly"],
            Some(Direction::Response) => &["writeOnly"],
            None => &["readOnly", "writeOnly"],
        };
        let tree = &self.document.tree;
        self.parts(property).into_iter().any(|part| flags.iter().any(|flag| tree.flag(part, flag)))
    }

    /// A list of what is required may stand in another part of a whole than the properties, whose flags count. Any
    /// hidden property of that name is reason enough to claim nothing.
    fn is_hidden_elsewhere(&self, schema: NodeId, name: &str, direction: Option<Direction>) -> bool {
        let tree = &self.document.tree;
        let mut wholes = self.parts(schema);
        // The whole that a member of an `allOf` belongs to.
        let list = tree.node(schema).parent;
        if tree.key_of(list) == Some("allOf") {
            wholes.extend(self.parts(tree.node(list).parent));
        }
        let properties = wholes.into_iter().filter_map(|part| tree.get(part, "properties"));
        properties.filter_map(|map| tree.get(map, name)).any(|property| self.is_hidden(property, direction))
    }

    /// A schema with what its references and `allOf` hold, as far as a few steps lead.
    fn parts(&self, schema: NodeId) -> Vec<NodeId> {
        let tree = &self.document.tree;
        let (mut parts, mut seen) = (vec![schema], HashSet::from([schema]));
        let mut at = 0;
        while let Some(part) = parts.get(at).copied().filter(|_| parts.len() < MAX_PARTS) {
            let members = tree.get(part, "allOf").into_iter().flat_map(|list| tree.items(list)).copied();
            let next: Vec<NodeId> = self.document.references.step(part).into_iter().chain(members).collect();
            parts.extend(next.into_iter().take(MAX_PARTS).filter(|node| seen.insert(*node)));
            at += 1;
        }
        parts
    }

    fn pattern_properties(&mut self, map: NodeId, members: &[(String, Value)], transit: Transit) -> Verdict {
        let mut all = All::default();
        let document = self.document;
        for (pattern, schema) in document.tree.entries(map) {
            let regex = self.key_pattern(schema, pattern);
            for (name, value) in members {
                let verdict = match regex.map(|_| self.key_matches(schema, name)) {
                    Some(true) => self.enter(schema, value, transit).inside(name),
                    Some(false) => Verdict::Fits,
                    None => Verdict::Unknown("its pattern is beyond what can be checked"),
                };
                if let Err(failure) = all.add(verdict) {
                    return Verdict::Fails(failure);
                }
            }
        }
        all.verdict()
    }

    /// Compiles the pattern that is a member's key; nothing when it isn't understood.
    fn key_pattern(&mut self, schema: NodeId, pattern: &str) -> Option<()> {
        self.patterns.entry(schema).or_insert_with(|| text::regex(pattern)).as_ref().map(|_| ())
    }

    fn key_matches(&self, schema: NodeId, name: &str) -> bool {
        self.patterns.get(&schema).and_then(Option::as_ref).is_some_and(|regex| regex.is_match(name))
    }

    fn additional(&mut self, schema: NodeId, node: NodeId, members: &[(String, Value)], transit: Transit) -> Verdict {
        let document = self.document;
        let tree = &document.tree;
        if tree.as_bool(node) == Some(true) {
            return Verdict::Fits;
        }
        let (named, patterns) = (tree.get(schema, "properties"), tree.get(schema, "patternProperties"));
        let mut all = All::default();
        'members: for (name, value) in members {
            if named.is_some_and(|map| tree.get(map, name).is_some()) {
                continue;
            }
            let mut unknown = false;
            for (pattern, schema) in patterns.into_iter().flat_map(|map| tree.entries(map)) {
                unknown |= self.key_pattern(schema, pattern).is_none();
                if self.key_matches(schema, name) {
                    continue 'members;
                }
            }
            let verdict = if unknown {
                Verdict::Unknown("its pattern is beyond what can be checked")
            } else if tree.as_bool(node) == Some(false) {
                let name = crate::text::cut(name, 60);
                Verdict::fails(node, format!("must not have the member `{name}`, which the schema doesn't name"))
            } else {
                self.enter(node, value, transit).inside(name)
            };
            if let Err(failure) = all.add(verdict) {
                return Verdict::Fails(failure);
            }
        }
        all.verdict()
    }

    /// Decided where names are declared by the schema and what always belongs to it; alternatives and conditions decide
    /// in ways that are not followed.
    fn unevaluated(&self, schema: NodeId, node: NodeId, members: &[(String, Value)]) -> Verdict {
        let tree = &self.document.tree;
        if tree.as_bool(node) == Some(true) {
            return Verdict::Fits;
        }
        let parts = self.parts(schema);
        let declared = |name: &str| {
            parts.iter().any(|part| tree.get(*part, "properties").is_some_and(|map| tree.get(map, name).is_some()))
        };
        let Some((name, _)) = members.iter().find(|(name, _)| !declared(name)) else { return Verdict::Fits };
        let elsewhere =
            ["patternProperties", "additionalProperties", "anyOf", "oneOf", "if", "dependentSchemas", "not"];
        let open = parts.len() >= MAX_PARTS
            || parts.iter().any(|part| elsewhere.iter().any(|key| tree.get(*part, key).is_some()));
        if open || tree.kind(node) != Kind::Bool {
            return Verdict::Unknown("`unevaluatedProperties` is beyond what can be checked");
        }
        let name = crate::text::cut(name, 60);
        Verdict::fails(node, format!("must not have the member `{name}`, which the schema doesn't name"))
    }
}

fn dependent_required(tree: &crate::tree::Tree, map: NodeId, value: &Value) -> Verdict {
    for (name, list) in tree.entries(map).filter(|(name, _)| value.get(name).is_some()) {
        for item in tree.items(list) {
            if let Some(other) = tree.as_str(*item).filter(|other| value.get(other).is_none()) {
                let (name, other) = (crate::text::cut(name, 60), crate::text::cut(other, 60));
                return Verdict::fails(*item, format!("must have the member `{other}`, since it has `{name}`"));
            }
        }
    }
    Verdict::Fits
}
