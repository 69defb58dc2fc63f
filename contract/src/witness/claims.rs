//! What a finding claims about messages, to be proved when all of them are known.

use super::{
    Endpoints, NO_MESSAGE, Prover, Route, Side, Unproven, giver_of,
    message::{RequestPart, ResponsePart},
};
use crate::{
    compare::{
        collect::{Root, Where},
        schema::{Medium, PairId},
    },
    document::Document,
    json_schema::{Transit, value::Value},
    rules::{Proof, RuleId},
    tree::NodeId,
};
use shared::{Witness, findings::Direction};
use std::rc::Rc;

const TOO_DEEP: Unproven = Unproven::Beyond("it is nested too deeply for an example that can be read");
const IN_A_FORM: Unproven = Unproven::Beyond("the parts of a form can be written in several ways");
const NO_MESSAGE_SHOWS_IT: Unproven = Unproven::Beyond("it is about more than a single message can show");

/// Something to be shown by a message.
#[derive(Debug)]
pub(crate) enum Claim {
    /// A change in a schema that a root reaches: by this route, in this pair, the change with this index.
    Schema {
        root: usize,
        last: PairId,
        change: usize,
        route: Option<Route>,
    },
    Request {
        giver: Side,
        ends: Rc<Endpoints>,
        part: RequestPart,
    },
    Response {
        giver: Side,
        direction: Direction,
        ends: Rc<Endpoints>,
        part: ResponsePart,
    },
    /// There is nothing to show.
    None,
}

impl Claim {
    /// What a finding about an operation claims, by its rule and its places.
    pub(crate) fn of_rule(
        rule: RuleId,
        base: &Document,
        ends: &Rc<Endpoints>,
        direction: Option<Direction>,
        places: (Option<NodeId>, Option<NodeId>),
    ) -> Self {
        let tree = &base.tree;
        let giver = giver_of(direction.unwrap_or(Direction::Request));
        let request = |part| Self::Request { giver, ends: Rc::clone(ends), part };
        let text = |node: NodeId, key| tree.text_of(base.references.resolve(node), key).map(str::to_owned);
        let proof = rule.proof;
        let Some(node) = places.0 else {
            return if proof == Proof::Request { request(RequestPart::Nothing) } else { Self::None };
        };
        let body = || request(RequestPart::Body(tree.key_of(node).map(str::to_owned), None));
        let parameter =
            |location: String| request(RequestPart::Parameter(location, text(node, "name").unwrap_or_default(), None));
        match proof {
            Proof::Request => request(RequestPart::Nothing),
            Proof::Parameter => text(node, "in").map_or(Self::None, parameter),
            Proof::RequestSchema => text(node, "in").map_or_else(body, parameter),
            Proof::RequestBody => body(),
            Proof::Part => {
                let media = tree.node(tree.node(node).parent).parent;
                let names = tree.key_of(media).zip(tree.key_of(node));
                names.map_or(Self::None, |(media_type, part)| {
                    request(RequestPart::Part(media_type.to_owned(), part.to_owned()))
                })
            }
            Proof::Credentials => request(RequestPart::Credentials(node)),
            Proof::Status => {
                let status = tree.key_of(node).unwrap_or_default().to_owned();
                Self::response(Side::Base, ends, status, None)
            }
            Proof::ResponseMediaType => {
                let holds = |response: NodeId| {
                    let content = tree.get(response, "content");
                    content.is_some_and(|content| {
                        tree.entries(content).take(MAX_RESPONSES).any(|(_, media)| media == node)
                    })
                };
                let name = tree.key_of(node).map(str::to_owned);
                status_of(base, ends, holds).map_or(Self::None, |status| Self::response(Side::Base, ends, status, name))
            }
            Proof::ResponseHeader => {
                let holds = |response: NodeId| {
                    let map = tree.get(response, "headers").into_iter().flat_map(|map| tree.entries(map));
                    map.take(MAX_RESPONSES).any(|(_, header)| base.references.resolve(header) == node)
                };
                status_of(base, ends, holds)
                    .map_or(Self::None, |status| Self::response(Side::Revision, ends, status, None))
            }
            Proof::None
            | Proof::Type
            | Proof::Null
            | Proof::Values
            | Proof::Bounds
            | Proof::Pattern
            | Proof::Additional
            | Proof::Alternatives
            | Proof::Xml
            | Proof::Constraint => Self::None,
        }
    }

    fn response(giver: Side, ends: &Rc<Endpoints>, status: String, media_type: Option<String>) -> Self {
        let part = ResponsePart { status, media_type, body: None, header: None };
        let direction = Direction::Response;
        Self::Response { giver, direction, ends: Rc::clone(ends), part }
    }
}

/// Responses, media types and headers that are looked through for one.
const MAX_RESPONSES: usize = 100;

/// The status of the base's response that a predicate holds for.
fn status_of(base: &Document, ends: &Endpoints, holds: impl Fn(NodeId) -> bool) -> Option<String> {
    let responses = base.tree.get(ends.base.as_ref()?.node, "responses")?;
    // Longer lists have no messages made for them; see `afford`.
    let mut entries = base.tree.entries(responses).take(MAX_RESPONSES);
    entries.find(|(_, node)| holds(base.references.resolve(*node))).map(|(status, _)| status.to_owned())
}

/// Whether a value is seen in a URL, a header or a form: lists and objects without anything in them are not.
fn leaves_trace(value: &Value) -> bool {
    match value {
        Value::List(items) => !items.is_empty() && items.iter().all(leaves_trace),
        Value::Object(members) => !members.is_empty() && members.iter().all(|(_, value)| leaves_trace(value)),
        _ => true,
    }
}

impl Prover<'_, '_> {
    /// A message that shows what is claimed, or why there is none.
    pub(crate) fn prove(&mut self, claim: &Claim, roots: &[Root]) -> Result<Witness, Unproven> {
        if self.is_exhausted() {
            return Err(super::TOO_MANY);
        }
        match claim {
            Claim::None => Err(NO_MESSAGE_SHOWS_IT),
            Claim::Request { giver, ends, part } => {
                self.afford(ends)?;
                self.request(*giver, ends, part, None)
            }
            Claim::Response { giver, direction, ends, part } => {
                self.afford(ends)?;
                self.response(*giver, ends, part, *direction, None)
            }
            Claim::Schema { route: None, .. } => Err(TOO_DEEP),
            Claim::Schema { root, last, change, route: Some(route) } => {
                self.afford(&roots[*root].ends)?;
                self.schema(&roots[*root], *last, *change, route)
            }
        }
    }

    fn schema(&mut self, root: &Root, last: PairId, change: usize, route: &Route) -> Result<Witness, Unproven> {
        let Some(change) = self.schemas.change(last, change) else { return Err(NO_MESSAGE) };
        let mode = self.schemas.mode(root.pair);
        let transit = Transit { direction: Some(mode.direction), textual: mode.medium != Medium::Typed };
        let shows = |value: &Value| match &root.place {
            Where::Parameter { location, .. } if location == "path" => leaves_trace(value) && *value != Value::text(""),
            Where::Parameter { .. } | Where::Header { .. } => !transit.textual || leaves_trace(value),
            Where::RequestBody { .. } | Where::Response { .. } => match value {
                Value::Object(members) if transit.textual => members.iter().all(|(_, value)| leaves_trace(value)),
                _ => true,
            },
        };
        let body = matches!(root.place, Where::RequestBody { .. } | Where::Response { .. });
        let (value, failure) = self.value(&change, route, last, transit, &shows).map_err(|reason| match reason {
            Unproven::Doubtful(_) if body && transit.textual => IN_A_FORM,
            other => other,
        })?;
        let giver = giver_of(mode.direction);
        let ends = &root.ends;
        match &root.place {
            Where::Parameter { location, name } => {
                let (location, name) = self.given_name(giver, ends, location, name);
                self.request(giver, ends, &RequestPart::Parameter(location, name, Some(value)), Some(&failure))
            }
            Where::RequestBody { media_type } => {
                self.request(giver, ends, &RequestPart::Body(media_type.told().cloned(), Some(value)), Some(&failure))
            }
            Where::Response { status, media_type } => {
                let (status, media_type) = (status.clone(), media_type.told().cloned());
                let part = ResponsePart { status, media_type, body: Some(value), header: None };
                self.response(giver, ends, &part, mode.direction, Some(&failure))
            }
            Where::Header { status, name } => {
                let (status, header) = (status.clone(), Some((name.clone(), value)));
                let part = ResponsePart { status, media_type: None, body: None, header };
                self.response(giver, ends, &part, mode.direction, Some(&failure))
            }
        }
    }

    /// The base may call a path parameter by another name than the revision, by which places are named.
    fn given_name(&self, giver: Side, ends: &Endpoints, location: &str, name: &str) -> (String, String) {
        let of = |side: Side| ends.get(side).map(|end| super::judge::parameters(self.document(side), end));
        let named = of(Side::Revision).into_iter().flatten().find(|p| p.location == location && p.name == name);
        let own = named.and_then(|named| of(giver).into_iter().flatten().find(|own| own.is_same(&named)));
        own.map_or_else(|| (location.to_owned(), name.to_owned()), |own| (own.location, own.name))
    }
}
