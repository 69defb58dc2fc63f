//! What each report looks like, as snapshots: a change of one is looked at, and not missed.
//! `INSTA_UPDATE=always cargo test -p cli --test reports` writes them; `git diff` shows what changed.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod command;

use command::run;
use std::fs;

/// A contract in a few lines: findings of all levels, one of them ignored, one with an example.
const OLD: &str = "openapi: 3.1.0
info: {title: Shop, version: '1'}
servers: [{url: https://shop.example.org/v1}]
paths:
  /orders:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer, maximum: 100}}]
      responses:
        '200':
          description: Orders.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Order'}}}}
  /orders/{id}:
    delete:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: Gone.}}
components:
  schemas:
    Order: {type: object, required: [total], properties: {total: {type: number}, note: {type: string}}}
";

const POLICY: &str = "[[ignore]]
rule = 'operation-removed'
reason = 'Nobody deletes orders.'
";

fn snapshot(name: &str, arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let new = OLD.replace("maximum: 100", "maximum: 50").replace("total: {type: number}", "total: {type: string}");
    let start = new.find("  /orders/{id}:").unwrap();
    let new = format!("{}{}", &new[..start], &new[new.find("components:").unwrap()..]);
    for (file, text) in [("old.yaml", OLD), ("new.yaml", new.as_str()), ("handshake.toml", POLICY)] {
        fs::write(folder.path().join(file), text).unwrap();
    }
    let (code, out) = run(folder.path(), arguments);
    insta::assert_snapshot!(name, format!("exit code {code}\n{out}"), &arguments.join(" "));
}

#[test]
fn of_a_change() {
    for format in ["text", "json", "markdown", "github", "sarif", "junit"] {
        snapshot(&format!("diff_{format}"), &["diff", "old.yaml", "new.yaml", "--format", format]);
    }
}

#[test]
fn of_a_contract() {
    for format in ["text", "json", "markdown", "github", "sarif", "junit"] {
        snapshot(&format!("lint_{format}"), &["lint", "old.yaml", "--format", format]);
    }
}

/// A document that can't be used is an error in the words of each format.
#[test]
fn of_what_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old.yaml"), OLD).unwrap();
    fs::write(folder.path().join("new.yaml"), OLD.replace("get:", "got:").replace("name: id, ", "")).unwrap();
    for format in ["text", "json", "markdown", "github", "sarif", "junit"] {
        for (name, arguments) in [("diff", &["diff", "old.yaml", "new.yaml"][..]), ("lint", &["lint", "new.yaml"])] {
            let (code, out) = run(folder.path(), &[arguments, &["--format", format]].concat());
            assert_eq!((code, out.is_empty()), (2, format == "text"), "{name} {format}");
            if name == "diff" {
                insta::assert_snapshot!(format!("refused_{format}"), out);
            }
        }
    }
    let (code, out) = run(folder.path(), &["diff", "old.yaml", "missing.yaml", "--format", "github"]);
    assert!(code == 2 && out.starts_with("::error file=missing.yaml,title=can't be used::"), "{out}");
}

/// Every rule with its level, title, reason and advice.
#[test]
fn of_the_rules() {
    snapshot("rules", &["rules", "--format", "json"]);
}

/// What is too much for its reader is cut, the worst first, and counted.
#[test]
fn large_reports_fit_their_readers() {
    let folder = tempfile::tempdir().unwrap();
    let contract = |kind: &str| {
        let operation = |index: usize| {
            let schema =
                format!("{{type: {kind}, description: 'Number {index}, in a sentence that takes some room.'}}");
            format!(
                "  /a{index}: {{get: {{parameters: [{{name: p, in: query, schema: {schema}}}], responses: {{}}}}}}\n"
            )
        };
        let paths: String = (0..600).map(operation).collect();
        format!("openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths:\n{paths}")
    };
    fs::write(folder.path().join("old.yaml"), contract("string")).unwrap();
    fs::write(folder.path().join("new.yaml"), contract("integer")).unwrap();
    let report = |format: &str| run(folder.path(), &["diff", "old.yaml", "new.yaml", "--format", format]).1;

    let markdown = report("markdown");
    let rows = markdown.lines().filter(|line| line.starts_with("| breaking |")).count();
    assert!(markdown.chars().count() <= 65_536, "{}", markdown.chars().count());
    let left_out = format!("And {} more. `--format text` lists all of them.\n", 600 - rows);
    assert!(rows > 200 && markdown.ends_with(&left_out), "{rows} {}", &markdown[markdown.len() - 200..]);

    let github = report("github");
    assert_eq!(github.lines().filter(|line| line.starts_with("::error ")).count(), 10);
    assert_eq!(github.lines().filter(|line| line.starts_with("error: new.yaml:")).count(), 590);
    assert!(github.ends_with("600 breaking changes. 590 of them are in the log, and no annotations\n"), "{github}");
}
