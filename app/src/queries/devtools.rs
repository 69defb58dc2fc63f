//! A panel that shows the cache to people who develop: Ctrl+Alt+Q. Built for development only.

use super::{browser::inspect, use_query_client};
use crate::js;
use leptos::{ev, html::Dialog, mount::mount_to_body, prelude::*};
use std::time::Duration;

/// Opens the panel, and closes it, when its keys are pressed. It is made when it is first wanted, beside the page: what is
/// hydrated is the same with it and without.
pub fn listen() {
    let (client, owner) = (use_query_client(), Owner::current());
    let open = RwSignal::new(false);
    let made = StoredValue::new(false);
    let keys = window_event_listener(ev::keydown, move |event| {
        if !(event.ctrl_key() && event.alt_key() && event.code() == "KeyQ") {
            return;
        }
        event.prevent_default();
        if !made.get_value() {
            made.set_value(true);
            let panel = move || {
                provide_context(client);
                view! { <Panel open /> }
            };
            owner.iter().for_each(|owner| owner.with(|| mount_to_body(panel)));
        }
        open.update(|open| *open = !*open);
    });
    on_cleanup(move || keys.remove());
}

#[component]
fn Panel(open: RwSignal<bool>) -> impl IntoView {
    let client = use_query_client();
    let dialog = NodeRef::<Dialog>::new();
    let ticks = RwSignal::new(());
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        // A modal dialog takes the focus, keeps it, and closes on Escape. Neither call fails for a dialog on the page.
        let _ = js::call(&dialog, if open.get() { "showModal" } else { "close" }, &[]);
    });
    if let Ok(timer) = set_interval_with_handle(move || ticks.notify(), Duration::from_secs(1)) {
        on_cleanup(move || timer.clear());
    }
    let rows = move || {
        ticks.track();
        // Nothing is written while nobody looks.
        let entries = if open.get() { inspect() } else { Vec::new() };
        entries
            .into_iter()
            .map(|(key, state, age, observers)| {
                let age = age.map_or_else(|| "–".to_owned(), |age| format!("{} s", age / 1_000));
                view! {
                    <tr>
                        <th scope="row"><code>{key}</code></th>
                        <td>{state}</td>
                        <td class="num">{age}</td>
                        <td class="num">{observers}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <dialog aria-labelledby="query-cache" node_ref=dialog on:close=move |_| open.set(false)>
            <h2 id="query-cache">"Query cache"</h2>
            <div class="scroll" tabindex="0" role="group" aria-label="Entries, scroll sideways when narrow">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Query"</th>
                            <th scope="col">"State"</th>
                            <th scope="col" class="num">"Age"</th>
                            <th scope="col" class="num">"Observers"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="more">
                <button class="btn" type="button" on:click=move |_| client.invalidate_all()>"Invalidate all"</button>
                " "
                <button class="btn" type="button" on:click=move |_| open.set(false)>"Close"</button>
            </p>
        </dialog>
    }
}
