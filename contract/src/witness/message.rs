//! Whole messages: the least that one side's operation takes or answers, with the part in it that matters.

use super::{
    NO_MESSAGE, Prover, SchemaRef, Side, Unproven, because,
    judge::{Acceptance, find_media, find_response, headers, is_textual, parameters},
    wire, witness,
};
use crate::{
    compare::{
        parameters::{Serialization, value_schema},
        security::{Alternative, alternatives},
    },
    document::Document,
    exchange::{covers, essence, listed, written_types},
    json_schema::{Failure, Transit, value::Value},
    tree::NodeId,
};
use shared::{Witness, findings::Direction};

/// An operation as one of the documents has it.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) method: String,
    /// A path template; a callback's expression or a webhook's name where the service sends the request.
    pub(crate) address: String,
    /// The path item, where its parameters count.
    pub(crate) item: Option<NodeId>,
    pub(crate) node: NodeId,
}

/// Both sides' operation, where they have it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Endpoints {
    pub(crate) base: Option<Endpoint>,
    pub(crate) revision: Option<Endpoint>,
}

impl Endpoints {
    pub(super) const fn get(&self, side: Side) -> Option<&Endpoint> {
        match side {
            Side::Base => self.base.as_ref(),
            Side::Revision => self.revision.as_ref(),
        }
    }
}

/// What a request has besides the least.
#[derive(Debug, Clone)]
pub(crate) enum RequestPart {
    Nothing,
    /// A parameter by location and name, with a value or any.
    Parameter(String, String, Option<Value>),
    /// A body of this media type, or of the only one, with a value or any.
    Body(Option<String>, Option<Value>),
    /// A multipart body of this media type with this part, sent as a media type that only the giver lists.
    Part(String, String),
    /// What this alternative of the giver's security requirements asks for.
    Credentials(NodeId),
}

/// What a response is, and has besides the least.
#[derive(Debug, Clone)]
pub(crate) struct ResponsePart {
    /// As the document has it: `200`, `4XX`, `default`.
    pub(crate) status: String,
    pub(crate) media_type: Option<String>,
    pub(crate) body: Option<Value>,
    /// A header's name and value.
    pub(crate) header: Option<(String, Value)>,
}

/// A parameter with its value.
#[derive(Debug)]
pub(super) struct Argument {
    pub(super) location: String,
    pub(super) name: String,
    /// Its place among the path template's parameters.
    pub(super) index: Option<usize>,
    pub(super) value: Value,
    pub(super) serialization: Serialization,
}

/// Parameters, responses and media types of an operation whose messages are made.
const MAX_LISTED: usize = 1_000;

#[derive(Debug)]
pub(super) struct Request {
    pub(super) arguments: Vec<Argument>,
    /// The media type as written, and the value.
    pub(super) body: Option<(String, Value)>,
    /// The media types that the parts of a multipart body are sent as, where an encoding says it.
    pub(super) parts: Vec<(String, String)>,
    pub(super) credentials: Option<Alternative>,
}

#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, Value)>,
    pub(super) body: Option<(String, Value)>,
}

impl<'d> Prover<'_, 'd> {
    /// A request that one side takes and the other refuses. What the value of a schema is refused for is known already;
    /// for other parts it is what the judge says.
    pub(crate) fn request(
        &mut self,
        giver: Side,
        ends: &Endpoints,
        part: &RequestPart,
        known: Option<&Failure>,
    ) -> Result<Witness, Unproven> {
        let end = ends.get(giver).ok_or(NO_MESSAGE)?;
        let direction = if giver == Side::Base { Direction::Request } else { Direction::Response };
        let request = self.build_request(giver, ends, part, direction)?;
        if let Acceptance::Rejected(_) | Acceptance::Unknown(_) =
            self.judge_request(giver, Some(end), &request, direction)
        {
            return Err(NO_MESSAGE);
        }
        match self.judge_request(giver.other(), ends.get(giver.other()), &request, direction) {
            Acceptance::Accepted => Err(super::TAKEN_ALL_THE_SAME),
            Acceptance::Unknown(why) => Err(why),
            Acceptance::Rejected(why) => {
                let why = match (known, part) {
                    (Some(failure), RequestPart::Body(..)) => because("The body", failure),
                    _ => why,
                };
                let message = wire::request(self.document(giver), end, &request)?;
                if end.address.starts_with('/') {
                    let (side, known) = (giver.other(), ends.get(giver.other()));
                    match self.judge_arrived(side, known, &request, &message, direction) {
                        Some(Acceptance::Accepted) => {
                            let other = matches!(part, RequestPart::Nothing)
                                .then(|| self.uncovered(giver, ends, &message))
                                .flatten();
                            return other.ok_or(super::TAKEN_ALL_THE_SAME);
                        }
                        Some(Acceptance::Unknown(why)) => return Err(why),
                        Some(Acceptance::Rejected(_)) | None => {}
                    }
                }
                Ok(witness(giver, message, why))
            }
        }
    }

    /// Whether there is time for messages of an operation: each goes through all that it lists, and operations share
    /// lists of any length by reference.
    pub(super) fn afford(&mut self, ends: &Endpoints) -> Result<(), Unproven> {
        let size = |side: Side| -> Option<usize> {
            let (document, end) = (self.document(side), ends.get(side)?);
            let count = |node: Option<NodeId>, key| {
                let list = node.and_then(|node| document.tree.get(node, key));
                list.map_or(0, |list| document.tree.items(list).len() + document.tree.members(list).len())
            };
            let node = Some(end.node);
            let own = count(node, "parameters") + count(end.item, "parameters") + count(node, "responses");
            Some(own + count(node, "security") + count(document.get(end.node, "requestBody"), "content"))
        };
        let sizes = [Side::Base, Side::Revision].map(|side| size(side).unwrap_or(0));
        if sizes.iter().any(|size| *size > MAX_LISTED) {
            return Err(super::TOO_LARGE);
        }
        if self.spend(1 + sizes[0] + sizes[1]) { Ok(()) } else { Err(super::TOO_MANY) }
    }

    fn build_request(
        &mut self,
        giver: Side,
        ends: &Endpoints,
        part: &RequestPart,
        direction: Direction,
    ) -> Result<Request, Unproven> {
        let document = self.document(giver);
        let end = ends.get(giver).ok_or(NO_MESSAGE)?;
        let others = ends.get(giver.other()).map(|end| parameters(self.document(giver.other()), end));
        let mut arguments = Vec::new();
        for parameter in parameters(document, end) {
            let (wanted, value) = match part {
                RequestPart::Parameter(location, name, value)
                    if *location == parameter.location && *name == parameter.name =>
                {
                    (true, value.clone())
                }
                _ => (false, None),
            };
            if !wanted && !parameter.required {
                continue;
            }
            let other = others.iter().flatten().find(|other| other.is_same(&parameter)).map(|other| other.node);
            let serialization = Serialization::of(document, parameter.node, &parameter.location);
            let value = match value {
                Some(value) => value,
                None => self.argument((giver, parameter.node), other, &serialization, direction, wanted)?,
            };
            let super::judge::Parameter { location, name, index, .. } = parameter;
            arguments.push(Argument { location, name, index, value, serialization });
        }
        let body = self.build_body(giver, ends, part, direction)?;
        let parts = body.as_ref().map(|body| self.parts(giver, ends, part, body)).unwrap_or_default();
        let credentials = match direction {
            Direction::Request => self.credentials(giver, ends, part),
            // The service doesn't show who it is to those whom it calls.
            Direction::Response => None,
        };
        Ok(Request { arguments, body, parts, credentials })
    }

    /// A value for a parameter or header, as it is spelled there.
    fn argument(
        &mut self,
        (giver, node): (Side, NodeId),
        other: Option<NodeId>,
        serialization: &Serialization,
        direction: Direction,
        several: bool,
    ) -> Result<Value, Unproven> {
        let transit = Transit { direction: Some(direction), textual: serialization.media_type.is_none() };
        let Some(schema) = value_schema(self.document(giver), node).1 else { return Ok(Value::text("text")) };
        let other = other.and_then(|other| value_schema(self.document(giver.other()), other).1);
        let other = other.map(|other| self.intern(giver.other(), other));
        let own = SchemaRef { side: giver, schema: self.intern(giver, schema) };
        let value = self.sample(own, other, transit).ok_or(NO_MESSAGE)?;
        match value {
            // An empty list leaves no trace in a URL, and how a list is written shows from two items on.
            Value::List(items) if transit.textual && (items.is_empty() || several && items.len() < 2) => {
                let normalized = self.normalized(own);
                let item = match normalized.items {
                    Some((schema, _)) => {
                        self.sample(SchemaRef { side: giver, schema }, None, transit).ok_or(NO_MESSAGE)?
                    }
                    None => Value::text("text"),
                };
                Ok(Value::List(if several { vec![item.clone(), item] } else { vec![item] }))
            }
            // Nor does an object without members.
            Value::Object(members) if transit.textual && members.is_empty() => {
                let normalized = self.normalized(own);
                let first = normalized.properties.first().map(|(name, schema, _)| ((*name).to_owned(), *schema));
                let Some((name, schema)) = first else { return Ok(Value::Object(members)) };
                let value = self.sample(SchemaRef::new(giver, schema), None, transit).ok_or(NO_MESSAGE)?;
                Ok(Value::Object(vec![(name, value)]))
            }
            value => Ok(value),
        }
    }

    fn build_body(
        &mut self,
        giver: Side,
        ends: &Endpoints,
        part: &RequestPart,
        direction: Direction,
    ) -> Result<Option<(String, Value)>, Unproven> {
        let document = self.document(giver);
        let end = ends.get(giver).ok_or(NO_MESSAGE)?;
        let Some(body) = document.get(end.node, "requestBody") else { return Ok(None) };
        let (name, value) = match part {
            RequestPart::Body(Some(name), value) => (name.clone(), value.clone()),
            RequestPart::Body(None, value) => {
                (media_types(document, end).into_iter().next().ok_or(NO_MESSAGE)?, value.clone())
            }
            RequestPart::Part(name, _) => (name.clone(), None),
            _ if document.tree.flag(body, "required") => {
                // Of several, one that both sides know.
                let theirs = ends.get(giver.other()).map(|end| media_types(self.document(giver.other()), end));
                let own = media_types(document, end);
                let known = |name: &&String| theirs.iter().flatten().any(|other| essence(other) == essence(name));
                let Some(name) = own.iter().find(known).or(own.first()) else { return Ok(None) };
                (name.clone(), None)
            }
            _ => return Ok(None),
        };
        let media = find_media(document, body, &name).ok_or(NO_MESSAGE)?;
        let value = match value {
            Some(value) => value,
            None => {
                let other = ends.get(giver.other()).and_then(|end| {
                    let document = self.document(giver.other());
                    find_media(document, document.get(end.node, "requestBody")?, &name)
                });
                let mut value = self.content((giver, media), other, &name, direction)?;
                if let RequestPart::Part(_, part) = part
                    && value.get(part).is_none()
                {
                    let member = self.member((giver, media), part, &name, direction).ok_or(NO_MESSAGE)?;
                    value.set(part, member);
                }
                value
            }
        };
        Ok(Some((name, value)))
    }

    /// A value for a member that a body need not have.
    fn member(
        &mut self,
        (giver, media): (Side, NodeId),
        name: &str,
        media_type: &str,
        direction: Direction,
    ) -> Option<Value> {
        let transit = Transit { direction: Some(direction), textual: is_flat(media_type) };
        let schema = self.document(giver).tree.get(media, "schema")?;
        let own = SchemaRef { side: giver, schema: self.intern(giver, schema) };
        let normalized = self.normalized(own);
        let (_, schema, _) = normalized.properties.iter().find(|(own, ..)| *own == name)?;
        self.sample(SchemaRef::new(giver, *schema), None, transit)
    }

    /// The media types of a multipart body's parts: those that the giver's encoding lists, and if it leaves a choice, one
    /// that the other side takes as well, but for the part that matters.
    fn parts(
        &self,
        giver: Side,
        ends: &Endpoints,
        part: &RequestPart,
        (media_type, value): &(String, Value),
    ) -> Vec<(String, String)> {
        let media = |side: Side| {
            let document = self.document(side);
            let body = document.get(ends.get(side)?.node, "requestBody")?;
            Some((document, find_media(document, body, media_type)?))
        };
        let (Some((document, own)), Value::Object(members)) = (media(giver), value) else { return Vec::new() };
        if !essence(media_type).starts_with("multipart/") {
            return Vec::new();
        }
        let other = media(giver.other());
        let chosen = |(name, _): &(String, Value)| {
            let theirs = other.and_then(|(document, media)| written_types(document, media, name));
            let matters = matches!(part, RequestPart::Part(_, part) if part == name);
            let known = |media_type: &String| theirs.is_none_or(|theirs| covers(theirs, media_type)) != matters;
            let types: Vec<String> = listed(written_types(document, own, name)?).collect();
            let concrete = || types.iter().filter(|name| !name.contains('*'));
            let chosen = concrete().find(|name| known(name)).or_else(|| concrete().next())?;
            Some((name.clone(), chosen.clone()))
        };
        members.iter().filter_map(chosen).collect()
    }

    /// A value for a media type.
    fn content(
        &mut self,
        (giver, media): (Side, NodeId),
        other: Option<NodeId>,
        name: &str,
        direction: Direction,
    ) -> Result<Value, Unproven> {
        let transit = Transit { direction: Some(direction), textual: is_flat(name) };
        let schema = |document: &Document, node: NodeId| document.tree.get(node, "schema");
        let Some(own) = schema(self.document(giver), media) else { return Ok(Value::text("text")) };
        let other = other.and_then(|other| schema(self.document(giver.other()), other));
        let other = other.map(|other| self.intern(giver.other(), other));
        let own = SchemaRef { side: giver, schema: self.intern(giver, own) };
        self.sample(own, other, transit).ok_or(NO_MESSAGE)
    }

    /// What the giver asks for; if it leaves a choice, something that the other side lets in as well.
    fn credentials(&mut self, giver: Side, ends: &Endpoints, part: &RequestPart) -> Option<Alternative> {
        let (document, other) = (self.document(giver), self.document(giver.other()));
        let mut own = alternatives(document, other, ends.get(giver)?.node);
        let wanted = match part {
            RequestPart::Credentials(node) => own.iter().position(|alternative| alternative.node == *node),
            _ => {
                let theirs = ends.get(giver.other()).map(|end| alternatives(other, document, end.node));
                own.iter().position(|own| theirs.iter().flatten().any(|their| own.suffices_for(their)))
            }
        };
        (!own.is_empty()).then(|| own.swap_remove(wanted.unwrap_or(0)))
    }

    /// A response that one side may give and the other doesn't know.
    pub(crate) fn response(
        &mut self,
        giver: Side,
        ends: &Endpoints,
        part: &ResponsePart,
        direction: Direction,
        known: Option<&Failure>,
    ) -> Result<Witness, Unproven> {
        let response = self.build_response(giver, ends, part, direction)?;
        let own = self.judge_response(giver, ends.get(giver), &response, direction);
        if !matches!(own, Acceptance::Accepted) {
            return Err(NO_MESSAGE);
        }
        match self.judge_response(giver.other(), ends.get(giver.other()), &response, direction) {
            Acceptance::Accepted => Err(super::TAKEN_ALL_THE_SAME),
            Acceptance::Unknown(why) => Err(why),
            Acceptance::Rejected(why) => {
                let why = match known.filter(|_| part.header.is_none()) {
                    Some(failure) => because("The body", failure),
                    None => why,
                };
                Ok(witness(giver, wire::response(&response)?, why))
            }
        }
    }

    fn build_response(
        &mut self,
        giver: Side,
        ends: &Endpoints,
        part: &ResponsePart,
        direction: Direction,
    ) -> Result<Response, Unproven> {
        let document = self.document(giver);
        let taken: Vec<u16> = ends
            .get(giver)
            .and_then(|end| document.tree.get(end.node, "responses"))
            .into_iter()
            .flat_map(|map| document.tree.entries(map))
            .filter_map(|(status, _)| status.parse().ok())
            .collect();
        let status = wire::status(&part.status, &taken).ok_or(NO_MESSAGE)?;
        let end = ends.get(giver).ok_or(NO_MESSAGE)?;
        let own = find_response(document, end.node, status).ok_or(NO_MESSAGE)?;
        let others = self.document(giver.other());
        let counterpart = ends.get(giver.other()).and_then(|end| find_response(others, end.node, status));
        let mut written = Vec::new();
        for (name, node) in headers(document, own) {
            if let Some((wanted, value)) = &part.header
                && wanted.eq_ignore_ascii_case(&name)
            {
                written.push((name, value.clone()));
            } else if document.tree.flag(node, "required") {
                let mut theirs = counterpart.map(|response| headers(others, response)).into_iter().flatten();
                let other = theirs.find(|(other, _)| other.eq_ignore_ascii_case(&name)).map(|(_, node)| node);
                let serialization = Serialization::of(document, node, "header");
                let value = self.argument((giver, node), other, &serialization, direction, false)?;
                written.push((name, value));
            }
        }
        let content = document.tree.get(own, "content").and_then(|map| document.tree.entries(map).next());
        let name = part.media_type.clone().or_else(|| content.map(|(name, _)| name.to_owned()));
        let body = match name {
            None => None,
            Some(name) => {
                let media = find_media(document, own, &name).ok_or(NO_MESSAGE)?;
                let value = match &part.body {
                    Some(value) => value.clone(),
                    None => {
                        let other = counterpart.and_then(|response| find_media(others, response, &name));
                        self.content((giver, media), other, &name, direction)?
                    }
                };
                Some((name, value))
            }
        };
        Ok(Response { status, headers: written, body })
    }
}

/// Whether a body of this media type has texts only. The parts of a multipart one may be JSON, each by itself.
fn is_flat(media_type: &str) -> bool {
    is_textual(media_type) && !essence(media_type).starts_with("multipart/")
}

/// The media types that an operation's request may have, as written.
fn media_types(document: &Document, end: &Endpoint) -> Vec<String> {
    let content = document.get(end.node, "requestBody").and_then(|body| document.tree.get(body, "content"));
    content.into_iter().flat_map(|map| document.tree.entries(map)).map(|(name, _)| name.to_owned()).collect()
}
