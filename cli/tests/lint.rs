//! `handshake lint`, run as a pipeline runs it, and the hub's own contract judged by the engine.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod command;

use command::{handshake, outcome, run};
use serde_json::Value;
use std::{fs, io::Write as _, process::Stdio};

/// Two errors (a server without TLS, an operation without a success), and what else such a document lacks.
const POOR: &str = "openapi: 3.1.0
info: {title: Shop, version: '1'}
servers: [{url: 'http://shop.example.org/v1'}]
paths:
  /orders:
    get:
      responses: {default: {description: Anything.}}
";

/// Hints only: no description, contact and licence.
const PLAIN: &str = "openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\npaths: {}\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in [("poor.yaml", POOR), ("plain.yaml", PLAIN), ("broken.yaml", "openapi: 3.1.0\npaths: [\n")] {
        fs::write(folder.path().join(file), text).unwrap();
    }
    folder
}

#[test]
fn the_exit_code_says_whether_the_contract_will_do() {
    let folder = folder();
    for (arguments, code) in [
        (&["lint", "poor.yaml"][..], 1),
        (&["lint", "poor.yaml", "--fail-on", "none"], 0),
        (&["lint", "plain.yaml"], 0),
        (&["lint", "plain.yaml", "--fail-on", "warning"], 0),
        (&["lint", "plain.yaml", "--fail-on", "hint"], 1),
        (&["lint", "plain.yaml", "--min-score", "0"], 0),
        (&["lint", "plain.yaml", "--min-score", "1"], 1),
        (&["lint", "plain.yaml", "--min-score", "101"], 2),
        (&["lint", "broken.yaml"], 2),
        (&["lint", "missing.yaml"], 2),
        (&["lint", "git:HEAD:plain.yaml"], 2),
        (&["lint"], 2),
    ] {
        assert_eq!(run(folder.path(), arguments).0, code, "{arguments:?}");
    }
}

#[test]
fn text_is_for_people() {
    let folder = folder();
    let (_, text) = run(folder.path(), &["lint", "poor.yaml", "--min-score", "90"]);
    for part in [
        "GET /orders",
        "✕ error",
        "! warning",
        "· hint",
        "server-not-https  poor.yaml:3:11",
        "of 100, 90 wanted, 2 errors",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    assert!(run(folder.path(), &["lint", "poor.yaml", "--color", "always"]).1.contains('\u{1b}'));
}

#[test]
fn a_document_may_come_from_standard_input() {
    let folder = folder();
    let mut child =
        handshake(folder.path(), &["lint", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(POOR.as_bytes()).unwrap();
    let (code, text) = outcome(&child.wait_with_output().unwrap());
    assert_eq!(code, 1);
    assert!(text.contains("standard input:3:11"), "{text}");
}

#[test]
fn tools_get_their_formats() {
    let folder = folder();
    let report = |format: &str| run(folder.path(), &["lint", "poor.yaml", "--format", format]).1;

    let json: Value = serde_json::from_str(&report("json")).unwrap();
    assert!(json["score"].as_u64().unwrap() < 100);
    let rule = "server-not-https";
    let finding = json["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == rule).unwrap();
    assert_eq!((&finding["severity"], &finding["place"]["line"]), (&"error".into(), &3.into()));
    let reason = json["reasons"].as_array().unwrap().iter().find(|reason| reason["rule"] == rule).unwrap();
    assert_eq!((&reason["weight"], &reason["places"], &reason["broken"]), (&3.into(), &1.into(), &1.into()));

    let sarif: Value = serde_json::from_str(&report("sarif")).unwrap();
    let run = &sarif["runs"][0];
    let result = run["results"].as_array().unwrap().iter().find(|result| result["ruleId"] == rule).unwrap();
    assert_eq!(result["level"], "error");
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], rule);
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 3);

    assert!(report("github").contains(&format!("::error file=poor.yaml,line=3,col=11,title={rule}::")));
    assert!(report("markdown").contains("## ✕ Errors: "));
    let junit = report("junit");
    assert!(junit.contains("name=\"handshake lint\"") && junit.contains("failures=\"2\""), "{junit}");
}

#[test]
fn a_policy_says_what_counts() {
    let folder = folder();
    let policy = |text: &str| fs::write(folder.path().join("handshake.toml"), text).unwrap();
    let lint = |more: &[&str]| run(folder.path(), &[&["lint", "poor.yaml"], more].concat());
    let before = lint(&["--format", "json"]).1;
    let score = |json: &str| serde_json::from_str::<Value>(json).unwrap()["score"].as_u64().unwrap();

    policy(
        "[rules]\nsuccess-response-missing = 'hint'\n[[ignore]]\nrule = 'server-not-https'\nreason = 'inside the cluster'\nexpires = 2027-03-31\n",
    );
    let on = |day: &'static str, format: &'static str| lint(&["--today", day, "--format", format]);
    let (code, text) = on("2027-03-31", "text");
    assert_eq!(code, 0, "{text}");
    for part in [
        "Ignored by handshake.toml",
        "server-not-https  poor.yaml:3:11  because: inside the cluster (until 2027-03-31)",
        "success-response-missing (the engine says error)",
        ", 1 ignored.",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    let json = on("2027-03-31", "json").1;
    assert!(score(&json) > score(&before), "what is ignored is out of the score");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["ignored"][0]["ignored"]["reason"], &json["ignoredCount"]),
        (&"inside the cluster".into(), &1.into())
    );
    let hint = json["findings"].as_array().unwrap().iter().find(|found| found["rule"] == "success-response-missing");
    let hint = hint.expect("it counts as a hint");
    assert_eq!((&hint["severity"], &hint["engineSeverity"]), (&"hint".into(), &"error".into()));
    assert!(json["findings"].as_array().unwrap().iter().any(|found| found.get("engineSeverity").is_none()));
    let (code, text) = on("2027-04-01", "text");
    assert_eq!(code, 1);
    assert!(text.contains("handshake.toml:3: this ignore ended on 2027-03-31: its findings count again."), "{text}");

    policy("[rules]\npath-with-verb = 'breaking'\n");
    let output = handshake(folder.path(), &["lint", "poor.yaml"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("handshake.toml:2: `breaking` is no severity"), "{said}");
    fs::rename(folder.path().join("handshake.toml"), folder.path().join("other.toml")).unwrap();
    assert_eq!(lint(&["--policy", "other.toml"]).0, 2);
    assert_eq!(lint(&[]).0, 1);
}

/// The hub's own OpenAPI document, written into a folder of its own as `own.json`.
fn own_contract() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (code, text) = run(folder.path(), &["openapi"]);
    assert_eq!(code, 0);
    fs::write(folder.path().join("own.json"), text).unwrap();
    folder
}

#[test]
fn the_hub_s_own_contract_keeps_to_every_practice() {
    let folder = own_contract();
    let (code, text) = run(folder.path(), &["lint", "own.json", "--fail-on", "hint", "--min-score", "100"]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn the_hub_s_own_contract_breaks_nobody_who_uses_the_last_release() {
    let folder = own_contract();
    let released = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi/released.json");
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi/handshake.toml");
    let (code, text) = run(folder.path(), &["diff", released, "own.json", "--fail-on", "breaking", "--policy", policy]);
    assert_eq!(
        code, 0,
        "what breaks clients needs another way, a version of the API beside this one, or a good reason in the policy:\n{text}"
    );
}
