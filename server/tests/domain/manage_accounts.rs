//! Looking after accounts: by admins only, and never so that nobody is left who can.

use crate::{
    common::{PASSWORD, TestDomain, as_caller},
    on_both,
};
use shared::{
    Accounts, ErrorCode, ManageAccounts, PageQuery, Role,
    accounts::{Caller, ChangeUser, NewApiToken, ResetPassword, Scope, SignIn, User, Visitor},
};

const DISABLE: ChangeUser = ChangeUser { role: None, disabled: Some(true) };
const ENABLE: ChangeUser = ChangeUser { role: None, disabled: Some(false) };

fn to(role: Role) -> ChangeUser {
    ChangeUser { role: Some(role), disabled: None }
}

async fn sign_in(hub: &TestDomain, user: &User, password: &str) -> shared::Result<String> {
    let visitor = Visitor {
        address: Some("192.0.2.1".parse().unwrap()),
        user_agent: Some("Firefox".into()),
        ..Visitor::default()
    };
    let sign_in = SignIn { email: user.email.to_string(), password: password.into() };
    let (_, cookies) = hub.accounts.sign_in(&visitor, sign_in).await?;
    Ok(cookies.0.iter().map(|line| line.split(';').next().unwrap()).collect::<Vec<_>>().join("; "))
}

async fn is_known(hub: &TestDomain, cookies: &str) -> bool {
    hub.accounts.authenticate(Some(cookies), None).await.unwrap().caller != Caller::Anonymous
}

async fn token(hub: &TestDomain, owner: &User) -> String {
    try_token(hub, owner).await.unwrap()
}

async fn try_token(hub: &TestDomain, owner: &User) -> shared::Result<String> {
    let new = NewApiToken { name: "CI".parse().unwrap(), scopes: vec![Scope::Read], services: None, expires_at: None };
    let issued = hub.accounts.create_api_token(&as_caller(owner), new).await?;
    Ok(format!("Bearer {}", issued.secret))
}

on_both! {
    async fn only_admins_look_after_accounts_and_everybody_after_their_sessions(hub: TestDomain) {
        let admin = hub.user("admin", Role::Admin).await;
        let (ada, eve) = (hub.user("ada", Role::Developer).await, hub.user("eve", Role::Maintainer).await);
        sign_in(&hub, &ada, PASSWORD).await.unwrap();
        token(&hub, &ada).await;
        let page = PageQuery::default;
        let session = hub.accounts.sessions(&as_caller(&ada), None, page()).await.unwrap().items.remove(0);
        assert_eq!((session.address.as_deref(), session.user_agent.as_deref()), (Some("192.0.2.1"), Some("Firefox")));
        let listed = hub.accounts.api_tokens_of(&as_caller(&admin), ada.id, page()).await.unwrap().items;
        for (caller, code) in [(Caller::Anonymous, ErrorCode::Unauthenticated), (as_caller(&eve), ErrorCode::Forbidden)] {
            let refusals = [
                hub.accounts.users(&caller, page()).await.err(),
                hub.accounts.change_user(&caller, ada.id, to(Role::Admin)).await.err(),
                hub.accounts.reset_password(&caller, ada.id, ResetPassword::default()).await.err(),
                hub.accounts.sessions(&caller, Some(ada.id), page()).await.err(),
                hub.accounts.end_sessions(&caller, ada.id).await.err(),
                hub.accounts.api_tokens_of(&caller, ada.id, page()).await.err(),
            ];
            assert!(refusals.iter().all(|refusal| refusal.as_ref().is_some_and(|e| e.code == code)), "{refusals:?}");
        }
        assert_eq!(hub.accounts.end_session(&as_caller(&eve), session.id).await.unwrap_err().code, ErrorCode::NotFound);
        assert_eq!(
            hub.accounts.revoke_api_token(&as_caller(&eve), listed[0].id).await.unwrap_err().code,
            ErrorCode::NotFound
        );
        // A token is no way around it, not even an admin's.
        let bearer = token(&hub, &admin).await;
        let machine = hub.accounts.authenticate(None, Some(&bearer)).await.unwrap().caller;
        assert_eq!(hub.accounts.users(&machine, page()).await.unwrap_err().code, ErrorCode::Forbidden);
        assert_eq!(hub.accounts.sessions(&machine, None, page()).await.unwrap_err().code, ErrorCode::Forbidden);

        hub.accounts.end_session(&as_caller(&ada), session.id).await.unwrap();
        assert!(hub.accounts.sessions(&as_caller(&ada), Some(ada.id), page()).await.unwrap().items.is_empty());
        hub.accounts.revoke_api_token(&as_caller(&admin), listed[0].id).await.unwrap();
        let users = hub.accounts.users(&as_caller(&admin), PageQuery { limit: Some(2), cursor: None }).await.unwrap();
        assert_eq!(users.items.iter().map(|user| user.id).collect::<Vec<_>>(), [admin.id, ada.id]);
        let rest = PageQuery { limit: Some(2), cursor: users.next_cursor };
        assert_eq!(hub.accounts.users(&as_caller(&admin), rest).await.unwrap().items, [eve]);
    }

    async fn a_reset_password_is_the_only_one_and_ends_sessions(hub: TestDomain) {
        let (admin, ada) = (hub.caller("admin", Role::Admin).await, hub.user("ada", Role::Developer).await);
        let cookies = sign_in(&hub, &ada, PASSWORD).await.unwrap();
        let bearer = token(&hub, &ada).await;
        let made = hub.accounts.reset_password(&admin, ada.id, ResetPassword::default()).await.unwrap().password.unwrap();
        assert!(!is_known(&hub, &cookies).await);
        assert!(hub.accounts.authenticate(None, Some(&bearer)).await.is_ok());
        assert_eq!(sign_in(&hub, &ada, PASSWORD).await.unwrap_err().code, ErrorCode::WrongCredentials);
        sign_in(&hub, &ada, &made).await.unwrap();
        let given = ResetPassword { password: Some("another few words".parse().unwrap()) };
        assert_eq!(hub.accounts.reset_password(&admin, ada.id, given).await.unwrap().password, None);
        sign_in(&hub, &ada, "another few words").await.unwrap();
    }

    async fn a_disabled_account_is_out_at_once_and_its_tokens_stay_revoked(hub: TestDomain) {
        let (admin, ada) = (hub.caller("admin", Role::Admin).await, hub.user("ada", Role::Developer).await);
        let cookies = sign_in(&hub, &ada, PASSWORD).await.unwrap();
        let bearer = token(&hub, &ada).await;
        let stream = hub.accounts.authenticate(Some(&cookies), None).await.unwrap().credential;
        let disabled = hub.accounts.change_user(&admin, ada.id, DISABLE).await.unwrap();
        assert!(disabled.disabled_at.is_some());
        assert!(!is_known(&hub, &cookies).await);
        assert_eq!(hub.accounts.standing(&stream).await.unwrap().0, Caller::Anonymous, "a live stream ends too");
        assert!(hub.accounts.authenticate(None, Some(&bearer)).await.is_err());
        assert_eq!(sign_in(&hub, &ada, "wrong horse battery").await.unwrap_err().code, ErrorCode::WrongCredentials);
        let told = sign_in(&hub, &ada, PASSWORD).await.unwrap_err();
        assert!(told.code == ErrorCode::Forbidden && told.message.contains("disabled"), "{told:?}");
        let enabled = hub.accounts.change_user(&admin, ada.id, ENABLE).await.unwrap();
        assert_eq!(enabled.disabled_at, None);
        sign_in(&hub, &ada, PASSWORD).await.unwrap();
        assert!(!is_known(&hub, &cookies).await && hub.accounts.authenticate(None, Some(&bearer)).await.is_err());
    }

    async fn access_that_is_given_while_it_is_taken_back_does_not_outlive_that(hub: TestDomain) {
        let (admin, ada) = (hub.caller("admin", Role::Admin).await, hub.user("ada", Role::Developer).await);
        let reset = ResetPassword { password: Some("another few words".parse().unwrap()) };
        for disables in [true, false] {
            let password = if disables { PASSWORD } else { "another few words" };
            // Each goes on until it is refused, so that some are half way when access is taken back.
            let racers = futures::future::join_all((0..6).map(async |n| {
                let mut given = Vec::new();
                // A hub that refuses nothing any more fails below.
                while given.len() < 500 {
                    let got = match n % 2 {
                        0 => sign_in(&hub, &ada, password).await,
                        _ if disables => try_token(&hub, &ada).await,
                        _ => return given,
                    };
                    match got {
                        Ok(got) => given.push(got),
                        Err(_) => return given,
                    }
                }
                given
            }));
            let taken_back = async {
                // Some have been given access by now.
                let first = sign_in(&hub, &ada, password).await.unwrap();
                if disables {
                    hub.accounts.change_user(&admin, ada.id, DISABLE).await.unwrap();
                } else {
                    let third = ResetPassword { password: Some("a third few words".parse().unwrap()) };
                    hub.accounts.reset_password(&admin, ada.id, third).await.unwrap();
                }
                first
            };
            let (given, first) = futures::future::join(racers, taken_back).await;
            let given: Vec<String> = given.into_iter().flatten().chain([first]).collect();
            hub.accounts.change_user(&admin, ada.id, ENABLE).await.unwrap();
            for credential in given {
                let good = if credential.starts_with("Bearer ") {
                    hub.accounts.authenticate(None, Some(&credential)).await.is_ok()
                } else {
                    is_known(&hub, &credential).await
                };
                assert!(!good, "disabled: {disables}");
            }
            hub.accounts.reset_password(&admin, ada.id, reset.clone()).await.unwrap();
        }
    }

    async fn somebody_can_always_look_after_the_hub(hub: TestDomain) {
        let (first, second) = (hub.user("first", Role::Admin).await, hub.user("second", Role::Admin).await);
        let hubs_own = hub.accounts.hub().await.unwrap();
        let admin = as_caller(&first);
        // Each takes the other's role away at the same time.
        let tries = [(&first, &second), (&second, &first)].map(|(by, whose)| {
            let (accounts, by, whose) = (hub.accounts.clone(), as_caller(by), whose.id);
            tokio::spawn(async move { accounts.change_user(&by, whose, to(Role::Viewer)).await })
        });
        let outcomes: Vec<_> = futures::future::join_all(tries).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        let users = hub.accounts.users(&admin, PageQuery::default()).await.unwrap().items;
        assert_eq!(users.len(), 2, "the hub's own account is nobody's");
        let last = users.iter().find(|user| user.role == Role::Admin).unwrap();
        for change in [to(Role::Maintainer), DISABLE] {
            assert_eq!(hub.accounts.change_user(&admin, last.id, change).await.unwrap_err().code, ErrorCode::Conflict);
        }
        let Caller::Known(hubs_own) = hubs_own else { panic!() };
        for refused in [
            hub.accounts.change_user(&admin, hubs_own.user, to(Role::Admin)).await.err(),
            hub.accounts.reset_password(&admin, hubs_own.user, ResetPassword::default()).await.err(),
        ] {
            assert_eq!(refused.unwrap().code, ErrorCode::NotFound);
        }
        // Nothing to change changes nothing: each member may be left out, as the contract says.
        assert_eq!(hub.accounts.change_user(&admin, last.id, ChangeUser::default()).await.unwrap(), *last);
        // An admin who is disabled doesn't count, and one who can sign in again does.
        let other = users.iter().find(|user| user.role != Role::Admin).unwrap();
        hub.accounts.change_user(&admin, other.id, to(Role::Admin)).await.unwrap();
        hub.accounts.change_user(&admin, other.id, DISABLE).await.unwrap();
        assert_eq!(hub.accounts.change_user(&admin, last.id, DISABLE).await.unwrap_err().code, ErrorCode::Conflict);
        hub.accounts.change_user(&admin, other.id, ENABLE).await.unwrap();
        hub.accounts.change_user(&admin, last.id, DISABLE).await.unwrap();
    }
}
