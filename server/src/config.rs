//! Settings: defaults, then a TOML file, then the environment, then flags; the later one wins.
//!
//! One struct declares each setting once: its flag, its variable, its TOML key and its meaning. `--help` and
//! `docs/SETTINGS.md` come from it (a test compares the page), so that no setting goes undocumented.

use crate::{files, http::visitor::Proxies, store};
use clap::Args;
use figment::{Figment, providers::Serialized};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    Text,
    Json,
}

/// Settings of one feature: a table of the TOML file.
struct Group {
    name: &'static str,
    about: &'static str,
    settings: &'static [(&'static str, &'static str, &'static str)],
}

impl Group {
    fn keys(&self) -> impl Iterator<Item = String> {
        self.settings.iter().map(|(name, ..)| key(name))
    }
}

/// A setting's flag without its dashes, which is its key in the file, too.
fn key(name: &str) -> String {
    name.replace('_', "-")
}

macro_rules! settings {
    ($($group:literal, $about:literal {
        $($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr, $env:literal $([$($arg:tt)+])?;)+
    })+) => {
        /// Settings as given on the command line and in the environment; absent ones fall through to the file.
        #[derive(Debug, Clone, Default, Args, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub struct Flags {
            /// TOML file with settings; keys are the flags' names, in a table for each group.
            #[arg(long, env = "HANDSHAKE_CONFIG", value_name = "FILE")]
            #[serde(skip)]
            pub config: Option<PathBuf>,
            $($(
                $(#[doc = $doc])+
                #[doc = concat!("[default: ", stringify!($default), "]")]
                #[arg(long, env = $env, hide_env_values = true $(, $($arg)+)?)]
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $name: Option<$type>,
            )+)+
        }

        /// The settings in force.
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields)]
        pub struct Settings {
            $($($(#[doc = $doc])+ pub $name: $type,)+)+
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($($name: $default.into(),)+)+ }
            }
        }

        /// Every setting by its group: the name in the program, the variable, and the meaning.
        const GROUPS: &[Group] = &[$(Group {
            name: $group,
            about: $about,
            settings: &[$((stringify!($name), $env, concat!($($doc),+)),)+],
        },)+];
    };
}

settings! {
    "server", "How it is reached, and how much it takes on." {
        /// Address and port to listen on.
        listen: SocketAddr = ([127, 0, 0, 1], 3000), "HANDSHAKE_LISTEN";
        /// The hub's public origin, such as `https://hub.example.org`, when a proxy changes the `Host` header; empty
        /// means the origin that the request names.
        public_origin: String = "", "HANDSHAKE_PUBLIC_ORIGIN";
        /// Listen beyond loopback without TLS. Only behind a proxy that terminates TLS: sign-in cookies are `Secure`.
        allow_plain_http: bool = false, "HANDSHAKE_ALLOW_PLAIN_HTTP" [num_args = 0..=1, default_missing_value = "true"];
        /// Proxies beyond loopback whose `X-Forwarded-For` or `Forwarded` is believed: addresses and networks,
        /// comma-separated, such as `10.0.0.5, 10.1.0.0/16`. Those on loopback always are.
        trusted_proxies: String = "", "HANDSHAKE_TRUSTED_PROXIES";
        /// Folder with the built frontend.
        site_root: PathBuf = "target/site", "LEPTOS_SITE_ROOT";
        /// Seconds after which a request is given up; publishing gets four times as long.
        request_timeout_seconds: u64 = 30_u64, "HANDSHAKE_REQUEST_TIMEOUT_SECONDS";
        /// Requests a minute of one account, one API token, or one address that isn't signed in; a change counts as 5 and a
        /// contract as 20. More are refused with 429. 0 is without end.
        requests_per_minute: u32 = 6_000_u32, "HANDSHAKE_REQUESTS_PER_MINUTE";
        /// Pages that are rendered at once; more wait.
        max_renders: usize = 64_usize, "HANDSHAKE_MAX_RENDERS";
        /// Connections that are open at once; more are refused with 503. Never more than the process may open files for.
        max_connections: usize = 4_096_usize, "HANDSHAKE_MAX_CONNECTIONS";
        /// Connections of one address that are open at once; 0 means no bound. It doesn't hold for this machine's own
        /// addresses. Raise it for a proxy on another machine, which carries everybody.
        max_connections_per_address: usize = 256_usize, "HANDSHAKE_MAX_CONNECTIONS_PER_ADDRESS";
    }
    "storage", "Where the data lives." {
        /// Folder for the database and generated secrets; made when absent.
        data_dir: PathBuf = "data", "HANDSHAKE_DATA_DIR";
        /// `postgres://…` or `sqlite:…`; empty means `handshake.db` in the data folder.
        database_url: String = "", "DATABASE_URL";
        /// Most database connections that are open at once.
        database_connections: u32 = 10_u32, "HANDSHAKE_DATABASE_CONNECTIONS";
    }
    "accounts", "Signing in." {
        /// Key that signs access tokens, at least 32 characters; empty means one that is generated into the data folder
        /// (`secret`, mode 0600). Prefer the variable to the flag: other users of the machine see flags.
        secret: String = "", "HANDSHAKE_SECRET";
        /// One-time code with which the first account of a new hub is made, at least 16 characters; empty means one that is
        /// new with each start and printed on the console. Prefer the variable to the flag.
        set_up_code: String = "", "HANDSHAKE_SET_UP_CODE";
        /// Seconds that an access token is valid.
        access_token_seconds: u64 = 600_u64, "HANDSHAKE_ACCESS_TOKEN_SECONDS";
        /// Seconds that a session lives without being used.
        refresh_token_seconds: u64 = 2_592_000_u64, "HANDSHAKE_REFRESH_TOKEN_SECONDS";
    }
    "documents", "Contracts." {
        /// Largest document that can be published, in bytes.
        max_document_bytes: usize = 52_428_800_usize, "HANDSHAKE_MAX_DOCUMENT_BYTES";
        /// Memory for documents that are being published, in bytes, the work on them included; more documents wait.
        upload_memory_bytes: usize = 1_073_741_824_usize, "HANDSHAKE_UPLOAD_MEMORY_BYTES";
        /// Memory for parsed documents that are kept for the next reader, in bytes.
        document_cache_bytes: usize = 536_870_912_usize, "HANDSHAKE_DOCUMENT_CACHE_BYTES";
        /// Publish the hub's own contract as the service `handshake` when it starts.
        publish_own_contract: bool = true, "HANDSHAKE_PUBLISH_OWN_CONTRACT" [num_args = 0..=1, default_missing_value = "true"];
    }
    "events", "Live streams and history." {
        /// Live streams that are open at once; more are refused with 503.
        max_streams: usize = 1_000_usize, "HANDSHAKE_MAX_STREAMS";
        /// Days that a live stream can go on where it stopped; 0 is for ever.
        outbox_days: u32 = 7_u32, "HANDSHAKE_OUTBOX_DAYS";
        /// Days that the history of what happened is stored; 0 is for ever.
        audit_days: u32 = 400_u32, "HANDSHAKE_AUDIT_DAYS";
    }
    "observability", "Logs, metrics and traces." {
        /// `auto` (text on a terminal, JSON otherwise), `text` or `json`.
        log_format: LogFormat = LogFormat::Auto, "HANDSHAKE_LOG_FORMAT" [value_enum];
        /// What is logged, in the syntax of `tracing-subscriber`'s `EnvFilter`.
        log: String = "info", "RUST_LOG";
        /// Answer `/metrics` to anybody, not only to this machine. A proxy in front should then say who may ask.
        open_metrics: bool = false, "HANDSHAKE_OPEN_METRICS" [num_args = 0..=1, default_missing_value = "true"];
        /// OTLP/HTTP endpoint that traces are sent to, such as `http://127.0.0.1:4318`; empty sends none.
        otlp_endpoint: String = "", "OTEL_EXPORTER_OTLP_ENDPOINT";
    }
}

/// The settings can't be used; the text says which and why.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the settings can't be read: {0}")]
    Read(#[from] Box<figment::Error>),
    #[error(
        "{0} is not a loopback address, and plain HTTP would carry sign-in cookies across a network. Put a proxy that \
         terminates TLS in front and set allow-plain-http (HANDSHAKE_ALLOW_PLAIN_HTTP=true)"
    )]
    PlainHttp(SocketAddr),
    #[error("the secret has {0} characters; it needs at least 32. Leave it empty to have one generated")]
    ShortSecret(usize),
    #[error("the set-up code has {0} characters; it needs at least 16. Leave it empty to have one printed")]
    ShortSetUpCode(usize),
    #[error("the secret file {path}: {cause}")]
    SecretFile { path: PathBuf, cause: std::io::Error },
    #[error(
        "others than its owner may read the secret file {0} and may have it already. Close it with `chmod 600`, or better \
         replace it: delete it and run `handshake secret adopt` before the next start"
    )]
    OpenSecret(PathBuf),
    #[error("the settings file {0} can't be found")]
    NoFile(PathBuf),
    #[error("the settings file {0} can't be read: {1}")]
    File(PathBuf, String),
    #[error("trusted-proxies: {0:?} is neither an address nor a network such as 10.1.0.0/16")]
    Proxy(String),
    #[error("public-origin: {0:?} is not an origin such as https://hub.example.org")]
    Origin(String),
    #[error("there is no database at {0}: --data-dir or --database-url says where it is")]
    NoDatabase(PathBuf),
    #[error("{0} must not be 0")]
    Zero(&'static str),
}

impl Settings {
    /// Merges the layers and checks the outcome.
    pub fn load(flags: &Flags) -> Result<Self, Error> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(path) = &flags.config {
            if !path.is_file() {
                return Err(Error::NoFile(path.clone()));
            }
            figment = figment.merge(Serialized::defaults(read_file(path)?));
        }
        let settings: Self = figment.merge(Serialized::defaults(flags)).extract().map_err(Box::new)?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), Error> {
        if !self.listen.ip().is_loopback() && !self.allow_plain_http {
            return Err(Error::PlainHttp(self.listen));
        }
        if !self.secret.is_empty() && self.secret.chars().count() < 32 {
            return Err(Error::ShortSecret(self.secret.chars().count()));
        }
        if !self.set_up_code.is_empty() && self.set_up_code.chars().count() < 16 {
            return Err(Error::ShortSetUpCode(self.set_up_code.chars().count()));
        }
        if !self.public_origin.is_empty() && !is_origin(&self.public_origin) {
            return Err(Error::Origin(self.public_origin.clone()));
        }
        self.trusted_proxies()?;
        for (name, zero) in [
            ("database-connections", self.database_connections == 0),
            ("max-renders", self.max_renders == 0),
            ("max-connections", self.max_connections == 0),
            ("request-timeout-seconds", self.request_timeout_seconds == 0),
            ("access-token-seconds", self.access_token_seconds == 0),
        ] {
            if zero {
                return Err(Error::Zero(name));
            }
        }
        Ok(())
    }

    /// Whose word on a request's sender is believed.
    pub fn trusted_proxies(&self) -> Result<Proxies, Error> {
        self.trusted_proxies.parse().map_err(Error::Proxy)
    }

    /// Whether other machines reach the hub, by itself or through a proxy.
    #[must_use]
    pub fn is_reachable_from_elsewhere(&self) -> bool {
        !self.listen.ip().is_loopback() || !self.public_origin.is_empty()
    }

    /// How long publishing, the slowest request, may take.
    #[must_use]
    pub const fn longest_request_seconds(&self) -> u64 {
        self.request_timeout_seconds.saturating_mul(4)
    }

    /// Where the data lives.
    #[must_use]
    pub fn database_url(&self) -> String {
        if self.database_url.is_empty() {
            format!("sqlite:{}", self.data_dir.join("handshake.db").display())
        } else {
            self.database_url.clone()
        }
    }

    /// For commands that look at a hub: one that isn't there is a wrong address, and no reason to make another.
    pub fn must_have_database(&self) -> Result<(), Error> {
        let url = self.database_url();
        let file = store::file_of(&url).filter(|file| url.starts_with("sqlite:") && !file.exists());
        file.map_or(Ok(()), |file| Err(Error::NoDatabase(file)))
    }

    /// The signing key: of the settings, else of the data folder, where the first start generates it.
    pub fn signing_key(&self) -> Result<[u8; 32], Error> {
        use sha2::{Digest, Sha256};
        let secret = if self.secret.is_empty() { self.secret_file()? } else { self.secret.clone() };
        // Hashing brings a secret of any length to the key's length.
        Ok(Sha256::digest(secret.as_bytes()).into())
    }

    fn secret_file(&self) -> Result<String, Error> {
        use std::{
            fs::OpenOptions,
            io::{ErrorKind, Write},
            os::unix::fs::OpenOptionsExt,
        };
        let path = self.data_dir.join("secret");
        let failed = |cause| Error::SecretFile { path: path.clone(), cause };
        files::make_folder(&self.data_dir).map_err(failed)?;
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => {
                let mut bytes = [0; 32];
                getrandom::fill(&mut bytes).map_err(|cause| failed(std::io::Error::other(cause)))?;
                let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
                Ok(text)
            }
            Err(cause) if cause.kind() == ErrorKind::AlreadyExists => {
                if files::is_open(&path).map_err(failed)? {
                    return Err(Error::OpenSecret(path));
                }
                let text = fs::read_to_string(&path).map_err(failed)?.trim().to_owned();
                if text.chars().count() < 32 { Err(Error::ShortSecret(text.chars().count())) } else { Ok(text) }
            }
            Err(cause) => Err(failed(cause)),
        }
    }
}

/// The file's settings without their groups. A key that stands in no group is read, too: there were none in release 0.1.
fn read_file(path: &Path) -> Result<toml::Table, Error> {
    let failed = |why: String| Error::File(path.to_owned(), why);
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| failed(error.to_string()))?;
    let mut settings = toml::Table::new();
    for group in GROUPS {
        let Some(value) = table.remove(group.name) else { continue };
        let toml::Value::Table(members) = value else {
            return Err(failed(format!("`{}` is a table: write `[{}]`", group.name, group.name)));
        };
        for (key, value) in members {
            if !group.keys().any(|known| known == key) {
                let home = GROUPS.iter().find(|group| group.keys().any(|known| known == key));
                let hint = home.map(|home| format!("; it belongs to [{}]", home.name)).unwrap_or_default();
                return Err(failed(format!("[{}] has no setting `{key}`{hint}", group.name)));
            }
            settings.insert(key, value);
        }
    }
    for (key, value) in table {
        if settings.contains_key(&key) {
            return Err(failed(format!("`{key}` is there twice, in its group and outside of it")));
        }
        settings.insert(key, value);
    }
    Ok(settings)
}

/// Whether this is a scheme, a host and perhaps a port, as browsers write the header `Origin` (RFC 6454, section 6.2).
fn is_origin(text: &str) -> bool {
    let uri = text.parse::<axum::http::Uri>().ok().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
    let host = uri.and_then(|uri| Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?)));
    host.is_some_and(|origin| origin == text && !text.contains('@') && text == text.to_lowercase())
}

const INTRODUCTION: &str = "\
# Settings

What `handshake serve` and the commands that open the hub's database read. A setting comes from its default, a TOML file
(`--config FILE` or `HANDSHAKE_CONFIG`), the environment or a flag; the later one wins. A key of the file is the flag's name,
in the table of its group; keys outside of a table, as release 0.1 had them, are read, too. An unknown key is an error.
`handshake settings` prints this page.

```toml
[server]
listen = \"127.0.0.1:8080\"
public-origin = \"https://hub.example.org\"

[storage]
data-dir = \"/var/lib/handshake\"
```

`handshake serve` also has `--demo` (`HANDSHAKE_DEMO`), which fills an empty hub with demo users and services and prints their
sign-ins, and `--demo-passwords public|random` (`HANDSHAKE_DEMO_PASSWORDS`); the public ones are for a hub that only its own
machine reaches.
";

/// `docs/SETTINGS.md`.
#[must_use]
pub fn markdown() -> String {
    use std::fmt::Write;
    let mut table = String::from(INTRODUCTION);
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    // Writing into a String can't fail.
    for Group { name, about, settings } in GROUPS {
        let _ =
            write!(table, "\n## `[{name}]`\n\n{about}\n\n| flag | variable | default | meaning |\n|---|---|---|---|\n");
        for (name, env, doc) in *settings {
            let key = key(name);
            let default = match &defaults[&key] {
                serde_json::Value::String(text) if text.is_empty() => "–".to_owned(),
                serde_json::Value::String(text) => format!("`{text}`"),
                value => format!("`{value}`"),
            };
            let _ = writeln!(table, "| `--{key}` | `{env}` | {default} | {} |", doc.trim());
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_layers_win() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("handshake.toml");
        fs::write(&file, "listen = \"127.0.0.1:4000\"\nmax-renders = 7\n").unwrap();
        let flags = Flags { config: Some(file), max_renders: Some(9), ..Flags::default() };
        let settings = Settings::load(&flags).unwrap();
        assert_eq!(settings.listen.port(), 4000);
        assert_eq!(settings.max_renders, 9);
        assert_eq!(settings.database_connections, 10);
    }

    fn loaded(text: &str) -> Result<Settings, Error> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hub.toml");
        fs::write(&file, text).unwrap();
        Settings::load(&Flags { config: Some(file), ..Flags::default() })
    }

    #[test]
    fn settings_stand_in_their_groups_or_outside_of_them() {
        let grouped = loaded("[server]\nlisten = \"127.0.0.1:4000\"\n[events]\noutbox-days = 3\n").unwrap();
        assert_eq!((grouped.listen.port(), grouped.outbox_days), (4000, 3));
        let mixed = loaded("outbox-days = 3\n[server]\nmax-renders = 7\n").unwrap();
        assert_eq!((mixed.outbox_days, mixed.max_renders), (3, 7));
        for (text, told) in [
            ("[server]\noutbox-days = 3\n", "it belongs to [events]"),
            ("[server]\nlissten = 3\n", "no setting `lissten`"),
            ("server = 3\n", "write `[server]`"),
            ("outbox-days = 3\n[events]\noutbox-days = 4\n", "twice"),
            ("[severs]\nlisten = \"127.0.0.1:4000\"\n", "severs"),
            ("listen = ", "hub.toml"),
        ] {
            let error = loaded(text).unwrap_err().to_string();
            assert!(error.contains(told), "{text:?}: {error}");
        }
    }

    #[test]
    fn an_unknown_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("handshake.toml");
        fs::write(&file, "lissten = \"127.0.0.1:4000\"\n").unwrap();
        let error = Settings::load(&Flags { config: Some(file), ..Flags::default() }).unwrap_err();
        assert!(error.to_string().contains("lissten"), "{error}");
    }

    #[test]
    fn plain_http_beyond_loopback_is_a_decision() {
        let flags = Flags { listen: Some(([0, 0, 0, 0], 3000).into()), ..Flags::default() };
        assert!(matches!(Settings::load(&flags), Err(Error::PlainHttp(_))));
        assert!(Settings::load(&Flags { allow_plain_http: Some(true), ..flags }).is_ok());
    }

    #[test]
    fn a_generated_secret_is_kept_and_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { data_dir: folder.path().join("data"), ..Settings::default() };
        let key = settings.signing_key().unwrap();
        assert_eq!(key, settings.signing_key().unwrap());
        let mode = folder.path().join("data/secret").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_secret_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { data_dir: folder.path().join("data"), ..Settings::default() };
        settings.signing_key().unwrap();
        for mode in [0o640, 0o604, 0o660, 0o666] {
            fs::set_permissions(folder.path().join("data/secret"), PermissionsExt::from_mode(mode)).unwrap();
            let refused = settings.signing_key().unwrap_err();
            assert!(matches!(refused, Error::OpenSecret(_)) && refused.to_string().contains("chmod 600"), "{refused}");
        }
        fs::set_permissions(folder.path().join("data/secret"), PermissionsExt::from_mode(0o400)).unwrap();
        settings.signing_key().unwrap();
    }

    #[test]
    fn an_origin_is_what_browsers_send() {
        for (text, good) in [
            ("https://hub.example.org", true),
            ("http://localhost:3000", true),
            ("https://[::1]:8443", true),
            ("hub.example.org", false),
            ("https://hub.example.org/", false),
            ("https://hub.example.org/path", false),
            ("https://Hub.example.org", false),
            ("https://me@hub.example.org", false),
            ("ftp://hub.example.org", false),
            ("not a host/x y", false),
        ] {
            let settings = Settings { public_origin: text.to_owned(), ..Settings::default() };
            assert_eq!(settings.check().is_ok(), good, "{text:?}");
        }
    }

    #[test]
    fn every_setting_is_documented() {
        // `cargo run -p cli -- settings > docs/SETTINGS.md`
        assert_eq!(include_str!("../../docs/SETTINGS.md"), markdown());
    }
}
