//! Renaming, describing, archiving and deleting services.

use crate::{
    common::{TestDomain, contract, version_ref},
    on_both,
};
use shared::{
    ErrorCode, IfMatch, PageQuery, Policies as _, Role, Services as _, Versions as _,
    accounts::Caller,
    events::EventKind,
    names::ServiceName,
    services::{ChangeService, NewService, ServiceQuery, ServiceSettings},
    versions::{Publish, Published},
};

struct Shop {
    hub: TestDomain,
    admin: Caller,
}

fn name(text: &str) -> ServiceName {
    text.parse().unwrap()
}

fn change(name: &str, description: &str, archived: bool) -> ChangeService {
    ChangeService { name: name.parse().unwrap(), description: description.to_owned(), archived }
}

impl Shop {
    async fn new(hub: TestDomain, services: &[&str]) -> Self {
        let admin = hub.caller("ada", Role::Admin).await;
        for service in services {
            let new = NewService { name: name(service), description: String::new() };
            hub.services.create(&admin, new).await.unwrap();
        }
        Self { hub, admin }
    }

    async fn publish(&self, service: &str, document: Vec<u8>) -> shared::Result<Published> {
        let publish = Publish { document, ..Publish::default() };
        self.hub.versions.publish(&self.admin, &name(service), publish).await
    }

    async fn change(&self, service: &str, if_match: IfMatch, to: ChangeService) -> shared::Result<ServiceSettings> {
        self.hub.services.change(&self.admin, &name(service), if_match, to).await
    }

    async fn documents(&self) -> i64 {
        use sqlx::Row as _;
        let mut connection = self.hub.store.read().await.unwrap();
        let row = sqlx::query("SELECT count(*) AS n FROM documents").fetch_one(&mut *connection).await.unwrap();
        row.get("n")
    }

    async fn listed(&self, archived: bool) -> Vec<String> {
        let query = ServiceQuery { archived, ..ServiceQuery::default() };
        let page = self.hub.services.list(&self.admin, query).await.unwrap();
        page.items.into_iter().map(|service| service.name.to_string()).collect()
    }

    async fn last_events(&self, n: usize) -> Vec<EventKind> {
        let mut all = self.hub.happened(0).await;
        all.split_off(all.len() - n).into_iter().map(|event| event.kind).collect()
    }
}

on_both! {
    async fn a_renamed_service_is_found_by_its_old_name_until_another_takes_it(hub: TestDomain) {
        let shop = Shop::new(hub, &["orders"]).await;
        let version = shop.publish("orders", contract("1.0.0", &["/a"])).await.unwrap().version;
        let settings = shop.change("orders", IfMatch::Any, change("sales", "", false)).await.unwrap();
        assert_eq!((settings.name.as_str(), settings.revision), ("sales", 2));
        assert_eq!(shop.last_events(1).await, [EventKind::ServiceRenamed { service: name("sales"), before: name("orders") }]);

        let (hub, admin, old) = (&shop.hub, &shop.admin, name("orders"));
        let moved = [
            hub.services.read(admin, &old).await.unwrap_err(),
            hub.services.settings(admin, &old).await.unwrap_err(),
            hub.versions.list(admin, &old, PageQuery::default()).await.unwrap_err(),
            hub.versions.read(admin, &version_ref(&old, &version.label)).await.unwrap_err(),
            hub.policies.read(admin, &old).await.unwrap_err(),
            hub.policies.set(admin, &old, IfMatch::Any, String::new()).await.unwrap_err(),
            shop.publish("orders", contract("2.0.0", &["/a"])).await.unwrap_err(),
            shop.change("orders", IfMatch::Any, change("x", "", false)).await.unwrap_err(),
            hub.services.delete(admin, &old).await.unwrap_err(),
        ];
        for error in moved {
            assert_eq!((error.code, error.field("service")), (ErrorCode::Moved, Some("sales")), "{error:?}");
        }
        let found = hub.versions.read(admin, &version_ref(&name("sales"), &version.label)).await.unwrap();
        assert_eq!((found.id, found.service), (version.id, name("sales")));

        // Twice: both old names lead to the third. Back: the name is its own again.
        shop.change("sales", IfMatch::Any, change("shop", "", false)).await.unwrap();
        for old in ["orders", "sales"] {
            let error = hub.services.read(admin, &name(old)).await.unwrap_err();
            assert_eq!(error.field("service"), Some("shop"), "{old}");
        }
        shop.change("shop", IfMatch::Any, change("orders", "", false)).await.unwrap();
        assert_eq!(hub.services.read(admin, &name("shop")).await.unwrap_err().field("service"), Some("orders"));

        // Another service takes an old name: by being made, and by being renamed.
        let new = |text| NewService { name: name(text), description: String::new() };
        hub.services.create(admin, new("shop")).await.unwrap();
        assert_eq!(hub.services.read(admin, &name("shop")).await.unwrap().versions, 0);
        shop.change("shop", IfMatch::Any, change("sales", "", false)).await.unwrap();
        assert_eq!(hub.services.read(admin, &name("sales")).await.unwrap().versions, 0);
        let taken = shop.change("sales", IfMatch::Any, change("orders", "", false)).await.unwrap_err();
        assert_eq!((taken.code, taken.field("name").is_some()), (ErrorCode::NameTaken, true));
        assert_eq!(shop.listed(false).await, ["orders", "sales"]);
    }

    async fn the_second_of_two_who_edit_is_told(hub: TestDomain) {
        let shop = Shop::new(hub, &["orders"]).await;
        let seen = shop.hub.services.settings(&shop.admin, &name("orders")).await.unwrap();
        let only_if = IfMatch::OneOf(vec![seen.etag()]);
        let first = shop.change("orders", only_if.clone(), change("orders", " Ours. ", false)).await.unwrap();
        assert_eq!((first.description.as_str(), first.revision), ("Ours.", 2));
        let second = shop.change("orders", only_if.clone(), change("orders", "Mine.", false)).await.unwrap_err();
        assert_eq!(second.code, ErrorCode::PreconditionFailed);
        // The same again changes nothing, and nobody hears of it.
        let events = shop.hub.bus.latest();
        let again = shop.change("orders", IfMatch::Any, change("orders", "Ours.", false)).await.unwrap();
        assert_eq!((again, shop.hub.bus.latest()), (first, events));
        let unseen = shop.change("orders", IfMatch::Any, change("orders", "a\u{7}", false)).await.unwrap_err();
        assert_eq!(unseen.code, ErrorCode::Invalid);
        assert_eq!(shop.last_events(1).await, [EventKind::ServiceChanged { service: name("orders") }]);

        let policies = &shop.hub.policies;
        let policy = policies.set(&shop.admin, &name("orders"), IfMatch::Any, "# one".into()).await.unwrap();
        let only_if = IfMatch::OneOf(vec![policy.etag()]);
        policies.set(&shop.admin, &name("orders"), only_if.clone(), "# two".into()).await.unwrap();
        let late = policies.set(&shop.admin, &name("orders"), only_if, "# three".into()).await.unwrap_err();
        assert_eq!(late.code, ErrorCode::PreconditionFailed);
        assert_eq!(policies.read(&shop.admin, &name("orders")).await.unwrap().unwrap().text, "# two");
    }

    async fn an_archived_service_is_read_and_not_written(hub: TestDomain) {
        let shop = Shop::new(hub, &["carts", "orders"]).await;
        shop.publish("orders", contract("1.0.0", &["/a"])).await.unwrap();
        shop.change("orders", IfMatch::Any, change("orders", "", true)).await.unwrap();
        assert_eq!(shop.last_events(1).await, [EventKind::ServiceArchived { service: name("orders") }]);
        let archived = shop.hub.services.read(&shop.admin, &name("orders")).await.unwrap();
        assert!(archived.archived_at.is_some() && archived.latest.is_some(), "{archived:?}");
        assert_eq!((shop.listed(false).await, shop.listed(true).await), (vec!["carts".into()], vec!["orders".into()]));
        for error in [
            shop.publish("orders", contract("2.0.0", &["/b"])).await.unwrap_err(),
            shop.publish("orders", contract("1.0.0", &["/a"])).await.unwrap_err(),
            shop.hub.policies.set(&shop.admin, &name("orders"), IfMatch::Any, String::new()).await.unwrap_err(),
        ] {
            assert_eq!(error.code, ErrorCode::Archived, "{error:?}");
        }
        shop.change("orders", IfMatch::Any, change("orders", "", false)).await.unwrap();
        assert_eq!(shop.last_events(1).await, [EventKind::ServiceRestored { service: name("orders") }]);
        assert!(shop.publish("orders", contract("2.0.0", &["/b"])).await.unwrap().created);
    }

    async fn a_deleted_service_takes_what_nobody_else_has(hub: TestDomain) {
        let shop = Shop::new(hub, &["carts", "orders"]).await;
        let shared = contract("1.0.0", &["/shared"]);
        shop.publish("carts", shared.clone()).await.unwrap();
        shop.publish("orders", shared).await.unwrap();
        shop.publish("orders", contract("2.0.0", &["/own"])).await.unwrap();
        shop.hub.policies.set(&shop.admin, &name("orders"), IfMatch::Any, "# ours".into()).await.unwrap();
        shop.change("orders", IfMatch::Any, change("sales", "", false)).await.unwrap();
        shop.hub.services.delete(&shop.admin, &name("sales")).await.unwrap();
        assert_eq!(shop.last_events(1).await, [EventKind::ServiceDeleted { service: name("sales") }]);
        for gone in ["sales", "orders"] {
            let error = shop.hub.services.read(&shop.admin, &name(gone)).await.unwrap_err();
            assert_eq!(error.code, ErrorCode::NotFound, "{gone}");
        }
        assert_eq!(shop.documents().await, 2, "they wait for the job");
        assert_eq!(server::documents::delete_unused(&shop.hub.store).await.unwrap(), 1);
        assert_eq!(shop.documents().await, 1);
        let left = shop.hub.services.read(&shop.admin, &name("carts")).await.unwrap().latest.unwrap();
        assert!(shop.hub.versions.source(&shop.admin, &version_ref(&name("carts"), &left.label)).await.is_ok());
        // The name is free, and what was published under it can be published again.
        let new = NewService { name: name("sales"), description: String::new() };
        shop.hub.services.create(&shop.admin, new).await.unwrap();
        assert_eq!(shop.publish("sales", contract("2.0.0", &["/own"])).await.unwrap().version.number, 1);
    }

    async fn a_key_is_no_good_for_what_was_deleted(hub: TestDomain) {
        let shop = Shop::new(hub, &["orders"]).await;
        let publish = || Publish {
            document: contract("1.0.0", &["/a"]),
            idempotency_key: Some("one".into()),
            ..Publish::default()
        };
        let orders = name("orders");
        shop.hub.versions.publish(&shop.admin, &orders, publish()).await.unwrap();
        shop.hub.services.delete(&shop.admin, &orders).await.unwrap();
        shop.hub.services.create(&shop.admin, NewService { name: orders.clone(), description: String::new() }).await.unwrap();
        let again = shop.hub.versions.publish(&shop.admin, &orders, publish()).await.unwrap_err();
        assert!(again.code == ErrorCode::Conflict && again.message.contains("Idempotency-Key"), "{again:?}");
    }

    async fn publishing_while_documents_are_deleted_loses_none(hub: TestDomain) {
        let shop = Shop::new(hub, &["orders", "carts"]).await;
        let document = contract("1.0.0", &["/a"]);
        for _ in 0..10 {
            shop.publish("orders", document.clone()).await.unwrap();
            shop.hub.services.delete(&shop.admin, &name("orders")).await.unwrap();
            let (deleted, published) =
                tokio::join!(server::documents::delete_unused(&shop.hub.store), shop.publish("carts", document.clone()));
            let version = published.unwrap().version;
            // Where publishing was first, the version's foreign key keeps the document, and the job tries again later.
            assert!(matches!(deleted, Ok(0 | 1) | Err(server::error::Error::Store(_))), "{deleted:?}");
            let source = shop.hub.versions.source(&shop.admin, &version_ref(&name("carts"), &version.label)).await;
            assert!(source.is_ok(), "{source:?}");
            shop.hub.services.delete(&shop.admin, &name("carts")).await.unwrap();
            for service in ["orders", "carts"] {
                let new = NewService { name: name(service), description: String::new() };
                shop.hub.services.create(&shop.admin, new).await.unwrap();
            }
        }
    }

    async fn the_hub_s_own_contract_keeps_its_name(hub: TestDomain) {
        let shop = Shop::new(hub, &["handshake"]).await;
        for change in [change("other", "", false), change("handshake", "", true)] {
            assert_eq!(shop.change("handshake", IfMatch::Any, change).await.unwrap_err().code, ErrorCode::Conflict);
        }
        assert!(shop.change("handshake", IfMatch::Any, change("handshake", "Ours.", false)).await.is_ok());
    }
}
