//! A database that can't do its work for a while, and the hub after it can again.

use crate::support::{Browser, TestHub, contract};
use reqwest::{Method, StatusCode};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// A file system of its own, of 6 MB. Mounting one takes root, which a developer's machine may not give.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"])
            .arg(at)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !mounted {
            eprintln!("not run: mounting a small disk takes root");
        }
        mounted.then(|| Self(at.to_owned()))
    }

    /// Takes all space that is left.
    fn fill(&self) {
        use std::io::Write as _;
        let mut file = std::fs::File::options().create(true).append(true).open(self.0.join("ballast")).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            while file.write_all(&vec![7; size]).is_ok() {}
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("--lazy").arg(&self.0).status().unwrap();
    }
}

/// A contract that no compression makes small.
fn bulky(version: &str) -> String {
    let noise: String = (0..6_000)
        .map(|n| format!("      # {}\n", uuid::Uuid::now_v7().simple().to_string() + &n.to_string()))
        .collect();
    contract(version, &noise)
}

async fn within<T>(seconds: u64, what: &str, mut tried: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(done) = tried().await {
            return done;
        }
        assert!(Instant::now() < end, "{what} takes longer than {seconds} seconds");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn unavailable(answer: &crate::support::TestResponse) {
    assert_eq!(answer.refusal(), (503, "unavailable".to_owned()), "{answer:?}");
    assert!(!answer.header("retry-after").is_empty(), "{answer:?}");
}

/// A relay before PostgreSQL that can be cut.
struct Relay {
    port: u16,
    cut: tokio::sync::watch::Sender<bool>,
}

impl Relay {
    async fn to(server: String) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = tokio::sync::watch::Sender::new(false);
        let watch = cut.clone();
        tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let (server, mut cut) = (server.clone(), watch.subscribe());
                tokio::spawn(async move {
                    if *cut.borrow() {
                        return;
                    }
                    let Ok(mut server) = tokio::net::TcpStream::connect(server).await else { return };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                        _ = cut.wait_for(|cut| *cut) => {}
                    }
                });
            }
        });
        Self { port, cut }
    }
}

/// PostgreSQL's disk and its rights are its own affair.
mod sqlite {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_full_disk_stops_writes_for_as_long_as_it_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let Some(disk) = SmallDisk::mount(&folder.path().join("disk")) else { return };
        let hub = TestHub::with(|settings| settings.database_url = format!("sqlite:{}/hub.db", disk.0.display())).await;
        let admin = hub.browser();
        admin.set_up().await;
        admin.create_service("orders").await;
        for (version, properties) in [("1.0.0", ""), ("2.0.0", "                  total: {type: number}\n")] {
            let answer = admin.publish("orders", &contract(version, properties)).await;
            assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        }
        assert_eq!(admin.get("/readyz").await.status, StatusCode::OK);

        disk.fill();
        // What SQLite's log still has room for may succeed; the first that doesn't fit shows it.
        let mut version = 3;
        within(30, "a disk that is full", async || {
            let answer = admin.publish("orders", &bulky(&format!("{version}.0.0"))).await;
            version += 1;
            disk.fill();
            if answer.status == StatusCode::CREATED {
                return None;
            }
            unavailable(&answer);
            Some(())
        })
        .await;
        for _ in 0..3 {
            unavailable(&admin.publish("orders", &bulky(&format!("{version}.0.0"))).await);
        }
        // What is there is read, a comparison that was never made before included.
        for path in ["/api/v1/services", "/api/v1/services/orders/comparisons/2.0.0/1.0.0", "/healthz"] {
            let answer = admin.get(path).await;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        }

        disk.free();
        within(5, "the hub after there is space again", async || {
            let ready = admin.get("/readyz").await.status == StatusCode::OK;
            let answer = admin.publish("orders", &contract("9.0.0", "                  note: {type: string}\n")).await;
            (ready && answer.status == StatusCode::CREATED).then_some(())
        })
        .await;
        let out = admin.delete("/api/v1/sessions/current").await;
        assert_eq!(out.status, StatusCode::NO_CONTENT, "{out:?}");
        hub.stop().await;
    }

    /// A database file that can't be written, as when its disk was mounted again after an error.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn readiness_proves_a_write() {
        let (hub, admin) = TestHub::set_up().await;
        let mut tx = hub.app.store.begin().await.unwrap();
        sqlx::query("DROP TABLE readiness").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        unavailable(&admin.get("/readyz").await);
        assert_eq!(admin.send(admin.request(Method::GET, "/healthz")).await.status, StatusCode::OK);
    }
}

mod postgres {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_database_that_is_away_is_told_at_once_and_found_again() {
        let server = std::env::var("HANDSHAKE_TEST_DATABASE_URL").unwrap();
        let (before, rest) = server.rsplit_once('@').unwrap();
        let (address, _) = rest.split_once('/').unwrap();
        let relay = Relay::to(address.to_owned()).await;
        let port = relay.port;
        let hub = TestHub::with(move |settings| {
            let (_, name) = settings.database_url.rsplit_once('/').unwrap();
            settings.database_url = format!("{before}@127.0.0.1:{port}/{name}");
        })
        .await;
        let admin: Browser = hub.browser();
        admin.set_up().await;

        relay.cut.send_replace(true);
        within(20, "noticing that the database is away", async || {
            let answer = admin.get("/api/v1/services").await;
            (answer.status == StatusCode::SERVICE_UNAVAILABLE).then(|| unavailable(&answer))
        })
        .await;
        // The one that noticed has waited; those that follow don't.
        let many = (0..40).map(|_| admin.get("/api/v1/services"));
        let all = tokio::time::timeout(Duration::from_secs(8), futures::future::join_all(many)).await;
        all.expect("nobody waits for a database that is known to be away").iter().for_each(unavailable);
        unavailable(&admin.get("/readyz").await);

        relay.cut.send_replace(false);
        within(20, "finding the database again", async || {
            (admin.get("/api/v1/services").await.status == StatusCode::OK).then_some(())
        })
        .await;
        assert_eq!(admin.get("/readyz").await.status, StatusCode::OK);
    }
}
