//! A hub for one test, and words to talk to it.

use crate::declared;
use futures::StreamExt as _;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};
use server::{config::Settings, http::serve::Bounds, start::Server};
use std::{
    net::{IpAddr, SocketAddr},
    sync::OnceLock,
    time::Duration,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub const PASSWORD: &str = "a few words are good";

/// A running hub. Stops when dropped.
pub struct TestHub {
    pub address: SocketAddr,
    pub app: server::state::App,
    stopping: CancellationToken,
    served: JoinHandle<()>,
    settings: Settings,
    _folder: tempfile::TempDir,
}

impl TestHub {
    /// A hub that has nobody yet.
    pub async fn empty() -> Self {
        Self::with(|_| {}).await
    }

    /// A hub with other settings than the usual ones.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::bounded(Bounds::default(), change).await
    }

    /// A hub that gives up on slow clients sooner or later than usual.
    pub async fn bounded(bounds: Bounds, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings {
            listen: ([127, 0, 0, 1], 0).into(),
            data_dir: folder.path().join("data"),
            site_root: folder.path().join("site"),
            database_url: database_url().await,
            // Most tests begin with a hub that has nothing in it.
            publish_own_contract: false,
            ..Settings::default()
        };
        change(&mut settings);
        Self::start(settings, bounds, folder).await
    }

    async fn start(settings: Settings, bounds: Bounds, folder: tempfile::TempDir) -> Self {
        spans();
        let mut server = Server::bind(settings.clone()).await.unwrap();
        server.bounds = bounds;
        let address = server.listener.local_addr().unwrap();
        let app = server.app.clone();
        let stopping = app.stopping.clone();
        let served = tokio::spawn(async move { server.run().await.unwrap() });
        Self { address, app, stopping, served, settings, _folder: folder }
    }

    /// A hub whose admin has just set it up, and a browser that is signed in as the admin.
    pub async fn set_up() -> (Self, Browser) {
        let hub = Self::empty().await;
        let admin = hub.browser();
        admin.set_up().await;
        (hub, admin)
    }

    /// Stops the hub as SIGTERM would, and starts one over the same data on the same port.
    pub async fn restart(self) -> Self {
        self.stopping.cancel();
        self.served.await.unwrap();
        let settings = Settings { listen: self.address, ..self.settings };
        Self::start(settings, Bounds::default(), self._folder).await
    }

    /// Stops, and tries to start again with other settings.
    pub async fn restart_with(self, change: impl FnOnce(&mut Settings)) -> Result<(), server::start::Error> {
        self.stopping.cancel();
        self.served.await.unwrap();
        let mut settings = self.settings;
        change(&mut settings);
        Server::bind(settings).await.map(drop)
    }

    /// Stops, and waits until everything in flight has ended.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.served.await.unwrap();
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A client of its own, without cookies.
    pub fn browser(&self) -> Browser {
        self.browser_at([127, 0, 0, 1])
    }

    /// A client on another machine: all of 127.0.0.0/8 is this one's.
    pub fn browser_at(&self, address: [u8; 4]) -> Browser {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).local_address(IpAddr::from(address));
        let client = client.build().unwrap();
        Browser {
            client,
            base: format!("http://{}", self.address),
            cookies: std::sync::Mutex::default(),
            token: None,
            set_up_code: self.app.areas.accounts.set_up_code().to_owned(),
        }
    }

    /// A person with this role, signed in.
    pub async fn person(&self, role: &str) -> Browser {
        self.account(role, role).await;
        let browser = self.browser();
        let answer = browser.sign_in(role, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        browser
    }

    /// An account with this role, whose address is the name's at example.org.
    pub async fn account(&self, name: &str, role: &str) {
        let email = format!("{name}@example.org").parse().unwrap();
        let (name, role) = (name.parse().unwrap(), role.parse().unwrap());
        self.app.areas.accounts.create_user(email, name, PASSWORD.parse().unwrap(), role).await.unwrap();
    }
}

/// Every span of this process that has ended. Its first call starts tracing, once for the process, since trace ids come
/// from it. The log stays silent.
pub fn spans() -> &'static InMemorySpanExporter {
    static TELEMETRY: OnceLock<(server::observability::Telemetry, InMemorySpanExporter)> = OnceLock::new();
    let (_, spans) = TELEMETRY.get_or_init(|| {
        let spans = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(spans.clone()).build();
        let silent = Settings { log: "off".into(), ..Settings::default() };
        (server::observability::install(&silent, provider).unwrap(), spans)
    });
    spans
}

/// The database of one test: empty means the data folder's SQLite file.
async fn database_url() -> String {
    use sqlx::{Connection as _, Executor as _};
    let Ok(server) = std::env::var("HANDSHAKE_TEST_DATABASE_URL") else { return String::new() };
    let name = format!("handshake_{}", uuid::Uuid::now_v7().simple());
    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    connection.close().await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

/// A client with its own cookies. reqwest's own jar drops `Secure` cookies on plain HTTP, even on loopback, where
/// browsers keep them; so the few cookies are kept by hand.
pub struct Browser {
    client: Client,
    base: String,
    cookies: std::sync::Mutex<std::collections::BTreeMap<String, String>>,
    token: Option<String>,
    /// What the hub printed on its console.
    pub set_up_code: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct TestResponse {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub text: String,
}

impl TestResponse {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// `data` of a successful answer.
    pub fn data(&self) -> Value {
        let json = self.json();
        assert_eq!(json["success"], true, "{self:?}");
        json["data"].clone()
    }

    /// Status and error code of a refusal, whose envelope must be whole.
    pub fn refusal(&self) -> (u16, String) {
        let json = self.json();
        assert_eq!(json["success"], false, "{self:?}");
        assert_eq!(json["data"], Value::Null);
        let error = &json["error"];
        assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{self:?}");
        assert_eq!(error["traceId"].as_str().map(str::len), Some(32), "{self:?}");
        (self.status.as_u16(), error["code"].as_str().unwrap().to_owned())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Browser {
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub async fn set_up(&self) {
        let answer = self.post("/api/v1/set-up", first_admin(&self.set_up_code)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> TestResponse {
        let credentials = json!({"email": format!("{name}@example.org"), "password": password});
        self.post("/api/v1/sessions", credentials).await
    }

    pub fn cookies(&self) -> std::collections::BTreeMap<String, String> {
        self.cookies.lock().unwrap().clone()
    }

    pub fn set_cookie(&self, name: &str, value: Option<&str>) {
        let mut cookies = self.cookies.lock().unwrap();
        match value {
            Some(value) => cookies.insert(name.to_owned(), value.to_owned()),
            None => cookies.remove(name),
        };
    }

    /// The whole address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A request as a page of the hub would send it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, self.url(path)).header("sec-fetch-site", "same-origin");
        let cookies = self.cookies();
        if !cookies.is_empty() {
            let line: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends it, and holds the answer against the hub's own contract.
    pub async fn send(&self, request: RequestBuilder) -> TestResponse {
        let (client, request) = request.build_split();
        let request = request.unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.unwrap();
        self.keep_cookies(&response);
        let (status, headers) = (response.status(), response.headers().clone());
        let answer = TestResponse { status, headers, text: response.text().await.unwrap() };
        declared::check(&method, &path, &answer);
        answer
    }

    fn keep_cookies(&self, response: &Response) {
        for line in response.headers().get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (pair, attributes) = line.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let gone = value.is_empty() || attributes.contains("Max-Age=0");
            self.set_cookie(name, (!gone).then_some(value));
        }
    }

    pub async fn get(&self, path: &str) -> TestResponse {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> TestResponse {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> TestResponse {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub async fn create_service(&self, name: &str) {
        let answer = self.post("/api/v1/services", json!({"name": name, "description": "For a test"})).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    }

    pub async fn publish(&self, service: &str, document: &str) -> TestResponse {
        let request = self
            .request(Method::POST, &format!("/api/v1/services/{service}/versions"))
            .header(header::CONTENT_TYPE, "application/yaml")
            .body(document.to_owned());
        self.send(request).await
    }
}

/// What makes the first admin with this code.
pub fn first_admin(code: &str) -> Value {
    json!({"email": "ada@example.org", "displayName": "Ada", "password": PASSWORD, "code": code})
}

/// A small contract; `extra` goes below the one response's schema's properties.
pub fn contract(version: &str, properties: &str) -> String {
    format!(
        "openapi: 3.1.0
info: {{title: Orders, version: {version}}}
paths:
  /orders/{{orderId}}:
    get:
      operationId: getOrder
      parameters:
        - {{name: orderId, in: path, required: true, schema: {{type: string}}}}
      responses:
        '200':
          description: The order
          content:
            application/json:
              schema:
                type: object
                required: [id]
                properties:
                  id: {{type: string}}
{properties}"
    )
}

/// A stream that is being read.
pub struct Stream {
    chunks: std::pin::Pin<Box<dyn futures::Stream<Item = reqwest::Result<axum::body::Bytes>> + Send>>,
    text: String,
}

/// One frame: its id, the name that a client hears it by, and data.
pub type Frame = (Option<i64>, String, serde_json::Value);

impl Stream {
    pub async fn open(browser: &Browser, query: &str, last: Option<i64>) -> Self {
        let mut request = browser.request(Method::GET, &format!("/api/v1/events{query}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.header(header::ACCEPT, "text/event-stream").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
        Self { chunks: Box::pin(response.bytes_stream()), text: String::new() }
    }

    /// The next event; `None` when the server ended the stream.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            let frame = self.next_frame().await?;
            if frame.1 != "live" {
                return Some(frame);
            }
        }
    }

    /// The same, with what the stream says about itself.
    pub async fn next_frame(&mut self) -> Option<Frame> {
        loop {
            while let Some((frame, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    frame.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
                };
                // As the HTML standard has it: what has no data isn't dispatched, what has no name is a "message".
                let found = field("data:").map(|data| {
                    let name = field("event:").unwrap_or_else(|| "message".to_owned());
                    (field("id:").and_then(|id| id.parse().ok()), name, serde_json::from_str(&data).unwrap())
                });
                self.text = rest.to_owned();
                if found.is_some() {
                    return found;
                }
            }
            let chunk =
                tokio::time::timeout(Duration::from_secs(20), self.chunks.next()).await.expect("an event in time");
            self.text += std::str::from_utf8(&chunk?.ok()?).unwrap();
        }
    }
}
