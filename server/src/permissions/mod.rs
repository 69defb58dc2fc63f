//! Who may do what to which resource.
//!
//! An operation's implementation asks for a [`Grant`]: proof that somebody may do this very thing to this very resource.
//! Only this module makes them, from the caller, and the implementation takes the resource from the grant and not from
//! elsewhere. So an operation that nobody has thought about doesn't compile, and one that is granted on one service
//! can't act on another.
//!
//! What a role and a token's scopes allow is in [`Permission::rule`], which pages also read to hide what would be
//! refused. Here come the resources: an API token may be bound to services, and everybody owns what is theirs.

use shared::{
    Actor, ApiError, ErrorCode, Result,
    accounts::{Caller, Permission},
    ids::UserId,
    names::ServiceName,
};
use std::{fmt, marker::PhantomData};

/// Something that is done, as a type, so that a grant for one action can't be used for another.
pub trait Action {
    const PERMISSION: Permission;
}

macro_rules! actions {
    ($($(#[$doc:meta])+ $name:ident),+ $(,)?) => { $(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Action for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )+ };
}

actions! {
    /// Reads services, versions, verdicts and events.
    Read,
    /// Publishes versions and sets the policy.
    Publish,
    /// Creates services.
    CreateService,
    /// Renames, describes, archives and restores services.
    ManageService,
    /// Deletes services.
    DeleteService,
    /// Sees and ends sessions.
    ManageOwnSessions,
    /// Sees, makes and revokes API tokens.
    ManageOwnTokens,
    /// Sees and changes accounts.
    ManageAccounts,
    /// Sees what the hub does in the background.
    ManageJobs,
}

/// Proof that an actor may do `A` to `R`.
pub struct Grant<A, R> {
    actor: Actor,
    on: R,
    action: PhantomData<fn() -> A>,
}

impl<A, R> Grant<A, R> {
    const fn new(actor: Actor, on: R) -> Self {
        Self { actor, on, action: PhantomData }
    }

    /// Who does it.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What it is done to.
    pub const fn on(&self) -> &R {
        &self.on
    }
}

impl<A> Grant<A, ServiceName> {
    pub const fn service(&self) -> &ServiceName {
        &self.on
    }
}

impl<A, R: Clone> Clone for Grant<A, R> {
    fn clone(&self) -> Self {
        Self::new(self.actor.clone(), self.on.clone())
    }
}

impl<A: Action, R: fmt::Debug> fmt::Debug for Grant<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grant({:?} on {:?} to {})", A::PERMISSION, self.on, self.actor.user)
    }
}

/// What belongs to nobody and no service: the hub as a whole.
#[derive(Debug, Clone, Copy)]
pub struct WholeHub;

/// The services that somebody may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visible(Option<Vec<ServiceName>>);

impl Visible {
    #[must_use]
    pub fn sees(&self, service: &ServiceName) -> bool {
        self.0.as_ref().is_none_or(|services| services.contains(service))
    }

    /// Whether these are all services, those to come included.
    #[must_use]
    pub const fn sees_all(&self) -> bool {
        self.0.is_none()
    }

    /// For a statement's `($1 = '' OR $1 LIKE '%,' || name || ',%')`: empty when all are visible. Names have neither
    /// commas nor wildcards.
    #[must_use]
    pub fn pattern(&self) -> String {
        match &self.0 {
            None => String::new(),
            Some(services) => services.iter().fold(",".to_owned(), |list, service| format!("{list}{service},")),
        }
    }
}

/// Whose sessions or tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionOwner {
    Of(UserId),
    Anybody,
}

impl SessionOwner {
    /// For a statement's `($1 = '' OR user_id = $1)`.
    #[must_use]
    pub fn pattern(self) -> String {
        match self {
            Self::Of(user) => user.to_string(),
            Self::Anybody => String::new(),
        }
    }
}

/// To do something to one service.
pub fn on_service<A: Action>(caller: &Caller, service: &ServiceName) -> Result<Grant<A, ServiceName>> {
    let actor = caller.require(A::PERMISSION)?;
    if !actor.reaches(service) {
        let message = format!("This API token can't be used on the service {service}: it is bound to others.");
        return Err(ApiError::new(ErrorCode::Forbidden, message));
    }
    Ok(Grant::new(actor.clone(), service.clone()))
}

/// To read about all services that the caller may see.
pub fn on_visible(caller: &Caller) -> Result<Grant<Read, Visible>> {
    let actor = caller.require(Permission::Read)?;
    Ok(Grant::new(actor.clone(), Visible(actor.services.clone())))
}

/// To do something to the hub as a whole, which a bound token never may.
pub fn on_hub<A: Action>(caller: &Caller) -> Result<Grant<A, WholeHub>> {
    let actor = caller.require(A::PERMISSION)?;
    if actor.services.is_some() {
        let message = "This API token is bound to services and can't change the hub as a whole.";
        return Err(ApiError::new(ErrorCode::Forbidden, message));
    }
    Ok(Grant::new(actor.clone(), WholeHub))
}

/// To do something to what is the caller's own.
pub fn on_own<A: Action>(caller: &Caller) -> Result<Grant<A, UserId>> {
    let actor = caller.require(A::PERMISSION)?;
    Ok(Grant::new(actor.clone(), actor.user))
}

/// To do something to an account, whosever it is.
pub fn on_account(caller: &Caller, user: UserId) -> Result<Grant<ManageAccounts, UserId>> {
    Ok(Grant::new(on_hub::<ManageAccounts>(caller)?.actor, user))
}

/// To do something to what is the caller's own or, for admins, somebody else's.
pub fn on_user<A: Action>(caller: &Caller, user: UserId) -> Result<Grant<A, UserId>> {
    match on_own::<A>(caller) {
        Ok(grant) if user == grant.on => Ok(grant),
        _ => {
            let admin = on_account(caller, user)?;
            Ok(Grant::new(admin.actor, user))
        }
    }
}

/// To do something to one of the caller's own or, for admins, to anybody's.
pub fn on_anybodys<A: Action>(caller: &Caller) -> Result<Grant<A, SessionOwner>> {
    if let Ok(admin) = on_hub::<ManageAccounts>(caller) {
        return Ok(Grant::new(admin.actor, SessionOwner::Anybody));
    }
    let own = on_own::<A>(caller)?;
    Ok(Grant::new(own.actor, SessionOwner::Of(own.on)))
}

/// To look at oneself, which everybody may who is known.
pub fn on_self(caller: &Caller) -> Result<Grant<Read, UserId>> {
    match caller {
        Caller::Anonymous => Err(ApiError::unauthenticated()),
        Caller::Known(actor) => Ok(Grant::new(actor.clone(), actor.user)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{Role, accounts::Scope};
    use uuid::Uuid;

    fn person(role: Role) -> Actor {
        Actor::person(UserId(Uuid::from_u128(1)), "Ada".parse().unwrap(), role)
    }

    fn name(name: &str) -> ServiceName {
        name.parse().unwrap()
    }

    fn bound() -> Caller {
        let scopes = Some(vec![Scope::Read, Scope::Publish]);
        Caller::Known(Actor { scopes, services: Some(vec![name("orders")]), ..person(Role::Admin) })
    }

    #[test]
    fn a_bound_token_is_good_for_its_services() {
        let (token, person) = (bound(), Caller::Known(person(Role::Developer)));
        for (caller, service, may) in
            [(&token, "orders", true), (&token, "order", false), (&token, "catalog", false), (&person, "catalog", true)]
        {
            let service = name(service);
            let (read, publish) = (on_service::<Read>(caller, &service), on_service::<Publish>(caller, &service));
            assert_eq!((read.is_ok(), publish.is_ok()), (may, may), "{caller:?} {service}");
            let visible = on_visible(caller).unwrap();
            assert_eq!(visible.on().sees(&service), may, "{caller:?} {service}");
        }
        assert_eq!(on_visible(&token).unwrap().on().pattern(), ",orders,");
        assert_eq!(on_visible(&person).unwrap().on().pattern(), "");
    }

    #[test]
    fn a_bound_token_changes_nothing_of_the_hub() {
        // No scope covers such a write today; the binding refuses it by itself.
        let Caller::Known(actor) = bound() else { unreachable!() };
        let unscoped = Caller::Known(Actor { scopes: None, ..actor });
        assert_eq!(on_hub::<CreateService>(&unscoped).unwrap_err().code, ErrorCode::Forbidden);
        assert!(on_hub::<CreateService>(&Caller::Known(person(Role::Admin))).is_ok());
    }

    #[test]
    fn what_is_somebody_elses_takes_an_admin() {
        let (own, other) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let (viewer, admin) = (Caller::Known(person(Role::Viewer)), Caller::Known(person(Role::Admin)));
        assert_eq!(*on_user::<ManageOwnSessions>(&viewer, own).unwrap().on(), own);
        assert_eq!(on_user::<ManageOwnSessions>(&viewer, other).unwrap_err().code, ErrorCode::Forbidden);
        assert_eq!(*on_user::<ManageOwnSessions>(&admin, other).unwrap().on(), other);
        assert_eq!(*on_anybodys::<ManageOwnSessions>(&viewer).unwrap().on(), SessionOwner::Of(own));
        assert_eq!(*on_anybodys::<ManageOwnSessions>(&admin).unwrap().on(), SessionOwner::Anybody);
        assert_eq!(on_anybodys::<ManageOwnTokens>(&viewer).unwrap_err().code, ErrorCode::Forbidden);
        assert_eq!(on_self(&Caller::Anonymous).unwrap_err().code, ErrorCode::Unauthenticated);
    }
}
