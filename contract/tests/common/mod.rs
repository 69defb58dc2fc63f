//! Small documents for tests, written in few words.

// Each test binary uses its own part of this module.
#![allow(dead_code)]

pub mod random;
pub mod tables;

use contract::{Document, Judging, Limits, Options, ReadError};
use shared::{Finding, Level};
use std::fmt::{Debug, Display};

/// A document around its members other than `openapi` and `info`.
pub fn document(openapi: &str, rest: &str) -> String {
    format!("openapi: {openapi}\ninfo: {{title: T, version: '1'}}\n{rest}\n")
}

/// A 3.1 document with one path, `/a/{id}`, whose item is given in flow style without its braces.
pub fn path(item: &str) -> String {
    document("3.1.0", &format!("paths:\n  '/a/{{id}}': {{{item}}}"))
}

/// A 3.1 document with one operation, `POST /a/{id}`, given in flow style without its braces.
pub fn operation(operation: &str) -> String {
    path(&format!("post: {{{operation}}}"))
}

/// A schema in a request body.
pub fn request(openapi: &str, schema: &str) -> String {
    let body = format!("requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}");
    document(openapi, &format!("paths: {{/a: {{post: {{{body}, responses: {{}}}}}}}}"))
}

/// A schema in a response.
pub fn response(openapi: &str, schema: &str) -> String {
    let ok = format!("'200': {{description: ok, content: {{application/json: {{schema: {schema}}}}}}}");
    document(openapi, &format!("paths: {{/a: {{post: {{responses: {{{ok}}}}}}}}}"))
}

/// A schema of a query parameter.
pub fn parameter(schema: &str) -> String {
    operation(&format!("parameters: [{{name: q, in: query, schema: {schema}}}], responses: {{}}"))
}

pub fn try_read(source: &str) -> Result<Document, ReadError> {
    Document::read(source.as_bytes(), &Limits::default())
}

pub fn read(source: &str) -> Document {
    try_read(source).unwrap_or_else(|error| panic!("{error}\n{source}"))
}

/// What the engine finds under no policy, told so and so.
pub fn compare_with(base: &Document, revision: &Document, options: &Options) -> Vec<Finding> {
    contract::judge(base, revision, &Judging { options: *options, ..Judging::default() }).findings
}

/// What comparing two sources finds, as `rule` or, where the level isn't the rule's own, `rule@level`; sorted.
pub fn rules(base: &str, revision: &str) -> Vec<String> {
    let mut rules: Vec<String> = contract::compare(&read(base), &read(revision))
        .iter()
        .map(|finding| {
            let rule = contract::rules::find(&finding.rule).expect("every finding's rule is in the table");
            if rule.level == finding.level { rule.id.to_owned() } else { format!("{}@{}", rule.id, finding.level) }
        })
        .collect();
    rules.sort();
    rules
}

/// What comparing two sources says, line by line: where it is safe to word it in another way, the start of the
/// fingerprint stays.
pub fn sentences(base: &str, revision: &str) -> String {
    let line = |finding: &shared::Finding| {
        format!("    {} {} {}: {}\n", &finding.fingerprint[..6], finding.level, finding.rule, finding.message)
    };
    let mut lines: Vec<String> = contract::compare(&read(base), &read(revision)).iter().map(line).collect();
    lines.sort();
    lines.concat()
}

/// Space-separated expectations, sorted.
pub fn expected(rules: &str) -> Vec<String> {
    let mut rules: Vec<String> = rules.split_whitespace().map(str::to_owned).collect();
    rules.sort();
    rules
}

/// The worst level of what was found.
pub fn worst(base: &str, revision: &str) -> Option<Level> {
    contract::compare(&read(base), &read(revision)).into_iter().map(|finding| finding.level).max()
}

pub const NONE: Option<Level> = None;
pub const SAFE: Option<Level> = Some(Level::Safe);
pub const RISKY: Option<Level> = Some(Level::Risky);
pub const BREAKING: Option<Level> = Some(Level::Breaking);

/// What is wrong with the rows of a table: all of it is told, when the last row was looked at.
#[derive(Default)]
pub struct Rows(Vec<String>);

impl Rows {
    pub fn same<A: PartialEq<B> + Debug, B: Debug>(&mut self, found: &A, expected: &B, row: impl Display) {
        if found != expected {
            self.0.push(format!("{row}\n     found: {found:?}\n  expected: {expected:?}"));
        }
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        // A row that panics says so by itself.
        assert!(self.0.is_empty() || std::thread::panicking(), "{} rows:\n{}", self.0.len(), self.0.join("\n"));
    }
}
