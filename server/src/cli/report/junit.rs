//! JUnit's XML: a test for each finding, which fails when the command fails for it.

use super::{heading, place, until};
use crate::cli::diff::{Change, Error};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

pub fn write(change: &Change<'_>) -> Result<String, Error> {
    let mut suite = TestSuite::new(format!("{} → {}", change.old.given, change.new.given));
    for finding in change.findings {
        let (file, line, column) = place(change, finding);
        let status = if change.fail_on.fails(finding.level) {
            let mut failed = TestCaseStatus::non_success(NonSuccessKind::Failure);
            failed.set_message(finding.message.clone()).set_type(finding.rule.as_ref());
            failed.set_description(format!("{file}:{line}:{column}"));
            failed
        } else {
            TestCaseStatus::success()
        };
        let mut case = TestCase::new(format!("{}: {}", finding.rule, finding.message), status);
        case.set_classname(heading(finding.operation.as_ref()));
        suite.add_test_case(case);
    }
    for ignored in change.ignored {
        let finding = &ignored.finding;
        let mut status = TestCaseStatus::skipped();
        status.set_message(format!("ignored: {}{}", ignored.reason, until(ignored)));
        let mut case = TestCase::new(format!("{}: {}", finding.rule, finding.message), status);
        case.set_classname(heading(finding.operation.as_ref()));
        suite.add_test_case(case);
    }
    if change.findings.is_empty() && change.ignored.is_empty() {
        suite.add_test_case(TestCase::new(change.counts.in_words(), TestCaseStatus::success()));
    }
    let mut report = Report::new("handshake diff");
    report.add_test_suite(suite);
    Ok(report.to_string()?)
}
