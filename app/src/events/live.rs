//! Whether the page is live: what is on screen is what is in the hub. The stream behind it is in `stream.rs`, in the
//! browser only.
//!
//! It starts at the position that the page's data stands for, so that nothing is missed between the render and the
//! connection.

use crate::{queries::QueryClient, urls};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use shared::{ids::UserId, names::ServiceName};

/// Who is signed in when nobody is.
pub(super) const NOBODY: &str = "nobody";

/// What the indicator shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Connected: what is on screen is what is in the hub.
    Live,
    /// Not connected yet: the page has just come.
    Connecting,
    /// Not connected any more, trying.
    Reconnecting,
    /// The browser itself has no network.
    Offline,
}

impl State {
    const fn data(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Connecting => "connecting",
            Self::Reconnecting => "reconnecting",
            Self::Offline => "offline",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::Connecting => "Connecting",
            Self::Reconnecting => "Reconnecting",
            Self::Offline => "Offline",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Live => "Changes appear here as they happen.",
            Self::Connecting => "Changes will appear here as they happen.",
            Self::Reconnecting => "Not connected; what is shown may be old. Trying again.",
            Self::Offline => "This browser has no network. What is shown may be old.",
        }
    }
}

/// The page's part in the live stream. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Live {
    state: RwSignal<State>,
    /// Whose stream it is; `None` until that is known.
    pub(super) who: RwSignal<Option<String>>,
    /// Who was signed in first on this page.
    first: StoredValue<Option<UserId>>,
    /// The service that was renamed last: its name before, and its name now.
    pub(super) renamed: RwSignal<Option<(ServiceName, ServiceName)>>,
}

impl Live {
    /// Takes part in the stream as soon as somebody is known to be signed in. Not on the server, where effects don't run.
    #[must_use]
    pub fn new(queries: QueryClient) -> Self {
        let live = Self {
            state: RwSignal::new(State::Connecting),
            who: RwSignal::new(None),
            first: StoredValue::new(None),
            renamed: RwSignal::new(None),
        };
        #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
        Effect::new(move |_| super::stream::start(live, queries));
        #[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
        let _ = queries;
        live
    }

    /// Goes along when the service is renamed that the page is about. Call it within the router.
    pub fn follow_renames(self) {
        let (location, navigate) = (use_location(), use_navigate());
        Effect::new(move |_| {
            let Some((before, now)) = self.renamed.get() else { return };
            let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
            let old = urls::service(before.as_str());
            if path.strip_prefix(&old).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
                let to = urls::with_search(&urls::renamed(&path, now.as_str()), &search);
                navigate(&to, NavigateOptions { replace: true, ..NavigateOptions::default() });
            }
        });
    }

    /// Whether nobody is signed in, as far as is known.
    #[must_use]
    pub fn is_nobodys(self) -> bool {
        self.who.with(|who| who.as_deref() == Some(NOBODY))
    }

    /// Says who is signed in: the stream is theirs, and nobody has none.
    pub fn belongs_to(self, user: Option<UserId>) {
        let who = Some(user.map_or_else(|| NOBODY.to_owned(), |user| user.to_string()));
        if let Some(user) = user {
            self.only_of(user);
        }
        if self.who.with_untracked(|known| *known != who) {
            self.who.set(who);
        }
    }

    /// What one person sees and types isn't the next one's: where somebody else signed in, the page begins again.
    fn only_of(self, user: UserId) {
        let first = self.first.try_update_value(|first| *first.get_or_insert(user));
        #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
        if first.is_some_and(|first| first != user) {
            // It fails only while the page is being closed.
            let _ = window().location().reload();
        }
        #[cfg(not(all(feature = "hydrate", not(feature = "ssr"))))]
        let _ = first;
    }

    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    pub(super) fn show(self, state: State) {
        if self.state.get_untracked() != state {
            self.state.set(state);
        }
    }
}

/// Says whether the page is live.
#[component]
pub fn Indicator(live: Live) -> impl IntoView {
    let state = live.state;
    view! {
        <span class="live" role="status" data-live=move || state.get().data() title=move || state.get().title()>
            <i aria-hidden="true"></i>
            <span>{move || state.get().words()}</span>
        </span>
    }
}
