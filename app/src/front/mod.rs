//! The front page: what the hub is, for somebody who isn't signed in.
//!
//! It is a document of its own beside the app, written by the server and complete as it is: nothing of it needs a script,
//! so none is sent, and the page is there after two requests. Links to it are `rel="external"`.

mod example;

use crate::{
    context::IsSetUp,
    contracts::operation,
    shell::{Head, open_graph},
    ui::{
        layout::Logo,
        prose::prose,
        verdict::{shape, word},
    },
    urls,
};
use example::{Example, Line, example};
use leptos::prelude::*;
use shared::{
    Finding, Level,
    findings::{Counts, Side, Witness},
};

const TITLE: &str = "Handshake: see what an API change breaks";

/// The whole document of `/`, for the request whose context is at hand.
#[must_use]
pub fn front(options: LeptosOptions) -> String {
    document(options).to_html()
}

fn document(options: LeptosOptions) -> impl IntoView {
    let set_up = use_context::<IsSetUp>().is_none_or(|IsSetUp(set_up)| set_up);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <Head options />
                <title>{TITLE}</title>
                {open_graph("og:title", TITLE)}
            </head>
            <body class="front">
                <a class="skip" href="#main">"Skip to content"</a>
                <header class="front-top">
                    <a class="brand" href="/" aria-current="page">
                        <Logo />
                        <span>"Handshake"</span>
                    </a>
                    <nav aria-label="Main">
                        <a href="/playground">"Playground"</a>
                        <a href="/rules">"Rules"</a>
                        <a href="/docs/api">"API"</a>
                    </nav>
                    {set_up.then(|| view! { <a class="btn" href="/login">"Sign in"</a> })}
                </header>
                <main id="main" tabindex="-1">
                    {hero(set_up)}
                    {example().map(picture)}
                    {facts()}
                </main>
                <footer class="front-foot">
                    <p>"This hub is self-hosted: contracts and accounts stay on its own server."</p>
                    <nav aria-label="About">
                        <a href="/practices">"How it is built"</a>
                        <a href="/rules">"All rules"</a>
                        <a href="/docs/api">"Hub API"</a>
                    </nav>
                </footer>
            </body>
        </html>
    }
}

fn hero(set_up: bool) -> impl IntoView {
    let (first, note) = if set_up {
        let first = view! {
            <a class="btn large primary" href="/playground">"Try it without an account"</a>
            <a class="btn large" href="/login">"Sign in"</a>
        };
        (first.into_any(), "The playground compares in your browser. Nothing is uploaded.")
    } else {
        let first = view! {
            <a class="btn large primary" href="/setup">"Set up this hub"</a>
            <a class="btn large" href="/playground">"Try it without an account"</a>
        };
        (first.into_any(), "This hub is new. Its first account needs the code that handshake serve printed.")
    };
    view! {
        <section class="hero">
            <h1>"See what an API change breaks, before it ships"</h1>
            <p class="lead">
                "Handshake compares every version of your OpenAPI contract with the one before it, and proves each break \
                 with a message that worked yesterday and fails tomorrow."
            </p>
            <p class="actions">{first}</p>
            <p class="hint">{note}</p>
        </section>
    }
}

/// The example: what changed on the left, what that means on the right.
fn picture(Example { title, labels: [base, revision], lines, findings }: &'static Example) -> impl IntoView {
    let counts = Counts::of(findings);
    // The worst one comes first, and is shown with its proof.
    let operation = findings.iter().find_map(|finding| finding.operation.as_ref());
    let rows = findings.iter().enumerate().map(|(index, finding)| row(finding, index == 0, base, revision));
    view! {
        <figure class="case">
            <div class="panel">
                <header>
                    <h2>{title.as_str()}</h2>
                    <span class="versions">
                        <code class="old">{base.as_str()}</code>
                        <span aria-label="to">"→"</span>
                        <code class="new">{revision.as_str()}</code>
                    </span>
                    <span class="counts">{chips(counts)}</span>
                </header>
                <div class="case-parts">
                    <pre class="diff" tabindex="0" aria-label="What changed in the contract">
                        {lines.iter().map(line).collect_view()}
                    </pre>
                    <div class="case-verdict">
                        {operation.map(|key| view! { <p class="op">{operation::key(key)}</p> })}
                        <ul class="finding-list">{rows.collect_view()}</ul>
                    </div>
                </div>
            </div>
            <figcaption>"Judged by this hub’s engine, the one that your contracts get."</figcaption>
        </figure>
    }
}

fn chips(counts: Counts) -> impl IntoView {
    let levels = Level::ALL.into_iter().filter(move |level| counts.get(*level) > 0);
    levels
        .map(|level| view! { <span class=format!("v {level}")>{format!("{} {level}", counts.get(level))}</span> })
        .collect_view()
}

fn line(line: &Line) -> AnyView {
    let (class, sign, number, text) = match *line {
        Line::Same(number, text) => ("same", " ", number.to_string(), text),
        Line::Old(number, text) => ("old", "−", number.to_string(), text),
        Line::New(number, text) => ("new", "+", number.to_string(), text),
        Line::Gap => ("gap", " ", String::new(), "⋯"),
    };
    view! {
        <span class=class>
            <span class="number" aria-hidden="true">{number}</span>
            <span class="sign">{sign}</span>
            {text}
            "\n"
        </span>
    }
    .into_any()
}

fn row(finding: &'static Finding, proved: bool, base: &str, revision: &str) -> impl IntoView {
    let witness = finding.witness.as_ref().filter(|_| proved);
    view! {
        <li class="case-finding">
            <span class=format!("g {}", finding.level) aria-hidden="true">{shape(finding.level)}</span>
            <p>
                <b class=format!("level {}", finding.level)>{word(finding.level)}</b>
                " "
                {prose(&finding.message)}
                " "
                <a class="rule" href=urls::rule(&finding.rule)><code>{finding.rule.clone()}</code></a>
            </p>
            {witness.map(|witness| proof(finding, witness, base, revision))}
        </li>
    }
}

/// The message that shows a finding to be true, with the line that one side doesn't take.
fn proof(finding: &Finding, witness: &'static Witness, base: &str, revision: &str) -> impl IntoView {
    let caption = match witness.accepted_by {
        Side::Base => format!("Example: works with {base}, fails with {revision}"),
        Side::Revision => format!("Example: {revision} may send this, clients of {base} can’t read it"),
    };
    let guilty = property(finding).map(|name| format!("\"{name}\":"));
    let body = witness.body.as_deref().unwrap_or_default();
    let body = serde_json::from_str::<serde_json::Value>(body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| body.to_owned());
    let lines = body.lines().map(|line| {
        match &guilty {
            Some(name) if line.trim_start().starts_with(name.as_str()) => {
                // A block of its own, and so a line.
                view! { <mark>{line.to_owned()}</mark> }.into_any()
            }
            _ => format!("{line}\n").into_any(),
        }
    });
    view! {
        <div class="case-proof">
            <p class="caption">{caption}</p>
            <pre tabindex="0" aria-label="Example message">{witness.start_line.as_str()} "\n\n" {lines.collect_view()}</pre>
            <p class="refusal">{prose(&witness.refusal)}</p>
        </div>
    }
}

/// The property that a finding is about, by its place in the document.
fn property(finding: &Finding) -> Option<&str> {
    let place = finding.revision.as_ref().or(finding.base.as_ref())?;
    place.pointer.rsplit_once("/properties/")?.1.split('/').next()
}

fn facts() -> impl IntoView {
    view! {
        <section class="facts" aria-label="What it does">
            <div>
                <h2>"Proof, not opinion"</h2>
                <p>
                    "A breaking finding comes with a request or response that shows it, checked against both contracts, or \
                     says why there is none."
                </p>
            </div>
            <div>
                <h2>"One engine, three places"</h2>
                <p>
                    "The browser, the hub and " <code>"handshake diff"</code>
                    " in your pipeline run the same code and give the same verdict."
                </p>
            </div>
            <div>
                <h2>"Live for the whole team"</h2>
                <p>"Publish a version, and everybody who has the page open sees the verdict in the same second."</p>
            </div>
        </section>
    }
}
