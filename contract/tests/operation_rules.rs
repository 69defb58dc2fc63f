//! Operations, parameters, messages and security compared: each row is one edit and what it means.

mod common;

use common::{
    Rows, document, expected, rules, sentences,
    tables::operations::{DOCUMENTS, ROWS, build},
};
use contract::rules::RULES;
use std::collections::BTreeSet;

#[test]
fn each_edit_means_what_the_table_says() {
    let mut table = Rows::default();
    for (place, base, revision, wanted) in ROWS {
        let found = rules(&build(*place, base), &build(*place, revision));
        table.same(&found, &expected(wanted), format_args!("{base} → {revision}"));
        for same in [base, revision] {
            table.same(&rules(&build(*place, same), &build(*place, same)), &expected(""), format_args!("{same}"));
        }
    }
}

#[test]
fn documents_as_a_whole() {
    let mut table = Rows::default();
    for (base, revision, wanted) in DOCUMENTS {
        let found = rules(&document("3.1.0", base), &document("3.1.0", revision));
        table.same(&found, &expected(wanted), format_args!("{base} → {revision}"));
    }
}

#[test]
fn every_rule_about_operations_is_hit() {
    let rows = ROWS.iter().map(|row| row.3).chain(DOCUMENTS.iter().map(|row| row.2));
    let hit: BTreeSet<&str> =
        rows.flat_map(str::split_whitespace).map(|rule| rule.split('@').next().unwrap_or(rule)).collect();
    // The next part's rules are hit by the tests of `lifecycle_rules`.
    let end = RULES.iter().position(|rule| rule.id == "removed-before-sunset").expect("the first of the next part");
    // This one takes a document too large for a table; see `hostile_size`.
    let elsewhere = ["comparison-incomplete"];
    let missed = RULES[..end].iter().map(|rule| rule.id).filter(|id| !hit.contains(id) && !elsewhere.contains(id));
    let missed: Vec<&str> = missed.collect();
    assert!(missed.is_empty(), "no row for {missed:?}");
}

#[test]
fn sentences_about_operations() {
    let rows = ROWS.iter().map(|(place, base, revision, _)| {
        (build(*place, base), build(*place, revision), format!("{base} → {revision}"))
    });
    let documents = DOCUMENTS.iter().map(|(base, revision, _)| {
        (document("3.1.0", base), document("3.1.0", revision), format!("{base} → {revision}"))
    });
    let row = |(base, revision, title): (String, String, String)| format!("{title}\n{}", sentences(&base, &revision));
    insta::assert_snapshot!(rows.chain(documents).map(row).collect::<String>());
}
