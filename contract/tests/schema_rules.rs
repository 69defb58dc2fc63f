//! Schemas compared in both directions: each row is one edit, and what it means in a request and in a response.

mod common;

use common::{
    expected, request, response, rules, sentences,
    tables::schemas::{ROWS, Row},
};
use contract::rules::RULES;
use std::collections::BTreeSet;

#[test]
fn each_edit_means_what_the_table_says() {
    let mut wrong = Vec::new();
    for (base, revision, sent, received) in ROWS {
        for (place, wrap, wanted) in
            [("request", request as fn(&str, &str) -> String, sent), ("response", response, received)]
        {
            let found = rules(&wrap("3.1.0", base), &wrap("3.1.0", revision));
            if found != expected(wanted) {
                wrong.push(format!("{place} {base} → {revision}\n  {wanted}\n  found {}", found.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_schema_compared_with_itself_finds_nothing() {
    for (base, revision, ..) in ROWS {
        for schema in [base, revision] {
            assert_eq!(rules(&request("3.1.0", schema), &request("3.1.0", schema)), expected(""), "{schema}");
            assert_eq!(rules(&response("3.1.0", schema), &response("3.1.0", schema)), expected(""), "{schema}");
        }
    }
}

#[test]
fn every_rule_about_schemas_is_hit() {
    let hit: BTreeSet<&str> = ROWS
        .iter()
        .flat_map(|(.., sent, received)| sent.split_whitespace().chain(received.split_whitespace()))
        .map(|rule| rule.split('@').next().unwrap_or(rule))
        .collect();
    let start = RULES.iter().position(|rule| rule.id == "request-constraint-changed").expect("the first of its part");
    let missed: Vec<&str> = RULES[start..].iter().map(|rule| rule.id).filter(|id| !hit.contains(id)).collect();
    assert!(missed.is_empty(), "no row for {missed:?}");
}

#[test]
fn sentences_about_schemas() {
    let row = |(base, revision, ..): &Row| {
        let sent = sentences(&request("3.1.0", base), &request("3.1.0", revision));
        let received = sentences(&response("3.1.0", base), &response("3.1.0", revision));
        format!("{base} → {revision}\n{sent}{received}")
    };
    insta::assert_snapshot!(ROWS.iter().map(row).collect::<String>());
}
