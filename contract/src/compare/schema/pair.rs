//! One pair: what two schemas say of a value itself. Objects, bounds and alternatives have modules of their own.

use super::{
    Medium, Mode, Pair, Report, Schemas, Step, alternatives,
    alternatives::Relation,
    bounds,
    discriminators::{self, Difference, discriminator},
    equivalence, keywords,
    normalized::{NormalizedSchema, Types},
    objects,
    store::{Conjunction, SchemaStore},
};
use crate::{
    Options,
    compare::{
        evidence::{Changed, Evidence, Fact, Note},
        lifecycle::{self, Names},
        value::{canonical, spelled},
    },
    rules,
    tree::{NodeId, Tree},
};
use shared::Level;
use std::collections::HashSet;

pub(super) fn compare(schemas: &mut Schemas<'_>, base: Conjunction, revision: Conjunction, mode: Mode) -> Pair {
    let (b, r) = (schemas.base.normalized(base), schemas.revision.normalized(revision));
    if b.types == Types::NONE && r.types == Types::NONE {
        // No value fits either: whatever else they say makes no difference.
        return Report::new(mode).finish();
    }
    if !mode.medium.is_url() && equivalence::are_bytes(schemas, base, revision) {
        return Report::new(mode).finish();
    }
    let relation = alternatives::relation(schemas, (base, &b), (revision, &r), mode);
    let mut report = Report::new(relation.cap(mode));
    let mode = report.mode;
    if relation == Relation::Same {
        let trees = (&schemas.base.document.tree, &schemas.revision.document.tree);
        annotations(schemas, &mut report, &b, &r);
        equivalence::xml(&mut report, trees, &b, &r);
        life(&mut report, &schemas.options, trees, &b, &r);
        return report.finish();
    }
    let documents = (schemas.base.document, schemas.revision.document);
    let base64 = equivalence::are_base64(documents, &b, &r);
    if mode.medium.is_url()
        && mode.is_request()
        && lists(&b, &r)
        && takes_one(&schemas.revision.document.tree, &r)
        && let Some((items, _)) = r.items
    {
        let evidence = types_evidence(b.types.without_null(), r.types.without_null()).note(Note::Listed);
        report.add(rules::REQUEST_TYPE_WIDENED, evidence, at(&b), at(&r));
        if mode.medium == Medium::Path && may_have_commas(&b) {
            report.level(Level::Risky);
        }
        let pair = schemas.pair(base, items, mode.inside());
        report.edge(Step::Items, pair);
        return report.finish();
    }
    let wrapped = b.unions.is_empty() != r.unions.is_empty();
    let bare = |side: &SchemaStore<'_>, normalized: &NormalizedSchema<'_>| {
        normalized.is_bare_union() && side.types_are_those_of_members(normalized)
    };
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
    annotations(schemas, &mut report, &b, &r);
    equivalence::xml(&mut report, trees, &b, &r);
    life(&mut report, &schemas.options, trees, &b, &r);
    report.finish()
}

/// Whether a single value became a list: in a URL the one looks like the other with one item.
fn lists(b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) -> bool {
    let (before, after) = (b.types.without_null(), r.types.without_null());
    after == Types::ARRAY && before != Types::NONE && Types::SCALARS.has(before)
}

/// Whether a list may have one item.
fn takes_one(tree: &Tree, normalized: &NormalizedSchema<'_>) -> bool {
    let count = |node: Option<NodeId>| node.and_then(|node| tree.as_number(node)).and_then(|text| text.parse().ok());
    let (least, most): (Option<f64>, Option<f64>) = (count(normalized.counts[2]), count(normalized.counts[3]));
    least.is_none_or(|least| least <= 1.0) && most.is_none_or(|most| most >= 1.0)
}

/// Whether a value may be a text with commas, which part the items of a list in a path.
fn may_have_commas(normalized: &NormalizedSchema<'_>) -> bool {
    let listed = normalized.values.as_ref().map(|values| values.iter().any(|(text, _)| text.contains(',')));
    normalized.types.has(Types::STRING) && listed.unwrap_or(true)
}

/// What a side says about types, or else the schema as a whole.
pub(super) fn at(normalized: &NormalizedSchema<'_>) -> Option<NodeId> {
    Some(normalized.types_node.unwrap_or(normalized.node))
}

fn types(report: &mut Report, (base, revision): (&Tree, &Tree), b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    let mode = report.mode;
    let before = equivalence::types_on_the_wire(mode.medium, base, b, r.types);
    let after = equivalence::types_on_the_wire(mode.medium, revision, r, b.types);
    if before.without_null() == after.without_null() {
        nullability(report, b, r);
        return;
    }
    let (was, is) = (b.types.without_null(), r.types.without_null());
    let (was, is) = if b.types.has(Types::ALL) || r.types.has(Types::ALL) { (b.types, r.types) } else { (was, is) };
    let evidence = types_evidence(was, is);
    let (before, after) = (before.without_null(), after.without_null());
    let rule = if after.has(before) {
        mode.pick(rules::REQUEST_TYPE_WIDENED, rules::RESPONSE_TYPE_WIDENED)
    } else if before.has(after) {
        mode.pick(rules::REQUEST_TYPE_NARROWED, rules::RESPONSE_TYPE_NARROWED)
    } else {
        mode.pick(rules::REQUEST_TYPE_CHANGED, rules::RESPONSE_TYPE_CHANGED)
    };
    report.add(rule, evidence, at(b), at(r));
    // From or to "anything", null is part of the type that changed.
    if !b.types.has(Types::ALL) && !r.types.has(Types::ALL) {
        nullability(report, b, r);
    }
}

fn types_evidence(was: Types, is: Types) -> Evidence {
    let fact = |types: Types| match types.names().as_deref() {
        None => Fact::None,
        Some([one]) => Fact::json(*one),
        Some(names) => Fact::json(names.to_vec()),
    };
    Evidence::of("type", fact(was), fact(is))
}

fn nullability(report: &mut Report, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    let mode = report.mode;
    if mode.medium.is_url() {
        // There, null leaves no trace (RFC 6570, section 2.3): no message has it.
        return;
    }
    if b.implied || r.implied {
        // By the letter, a schema that describes members but names no type rejects nothing else, null included.
        return;
    }
    // Where alternatives say what else it may be, types do not.
    let evidence = || types_evidence(b.types, r.types).identity("null");
    match (b.nullable(), r.nullable()) {
        (false, true) => {
            let rule = mode.pick(rules::REQUEST_BECAME_NULLABLE, rules::RESPONSE_BECAME_NULLABLE);
            report.add(rule, evidence(), at(b), at(r));
        }
        (true, false) => {
            let rule = mode.pick(rules::REQUEST_BECAME_NOT_NULLABLE, rules::RESPONSE_BECAME_NOT_NULLABLE);
            report.add(rule, evidence(), at(b), at(r));
        }
        _ => {}
    }
}

/// Enumerations and constants, which are enumerations of one.
fn values(report: &mut Report, (base, revision): (&Tree, &Tree), b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    let mode = report.mode;
    let at = (b.values_node.or(Some(b.node)), r.values_node.or(Some(r.node)));
    let list = |normalized: &NormalizedSchema<'_>| {
        normalized.values.as_ref().map_or(Fact::None, |values| Fact::nodes(values.iter().map(|(_, node)| *node)))
    };
    let evidence = || Evidence::of("enum", list(b), list(r));
    match (&b.values, &r.values) {
        (None, None) => {}
        (None, Some(_)) if equivalence::are_both_truths(mode.medium, revision, r, b) => {}
        (Some(_), None) if equivalence::are_both_truths(mode.medium, base, b, r) => {}
        (None, Some(_)) => {
            let rule = mode.pick(rules::REQUEST_VALUES_RESTRICTED, rules::RESPONSE_VALUES_RESTRICTED);
            report.add(rule, evidence(), at.0, at.1);
        }
        (Some(values), None) => {
            let constant = values.len() == 1 && !mode.is_request();
            let unrestricted = mode.pick(rules::REQUEST_VALUES_UNRESTRICTED, rules::RESPONSE_VALUES_UNRESTRICTED);
            let rule = if constant { rules::RESPONSE_CONSTANT_REMOVED } else { unrestricted };
            report.add(rule, evidence(), at.0, at.1);
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
                let rule = mode.pick(rules::REQUEST_CONSTANT_CHANGED, rules::RESPONSE_CONSTANT_CHANGED);
                let evidence = Evidence::of("const", Fact::Node(*was), Fact::Node(*is));
                report.add(rule, evidence, Some(*was), Some(*is));
                return;
            }
            if let Some(first) = removed.first() {
                let rule = mode.pick(rules::REQUEST_VALUE_REMOVED, rules::RESPONSE_VALUE_REMOVED);
                let (first, gone) = (*first, Changed::Gone(removed.as_slice().into()));
                report.add(rule, evidence().changed(gone), Some(first), at.1);
            }
            if let Some(first) = added.first() {
                let rule = mode.pick(rules::REQUEST_VALUE_ADDED, rules::RESPONSE_VALUE_ADDED);
                let (first, new) = (*first, Changed::New(added.as_slice().into()));
                report.add(rule, evidence().changed(new), at.0, Some(first));
            }
        }
    }
}

/// `x-extensible-enum`: values that are known today. Clients are told that others may come, so only a value that a
/// request no longer takes hurts.
fn extensible(
    report: &mut Report,
    (base, revision): (&Tree, &Tree),
    b: &NormalizedSchema<'_>,
    r: &NormalizedSchema<'_>,
) {
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
    let evidence = || Evidence::of("x-extensible-enum", Fact::Node(old), Fact::Node(new));
    if !gone.is_empty() {
        let evidence = evidence().changed(Changed::Gone(gone.into()));
        report.add(
            mode.pick(rules::REQUEST_VALUE_REMOVED, rules::RESPONSE_VALUE_REMOVED),
            evidence,
            Some(old),
            Some(new),
        );
    }
    if !come.is_empty() {
        let evidence = evidence().changed(Changed::New(come.into()));
        report.add(mode.pick(rules::REQUEST_VALUE_ADDED, rules::RESPONSE_VALUE_ADDED), evidence, Some(old), Some(new));
        report.level(Level::Safe);
    }
}

/// Formats, of which a whole may have several by its parts.
fn formats(report: &mut Report, (base, revision): (&Tree, &Tree), b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    // This one is for forms, which hide it: it says nothing of the value.
    let said = |(_, format): &(NodeId, &str)| *format != "password";
    let all = |tree: &'_ Tree, normalized: &NormalizedSchema<'_>| -> Vec<(NodeId, String)> {
        let formats = normalized.formats.iter().filter_map(|node| Some((*node, tree.as_str(*node)?)));
        formats.filter(said).map(|(node, format)| (node, format.to_owned())).collect()
    };
    let (had, have) = (all(base, b), all(revision, r));
    let without = |some: &[(NodeId, String)], others: &[(NodeId, String)]| -> Vec<(NodeId, String)> {
        some.iter().filter(|(_, format)| others.iter().all(|(_, other)| other != format)).cloned().collect()
    };
    let (gone, come) = (without(&had, &have), without(&have, &had));
    for index in 0..gone.len().max(come.len()) {
        format(report, (b, r), gone.get(index), come.get(index));
    }
}

/// One format for another.
fn format(
    report: &mut Report,
    (b, r): (&NormalizedSchema<'_>, &NormalizedSchema<'_>),
    was: Option<&(NodeId, String)>,
    is: Option<&(NodeId, String)>,
) {
    let mode = report.mode;
    let (before, after) = (was.map(|(_, format)| format.as_str()), is.map(|(_, format)| format.as_str()));
    let narrower = |a: Option<&str>, b: Option<&str>| match (a, b) {
        (Some(_), None) => true,
        (Some(a), Some(b)) => equivalence::is_narrower(a, b),
        _ => false,
    };
    let (widened, narrowed) = (narrower(before, after), narrower(after, before));
    // A format that goes or comes with its type is told by the type.
    let numbers = |format: Option<&str>| format.is_none_or(equivalence::is_numeric);
    let told = before.is_none() || after.is_none() || numbers(before) && numbers(after);
    // A number or a flag that is spelled is a text, which keeps to a text's format or doesn't.
    let text = mode.medium.spells_scalars() && !(numbers(before) && numbers(after));
    let (was_types, is_types) = (b.types.without_null(), r.types.without_null());
    // But not where it narrows for values of a type that both have, while the types widen; or the other way round.
    let stays = |format: &str| {
        let of = if equivalence::is_numeric(format) { Types::NUMBER } else { Types::STRING };
        was_types.and(is_types).and(of) != Types::NONE
    };
    let hidden = [before, after].into_iter().flatten().all(stays)
        && (is_types.has(was_types) && narrowed || was_types.has(is_types) && widened);
    if was_types != is_types && told && !text && !hidden {
        return;
    }
    let rule = if widened {
        mode.pick(rules::REQUEST_FORMAT_WIDENED, rules::RESPONSE_FORMAT_WIDENED)
    } else if narrowed {
        mode.pick(rules::REQUEST_FORMAT_NARROWED, rules::RESPONSE_FORMAT_NARROWED)
    } else {
        mode.pick(rules::REQUEST_FORMAT_CHANGED, rules::RESPONSE_FORMAT_CHANGED)
    };
    let place = |format: Option<&(NodeId, String)>, normalized: &NormalizedSchema<'_>| {
        format.map(|(node, _)| *node).or(at(normalized))
    };
    report.add(rule, Evidence::of("format", Fact::text(before), Fact::text(after)), place(was, b), place(is, r));
    match (before, after) {
        // Numbers in JSON are such anyway (RFC 8259, section 6).
        (None, Some("double")) | (Some("double"), None) => report.level(Level::Safe),
        // Nobody can tell what keeps to one that isn't known.
        _ if [before, after].into_iter().flatten().any(|format| !equivalence::is_known(format)) => {
            report.level(Level::Risky)
        }
        _ => report,
    };
}

fn items(schemas: &mut Schemas<'_>, report: &mut Report, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    let mode = report.mode;
    match (b.items, r.items) {
        (Some((before, _)), Some((after, _))) => {
            let pair = schemas.pair(before, after, mode.inside());
            report.edge(Step::Items, pair);
        }
        (None, Some((items, node))) if !schemas.revision.normalized(items).says_nothing() => {
            let rule = mode.pick(rules::REQUEST_ITEMS_DESCRIBED, rules::RESPONSE_ITEMS_DESCRIBED);
            if b.types == r.types {
                report.add(rule, Evidence::of("items", Fact::None, Fact::None), at(b), Some(node));
            }
        }
        (Some((items, node)), None) if !schemas.base.normalized(items).says_nothing() => {
            let rule = mode.pick(rules::REQUEST_ITEMS_UNDESCRIBED, rules::RESPONSE_ITEMS_UNDESCRIBED);
            if b.types == r.types {
                report.add(rule, Evidence::of("items", Fact::None, Fact::None), Some(node), at(r));
            }
        }
        _ => {}
    }
}

fn annotations(schemas: &mut Schemas<'_>, report: &mut Report, b: &NormalizedSchema<'_>, r: &NormalizedSchema<'_>) {
    let (base, revision) = (&schemas.base.document.tree, &schemas.revision.document.tree);
    let mode = report.mode;
    let value = |tree: &Tree, node: Option<NodeId>| node.map(|node| canonical(tree, node));
    // What a parameter means when it is left out depends on whether it can be: its own place tells it.
    let parameter = mode.is_request() && mode.medium.is_url();
    if !parameter && value(base, b.default) != value(revision, r.default) {
        let rule = mode.pick(rules::REQUEST_DEFAULT_CHANGED, rules::RESPONSE_DEFAULT_CHANGED);
        let evidence = Evidence::of("default", Fact::node(b.default), Fact::node(r.default));
        report.add(rule, evidence, b.default.or(Some(b.node)), r.default.or(Some(r.node)));
    }
    let (was, is) = (discriminator(base, b), discriminator(revision, r));
    if was == is {
        return;
    }
    let rule = mode.pick(rules::REQUEST_DISCRIMINATOR_CHANGED, rules::RESPONSE_DISCRIMINATOR_CHANGED);
    let places = (b.discriminator.or(Some(b.node)), r.discriminator.or(Some(r.node)));
    match discriminators::difference(schemas, was.as_ref(), is.as_ref()) {
        Some(Difference::Property(evidence)) => {
            report.add(rule, evidence, places.0, places.1);
            if let (Some(was), Some(is)) = (was, is)
                && discriminators::is_required(&mut schemas.base, b, was.property)
                && discriminators::is_required(&mut schemas.revision, r, is.property)
            {
                report.level(Level::Breaking);
            }
        }
        Some(Difference::Value(evidence)) => {
            report.add(rule, evidence, places.0, places.1);
        }
        None => {}
    }
}

fn life(
    report: &mut Report,
    options: &Options,
    (base, revision): (&Tree, &Tree),
    b: &NormalizedSchema<'_>,
    r: &NormalizedSchema<'_>,
) {
    let names = Names { deprecated: rules::PROPERTY_DEPRECATED, undeprecated: rules::PROPERTY_UNDEPRECATED };
    for told in lifecycle::changes(options, &names, &b.life(base), &r.life(revision)) {
        report.add(told.rule, told.evidence, told.base, told.revision);
        if let Some(level) = told.level {
            report.level(level);
        }
    }
}
