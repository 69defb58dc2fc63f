//! Every error has one shape, no matter what made it.

use crate::support::{Browser, TestHub, contract, spans};
use opentelemetry_sdk::trace::SpanData;
use reqwest::{Method, header};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn unknown_routes_methods_and_media_types() {
    let (_hub, admin) = TestHub::set_up().await;
    let send = async |method: Method, path: &str, media: &str, body: &str| {
        let request = admin.request(method, path).header(header::CONTENT_TYPE, media).body(body.to_owned());
        admin.send(request).await
    };
    for (method, path, media, body, expected) in [
        (Method::GET, "/api/v1/nothing", "", "", (404, "not-found")),
        (Method::GET, "/api/v9/services", "", "", (404, "not-found")),
        (Method::POST, "/api/ui/nothing", "application/json", "{}", (404, "not-found")),
        (Method::DELETE, "/api/v1/services", "", "", (405, "method-not-allowed")),
        (Method::POST, "/healthz", "", "", (405, "method-not-allowed")),
        (Method::POST, "/api/v1/services", "text/html", "x", (415, "unsupported-media-type")),
        (Method::POST, "/api/v1/services", "application/json", "{", (400, "bad-request")),
        (Method::POST, "/api/v1/services", "application/json", "{} x", (422, "invalid")),
        (Method::POST, "/api/v1/services", "application/json", "{\"name\": \"A B\"}", (422, "invalid")),
        (Method::POST, "/api/v1/services", "application/json", "{\"name\": \"a\", \"x\": 1}", (422, "invalid")),
        (Method::GET, "/api/v1/services?limit=0", "", "", (422, "invalid")),
        (Method::GET, "/api/v1/services?limit=many", "", "", (400, "bad-request")),
        (Method::GET, "/api/v1/services/UPPER", "", "", (404, "not-found")),
        (Method::GET, "/api/v1/services/none", "", "", (404, "not-found")),
    ] {
        let answer = send(method.clone(), path, media, body).await;
        // Server functions answer with the bare error.
        if path.starts_with("/api/ui") {
            assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str().unwrap()), expected, "{path}");
        } else {
            let (status, code) = answer.refusal();
            assert_eq!((status, code.as_str()), expected, "{method} {path} {body}: {}", answer.text);
        }
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_bad_value_is_named_with_what_to_do() {
    let (_hub, admin) = TestHub::set_up().await;
    let answer = admin.post("/api/v1/services", json!({"name": "A B"})).await;
    let detail = &answer.json()["error"]["details"][0];
    assert_eq!(detail["field"], "name");
    assert!(detail["message"].as_str().unwrap().contains("lower-case letters"), "{detail}");
}

#[tokio::test]
async fn a_form_without_a_boundary_is_refused() {
    let (_hub, admin) = TestHub::set_up().await;
    for (media, status) in
        [("application/json", 415), ("multipart/form-data", 415), ("multipart/form-data; boundary=", 400)]
    {
        let request =
            admin.request(Method::POST, "/api/ui/publish-version").header(header::CONTENT_TYPE, media).body("x");
        let answer = admin.send(request).await;
        assert_eq!(answer.status.as_u16(), status, "{media}: {answer:?}");
        assert!(answer.json()["message"].is_string(), "{media}: {answer:?}");
    }
    assert_eq!(admin.get("/metrics").await.text.matches("handshake_panics_total").count(), 0);
}

#[tokio::test]
async fn method_not_allowed_lists_what_is() {
    let (_hub, admin) = TestHub::set_up().await;
    let answer = admin.delete("/api/v1/services").await;
    let allow = answer.header("allow");
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
}

#[tokio::test]
async fn who_is_not_signed_in_hears_how_to_be() {
    let (hub, _) = TestHub::set_up().await;
    let answer = hub.browser().get("/api/v1/services").await;
    assert_eq!((answer.status.as_u16(), answer.header("www-authenticate")), (401, "Bearer"));
}

#[tokio::test]
async fn an_address_of_a_new_version_is_a_uri() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.post("/api/v1/services", json!({"name": "orders"})).await;
    let request = admin
        .request(Method::POST, "/api/v1/services/orders/versions?label=%C3%A9t%C3%A9")
        .header(header::CONTENT_TYPE, "application/yaml")
        .body(contract("1", ""));
    let answer = admin.send(request).await;
    let location = answer.header("location");
    assert_eq!((answer.status.as_u16(), location), (201, "/api/v1/services/orders/versions/%C3%A9t%C3%A9"));
    assert_eq!(admin.get(location).await.json()["data"]["label"], "été");
}

#[tokio::test]
async fn problem_details_on_request() {
    let (_hub, admin) = TestHub::set_up().await;
    let request =
        admin.request(Method::GET, "/api/v1/services/none").header(header::ACCEPT, "application/problem+json");
    let answer = admin.send(request).await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["status"], 404);
    assert_eq!(problem["code"], "not-found");
    assert_eq!(problem["type"], "/docs/api#error-not-found");
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("none")));
}

#[tokio::test]
async fn what_nobody_sees_is_no_part_of_a_name_or_description() {
    let (_hub, admin) = TestHub::set_up().await;
    for hidden in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{61c}', '\u{feff}', '\u{1b}'] {
        for (path, body) in [
            ("/api/v1/services", json!({"name": "orders", "description": format!("Or{hidden}ders")})),
            ("/api/v1/api-tokens", json!({"name": format!("c{hidden}i"), "scopes": ["read"]})),
        ] {
            let answer = admin.post(path, body).await;
            assert!((400..500).contains(&answer.refusal().0), "{path} with {hidden:?}");
            let said = answer.json()["error"].to_string();
            assert!(said.contains(&hidden.escape_unicode().to_string().replace('\\', "\\\\")), "{said}");
        }
    }
    let lines = json!({"name": "orders", "description": "Two lines,\r\n\tone with a tab."});
    assert_eq!(admin.post("/api/v1/services", lines).await.status, 201);
}

#[tokio::test]
async fn bodies_have_bounds() {
    let (hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let answer = admin.post("/api/v1/services", json!({"name": "a", "description": "x".repeat(300_000)})).await;
    assert_eq!(answer.refusal(), (413, "too-large".into()));

    // The length isn't announced: the body is cut while it is read.
    let pieces = futures::stream::iter((0..900).map(|_| Ok::<_, std::io::Error>(vec![b' '; 64 * 1024])));
    let request = admin
        .request(Method::POST, "/api/v1/services/orders/versions")
        .header(header::CONTENT_TYPE, "application/yaml")
        .body(reqwest::Body::wrap_stream(pieces));
    let answer = admin.send(request).await;
    assert_eq!(answer.refusal(), (413, "too-large".into()));
    assert!(answer.json()["error"]["message"].as_str().unwrap().contains("50 MiB"));

    // 60 MB, announced: refused with an answer, not with a broken connection.
    let answer = admin.publish("orders", &"#".repeat(60_000_000)).await;
    assert_eq!(answer.refusal(), (413, "too-large".into()));
    assert!(answer.json()["error"]["message"].as_str().unwrap().contains("50 MiB"));
    assert_eq!(hub.browser().get("/healthz").await.text, "ok\n");
}

#[tokio::test]
async fn a_panic_is_an_error_with_a_trace_id() {
    use axum::{Router, middleware, routing::get};
    use server::http::error;
    async fn broken() {
        panic!("on purpose");
    }
    let router: Router = Router::new()
        .route("/api/v1/broken", get(broken))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(error::panicked))
        .layer(middleware::from_fn(error::shape));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/v1/broken", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let response = reqwest::get(url).await.unwrap();
    assert_eq!(response.status(), 500);
    let json: serde_json::Value = response.json().await.unwrap();
    assert_eq!(json["error"]["code"], "internal");
    assert!(!json.to_string().contains("on purpose"));
}

#[tokio::test]
async fn health_and_metrics() {
    let (hub, admin) = TestHub::set_up().await;
    let visitor = hub.browser();
    assert_eq!(visitor.get("/healthz").await.text, "ok\n");
    assert_eq!(visitor.get("/readyz").await.text, "ready\n");
    admin.get("/api/v1/services").await;
    let metrics = visitor.get("/metrics").await;
    assert!(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
    assert!(metrics.text.contains("handshake_http_requests_total{"), "{}", metrics.text);
    assert!(metrics.text.contains("handshake_http_request_duration_seconds_bucket{"));
    // Anybody can invent methods; none becomes a series of its own.
    let invented = hub.browser();
    invented.send(invented.request(Method::from_bytes(b"INVENTED").unwrap(), "/api/v1/services")).await;
    let metrics = hub.browser().get("/metrics").await;
    assert!(metrics.text.contains("_OTHER") && !metrics.text.contains("INVENTED"), "{}", metrics.text);
}

#[tokio::test]
async fn metrics_are_for_this_machine_unless_a_setting_opens_them() {
    let proxied = |open: bool| {
        TestHub::with(move |settings| {
            settings.public_origin = "https://hub.example.org".into();
            settings.open_metrics = open;
        })
    };
    let (closed, open) = (proxied(false).await, proxied(true).await);
    for (hub, forwarded) in [(&closed, (403, "forbidden")), (&open, (200, ""))] {
        let visitor = hub.browser();
        assert_eq!(visitor.get("/metrics").await.status, 200);
        for (name, value) in [
            ("x-forwarded-for", "203.0.113.9"),
            ("forwarded", "for=203.0.113.9"),
            ("via", "1.1 proxy"),
            ("host", "hub.example.org"),
        ] {
            let answer = visitor.send(visitor.request(Method::GET, "/metrics").header(name, value)).await;
            assert_eq!(answer.status, forwarded.0, "{name}");
            if answer.status != 200 {
                assert_eq!(answer.refusal().1, forwarded.1);
            }
        }
    }
}

#[tokio::test]
async fn a_trace_goes_on_from_who_is_known() {
    let (hub, admin) = TestHub::set_up().await;
    let token = admin.post("/api/v1/api-tokens", json!({"name": "ci", "scopes": ["read"]})).await;
    let token = token.data()["secret"].as_str().unwrap().to_owned();
    let machine = hub.browser().with_token(&token);
    let forger = hub.browser().with_token(&format!("{token}x"));
    let forged = hub.browser();
    forged.set_cookie("__Host-handshake-access", Some("eyJhbGciOiJub25lIn0.e30."));
    let (theirs, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let send = async |browser: &Browser, site: &'static str| {
        let mut request = browser.request(Method::GET, "/api/v1/services").build().unwrap();
        request.headers_mut().insert("traceparent", format!("00-{theirs}-{parent}-01").parse().unwrap());
        request.headers_mut().insert("sec-fetch-site", site.parse().unwrap());
        let answer = reqwest::Client::new().execute(request).await.unwrap();
        answer.headers()["x-trace-id"].to_str().unwrap().to_owned()
    };
    assert_eq!(send(&admin, "same-origin").await, theirs);
    assert_eq!(send(&machine, "none").await, theirs);
    for (stranger, site) in
        [(&hub.browser(), "same-origin"), (&forged, "same-origin"), (&forger, "none"), (&admin, "cross-site")]
    {
        let own = send(stranger, site).await;
        assert!(own.len() == 32 && own != theirs, "{own}");
        let span =
            finished(|span| span.span_context.trace_id().to_string() == own && span.name.starts_with("GET ")).await;
        let links: Vec<_> = span.links.iter().map(|link| link.span_context.trace_id().to_string()).collect();
        assert_eq!(links, [theirs], "it links to the trace that it doesn't join");
    }
}

#[tokio::test]
async fn a_malformed_trace_is_none() {
    let (hub, admin) = TestHub::set_up().await;
    for parent in ["garbage", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"] {
        let answer = admin.send(admin.request(Method::GET, "/api/v1/services").header("traceparent", parent)).await;
        assert_eq!(answer.header("x-trace-id").len(), 32, "{parent}");
    }
    drop(hub);
}

/// The span, once it has ended: that is when the last byte of its answer was handed over, which the caller may be quicker
/// to read.
async fn finished(is_it: impl Fn(&SpanData) -> bool) -> SpanData {
    for _ in 0..200 {
        if let Some(span) = spans().get_finished_spans().unwrap().into_iter().find(|span| is_it(span)) {
            return span;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!(
        "no such span among {:?}",
        spans().get_finished_spans().unwrap().iter().map(|span| &span.name).collect::<Vec<_>>()
    )
}

#[tokio::test]
async fn one_trace_spans_the_call_the_route_the_service_and_its_sql() {
    let (_hub, admin) = TestHub::set_up().await;
    let (trace, browser) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
    let request = admin.request(Method::GET, "/api/v1/services");
    let answer = admin.send(request.header("traceparent", format!("00-{trace}-{browser}-01"))).await;
    assert_eq!(answer.status, 200);
    let name = "GET /api/v1/services";
    let is_route = |span: &SpanData| span.span_context.trace_id().to_string() == trace && span.name == name;
    let route = finished(is_route).await;
    let spans = spans().get_finished_spans().unwrap();
    assert_eq!(route.parent_span_id.to_string(), browser);
    // The operation of the trait, and below it its query.
    let chain = spans.iter().any(|query| {
        query.name == "services"
            && query.attributes.iter().any(|attribute| attribute.key.as_str() == "db.system")
            && spans.iter().any(|operation| {
                operation.span_context.span_id() == query.parent_span_id
                    && operation.parent_span_id == route.span_context.span_id()
                    && operation.name == "services.list"
            })
    });
    assert!(chain, "{spans:?}");
}

#[tokio::test]
async fn an_answer_that_a_client_has_is_not_built_again() {
    let (hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let path = "/api/v1/services/orders";
    let tag = admin.get(path).await.header("etag").to_owned();
    let ask = |browser: &Browser, trace: &str| {
        let request = browser.request(Method::GET, path).header(header::IF_NONE_MATCH, &tag);
        request.header("traceparent", format!("00-{trace}-b7ad6b7169203331-01"))
    };
    let built = |trace: String| {
        let spans = spans().get_finished_spans().unwrap();
        spans.iter().any(|s| s.span_context.trace_id().to_string() == trace && s.name == "services.read")
    };
    let (known, elsewhere, changed) =
        ("1af7651916cd43dd8448eb211c80319c", "2af7651916cd43dd8448eb211c80319c", "3af7651916cd43dd8448eb211c80319c");
    let answer = admin.send(ask(&admin, known)).await;
    assert_eq!((answer.status.as_u16(), answer.header("etag")), (304, tag.as_str()));
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    finished(|span| span.span_context.trace_id().to_string() == known && span.name.starts_with("GET")).await;
    assert!(!built(known.to_owned()), "the handler ran");

    // Who hasn't had this answer is asked whether they may.
    let new = json!({"name": "ci", "scopes": ["read"], "services": ["orders"]});
    let secret = admin.post("/api/v1/api-tokens", new).await.data()["secret"].as_str().unwrap().to_owned();
    let machine = hub.browser().with_token(&secret);
    assert_eq!(machine.send(ask(&machine, elsewhere)).await.status, 304);
    finished(|span| span.span_context.trace_id().to_string() == elsewhere && span.name.starts_with("GET")).await;
    assert!(built(elsewhere.to_owned()));
    admin.create_service("carts").await;
    let other = json!({"name": "ci", "scopes": ["read"], "services": ["carts"]});
    let secret = admin.post("/api/v1/api-tokens", other).await.data()["secret"].as_str().unwrap().to_owned();
    let stranger = hub.browser().with_token(&secret);
    assert_eq!(stranger.send(ask(&stranger, elsewhere)).await.refusal(), (403, "forbidden".into()));

    // An event about something else: built again, and the same.
    let answer = admin.send(ask(&admin, changed)).await;
    finished(|span| span.span_context.trace_id().to_string() == changed && span.name.starts_with("GET")).await;
    assert!(answer.status == 304 && built(changed.to_owned()));
    admin.publish("orders", &contract("1.0.0", "")).await;
    assert_eq!(admin.send(ask(&admin, changed)).await.status, 200);
}

#[tokio::test]
async fn reads_are_validated_by_etag() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let first = admin.get("/api/v1/services").await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let again = admin.send(admin.request(Method::GET, "/api/v1/services").header(header::IF_NONE_MATCH, &tag)).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
    admin.publish("orders", &contract("1.0.0", "")).await;
    let changed = admin.send(admin.request(Method::GET, "/api/v1/services").header(header::IF_NONE_MATCH, &tag)).await;
    assert_eq!(changed.status, 200);
    let version = admin.get("/api/v1/services/orders/versions/1.0.0").await;
    assert_eq!(version.header("cache-control"), "private, max-age=31536000, immutable");
}
