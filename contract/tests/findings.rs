//! What every finding says, whatever its rule: the table of rules, places, order, and what many operations share.

mod common;

use common::{document, read};
use contract::rules::RULES;
use shared::{Level, findings::Direction};
use std::collections::BTreeSet;

#[test]
fn the_table_of_rules_is_in_order() {
    let mut ids = BTreeSet::new();
    for rule in RULES {
        assert!(ids.insert(rule.id), "{} stands twice", rule.id);
        assert!(rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.id);
        for text in [rule.why, rule.how] {
            assert!(text.ends_with('.'), "{}: {text}", rule.id);
        }
        assert!(!rule.title.ends_with('.'), "{}", rule.id);
        assert_eq!(contract::rules::find(rule.id), Some(rule));
    }
}

#[test]
fn a_finding_says_what_where_and_for_whom() {
    let schema = |total: &str| {
        format!(
            "openapi: 3.0.3
info: {{title: Shop, version: '1'}}
paths:
  /orders/{{id}}:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {{$ref: '#/components/schemas/Order'}}
components:
  schemas:
    Order:
      type: object
      properties:
        lines:
          type: array
          items:
            type: object
            properties:
              total: {total}
"
        )
    };
    let (base, revision) = (read(&schema("{type: number}")), read(&schema("{nullable: true, type: number}")));
    let findings = contract::compare(&base, &revision);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let finding = &findings[0];
    assert_eq!(finding.level, Level::Breaking);
    assert_eq!(finding.direction, Some(Direction::Response));
    assert_eq!(finding.operation.as_ref().map(ToString::to_string).as_deref(), Some("GET /orders/{id}"));
    assert_eq!(finding.message, "`lines[].total` in the 200 response: may now be null");
    let place = finding.revision.as_ref().expect("it is in the revision");
    assert_eq!(place.pointer, "/components/schemas/Order/properties/lines/items/properties/total/type");
    assert_eq!(place.line, 22);
    assert_eq!(finding.base.as_ref().map(|place| place.line), Some(22));
}

#[test]
fn the_worst_comes_first_then_the_revision_s_order() {
    let base = document("3.1.0", "paths: {/a: {get: {}}, /b: {get: {}}}");
    let revision = document("3.1.0", "paths:\n  /c: {get: {}}\n  /a: {get: {deprecated: true}}");
    assert_eq!(
        contract::compare(&read(&base), &read(&revision)).iter().map(|f| f.rule.clone()).collect::<Vec<_>>(),
        ["operation-removed", "operation-added", "operation-deprecated"]
    );
}

#[test]
fn what_many_operations_share_is_told_for_some_and_summed_up_for_the_rest() {
    let source = |kind: &str| {
        let ok = "{responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}}}";
        let paths: String = (0..30).map(|i| format!("  /p{i}: {{get: {ok}}}\n")).collect();
        document("3.1.0", &format!("paths:\n{paths}components: {{schemas: {{S: {{type: {kind}}}}}}}"))
    };
    let findings = contract::compare(&read(&source("integer")), &read(&source("number")));
    let (told, summary): (Vec<_>, Vec<_>) = findings.iter().partition(|finding| finding.operation.is_some());
    assert_eq!(told.len(), 20);
    assert_eq!(summary.len(), 1);
    let message = &summary[0].message;
    assert!(
        message.ends_with("; the same in 10 more operations: GET /p27, GET /p28, GET /p29 and 7 more"),
        "{message}"
    );
    assert_eq!((summary[0].level, summary[0].operations.len()), (Level::Breaking, 10));
    let shown = summary[0].witness.as_ref().and_then(|witness| witness.body.as_deref());
    assert_eq!(shown, Some("1.5"), "what shows it in one operation shows it in all");
}
