//! Views of documents that describe far more than anybody reads: bounded in entries and in text, with a count of the
//! rest.

mod common;

use common::{document, operation, read};
use contract::Document;
use shared::contracts::{OperationView, SchemaView};

/// Far more than a page shows, and little enough for any machine.
const MAX: usize = 16 * 1024 * 1024;

fn listed(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(", ")
}

/// The only operation, and the bytes of it as people get it.
fn view(document: &Document) -> (OperationView, usize) {
    let key = document.operations()[0].key.clone();
    let view = document.operation(&key).expect("it is there");
    let size = serde_json::to_string(&view).expect("a view is JSON").len();
    (view, size)
}

fn schemas(schema: &SchemaView) -> usize {
    let lists = schema.all_of.iter().chain(&schema.one_of).chain(&schema.any_of);
    let boxes = schema.items.iter().chain(&schema.additional_properties).chain(&schema.not).map(|schema| &**schema);
    1 + lists.chain(boxes).map(schemas).sum::<usize>()
        + schema.properties.iter().map(|property| schemas(&property.schema)).sum::<usize>()
}

#[test]
fn an_operation_lists_so_many_of_everything() {
    let list = |item: &str| listed(3_000, |i| item.replace('#', &i.to_string()));
    for (around, item) in [
        ("parameters: [LIST]", "{name: p#, in: query}"),
        ("requestBody: {content: {LIST}}", "a/t#: {}"),
        ("responses: {LIST}", "s#: {}"),
        ("responses: {200: {headers: {LIST}}}", "h#: {}"),
        ("requestBody: {content: {a/b: {examples: {LIST}}}}", "e#: {value: 1}"),
        ("security: [LIST]", "{s#: []}"),
        ("security: [{LIST}]", "s#: []"),
    ] {
        let (view, size) = view(&read(&operation(&around.replace("LIST", &list(item)))));
        assert!((2_500..3_000).contains(&view.more), "{around}: {}", view.more);
        assert!(size < 200_000, "{around}: {size}");
    }
}

#[test]
fn shared_parts_are_listed_within_one_budget() {
    let headers = listed(400, |i| format!("h{i}: {{$ref: '#/components/headers/H'}}"));
    let responses = listed(400, |i| format!("s{i}: {{$ref: '#/components/responses/R'}}"));
    let examples = listed(400, |i| format!("e{i}: {{value: [{}]}}", "x".repeat(1_000)));
    let source = document(
        "3.1.0",
        &format!(
            "paths: {{/a: {{get: {{responses: {{{responses}}}}}}}}}\ncomponents: {{responses: {{R: {{headers: \
             {{{headers}}}}}}}, headers: {{H: {{examples: {{{examples}}}}}}}}}"
        ),
    );
    let (view, size) = view(&read(&source));
    assert_eq!(view.responses.len(), 400);
    assert!(size < MAX, "{size}");
    // 2,000 parts are listed; most of what the others hold isn't even looked at.
    assert!(view.more > 100_000, "{}", view.more);
}

#[test]
fn schemas_count_whether_folded_or_not() {
    let long = "d".repeat(100_000);
    for (around, more) in [("properties: {LIST}", true), ("allOf: [LIST]", false), ("oneOf: [LIST]", false)] {
        let member = |i: usize| format!("{{$ref: '#/components/schemas/B', title: t{i}}}");
        let list = listed(2_000, |i| if more { format!("p{i}: {}", member(i)) } else { member(i) });
        let wide = format!("{{description: {long}, title: {long}, {}}}", around.replace("LIST", &list));
        let rest = format!("paths: {{}}\ncomponents: {{schemas: {{A: {wide}, B: {}}}}}", wide.replace("/B'", "/A'"));
        let view = read(&document("3.1.0", &rest)).schema("A").expect("it is there");
        let count = schemas(&view);
        assert!(count <= 4_001, "{around}: {count}");
        assert!(if more { view.more_properties } else { view.more_alternatives } >= 1_800, "{around}");
        let size = serde_json::to_string(&view).expect("a view is JSON").len();
        assert!(size < MAX, "{around}: {size}");
    }
}

#[test]
fn texts_are_cut() {
    let long = "é".repeat(100_000);
    let schema = format!(
        "{{type: [string, {long}], title: {long}, description: {long}, format: {long}, pattern: {long}, enum: [{long}], \
         default: {long}, examples: [{long}], properties: {{{long}: true}}}}"
    );
    let rest = format!("paths: {{}}\ncomponents: {{schemas: {{A: {schema}}}}}");
    let view = read(&document("3.1.0", &rest)).schema("A").expect("it is there");
    let cut = |text: &str, most: usize| assert!(text.ends_with('…') && text.chars().count() == most + 1, "{most}");
    cut(view.title.as_deref().expect("a title"), 1_000);
    cut(view.description.as_deref().expect("a description"), 20_000);
    cut(&view.constraints[0].1, 20_000);
    cut(&view.enum_values[0], 20_000);
    cut(&view.properties[0].name, 20_000);
    cut(&view.types[1], 100);
    let item = format!("get: {{}}, put: {{}}, summary: {long}");
    let operations = read(&common::path(&item)).operations();
    cut(operations[1].summary.as_deref().expect("the item's summary"), 500);
}
