//! Documents made to make linting dear. There are no clocks here: a test that takes longer than the runner allows has
//! failed.

mod common;

use common::{document, operation, read};
use contract::lint;
use shared::lint::Lint;
use std::fmt::Write as _;

fn of(source: &str) -> Lint {
    lint(&read(source))
}

/// What one rule found: places and how many are broken.
fn reason(found: &Lint, rule: &str) -> (u32, u32) {
    let reason = found.score.reasons.iter().find(|reason| reason.rule == rule);
    reason.map(|reason| (reason.places, reason.broken)).unwrap_or_default()
}

fn listed(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(", ")
}

#[test]
fn one_rule_doesn_t_hide_the_others_and_what_is_left_out_is_counted() {
    let properties = listed(20_000, |i| format!("p{i}: {{type: string}}"));
    let found = of(&document(
        "3.1.0",
        &format!("paths: {{}}\ncomponents: {{schemas: {{S: {{type: object, properties: {{{properties}}}}}}}}}"),
    ));
    assert_eq!(reason(&found, "property-undescribed"), (20_000, 20_000));
    let rows = found.findings.iter().filter(|finding| finding.rule == "property-undescribed").count();
    assert_eq!(rows, 1_000);
    assert_eq!(found.score.left_out, 19_000);
    assert!(found.findings.iter().any(|finding| finding.rule == "component-unused"));
    assert!(found.findings[0].message.len() < 200, "{}", found.findings[0].message);
}

#[test]
fn names_as_long_as_the_document_are_cut() {
    let name = "x".repeat(1_000_000);
    let found = of(&document("3.1.0", &format!("paths: {{/get{name}: {{get: {{operationId: {name}}}}}}}")));
    assert!(found.findings.iter().all(|finding| finding.message.len() < 2_000));
}

#[test]
fn many_paths_that_share_one_item() {
    let parameters = listed(2_000, |i| format!("{{name: p{i}, in: path, required: true}}"));
    let responses = listed(400, |i| format!("{}: {{description: x}}", 100 + i));
    let mut rest = String::from("paths:\n");
    for i in 0..40_000 {
        let _ = writeln!(rest, "  '/p{i}/{{id}}': {{$ref: '#/components/pathItems/P'}}");
    }
    let item = format!("{{get: {{parameters: [{parameters}], responses: {{{responses}}}}}}}");
    let found = of(&document("3.1.0", &format!("{rest}components: {{pathItems: {{P: {item}}}}}")));
    assert_eq!(reason(&found, "path-parameter-unused"), (2_000, 2_000));
    assert_eq!(reason(&found, "operation-id-missing"), (1, 1), "one operation, however many paths lead to it");
}

#[test]
fn many_operations_that_share_one_large_schema() {
    let properties = listed(6_000, |i| format!("p{i}: {{type: string}}"));
    let mut rest = String::from("paths:\n");
    for i in 0..6_000 {
        let media = "{content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}";
        let _ = writeln!(rest, "  /p{i}: {{get: {{requestBody: {media}, responses: {{200: {media}, 404: {media}}}}}}}");
    }
    let schemas = format!("components: {{schemas: {{S: {{type: object, properties: {{{properties}}}}}}}}}");
    let found = of(&document("3.1.0", &(rest + &schemas)));
    assert_eq!(reason(&found, "request-string-unbounded"), (6_000, 6_000));
    assert_eq!(reason(&found, "error-bodies-differ"), (6_000, 0));
}

#[test]
fn schemas_that_contain_themselves_in_every_way() {
    let schemas = listed(300, |i| {
        let all = listed(300, |j| format!("{{$ref: '#/components/schemas/S{j}'}}"));
        format!("S{i}: {{type: [string, array], allOf: [{all}], items: {{$ref: '#/components/schemas/S{i}'}}}}")
    });
    let body = "requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/S0'}}}}, responses: {}";
    let found = of(&format!("{}components: {{schemas: {{{schemas}}}}}", operation(body)));
    assert_eq!(reason(&found, "request-string-unbounded"), (300, 300));
    assert_eq!(reason(&found, "request-array-unbounded"), (300, 300));
}

#[test]
fn examples_are_held_against_schemas_within_bounds() {
    // Each item against each value: the validator gives up on each example, and then there is no room for more.
    let (values, items) = (listed(20_000, |i| format!("v{i}")), listed(4_000, |_| "v19999".to_owned()));
    let media = listed(200, |i| {
        format!(
            "a{i}/json: {{schema: {{$ref: '#/components/schemas/S'}}, examples: {{a: {{$ref: '#/components/examples/E'}}}}}}"
        )
    });
    let components = format!(
        "components: {{schemas: {{S: {{items: {{enum: [{values}]}}}}}}, examples: {{E: {{value: [{items}]}}}}}}\n"
    );
    let found = of(&(operation(&format!("responses: {{200: {{content: {{{media}}}}}}}")) + &components));
    assert_eq!(reason(&found, "example-invalid"), (0, 0), "nothing is claimed");
    assert_eq!(found.score.notes.len(), 1, "{:?}", found.score.notes);
    // One that is too large alone.
    let items = listed(100_000, |i| i.to_string());
    let source = operation(&format!(
        "responses: {{200: {{content: {{a/json: {{schema: {{type: string}}, example: [{items}]}}}}}}}}"
    ));
    let found = of(&source);
    assert_eq!(reason(&found, "example-invalid"), (0, 0));
    assert_eq!(found.score.notes, ["1 example is too much to be held against a schema."]);
}

#[test]
fn errors_with_large_inline_schemas() {
    let properties = listed(300, |i| format!("p{i}: {{type: string}}"));
    let responses = listed(100, |i| {
        format!("{}: {{content: {{application/json: {{schema: {{properties: {{{properties}}}}}}}}}}}", 400 + i)
    });
    let found = of(&operation(&format!("responses: {{{responses}}}")));
    assert_eq!(reason(&found, "error-bodies-differ"), (100, 99), "too large to be held against one another");
}

#[test]
fn segments_without_end() {
    let one = |path: String| {
        let paths = format!("{{\"{path}\": {{\"get\": {{\"responses\": {{}}}}}}}}");
        of(&format!(
            "{{\"openapi\": \"3.1.0\", \"info\": {{\"title\": \"T\", \"version\": \"1\"}}, \"paths\": {paths}}}"
        ))
    };
    assert_eq!(reason(&one("/a_B".repeat(200_000)), "path-not-kebab-case"), (1, 1));
    assert_eq!(reason(&one("/{".repeat(200_000)), "path-parameter-undeclared"), (0, 0));
    let many: String = (0..100_000).map(|i| format!("/{{p{i}}}")).collect();
    assert_eq!(reason(&one(many), "path-parameter-undeclared"), (100_000, 100_000));
}
