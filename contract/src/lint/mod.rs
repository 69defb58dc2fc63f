//! One document in, what could be better about it out: the practices of a good contract as [rules], and a score.
//!
//! The **score** is 0 to 100 and can be checked by hand. Each rule looks at certain places (each path, each operation
//! with credentials, each string that clients send, …), and the share of them that keep to it is the rule's result. The
//! score is the mean of the results of the rules that have a place in the document, weighted 3 for errors, 2 for
//! warnings and 1 for hints, rounded down. So it doesn't depend on how large a document is, only on how evenly it is
//! made; fixing a place never lowers it; and it is 100 exactly when there is nothing to fix. Counting findings
//! instead would call a large document worse than a small one for its size alone.
//!
//! Which places a rule looks at is chosen for few false alarms, on the documents that everyone knows (GitHub's,
//! Stripe's, Asana's): an exact rule that is wrong on them teaches people to ignore it.
//!
//! A place counts once, wherever it is used: a shared component's defect is one finding, at the component, and so work
//! and findings are linear in the document. The walks that follow `$ref`s remember where they were.
//!
//! What is listed is bounded, for each rule and in all, so that one rule with ten thousand findings doesn't hide the
//! others; what is counted isn't, so that the score is right and says how much is left out.

mod components;
mod examples;
mod operations;
mod paths;
mod requests;
mod responses;
mod rules;
mod walk;
mod words;

pub use rules::{LINT_RULES, LintRule, find};

use crate::{
    Date, Document, Ignore, Policy,
    compare::quoted,
    document::count,
    policy::{Index, off},
    text::cut,
    tree::{NodeId, Tree},
    version::OpenApi,
};
use examples::Example;
use rules::{LintRuleId, weight};
use rustc_hash::{FxHashMap, FxHashSet};
use shared::{
    findings::OperationKey,
    lint::{Lint, LintFinding, Reason, Score, Severity},
};
use std::cmp::Reverse;

/// Findings that are listed of one rule.
const MAX_OF_RULE: usize = 1_000;
/// Bytes of text that all findings take, in messages and pointers; those that are ignored have as many of their own.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Characters of a message.
const MAX_MESSAGE: usize = 1_000;

/// What lint says, as a policy judges it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedLint {
    /// What counts.
    pub lint: Lint,
    /// Places that the policy ignores, the worst first; of a rule as many at most as are listed of findings that count.
    pub ignored: Vec<LintFinding>,
    /// Ignores of lint's rules that ended, by their place in the policy. Their findings count.
    pub expired: Vec<usize>,
    /// Ignores of lint's rules in force that cover no place, by their place in the policy.
    pub unused: Vec<usize>,
}

/// How the document keeps to the practices of a good contract, and where it doesn't.
///
/// Pure and deterministic. The findings come worst first, then in the document's order.
#[must_use]
pub fn lint(document: &Document) -> Lint {
    lint_with(document, &Policy::default(), None).lint
}

/// The same, as a policy judges it on a day. Without one, none of its ignores has ended.
///
/// A place that is ignored counts neither for the score nor against it, nor does any place of a rule that is off. A rule
/// with another severity has that one's weight.
#[must_use]
pub fn lint_with(document: &Document, policy: &Policy, today: Option<Date>) -> JudgedLint {
    let mut linter = Linter {
        document,
        tree: &document.tree,
        settings: std::array::from_fn(|rule| RuleSetting {
            severity: policy.severity(&LINT_RULES[rule]),
            ignores: policy.holding(LINT_RULES[rule].id, today),
        }),
        tallies: [Tally::default(); LINT_RULES.len()],
        findings: Vec::new(),
        ignored: Vec::new(),
        bytes: [0; 2],
        scope: None,
        elsewhere: (document.tree.sources.len() > 1).then(|| {
            let operations = document.operations.iter().enumerate().rev();
            operations.map(|(index, operation)| (operation.node, index)).collect()
        }),
        discriminators: Vec::new(),
        examples: Vec::new(),
        notes: Vec::new(),
        used: FxHashSet::default(),
    };
    linter.info();
    linter.paths();
    linter.operations();
    linter.requests();
    linter.responses();
    linter.walk();
    linter.check_examples();
    linter.components();
    let of_lint = |rule: &str| find(rule).is_some();
    let in_force = policy.in_force(today).filter(|(_, ignore)| of_lint(&ignore.rule)).map(|(place, _)| place);
    let unused = in_force.filter(|place| !linter.used.contains(place)).collect();
    JudgedLint { expired: policy.expired(today, of_lint), unused, ..linter.finish() }
}

/// What the policy makes of one rule.
struct RuleSetting<'p> {
    /// None when it is off.
    severity: Option<Severity>,
    ignores: Index<'p>,
}

/// What one rule found so far.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    places: usize,
    broken: usize,
    listed: usize,
    ignored: usize,
    ignored_listed: usize,
}

struct Linter<'d> {
    document: &'d Document,
    tree: &'d Tree,
    settings: [RuleSetting<'d>; LINT_RULES.len()],
    tallies: [Tally; LINT_RULES.len()],
    findings: Vec<LintFinding>,
    ignored: Vec<LintFinding>,
    /// Bytes of text that the findings take, and those of the ignored ones.
    bytes: [usize; 2],
    /// The operation that is looked at, by its index.
    scope: Option<usize>,
    /// Operations by their nodes, where they may stand in other files.
    elsewhere: Option<FxHashMap<NodeId, usize>>,
    /// Those that the walk met.
    discriminators: Vec<NodeId>,
    examples: Vec<Example>,
    /// Sentences about what was not looked at.
    notes: Vec<String>,
    /// The places of the policy's ignores that cover something.
    used: FxHashSet<usize>,
}

impl<'d> Linter<'d> {
    /// A place that a rule looks at, and whether it keeps to it.
    fn place(&mut self, practice: LintRuleId, holds: bool, at: NodeId, message: impl FnOnce() -> String) {
        let rule = practice as usize;
        let severity = self.settings[rule].severity;
        if holds {
            self.tallies[rule].places += usize::from(severity.is_some());
            return;
        }
        let ignore = self.ignore_of(practice, at);
        self.used.extend(ignore.map(|(place, _)| place));
        let tally = &mut self.tallies[rule];
        let counts = ignore.is_none() && severity.is_some();
        // What is ignored has room of its own.
        let (listed, bytes) = if counts {
            tally.places += 1;
            tally.broken += 1;
            (&mut tally.listed, &mut self.bytes[0])
        } else {
            tally.ignored += 1;
            (&mut tally.ignored_listed, &mut self.bytes[1])
        };
        if *listed >= MAX_OF_RULE || *bytes >= MAX_BYTES {
            return;
        }
        *listed += 1;
        let mut finding = self.finding(practice, severity, at, &message());
        self.bytes[usize::from(!counts)] += finding.message.len()
            + finding.place.pointer.len()
            + finding.place.file.as_ref().map_or(0, String::len)
            + finding.operation.as_ref().map_or(0, |key| key.path.len());
        finding.ignored = match ignore {
            Some((_, ignore)) => Some(ignore.ignored()),
            None => severity.is_none().then(off),
        };
        if counts { self.findings.push(finding) } else { self.ignored.push(finding) }
    }

    /// The ignore that covers a rule's finding at a node, if any does.
    fn ignore_of(&self, practice: LintRuleId, at: NodeId) -> Option<(usize, &'d Ignore)> {
        let ignores = &self.settings[practice as usize].ignores;
        if ignores.is_empty() {
            return None;
        }
        let (operation, place) = (self.operation_at(at), self.document.place(at));
        ignores.covering(None, operation.as_ref(), &std::iter::once(&place))
    }

    fn finding(&self, practice: LintRuleId, severity: Option<Severity>, at: NodeId, message: &str) -> LintFinding {
        let rule = &LINT_RULES[practice as usize];
        let message = cut(message, MAX_MESSAGE).into_owned();
        let (operation, place) = (self.operation_at(at), self.document.place(at));
        LintFinding {
            rule: rule.id.into(),
            severity: severity.unwrap_or(rule.severity),
            operation,
            message,
            place,
            engine_severity: severity.map(|_| rule.severity).filter(|own| severity != Some(*own)),
            ignored: None,
        }
    }

    /// The operation that is looked at, or the one that a node stands in.
    fn operation_at(&self, node: NodeId) -> Option<OperationKey> {
        if let Some(index) = self.scope {
            return Some(self.document.operations[index].key.clone());
        }
        if let Some(operations) = &self.elsewhere {
            let mut at = node;
            while at != NodeId::ROOT {
                if let Some(index) = operations.get(&at) {
                    return Some(self.document.operations[*index].key.clone());
                }
                at = self.tree.node(at).parent;
            }
            return None;
        }
        // `/paths/{path}/{method}/…`: the last three steps up.
        let (mut above, mut at) = ([None; 2], node);
        while at != NodeId::ROOT {
            let parent = self.tree.node(at).parent;
            if parent == NodeId::ROOT && self.tree.key_of(at) == Some("paths") {
                let [Some(method), Some(path)] = above else { return None };
                let (method, path) = (self.tree.key_of(method)?, self.tree.key_of(path)?);
                let key = OperationKey { method: method.to_owned(), path: path.to_owned() };
                return self.document.version.methods().contains(&method).then_some(key);
            }
            above = [above[1], Some(at)];
            at = parent;
        }
        None
    }

    /// The version by whose words the tree is walked: one of 2.0 says all in 3.0's as well.
    fn grammar(&self) -> OpenApi {
        self.document.version.max(OpenApi::V30)
    }

    fn get(&self, node: NodeId, key: &str) -> Option<NodeId> {
        self.document.get(node, key)
    }

    /// A member's text, if there is any.
    fn text(&self, node: NodeId, key: &str) -> Option<&'d str> {
        self.tree.text_of(node, key).filter(|text| !text.trim().is_empty())
    }

    /// Whether something is said about a node: beside a `$ref`, where it leads, or in a part, as generators write it that
    /// can't put anything beside a `$ref`.
    fn described(&self, node: NodeId) -> bool {
        let told = |node| ["description", "title", "summary"].iter().any(|key| self.text(node, key).is_some());
        let said = |node| told(node) || told(self.document.references.resolve(node));
        let parts = ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|key| self.tree.get(node, key));
        said(node) || { parts }.any(|parts| self.tree.items(parts).iter().take(8).any(|part| said(*part)))
    }

    fn info(&mut self) {
        let Some(info) = self.document.root("info") else { return };
        let has = |key| self.tree.get(info, key).is_some();
        let (described, contact, license) = (self.text(info, "description").is_some(), has("contact"), has("license"));
        self.place(LintRuleId::DescriptionMissing, described, info, || {
            "Nothing says what the API is for. Add `info.description`.".to_owned()
        });
        self.place(LintRuleId::ContactMissing, contact, info, || {
            "Nobody is named whom to ask. Add `info.contact` with a name and a URL or an address.".to_owned()
        });
        self.place(LintRuleId::LicenseMissing, license, info, || {
            "No terms are named. Add `info.license` with a name, such as `Apache-2.0`.".to_owned()
        });
    }

    fn finish(self) -> JudgedLint {
        let mut reasons: Vec<Reason> = Vec::new();
        let mut left_out = 0;
        let rules = LINT_RULES.iter().zip(&self.settings).zip(&self.tallies);
        for ((rule, judgement), tally) in rules.filter(|(_, tally)| tally.places > 0) {
            left_out += tally.broken - tally.listed;
            let (places, broken) = (count(tally.places), count(tally.broken));
            let severity = judgement.severity.unwrap_or(rule.severity);
            reasons.push(Reason { rule: rule.id.into(), severity, weight: weight(severity), places, broken });
        }
        let score = score(&reasons);
        // What it costs: the weight times the share that is broken. The sort is stable, so the table decides ties.
        let cost = |reason: &Reason| u64::from(reason.weight) * (PARTS - kept(reason));
        crate::sort::by_key(&mut reasons, |reason| Reverse((cost(reason), reason.broken > 0)));
        let mut findings = self.findings;
        crate::sort::by(&mut findings, |a, b| order(a).cmp(&order(b)));
        let mut ignored = self.ignored;
        crate::sort::by(&mut ignored, |a, b| order(a).cmp(&order(b)));
        let ignored_count = count(self.tallies.iter().map(|tally| tally.ignored).sum());
        let score = Score { score, reasons, left_out: count(left_out), ignored_count, notes: self.notes };
        JudgedLint { lint: Lint { score, findings }, ignored, expired: Vec::new(), unused: Vec::new() }
    }
}

/// Worst first, then in the document's order.
fn order(finding: &LintFinding) -> impl Ord {
    let place = (Reverse(finding.severity), &finding.place.file, finding.place.line, finding.place.column);
    (place, finding.rule.as_ref(), finding.message.as_str())
}

/// Shares are counted in millionths, so that the score is the same on every machine.
const PARTS: u64 = 1_000_000;

/// The share of a rule's places that keep to it, rounded down.
fn kept(reason: &Reason) -> u64 {
    u64::from(reason.places - reason.broken) * PARTS / u64::from(reason.places)
}

/// The weighted mean of the shares in per cent, rounded down: less than 100 as soon as anything is broken, as each share
/// is rounded down as well.
fn score(reasons: &[Reason]) -> u32 {
    let weights: u64 = reasons.iter().map(|reason| u64::from(reason.weight)).sum();
    let kept: u64 = reasons.iter().map(|reason| u64::from(reason.weight) * kept(reason)).sum();
    if weights == 0 { 100 } else { u32::try_from(kept * 100 / (weights * PARTS)).unwrap_or(100) }
}

/// How a value is called in messages: `the property \`note\` of \`NewBooking\``.
fn name_of(document: &Document, node: NodeId) -> String {
    let tree = &document.tree;
    let key = |node| tree.key_of(node).unwrap_or_default();
    let (mut prefix, mut at) = (String::new(), node);
    let root = tree.root_of(node);
    // Deeper than this, the place says more than words do.
    for _ in 0..4 {
        if let Some(named) = document.references.named(at) {
            return format!("{prefix}the schema `{}`", quoted(key(named)));
        }
        if at == root {
            break;
        }
        let parent = tree.node(at).parent;
        let above = if parent == NodeId::ROOT { parent } else { tree.node(parent).parent };
        match (key(at), key(parent)) {
            (name, "properties") => {
                let owner = component_of(document, at).map(|schema| format!(" of `{}`", quoted(key(schema))));
                return format!("{prefix}the property `{}`{}", quoted(name), owner.unwrap_or_default());
            }
            ("schema", media_type) if key(above) == "content" => {
                return format!("{prefix}the body ({})", quoted(media_type));
            }
            ("schema", _) => {
                let (location, name) = (tree.text_of(parent, "in"), tree.text_of(parent, "name"));
                if let (Some(location), Some(name)) = (location, name) {
                    return format!("{prefix}the {} parameter `{}`", quoted(location), quoted(name));
                }
            }
            (name, "schemas" | "definitions") => return format!("{prefix}the schema `{}`", quoted(name)),
            ("items", _) => prefix.push_str("an item of "),
            ("additionalProperties", _) => prefix.push_str("a value of "),
            _ => {}
        }
        at = parent;
    }
    format!("{prefix}`{}`", quoted(&tree.pointer(at)))
}

/// The component that a node stands in, if it stands in one.
fn component_of(document: &Document, node: NodeId) -> Option<NodeId> {
    let tree = &document.tree;
    let (mut above, mut at) = ([None; 2], node);
    while at != NodeId::ROOT {
        if let Some(named) = document.references.named(at) {
            return Some(named);
        }
        let parent = tree.node(at).parent;
        if parent == NodeId::ROOT {
            return match tree.key_of(at) {
                Some("components") => above[0],
                // As 2.0 has them.
                Some("definitions" | "parameters" | "responses" | "securityDefinitions") => above[1],
                _ => None,
            };
        }
        above = [above[1], Some(at)];
        at = parent;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn reason(weight: u32, places: u32, broken: u32) -> Reason {
        Reason { rule: "x".into(), severity: Severity::Hint, weight, places, broken: broken.min(places) }
    }

    #[test]
    fn the_score_can_be_computed_by_hand() {
        for (reasons, expected) in [
            (&[][..], 100),
            (&[reason(1, 1, 0)], 100),
            (&[reason(3, 1, 1)], 0),
            (&[reason(1, 4, 1)], 75),
            (&[reason(3, 10, 0), reason(1, 1, 1)], 75),
            (&[reason(2, 3, 1), reason(2, 3, 1)], 66),
            (&[reason(2, 4_000_000_000, 1), reason(2, 3, 0)], 99),
        ] {
            assert_eq!(score(reasons), expected, "{reasons:?}");
        }
    }

    #[test]
    fn rules_are_named_once_and_say_what_to_do() {
        let mut ids = HashSet::new();
        for rule in LINT_RULES {
            assert!(ids.insert(rule.id), "{} is there twice", rule.id);
            assert!(crate::rules::find(rule.id).is_none(), "{} is a rule of the comparison", rule.id);
            assert!(rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
            assert!(rule.why.ends_with('.') && rule.how.ends_with('.') && !rule.title.ends_with('.'), "{}", rule.id);
        }
    }

    proptest! {
        #[test]
        fn mending_a_place_never_lowers_the_score(
            rules in prop::collection::vec((1..4_u32, 1..50_u32, 0..50_u32), 1..30), at in any::<prop::sample::Index>(),
        ) {
            let reasons: Vec<Reason> = rules.iter().map(|(w, p, b)| reason(*w, *p, *b)).collect();
            let index = at.index(reasons.len());
            let before = score(&reasons);
            let clean = reasons.iter().all(|reason| reason.broken == 0);
            prop_assert_eq!(before == 100, clean);
            // Fixed in place; the place itself gone; one more place that keeps to the rule.
            let (mut fixed, mut gone, mut more) = (reasons.clone(), reasons.clone(), reasons);
            if fixed[index].broken > 0 {
                fixed[index].broken -= 1;
                gone[index].broken -= 1;
                gone[index].places -= 1;
                if gone[index].places == 0 {
                    gone.remove(index);
                }
            }
            more[index].places += 1;
            for after in [fixed, gone, more] {
                prop_assert!(score(&after) >= before, "{} -> {}", before, score(&after));
            }
        }

        #[test]
        fn the_score_doesn_t_depend_on_size(
            rules in prop::collection::vec((1..4_u32, 1..50_u32, 0..50_u32), 1..30), times in 1..100_u32,
        ) {
            let sized = |times| rules.iter().map(|(w, p, b)| reason(*w, p * times, b.min(p) * times)).collect::<Vec<_>>();
            prop_assert_eq!(score(&sized(1)), score(&sized(times)));
        }
    }
}
