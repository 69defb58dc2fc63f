//! Whether two schemas have no value in common.

use super::{Question, SchemaRef, Side, Ternary::No, VALUES};
use crate::{
    compare::schema::normalized::{Additional, NormalizedSchema, Types},
    tree::NodeId,
};

impl<'d> Question<'_, 'd> {
    /// Whether surely no value of the part that has one of the types is one of the other's.
    pub(super) fn disjoint(&mut self, part: SchemaRef, mask: Types, other: SchemaRef, depth: usize) -> bool {
        let (p, o) = (self.normalized(part), self.normalized(other));
        if depth == 0 || p.cut || o.cut || !self.spend(1 + (p.size + o.size) / 8) {
            return false;
        }
        let types = p.types.and(mask).and(o.types);
        if types == Types::NONE {
            return true;
        }
        for (side, members) in [(part.side, &p.unions), (other.side, &o.unions)] {
            for union in members {
                let all = union.members.iter().all(|member| {
                    let member = self.one(side, *member);
                    if side == part.side && std::ptr::eq(members, &raw const p.unions) {
                        self.disjoint(member, mask, other, depth - 1)
                    } else {
                        self.disjoint(part, mask, member, depth - 1)
                    }
                });
                if all {
                    return true;
                }
            }
        }
        if types.has(Types::NULL) {
            return false;
        }
        let refused = |question: &mut Self, side: Side, values: &[(String, NodeId)], by: SchemaRef| {
            values.len() <= VALUES && values.iter().all(|(_, value)| question.accepts(by, side, *value, 0) == No)
        };
        if p.values.as_ref().is_some_and(|values| refused(self, part.side, values, other))
            || o.values.as_ref().is_some_and(|values| refused(self, other.side, values, part))
        {
            return true;
        }
        types == Types::OBJECT && self.objects_disjoint((part.side, &p), (other.side, &o), depth)
    }

    fn objects_disjoint(
        &mut self,
        (side, p): (Side, &NormalizedSchema<'d>),
        (other, o): (Side, &NormalizedSchema<'d>),
        depth: usize,
    ) -> bool {
        let unknown = |closed: &NormalizedSchema<'_>, needs: &NormalizedSchema<'_>| {
            matches!(closed.additional, Additional::Closed(_))
                && closed.applicators.is_empty()
                && needs.required.keys().any(|name| !closed.properties.iter().any(|(known, ..)| known == name))
        };
        if unknown(p, o) || unknown(o, p) {
            return true;
        }
        if !self.spend(p.properties.len().saturating_mul(o.properties.len()) / 64) {
            return false;
        }
        p.properties.iter().any(|(name, schema, _)| {
            let needed = p.required.contains_key(name) || o.required.contains_key(name);
            let same = o.properties.iter().find(|(known, ..)| known == name).filter(|_| needed);
            same.is_some_and(|(_, wanted, _)| {
                self.disjoint(SchemaRef::new(side, *schema), Types::ALL, SchemaRef::new(other, *wanted), depth - 1)
            })
        })
    }
}
