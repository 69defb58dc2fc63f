//! Forms as browsers send them without scripts.

use crate::support::{Browser, TestHub, TestResponse, contract};
use reqwest::{Method, header, multipart};
use serde_json::{Value, json};

/// Sends the publish form as a browser does, and goes where it leads.
async fn publish(browser: &Browser, form: multipart::Form) -> TestResponse {
    let request = browser
        .request(Method::POST, "/api/ui/publish-version")
        .header(header::ACCEPT, "text/html")
        .header(header::REFERER, browser.url("/publish"))
        .header(header::ORIGIN, browser.url(""))
        .multipart(form.text("service", "orders").text("label", ""));
    let sent = browser.send(request).await;
    assert!(sent.status.is_redirection(), "{sent:?}");
    page(browser, sent.header("location")).await
}

async fn page(browser: &Browser, address: &str) -> TestResponse {
    let path = address.strip_prefix(&browser.url("")).unwrap_or(address);
    browser.send(browser.request(Method::GET, path).header(header::ACCEPT, "text/html")).await
}

fn pasted(document: &str) -> multipart::Form {
    // A file field that was left empty comes along.
    let none = multipart::Part::bytes(Vec::new()).file_name("").mime_str("application/octet-stream").unwrap();
    multipart::Form::new().part("file", none).text("document", document.to_owned())
}

#[tokio::test]
async fn pasted_text_is_stored_as_typed_and_a_file_as_it_is() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let stored =
        async |label: &str| admin.get(&format!("/api/v1/services/orders/versions/{label}/document")).await.text;

    let document = contract("1.0.0", "");
    assert!(document.contains('\n') && !document.contains('\r'));
    // Browsers send each line end of a text area as CRLF.
    publish(&admin, pasted(&document.replace('\n', "\r\n"))).await;
    assert_eq!(stored("1.0.0").await, document);
    // So what was uploaded or sent over REST and what is pasted is one document.
    assert_eq!(admin.publish("orders", &document).await.status, 200);
    let again = publish(&admin, pasted(&document.replace('\n', "\r\n"))).await;
    assert!(again.text.contains("already"), "{again:?}");

    let windows = contract("2.0.0", "").replace('\n', "\r\n");
    let file = multipart::Part::bytes(windows.clone().into_bytes()).file_name("openapi.yaml");
    publish(&admin, multipart::Form::new().part("file", file).text("document", "")).await;
    assert_eq!(stored("2.0.0").await, windows);
    // A text area has its text without its line ends, and sends its own.
    let again = publish(&admin, pasted(&windows)).await;
    assert!(again.text.contains("already"), "{again:?}");
    let mixed = contract("3.0.0", "").replacen('\n', "\r\n", 3);
    let file = multipart::Part::bytes(mixed.clone().into_bytes()).file_name("openapi.yaml");
    publish(&admin, multipart::Form::new().part("file", file).text("document", "")).await;
    let again = publish(&admin, pasted(&mixed.replace("\r\n", "\n").replace('\n', "\r\n"))).await;
    assert!(again.text.contains("already"), "{again:?}");
    assert_eq!(stored("3.0.0").await, mixed);
    // Another text is another document, however its lines end.
    let other = windows.replace("2.0.0", "4.0.0");
    publish(&admin, pasted(&other)).await;
    assert_eq!(stored("4.0.0").await, other.replace("\r\n", "\n"));
}

#[tokio::test]
async fn hostile_text_in_a_form_stays_text() {
    const HOSTILE: &str = "</textarea><script>alert(1)</script>";
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let check = |answer: &TestResponse, shown: bool| {
        assert!(!answer.text.contains("<script>alert"), "{answer:?}");
        let escaped = answer.text.contains("&lt;/textarea&gt;&lt;script&gt;alert(1)");
        assert!(escaped || !shown, "{answer:?}");
        assert!(answer.text.contains("</main>"), "the page is whole: {answer:?}");
    };
    // Refused, and told why.
    check(&publish(&admin, pasted(HOSTILE)).await, false);
    let twice = format!("openapi: 3.1.0\n\"{HOSTILE}\": 1\n\"{HOSTILE}\": 2\n");
    check(&publish(&admin, pasted(&twice)).await, true);
    // Stored, and shown.
    let document = contract("1.0.0", "").replace("description: The order", &format!("description: '{HOSTILE}'"));
    publish(&admin, pasted(&document)).await;
    let version = "/services/orders/versions/1.0.0";
    for path in [format!("{version}/source"), format!("{version}?operation=get%20/orders/%7BorderId%7D")] {
        check(&page(&admin, &path).await, true);
    }
}

const SETTINGS: &str = "/services/orders/settings";
const POLICY: &str = "/services/orders/policy";

/// Posts a form of a page as a browser does, to a server function or to where that sent it on.
async fn post(browser: &Browser, page: &str, to: &str, fields: &[(&str, &str)]) -> TestResponse {
    let request = browser
        .request(Method::POST, to)
        .header(header::ACCEPT, "text/html")
        .header(header::REFERER, browser.url(page))
        .header(header::ORIGIN, browser.url(""))
        .form(fields);
    browser.send(request).await
}

/// Posts a form that is refused: where it is sent on to, and the page that it gets there.
async fn refused(browser: &Browser, page: &str, function: &str, fields: &[(&str, &str)]) -> (String, TestResponse) {
    let sent = post(browser, page, &format!("/api/ui/{function}"), fields).await;
    assert_eq!(sent.status, 307, "the browser brings the form along: {sent:?}");
    let address = sent.header("location").to_owned();
    assert!(address.starts_with(page), "{address}");
    let shown = post(browser, page, &address, fields).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    (address, shown)
}

async fn describe(admin: &Browser, description: &str) {
    let body = json!({"name": "orders", "description": description, "archived": false});
    let put = admin.request(Method::PUT, "/api/v1/services/orders/settings").json(&body);
    assert_eq!(admin.send(put).await.status, 200);
}

async fn settings(admin: &Browser) -> Value {
    admin.get("/api/v1/services/orders/settings").await.data()
}

#[tokio::test]
async fn a_description_is_in_its_text_area_and_saved_as_it_is() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let text = "Takes orders.\n</textarea><script>alert(1)</script>\n\nAnd & ships <b>them</b>.";
    describe(&admin, text).await;
    let shown = page(&admin, SETTINGS).await.text;
    let escaped = "Takes orders.\n&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;\n\nAnd &amp; ships &lt;b&gt;them&lt;/b&gt;.";
    assert!(shown.contains(&format!(">\n{escaped}</textarea>")), "{shown}");
    assert!(!shown.contains("<script>alert") && shown.contains("</main>"), "{shown}");

    let before = settings(&admin).await;
    let save = async |description: &str, revision: &str| {
        let fields = [("service", "orders"), ("name", "orders"), ("description", description), ("revision", revision)];
        post(&admin, SETTINGS, "/api/ui/save-settings", &fields).await.header("location").to_owned()
    };
    assert_eq!(save(&text.replace('\n', "\r\n"), "2").await, "/services/orders");
    assert_eq!(settings(&admin).await, before, "unchanged");
    assert_eq!(save("One\r\ntwo", "2").await, "/services/orders");
    assert_eq!(settings(&admin).await["description"], "One\ntwo");
}

#[tokio::test]
async fn a_refused_form_comes_back_with_what_was_typed() {
    let (hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    describe(&admin, "Theirs.").await;
    let mine = "Mine </textarea><script>alert(1)</script>\r\nand more";
    let mut fields = [
        ("service", "orders"),
        ("name", "orders"),
        ("from_name", "orders"),
        ("description", mine),
        ("from_description", "For a test"),
        ("revision", "1"),
    ];
    let (address, shown) = refused(&admin, SETTINGS, "save-settings", &fields).await;
    let text = shown.text;
    assert!(
        text.contains(">\nMine &lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;\nand more</textarea>"),
        "{text}"
    );
    assert!(!text.contains("<script>alert") && text.contains("changed by somebody else"), "{text}");
    assert_eq!(text.matches("On the hub:").count(), 1, "the name is what it was: {text}");
    assert!(text.contains("Theirs.") && text.contains(r#"name="revision" value="2""#), "{text}");
    assert_eq!(settings(&admin).await["description"], "Theirs.");

    // Nobody else can bring a page to show a form: not with a link, a form of another site, or no error at all.
    let clean = |answer: &TestResponse| (answer.status.as_u16(), answer.header("location") == SETTINGS);
    let other = hub.person("maintainer").await;
    assert_eq!(clean(&post(&other, SETTINGS, &address, &fields).await), (303, true));
    assert_eq!(clean(&post(&admin, SETTINGS, SETTINGS, &fields).await), (303, true));
    let site = header::HeaderMap::from_iter([("sec-fetch-site".parse().unwrap(), "cross-site".parse().unwrap())]);
    let foreign = admin.request(Method::POST, &address).headers(site).form(&fields);
    assert_eq!(admin.send(foreign).await.status, 403);
    // What is read again is the page without the form.
    let again = page(&admin, &address).await;
    assert!(again.status == 200 && !again.text.contains("and more"), "{again:?}");

    // Seen, and sent again for the state that the page has now.
    fields[5].1 = "2";
    assert_eq!(post(&admin, SETTINGS, "/api/ui/save-settings", &fields).await.header("location"), "/services/orders");
    // Refused for another reason: nobody has changed anything.
    let fields = [("service", "orders"), ("name", "No name"), ("from_name", "orders"), ("revision", "3")];
    let (_, shown) = refused(&admin, SETTINGS, "save-settings", &fields).await;
    assert!(shown.text.contains(r#"value="No name""#) && !shown.text.contains("On the hub:"), "{shown:?}");
}

#[tokio::test]
async fn a_policy_is_edited_without_a_script() {
    let (hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let developer = hub.person("developer").await;
    let rest = "/api/v1/services/orders/policy";
    let file = "# ours\r\n[rules]\r\noperation-added = \"risky\"\r\n";
    let put = admin.request(Method::PUT, rest).header(header::CONTENT_TYPE, "application/toml").body(file);
    assert_eq!(admin.send(put).await.status, 200);
    let stored = admin.get(rest).await;
    let etag = stored.header("etag").to_owned();
    let shown = page(&developer, POLICY).await.text;
    assert!(shown.contains(">\n# ours\n[rules]"), "{shown}");

    // Saved unchanged, a file with other line ends stays what it is.
    let fields = |text: &'static str, etag: &str| {
        [
            ("service", "orders".to_owned()),
            ("text", text.to_owned()),
            ("from_text", etag.to_owned()),
            ("etag", etag.to_owned()),
        ]
    };
    let save = async |fields: &[(&str, String)]| {
        let fields: Vec<_> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
        post(&developer, POLICY, "/api/ui/set-policy", &fields).await.header("location").to_owned()
    };
    assert_eq!(save(&fields(file, &etag)).await, POLICY);
    assert_eq!(admin.get(rest).await.data(), stored.data());
    assert_eq!(save(&fields("[rules]\r\noperation-added = \"breaking\"\r\n", &etag)).await, POLICY);
    assert_eq!(admin.get(rest).await.data()["text"], "[rules]\noperation-added = \"breaking\"\n");

    // Somebody was faster; and a mistake.
    let now = admin.get(rest).await.header("etag").to_owned();
    for (text, etag, has, lacks) in [
        ("# mine", etag.as_str(), "On the hub:", "Line "),
        ("# mine\r\n[ruels]\r\n", now.as_str(), "Line 2:", "On the hub:"),
    ] {
        let fields = fields(text, etag);
        let fields: Vec<_> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let (_, shown) = refused(&developer, POLICY, "set-policy", &fields).await;
        assert!(shown.text.contains(">\n# mine") && shown.text.contains(has), "{has}: {shown:?}");
        assert!(!shown.text.contains(lacks), "{lacks}: {shown:?}");
    }
    // Refused again on the page of a refused form: it has the second error, and not both.
    let fields = fields("# mine", &etag);
    let fields: Vec<_> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let (first, _) = refused(&developer, POLICY, "set-policy", &fields).await;
    let again = post(&developer, &first, "/api/ui/set-policy", &fields).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (307, first.as_str()));
    assert_eq!(admin.get(rest).await.header("etag"), now);

    let viewer = page(&hub.person("viewer").await, POLICY).await;
    assert!(viewer.text.contains("needs the role developer; yours is viewer"), "{viewer:?}");
}
