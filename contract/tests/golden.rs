//! The golden digest: what the engine finds in the tables of edits, down to the last byte that a hub stores.
//!
//! A digest says that something changed, not what: the tables and the snapshots beside it say that.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod common;

use common::{
    document, request, response,
    tables::{fields, lives, operations, schemas, shop},
};
use contract::{Judging, Options, Policy, generation, judge, rules::RULES};
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, fmt::Write as _, path::Path};

/// The file that the crate includes.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden.txt");

/// Set it to have the file written.
const RENEW: &str = "HANDSHAKE_RENEW_GOLDEN";

/// Pairs of documents that together meet every rule and every kind of proof.
fn corpus() -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (base, revision, ..) in schemas::ROWS {
        pairs.push((request("3.1.0", base), request("3.1.0", revision)));
        pairs.push((response("3.1.0", base), response("3.1.0", revision)));
    }
    for (place, base, revision, _) in operations::ROWS {
        pairs.push((operations::build(*place, base), operations::build(*place, revision)));
    }
    for (base, revision, _) in operations::DOCUMENTS {
        pairs.push((document("3.1.0", base), document("3.1.0", revision)));
    }
    for (make, ..) in lives::THINGS {
        for (before, after, _) in lives::LIVES {
            pairs.push((make(before), make(after)));
        }
        for life in ["deprecated: true, x-sunset: '2027-06-30'", "deprecated: true, x-sunset: '2027-01-30'"] {
            pairs.push((make(life), document("3.1.0", "paths: {}")));
        }
    }
    let (whole, edits) = fields::edits();
    for edit in edits {
        pairs.push((whole.clone(), edit.revision.clone()));
        pairs.push((edit.revision, whole.clone()));
    }
    for openapi in ["3.0.3", "3.1.0"] {
        let changed = shop::rewritten(openapi).replace("integer", "string");
        pairs.push((shop::SHOP.to_owned(), changed.clone()));
        pairs.push((changed, shop::SHOP.to_owned()));
    }
    pairs
}

/// The digest, the rules that were met, and how many findings had a witness.
fn golden() -> (String, BTreeSet<String>, usize) {
    let mut policy = Policy::default();
    (policy.notice.stable, policy.notice.beta) = (90, 30);
    let options = Options::default().on("2027-01-31".parse().unwrap());
    let (mut hash, mut met, mut shown) = (Sha256::new(), BTreeSet::new(), 0);
    for (base, revision) in corpus() {
        let (Ok(base), Ok(revision)) = (common::try_read(&base), common::try_read(&revision)) else { continue };
        for policy in [&Policy::default(), &policy] {
            let report = judge(&base, &revision, &Judging { policy, today: None, options });
            met.extend(report.findings.iter().map(|finding| finding.rule.to_string()));
            shown += report.findings.iter().filter(|finding| finding.witness.is_some()).count();
            // As a hub stores it.
            hash.update(report.operations.to_string());
            hash.update(serde_json::to_vec(&report.findings).unwrap());
        }
    }
    let digest = hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    (digest, met, shown)
}

#[test]
fn verdicts_are_those_of_the_generation() {
    let (digest, met, shown) = golden();
    let missed: Vec<&str> = RULES.iter().map(|rule| rule.id).filter(|id| !met.contains(*id)).collect();
    assert_eq!(missed, ["comparison-incomplete"], "the corpus meets every rule that a small document can");
    assert!(shown > 300, "only {shown} findings are proved");
    if std::env::var_os(RENEW).is_some() {
        std::fs::write(Path::new(FILE), format!("{digest}\n")).unwrap();
        return;
    }
    let known = std::fs::read_to_string(FILE).unwrap();
    assert_eq!(
        digest,
        known.trim(),
        "the engine finds something else than before in the corpus, so that stored comparisons are of an older \
         generation. If that is meant: {RENEW}=1 cargo test -p contract --test golden"
    );
}

#[test]
fn a_generation_is_one_word() {
    let name = generation();
    assert_eq!((name.len(), name), (16, generation()));
    assert!(name.bytes().all(|byte| byte.is_ascii_hexdigit()));
}
