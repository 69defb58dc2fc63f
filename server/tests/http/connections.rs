//! What a connection may cost, spoken to over bare TCP.

use crate::support::{TestHub, contract};
use reqwest::{Method, header};
use serde_json::{Value, json};
use server::http::{serve::Bounds, slots::Slots};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// Nothing here may take this long.
const PATIENCE: Duration = Duration::from_secs(30);
const SHORT: Bounds =
    Bounds { head: Duration::from_millis(400), body: Duration::from_secs(3), unread: Duration::from_millis(400) };

/// Everything that the hub sends until it closes the connection.
async fn read_to_close(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A reset is an end, too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the hub closes the connection");
    bytes
}

/// Sends `request` on a connection of its own and reads the answer's status and body.
async fn exchange(address: SocketAddr, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    split(&String::from_utf8(read_to_close(&mut stream).await).unwrap())
}

fn split(answer: &str) -> (u16, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// One answer of a connection that stays open.
async fn read_answer(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() >= length.parse().unwrap() {
                return text;
            }
        }
        let mut bytes = [0; 4096];
        let read = timeout(PATIENCE, stream.read(&mut bytes)).await.unwrap().unwrap();
        assert!(read > 0, "closed in the middle: {text}");
        text += std::str::from_utf8(&bytes[..read]).unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_brings_no_request_is_closed() {
    let hub = TestHub::bounded(SHORT, |_| {}).await;
    for opening in [
        "",
        "P",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n",
        "GET",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nAccept",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea",
    ] {
        let mut stream = TcpStream::connect(hub.address).await.unwrap();
        stream.write_all(opening.as_bytes()).await.unwrap();
        read_to_close(&mut stream).await;
    }
    // Each byte comes in time, all of them don't.
    let (mut read, mut write) = TcpStream::connect(hub.address).await.unwrap().into_split();
    let dripping = tokio::spawn(async move {
        for byte in b"GET /healthz HTTP/1.1\r\nX-Slow: ".iter().chain(std::iter::repeat(&b'x')) {
            if write.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let _ = timeout(PATIENCE, read.read_to_end(&mut Vec::new())).await.expect("closed in spite of the drip");
    timeout(PATIENCE, dripping).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let hub = TestHub::bounded(SHORT, |settings| settings.request_timeout_seconds = 1).await;
    for path in ["/api/v1/sessions", "/api/ui/sign-in", "/api/ui/publish-version", "/healthz", "/nowhere"] {
        for length in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
            let mut stream = TcpStream::connect(hub.address).await.unwrap();
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n{length}\r\n\r\n5\r\n"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            let answer = read_to_close(&mut stream).await;
            assert!(answer.starts_with(b"HTTP/1.1 "), "{path}: {}", answer.escape_ascii());
        }
    }
}

#[tokio::test]
async fn http_2_is_not_spoken() {
    let hub = TestHub::bounded(SHORT, |_| {}).await;
    let mut stream = TcpStream::connect(hub.address).await.unwrap();
    // The preface and an empty SETTINGS frame (RFC 9113, section 3.4).
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    assert_eq!(read_to_close(&mut stream).await, b"", "no SETTINGS in return");
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_given_up() {
    let large = axum::Router::new().route("/", axum::routing::get(|| async { vec![b'x'; 64 * 1024 * 1024] }));
    let (address, slots) = serve(large).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(8 * 1024).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    // The answer has begun, so its connection is counted.
    stream.read_exact(&mut [0; 15]).await.unwrap();
    assert_eq!(slots.open(), 1);
    let given_up = async {
        while slots.open() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, given_up).await.expect("the hub gives the answer up");
    assert!(read_to_close(&mut stream).await.len() < 64 * 1024 * 1024);
}

#[tokio::test]
async fn who_is_slow_but_honest_is_served() {
    let hub = TestHub::bounded(SHORT, |_| {}).await;
    let admin = hub.browser();
    admin.set_up().await;
    admin.create_service("orders").await;

    let mut events = admin
        .request(Method::GET, "/api/v1/events")
        .header(header::ACCEPT, "text/event-stream")
        .send()
        .await
        .unwrap()
        .bytes_stream();

    // One connection, several requests, with pauses that are shorter than the bound.
    let mut stream = TcpStream::connect(hub.address).await.unwrap();
    for _ in 0..6 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        assert!(read_answer(&mut stream).await.ends_with("ok\n"));
        tokio::time::sleep(SHORT.head / 4).await;
    }

    // An upload that takes longer than a head may.
    let document = contract("1.0.0", "");
    let pieces: Vec<_> = document.as_bytes().chunks(document.len() / 20).map(<[u8]>::to_vec).collect();
    let slow = futures::stream::unfold(pieces.into_iter(), |mut pieces| async move {
        tokio::time::sleep(SHORT.head / 8).await;
        pieces.next().map(|piece| (Ok::<_, std::io::Error>(piece), pieces))
    });
    let request = admin
        .request(Method::POST, "/api/v1/services/orders/versions")
        .header(header::CONTENT_TYPE, "application/yaml")
        .body(reqwest::Body::wrap_stream(slow));
    assert_eq!(admin.send(request).await.status, 201);

    // The stream is older than any bound by now.
    let mut seen = String::new();
    while !seen.contains("1.0.0") {
        use futures::StreamExt as _;
        let chunk = timeout(PATIENCE, events.next()).await.unwrap().expect("the stream goes on").unwrap();
        seen += std::str::from_utf8(&chunk).unwrap();
    }
}

#[tokio::test]
async fn a_full_hub_says_so_and_takes_others_when_there_is_room() {
    let hub = TestHub::with(|settings| settings.max_connections = 3).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(hub.address).await.unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        read_answer(&mut stream).await;
        held.push(stream);
    }
    let mut refused = TcpStream::connect(hub.address).await.unwrap();
    refused.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let answer = String::from_utf8(read_to_close(&mut refused).await).unwrap();
    assert!(answer.contains("retry-after: "), "{answer}");
    let (status, body) = split(&answer);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["success"], &body["error"]["code"]), (503, &json!(false), &json!("unavailable")));
    drop(held);
    let room = async {
        while hub.app.connections.open() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, room).await.unwrap();
    assert_eq!(hub.browser().get("/healthz").await.text, "ok\n");
}

#[tokio::test]
async fn what_is_no_request_is_answered_in_the_envelope() {
    let hub = TestHub::empty().await;
    let healthy = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let long = "x".repeat(70 * 1024);
    let many = "a: b\r\n".repeat(200);
    for (request, status) in [
        ("GARBAGE\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/3.7\r\n\r\n".to_owned(), 400),
        ("GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nna me: x\r\n\r\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n".to_owned(), 400),
        (format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"), 414),
        (format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"), 431),
        (format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {long}{long}\r\n\r\n"), 431),
    ] {
        // Alone, and behind a request that was answered.
        let (alone, body) = exchange(hub.address, &request).await;
        let body: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error} {status}: {body}"));
        assert_eq!((alone, &body["error"]["code"]), (status, &json!("bad-request")), "{request:.60}");
        assert_eq!(body["error"]["traceId"].as_str().map(str::len), Some(32), "{body}");

        let mut stream = TcpStream::connect(hub.address).await.unwrap();
        stream.write_all(healthy.as_bytes()).await.unwrap();
        assert!(read_answer(&mut stream).await.ends_with("ok\n"));
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = String::from_utf8(read_to_close(&mut stream).await).unwrap();
        assert!(answer.contains("\r\nx-trace-id: "), "{answer}");
        let (behind, body) = split(&answer);
        assert!(behind == status && body.contains("\"bad-request\""), "{behind} {body}");
    }
}

#[tokio::test]
async fn a_request_names_its_host_once() {
    let hub = TestHub::empty().await;
    for (head, status) in [
        ("HTTP/1.1\r\nHost: localhost:3000\r\n", 200),
        ("HTTP/1.1\r\nHost: [::1]:3000\r\n", 200),
        ("HTTP/1.0\r\n", 200),
        ("HTTP/1.1\r\n", 400),
        ("HTTP/1.1\r\nHost:\r\n", 400),
        ("HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n", 400),
        ("HTTP/1.1\r\nHost: localhost\r\nhost: evil.example\r\n", 400),
        ("HTTP/1.0\r\nHost: localhost\r\nHost: evil.example\r\n", 400),
        ("HTTP/1.1\r\nHost: localhost, evil.example\r\n", 400),
        ("HTTP/1.1\r\nHost: localhost/evil\r\n", 400),
        ("HTTP/1.1\r\nHost: localhost@evil.example\r\n", 400),
    ] {
        let (got, body) = exchange(hub.address, &format!("GET /healthz {head}Connection: close\r\n\r\n")).await;
        assert_eq!(got, status, "{head} {body}");
        assert_eq!(body.contains("\"bad-request\""), status == 400, "{head} {body}");
    }
    for (target, status) in [("http://localhost/healthz", 200), ("http://evil.example/healthz", 400)] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assert_eq!(exchange(hub.address, &request).await.0, status, "{target}");
    }
}

#[tokio::test]
async fn an_answer_that_looks_like_hypers_own_is_left_alone() {
    const LOOKS: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
    let (pieces, body) = futures::channel::mpsc::unbounded::<std::io::Result<&str>>();
    let body = std::sync::Arc::new(std::sync::Mutex::new(Some(axum::body::Body::from_stream(body))));
    let pieces_only = move || std::future::ready(body.lock().unwrap().take().unwrap());
    let (address, _) = serve(axum::Router::new().route("/", axum::routing::get(pieces_only))).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    // The piece is written by itself: all before it has been read.
    pieces.unbounded_send(Ok("first")).unwrap();
    let mut seen = String::new();
    while !seen.contains("first") {
        seen.push(char::from(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap()));
    }
    pieces.unbounded_send(Ok(LOOKS)).unwrap();
    drop(pieces);
    let rest = String::from_utf8(read_to_close(&mut stream).await).unwrap();
    assert!(rest.contains(LOOKS), "{rest}");
}

/// A router behind the hub's connections, and how many of them are open.
async fn serve(router: axum::Router) -> (SocketAddr, Slots) {
    let slots = Slots::new(100, 0);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stopping = tokio_util::sync::CancellationToken::new();
    tokio::spawn(server::http::serve::serve(listener, router, stopping, slots.clone(), SHORT));
    (address, slots)
}
