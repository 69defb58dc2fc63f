//! Whether an operation takes a whole message.

use super::{
    Prover, SchemaRef, Side, TOO_MANY, UNDESCRIBED, Unproven, because,
    message::{Endpoint, Request, Response},
    wire::Http,
};
use crate::{
    compare::{
        operations::endpoint,
        parameters::{Serialization, is_elsewhere, structured, value_schema},
        schema::Medium,
        security::alternatives,
    },
    document::Document,
    exchange::{Arrived, Routes, Wanted, covers, essence, readings, written_types},
    json_schema::{Transit, Verdict, value::Value},
    tree::NodeId,
};
use shared::findings::Direction;
use std::{collections::HashSet, rc::Rc};

const UNSEEN: Unproven =
    Unproven::Beyond("a message doesn't show by which scheme, or for which scopes, a credential was given");

#[derive(Debug)]
pub(super) enum Acceptance {
    Accepted,
    /// And why, in a sentence.
    Rejected(String),
    Unknown(Unproven),
}

/// A parameter of an operation.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) node: NodeId,
    pub(super) location: String,
    pub(super) name: String,
    pub(super) index: Option<usize>,
    pub(super) required: bool,
}

impl Parameter {
    /// Path parameters are told apart by their place, headers whatever their case.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.is(&other.location, &other.name, other.index)
    }

    fn is(&self, location: &str, name: &str, index: Option<usize>) -> bool {
        self.location == location
            && match (self.index, index) {
                (Some(own), Some(other)) => own == other,
                _ if location == "header" => self.name.eq_ignore_ascii_case(name),
                _ => self.name == name,
            }
    }
}

/// An operation's parameters, those of its path included; without those headers that OpenAPI has described elsewhere.
pub(super) fn parameters(document: &Document, end: &Endpoint) -> Vec<Parameter> {
    let tree = &document.tree;
    let of = |node: NodeId| tree.get(node, "parameters").map(|list| tree.items(list)).unwrap_or_default();
    let places: Vec<&str> =
        end.address.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect();
    let mut known = HashSet::new();
    let mut all = Vec::new();
    for node in of(end.node).iter().chain(end.item.map(of).unwrap_or_default()) {
        let node = document.references.resolve(*node);
        let text = |key| tree.text_of(node, key).unwrap_or_default();
        let (location, name) = (text("in"), text("name"));
        if is_elsewhere(location, name) || !known.insert((location, name)) {
            continue;
        }
        let index = (location == "path").then(|| places.iter().position(|place| *place == name)).flatten();
        let required = location == "path" || tree.flag(node, "required");
        all.push(Parameter { node, location: location.to_owned(), name: name.to_owned(), index, required });
    }
    all
}

/// The media type object for a body: by its name, by its range, or by any.
pub(super) fn find_media(document: &Document, body: NodeId, name: &str) -> Option<NodeId> {
    let content = document.tree.get(body, "content")?;
    let name = essence(name);
    let family = name.split_once('/').map_or_else(String::new, |(kind, _)| format!("{kind}/*"));
    let find = |wanted: &str| {
        let found = document.tree.entries(content).find(|(written, _)| essence(written) == wanted);
        found.map(|(_, node)| document.references.resolve(node))
    };
    find(&name).or_else(|| find(&family)).or_else(|| find("*/*"))
}

/// Whether scalars in a body of this media type are spelled as text.
pub(super) fn is_textual(media_type: &str) -> bool {
    Medium::of_body(&essence(media_type)) != Medium::Typed
}

/// The response for a status: by the number, by its range, or by default.
pub(super) fn find_response(document: &Document, operation: NodeId, status: u16) -> Option<NodeId> {
    let responses = document.tree.get(operation, "responses")?;
    let find = |wanted: &str| {
        let found = document.tree.entries(responses).find(|(written, _)| written.eq_ignore_ascii_case(wanted));
        found.map(|(_, node)| document.references.resolve(node))
    };
    find(&status.to_string()).or_else(|| find(&format!("{}XX", status / 100))).or_else(|| find("default"))
}

/// A response's headers but for `Content-Type`, which its media types describe.
pub(super) fn headers(document: &Document, response: NodeId) -> Vec<(String, NodeId)> {
    let map = document.tree.get(response, "headers").into_iter().flat_map(|map| document.tree.entries(map));
    map.filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"))
        .map(|(name, node)| (name.to_owned(), document.references.resolve(node)))
        .collect()
}

/// Why a part of a multipart body isn't accepted, by the media type that it is sent as.
fn refused_part(document: &Document, media: NodeId, parts: &[(String, String)]) -> Option<String> {
    let refused = |(part, media_type): &(String, String)| {
        let types = written_types(document, media, part).filter(|types| !covers(types, media_type))?;
        let (part, types) = (crate::text::cut(part, 60), crate::text::cut(types, 120));
        Some(format!("The part `{part}` must be of the media type {types}."))
    };
    parts.iter().find_map(refused)
}

impl Prover<'_, '_> {
    pub(super) fn judge_request(
        &mut self,
        side: Side,
        end: Option<&Endpoint>,
        request: &Request,
        direction: Direction,
    ) -> Acceptance {
        let document = self.document(side);
        let Some(end) = end else { return Acceptance::Rejected("There is no such operation.".to_owned()) };
        let mut unknown = None;
        for parameter in parameters(document, end) {
            let what = format!("The {} parameter `{}`", parameter.location, crate::text::cut(&parameter.name, 60));
            let argument = request.arguments.iter().find(|a| parameter.is(&a.location, &a.name, a.index));
            let Some(argument) = argument else {
                if parameter.required {
                    return Acceptance::Rejected(format!("{what} is required."));
                }
                continue;
            };
            let serialization = Serialization::of(document, parameter.node, &parameter.location);
            if !serialization.reads(&argument.serialization, &argument.value) {
                return Acceptance::Rejected(format!("{what} must be written in another way."));
            }
            match self.judge_value((side, parameter.node), &argument.value, &serialization, direction) {
                Verdict::Fits => {}
                Verdict::Fails(failure) => return Acceptance::Rejected(because(&what, &failure)),
                Verdict::Unknown(why) => unknown = Some(Unproven::Beyond(why)),
            }
        }
        self.judge_rest(side, end, request, direction, unknown)
    }

    /// What a request has besides its parameters.
    fn judge_rest(
        &mut self,
        side: Side,
        end: &Endpoint,
        request: &Request,
        direction: Direction,
        mut unknown: Option<Unproven>,
    ) -> Acceptance {
        let document = self.document(side);
        match self.judge_body(side, end, request, direction) {
            Acceptance::Accepted => {}
            Acceptance::Unknown(why) => unknown = Some(why),
            refusal @ Acceptance::Rejected(_) => return refusal,
        }
        if let Some(credentials) = &request.credentials {
            let needed = alternatives(document, self.document(side.other()), end.node);
            if !needed.iter().any(|needed| credentials.suffices_for(needed)) {
                if !needed.iter().any(|needed| credentials.looks_like(needed)) {
                    return Acceptance::Rejected("It asks for other credentials.".to_owned());
                }
                unknown = Some(UNSEEN);
            }
        }
        unknown.map_or(Acceptance::Accepted, Acceptance::Unknown)
    }

    /// Judges a request as it arrives: what its address leads to, and what its texts can mean there. None where it leads
    /// to no operation, or to the one that has been asked already and says the same.
    pub(super) fn judge_arrived(
        &mut self,
        side: Side,
        known: Option<&Endpoint>,
        request: &Request,
        message: &Http,
        direction: Direction,
    ) -> Option<Acceptance> {
        let document = self.document(side);
        let (method, rest) = message.start_line.split_once(' ')?;
        let target = rest.strip_suffix(" HTTP/1.1")?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let routes = self.routes(side);
        if !self.spend(1 + path.len() / 8 + message.headers.len() + routes.len() / 16) {
            return Some(Acceptance::Unknown(TOO_MANY));
        }
        let mut doubt = None;
        for routed in routes.find(document, method, path) {
            let operation = &document.operations[routed.operation];
            let end = endpoint(operation);
            let mut arrived = Arrived::new(query, &message.headers);
            arrived.path = routed.values;
            let is_known = known.is_some_and(|known| known.node == end.node);
            match self.judge_readings((side, &end, is_known), &arrived, request, direction) {
                Acceptance::Accepted => return Some(Acceptance::Accepted),
                Acceptance::Unknown(why) if !is_known => {
                    doubt = Some(Acceptance::Unknown(why));
                }
                Acceptance::Unknown(_) | Acceptance::Rejected(_) => {}
            }
        }
        doubt
    }

    fn judge_readings(
        &mut self,
        (side, end, is_known): (Side, &Endpoint, bool),
        arrived: &Arrived,
        request: &Request,
        direction: Direction,
    ) -> Acceptance {
        let document = self.document(side);
        let parameters = parameters(document, end);
        let mut unknown = None;
        for parameter in &parameters {
            let Parameter { node, location, name, .. } = parameter;
            let serialization = Serialization::of(document, *node, location);
            let object = structured(document, *node).object;
            let others = parameters.iter().filter(|other| other.location == *location && other.name != *name);
            let others: Vec<&str> = others.map(|other| other.name.as_str()).collect();
            let wanted = Wanted { location, name, serialization: &serialization, object, others: &others };
            let mut found = readings(arrived, wanted);
            // What is read as another value than was meant is as good as rejected. What another operation's template
            // makes of the path is for that to say.
            let meant = request.arguments.iter().find(|a| parameter.is(&a.location, &a.name, a.index));
            if let Some(meant) = meant.filter(|_| is_known || location != "path") {
                found.retain(|value| value.is_spelled_like(&meant.value));
                if found.is_empty() {
                    return Acceptance::Rejected(String::new());
                }
            }
            if found.is_empty() {
                if parameter.required && location != "querystring" {
                    return Acceptance::Rejected(String::new());
                }
                continue;
            }
            let mut fits = false;
            let mut open = None;
            for value in &found {
                match self.judge_value((side, *node), value, &serialization, direction) {
                    Verdict::Fits => fits = true,
                    Verdict::Unknown(why) => open = Some(Unproven::Beyond(why)),
                    Verdict::Fails(_) => {}
                }
            }
            match open {
                _ if fits => {}
                Some(why) => unknown = Some(why),
                None => return Acceptance::Rejected(String::new()),
            }
        }
        self.judge_rest(side, end, request, direction, unknown)
    }

    pub(super) fn routes(&mut self, side: Side) -> Rc<Routes> {
        let document = self.document(side);
        let known = &mut self.routes[usize::from(side == Side::Revision)];
        Rc::clone(known.get_or_insert_with(|| Rc::new(Routes::new(document))))
    }

    fn judge_value(
        &mut self,
        (side, node): (Side, NodeId),
        value: &Value,
        serialization: &Serialization,
        direction: Direction,
    ) -> Verdict {
        let Some(schema) = value_schema(self.document(side), node).1 else { return Verdict::Fits };
        let schema = self.intern(side, schema);
        let transit = Transit { direction: Some(direction), textual: serialization.media_type.is_none() };
        self.check(SchemaRef { side, schema }, value, transit)
    }

    fn judge_body(&mut self, side: Side, end: &Endpoint, request: &Request, direction: Direction) -> Acceptance {
        let document = self.document(side);
        match (document.get(end.node, "requestBody"), &request.body) {
            (None, None) => Acceptance::Accepted,
            (None, Some(_)) => Acceptance::Unknown(UNDESCRIBED),
            (Some(body), None) if document.tree.flag(body, "required") => {
                Acceptance::Rejected("A request body is required.".to_owned())
            }
            (Some(_), None) => Acceptance::Accepted,
            (Some(body), Some((media_type, value))) => {
                let refusal = find_media(document, body, media_type)
                    .and_then(|media| refused_part(document, media, &request.parts))
                    .map(Acceptance::Rejected);
                refusal.unwrap_or_else(|| self.judge_content((side, body), media_type, value, direction))
            }
        }
    }

    fn judge_content(&mut self, (side, body): (Side, NodeId), name: &str, value: &Value, way: Direction) -> Acceptance {
        let document = self.document(side);
        let Some(media) = find_media(document, body, name) else {
            if document.tree.get(body, "content").is_none_or(|content| document.tree.members(content).is_empty()) {
                // Clients get no body; what a service does with one that it didn't describe is its own affair.
                return match way {
                    Direction::Response => Acceptance::Rejected("It describes no body.".to_owned()),
                    Direction::Request => Acceptance::Unknown(UNDESCRIBED),
                };
            }
            return Acceptance::Rejected(format!("It doesn't know the media type {}.", crate::text::cut(name, 60)));
        };
        let schema = document.tree.get(media, "schema").or_else(|| document.tree.get(media, "itemSchema"));
        let Some(schema) = schema else { return Acceptance::Accepted };
        let schema = self.intern(side, schema);
        let transit = Transit { direction: Some(way), textual: is_textual(name) };
        match self.check(SchemaRef { side, schema }, value, transit) {
            Verdict::Fits => Acceptance::Accepted,
            Verdict::Fails(failure) => Acceptance::Rejected(because("The body", &failure)),
            Verdict::Unknown(why) => Acceptance::Unknown(Unproven::Beyond(why)),
        }
    }

    pub(super) fn judge_response(
        &mut self,
        side: Side,
        end: Option<&Endpoint>,
        response: &Response,
        direction: Direction,
    ) -> Acceptance {
        let document = self.document(side);
        let Some(end) = end else { return Acceptance::Rejected("There is no such operation.".to_owned()) };
        let Some(node) = find_response(document, end.node, response.status) else {
            return Acceptance::Rejected(format!("It doesn't list the status {}.", response.status));
        };
        let mut unknown = None;
        for (name, header) in headers(document, node) {
            let what = format!("The header `{}`", crate::text::cut(&name, 60));
            match response.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(&name)) {
                None if document.tree.flag(header, "required") => {
                    return Acceptance::Rejected(format!("{what} is always there."));
                }
                None => {}
                Some((_, value)) => {
                    let serialization = Serialization::of(document, header, "header");
                    match self.judge_value((side, header), value, &serialization, direction) {
                        Verdict::Fits => {}
                        Verdict::Fails(failure) => return Acceptance::Rejected(because(&what, &failure)),
                        Verdict::Unknown(why) => unknown = Some(Unproven::Beyond(why)),
                    }
                }
            }
        }
        if let Some((media_type, value)) = &response.body {
            match self.judge_content((side, node), media_type, value, direction) {
                Acceptance::Accepted => {}
                Acceptance::Unknown(why) => unknown = Some(why),
                refusal @ Acceptance::Rejected(_) => return refusal,
            }
        }
        unknown.map_or(Acceptance::Accepted, Acceptance::Unknown)
    }
}
