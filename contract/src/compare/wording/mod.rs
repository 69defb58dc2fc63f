//! The sentences that people read: made of a finding's rule, subject and values, and of nothing else.
//!
//! First the subject, then what changed: "`hours` in the request body: maximum lowered from 8 to 4". One function for
//! each family of rules, so that a sentence is found, and worded in another way, in one place.

mod lifecycle;
mod messages;
mod operations;
mod parameters;
mod schemas;
mod security;
mod servers;
mod values;

use super::{
    evidence::{Note, Written},
    findings::quoted,
};
use crate::{rules::RuleId, text::cut};
use serde_json::Value;
use shared::{
    Subject,
    findings::OperationKey,
    subject::{Part, PathText},
};

/// Characters of a value in a sentence.
const MAX_VALUE: usize = 60;
/// Operations that a sentence names when it speaks of several.
const NAMED: usize = 3;

/// What there is to be told.
pub(super) struct Statement<'a> {
    pub(super) rule: RuleId,
    /// In a callback or webhook: the service sends the request.
    pub(super) reversed: bool,
    /// Whether the message has several media types, so that which one has to be said.
    pub(super) several: bool,
    pub(super) subject: &'a Subject,
    pub(super) written: &'a Written,
    pub(super) note: &'a Note,
}

/// The sentence for a finding.
pub(super) fn message(statement: &Statement<'_>) -> String {
    let families = [
        lifecycle::change,
        operations::change,
        parameters::change,
        messages::change,
        security::change,
        servers::change,
        schemas::change,
        values::change,
    ];
    let change = families.into_iter().find_map(|family| family(statement));
    debug_assert!(change.is_some(), "{} has no sentence", statement.rule.id);
    let change = change.unwrap_or_else(|| lower_first(statement.rule.title));
    let subject = subject(statement.subject, statement.several);
    if subject.is_empty() { upper_first(&change) } else { format!("{}: {change}", upper_first(&subject)) }
}

/// The sentence for a finding that holds for so many other operations, of which some are known.
pub(super) fn in_others(message: &str, operations: &[OperationKey], count: usize) -> String {
    let named: Vec<String> = operations.iter().take(NAMED).map(|key| quoted(&key.to_string()).into_owned()).collect();
    let more = count - named.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let what = if count == 1 { "operation" } else { "operations" };
    format!("{message}; the same in {count} more {what}: {}{rest}", named.join(", "))
}

/// The subject in words: empty where it is the operation itself or the document.
fn subject(subject: &Subject, several: bool) -> String {
    let name = subject.name.as_deref().map(quoted).unwrap_or_default();
    let status = subject.status.as_deref().map(quoted).unwrap_or_default();
    let mut words = match subject.part {
        Part::Document | Part::Operation | Part::Security => String::new(),
        Part::Server if name.is_empty() => "the server".to_owned(),
        Part::Server => format!("the server `{name}`"),
        Part::SecurityScheme => format!("the security scheme `{name}`"),
        Part::Parameter => {
            format!("the {} parameter `{name}`", subject.location.as_deref().map(quoted).unwrap_or_default())
        }
        Part::RequestBody => "the request body".to_owned(),
        Part::Response => format!("the {status} response"),
        Part::Header => format!("the header `{name}` of the {status} response"),
        Part::Link => format!("the link `{name}` of the {status} response"),
        Part::Callback | Part::Webhook => String::new(),
    };
    if let Some(media_type) = subject.media_type.as_deref().filter(|_| several) {
        words = format!("{words} ({})", quoted(media_type));
    }
    let within = match (&subject.callback, &subject.webhook) {
        (Some(callback), _) => format!("the callback `{}`", quoted(callback)),
        (None, Some(webhook)) => format!("the webhook `{}`", quoted(webhook)),
        (None, None) => String::new(),
    };
    let mut words = match (words.is_empty(), within.is_empty()) {
        (_, true) => words,
        (true, false) => within,
        (false, false) => format!("{words} of {within}"),
    };
    if !subject.path.is_empty() {
        words = format!("`{}` in {words}", cut(&PathText(&subject.path).to_string(), 10 * MAX_VALUE));
    }
    words
}

impl Statement<'_> {
    fn keyword(&self) -> &str {
        self.subject.keyword.as_deref().unwrap_or_default()
    }

    fn was(&self) -> Option<&Value> {
        self.written.values.base.as_ref()
    }

    fn is(&self) -> Option<&Value> {
        self.written.values.revision.as_ref()
    }

    /// The value before, or else a word for that there was none.
    fn was_or(&self, none: &str) -> String {
        self.was().map_or_else(|| none.to_owned(), shown)
    }

    fn is_or(&self, none: &str) -> String {
        self.is().map_or_else(|| none.to_owned(), shown)
    }

    /// "default changed from `1` to `2`", or that it was added or removed.
    fn other(&self, what: &str) -> String {
        match (self.was(), self.is()) {
            (Some(was), Some(is)) => format!("{what} changed from {} to {}", shown(was), shown(is)),
            (None, Some(is)) => format!("{what} {} added", shown(is)),
            (Some(was), None) => format!("{what} {} removed", shown(was)),
            (None, None) => format!("{what} changed"),
        }
    }

    /// "value `a`", or "values `a`, `b` and 3 more": what came or went.
    fn members(&self, one: &str, several: &str) -> String {
        let Self { written: Written { named, unnamed, .. }, .. } = self;
        let what = if named.len() + unnamed == 1 { one } else { several };
        let rest = if *unnamed > 0 { format!(" and {unnamed} more") } else { String::new() };
        format!("{what} {}{rest}", named.iter().map(shown).collect::<Vec<_>>().join(", "))
    }

    /// The first of two where something is true now that wasn't.
    fn turned<'w>(&self, on: &'w str, off: &'w str) -> &'w str {
        if self.is() == Some(&Value::Bool(true)) { on } else { off }
    }
}

/// A value in a sentence: numbers as they are, lists by their items, all else as code.
fn shown(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("`{}`", quoted(text)),
        Value::Array(items) if !items.is_empty() && items.iter().all(|item| item.is_string() || item.is_number()) => {
            let named: Vec<String> = items.iter().take(5).map(shown).collect();
            let more = items.len() - named.len();
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{}{rest}", named.join(", "))
        }
        other => format!("`{}`", cut(&other.to_string(), MAX_VALUE)),
    }
}

/// A text without what marks it as code.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| shown(value), |text| quoted(text).into_owned())
}

pub(crate) fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
