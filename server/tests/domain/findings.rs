use crate::{
    common::{TestDomain, comparison_ref, contract},
    on_both,
};
use shared::{
    Comparisons as _, Finding, IfMatch, Level, Policies as _, Role, Services as _, Versions as _,
    accounts::Caller,
    comparisons::FindingQuery,
    names::{ServiceName, VersionLabel},
    services::NewService,
    versions::Publish,
};

struct Orders {
    hub: TestDomain,
    caller: Caller,
    name: ServiceName,
}

impl Orders {
    async fn new(hub: TestDomain, versions: &[&[&str]]) -> Self {
        let caller = hub.caller("ada", Role::Maintainer).await;
        let name: ServiceName = "orders".parse().unwrap();
        let new = NewService { name: name.clone(), description: String::new() };
        hub.services.create(&caller, new).await.unwrap();
        for (n, paths) in versions.iter().enumerate() {
            let document = contract(&(n + 1).to_string(), paths);
            let publish = Publish { document, ..Publish::default() };
            hub.versions.publish(&caller, &name, publish).await.unwrap();
        }
        Self { hub, caller, name }
    }

    async fn all(&self, base: u32, revision: u32, mut query: FindingQuery) -> Vec<Finding> {
        let (base, revision) = (label(base), label(revision));
        let mut found = Vec::new();
        loop {
            let hub = &self.hub;
            let page = hub
                .comparisons
                .findings(&self.caller, &comparison_ref(&self.name, &base, &revision), query.clone())
                .await
                .unwrap();
            found.extend(page.items);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                return found;
            }
        }
    }

    async fn search(&self, text: &str) -> Vec<String> {
        let query = FindingQuery { search: Some(text.into()), ..FindingQuery::default() };
        self.all(1, 2, query).await.into_iter().map(|finding| finding.operation.unwrap().path).collect()
    }
}

fn label(n: u32) -> VersionLabel {
    n.to_string().parse().unwrap()
}

on_both! {
    async fn findings_are_paged_worst_first(hub: TestDomain) {
        let removed: Vec<String> = (0..1_234).map(|n| format!("/old-{n}")).collect();
        let added: Vec<String> = (0..7).map(|n| format!("/new-{n}")).collect();
        let (removed, added): (Vec<_>, Vec<_>) =
            (removed.iter().map(String::as_str).collect(), added.iter().map(String::as_str).collect());
        let orders = Orders::new(hub, &[&removed, &added]).await;
        let all = orders.all(1, 2, FindingQuery { limit: Some(200), ..FindingQuery::default() }).await;
        let comparison = orders.hub.comparisons.read(&orders.caller, &comparison_ref(&orders.name, &label(1), &label(2))).await.unwrap();
        assert_eq!(comparison.level, Level::Breaking);
        assert_eq!(comparison.counts.total() as usize, all.len());
        assert_eq!(comparison.counts.breaking, 1_234);
        // All of both, of which no version has as many.
        assert_eq!((comparison.operations_touched, comparison.operations_total), (1_241, 1_241));
        assert!(all.is_sorted_by(|a, b| a.level >= b.level));
        let safe = FindingQuery { level: Some(Level::Safe), limit: Some(3), ..FindingQuery::default() };
        let safe = orders.all(1, 2, safe).await;
        assert_eq!(safe.len(), comparison.counts.safe as usize);
        assert!(safe.len() >= 7 && safe.iter().all(|finding| finding.level == Level::Safe));
    }

    async fn a_search_takes_every_character_as_it_is(hub: TestDomain) {
        let orders = Orders::new(hub, &[&["/a_b", "/axb", "/100%", "/1000", "/Ünï", "/wow!"], &["/x"]]).await;
        assert_eq!(orders.search("/a_b").await, ["/a_b"]);
        assert_eq!(orders.search("/100%").await, ["/100%"]);
        assert_eq!(orders.search("/WOW!").await, ["/wow!"]);
        assert_eq!(orders.search("get /üNÏ").await, ["/Ünï"]);
        assert_eq!(orders.search("nothing\0like it").await, Vec::<String>::new());
        assert_eq!(orders.search("  ").await.len(), 7);
    }

    async fn a_search_finds_by_fingerprint_and_subject(hub: TestDomain) {
        let orders = Orders::new(hub, &[&["/a", "/b"], &["/c"]]).await;
        let all = orders.all(1, 2, FindingQuery::default()).await;
        let removed = all.iter().find(|finding| finding.operation.as_ref().unwrap().path == "/a").unwrap();
        assert_eq!(orders.search(&removed.fingerprint).await, ["/a"]);
        assert_eq!(orders.search("operation-added").await, ["/c"]);
        assert!(all.iter().all(|finding| finding.fingerprint.len() == 32));
    }

    async fn any_two_versions_compare_once_whoever_asks(hub: TestDomain) {
        let orders = Orders::new(hub, &[&["/a"], &["/a", "/b"], &["/b"]]).await;
        let other = orders.hub.another().await;
        let (one, three) = (label(1), label(3));
        let pair = comparison_ref(&orders.name, &one, &three);
        let asking = (0..8).map(|n| {
            let hub = if n % 2 == 0 { &orders.hub } else { &other };
            hub.comparisons.read(&orders.caller, &pair)
        });
        let outcomes = futures::future::join_all(asking).await;
        let first = outcomes[0].as_ref().unwrap();
        assert_eq!((first.level, first.operations_touched), (Level::Breaking, 2));
        assert!(outcomes.iter().all(|outcome| outcome.as_ref().unwrap() == first));
        assert_eq!(orders.all(1, 3, FindingQuery::default()).await.len(), first.counts.total() as usize);
        // The other way round, and with itself.
        assert_eq!(orders.all(2, 1, FindingQuery::default()).await[0].level, Level::Breaking);
        assert_eq!(orders.all(2, 2, FindingQuery::default()).await, []);
    }

    async fn services_with_the_same_documents_do_not_disturb_each_other(hub: TestDomain) {
        let orders = Orders::new(hub, &[&["/a", "/b"], &["/c"]]).await;
        let twin: ServiceName = "twin".parse().unwrap();
        let new = NewService { name: twin.clone(), description: String::new() };
        orders.hub.services.create(&orders.caller, new).await.unwrap();
        for (version, paths) in [("1", &["/a", "/b"][..]), ("2", &["/c"])] {
            let publish = Publish { document: contract(version, paths), ..Publish::default() };
            orders.hub.versions.publish(&orders.caller, &twin, publish).await.unwrap();
        }
        let policy = "[[ignore]]\nrule = 'operation-removed'\noperation = 'GET /a'\nreason = 'unused'\n";
        orders.hub.policies.set(&orders.caller, &twin, IfMatch::Any, policy.to_owned()).await.unwrap();
        // Pages of both, in turns, each from another server, which has nothing of it in memory yet.
        let page = async |service: &ServiceName, cursor| {
            let other = orders.hub.another().await;
            let query = FindingQuery { limit: Some(1), cursor, ..FindingQuery::default() };
            other.comparisons.findings(&orders.caller, &comparison_ref(service, &label(1), &label(2)), query).await.unwrap()
        };
        let mut seen = [0, 0];
        let mut cursors = [None, None];
        for turn in 0..6 {
            let which = turn % 2;
            let service = if which == 0 { &orders.name } else { &twin };
            if turn > 1 && cursors[which].is_none() {
                continue;
            }
            let found = page(service, cursors[which].take()).await;
            seen[which] += found.items.len();
            cursors[which] = found.next_cursor;
        }
        assert_eq!(seen, [3, 2]);
    }

    async fn reading_stores_nothing(hub: TestDomain) {
        let orders = Orders::new(hub, &[&["/a"], &["/b"], &["/c"], &["/d"]]).await;
        let stored = async || {
            let mut connection = orders.hub.store.read().await.unwrap();
            sqlx::query_scalar::<_, i64>("SELECT count(*) FROM comparisons").fetch_one(&mut *connection).await.unwrap()
        };
        assert_eq!(stored().await, 3, "publishing stores what it has compared");
        orders.hub.sql("DELETE FROM comparisons").await;
        let other = orders.hub.another().await;
        for (base, revision) in (1..=4).flat_map(|base| (1..=4).map(move |revision| (base, revision))) {
            let pair = comparison_ref(&orders.name, &label(base), &label(revision));
            let page = other.comparisons.findings(&orders.caller, &pair, FindingQuery::default()).await.unwrap();
            assert_eq!(page.items.is_empty(), base == revision);
        }
        assert_eq!(stored().await, 0);
    }

    async fn a_pair_of_documents_is_stored_once(hub: TestDomain) {
        let orders = Orders::new(hub, &[&["/a"], &["/b"]]).await;
        let twin: ServiceName = "twin".parse().unwrap();
        let new = NewService { name: twin.clone(), description: String::new() };
        orders.hub.services.create(&orders.caller, new).await.unwrap();
        let policy = "[rules]\noperation-removed = 'risky'\n".to_owned();
        orders.hub.policies.set(&orders.caller, &twin, IfMatch::Any, policy).await.unwrap();
        for (version, path) in [("1", "/a"), ("2", "/b")] {
            let publish = Publish { document: contract(version, &[path]), ..Publish::default() };
            orders.hub.versions.publish(&orders.caller, &twin, publish).await.unwrap();
        }
        let mut connection = orders.hub.store.read().await.unwrap();
        let stored: i64 =
            sqlx::query_scalar("SELECT count(*) FROM comparisons").fetch_one(&mut *connection).await.unwrap();
        assert_eq!(stored, 1);
    }
}
