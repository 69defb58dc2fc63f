//! Findings on their way out: bounded in number and in text, with an honest word about the rest.
//!
//! Documents of a few megabytes can differ in more ways than memory holds. What is beyond the bounds is counted, the
//! worst is told, and one last finding says how much isn't listed and what wasn't compared at all.
//!
//! What is the worst, and what counts at all, is for the policy to say. So it is asked as findings come in, before room
//! or proofs are given to any: what it ignores takes neither, and what it raises to breaking is shown like all that
//! breaks.

use super::fingerprint::{self, Ingredients};
use crate::{
    policy::OnDay,
    rules::{self, RuleId},
    text::cut,
    witness::{Claim, Unproven},
};
use serde_json::Value;
use shared::{Finding, Level, Subject, Values, Witness, findings::Place, subject::Part};
use std::{
    borrow::Cow,
    cmp::{Ordering, Reverse},
    collections::HashMap,
};

/// Findings that a comparison lists.
pub(super) const MAX_FINDINGS: usize = 20_000;
/// Bytes of text that the findings of one level take.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Characters of a message. What is quoted in it is cut before; this is for long lists of things.
const MAX_MESSAGE: usize = 2_000;
/// Characters of a name, a path or a pattern that a message quotes.
const MAX_QUOTED: usize = 200;

/// A name in a message: whole, unless it is absurdly long.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    cut(text, MAX_QUOTED)
}

/// Findings that share room.
#[derive(Default)]
struct Room {
    list: Vec<(Finding, Claim)>,
    bytes: usize,
    left_out: usize,
}

impl Room {
    /// Adds a finding while there are less than `most`, or else counts it without having it written.
    fn add(&mut self, most: usize, claim: Claim, finding: impl FnOnce() -> Finding) -> bool {
        if self.list.len() >= most || self.bytes >= MAX_BYTES {
            self.left_out += 1;
            return false;
        }
        let mut finding = finding();
        if let Cow::Owned(short) = cut(&finding.message, MAX_MESSAGE) {
            finding.message = short;
        }
        let places = finding
            .base
            .iter()
            .chain(&finding.revision)
            .map(|place| place.pointer.len() + place.file.as_ref().map_or(0, String::len));
        let operation = finding.operation.as_ref().map_or(0, |key| key.path.len());
        self.bytes += finding.message.len() + operation + places.sum::<usize>() + weight(&finding);
        self.list.push((finding, claim));
        true
    }
}

/// What a comparison found, under a policy.
pub(super) struct Findings<'p> {
    policy: &'p OnDay<'p>,
    /// By the level that they count as, the harmless first.
    levels: [Room; 3],
    /// What the policy ignores takes no room of what counts.
    ignored: Room,
    /// Sentences about what wasn't compared, each with how bad that may be.
    notes: Vec<(Level, String)>,
}

impl<'p> Findings<'p> {
    pub(super) fn new(policy: &'p OnDay<'p>) -> Self {
        Self { policy, levels: Default::default(), ignored: Room::default(), notes: Vec::new() }
    }

    /// Leaves nothing in its place.
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(self.policy))
    }

    /// Whether a finding breaks, unless it is ignored: then it is to be shown.
    pub(super) fn breaks(&self, rule: RuleId, level: Level) -> bool {
        self.policy.level(rule.id, level) == Some(Level::Breaking)
    }

    fn room(&mut self, rule: RuleId, level: Level) -> &mut Room {
        match self.policy.level(rule.id, level) {
            Some(level) => &mut self.levels[level as usize],
            None => &mut self.ignored,
        }
    }

    /// Stores a finding, or else counts it. Whether it was stored.
    pub(super) fn add(&mut self, rule: RuleId, level: Level, claim: Claim, finding: impl FnOnce() -> Finding) -> bool {
        // Fingerprints that the policy names are known at the end only; there is room for as many.
        let most = MAX_FINDINGS + self.policy.fingerprints();
        if !self.policy.looks_at(rule.id) {
            return self.room(rule, level).add(most, claim, finding);
        }
        let finding = finding();
        let ignored = self.policy.ignored(&finding, None).is_some();
        let room = if ignored { &mut self.ignored } else { self.room(rule, level) };
        room.add(most, claim, || finding)
    }

    /// Counts a finding that isn't worth writing, since what it sums up wasn't stored.
    pub(super) fn leave_out(&mut self, rule: RuleId, level: Level) {
        self.room(rule, level).left_out += 1;
    }

    /// Says what wasn't judged for want of room: it may be anything, so it counts as the worst.
    pub(super) fn unjudged(&mut self, sentence: String) {
        self.notes.push((Level::Breaking, sentence));
    }

    /// Says what isn't followed in any document, so that only people can tell.
    pub(super) fn unfollowed(&mut self, sentence: String) {
        self.notes.push((Level::Risky, sentence));
    }

    /// What counts and what is ignored, both the worst level first, then in the revision's order; last, what is missing.
    /// What breaks is shown by a message, or it is said why not.
    pub(super) fn finish(self, mut prove: impl FnMut(&Claim) -> Result<Witness, Unproven>) -> Found {
        let Self { policy, levels, ignored: Room { list, left_out: mut ignored_left_out, .. }, notes } = self;
        let mut left_out = levels.each_ref().map(|room| room.left_out);
        let mut all: Vec<(Finding, Claim)> = levels.into_iter().flat_map(|room| room.list).chain(list).collect();
        // Before the policy is asked, so that nobody's fingerprint depends on it.
        tell_apart(&mut all);
        for (finding, _) in &mut all {
            policy.judge(finding);
        }
        crate::sort::by(&mut all, |(a, _), (b, _)| order(a, b));
        let (mut ignored, mut findings): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(finding, _)| finding.ignored.is_some());
        for (finding, _) in findings.drain(MAX_FINDINGS.min(findings.len())..) {
            left_out[finding.level as usize] += 1;
        }
        ignored_left_out += ignored.drain(MAX_FINDINGS.min(ignored.len())..).count();
        let proved = findings.into_iter().map(|(mut finding, claim)| {
            if finding.level == Level::Breaking {
                match prove(&claim) {
                    Ok(witness) => finding.witness = Some(witness),
                    Err(reason) => {
                        finding.unproven = Some(reason.why().to_owned());
                        if matches!(reason, Unproven::Doubtful(_)) && !rules::is_promise(&finding.rule) {
                            policy.doubt(&mut finding);
                        }
                    }
                }
            }
            finding
        });
        let mut proved: Vec<Finding> = proved.collect();
        crate::sort::by(&mut proved, order);
        let missing = incomplete(left_out, notes).map(|mut missing| {
            policy.judge(&mut missing);
            missing
        });
        Found {
            findings: proved.into_iter().chain(missing).collect(),
            ignored: ignored.into_iter().map(|(finding, _)| finding).collect(),
            left_out: left_out.iter().sum(),
            ignored_left_out,
        }
    }
}

/// What is told of a comparison.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) findings: Vec<Finding>,
    pub(crate) ignored: Vec<Finding>,
    pub(crate) left_out: usize,
    pub(crate) ignored_left_out: usize,
}

/// Worst level first, then in the revision's order.
pub(crate) fn order(a: &Finding, b: &Finding) -> Ordering {
    fn place(finding: &Finding) -> Option<(&Option<String>, u32)> {
        finding.revision.as_ref().or(finding.base.as_ref()).map(|at| (&at.file, at.line))
    }
    let level = |finding: &Finding| Reverse(finding.level);
    (level(a), place(a))
        .cmp(&(level(b), place(b)))
        .then_with(|| a.operation.cmp(&b.operation))
        .then_with(|| a.message.cmp(&b.message))
}

/// Bytes of a finding's data, about.
fn weight(finding: &Finding) -> usize {
    let Finding { subject, values, operations, .. } = finding;
    let steps = subject.path.iter().map(|step| 16 + step.name.as_ref().map_or(0, String::len)).sum::<usize>();
    let listed = operations.iter().map(|key| 24 + key.path.len()).sum::<usize>();
    let values = values.base.iter().chain(&values.revision).map(weight_of).sum::<usize>();
    steps + listed + values
}

/// Depth is bounded, since there is room for a few values only.
fn weight_of(value: &Value) -> usize {
    match value {
        Value::String(text) => 8 + text.len(),
        Value::Array(items) => 8 + items.iter().map(weight_of).sum::<usize>(),
        Value::Object(members) => 8 + members.iter().map(|(key, value)| key.len() + weight_of(value)).sum::<usize>(),
        _ => 8,
    }
}

/// Findings that are alike in all that tells findings apart get a fingerprint each, in an order that doesn't depend on
/// the documents'.
fn tell_apart(findings: &mut [(Finding, Claim)]) {
    let mut alike: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, (finding, _)) in findings.iter().enumerate() {
        alike.entry(&finding.fingerprint).or_default().push(index);
    }
    let mut several: Vec<Vec<usize>> = alike.into_values().filter(|alike| alike.len() > 1).collect();
    for alike in &mut several {
        crate::sort::by_key(alike, |index| {
            let pointer = |place: &Option<Place>| place.as_ref().map(|place| place.pointer.clone());
            let finding = &findings[*index].0;
            (finding.message.clone(), pointer(&finding.base), pointer(&finding.revision))
        });
        for (ordinal, index) in alike.iter().enumerate().skip(1) {
            let finding = &mut findings[*index].0;
            finding.fingerprint = fingerprint::of_several(&finding.fingerprint, ordinal);
        }
    }
}

/// What is missing, as a finding as bad as the worst of it.
fn incomplete(left_out: [usize; 3], notes: Vec<(Level, String)>) -> Option<Finding> {
    let rule = rules::COMPARISON_INCOMPLETE;
    let [_, risky, breaking] = left_out;
    let unknown = notes.iter().map(|(level, _)| *level).max().unwrap_or(Level::Safe);
    let mut sentences: Vec<String> = notes.into_iter().map(|(_, sentence)| sentence).collect();
    let worst = Level::ALL.into_iter().find(|level| left_out[*level as usize] > 0).unwrap_or(Level::Safe);
    let more = left_out.iter().sum::<usize>();
    if more > 0 {
        sentences.insert(
            0,
            format!("{more} more differences are not listed: {breaking} breaking, {risky} risky, the rest safe."),
        );
    }
    let subject = Subject::of(Part::Document);
    let ingredients = Ingredients { rule: rule.id, direction: None, operation: None, subject: &subject, identity: "" };
    let fingerprint = ingredients.fingerprint();
    (!sentences.is_empty()).then(|| Finding {
        rule: rule.id.into(),
        level: worst.max(unknown),
        operation: None,
        direction: None,
        fingerprint,
        subject,
        values: Values::default(),
        operations: Vec::new(),
        message: sentences.join(" "),
        base: None,
        revision: None,
        witness: None,
        unproven: None,
        engine_level: None,
        ignored: None,
    })
}
