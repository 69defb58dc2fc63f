use crate::{
    common::{TestDomain, as_caller, comparison_ref},
    on_both,
};
use server::demo::{self, Passwords};
use shared::{
    Accounts, Comparisons as _, Level, PageQuery, Services as _, Versions as _,
    accounts::{SignIn, Visitor},
    services::ServiceQuery,
};

on_both! {
    async fn an_empty_hub_is_filled_once_with_every_kind_of_verdict(hub: TestDomain) {
        assert!(demo::fill(&hub.areas, Passwords::Public).await.unwrap().is_some());
        assert!(demo::fill(&hub.areas, Passwords::Public).await.unwrap().is_none());
        let mut viewer = None;
        for user in demo::USERS {
            let sign_in = SignIn { email: user.email.into(), password: user.password.into() };
            let (signed_in, _) = hub.accounts.sign_in(&Visitor::default(), sign_in).await.unwrap();
            assert_eq!(signed_in.role, user.role);
            viewer = Some(as_caller(&signed_in));
        }
        let viewer = viewer.unwrap();
        let services = hub.services.list(&viewer, ServiceQuery::default()).await.unwrap().items;
        assert_eq!(services.iter().map(|s| (s.name.as_str(), s.versions)).collect::<Vec<_>>(), [
            ("accounts", 1),
            ("catalog", 2),
            ("orders", 4),
        ]);
        let orders = hub.versions.list(&viewer, &"orders".parse().unwrap(), PageQuery::default()).await.unwrap();
        let verdicts: Vec<_> = orders.items.into_iter().map(|version| version.published_verdict.map(|v| v.level)).collect();
        let [base, revision] = ["1.2.0", "2.0.0"].map(|label| label.parse().unwrap());
        let changed = hub.comparisons.read(&viewer, &comparison_ref(&"orders".parse().unwrap(), &base, &revision)).await.unwrap();
        assert_eq!((changed.level, changed.ignored_count), (Level::Breaking, 1));
        assert_eq!(verdicts, [Some(Level::Breaking), Some(Level::Risky), Some(Level::Safe), None]);
    }

    async fn random_passwords_are_told_once_and_the_public_ones_do_not_work(hub: TestDomain) {
        let given = demo::fill(&hub.areas, Passwords::Random).await.unwrap().unwrap();
        assert!(demo::fill(&hub.areas, Passwords::Random).await.unwrap().is_none());
        for (user, password) in demo::USERS.iter().zip(given) {
            let sign_in = |password: &str| SignIn { email: user.email.into(), password: password.into() };
            hub.accounts.sign_in(&Visitor::default(), sign_in(user.password)).await.unwrap_err();
            hub.accounts.sign_in(&Visitor::default(), sign_in(&password)).await.unwrap();
        }
    }
}
