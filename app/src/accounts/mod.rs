//! Signing in and out, the first admin, and who is there.

pub mod api;
pub mod ended;
pub mod login;
pub mod set_up;

use crate::queries::Query;
use leptos::prelude::*;
use shared::{
    Actor, Result,
    accounts::{Permission, Role},
};

/// Who is signed in; nobody is an answer, not an error.
pub struct Me;

impl Query for Me {
    type Key = ();
    type Value = Option<Actor>;

    async fn fetch((): ()) -> Result<Option<Actor>> {
        api::me().await
    }
}

/// The role of the person that the page was made for; `None` when nobody is signed in. Both sides know it at once, by the
/// page's head, so that what leads to a page isn't offered to somebody who may not open it. A role that changes counts on
/// the server at once, and here with the next page load.
#[must_use]
pub fn role() -> Option<Role> {
    #[cfg(feature = "ssr")]
    return match use_context::<shared::accounts::Caller>() {
        Some(shared::accounts::Caller::Known(actor)) => Some(actor.role),
        _ => None,
    };
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    return crate::ui::from_head("role").and_then(|role| role.parse().ok());
    #[cfg(not(any(feature = "ssr", feature = "hydrate")))]
    None
}

/// Whether the person that the page was made for has the role for this. Only for what is shown: the server decides.
#[must_use]
pub fn may(permission: Permission) -> bool {
    let (least, _) = permission.rule();
    role().is_some_and(|role| role >= least)
}

/// Why somebody may not do this, if they may not.
#[must_use]
pub fn refusal(me: Option<Actor>, permission: Permission, what: &str) -> AnyView {
    let (least, _) = permission.rule();
    let reason = match me {
        Some(actor) if actor.may(permission) => return ().into_any(),
        Some(actor) => format!(
            "{what} needs the role {}; yours is {}. Ask an admin of this hub.",
            least.as_str(),
            actor.role.as_str()
        ),
        // Where a session ended, the dialog over the page leads to signing in.
        None => format!("{what} needs the role {}. Sign in first.", least.as_str()),
    };
    view! { <p class="refused">{reason}</p> }.into_any()
}
