//! A document that can't be used, in the words of each format, so that tools that read only those show it, too. Standard
//! error says it in any case.

use super::{Error, FileName, Format, github, markdown, put, sarif};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};
use shared::printable::{self, Printable};
use std::fmt::Write as _;

/// One thing that is wrong with a document.
pub struct Problem {
    pub file: FileName,
    /// Line and column, where it has a place.
    pub place: Option<(u32, u32)>,
    /// The JSON pointer of what is wrong; empty for the document as a whole.
    pub pointer: Printable,
    pub message: Printable,
}

impl Problem {
    /// "openapi.yaml:4:2: …".
    fn line(&self) -> String {
        let place = self.place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
        format!("{}{place}: {}", self.file, self.message)
    }
}

/// Prints them.
pub fn print(command: &str, problems: &[Problem], format: Format) -> Result<(), Error> {
    let text = match format {
        // What standard error says is said for people.
        Format::Text => return Ok(()),
        Format::Json => {
            printable::json(&json!({"error": {"problems": problems.iter().map(object).collect::<Vec<_>>()}}))?
        }
        Format::Markdown => markdown_of(problems),
        Format::Github => problems.iter().map(annotation).collect(),
        Format::Sarif => sarif_of(problems)?,
        Format::Junit => junit_of(command, problems)?,
    };
    put(&text)
}

fn object(problem: &Problem) -> Value {
    let (line, column) = problem.place.unzip();
    json!({
        "file": problem.file.to_string(),
        "line": line,
        "column": column,
        "pointer": problem.pointer.as_str(),
        "message": problem.message.as_str(),
    })
}

fn markdown_of(problems: &[Problem]) -> String {
    let mut text = "## ✕ A document can't be used\n\n".to_owned();
    for problem in problems {
        // Writing into a String can't fail.
        let _ = writeln!(text, "- {}", markdown::words(problem.line()));
    }
    text
}

fn annotation(problem: &Problem) -> String {
    let place = problem.place.map(|(line, column)| format!(",line={line},col={column}")).unwrap_or_default();
    let file = github::property(problem.file.path());
    format!("::error file={file}{place},title=can't be used::{}\n", github::data(problem.message.as_str()))
}

fn sarif_of(problems: &[Problem]) -> Result<String, Error> {
    let notification = |problem: &Problem| {
        let location = sarif::location(&problem.file, problem.place);
        json!({"level": "error", "message": {"text": sarif::text(problem.message.as_str())}, "locations": [location]})
    };
    let notifications: Vec<Value> = problems.iter().map(notification).collect();
    let mut sarif = sarif::document(&[], &[]);
    sarif["runs"][0]["invocations"] =
        json!([{"executionSuccessful": false, "toolExecutionNotifications": notifications}]);
    Ok(printable::json(&sarif)?)
}

fn junit_of(command: &str, problems: &[Problem]) -> Result<String, Error> {
    let mut suite = TestSuite::new(command);
    for problem in problems {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(problem.message.as_str()).set_description(problem.line());
        let mut case = TestCase::new("the document can be used", status);
        case.set_classname(problem.file.to_string());
        suite.add_test_case(case);
    }
    let mut junit = quick_junit::Report::new(command);
    junit.add_test_suite(suite);
    Ok(junit.to_string()?)
}
