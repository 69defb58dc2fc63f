//! Chains of schemas, however long: what changes at their end is judged as if it stood at their start. And budgets, however
//! small: what wasn't judged counts as breaking.

mod common;

use common::{compare_with, read, response};
use contract::{Document, Options, compare};
use shared::{Finding, Level};
use std::fmt::Write as _;

/// A link of a chain, to the next one.
type Link = (&'static str, fn(&str) -> String);

const LINKS: [Link; 8] = [
    ("allOf", |next| format!("{{allOf: [{next}]}}")),
    ("allOf with a sibling", |next| format!("{{description: More., allOf: [{{title: A}}, {next}], minProperties: 0}}")),
    ("reference", str::to_owned),
    ("reference with a sibling", |next| next.replace('}', ", minProperties: 0}")),
    ("the only alternative", |next| format!("{{oneOf: [{next}]}}")),
    ("property", |next| format!("{{type: object, required: [n], properties: {{n: {next}}}}}")),
    ("items", |next| format!("{{type: array, items: {next}}}")),
    ("additional members", |next| format!("{{type: object, additionalProperties: {next}}}")),
];

/// A document whose request and response are a chain of so many links with a type at its end.
fn chain(length: usize, link: fn(&str) -> String, kind: &str) -> Document {
    let mut schemas = String::new();
    for i in 0..length {
        // Writing to a string can't fail.
        let _ = writeln!(schemas, "    S{i}: {}", link(&format!("{{$ref: '#/components/schemas/S{}'}}", i + 1)));
    }
    let content = "content: {application/json: {schema: {$ref: '#/components/schemas/S0'}}}";
    read(&format!(
        "openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths:\n  /a:\n    post:\n      requestBody: {{{content}}}\n      \
         responses: {{200: {{description: D, {content}}}}}\ncomponents:\n  schemas:\n{schemas}    S{length}: {{type: object, \
         properties: {{total: {{type: {kind}}}}}}}\n"
    ))
}

fn verdict(findings: &[Finding]) -> Level {
    findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Safe)
}

/// Runs on a stack no larger than a browser's.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(1024 * 1024).spawn(work).expect("it starts").join().expect("it holds");
}

#[test]
fn a_break_at_the_end_of_a_chain_is_one() {
    on_a_small_stack(|| {
        for (name, link) in LINKS {
            for length in [1, 60, 120, 500, 5_000] {
                let findings = compare(&chain(length, link, "integer"), &chain(length, link, "string"));
                let rules: Vec<(&str, Level)> =
                    findings.iter().map(|found| (found.rule.as_ref(), found.level)).collect();
                let expected = [("request-type-changed", Level::Breaking), ("response-type-changed", Level::Breaking)];
                assert!(rules.len() == 2 && expected.iter().all(|e| rules.contains(e)), "{name}, {length}: {rules:?}");
            }
        }
    });
}

#[test]
fn a_chain_says_what_its_end_says() {
    on_a_small_stack(|| {
        for (name, link) in &LINKS[..5] {
            for length in [60, 120, 500, 5_000] {
                let (long, short) = (chain(length, *link, "integer"), chain(0, *link, "integer"));
                assert_eq!(compare(&long, &short), [], "{name}, {length}");
                assert_eq!(compare(&short, &long), [], "{name}, {length}");
                // A chain on one side only hides nothing, either.
                for (base, revision) in [(&long, chain(0, *link, "string")), (&short, chain(length, *link, "string"))] {
                    let findings = compare(base, &revision);
                    assert_eq!(findings.len(), 2, "{name}, {length}");
                    assert!(findings.iter().all(|found| found.level == Level::Breaking), "{name}, {length}");
                }
            }
        }
    });
}

#[test]
fn schemas_inside_of_one_another_are_compared_to_the_last() {
    let inside = |depth: usize, kind: &str| {
        let schema = (0..depth).fold(format!("{{type: {kind}}}"), |inner, _| format!("{{allOf: [{inner}]}}"));
        read(&response("3.1.0", &schema))
    };
    for depth in [10, 60, 90] {
        let findings = compare(&inside(depth, "integer"), &inside(depth, "string"));
        assert!(matches!(&findings[..], [found] if found.rule == "response-type-changed"), "{depth}: {findings:?}");
    }
}

#[test]
fn no_budget_is_so_small_that_a_break_is_less() {
    for (name, link) in LINKS {
        let (base, revision) = (chain(50, link, "integer"), chain(50, link, "string"));
        for steps in (0..18).map(|power| (1 << power) - 1) {
            let findings = compare_with(&base, &revision, &Options::default().steps(steps));
            assert_eq!(verdict(&findings), Level::Breaking, "{name}, {steps} steps: {findings:?}");
        }
    }
}

#[test]
fn what_there_were_no_steps_for_is_told_and_breaks() {
    // The same, but for words: with steps nothing is found, and without them nobody can tell.
    let (base, revision) = (chain(50, LINKS[0].1, "integer"), chain(50, LINKS[1].1, "integer"));
    assert_eq!(compare(&base, &revision), []);
    let findings = compare_with(&base, &revision, &Options::default().steps(100));
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!((finding.rule.as_ref(), finding.level), ("comparison-incomplete", Level::Breaking));
    assert!(finding.message.contains("too many steps"), "{}", finding.message);
}

#[test]
fn real_changes_are_far_from_the_end_of_their_budget() {
    let (base, revision) = (chain(500, LINKS[5].1, "integer"), chain(500, LINKS[5].1, "string"));
    let steps = Options::default().steps_for(&base, &revision);
    let whole = compare(&base, &revision);
    assert_eq!(compare_with(&base, &revision, &Options::default().steps(steps / 5)), whole);
}
