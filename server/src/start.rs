//! Puts the hub together and runs it until it is told to stop.

use crate::{
    accounts, api,
    api::OwnContract,
    areas::{self, Areas},
    clock::Clock,
    comparisons::rejudge,
    config::{self, Settings},
    demo, documents,
    events::{Bus, Retention, Streams},
    files,
    http::{
        self,
        renders::Renders,
        serve::Bounds,
        slots::{self, Slots},
    },
    jobs, observability, own_contract, router,
    state::{self, App},
    store::{self, FileLock, Store},
};
use leptos::config::LeptosOptions;
use shared::{Accounts as _, ApiError};
use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The hub can't start; the text says why and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Config(#[from] config::Error),
    #[error(transparent)]
    Telemetry(#[from] observability::Error),
    #[error("the database can't be opened: {0}")]
    Store(#[from] store::Error),
    #[error("the events can't be read: {0}")]
    Events(crate::error::Error),
    #[error("{0} can't be listened on: {1}")]
    Listen(std::net::SocketAddr, std::io::Error),
    #[error("serving failed: {0}")]
    Serve(std::io::Error),
    #[error("{0} has no built frontend; build it with `cargo leptos build --release`, or set --site-root")]
    NoSite(PathBuf),
    #[error(transparent)]
    OwnContract(#[from] api::Error),
    #[error("it can't be told whose secret this is: {}", .0.message)]
    Secret(ApiError),
    #[error(
        "this secret isn't the one that the hub on this database was started with, so its servers would not know each \
         other's sign-ins. Give all servers the same one (HANDSHAKE_SECRET, or the file `secret` in the data folder). To \
         replace it, stop all servers, set the new one, run `handshake secret adopt` and start them again"
    )]
    ForeignSecret,
    #[error("it can't be told whether the hub is set up: {}", .0.message)]
    SetUp(ApiError),
    #[error(
        "the passwords of --demo are public, and this hub can be reached from other machines. Add --demo-passwords random \
         to have new ones printed"
    )]
    PublicDemo,
    #[error("the demo data can't be written: {}", .0.message)]
    Demo(ApiError),
    #[error("{0}")]
    Random(crate::error::Error),
    #[error("the data folder {0} can't be prepared: {1}")]
    DataDir(PathBuf, std::io::Error),
}

/// The areas' implementations over one store, without HTTP: what commands use.
pub struct Domain {
    pub store: Store,
    pub bus: Bus,
    pub areas: Arc<Areas>,
}

impl Domain {
    /// Opens and migrates the store.
    pub async fn open(settings: &Settings) -> Result<Self, Error> {
        let failed = |error| Error::DataDir(settings.data_dir.clone(), error);
        // An address that can't be used leaves no file behind.
        store::Backend::of(&settings.database_url())?;
        files::make_folder(&settings.data_dir).map_err(failed)?;
        files::keep_database_private(&settings.database_url()).map_err(failed)?;
        let store = Store::open(&store::Settings {
            url: settings.database_url(),
            max_connections: settings.database_connections,
        })
        .await?;
        store.migrate().await?;
        let bus = Bus::open(store.clone()).await.map_err(Error::Events)?;
        let accounts = accounts::Settings {
            access_lifetime: Duration::from_secs(settings.access_token_seconds),
            refresh_lifetime: Duration::from_secs(settings.refresh_token_seconds),
            set_up_code: match settings.set_up_code.as_str() {
                "" => accounts::readable().map_err(Error::Random)?,
                given => given.to_owned(),
            },
            ..accounts::Settings::new(settings.signing_key()?)
        };
        let documents = documents::Settings {
            limits: {
                let mut limits = contract::Limits::default();
                limits.max_bytes = settings.max_document_bytes;
                limits
            },
            cache_bytes: settings.document_cache_bytes,
        };
        let settings = areas::Settings { accounts, documents };
        let areas = Arc::new(Areas::new(&store, &bus, &Clock::default(), settings));
        Ok(Self { areas, bus, store })
    }
}

/// The hub, ready to serve; also what the tests start.
pub struct Server {
    pub app: App,
    pub listener: TcpListener,
    pub bounds: Bounds,
    /// Held as long as the server lives.
    _lock: Option<FileLock>,
}

impl Server {
    /// Opens everything and binds the address, so that a caller with port 0 learns the port.
    pub async fn bind(settings: Settings) -> Result<Self, Error> {
        let domain = Domain::open(&settings).await?;
        let lock = domain.store.lock()?;
        if !domain.areas.accounts.is_own_secret().await.map_err(Error::Secret)? {
            return Err(Error::ForeignSecret);
        }
        if let Err(error) = rejudge::after_upgrade(&domain.store, &domain.areas.jobs).await {
            // It is noted with the next start, and readers have what they ask for compared until then.
            tracing::warn!(%error, "it can't be noted that the engine was upgraded");
        }
        let reference = Arc::new(OwnContract::generate()?);
        if settings.publish_own_contract
            && let Err(error) = own_contract::publish(&domain, &reference.text).await
        {
            // The hub is whole without it.
            tracing::warn!(%error, "the hub's own contract could not be published");
        }
        let listener =
            TcpListener::bind(settings.listen).await.map_err(|error| Error::Listen(settings.listen, error))?;
        let leptos = leptos_options(&settings);
        let app = App {
            hub: state::hub(&domain.areas, Arc::clone(&reference)),
            areas: domain.areas,
            bus: domain.bus,
            store: domain.store,
            metrics: observability::metrics()?,
            stopping: CancellationToken::new(),
            leptos,
            reference,
            renders: Renders::new(settings.max_renders),
            set_up: Arc::new(AtomicBool::new(false)),
            streams: Streams::new(settings.max_streams),
            connections: Slots::new(
                slots::affordable(settings.max_connections, settings.database_connections),
                settings.max_connections_per_address,
            ),
            rates: Arc::new(http::rate::Rates::new(settings.requests_per_minute)),
            proxies: Arc::new(settings.trusted_proxies()?),
            uploads: http::uploads::Uploads::new(settings.upload_memory_bytes),
            settings: Arc::new(settings),
        };
        let body = Duration::from_secs(app.settings.longest_request_seconds());
        Ok(Self { app, listener, bounds: Bounds { body, ..Bounds::default() }, _lock: lock })
    }

    /// Serves until `app.stopping` is cancelled, then closes the store.
    pub async fn run(self) -> Result<(), Error> {
        let upkeep = {
            let metrics = self.app.metrics.clone();
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    metrics.run_upkeep();
                }
            })
        };
        let runner = tokio::spawn(runner(&self.app).run());
        let router = router::router(&self.app);
        let (stopping, connections) = (self.app.stopping.clone(), self.app.connections.clone());
        let served = http::serve::serve(self.listener, router, stopping, connections, self.bounds).await;
        upkeep.abort();
        // Also when serving failed.
        self.app.stopping.cancel();
        if let Err(error) = runner.await {
            tracing::error!(%error, "the runner of jobs broke off");
        }
        self.app.store.close().await;
        served.map_err(Error::Serve)
    }
}

/// What does the hub's work in the background.
fn runner(app: &App) -> jobs::Runner {
    let retention = Retention { outbox_days: app.settings.outbox_days, audit_days: app.settings.audit_days };
    let kinds = jobs::upkeep::jobs(&app.store, &app.areas, retention, &Clock::default());
    jobs::Runner::new(app.areas.jobs.clone(), kinds, app.stopping.clone())
}

fn leptos_options(settings: &Settings) -> LeptosOptions {
    // `cargo leptos watch` says by these variables that it reloads the page, and where from.
    let watched = std::env::var("LEPTOS_WATCH").is_ok();
    let reload_port = std::env::var("LEPTOS_RELOAD_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3001);
    LeptosOptions::builder()
        .output_name("handshake")
        .site_root(settings.site_root.display().to_string())
        .site_pkg_dir("pkg")
        .site_addr(settings.listen)
        .reload_port(reload_port)
        .env(if watched { leptos::config::Env::DEV } else { leptos::config::Env::PROD })
        .hash_files(hash_files())
        .build()
}

/// Whether the assets' names carry their hashes: as cargo-leptos says when it starts the hub, or else when the build wrote
/// the hashes beside the executable, where Leptos looks for them.
fn hash_files() -> bool {
    if let Some(said) = std::env::var("LEPTOS_HASH_FILES").ok().and_then(|said| said.parse().ok()) {
        return said;
    }
    std::env::current_exe().is_ok_and(|path| path.with_file_name("hash.txt").is_file())
}

/// `handshake serve`.
pub async fn serve(settings: Settings, demo: Option<demo::Passwords>) -> Result<(), Error> {
    if demo == Some(demo::Passwords::Public) && settings.is_reachable_from_elsewhere() {
        return Err(Error::PublicDemo);
    }
    let observability = observability::start(&settings)?;
    if !settings.site_root.join("pkg").is_dir() {
        return Err(Error::NoSite(settings.site_root));
    }
    if !settings.listen.ip().is_loopback() {
        tracing::warn!(
            listen = %settings.listen,
            "plain HTTP beyond loopback: only behind a proxy that terminates TLS, since sign-in cookies are Secure"
        );
    }
    slots::raise_descriptor_limit();
    if files::runs_as_root() {
        tracing::warn!("the hub runs as root, and needs none of its rights: give it a user of its own");
    }
    let server = Server::bind(settings).await?;
    let address = server.listener.local_addr().map_err(Error::Serve)?;
    println!("Handshake is serving on http://{address}");
    if let Some(passwords) = demo {
        let filled = demo::fill(&server.app.areas, passwords).await.map_err(Error::Demo)?;
        let email = demo::USERS[0].email.parse().map_err(Error::Demo)?;
        if server.app.areas.accounts.user_by_email(&email).await.map_err(Error::Demo)?.is_some() {
            announce_demo(passwords, filled);
        } else {
            println!("--demo does nothing here: this hub has data of its own.");
        }
    }
    announce_set_up(&server.app, address).await.map_err(Error::SetUp)?;
    let stopping = server.app.stopping.clone();
    tokio::spawn(async move {
        told_to_stop().await;
        tracing::info!("stopping: finishing what is in flight");
        stopping.cancel();
    });
    let outcome = server.run().await;
    observability.shut_down();
    outcome
}

/// Prints who can sign in. Random passwords are known only to the start that made them.
fn announce_demo(passwords: demo::Passwords, filled: Option<Vec<String>>) {
    let of_now = filled.is_some();
    let given = match (filled, passwords) {
        (Some(given), _) => given,
        (None, demo::Passwords::Public) => demo::USERS.iter().map(|user| user.password.to_owned()).collect(),
        (None, demo::Passwords::Random) => {
            println!("The demo's sign-ins are those that an earlier start printed (handshake user reset-password).");
            return;
        }
    };
    println!("Demo sign-ins{}:", if of_now { "" } else { " (of an earlier start with --demo)" });
    for (user, password) in demo::USERS.iter().zip(given) {
        println!("  {:<10} {:<24} {password}", user.role.as_str(), user.email);
    }
}

/// Tells the one at the console how to make the first account. Nowhere else: people who read the log may not be admins.
async fn announce_set_up(app: &App, address: std::net::SocketAddr) -> shared::Result<()> {
    if app.areas.accounts.needs_set_up().await? {
        let code = if app.settings.set_up_code.is_empty() {
            format!("this one-time code:\n\n  {}\n", app.areas.accounts.set_up_code())
        } else {
            "the code of the setting set-up-code.".to_owned()
        };
        println!("Nobody has an account yet. Make the first one on http://{address}/setup with {code}");
    }
    Ok(())
}

/// Ctrl-C, or SIGTERM from a service manager.
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM can't be listened for");
            if let Err(error) = interrupted.await {
                tracing::error!(%error, "Ctrl-C can't be listened for; stop the process by a signal");
                std::future::pending::<()>().await;
            }
        }
    }
}
