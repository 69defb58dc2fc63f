use crate::{common::TestDomain, on_both};
use server::store::{Backend, Error, Settings, Store};
use sqlx::Row as _;

on_both! {
    async fn migrating_twice_and_at_once_is_harmless(hub: TestDomain) {
        let (a, b) = tokio::join!(hub.store.migrate(), hub.store.migrate());
        a.unwrap();
        b.unwrap();
        hub.store.ready().await.unwrap();
    }

    async fn bytes_and_missing_values_come_back_as_they_went(hub: TestDomain) {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut tx = hub.store.begin().await.unwrap();
        sqlx::query("INSERT INTO documents (digest, size, format, coding, bytes) VALUES ($1, $2, $3, $4, $5)")
            .bind("d")
            .bind(i64::MAX)
            .bind("json")
            .bind("plain")
            .bind(bytes.as_slice())
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut connection = hub.store.read().await.unwrap();
        let row = sqlx::query("SELECT d.bytes, d.size, v.id FROM documents d LEFT JOIN versions v ON v.digest = d.digest")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert_eq!(row.get::<Vec<u8>, _>("bytes"), bytes);
        assert_eq!(row.get::<i64, _>("size"), i64::MAX);
        assert_eq!(row.get::<Option<String>, _>("id"), None);
    }

    async fn a_transaction_that_is_dropped_never_happened(hub: TestDomain) {
        let mut tx = hub.store.begin().await.unwrap();
        sqlx::query("UPDATE hub SET event_seq = 7").execute(&mut *tx).await.unwrap();
        drop(tx);
        assert!(hub.bus.can_resume(0).await.unwrap());
        assert!(!hub.bus.can_resume(7).await.unwrap());
    }

    async fn a_closed_store_is_unavailable(hub: TestDomain) {
        hub.store.close().await;
        assert!(hub.store.ready().await.unwrap_err().is_unavailable());
        let error = shared::Accounts::needs_set_up(&hub.accounts).await.unwrap_err();
        assert_eq!(error.code, shared::ErrorCode::Unavailable);
    }

    async fn a_client_that_hangs_up_during_the_commit_keeps_nobody_from_hearing_of_it(hub: TestDomain) {
        use shared::{
    Services as _, services::NewService};
        let ada = hub.caller("ada", shared::Role::Admin).await;
        // Given up after one look more each time, so that each point is met at which it can be left.
        for looks in 1.. {
            let name = format!("s{looks}").parse().unwrap();
            let mut create = Box::pin(hub.services.create(&ada, NewService { name, description: String::new() }));
            let mut done = false;
            for _ in 0..looks {
                let look = tokio::time::timeout(std::time::Duration::from_millis(2), &mut create).await;
                if look.is_ok() {
                    done = true;
                    break;
                }
            }
            drop(create);
            // A transaction that began may still end; the next one waits for it.
            hub.sql("UPDATE hub SET event_seq = event_seq").await;
            let mut connection = hub.store.read().await.unwrap();
            let committed: i64 =
                sqlx::query_scalar("SELECT event_seq FROM hub").fetch_one(&mut *connection).await.unwrap();
            drop(connection);
            let mut heard = hub.bus.subscribe();
            let heard = heard.wait_for(|seq| *seq >= committed);
            let heard = tokio::time::timeout(std::time::Duration::from_secs(10), heard).await;
            assert!(heard.is_ok(), "event {committed} was committed and nobody heard of it");
            if done {
                break;
            }
        }
    }

    async fn a_read_with_a_token_does_not_wait_for_the_writer(hub: TestDomain) {
        use shared::{Accounts as _, accounts::{NewApiToken, Scope}};
        let ada = hub.caller("ada", shared::Role::Developer).await;
        let new = NewApiToken { name: "ci".parse().unwrap(), scopes: vec![Scope::Read], services: None, expires_at: None };
        let issued = hub.accounts.create_api_token(&ada, new).await.unwrap();
        let busy = hub.store.begin().await.unwrap();
        let bearer = format!("Bearer {}", issued.secret);
        let authenticated =
            tokio::time::timeout(std::time::Duration::from_secs(5), hub.accounts.authenticate(None, Some(&bearer)));
        authenticated.await.expect("it doesn't wait").unwrap();
        drop(busy);
    }

    async fn unknown_references_are_refused(hub: TestDomain) {
        let mut tx = hub.store.begin().await.unwrap();
        let orphan = sqlx::query("INSERT INTO passwords (user_id, hash, changed_at) VALUES ('nobody', 'x', 0)")
            .execute(&mut *tx)
            .await;
        assert!(orphan.unwrap_err().as_database_error().unwrap().is_foreign_key_violation());
    }
}

#[tokio::test]
async fn an_empty_database_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("a b.db").display());
    let store = Store::open(&Settings { url, max_connections: 2 }).await.unwrap();
    assert_eq!(store.backend(), Backend::Sqlite);
    assert!(store.ready().await.is_err());
    store.migrate().await.unwrap();
    store.ready().await.unwrap();
}

#[tokio::test]
async fn addresses_that_cannot_work_say_why() {
    for url in ["mysql://localhost/x", "nonsense", "sqlite::memory:"] {
        let error = Store::open(&Settings { url: url.into(), max_connections: 1 }).await.unwrap_err();
        assert!(matches!(error, Error::Url(_)), "{url}: {error}");
    }
}

#[tokio::test]
async fn one_sqlite_file_has_one_server() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("hub.db").display());
    let settings = Settings { url, max_connections: 2 };
    let (first, second) = (Store::open(&settings).await.unwrap(), Store::open(&settings).await.unwrap());
    let lock = first.lock().unwrap();
    let refused = second.lock().unwrap_err();
    assert!(matches!(refused, Error::Locked(_)) && refused.to_string().contains("hub.db"), "{refused}");
    // The same file under another name.
    std::fs::create_dir(folder.path().join("other")).unwrap();
    let alias = folder.path().join("other/alias.db");
    std::os::unix::fs::symlink(folder.path().join("hub.db"), &alias).unwrap();
    let url = format!("sqlite:{}", alias.display());
    let third = Store::open(&Settings { url, max_connections: 2 }).await.unwrap();
    assert!(matches!(third.lock().unwrap_err(), Error::Locked(_)));
    drop(lock);
    assert!(second.lock().unwrap().is_some());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hub.db"), "not a database, and long enough to be looked at\n".repeat(100))
        .unwrap();
    let url = format!("sqlite:{}", folder.path().join("hub.db").display());
    let opened = Store::open(&Settings { url, max_connections: 2 }).await;
    let refused = opened.unwrap_err().to_string();
    assert!(refused.contains("file is not a database"), "{refused}");
}

#[tokio::test]
async fn a_backup_beside_a_writer_has_what_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let url = |file: &str| format!("sqlite:{}", folder.path().join(file).display());
    let store = Store::open(&Settings { url: url("hub.db"), max_connections: 2 }).await.unwrap();
    store.migrate().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    sqlx::query("UPDATE hub SET event_seq = 7").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    sqlx::query("UPDATE hub SET event_seq = 8").execute(&mut *tx).await.unwrap();

    store.copy_to(&folder.path().join("copy.db")).await.unwrap();
    tx.commit().await.unwrap();
    let copy = Store::open(&Settings { url: url("copy.db"), max_connections: 1 }).await.unwrap();
    copy.ready().await.unwrap();
    let seq = async |store: &Store| {
        let mut connection = store.read().await.unwrap();
        sqlx::query("SELECT event_seq FROM hub").fetch_one(&mut *connection).await.unwrap().get::<i64, _>(0)
    };
    assert_eq!((seq(&store).await, seq(&copy).await), (8, 7));
}
