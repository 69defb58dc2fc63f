use crate::{
    common::{TestDomain, contract, version_ref},
    on_both,
};
use shared::{
    ApiError, Contracts as _, ErrorCode, Level, PageQuery, Role, Services as _, Versions as _,
    accounts::Caller,
    contracts::ContractQuery,
    events::EventKind,
    services::{NewService, ServiceQuery},
    versions::{Publish, Published},
};
use std::time::Duration;

async fn orders(hub: &TestDomain) -> Caller {
    let ada = hub.caller("ada", Role::Maintainer).await;
    let new = NewService { name: "orders".parse().unwrap(), description: " Orders of the shop. ".into() };
    hub.services.create(&ada, new).await.unwrap();
    ada
}

async fn publish(
    hub: &TestDomain,
    caller: &Caller,
    document: Vec<u8>,
    label: Option<&str>,
) -> Result<Published, ApiError> {
    with_key(hub, caller, document, label, None).await
}

async fn with_key(
    hub: &TestDomain,
    caller: &Caller,
    document: Vec<u8>,
    label: Option<&str>,
    key: Option<&str>,
) -> Result<Published, ApiError> {
    let label = label.map(|label| label.parse().unwrap());
    let publish = Publish { document, label, idempotency_key: key.map(ToOwned::to_owned), policy: None };
    hub.versions.publish(caller, &"orders".parse().unwrap(), publish).await
}

async fn numbers(hub: &TestDomain, caller: &Caller) -> Vec<(u32, String)> {
    let page = hub.versions.list(caller, &"orders".parse().unwrap(), PageQuery::default()).await.unwrap();
    page.items.into_iter().map(|version| (version.number, version.label.to_string())).collect()
}

on_both! {
    async fn a_version_has_its_verdict_against_the_one_before(hub: TestDomain) {
        let ada = orders(&hub).await;
        let first = publish(&hub, &ada, contract("1.0.0", &["/orders", "/carts"]), None).await.unwrap();
        assert!(first.created);
        assert_eq!((first.version.number, first.version.label.as_str()), (1, "1.0.0"));
        assert_eq!(first.version.published_verdict, None);
        assert_eq!(first.version.author.as_str(), "ada");
        let second = publish(&hub, &ada, contract("2.0.0", &["/orders"]), None).await.unwrap().version;
        let verdict = second.published_verdict.clone().unwrap();
        assert_eq!((verdict.level, verdict.base.as_str()), (Level::Breaking, "1.0.0"));
        assert!(verdict.counts.breaking > 0);

        let service = hub.services.read(&ada, &"orders".parse().unwrap()).await.unwrap();
        assert_eq!(service.description, "Orders of the shop.");
        assert_eq!((service.versions, service.latest), (2, Some(second.clone())));
        let stored = hub.versions.read(&ada, &version_ref(&second.service, &second.label)).await.unwrap();
        assert_eq!(stored, second);
        let Caller::Known(shared::Actor { user: ada_id, .. }) = &ada else { panic!() };
        let last = hub.happened(2).await.remove(0);
        let label = second.label.clone();
        let subject = last.subject.unwrap();
        assert_eq!((subject.kind, subject.id), ("version".to_owned(), second.id.to_string()));
        assert_eq!(last.actor_id, Some(*ada_id));
        assert_eq!(last.kind, EventKind::VersionPublished { service: second.service, label, verdict: second.published_verdict });
    }

    async fn the_same_document_twice_is_done_once(hub: TestDomain) {
        let ada = orders(&hub).await;
        let document = contract("1.0.0", &["/orders"]);
        let first = publish(&hub, &ada, document.clone(), None).await.unwrap();
        let events = hub.bus.latest();
        for label in [None, Some("1.0.0"), Some("1.0.1")] {
            let again = publish(&hub, &ada, document.clone(), label).await.unwrap();
            assert_eq!((again.created, &again.version), (false, &first.version), "{label:?}");
        }
        assert_eq!(hub.bus.latest(), events);
        assert_eq!(numbers(&hub, &ada).await, [(1, "1.0.0".to_owned())]);
    }

    async fn a_label_belongs_to_one_document(hub: TestDomain) {
        let ada = orders(&hub).await;
        let (a, b) = (contract("1.0.0", &["/a"]), contract("2.0.0", &["/b"]));
        publish(&hub, &ada, a.clone(), None).await.unwrap();
        let taken = publish(&hub, &ada, contract("1.0.0", &["/c"]), None).await.unwrap_err();
        assert_eq!(taken.code, ErrorCode::LabelTaken);
        assert!(taken.field("label").unwrap().contains("1.0.0"));
        publish(&hub, &ada, b.clone(), None).await.unwrap();
        // Back to the first document: not under the old label, but under a new one.
        let back = publish(&hub, &ada, a.clone(), None).await.unwrap_err();
        assert!(back.code == ErrorCode::LabelTaken && back.message.contains("This very document"), "{back:?}");
        let third = publish(&hub, &ada, a.clone(), Some("3.0.0")).await.unwrap().version;
        assert_eq!((third.number, third.published_verdict.unwrap().base.as_str()), (3, "2.0.0"));
        // The latest document under a label of another one.
        assert_eq!(publish(&hub, &ada, a.clone(), Some("2.0.0")).await.unwrap_err().code, ErrorCode::LabelTaken);
        assert!(!publish(&hub, &ada, a, Some("1.0.0")).await.unwrap().created);
    }

    async fn eight_who_publish_at_once_each_get_a_number_and_the_right_base(hub: TestDomain) {
        let ada = orders(&hub).await;
        let other = hub.another().await;
        let publishing = (0..8).map(|n| {
            // From two servers, where the lock within one doesn't help.
            let versions = if n % 2 == 0 { hub.versions.clone() } else { other.versions.clone() };
            let ada = ada.clone();
            tokio::spawn(async move {
                let document = contract(&format!("{n}.0.0"), &[&format!("/path-{n}")]);
                let publish = Publish { document, ..Publish::default() };
                versions.publish(&ada, &"orders".parse().unwrap(), publish).await
            })
        });
        let outcomes = futures::future::join_all(publishing).await;
        let mut versions: Vec<_> = outcomes.into_iter().map(|done| done.unwrap().unwrap().version).collect();
        versions.sort_by_key(|version| version.number);
        assert_eq!(versions.iter().map(|v| v.number).collect::<Vec<_>>(), (1..=8).collect::<Vec<_>>());
        for pair in versions.windows(2) {
            assert_eq!(pair[1].published_verdict.as_ref().unwrap().base, pair[0].label);
        }
        // One for the service, one a version, in the order of the numbers.
        let events = hub.happened(1).await;
        let told: Vec<_> = events.into_iter().map(|event| match event.kind {
            EventKind::VersionPublished { label, .. } => label,
            other => panic!("{other:?}"),
        }).collect();
        assert_eq!(told, versions.into_iter().map(|version| version.label).collect::<Vec<_>>());
    }

    async fn of_eight_with_one_label_exactly_one_wins(hub: TestDomain) {
        let ada = orders(&hub).await;
        let publishing = (0..8).map(|n| publish(&hub, &ada, contract("1.0.0", &["/a", "/b"][..=n % 2]), None));
        let outcomes = futures::future::join_all(publishing).await;
        assert_eq!(outcomes.iter().filter(|done| done.as_ref().is_ok_and(|done| done.created)).count(), 1);
        // The others sent the winner's document or another one.
        let taken = outcomes.iter().filter(|done| matches!(done, Err(e) if e.code == ErrorCode::LabelTaken)).count();
        assert_eq!(taken, 4);
        assert_eq!(numbers(&hub, &ada).await.len(), 1);
    }

    async fn a_repeated_request_gets_its_first_answer(hub: TestDomain) {
        let ada = orders(&hub).await;
        let (a, b) = (contract("1.0.0", &["/a"]), contract("2.0.0", &["/b"]));
        let first = with_key(&hub, &ada, a.clone(), None, Some("k1")).await.unwrap();
        publish(&hub, &ada, b.clone(), None).await.unwrap();
        assert_eq!(with_key(&hub, &ada, a.clone(), None, Some("k1")).await.unwrap(), first);
        for (document, label) in [(b.clone(), None), (a.clone(), Some("9"))] {
            let other = with_key(&hub, &ada, document, label, Some("k1")).await.unwrap_err();
            assert_eq!(other.code, ErrorCode::IdempotencyMismatch);
        }
        // A no-op is an answer too, and keys are each user's own.
        assert!(!with_key(&hub, &ada, b.clone(), None, Some("k2")).await.unwrap().created);
        assert!(!with_key(&hub, &ada, b.clone(), None, Some("k2")).await.unwrap().created);
        let eve = hub.caller("eve", Role::Developer).await;
        assert!(!with_key(&hub, &eve, b, None, Some("k1")).await.unwrap().created);
        // After a day the key is forgotten, and the request is a new one.
        hub.clock.forward(Duration::from_secs(24 * 60 * 60 + 1));
        assert_eq!(with_key(&hub, &ada, a, None, Some("k1")).await.unwrap_err().code, ErrorCode::LabelTaken);
    }

    async fn one_key_sent_eight_times_at_once_is_one_version(hub: TestDomain) {
        let ada = orders(&hub).await;
        let other = hub.another().await;
        let sending = (0..8).map(|n| {
            let hub = if n % 2 == 0 { &hub } else { &other };
            with_key(hub, &ada, contract("1.0.0", &["/a"]), None, Some("same"))
        });
        let outcomes = futures::future::join_all(sending).await;
        let first = outcomes[0].as_ref().unwrap();
        for done in &outcomes {
            assert_eq!(done.as_ref().unwrap(), first);
        }
        assert!(first.created);
        assert_eq!(numbers(&hub, &ada).await.len(), 1);
    }

    async fn bad_requests_say_what_to_do(hub: TestDomain) {
        let ada = orders(&hub).await;
        let document = contract("1.0.0", &["/a"]);
        for key in ["", "a b", "é", &"x".repeat(256)] {
            let error = with_key(&hub, &ada, document.clone(), None, Some(key)).await.unwrap_err();
            assert_eq!(error.code, ErrorCode::BadRequest, "{key:?}");
        }
        let label = publish(&hub, &ada, contract("not a label", &["/a"]), None).await.unwrap_err();
        assert_eq!((label.code, label.field("label").is_some()), (ErrorCode::Invalid, true));
        assert!(label.message.contains("not a label"));
        assert!(publish(&hub, &ada, contract("not a label", &["/a"]), Some("1")).await.unwrap().created);
        for bytes in [&b"{"[..], b"", b"\xff\xfe\x00", b"swagger: '2.0'"] {
            let error = publish(&hub, &ada, bytes.to_vec(), None).await.unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidContract);
            assert!(!error.details.is_empty());
        }
        let (nowhere, publish) = ("nowhere".parse().unwrap(), Publish { document, ..Publish::default() });
        let nowhere = hub.versions.publish(&ada, &nowhere, publish);
        assert_eq!(nowhere.await.unwrap_err().code, ErrorCode::NotFound);
    }

    async fn roles_decide_who_does_what(hub: TestDomain) {
        orders(&hub).await;
        let viewer = hub.caller("vic", Role::Viewer).await;
        let developer = hub.caller("dan", Role::Developer).await;
        let refused = publish(&hub, &viewer, contract("1", &["/a"]), None).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Forbidden);
        let refused = publish(&hub, &Caller::Anonymous, contract("1", &["/a"]), None).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Unauthenticated);
        publish(&hub, &developer, contract("1", &["/a"]), None).await.unwrap();
        let new = NewService { name: "carts".parse().unwrap(), description: String::new() };
        let refused = hub.services.create(&developer, new).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Forbidden);
        assert_eq!(hub.services.list(&viewer, ServiceQuery::default()).await.unwrap().items.len(), 1);
    }

    async fn services_come_by_name_in_the_same_order_everywhere(hub: TestDomain) {
        let ada = hub.caller("ada", Role::Maintainer).await;
        for name in ["ordersb", "orders-api", "orders", "a1", "a-1", "z"] {
            let new = NewService { name: name.parse().unwrap(), description: String::new() };
            hub.services.create(&ada, new).await.unwrap();
        }
        let mut names = Vec::new();
        let mut query = ServiceQuery { limit: Some(4), ..ServiceQuery::default() };
        loop {
            let page = hub.services.list(&ada, query.clone()).await.unwrap();
            names.extend(page.items.into_iter().map(|service| service.name.to_string()));
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(names, ["a-1", "a1", "orders", "orders-api", "ordersb", "z"]);
        let nonsense = ServiceQuery { cursor: Some(shared::Cursor("§".into())), ..ServiceQuery::default() };
        assert!(hub.services.list(&ada, nonsense).await.is_err());
    }

    async fn a_version_reads_back_as_it_was_sent(hub: TestDomain) {
        let ada = orders(&hub).await;
        let document = contract("1.0.0", &["/orders", "/orders/{id}", "/carts"]);
        let version = publish(&hub, &ada, document.clone(), None).await.unwrap().version;
        // From a server that has nothing in memory.
        let other = hub.another().await;
        let (name, label) = (version.service, version.label);
        let source = other.versions.source(&ada, &version_ref(&name, &label)).await.unwrap();
        assert_eq!((source.bytes.as_ref(), &source.digest), (document.as_slice(), &version.digest));
        let lines = other.contracts.source_lines(&ada, &version_ref(&name, &label), 2, 2).await.unwrap();
        assert_eq!(lines.lines, ["info:", "  title: Orders"]);
        assert_eq!(other.contracts.outline(&ada, &version_ref(&name, &label)).await.unwrap().operations, 3);
        let query = ContractQuery { search: Some("ORDERS".into()), limit: Some(1), ..ContractQuery::default() };
        let first = other.contracts.operations(&ada, &version_ref(&name, &label), query.clone()).await.unwrap();
        assert_eq!(first.items[0].key.path, "/orders");
        let query = ContractQuery { cursor: first.next_cursor, ..query };
        let second = other.contracts.operations(&ada, &version_ref(&name, &label), query).await.unwrap();
        assert_eq!((second.items[0].key.path.as_str(), second.next_cursor), ("/orders/{id}", None));
        assert!(other.contracts.operation(&ada, &version_ref(&name, &label), &"GET /carts".parse().unwrap()).await.is_ok());
        let missing = other.contracts.operation(&ada, &version_ref(&name, &label), &"GET /x".parse().unwrap()).await.unwrap_err();
        assert_eq!(missing.code, ErrorCode::NotFound);
        let missing = other.versions.read(&ada, &version_ref(&name, &"9".parse().unwrap())).await.unwrap_err();
        assert_eq!((missing.code, missing.message.as_str()), (ErrorCode::NotFound, "There is no version 9 of orders."));
    }
}
