//! Pages as the server writes them, on a hub in memory: states that are hard to bring about with a real one.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod fake;

use app::{
    App,
    context::{IsSetUp, LastEvent, PublicOrigin},
    shell,
};
use axum::{body::Body, http::Request};
use fake::Fake;
use http_body_util::BodyExt as _;
use leptos::{config::LeptosOptions, prelude::provide_context};
use shared::{
    ApiError, ErrorCode, Finding, Level, Timestamp, Version,
    accounts::{Actor, Caller, Role, User, Visitor},
    comparisons::Comparison,
    findings::Counts,
    ids::{ServiceId, UserId, VersionId},
    services::Service,
    versions::Format,
};

/// What a page answers to somebody with a role: its status and its text.
async fn render(mut fake: Fake, role: Role, path: &str) -> (u16, String) {
    let user = User {
        id: UserId(uuid::Uuid::from_u128(1)),
        email: "ada@example.org".parse().unwrap(),
        display_name: "Ada".parse().unwrap(),
        role,
        created_at: Timestamp(0),
        disabled_at: None,
    };
    let caller = Caller::Known(Actor::person(user.id, user.display_name.clone(), role));
    fake.me = Some(user);
    let hub = fake.hub();
    let provide = move || {
        provide_context(hub.clone());
        provide_context(caller.clone());
        provide_context(Visitor::default());
        provide_context(LastEvent(0));
        provide_context(IsSetUp(true));
        provide_context(PublicOrigin("https://hub.example.org".to_owned()));
    };
    let request = Request::get(path).header("accept", "text/html").body(Body::empty()).unwrap();
    let response = leptos_axum::render_app_async_with_context(provide, || {
        shell(LeptosOptions::builder().output_name("test").build())
    })(request)
    .await;
    let (status, body) = (response.status().as_u16(), response.into_body().collect().await.unwrap());
    (status, String::from_utf8(body.to_bytes().to_vec()).unwrap())
}

fn version(service: &str, label: &str) -> Version {
    Version {
        id: VersionId(uuid::Uuid::from_u128(2)),
        service: service.parse().unwrap(),
        label: label.parse().unwrap(),
        number: 1,
        author: "Ada".parse().unwrap(),
        published_at: Timestamp(0),
        size: 1_000,
        digest: format!("sha256:{:064}", 0),
        format: Format::Yaml,
        openapi: "3.1.0".to_owned(),
        title: "Orders".to_owned(),
        operations: 1,
        published_verdict: None,
    }
}

fn service(name: &str, latest: Option<Version>) -> Service {
    Service {
        id: ServiceId(uuid::Uuid::from_u128(3)),
        name: name.parse().unwrap(),
        description: "Takes <i>orders</i>.\nAnd & ships them.".to_owned(),
        created_at: Timestamp(0),
        versions: u32::from(latest.is_some()),
        latest,
        archived_at: None,
    }
}

fn orders() -> Fake {
    let (one, two) = (version("orders", "1.0.0"), version("orders", "2.0.0"));
    Fake { services: vec![service("orders", Some(two.clone()))], versions: vec![one, two], ..Fake::default() }
}

/// What it is about, the hub, who asks for which page, the status, and what its text must have, and must not.
type Row = (&'static str, Fake, Role, &'static str, u16, &'static [&'static str], &'static [&'static str]);

fn holds(page: &str, has: &[&str], lacks: &[&str]) -> Vec<String> {
    let missing = has.iter().filter(|text| !page.contains(**text)).map(|text| format!("lacks {text:?}"));
    missing.chain(lacks.iter().filter(|text| page.contains(**text)).map(|text| format!("has {text:?}"))).collect()
}

#[tokio::test]
async fn pages_of_a_hub_in_every_state() {
    let failing = |code: ErrorCode, message: &str| Fake {
        failure: Some(ApiError::new(code, message).with_retry_after(5)),
        ..orders()
    };
    let compared = |findings: Vec<Finding>| {
        let (base, revision) = (version("orders", "1.0.0"), version("orders", "2.0.0"));
        let counts = Counts::of(&findings);
        let comparison = Comparison {
            base,
            revision,
            level: counts.verdict(),
            counts,
            operations_touched: counts.total(),
            operations_total: 1,
            ignored_count: 0,
        };
        Fake { comparison: Some(comparison), findings, ..orders() }
    };
    let hostile = Finding {
        rule: "operation-removed".into(),
        level: Level::Breaking,
        operation: "GET /<script>alert(1)</script>".parse().ok(),
        direction: None,
        subject: shared::Subject::default(),
        values: shared::Values::default(),
        operations: Vec::new(),
        fingerprint: "0".repeat(32),
        message: "Gone: <img src=x onerror=alert(1)>".to_owned(),
        base: None,
        revision: None,
        witness: None,
        unproven: Some("there is no message".to_owned()),
        engine_level: None,
        ignored: None,
    };
    let compare = "/services/orders/compare?base=1.0.0&revision=2.0.0";
    let rows: Vec<Row> = vec![
        (
            "an empty hub says what to do",
            Fake::default(),
            Role::Maintainer,
            "/services",
            200,
            &["New service"],
            &["<table"],
        ),
        ("a service in the list", orders(), Role::Viewer, "/services", 200, &["orders", "2.0.0"], &["<i>orders</i>"]),
        (
            "none archived",
            orders(),
            Role::Viewer,
            "/services?archived=true",
            200,
            &["No archived services"],
            &["2.0.0"],
        ),
        (
            "a service, its text as text",
            orders(),
            Role::Viewer,
            "/services/orders",
            200,
            &["Takes &lt;i&gt;orders&lt;/i&gt;.", "1.0.0", "2.0.0"],
            &["<i>orders</i>"],
        ),
        ("a service that isn't there", orders(), Role::Viewer, "/services/payments", 404, &["payments"], &["2.0.0"]),
        (
            "no name at all",
            orders(),
            Role::Viewer,
            "/services/%3Cscript%3E",
            404,
            &["&lt;script&gt;"],
            &["<script>alert"],
        ),
        ("an address that leads nowhere", orders(), Role::Viewer, "/nothing/here", 404, &["/dashboard"], &[]),
        (
            "the database is away",
            failing(ErrorCode::Unavailable, "The database can't be reached."),
            Role::Viewer,
            "/services",
            503,
            &["The database can't be reached.", "Services"],
            &["No services"],
        ),
        (
            "a defect",
            failing(ErrorCode::Internal, "Something went wrong on our side."),
            Role::Viewer,
            compare,
            500,
            &["orders"],
            &["No changes"],
        ),
        ("nothing changed", compared(Vec::new()), Role::Viewer, compare, 200, &["No changes"], &["operation-removed"]),
        (
            "findings with hostile texts",
            compared(vec![hostile]),
            Role::Viewer,
            compare,
            200,
            &["operation-removed", "&lt;img src=x onerror=alert(1)&gt;"],
            &["<img src=x", "<script>alert"],
        ),
        ("who may change settings", orders(), Role::Viewer, "/services/orders/settings", 200, &["maintainer"], &[]),
        (
            "what a viewer may not do isn't offered",
            orders(),
            Role::Viewer,
            "/dashboard",
            200,
            &["/playground", "/services/orders"],
            &["/services/new", "\"/publish", "/settings/jobs"],
        ),
        (
            "nor on a service's page",
            orders(),
            Role::Viewer,
            "/services/orders",
            200,
            &["Policy"],
            &["/publish", "/services/orders/settings"],
        ),
        (
            "nor on an empty hub, which says who may",
            Fake::default(),
            Role::Developer,
            "/services",
            200,
            &["maintainer"],
            &["/services/new"],
        ),
        (
            "a developer publishes",
            orders(),
            Role::Developer,
            "/services/orders",
            200,
            &["/publish?service=orders"],
            &["/services/orders/settings", "/services/new"],
        ),
        (
            "a maintainer does all with services",
            orders(),
            Role::Maintainer,
            "/dashboard",
            200,
            &["/services/new", "\"/publish"],
            &["/settings/jobs"],
        ),
        (
            "only what the hub did wrong has a trace",
            Fake {
                failure: Some(ApiError {
                    trace_id: Some("f00d".to_owned()),
                    ..ApiError::new(ErrorCode::Internal, "Broken.")
                }),
                ..orders()
            },
            Role::Viewer,
            "/services",
            500,
            &["Broken.", "f00d"],
            &[],
        ),
        (
            "not what isn't there",
            Fake {
                failure: Some(ApiError {
                    trace_id: Some("f00d".to_owned()),
                    ..ApiError::not_found("service called x")
                }),
                ..orders()
            },
            Role::Viewer,
            "/services/x",
            404,
            &["service called x", "All services"],
            &["<code>f00d"],
        ),
        ("jobs are for admins", orders(), Role::Developer, "/settings/jobs", 403, &["admin"], &["<table"]),
    ];
    // As at a server's start: this sets up what renders run on.
    let routes = leptos_axum::generate_route_list(App);
    assert!(routes.iter().any(|route| route.path() == "/services"));
    let mut wrong = Vec::new();
    for (what, fake, role, path, status, has, lacks) in rows {
        let (answered, page) = render(fake, role, path).await;
        if answered != status {
            wrong.push(format!("{what}: {path} answers {answered} instead of {status}"));
        }
        wrong.extend(holds(&page, has, lacks).into_iter().map(|fault| format!("{what}: {path} {fault}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
