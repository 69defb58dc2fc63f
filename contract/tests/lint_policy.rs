//! What a team's policy makes of lint: other severities, rules that are off, places that were looked at and accepted.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use contract::{Date, Document, Ignore, JudgedLint, Judging, Limits, Options, Policy, judge, lint, lint_with};
use shared::lint::{Reason, Severity};

/// Two verbs in paths, and whatever else such a document lacks.
const SHOP: &str = "openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /orders/create-order:
    post: {responses: {default: {description: Done.}}}
  /orders/get-order:
    get: {responses: {default: {description: Done.}}}
";
const RULE: &str = "path-with-verb";

fn judged(policy: &Policy, today: Option<&str>) -> JudgedLint {
    let document = Document::read(SHOP.as_bytes(), &Limits::default()).unwrap();
    let today = today.map(|day| day.parse::<Date>().unwrap());
    lint_with(&document, policy, today)
}

fn reason(judged: &JudgedLint) -> Option<&Reason> {
    judged.lint.score.reasons.iter().find(|reason| reason.rule == RULE)
}

fn ignoring(path: Option<&str>, operation: Option<&str>, expires: Option<&str>) -> Policy {
    let mut policy = Policy::default();
    let ignore = Ignore {
        rule: RULE.to_owned(),
        operation: operation.map(|key| key.parse().unwrap()),
        path: path.map(str::to_owned),
        fingerprint: None,
        reason: "clients of 2019 call it".to_owned(),
        expires: expires.map(|day| day.parse().unwrap()),
    };
    policy.ignore(ignore).unwrap();
    policy
}

#[test]
fn without_a_policy_all_counts() {
    let judged = judged(&Policy::default(), None);
    let document = Document::read(SHOP.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(judged.lint, lint(&document));
    assert_eq!(reason(&judged).map(|reason| (reason.places, reason.broken)), Some((2, 2)));
    assert!(judged.ignored.is_empty() && judged.lint.score.ignored_count == 0);
}

#[test]
fn another_severity_has_its_weight() {
    let mut policy = Policy::default();
    policy.set(RULE, "error").unwrap();
    let judged = judged(&policy, None);
    assert_eq!(reason(&judged).map(|reason| (reason.severity, reason.weight)), Some((Severity::Error, 3)));
    let of_rule: Vec<_> = judged.lint.findings.iter().filter(|finding| finding.rule == RULE).collect();
    assert_eq!(of_rule.len(), 2);
    assert!(of_rule.iter().all(|finding| finding.severity == Severity::Error));
    assert_eq!(judged.lint.findings[0].severity, Severity::Error, "the worst first, by the policy");
}

#[test]
fn a_rule_that_is_off_counts_nowhere_and_is_told() {
    let mut policy = Policy::default();
    policy.set(RULE, "off").unwrap();
    let judged = judged(&policy, None);
    assert_eq!(reason(&judged), None);
    assert_eq!((judged.ignored.len(), judged.lint.score.ignored_count), (2, 2));
    assert_eq!(judged.ignored[0].ignored.as_ref().map(ToString::to_string).as_deref(), Some("the rule is off"));
    assert!(judged.lint.findings.iter().all(|finding| finding.rule != RULE));
}

#[test]
fn a_place_that_is_ignored_is_out_of_the_score() {
    for (path, operation, ignored) in [
        (Some("/paths/~1orders~1create-order"), None, 1),
        (Some("#/paths"), None, 2),
        (Some("/paths/~1orders"), None, 0),
        (None, Some("POST /orders/create-order"), 0),
        (None, None, 2),
    ] {
        let judged = judged(&ignoring(path, operation, None), None);
        let left = 2 - ignored;
        let counted = reason(&judged).map_or((0, 0), |reason| (reason.places, reason.broken));
        assert_eq!(counted, (left, left), "{path:?} {operation:?}");
        assert_eq!(judged.lint.score.ignored_count, ignored, "{path:?} {operation:?}");
        assert!(
            judged
                .ignored
                .iter()
                .filter_map(|finding| finding.ignored.as_ref())
                .all(|why| why.reason == "clients of 2019 call it")
        );
    }
}

#[test]
fn an_ignore_ends_after_its_last_day() {
    let policy = ignoring(None, None, Some("2027-01-31"));
    for (today, ignored, expired) in [(None, 2, 0), (Some("2027-01-31"), 2, 0), (Some("2027-02-01"), 0, 1)] {
        let judged = judged(&policy, today);
        assert_eq!((judged.lint.score.ignored_count, judged.expired.len()), (ignored, expired), "{today:?}");
    }
    // One of the comparison's is none of lint's business, and the other way round.
    let mut other = Policy::default();
    let ignore = Ignore { rule: "operation-removed".to_owned(), ..policy.ignores()[0].clone() };
    other.ignore(ignore).unwrap();
    let late = Some("2028-01-01");
    assert!(judged(&other, late).expired.is_empty());
    let document = Document::read(SHOP.as_bytes(), &Limits::default()).unwrap();
    for (policy, expired) in [(&other, &[0][..]), (&policy, &[])] {
        let today = late.map(|day| day.parse().unwrap());
        let report = judge(&document, &document, &Judging { policy, today, options: Options::default() });
        assert_eq!(report.expired, expired);
    }
}

#[test]
fn what_is_ignored_leaves_room_for_what_counts() {
    let many: String =
        (0..3_000).map(|i| format!("  /orders/create-order-{i}: {{get: {{responses: {{}}}}}}\n")).collect();
    let text = format!("openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths:\n{many}");
    let document = Document::read(text.as_bytes(), &Limits::default()).unwrap();
    let judged = lint_with(&document, &ignoring(Some("/paths"), None, None), None);
    assert_eq!((judged.ignored.len(), judged.lint.score.ignored_count), (1_000, 3_000));
    let first = "/paths/~1orders~1create-order-0";
    let judged = lint_with(&document, &ignoring(Some(first), None, None), None);
    let listed = judged.lint.findings.iter().filter(|finding| finding.rule == RULE).count();
    assert_eq!((listed, judged.lint.score.ignored_count), (1_000, 1));
    assert_eq!(reason(&judged).map(|reason| (reason.places, reason.broken)), Some((2_999, 2_999)));
}
