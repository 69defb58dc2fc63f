//! A small change and the engine's verdict on it: what the front page shows.

use contract::{Document, Judging, Limits, ReadError, judge};
use shared::Finding;
use std::{iter, sync::LazyLock};

const BASE: &str = include_str!("base.yaml");
const REVISION: &str = include_str!("revision.yaml");

/// Unchanged lines around a changed one.
const CONTEXT: usize = 4;

/// What the engine says, asked once: the same documents always get the same verdict.
static EXAMPLE: LazyLock<Option<Example>> = LazyLock::new(|| {
    Example::judged(BASE, REVISION)
        .inspect_err(|error| tracing::error!(%error, "the front page's example can't be read"))
        .ok()
});

/// Two documents, their difference and the verdict.
pub struct Example {
    pub title: String,
    /// The labels of both versions.
    pub labels: [String; 2],
    pub lines: Vec<Line>,
    pub findings: Vec<Finding>,
}

/// A line of the difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Its number in the revision, and its text.
    Same(usize, &'static str),
    /// Its number in the base.
    Old(usize, &'static str),
    /// Its number in the revision.
    New(usize, &'static str),
    /// Unchanged lines that are left out.
    Gap,
}

/// The built-in example; `None` only if its documents can't be read, which a test rules out.
pub fn example() -> Option<&'static Example> {
    EXAMPLE.as_ref()
}

impl Example {
    fn judged(base: &'static str, revision: &'static str) -> Result<Self, ReadError> {
        let read = |text: &str| Document::read(text.as_bytes(), &Limits::default());
        let (old, new) = (read(base)?, read(revision)?);
        let findings = judge(&old, &new, &Judging::default()).findings;
        let labels = [old.info().version, new.info().version];
        Ok(Self { title: new.info().title, labels, lines: difference(base, revision), findings })
    }
}

/// The changed lines, with some around them, by the longest common subsequence. For short texts: it takes the product of
/// their lengths.
fn difference(base: &'static str, revision: &'static str) -> Vec<Line> {
    let (old, new): (Vec<_>, Vec<_>) = (base.lines().collect(), revision.lines().collect());
    // common[i][j]: how many lines old[i..] and new[j..] have in common.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] =
                if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let all: Vec<Line> = iter::from_fn(|| match (old.get(i), new.get(j)) {
        (Some(before), Some(now)) if before == now => {
            (i, j) = (i + 1, j + 1);
            Some(Line::Same(j, now))
        }
        (Some(before), now) if now.is_none() || common[i + 1][j] >= common[i][j + 1] => {
            i += 1;
            Some(Line::Old(i, before))
        }
        (_, Some(now)) => {
            j += 1;
            Some(Line::New(j, now))
        }
        _ => None,
    })
    .collect();
    let near = |at: usize| {
        let around = &all[at.saturating_sub(CONTEXT)..all.len().min(at + CONTEXT + 1)];
        around.iter().any(|line| !matches!(line, Line::Same(..)))
    };
    let mut shown = Vec::new();
    for (at, line) in all.iter().enumerate() {
        if near(at) {
            shown.push(line.clone());
        } else if shown.last() != Some(&Line::Gap) {
            shown.push(Line::Gap);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Level;

    #[test]
    fn the_example_shows_each_level_and_proves_what_breaks() {
        let example = example().unwrap();
        for level in Level::ALL {
            assert!(example.findings.iter().any(|finding| finding.level == level), "{level}");
        }
        assert!(example.findings[0].level == Level::Breaking && example.findings[0].witness.is_some());
        assert_eq!(example.labels, ["1.4.0", "2.0.0"]);
    }

    #[test]
    fn a_difference_is_what_changed_and_what_is_near() {
        let lines = difference("0\n1\na\nb\nc\nd\ne\nf\n", "0\n1\na\nb\nc\nd\nE\nf\ng\n");
        assert_eq!(
            lines,
            [
                Line::Gap,
                Line::Same(3, "a"),
                Line::Same(4, "b"),
                Line::Same(5, "c"),
                Line::Same(6, "d"),
                Line::Old(7, "e"),
                Line::New(7, "E"),
                Line::Same(8, "f"),
                Line::New(9, "g"),
            ]
        );
        assert_eq!(difference("a\n", "a\n"), [Line::Gap]);
        assert_eq!(difference("a\n", ""), [Line::Old(1, "a")]);
    }
}
