//! Values of all kinds, for a change whose own candidates show nothing: what both schemas list, samples of them and of
//! their alternatives, and each of those a little different.

use super::{Pair, Prover, SchemaRef, pattern, sample};
use crate::json_schema::{Transit, value::Value};

/// Members, items and alternatives of one value or schema that are tried.
const MAX: usize = 12;
/// Keywords with a schema for the same value.
const INSIDE: [&str; 4] = ["not", "if", "then", "else"];
/// Names of members that nobody described.
const EXTRAS: [&str; 3] = ["extra", "more", "rest"];
/// Values that others are made of.
const MAX_WHOLES: usize = 60;
/// Values altogether.
const MAX_VALUES: usize = 300;

impl Prover<'_, '_> {
    pub(super) fn pool(&mut self, pair: Pair, transit: Transit) -> Vec<Value> {
        let plain = Transit { textual: false, ..transit };
        let mut wholes = vec![Value::Object(Vec::new())];
        for own in [pair.giver, pair.taker] {
            self.wholes(own, plain, 0, &mut wholes);
        }
        let mut values = vec![Value::Null, Value::Bool(true), Value::Bool(false)];
        // The last is of no format.
        values.extend(["", "text", "?: /a b\u{e9}"].map(Value::text));
        values.extend(["0", "1", "-1", "0.5"].map(Value::number));
        values.push(Value::List(Vec::new()));
        for part in others() {
            values.extend((1..=3).map(|count| Value::List(vec![part.clone(); count])));
        }
        for whole in &wholes {
            if values.len() >= MAX_VALUES || !self.spend(whole.size()) {
                break;
            }
            values.push(whole.clone());
            vary(whole, &mut values);
        }
        // What fits two alternatives at once.
        for (index, one) in wholes.iter().enumerate() {
            for other in wholes.iter().skip(index + 1).take(MAX) {
                if values.len() >= MAX_VALUES || !self.spend(one.size() + other.size()) {
                    break;
                }
                if let (Value::Object(_), Value::Object(_)) = (one, other) {
                    values.push(sample::merged(Some(one), other.clone()));
                }
            }
        }
        values.truncate(MAX_VALUES);
        if transit.textual { values.into_iter().filter_map(sample::spelled).collect() } else { values }
    }

    /// What a schema lists, and samples of it and its alternatives.
    fn wholes(&mut self, own: SchemaRef, transit: Transit, depth: usize, wholes: &mut Vec<Value>) {
        if wholes.len() >= MAX_WHOLES || !self.spend(1) {
            return;
        }
        let normalized = self.normalized(own);
        let tree = &self.document(own.side).tree;
        let listed = normalized.values.iter().flatten().take(MAX);
        wholes.extend(listed.filter_map(|(_, node)| Value::read(tree, *node, sample::MAX_SIZE)));
        wholes.extend(self.sample(own, None, transit));
        wholes.extend(self.object(own.side, &normalized, None, transit, depth));
        for (keyword, node) in normalized.applicators.iter().take(MAX) {
            match *keyword {
                "patternProperties" => {
                    for (pattern, _) in tree.entries(*node).take(MAX) {
                        let names = pattern::texts(pattern).into_iter().take(1);
                        wholes.extend(names.map(|name| Value::Object(vec![(name, Value::text("text"))])));
                    }
                }
                "dependentSchemas" => {
                    for (name, node) in tree.entries(*node).take(MAX) {
                        let described = tree.get(node, "properties").into_iter().flat_map(|map| tree.entries(map));
                        let names = [name].into_iter().chain(described.map(|(name, _)| name)).take(MAX);
                        wholes.push(Value::Object(names.map(|name| (name.to_owned(), Value::text("text"))).collect()));
                    }
                }
                "contains" => {
                    let schema = self.intern(own.side, *node);
                    if let Some(item) = self.sample(SchemaRef::new(own.side, schema), None, transit) {
                        wholes.extend((1..=MAX).map(|count| Value::List(vec![item.clone(); count])));
                    }
                }
                _ => {}
            }
        }
        let mut named: Vec<(String, Value)> = Vec::new();
        for (name, needed, _) in normalized.needs.iter().take(MAX) {
            for name in [name, needed] {
                if !named.iter().any(|(known, _)| known == name) {
                    named.push(((*name).to_owned(), Value::text("text")));
                    wholes.push(Value::Object(named.clone()));
                }
            }
        }
        if depth < 2 {
            for (_, node) in normalized.applicators.iter().filter(|(keyword, _)| INSIDE.contains(keyword)).take(MAX) {
                let schema = self.intern(own.side, *node);
                self.wholes(SchemaRef::new(own.side, schema), transit, depth + 1, wholes);
            }
            for member in normalized.unions.iter().take(MAX).flat_map(|union| union.members.iter().take(MAX)) {
                let schema = self.intern(own.side, *member);
                self.wholes(SchemaRef::new(own.side, schema), transit, depth + 1, wholes);
            }
        }
    }
}

/// Parts of all kinds.
fn others() -> [Value; 4] {
    [Value::Null, Value::number(1), Value::text("text"), Value::Object(Vec::new())]
}

/// A value with a part less, a part more, and each part of another kind.
fn vary(value: &Value, values: &mut Vec<Value>) {
    match value {
        Value::Object(members) => {
            for index in 0..members.len().min(MAX) {
                let mut without = members.clone();
                without.remove(index);
                values.push(Value::Object(without.clone()));
                // There may have to be so many.
                for extra in EXTRAS {
                    without.push((extra.to_owned(), Value::text("text")));
                    values.push(Value::Object(without.clone()));
                }
                for other in others() {
                    let mut changed = members.clone();
                    changed[index].1 = other;
                    values.push(Value::Object(changed));
                }
            }
            let mut more = members.clone();
            for extra in EXTRAS {
                more.push((extra.to_owned(), Value::text("text")));
                values.push(Value::Object(more.clone()));
            }
        }
        Value::List(items) => {
            values.push(Value::List(items.iter().chain(items).cloned().collect()));
            values.push(Value::List(items.iter().skip(1).cloned().collect()));
            let others = others().into_iter().map(|other| Value::List(items.iter().cloned().chain([other]).collect()));
            values.extend(others);
        }
        Value::Text(text) => {
            values.extend([1, 9, 99].map(|more| Value::text(format!("{text}{}", "x".repeat(more)))));
        }
        Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}
