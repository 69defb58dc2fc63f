//! What lives how long: `deprecated`, `x-sunset` and `x-stability-level`, of operations, parameters and schemas alike.
//!
//! A sunset is a promise: until that day it works. Taking the promise back, shortening it or leaving before it hurts
//! whoever planned by it; leaving after it hurts nobody who listened. What is marked as draft or alpha promises
//! nothing, so nothing in it breaks. Without a level a thing is stable.

use super::findings::quoted;
use crate::{
    Date, Options,
    document::Document,
    tree::{NodeId, Tree},
};
use shared::Level;

/// How much a thing's shape can be relied on, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stability {
    Draft,
    Alpha,
    Beta,
    Stable,
}

impl Stability {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "draft" => Self::Draft,
            "alpha" => Self::Alpha,
            "beta" => Self::Beta,
            "stable" => Self::Stable,
            _ => return None,
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Stable => "stable",
        }
    }
}

/// What a document says of a thing's life.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Life<'d> {
    tree: &'d Tree,
    /// The thing, to point at where it says nothing.
    node: NodeId,
    pub(crate) deprecated: Option<NodeId>,
    pub(crate) sunset: Option<NodeId>,
    pub(crate) stability: Option<NodeId>,
}

/// What a change in a thing's life is told by: rule, level where it isn't the rule's own, the words behind the subject
/// and both places.
pub(super) struct Told {
    pub(super) rule: &'static str,
    pub(super) level: Option<Level>,
    pub(super) says: String,
    pub(super) base: Option<NodeId>,
    pub(super) revision: Option<NodeId>,
}

/// The rules that a thing is told to be deprecated by, and no longer to be.
pub(super) struct Names {
    pub(super) deprecated: &'static str,
    pub(super) undeprecated: &'static str,
}

/// How something that is gone was announced.
pub(super) enum Announced {
    No,
    /// It was deprecated, without a day that tells whether its time had come.
    Deprecated,
    /// Its sunset had come, or not yet; or it names no day at all.
    After(Date),
    Before(Date),
    Unreadable(String),
}

impl<'d> Life<'d> {
    /// Of an operation or a parameter.
    pub(super) fn of(document: &'d Document, node: NodeId) -> Self {
        let tree = &document.tree;
        let deprecated = tree.get(node, "deprecated").filter(|flag| tree.as_bool(*flag) == Some(true));
        let (sunset, stability) = (tree.get(node, "x-sunset"), tree.get(node, "x-stability-level"));
        Self { tree, node, deprecated, sunset, stability }
    }

    pub(super) fn new(
        tree: &'d Tree,
        node: NodeId,
        (deprecated, sunset, stability): (Option<NodeId>, Option<NodeId>, Option<NodeId>),
    ) -> Self {
        Self { tree, node, deprecated, sunset, stability }
    }

    /// `None` where there is no sunset; an error where it is no date.
    fn date(&self) -> Option<Result<Date, String>> {
        let text = self.tree.as_str(self.sunset?).unwrap_or_default();
        Some(text.parse().map_err(|_| quoted(text).into_owned()))
    }

    /// `None` for a level that nobody knows.
    pub(super) fn stability(&self) -> Option<Stability> {
        match self.stability {
            None => Some(Stability::Stable),
            Some(node) => Stability::named(self.tree.as_str(node).unwrap_or_default()),
        }
    }

    /// Whether it says itself that it may change at any time.
    pub(super) fn is_unstable(&self) -> bool {
        self.stability().is_some_and(|level| level < Stability::Beta)
    }

    pub(super) fn announced(&self, options: &Options) -> Announced {
        match (self.date(), options.today) {
            (None, _) if self.deprecated.is_none() => Announced::No,
            (None, _) | (Some(Ok(_)), None) => Announced::Deprecated,
            (Some(Ok(sunset)), Some(today)) if sunset <= today => Announced::After(sunset),
            (Some(Ok(sunset)), Some(_)) => Announced::Before(sunset),
            (Some(Err(text)), _) => Announced::Unreadable(text),
        }
    }

    /// Days that a deprecation leaves at least.
    fn notice(&self, options: &Options) -> u32 {
        match self.stability() {
            Some(Stability::Draft | Stability::Alpha) => 0,
            Some(Stability::Beta) => options.notice.beta,
            Some(Stability::Stable) | None => options.notice.stable,
        }
    }
}

/// What changed in the life of a thing that is still there.
pub(super) fn changes(options: &Options, names: &Names, b: &Life<'_>, r: &Life<'_>) -> Vec<Told> {
    let mut all = Vec::new();
    let mut told = |rule, says: String, base: Option<NodeId>, revision: Option<NodeId>| {
        let places = (base.or(Some(b.node)), revision.or(Some(r.node)));
        all.push(Told { rule, level: None, says, base: places.0, revision: places.1 });
    };
    match (b.deprecated, r.deprecated) {
        (None, Some(node)) => {
            told(names.deprecated, "is deprecated now".to_owned(), None, Some(node));
            if r.sunset.is_none() && r.notice(options) > 0 {
                let says =
                    format!("is deprecated without a sunset; {} days of notice are asked for", r.notice(options));
                told("sunset-missing", says, None, Some(node));
            }
        }
        (Some(node), None) => told(names.undeprecated, "is no longer deprecated".to_owned(), Some(node), None),
        _ => {}
    }
    let revived = b.deprecated.is_some() && r.deprecated.is_none();
    let (was, is) = (b.date(), r.date());
    match (was, is) {
        (was, Some(Err(text))) if was != Some(Err(text.clone())) => {
            told("sunset-invalid", format!("has the sunset `{text}`, which is no date"), b.sunset, r.sunset);
        }
        (Some(_), None) if !revived => {
            told("sunset-removed", "no longer says until when it works".to_owned(), b.sunset, None);
        }
        (Some(Ok(was)), Some(Ok(is))) if is > was => {
            told("sunset-moved-later", format!("works until {is} instead of {was}"), b.sunset, r.sunset);
        }
        (Some(Ok(was)), Some(Ok(is))) if is < was => {
            told("sunset-moved-earlier", format!("works until {is} only instead of {was}"), b.sunset, r.sunset);
            let far = options.today.is_some_and(|today| today.plus_days(r.notice(options)) <= is);
            if let Some(last) = all.last_mut().filter(|_| far) {
                // There is still as much time as a new deprecation would leave.
                last.level = Some(Level::Risky);
            }
        }
        (None | Some(Err(_)), Some(Ok(is))) => {
            let notice = r.notice(options);
            let soon = options.today.filter(|today| is < today.plus_days(notice));
            match soon {
                Some(today) => {
                    let days = today.days_until(is);
                    let when = if days < 0 { "is past".to_owned() } else { format!("is {days} days from now") };
                    let asked = if notice > 0 { format!("; {notice} are asked for") } else { String::new() };
                    told("sunset-too-soon", format!("has the sunset {is}, which {when}{asked}"), b.sunset, r.sunset);
                }
                None => told("sunset-added", format!("works until {is}"), b.sunset, r.sunset),
            }
        }
        _ => {}
    }
    all.extend(stability(b, r));
    all
}

fn stability(b: &Life<'_>, r: &Life<'_>) -> Option<Told> {
    let text = |life: &Life<'_>| life.stability.and_then(|node| life.tree.as_str(node).map(str::to_owned));
    let mut level = None;
    let (rule, says) = match (b.stability(), r.stability()) {
        (was, None) if was.is_some() || text(b) != text(r) => {
            let text = text(r).unwrap_or_default();
            ("stability-invalid", format!("has the stability `{}`, which is no level", quoted(&text)))
        }
        (Some(was), Some(is)) if is < was => {
            // Where nothing was said, nothing was promised in so many words.
            level = b.stability.is_none().then_some(Level::Risky);
            ("stability-decreased", format!("was {} and is only {} now", was.name(), is.name()))
        }
        (Some(was), Some(is)) if is > was => {
            ("stability-increased", format!("was {} and is {} now", was.name(), is.name()))
        }
        _ => return None,
    };
    Some(Told { rule, level, says, base: b.stability.or(Some(b.node)), revision: r.stability.or(Some(r.node)) })
}
