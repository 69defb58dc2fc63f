//! Signing in and out, the first admin, and who is there.

pub mod api;
pub mod front;
pub mod login;
pub mod set_up;

use crate::queries::Query;
use leptos::prelude::*;
use shared::{Actor, Result, accounts::Permission};

/// Who is signed in; nobody is an answer, not an error.
pub struct Me;

impl Query for Me {
    type Key = ();
    type Value = Option<Actor>;

    async fn fetch((): ()) -> Result<Option<Actor>> {
        api::me().await
    }
}

/// Why somebody may not do this, if they may not.
#[must_use]
pub fn refusal(me: Option<Actor>, permission: Permission, what: &str) -> AnyView {
    let (least, _) = permission.rule();
    let reason = match me {
        Some(actor) if actor.may(permission) => return ().into_any(),
        Some(actor) => format!(
            "{what} needs the role {}; yours is {}. Ask an admin of this hub, or somebody who has it.",
            least.as_str(),
            actor.role.as_str()
        ),
        None => format!("{what} needs the role {}. Sign in first.", least.as_str()),
    };
    view! { <p class="refused">{reason}</p> }.into_any()
}
