//! A path that is gone and that templates of others match: they may take its least request and refuse others.

use super::{
    Pair, Prover, SchemaRef, Side,
    judge::parameters,
    message::{Endpoint, Endpoints, RequestPart},
    wire::Http,
};
use crate::{
    compare::{operations::endpoint, parameters::value_schema},
    json_schema::{Transit, Verdict, value::Value},
};
use shared::{Witness, findings::Direction};

/// Values of one parameter that are tried in a message, parameters, and operations.
const MAX: usize = 3;

impl Prover<'_, '_> {
    /// A request that the operations refuse which take the least one: with a value in its path that only the giver allows.
    pub(super) fn uncovered(&mut self, giver: Side, ends: &Endpoints, least: &Http) -> Option<Witness> {
        let end = ends.get(giver)?;
        let taker = giver.other();
        let path = least.start_line.split(' ').nth(1)?.split('?').next()?;
        let method = shared::findings::sent(&end.method);
        let routed = self.routes(taker).find(self.document(taker), &method, path);
        for routed in routed.into_iter().take(MAX) {
            let other = endpoint(&self.document(taker).operations[routed.operation]);
            for (name, value) in self.refused_there(giver, end, &other) {
                let part = RequestPart::Parameter("path".to_owned(), name, Some(value));
                if let Ok(witness) = self.request(giver, ends, &part, None) {
                    return Some(witness);
                }
            }
        }
        None
    }

    /// Parameters of the path with values that fit, and that a parameter of the other operation refuses.
    fn refused_there(&mut self, giver: Side, end: &Endpoint, other: &Endpoint) -> Vec<(String, Value)> {
        let transit = Transit { direction: Some(Direction::Request), textual: true };
        let (own, theirs) = (self.document(giver), self.document(giver.other()));
        let of = |document, end| parameters(document, end).into_iter().filter(|own| own.location == "path").take(MAX);
        // Which stands in whose place depends on both templates, and the whole message is judged again.
        let pairs = of(own, end).flat_map(|own| of(theirs, other).map(move |other| (own.clone(), other)));
        let mut found = Vec::new();
        for (parameter, counterpart) in pairs {
            let schemas = (value_schema(own, parameter.node).1, value_schema(theirs, counterpart.node).1);
            let (Some(own), Some(their)) = schemas else { continue };
            let pair = Pair {
                giver: SchemaRef { side: giver, schema: self.intern(giver, own) },
                taker: SchemaRef { side: giver.other(), schema: self.intern(giver.other(), their) },
            };
            let mut values = self.scalars(pair);
            values.extend(self.pool(pair, transit));
            let refused = values.into_iter().filter(|value| {
                *value != Value::text("")
                    && matches!(self.check(pair.giver, value, transit), Verdict::Fits)
                    && matches!(self.check(pair.taker, value, transit), Verdict::Fails(_))
            });
            found.extend(refused.take(MAX).map(|value| (parameter.name.clone(), value)));
        }
        found
    }
}
