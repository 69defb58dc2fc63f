//! Pages as the server renders them, and forms without scripts.

use crate::support::{Browser, PASSWORD, TestHub, contract};
use reqwest::{Method, header};

#[tokio::test]
async fn people_are_sent_where_they_must_go_first() {
    let hub = TestHub::empty().await;
    let visitor = hub.browser();
    let location = async |path: &str| {
        let answer = visitor.send(visitor.request(Method::GET, path).header(header::ACCEPT, "text/html")).await;
        (answer.status.as_u16(), answer.header("location").to_owned())
    };
    assert_eq!(location("/dashboard").await, (303, "/setup".into()));
    visitor.set_up().await;
    assert_eq!(location("/login").await, (303, "/dashboard".into()));
    assert_eq!(location("/setup").await, (303, "/login".into()));
    let stranger = hub.browser();
    let answer = stranger.get("/services/orders?x=1&y=2").await;
    assert_eq!(answer.header("location"), "/login?next=/services/orders%3Fx%3D1%26y%3D2");
    assert_eq!(stranger.get("/docs/api").await.status, 200);
}

#[tokio::test]
async fn the_front_page_says_what_the_hub_is_and_leads_on() {
    let hub = TestHub::empty().await;
    let visitor = hub.browser();
    for (ways, none) in [(["/setup", "/playground"], "/login"), (["/login", "/playground"], "/setup")] {
        // As curl asks, and as a browser does.
        for accept in ["*/*", "text/html"] {
            let page = visitor.send(visitor.request(Method::GET, "/").header(header::ACCEPT, accept)).await;
            assert_eq!(page.status, 200, "{page:?}");
            assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
            let leads_to = |path: &str| page.text.contains(&format!("href=\"{path}\""));
            assert!(ways.into_iter().all(leads_to) && !leads_to(none), "{}", page.text);
            // Nothing that only somebody who is signed in may open.
            assert!(!["/dashboard", "/services", "/publish"].into_iter().any(leads_to), "{}", page.text);
            // The engine's verdict on the example, with its proof.
            for text in ["response-type-changed", "Example: 2.0.0 may send this", "<mark>"] {
                assert!(page.text.contains(text), "{text}: {}", page.text);
            }
            // It is whole without a script.
            assert!(!page.text.contains("<script") && !page.text.contains(".wasm"), "{}", page.text);
            assert!(!page.header("content-security-policy").contains("script-src"), "{page:?}");
        }
        assert_eq!(visitor.send(visitor.request(Method::HEAD, "/")).await.status, 200);
        if none == "/login" {
            hub.browser().set_up().await;
        }
    }
    let (_hub, admin) = TestHub::set_up().await;
    assert_eq!(admin.get("/").await.header("location"), "/dashboard");
}

#[tokio::test]
async fn a_shared_link_is_shown_with_title_text_and_picture() {
    let (hub, _admin) = TestHub::set_up().await;
    let stranger = hub.browser();
    // A link to what needs an account ends at the sign-in page, and is shown as what it names.
    let guarded = "/services/orders/compare?base=1.0.0&revision=2.0.0";
    let guarded = stranger.get(guarded).await.header("location").to_owned();
    for (path, title) in [
        ("/", "Handshake: see what"),
        ("/login", "Sign in"),
        ("/playground", "Playground"),
        (guarded.as_str(), "orders: 1.0.0 → 2.0.0"),
    ] {
        let page = stranger.get(path).await.text;
        let content = |property: &str| {
            let rest = page.split(&format!("property=\"{property}\" content=\"")).nth(1);
            rest.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
        };
        assert!(content("og:title").starts_with(title), "{path}: {page}");
        assert!(content("og:description").contains("OpenAPI") && page.contains("<meta name=\"description\""), "{path}");
        let picture = content("og:image");
        let file = picture.strip_prefix(&hub.url("")).expect("an address with the hub's origin");
        assert_eq!(stranger.get(file).await.header("content-type"), "image/png", "{path}: {picture}");
    }
}

#[tokio::test]
async fn icons_manifest_and_robots_are_there_for_anybody() {
    let hub = TestHub::empty().await;
    let stranger = hub.browser();
    for (path, kind) in [
        ("/favicon.ico", "image/x-icon"),
        ("/favicon.svg", "image/svg+xml"),
        ("/apple-touch-icon.png", "image/png"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/robots.txt", "text/plain; charset=utf-8"),
    ] {
        let file = stranger.get(path).await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, kind), "{path}");
        assert!(!file.header("cache-control").is_empty(), "{path}");
    }
    let manifest: serde_json::Value = serde_json::from_str(&stranger.get("/manifest.webmanifest").await.text).unwrap();
    for icon in manifest["icons"].as_array().unwrap() {
        let icon = icon["src"].as_str().unwrap();
        assert_eq!(stranger.get(icon).await.status, 200, "{icon}");
    }
    assert!(stranger.get("/robots.txt").await.text.contains("Disallow: /api/"));
}

#[tokio::test]
async fn every_page_answers_head_as_get() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    admin.publish("orders", &contract("1.0.0", "")).await;
    for path in [
        "/",
        "/dashboard",
        "/login",
        "/services",
        "/services/new",
        "/services/orders",
        "/services/orders/policy",
        "/services/orders/versions/1.0.0",
        "/services/orders/versions/1.0.0/source",
        "/services/none",
        "/publish",
        "/playground",
        "/practices",
        "/rules",
        "/docs/api",
        "/nowhere",
    ] {
        let ask = async |method| admin.send(admin.request(method, path).header(header::ACCEPT, "text/html")).await;
        let (get, head) = (ask(Method::GET).await, ask(Method::HEAD).await);
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(head.text, "", "{path}");
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_told_to_people_on_a_page() {
    let (hub, admin) = TestHub::set_up().await;
    let new = TestHub::empty().await;
    for hub in [&hub, &new] {
        hub.app.store.close().await;
    }
    let stranger = new.browser();
    let page = stranger.send(stranger.request(Method::GET, "/dashboard").header(header::ACCEPT, "text/html")).await;
    assert_eq!(page.status, 503, "{page:?}");
    assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
    assert!(page.text.contains("The hub can’t answer right now") && !page.text.contains("<script"), "{}", page.text);
    assert!(page.text.contains("color-scheme") && page.text.contains("Try again</a>"), "{}", page.text);
    let policy: Vec<_> = page.headers.get_all("content-security-policy").iter().collect();
    assert_eq!(policy.len(), 1, "a second policy would forbid the style");
    assert!(policy[0].to_str().unwrap().contains("style-src 'sha256-"), "{policy:?}");
    assert!(page.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{page:?}");
    // A program is told as ever.
    let json = stranger.get("/dashboard").await;
    assert_eq!(json.refusal(), (503, "unavailable".into()));
    assert!(!json.header("retry-after").is_empty());

    // Where only what the page shows can't be had, the page says so.
    let page = admin.send(admin.request(Method::GET, "/services").header(header::ACCEPT, "text/html")).await;
    assert_eq!(page.status, 503, "{page:?}");
    assert!(page.header("content-type").starts_with("text/html") && !page.header("retry-after").is_empty(), "{page:?}");
    assert!(
        page.text.contains("The hub can’t reach its database")
            || page.text.contains("The hub can't reach its database"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn pages_carry_a_policy_with_a_fresh_nonce() {
    let (_hub, admin) = TestHub::set_up().await;
    let (first, second) = (admin.get("/dashboard").await, admin.get("/dashboard").await);
    let policy = first.header("content-security-policy");
    assert!(policy.contains("script-src 'nonce-") && !policy.contains("unsafe-inline"), "{policy}");
    assert_ne!(policy, second.header("content-security-policy"));
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    for script in first.text.split("<script").skip(1) {
        assert!(script.split('>').next().unwrap().contains(nonce), "a script without the nonce: {script:.80}");
    }
    assert!(!first.text.contains(" style=\""), "an inline style");
    assert_eq!(first.header("x-content-type-options"), "nosniff");
    assert_eq!(first.header("cache-control"), "private, no-store");
}

#[tokio::test]
async fn the_playground_is_open_to_anybody_and_its_worker_can_go_nowhere() {
    let hub = TestHub::empty().await;
    let stranger = hub.browser();
    let page = stranger.get("/playground").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains("worker-src 'self'"), "{page:?}");
    assert!(page.text.contains("<noscript>") && page.text.contains("handshake diff"), "a way without scripts");
    let worker = stranger.get(&app::playground::worker_path()).await;
    assert_eq!((worker.status.as_u16(), worker.text.as_str()), (200, app::playground::WORKER));
    assert_eq!(worker.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(worker.header("cache-control"), "public, max-age=31536000, immutable");
    let policy = worker.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"), "{policy}");
    assert_eq!(stranger.get("/engine/0000000000000000.js").await.status, 404, "another release's worker");
}

#[tokio::test]
async fn an_unknown_page_is_a_page_with_404() {
    let (_hub, admin) = TestHub::set_up().await;
    let page = admin.send(admin.request(Method::GET, "/nowhere").header(header::ACCEPT, "text/html")).await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
    assert_eq!(admin.get("/nowhere").await.refusal(), (404, "not-found".into()));
    let missing = admin.send(admin.request(Method::GET, "/services/none").header(header::ACCEPT, "text/html")).await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn a_page_that_cant_be_shown_says_so_once() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    admin.publish("orders", &contract("1.0.0", "")).await;
    for (path, message, way_on) in [
        ("/services/none", "service called none", "href=\"/services\""),
        ("/services/none/policy", "service called none", "href=\"/services\""),
        ("/services/none/settings", "service called none", "href=\"/services\""),
        ("/services/orders/versions/9.9.9", "version 9.9.9 of orders", "href=\"/services/orders\""),
        ("/services/orders/versions/9.9.9/schemas", "version 9.9.9 of orders", "href=\"/services/orders\""),
        ("/services/orders/versions/9.9.9/source", "version 9.9.9 of orders", "href=\"/services/orders\""),
        ("/services/orders/versions/9.9.9/lint", "version 9.9.9 of orders", "href=\"/services/orders\""),
        ("/services/orders/compare", "needs two versions", "href=\"/services/orders\""),
        ("/services/orders/compare?base=1.0.0&revision=9.9.9", "9.9.9", "href=\"/services/orders\""),
    ] {
        let page = admin.send(admin.request(Method::GET, path).header(header::ACCEPT, "text/html")).await;
        assert_eq!(page.status, 404, "{path}: {page:?}");
        // Behind the body, scripts bring the page's data along.
        let body = page.text.split("<body").nth(1).and_then(|rest| rest.split("</body>").next()).unwrap();
        let errors: Vec<&str> = body.split("role=\"alert\" class=\"failure").skip(1).collect();
        assert_eq!(errors.len(), 1, "{path}: {body}");
        assert!(errors[0].contains(message) && errors[0].contains(way_on), "{path}: {}", errors[0]);
        assert!(!errors[0].split("</div>").next().unwrap().contains("trace"), "{path}: {}", errors[0]);
    }
}

#[tokio::test]
async fn signing_in_works_without_scripts() {
    let (hub, _admin) = TestHub::set_up().await;
    let visitor = hub.browser();
    let submit = async |password: &str| {
        let request = visitor
            .request(Method::POST, "/api/ui/sign-in")
            .header(header::ACCEPT, "text/html")
            .header(header::REFERER, hub.url("/login"))
            .form(&[("email", "ada@example.org"), ("password", password), ("next", "/services")]);
        visitor.send(request).await
    };
    let wrong = submit("wrong password").await;
    assert_eq!(wrong.status, 302, "{wrong:?}");
    let back = wrong.header("location").to_owned();
    assert!(back.contains("/login") && back.contains("__err="), "{back}");
    let page = visitor.get(back.strip_prefix(&hub.url("")).unwrap_or(&back)).await;
    assert!(page.text.contains("The address or the password is wrong"), "{}", page.text);

    let right = submit(PASSWORD).await;
    assert_eq!((right.status.as_u16(), right.header("location")), (302, "/services"));
    assert_eq!(visitor.get("/services").await.status, 200);
}

#[tokio::test]
async fn an_error_in_the_address_is_shown_only_to_the_browser_that_got_it() {
    let (hub, _admin) = TestHub::set_up().await;
    let failed = async |visitor: &Browser, email: &str| {
        let request = visitor
            .request(Method::POST, "/api/ui/sign-in")
            .header(header::ACCEPT, "text/html")
            .header(header::REFERER, hub.url("/login?next=/services"))
            .form(&[("email", email), ("password", "wrong"), ("next", "/services")]);
        visitor.send(request).await.header("location").to_owned()
    };
    let (visitor, other) = (hub.browser(), hub.browser());
    let back = failed(&visitor, "ada@example.org").await;
    assert!(back.starts_with("/login?next="), "an address of this hub: {back}");
    let page = visitor.get(&back).await;
    assert!(page.status == 200 && page.text.contains("The address or the password is wrong"), "{}", page.text);
    assert_eq!(visitor.get(&back).await.status, 200, "also when it is read again");

    let clean = "/login?next=%2Fservices";
    let gone = other.get(&back).await;
    assert_eq!((gone.status.as_u16(), gone.header("location")), (303, clean), "a link that was sent on");
    let error = back.split("__err=").nth(1).unwrap();
    for forged in [
        "__path=/api/ui/sign-in&__err=eyJtZXNzYWdlIjoiUGF5IHVzIn0=".to_owned(),
        "%5f_path=/api/ui/sign-in&_%5Ferr=x".to_owned(),
        "__err=x".to_owned(),
        "__path=/api/ui/sign-in".to_owned(),
        format!("__path=/api/ui/set-up&__err={error}"),
        format!("__path=/api/ui/sign-in&__err={error}&__err=x"),
        format!("__err=x&__path=/api/ui/sign-in&__err={error}"),
    ] {
        let page = visitor.get(&format!("{clean}&{forged}")).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, clean), "{forged}");
    }
}

#[tokio::test]
async fn nothing_leads_out_of_the_hub() {
    let (hub, admin) = TestHub::set_up().await;
    let stranger = hub.browser();
    for evil in [
        "//evil.example/x",
        "///evil.example/x",
        "/%2F/evil.example",
        "/..//evil.example",
        "/%2e%2e//evil.example",
        "/.//evil.example",
        "//user@evil.example/x",
        "//evil.example/%2e%2e",
    ] {
        for (browser, query) in
            [(&stranger, ""), (&stranger, "?__err=1"), (&admin, "?__err=1"), (&stranger, "?__path=a&__err=1&x=//evil")]
        {
            let request = format!(
                "GET {evil}{query} HTTP/1.1\r\nHost: {}\r\nAccept: text/html\r\nSec-Fetch-Site: cross-site\r\n\
                 Cookie: {}\r\nConnection: close\r\n\r\n",
                hub.address,
                browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; "),
            );
            let answer = raw(&hub, &request).await;
            assert!(leads_home(&hub, &answer), "{evil}{query}: {answer:.400}");
        }
    }
    // Where signing in leads, and where a form is sent back to.
    for evil in [
        "//evil.example",
        "/\\evil.example",
        "\t//evil.example",
        "/\t/evil.example",
        "https:evil.example",
        "https://hub@evil.example",
        "/..//evil.example",
    ] {
        let visitor = hub.browser();
        let request = visitor.request(Method::POST, "/api/ui/sign-in").header(header::ACCEPT, "text/html").form(&[
            ("email", "ada@example.org"),
            ("password", PASSWORD),
            ("next", evil),
        ]);
        let answer = visitor.send(request).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (302, "/dashboard"), "{evil:?}");
    }
    for referer in ["//evil.example", "//evil.example/x", "/\\evil.example/x", "/..//evil.example", "@evil.example/x"] {
        let request = admin
            .request(Method::POST, "/api/ui/sign-in")
            .header(header::ACCEPT, "text/html")
            .header(header::REFERER, hub.url(referer))
            .form(&[("email", "ada@example.org"), ("password", "wrong")]);
        let answer = admin.send(request).await;
        let location = answer.header("location");
        assert!(
            location.starts_with('/') && !location.starts_with("//") && !location.contains("evil.example/"),
            "{referer}: {location}"
        );
    }
}

async fn raw(hub: &TestHub, request: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(hub.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

/// Whether an answer leads nowhere, or to where a browser sees this hub.
fn leads_home(hub: &TestHub, answer: &str) -> bool {
    let Some(location) = answer.lines().find_map(|line| line.strip_prefix("location: ")) else { return true };
    let here = reqwest::Url::parse(&hub.url("/")).unwrap();
    here.join(location).is_ok_and(|there| there.origin() == here.origin() && !there.path().starts_with("//"))
}

#[tokio::test]
async fn a_foreign_page_learns_nothing_from_where_people_are_sent_back_to() {
    let (_hub, admin) = TestHub::set_up().await;
    let request = admin
        .request(Method::GET, "/api/ui/service?name=payroll")
        .header(header::ACCEPT, "text/html")
        .header(header::REFERER, "https://evil.example/page");
    let answer = admin.send(request).await;
    assert!(!answer.header("location").contains("evil.example"), "{answer:?}");
}
