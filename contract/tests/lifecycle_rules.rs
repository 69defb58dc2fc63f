//! Sunsets, deprecations and stability levels, of operations, parameters and properties.

mod common;

use common::{
    Rows, expected, path, read,
    tables::lives::{LIVES, THINGS},
};
use contract::{Date, Judging, Notice, Options, Policy, judge, rules::RULES};
use shared::Finding;

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

/// The day on which these tests are.
fn today() -> Judging<'static> {
    Judging { options: Options::default().on(day("2027-01-31")), ..Judging::default() }
}

fn findings(base: &str, revision: &str, judging: &Judging<'_>) -> Vec<Finding> {
    judge(&read(base), &read(revision), judging).findings
}

/// `rule` or, where the level isn't the rule's own, `rule@level`; sorted.
fn rules(base: &str, revision: &str, judging: &Judging<'_>) -> Vec<String> {
    let mut rules: Vec<String> = findings(base, revision, judging)
        .iter()
        .map(|finding| {
            let rule = contract::rules::find(&finding.rule).expect("every finding's rule is in the table");
            if rule.level == finding.level { rule.id.to_owned() } else { format!("{}@{}", rule.id, finding.level) }
        })
        .collect();
    rules.sort();
    rules
}

/// Rules that the other tests of this file hit.
const OTHERS: [&str; 3] = ["removed-before-sunset", "removed-after-sunset", "sunset-missing"];

#[test]
fn every_rule_about_lives_is_hit() {
    let place = |id| RULES.iter().position(|rule| rule.id == id).expect("it is in the table");
    let hit: Vec<&str> = LIVES.iter().flat_map(|(.., told)| told.split_whitespace()).chain(OTHERS).collect();
    let hits = |id: &str| hit.iter().any(|rule| rule.split('@').next() == Some(id));
    let all = &RULES[place("removed-before-sunset")..place("request-constraint-changed")];
    let missed: Vec<&str> = all.iter().map(|rule| rule.id).filter(|id| !hits(id)).collect();
    assert!(missed.is_empty(), "no row for {missed:?}");
}

#[test]
fn each_life_is_told_alike_for_all_that_lives() {
    let mut table = Rows::default();
    for (make, deprecated, undeprecated) in THINGS {
        for (before, after, told) in LIVES {
            let told = told.replace('D', deprecated).replace('U', undeprecated);
            table.same(
                &rules(&make(before), &make(after), &today()),
                &expected(&told),
                format_args!("{before} → {after}"),
            );
        }
    }
}

#[test]
fn leaving_is_judged_by_the_sunset() {
    type Made = (fn(&str) -> String, fn() -> String, &'static str, &'static str);
    let things: &[Made] = &[
        (
            |life| path(&format!("get: {{{life}}}, post: {{}}")),
            || path("post: {}"),
            "operation-removed",
            "deprecated-operation-removed",
        ),
        (
            |life| path(&format!("get: {{parameters: [{{name: q, in: query, schema: {{}}, {life}}}]}}")),
            || path("get: {}"),
            "parameter-removed",
            "parameter-removed",
        ),
        (
            |life| common::response("3.1.0", &format!("{{properties: {{a: {{type: string, {life}}}}}}}")),
            || common::response("3.1.0", "{type: object}"),
            "response-property-removed",
            "response-property-removed",
        ),
    ];
    let mut table = Rows::default();
    for (make, without, plain, deprecated) in things {
        for (life, told) in [
            ("", *plain),
            ("deprecated: true", *deprecated),
            ("deprecated: true, x-sunset: '2027-01-31'", "removed-after-sunset"),
            ("x-sunset: '2027-01-30'", "removed-after-sunset"),
            ("deprecated: true, x-sunset: '2027-02-01'", "removed-before-sunset"),
            ("deprecated: true, x-sunset: tomorrow", "sunset-invalid"),
        ] {
            table.same(&rules(&make(life), &without(), &today()), &expected(told), format_args!("{life}"));
        }
        // Without a day, nobody knows whether the time had come.
        let life = "deprecated: true, x-sunset: '2027-02-01'";
        assert_eq!(rules(&make(life), &without(), &Judging::default()), expected(deprecated));
    }
}

#[test]
fn a_policy_asks_for_notice() {
    let make = |life: &str| path(&format!("get: {{{life}}}"));
    let mut policy = Policy::default();
    policy.notice = Notice { stable: 90, beta: 30 };
    let judging = Judging { policy: &policy, ..today() };
    let told = |before: &str, after: &str| rules(&make(before), &make(after), &judging);
    assert_eq!(told("", "deprecated: true"), expected("operation-deprecated sunset-missing"));
    let soon = "deprecated: true, x-sunset: '2027-04-30'";
    assert_eq!(told("", soon), expected("operation-deprecated sunset-too-soon"));
    assert_eq!(told("", "deprecated: true, x-sunset: '2027-05-01'"), expected("operation-deprecated sunset-added"));
    let beta = "x-stability-level: beta, ";
    assert_eq!(told(beta, &format!("{beta}{soon}")), expected("operation-deprecated sunset-added"));
    let draft = "x-stability-level: draft, ";
    assert_eq!(told(draft, &format!("{draft}deprecated: true")), expected("operation-deprecated"));
    assert_eq!(told("deprecated: true, x-sunset: '2028-01-01'", soon), expected("sunset-moved-earlier"));
    let far = "deprecated: true, x-sunset: '2027-12-01'";
    assert_eq!(told("deprecated: true, x-sunset: '2028-01-01'", far), expected("sunset-moved-earlier@risky"));
    let found = findings(&make(""), &make(soon), &judging);
    let message = &found.iter().find(|finding| finding.rule == "sunset-too-soon").expect("it is told").message;
    assert_eq!(message, "Sunset 2027-04-30 is in 89 days; 90 days of notice are required");
}

#[test]
fn nothing_breaks_in_what_is_marked_as_unstable() {
    let body = |kind: &str| format!("requestBody: {{content: {{application/json: {{schema: {{type: {kind}}}}}}}}}");
    let make = |life: &str, kind: &str, parameter: &str| {
        path(&format!("post: {{{life}parameters: [{{name: q, in: query, schema: {{}}}}{parameter}], {}}}", body(kind)))
    };
    let needed = ", {name: r, in: query, required: true, schema: {}}";
    let mut table = Rows::default();
    for (life, level) in [("", ""), ("x-stability-level: beta, ", ""), ("x-stability-level: alpha, ", "@risky")] {
        let told = rules(&make(life, "string", ""), &make(life, "integer", needed), &today());
        let wanted = format!("request-type-changed{level} required-parameter-added{level}");
        table.same(&told, &expected(&wanted), format_args!("{life}"));
    }
    let property = |life: &str, kind: &str| {
        common::response("3.1.0", &format!("{{properties: {{a: {{{life} type: object, properties: {{b: {kind}}}}}}}}}"))
    };
    let mut table = Rows::default();
    for (life, level) in [("", ""), ("x-stability-level: draft,", "@risky")] {
        let told = rules(&property(life, "{type: string}"), &property(life, "{type: integer}"), &today());
        table.same(&told, &expected(&format!("response-type-changed{level}")), format_args!("{life}"));
    }
    // What was stable is judged by what it was.
    let told = rules(&make("", "string", ""), &make("x-stability-level: alpha, ", "integer", ""), &today());
    assert_eq!(told, expected("request-type-changed stability-decreased@risky"));
    let told = rules(&path("get: {x-stability-level: draft}, post: {}"), &path("post: {}"), &today());
    assert_eq!(told, expected("unstable-operation-removed"));
}
