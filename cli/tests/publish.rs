//! `handshake publish`, run as a pipeline runs it, against a real hub.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use serde_json::{Value, json};
use server::{config::Settings, start::Server};
use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Command, Output, Stdio},
};

const PASSWORD: &str = "a few words are good";

/// A hub with a service `orders`, a token that may read and publish, and one that may only do one of the two.
struct TestHub {
    address: SocketAddr,
    token: String,
    reader: String,
    publisher: String,
    folder: tempfile::TempDir,
}

impl TestHub {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            data_dir: folder.path().join("data"),
            site_root: folder.path().join("site"),
            publish_own_contract: false,
            max_document_bytes: 20_000,
            ..Settings::default()
        };
        let server = Server::bind(settings).await.unwrap();
        let address = server.listener.local_addr().unwrap();
        let code = server.app.areas.accounts.set_up_code().to_owned();
        tokio::spawn(async move { server.run().await.unwrap() });
        let client = reqwest::Client::new();
        let post = |path: &str, body: Value| {
            client.post(format!("http://{address}{path}")).header("sec-fetch-site", "same-origin").json(&body)
        };
        let admin = json!({"email": "ada@example.org", "displayName": "Ada", "password": PASSWORD, "code": code});
        let answer = post("/api/v1/set-up", admin).send().await.unwrap();
        let cookies: Vec<String> = answer
            .headers()
            .get_all("set-cookie")
            .iter()
            .map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned())
            .collect();
        let cookies = cookies.join("; ");
        let made = post("/api/v1/services", json!({"name": "orders"})).header("cookie", &cookies).send().await.unwrap();
        assert_eq!(made.status(), 201);
        let mut secrets = Vec::new();
        for scopes in [&["read", "publish"][..], &["read"], &["publish"]] {
            let new = json!({"name": "ci", "scopes": scopes});
            let answer = post("/api/v1/api-tokens", new).header("cookie", &cookies).send().await.unwrap();
            let answer: Value = answer.json().await.unwrap();
            secrets.push(answer["data"]["secret"].as_str().unwrap().to_owned());
        }
        for (file, version, kind) in
            [("one.yaml", "1.0.0", "number"), ("two.yaml", "2.0.0", "string"), ("other.yaml", "1.0.0", "string")]
        {
            fs::write(folder.path().join(file), contract(version, kind)).unwrap();
        }
        fs::write(folder.path().join("broken.yaml"), "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: [\n")
            .unwrap();
        fs::write(folder.path().join("large.yaml"), contract("3.0.0", "string") + &"# much\n".repeat(4_000)).unwrap();
        let [token, reader, publisher] = secrets.try_into().unwrap();
        Self { address, token, reader, publisher, folder }
    }

    /// The command with a token in the environment.
    fn publish(&self, arguments: &[&str]) -> Command {
        let mut command = publish(self.folder.path(), arguments);
        command.env("HANDSHAKE_URL", format!("http://{}/", self.address)).env("HANDSHAKE_TOKEN", &self.token);
        command
    }
}

fn publish(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handshake"));
    command.current_dir(folder).arg("publish").args(arguments).args(["--service", "orders"]);
    command.env_remove("HANDSHAKE_URL").env_remove("HANDSHAKE_TOKEN");
    command
}

fn contract(version: &str, kind: &str) -> String {
    format!(
        "openapi: 3.1.0
info: {{title: Shop, version: {version}}}
paths:
  /orders:
    get:
      responses:
        '200':
          description: Orders.
          content:
            application/json:
              schema: {{type: object, properties: {{total: {{type: {kind}}}}}}}
"
    )
}

/// Exit code, standard output, standard error.
async fn run(mut command: Command) -> (i32, String, String) {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    said(&output)
}

fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pipeline_publishes_and_hears_the_verdict() {
    let hub = TestHub::start().await;
    let base = format!("http://{}/services/orders", hub.address);

    let (code, out, err) = run(hub.publish(&["one.yaml"])).await;
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(out, format!("orders 1.0.0 is published, the service's first version.\n{base}/versions/1.0.0\n"));

    let (code, again, _) = run(hub.publish(&["one.yaml"])).await;
    assert_eq!(code, 0);
    assert!(again.starts_with("orders 1.0.0 is in force already"), "a job that runs again publishes once: {again}");

    let (code, out, _) = run(hub.publish(&["two.yaml"])).await;
    assert_eq!(code, 1, "it breaks");
    let page = format!("{base}/compare?base=1.0.0&revision=2.0.0");
    assert_eq!(out, format!("orders 2.0.0 is published: 1 breaking change since 1.0.0.\n{page}\n"));

    let (code, out, _) = run(hub.publish(&["two.yaml", "--fail-on", "none", "--format", "json"])).await;
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &json["page"]), (0, &page.into()));
    assert_eq!(
        (&json["version"]["label"], &json["version"]["publishedVerdict"]["counts"]["breaking"]),
        (&"2.0.0".into(), &1.into())
    );

    let mut command = hub.publish(&["-", "--label", "2.1.0"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(contract("9.0.0", "string").as_bytes()).unwrap();
    let (code, out, err) = said(&tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap());
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("orders 2.1.0 is published: no changes since 2.0.0."), "{out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_back_is_judged_again_and_not_answered_from_memory() {
    let hub = TestHub::start().await;
    fs::write(hub.folder.path().join("strict.toml"), "").unwrap();
    let loose = "[[ignore]]\nrule = 'response-type-changed'\nreason = 'nobody reads the total'\n";
    fs::write(hub.folder.path().join("loose.toml"), loose).unwrap();
    assert_eq!(run(hub.publish(&["one.yaml"])).await.0, 0);
    for (policy, expected) in [("strict.toml", 1), ("loose.toml", 0), ("strict.toml", 1), ("loose.toml", 0)] {
        let (code, out, _) = run(hub.publish(&["two.yaml", "--policy", policy])).await;
        assert_eq!(code, expected, "{policy}: {out}");
    }
    // A document that others have followed isn't in force, whatever the same command said when it was.
    let (code, _, err) = run(hub.publish(&["one.yaml"])).await;
    assert!(code == 2 && err.contains("later versions have followed it"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contract_in_several_files_is_sent_as_one() {
    let hub = TestHub::start().await;
    let write = |file: &str, text: &str| fs::write(hub.folder.path().join(file), text).unwrap();
    fs::create_dir(hub.folder.path().join("schemas")).unwrap();
    let split = |version: &str| {
        contract(version, "number").replace("{type: object, properties", "{$ref: schemas/order.yaml, x-a")
    };
    write("split.yaml", &split("1.0.0"));
    write("schemas/order.yaml", "type: object\nproperties: {total: {$ref: 'total.json'}}\n");
    write("schemas/total.json", "{\"type\": \"number\"}");
    let (code, out, said) = run(hub.publish(&["split.yaml"])).await;
    assert!(code == 0 && out.contains("orders 1.0.0 is published"), "{out} {said}");
    let (code, out, _) = run(hub.publish(&["split.yaml"])).await;
    assert!(code == 0 && out.contains("is in force already"), "{out}");
    write("split.yaml", &split("2.0.0"));
    write("schemas/total.json", "{\"type\": \"string\"}");
    let (code, out, _) = run(hub.publish(&["split.yaml"])).await;
    assert!(code == 1 && out.contains("1 breaking change"), "{out}");
    fs::remove_file(hub.folder.path().join("schemas/total.json")).unwrap();
    let (code, out, said) = run(hub.publish(&["split.yaml"])).await;
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(said.contains("schemas/order.yaml:2:22: `total.json` can't be read: there is no file"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_hub_refuses_is_said_in_its_words() {
    let hub = TestHub::start().await;
    assert_eq!(run(hub.publish(&["one.yaml"])).await.0, 0);
    let with = |arguments: &[&str], token: &str| {
        let mut command = hub.publish(arguments);
        command.env("HANDSHAKE_TOKEN", token);
        command
    };
    for (name, command, parts) in [
        ("401", with(&["one.yaml"], "hs_wrong"), &["(unauthenticated)", "The API token is unknown"][..]),
        ("403", with(&["two.yaml"], &hub.reader), &["(forbidden)"]),
        ("409", hub.publish(&["other.yaml"]), &["(label-taken)", "1.0.0"]),
        ("413", hub.publish(&["large.yaml"]), &["(too-large)"]),
        ("422", hub.publish(&["broken.yaml"]), &["(invalid-contract)", "broken.yaml:4:1: This isn't YAML"]),
        ("no file", hub.publish(&["missing.yaml"]), &["missing.yaml can't be read"]),
        ("no such revision", hub.publish(&["git:HEAD:one.yaml"]), &["git:HEAD:one.yaml can't be read"]),
        ("an empty token", with(&["one.yaml"], "  "), &["HANDSHAKE_TOKEN"]),
        ("a broken token", with(&["one.yaml"], "se cret"), &["HANDSHAKE_TOKEN"]),
    ] {
        let (code, out, err) = run(command).await;
        assert_eq!((code, out.as_str()), (2, ""), "{name}: {err}");
        for part in parts {
            assert!(err.contains(part), "{name}: {part} is missing in {err}");
        }
        for secret in [&hub.token, &hub.reader, "hs_wrong", "se cret"] {
            assert!(!err.contains(secret), "{name}: {err}");
        }
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_handshake"));
    command.current_dir(hub.folder.path()).args(["publish", "one.yaml", "--service", "nothing"]);
    command.env("HANDSHAKE_URL", format!("http://{}", hub.address)).env("HANDSHAKE_TOKEN", &hub.token);
    let (code, _, err) = run(command).await;
    assert!(code == 2 && err.contains("(not-found)"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_no_hub_or_not_there_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.yaml"), contract("1.0.0", "number")).unwrap();
    let at = |address: SocketAddr, more: &[&str]| {
        let mut command = publish(folder.path(), &["one.yaml"]);
        command.args(more).env("HANDSHAKE_URL", format!("http://{address}")).env("HANDSHAKE_TOKEN", "hs_secret");
        command
    };
    // A port that nobody listens on any more.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, _, err) = run(at(gone, &[])).await;
    assert!(code == 2 && err.contains("the connection was refused; is the hub running?"), "{err}");

    let answers = |answer: &'static str| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 65_536];
            let _ = stream.read(&mut request);
            if answer.is_empty() {
                std::thread::sleep(std::time::Duration::from_secs(5));
            }
            let _ = stream.write_all(answer.as_bytes());
        });
        address
    };
    for (answer, more, part) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", &[][..], "is it the address of a hub?"),
        (
            "HTTP/1.1 302 Found\r\nlocation: https://other.example/\r\ncontent-length: 0\r\n\r\n",
            &[],
            "sends elsewhere (to https://other.example/)",
        ),
        ("", &["--timeout", "1"], "did not answer within 1 seconds; trying again publishes once at most"),
    ] {
        let (code, _, err) = run(at(answers(answer), more)).await;
        assert!(code == 2 && err.contains(part), "{err}");
        assert!(!err.contains("hs_secret"), "{err}");
    }
    let mut help = Command::new(env!("CARGO_BIN_EXE_handshake"));
    help.args(["publish", "--help"]).env("HANDSHAKE_TOKEN", "hs_secret");
    let (code, out, _) = run(help).await;
    assert!(code == 0 && out.contains("HANDSHAKE_TOKEN") && !out.contains("hs_secret"), "{out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_is_asked_too_often_is_asked_again_when_it_says() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.yaml"), contract("1.0.0", "number")).unwrap();
    let refusal = |status: &str, code: &str, header: &str| {
        let error = json!({"code": code, "message": "No.", "details": [], "traceId": null});
        let body = json!({"success": false, "data": null, "error": error}).to_string();
        let length = body.len();
        format!("HTTP/1.1 {status}\r\n{header}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
    };
    let busy = |seconds: u32| refusal("429 Too Many Requests", "rate-limited", &format!("retry-after: {seconds}\r\n"));
    let last = refusal("403 Forbidden", "forbidden", "");
    for (answers, said) in [
        (vec![busy(1), busy(1), last.clone()], ["asks to wait 1 s", "(forbidden)"]),
        // Longer than anybody is willing to wait.
        (vec![busy(3_600), last], ["the hub refused", "(rate-limited)"]),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 65_536]);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        let mut command = publish(folder.path(), &["one.yaml"]);
        command.env("HANDSHAKE_URL", format!("http://{address}")).env("HANDSHAKE_TOKEN", "hs_secret");
        let (code, _, err) = run(command).await;
        assert!(code == 2 && said.iter().all(|part| err.contains(part)), "{err}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hub_judges_by_the_policy_that_is_committed() {
    let hub = TestHub::start().await;
    let policy = hub.folder.path().join("handshake.toml");
    assert_eq!(run(hub.publish(&["one.yaml"])).await.0, 0);
    let (code, out, _) = run(hub.publish(&["two.yaml"])).await;
    assert!(code == 1 && out.contains("1 breaking change since"), "{out}");

    // The very same document, after somebody has looked at what it breaks.
    let ignore = "[[ignore]]\nrule = 'response-type-changed'\nreason = 'nobody reads the total'\n";
    fs::write(&policy, ignore).unwrap();
    let (code, out, err) = run(hub.publish(&["two.yaml"])).await;
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("orders 2.0.0 is in force already: no changes, 1 ignored since 1.0.0."), "{out}");
    let mut blind = hub.publish(&["two.yaml"]);
    blind.env("HANDSHAKE_TOKEN", &hub.publisher);
    let (code, out, _) = run(blind).await;
    assert!(
        code == 0 && out.contains("no changes, 1 ignored since"),
        "everybody who may publish is told how it is judged: {out}"
    );
    let (code, out, _) = run(hub.publish(&["two.yaml", "--format", "json"])).await;
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &json["verdict"]["ignoredCount"]), (0, &1.into()));
    assert_eq!(json["version"]["publishedVerdict"]["counts"]["breaking"], 1, "what it was published with stays");

    // A pipeline elsewhere that has none leaves the hub's as it is.
    fs::remove_file(&policy).unwrap();
    assert_eq!(run(hub.publish(&["two.yaml"])).await.0, 0);
    fs::write(hub.folder.path().join("other.toml"), "").unwrap();
    assert_eq!(run(hub.publish(&["two.yaml", "--policy", "other.toml"])).await.0, 1);

    // A file that can't be published leaves the policy as it is.
    fs::write(&policy, ignore).unwrap();
    assert_eq!(run(hub.publish(&["broken.yaml"])).await.0, 2);
    let ended = format!("{ignore}expires = 2026-01-31\n");
    fs::write(&policy, ended).unwrap();
    let (code, _, err) = run(hub.publish(&["two.yaml"])).await;
    assert!(code == 1 && err.contains("handshake.toml:1: this ignore ended on 2026-01-31"), "{err}");

    fs::write(&policy, "[rules]\n\nno-such = 'off'\n").unwrap();
    let (code, _, err) = run(hub.publish(&["two.yaml"])).await;
    assert!(code == 2 && err.contains("handshake.toml:3: there is no rule `no-such`"), "{err}");
    let (code, _, err) = run(hub.publish(&["two.yaml", "--policy", "missing.toml"])).await;
    assert!(code == 2 && err.contains("missing.toml can't be read"), "{err}");
}
