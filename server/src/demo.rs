//! Something to look at on the first day: a small shop with three backends, one of which broke its promise.
//!
//! Everything goes through the hub's own operations, so verdicts, events and documents are what any publisher gets.

use crate::{accounts::readable, areas::Areas};
use shared::{
    Accounts as _, Actor, ApiError, ErrorCode, IfMatch, Policies as _, Result, Role, Services as _, Versions as _,
    accounts::Caller, services::NewService, versions::Publish,
};

/// What the demo's accounts are signed in to with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Passwords {
    /// Those below, which anybody can read here: only for a hub that nobody else can reach.
    Public,
    /// New ones, which are printed once.
    Random,
}

/// Somebody who can sign in to the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    pub email: &'static str,
    pub name: &'static str,
    pub password: &'static str,
    pub role: Role,
}

/// One of each role that differs in what the pages offer.
pub const USERS: &[User] = &[
    User { email: "admin@example.org", name: "Ada Admin", password: "admin-demo-password", role: Role::Admin },
    User {
        email: "developer@example.org",
        name: "Dev Developer",
        password: "developer-demo-password",
        role: Role::Developer,
    },
    User { email: "viewer@example.org", name: "Vic Viewer", password: "viewer-demo-password", role: Role::Viewer },
];

/// A service of the demo and its documents, oldest first.
struct Backend {
    name: &'static str,
    description: &'static str,
    documents: &'static [&'static str],
    /// What its team accepts, once all of them are published.
    policy: Option<&'static str>,
}

const BACKENDS: &[Backend] = &[
    Backend {
        name: "accounts",
        description: "Customers, and how they sign in.",
        documents: &[include_str!("../demo/accounts-1.json")],
        policy: None,
    },
    Backend {
        name: "catalog",
        description: "What the shop sells.",
        documents: &[include_str!("../demo/catalog-1.yaml"), include_str!("../demo/catalog-2.yaml")],
        policy: None,
    },
    Backend {
        name: "orders",
        description: "Takes the shop's orders and follows them until they are delivered.",
        documents: &[
            include_str!("../demo/orders-1.yaml"),
            include_str!("../demo/orders-2.yaml"),
            include_str!("../demo/orders-3.yaml"),
            include_str!("../demo/orders-4.yaml"),
        ],
        policy: Some(include_str!("../demo/orders.handshake.toml")),
    },
];

/// Fills an empty hub and tells each user's password; one that has anybody in it is left as it is.
///
/// What an interrupted start left out is not made up for: a hub with an account belongs to somebody.
pub async fn fill(areas: &Areas, passwords: Passwords) -> Result<Option<Vec<String>>> {
    let Areas { accounts, services, versions, policies, .. } = areas;
    if !accounts.needs_set_up().await? {
        return Ok(None);
    }
    let mut given = Vec::with_capacity(USERS.len());
    let mut callers = Vec::with_capacity(USERS.len());
    for demo in USERS {
        let password = match passwords {
            Passwords::Public => demo.password.to_owned(),
            Passwords::Random => readable().map_err(ApiError::from)?,
        };
        let made = accounts.create_user(demo.email.parse()?, demo.name.parse()?, password.parse()?, demo.role).await;
        given.push(password);
        let user = match made {
            // Another server is filling the same hub.
            Err(error) if error.code == ErrorCode::NameTaken => return Ok(None),
            made => made?,
        };
        callers.push(Caller::Known(Actor::person(user.id, user.display_name, user.role)));
    }
    // The table above starts with an admin, who makes the services, and goes on with the developer who publishes.
    let [admin, developer, ..] = callers.as_slice() else { return Ok(Some(given)) };
    for backend in BACKENDS {
        let name = backend.name.parse()?;
        let description = backend.description.to_owned();
        services.create(admin, NewService { name, description }).await?;
        let name = backend.name.parse()?;
        for document in backend.documents {
            let publish = Publish { document: document.as_bytes().to_vec(), ..Publish::default() };
            versions.publish(developer, &name, publish).await?;
        }
        if let Some(policy) = backend.policy {
            policies.set(developer, &name, IfMatch::Any, policy.to_owned()).await?;
        }
    }
    Ok(Some(given))
}
