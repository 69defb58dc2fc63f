//! What a policy does to a verdict: it acts before findings are cut and before any is proved.

mod common;

use common::{document, operation, read, request, response};
use contract::{Date, Document, Ignore, Judging, Options, Policy, Report, compare, judge};
use proptest::prelude::*;
use shared::{Finding, Level};
use std::fmt::Write as _;

fn policy(settings: &[(&str, &str)], ignores: impl IntoIterator<Item = Ignore>) -> Policy {
    let mut policy = Policy::default();
    for (rule, setting) in settings {
        policy.set(rule, setting).expect("it is right");
    }
    for ignore in ignores {
        policy.ignore(ignore).expect("it is right");
    }
    policy
}

fn ignore(rule: &str) -> Ignore {
    let (rule, reason) = (rule.to_owned(), "nobody uses it".to_owned());
    Ignore { rule, operation: None, path: None, fingerprint: None, reason, expires: None }
}

fn judged(base: &Document, revision: &Document, policy: &Policy) -> Report {
    judge(base, revision, &Judging { policy, ..Judging::default() })
}

#[test]
fn what_is_raised_to_breaking_has_a_witness_or_says_why_not() {
    let draft = |kind: &str| {
        operation(&format!(
            "x-stability-level: draft, requestBody: {{content: {{a/json: {{schema: {{type: {kind}}}}}}}}}"
        ))
    };
    let life = |life: &str| operation(&format!("{life} responses: {{}}"));
    for (rule, base, revision, shown) in [
        (
            "response-value-added",
            response("3.1.0", "{enum: [a, b]}"),
            response("3.1.0", "{enum: [a, b, c]}"),
            Some("\"c\""),
        ),
        ("request-type-changed", draft("string"), draft("integer"), Some("\"text\"")),
        ("operation-deprecated", life(""), life("deprecated: true,"), None),
    ] {
        let (base, revision) = (read(&base), read(&revision));
        let by_default =
            compare(&base, &revision).into_iter().find(|finding| finding.rule == rule).expect("it is told");
        assert!(by_default.level < Level::Breaking && by_default.witness.is_none(), "{by_default:?}");
        let report = judged(&base, &revision, &policy(&[(rule, "breaking")], []));
        let finding = report.findings.iter().find(|finding| finding.rule == rule).expect("it is told");
        assert_eq!((finding.level, finding.engine_level), (Level::Breaking, Some(by_default.level)), "{rule}");
        let body = finding.witness.as_ref().and_then(|witness| witness.body.as_deref());
        assert_eq!(body, shown, "{finding:#?}");
        assert_eq!(finding.unproven.is_some(), shown.is_none(), "{finding:#?}");
    }
}

#[test]
fn what_is_lowered_or_ignored_is_not_proved() {
    let (base, revision) = (read(&request("3.1.0", "{type: string}")), read(&request("3.1.0", "{type: integer}")));
    assert!(compare(&base, &revision)[0].witness.is_some());
    let rule = "request-type-changed";
    let report = judged(&base, &revision, &policy(&[(rule, "risky")], []));
    assert!(report.findings[0].witness.is_none() && report.findings[0].unproven.is_none(), "{report:#?}");
    for policy in [policy(&[(rule, "off")], []), policy(&[], [ignore(rule)])] {
        let report = judged(&base, &revision, &policy);
        assert!(report.findings.is_empty() && report.ignored[0].witness.is_none(), "{report:#?}");
        assert_eq!(report.ignored[0].level, Level::Breaking, "it is as bad as it was");
    }
}

/// Two documents with `many` operations that are removed and one whose body changes.
fn many_and_one(many: usize) -> (Document, Document) {
    let one = |kind: &str| {
        let body = format!("requestBody: {{content: {{a/json: {{schema: {{type: {kind}}}}}}}}}");
        format!("paths:\n  /z: {{post: {{{body}}}}}\n")
    };
    let mut base = one("string");
    for i in 0..many {
        // Writing to a string can't fail.
        let _ = writeln!(base, "  /p{i}: {{get: {{}}}}");
    }
    (read(&document("3.1.0", &base)), read(&document("3.1.0", &one("integer"))))
}

#[test]
fn ignored_findings_take_no_room() {
    let (base, revision) = many_and_one(30_000);
    let found = |report: &Report| report.findings.iter().any(|finding| finding.rule == "request-type-changed");
    // The last in the document is among those that there is no room for.
    let by_default = judged(&base, &revision, &Policy::default());
    assert!(!found(&by_default), "the test is of the size that it was made for");
    assert_eq!((by_default.findings.len(), by_default.left_out), (20_001, 10_001));
    for policy in [
        policy(&[("operation-removed", "off")], []),
        policy(&[], [ignore("operation-removed")]),
        policy(&[("operation-removed", "risky")], []),
    ] {
        let report = judged(&base, &revision, &policy);
        assert!(found(&report), "{policy:?}");
        assert_eq!(report.findings[0].rule, "request-type-changed");
        assert!(report.findings[0].witness.is_some());
        let told = report.findings.len() + report.left_out + report.ignored.len() + report.ignored_left_out;
        // One more says that some are missing.
        assert_eq!(told - usize::from(report.left_out > 0), 30_001, "each is told or counted");
    }
}

#[test]
fn a_fingerprint_is_the_same_whatever_the_policy() {
    // Two findings that are alike in all but their place.
    let source = |status: &str| {
        let one = format!(
            "{{description: d, content: {{a/json: {{schema: {{oneOf: [{{type: {status}}}, {{type: {status}, title: x}}]}}}}}}}}"
        );
        operation(&format!("responses: {{'200': {one}}}"))
    };
    let (base, revision) = (read(&source("string")), read(&source("integer")));
    let by_default = compare(&base, &revision);
    assert!(!by_default.is_empty());
    for finding in &by_default {
        let one = Ignore { fingerprint: Some(finding.fingerprint.clone()), ..ignore(&finding.rule) };
        let report = judged(&base, &revision, &policy(&[], [one]));
        let ignored: Vec<_> = report.ignored.iter().map(|finding| &finding.fingerprint).collect();
        assert_eq!(ignored, [&finding.fingerprint]);
        assert_eq!(report.findings.len(), by_default.len() - 1);
    }
}

#[test]
fn a_policy_s_notice_and_two_days_are_told_apart() {
    let life = |life: &str| operation(&format!("{life} responses: {{}}"));
    let (base, revision) = (read(&life("")), read(&life("deprecated: true, x-sunset: '2027-04-30',")));
    let day = |text: &str| text.parse::<Date>().expect("a date");
    let mut ended = ignore("sunset-too-soon");
    ended.expires = Some(day("2027-03-01"));
    let mut policy = policy(&[], [ended]);
    policy.notice.stable = 90;
    for (today, counts) in [("2027-03-01", false), ("2027-03-02", true)] {
        let options = Options::default().on(day("2027-01-31"));
        let report = judge(&base, &revision, &Judging { policy: &policy, today: Some(day(today)), options });
        let told = report.findings.iter().any(|finding| finding.rule == "sunset-too-soon");
        assert_eq!((told, report.expired.len()), (counts, usize::from(counts)), "{today}");
    }
}

/// Documents with changes of every level, some alike and some without a witness.
fn varied() -> (Document, Document) {
    let source = |kind: &str, values: &str, paths: &str| {
        let body = "requestBody: {content: {a/json: {schema: {$ref: '#/components/schemas/S'}}}}";
        let ok = format!("responses: {{'200': {{content: {{a/json: {{schema: {{enum: [{values}]}}}}}}}}}}");
        let shared: String = (0..25).map(|i| format!("  /s{i}: {{post: {{{body}, {ok}}}}}\n")).collect();
        let schema = format!("{{type: object, properties: {{a: {{type: {kind}}}, b: {{type: {kind}}}}}}}");
        document("3.1.0", &format!("paths:\n{paths}{shared}components: {{schemas: {{S: {schema}}}}}"))
    };
    let base = source("string", "a, b", "  /gone: {get: {}}\n  /old: {get: {}}\n");
    let revision = source("integer", "b, c", "  /new: {get: {}}\n  /old: {get: {deprecated: true}}\n");
    (read(&base), read(&revision))
}

const CHANGED: [&str; 6] = [
    "request-type-changed",
    "response-value-added",
    "response-value-removed",
    "operation-removed",
    "operation-added",
    "operation-deprecated",
];

proptest! {
    /// What was judged by no policy says under one what judging by that one says, or that it can't say.
    #[test]
    fn a_report_under_a_policy_is_the_policy_s_own(
        settings in prop::collection::vec((0..CHANGED.len(), 0..4_usize), 0..4),
        ignored in prop::collection::vec((0..CHANGED.len(), 0..4_usize, any::<prop::sample::Index>()), 0..4),
    ) {
        let (base, revision) = varied();
        let engine = judged(&base, &revision, &Policy::default());
        let mut policy = Policy::default();
        for (rule, setting) in settings {
            policy.set(CHANGED[rule], ["breaking", "risky", "safe", "off"][setting]).expect("it is right");
        }
        for (rule, what, which) in ignored {
            let mut one = ignore(CHANGED[rule]);
            let of_rule: Vec<&Finding> = engine.findings.iter().filter(|finding| finding.rule == one.rule).collect();
            prop_assert!(!of_rule.is_empty(), "{}", one.rule);
            let finding = of_rule[which.index(of_rule.len())];
            match what {
                0 => {}
                1 => one.fingerprint = Some(finding.fingerprint.clone()),
                2 => one.operation = finding.operation.clone(),
                _ => one.path = finding.revision.as_ref().or(finding.base.as_ref()).map(|place| place.pointer.clone()),
            }
            policy.ignore(one).expect("it is right");
        }
        let own = judged(&base, &revision, &policy);
        let raised = own.findings.iter().any(|f| f.level == Level::Breaking && f.engine_level.is_some());
        match engine.under(&policy, None) {
            Some(report) => prop_assert_eq!(report, own),
            None => prop_assert!(raised, "nothing has to be shown again: {:?}", policy),
        }
    }
}

#[test]
fn what_was_left_out_or_had_no_time_takes_the_documents() {
    let (base, revision) = many_and_one(20_001);
    let engine = judged(&base, &revision, &Policy::default());
    assert_eq!(engine.clone().under(&Policy::default(), None), Some(engine.clone()));
    assert_eq!(engine.under(&policy(&[("operation-removed", "off")], []), None), None);

    let (base, revision) = varied();
    let steps = Options::default().steps(14_000);
    let few = judge(&base, &revision, &Judging { options: steps, ..Judging::default() });
    let late = |finding: &&Finding| finding.unproven.as_deref().is_some_and(|why| why.contains("took the time"));
    assert!(few.left_out == 0 && few.findings.iter().any(|finding| late(&finding)), "{few:#?}");
    assert_eq!(few.clone().under(&policy(&[("operation-removed", "off")], []), None), None);
    assert!(few.under(&policy(&[("operation-added", "off")], []), None).is_some(), "that had no proof to give back");
}
