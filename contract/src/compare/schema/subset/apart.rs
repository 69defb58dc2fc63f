//! Whether two schemas have no value in common.

use super::{Answer::No, Of, Question, Set, VALUES};
use crate::{
    compare::schema::facts::{Additional, Facts, Types},
    tree::NodeId,
};

impl<'d> Question<'_, 'd> {
    /// Whether surely no value of the part that has one of the types is one of the other's.
    pub(super) fn apart(&mut self, part: Set, mask: Types, other: Set, depth: usize) -> bool {
        let (p, o) = (self.facts(part), self.facts(other));
        if depth == 0 || p.cut || o.cut || !self.spend(1 + (p.size + o.size) / 8) {
            return false;
        }
        let types = p.types.and(mask).and(o.types);
        if types == Types::NONE {
            return true;
        }
        for (of, members) in [(part.0, &p.unions), (other.0, &o.unions)] {
            for union in members {
                let all = union.members.iter().all(|member| {
                    let member = self.one(of, *member);
                    if of == part.0 && std::ptr::eq(members, &raw const p.unions) {
                        self.apart(member, mask, other, depth - 1)
                    } else {
                        self.apart(part, mask, member, depth - 1)
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
        let refused = |question: &mut Self, of: Of, values: &[(String, NodeId)], by: Set| {
            values.len() <= VALUES && values.iter().all(|(_, value)| question.accepts(by, of, *value, 0) == No)
        };
        if p.values.as_ref().is_some_and(|values| refused(self, part.0, values, other))
            || o.values.as_ref().is_some_and(|values| refused(self, other.0, values, part))
        {
            return true;
        }
        types == Types::OBJECT && self.objects_apart((part.0, &p), (other.0, &o), depth)
    }

    fn objects_apart(&mut self, (of, p): (Of, &Facts<'d>), (other, o): (Of, &Facts<'d>), depth: usize) -> bool {
        let unknown = |closed: &Facts<'_>, needs: &Facts<'_>| {
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
            same.is_some_and(|(_, wanted, _)| self.apart(Set(of, *schema), Types::ALL, Set(other, *wanted), depth - 1))
        })
    }
}
