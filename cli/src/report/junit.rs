//! JUnit's XML: a test for each finding, which fails when the command fails for it.

use super::{At, Error, Ignored, Report, heading};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

pub fn write(report: &Report<'_>) -> Result<String, Error> {
    let mut suite = TestSuite::new(report.subject());
    for row in &report.rows {
        let At { file, line, column } = row.at;
        let status = if row.fails {
            let mut failed = TestCaseStatus::non_success(NonSuccessKind::Failure);
            failed.set_message(row.message.as_str()).set_type(row.rule.as_str());
            failed.set_description(format!("{file}:{line}:{column}\n{}", row.whole()));
            failed
        } else {
            TestCaseStatus::success()
        };
        let mut case = TestCase::new(format!("{}: {}", row.rule, row.message), status);
        case.set_classname(heading(row));
        suite.add_test_case(case);
    }
    for Ignored { row, because } in &report.ignored {
        let mut status = TestCaseStatus::skipped();
        status.set_message(format!("ignored: {because}"));
        let mut case = TestCase::new(format!("{}: {}", row.rule, row.message), status);
        case.set_classname(heading(row));
        suite.add_test_case(case);
    }
    if report.rows.is_empty() && report.ignored.is_empty() {
        suite.add_test_case(TestCase::new(report.summary.as_str(), TestCaseStatus::success()));
    }
    let mut junit = quick_junit::Report::new(report.command);
    junit.add_test_suite(suite);
    Ok(junit.to_string()?)
}
