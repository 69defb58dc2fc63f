//! The commands for pipelines, run as a pipeline runs them.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod command;

use command::{handshake, outcome, run};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead as _, Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
};

/// A folder with `old.yaml`, and with `new.yaml` where the response's `total` has become a string.
fn contracts() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, kind) in [("old.yaml", "number"), ("new.yaml", "string")] {
        fs::write(folder.path().join(file), contract(kind)).unwrap();
    }
    folder
}

fn contract(kind: &str) -> String {
    format!(
        "openapi: 3.1.0
info: {{title: Shop, version: '1'}}
paths:
  /orders:
    get:
      responses:
        '200':
          description: Orders.
          content:
            application/json:
              schema:
                type: object
                properties:
                  total: {{type: {kind}}}
"
    )
}

#[test]
fn the_exit_code_says_whether_something_breaks() {
    let folder = contracts();
    for (arguments, code) in [
        (&["diff", "old.yaml", "old.yaml"][..], 0),
        (&["diff", "old.yaml", "new.yaml"], 1),
        (&["diff", "old.yaml", "new.yaml", "--fail-on", "risky"], 1),
        (&["diff", "old.yaml", "new.yaml", "--fail-on", "none"], 0),
        (&["diff", "old.yaml", "missing.yaml"], 2),
        (&["diff", "old.yaml"], 2),
        (&["diff", "-", "-"], 2),
        (&["diff", "old.yaml", "git:HEAD:old.yaml"], 2),
    ] {
        assert_eq!(run(folder.path(), arguments).0, code, "{arguments:?}");
    }
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    let folder = contracts();
    fs::write(folder.path().join("broken.yaml"), "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: [\n").unwrap();
    let output = handshake(folder.path(), &["diff", "old.yaml", "broken.yaml"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("broken.yaml:4:"), "{said}");
}

#[test]
fn text_is_for_people() {
    let folder = contracts();
    let (_, text) = run(folder.path(), &["diff", "old.yaml", "new.yaml"]);
    for part in
        ["GET /orders", "✕ breaking", "old.yaml:14:27 → new.yaml:14:27", "old.yaml → new.yaml: 1 breaking change."]
    {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    let proof = "      | HTTP/1.1 200 OK
      | Content-Type: application/json
      | 
      | {\"total\": \"text\"}
      The new contract takes this message, the old one refuses it. The body at `/total` must be of the type number.
";
    assert!(text.contains(proof), "{text}");
    let (_, markdown) = run(folder.path(), &["diff", "old.yaml", "new.yaml", "--format", "markdown"]);
    assert!(markdown.contains("```http\nHTTP/1.1 200 OK\n"), "{markdown}");
    assert!(!text.contains('\u{1b}'));
    assert!(run(folder.path(), &["diff", "old.yaml", "new.yaml", "--color", "always"]).1.contains('\u{1b}'));
    assert!(run(folder.path(), &["diff", "old.yaml", "old.yaml"]).1.contains("no changes"));
}

#[test]
fn one_document_may_come_from_standard_input_and_the_other_from_git() {
    let folder = contracts();
    let git = |arguments: &[&str]| {
        let done = Command::new("git").current_dir(folder.path()).args(arguments).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "old.yaml"]);
    git(&["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "-m", "One"]);
    let mut child = handshake(folder.path(), &["diff", "git:HEAD:old.yaml", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(contract("string").as_bytes()).unwrap();
    let (code, text) = outcome(&child.wait_with_output().unwrap());
    assert_eq!(code, 1);
    assert!(text.contains("git:HEAD:old.yaml:14:27 → standard input:14:27"), "{text}");
    assert_eq!(run(folder.path(), &["diff", "git:--output=x:y", "old.yaml"]).0, 2, "a revision is never an option");

    // The first run: there is nothing in that revision yet.
    for (base, code) in [
        ("git:HEAD:new.yaml", 0),
        ("none.yaml", 0),
        ("git:HEAD:old.yaml", 1),
        ("git:nowhere:new.yaml", 2),
        ("git:--output=x:y", 2),
    ] {
        let (found, text) = run(folder.path(), &["diff", base, "new.yaml", "--base-missing", "pass"]);
        assert_eq!((found, text.contains("nothing to compare with")), (code, code == 0), "{base}: {text}");
        assert_eq!(run(folder.path(), &["diff", base, "none.yaml", "--base-missing", "pass"]).0, 2, "{base}");
    }
    let (_, json) =
        run(folder.path(), &["diff", "none.yaml", "new.yaml", "--base-missing", "pass", "--format", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["baseMissing"], true);
}

#[test]
fn tools_get_their_formats() {
    let folder = contracts();
    let report = |format: &str| run(folder.path(), &["diff", "old.yaml", "new.yaml", "--format", format]).1;

    let json: Value = serde_json::from_str(&report("json")).unwrap();
    assert_eq!((&json["level"], &json["counts"]["breaking"]), (&"breaking".into(), &1.into()));
    let rule = json["findings"][0]["rule"].as_str().unwrap().to_owned();

    let sarif: Value = serde_json::from_str(&report("sarif")).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!((&sarif["version"], &run["tool"]["driver"]["rules"][0]["id"]), (&"2.1.0".into(), &rule.clone().into()));
    let location = &run["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(
        (&location["artifactLocation"]["uri"], &location["region"]["startLine"]),
        (&"new.yaml".into(), &14.into())
    );
    assert_eq!(run["results"][0]["level"], "error");
    let fingerprint = json["findings"][0]["fingerprint"].as_str().unwrap();
    assert_eq!(run["results"][0]["partialFingerprints"]["handshake/v1"], fingerprint);
    assert_eq!(json["findings"][0]["values"], serde_json::json!({"base": "number", "revision": "string"}));

    assert!(report("github").contains(&format!("::error file=new.yaml,line=14,col=27,title={rule}::GET /orders: ")));
    assert!(report("markdown").contains("## ✕ Breaking: 1 breaking change"));
    // Each format carries what shows the finding to be true.
    let text = run["results"][0]["message"]["text"].as_str().unwrap().to_owned();
    assert!(text.contains("\nThe new contract takes this message, the old one refuses it."), "{text}");
    assert!(text.contains("HTTP/1.1 200 OK"), "{text}");
    assert!(report("github").lines().any(|line| line.starts_with("::error") && line.contains("%0AHTTP/1.1 200 OK")));
    assert!(report("junit").contains("HTTP/1.1 200 OK"));
    let junit = report("junit");
    assert!(junit.contains("failures=\"1\"") && junit.contains(&rule), "{junit}");
}

#[test]
fn rules_are_listed_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let (code, list) = run(folder.path(), &["rules"]);
    assert_eq!(code, 0);
    assert_eq!(list.lines().count(), contract::rules::RULES.len() + contract::lint::LINT_RULES.len());
    let (_, one) = run(folder.path(), &["rules", "operation-removed"]);
    assert!(one.contains("Why it matters") && one.contains("safely"), "{one}");
    let json: Value =
        serde_json::from_str(&run(folder.path(), &["rules", "--level", "breaking", "--format", "json"]).1).unwrap();
    assert!(json.as_array().unwrap().iter().all(|rule| rule["level"] == "breaking"));
    let (_, practice) = run(folder.path(), &["rules", "path-with-verb"]);
    assert!(practice.contains("Why it matters") && practice.contains("How to fix it"), "{practice}");
    assert_eq!(run(folder.path(), &["rules", "no-such-rule"]).0, 2);
}

#[test]
fn a_policy_levels_and_ignores_and_says_so() {
    let folder = contracts();
    let policy = |text: &str| fs::write(folder.path().join("handshake.toml"), text).unwrap();
    let diff = |more: &[&str]| run(folder.path(), &[&["diff", "old.yaml", "new.yaml"], more].concat());
    let ignore = "[[ignore]]\nrule = 'response-type-changed'\npath = '/paths'\nreason = 'no | one reads it'\nexpires = 2027-03-31\n";
    policy(ignore);
    let on = |day: &'static str, format: &'static str| diff(&["--today", day, "--format", format]);

    let (code, text) = on("2027-03-31", "text");
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("Ignored by handshake.toml") && text.contains("because: no | one reads it (until 2027-03-31)"),
        "{text}"
    );
    assert!(text.contains("no changes, 1 ignored."), "{text}");
    let (code, text) = on("2027-04-01", "text");
    assert_eq!(code, 1);
    assert!(text.contains("handshake.toml:1: this ignore ended on 2027-03-31: its findings count again."), "{text}");

    let json: Value = serde_json::from_str(&on("2027-03-01", "json").1).unwrap();
    assert_eq!(
        (json["counts"]["breaking"].as_u64(), json["ignored"][0]["ignored"]["reason"].as_str()),
        (Some(0), Some("no | one reads it"))
    );
    let sarif: Value = serde_json::from_str(&on("2027-03-01", "sarif").1).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["suppressions"][0]["kind"], "external");
    assert!(on("2027-03-01", "junit").1.contains("<skipped message=\"ignored: no | one reads it"));
    assert!(on("2027-03-01", "markdown").1.contains("no &#124; one reads it"));
    assert!(on("2027-04-01", "github").1.contains("::warning file=handshake.toml,line=1,title=policy::"));

    // All that changes in some operations; and an ignore that covers nothing.
    policy(
        "[[ignore]]\nrule = 'operation-added'\nreason = 'gone'\n\n\
         [[ignore]]\nrule = '*'\noperation = '* /**'\nreason = 'internal'\n",
    );
    let (code, text) = diff(&[]);
    assert!(code == 0 && text.contains("because: internal"), "{text}");
    assert!(text.contains("handshake.toml:1: this ignore covers no finding"), "{text}");
    assert!(!text.contains("handshake.toml:5:"), "{text}");

    policy("[rules]\nresponse-type-changed = 'risky'\n");
    let (code, text) = diff(&[]);
    assert_eq!(code, 0);
    assert!(text.contains("! risky") && text.contains("response-type-changed (the engine says breaking)"), "{text}");
    let json: Value = serde_json::from_str(&diff(&["--format", "json"]).1).unwrap();
    assert_eq!(json["findings"][0]["engineLevel"], "breaking");
    let sarif: Value = serde_json::from_str(&diff(&["--format", "sarif"]).1).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["properties"]["engineLevel"], "breaking");

    let fingerprint = json["findings"][0]["fingerprint"].as_str().unwrap();
    for (print, code) in [(fingerprint, 0), ("00000000000000000000000000000000", 1)] {
        policy(&format!(
            "[[ignore]]\nrule = 'response-type-changed'\nfingerprint = '{print}'\nreason = 'no one reads it'\n"
        ));
        assert_eq!(diff(&[]).0, code, "{print}");
    }

    policy("[rules]\nresponse-type-changd = 'risky'\n");
    let output = handshake(folder.path(), &["diff", "old.yaml", "new.yaml"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("handshake.toml:2: there is no rule `response-type-changd` (did you mean"), "{said}");
    fs::rename(folder.path().join("handshake.toml"), folder.path().join("other.toml")).unwrap();
    assert_eq!(diff(&["--policy", "other.toml"]).0, 2);
    // The flag's old name.
    assert_eq!(diff(&["--config", "other.toml"]).0, 2);
    assert_eq!(diff(&["--policy", "missing.toml"]).0, 2);
    assert_eq!(diff(&[]).0, 1);
    assert_eq!(diff(&["--today", "soon"]).0, 2);
}

/// 300 clients that send nothing, and 256 files that the process may open.
#[test]
fn silent_connections_cannot_take_the_hub_away() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("site/pkg")).unwrap();
    let mut hub = Command::new("sh")
        .args(["-c", "ulimit -n 256 && exec \"$0\" serve --listen 127.0.0.1:0 --data-dir data --site-root site"])
        .arg(env!("CARGO_BIN_EXE_handshake"))
        .current_dir(folder.path())
        .env("RUST_LOG", "off")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufReader::new(hub.stdout.take().unwrap()).lines();
    let address = lines.find_map(|line| Some(line.unwrap().split_once("http://")?.1.to_owned())).unwrap();
    let silent: Vec<_> = (0..300).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let healthy = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(&address)?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200 "))
    };
    let (start, mut served) = (std::time::Instant::now(), false);
    while !served && start.elapsed().as_secs() < 60 {
        // Refused with 503, or reset, until the silent ones are closed.
        served = healthy().unwrap_or(false);
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    drop(silent);
    hub.kill().unwrap();
    hub.wait().unwrap();
    assert!(served, "the hub answers while the silent connections are still held");
}

#[test]
fn an_old_contract_with_repeated_ids_is_compared_with_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let contract = |other: &str| {
        let operation = |id: &str| format!("{{get: {{operationId: {id}, responses: {{}}}}}}");
        format!(
            "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths:\n  /a: {}\n  /b: {}\n",
            operation("x"),
            operation(other)
        )
    };
    fs::write(folder.path().join("old.yaml"), contract("x")).unwrap();
    fs::write(folder.path().join("new.yaml"), contract("y")).unwrap();
    let output = handshake(folder.path(), &["diff", "old.yaml", "new.yaml"]).output().unwrap();
    let (code, text) = outcome(&output);
    assert!(code == 0 && text.contains("operation-id-changed"), "{text}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("warning: old.yaml:5:") && told.contains("operationId `x` is taken on line 4"), "{told}");
    assert_eq!(run(folder.path(), &["diff", "new.yaml", "old.yaml"]).0, 2, "a new contract must be right");
}
