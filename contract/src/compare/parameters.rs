//! Parameters, those that a path's operations share included.

use super::{
    Comparison, Places, Scope,
    collect::Where,
    evidence::{About, Evidence, Fact},
    findings::quoted,
    lifecycle::{self, Announced, Life, Names},
    schema::Medium,
    value::spelled,
};
use crate::{
    document::{Document, Operation},
    json_schema::value::Value,
    rules::{self, RuleId},
    tree::NodeId,
};
use shared::{Level, Subject};
use std::{borrow::Cow, collections::HashMap};

/// A parameter with what identifies it.
struct Parameter<'d> {
    node: NodeId,
    location: &'d str,
    name: &'d str,
    /// Its place in the path template, which identifies a path parameter whatever it is called.
    index: Option<usize>,
}

/// What a parameter is known by: its place in the path template, or location and name, with whether it has a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Identity<'d> {
    Placed(usize),
    Named(&'d str, Cow<'d, str>, bool),
}

/// One side's parameters by what they are known by, so that tens of thousands are found without trying each.
struct Index<'d> {
    identities: HashMap<Identity<'d>, Vec<usize>>,
    names: HashMap<&'d str, Vec<usize>>,
}

impl<'d> Index<'d> {
    fn new(parameters: &[Parameter<'d>]) -> Self {
        let (mut identities, mut names) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        // Backwards, so that the first of several is the last in its list, from where it can be taken.
        for (index, parameter) in parameters.iter().enumerate().rev() {
            parameter.identities().for_each(|identity| identities.entry(identity).or_default().push(index));
            names.entry(parameter.name).or_default().push(index);
        }
        Self { identities, names }
    }

    fn has(&self, parameter: &Parameter<'d>) -> bool {
        parameter.counterparts().iter().any(|identity| self.identities.contains_key(identity))
    }

    /// The first that is the same parameter and isn't taken; it is off its list then.
    fn take(&mut self, parameter: &Parameter<'d>, taken: &[bool]) -> Option<usize> {
        let mut first = None;
        for identity in parameter.counterparts() {
            let Some(list) = self.identities.get_mut(&identity) else { continue };
            while list.pop_if(|index| taken[*index]).is_some() {}
            first = list.last().copied().into_iter().chain(first).min();
        }
        first
    }
}

impl<'d> Parameter<'d> {
    /// What it may be known by, the surest first. A path parameter that its path names is known by its place there, to
    /// whom that place is known as well, and else by its name.
    fn identities(&self) -> impl Iterator<Item = Identity<'d>> {
        let name = match self.location {
            "header" => Cow::Owned(self.name.to_ascii_lowercase()),
            // The whole query: its name is never sent.
            "querystring" => Cow::Borrowed(""),
            _ => Cow::Borrowed(self.name),
        };
        let placed = self.index.map(Identity::Placed);
        placed.into_iter().chain([Identity::Named(self.location, name, self.index.is_some())])
    }

    /// By what a parameter of the other side that is the same would be known.
    fn counterparts(&self) -> Vec<Identity<'d>> {
        let mut all: Vec<_> = self.identities().collect();
        if let Some(Identity::Named(location, name, placed)) = all.pop() {
            all.push(Identity::Named(location, name.clone(), false));
            // Two that are both placed are told apart by their places.
            if !placed && location == "path" {
                all.push(Identity::Named(location, name, true));
            }
        }
        all
    }

    fn subject(&self, scope: &Scope) -> Subject {
        scope.within.place(self.place().subject())
    }

    fn place(&self) -> Where {
        Where::Parameter { location: quoted(self.location).into_owned(), name: quoted(self.name).into_owned() }
    }
}

fn parameters<'d>(document: &'d Document, operation: &Operation) -> Vec<Parameter<'d>> {
    let names = operation.key.path.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (place, name) in names.enumerate() {
        places.entry(name).or_insert(place);
    }
    let parameter = |node: NodeId| {
        let location = document.tree.text_of(node, "in").unwrap_or_default();
        let name = document.tree.text_of(node, "name").unwrap_or_default();
        let index = if location == "path" { places.get(name).copied() } else { None };
        Parameter { node, location, name, index }
    };
    let elsewhere = |parameter: &Parameter<'_>| is_elsewhere(parameter.location, parameter.name);
    document.parameters(operation).into_iter().map(parameter).filter(|parameter| !elsewhere(parameter)).collect()
}

/// Whether it is one of the three headers that the specification has described elsewhere, and says to ignore here.
pub(crate) fn is_elsewhere(location: &str, name: &str) -> bool {
    location == "header"
        && ["accept", "content-type", "authorization"].iter().any(|other| name.eq_ignore_ascii_case(other))
}

impl Comparison<'_> {
    pub(super) fn parameters(&mut self, scope: &Scope, base: &Operation, revision: &Operation) {
        let size = |document: &Document, operation: &Operation| {
            let of = |node| document.tree.get(node, "parameters").map_or(0, |list| document.tree.items(list).len());
            of(operation.node) + of(operation.item)
        };
        if !self.spend(size(self.base, base) + size(self.revision, revision)) {
            return;
        }
        let (before, after) = (parameters(self.base, base), parameters(self.revision, revision));
        let (had, mut have) = (Index::new(&before), Index::new(&after));
        let mut taken = vec![false; after.len()];
        for old in &before {
            if let Some(index) = have.take(old, &taken) {
                taken[index] = true;
                self.parameter(scope, old, &after[index]);
                continue;
            }
            let namesakes = have.names.get(old.name).into_iter().flatten().rev().copied();
            // One name stands in four places at most, and headers differ by case: the list is short.
            let moved = { namesakes }.find(|index| !taken[*index] && !had.has(&after[*index]));
            if let Some(index) = moved {
                taken[index] = true;
                let new = &after[index];
                let evidence = Evidence::of("in", Fact::text(Some(old.location)), Fact::text(Some(new.location)));
                let about = (old.subject(scope), evidence);
                self.parameter_finding(rules::PARAMETER_MOVED, scope, about, (Some(old.node), Some(new.node)));
                continue;
            }
            let life = Life::of(self.base, old.node);
            let announced = life.announced(&self.options);
            let rule = match &announced {
                Announced::After(_) => rules::REMOVED_AFTER_SUNSET,
                Announced::Before(_) => rules::REMOVED_BEFORE_SUNSET,
                Announced::Unreadable(_) => rules::SUNSET_INVALID,
                Announced::No | Announced::Deprecated => rules::PARAMETER_REMOVED,
            };
            let about = (old.subject(scope), lifecycle::removed(&announced));
            self.parameter_finding(rule, scope, about, (Some(old.node), Some(revision.node)));
        }
        for new in after.iter().zip(taken).filter(|(_, taken)| !taken).map(|(new, _)| new) {
            let required = self.revision.tree.flag(new.node, "required") || new.location == "path";
            let rule = if required { rules::REQUIRED_PARAMETER_ADDED } else { rules::OPTIONAL_PARAMETER_ADDED };
            let about = (new.subject(scope), Evidence::none());
            self.parameter_finding(rule, scope, about, (Some(base.node), Some(new.node)));
        }
    }

    fn parameter_finding(&mut self, rule: RuleId, scope: &Scope, about: About, places: Places) {
        let level = rule.level;
        let level = if scope.reversed() { self.sent_parameter(rule, level, places) } else { level };
        self.add_at(level, rule, Some(scope), Some(scope.direction(true)), about, places);
    }

    /// What the service sends itself, in callbacks and webhooks, is judged the other way around: more of it is a promise,
    /// and less of it is missed.
    fn sent_parameter(&self, rule: RuleId, level: Level, places: Places) -> Level {
        let was_required = || places.0.is_some_and(|node| self.base.tree.flag(node, "required"));
        match rule {
            rules::REQUIRED_PARAMETER_ADDED | rules::OPTIONAL_PARAMETER_ADDED | rules::PARAMETER_BECAME_REQUIRED => {
                Level::Safe
            }
            rules::PARAMETER_CHARACTERS_RESTRICTED => Level::Safe,
            rules::PARAMETER_CHARACTERS_ALLOWED => Level::Risky,
            rules::PARAMETER_BECAME_OPTIONAL => Level::Breaking,
            rules::PARAMETER_REMOVED => {
                if was_required() {
                    Level::Breaking
                } else {
                    Level::Risky
                }
            }
            _ => level,
        }
    }

    fn parameter(&mut self, scope: &Scope, old: &Parameter<'_>, new: &Parameter<'_>) {
        let unstable = scope.unstable || Life::of(self.base, old.node).is_unstable();
        let scope = &Scope { unstable, ..scope.clone() };
        let (b, r) = (&self.base.tree, &self.revision.tree);
        let places = (Some(old.node), Some(new.node));
        let subject = new.subject(scope);
        let flags = |key| (b.flag(old.node, key), r.flag(new.node, key));
        if new.location != "path" {
            match flags("required") {
                (false, true) => {
                    let about = (subject.clone(), Evidence::flag("required", true));
                    self.parameter_finding(rules::PARAMETER_BECAME_REQUIRED, scope, about, places);
                }
                (true, false) => {
                    let about = (subject.clone(), Evidence::flag("required", false));
                    self.parameter_finding(rules::PARAMETER_BECAME_OPTIONAL, scope, about, places);
                }
                _ => {}
            }
        }
        let names = Names { deprecated: rules::PARAMETER_DEPRECATED, undeprecated: rules::PARAMETER_UNDEPRECATED };
        self.life(scope, Some(scope.direction(true)), &names, &subject, (old.node, new.node));
        for key in ["allowEmptyValue", "allowReserved"] {
            let (rule, is) = match flags(key) {
                (true, false) => (rules::PARAMETER_CHARACTERS_RESTRICTED, false),
                (false, true) => (rules::PARAMETER_CHARACTERS_ALLOWED, true),
                _ => continue,
            };
            self.parameter_finding(rule, scope, (subject.clone(), Evidence::flag(key, is)), places);
        }
        self.serialization(scope, old, new);
        self.parameter_schema(scope, old, new);
    }

    /// `style` and `explode`, defaults included, as far as they show.
    fn serialization(&mut self, scope: &Scope, old: &Parameter<'_>, new: &Parameter<'_>) {
        let spelled = |document: &Document, parameter: &Parameter<'_>| {
            let Serialization { style, explode, .. } = Serialization::of(document, parameter.node, parameter.location);
            (style, explode, structured(document, parameter.node))
        };
        let (b, r) = (spelled(self.base, old), spelled(self.revision, new));
        let both = |is: fn(&Structure) -> bool| is(&b.2) && is(&r.2);
        let shows = match r.0.as_str() {
            // Items are parted by commas either way; members are not.
            "simple" => both(|structure| structure.object),
            "deepObject" => false,
            _ => both(Structure::any),
        };
        // These part items and members, and a plain value has none.
        let plain = |style: &str| matches!(style, "form" | "spaceDelimited" | "pipeDelimited");
        let alike = plain(&b.0) && plain(&r.0) && !b.2.any() && !r.2.any();
        if b.0 != r.0 && !alike || (shows && b.0 == r.0 && b.1 != r.1) {
            let word = |(style, explode, _): &(String, bool, Structure)| {
                Fact::json(format!("style: {}, explode: {explode}", quoted(style)))
            };
            let about = (new.subject(scope), Evidence::of("style", word(&b), word(&r)));
            self.parameter_finding(
                rules::PARAMETER_SERIALIZATION_CHANGED,
                scope,
                about,
                (Some(old.node), Some(new.node)),
            );
        }
    }

    fn parameter_schema(&mut self, scope: &Scope, old: &Parameter<'_>, new: &Parameter<'_>) {
        let (b, r) = (value_schema(self.base, old.node), value_schema(self.revision, new.node));
        if b.0 != r.0 {
            let evidence = Evidence::of("content", Fact::text(b.0.as_deref()), Fact::text(r.0.as_deref()));
            let places = (Some(old.node), Some(new.node));
            self.parameter_finding(
                rules::PARAMETER_SERIALIZATION_CHANGED,
                scope,
                (new.subject(scope), evidence),
                places,
            );
            return;
        }
        let medium = match (&b.0, new.location) {
            (Some(_), _) => Medium::Typed,
            (None, "path") => Medium::Path,
            (None, _) => Medium::Url,
        };
        let mode = scope.mode(true, medium);
        let pick = |request, response| mode.pick(request, response);
        match (b.1, r.1) {
            (Some(before), Some(after)) => {
                self.compare_schemas(scope, new.place(), mode, before, after);
                self.parameter_default(scope, (old, before), (new, after));
            }
            (None, Some(after)) if self.schemas.revision.says_nothing(after) => {}
            (Some(before), None) if self.schemas.base.says_nothing(before) => {}
            (None, Some(after)) => {
                let about = (new.subject(scope), Evidence::none());
                self.parameter_finding(
                    pick(rules::REQUEST_SCHEMA_ADDED, rules::RESPONSE_SCHEMA_ADDED),
                    scope,
                    about,
                    (Some(old.node), Some(after)),
                );
            }
            (Some(before), None) => {
                let about = (new.subject(scope), Evidence::none());
                self.parameter_finding(
                    pick(rules::REQUEST_SCHEMA_REMOVED, rules::RESPONSE_SCHEMA_REMOVED),
                    scope,
                    about,
                    (Some(before), Some(new.node)),
                );
            }
            (None, None) => {}
        }
    }
}

impl Comparison<'_> {
    /// What a parameter means when it is left out. One that can't be left out has no use for a default.
    fn parameter_default(
        &mut self,
        scope: &Scope,
        (old, before): (&Parameter<'_>, NodeId),
        (new, after): (&Parameter<'_>, NodeId),
    ) {
        let (b, r) = (self.schemas.base.default_of(before), self.schemas.revision.default_of(after));
        let text = |document: &Document, node: Option<NodeId>| node.map(|node| spelled(&document.tree, node));
        if text(self.base, b) == text(self.revision, r) {
            return;
        }
        let needed = self.base.tree.flag(old.node, "required") && self.revision.tree.flag(new.node, "required");
        let level = match b {
            _ if needed => Level::Safe,
            // Nothing was promised before; and what is sent doesn't depend on who receives it.
            _ if scope.reversed() => Level::Risky,
            None => Level::Risky,
            Some(_) => Level::Breaking,
        };
        let about = (new.subject(scope), Evidence::of("default", Fact::node(b), Fact::node(r)));
        let places = (b.or(Some(before)), r.or(Some(after)));
        let rule = rules::PARAMETER_DEFAULT_CHANGED;
        self.add_at(level, rule, Some(scope), Some(scope.direction(true)), about, places);
    }
}

/// How a parameter or header is written, defaults included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Serialization {
    pub(crate) style: String,
    pub(crate) explode: bool,
    /// Set where `content` describes it.
    pub(crate) media_type: Option<String>,
}

impl Serialization {
    pub(crate) fn of(document: &Document, node: NodeId, location: &str) -> Self {
        let default = if matches!(location, "path" | "header") { "simple" } else { "form" };
        let style = document.tree.text_of(node, "style").unwrap_or(default).to_owned();
        let explode = document.tree.get(node, "explode").and_then(|node| document.tree.as_bool(node));
        let explode = explode.unwrap_or(style == "form" || style == "cookie");
        Self { style, explode, media_type: value_schema(document, node).0 }
    }

    /// Whether who reads this spelling understands a value in another.
    pub(crate) fn reads(&self, other: &Self, value: &Value) -> bool {
        let parts = match value {
            Value::List(items) => items.len(),
            Value::Object(members) => 2 * members.len(),
            _ => 1,
        };
        // One item is written like a plain value in all styles but those that mark it.
        let marked = |style: &str| matches!(style, "matrix" | "label" | "deepObject");
        let alike = !marked(&self.style) && !marked(&other.style) && parts < 2;
        self.media_type == other.media_type && (self == other || alike || self.media_type.is_some())
    }
}

/// The media type (if it is described by `content`) and the schema of a parameter or header.
pub(crate) fn value_schema(document: &Document, node: NodeId) -> (Option<String>, Option<NodeId>) {
    let content = document.tree.get(node, "content").and_then(|content| document.tree.entries(content).next());
    match content {
        Some((media_type, value)) => {
            (Some(media_type.to_lowercase()), document.tree.get(document.references.resolve(value), "schema"))
        }
        None => (None, document.tree.get(node, "schema")),
    }
}

/// Whether a parameter or header may be a list or an object, by its schema's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Structure {
    list: bool,
    pub(crate) object: bool,
}

impl Structure {
    pub(super) fn any(&self) -> bool {
        self.list || self.object
    }
}

pub(crate) fn structured(document: &Document, node: NodeId) -> Structure {
    let none = Structure { list: false, object: false };
    document.get(node, "schema").map_or(none, |schema| structure_of(document, schema))
}

/// The same for a schema that is no reference.
pub(super) fn structure_of(document: &Document, schema: NodeId) -> Structure {
    let tree = &document.tree;
    let has = |keys: &[&str]| keys.iter().any(|key| tree.get(schema, key).is_some());
    let composed = has(&["allOf", "oneOf", "anyOf"]);
    let named = |name: &str| {
        tree.get(schema, "type").is_some_and(|types| {
            tree.as_str(types) == Some(name) || tree.items(types).iter().any(|item| tree.as_str(*item) == Some(name))
        })
    };
    Structure {
        list: composed || named("array") || has(&["items"]),
        object: composed || named("object") || has(&["properties"]),
    }
}
