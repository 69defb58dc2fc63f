//! Sends a hub of its own what no client sends, for a while, and tells what it didn't survive.
//!
//!     cargo run -p server --example http_fuzz -- [SECONDS] [SEED]
//!
//! Requests come from a grammar of what the hub knows (its paths, headers, bodies) and are then damaged. No request may
//! make it panic, answer 500, answer what isn't HTTP, fall silent or stop answering others. The same seed makes the same
//! requests, though several run at once.

#![allow(clippy::unwrap_used, reason = "a tool that can't go on fails")]

mod answers;
mod requests;

use requests::{Random, Ready};
use server::{config::Settings, start::Server};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    process::ExitCode,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// Requests at once.
const CLIENTS: u64 = 24;
/// The longest that an answer may take: far more than any bound of the hub below.
const PATIENCE: Duration = Duration::from_secs(60);
/// A stream of events has no end; its beginning is enough.
const ENDLESS: &[u8] = b"content-type: text/event-stream";

static PANICS: AtomicU64 = AtomicU64::new(0);

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().unwrap());
    let seconds = arguments.next().unwrap_or(60);
    let seed = arguments.next().unwrap_or_else(|| uuid::Uuid::now_v7().as_u64_pair().1);
    println!("{seconds} seconds from seed {seed}");
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        tell(info);
    }));

    let folder = tempfile::tempdir().unwrap();
    let (address, ready) = hub(folder.path()).await;
    let end = Instant::now() + Duration::from_secs(seconds);
    let (counts, failures) = (Arc::new(Mutex::new(BTreeMap::new())), Arc::new(Mutex::new(Vec::new())));
    let clients = (0..CLIENTS).map(|client| {
        let (ready, counts, failures) = (ready.clone(), counts.clone(), failures.clone());
        tokio::spawn(async move {
            let mut random = Random::new(seed.wrapping_add(client));
            while Instant::now() < end {
                let request = requests::request(&mut random, &ready);
                match exchange(address, &request).await {
                    Ok(kind) => *counts.lock().unwrap().entry(kind).or_insert(0_u64) += 1,
                    Err(why) => failures.lock().unwrap().push((why, request)),
                }
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }

    let alive = exchange(address, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    let (counts, failures) = (counts.lock().unwrap(), failures.lock().unwrap());
    println!("{} requests: {counts:?}", counts.values().sum::<u64>());
    for (why, request) in failures.iter().take(20) {
        println!("\n{why}\n{}", request.escape_ascii());
    }
    let panics = PANICS.load(Ordering::SeqCst);
    println!("{} failures, {panics} panics, then: {alive:?}", failures.len());
    let survived = failures.is_empty() && panics == 0 && alive == Ok("200");
    if survived { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Starts a hub with somebody in it who may do everything.
async fn hub(folder: &Path) -> (SocketAddr, Arc<Ready>) {
    let settings = Settings {
        listen: ([127, 0, 0, 1], 0).into(),
        data_dir: folder.join("data"),
        site_root: folder.join("site"),
        request_timeout_seconds: 3,
        max_document_bytes: 1024 * 1024,
        requests_per_minute: 0,
        ..Settings::default()
    };
    let mut server = Server::bind(settings).await.unwrap();
    server.bounds.head = Duration::from_millis(300);
    server.bounds.unread = Duration::from_secs(5);
    let address = server.listener.local_addr().unwrap();
    let (email, password) = ("ada@example.org", "a few words are good");
    let accounts = &server.app.areas.accounts;
    accounts
        .create_user(
            email.parse().unwrap(),
            "Ada".parse().unwrap(),
            password.parse().unwrap(),
            "admin".parse().unwrap(),
        )
        .await
        .unwrap();
    let contract: serde_json::Value = serde_json::from_str(&server.app.reference.text).unwrap();
    let paths = contract["paths"].as_object().unwrap().keys().cloned().collect();
    tokio::spawn(async move { server.run().await.unwrap() });

    let client = reqwest::Client::new();
    let post = async |path: &str, cookie: &str, body: serde_json::Value| {
        let request = client.post(format!("http://{address}{path}")).header("sec-fetch-site", "same-origin");
        request.header("cookie", cookie).json(&body).send().await.unwrap()
    };
    let session = post("/api/v1/sessions", "", serde_json::json!({"email": email, "password": password})).await;
    let lines = session.headers().get_all("set-cookie").iter();
    let cookie = lines.map(|line| line.to_str().unwrap().split(';').next().unwrap()).collect::<Vec<_>>().join("; ");
    let token = serde_json::json!({"name": "fuzz", "scopes": ["read", "publish"]});
    let token: serde_json::Value = post("/api/v1/api-tokens", &cookie, token).await.json().await.unwrap();
    let token = token["data"]["secret"].as_str().unwrap_or_else(|| panic!("no token: {token}")).to_owned();
    post("/api/v1/services", &cookie, serde_json::json!({"name": "orders", "description": ""})).await;
    (address, Arc::new(Ready { paths, token, cookie }))
}

/// Sends a request and says what came back: the first answer's status.
async fn exchange(address: SocketAddr, request: &[u8]) -> Result<&'static str, String> {
    let stream = TcpStream::connect(address).await.map_err(|error| format!("no connection: {error}"))?;
    let (mut read, mut write) = stream.into_split();
    let mut answer = Vec::new();
    let talk = async {
        // The hub may answer and close before it has read everything.
        let send = async {
            let _ = write.write_all(request).await;
        };
        let receive = async {
            let mut piece = vec![0; 64 * 1024];
            loop {
                match read.read(&mut piece).await {
                    Ok(0) => return false,
                    Ok(length) => answer.extend_from_slice(&piece[..length]),
                    Err(_) => return true,
                }
                if answer.windows(ENDLESS.len()).any(|window| window == ENDLESS) {
                    return false;
                }
            }
        };
        tokio::join!(send, receive).1
    };
    match timeout(PATIENCE, talk).await {
        Ok(reset) => answers::check(&answer, reset),
        Err(_) => Err(format!("nothing more came for {PATIENCE:?} after: {}", answer.escape_ascii())),
    }
}
