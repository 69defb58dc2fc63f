//! Which generation of findings this engine makes: what was stored by another one is to be made again.
//!
//! Nobody raises a number. The name is a digest of what decides about stored findings: the rules with their levels, the
//! bounds of a comparison, and the golden digest, which stands for all code: `tests/golden.rs` makes it of what is found in
//! hundreds of small changes that meet every rule, down to sentences, places and witnesses, and fails when it isn't that
//! of the file. Titles and advice of rules aren't stored with findings, so that they may change as they like.
//!
//! A change that the corpus doesn't meet leaves the name as it is. So what is found wrong in real documents gets a row in
//! a table, and with it a new generation.

use crate::{
    budget, compare,
    compare::hex,
    rules::{RULES, Rule},
};
use std::sync::LazyLock;

/// What the engine finds in the tests' corpus.
const GOLDEN: &str = include_str!("../golden.txt");

/// The name of the generation: 16 hexadecimal digits.
#[must_use]
pub fn generation() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| name(RULES, GOLDEN));
    &NAME
}

fn name(rules: &[Rule], golden: &str) -> String {
    let mut text = format!("{}\n{:?}{:?}\n", golden.trim(), budget::BOUNDS, compare::BOUNDS);
    for Rule { id, level, .. } in rules {
        text.push_str(&format!("{id} {level}\n"));
    }
    hex(text.into_bytes(), 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Proof;
    use shared::Level;

    #[test]
    fn what_is_stored_decides_about_the_name() {
        let rule = |id, level, why| Rule { id, level, title: "t", why, how: "h", proof: Proof::None };
        let one = name(&[rule("a", Level::Safe, "w")], "g");
        assert_eq!(one, name(&[rule("a", Level::Safe, "another reason")], "g\n"));
        for (rules, golden) in [
            (vec![rule("b", Level::Safe, "w")], "g"),
            (vec![rule("a", Level::Risky, "w")], "g"),
            (vec![rule("a", Level::Safe, "w"), rule("b", Level::Safe, "w")], "g"),
            (vec![rule("a", Level::Safe, "w")], "h"),
        ] {
            assert_ne!(one, name(&rules, golden), "{rules:?} {golden}");
        }
    }
}
