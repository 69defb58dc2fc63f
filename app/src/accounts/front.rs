//! The hub's bare address, for who isn't signed in: what they have to do first.

use super::{login::Login, set_up::SetUp};
use crate::ui::lazy::lazy_page;
use leptos::prelude::*;

/// `/`
pub struct FrontRoute;

lazy_page!(FrontRoute);

impl FrontRoute {
    fn page() -> AnyView {
        if is_set_up() { view! { <Login /> }.into_any() } else { view! { <SetUp /> }.into_any() }
    }
}

/// Whether somebody can sign in already; both sides agree on it by the page's head.
fn is_set_up() -> bool {
    #[cfg(feature = "ssr")]
    return use_context::<crate::context::IsSetUp>().is_none_or(|crate::context::IsSetUp(set_up)| set_up);
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    return crate::ui::from_head("set-up").as_deref() != Some("false");
    #[cfg(not(any(feature = "ssr", feature = "hydrate")))]
    true
}
