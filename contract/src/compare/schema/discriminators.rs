//! Discriminators: which property says what a value is, and which schema each of its values leads to.

use super::{Schemas, normalized::NormalizedSchema, store::SchemaStore};
use crate::{
    compare::evidence::{Evidence, Fact, Note},
    references::name_in_file,
    text::cut,
    tree::Tree,
};
use std::collections::BTreeMap;

/// Where components are.
const COMPONENTS: &str = "#/components/schemas/";

/// Characters of a discriminator's property or value that are told.
const MAX_NAME: usize = 200;

/// What a discriminator says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Discriminator<'t> {
    pub(super) property: &'t str,
    /// What each value leads to; the empty one, what any other value does. Of the values that are a component's own name,
    /// those of alternatives.
    leads: BTreeMap<String, String>,
}

/// What is another about a discriminator.
pub(super) enum Difference {
    Property(Evidence),
    /// One value leads elsewhere.
    Value(Evidence),
}

/// A discriminator by its mapping. A component that nothing is mapped to is led to by its own name, whether a mapping says
/// so or not (OpenAPI 3.1.1, Discriminator Object).
pub(super) fn discriminator<'t>(tree: &'t Tree, normalized: &NormalizedSchema<'_>) -> Option<Discriminator<'t>> {
    let node = normalized.discriminator?;
    let component = |name: &str| format!("{COMPONENTS}{name}");
    let target = |written: &str| match name_in_file(written) {
        // Some bundlers leave it as it was in another file.
        Some(name) => component(&name),
        None if written.contains(['/', '#', '.']) => written.to_owned(),
        None => component(written),
    };
    let mapping = tree.get(node, "mapping").into_iter().flat_map(|map| tree.entries(map));
    let mapping = mapping.filter_map(|(value, written)| Some((value.to_owned(), target(tree.as_str(written)?))));
    let mut leads = crate::sort::map(mapping.filter(|(value, target)| *target != component(value)));
    let alternatives = normalized.unions.iter().flat_map(|union| &union.members);
    for reference in alternatives.filter_map(|member| tree.text_of(*member, "$ref")).map(target) {
        if let Some(name) = reference.strip_prefix(COMPONENTS)
            && !leads.values().any(|target| *target == reference)
        {
            leads.entry(name.to_owned()).or_insert(reference);
        }
    }
    // Since 3.2: where any other value leads. No value is empty.
    leads.extend(tree.text_of(node, "defaultMapping").map(|written| (String::new(), target(written))));
    Some(Discriminator { property: tree.text_of(node, "propertyName").unwrap_or_default(), leads })
}

/// What differs between two discriminators, if it isn't only the names of components.
pub(super) fn difference(
    schemas: &mut Schemas<'_>,
    was: Option<&Discriminator<'_>>,
    is: Option<&Discriminator<'_>>,
) -> Option<Difference> {
    let (was, is) = match (was, is) {
        (Some(was), Some(is)) if was.property == is.property => (was, is),
        (was, is) => {
            let property = |side: Option<&Discriminator<'_>>| Fact::text(side.map(|side| side.property));
            return Some(Difference::Property(Evidence::of("discriminator", property(was), property(is))));
        }
    };
    let mut differs = |value: &&String| match (was.leads.get(*value), is.leads.get(*value)) {
        (Some(was), Some(is)) => was != is && !are_alike(schemas, was, is),
        (was, is) => was != is,
    };
    let value = was.leads.keys().chain(is.leads.keys()).find(|value| differs(value))?;
    let lead = |side: &Discriminator<'_>| Fact::text(side.leads.get(value).map(String::as_str));
    let note = Note::Mapping(cut(is.property, MAX_NAME).into(), cut(value, MAX_NAME).into());
    // What the value leads to is named by components.
    let identity = format!("{} {value}", is.property);
    Some(Difference::Value(Evidence::of("discriminator", lead(was), lead(is)).identity(identity).note(note)))
}

/// Whether each value has the property, as it must for a reader to choose by it.
pub(super) fn is_required(store: &mut SchemaStore<'_>, normalized: &NormalizedSchema<'_>, property: &str) -> bool {
    let mut members = normalized.unions.iter().flat_map(|union| &union.members).peekable();
    let in_all = members.peek().is_some()
        && members.all(|member| {
            let schema = store.intern([*member]);
            store.normalized(schema).required.contains_key(property)
        });
    in_all || normalized.required.contains_key(property)
}

/// Whether two components say the same under another name.
fn are_alike(schemas: &mut Schemas<'_>, was: &str, is: &str) -> bool {
    fn print(store: &mut SchemaStore<'_>, target: &str) -> Option<u64> {
        let all = store.document.components("schemas")?;
        let node = store.document.tree.get(all, target.strip_prefix(COMPONENTS)?)?;
        let schema = store.intern([node]);
        Some(store.fingerprint(schema))
    }
    let (was, is) = (print(&mut schemas.base, was), print(&mut schemas.revision, is));
    was.is_some() && was == is
}
