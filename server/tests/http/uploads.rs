//! Many documents that are published at once.

use crate::support::{TestHub, contract};
use reqwest::{Method, StatusCode, header};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_wait_for_memory_and_none_is_lost() {
    // Room for one document of 2 MB at a time.
    let hub = TestHub::with(|settings| settings.upload_memory_bytes = 16 << 20).await;
    let admin = hub.browser();
    admin.set_up().await;
    let padding = format!("# {}\n", "x".repeat(1_000)).repeat(2_000);
    let services: Vec<String> = (0..8).map(|n| format!("s{n}")).collect();
    for service in &services {
        admin.create_service(service).await;
    }
    let publish = |service: &String| {
        let request = admin
            .request(Method::POST, &format!("/api/v1/services/{service}/versions"))
            .header(header::CONTENT_TYPE, "application/yaml")
            .body(format!("{padding}{}", contract("1.0.0", "")));
        admin.send(request)
    };
    let answers = futures::future::join_all(services.iter().map(publish)).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::CREATED), "{answers:?}");
}

/// Bodies that announce much and send little hold their room only as long as their request lives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_given_up_gives_its_room_back() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let hub = TestHub::with(|settings| settings.upload_memory_bytes = 16 << 20).await;
    let admin = hub.browser();
    admin.set_up().await;
    admin.create_service("orders").await;
    let cookies: Vec<String> = admin.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let head = format!(
        "POST /api/v1/services/orders/versions HTTP/1.1\r\nHost: {}\r\nSec-Fetch-Site: same-origin\r\nCookie: {}\r\n\
         Content-Type: application/yaml\r\nExpect: 100-continue\r\nContent-Length: 40000000\r\n\r\n",
        hub.address,
        cookies.join("; ")
    );
    let mut slow = tokio::net::TcpStream::connect(hub.address).await.unwrap();
    slow.write_all(head.as_bytes()).await.unwrap();
    // hyper asks for the body once somebody reads it, which is after the room was taken.
    let mut line = [0; 12];
    slow.read_exact(&mut line).await.unwrap();
    assert_eq!(&line, b"HTTP/1.1 100");
    drop(slow);
    let padding = format!("# {}\n", "x".repeat(1_000)).repeat(2_000);
    let answer = admin.publish("orders", &format!("{padding}{}", contract("1.0.0", ""))).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
}

#[tokio::test]
async fn what_is_encoded_or_said_twice_is_refused() {
    let (_hub, admin) = TestHub::set_up().await;
    admin.create_service("orders").await;
    let path = "/api/v1/services/orders/versions";
    let publish = |query: &str| {
        let request = admin.request(Method::POST, &format!("{path}{query}"));
        request.header(header::CONTENT_TYPE, "application/yaml").body(contract("1.0.0", ""))
    };
    for encoding in ["gzip", "br, x", "identity, gzip"] {
        let answer = admin.send(publish("").header(header::CONTENT_ENCODING, encoding)).await;
        assert_eq!(answer.refusal(), (415, "unsupported-media-type".into()), "{encoding}");
        assert_eq!(answer.header("accept-encoding"), "identity");
    }
    assert_eq!(admin.send(publish("?label=a&label=b")).await.refusal(), (422, "invalid".into()));
    for field in ["document", "label", "policy"] {
        let part = |name: &'static str, text: String| (name, text);
        let mut form = reqwest::multipart::Form::new();
        let parts =
            [part("document", contract("1.0.0", "")), part("label", "1.0.0".into()), part("policy", String::new())];
        for (name, text) in parts.into_iter().chain([(field, "again".to_owned())]) {
            form = form.text(name, text);
        }
        let answer = admin.send(admin.request(Method::POST, path).multipart(form)).await;
        assert_eq!(answer.refusal(), (422, "invalid".into()), "{field}");
        assert!(answer.text.contains(&format!("the field {field} twice")), "{}", answer.text);
    }
    assert_eq!(admin.get(path).await.json()["data"]["items"].as_array().unwrap().len(), 0);
    assert_eq!(admin.send(publish("?label=a").header(header::CONTENT_ENCODING, "identity")).await.status, 201);
}
