//! Whether a schema takes one value of a document.

use super::{
    DEPTH, Question, SchemaRef, Side, Ternary,
    Ternary::{No, Unknown, Yes},
};
use crate::{
    compare::{
        schema::{
            bounds::multiples_of,
            normalized::{Additional, Bound, NormalizedSchema, Types},
        },
        value::{Decimal, canonical},
    },
    tree::{Kind, NodeId, Tree},
};
use std::cmp::Ordering;

impl<'d> Question<'_, 'd> {
    /// Whether a schema takes a value.
    pub(super) fn accepts(&mut self, whole: SchemaRef, side: Side, value: NodeId, depth: usize) -> Ternary {
        let (w, tree) = (self.normalized(whole), self.tree(side));
        let listed = w.values.as_ref().map_or(0, Vec::len);
        if depth > DEPTH / 2 || w.cut || !self.spend(1 + listed / 16) {
            return Unknown;
        }
        let kind = self.schemas.store(side).type_of(value);
        if kind == Types::NULL {
            return Ternary::sure(w.types.has(Types::NULL));
        }
        if !w.types.has(kind) {
            // `1.0` is an integer as well.
            return if w.types.and(kind) == Types::NONE { No } else { Unknown };
        }
        if let Some(values) = &w.values {
            let text = canonical(tree, value);
            if !values.iter().any(|(known, _)| *known == text) {
                return No;
            }
        }
        let mut answer = Ternary::hardly(w.applicators.is_empty() && w.keywords.is_empty() && w.needs.is_empty());
        for union in &w.unions {
            let answers: Vec<Ternary> = union
                .members
                .iter()
                .map(|member| {
                    let member = self.one(whole.side, *member);
                    self.accepts(member, side, value, depth + 1)
                })
                .collect();
            let count = |what| answers.iter().filter(|answer| **answer == what).count();
            answer = answer.and(|| match (count(Yes), count(Unknown)) {
                (0, 0) => No,
                (1, 0) => Yes,
                (1.., _) if !union.exactly_one => Yes,
                (2.., _) => No,
                _ => Unknown,
            });
        }
        answer.and(|| self.value_fits(tree, value, whole.side, &w))
    }

    /// What a schema says of a value beside its type, its list of values and its alternatives. Lists and objects are
    /// not looked into.
    fn value_fits(&mut self, tree: &'d Tree, value: NodeId, whole: Side, w: &NormalizedSchema<'d>) -> Ternary {
        let other = self.tree(whole);
        match tree.kind(value) {
            Kind::Number => {
                let text = tree.as_number(value).unwrap_or_default();
                let number = Decimal::parse(text);
                let within = |bound: Option<Bound>, outside: Ordering| {
                    bound.is_none_or(|bound| {
                        let order = number.cmp(&Decimal::parse(other.as_number(bound.node).unwrap_or("0")));
                        order != outside && !(order == Ordering::Equal && bound.exclusive)
                    })
                };
                let bounds = within(w.lower, Ordering::Less) && within(w.upper, Ordering::Greater);
                let multiple = multiples_of(other, w).iter().all(|side| Decimal::is_multiple_of(text, side));
                Ternary::sure(bounds && multiple).and(|| Ternary::hardly(w.formats.is_empty()))
            }
            Kind::String => {
                let length = tree.as_str(value).unwrap_or_default().chars().count();
                let within = |index: usize, outside: Ordering| {
                    w.counts[index].is_none_or(|node| {
                        let bound = Decimal::parse(other.as_number(node).unwrap_or("0"));
                        Decimal::parse(&length.to_string()).cmp(&bound) != outside
                    })
                };
                let bounds = within(0, Ordering::Less) && within(1, Ordering::Greater);
                Ternary::sure(bounds).and(|| Ternary::hardly(w.patterns.is_empty() && w.formats.is_empty()))
            }
            Kind::Array => {
                Ternary::hardly(w.items.is_none() && w.unique.is_none() && w.counts.iter().all(Option::is_none))
            }
            Kind::Object => Ternary::hardly(
                w.properties.is_empty()
                    && w.required.is_empty()
                    && w.additional == Additional::Open
                    && w.counts.iter().all(Option::is_none),
            ),
            Kind::Bool | Kind::Null => Yes,
        }
    }
}
