//! Pages that come in chunks of their own.

#[cfg(feature = "hydrate")]
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos_router::hooks::use_location;

/// What the script that loads the chunks says when it can't have one (`scripts/pack.mjs`).
#[cfg(feature = "hydrate")]
const MISSING: &str = "chunkmissing";

/// Goes to a page by way of the server when its code can't be had, as after a release that took the old files away. Call
/// it within the router.
pub fn go_without_code() {
    #[cfg(feature = "hydrate")]
    {
        let (to, context) = (use_location(), Owner::current_shared_context());
        let missing = window_event_listener_untyped(MISSING, move |event| {
            let search = to.search.get_untracked();
            let search = if search.is_empty() { search } else { format!("?{search}") };
            let wanted = to.pathname.get_untracked() + &search;
            let here = window().location();
            let there =
                here.pathname().ok().zip(here.search().ok()).is_some_and(|(path, search)| path + &search == wanted);
            // The page that the server made stays as it is: its links and forms work, and it would come the same again.
            let taking_over = context.as_ref().is_some_and(|context| context.during_hydration());
            if !(there && taking_over) {
                event.prevent_default();
            }
            // Otherwise somebody who didn't want to wait is on another page by now.
            if !there {
                // It can't fail: it is a path of this hub.
                let _ = here.assign(&(wanted + &to.hash.get_untracked()));
            }
        });
        on_cleanup(move || missing.remove());
    }
}

/// Makes a page type with a `page() -> AnyView` a route of its own. In a release it is a chunk that loads with the page
/// (feature `split`; `cargo leptos build --split` cuts it out). While developing, where nothing cuts, it is part of the
/// one module: a module that is made to be cut doesn't load whole.
macro_rules! lazy_page {
    ($page:ident) => {
        #[cfg(any(feature = "split", feature = "ssr"))]
        #[::leptos_router::lazy_route]
        impl ::leptos_router::LazyRoute for $page {
            fn data() -> Self {
                Self
            }

            fn view(_this: Self) -> AnyView {
                $page::page()
            }
        }

        #[cfg(not(any(feature = "split", feature = "ssr")))]
        impl ::leptos_router::LazyRoute for $page {
            fn data() -> Self {
                Self
            }

            async fn view(_this: Self) -> AnyView {
                $page::page()
            }
        }
    };
}

pub(crate) use lazy_page;
