//! One pair: what two schemas say of a value itself. Objects, bounds and alternatives have modules of their own.

use super::{
    Mode, Pair, Report, Schemas, Step, alternatives,
    alternatives::Relation,
    bounds,
    facts::{Facts, Types},
    keywords, objects,
    side::{Conjunction, Side},
    spelling,
};
use crate::{
    Options,
    compare::{
        findings::quoted,
        lifecycle::{self, Names},
        value::{canonical, spelled},
    },
    tree::{NodeId, Tree},
    views,
};
use shared::Level;
use std::collections::HashSet;

pub(super) fn compare(schemas: &mut Schemas<'_>, base: Conjunction, revision: Conjunction, mode: Mode) -> Pair {
    let (b, r) = (schemas.base.facts(base), schemas.revision.facts(revision));
    if b.types == Types::NONE && r.types == Types::NONE {
        // No value fits either: whatever else they say makes no difference.
        return Report::new(mode).finish();
    }
    if !mode.medium.is_url() && spelling::are_bytes(schemas, base, revision) {
        return Report::new(mode).finish();
    }
    let relation = alternatives::relation(schemas, (base, &b), (revision, &r), mode);
    let mut report = Report::new(relation.cap(mode));
    let mode = report.mode;
    if relation == Relation::Same {
        let trees = (&schemas.base.document.tree, &schemas.revision.document.tree);
        annotations(&mut report, trees, &b, &r);
        spelling::xml(&mut report, trees, &b, &r);
        life(&mut report, &schemas.options, trees, &b, &r);
        return report.finish();
    }
    let documents = (schemas.base.document, schemas.revision.document);
    let base64 = spelling::are_base64(documents, &b, &r);
    if mode.medium.is_url()
        && mode.is_request()
        && lists(&b, &r)
        && takes_one(&schemas.revision.document.tree, &r)
        && let Some((items, _)) = r.items
    {
        report.add("request-type-widened", "was a single value and takes a list of such now", at(&b), at(&r));
        let pair = schemas.pair(base, items, mode.inside());
        report.edge(Step::Items, pair);
        return report.finish();
    }
    let wrapped = b.unions.is_empty() != r.unions.is_empty();
    let bare = |side: &Side<'_>, facts: &Facts<'_>| facts.is_bare_union() && side.types_are_those_of_members(facts);
    if wrapped && (if b.unions.is_empty() { bare(&schemas.revision, &r) } else { bare(&schemas.base, &b) }) {
        // One side is one of the other side's alternatives, or was.
        nullability(&mut report, &b, &r);
        alternatives::wrapped(schemas, &mut report, (base, &b), (revision, &r));
    } else {
        let trees = (&schemas.base.document.tree, &schemas.revision.document.tree);
        types(&mut report, trees, &b, &r);
        let both = |kind: Types| bounds::have_both(mode.medium, kind, &b, &r);
        values(&mut report, trees, &b, &r);
        extensible(&mut report, trees, &b, &r);
        if !base64 {
            formats(&mut report, trees, &b, &r);
        }
        bounds::compare(&mut report, trees, &b, &r);
        if both(Types::OBJECT) {
            objects::compare(schemas, &mut report, &b, &r);
        }
        if both(Types::ARRAY) {
            items(schemas, &mut report, &b, &r);
        }
        alternatives::compare(schemas, &mut report, (base, &b), (revision, &r));
    }
    keywords::applicators(schemas, &mut report, &b, &r);
    let trees = (&schemas.base.document.tree, &schemas.revision.document.tree);
    // 3.0 has no word for the media type of what a string holds.
    let unsaid = if documents.0.version.has_json_schema() == documents.1.version.has_json_schema() {
        ""
    } else {
        "contentMediaType"
    };
    keywords::compare(&mut report, trees, &b, &r, |name| name == unsaid || (base64 && name == "contentEncoding"));
    annotations(&mut report, trees, &b, &r);
    spelling::xml(&mut report, trees, &b, &r);
    life(&mut report, &schemas.options, trees, &b, &r);
    report.finish()
}

/// Whether a single value became a list: in a URL the one looks like the other with one item.
fn lists(b: &Facts<'_>, r: &Facts<'_>) -> bool {
    let (before, after) = (b.types.without_null(), r.types.without_null());
    after == Types::ARRAY && before != Types::NONE && Types::SCALARS.has(before)
}

/// Whether a list may have one item.
fn takes_one(tree: &Tree, facts: &Facts<'_>) -> bool {
    let count = |node: Option<NodeId>| node.and_then(|node| tree.as_number(node)).and_then(|text| text.parse().ok());
    let (least, most): (Option<f64>, Option<f64>) = (count(facts.counts[2]), count(facts.counts[3]));
    least.is_none_or(|least| least <= 1.0) && most.is_none_or(|most| most >= 1.0)
}

/// What a side says about types, or else the schema as a whole.
pub(super) fn at(facts: &Facts<'_>) -> Option<NodeId> {
    Some(facts.types_node.unwrap_or(facts.node))
}

fn types(report: &mut Report, (base, revision): (&Tree, &Tree), b: &Facts<'_>, r: &Facts<'_>) {
    let mode = report.mode;
    let before = spelling::types_on_the_wire(mode.medium, base, b, r.types);
    let after = spelling::types_on_the_wire(mode.medium, revision, r, b.types);
    if before.without_null() == after.without_null() {
        nullability(report, b, r);
        return;
    }
    let (was, is) = (b.types.without_null(), r.types.without_null());
    let (was, is) = if b.types.has(Types::ALL) || r.types.has(Types::ALL) { (b.types, r.types) } else { (was, is) };
    let says = format!("was {} and is now {}", was.phrase(), is.phrase());
    let (before, after) = (before.without_null(), after.without_null());
    let rule = if after.has(before) {
        mode.pick("request-type-widened", "response-type-widened")
    } else if before.has(after) {
        mode.pick("request-type-narrowed", "response-type-narrowed")
    } else {
        mode.pick("request-type-changed", "response-type-changed")
    };
    report.add(rule, says, at(b), at(r));
    // From or to "anything", null is part of the type that changed.
    if !b.types.has(Types::ALL) && !r.types.has(Types::ALL) {
        nullability(report, b, r);
    }
}

fn nullability(report: &mut Report, b: &Facts<'_>, r: &Facts<'_>) {
    let mode = report.mode;
    let kind = |facts: &Facts<'_>| {
        if facts.unions.is_empty() { facts.types.without_null().phrase() } else { "one of its alternatives".to_owned() }
    };
    match (b.nullable(), r.nullable()) {
        (false, true) => {
            let rule = mode.pick("request-became-nullable", "response-became-nullable");
            let promised =
                if mode.is_request() { String::new() } else { format!("; clients were promised {}", kind(b)) };
            report.add(rule, format!("may now be null{promised}"), at(b), at(r));
        }
        (true, false) => {
            let rule = mode.pick("request-became-not-nullable", "response-became-not-nullable");
            report.add(rule, "may no longer be null", at(b), at(r));
        }
        _ => {}
    }
}

/// Enumerations and constants, which are enumerations of one.
fn values(report: &mut Report, (base, revision): (&Tree, &Tree), b: &Facts<'_>, r: &Facts<'_>) {
    let mode = report.mode;
    let at = (b.values_node.or(Some(b.node)), r.values_node.or(Some(r.node)));
    match (&b.values, &r.values) {
        (None, None) => {}
        (None, Some(_)) if spelling::are_both_truths(mode.medium, revision, r, b) => {}
        (Some(_), None) if spelling::are_both_truths(mode.medium, base, b, r) => {}
        (None, Some(values)) => {
            let list = list(revision, values.iter().map(|(_, node)| *node));
            let rule = mode.pick("request-values-restricted", "response-values-restricted");
            report.add(rule, format!("is now restricted to {list}"), at.0, at.1);
        }
        (Some(values), None) => {
            let list = list(base, values.iter().map(|(_, node)| *node));
            let constant = values.len() == 1 && !mode.is_request();
            let unrestricted = mode.pick("request-values-unrestricted", "response-values-unrestricted");
            let rule = if constant { "response-constant-removed" } else { unrestricted };
            report.add(rule, format!("is no longer restricted to {list}"), at.0, at.1);
        }
        (Some(before), Some(after)) => {
            let key = |tree: &Tree, (text, node): &(String, NodeId)| {
                if mode.medium.spells_scalars() { spelled(tree, *node) } else { text.clone() }
            };
            let keys = |tree, values: &[(String, NodeId)]| values.iter().map(|value| key(tree, value)).collect();
            let (had, have): (HashSet<String>, HashSet<String>) = (keys(base, before), keys(revision, after));
            let without = |tree, values: &[(String, NodeId)], others: &HashSet<String>| -> Vec<NodeId> {
                values.iter().filter(|value| !others.contains(&key(tree, value))).map(|(_, node)| *node).collect()
            };
            let (removed, added) = (without(base, before, &have), without(revision, after, &had));
            if let ([was], [is]) = (&removed[..], &added[..])
                && before.len() == 1
                && after.len() == 1
            {
                let says = format!("was always {} and is now always {}", show(base, *was), show(revision, *is));
                report.add(
                    mode.pick("request-constant-changed", "response-constant-changed"),
                    says,
                    Some(*was),
                    Some(*is),
                );
                return;
            }
            if let Some(first) = removed.first() {
                let rule = mode.pick("request-value-removed", "response-value-removed");
                let says = format!("no longer takes the value {}", list(base, removed.iter().copied()));
                let says = if mode.is_request() { says } else { says.replacen("takes", "has", 1) };
                report.add(rule, says, Some(*first), at.1);
            }
            if let Some(first) = added.first() {
                let rule = mode.pick("request-value-added", "response-value-added");
                let says = format!("may now be {}, which clients may not know", list(revision, added.iter().copied()));
                let says = if mode.is_request() { says.replace(", which clients may not know", "") } else { says };
                report.add(rule, says, at.0, Some(*first));
            }
        }
    }
}

/// `x-extensible-enum`: values that are known today. Clients are told that others may come, so only a value that a
/// request no longer takes hurts.
fn extensible(report: &mut Report, (base, revision): (&Tree, &Tree), b: &Facts<'_>, r: &Facts<'_>) {
    let (Some(old), Some(new)) = (b.extensible, r.extensible) else { return };
    let texts = |tree: &Tree, list: NodeId| -> HashSet<String> {
        tree.items(list).iter().map(|value| canonical(tree, *value)).collect()
    };
    let (had, have) = (texts(base, old), texts(revision, new));
    let gone: Vec<NodeId> =
        base.items(old).iter().copied().filter(|value| !have.contains(&canonical(base, *value))).collect();
    let come: Vec<NodeId> =
        revision.items(new).iter().copied().filter(|value| !had.contains(&canonical(revision, *value))).collect();
    let mode = report.mode;
    if !gone.is_empty() {
        let says = format!("no longer knows the value {}", list(base, gone.into_iter()));
        report.add(mode.pick("request-value-removed", "response-value-removed"), says, Some(old), Some(new));
    }
    if !come.is_empty() {
        let says = format!("knows the value {} now", list(revision, come.into_iter()));
        report.add(mode.pick("request-value-added", "response-value-added"), says, Some(old), Some(new));
        report.level(Level::Safe);
    }
}

/// Formats, of which a whole may have several by its parts.
fn formats(report: &mut Report, (base, revision): (&Tree, &Tree), b: &Facts<'_>, r: &Facts<'_>) {
    // This one is for forms, which hide it: it says nothing of the value.
    let said = |(_, format): &(NodeId, &str)| *format != "password";
    let all = |tree: &'_ Tree, facts: &Facts<'_>| -> Vec<(NodeId, String)> {
        let formats = facts.formats.iter().filter_map(|node| Some((*node, tree.as_str(*node)?)));
        formats.filter(said).map(|(node, format)| (node, format.to_owned())).collect()
    };
    let (had, have) = (all(base, b), all(revision, r));
    let without = |some: &[(NodeId, String)], others: &[(NodeId, String)]| -> Vec<(NodeId, String)> {
        some.iter().filter(|(_, format)| others.iter().all(|(_, other)| other != format)).cloned().collect()
    };
    let (gone, come) = (without(&had, &have), without(&have, &had));
    for index in 0..gone.len().max(come.len()) {
        format(report, (b, r), gone.get(index), come.get(index), had.len().max(have.len()) > 1);
    }
}

/// One format for another; `beside` others, which stay.
fn format(
    report: &mut Report,
    (b, r): (&Facts<'_>, &Facts<'_>),
    was: Option<&(NodeId, String)>,
    is: Option<&(NodeId, String)>,
    beside: bool,
) {
    let mode = report.mode;
    let (before, after) = (was.map(|(_, format)| format.as_str()), is.map(|(_, format)| format.as_str()));
    let narrower = |a: Option<&str>, b: Option<&str>| match (a, b) {
        (Some(_), None) => true,
        (Some(a), Some(b)) => spelling::is_narrower(a, b),
        _ => false,
    };
    let name =
        |format: Option<&str>| format.map_or_else(|| "no format".to_owned(), |f| format!("the format `{}`", quoted(f)));
    let says = match (before, after) {
        (None, Some(_)) if beside => format!("has {} as well now", name(after)),
        (Some(_), None) if beside => format!("no longer has {}", name(before)),
        _ => format!("had {} and has now {}", name(before), name(after)),
    };
    // A format that goes or comes with its type is told by the type.
    let numbers = |format: Option<&str>| format.is_none_or(spelling::is_numeric);
    let told = before.is_none() || after.is_none() || numbers(before) && numbers(after);
    // A number or a flag that is spelled is a text, which keeps to a text's format or doesn't.
    let text = mode.medium.spells_scalars() && !(numbers(before) && numbers(after));
    if b.types.without_null() != r.types.without_null() && told && !text {
        return;
    }
    let rule = if narrower(before, after) {
        mode.pick("request-format-widened", "response-format-widened")
    } else if narrower(after, before) {
        mode.pick("request-format-narrowed", "response-format-narrowed")
    } else {
        mode.pick("request-format-changed", "response-format-changed")
    };
    let place = |format: Option<&(NodeId, String)>, facts: &Facts<'_>| format.map(|(node, _)| *node).or(at(facts));
    report.add(rule, says, place(was, b), place(is, r));
    match (before, after) {
        // Numbers in JSON are such anyway (RFC 8259, section 6).
        (None, Some("double")) | (Some("double"), None) => report.level(Level::Safe),
        // Nobody can tell what keeps to one that isn't known.
        _ if [before, after].into_iter().flatten().any(|format| !spelling::is_known(format)) => {
            report.level(Level::Risky)
        }
        _ => report,
    };
}

fn items(schemas: &mut Schemas<'_>, report: &mut Report, b: &Facts<'_>, r: &Facts<'_>) {
    let mode = report.mode;
    match (b.items, r.items) {
        (Some((before, _)), Some((after, _))) => {
            let pair = schemas.pair(before, after, mode.inside());
            report.edge(Step::Items, pair);
        }
        (None, Some((items, node))) if !schemas.revision.facts(items).says_nothing() => {
            let rule = mode.pick("request-items-described", "response-items-described");
            if b.types == r.types {
                report.add(rule, "has items of a given kind now; before, they could be anything", at(b), Some(node));
            }
        }
        (Some((items, node)), None) if !schemas.base.facts(items).says_nothing() => {
            let rule = mode.pick("request-items-undescribed", "response-items-undescribed");
            if b.types == r.types {
                report.add(rule, "may have items of any kind now", Some(node), at(r));
            }
        }
        _ => {}
    }
}

fn annotations(report: &mut Report, (base, revision): (&Tree, &Tree), b: &Facts<'_>, r: &Facts<'_>) {
    let mode = report.mode;
    let value = |tree: &Tree, node: Option<NodeId>| node.map(|node| canonical(tree, node));
    // What a parameter means when it is left out depends on whether it can be: its own place tells it.
    let parameter = mode.is_request() && mode.medium.is_url();
    if !parameter && value(base, b.default) != value(revision, r.default) {
        let words = |tree: &Tree, node: Option<NodeId>| node.map(|node| show(tree, node));
        let (was, is) = (words(base, b.default), words(revision, r.default));
        let rule = mode.pick("request-default-changed", "response-default-changed");
        let says = bounds::had("default", was.as_deref(), is.as_deref());
        report.add(rule, says, b.default.or(Some(b.node)), r.default.or(Some(r.node)));
    }
    let (was, is) = (spelling::discriminator(base, b), spelling::discriminator(revision, r));
    if was != is {
        let rule = mode.pick("request-discriminator-changed", "response-discriminator-changed");
        let says = spelling::other_discriminator(was, is);
        report.add(rule, says, b.discriminator.or(Some(b.node)), r.discriminator.or(Some(r.node)));
    }
}

fn life(report: &mut Report, options: &Options, (base, revision): (&Tree, &Tree), b: &Facts<'_>, r: &Facts<'_>) {
    let names = Names { deprecated: "property-deprecated", undeprecated: "property-undeprecated" };
    for told in lifecycle::changes(options, &names, &b.life(base), &r.life(revision)) {
        report.add(told.rule, told.says, told.base, told.revision);
        if let Some(level) = told.level {
            report.level(level);
        }
    }
}

/// A value for a message.
pub(crate) fn show(tree: &Tree, node: NodeId) -> String {
    format!("`{}`", views::compact(tree, node, 60))
}

/// A few values for a message.
fn list(tree: &Tree, values: impl ExactSizeIterator<Item = NodeId>) -> String {
    let count = values.len();
    let shown: Vec<String> = values.take(5).map(|value| show(tree, value)).collect();
    let more = count - shown.len();
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
