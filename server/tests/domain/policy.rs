use crate::{
    common::{TestDomain, comparison_ref, contract, version_ref},
    on_both,
};
use shared::{
    Comparisons as _, Contracts as _, ErrorCode, IfMatch, Level, Policies as _, Policy, Role, Services as _,
    Versions as _,
    accounts::Caller,
    comparisons::{Comparison, FindingQuery},
    events::EventKind,
    lint::LintQuery,
    names::{ServiceName, VersionLabel},
    services::NewService,
    versions::Publish,
};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Orders {
    hub: TestDomain,
    ada: Caller,
    name: ServiceName,
}

impl Orders {
    /// Two versions; the second one removes two operations of the first and adds one.
    async fn new(hub: TestDomain) -> Self {
        let ada = hub.caller("ada", Role::Maintainer).await;
        let orders = Self { hub, ada, name: "orders".parse().unwrap() };
        let new = NewService { name: orders.name.clone(), description: String::new() };
        orders.hub.services.create(&orders.ada, new).await.unwrap();
        orders.publish("1", &["/a", "/b"]).await;
        orders.publish("2", &["/c"]).await;
        orders
    }

    async fn publish(&self, version: &str, paths: &[&str]) {
        let publish = Publish { document: contract(version, paths), ..Publish::default() };
        self.hub.versions.publish(&self.ada, &self.name, publish).await.unwrap();
    }

    async fn set(&self, text: &str) -> Policy {
        self.hub.policies.set(&self.ada, &self.name, IfMatch::Any, text.to_owned()).await.unwrap()
    }

    async fn refused(&self, caller: &Caller, text: &str) -> shared::ApiError {
        self.hub.policies.set(caller, &self.name, IfMatch::Any, text.to_owned()).await.unwrap_err()
    }

    async fn compare(&self, base: &str, revision: &str) -> Comparison {
        let hub = &self.hub;
        hub.comparisons.read(&self.ada, &comparison_ref(&self.name, &label(base), &label(revision))).await.unwrap()
    }

    /// Breaking, risky and safe changes from 1 to 2, and those that are ignored.
    async fn counts(&self) -> [u32; 4] {
        let Comparison { counts, ignored_count, .. } = self.compare("1", "2").await;
        [counts.breaking, counts.risky, counts.safe, ignored_count]
    }

    /// The rule, the engine's level where it is another, and the reason, of each finding.
    async fn findings(&self, query: FindingQuery) -> Vec<(Level, Option<Level>, Option<String>)> {
        let hub = &self.hub;
        let page = hub
            .comparisons
            .findings(&self.ada, &comparison_ref(&self.name, &label("1"), &label("2")), query)
            .await
            .unwrap();
        let told = |it: shared::Finding| (it.level, it.engine_level, it.ignored.map(|why| why.to_string()));
        page.items.into_iter().map(told).collect()
    }

    async fn score(&self) -> (u32, u32) {
        let score = self.hub.contracts.lint(&self.ada, &version_ref(&self.name, &label("2"))).await.unwrap();
        (score.score, score.ignored_count)
    }

    /// Today's date, `days` later.
    fn day(&self, days: i64) -> String {
        let now = self.hub.clock.clock().now().0.div_euclid(1000);
        contract::Date::from_unix_seconds(now + days * 24 * 60 * 60).to_string()
    }
}

fn label(text: &str) -> VersionLabel {
    text.parse().unwrap()
}

const REMOVED: &str = "[[ignore]]\nrule = 'operation-removed'\noperation = 'GET /a'\nreason = 'nobody calls it'\n";

on_both! {
    async fn versions_are_judged_by_the_policy_that_was_sent_last(hub: TestDomain) {
        let orders = Orders::new(hub).await;
        assert_eq!(orders.counts().await, [2, 0, 1, 0]);
        orders.set(&format!("[rules]\noperation-added = 'risky'\n{REMOVED}")).await;
        assert_eq!(orders.counts().await, [1, 1, 0, 1]);
        let all = orders.findings(FindingQuery::default()).await;
        assert_eq!(all, [(Level::Breaking, None, None), (Level::Risky, Some(Level::Safe), None)]);
        let ignored = FindingQuery { ignored: true, ..FindingQuery::default() };
        let why = Some("nobody calls it".to_owned());
        assert_eq!(orders.findings(ignored.clone()).await, [(Level::Breaking, None, why)]);
        let breaking = FindingQuery { level: Some(Level::Breaking), ..FindingQuery::default() };
        assert_eq!(orders.findings(breaking).await.len(), 1);
        // The way back is judged, too: by its own findings.
        assert_eq!(orders.compare("2", "1").await.counts.risky, 2);
        // What a version was published with stays what it was; the next one is published by the policy.
        let version = orders.hub.versions.read(&orders.ada, &version_ref(&orders.name, &label("2"))).await.unwrap();
        assert_eq!(version.published_verdict.unwrap().counts.breaking, 2);
        orders.publish("3", &["/c", "/d"]).await;
        let version = orders.hub.versions.read(&orders.ada, &version_ref(&orders.name, &label("3"))).await.unwrap();
        assert_eq!(version.published_verdict.unwrap().level, Level::Risky);
        // Without the policy everything is as before.
        orders.set("").await;
        assert_eq!(orders.counts().await, [2, 0, 1, 0]);
        assert!(orders.findings(ignored).await.is_empty());
    }

    async fn an_ignore_ends_with_its_last_day(hub: TestDomain) {
        let orders = Orders::new(hub).await;
        let sent = orders.set(&format!("{REMOVED}expires = {}\n", orders.day(1))).await;
        assert!(sent.notes.is_empty());
        assert_eq!(orders.counts().await, [1, 0, 1, 1]);
        orders.hub.clock.forward(DAY);
        assert_eq!(orders.counts().await, [1, 0, 1, 1]);
        orders.hub.clock.forward(DAY);
        assert_eq!(orders.counts().await, [2, 0, 1, 0]);
        let policy = orders.hub.policies.read(&orders.ada, &orders.name).await.unwrap().unwrap();
        assert_eq!(policy.notes.len(), 1);
        assert_eq!(policy.notes[0].line, 1);
        assert!(policy.notes[0].message.contains("ended"), "{:?}", policy.notes);
    }

    async fn a_sunset_is_judged_on_the_day_when_the_change_came_out(hub: TestDomain) {
        let orders = Orders::new(hub).await;
        let publish = async |version: &str, paths: &str| {
            let text = format!("openapi: 3.1.0\ninfo: {{title: a, version: '{version}'}}\npaths: {paths}\n");
            let publish = Publish { document: text.into_bytes(), ..Publish::default() };
            orders.hub.versions.publish(&orders.ada, &orders.name, publish).await.unwrap()
        };
        let old = format!("{{/a: {{get: {{deprecated: true, x-sunset: {}, responses: {{}}}}}}}}", orders.day(5));
        publish("3", &old).await;
        let early = publish("4", "{}").await.version.published_verdict.unwrap();
        assert_eq!(early.level, Level::Breaking);
        orders.hub.clock.forward(10 * DAY);
        // Whatever has it judged again, the clients of that day were hurt.
        orders.set(REMOVED.replace("/a", "/other").as_str()).await;
        assert_eq!(orders.compare("3", "4").await.counts, early.counts);
        publish("5", &old).await;
        assert_eq!(publish("6", "{}").await.version.published_verdict.unwrap().level, Level::Safe, "its day has come");
    }

    async fn lint_is_judged_by_it_too(hub: TestDomain) {
        let orders = Orders::new(hub).await;
        let (before, none) = orders.score().await;
        assert_eq!(none, 0);
        let (two, all) = (label("2"), LintQuery::default());
        let all = orders.hub.contracts.lint_findings(&orders.ada, &version_ref(&orders.name, &two), all).await.unwrap();
        let worst = &all.items[0];
        orders.set(&format!("[rules]\n{} = 'off'\n", worst.rule)).await;
        let (after, ignored) = orders.score().await;
        assert!(after > before && ignored > 0, "{before} {after} {ignored}");
        let query = LintQuery { ignored: true, ..LintQuery::default() };
        let found = orders.hub.contracts.lint_findings(&orders.ada, &version_ref(&orders.name, &two), query).await.unwrap();
        assert_eq!(found.items[0].rule, worst.rule);
        assert_eq!(found.items[0].ignored.as_ref().unwrap().reason, "the rule is off");
        // A policy that says nothing of lint judges it as none does.
        orders.set(REMOVED).await;
        assert_eq!(orders.score().await, (before, 0));
    }

    async fn what_makes_no_sense_is_refused_with_its_line(hub: TestDomain) {
        let orders = Orders::new(hub).await;
        let error = orders.refused(&orders.ada, "[rules]\n\nno-such = 'off'\n").await;
        assert_eq!((error.code, error.details[0].line), (ErrorCode::Invalid, Some(3)));
        assert!(error.message.contains("no-such"), "{error:?}");
        let many = REMOVED.repeat(contract::Policy::MAX_IGNORES + 1);
        assert_eq!(orders.refused(&orders.ada, &many).await.code, ErrorCode::Invalid);
        let large = format!("# {}\n", "x".repeat(Policy::MAX_BYTES));
        assert_eq!(orders.refused(&orders.ada, &large).await.code, ErrorCode::Invalid);
        let long = REMOVED.replace("nobody", &"x".repeat(600));
        assert_eq!(orders.refused(&orders.ada, &long).await.code, ErrorCode::Invalid);
        let viewer = orders.hub.caller("vic", Role::Viewer).await;
        assert_eq!(orders.refused(&viewer, REMOVED).await.code, ErrorCode::Forbidden);
        assert_eq!(orders.refused(&Caller::Anonymous, REMOVED).await.code, ErrorCode::Unauthenticated);
        assert_eq!(orders.hub.policies.read(&viewer, &orders.name).await.unwrap(), None);
        let elsewhere = "nowhere".parse().unwrap();
        let missing = orders.hub.policies.read(&viewer, &elsewhere).await.unwrap_err();
        assert_eq!(missing.code, ErrorCode::NotFound);
    }

    async fn the_same_policy_again_is_no_news(hub: TestDomain) {
        use shared::{Events as _, PageQuery};
        let orders = Orders::new(hub).await;
        let first = orders.set(REMOVED).await;
        orders.hub.clock.forward(DAY);
        assert_eq!(orders.set(REMOVED).await, first);
        orders.set("").await;
        let events = orders.hub.events.events(&orders.ada, PageQuery::default()).await.unwrap().items;
        let changes = events.iter().filter(|event| matches!(event.kind, EventKind::PolicyChanged { .. }));
        assert_eq!(changes.count(), 2);
    }

    async fn nothing_is_judged_without_a_policy_that_cannot_be_read(hub: TestDomain) {
        let orders = Orders::new(hub).await;
        // It made a risky change breaking: judged without it, the gate would be open.
        orders.set("[rules]\noperation-added = 'breaking'\n").await;
        assert_eq!(orders.counts().await, [3, 0, 0, 0]);
        orders.hub.sql("UPDATE policies SET text = '[rules]\nno-such = ''off''\n', digest = 'x'").await;
        let hub = &orders.hub;
        let refused = |error: shared::ApiError| {
            assert_eq!((error.code, error.details[0].field.as_str()), (ErrorCode::Invalid, "policy"), "{error:?}");
            assert!(error.message.contains("no-such") && error.message.contains("send the policy again"), "{error:?}");
        };
        refused(hub.comparisons.read(&orders.ada, &comparison_ref(&orders.name, &label("1"), &label("2"))).await.unwrap_err());
        refused(hub.contracts.lint(&orders.ada, &version_ref(&orders.name, &label("2"))).await.unwrap_err());
        let publish = Publish { document: contract("3", &["/d"]), ..Publish::default() };
        refused(hub.versions.publish(&orders.ada, &orders.name, publish.clone()).await.unwrap_err());
        let policy = hub.policies.read(&orders.ada, &orders.name).await.unwrap().unwrap();
        assert_eq!(policy.notes[0].line, 2);
        assert!(policy.notes[0].message.contains("no-such"), "{:?}", policy.notes);
        // The way out: a policy that comes along.
        let with_policy = Publish { policy: Some(String::new()), ..publish };
        hub.versions.publish(&orders.ada, &orders.name, with_policy).await.unwrap();
        assert_eq!(orders.counts().await, [2, 0, 1, 0]);
    }

    async fn a_repeated_request_puts_no_policy_back_in_force(hub: TestDomain) {
        use shared::{Events as _, PageQuery};
        let orders = Orders::new(hub).await;
        let publish = async |key: &str, paths: &[&str]| {
            let publish = Publish {
                document: contract("3", paths),
                policy: Some(REMOVED.to_owned()),
                idempotency_key: Some(key.to_owned()),
                ..Publish::default()
            };
            orders.hub.versions.publish(&orders.ada, &orders.name, publish).await.unwrap()
        };
        let in_force = async || orders.hub.policies.read(&orders.ada, &orders.name).await.unwrap().unwrap().text;
        let changes = async || {
            let events = orders.hub.events.events(&orders.ada, PageQuery::default()).await.unwrap().items;
            events.iter().filter(|event| matches!(event.kind, EventKind::PolicyChanged { .. })).count()
        };
        assert!(publish("first", &["/x"]).await.created);
        assert_eq!((in_force().await.as_str(), changes().await), (REMOVED, 1));
        orders.set("").await;
        assert!(publish("first", &["/x"]).await.created, "the first answer again");
        assert_eq!((in_force().await.as_str(), changes().await), ("", 2));
        // Another request with the document in force does put its policy in force, and once.
        assert!(!publish("second", &["/x"]).await.created);
        assert_eq!((in_force().await.as_str(), changes().await), (REMOVED, 3));
        orders.set("").await;
        assert!(!publish("second", &["/x"]).await.created);
        assert_eq!((in_force().await.as_str(), changes().await), ("", 4));
    }

    async fn a_list_that_was_judged_anew_is_read_from_its_beginning(hub: TestDomain) {
        let orders = Orders::new(hub).await;
        let two = FindingQuery { limit: Some(1), ..FindingQuery::default() };
        let read = async |cursor| {
            let query = FindingQuery { cursor, ..two.clone() };
            orders.hub.comparisons.findings(&orders.ada, &comparison_ref(&orders.name, &label("1"), &label("2")), query).await
        };
        let first = read(None).await.unwrap();
        assert_eq!(read(first.next_cursor.clone()).await.unwrap().items.len(), 1);
        orders.set(REMOVED).await;
        assert_eq!(orders.counts().await, [1, 0, 1, 1]);
        assert_eq!(read(first.next_cursor).await.unwrap_err().code, ErrorCode::Conflict);
        // Back and forth: what was kept of each is made again.
        orders.set("").await;
        assert_eq!(orders.counts().await, [2, 0, 1, 0]);
        assert_eq!(orders.findings(FindingQuery::default()).await.len(), 3);
        orders.set(REMOVED).await;
        assert_eq!(orders.findings(FindingQuery::default()).await.len(), 2);
    }

    async fn a_policy_comes_with_its_version_or_not_at_all(hub: TestDomain) {
        let orders = Orders::new(hub).await;
        let publish = async |document: Vec<u8>, policy: &str| {
            let publish = Publish { document, policy: Some(policy.to_owned()), ..Publish::default() };
            orders.hub.versions.publish(&orders.ada, &orders.name, publish).await
        };
        let counts = |it: shared::versions::Published| it.verdict.map(|it| (it.counts.breaking, it.ignored_count));
        // What can't be published changes nothing.
        let taken = publish(contract("2", &["/other"]), REMOVED).await.unwrap_err();
        assert_eq!(taken.code, ErrorCode::LabelTaken);
        let broken = publish(b"paths: [".to_vec(), REMOVED).await.unwrap_err();
        assert_eq!(broken.code, ErrorCode::InvalidContract);
        assert_eq!(orders.hub.policies.read(&orders.ada, &orders.name).await.unwrap(), None);
        let unknown = publish(contract("3", &["/c"]), "[rules]\nno-such = 'off'\n").await.unwrap_err();
        assert_eq!((unknown.code, unknown.details[0].line), (ErrorCode::Invalid, Some(2)));
        // The document in force again, by a policy.
        let again = publish(contract("2", &["/c"]), REMOVED).await.unwrap();
        assert_eq!((again.created, again.version.published_verdict.as_ref().unwrap().counts.breaking), (false, 2));
        assert_eq!(counts(again), Some((1, 1)));
        assert_eq!(orders.counts().await, [1, 0, 1, 1]);
        // A new one, judged by what it brings from the first moment on.
        let new = publish(contract("3", &["/a"]), "[rules]\noperation-removed = 'risky'\n").await.unwrap();
        assert_eq!((new.created, new.version.published_verdict.as_ref().unwrap().level), (true, Level::Risky));
        assert_eq!(counts(new), Some((0, 0)));
    }

    async fn another_policy_costs_no_comparison(hub: TestDomain) {
        let orders = Orders::new(hub).await;
        // Neither in memory nor to be read: whatever takes the documents fails.
        orders.hub.sql("UPDATE documents SET coding = 'lost'").await;
        let other = Orders { hub: orders.hub.another().await, ada: orders.ada.clone(), name: orders.name.clone() };
        for (policy, counts) in [
            (REMOVED.to_owned(), [1, 0, 1, 1]),
            ("[rules]\noperation-removed = 'off'\n".to_owned(), [0, 0, 1, 2]),
            ("[rules]\noperation-removed = 'risky'\noperation-added = 'risky'\n".to_owned(), [0, 3, 0, 0]),
            (String::new(), [2, 0, 1, 0]),
        ] {
            other.set(&policy).await;
            assert_eq!(other.counts().await, counts, "{policy}");
        }
    }

    async fn what_a_policy_raises_to_breaking_is_shown_or_says_why_not(hub: TestDomain) {
        let orders = Orders::new(hub).await;
        let publish = async |version: &str, values: &str| {
            let schema = format!("{{type: string, enum: [{values}]}}");
            let ok = format!("{{'200': {{description: ok, content: {{application/json: {{schema: {schema}}}}}}}}}");
            let text = format!(
                "openapi: 3.1.0\ninfo: {{title: a, version: '{version}'}}\npaths: {{/a: {{get: {{responses: {ok}}}}}}}\n"
            );
            let publish = Publish { document: text.into_bytes(), ..Publish::default() };
            orders.hub.versions.publish(&orders.ada, &orders.name, publish).await.unwrap();
        };
        publish("3", "x").await;
        publish("4", "x, y").await;
        let pair = comparison_ref(&orders.name, &label("3"), &label("4"));
        let only = async |hub: &TestDomain| {
            let page = hub.comparisons.findings(&orders.ada, &pair, FindingQuery::default()).await.unwrap();
            assert_eq!(page.items.len(), 1);
            page.items.into_iter().next().unwrap()
        };
        assert_eq!(only(&orders.hub).await.witness, None);
        orders.set("[rules]\nresponse-value-added = 'breaking'\n").await;
        // From what is stored, and from what is in memory.
        for hub in [&orders.hub.another().await, &orders.hub] {
            let raised = only(hub).await;
            assert_eq!((raised.level, raised.engine_level), (Level::Breaking, Some(Level::Risky)));
            assert_eq!(raised.witness.unwrap().body.as_deref(), Some("\"y\""));
        }
    }
}
