//! Whether an operation takes a whole message.

use super::{
    Half, Prover, Which, because,
    message::{Endpoint, Request, Response},
    wire::essence,
};
use crate::{
    compare::{
        parameters::{Spelling, is_elsewhere, value_schema},
        schema::Medium,
        security::alternatives,
    },
    document::Document,
    tree::NodeId,
    validate::{Travel, Verdict, value::Value},
};
use shared::findings::Direction;
use std::collections::HashSet;

#[derive(Debug)]
pub(super) enum Judgement {
    Takes,
    /// And why, in a sentence.
    Refuses(String),
    Unknown(&'static str),
}

/// A parameter of an operation.
#[derive(Debug)]
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

impl Prover<'_, '_> {
    pub(super) fn judge_request(
        &mut self,
        which: Which,
        end: Option<&Endpoint>,
        request: &Request,
        direction: Direction,
    ) -> Judgement {
        let document = self.document(which);
        let Some(end) = end else { return Judgement::Refuses("There is no such operation.".to_owned()) };
        let mut unknown = None;
        for parameter in parameters(document, end) {
            let what = format!("The {} parameter `{}`", parameter.location, crate::text::cut(&parameter.name, 60));
            let argument = request.arguments.iter().find(|a| parameter.is(&a.location, &a.name, a.index));
            let Some(argument) = argument else {
                if parameter.required {
                    return Judgement::Refuses(format!("{what} is required."));
                }
                continue;
            };
            let spelling = Spelling::of(document, parameter.node, &parameter.location);
            if !spelling.reads(&argument.spelling, &argument.value) {
                return Judgement::Refuses(format!("{what} must be written in another way."));
            }
            match self.judge_value((which, parameter.node), &argument.value, &spelling, direction) {
                Verdict::Fits => {}
                Verdict::Fails(failure) => return Judgement::Refuses(because(&what, &failure)),
                Verdict::Unknown(why) => unknown = Some(why),
            }
        }
        match self.judge_body(which, end, request, direction) {
            Judgement::Takes => {}
            Judgement::Unknown(why) => unknown = Some(why),
            refusal @ Judgement::Refuses(_) => return refusal,
        }
        if let Some(credentials) = &request.credentials {
            let needed = alternatives(document, self.document(which.other()), end.node);
            if !needed.iter().any(|needed| credentials.suffices_for(needed)) {
                if !needed.iter().any(|needed| credentials.looks_like(needed)) {
                    return Judgement::Refuses("It asks for other credentials.".to_owned());
                }
                unknown = Some("a message doesn't show by which scheme, or for which scopes, a credential was given");
            }
        }
        unknown.map_or(Judgement::Takes, Judgement::Unknown)
    }

    fn judge_value(
        &mut self,
        (which, node): (Which, NodeId),
        value: &Value,
        spelling: &Spelling,
        direction: Direction,
    ) -> Verdict {
        let Some(schema) = value_schema(self.document(which), node).1 else { return Verdict::Fits };
        let schema = self.intern(which, schema);
        let travel = Travel { direction: Some(direction), textual: spelling.media_type.is_none() };
        self.check(Half { which, schema }, value, travel)
    }

    fn judge_body(&mut self, which: Which, end: &Endpoint, request: &Request, direction: Direction) -> Judgement {
        let document = self.document(which);
        match (document.get(end.node, "requestBody"), &request.body) {
            (None, None) => Judgement::Takes,
            (None, Some(_)) => {
                Judgement::Unknown("a body that the contract doesn't describe may be ignored or refused")
            }
            (Some(body), None) if document.tree.flag(body, "required") => {
                Judgement::Refuses("A request body is required.".to_owned())
            }
            (Some(_), None) => Judgement::Takes,
            (Some(body), Some((media_type, value))) => self.judge_content((which, body), media_type, value, direction),
        }
    }

    fn judge_content(
        &mut self,
        (which, body): (Which, NodeId),
        name: &str,
        value: &Value,
        way: Direction,
    ) -> Judgement {
        let document = self.document(which);
        let Some(media) = find_media(document, body, name) else {
            if document.tree.get(body, "content").is_none_or(|content| document.tree.members(content).is_empty()) {
                return Judgement::Unknown("a body that the contract doesn't describe may be ignored or refused");
            }
            return Judgement::Refuses(format!("It doesn't know the media type {}.", crate::text::cut(name, 60)));
        };
        let Some(schema) = document.tree.get(media, "schema") else { return Judgement::Takes };
        let schema = self.intern(which, schema);
        let travel = Travel { direction: Some(way), textual: is_textual(name) };
        match self.check(Half { which, schema }, value, travel) {
            Verdict::Fits => Judgement::Takes,
            Verdict::Fails(failure) => Judgement::Refuses(because("The body", &failure)),
            Verdict::Unknown(why) => Judgement::Unknown(why),
        }
    }

    pub(super) fn judge_response(
        &mut self,
        which: Which,
        end: Option<&Endpoint>,
        response: &Response,
        direction: Direction,
    ) -> Judgement {
        let document = self.document(which);
        let Some(end) = end else { return Judgement::Refuses("There is no such operation.".to_owned()) };
        let Some(node) = find_response(document, end.node, response.status) else {
            return Judgement::Refuses(format!("It doesn't list the status {}.", response.status));
        };
        let mut unknown = None;
        for (name, header) in headers(document, node) {
            let what = format!("The header `{}`", crate::text::cut(&name, 60));
            match response.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(&name)) {
                None if document.tree.flag(header, "required") => {
                    return Judgement::Refuses(format!("{what} is always there."));
                }
                None => {}
                Some((_, value)) => {
                    let spelling = Spelling::of(document, header, "header");
                    match self.judge_value((which, header), value, &spelling, direction) {
                        Verdict::Fits => {}
                        Verdict::Fails(failure) => return Judgement::Refuses(because(&what, &failure)),
                        Verdict::Unknown(why) => unknown = Some(why),
                    }
                }
            }
        }
        if let Some((media_type, value)) = &response.body {
            match self.judge_content((which, node), media_type, value, direction) {
                Judgement::Takes => {}
                Judgement::Unknown(why) => unknown = Some(why),
                refusal @ Judgement::Refuses(_) => return refusal,
            }
        }
        unknown.map_or(Judgement::Takes, Judgement::Unknown)
    }
}
