//! Forms as browsers send them without scripts.

use crate::support::{Browser, TestHub, TestResponse, contract};
use reqwest::{Method, header, multipart};

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
