//! Every rule of the comparison, in one table.
//!
//! A rule is named by what happens, not by where: the same rule speaks of bodies, properties, parameters and
//! headers, and the finding's message says which. What differs by direction is two rules, since it is two judgements.

/// A family of rules: `CONSTANT = "id" Level Proof "title" "why" "how"`, from an index of the whole table on.
macro_rules! family {
    (from $from:expr; $($name:ident = $id:literal $level:ident $proof:ident $title:literal $why:literal $how:literal)+) => {
        pub(super) const RULES: &[super::Rule] = &[$(super::Rule {
            id: $id,
            level: shared::Level::$level,
            proof: super::Proof::$proof,
            title: $title,
            why: $why,
            how: $how,
        },)+];

        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "named as the constants below")]
        enum Index {
            $($name,)+
        }

        pub(super) const END: usize = $from + RULES.len();

        $(pub(crate) const $name: super::RuleId = super::RuleId($from + Index::$name as usize);)+
    };
}

mod lifecycle;
mod operations;
mod schemas;
mod values;

use crate::lint::LINT_RULES;
pub(crate) use lifecycle::*;
pub(crate) use operations::*;
pub(crate) use schemas::*;
use shared::Level;
use std::ops::Deref;
pub(crate) use values::*;

/// One kind of difference that a comparison can find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable, in kebab-case.
    pub id: &'static str,
    /// The level that a finding of this rule has, unless its circumstances say otherwise.
    pub level: Level,
    /// What happened, in a few words.
    pub title: &'static str,
    /// Who feels it, and how.
    pub why: &'static str,
    /// How to make the change without breaking clients.
    pub how: &'static str,
    pub(crate) proof: Proof,
}

/// What an example of a finding is made of, which says how one is looked for ([`crate::witness`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Nothing is to be shown: the rule is about no message, or its findings are read from the document.
    None,
    /// Any request of the operation.
    Request,
    /// A request with this parameter.
    Parameter,
    /// A request with this body.
    RequestBody,
    /// A request whose multipart body has this part.
    Part,
    /// A request with the parameter or body that was not described before.
    RequestSchema,
    /// A request with these credentials.
    Credentials,
    /// A response with this status.
    Status,
    /// A response of this media type.
    ResponseMediaType,
    /// A response without this header.
    ResponseHeader,
    /// A value of a type or format.
    Type,
    /// Null.
    Null,
    /// A value that is listed, or isn't.
    Values,
    /// A value at a bound.
    Bounds,
    /// A text that matches a pattern, or doesn't.
    Pattern,
    /// A property that isn't described.
    Additional,
    /// A value of an alternative.
    Alternatives,
    /// An XML document.
    Xml,
    /// A value that some other keyword decides about.
    Constraint,
}

/// A rule of the table. Each has a constant of its own, so that one that isn't there doesn't compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RuleId(usize);

impl Deref for RuleId {
    type Target = Rule;

    fn deref(&self) -> &Rule {
        &RULES[self.0]
    }
}

const COUNT: usize = values::END;

/// The table: rules about operations first, then those about how long things live, then those about schemas.
pub const RULES: &[Rule] = &table();

const fn table() -> [Rule; COUNT] {
    let parts = [operations::RULES, lifecycle::RULES, schemas::RULES, values::RULES];
    let mut table = [operations::RULES[0]; COUNT];
    let (mut part, mut at, mut index) = (0, 0, 0);
    while index < COUNT {
        if at == parts[part].len() {
            (part, at) = (part + 1, 0);
        }
        table[index] = parts[part][at];
        (at, index) = (at + 1, index + 1);
    }
    table
}

/// The rule with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// The id, of a rule here or of lint, that is spelled most like one that nobody knows, unless none is alike.
#[must_use]
pub fn nearest(id: &str) -> Option<&'static str> {
    let words = |id: &str| id.split('-').map(str::to_owned).collect::<Vec<_>>();
    let given = words(id);
    let alike = |known: &&'static str| {
        let start = known.bytes().zip(id.bytes()).take_while(|(a, b)| a == b).count();
        let known = words(known);
        let common = given.iter().filter(|word| known.contains(word)).count();
        (2 * common * 100 / (known.len() + given.len()), start)
    };
    let ids = RULES.iter().map(|rule| rule.id).chain(LINT_RULES.iter().map(|rule| rule.id));
    let best = ids.max_by_key(alike)?;
    (alike(&best).0 >= 50).then_some(best)
}

/// Whether a rule judges the promise of stability itself, which holds for unstable things as well.
pub(crate) fn is_about_stability(rule: RuleId) -> bool {
    PROMISES.contains(&rule)
}

/// Whether the rule with this id breaks a promise, whatever messages are accepted.
pub(crate) fn is_promise(id: &str) -> bool {
    PROMISES.iter().any(|rule| rule.id == id)
}

const PROMISES: [RuleId; 11] = [
    REMOVED_BEFORE_SUNSET,
    SUNSET_MISSING,
    SUNSET_TOO_SOON,
    SUNSET_ADDED,
    SUNSET_REMOVED,
    SUNSET_MOVED_EARLIER,
    SUNSET_MOVED_LATER,
    SUNSET_INVALID,
    STABILITY_DECREASED,
    STABILITY_INCREASED,
    STABILITY_INVALID,
];
