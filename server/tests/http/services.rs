//! Services, versions and what changed between them.

use crate::support::{TestHub, contract};
use reqwest::{Method, header};
use serde_json::json;

#[tokio::test]
async fn publishing_gives_a_verdict() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let first = admin.publish("orders", &contract("1.0.0", "                  total: {type: number}\n")).await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(first.header("location"), "/api/v1/services/orders/versions/1.0.0");
    assert_eq!(first.data()["created"], true);
    assert_eq!(first.data()["version"]["publishedVerdict"], serde_json::Value::Null);
    assert_eq!(first.data()["version"]["operations"], 1);
    assert!(first.data()["version"]["digest"].as_str().unwrap().starts_with("sha256:"));

    let second = admin.publish("orders", &contract("2.0.0", "                  total: {type: string}\n")).await;
    let verdict = &second.data()["version"]["publishedVerdict"];
    assert_eq!((verdict["level"].as_str(), verdict["base"].as_str()), (Some("breaking"), Some("1.0.0")));

    let comparison = admin.get("/api/v1/services/orders/comparisons/1.0.0/2.0.0").await.data();
    assert_eq!(comparison["level"], "breaking");
    assert_eq!((&comparison["operationsTouched"], &comparison["operationsTotal"]), (&json!(1), &json!(1)));
    let findings = admin.get("/api/v1/services/orders/comparisons/1.0.0/2.0.0/findings?level=breaking").await.data();
    let finding = &findings["items"][0];
    assert_eq!(finding["level"], "breaking");
    assert_eq!(finding["operation"], json!({"method": "get", "path": "/orders/{orderId}"}));
    assert_eq!(finding["direction"], "response");
    assert!(finding["base"]["line"].as_u64() > Some(1) && finding["revision"]["line"].as_u64() > Some(1));
    assert_eq!(finding["message"], "`total` in the 200 response: type changed from number to string");
    assert_eq!(finding["subject"]["part"], "response");
    assert_eq!(finding["subject"]["path"], json!([{"kind": "property", "name": "total"}]));
    assert_eq!(finding["values"], json!({"base": "number", "revision": "string"}));
    let search = |what: &str| format!("/api/v1/services/orders/comparisons/1.0.0/2.0.0/findings?search={what}");
    let by_print = admin.get(&search(finding["fingerprint"].as_str().unwrap())).await.data();
    assert_eq!((by_print["items"].as_array().unwrap().len(), &by_print["items"][0]), (1, finding));
    // Any two versions, in either order.
    assert_eq!(admin.get("/api/v1/services/orders/comparisons/2.0.0/1.0.0").await.data()["level"], "breaking");
    assert_eq!(admin.get("/api/v1/services/orders/comparisons/1.0.0/1.0.0").await.data()["counts"]["breaking"], 0);
}

#[tokio::test]
async fn the_same_document_again_is_no_news() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    admin.publish("orders", &contract("1.0.0", "")).await;
    let again = admin.publish("orders", &contract("1.0.0", "")).await;
    assert_eq!((again.status.as_u16(), again.data()["created"].as_bool()), (200, Some(false)));
    assert_eq!(admin.get("/api/v1/services/orders").await.data()["versions"], 1);
    let taken = admin.publish("orders", &contract("1.0.0", "                  note: {type: string}\n")).await;
    assert_eq!(taken.refusal(), (409, "label-taken".into()));
    assert!(taken.json()["error"]["message"].as_str().unwrap().contains("1.0.0"));
}

#[tokio::test]
async fn a_label_can_be_chosen() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let request = admin
        .request(Method::POST, "/api/v1/services/orders/versions?label=2024-11-01")
        .header(header::CONTENT_TYPE, "application/yaml")
        .body(contract("1.0.0", ""));
    assert_eq!(admin.send(request).await.data()["version"]["label"], "2024-11-01");
    let form = reqwest::multipart::Form::new().text("label", "form-1").part(
        "document",
        reqwest::multipart::Part::text(contract("1.0.0", "                  a: {type: string}\n")).file_name("a.yaml"),
    );
    let answer = admin.send(admin.request(Method::POST, "/api/v1/services/orders/versions").multipart(form)).await;
    assert_eq!(answer.data()["version"]["label"], "form-1", "{answer:?}");
    // A form may be as large as a body.
    let large = format!("{}\n# {}\n", contract("3.0.0", ""), "x".repeat(3_000_000));
    let form =
        reqwest::multipart::Form::new().part("document", reqwest::multipart::Part::text(large).file_name("a.yaml"));
    let answer = admin.send(admin.request(Method::POST, "/api/v1/services/orders/versions").multipart(form)).await;
    assert_eq!(answer.data()["version"]["label"], "3.0.0", "{answer:?}");
    let request = admin
        .request(Method::POST, "/api/v1/services/orders/versions?label=a%20b")
        .header(header::CONTENT_TYPE, "application/yaml")
        .body(contract("1.0.0", ""));
    assert_eq!(admin.send(request).await.refusal(), (422, "invalid".into()));
}

#[tokio::test]
async fn who_may_not_publish_is_told_before_the_document_is_read() {
    let (hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let not_a_document = "[".repeat(100_000);
    assert_eq!(hub.browser().publish("orders", &not_a_document).await.refusal(), (401, "unauthenticated".into()));
    let viewer = hub.person("viewer").await;
    assert_eq!(viewer.publish("orders", &not_a_document).await.refusal(), (403, "forbidden".into()));
}

#[tokio::test]
async fn an_idempotency_key_makes_retries_safe() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let publish = async |key: &str, document: String| {
        let request = admin
            .request(Method::POST, "/api/v1/services/orders/versions")
            .header("idempotency-key", key)
            .header(header::CONTENT_TYPE, "application/yaml")
            .body(document);
        admin.send(request).await
    };
    let first = publish("k1", contract("1.0.0", "")).await;
    let retry = publish("k1", contract("1.0.0", "")).await;
    assert_eq!((first.status, retry.status), (reqwest::StatusCode::CREATED, reqwest::StatusCode::CREATED));
    assert_eq!(first.data(), retry.data());
    assert_eq!(publish("k1", contract("2.0.0", "")).await.refusal(), (409, "idempotency-mismatch".into()));
    assert_eq!(publish("a b", contract("2.0.0", "")).await.refusal(), (400, "bad-request".into()));
    assert_eq!(admin.get("/api/v1/services/orders").await.data()["versions"], 1);
}

#[tokio::test]
async fn documents_that_are_no_contracts() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let bomb = (1..12).fold("a0: &a0 [x, x]\n".to_owned(), |text, i| {
        let row = vec![format!("*a{}", i - 1); 10].join(", ");
        format!("{text}a{i}: &a{i} [{row}]\n")
    });
    let external = contract("1.0.0", "                  x: {$ref: 'https://example.org/x.yaml'}\n");
    let file = contract("1.0.0", "                  x: {$ref: './x.yaml'}\n");
    for (name, document, expected) in [
        ("not YAML", "a: [1".to_owned(), ""),
        ("empty", String::new(), ""),
        ("a list", "- 1".to_owned(), ""),
        ("alias bomb", format!("openapi: 3.1.0\n{bomb}"), "alias"),
        ("external URL", external, "bundle"),
        ("external file", file, "bundle"),
        ("Swagger 1.2", "swagger: '1.2'\ninfo: {title: x, version: '1'}\npaths: {}\n".to_owned(), "1.2"),
        (
            "OpenAPI 2.0 without paths",
            "swagger: '2.0'\ninfo: {title: x, version: '1'}\n".to_owned(),
            "`paths` is missing",
        ),
    ] {
        let answer = admin.publish("orders", &document).await;
        assert_eq!(answer.refusal(), (422, "invalid-contract".into()), "{name}");
        let error = &answer.json()["error"];
        let details = error["details"].as_array().unwrap();
        assert!(!details.is_empty() && details[0]["line"].as_u64() >= Some(1), "{name}: {error}");
        assert!(error.to_string().to_lowercase().contains(expected), "{name}: {error}");
    }
    let cycle = contract("1.0.0", "                  next: {$ref: '#/components/schemas/Node'}\n")
        + "components: {schemas: {Node: {type: object, properties: {next: {$ref: '#/components/schemas/Node'}}}}}\n";
    assert_eq!(admin.publish("orders", &cycle).await.status, 201, "a cycle is a fine contract");
    let older = "swagger: '2.0'\ninfo: {title: x, version: '2'}\npaths: {}\n";
    assert_eq!(admin.publish("orders", older).await.status, 201, "OpenAPI 2.0 is read as well");
}

#[tokio::test]
async fn a_contract_is_read_piece_by_piece() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let document = contract("1.0.0", "");
    admin.publish("orders", &document).await;
    let base = "/api/v1/services/orders/versions/1.0.0";
    let raw = admin.get(&format!("{base}/document")).await;
    assert_eq!((raw.text.as_str(), raw.header("content-type")), (document.as_str(), "application/yaml"));
    assert_eq!(admin.get(&format!("{base}/outline")).await.data()["title"], "Orders");
    let operations = admin.get(&format!("{base}/operations?search=getorder")).await.data();
    assert_eq!(operations["items"][0]["operationId"], "getOrder");
    let operation = admin.get(&format!("{base}/operation?method=GET&path=/orders/{{orderId}}")).await.data();
    assert_eq!(operation["parameters"][0]["name"], "orderId");
    assert_eq!(admin.get(&format!("{base}/operation?method=get&path=/no")).await.refusal().0, 404);
    assert_eq!(admin.get(&format!("{base}/schemas")).await.data()["items"], json!([]));
    assert_eq!(admin.get(&format!("{base}/schemas/None")).await.refusal().0, 404);
}

#[tokio::test]
async fn lists_are_pages() {
    let (_hub, admin) = TestHub::set_up().await;
    for name in ["a", "b", "c"] {
        admin.create_service(name).await;
    }
    let first = admin.get("/api/v1/services?limit=2").await.data();
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = admin.get(&format!("/api/v1/services?limit=2&cursor={cursor}")).await.data();
    assert_eq!((second["items"][0]["name"].as_str(), second["nextCursor"].as_str()), (Some("c"), None));
    assert_eq!(admin.post("/api/v1/services", json!({"name": "a"})).await.refusal(), (409, "name-taken".into()));
}

#[tokio::test]
async fn two_people_publish_at_once() {
    let (hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    admin.publish("orders", &contract("1.0.0", "")).await;
    let people = futures::future::join_all((0..6).map(|i| {
        let (hub, cookies) = (&hub, admin.cookies());
        async move {
            let browser = hub.browser();
            for (name, value) in cookies {
                browser.set_cookie(&name, Some(&value));
            }
            browser
                .publish(
                    "orders",
                    &contract(&format!("2.{i}.0"), &format!("                  p{i}: {{type: string}}\n")),
                )
                .await
        }
    }))
    .await;
    assert!(people.iter().all(|answer| answer.status == 201), "{people:?}");
    let versions = admin.get("/api/v1/services/orders/versions").await.data();
    let rows = versions["items"].as_array().unwrap();
    let numbers: Vec<u64> = rows.iter().map(|version| version["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [7, 6, 5, 4, 3, 2, 1]);
    for pair in rows.windows(2) {
        assert_eq!(pair[0]["publishedVerdict"]["base"], pair[1]["label"], "each is compared with the one before");
    }
}

#[tokio::test]
async fn the_hub_describes_itself_and_publishes_that() {
    let hub = TestHub::with(|settings| settings.publish_own_contract = true).await;
    let answer = hub.browser().get("/api/v1/openapi.json").await;
    assert_eq!(answer.json()["info"]["title"], "Handshake");
    for path in ["/api/v1/services/{service}/versions", "/api/v1/events", "/api/v1/sessions"] {
        assert!(answer.json()["paths"][path].is_object(), "{path}");
    }
    // The same document at the next start is no news.
    let hub = hub.restart().await;
    let admin = hub.browser();
    admin.set_up().await;
    let versions = admin.get("/api/v1/services/handshake/versions").await.data();
    assert_eq!(versions["items"].as_array().map(Vec::len), Some(1), "{versions}");
    assert_eq!(versions["items"][0]["author"], "Handshake");
    let version = versions["items"][0]["label"].as_str().unwrap();
    assert_eq!(version, answer.json()["info"]["version"]);
    let source = admin.get(&format!("/api/v1/services/handshake/versions/{version}/document")).await;
    assert!(source.text == answer.text, "what is published is what is served");
    // Nobody can sign in as the hub.
    let guess = json!({"email": "hub@handshake.invalid", "password": "some password or other"});
    assert_eq!(hub.browser().post("/api/v1/sessions", guess).await.refusal(), (401, "wrong-credentials".into()));
}

#[tokio::test]
async fn a_version_has_a_score_with_its_reasons() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    admin.publish("orders", &contract("1.0.0", "                  total: {type: number}\n")).await;
    let path = "/api/v1/services/orders/versions/1.0.0/lint";
    let answer = admin.get(path).await;
    let (tag, score) = (answer.header("etag").to_owned(), answer.data());
    assert!(score["score"].as_u64().unwrap() < 100, "{score}");
    let reasons = score["reasons"].as_array().unwrap();
    let reason = reasons.iter().find(|reason| reason["rule"] == "property-undescribed").unwrap();
    assert_eq!((&reason["severity"], &reason["weight"]), (&json!("hint"), &json!(1)));
    // The same release says the same of a version.
    let again = admin.send(admin.request(Method::GET, path).header(header::IF_NONE_MATCH, tag)).await;
    assert_eq!(again.status, 304);

    let of_rule = admin.get(&format!("{path}/findings?rule=property-undescribed")).await.data();
    let findings = of_rule["items"].as_array().unwrap();
    assert_eq!(findings.len() as u64, reason["broken"].as_u64().unwrap());
    let about_total = |finding: &&serde_json::Value| finding["message"].as_str().unwrap().contains("total");
    let finding = findings.iter().find(about_total).unwrap();
    assert!(finding["place"]["line"].as_u64() > Some(1), "{finding}");

    // Pages join up to all that is counted.
    let (mut seen, mut next) = (0, format!("{path}/findings?limit=2"));
    loop {
        let page = admin.get(&next).await.data();
        seen += page["items"].as_array().unwrap().len() as u64;
        match page["nextCursor"].as_str() {
            Some(cursor) => next = format!("{path}/findings?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, reasons.iter().map(|reason| reason["broken"].as_u64().unwrap()).sum::<u64>());

    assert_eq!(admin.get(&format!("{path}/findings?limit=0")).await.refusal(), (422, "invalid".into()));
    assert_eq!(admin.get(&format!("{path}/findings?severity=bad")).await.refusal(), (400, "bad-request".into()));
    assert_eq!(admin.get(&format!("{path}/findings?cursor=x")).await.refusal(), (400, "bad-request".into()));
    assert_eq!(admin.get("/api/v1/services/orders/versions/9/lint").await.refusal(), (404, "not-found".into()));
}

#[tokio::test]
async fn strangers_see_no_score() {
    let (hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    admin.publish("orders", &contract("1.0.0", "")).await;
    for path in ["lint", "lint/findings"] {
        let path = format!("/api/v1/services/orders/versions/1.0.0/{path}");
        assert_eq!(hub.browser().get(&path).await.refusal(), (401, "unauthenticated".into()));
    }
}

#[tokio::test]
async fn a_policy_judges_what_everybody_sees() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    admin.publish("orders", &contract("1.0.0", "                  total: {type: number}\n")).await;
    admin.publish("orders", &contract("2.0.0", "                  total: {type: string}\n")).await;
    const POLICY: &str = "/api/v1/services/orders/policy";
    assert_eq!(admin.get(POLICY).await.refusal(), (404, "not-found".into()));
    let put = |media: &'static str, text: &'static str| {
        admin.request(Method::PUT, POLICY).header(header::CONTENT_TYPE, media).body(text)
    };
    let text = "[[ignore]]\nrule = 'response-type-changed'\nreason = 'nobody reads it'\nexpires = 2999-12-31\n";
    let answer = admin.send(put("application/toml", text)).await;
    assert_eq!((answer.status.as_u16(), answer.data()["text"].as_str()), (200, Some(text)), "{answer:?}");
    assert_eq!(admin.get(POLICY).await.data(), answer.data());
    let comparison = admin.get("/api/v1/services/orders/comparisons/1.0.0/2.0.0").await.data();
    assert_eq!((&comparison["level"], &comparison["ignoredCount"]), (&"safe".into(), &1.into()));
    let findings = "/api/v1/services/orders/comparisons/1.0.0/2.0.0/findings";
    assert_eq!(admin.get(findings).await.data()["items"], json!([]));
    let ignored = admin.get(&format!("{findings}?ignored=true")).await.data();
    assert_eq!(ignored["items"][0]["ignored"], json!({"reason": "nobody reads it", "expires": "2999-12-31"}));

    for (media, text, code) in [
        ("application/json", "{}", (415, "unsupported-media-type")),
        ("application/toml", "[rules]\n\nno-such = 'off'\n", (422, "invalid")),
        ("application/toml", "[[ignore]]\nrule = 'operation-removed'\n", (422, "invalid")),
    ] {
        assert_eq!(admin.send(put(media, text)).await.refusal(), (code.0, code.1.to_owned()), "{text}");
    }
    let refused = admin.send(put("application/toml", "[rules]\n\nno-such = 'off'\n")).await.json();
    assert_eq!(refused["error"]["details"][0]["line"], 3);
    let bytes = admin.request(Method::PUT, POLICY).header(header::CONTENT_TYPE, "text/plain").body(vec![0xFF, 0xFE]);
    assert_eq!(admin.send(bytes).await.refusal(), (422, "invalid".into()));
    assert_eq!(admin.get(POLICY).await.data()["text"], text, "what is refused changes nothing");
}
