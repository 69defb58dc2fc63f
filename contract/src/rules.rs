//! Every rule of the comparison, in one table.

use shared::Level;

/// One kind of difference that a comparison can find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable, in kebab-case, named by what happens.
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

/// The rules, by area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "operation-added",
        level: Level::Safe,
        title: "An operation was added",
        why: "Nobody calls yet what did not exist.",
        how: "Nothing to mind.",
    },
    Rule {
        id: "operation-removed",
        level: Level::Breaking,
        title: "An operation was removed",
        why: "Every client that calls it gets 404 or 405 from now on.",
        how: "Mark it as deprecated, wait until nobody calls it, then remove it.",
    },
];

/// The rule with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
