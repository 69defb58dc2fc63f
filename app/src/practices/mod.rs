//! The practices of the seam between frontend and backend that this hub itself is built with.

pub mod table;

use crate::ui::lazy::lazy_page;
use crate::ui::title::title;
use leptos::prelude::*;
use table::{PRACTICES, Practice};

/// `/practices`
pub struct PracticesRoute;

lazy_page!(PracticesRoute);

impl PracticesRoute {
    fn page() -> AnyView {
        let rows = PRACTICES.iter().map(row).collect_view();
        title(|| "Practices".to_owned());
        view! {
            <div class="head">
                <h1>"Practices"</h1>
                <p class="lead">
                    "What makes a frontend and a backend work well together, and where this hub does it. A practice is \
                     listed when it holds here: with the place where it can be seen, the file that does it and the test \
                     that proves it."
                </p>
            </div>
            <ol class="practices">{rows}</ol>
        }
        .into_any()
    }
}

fn row(practice: &'static Practice) -> AnyView {
    let Practice { number, title, here, live, file, test } = *practice;
    let (href, label) = live;
    // Documents and streams of the REST API are no pages of this app.
    let rel = href.starts_with("/api/").then_some("external");
    view! {
        <li class="panel practice" id=format!("practice-{number}")>
            <h2>{title}</h2>
            <p class="prose">{here}</p>
            <dl class="rules">
                <div>
                    <dt>"See it"</dt>
                    <dd>
                        <a href=href rel=rel>{label}</a>
                    </dd>
                </div>
                <div>
                    <dt>"Done by"</dt>
                    <dd><code>{file}</code></dd>
                </div>
                <div>
                    <dt>"Proven by"</dt>
                    <dd><code>{test}</code></dd>
                </div>
            </dl>
        </li>
    }
    .into_any()
}
