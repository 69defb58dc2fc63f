//! Every rule of the comparison, in one table.
//!
//! A rule is named by what happens, not by where: the same rule speaks of bodies, properties, parameters and
//! headers, and the finding's message says which. What differs by direction is two rules, since it is two judgements.

mod operations;
mod schemas;

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

const COUNT: usize = operations::RULES.len() + schemas::RULES.len();

/// The table: rules about operations first, then those about schemas.
pub const RULES: &[Rule] = &table();

const fn table() -> [Rule; COUNT] {
    let mut table = [operations::RULES[0]; COUNT];
    let mut index = 0;
    while index < COUNT {
        table[index] = if index < operations::RULES.len() {
            operations::RULES[index]
        } else {
            schemas::RULES[index - operations::RULES.len()]
        };
        index += 1;
    }
    table
}

/// The rule with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// The rule that the comparison itself names. A test holds every id in its source against the table; should one slip
/// through all the same, the change is reported as the most general rule rather than dropped.
pub(crate) fn get(id: &'static str) -> &'static Rule {
    debug_assert!(find(id).is_some(), "the rule {id} is not in the table");
    find(id).unwrap_or(&schemas::RULES[0])
}
