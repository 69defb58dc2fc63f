//! What documents, file names, policies and hubs say, when all of it is hostile: nothing of it steers a terminal, commands
//! a log or is markup, in any command and any format. Asserted on the bytes that are written.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod command;

use command::handshake;
use serde_json::{Value, json};
use shared::text::is_invisible;
use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    process::Output,
    thread,
};

/// Everything dangerous, as a text of a document has it.
const EVIL: &str = "\u{1b}[31m\u{9b}2J\u{7f}\r\n::error file=x::pwned\n  ::add-mask::a\n##[error]x ##vso[task.x]y \
                    \u{202e}\u{2066}\u{200e}\u{61c}\u{200b}\u{feff}\u{2028}<img src=x onerror=alert(1)><a href='http://evil.example'>x</a><h1>\
                    @everyone #1 www.evil.example https://evil.example [x](http://evil.example) `code` ```` | cell | \
                    </summary></details></code>]]> &lt; %0A::error::y $x$";

/// The same, as short as a file's name or a heading has to be, from its first character on.
const SHORT: &str = "::error::\u{1b}[31m\r\n::error::\u{202e}\u{9b} <b>@all #1|` %0A##[error]x";

const FORMATS: [&str; 6] = ["text", "json", "markdown", "github", "sarif", "junit"];

/// A document of which every text is hostile; `kind` is the type of what changes.
fn document(kind: &str, more: &str) -> String {
    let named = |before: &str| format!("{before}{EVIL}");
    let schema = json!({
        "type": "object",
        "title": EVIL,
        "description": EVIL,
        "required": [EVIL, named(more)],
        "properties": {
            EVIL: {"type": kind, "description": EVIL},
            "listed": {"type": "string", "enum": [EVIL, named(more)]},
            "patterned": {"type": "string", "pattern": named(more), "format": EVIL},
            named(more): {"const": named(more), "default": EVIL},
        },
    });
    let answer = |schema: Value| {
        json!({
            "description": EVIL,
            "headers": {named("X-"): {"required": true, "schema": {"type": kind}}},
            "content": {"application/json": {"schema": schema}, named("text/"): {"schema": {"type": kind}}},
        })
    };
    let operation = |id: &str| {
        json!({
            "operationId": named(&format!("{id}{more}")),
            "summary": EVIL,
            "tags": [EVIL],
            "parameters": [
                {"name": EVIL, "in": "query", "required": true, "schema": {"type": kind}},
                {"name": named(more), "in": "header", "schema": {"type": "string", "enum": [EVIL]}},
            ],
            "requestBody": {"content": {"text/plain": {"schema": {"type": "string", "const": named(more)}}}},
            "responses": {"200": answer(schema.clone()), "default": answer(json!({"$ref": "#/components/schemas/Evil"}))},
        })
    };
    let path = format!("/{SHORT}/{{{SHORT}}}").replace("\r\n", "\n");
    json!({
        "openapi": "3.2.0",
        "info": {"title": EVIL, "version": SHORT, "description": EVIL},
        "servers": [{"url": format!("http://x/{EVIL}"), "description": EVIL}],
        "tags": [{"name": EVIL, "description": EVIL}],
        "paths": {path: {"get": operation("get"), "additionalOperations": {"PURGE": operation("purge")}}},
        "components": {"schemas": {"Evil": {"type": kind, "title": EVIL}, format!("More{more}"): {"type": kind}}},
    })
    .to_string()
}

/// A folder with two hostile documents and one that can't be used, whose names are hostile as well, and a policy.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(&old(), &document("integer", "a"));
    write(&new(), &document("string", "b"));
    write(
        "broken.json",
        &json!({"openapi": "3.1.0", "info": {"title": 1, EVIL: 2}, "paths": {EVIL: 3, SHORT: 4}}).to_string(),
    );
    let reason = toml::Value::String(EVIL.to_owned());
    write(
        "handshake.toml",
        &format!(
            "[[ignore]]\nrule = 'request-value-added'\nreason = {reason}\n[[ignore]]\nrule = 'operation-tags-changed'\nreason = \
             {reason}\nexpires = 2020-01-01\n[[ignore]]\nrule = 'info-contact-missing'\nreason = {reason}\n"
        ),
    );
    write("bad.toml", &format!("[rules]\n{} = 'off'\n", toml::Value::String(SHORT.to_owned())));
    folder
}

fn old() -> String {
    format!("{}old.json", SHORT.replace('/', ""))
}

fn new() -> String {
    format!("{}new.json", SHORT.replace('/', ""))
}

/// Fails where something written isn't seen, or is a command to a log. `commands` are what a line may command.
fn assert_harmless(what: &str, bytes: &[u8], commands: &[&str]) -> String {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    for line in text.split('\n') {
        let unseen = line.chars().find(|c| c.is_control() || is_invisible(*c));
        assert_eq!(unseen, None, "{what}: {line:?}");
        // GitHub takes off space before it looks.
        let start = line.trim_start();
        assert!(
            !start.starts_with("::") || commands.iter().any(|command| line.starts_with(command)),
            "{what}: {line:?}"
        );
        for anywhere in ["##[", "##vso[", "##teamcity["] {
            assert!(!line.contains(anywhere), "{what}: {line:?}");
        }
    }
    text
}

fn assert_both_harmless(what: &str, output: &Output) -> String {
    assert_harmless(&format!("{what}, standard error"), &output.stderr, &[]);
    let commands: &[&str] =
        if what.ends_with("github") { &["::error file=", "::warning file=", "::notice file="] } else { &[] };
    assert_harmless(what, &output.stdout, commands)
}

/// Markdown without what stands in fences, and without the tags that the program writes.
fn outside_of_code(markdown: &str) -> String {
    let mut fence: Option<String> = None;
    let mut rest = String::new();
    for line in markdown.lines() {
        match &fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => fence = Some(line.trim_end_matches("http").to_owned()),
            None => {
                let mut line = line.to_owned();
                while let Some((before, inside)) = line.split_once("<code>") {
                    let (_, after) = inside.split_once("</code>").unwrap();
                    line = format!("{before}{after}");
                }
                rest.push_str(&line);
                rest.push('\n');
            }
        }
    }
    assert_eq!(fence, None, "every fence is closed: {markdown}");
    ["<details>", "</details>", "<summary>", "</summary>"].iter().fold(rest, |rest, tag| rest.replace(tag, ""))
}

fn assert_no_markup(what: &str, markdown: &str) {
    let rest = outside_of_code(markdown);
    for markup in ["<", ">", "@", "`", "*", "[", "]", "_", "\\", "$", "://", "www."] {
        assert!(!rest.contains(markup), "{what}: {markup} in {rest}");
    }
    for line in rest.lines() {
        assert!(!line.trim_start_matches('#').replace("&#", "").contains('#'), "{what}: {line}");
        // A cell more would be a pipe of the document's.
        let pipes = line.matches('|').count();
        assert!(pipes == 0 || pipes == 5, "{what}: {line}");
    }
}

fn assert_format(what: &str, format: &str, text: &str) {
    match format {
        "json" => {
            let json: Value = serde_json::from_str(text).unwrap();
            let findings = json["findings"].to_string();
            let (raw, short) = (Value::from("\u{202e}").to_string(), "pwned");
            assert!(
                findings.contains(raw.trim_matches('"')) && findings.contains(short),
                "{what}: JSON says what is so"
            );
        }
        "markdown" => assert_no_markup(what, text),
        "sarif" => {
            let sarif: Value = serde_json::from_str(text).unwrap();
            for result in sarif["runs"][0]["results"].as_array().unwrap() {
                let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
                assert!(
                    uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%/.-_~".contains(&byte)),
                    "{what}: {uri}"
                );
                assert!(!result["message"]["text"].as_str().unwrap().contains("]("), "{what}: a link in {result}");
            }
        }
        "junit" => assert!(!text.contains("<img") && !text.contains("]]>"), "{what}: {text}"),
        _ => {}
    }
}

#[test]
fn nothing_that_a_document_says_gets_out_as_it_is() {
    let folder = folder();
    for format in FORMATS {
        for arguments in [&["diff", &old(), &new()][..], &["lint", &new()]] {
            let what = format!("{} as {format}", arguments[0]);
            let output = handshake(folder.path(), &[arguments, &["--format", format, "--fail-on", "none"]].concat())
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(0), "{what}: {}", String::from_utf8_lossy(&output.stderr));
            let text = assert_both_harmless(&what, &output);
            assert!(text.contains("pwned"), "{what}: the test is about something: {text}");
            assert_format(&what, format, &text);
        }
    }
}

#[test]
fn nothing_that_an_error_quotes_gets_out_as_it_is() {
    let folder = folder();
    let evil: String = EVIL.replace('/', "");
    let git = format!("git:{evil}:{evil}");
    for arguments in [
        &["diff", "broken.json", "broken.json"][..],
        &["lint", "broken.json"],
        &["lint", SHORT],
        &["lint", &git],
        &["lint", &new(), "--policy", "bad.toml"],
        &["lint", &new(), "--policy", SHORT],
        &["lint", &new(), "--format", SHORT],
        &["rules", SHORT],
        &[SHORT],
        &["publish", &new(), "--service", "orders", "--token", "t", "--label", SHORT],
        &["publish", &new(), "--service", "orders", "--token", "t", "--url", SHORT],
        &["publish", SHORT, "--service", "orders", "--token", "t"],
        &["user", "create", "--email", SHORT, "--name", SHORT],
    ] {
        let output = handshake(folder.path(), arguments).output().unwrap();
        assert_ne!(output.status.code(), Some(0), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
        assert_both_harmless(&format!("{arguments:?}"), &output);
    }
}

/// A hub that answers every request alike, as often as asked; its address.
fn hub(status: &'static str, headers: &'static str, body: String) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 65_536];
            // The whole request, so that the answer isn't lost to a reset.
            while !is_whole(&request) {
                match stream.read(&mut buffer).unwrap() {
                    0 => break,
                    read => request.extend_from_slice(&buffer[..read]),
                }
            }
            let head =
                format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(body.as_bytes()).unwrap();
        }
    });
    format!("http://{address}")
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
    request.len() >= head.len() + 4 + length.unwrap_or(0)
}

#[test]
fn nothing_that_a_hub_says_gets_out_as_it_is() {
    let folder = folder();
    let detail = |line: Option<u32>, column: Option<u32>, field: &str| json!({"field": field, "message": EVIL, "line": line, "column": column});
    let error = json!({
        "code": "invalid",
        "message": SHORT,
        "details": [detail(None, None, ""), detail(None, None, SHORT), detail(Some(1), None, SHORT), detail(Some(1), Some(2), SHORT)],
        "traceId": SHORT,
    });
    let refusal = json!({"success": false, "data": null, "error": error}).to_string();
    let redirect = "location: http://evil.example/##[error]x::error::y\r\n";
    for (address, said) in [
        (hub("422 Unprocessable Content", "content-type: application/json\r\n", refusal), "the hub refused"),
        (hub("302 Found", redirect, String::new()), "sends elsewhere"),
        (hub("200 OK", "", EVIL.to_owned()), "not as a hub does"),
    ] {
        for format in ["text", "json"] {
            let arguments =
                ["publish", &new(), "--service", "orders", "--token", "t", "--url", &address, "--format", format];
            let output = handshake(folder.path(), &arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(2));
            let err = assert_harmless(said, &output.stderr, &[]);
            assert!(err.contains(said), "{err}");
            assert_both_harmless(said, &output);
        }
    }
}

#[test]
fn a_name_that_a_hub_gives_hides_nothing() {
    let folder = folder();
    for label in ["1.0\u{202e}0", "1\u{1b}[31m", "1\u{200b}"] {
        let answer = json!({"success": true, "data": published(label), "error": null}).to_string();
        let address = hub("201 Created", "content-type: application/json\r\n", answer);
        let arguments = ["publish", &new(), "--service", "orders", "--token", "t", "--url", &address];
        let output = handshake(folder.path(), &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "a label that can't be one is no hub's");
        assert_both_harmless("publish", &output);
    }
    let answer = json!({"success": true, "data": published("1.0.0"), "error": null}).to_string();
    let address = hub("201 Created", "content-type: application/json\r\n", answer);
    for format in ["text", "json"] {
        let arguments =
            ["publish", &new(), "--service", "orders", "--token", "t", "--url", &address, "--format", format];
        let output = handshake(folder.path(), &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert_both_harmless("publish", &output);
    }
}

/// What a hub says of a version that it published.
fn published(label: &str) -> Value {
    json!({
        "created": true,
        "version": {
            "id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "service": "orders",
            "label": label,
            "number": 2,
            "author": "Ada",
            "publishedAt": "2026-01-31T10:00:00.000Z",
            "size": 1,
            "digest": EVIL,
            "format": "json",
            "openapi": EVIL,
            "title": EVIL,
            "operations": 1,
            "publishedVerdict": {"level": "safe", "counts": {"breaking": 0, "risky": 0, "safe": 0}, "base": label},
        },
        "verdict": {"level": "safe", "counts": {"breaking": 0, "risky": 0, "safe": 0}, "ignoredCount": 0},
    })
}
