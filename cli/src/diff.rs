//! `handshake diff OLD NEW`: the engine's verdict on a change, for people, pull requests and pipelines.

use super::{
    files::Roots,
    policy,
    report::{self, About, At, Color, FileName, Format, Proof, Report, Row, Tone, refused},
    source::{self, Named, Source},
};
use clap::{Args, ValueEnum};
use contract::{Judging, Limits, Options, rules};
use serde::Serialize;
use shared::printable::Printable;
use shared::{
    Finding, Level,
    findings::{Counts, Place},
};
use std::process::ExitCode;

/// What to compare, and how to tell.
#[derive(Debug, Args)]
pub struct Diff {
    /// The contract as it was: a file, `-` for standard input, or `git:REV:PATH`.
    old: Source,
    /// The contract as it is to be: a file, `-` for standard input, or `git:REV:PATH`.
    new: Source,
    /// How the findings are written.
    #[arg(long, short, value_enum, default_value = "text")]
    format: Format,
    /// The least level that makes the command exit with 1.
    #[arg(long, value_enum, default_value = "breaking")]
    fail_on: FailOn,
    /// What to do where OLD doesn't exist yet, as on the first run: fail, or pass and say so.
    #[arg(long, value_enum, default_value = "fail")]
    base_missing: BaseMissing,
    /// Colours and shapes in text.
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
    #[command(flatten)]
    by: policy::By,
    #[command(flatten)]
    roots: Roots,
}

/// From which level on the command fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Breaking,
    Risky,
    Safe,
    /// Never.
    None,
}

/// What happens where the old document doesn't exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BaseMissing {
    Fail,
    Pass,
}

/// Both documents and what lies between them.
struct Change<'a> {
    old: &'a Named,
    new: &'a Named,
    findings: &'a [Finding],
    counts: Counts,
    fail_on: FailOn,
    /// Findings that the policy ignores, and how many of them aren't listed.
    ignored: &'a [Finding],
    ignored_left_out: usize,
    /// The policy's file, with the line of each ignore that has ended or covers nothing, and what is to be said of it.
    policy: &'a FileName,
    notes: Vec<(usize, Printable)>,
}

impl FailOn {
    /// Whether a finding of this level fails.
    #[must_use]
    pub fn fails(self, level: Level) -> bool {
        match self {
            Self::Breaking => level >= Level::Breaking,
            Self::Risky => level >= Level::Risky,
            Self::Safe => level >= Level::Safe,
            Self::None => false,
        }
    }
}

/// The report can't be made; the command exits with 2.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Source(#[from] source::Error),
    #[error(transparent)]
    Policy(#[from] policy::Error),
    #[error("only one of the two documents can come from standard input")]
    BothStdin,
    #[error(transparent)]
    Report(#[from] report::Error),
}

impl Diff {
    /// Prints the report; 1 when something is at or above `--fail-on`.
    pub fn run(&self) -> Result<ExitCode, Error> {
        let outcome = self.report_what_is_found();
        if let Err(Error::Source(error)) = &outcome {
            refused::print("handshake diff", &error.problems(), self.format)?;
        }
        outcome
    }

    /// The report of a contract that has nothing before it.
    fn first(&self, new: &Named) -> Result<ExitCode, Error> {
        let none = FileName::new("");
        let report = Report {
            command: "handshake diff",
            subject: vec![Printable::new(&self.old), new.given.clone()],
            tone: Tone::Fine,
            verdict: "First",
            summary: Printable::new(format!("{} doesn't exist yet, so there is nothing to compare with", self.old)),
            column: "what changed",
            rows: Vec::new(),
            ignored: Vec::new(),
            policy: &none,
            notes: Vec::new(),
            about,
        };
        let counts = Counts::default();
        let json = Json { level: Level::Safe, counts, findings: &[], ignored: &[], base_missing: true };
        Ok(report.print(self.format, self.color, &json, false)?)
    }

    fn report_what_is_found(&self) -> Result<ExitCode, Error> {
        if self.old == Source::Stdin && self.new == Source::Stdin {
            return Err(Error::BothStdin);
        }
        let limits = Limits::default();
        if self.base_missing == BaseMissing::Pass && self.old.is_absent()? {
            return self.first(&self.new.read(&limits, &self.roots)?);
        }
        let old = self.old.read(&limits.in_service(), &self.roots)?;
        let new = self.new.read(&limits, &self.roots)?;
        for warning in old.document.warnings() {
            let (line, column) = (warning.line.unwrap_or(1), warning.column.unwrap_or(1));
            // Files beside the document are named by their path below the root.
            let file = warning.file.clone().unwrap_or_else(|| old.file.path().to_string());
            eprintln!("{}", Printable::new(format!("warning: {file}:{line}:{column}: {}", warning.message)));
        }
        let (loaded, today) = (self.by.load()?, self.by.today());
        let judging = Judging { policy: &loaded.policy, today: Some(today), options: Options::default().on(today) };
        let verdict = contract::judge(&old.document, &new.document, &judging);
        let change = Change {
            old: &old,
            new: &new,
            counts: Counts::of(&verdict.findings),
            findings: &verdict.findings,
            fail_on: self.fail_on,
            ignored: &verdict.ignored,
            ignored_left_out: verdict.ignored_left_out,
            policy: &FileName::new(&loaded.file),
            notes: policy::notes(&loaded, &verdict.expired, &verdict.unused),
        };
        let failed = change.findings.iter().any(|finding| self.fail_on.fails(finding.level));
        Ok(change.report().print(self.format, self.color, &change.json(), failed)?)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Json<'a> {
    /// The worst level found.
    level: Level,
    counts: Counts,
    findings: &'a [Finding],
    /// What the policy ignores; not counted.
    ignored: &'a [Finding],
    /// Whether there was no old document, and `--base-missing pass`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    base_missing: bool,
}

impl Change<'_> {
    fn json(&self) -> Json<'_> {
        let Self { counts, findings, ignored, .. } = *self;
        Json { level: counts.verdict(), counts, findings, ignored, base_missing: false }
    }

    fn report(&self) -> Report<'_> {
        let verdict = self.counts.verdict();
        let ignored = self.ignored.iter().map(|finding| report::Ignored {
            row: self.row(finding),
            because: report::because(finding.ignored.as_ref()),
        });
        Report {
            command: "handshake diff",
            subject: vec![self.old.given.clone(), self.new.given.clone()],
            tone: tone(verdict),
            verdict: match verdict {
                Level::Breaking => "Breaking",
                Level::Risky => "Risky",
                Level::Safe => "Safe",
            },
            summary: Printable::new(match self.ignored.len() + self.ignored_left_out {
                0 => self.counts.in_words(),
                ignored => format!("{}, {ignored} ignored", self.counts.in_words()),
            }),
            column: "what changed",
            rows: self.findings.iter().map(|finding| self.row(finding)).collect(),
            ignored: ignored.collect(),
            policy: self.policy,
            notes: self.notes.clone(),
            about,
        }
    }

    fn row<'a>(&'a self, finding: &'a Finding) -> Row<'a> {
        let at =
            |named: &'a Named, place: &Place| At { file: named.file_of(place), line: place.line, column: place.column };
        let old = finding.base.as_ref().map(|place| at(self.old, place));
        let new = finding.revision.as_ref().map(|place| at(self.new, place));
        Row {
            tone: tone(finding.level),
            word: finding.level.as_str(),
            rule: Printable::new(&finding.rule),
            operation: finding.operation.as_ref().map(Printable::new),
            message: Printable::new(&finding.message),
            // In the new file, or in the old one when it is gone from the new.
            at: new.or(old).unwrap_or(At { file: &self.new.file, line: 1, column: 1 }),
            before: old.filter(|_| new.is_some()),
            places: self.places(finding),
            fails: self.fail_on.fails(finding.level),
            engine: finding.engine_level.map(Level::as_str),
            proof: match (&finding.witness, &finding.unproven) {
                (Some(witness), _) => Some(Proof::witness(witness)),
                (None, Some(why)) => Some(Proof::unproven(why)),
                (None, None) => None,
            },
            fingerprint: Some(finding.fingerprint.clone()),
        }
    }

    /// "old.yaml:12:9 → new.yaml:14:9", as far as the finding has places.
    fn places(&self, finding: &Finding) -> Printable {
        let (old, new) = (finding.base.as_ref(), finding.revision.as_ref());
        let places = [old.map(|place| self.old.written(place)), new.map(|place| self.new.written(place))];
        Printable::new(places.into_iter().flatten().collect::<Vec<_>>().join(" → "))
    }
}

const fn tone(level: Level) -> Tone {
    match level {
        Level::Breaking => Tone::Bad,
        Level::Risky => Tone::Doubtful,
        Level::Safe => Tone::Fine,
    }
}

fn about(id: &str) -> Option<About> {
    let rule = rules::find(id)?;
    Some(About { id: rule.id, tone: tone(rule.level), title: rule.title, why: rule.why, how: rule.how })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_fails_from_its_level_on() {
        use FailOn::{Breaking, None, Risky, Safe};
        for (fail_on, levels) in [
            (Breaking, &[Level::Breaking][..]),
            (Risky, &[Level::Breaking, Level::Risky]),
            (Safe, &[Level::Breaking, Level::Risky, Level::Safe]),
            (None, &[]),
        ] {
            for level in Level::ALL {
                assert_eq!(fail_on.fails(level), levels.contains(&level), "{fail_on:?} {level}");
            }
        }
    }
}
