//! Fetch again when people come back: to the window, or from a place without network.

use super::{QueryClient, STALE};
use crate::ui::time::clock;
use leptos::{ev, prelude::*};

/// Makes everything stale when the window gets the focus after longer than the stale time, or the network returns.
/// Runs in the browser only, since effects do.
pub fn refetch_when_people_return(queries: QueryClient) {
    Effect::new(move |_| {
        let left = StoredValue::new(clock());
        let stale = i64::try_from(STALE.as_millis()).unwrap_or(i64::MAX);
        let online = window_event_listener(ev::online, move |_| queries.invalidate_all());
        let blur = window_event_listener(ev::blur, move |_| left.set_value(clock()));
        let focus = window_event_listener(ev::focus, move |_| {
            if clock().millis_since(left.get_value()) > stale {
                queries.invalidate_all();
            }
        });
        on_cleanup(move || {
            online.remove();
            blur.remove();
            focus.remove();
        });
    });
}
