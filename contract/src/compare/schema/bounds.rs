//! Bounds: numbers, lengths, counts, patterns, multiples, uniqueness.

use super::{
    Medium, Report,
    normalized::{Bound, COUNTS, NormalizedSchema, Types, compare_bounds},
};
use crate::{
    compare::{
        evidence::{self, Evidence, Fact},
        value::Decimal,
    },
    json_schema, rules,
    tree::{NodeId, Tree},
};
use serde_json::json;
use shared::Level;
use std::cmp::Ordering;

type Trees<'t> = (&'t Tree, &'t Tree);

/// Whether a bound is as strict as another or stricter.
pub(super) fn at_least((tree, have): (&Tree, Bound), (other, need): (&Tree, Bound), lower: bool) -> bool {
    compare_bounds((tree, have), (other, need), lower) != Ordering::Less
}

/// The least (or else greatest) whole number that a bound lets through.
pub(super) fn whole_bound(tree: &Tree, bound: Bound, lower: bool) -> Option<i128> {
    let number = Decimal::parse(tree.as_number(bound.node)?);
    let nearest = number.whole(!lower)?;
    let step = i128::from(bound.exclusive && number.is_integer());
    Some(if lower { nearest + step } else { nearest - step })
}

pub(super) fn compare(report: &mut Report, trees: Trees<'_>, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    let both = |kind: Types| have_both(report.mode.medium, kind, b, r);
    let [strings, arrays, objects, numbers] = [Types::STRING, Types::ARRAY, Types::OBJECT, Types::INTEGER].map(both);
    let whole = |normalized: &NormalizedSchema<'_>| normalized.types.and(Types::NUMBER) == Types::INTEGER;
    let whole = whole(b) && whole(r);
    let ranges = if numbers { 2 } else { 0 };
    for (before, after, lower) in [(b.lower, r.lower, true), (b.upper, r.upper, false)].into_iter().take(ranges) {
        let order = match (before, after) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(before), Some(after)) => {
                let numbers = (whole_bound(trees.0, before, lower), whole_bound(trees.1, after, lower));
                match numbers {
                    (Some(was), Some(is)) if whole => {
                        if lower {
                            is.cmp(&was)
                        } else {
                            was.cmp(&is)
                        }
                    }
                    _ => compare_bounds((trees.1, after), (trees.0, before), lower),
                }
            }
        };
        if order == Ordering::Equal {
            continue;
        }
        let (keyword, exclusive) =
            if lower { ("minimum", "exclusiveMinimum") } else { ("maximum", "exclusiveMaximum") };
        let fact = |tree: &Tree, bound: Option<Bound>| {
            let number = |bound: Bound| evidence::number(tree.as_number(bound.node).unwrap_or_default());
            bound.map_or(Fact::None, |bound| {
                if bound.exclusive {
                    Fact::json(json!({ exclusive: number(bound) }))
                } else {
                    Fact::json(number(bound))
                }
            })
        };
        let evidence = Evidence::of(keyword, fact(trees.0, before), fact(trees.1, after));
        let nodes = (before.map(|b| b.node), after.map(|b| b.node));
        bound(report, (b, r), nodes, order, evidence);
    }
    for (index, (keyword, larger_is_stricter)) in COUNTS.into_iter().enumerate() {
        let contains =
            |normalized: &NormalizedSchema<'_>| normalized.applicators.iter().any(|(name, _)| *name == "contains");
        let tells = match keyword {
            "minLength" | "maxLength" => strings,
            "minProperties" | "maxProperties" => objects,
            // Where `contains` comes or goes, that tells it.
            "minContains" | "maxContains" => arrays && contains(b) == contains(r),
            _ => arrays,
        };
        if tells {
            count(report, trees, (b, r), (b.counts[index], r.counts[index]), keyword, larger_is_stricter);
        }
    }
    if numbers {
        multiples(report, trees, b, r);
    }
    if strings {
        patterns(report, trees, b, r);
    }
    if arrays {
        uniqueness(report, b, r);
    }
}

/// Whether what is said of a type is felt on both sides. What is said of one that a side hasn't is told by the type; but
/// where scalars are spelled, a number or a flag is a text like any other.
pub(super) fn have_both(medium: Medium, kind: Types, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) -> bool {
    let spelled = |normalized: &NormalizedSchema<'_>| normalized.types.and(Types::SCALARS) != Types::NONE;
    let texts = kind == Types::STRING && medium.spells_scalars() && spelled(b) && spelled(r);
    b.types == r.types || b.types.has(kind) && r.types.has(kind) || texts
}

fn count(
    report: &mut Report,
    trees: Trees<'_>,
    normalized: (&NormalizedSchema<'_>, &NormalizedSchema<'_>),
    (before, after): (Option<NodeId>, Option<NodeId>),
    keyword: &'static str,
    larger_is_stricter: bool,
) {
    if before.is_none() && after.is_none() {
        return;
    }
    let number = |tree: &Tree, node: Option<NodeId>| node.and_then(|node| tree.as_number(node)).map(str::to_owned);
    // What is absent is 0 for a minimum and endless for a maximum; `minContains` alone defaults to 1.
    // A parameter in a path is there anyway.
    let in_path = keyword == "minLength" && report.mode.medium == Medium::Path;
    let absent = if keyword == "minContains" || in_path { "1" } else { "0" };
    let value = |text: &Option<String>, normalized: &NormalizedSchema<'_>| match text {
        Some(text) => Some(Decimal::parse(text)),
        None if keyword == "minProperties" => Some(Decimal::parse(&normalized.named.to_string())),
        None if larger_is_stricter => Some(Decimal::parse(absent)),
        None => None,
    };
    let (was, is) = (number(trees.0, before), number(trees.1, after));
    let order = match (value(&was, normalized.0), value(&is, normalized.1)) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(was), Some(is)) if larger_is_stricter => is.cmp(&was),
        (Some(was), Some(is)) => was.cmp(&is),
    };
    if order == Ordering::Equal {
        return;
    }
    bound(report, normalized, (before, after), order, Evidence::of(keyword, Fact::node(before), Fact::node(after)));
    // A minimum of none is one of zero: raising it refuses what was surely allowed.
    if keyword != "minItems" && larger_is_stricter && before.is_none() && order == Ordering::Greater {
        let rule = report.mode.pick(rules::REQUEST_BOUND_TIGHTENED, rules::RESPONSE_BOUND_TIGHTENED);
        if let Some(change) = report.changes.last_mut() {
            change.rule = rule;
            let level = change.rule.level;
            report.level(level);
        }
    }
}

/// `order` is `Greater` when the revision is the stricter one.
fn bound(
    report: &mut Report,
    (b, r): (&NormalizedSchema<'_>, &NormalizedSchema<'_>),
    (before, after): (Option<NodeId>, Option<NodeId>),
    order: Ordering,
    evidence: Evidence,
) {
    let mode = report.mode;
    let rule = match (order, before) {
        (Ordering::Equal, _) => return,
        (Ordering::Greater, None) => mode.pick(rules::REQUEST_BOUND_ADDED, rules::RESPONSE_BOUND_TIGHTENED),
        (Ordering::Greater, Some(_)) => mode.pick(rules::REQUEST_BOUND_TIGHTENED, rules::RESPONSE_BOUND_TIGHTENED),
        (Ordering::Less, _) => mode.pick(rules::REQUEST_BOUND_LOOSENED, rules::RESPONSE_BOUND_LOOSENED),
    };
    report.add(rule, evidence, before.or(Some(b.node)), after.or(Some(r.node)));
}

fn multiples(report: &mut Report, (base, revision): Trees<'_>, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    let (was, is) = (multiples_of(base, b), multiples_of(revision, r));
    let imply = |normalized: &NormalizedSchema<'_>, have: &[&str], needed: &[&str]| {
        // Whole numbers are multiples of one.
        let whole = !normalized.types.has(Types::FRACTION);
        needed.iter().all(|need| are_multiples(have, need) || whole && are_multiples(&["1"], need))
    };
    let order = match (imply(b, &was, &is), imply(r, &is, &was)) {
        (true, true) => return,
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        // Each allows what the other doesn't: it hurts in either direction.
        (false, false) if report.mode.is_request() => Ordering::Greater,
        (false, false) => Ordering::Less,
    };
    let fact = |all: &[NodeId]| match all {
        [] => Fact::None,
        [one] => Fact::Node(*one),
        all => Fact::nodes(all.iter().copied()),
    };
    let evidence = Evidence::of("multipleOf", fact(&b.multiples), fact(&r.multiples));
    let nodes = (b.multiples.first().copied().or(Some(b.node)), r.multiples.first().copied());
    bound(report, (b, r), nodes, order, evidence);
}

pub(super) fn multiples_of<'t>(tree: &'t Tree, normalized: &NormalizedSchema<'_>) -> Vec<&'t str> {
    normalized.multiples.iter().filter_map(|node| tree.as_number(*node)).collect()
}

/// Numbers of which a common multiple is looked for; people write two.
const MAX_FACTORS: usize = 8;

/// Whether a number that is a multiple of all of some is one of another.
pub(super) fn are_multiples(have: &[&str], need: &str) -> bool {
    let have = &have[..have.len().min(MAX_FACTORS)];
    have.iter().any(|have| Decimal::is_multiple_of(have, need))
        || common_multiple(have).is_some_and(|common| whole(need).is_some_and(|need| need != 0 && common % need == 0))
}

/// The least common multiple of whole numbers.
fn common_multiple(numbers: &[&str]) -> Option<i128> {
    fn divisor(a: i128, b: i128) -> i128 {
        if b == 0 { a } else { divisor(b, a % b) }
    }
    numbers.iter().try_fold(1_i128, |common, number| {
        let number = whole(number).filter(|number| *number != 0)?;
        (common / divisor(common, number)).checked_mul(number)
    })
}

fn whole(text: &str) -> Option<i128> {
    let number = Decimal::parse(text);
    if number.is_integer() { number.whole(true) } else { None }
}

fn patterns(report: &mut Report, trees: Trees<'_>, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    let mode = report.mode;
    let texts = |tree: &Tree, nodes: &[NodeId]| -> Vec<String> {
        let mut texts: Vec<_> = nodes.iter().filter_map(|node| tree.as_str(*node)).map(str::to_owned).collect();
        // These match everything, like no pattern.
        texts.retain(|text| !matches!(text.as_str(), "^.*$" | "^.*" | ".*$" | "^" | "$") && !matches_all(text));
        crate::sort::plain(&mut texts);
        texts.dedup();
        texts
    };
    let (was, is) = (texts(trees.0, &b.patterns), texts(trees.1, &r.patterns));
    if was == is {
        return;
    }
    let at = (b.patterns.first().copied().or(Some(b.node)), r.patterns.first().copied().or(Some(r.node)));
    let rule = if was.iter().all(|pattern| is.binary_search(pattern).is_ok()) {
        mode.pick(rules::REQUEST_PATTERN_ADDED, rules::RESPONSE_PATTERN_ADDED)
    } else if is.iter().all(|pattern| was.binary_search(pattern).is_ok()) {
        mode.pick(rules::REQUEST_PATTERN_REMOVED, rules::RESPONSE_PATTERN_REMOVED)
    } else {
        mode.pick(rules::REQUEST_PATTERN_CHANGED, rules::RESPONSE_PATTERN_CHANGED)
    };
    let fact = |texts: &[String]| Fact::texts(texts.iter().map(String::as_str));
    report.add(rule, Evidence::of("pattern", fact(&was), fact(&is)), at.0, at.1);
}

/// Whether a pattern that isn't anchored matches nothing at all, and so any text at its start.
fn matches_all(pattern: &str) -> bool {
    const LONGEST: usize = 64;
    let anchors = ["$", "\\b", "\\B"];
    // Within a class, `^` is no anchor.
    let anchored = anchors.iter().any(|anchor| pattern.contains(anchor)) || pattern.replace("[^", "[").contains('^');
    !anchored && pattern.len() <= LONGEST && json_schema::pattern(pattern).is_some_and(|regex| regex.is_match(""))
}

fn uniqueness(report: &mut Report, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    let mode = report.mode;
    match (b.unique, r.unique) {
        (None, Some(node)) => {
            let rule = mode.pick(rules::REQUEST_BOUND_TIGHTENED, rules::RESPONSE_BOUND_TIGHTENED);
            report.add(rule, Evidence::flag("uniqueItems", true), Some(b.node), Some(node));
        }
        (Some(node), None) => {
            let rule = mode.pick(rules::REQUEST_BOUND_LOOSENED, rules::RESPONSE_BOUND_LOOSENED);
            report.add(rule, Evidence::flag("uniqueItems", false), Some(node), Some(r.node));
            if !mode.is_request() {
                // Most clients read a list with a double like any other.
                report.level(Level::Risky);
            }
        }
        _ => {}
    }
}
