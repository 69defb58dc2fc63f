//! `handshake publish FILE`: sends a contract to a hub and says what the hub says of it.
//!
//! The document is judged by the hub alone, so that a pipeline hears one verdict: the one that everybody sees. What the
//! team makes of findings (`handshake.toml`) goes with it, in one request, so that the hub judges by it, too. A pipeline
//! that runs again publishes once: a document that is the latest version already makes no other. A contract in several
//! files is sent as one document, since a hub stores one.

use super::{
    diff::FailOn,
    files::Roots,
    policy,
    source::{self, Source},
};
use clap::{Args, ValueEnum};
use contract::Limits;
use serde::Serialize;
use shared::printable::{self, Printable};
use shared::urls;
use shared::{
    ApiError, Level,
    error::Envelope,
    names::{ServiceName, VersionLabel},
    versions::{Format as Written, Published, Verdict},
};
use std::{
    borrow::Cow,
    fmt,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};
use ureq::{
    Agent,
    http::{Response, StatusCode, Uri},
    tls::{Certificate, RootCerts, TlsConfig},
};
use uuid::Uuid;

/// What to publish, where, and how to tell.
#[derive(Debug, Args)]
pub struct Publish {
    /// The contract: a file, `-` for standard input, or `git:REV:PATH`.
    document: Source,
    /// The service that it is the contract of.
    #[arg(long)]
    service: ServiceName,
    /// The version's label; `info.version` when absent.
    #[arg(long)]
    label: Option<VersionLabel>,
    /// The hub's address, such as https://hub.example.org.
    #[arg(long, env = "HANDSHAKE_URL", default_value = "http://127.0.0.1:3000")]
    url: Address,
    /// An API token that may publish. Prefer the variable to the flag: other users of the machine see flags.
    #[arg(long, env = "HANDSHAKE_TOKEN", hide_env_values = true)]
    token: Token,
    /// The policy that the hub is to judge by: what rules count as, and findings to ignore. `handshake.toml` of the
    /// working directory if it is there; otherwise the hub's stays as it is.
    #[arg(long, alias = "config", value_name = "FILE")]
    policy: Option<PathBuf>,
    /// How the verdict is written.
    #[arg(long, short, value_enum, default_value = "text")]
    format: Format,
    /// The least level that makes the command exit with 1. The version is published all the same.
    #[arg(long, value_enum, default_value = "breaking")]
    fail_on: FailOn,
    /// Seconds to wait for the hub's answer.
    #[arg(long, default_value_t = 150, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    #[command(flatten)]
    roots: Roots,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// The version and its verdict as the REST API has them, with the page's address.
    Json,
}

/// A hub's address without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address(String);

impl std::str::FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(|_| "it is no URL")?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
            return Err("it must begin with https:// or http:// and name a host");
        }
        if uri.query().is_some() || text.contains(['#', '@']) {
            return Err("it is an address only, without a query, a fragment or a user");
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

/// A secret: it is sent and never shown.
#[derive(Clone)]
struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl From<&str> for Token {
    fn from(text: &str) -> Self {
        // A line break at its end comes from a file; whatever else is wrong with it is said when it is used.
        Self(text.trim().to_owned())
    }
}

/// The command exits with 2.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Source(#[from] source::Error),
    #[error(transparent)]
    Policy(#[from] policy::Error),
    #[error(
        "the token is empty or has characters that no token has; set HANDSHAKE_TOKEN to the one that the hub showed"
    )]
    Token,
    #[error("{0} can't be reached: {why}", why = Printable::new(.1))]
    Unreachable(String, String),
    #[error("{0} did not answer within {1} seconds; trying again publishes once at most")]
    Timeout(String, u64),
    #[error("the connection to {0} broke: {why}; trying again publishes once at most", why = Printable::new(.1))]
    Broken(String, ureq::Error),
    #[error("{0} sends elsewhere (to {to}); give --url the address that it ends at", to = Printable::new(.1))]
    Redirect(String, String),
    #[error("{0} answered {1}, but not as a hub does; is it the address of a hub?")]
    NoHub(String, StatusCode),
    #[error("{}", refusal(.0, .1))]
    Refused(String, Box<ApiError>),
    #[error("the verdict can't be written: {0}")]
    Write(#[from] io::Error),
    #[error("the verdict can't be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// What is written as JSON.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    published: &'a Published,
    /// The page to look at.
    page: &'a str,
}

impl Publish {
    /// Publishes and prints the verdict; 1 when it is at or above `--fail-on`.
    pub fn run(&self) -> Result<ExitCode, Error> {
        let document = self.document.bundle(&Limits::default(), &self.roots)?;
        let policy = policy::load(self.policy.as_deref())?;
        for ended in policy.endings_on(policy::today()) {
            eprintln!("{}", Printable::new(ended));
        }
        let published = self.send(&document, policy.text())?;
        let page = self.page(&published);
        let text = match self.format {
            Format::Text => format!("{}\n{}\n", Printable::new(sentence(&published)), Printable::new(&page)),
            Format::Json => printable::json(&Report { published: &published, page: &page })?,
        };
        io::stdout().lock().write_all(text.as_bytes())?;
        let counts = published.verdict.map(|verdict| verdict.counts).unwrap_or_default();
        let fails = |level| counts.get(level) > 0 && self.fail_on.fails(level);
        Ok(if Level::ALL.into_iter().any(fails) { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }

    fn send(&self, document: &[u8], policy: Option<&str>) -> Result<Published, Error> {
        let token = &self.token.0;
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::Token);
        }
        let label = self.label.as_ref().map(ToString::to_string);
        let path = format!("/api/v1/services/{}/versions", urls::escape(&self.service.to_string()));
        let path = urls::with_query(&path, &[("label", label.as_deref())]);
        // Of this run alone: what another run was answered may no longer be what is in force.
        let key = format!("publish-{}", Uuid::now_v7().simple());
        let (media_type, body) = match policy {
            None => (written(document).media_type().to_owned(), Cow::Borrowed(document)),
            // Neither part can hold what was made up just now.
            Some(policy) => (format!("multipart/form-data; boundary={key}"), Cow::Owned(form(&key, document, policy))),
        };
        let (agent, until) = (self.agent(), Instant::now() + Duration::from_secs(self.timeout));
        let mut answer = loop {
            let request = agent
                .post(format!("{}{path}", self.url.0))
                .header("authorization", format!("Bearer {token}"))
                .header("accept", "application/json")
                .header("content-type", &media_type)
                .header("idempotency-key", &key);
            let answer = request.send(&*body).map_err(|error| self.failed(error))?;
            let Some(pause) = asked_to_wait(&answer).filter(|pause| Instant::now() + *pause <= until) else {
                break answer;
            };
            eprintln!("The hub asks to wait {} s before the next try.", pause.as_secs());
            thread::sleep(pause);
        };
        let status = answer.status();
        if status.is_redirection() {
            let to = answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or("nowhere");
            return Err(Error::Redirect(self.url.0.clone(), to.to_owned()));
        }
        let body =
            answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec().map_err(|error| self.failed(error))?;
        let no_hub = || Error::NoHub(self.url.0.clone(), status);
        let envelope: Envelope<Published> = serde_json::from_slice(&body).map_err(|_| no_hub())?;
        match (envelope.data, envelope.error) {
            (Some(published), None) if status.is_success() => Ok(published),
            (_, Some(error)) => Err(Error::Refused(self.document.to_string(), Box::new(error))),
            _ => Err(no_hub()),
        }
    }

    fn agent(&self) -> Agent {
        // Another part of the program may have chosen already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut tls = TlsConfig::builder();
        if self.url.0.starts_with("https:") {
            // The machine's own certificates, to which its owner adds those of the house.
            let known = rustls_native_certs::load_native_certs().certs;
            let known: Vec<_> = known.iter().map(|known| Certificate::from_der(known).to_owned()).collect();
            tls = tls.root_certs(RootCerts::new_with_certs(&known));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A token goes to the address that it was meant for.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_secs(self.timeout)))
            .user_agent(concat!("handshake/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build());
        config.build().into()
    }

    fn failed(&self, error: ureq::Error) -> Error {
        let url = self.url.0.clone();
        let io_kind = |error: &ureq::Error| match error {
            ureq::Error::Io(error) => Some(error.kind()),
            _ => None,
        };
        match (&error, io_kind(&error)) {
            (ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve), _) => {
                Error::Unreachable(url, "nobody answers there".to_owned())
            }
            (ureq::Error::Timeout(_), _) => Error::Timeout(url, self.timeout),
            (ureq::Error::HostNotFound, _) => Error::Unreachable(url, "there is no such host".to_owned()),
            (ureq::Error::ConnectionFailed, _) | (_, Some(io::ErrorKind::ConnectionRefused)) => {
                Error::Unreachable(url, "the connection was refused; is the hub running?".to_owned())
            }
            (ureq::Error::Tls(_) | ureq::Error::Rustls(_), _) => Error::Unreachable(url, error.to_string()),
            _ => Error::Broken(url, error),
        }
    }

    /// Where the verdict is shown whole.
    fn page(&self, published: &Published) -> String {
        let version = &published.version;
        let (service, label) = (version.service.to_string(), version.label.to_string());
        let path = match &version.published_verdict {
            Some(verdict) => urls::compare(&service, &verdict.base.to_string(), &label, None, None),
            None => urls::version(&service, &label),
        };
        format!("{}{path}", self.url.0)
    }
}

/// How long the hub wants to be left alone, when it is asked too often.
fn asked_to_wait(answer: &Response<ureq::Body>) -> Option<Duration> {
    if answer.status() != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let seconds: u64 = answer.headers().get("retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds.max(1)))
}

/// Bytes of an answer. A verdict is counts; lists of findings have pages of their own.
const MAX_ANSWER: u64 = 4 * 1024 * 1024;

/// A document and a policy as `multipart/form-data` (RFC 7578).
fn form(boundary: &str, document: &[u8], policy: &str) -> Vec<u8> {
    let head = |name: &str| format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
    let (policy, end) = (format!("{}{policy}\r\n", head("policy")), format!("\r\n--{boundary}--\r\n"));
    [policy.as_bytes(), head("document").as_bytes(), document, end.as_bytes()].concat()
}

fn written(document: &[u8]) -> Written {
    let text = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document);
    if text.trim_ascii_start().starts_with(b"{") { Written::Json } else { Written::Yaml }
}

fn sentence(published: &Published) -> String {
    let version = &published.version;
    let name = format!("{} {}", version.service, version.label);
    let done = if published.created { "is published" } else { "is in force already" };
    match (&version.published_verdict, published.verdict) {
        (Some(verdict), Some(Verdict { counts, ignored_count, .. })) => {
            let ignored = if ignored_count > 0 { format!(", {ignored_count} ignored") } else { String::new() };
            format!("{name} {done}: {}{ignored} since {}.", counts.in_words(), verdict.base)
        }
        _ => format!("{name} {done}, the service's first version."),
    }
}

/// The hub's own words, one problem a line where there are several, each with its place in the document.
fn refusal(document: &str, error: &ApiError) -> String {
    let mut lines = vec![Printable::new(format_args!("the hub refused ({}): {}", error.code, error.message))];
    for detail in error.details.iter().filter(|detail| detail.message != error.message) {
        let (field, message) = (&detail.field, &detail.message);
        lines.push(match (detail.line, detail.column) {
            (Some(line), None) => Printable::new(format_args!("{field}:{line}: {message}")),
            (Some(line), Some(column)) => Printable::new(format_args!("{document}:{line}:{column}: {message}")),
            _ if field.is_empty() => Printable::new(message),
            _ => Printable::new(format_args!("{field}: {message}")),
        });
    }
    lines.extend(error.trace_id.iter().map(|trace| Printable::new(format_args!("(trace {trace})"))));
    lines.iter().map(Printable::as_str).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let address = |text: &str| text.parse::<Address>();
        assert_eq!(address("https://hub.example.org/").unwrap().0, "https://hub.example.org");
        assert_eq!(address("http://127.0.0.1:3000/team").unwrap().0, "http://127.0.0.1:3000/team");
        for wrong in ["hub.example.org", "ftp://a", "https://", "https://a?b", "https://user:pw@a", "https://a b"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_token_is_never_shown() {
        assert_eq!(format!("{:?}", Token::from(" secret\n")), "Token(…)");
        assert_eq!(Token::from(" secret\n").0, "secret");
    }

    #[test]
    fn documents_name_their_format() {
        for (document, format) in [
            (&b"\xEF\xBB\xBF {}"[..], Written::Json),
            (b"\n{\"a\": 1}", Written::Json),
            (b"openapi: 3.1.0", Written::Yaml),
        ] {
            assert_eq!(written(document), format);
        }
    }
}
