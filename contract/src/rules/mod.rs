//! Every rule of the comparison, in one table.
//!
//! A rule is named by what happens, not by where: the same rule speaks of bodies, properties, parameters and
//! headers, and the finding's message says which. What differs by direction is two rules, since it is two judgements.

mod lifecycle;
mod operations;
mod schemas;
mod values;

use crate::lint::LINT_RULES;
use shared::Level;

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
    /// How to make the change without hurting anybody.
    pub how: &'static str,
}

const COUNT: usize = operations::RULES.len() + lifecycle::RULES.len() + schemas::RULES.len() + values::RULES.len();

/// The table: rules about operations first, then those about how long things live, then those about schemas.
pub const RULES: &[Rule] = &table();

const fn rule(id: &'static str, level: Level, title: &'static str, why: &'static str, how: &'static str) -> Rule {
    Rule { id, level, title, why, how }
}

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

/// The rule that the comparison itself names. The tests, which run with this assertion, hit every rule there is; should
/// a name slip through all the same, the change is reported under the most general rule rather than dropped.
pub(crate) fn get(id: &'static str) -> &'static Rule {
    debug_assert!(find(id).is_some(), "the rule {id} is not in the table");
    find(id).unwrap_or(&schemas::RULES[0])
}

/// Whether a rule judges the promise of stability itself, which holds for unstable things as well.
pub(crate) fn is_about_stability(id: &str) -> bool {
    id.starts_with("stability-") || id.starts_with("sunset-") || id == "removed-before-sunset"
}
