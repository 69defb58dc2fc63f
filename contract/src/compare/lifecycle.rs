//! What lives how long: `deprecated`, `x-sunset` and `x-stability-level`, of operations, parameters and schemas alike.
//!
//! A sunset is a promise: until that day it works. Taking the promise back, shortening it or leaving before it hurts
//! the clients that planned by it; leaving after it hurts nobody who listened. What is marked as draft or alpha promises
//! nothing, so nothing in it breaks. Without a level a thing is stable.

use super::evidence::{Evidence, Fact, Note};
use crate::{
    Date, Options,
    document::Document,
    rules::{self, RuleId},
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

/// What a change in a thing's life is told by: rule, level where it isn't the rule's own, values and both places.
pub(super) struct LifecycleChange {
    pub(super) rule: RuleId,
    pub(super) level: Option<Level>,
    pub(super) evidence: Evidence,
    pub(super) base: Option<NodeId>,
    pub(super) revision: Option<NodeId>,
}

/// The rules that a thing is told to be deprecated by, and no longer to be.
pub(super) struct Names {
    pub(super) deprecated: RuleId,
    pub(super) undeprecated: RuleId,
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
        Some(text.parse().map_err(|_| text.to_owned()))
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
pub(super) fn changes(options: &Options, names: &Names, b: &Life<'_>, r: &Life<'_>) -> Vec<LifecycleChange> {
    let mut all = Vec::new();
    let mut told = |rule, evidence, base: Option<NodeId>, revision: Option<NodeId>| {
        let places = (base.or(Some(b.node)), revision.or(Some(r.node)));
        all.push(LifecycleChange { rule, level: None, evidence, base: places.0, revision: places.1 });
    };
    match (b.deprecated, r.deprecated) {
        (None, Some(node)) => {
            told(names.deprecated, Evidence::flag("deprecated", true), None, Some(node));
            if r.sunset.is_none() && r.notice(options) > 0 {
                let evidence = sunset(None, None).note(Note::Notice(r.notice(options)));
                told(rules::SUNSET_MISSING, evidence, None, Some(node));
            }
        }
        (Some(node), None) => told(names.undeprecated, Evidence::flag("deprecated", false), Some(node), None),
        _ => {}
    }
    let revived = b.deprecated.is_some() && r.deprecated.is_none();
    let (was, is) = (b.date(), r.date());
    match (was, is) {
        (was, Some(Err(text))) if was != Some(Err(text.clone())) => {
            told(rules::SUNSET_INVALID, sunset(None, Some(&text)), b.sunset, r.sunset);
        }
        (Some(was), None) if !revived => {
            let was = was.map_or_else(|text| text, |day| day.to_string());
            told(rules::SUNSET_REMOVED, sunset(Some(&was), None), b.sunset, None);
        }
        (Some(Ok(was)), Some(Ok(is))) if is > was => {
            told(rules::SUNSET_MOVED_LATER, moved(was, is), b.sunset, r.sunset);
        }
        (Some(Ok(was)), Some(Ok(is))) if is < was => {
            told(rules::SUNSET_MOVED_EARLIER, moved(was, is), b.sunset, r.sunset);
            let far = options.today.is_some_and(|today| today.plus_days(r.notice(options)) <= is);
            if let Some(last) = all.last_mut().filter(|_| far) {
                // There is still as much time as a new deprecation would leave.
                last.level = Some(Level::Risky);
            }
        }
        (None | Some(Err(_)), Some(Ok(is))) => {
            let notice = r.notice(options);
            let soon = options.today.filter(|today| is < today.plus_days(notice));
            let evidence = sunset(None, Some(&is.to_string()));
            match soon {
                Some(today) => {
                    let evidence = evidence.note(Note::Days(today.days_until(is), notice));
                    told(rules::SUNSET_TOO_SOON, evidence, b.sunset, r.sunset);
                }
                None => told(rules::SUNSET_ADDED, evidence, b.sunset, r.sunset),
            }
        }
        _ => {}
    }
    all.extend(stability(b, r));
    all
}

fn sunset(was: Option<&str>, is: Option<&str>) -> Evidence {
    Evidence::of("x-sunset", Fact::text(was), Fact::text(is))
}

fn moved(was: Date, is: Date) -> Evidence {
    sunset(Some(&was.to_string()), Some(&is.to_string()))
}

/// That something with a sunset was removed.
pub(super) fn removed(announced: &Announced) -> Evidence {
    match announced {
        Announced::After(sunset) | Announced::Before(sunset) => self::sunset(Some(&sunset.to_string()), None),
        Announced::Unreadable(text) => sunset(Some(text), None),
        Announced::No | Announced::Deprecated => Evidence::none(),
    }
}

fn stability(b: &Life<'_>, r: &Life<'_>) -> Option<LifecycleChange> {
    let text = |life: &Life<'_>| life.stability.and_then(|node| life.tree.as_str(node).map(str::to_owned));
    let mut level = None;
    let was = Fact::text(b.stability().map(Stability::name));
    let (rule, is) = match (b.stability(), r.stability()) {
        (known, None) if known.is_some() || text(b) != text(r) => {
            (rules::STABILITY_INVALID, text(r).unwrap_or_default())
        }
        (Some(was), Some(is)) if is < was => {
            // Where nothing was said, nothing was promised in so many words.
            level = b.stability.is_none().then_some(Level::Risky);
            (rules::STABILITY_DECREASED, is.name().to_owned())
        }
        (Some(was), Some(is)) if is > was => (rules::STABILITY_INCREASED, is.name().to_owned()),
        _ => return None,
    };
    let evidence = Evidence::of("x-stability-level", was, Fact::text(Some(&is)));
    Some(LifecycleChange {
        rule,
        level,
        evidence,
        base: b.stability.or(Some(b.node)),
        revision: r.stability.or(Some(r.node)),
    })
}
