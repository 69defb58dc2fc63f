//! Findings on their way out: bounded in number and in text, with an honest word about the rest.
//!
//! Documents of a few megabytes can differ in more ways than memory holds. What is beyond the bounds is counted, the
//! worst is kept, and one last finding says how much isn't listed and what wasn't compared at all.

use super::fingerprint::{self, Ingredients};
use crate::{
    rules,
    text::cut,
    witness::{Claim, Unproven},
};
use serde_json::Value;
use shared::{Finding, Level, Subject, Values, Witness, findings::Place, subject::Part};
use std::{borrow::Cow, collections::HashMap};

/// Findings that a comparison lists.
const MAX_FINDINGS: usize = 20_000;
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

#[derive(Default)]
struct Kept {
    list: Vec<(Finding, Claim)>,
    bytes: usize,
    left_out: usize,
}

#[derive(Default)]
pub(super) struct Findings {
    /// By level, the harmless first.
    levels: [Kept; 3],
    /// Sentences about what wasn't compared, each with how bad that may be.
    notes: Vec<(Level, String)>,
}

impl Findings {
    /// Keeps a finding, or else counts it without having it written. Whether it was kept.
    pub(super) fn add(&mut self, level: Level, claim: Claim, finding: impl FnOnce() -> Finding) -> bool {
        let kept = &mut self.levels[level as usize];
        if kept.list.len() >= MAX_FINDINGS || kept.bytes >= MAX_BYTES {
            kept.left_out += 1;
            return false;
        }
        let mut finding = finding();
        if let Cow::Owned(short) = cut(&finding.message, MAX_MESSAGE) {
            finding.message = short;
        }
        let places = finding.base.iter().chain(&finding.revision).map(|place| place.pointer.len());
        let operation = finding.operation.as_ref().map_or(0, |key| key.path.len());
        kept.bytes += finding.message.len() + operation + places.sum::<usize>() + weight(&finding);
        kept.list.push((finding, claim));
        true
    }

    /// Counts a finding that isn't worth writing, since what it sums up wasn't kept.
    pub(super) fn leave_out(&mut self, level: Level) {
        self.levels[level as usize].left_out += 1;
    }

    /// Says what wasn't judged for want of room: it may be anything, so it counts as the worst.
    pub(super) fn unjudged(&mut self, sentence: String) {
        self.notes.push((Level::Breaking, sentence));
    }

    /// Says what isn't followed in any document, so that only people can tell.
    pub(super) fn unfollowed(&mut self, sentence: String) {
        self.notes.push((Level::Risky, sentence));
    }

    /// Worst level first, then in the revision's order; last, what is missing. What breaks is shown by a message, or it
    /// is said why not.
    pub(super) fn finish(self, mut prove: impl FnMut(&Claim) -> Result<Witness, Unproven>) -> Vec<Finding> {
        let mut left_out = self.levels.each_ref().map(|kept| kept.left_out);
        let mut findings: Vec<(Finding, Claim)> = self.levels.into_iter().flat_map(|kept| kept.list).collect();
        let line = |finding: &Finding| finding.revision.as_ref().or(finding.base.as_ref()).map_or(0, |at| at.line);
        crate::sort::by(&mut findings, |(a, _), (b, _)| {
            let key = |finding: &Finding| (std::cmp::Reverse(finding.level), line(finding));
            key(a).cmp(&key(b)).then_with(|| a.operation.cmp(&b.operation)).then_with(|| a.message.cmp(&b.message))
        });
        for (finding, _) in findings.drain(MAX_FINDINGS.min(findings.len())..) {
            left_out[finding.level as usize] += 1;
        }
        tell_apart(&mut findings);
        let proved = findings.into_iter().map(|(mut finding, claim)| {
            if finding.level == Level::Breaking {
                match prove(&claim) {
                    Ok(witness) => finding.witness = Some(witness),
                    Err(why) => finding.unproven = Some(why.to_owned()),
                }
            }
            finding
        });
        proved.chain(incomplete(left_out, self.notes)).collect()
    }
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
    let rule = rules::get("comparison-incomplete");
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
