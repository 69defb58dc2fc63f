//! Parameters, those that a path's operations share included.

use super::{Comparison, Places, Scope, collect::Where};
use crate::{
    document::{Document, Operation},
    tree::NodeId,
};
use shared::findings::Direction;

/// A parameter with what identifies it.
struct Parameter<'d> {
    node: NodeId,
    location: &'d str,
    name: &'d str,
    /// Its place in the path template, which identifies a path parameter whatever it is called.
    index: Option<usize>,
}

impl Parameter<'_> {
    fn is(&self, other: &Parameter<'_>) -> bool {
        self.location == other.location
            && match self.location {
                // A parameter that its path doesn't name has nothing but its own name.
                "path" if self.index.is_some() && other.index.is_some() => self.index == other.index,
                "header" => self.name.eq_ignore_ascii_case(other.name),
                _ => self.name == other.name,
            }
    }

    fn shown(&self) -> String {
        format!("The {} parameter `{}`", self.location, self.name)
    }

    fn place(&self) -> Where {
        Where::Parameter { location: self.location.to_owned(), name: self.name.to_owned() }
    }
}

fn parameters<'d>(document: &'d Document, operation: &Operation) -> Vec<Parameter<'d>> {
    let names: Vec<&str> =
        operation.key.path.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect();
    let parameter = |node: NodeId| {
        let location = document.tree.text_of(node, "in").unwrap_or_default();
        let name = document.tree.text_of(node, "name").unwrap_or_default();
        let index = if location == "path" { names.iter().position(|other| *other == name) } else { None };
        Parameter { node, location, name, index }
    };
    // The specification has these three described elsewhere, and says to ignore them here.
    let elsewhere = |parameter: &Parameter<'_>| {
        let reserved = ["accept", "content-type", "authorization"];
        parameter.location == "header" && reserved.iter().any(|name| parameter.name.eq_ignore_ascii_case(name))
    };
    document.parameters(operation).into_iter().map(parameter).filter(|parameter| !elsewhere(parameter)).collect()
}

impl Comparison<'_> {
    pub(super) fn parameters(&mut self, scope: &Scope, base: &Operation, revision: &Operation) {
        let (before, mut after) = (parameters(self.base, base), parameters(self.revision, revision));
        for old in &before {
            if let Some(index) = after.iter().position(|new| new.is(old)) {
                let new = after.remove(index);
                self.parameter(scope, old, &new);
                continue;
            }
            let moved = after.iter().position(|new| new.name == old.name && !before.iter().any(|other| other.is(new)));
            if let Some(index) = moved {
                let new = after.remove(index);
                let message = format!("{} is a {} parameter now.", old.shown(), new.location);
                self.parameter_finding("parameter-moved", scope, message, (Some(old.node), Some(new.node)));
                continue;
            }
            let message = format!("{} was removed; whoever still sends it may be ignored or refused.", old.shown());
            self.parameter_finding("parameter-removed", scope, message, (Some(old.node), Some(revision.node)));
        }
        for new in after {
            let required = self.revision.tree.flag(new.node, "required") || new.location == "path";
            let (rule, says) = if required {
                ("required-parameter-added", "is new and required.")
            } else {
                ("optional-parameter-added", "is new and optional.")
            };
            let message = format!("{} {says}", new.shown());
            self.parameter_finding(rule, scope, message, (Some(base.node), Some(new.node)));
        }
    }

    fn parameter_finding(&mut self, rule: &'static str, scope: &Scope, message: String, places: Places) {
        self.add(rule, Some(scope), Some(Direction::Request), message, places);
    }

    fn parameter(&mut self, scope: &Scope, old: &Parameter<'_>, new: &Parameter<'_>) {
        let (b, r) = (&self.base.tree, &self.revision.tree);
        let places = (Some(old.node), Some(new.node));
        let shown = new.shown();
        let flags = |key| (b.flag(old.node, key), r.flag(new.node, key));
        if new.location != "path" {
            match flags("required") {
                (false, true) => {
                    let message = format!("{shown} was optional and is now required.");
                    self.parameter_finding("parameter-became-required", scope, message, places);
                }
                (true, false) => {
                    let message = format!("{shown} is no longer required.");
                    self.parameter_finding("parameter-became-optional", scope, message, places);
                }
                _ => {}
            }
        }
        match flags("deprecated") {
            (false, true) => {
                self.parameter_finding("parameter-deprecated", scope, format!("{shown} is deprecated now."), places);
            }
            (true, false) => {
                let message = format!("{shown} is no longer deprecated.");
                self.parameter_finding("parameter-undeprecated", scope, message, places);
            }
            _ => {}
        }
        if flags("allowEmptyValue") == (true, false) || flags("allowReserved") == (true, false) {
            let message = format!("{shown} no longer takes empty values or reserved characters as they are.");
            self.parameter_finding("parameter-characters-restricted", scope, message, places);
        }
        self.serialization(scope, old, new);
        self.parameter_schema(scope, old, new);
    }

    /// `style` and `explode`, defaults included. `explode` only shows on lists and objects.
    fn serialization(&mut self, scope: &Scope, old: &Parameter<'_>, new: &Parameter<'_>) {
        let spelled = |document: &Document, parameter: &Parameter<'_>| {
            let default = if matches!(parameter.location, "path" | "header") { "simple" } else { "form" };
            let style = document.tree.text_of(parameter.node, "style").unwrap_or(default).to_owned();
            let explode = document.tree.get(parameter.node, "explode").and_then(|node| document.tree.as_bool(node));
            let explode = explode.unwrap_or(style == "form");
            (style, explode, structured(document, parameter.node))
        };
        let (b, r) = (spelled(self.base, old), spelled(self.revision, new));
        let shows = b.2 && r.2;
        if b.0 != r.0 || (shows && b.1 != r.1) {
            let word = |(style, explode, _): &(String, bool, bool)| format!("`style: {style}, explode: {explode}`");
            let message = format!("{} was written as {} and is now as {}.", new.shown(), word(&b), word(&r));
            self.parameter_finding("parameter-serialization-changed", scope, message, (Some(old.node), Some(new.node)));
        }
    }

    fn parameter_schema(&mut self, scope: &Scope, old: &Parameter<'_>, new: &Parameter<'_>) {
        let (b, r) = (value_schema(self.base, old.node), value_schema(self.revision, new.node));
        if b.0 != r.0 {
            let word = |media_type: &Option<String>| media_type.clone().unwrap_or_else(|| "plain text".to_owned());
            let message = format!("{} was written as {} and is now as {}.", new.shown(), word(&b.0), word(&r.0));
            let places = (Some(old.node), Some(new.node));
            self.parameter_finding("parameter-serialization-changed", scope, message, places);
            return;
        }
        let textual = b.0.is_none();
        match (b.1, r.1) {
            (Some(before), Some(after)) => {
                self.compare_schemas(scope, new.place(), scope.mode(true, textual), before, after);
            }
            (None, Some(after)) => {
                let message = format!("{} has a schema now; before, it could be anything.", new.shown());
                self.parameter_finding("request-schema-added", scope, message, (Some(old.node), Some(after)));
            }
            (Some(before), None) => {
                let message = format!("{} has no schema any more: it may be anything.", new.shown());
                self.parameter_finding("request-schema-removed", scope, message, (Some(before), Some(new.node)));
            }
            (None, None) => {}
        }
    }
}

/// The media type (if it is described by `content`) and the schema of a parameter or header.
pub(super) fn value_schema(document: &Document, node: NodeId) -> (Option<String>, Option<NodeId>) {
    let content = document.tree.get(node, "content").and_then(|content| document.tree.entries(content).next());
    match content {
        Some((media_type, value)) => (Some(media_type.to_lowercase()), document.tree.get(value, "schema")),
        None => (None, document.tree.get(node, "schema")),
    }
}

/// Whether a parameter is a list or an object, by its schema's own words.
fn structured(document: &Document, node: NodeId) -> bool {
    let Some(schema) = document.get(node, "schema") else { return false };
    let types = document.tree.get(schema, "type");
    let named = |node: NodeId| matches!(document.tree.as_str(node), Some("array" | "object"));
    let by_type = types.is_some_and(|node| named(node) || document.tree.items(node).iter().any(|item| named(*item)));
    by_type
        || ["items", "properties", "allOf", "oneOf", "anyOf"].iter().any(|key| document.tree.get(schema, key).is_some())
}
