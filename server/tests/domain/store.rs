use crate::{common::Hub, on_both};
use server::store::{Backend, Error, Settings, Store};
use sqlx::Row as _;

on_both! {
    async fn migrating_twice_and_at_once_is_harmless(hub: Hub) {
        let (a, b) = tokio::join!(hub.store.migrate(), hub.store.migrate());
        a.unwrap();
        b.unwrap();
        hub.store.ready().await.unwrap();
    }

    async fn bytes_and_missing_values_come_back_as_they_went(hub: Hub) {
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

    async fn a_transaction_that_is_dropped_never_happened(hub: Hub) {
        let mut tx = hub.store.begin().await.unwrap();
        sqlx::query("UPDATE hub SET event_seq = 7").execute(&mut *tx).await.unwrap();
        drop(tx);
        assert!(hub.bus.can_resume(0).await.unwrap());
        assert!(!hub.bus.can_resume(7).await.unwrap());
    }

    async fn a_closed_store_is_unavailable(hub: Hub) {
        hub.store.close().await;
        assert!(hub.store.ready().await.unwrap_err().is_unavailable());
        let error = shared::Accounts::needs_set_up(&hub.accounts).await.unwrap_err();
        assert_eq!(error.code, shared::ErrorCode::Unavailable);
    }

    async fn unknown_references_are_refused(hub: Hub) {
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
