//! Requests, most of them wrong somewhere.

/// SplitMix64: small, and the same everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(most.max(1)).unwrap()).unwrap()
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// What a request needs from the hub that it is sent to.
pub struct Ready {
    pub paths: Vec<String>,
    pub token: String,
    pub cookie: String,
}

const METHODS: &[&str] = &["GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD"];
const ODD_METHODS: &[&str] = &["PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "X-Y", ""];
const PATHS: &[&str] = &[
    "/",
    "/login",
    "/setup",
    "/dashboard",
    "/services",
    "/services/new",
    "/services/orders",
    "/services/orders/policy",
    "/services/orders/versions/1",
    "/services/orders/versions/1/source",
    "/services/orders/versions/1/lint",
    "/services/orders/versions/1/schemas",
    "/services/orders/compare",
    "/publish",
    "/playground",
    "/practices",
    "/rules",
    "/rules/x",
    "/docs/api",
    "/healthz",
    "/readyz",
    "/metrics",
    "/favicon.svg",
    "/pkg/",
    "/pkg/../../etc/passwd",
    "/pkg/%2e%2e/x",
    "/engine/x.js",
    "/api/ui/me",
    "/api/ui/sign-in",
    "/api/ui/sign-out",
    "/api/ui/set-up",
    "/api/ui/services",
    "/api/ui/service",
    "/api/ui/create-service",
    "/api/ui/publish-version",
    "/api/ui/own-contract",
    "/api/ui/compare",
    "/api/ui/policy",
    "/api/v1/openapi.json",
    "//evil.example",
    "/%00",
    "/%ff%fe",
    "*",
    "http://localhost/",
    "https://evil.example/",
    "evil.example:443",
    "",
    "/a\u{e4}",
    "/?",
    "/#",
    "/..",
    "/%",
];
const PIECES: &[&str] =
    &["orders", "1", "1.0.0", "..", "%2e%2e", "%00", "a%2Fb", "UPPER", "ä", "0", "-1", "a b", "{x}", "%", ""];
const QUERIES: &[&str] = &[
    "limit=1",
    "limit=0",
    "limit=99999999999999999999",
    "limit=-1",
    "cursor=x",
    "cursor=%00",
    "q=%ff",
    "q=a&q=b",
    "base=1&revision=1",
    "base=0&revision=1",
    "from=4294967296",
    "from=-1",
    "operation=get%20/a",
    "operation=%0a",
    "schema=x",
    "rule=%00",
    "level=risky",
    "__err=x&__path=/api/ui/sign-in",
    "topics=service:orders",
    "lastEventId=-1",
    "lastEventId=9223372036854775808",
    "name=orders",
    "next=//evil.example",
    "ignored=maybe",
    "=",
    "&&&",
    "a=%",
];
const HEADERS: &[&str] = &[
    "Accept: text/html",
    "Accept: application/json",
    "Accept: application/problem+json",
    "Accept: */*;q=nan",
    "Accept: text/event-stream",
    "Accept-Encoding: br",
    "Accept-Encoding: gzip;q=0, *;q=0",
    "Accept-Encoding: zstd, br;q=9",
    "Range: bytes=0-0",
    "Range: bytes=9-1,-",
    "If-None-Match: *",
    "If-None-Match: W/\"",
    "If-Modified-Since: never",
    "Idempotency-Key: a",
    "Last-Event-ID: 1",
    "Last-Event-ID: -9223372036854775808",
    "Expect: 100-continue",
    "Connection: close",
    "Connection: close",
    "Connection: upgrade",
    "Connection: keep-alive, close",
    "Upgrade: websocket",
    "Upgrade: h2c",
    "Origin: null",
    "Origin: http://hub",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Site: cross-site",
    "Referer: http://hub/login",
    "Referer: //evil",
    "Referer: \u{e4}",
    "Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "Traceparent: 00-",
    "Tracestate: a=b",
    "X-Forwarded-For: 1.2.3.4",
    "X-Forwarded-Proto: https",
    "Authorization: Bearer",
    "Authorization: Basic x",
    "Authorization: Bearer hs_x",
    "Cookie: __Host-handshake-access=x",
    "Cookie: ;=;",
    "Cookie: __Host-handshake-refresh=\u{e4}",
    "Trailer: X",
    "TE: trailers",
    "Content-Encoding: gzip",
    "X:",
];
/// Headers that a request can hardly be read with.
const ODD_HEADERS: &[&str] = &[
    "Idempotency-Key: \u{7f}",
    "Expect: 200-ok",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: identity",
    "Content-Length: 0",
    "Content-Length: 5",
    "Content-Length: 99999999999999999999",
    "Content-Length: -1",
    "Content-Length: 1, 1",
    "HTTP2-Settings: AAMAAABk",
    "Host: localhost",
    "Host: a, b",
    "Host: [::1",
    ": empty",
    "No colon",
    " Folded: x",
    "X: \u{0}",
];
const MEDIA: &[&str] = &[
    "application/json",
    "application/json; charset=utf-16",
    "application/yaml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "multipart/form-data; boundary=",
    "multipart/form-data",
    "text/html",
    "x",
    "",
];
const DOCUMENT: &str = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /a/{b}:\n    get:\n      parameters:\n        - {name: b, in: path, required: true, schema: {type: string}}\n      responses: {'200': {description: d}}\n";
const BODIES: &[&str] = &[
    "",
    "{",
    "[]",
    "null",
    "{}",
    "{\"name\": \"a\"}",
    "{\"name\": \"a\", \"description\": \"\"}",
    "{\"name\": \"\\ud800\"}",
    "{\"email\": \"ada@example.org\", \"password\": \"x\"}",
    "{\"name\": \"ci\", \"scopes\": [\"read\"]}",
    "{\"name\": \"ci\", \"scopes\": [\"read\", 1e999]}",
    "{\"rules\": {\"x\": \"ignore\"}}",
    "name=a&description=b",
    "email=%ff&password=%00",
    "name=%",
    DOCUMENT,
    "openapi: 3.1.0\npaths: &a {x: *a}",
    "a: &a [*a, *a]",
    "!!binary x",
    "\u{feff}{}",
    "\u{0}",
    "--b\r\nContent-Disposition: form-data; name=\"service\"\r\n\r\norders\r\n--b\r\nContent-Disposition: form-data; name=\"document\"; filename=\"x\"\r\n\r\nopenapi: 3.1.0\r\n--b--\r\n",
    "--b\r\nContent-Disposition: form-data; name=\"service\"\r\n\r\norders\r\n--b--\r\n",
    "--b\r\n\r\n--b",
    "--b--",
    "--b\r\nContent-Disposition: x\r\n\r\n",
];

/// The next request.
pub fn request(random: &mut Random, ready: &Ready) -> Vec<u8> {
    let mut bytes = one(random, ready);
    while random.one_in(8) && bytes.len() < 64 * 1024 {
        bytes.extend(one(random, ready));
    }
    if random.one_in(3) {
        damage(random, &mut bytes);
    }
    bytes
}

fn one(random: &mut Random, ready: &Ready) -> Vec<u8> {
    let mut target = target(random, ready);
    if random.one_in(200) {
        target += &"x".repeat(70_000);
    }
    let version =
        if random.one_in(20) { random.of(&["HTTP/1.0", "HTTP/2.0", "HTTP/1.9", "x", ""]) } else { "HTTP/1.1" };
    let method = if random.one_in(12) { random.of(ODD_METHODS) } else { random.of(METHODS) };
    let mut text = format!("{method} {target} {version}\r\n");
    if !random.one_in(20) {
        text += "Host: localhost\r\n";
    }
    match random.below(4) {
        0 => text += &format!("Authorization: Bearer {}\r\n", ready.token),
        1 => text += &format!("Cookie: {}\r\nSec-Fetch-Site: same-origin\r\n", ready.cookie),
        _ => {}
    }
    for _ in 0..random.below(5) {
        text += if random.one_in(12) { random.of(ODD_HEADERS) } else { random.of(HEADERS) };
        text += "\r\n";
    }
    if random.one_in(100) {
        text += &"X: y\r\n".repeat(random.below(300));
    }
    if random.one_in(2) {
        text += "Connection: close\r\n";
    }
    let mut bytes = text.into_bytes();
    body(random, &mut bytes);
    bytes
}

fn target(random: &mut Random, ready: &Ready) -> String {
    let mut path = if random.one_in(2) {
        let template = &ready.paths[random.below(ready.paths.len())];
        let pieces: Vec<_> =
            template.split('/').map(|part| if part.starts_with('{') { random.of(PIECES) } else { part }).collect();
        pieces.join("/")
    } else {
        random.of(PATHS).to_owned()
    };
    if random.one_in(2) {
        path.push('?');
        for _ in 0..=random.below(2) {
            path += random.of(QUERIES);
            path.push('&');
        }
    }
    path
}

fn body(random: &mut Random, bytes: &mut Vec<u8>) {
    let mut body = random.of(BODIES).as_bytes().to_vec();
    if random.one_in(3) {
        damage(random, &mut body);
    }
    match random.below(4) {
        0 => bytes.extend(b"\r\n"),
        1 => {
            let head = format!("Content-Type: {}\r\nTransfer-Encoding: chunked\r\n\r\n", random.of(MEDIA));
            bytes.extend(head.as_bytes());
            let size = 1 + random.below(40);
            for chunk in body.chunks(size) {
                let extension = random.of(&["", "", "", ";a=b", " ", ";\"", "\n"]);
                bytes.extend(format!("{:x}{extension}\r\n", chunk.len()).as_bytes());
                bytes.extend(chunk);
                bytes.extend(b"\r\n");
            }
            bytes.extend(
                random
                    .of(&["0\r\n\r\n", "0\r\n\r\n", "0\r\nX: y\r\n\r\n", "0\r\n", "", "fffffffffffffffff\r\n"])
                    .as_bytes(),
            );
        }
        _ => {
            let length = if random.one_in(20) { random.below(2 * body.len() + 2) } else { body.len() };
            let head = format!("Content-Type: {}\r\nContent-Length: {length}\r\n\r\n", random.of(MEDIA));
            bytes.extend(head.as_bytes());
            bytes.extend(body);
        }
    }
}

/// Changes a few bytes: flips, removes, doubles or cuts.
fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] = random.byte(),
            1 => bytes[at] ^= 1 << random.below(8),
            2 => drop(bytes.remove(at)),
            3 => bytes.insert(at, random.byte()),
            4 => {
                let end = (at + random.below(40)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let there = random.below(bytes.len());
                bytes.splice(there..there, piece);
            }
            _ if random.one_in(4) => bytes.truncate(at),
            _ => bytes.insert(at, *b"\r\n\0 \t:/%".get(random.below(8)).unwrap_or(&b'\n')),
        }
    }
}
