//! Values that a change may have made unwelcome: what the old rule took at its edge, and the new one doesn't.
//!
//! They are guesses. Each is held against both schemas, and only what one takes and the other refuses goes on; so a rule
//! that has no guesses of its own here costs a proof and never a wrong one.

use super::{Prover, SchemaRef, Side, pattern};
use crate::{
    compare::schema::{Additional, Change, NormalizedSchema, Step, Types},
    json_schema::{Transit, format, value::Value},
    rules::Proof,
    tree::NodeId,
};

/// Alternatives and listed values that are tried.
const MAX: usize = 12;

/// The side whose messages the other may refuse, and the other.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub(super) giver: SchemaRef,
    pub(super) taker: SchemaRef,
}

impl<'d> Prover<'_, 'd> {
    pub(super) fn candidates(&mut self, change: &Change, pair: Pair, transit: Transit) -> Vec<Value> {
        let (given, taken) = (self.normalized(pair.giver), self.normalized(pair.taker));
        let mut values = Vec::new();
        match (&change.below, change.rule.proof) {
            (Some(Step::Property(name)), _) => self.about_member(name, pair, &given, transit, &mut values),
            (_, Proof::Type) => {
                self.types(pair, (&given, &taken), transit, &mut values);
                self.formats(pair, (&given, &taken), &mut values);
            }
            (_, Proof::Null) => values.push(Value::Null),
            (_, Proof::Values) => self.listed(pair, (&given, &taken), transit, &mut values),
            (_, Proof::Bounds) => self.bounds(change, pair, (&given, &taken), transit, &mut values),
            (_, Proof::Pattern) => self.patterns(pair, (&given, &taken), &mut values),
            (_, Proof::Additional) => self.extras(pair, &given, transit, &mut values),
            (_, Proof::Alternatives) => {
                // The alternative itself first: there may be more than are tried.
                let node = if pair.giver.side == Side::Base { change.base } else { change.revision };
                self.alternatives(pair, &given, node, transit, &mut values);
                values.extend(self.sample(pair.giver, None, transit));
            }
            // Whole schemas that came or went among them.
            (_, Proof::Constraint | Proof::RequestSchema) => {
                self.constrained(change, pair, &given, transit, &mut values);
            }
            // XML, and rules whose findings are about no schema.
            (
                _,
                Proof::None
                | Proof::Xml
                | Proof::Request
                | Proof::Parameter
                | Proof::RequestBody
                | Proof::Part
                | Proof::Credentials
                | Proof::Status
                | Proof::ResponseMediaType
                | Proof::ResponseHeader,
            ) => {}
        }
        if transit.textual {
            values = values.into_iter().filter_map(super::sample::spelled).collect();
        }
        values
    }

    /// Without the member, and with it.
    fn about_member(
        &mut self,
        name: &str,
        pair: Pair,
        given: &NormalizedSchema<'d>,
        transit: Transit,
        values: &mut Vec<Value>,
    ) {
        let plain = Transit { textual: false, ..transit };
        let taken = self.normalized(pair.taker);
        let Some(whole) = self.object(pair.giver.side, given, Some(&taken), plain, 0) else { return };
        if let Value::Object(members) = &whole {
            values.push(Value::Object(members.iter().filter(|(key, _)| key != name).cloned().collect()));
        }
        let property = given.properties.iter().find(|(key, ..)| *key == name).map(|(_, schema, _)| *schema);
        let value = match property {
            Some(schema) => self.sample(SchemaRef { side: pair.giver.side, schema }, None, plain),
            None => Some(Value::text("text")),
        };
        if let Some(value) = value {
            let mut with = whole;
            with.set(name, value);
            values.push(with);
        }
    }

    /// A value of each type that only the giver has.
    fn types(
        &mut self,
        pair: Pair,
        (given, taken): (&NormalizedSchema<'d>, &NormalizedSchema<'d>),
        transit: Transit,
        values: &mut Vec<Value>,
    ) {
        for types in
            [Types::STRING, Types::NUMBER, Types::INTEGER, Types::BOOLEAN, Types::OBJECT, Types::ARRAY, Types::NULL]
        {
            if given.types.has(types) && !taken.types.has(types) {
                self.of_type(types, (pair.giver, given), None, transit, 0, values);
            }
        }
        values.extend(self.sample(pair.giver, None, transit));
        values.extend(anything());
    }

    fn formats(
        &self,
        pair: Pair,
        (given, taken): (&NormalizedSchema<'_>, &NormalizedSchema<'_>),
        values: &mut Vec<Value>,
    ) {
        let name = |side: Side, normalized: &NormalizedSchema<'_>| -> Option<&'d str> {
            normalized.formats.first().and_then(|node| self.document(side).tree.as_str(*node))
        };
        let (given, taken) = (name(pair.giver.side, given), name(pair.taker.side, taken));
        values.extend(given.and_then(format::example).map(Value::text));
        for (_, least, most) in format::INTEGERS.iter().filter(|(name, ..)| taken == Some(*name)) {
            values.extend([after(most), format!("-{}", after(least.trim_start_matches('-')))].map(Value::Number));
        }
        values.extend(["text", "", "2026-01-31", "12"].map(Value::text));
    }

    /// Values that only the giver lists, or that nobody lists.
    fn listed(
        &mut self,
        pair: Pair,
        (given, taken): (&NormalizedSchema<'d>, &NormalizedSchema<'d>),
        transit: Transit,
        values: &mut Vec<Value>,
    ) {
        let tree = &self.document(pair.giver.side).tree;
        let listed = |normalized: &NormalizedSchema<'_>| normalized.values.as_ref().map_or(0, Vec::len);
        if !self.spend((listed(given) + listed(taken)) / 8) {
            return;
        }
        let known: std::collections::HashSet<&str> =
            taken.values.iter().flatten().map(|(text, _)| text.as_str()).collect();
        let only = given.values.iter().flatten().filter(|(text, _)| !known.contains(text.as_str())).take(MAX);
        values.extend(only.filter_map(|(_, node)| Value::read(tree, *node, super::sample::MAX_SIZE)));
        values.extend(self.sample(pair.giver, None, transit));
        values.push(Value::text("other"));
        values.extend([7, 8, 9].map(Value::number));
        values.extend(anything());
    }

    /// Just outside of the taker's bounds, and at the giver's.
    fn bounds(
        &mut self,
        change: &Change,
        pair: Pair,
        (given, taken): (&NormalizedSchema<'d>, &NormalizedSchema<'d>),
        transit: Transit,
        values: &mut Vec<Value>,
    ) {
        let plain = Transit { textual: false, ..transit };
        match self.keyword(change) {
            "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum" | "multipleOf" => {
                self.edges(pair.taker.side, taken, values);
                self.edges(pair.giver.side, given, values);
            }
            "minLength" | "maxLength" => {
                for count in self.counts(pair, (given, taken), [0, 1]) {
                    let text: String = "text".chars().cycle().take(count).collect();
                    values.push(Value::Text(text));
                }
                values.extend(self.sample(pair.giver, None, transit));
                if !given.patterns.is_empty() {
                    self.patterns(pair, (given, taken), values);
                }
            }
            "minItems" | "maxItems" | "uniqueItems" | "minContains" | "maxContains" => {
                let item = given
                    .items
                    .and_then(|(schema, _)| self.sample(SchemaRef { side: pair.giver.side, schema }, None, plain));
                let item = item.unwrap_or_else(|| Value::text("text"));
                values.push(Value::List(vec![item.clone(), item.clone()]));
                // One item more than can be read is enough to see that it can't.
                let most = 1 + super::sample::MAX_SIZE / item.size();
                for count in self.counts(pair, (given, taken), [2, 3]).into_iter().map(|count| count.min(most)) {
                    let items = (0..count).map(|index| numbered(&item, index)).collect();
                    values.push(Value::List(items));
                    values.push(Value::List(vec![item.clone(); count]));
                }
            }
            _ => {
                let Some(whole) = self.object(pair.giver.side, given, Some(taken), plain, 0) else { return };
                values.push(whole.clone());
                for count in self.counts(pair, (given, taken), [4, 5]) {
                    values.extend(self.filled(&whole, pair.giver, given, count, plain));
                }
            }
        }
    }

    /// An object with so many members, optional ones first.
    fn filled(
        &mut self,
        whole: &Value,
        giver: SchemaRef,
        given: &NormalizedSchema<'d>,
        count: usize,
        transit: Transit,
    ) -> Option<Value> {
        let Value::Object(members) = whole else { return None };
        let mut members = members.clone();
        for (name, schema, _) in given.properties.iter().take(super::sample::MAX_SIZE) {
            if members.len() < count && members.iter().all(|(key, _)| key != name) {
                let value = self.sample(SchemaRef { side: giver.side, schema: *schema }, None, transit);
                members.extend(value.map(|value| ((*name).to_owned(), value)));
            }
        }
        while members.len() < count {
            members.push((super::sample::unused(&members), Value::text("text")));
        }
        Some(Value::Object(members))
    }

    /// The counts at and beside what both sides say, as long as an example with so many can be read.
    fn counts(
        &self,
        pair: Pair,
        (given, taken): (&NormalizedSchema<'_>, &NormalizedSchema<'_>),
        indices: [usize; 2],
    ) -> Vec<usize> {
        let mut counts: Vec<usize> = vec![0, 1];
        for (side, normalized) in [(pair.taker.side, taken), (pair.giver.side, given)] {
            let tree = &self.document(side).tree;
            let bounds = indices.into_iter().filter_map(|index| normalized.counts[index]);
            for bound in bounds.filter_map(|node| tree.as_number(node)?.parse::<usize>().ok()) {
                counts.extend([bound, bound + 1, bound.saturating_sub(1)]);
            }
        }
        counts.retain(|count| *count <= super::sample::MAX_SIZE);
        counts.dedup();
        counts
    }

    /// Texts and numbers at the bounds and by the patterns of both.
    pub(super) fn scalars(&mut self, pair: Pair) -> Vec<Value> {
        let (given, taken) = (self.normalized(pair.giver), self.normalized(pair.taker));
        let mut values = Vec::new();
        self.edges(pair.taker.side, &taken, &mut values);
        self.edges(pair.giver.side, &given, &mut values);
        self.patterns(pair, (&given, &taken), &mut values);
        values.into_iter().filter_map(super::sample::spelled).collect()
    }

    /// Numbers at and beside bounds.
    fn edges(&self, side: Side, normalized: &NormalizedSchema<'_>, values: &mut Vec<Value>) {
        let tree = &self.document(side).tree;
        let bounds = normalized
            .lower
            .iter()
            .chain(&normalized.upper)
            .map(|bound| bound.node)
            .chain(normalized.multiples.iter().copied());
        // Beyond what a float keeps, whole numbers are counted by their digits.
        let exact = bounds.clone().filter_map(|node| tree.as_number(node)?.parse::<i128>().ok());
        for bound in exact.filter(|number| number.unsigned_abs() >= 1 << 53) {
            values.extend([bound, bound - 1, bound + 1].map(Value::number));
        }
        for bound in bounds.filter_map(|node| tree.as_number(node)?.parse::<f64>().ok()) {
            let around = [bound, bound - 1.0, bound + 1.0, bound - 0.5, bound + 0.5, bound * 2.0, bound * 3.0];
            values.extend(around.into_iter().filter(|n| n.is_finite() && n.abs() < 1e15).map(Value::number));
        }
        values.extend([1, 0, -1].map(Value::number));
    }

    fn patterns(
        &mut self,
        pair: Pair,
        (given, taken): (&NormalizedSchema<'d>, &NormalizedSchema<'d>),
        values: &mut Vec<Value>,
    ) {
        values.extend(["text", ""].map(Value::text));
        for (side, normalized) in [(pair.giver.side, given), (pair.taker.side, taken)] {
            let tree = &self.document(side).tree;
            let texts: Vec<String> = normalized
                .patterns
                .iter()
                .take(4)
                .filter_map(|node| tree.as_str(*node))
                .flat_map(pattern::texts)
                .collect();
            for text in texts {
                let spoiled = [format!("{text}!"), format!("!{text}"), text.to_uppercase(), text.repeat(2)];
                values.push(Value::Text(text));
                values.extend(spoiled.map(Value::Text));
            }
        }
        values.extend(["TEXT", "0", "a b", "-", "ä", "text-1"].map(Value::text));
        for count in self.counts(pair, (given, taken), [0, 1]) {
            values.extend(["a", "0", "-", "A"].map(|text| Value::text(text.repeat(count))));
        }
    }

    /// With a member that nobody names.
    fn extras(&mut self, pair: Pair, given: &NormalizedSchema<'d>, transit: Transit, values: &mut Vec<Value>) {
        let plain = Transit { textual: false, ..transit };
        let taken = self.normalized(pair.taker);
        let Some(whole) = self.object(pair.giver.side, given, Some(&taken), plain, 0) else { return };
        let typed = match given.additional {
            Additional::Typed(schema, _) => self.sample(SchemaRef { side: pair.giver.side, schema }, None, plain),
            Additional::Open | Additional::Closed(_) => None,
        };
        for value in typed.into_iter().chain(anything()) {
            let mut with = whole.clone();
            with.set("extra", value);
            values.push(with);
        }
        // What only the giver names.
        let known: std::collections::HashSet<&str> = taken.properties.iter().map(|(name, ..)| *name).collect();
        for (name, schema, _) in given.properties.iter().filter(|(name, ..)| !known.contains(name)).take(MAX) {
            if let Some(value) = self.sample(SchemaRef { side: pair.giver.side, schema: *schema }, None, plain) {
                let mut with = whole.clone();
                with.set(name, value);
                values.push(with);
            }
        }
    }

    fn alternatives(
        &mut self,
        pair: Pair,
        given: &NormalizedSchema<'d>,
        first: Option<NodeId>,
        transit: Transit,
        values: &mut Vec<Value>,
    ) {
        let plain = Transit { textual: false, ..transit };
        let beside = self.object(pair.giver.side, given, None, plain, 0);
        let members = given.unions.iter().flat_map(|union| union.members.iter().take(MAX));
        for member in first.into_iter().chain(members.copied()) {
            let schema = self.intern(pair.giver.side, member);
            let target = SchemaRef { side: pair.giver.side, schema };
            if let Some(value) = self.sample(target, None, plain) {
                values.push(super::sample::merged(beside.as_ref(), value));
            }
        }
    }

    /// A keyword came, went or changed that isn't one of the above.
    fn constrained(
        &mut self,
        change: &Change,
        pair: Pair,
        given: &NormalizedSchema<'d>,
        transit: Transit,
        values: &mut Vec<Value>,
    ) {
        let plain = Transit { textual: false, ..transit };
        // What a schema inside of the keyword describes is what it is about: `not` refuses just that.
        for (side, node) in [(Side::Base, change.base), (Side::Revision, change.revision)] {
            let Some(node) = node.filter(|node| self.document(side).tree.kind(*node) == crate::tree::Kind::Object)
            else {
                continue;
            };
            let schema = self.intern(side, node);
            values.extend(self.sample(SchemaRef { side, schema }, None, plain));
        }
        self.alternatives(pair, given, None, transit, values);
        values.extend(self.sample(pair.giver, None, transit));
        values.extend(anything());
        let inside: Vec<Value> = anything().collect();
        values.extend(inside.iter().map(|value| Value::List(vec![value.clone()])));
        self.extras(pair, given, transit, values);
        let taken = self.normalized(pair.taker);
        if let Some(whole) = self.object(pair.giver.side, given, Some(&taken), plain, 0) {
            for (name, schema, _) in given.properties.iter().take(MAX) {
                if let Some(value) = self.sample(SchemaRef { side: pair.giver.side, schema: *schema }, None, plain) {
                    let mut with = whole.clone();
                    with.set(name, value);
                    values.push(with);
                }
            }
            for name in ["x-extra", "Extra member", ""] {
                let mut with = whole.clone();
                with.set(name, Value::number(1));
                values.push(with);
            }
        }
    }

    /// The keyword that a change is about.
    fn keyword(&self, change: &Change) -> &'d str {
        let known = |side: Side, node: Option<NodeId>| {
            let key = self.document(side).tree.key_of(node?)?;
            let about = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems"];
            (about.contains(&key) || crate::compare::schema::COUNTS.iter().any(|(name, _)| *name == key)).then_some(key)
        };
        known(Side::Revision, change.revision).or_else(|| known(Side::Base, change.base)).unwrap_or_default()
    }
}

/// One of each kind.
fn anything() -> impl Iterator<Item = Value> {
    let scalars = [Value::text("text"), Value::number(1), Value::number("1.5"), Value::Bool(true), Value::Null];
    scalars.into_iter().chain([Value::text(""), Value::number(-1), Value::List(Vec::new()), Value::Object(Vec::new())])
}

/// The digits of the next whole number.
fn after(digits: &str) -> String {
    digits.parse::<i128>().map_or_else(|_| digits.to_owned(), |number| (number + 1).to_string())
}

/// One of several different values like this one.
fn numbered(value: &Value, index: usize) -> Value {
    match value {
        Value::Text(text) if index > 0 => Value::Text(format!("{text}{index}")),
        Value::Number(text) => text.parse::<i64>().map_or_else(
            |_| value.clone(),
            |number| Value::number(number.saturating_add(i64::try_from(index).unwrap_or(0))),
        ),
        other => other.clone(),
    }
}
