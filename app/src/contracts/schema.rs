//! A schema as a tree: each property with its type, what it must hold, and what it means.

use super::{Links, prose};
use leptos::prelude::*;
use shared::contracts::{PropertyView, SchemaView};

/// Levels that are open from the start.
const OPEN: usize = 2;

/// A schema with all that is below it.
#[must_use]
pub fn tree(schema: SchemaView, links: &Links) -> AnyView {
    node(schema, links, 0)
}

fn node(schema: SchemaView, links: &Links, depth: usize) -> AnyView {
    let head = view! {
        <span class="type">{type_of(&schema, links)}</span>
        {flags(&schema)}
    };
    view! {
        <div class="schema-node">
            <p class="schema-head">{head} " " {links.line(schema.line)}</p>
            {body(schema, links, depth)}
        </div>
    }
    .into_any()
}

/// What a value is, in a few words: `string (date-time)`, `array of Pet`, `integer or null`.
fn type_of(schema: &SchemaView, links: &Links) -> AnyView {
    if let Some(name) = &schema.name {
        let name = links.schema(name);
        let kind = kind(schema);
        return view! {
            {name}
            {(!kind.is_empty()).then(|| format!(" {kind}"))}
        }
        .into_any();
    }
    match schema.items.as_deref().and_then(|items| items.name.clone()) {
        Some(items) => view! { "array of " {links.schema(&items)} }.into_any(),
        None => kind(schema).into_any(),
    }
}

/// The schema's type without names that lead elsewhere.
#[must_use]
pub fn kind(schema: &SchemaView) -> String {
    match schema.boolean {
        Some(true) => return "anything".to_owned(),
        Some(false) => return "nothing".to_owned(),
        None => {}
    }
    let mut kind = if schema.types.is_empty() { shape(schema).to_owned() } else { schema.types.join(" or ") };
    if kind == "array"
        && let Some(items) = &schema.items
    {
        kind = format!("array of {}", items.name.clone().unwrap_or_else(|| self::kind(items)));
    }
    if let Some(format) = &schema.format {
        kind = format!("{kind} ({format})");
    }
    if schema.nullable && !schema.types.iter().any(|name| name == "null") {
        kind.push_str(" or null");
    }
    kind
}

fn shape(schema: &SchemaView) -> &'static str {
    if !schema.properties.is_empty() {
        "object"
    } else if !schema.one_of.is_empty() {
        "one of"
    } else if !schema.any_of.is_empty() {
        "any of"
    } else if !schema.all_of.is_empty() {
        "all of"
    } else if schema.folded {
        ""
    } else {
        "any type"
    }
}

fn flags(schema: &SchemaView) -> AnyView {
    let flags = [(schema.deprecated, "deprecated"), (schema.read_only, "read only"), (schema.write_only, "write only")];
    flags
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, word)| view! { " " <span class="tag">{word}</span> })
        .collect_view()
        .into_any()
}

fn body(mut schema: SchemaView, links: &Links, depth: usize) -> AnyView {
    let title = schema.title.take().map(|title| view! { <p class="schema-title">{title}</p> });
    let description = prose(schema.description.take());
    let rules = rules(&mut schema);
    let below = below(schema, links, depth);
    view! {
        {title}
        {description}
        {rules}
        {below}
    }
    .into_any()
}

/// Constraints, allowed values, default and examples.
fn rules(schema: &mut SchemaView) -> Option<AnyView> {
    let row = |name: String, values: Vec<String>| {
        let values = values.into_iter().map(|value| view! { <code>{value}</code> " " }).collect_view();
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{values}</dd>
            </div>
        }
    };
    let mut rows: Vec<_> = schema.constraints.drain(..).map(|(name, value)| row(name, vec![value])).collect();
    if !schema.enum_values.is_empty() {
        rows.push(row("one of".into(), std::mem::take(&mut schema.enum_values)));
    }
    if let Some(default) = schema.default.take() {
        rows.push(row("default".into(), vec![default]));
    }
    if !schema.examples.is_empty() {
        rows.push(row("example".into(), std::mem::take(&mut schema.examples)));
    }
    (!rows.is_empty()).then(|| view! { <dl class="rules">{rows}</dl> }.into_any())
}

/// Properties, items and alternatives.
fn below(schema: SchemaView, links: &Links, depth: usize) -> AnyView {
    let more_alternatives = schema.more_alternatives;
    let SchemaView { properties, more_properties, items, additional_properties, all_of, one_of, any_of, not, .. } =
        schema;
    let properties = (!properties.is_empty()).then(|| {
        let rows = properties.into_iter().map(|property| row(property, links, depth)).collect_view();
        let more =
            (more_properties > 0).then(|| view! { <li class="hint">{format!("and {more_properties} more")}</li> });
        view! { <ul class="properties">{rows} {more}</ul> }
    });
    let items = items
        // A named or plain item is told in the type already.
        .filter(|items| !items.folded && (!items.properties.is_empty() || has_rules(items)))
        .map(|items| fold("items", node(*items, links, depth + 1), depth));
    let others = additional_properties
        .filter(|other| other.boolean.is_some() || !other.types.is_empty() || other.name.is_some())
        .map(|other| match other.boolean {
            Some(true) => view! { <p class="hint">"Other properties are allowed."</p> }.into_any(),
            Some(false) => view! { <p class="hint">"No other properties."</p> }.into_any(),
            None => fold("other properties", node(*other, links, depth + 1), depth),
        });
    let groups = [("all of", all_of), ("one of", one_of), ("any of", any_of)]
        .into_iter()
        .filter(|(_, schemas)| !schemas.is_empty())
        .map(|(name, schemas)| {
            let rows =
                schemas.into_iter().map(|schema| view! { <li>{node(schema, links, depth + 1)}</li> }).collect_view();
            fold(name, view! { <ul class="alternatives">{rows}</ul> }.into_any(), depth)
        })
        .collect_view();
    let not = not.map(|not| fold("not", node(*not, links, depth + 1), depth));
    view! {
        {properties}
        {items}
        {others}
        {groups}
        {(more_alternatives > 0).then(|| view! { <p class="hint">{format!("and {more_alternatives} more alternatives")}</p> })}
        {not}
    }
    .into_any()
}

fn has_rules(schema: &SchemaView) -> bool {
    !(schema.constraints.is_empty()
        && schema.enum_values.is_empty()
        && schema.all_of.is_empty()
        && schema.one_of.is_empty()
        && schema.any_of.is_empty())
}

fn fold(name: &'static str, content: AnyView, depth: usize) -> AnyView {
    view! {
        <details class="fold" open=depth < OPEN>
            <summary>{name}</summary>
            {content}
        </details>
    }
    .into_any()
}

fn row(property: PropertyView, links: &Links, depth: usize) -> AnyView {
    let PropertyView { name, required, schema } = property;
    let deep = !schema.properties.is_empty();
    let head = view! {
        <code class="property">{name}</code>
        " "
        <span class="type">{type_of(&schema, links)}</span>
        {required.then(|| view! { " " <span class="tag on">"required"</span> })}
        {flags(&schema)}
        " "
        {links.line(schema.line)}
    };
    let content = body(schema, links, depth + 1);
    if deep {
        view! {
            <li>
                <p class="schema-head">{head}</p>
                {fold("properties", content, depth + 1)}
            </li>
        }
        .into_any()
    } else {
        view! {
            <li>
                <p class="schema-head">{head}</p>
                {content}
            </li>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_in_a_few_words() {
        let of = |types: &[&str]| SchemaView {
            types: types.iter().map(|name| (*name).to_owned()).collect(),
            ..SchemaView::default()
        };
        let array = |items| SchemaView { items: Some(Box::new(items)), ..of(&["array"]) };
        let named = SchemaView { name: Some("Pet".into()), ..of(&["object"]) };
        for (schema, words) in [
            (of(&["string", "null"]), "string or null"),
            (SchemaView { nullable: true, format: Some("date".into()), ..of(&["string"]) }, "string (date) or null"),
            (array(of(&["integer"])), "array of integer"),
            (array(named), "array of Pet"),
            (of(&[]), "any type"),
            (SchemaView { boolean: Some(false), ..of(&[]) }, "nothing"),
            (SchemaView { one_of: vec![of(&["string"])], ..of(&[]) }, "one of"),
        ] {
            assert_eq!(kind(&schema), words);
        }
    }
}
