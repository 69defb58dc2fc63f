//! Request bodies, responses, their headers and media types.

use super::{Comparison, Places, Scope, at_level, collect::Where, parameters::value_schema, value::canonical};
use crate::{document::Document, tree::NodeId};
use shared::Level;
use std::collections::BTreeSet;

/// A media type as written, as compared, and its node.
struct Media<'d> {
    written: &'d str,
    name: String,
    node: NodeId,
}

/// Media types without regard to case, spaces and the order of parameters.
fn content(document: &Document, node: NodeId) -> Vec<Media<'_>> {
    let entries = document.tree.get(node, "content").into_iter().flat_map(|map| document.tree.entries(map));
    let media = |(written, node): (&'_ str, NodeId)| {
        let mut parts = written.split(';').map(|part| part.trim().to_lowercase());
        let kind = parts.next().unwrap_or_default();
        // UTF-8 is what JSON is anyway.
        let parameters: BTreeSet<String> = parts.filter(|part| part != "charset=utf-8").collect();
        let name = parameters.iter().fold(kind, |name, parameter| format!("{name}; {parameter}"));
        (name, node)
    };
    entries
        .map(|(written, node)| {
            let (name, node) = media((written, node));
            Media { written, name, node }
        })
        .collect()
}

/// The new media type with the old one's structure: `application/problem+json` for `application/json`.
fn specialized<'a, 'd>(media: &Media<'d>, before: &[Media<'d>], after: &'a [Media<'d>]) -> Option<&'a Media<'d>> {
    let (kind, structure) = media.name.split_once('/')?;
    after.iter().find(|other| {
        let fits = other.name.split_once('/').is_some_and(|(other_kind, name)| {
            let suffix = name.split(';').next().and_then(|name| name.rsplit_once('+'));
            kind == other_kind && suffix.is_some_and(|(_, suffix)| suffix == structure)
        });
        fits && !before.iter().any(|known| known.name == other.name)
    })
}

impl Comparison<'_> {
    pub(super) fn request_body(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        let direction = Some(scope.direction(true));
        let (old, new) = (self.base_get(base, "requestBody"), self.revision_get(revision, "requestBody"));
        let required = |document: &Document, node| document.tree.flag(node, "required");
        let subject = format!("The request body{}", scope.prefix);
        match (old, new) {
            (None, None) => {}
            (None, Some(new)) => {
                let (rule, says) = if required(self.revision, new) {
                    ("required-request-body-added", "is new and required")
                } else {
                    ("optional-request-body-added", "is new and optional")
                };
                self.add(rule, Some(scope), direction, format!("{subject} {says}."), (Some(base), Some(new)));
            }
            (Some(old), None) => {
                let message = format!("{subject} was removed: what clients send in it is lost or refused.");
                self.add("request-body-removed", Some(scope), direction, message, (Some(old), Some(revision)));
            }
            (Some(old), Some(new)) => {
                match (required(self.base, old), required(self.revision, new)) {
                    (false, true) => {
                        let message = format!("{subject} was optional and is now required.");
                        self.add(
                            "request-body-became-required",
                            Some(scope),
                            direction,
                            message,
                            (Some(old), Some(new)),
                        );
                    }
                    (true, false) => {
                        let message = format!("{subject} is no longer required.");
                        self.add(
                            "request-body-became-optional",
                            Some(scope),
                            direction,
                            message,
                            (Some(old), Some(new)),
                        );
                    }
                    _ => {}
                }
                self.content(scope, true, old, new, |media_type| Where::RequestBody { media_type });
            }
        }
    }

    /// The media types of a body and their schemas.
    fn content(
        &mut self,
        scope: &Scope,
        request: bool,
        old: NodeId,
        new: NodeId,
        place: impl Fn(Option<String>) -> Where,
    ) {
        let (before, after) = (content(self.base, old), content(self.revision, new));
        let direction = scope.direction(request);
        let subject = super::collect::upper_first(&place(None).to_string());
        let pick = |request_rule, response_rule| scope.mode(request, false).pick(request_rule, response_rule);
        // With one media type on both sides, saying which is noise.
        let several = before.len().max(after.len()) > 1;
        let mut specializations = Vec::new();
        for media in &before {
            if let Some(other) = after.iter().find(|other| other.name == media.name) {
                let place = place(several.then(|| other.name.clone()));
                self.media_type(scope, request, place, media.node, other.node);
                continue;
            }
            if let Some(other) = specialized(media, &before, &after).filter(|_| pick("a", "b") == "b") {
                let message = format!("{subject}{} was {} and is now {}.", scope.prefix, media.written, other.written);
                let places = (Some(media.node), Some(other.node));
                self.add("response-media-type-specialized", Some(scope), Some(direction), message, places);
                self.media_type(scope, request, place(several.then(|| other.name.clone())), media.node, other.node);
                specializations.push(other.node);
                continue;
            }
            let rule = pick("request-media-type-removed", "response-media-type-removed");
            let message = format!("{subject}{} no longer comes as {}.", scope.prefix, media.written);
            let message = if pick("a", "b") == "a" {
                message.replace("no longer comes as", "is no longer taken as")
            } else {
                message
            };
            self.add(rule, Some(scope), Some(direction), message, (Some(media.node), Some(new)));
        }
        let known = |media: &&Media<'_>| {
            before.iter().any(|other| other.name == media.name) || specializations.contains(&media.node)
        };
        for media in after.iter().filter(|media| !known(media)) {
            let rule = pick("request-media-type-added", "response-media-type-added");
            let message = format!("{subject}{} may be {} as well.", scope.prefix, media.written);
            self.add(rule, Some(scope), Some(direction), message, (Some(old), Some(media.node)));
        }
    }

    fn media_type(&mut self, scope: &Scope, request: bool, place: Where, old: NodeId, new: NodeId) {
        let (b, r) = (self.base.tree.get(old, "schema"), self.revision.tree.get(new, "schema"));
        let mode = scope.mode(request, false);
        let direction = Some(mode.direction);
        let subject = format!("{}{}", super::collect::upper_first(&place.to_string()), scope.prefix);
        match (b, r) {
            (Some(b), Some(r)) => self.compare_schemas(scope, place, mode, b, r),
            (None, Some(r)) => {
                let rule = mode.pick("request-schema-added", "response-schema-added");
                let message = format!("{subject} has a schema now; before, it could be anything.");
                self.add(rule, Some(scope), direction, message, (Some(old), Some(r)));
            }
            (Some(b), None) => {
                let rule = mode.pick("request-schema-removed", "response-schema-removed");
                let message = format!("{subject} has no schema any more: it may be anything.");
                self.add(rule, Some(scope), direction, message, (Some(b), Some(new)));
            }
            (None, None) => {}
        }
        let encoding = (self.base.tree.get(old, "encoding"), self.revision.tree.get(new, "encoding"));
        let text =
            (encoding.0.map(|n| canonical(&self.base.tree, n)), encoding.1.map(|n| canonical(&self.revision.tree, n)));
        if text.0 != text.1 {
            let places = (encoding.0.or(Some(old)), encoding.1.or(Some(new)));
            let message = format!("{subject} has its parts encoded in another way now.");
            self.add("encoding-changed", Some(scope), direction, message, places);
        }
    }

    pub(super) fn responses(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        let (old, new) = (self.base.tree.get(base, "responses"), self.revision.tree.get(revision, "responses"));
        let statuses = |document: &Document, node: Option<NodeId>| -> Vec<(String, NodeId)> {
            let entries = node.into_iter().flat_map(|node| document.tree.entries(node));
            entries
                .filter(|(status, _)| !status.starts_with("x-"))
                .map(|(status, node)| (status.to_uppercase().replace("DEFAULT", "default"), node))
                .collect()
        };
        let (before, after) = (statuses(self.base, old), statuses(self.revision, new));
        let find =
            |list: &[(String, NodeId)], status: &str| list.iter().find(|(other, _)| other == status).map(|(_, n)| *n);
        for (status, node) in &before {
            // A status that isn't named any more may still be covered by its range or by the default.
            let range = status.chars().next().map(|digit| format!("{digit}XX")).unwrap_or_default();
            let covered = find(&after, status).or_else(|| find(&after, &range));
            let covered = covered.or_else(|| if is_success(status) { None } else { find(&after, "default") });
            match covered {
                Some(other) => self.response(scope, status, *node, other),
                None => self.response_removed(scope, status, *node, new.unwrap_or(revision)),
            }
        }
        for (status, node) in after.iter().filter(|(status, _)| find(&before, status).is_none()) {
            let rule = if is_success(status) { "success-response-added" } else { "response-added" };
            let message = format!("The {status} response{} is new.", scope.prefix);
            let places = (old.or(Some(base)), Some(*node));
            self.add(rule, Some(scope), Some(scope.direction(false)), message, places);
        }
    }

    fn response_removed(&mut self, scope: &Scope, status: &str, node: NodeId, at: NodeId) {
        let rule = if is_success(status) { "success-response-removed" } else { "response-removed" };
        let message = format!("The {status} response{} was removed.", scope.prefix);
        self.add(rule, Some(scope), Some(scope.direction(false)), message, (Some(node), Some(at)));
    }

    fn response(&mut self, scope: &Scope, status: &str, old: NodeId, new: NodeId) {
        let (old, new) = (self.base.references.resolve(old), self.revision.references.resolve(new));
        self.headers(scope, status, old, new);
        self.content(scope, false, old, new, |media_type| Where::Response { status: status.to_owned(), media_type });
    }

    fn headers(&mut self, scope: &Scope, status: &str, old: NodeId, new: NodeId) {
        // `Content-Type` is described by the media types.
        let headers = |document: &Document, node: NodeId| -> Vec<(String, NodeId)> {
            let entries = document.tree.get(node, "headers").into_iter().flat_map(|map| document.tree.entries(map));
            entries
                .filter(|(name, _)| !name.eq_ignore_ascii_case("content-type"))
                .map(|(name, node)| (name.to_owned(), document.references.resolve(node)))
                .collect()
        };
        let (before, after) = (headers(self.base, old), headers(self.revision, new));
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        for (name, header) in &before {
            let required = self.base.tree.flag(*header, "required");
            let subject = format!("The header `{name}` of the {status} response{}", scope.prefix);
            match after.iter().find(|(other, _)| same(other, name)) {
                Some((_, other)) => self.header(scope, status, name, (*header, *other)),
                None if required => {
                    let message = format!("{subject} was removed; clients were promised that it is there.");
                    self.header_finding("response-required-header-removed", scope, message, (Some(*header), Some(new)));
                }
                None => {
                    let message = format!("{subject} was removed; it was optional, but clients may rely on it.");
                    self.header_finding("response-header-removed", scope, message, (Some(*header), Some(new)));
                }
            }
        }
        for (name, header) in after.iter().filter(|(name, _)| !before.iter().any(|(other, _)| same(other, name))) {
            let message = format!("The header `{name}` of the {status} response{} is new.", scope.prefix);
            self.header_finding("response-header-added", scope, message, (Some(old), Some(*header)));
        }
    }

    fn header_finding(&mut self, rule: &'static str, scope: &Scope, message: String, places: Places) {
        let direction = scope.direction(false);
        let finding = self.add(rule, Some(scope), Some(direction), message, places);
        if scope.reversed && finding.level == Level::Breaking {
            // There the client answers: what it leaves out or adds is judged by the service's leniency.
            at_level(finding, Level::Risky);
        }
    }

    fn header(&mut self, scope: &Scope, status: &str, name: &str, (old, new): (NodeId, NodeId)) {
        let subject = format!("The header `{name}` of the {status} response{}", scope.prefix);
        match (self.base.tree.flag(old, "required"), self.revision.tree.flag(new, "required")) {
            (true, false) => {
                let message = format!("{subject} may now be missing; clients were promised that it is there.");
                self.header_finding("response-header-became-optional", scope, message, (Some(old), Some(new)));
            }
            (false, true) => {
                let message = format!("{subject} is always there now.");
                self.header_finding("response-header-became-required", scope, message, (Some(old), Some(new)));
            }
            _ => {}
        }
        let (b, r) = (value_schema(self.base, old), value_schema(self.revision, new));
        if let (Some(before), Some(after)) = (b.1, r.1) {
            let place = Where::Header { status: status.to_owned(), name: name.to_owned() };
            self.compare_schemas(scope, place, scope.mode(false, b.0.is_none() && r.0.is_none()), before, after);
        }
    }
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}
