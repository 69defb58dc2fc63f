//! Witnesses: messages that one contract takes and the other refuses, so that nobody has to believe a finding.
//!
//! A change in a schema is proved from the inside out. First comes a value for the schema itself: guesses made for the
//! kind of change ([`candidates`]), of which the first that the one side takes and the other refuses is kept. Then the
//! value is put where it belongs, step by step up to the body or parameter ([`Prover::wrap`]), each step with the least
//! that is required beside it ([`sample`]), and last into a whole message ([`message`]). The outcome is judged again as a
//! whole, since what is refused inside may be taken by another alternative further out. Nothing is claimed that the judge
//! isn't sure of: what can't be shown is `unproven`, with the reason.
//!
//! The alternative, solving constraints, would find more and take a solver; guesses at the edges of what changed find
//! most of what people meet, at a cost that is bounded.

mod candidates;
mod claims;
mod covered;
mod judge;
mod message;
mod pattern;
mod pool;
mod sample;
mod wire;

use crate::{
    Document,
    budget::Budget,
    compare::schema::{COUNTS, Change, Conjunction, NormalizedSchema, PairId, SchemaRef, Schemas, Step},
    exchange::Routes,
    json_schema::{Failure, TOO_MUCH, Transit, Validator, Verdict, format, value::Value},
    rules::Proof,
    tree::NodeId,
};
use candidates::Pair;
pub(crate) use claims::Claim;
pub(crate) use message::{Endpoint, Endpoints};
use rustc_hash::FxHashMap;
use shared::{
    Witness,
    findings::{Direction, Header, Side},
};
use std::{collections::HashMap, rc::Rc};

/// Whose messages may be refused: clients keep to the base, the service to the revision.
pub(crate) const fn giver_of(direction: Direction) -> Side {
    match direction {
        Direction::Request => Side::Base,
        Direction::Response => Side::Revision,
    }
}

/// The way from a schema to the one that changed: each pair on it, with the step to the next.
pub(crate) type Route = Box<[(PairId, Step)]>;

/// Why there is no witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unproven {
    /// An example can't be made, written or checked, which says nothing about the change. The list is short and closed.
    Beyond(&'static str),
    /// Messages of this kind were made, and the other contract takes them: the change is risky at most.
    Doubtful(&'static str),
}

impl Unproven {
    pub(crate) const fn why(self) -> &'static str {
        match self {
            Self::Beyond(why) | Self::Doubtful(why) => why,
        }
    }
}

pub(crate) const NO_VALUE: Unproven =
    Unproven::Doubtful("no example was found that one of the two contracts accepts and the other rejects");
const TAKEN_ALL_THE_SAME: Unproven =
    Unproven::Doubtful("the other contract accepts the same message by another of its parts");
const UNDESCRIBED: Unproven = Unproven::Doubtful("a body that a contract doesn't describe may be ignored or rejected");
const NO_SAMPLE: Unproven = Unproven::Beyond("no example of what was accepted before could be made");
const NO_WAY: Unproven = Unproven::Beyond("an example inside of this keyword can't be put together");
const NO_MESSAGE: Unproven = Unproven::Beyond("no example of the rest of the message was found");
const TOO_LARGE: Unproven = Unproven::Beyond("the smallest example is too large to be read");
pub(crate) const TOO_MANY: Unproven =
    Unproven::Beyond("the findings before this one took the time that there is for examples");
const UNREAD: Unproven = Unproven::Beyond("in XML, readers skip names that they don't know rather than reject them");
const EXTENSION: Unproven = Unproven::Beyond("what an extension of OpenAPI says isn't checked");
const CHOSEN: Unproven = Unproven::Beyond("which schema a discriminator chooses isn't checked");
const UNCHECKED_FORMAT: Unproven = Unproven::Beyond("texts of this format aren't checked");
const INSIDE: Unproven = Unproven::Beyond("what is encoded inside of a string isn't checked");

/// Steps of the comparison's budget that a step of making or checking a value takes.
const COST: usize = 20;

/// Steps that the values of all kinds may take for one finding.
const MAX_POOL_STEPS: usize = 20_000;

/// Verdicts that are kept: what is asked again is asked soon.
const MAX_VERDICTS: usize = 2_000;

/// Finds witnesses.
pub(crate) struct Prover<'s, 'd> {
    schemas: &'s mut Schemas<'d>,
    base: Validator<'d>,
    revision: Validator<'d>,
    samples: FxHashMap<sample::Ask, Option<Rc<Value>>>,
    /// How deep it was when no sample was found: there is none from further inside, either.
    failed: FxHashMap<sample::Ask, usize>,
    /// What is known of values, by their JSON: neighbouring findings are proved with the same ones, and each value is
    /// looked at by itself, as a part and in its message.
    verdicts: HashMap<(Side, NodeId, Transit, String), Verdict>,
    /// Steps that checking has taken so far.
    checked: usize,
    /// Where addresses lead, made when the first message is read.
    routes: [Option<Rc<Routes>>; 2],
    budget: Budget,
}

impl<'s, 'd> Prover<'s, 'd> {
    pub(crate) fn new(schemas: &'s mut Schemas<'d>, budget: Budget) -> Self {
        let (base, revision) = (Validator::new(schemas.base.document), Validator::new(schemas.revision.document));
        let (samples, failed) = (FxHashMap::default(), FxHashMap::default());
        let (verdicts, routes) = (HashMap::new(), [None, None]);
        Self { schemas, base, revision, samples, failed, verdicts, checked: 0, routes, budget }
    }

    /// Whether there is time left for more.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.budget.left() == 0
    }

    fn spend(&self, work: usize) -> bool {
        self.budget.take(work.saturating_mul(COST))
    }

    fn document(&self, side: Side) -> &'d Document {
        self.schemas.document(side)
    }

    fn normalized(&mut self, target: SchemaRef) -> Rc<NormalizedSchema<'d>> {
        self.schemas.store(target.side).normalized(target.schema)
    }

    fn intern(&mut self, side: Side, node: NodeId) -> Conjunction {
        self.schemas.store(side).intern([node])
    }

    fn nodes(&mut self, target: SchemaRef) -> Rc<[NodeId]> {
        self.schemas.store(target.side).nodes(target.schema)
    }

    /// Whether a value fits a schema, by the letter.
    fn check(&mut self, target: SchemaRef, value: &Value, transit: Transit) -> Verdict {
        let nodes = self.nodes(target);
        let mut unknown = None;
        for node in nodes.iter() {
            match self.check_node(target.side, *node, value, transit) {
                Verdict::Fits => {}
                Verdict::Unknown(why) => unknown = Some(why),
                failure @ Verdict::Fails(_) => return failure,
            }
        }
        unknown.map_or(Verdict::Fits, Verdict::Unknown)
    }

    fn check_node(&mut self, side: Side, node: NodeId, value: &Value, transit: Transit) -> Verdict {
        if !self.spend(1 + value.size() / 8) {
            return Verdict::Unknown(TOO_MANY.why());
        }
        let asked = (side, node, transit, value.to_json());
        if let Some(known) = self.verdicts.get(&asked) {
            return known.clone();
        }
        let validator = match side {
            Side::Base => &mut self.base,
            Side::Revision => &mut self.revision,
        };
        let verdict = validator.check(node, value, transit);
        let steps = validator.spent();
        self.checked += steps;
        self.spend(steps);
        #[cfg(all(debug_assertions, feature = "independent"))]
        self.assert_agreement(side, node, value, transit, &verdict);
        if self.verdicts.len() >= MAX_VERDICTS {
            self.verdicts.clear();
        }
        self.verdicts.insert(asked, verdict.clone());
        verdict
    }

    /// Whatever is claimed in a build for debugging, a validator that isn't ours says the same.
    #[cfg(all(debug_assertions, feature = "independent"))]
    fn assert_agreement(&self, side: Side, node: NodeId, value: &Value, transit: Transit, verdict: &Verdict) {
        if transit.textual {
            return;
        }
        let Some(other) = crate::independent::fits(self.document(side), node, value, transit.direction) else { return };
        let agrees = match verdict {
            Verdict::Fits => other,
            Verdict::Fails(_) => !other,
            Verdict::Unknown(_) => true,
        };
        assert!(agrees, "{} against {}: {verdict:?}", value.to_json(), self.document(side).tree.pointer(node));
    }

    /// A value for the schemas at the start of a route that the change at its end makes unwelcome, and that shows where
    /// it is to be put.
    pub(crate) fn value(
        &mut self,
        change: &Change,
        route: &[(PairId, Step)],
        last: PairId,
        transit: Transit,
        shows: &dyn Fn(&Value) -> bool,
    ) -> Result<(Value, Failure), Unproven> {
        if change.rule.proof == Proof::Xml {
            return Err(UNREAD);
        }
        match change.evidence.keyword.as_deref() {
            Some("contentEncoding" | "contentMediaType" | "contentSchema") => return Err(INSIDE),
            Some("x-extensible-enum") => return Err(EXTENSION),
            Some("discriminator") => return Err(CHOSEN),
            _ => {}
        }
        let direction = transit.direction.unwrap_or(Direction::Request);
        let pair = self.pair_of(last, giver_of(direction));
        // Lists and objects in a URL hold texts; the schema is the same.
        let candidates = self.candidates(change, pair, transit);
        let none = if self.counts_beyond(change) { TOO_LARGE } else { NO_SAMPLE };
        let first = self.first_that_shows(candidates, (pair, last), route, transit, shows, (none, usize::MAX));
        let Err(reason @ (NO_VALUE | NO_SAMPLE | NO_MESSAGE | TAKEN_ALL_THE_SAME)) = first else { return first };
        let pool = self.pool(pair, transit);
        let shown = self.first_that_shows(pool, (pair, last), route, transit, shows, (reason, MAX_POOL_STEPS));
        match shown {
            Err(NO_VALUE) if self.is_of_unchecked_format(change, pair) => Err(UNCHECKED_FORMAT),
            shown => shown,
        }
    }

    /// Whether it is a format that decides, of those whose texts aren't looked at.
    fn is_of_unchecked_format(&mut self, change: &Change, pair: Pair) -> bool {
        let taken = self.normalized(pair.taker);
        let tree = &self.document(pair.taker.side).tree;
        let unchecked =
            |name: &str| format::keeps(name, "").is_none() && !format::INTEGERS.iter().any(|row| row.0 == name);
        change.evidence.keyword.as_deref() == Some("format")
            && taken.formats.iter().filter_map(|node| tree.as_str(*node)).any(unchecked)
    }

    /// The first of some values that one side takes and the other refuses, also as part of the whole.
    fn first_that_shows(
        &mut self,
        candidates: Vec<Value>,
        (pair, last): (Pair, PairId),
        route: &[(PairId, Step)],
        transit: Transit,
        shows: &dyn Fn(&Value) -> bool,
        (mut reason, steps): (Unproven, usize),
    ) -> Result<(Value, Failure), Unproven> {
        if !self.spend(candidates.iter().map(Value::size).sum::<usize>() / 8) {
            return Err(TOO_MANY);
        }
        let end = self.checked.saturating_add(steps);
        for candidate in candidates {
            if self.is_exhausted() {
                return Err(TOO_MANY);
            }
            if self.checked > end {
                return Err(Unproven::Beyond(TOO_MUCH));
            }
            if candidate.size() > sample::MAX_SIZE {
                reason = TOO_LARGE;
                continue;
            }
            match (self.check(pair.giver, &candidate, transit), self.check(pair.taker, &candidate, transit)) {
                (Verdict::Fits, Verdict::Fails(_)) => {}
                (Verdict::Fits, Verdict::Fits) if reason == NO_SAMPLE => {
                    reason = NO_VALUE;
                    continue;
                }
                // It will for the others, too.
                (Verdict::Unknown(TOO_MUCH), _) | (_, Verdict::Unknown(TOO_MUCH)) => {
                    return Err(Unproven::Beyond(TOO_MUCH));
                }
                (Verdict::Unknown(why), _) | (_, Verdict::Unknown(why)) if matches!(reason, NO_VALUE | NO_SAMPLE) => {
                    reason = Unproven::Beyond(why);
                    continue;
                }
                _ => continue,
            }
            let mut value = Ok(candidate);
            for (outer, step) in route.iter().rev() {
                let outer = self.pair_of(*outer, pair.giver.side);
                value = value.and_then(|inner| self.wrap(outer, step, inner, transit));
            }
            let root = self.pair_of(route.first().map_or(last, |(pair, _)| *pair), pair.giver.side);
            match value.and_then(|value| self.judge(root, value, transit)) {
                Ok(found) if shows(&found.0) => return Ok(found),
                Ok(_) => {}
                // It shows here what can't be shown outside: that stays the reason.
                Err(why) if matches!(reason, NO_VALUE | NO_SAMPLE | TAKEN_ALL_THE_SAME) => reason = why,
                Err(_) => {}
            }
        }
        Err(reason)
    }

    /// The schemas of a pair: whose messages may be refused, and who may refuse them.
    fn pair_of(&self, pair: PairId, giver: Side) -> Pair {
        let (base, revision) = self.schemas.sides(pair);
        let (base, revision) = (SchemaRef::new(Side::Base, base), SchemaRef::new(Side::Revision, revision));
        match giver {
            Side::Base => Pair { giver: base, taker: revision },
            Side::Revision => Pair { giver: revision, taker: base },
        }
    }

    /// Whether a length or a number of items is at stake that nobody would read.
    fn counts_beyond(&self, change: &Change) -> bool {
        let beyond = |document: &Document, node: Option<NodeId>| {
            let tree = &document.tree;
            let count = node.filter(|node| COUNTS.iter().any(|(keyword, _)| tree.key_of(*node) == Some(keyword)));
            let count = count.and_then(|node| tree.as_number(node)?.parse::<f64>().ok());
            count.is_some_and(|count| count >= sample::MAX_SIZE as f64)
        };
        beyond(self.schemas.base.document, change.base) || beyond(self.schemas.revision.document, change.revision)
    }

    fn judge(&mut self, pair: Pair, value: Value, transit: Transit) -> Result<(Value, Failure), Unproven> {
        match (self.check(pair.giver, &value, transit), self.check(pair.taker, &value, transit)) {
            (Verdict::Fits, Verdict::Fails(failure)) => Ok((value, failure)),
            (Verdict::Unknown(why), _) | (_, Verdict::Unknown(why)) => Err(Unproven::Beyond(why)),
            (Verdict::Fits, Verdict::Fits) => Err(TAKEN_ALL_THE_SAME),
            (Verdict::Fails(_), _) => Err(NO_MESSAGE),
        }
    }

    /// A value of the outer schema that holds the inner one at a step.
    fn wrap(&mut self, pair: Pair, step: &Step, inner: Value, transit: Transit) -> Result<Value, Unproven> {
        let plain = Transit { textual: false, ..transit };
        let (given, taken) = (self.normalized(pair.giver), self.normalized(pair.taker));
        let object = |prover: &mut Self| prover.object(pair.giver.side, &given, Some(&taken), plain, 0).ok_or(NO_VALUE);
        let with = |whole: Value, name: &str| {
            let mut whole = whole;
            whole.set(name, inner.clone());
            whole
        };
        Ok(match step {
            Step::Property(name) => with(object(self)?, name),
            Step::Additional => with(object(self)?, "extra"),
            Step::Items | Step::Keyword("contains") => {
                let tree = &self.document(pair.giver.side).tree;
                let least = given.counts[2].and_then(|node| tree.as_number(node)?.parse::<usize>().ok()).unwrap_or(0);
                if least > sample::MAX_SIZE {
                    return Err(TOO_LARGE);
                }
                Value::List(vec![inner; least.max(1)])
            }
            Step::Alternative(_) => sample::merged(object(self).ok().as_ref(), inner),
            Step::Member("patternProperties", pattern) => {
                let key = pattern::texts(pattern).into_iter().next().ok_or(NO_WAY)?;
                with(object(self)?, &key)
            }
            Step::Member("dependentSchemas", _) => inner,
            Step::Member("prefixItems", index) => {
                let index: usize = index.parse().map_err(|_| NO_WAY)?;
                let before = self.prefix(pair.giver.side, &given, index, plain).ok_or(NO_WAY)?;
                Value::List(before.into_iter().chain([inner]).collect())
            }
            Step::Keyword(_) | Step::Member(..) => return Err(NO_WAY),
        })
    }

    /// The items before one of `prefixItems`.
    fn prefix(
        &mut self,
        side: Side,
        normalized: &NormalizedSchema<'d>,
        count: usize,
        transit: Transit,
    ) -> Option<Vec<Value>> {
        let (_, list) = normalized.applicators.iter().find(|(key, _)| *key == "prefixItems")?;
        let nodes: Vec<NodeId> = self.document(side).tree.items(*list).iter().take(count.min(40)).copied().collect();
        let target = |prover: &mut Self, node| SchemaRef { side, schema: prover.intern(side, node) };
        nodes
            .into_iter()
            .map(|node| {
                let target = target(self, node);
                self.sample(target, None, transit)
            })
            .collect()
    }
}

/// The part of the document that a witness is about, with what is wrong there.
fn because(what: &str, failure: &Failure) -> String {
    let at =
        if failure.at.is_empty() { String::new() } else { format!(" at `{}`", crate::text::cut(&failure.at, 120)) };
    format!("{what}{at} {}.", failure.says)
}

/// A message that `giver` takes, with why the other refuses it.
fn witness(giver: Side, message: wire::Http, refusal: String) -> Witness {
    let wire::Http { start_line, headers, body } = message;
    let headers = headers.into_iter().map(|(name, value)| Header { name, value }).collect();
    Witness { accepted_by: giver, start_line, headers, body, refusal }
}
