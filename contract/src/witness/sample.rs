//! The least value that fits a schema, and that its counterpart takes as well where that is possible, so that an example
//! shows one difference and not several.

use super::{Prover, SchemaRef, Side, pattern};
use crate::{
    compare::schema::{Additional, Conjunction, NormalizedSchema, Types},
    json_schema::{Transit, format, value::Value},
    tree::NodeId,
};
use shared::findings::Direction;
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// Schemas inside one another that an example goes through.
const MAX_DEPTH: usize = 12;
/// Values in an example.
pub(super) const MAX_SIZE: usize = 300;
/// Ways that are tried for one schema.
const MAX_WAYS: usize = 12;
/// Members or items that are made to reach a least count.
const MAX_COUNT: usize = 40;

/// What a sample is asked for.
pub(super) type Ask = (SchemaRef, Option<Conjunction>, Transit);

impl<'d> Prover<'_, 'd> {
    /// A value that fits `own`, and `other` on the other side if one is found.
    pub(super) fn sample(&mut self, own: SchemaRef, other: Option<Conjunction>, transit: Transit) -> Option<Value> {
        self.sample_at((own, other, transit), 0).map(|value| value.as_ref().clone())
    }

    fn sample_at(&mut self, ask: Ask, depth: usize) -> Option<Rc<Value>> {
        if let Some(known) = self.samples.get(&ask) {
            return known.clone();
        }
        let hopeless = self.failed.get(&ask).is_some_and(|least| *least <= depth);
        if hopeless || depth > MAX_DEPTH || !self.spend(2) {
            return None;
        }
        let (own, other, transit) = ask;
        let other = other.map(|schema| SchemaRef { side: own.side.other(), schema });
        let mut ways = self.ways(own, other, transit, depth);
        if let Some(other) = other {
            let theirs = self.ways(other, Some(own), transit, depth);
            ways.extend(theirs);
        }
        let mut found = None;
        for value in ways.into_iter().filter(|value| value.size() <= MAX_SIZE) {
            if !self.check(own, &value, transit).fits() {
                continue;
            }
            let taken = other.is_none_or(|other| self.check(other, &value, transit).fits());
            if taken || found.is_none() {
                found = Some(Rc::new(value));
            }
            if taken {
                break;
            }
        }
        // What was too deep from here may not be from elsewhere.
        if found.is_some() || depth == 0 {
            self.samples.insert(ask, found.clone());
        } else {
            self.failed.insert(ask, depth);
        }
        found
    }

    /// Values that may fit, the likeliest first.
    fn ways(&mut self, own: SchemaRef, other: Option<SchemaRef>, transit: Transit, depth: usize) -> Vec<Value> {
        let normalized = self.normalized(own);
        let others = other.map(|other| self.normalized(other));
        let mut ways = Vec::new();
        let tree = &self.document(own.side).tree;
        for (_, node) in normalized.values.iter().flatten().take(MAX_WAYS) {
            ways.extend(Value::read(tree, *node, MAX_SIZE));
        }
        if !normalized.unions.is_empty() {
            self.through_unions(own, &normalized, transit, depth, &mut ways);
        }
        for types in
            [Types::STRING, Types::INTEGER, Types::NUMBER, Types::BOOLEAN, Types::OBJECT, Types::ARRAY, Types::NULL]
        {
            if normalized.types.has(types) && (types != Types::NUMBER || !ways.iter().any(Value::is_integer)) {
                self.of_type(types, (own, &normalized), others.as_deref(), transit, depth, &mut ways);
            }
        }
        // What the author shows is tried last: it is seldom small.
        for node in self.nodes(own).iter().take(4) {
            let tree = &self.document(own.side).tree;
            let examples = tree.get(*node, "examples").map(|list| tree.items(list)).unwrap_or_default();
            let shown = [tree.get(*node, "default"), tree.get(*node, "example"), examples.first().copied()];
            ways.extend(shown.into_iter().flatten().filter_map(|shown| Value::read(tree, shown, MAX_SIZE)));
        }
        ways.truncate(2 * MAX_WAYS);
        if transit.textual {
            ways = ways.into_iter().filter_map(spelled).collect();
        }
        ways
    }

    /// Values of one type.
    pub(super) fn of_type(
        &mut self,
        types: Types,
        (own, normalized): (SchemaRef, &NormalizedSchema<'d>),
        other: Option<&NormalizedSchema<'d>>,
        transit: Transit,
        depth: usize,
        ways: &mut Vec<Value>,
    ) {
        let inner = Transit { textual: false, ..transit };
        match types {
            Types::NULL => ways.push(Value::Null),
            Types::BOOLEAN => ways.push(Value::Bool(true)),
            Types::INTEGER => ways.extend(self.numbers(own.side, normalized, true)),
            Types::NUMBER => ways.extend(self.numbers(own.side, normalized, false)),
            Types::STRING => ways.extend(self.texts(own.side, normalized)),
            Types::ARRAY => ways.extend(self.list(own.side, normalized, other, inner, depth)),
            Types::OBJECT => ways.extend(self.object(own.side, normalized, other, inner, depth)),
            _ => {}
        }
    }

    /// A value of each alternative, put together with what stands beside them.
    fn through_unions(
        &mut self,
        own: SchemaRef,
        normalized: &NormalizedSchema<'d>,
        transit: Transit,
        depth: usize,
        ways: &mut Vec<Value>,
    ) {
        let beside = self.object(own.side, normalized, None, Transit { textual: false, ..transit }, depth);
        for member in normalized.unions.iter().flat_map(|union| union.members.iter().take(MAX_WAYS)) {
            let schema = self.intern(own.side, *member);
            let target = SchemaRef { side: own.side, schema };
            let Some(value) = self.sample_at((target, None, Transit { textual: false, ..transit }), depth + 1) else {
                continue;
            };
            ways.push(merged(beside.as_ref(), value.as_ref().clone()));
        }
    }

    fn numbers(&self, side: Side, normalized: &NormalizedSchema<'_>, whole: bool) -> Vec<Value> {
        let tree = &self.document(side).tree;
        let bound = |node: NodeId| tree.as_number(node).and_then(|text| text.parse::<f64>().ok());
        let lower = normalized.lower.and_then(|bound_| bound(bound_.node));
        let upper = normalized.upper.and_then(|bound_| bound(bound_.node));
        let step = normalized.multiples.first().copied().and_then(bound).filter(|step| *step > 0.0);
        let mut numbers = vec![1.0, 0.0];
        if let Some(step) = step {
            numbers.insert(0, step);
            numbers.extend(lower.map(|lower| (lower / step).ceil() * step));
            numbers.extend(lower.map(|lower| ((lower / step).floor() + 1.0) * step));
            numbers.extend(upper.map(|upper| ((upper / step).ceil() - 1.0) * step));
        }
        numbers.extend(lower.into_iter().flat_map(|lower| [lower.ceil(), lower.floor() + 1.0]));
        numbers.extend(upper.into_iter().flat_map(|upper| [upper.floor(), upper.ceil() - 1.0]));
        if !whole {
            numbers.insert(0, 1.5);
            numbers.extend(lower.into_iter().flat_map(|lower| [lower, lower + 0.5]));
            numbers.extend(upper.into_iter().flat_map(|upper| [upper, upper - 0.5]));
            numbers.extend(lower.zip(upper).map(|(lower, upper)| f64::midpoint(lower, upper)));
        }
        numbers.into_iter().filter(|number| number.is_finite()).map(Value::number).collect()
    }

    fn texts(&self, side: Side, normalized: &NormalizedSchema<'_>) -> Vec<Value> {
        let tree = &self.document(side).tree;
        let length = |index: usize| -> Option<usize> {
            normalized.counts[index].and_then(|node| tree.as_number(node)).and_then(|text| text.parse().ok())
        };
        let (least, most) = (length(0).unwrap_or(0), length(1).unwrap_or(usize::MAX));
        let mut texts: Vec<String> = Vec::new();
        for node in normalized.patterns.iter().take(2) {
            texts.extend(tree.as_str(*node).into_iter().flat_map(pattern::texts));
        }
        let known = normalized.formats.first().and_then(|node| tree.as_str(*node)).and_then(format::example);
        texts.extend(known.map(str::to_owned));
        if least <= 10_000 {
            let plain: String = "text".chars().cycle().take(4.clamp(least, most.max(least))).collect();
            texts.push(plain);
        }
        texts.into_iter().map(Value::Text).collect()
    }

    fn list(
        &mut self,
        side: Side,
        normalized: &NormalizedSchema<'d>,
        other: Option<&NormalizedSchema<'d>>,
        transit: Transit,
        depth: usize,
    ) -> Option<Value> {
        let tree = &self.document(side).tree;
        let number = |node: NodeId| tree.as_number(node).and_then(|text| text.parse::<usize>().ok());
        let least = normalized.counts[2].and_then(number).unwrap_or(0);
        let keyword = |name: &str| normalized.applicators.iter().find(|(key, _)| *key == name).map(|(_, node)| *node);
        let first: Vec<NodeId> = keyword("prefixItems").map(|list| tree.items(list).to_vec()).unwrap_or_default();
        let contains = keyword("contains");
        let wanted = usize::from(contains.is_some()) * normalized.counts[6].and_then(number).unwrap_or(1);
        let count = least.max(wanted);
        if count > MAX_COUNT {
            return None;
        }
        let mut items: Vec<Value> = Vec::new();
        let mut size = 0;
        for index in 0..count {
            let schema = match (contains.filter(|_| index < wanted), first.get(index)) {
                (Some(node), _) | (None, Some(&node)) => Some(self.intern(side, node)),
                (None, None) => normalized.items.map(|(schema, _)| schema),
            };
            let counterpart = other.and_then(|other| other.items).map(|(schema, _)| schema);
            let item = match schema {
                Some(schema) => {
                    self.sample_at((SchemaRef { side, schema }, counterpart, transit), depth + 1)?.as_ref().clone()
                }
                None => Value::text("text"),
            };
            size += item.size();
            items.push(if normalized.unique.is_some() { unlike(item, &items) } else { item });
            if size > 2 * MAX_SIZE || !self.spend(1 + size / 16) {
                break;
            }
        }
        Some(Value::List(items))
    }

    /// An object with what is required and no more.
    pub(super) fn object(
        &mut self,
        side: Side,
        normalized: &NormalizedSchema<'d>,
        other: Option<&NormalizedSchema<'d>>,
        transit: Transit,
        depth: usize,
    ) -> Option<Value> {
        let tree = &self.document(side).tree;
        let least: usize =
            normalized.counts[4].and_then(|n| tree.as_number(n)).and_then(|text| text.parse().ok()).unwrap_or(0);
        // Each member is looked for among the other side's.
        let (own, theirs) =
            (normalized.properties.len() + normalized.required.len(), other.map_or(0, |o| o.properties.len()));
        if !self.spend(1 + (own + theirs) / 8) {
            return None;
        }
        let theirs: HashMap<&str, Conjunction> =
            other.into_iter().flat_map(|other| &other.properties).map(|(name, schema, _)| (*name, *schema)).collect();
        let counterpart = |name: &str| theirs.get(name).copied();
        let mut members: Vec<(String, Value)> = Vec::new();
        let mut size = 0;
        let mut rest: Vec<(&str, Conjunction)> = Vec::new();
        for (name, schema, _) in &normalized.properties {
            if self.is_hidden(SchemaRef { side, schema: *schema }, transit.direction) {
                continue;
            }
            if normalized.required.contains_key(name) {
                let target = SchemaRef { side, schema: *schema };
                let value = self.sample_at((target, counterpart(name), transit), depth + 1)?;
                members.push(((*name).to_owned(), value.as_ref().clone()));
                size += value.size();
                if size > 2 * MAX_SIZE || !self.spend(value.size() / 8) {
                    // Whatever else it needs, nobody reads it.
                    return Some(Value::Object(members));
                }
            } else {
                rest.push((*name, *schema));
            }
        }
        let described: HashSet<&str> = normalized.properties.iter().map(|(name, ..)| *name).collect();
        let mut undescribed: Vec<&str> = normalized.required.keys().copied().collect();
        undescribed.retain(|name| !described.contains(name));
        crate::sort::plain(&mut undescribed);
        undescribed.truncate(2 * MAX_SIZE);
        let extra = match normalized.additional {
            Additional::Typed(schema, _) => Some(schema),
            Additional::Open | Additional::Closed(_) => None,
        };
        for name in undescribed {
            members.push((name.to_owned(), self.extra(side, extra, transit, depth)?));
        }
        for (name, schema) in rest {
            // What the other side asks for is given where it may be, so that it isn't what the other side refuses.
            let asked = other.is_some_and(|other| other.required.contains_key(name));
            if members.len() >= least && !asked {
                continue;
            }
            let value = self.sample_at((SchemaRef { side, schema }, counterpart(name), transit), depth + 1);
            size += value.as_ref().map_or(0, |value| value.size());
            members.extend(value.map(|value| (name.to_owned(), value.as_ref().clone())));
            if size > 2 * MAX_SIZE || !self.spend(1) {
                return Some(Value::Object(members));
            }
        }
        if normalized.additional == Additional::Open {
            self.asked(side, normalized, other, transit, depth, &mut members);
        }
        for _ in 0..least.saturating_sub(members.len()).min(MAX_COUNT) {
            let value = self.extra(side, extra, transit, depth)?;
            size += value.size();
            members.push((unused(&members), value));
            if size > 2 * MAX_SIZE || !self.spend(1 + size / 16) {
                break;
            }
        }
        Some(Value::Object(members))
    }

    /// Members that only the other side knows and asks for.
    fn asked(
        &mut self,
        side: Side,
        normalized: &NormalizedSchema<'d>,
        other: Option<&NormalizedSchema<'d>>,
        transit: Transit,
        depth: usize,
        members: &mut Vec<(String, Value)>,
    ) {
        let known: HashSet<&str> = normalized.properties.iter().map(|(key, ..)| *key).collect();
        for (name, schema, _) in other.into_iter().flat_map(|other| &other.properties) {
            if known.contains(name) || !other.is_some_and(|other| other.required.contains_key(name)) {
                continue;
            }
            if members.len() > 2 * MAX_SIZE {
                break;
            }
            let target = SchemaRef { side: side.other(), schema: *schema };
            if !self.is_hidden(target, transit.direction) {
                let value = self.sample_at((target, None, transit), depth + 1);
                let Some(value) = value.map(|value| value.as_ref().clone()) else { continue };
                match members.iter_mut().find(|(key, _)| key == name) {
                    // Required here, too, but not described: any value does, so one that does over there.
                    Some(member) => member.1 = value,
                    None => members.push(((*name).to_owned(), value)),
                }
            }
        }
    }

    fn extra(&mut self, side: Side, schema: Option<Conjunction>, transit: Transit, depth: usize) -> Option<Value> {
        match schema {
            Some(schema) => {
                Some(self.sample_at((SchemaRef { side, schema }, None, transit), depth + 1)?.as_ref().clone())
            }
            None => Some(Value::text("text")),
        }
    }

    /// Whether a property doesn't travel this way.
    pub(super) fn is_hidden(&mut self, property: SchemaRef, direction: Option<Direction>) -> bool {
        let normalized = self.normalized(property);
        match direction {
            Some(Direction::Request) => normalized.read_only.is_some(),
            Some(Direction::Response) => normalized.write_only.is_some(),
            None => false,
        }
    }
}

/// A name that no member has yet.
pub(super) fn unused(members: &[(String, Value)]) -> String {
    // Among so many, and one more, there is one.
    let mut names = (1..=members.len() + 1).map(|index| format!("extra{index}"));
    names.find(|name| members.iter().all(|(key, _)| key != name)).unwrap_or_default()
}

/// An object's members beside an alternative's; anything else is the alternative's alone.
pub(super) fn merged(beside: Option<&Value>, value: Value) -> Value {
    match (beside, value) {
        (Some(Value::Object(beside)), Value::Object(members)) => {
            let mut whole = Value::Object(beside.clone());
            members.into_iter().for_each(|(name, value)| whole.set(&name, value));
            whole
        }
        (_, value) => value,
    }
}

/// A value that isn't in a list yet: the next number, or the text with a number behind it.
fn unlike(value: Value, others: &[Value]) -> Value {
    if !others.contains(&value) {
        return value;
    }
    let others_count = others.len();
    match value {
        Value::Number(text) => match text.parse::<f64>() {
            #[allow(clippy::cast_precision_loss, reason = "there are forty at most")]
            Ok(number) => Value::number(number + others_count as f64),
            Err(_) => Value::Number(text),
        },
        Value::Text(text) => Value::Text(format!("{text}{others_count}")),
        Value::Bool(value) => Value::Bool(!value),
        other => other,
    }
}

/// A value as a URL or a header has it: scalars are texts. Null, and objects within objects, can't be spelled.
pub(super) fn spelled(value: Value) -> Option<Value> {
    let scalar = |value: Value| match value {
        Value::Bool(value) => Some(Value::text(value.to_string())),
        Value::Number(text) | Value::Text(text) => Some(Value::Text(text)),
        Value::Null | Value::List(_) | Value::Object(_) => None,
    };
    match value {
        Value::List(items) => Some(Value::List(items.into_iter().map(scalar).collect::<Option<_>>()?)),
        Value::Object(members) => {
            let members = members.into_iter().map(|(key, value)| Some((key, scalar(value)?)));
            Some(Value::Object(members.collect::<Option<_>>()?))
        }
        value => scalar(value),
    }
}
