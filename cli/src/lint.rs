//! `handshake lint FILE`: how a contract keeps to the practices of a good one, for people, pull requests and pipelines.

use super::{
    files::Roots,
    policy,
    report::{self, About, At, Color, FileName, Format, Report, Row, Tone, refused},
    source::{self, Named, Source},
};
use clap::{Args, ValueEnum};
use contract::policy_file::Loaded;
use contract::{JudgedLint, Limits, lint};
use serde::Serialize;
use shared::lint::{LintFinding, Score, Severity};
use shared::printable::Printable;
use std::process::ExitCode;

/// What to look at, and how to tell.
#[derive(Debug, Args)]
pub struct Lint {
    /// The contract: a file, `-` for standard input, or `git:REV:PATH`.
    document: Source,
    /// How the findings are written.
    #[arg(long, short, value_enum, default_value = "text")]
    format: Format,
    /// The least severity that makes the command exit with 1.
    #[arg(long, value_enum, default_value = "error")]
    fail_on: FailOn,
    /// The least score, 0 to 100; less makes the command exit with 1.
    #[arg(long, value_name = "SCORE", value_parser = clap::value_parser!(u32).range(0..=100))]
    min_score: Option<u32>,
    /// Colours and shapes in text.
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
    #[command(flatten)]
    by: policy::By,
    #[command(flatten)]
    roots: Roots,
}

/// From which severity on the command fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Hint,
    /// Never.
    None,
}

impl FailOn {
    /// Whether a finding of this severity fails.
    fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Hint => severity >= Severity::Hint,
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
    #[error(transparent)]
    Report(#[from] report::Error),
}

impl Lint {
    /// Prints the report; 1 when something is at or above `--fail-on`, or the score is below `--min-score`.
    pub fn run(&self) -> Result<ExitCode, Error> {
        let outcome = self.report_what_is_found();
        if let Err(Error::Source(error)) = &outcome {
            refused::print("handshake lint", &error.problems(), self.format)?;
        }
        outcome
    }

    fn report_what_is_found(&self) -> Result<ExitCode, Error> {
        let named = self.document.read(&Limits::default(), &self.roots)?;
        let loaded = self.by.load()?;
        let judged = contract::lint_with(&named.document, &loaded.policy, Some(self.by.today()));
        let score = &judged.lint.score;
        // The score counts what isn't listed as well.
        let severe = score.worst().is_some_and(|worst| self.fail_on.fails(worst));
        let poor = self.min_score.is_some_and(|least| score.score < least);
        let policy = FileName::new(&loaded.file);
        let report = self.report(&named, &judged, (&policy, &loaded));
        Ok(report.print(self.format, self.color, &json(&judged), severe || poor)?)
    }

    fn report<'a>(
        &self,
        named: &'a Named,
        judged: &JudgedLint,
        (policy, loaded): (&'a FileName, &Loaded),
    ) -> Report<'a> {
        let worst = judged.lint.score.worst();
        let ignored = judged.ignored.iter().map(|ignored| report::Ignored {
            row: self.row(named, ignored),
            because: report::because(ignored.ignored.as_ref()),
        });
        Report {
            command: "handshake lint",
            subject: vec![named.given.clone()],
            tone: worst.map_or(Tone::Fine, tone),
            verdict: match worst {
                Some(Severity::Error) => "Errors",
                Some(Severity::Warning) => "Warnings",
                Some(Severity::Hint) => "Hints",
                None => "Good",
            },
            summary: Printable::new(self.summary(judged)),
            column: "what to improve",
            rows: judged.lint.findings.iter().map(|finding| self.row(named, finding)).collect(),
            ignored: ignored.collect(),
            policy,
            notes: policy::notes(loaded, &judged.expired, &judged.unused),
            about,
        }
    }

    /// "82 of 100, 3 errors, 9 hints", and what is missing.
    fn summary(&self, judged: &JudgedLint) -> String {
        let score = &judged.lint.score;
        let mut parts = vec![format!("{} of 100", score.score), score.in_words()];
        if let Some(least) = self.min_score.filter(|least| score.score < *least) {
            parts.insert(1, format!("{least} wanted"));
        }
        if score.left_out > 0 {
            parts.push(format!("{} of them not listed", score.left_out));
        }
        if score.ignored_count > 0 {
            parts.push(format!("{} ignored", score.ignored_count));
        }
        let notes = score.notes.iter().map(|note| format!(". {}", note.trim_end_matches('.')));
        parts.join(", ") + &notes.collect::<String>()
    }

    fn row<'a>(&self, named: &'a Named, finding: &LintFinding) -> Row<'a> {
        let place = &finding.place;
        Row {
            tone: tone(finding.severity),
            word: finding.severity.as_str(),
            rule: Printable::new(&finding.rule),
            operation: finding.operation.as_ref().map(Printable::new),
            message: Printable::new(&finding.message),
            at: At { file: named.file_of(place), line: place.line, column: place.column },
            before: None,
            places: Printable::new(named.written(place)),
            fails: self.fail_on.fails(finding.severity),
            engine: finding.engine_severity.map(Severity::as_str),
            proof: None,
            fingerprint: None,
        }
    }
}

/// What the REST API says of a version, and what the policy makes of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Json<'a> {
    #[serde(flatten)]
    score: &'a Score,
    findings: &'a [LintFinding],
    /// No more of a rule than are listed of findings that count.
    ignored: &'a [LintFinding],
}

fn json(judged: &JudgedLint) -> Json<'_> {
    Json { score: &judged.lint.score, findings: &judged.lint.findings, ignored: &judged.ignored }
}

const fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Doubtful,
        Severity::Hint => Tone::Minor,
    }
}

fn about(id: &str) -> Option<About> {
    let rule = lint::find(id)?;
    Some(About { id: rule.id, tone: tone(rule.severity), title: rule.title, why: rule.why, how: rule.how })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_fails_from_its_severity_on() {
        use FailOn::{Error, Hint, None, Warning};
        for (fail_on, severities) in [
            (Error, &[Severity::Error][..]),
            (Warning, &[Severity::Error, Severity::Warning]),
            (Hint, &Severity::ALL),
            (None, &[]),
        ] {
            for severity in Severity::ALL {
                assert_eq!(fail_on.fails(severity), severities.contains(&severity), "{fail_on:?} {severity}");
            }
        }
    }
}
