//! Request bodies, responses, their headers and media types.

use super::{
    Comparison, Places, Scope,
    collect::{MediaType, Where},
    evidence::{About, Evidence, Fact},
    findings::quoted,
    lifecycle::Names,
    media::unnamed,
    parameters::{structured, value_schema},
    schema::Medium,
};
use crate::{
    document::Document,
    rules::{self, RuleId},
    sort,
    tree::NodeId,
};
use shared::{Level, Subject, subject::Part};
use std::collections::{HashMap, HashSet};

/// A media type as written, with all of its parameters, as compared, and its node.
pub(super) struct Media<'d> {
    written: &'d str,
    full: String,
    pub(super) name: String,
    node: NodeId,
}

/// Media types without regard to case, spaces and the order of parameters.
fn content<'d>(document: &'d Document, node: NodeId) -> Vec<Media<'d>> {
    let entries = document.tree.get(node, "content").into_iter().flat_map(|map| document.tree.entries(map));
    let media = |(written, node): (&'d str, NodeId)| {
        let mut parts = written.split(';').map(|part| part.trim().to_lowercase());
        let kind = parts.next().unwrap_or_default();
        // `charset="utf-8"` is `charset=utf-8` (RFC 9110, section 8.3.1).
        let parameters = sort::set(parts.map(|part| part.replace('"', "")));
        let all = |name: String, parameter: &String| format!("{name}; {parameter}");
        let full = parameters.iter().fold(kind.clone(), all);
        // UTF-8 is what JSON is anyway.
        let name = parameters.iter().filter(|part| *part != "charset=utf-8").fold(kind, all);
        Media { written, full, name, node: document.references.resolve(node) }
    };
    entries.map(media).collect()
}

/// The new media types by what they specialize: `application/problem+json` under `application/json`, and either under
/// `application/*`.
fn special<'a, 'd>(had: &HashSet<&str>, after: &'a [Media<'d>]) -> HashMap<String, Vec<&'a Media<'d>>> {
    let mut special: HashMap<String, Vec<&'a Media<'d>>> = HashMap::new();
    for media in after.iter().filter(|media| !had.contains(media.name.as_str())) {
        let Some((kind, name)) = media.name.split_once('/') else { continue };
        if let Some((_, suffix)) = name.split(';').next().and_then(|name| name.rsplit_once('+')) {
            special.entry(format!("{kind}/{suffix}")).or_default().push(media);
        }
        // What was promised was any of the range.
        special.entry(format!("{kind}/*")).or_default().push(media);
        special.entry("*/*".to_owned()).or_default().push(media);
    }
    special
}

/// The media type or range that covers a media type: the same without parameters, `application/*` or `*/*`.
fn covering<'a, 'd>(have: &HashMap<&str, &'a Media<'d>>, name: &str) -> Option<&'a Media<'d>> {
    let kind = name.split(';').next().unwrap_or_default();
    let range = format!("{}/*", kind.split('/').next().unwrap_or_default());
    [kind, &range, "*/*"].into_iter().find_map(|name| have.get(name)).copied()
}

/// Where a name first stands in a list.
fn first(list: &[(String, NodeId)]) -> HashMap<&str, NodeId> {
    let mut map = HashMap::new();
    for (name, node) in list {
        map.entry(name.as_str()).or_insert(*node);
    }
    map
}

impl Comparison<'_> {
    /// Whether there is room to compare the maps that two nodes have under a key.
    pub(super) fn has_room(&mut self, base: NodeId, revision: NodeId, key: &str) -> bool {
        let size =
            |document: &Document, node| document.tree.get(node, key).map_or(0, |n| document.tree.members(n).len());
        self.spend(size(self.base, base) + size(self.revision, revision))
    }

    pub(super) fn request_body(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        let direction = Some(scope.direction(true));
        let (old, new) = (self.base_get(base, "requestBody"), self.revision_get(revision, "requestBody"));
        let required = |document: &Document, node| document.tree.flag(node, "required");
        let (rule, level, places) = match (old, new) {
            (None, None) => return,
            (None, Some(new)) => {
                let required = required(self.revision, new);
                let rule =
                    if required { rules::REQUIRED_REQUEST_BODY_ADDED } else { rules::OPTIONAL_REQUEST_BODY_ADDED };
                // A callback's receiver needn't read what it didn't ask for.
                (rule, Level::Safe, (Some(base), Some(new)))
            }
            (Some(old), None) => (rules::REQUEST_BODY_REMOVED, Level::Breaking, (Some(old), Some(revision))),
            (Some(old), Some(new)) => {
                self.content(scope, true, old, new, |media_type| Where::RequestBody { media_type });
                let places = (Some(old), Some(new));
                match (required(self.base, old), required(self.revision, new)) {
                    (false, true) => (rules::REQUEST_BODY_BECAME_REQUIRED, Level::Safe, places),
                    (true, false) => (rules::REQUEST_BODY_BECAME_OPTIONAL, Level::Breaking, places),
                    _ => return,
                }
            }
        };
        // What the service sends itself, in callbacks and webhooks, is judged the other way around.
        let level = if scope.reversed() { level } else { rule.level };
        let about = (scope.subject(Part::RequestBody), Evidence::none());
        self.add_at(level, rule, Some(scope), direction, about, places);
    }

    /// The media types of a body and their schemas.
    fn content(&mut self, scope: &Scope, request: bool, old: NodeId, new: NodeId, place: impl Fn(MediaType) -> Where) {
        if !self.has_room(old, new, "content") {
            return;
        }
        let (before, after) = (content(self.base, old), content(self.revision, new));
        if before.is_empty() == after.is_empty() && (unnamed(self.base, &before) || unnamed(self.revision, &after)) {
            for (media, other) in before.iter().flat_map(|media| after.iter().map(move |other| (media, other))) {
                let medium = Medium::of_body(if media.name == "*/*" { &other.name } else { &media.name });
                self.media_type(scope, (request, medium), &place(MediaType::default()), media.node, other.node);
            }
            return;
        }
        let had: HashSet<&str> = before.iter().map(|media| media.name.as_str()).collect();
        let full: HashMap<&str, &Media<'_>> = after.iter().map(|media| (media.full.as_str(), media)).collect();
        // Of several with one name, the one with the fewest parameters, in whatever order they stand.
        let mut have: HashMap<&str, &Media<'_>> = HashMap::new();
        for media in &after {
            let stays = have.entry(media.name.as_str()).or_insert(media);
            if media.full < stays.full {
                *stays = media;
            }
        }
        let ranges: HashMap<&str, &Media<'_>> = before
            .iter()
            .filter(|media| media.name.ends_with("/*"))
            .map(|media| (media.name.as_str(), media))
            .collect();
        let direction = scope.direction(request);
        let about = |was: Option<&Media<'_>>, is: Option<&Media<'_>>| {
            let fact = |media: Option<&Media<'_>>| Fact::text(media.map(|media| media.written));
            let names = |media: Option<&Media<'_>>| media.map_or("", |media| media.name.as_str()).to_owned();
            let evidence = Evidence::of("content", fact(was), fact(is));
            let subject = scope.within.place(place(MediaType::default()).subject());
            (subject, evidence.identity(format!("{}\n{}", names(was), names(is))))
        };
        let pick = |request_rule, response_rule| scope.mode(request, Medium::Typed).pick(request_rule, response_rule);
        // With one media type on both sides, saying which is noise.
        let several = before.len().max(after.len()) > 1;
        let special = special(&had, &after);
        let (mut specializations, mut matched) = (HashSet::new(), HashSet::new());
        for media in &before {
            if let Some(other) = full.get(media.full.as_str()).or_else(|| have.get(media.name.as_str())) {
                matched.insert(other.node);
                let place = place(named(&other.name, several));
                let medium = Medium::of_body(&other.name);
                self.media_type(scope, (request, medium), &place, media.node, other.node);
                continue;
            }
            let others = special.get(media.name.as_str()).filter(|_| !request);
            for other in others.into_iter().flatten() {
                let about = about(Some(media), Some(other));
                let places = (Some(media.node), Some(other.node));
                // One of a range was promised; a name that nobody was told is another matter.
                let rule = rules::RESPONSE_MEDIA_TYPE_SPECIALIZED;
                let level = if media.name.ends_with("/*") { Level::Safe } else { rule.level };
                self.add_at(level, rule, Some(scope), Some(direction), about, places);
                self.media_type(
                    scope,
                    (request, Medium::of_body(&other.name)),
                    &place(named(&other.name, several)),
                    media.node,
                    other.node,
                );
                specializations.insert(other.node);
            }
            if others.is_some() {
                continue;
            }
            if let Some(other) = covering(&have, &media.name).filter(|_| request) {
                // A range that is still taken covers it.
                let place = place(named(&media.name, several));
                self.media_type(scope, (request, Medium::of_body(&media.name)), &place, media.node, other.node);
                continue;
            }
            let rule = pick(rules::REQUEST_MEDIA_TYPE_REMOVED, rules::RESPONSE_MEDIA_TYPE_REMOVED);
            self.add(rule, Some(scope), Some(direction), about(Some(media), None), (Some(media.node), Some(new)));
        }
        let known = |media: &&Media<'_>| matched.contains(&media.node) || specializations.contains(&media.node);
        let by_name: HashMap<&str, &Media<'_>> = before.iter().map(|media| (media.name.as_str(), media)).collect();
        for media in after.iter().filter(|media| !known(media)) {
            if let Some(same) = by_name.get(media.name.as_str()) {
                // The same once more: what it was holds for both.
                let place = place(named(&media.name, true));
                self.media_type(scope, (request, Medium::of_body(&media.name)), &place, same.node, media.node);
                continue;
            }
            // A range covered it before, and gives way to what is more specific.
            if let Some(range) = covering(&ranges, &media.name) {
                let place = place(named(&media.name, true));
                self.media_type(scope, (request, Medium::of_body(&media.name)), &place, range.node, media.node);
            }
            let rule = pick(rules::REQUEST_MEDIA_TYPE_ADDED, rules::RESPONSE_MEDIA_TYPE_ADDED);
            self.add(rule, Some(scope), Some(direction), about(None, Some(media)), (Some(old), Some(media.node)));
        }
    }

    pub(super) fn responses(&mut self, scope: &Scope, base: NodeId, revision: NodeId) {
        let (old, new) = (self.base.tree.get(base, "responses"), self.revision.tree.get(revision, "responses"));
        if !self.has_room(base, revision, "responses") {
            return;
        }
        let statuses = |document: &Document, node: Option<NodeId>| -> Vec<(String, NodeId)> {
            let entries = node.into_iter().flat_map(|node| document.tree.entries(node));
            entries
                .filter(|(status, _)| !status.starts_with("x-"))
                .map(|(status, node)| (status.to_uppercase().replace("DEFAULT", "default"), node))
                .collect()
        };
        let (before, after) = (statuses(self.base, old), statuses(self.revision, new));
        let (had, have) = (first(&before), first(&after));
        let find = |map: &HashMap<&str, NodeId>, status: &str| map.get(status).copied();
        for (status, node) in &before {
            // A status that isn't named any more may still be covered by its range or by the default.
            let range = status.chars().next().map(|digit| format!("{digit}XX")).unwrap_or_default();
            let covered = find(&have, status).or_else(|| find(&have, &range));
            let covered = covered.or_else(|| if is_success(status) { None } else { find(&have, "default") });
            match covered {
                Some(other) => self.response(scope, status, *node, other),
                // Any status of the range was promised; now it is one of those.
                None if after.iter().any(|(other, _)| is_within(status, other)) => {}
                None => self.response_removed(scope, status, *node, new.unwrap_or(revision)),
            }
        }
        for (status, node) in after.iter().filter(|(status, _)| find(&had, status).is_none()) {
            let rule = if is_success(status) { rules::SUCCESS_RESPONSE_ADDED } else { rules::RESPONSE_ADDED };
            let range = status.chars().next().map(|digit| format!("{digit}XX")).unwrap_or_default();
            let default = if is_success(status) { None } else { find(&had, "default") };
            let of_range = find(&had, &range);
            if let Some(covering) = of_range.or(default) {
                // What this status looks like was promised before, by its range or by the default.
                self.response(scope, status, covering, *node);
            }
            let places = (old.or(Some(base)), Some(*node));
            // In callbacks and webhooks the client answers, and may go on as it does. One of a range was to be expected.
            let level = if scope.reversed() || of_range.is_some() { Level::Safe } else { rule.level };
            self.add_at(level, rule, Some(scope), Some(scope.direction(false)), of_response(scope, status), places);
        }
    }

    fn response_removed(&mut self, scope: &Scope, status: &str, node: NodeId, at: NodeId) {
        let rule = if is_success(status) { rules::SUCCESS_RESPONSE_REMOVED } else { rules::RESPONSE_REMOVED };
        let about = of_response(scope, status);
        self.add(rule, Some(scope), Some(scope.direction(false)), about, (Some(node), Some(at)));
    }

    fn response(&mut self, scope: &Scope, status: &str, old: NodeId, new: NodeId) {
        let (old, new) = (self.base.references.resolve(old), self.revision.references.resolve(new));
        self.headers(scope, status, old, new);
        self.links(scope, status, old, new);
        self.content(scope, false, old, new, |media_type| Where::Response {
            status: quoted(status).into_owned(),
            media_type,
        });
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
        if !self.has_room(old, new, "headers") {
            return;
        }
        let (before, after) = (headers(self.base, old), headers(self.revision, new));
        let lower = |headers: &[(String, NodeId)]| -> Vec<(String, NodeId)> {
            headers.iter().map(|(name, node)| (name.to_ascii_lowercase(), *node)).collect()
        };
        let (before_lower, after_lower) = (lower(&before), lower(&after));
        let (had, have) = (first(&before_lower), first(&after_lower));
        let status = &*quoted(status);
        for (name, header) in &before {
            let places = (Some(*header), Some(new));
            match have.get(name.to_ascii_lowercase().as_str()) {
                Some(other) => self.header(scope, status, name, (*header, *other)),
                None => {
                    let required = self.base.tree.flag(*header, "required");
                    let rule =
                        if required { rules::RESPONSE_REQUIRED_HEADER_REMOVED } else { rules::RESPONSE_HEADER_REMOVED };
                    let about = (of_header(scope, status, name), Evidence::none());
                    self.header_finding(rule, Level::Safe, scope, about, places);
                }
            }
        }
        for (name, header) in after.iter().filter(|(name, _)| !had.contains_key(name.to_ascii_lowercase().as_str())) {
            let about = (of_header(scope, status, name), Evidence::none());
            let asked = if self.revision.tree.flag(*header, "required") { Level::Breaking } else { Level::Safe };
            self.header_finding(rules::RESPONSE_HEADER_ADDED, asked, scope, about, (Some(old), Some(*header)));
        }
    }

    /// `asked` is the level in callbacks and webhooks, where the client answers: it may send what nobody asks for any
    /// more, and can't know what is asked for from now on.
    fn header_finding(&mut self, rule: RuleId, asked: Level, scope: &Scope, about: About, places: Places) {
        let direction = scope.direction(false);
        let level = if scope.reversed() { asked } else { rule.level };
        self.add_at(level, rule, Some(scope), Some(direction), about, places);
    }

    fn header(&mut self, scope: &Scope, status: &str, name: &str, (old, new): (NodeId, NodeId)) {
        let subject = of_header(scope, status, name);
        let places = (Some(old), Some(new));
        let required = (self.base.tree.flag(old, "required"), self.revision.tree.flag(new, "required"));
        if required.0 != required.1 {
            let about = (subject.clone(), Evidence::flag("required", required.1));
            let (rule, asked) = if required.0 {
                (rules::RESPONSE_HEADER_BECAME_OPTIONAL, Level::Safe)
            } else {
                (rules::RESPONSE_HEADER_BECAME_REQUIRED, Level::Breaking)
            };
            self.header_finding(rule, asked, scope, about, places);
        }
        let names =
            Names { deprecated: rules::RESPONSE_HEADER_DEPRECATED, undeprecated: rules::RESPONSE_HEADER_UNDEPRECATED };
        self.life(scope, Some(scope.direction(false)), &names, &subject, (old, new));
        let (b, r) = (value_schema(self.base, old), value_schema(self.revision, new));
        // Headers are of the style `simple`, in which only objects show the difference.
        let explodes = |document: &Document, node| document.tree.flag(node, "explode");
        let both = structured(self.base, old).object && structured(self.revision, new).object;
        if b.0 != r.0 || both && explodes(self.base, old) != explodes(self.revision, new) {
            // By another media type, or else exploded.
            let evidence = if b.0 == r.0 {
                Evidence::flag("explode", explodes(self.revision, new))
            } else {
                Evidence::of("content", Fact::text(b.0.as_deref()), Fact::text(r.0.as_deref()))
            };
            let about = (subject, evidence);
            self.header_finding(rules::RESPONSE_HEADER_SERIALIZATION_CHANGED, Level::Risky, scope, about, places);
        }
        if b.0 == r.0
            && let (Some(before), Some(after)) = (b.1, r.1)
        {
            let place = Where::Header { status: status.to_owned(), name: quoted(name).into_owned() };
            let medium = if b.0.is_none() { Medium::Url } else { Medium::Typed };
            self.compare_schemas(scope, place, scope.mode(false, medium), before, after);
        }
    }
}

/// A media type that a schema or an encoding is of.
fn named(name: &str, several: bool) -> MediaType {
    MediaType { name: Some(quoted(name).into_owned()), several }
}

fn of_response(scope: &Scope, status: &str) -> About {
    let status = Some(quoted(status).into_owned());
    (Subject { status, ..scope.subject(Part::Response) }, Evidence::none())
}

fn of_header(scope: &Scope, status: &str, name: &str) -> Subject {
    let (status, name) = (Some(quoted(status).into_owned()), Some(quoted(name).into_owned()));
    Subject { status, name, ..scope.subject(Part::Header) }
}

/// Whether a status is of a range.
fn is_within(range: &str, status: &str) -> bool {
    let class = range.strip_suffix("XX").filter(|class| !class.is_empty());
    class.is_some_and(|class| status.starts_with(class) && !status.ends_with("XX"))
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}
