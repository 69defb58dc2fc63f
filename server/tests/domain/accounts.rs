use crate::{
    common::{PASSWORD, SET_UP_CODE, TestDomain, as_caller, captured_log},
    on_both,
};
use server::accounts::{self, ACCESS_COOKIE, AccountsService, Authenticated, REFRESH_COOKIE};
use shared::{
    Accounts, ErrorCode, PageQuery, Role, Services as _, Timestamp,
    accounts::{Caller, NewApiToken, Permission, Scope, SetCookies, SetUp, SignIn, Visitor},
    services::ServiceQuery,
};
use std::time::Duration;

/// A browser's cookies.
#[derive(Clone, Default, Debug)]
struct Jar(Vec<(String, String)>);

impl Jar {
    fn take(&mut self, set: &SetCookies) {
        for cookie in &set.0 {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.0.retain(|(known, _)| known != name);
            if !rest.contains("Max-Age=0") {
                self.0.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    fn of(set: &SetCookies) -> Self {
        let mut jar = Self::default();
        jar.take(set);
        jar
    }

    /// What the browser still sends once the short-lived cookie has run out.
    fn refresh_only(&self) -> Self {
        Self(self.0.iter().filter(|(name, _)| name == REFRESH_COOKIE).cloned().collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn header(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

fn sign_in(email: &str, password: &str) -> SignIn {
    SignIn { email: email.into(), password: password.into() }
}

async fn signed_in(hub: &TestDomain) -> Jar {
    hub.user("ada", Role::Developer).await;
    let (user, cookies) =
        hub.accounts.sign_in(&Visitor::default(), sign_in(" Ada@Example.org", PASSWORD)).await.unwrap();
    assert_eq!(user.email.as_str(), "ada@example.org");
    Jar::of(&cookies)
}

/// A whole request: who it comes from, and the cookies of its answer.
async fn ask(hub: &TestDomain, jar: &Jar) -> Authenticated {
    let begun = begin(hub, jar).await;
    end(hub, begun).await
}

async fn begin(hub: &TestDomain, jar: &Jar) -> Authenticated {
    hub.accounts.authenticate(Some(&jar.header()), None).await.unwrap()
}

async fn end(hub: &TestDomain, mut begun: Authenticated) -> Authenticated {
    if let Some(renewal) = &begun.renewal {
        begun.set_cookies = hub.accounts.exchange(renewal).await.unwrap();
    }
    begun
}

fn is_known(caller: &Caller) -> bool {
    matches!(caller, Caller::Known(_))
}

/// Waits until the last use of somebody's newest token is noted, which happens beside the request.
async fn last_use(hub: &TestDomain, owner: &Caller, good: impl Fn(Timestamp) -> bool) -> Timestamp {
    let noted = async {
        loop {
            let listed = hub.accounts.api_tokens(owner, PageQuery::default()).await.unwrap().items;
            if let Some(at) = listed[0].last_used_at.filter(|at| good(*at)) {
                break at;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), noted).await.expect("the use is noted")
}

fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

on_both! {
    async fn of_many_who_set_up_at_once_exactly_one_becomes_admin(hub: TestDomain) {
        assert!(hub.accounts.needs_set_up().await.unwrap());
        let tries = (0..6).map(|n| {
            let accounts = hub.accounts.clone();
            tokio::spawn(async move {
                let email = format!("admin{n}@example.org").parse().unwrap();
                let (display_name, password) = ("Admin".parse().unwrap(), PASSWORD.parse().unwrap());
                let admin = SetUp { email, display_name, password, code: SET_UP_CODE.into() };
                accounts.set_up(&Visitor::default(), admin).await
            })
        });
        let outcomes = futures::future::join_all(tries).await;
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().map(Result::unwrap).partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        let (user, cookies) = won.into_iter().next().unwrap().unwrap();
        assert_eq!(user.role, Role::Admin);
        assert!(lost.into_iter().all(|e| e.unwrap_err().code == ErrorCode::AlreadySetUp));
        assert!(!hub.accounts.needs_set_up().await.unwrap());
        let authenticated = ask(&hub, &Jar::of(&cookies)).await;
        assert_eq!(hub.accounts.me(&authenticated.caller).await.unwrap(), user);
    }

    async fn wrong_credentials_are_alike_for_anybody(hub: TestDomain) {
        hub.user("ada", Role::Viewer).await;
        for (email, password) in [
            ("ada@example.org", "wrong horse battery"),
            ("nobody@example.org", PASSWORD),
            ("not an address", PASSWORD),
            ("a\0b@example.org", PASSWORD),
        ] {
            let error = hub.accounts.sign_in(&Visitor::default(), sign_in(email, password)).await.unwrap_err();
            assert_eq!(error.code, ErrorCode::WrongCredentials, "{email}");
            assert!(error.details.is_empty());
        }
    }

    async fn an_address_has_one_account(hub: TestDomain) {
        hub.user("ada", Role::Viewer).await;
        let again = hub
            .accounts
            .create_user("ADA@example.org".parse().unwrap(), "Ada".parse().unwrap(), PASSWORD.parse().unwrap(), Role::Admin)
            .await
            .unwrap_err();
        assert_eq!((again.code, again.field("email").is_some()), (ErrorCode::NameTaken, true));
    }

    async fn an_access_token_serves_until_it_expires_and_then_refreshes_in_line(hub: TestDomain) {
        let mut jar = signed_in(&hub).await;
        let first = ask(&hub, &jar).await;
        assert!(is_known(&first.caller));
        assert!(first.set_cookies.0.is_empty());
        hub.clock.forward(minutes(11));
        let refreshed = ask(&hub, &jar).await;
        assert_eq!(refreshed.caller, first.caller);
        let before = jar.clone();
        jar.take(&refreshed.set_cookies);
        assert_ne!(before.get(REFRESH_COOKIE), jar.get(REFRESH_COOKIE));
        assert_ne!(before.get(ACCESS_COOKIE), jar.get(ACCESS_COOKIE));
        assert!(ask(&hub, &jar).await.set_cookies.0.is_empty());
    }

    async fn a_used_refresh_token_ends_the_family(hub: TestDomain) {
        let stolen = signed_in(&hub).await.refresh_only();
        let mut jar = stolen.clone();
        jar.take(&ask(&hub, &jar).await.set_cookies);
        hub.clock.forward(Duration::from_secs(11));
        assert!(is_known(&ask(&hub, &jar).await.caller));
        let thief = ask(&hub, &stolen).await;
        assert_eq!(thief.caller, Caller::Anonymous);
        assert_eq!(thief.set_cookies.0.len(), 2);
        // The owner's tokens, both kinds, are worth nothing from now on either.
        assert_eq!(ask(&hub, &jar).await.caller, Caller::Anonymous);
        assert_eq!(ask(&hub, &jar.refresh_only()).await.caller, Caller::Anonymous);
    }

    async fn tabs_that_race_get_the_same_successor(hub: TestDomain) {
        let jar = signed_in(&hub).await.refresh_only();
        let tabs = (0..8).map(|_| {
            let (accounts, header) = (hub.accounts.clone(), jar.header());
            tokio::spawn(async move {
                let mut tab = accounts.authenticate(Some(&header), None).await.unwrap();
                tab.set_cookies = accounts.exchange(&tab.renewal.clone().unwrap()).await.unwrap();
                tab
            })
        });
        let answers: Vec<_> = futures::future::join_all(tabs).await.into_iter().map(Result::unwrap).collect();
        assert!(answers.iter().all(|answer| is_known(&answer.caller)));
        let successors: std::collections::HashSet<_> =
            answers.iter().map(|a| Jar::of(&a.set_cookies).get(REFRESH_COOKIE).unwrap().to_owned()).collect();
        assert_eq!(successors.len(), 1);
        // A latecomer within the grace as well; and the chain goes on from there.
        hub.clock.forward(Duration::from_secs(9));
        let late = Jar::of(&ask(&hub, &jar).await.set_cookies).refresh_only();
        hub.clock.forward(minutes(11));
        assert!(is_known(&ask(&hub, &late).await.caller));
    }

    async fn a_used_token_is_a_theft_once_its_successor_was_used_within_the_grace_too(hub: TestDomain) {
        let stolen = signed_in(&hub).await.refresh_only();
        let mut jar = stolen.clone();
        for _ in 0..2 {
            hub.clock.forward(Duration::from_secs(2));
            jar.take(&ask(&hub, &jar.refresh_only()).await.set_cookies);
        }
        hub.clock.forward(Duration::from_secs(2));
        assert_eq!(ask(&hub, &stolen).await.caller, Caller::Anonymous);
        assert_eq!(ask(&hub, &jar).await.caller, Caller::Anonymous, "noticed: the session is over for both");
    }

    async fn a_slow_request_needs_no_long_grace(hub: TestDomain) {
        let mut jar = signed_in(&hub).await.refresh_only();
        // One tab publishes for two minutes, while others go on.
        let slow = begin(&hub, &jar).await;
        hub.clock.forward(Duration::from_secs(5));
        let before = jar.clone();
        jar.take(&ask(&hub, &jar).await.set_cookies);
        hub.clock.forward(Duration::from_secs(115));
        assert!(is_known(&slow.caller));
        assert!(end(&hub, slow).await.set_cookies.0.is_empty(), "the browser has newer ones");
        assert!(is_known(&ask(&hub, &jar.refresh_only()).await.caller), "and nobody was taken for a thief");
        assert_eq!(ask(&hub, &before).await.caller, Caller::Anonymous);
    }

    async fn a_request_that_never_ends_uses_nothing_up(hub: TestDomain) {
        let jar = signed_in(&hub).await.refresh_only();
        assert!(is_known(&begin(&hub, &jar).await.caller));
        hub.clock.forward(minutes(60));
        assert!(is_known(&ask(&hub, &jar).await.caller));
    }

    async fn signing_in_again_ends_the_browsers_old_session(hub: TestDomain) {
        let old = signed_in(&hub).await;
        let elsewhere = Jar::of(&hub.accounts.sign_in(&Visitor::default(), sign_in("ada@example.org", PASSWORD)).await.unwrap().1);
        for remembered in [old.clone(), old.refresh_only()] {
            let mut jar = remembered.clone();
            let visitor = Visitor { cookies: Some(remembered.header()), ..Visitor::default() };
            hub.accounts.sign_in(&visitor, sign_in("ada@example.org", "wrong horse battery")).await.unwrap_err();
            jar.take(&hub.accounts.sign_in(&visitor, sign_in("ada@example.org", PASSWORD)).await.unwrap().1);
            assert!(is_known(&ask(&hub, &jar).await.caller));
            assert_eq!(ask(&hub, &old).await.caller, Caller::Anonymous);
        }
        assert!(is_known(&ask(&hub, &elsewhere).await.caller), "other browsers' sessions go on");
    }

    async fn a_clock_that_goes_back_neither_ends_nor_extends_anything(hub: TestDomain) {
        let mut jar = signed_in(&hub).await;
        // Set right by a little: nobody notices, with either token.
        hub.clock.back(Duration::from_secs(50));
        assert!(ask(&hub, &jar).await.set_cookies.0.is_empty());
        hub.clock.back(minutes(3));
        let refreshed = ask(&hub, &jar).await;
        assert!(is_known(&refreshed.caller) && !refreshed.set_cookies.0.is_empty(), "renewed with the right time");
        jar.take(&refreshed.set_cookies);
        assert!(ask(&hub, &jar).await.set_cookies.0.is_empty());

        // A day ahead for a moment, in which a session begins and a token is used: neither outlasts the others.
        hub.clock.forward(minutes(60 * 24));
        let (_, cookies) = hub.accounts.sign_in(&Visitor::default(), sign_in("ada@example.org", PASSWORD)).await.unwrap();
        let ahead = Jar::of(&cookies);
        let used = ahead.refresh_only();
        let mut renewed = used.clone();
        renewed.take(&ask(&hub, &used).await.set_cookies);
        hub.clock.back(minutes(60 * 24));
        for jar in [&ahead, &used, &renewed] {
            assert_eq!(ask(&hub, jar).await.caller, Caller::Anonymous, "from the future");
        }
        assert!(is_known(&ask(&hub, &jar).await.caller), "a session of before goes on");

        // An API token's last use is told rightly again at once.
        let ada = hub.accounts.user_by_email(&"ada@example.org".parse().unwrap()).await.unwrap().unwrap();
        let ada = as_caller(&ada);
        let new = NewApiToken { name: "CI".parse().unwrap(), scopes: vec![Scope::Read], services: None, expires_at: None };
        let bearer = format!("Bearer {}", hub.accounts.create_api_token(&ada, new).await.unwrap().secret);
        hub.clock.forward(minutes(60));
        hub.accounts.authenticate(None, Some(&bearer)).await.unwrap();
        let ahead = last_use(&hub, &ada, |_| true).await;
        hub.clock.back(minutes(60));
        hub.accounts.authenticate(None, Some(&bearer)).await.unwrap();
        last_use(&hub, &ada, |at| at < ahead).await;
    }

    async fn servers_of_one_hub_have_one_secret(hub: TestDomain) {
        let with = |secret| AccountsService::new(hub.store.clone(), hub.bus.clone(), accounts::Settings::new([secret; 32]));
        assert!(with(1).is_own_secret().await.unwrap(), "the first one is the hub's");
        assert!(with(1).is_own_secret().await.unwrap());
        assert!(!with(2).is_own_secret().await.unwrap());
        assert!(with(1).is_own_secret().await.unwrap(), "asking changes nothing");
        with(2).adopt_secret().await.unwrap();
        assert!(with(2).is_own_secret().await.unwrap() && !with(1).is_own_secret().await.unwrap());
    }

    async fn sessions_end_when_unused_for_long(hub: TestDomain) {
        let jar = signed_in(&hub).await;
        hub.clock.forward(minutes(60 * 24 * 30 + 1));
        let over = ask(&hub, &jar).await;
        assert_eq!(over.caller, Caller::Anonymous);
        assert!(over.set_cookies.0.iter().all(|cookie| cookie.contains("Max-Age=0")));
    }

    async fn garbage_is_nobody_and_is_cleared(hub: TestDomain) {
        signed_in(&hub).await;
        for header in [
            format!("{ACCESS_COOKIE}=garbage"),
            format!("{REFRESH_COOKIE}=garbage"),
            format!("{ACCESS_COOKIE}=a.b.c; {REFRESH_COOKIE}=%00"),
        ] {
            let answer = hub.accounts.authenticate(Some(&header), None).await.unwrap();
            assert_eq!(answer.caller, Caller::Anonymous);
            assert_eq!(answer.set_cookies.0.len(), 2, "{header}");
        }
        let stranger = hub.accounts.authenticate(Some("theme=dark"), None).await.unwrap();
        assert!(stranger.set_cookies.0.is_empty());
    }

    async fn signing_out_ends_both_tokens_at_once(hub: TestDomain) {
        let jar = signed_in(&hub).await;
        hub.clock.forward(minutes(11));
        let cleared = hub.accounts.sign_out(Some(&jar.header())).await.unwrap();
        assert_eq!(Jar::of(&cleared).0, []);
        assert_eq!(ask(&hub, &jar).await.caller, Caller::Anonymous);
        hub.accounts.sign_out(None).await.unwrap();
    }

    async fn a_role_that_is_taken_away_is_gone_with_the_next_request(hub: TestDomain) {
        let jar = signed_in(&hub).await;
        assert!(ask(&hub, &jar).await.caller.require(Permission::Publish).is_ok());
        hub.sql("UPDATE users SET role = 'viewer'").await;
        let error = ask(&hub, &jar).await.caller.require(Permission::Publish).unwrap_err();
        assert_eq!(error.code, ErrorCode::Forbidden);
    }

    async fn api_tokens_do_what_their_scopes_say(hub: TestDomain) {
        let ada = hub.caller("ada", Role::Developer).await;
        let scopes = vec![Scope::Read, Scope::Read];
        let issued = hub.accounts.create_api_token(&ada, NewApiToken { name: "CI".parse().unwrap(), scopes, services: None, expires_at: None }).await.unwrap();
        assert_eq!(issued.token.scopes, [Scope::Read]);
        assert!(issued.secret.starts_with("hs_"));
        let bearer = format!("Bearer {}", issued.secret);
        let token = hub.accounts.authenticate(None, Some(&bearer)).await.unwrap().caller;
        assert!(hub.services.list(&token, ServiceQuery::default()).await.is_ok());
        assert_eq!(token.require(Permission::Publish).unwrap_err().code, ErrorCode::Forbidden);
        assert_eq!(hub.accounts.api_tokens(&token, PageQuery::default()).await.unwrap_err().code, ErrorCode::Forbidden);
        last_use(&hub, &ada, |_| true).await;
        let listed = hub.accounts.api_tokens(&ada, PageQuery::default()).await.unwrap().items;
        assert_eq!(listed[0].id, issued.token.id);

        let eve = hub.caller("eve", Role::Developer).await;
        assert_eq!(hub.accounts.revoke_api_token(&eve, issued.token.id).await.unwrap_err().code, ErrorCode::NotFound);
        hub.accounts.revoke_api_token(&ada, issued.token.id).await.unwrap();
        let error = hub.accounts.authenticate(None, Some(&bearer)).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Unauthenticated);
        assert!(hub.accounts.api_tokens(&ada, PageQuery::default()).await.unwrap().items.is_empty());
    }

    async fn api_tokens_expire(hub: TestDomain) {
        let ada = hub.caller("ada", Role::Developer).await;
        let ends = |at| NewApiToken { name: "CI".parse().unwrap(), scopes: vec![Scope::Read], services: None, expires_at: Some(at) };
        let now = hub.clock.clock().now();
        let past = hub.accounts.create_api_token(&ada, ends(now)).await.unwrap_err();
        assert!(past.field("expiresAt").is_some(), "{past:?}");
        let end = Timestamp(now.0 + 24 * 60 * 60 * 1000);
        let issued = hub.accounts.create_api_token(&ada, ends(end)).await.unwrap();
        assert_eq!(issued.token.expires_at, Some(end));
        let bearer = format!("Bearer {}", issued.secret);
        let known = hub.accounts.authenticate(None, Some(&bearer)).await.unwrap();
        hub.clock.forward(minutes(60 * 24));
        assert_eq!(hub.accounts.authenticate(None, Some(&bearer)).await.unwrap_err().code, ErrorCode::Unauthenticated);
        assert_eq!(hub.accounts.standing(&known.credential).await.unwrap().0, Caller::Anonymous, "nor for a live stream");
        assert_eq!(hub.accounts.api_tokens(&ada, PageQuery::default()).await.unwrap().items[0].expires_at, Some(end));
    }

    async fn api_tokens_are_listed_newest_first_page_by_page(hub: TestDomain) {
        let ada = hub.caller("ada", Role::Developer).await;
        for n in 0..5 {
            let token = NewApiToken { name: format!("token {n}").parse().unwrap(), scopes: vec![Scope::Publish], services: None, expires_at: None };
            hub.accounts.create_api_token(&ada, token).await.unwrap();
        }
        let mut query = PageQuery { limit: Some(2), cursor: None };
        let mut names = Vec::new();
        loop {
            let page = hub.accounts.api_tokens(&ada, query.clone()).await.unwrap();
            names.extend(page.items.into_iter().map(|token| token.name.to_string()));
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(names, ["token 4", "token 3", "token 2", "token 1", "token 0"]);
        let none = NewApiToken { name: "x".parse().unwrap(), scopes: vec![], services: None, expires_at: None };
        assert_eq!(hub.accounts.create_api_token(&ada, none).await.unwrap_err().code, ErrorCode::Invalid);
    }
}

#[tokio::test]
async fn an_unknown_bearer_token_is_an_error_and_another_scheme_is_not_ours() {
    let hub = TestDomain::sqlite().await;
    for header in ["Bearer hs_unknown", "bearer nonsense"] {
        assert_eq!(hub.accounts.authenticate(None, Some(header)).await.unwrap_err().code, ErrorCode::Unauthenticated);
    }
    let other = hub.accounts.authenticate(None, Some("Basic YTpi")).await.unwrap();
    assert_eq!(other.caller, Caller::Anonymous);
}

#[tokio::test]
async fn failed_sign_ins_are_logged_with_account_and_address_and_never_the_password() {
    let hub = TestDomain::sqlite().await;
    hub.user("ada", Role::Viewer).await;
    let (log, listening) = captured_log();
    let visitor = Visitor { address: Some("192.0.2.7".parse().unwrap()), ..Visitor::default() };
    for _ in 0..7 {
        hub.accounts.sign_in(&visitor, sign_in("Ada@example.org", "wrong horse battery")).await.unwrap_err();
    }
    hub.accounts.sign_in(&visitor, sign_in("typed into the wrong field", "ada@example.org")).await.unwrap_err();
    drop(listening);
    let log = log.text();
    let lines = |what: &str| log.lines().filter(|line| line.contains(what)).count();
    assert_eq!(lines("a sign-in failed account=ada@example.org address=192.0.2.7"), 6, "{log}");
    assert_eq!(lines("a sign-in has to wait after too many failures account=ada@example.org"), 1, "{log}");
    assert!(!log.contains("horse") && !log.contains("wrong field"), "{log}");
}
