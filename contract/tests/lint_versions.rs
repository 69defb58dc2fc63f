//! What lint says of keywords that mean nothing in the document's version of OpenAPI.

mod common;

use common::{Rows, read};
use contract::lint;

#[test]
fn keywords_of_another_version_are_told() {
    let mut table = Rows::default();
    for (version, schema, expected) in [
        (
            "3.1.0",
            "{type: string, nullable: true}",
            Some("The schema `A`: `nullable` has no effect here. Add `null` to `type` instead."),
        ),
        (
            "3.1.0",
            "{type: string, nullable: false}",
            Some("The schema `A`: `nullable` has no effect here. Add `null` to `type` instead."),
        ),
        (
            "3.1.0",
            "{type: number, minimum: 1, exclusiveMinimum: true}",
            Some(
                "The schema `A`: `exclusiveMinimum` is a number since 3.1, and has no effect here. Write the bound in it instead of in `minimum`.",
            ),
        ),
        ("3.1.0", "{type: number, exclusiveMinimum: 1}", None),
        ("3.0.4", "{type: string, nullable: true}", None),
        ("3.0.4", "{type: number, minimum: 1, exclusiveMinimum: true}", None),
        (
            "3.0.4",
            "{nullable: true, allOf: [{type: string}]}",
            Some("The schema `A`: `nullable` has no effect here. It needs a `type` beside it."),
        ),
        ("3.0.4", "{nullable: false, allOf: [{type: string}]}", None),
        (
            "3.0.4",
            "{type: string, nullable: true, enum: [a]}",
            Some("The schema `A`: `nullable` has no effect here. Add `null` to `enum`, which doesn't allow it."),
        ),
        ("3.0.4", "{type: string, nullable: true, enum: [a, null]}", None),
    ] {
        let text = format!(
            "openapi: {version}\ninfo: {{title: t, version: '1'}}\npaths: {{}}\ncomponents: {{schemas: {{A: {schema}}}}}"
        );
        let found = lint(&read(&text)).findings.into_iter().find(|finding| finding.rule == "keyword-without-effect");
        let found = found.map(|finding| finding.message);
        table.same(&found.as_deref(), &expected, format_args!("{version} {schema}"));
    }
}
