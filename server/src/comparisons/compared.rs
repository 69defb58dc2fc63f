//! A comparison that is ready to be read: counted, and each finding as it is searched and sent.

use super::Key;
use crate::{
    cursor::After,
    error::{Error, Result},
    search,
};
use contract::Report;
use shared::{
    Cursor, Finding, Level, Page,
    comparisons::FindingQuery,
    findings::{Counts, OperationKey},
    subject::PathText,
};
use std::collections::HashSet;

/// A finding, ready to be searched and sent.
#[derive(Debug)]
struct Row {
    level: Level,
    ignored: bool,
    /// What a search looks through, in lower case.
    search: String,
    /// The finding, as JSON.
    body: String,
}

/// A comparison that is ready to be read.
#[derive(Debug)]
pub struct Compared {
    pub counts: Counts,
    pub ignored: u32,
    pub operations_touched: u32,
    pub operations_total: u32,
    list: String,
    /// The worst first, then in document order; what the policy ignores comes last.
    rows: Vec<Row>,
}

impl Compared {
    pub fn new(key: &Key, report: &Report) -> Result<Self> {
        let Report { findings, ignored, operations, ignored_left_out, .. } = report;
        // Webhooks are no operations of a path, and aren't counted as such.
        let of_paths = findings.iter().filter(|finding| finding.subject.is_of_path());
        let touched: HashSet<&OperationKey> =
            of_paths.flat_map(|finding| finding.operation.iter().chain(&finding.operations)).collect();
        Ok(Self {
            counts: Counts::of(findings),
            ignored: count(ignored.len() + ignored_left_out),
            operations_touched: count(touched.len()),
            operations_total: count(*operations),
            list: key.list(),
            rows: findings.iter().chain(ignored).map(row).collect::<Result<_>>()?,
        })
    }

    /// Bytes in memory.
    pub fn memory_size(&self) -> usize {
        self.rows.iter().map(|row| size_of::<Row>() + row.search.len() + row.body.len()).sum::<usize>() + 1_024
    }

    pub fn page(&self, query: &FindingQuery) -> Result<Page<Finding>> {
        let limit = query.page().limit()?;
        let after = query.cursor.as_ref().map(Cursor::parse::<After>).transpose()?;
        let search = search::text(query.search.as_deref().unwrap_or_default())?;
        let from = usize::try_from(After::in_list(after, &self.list)?).unwrap_or(usize::MAX);
        let wanted = |row: &Row| {
            row.ignored == query.ignored
                && (query.ignored || query.level.is_none_or(|level| row.level == level))
                && (search.is_empty() || row.search.contains(&search))
        };
        let found = self.rows.iter().enumerate().skip(from).filter(|(_, row)| wanted(row)).take(limit + 1);
        let next = |at: usize| After::cursor(&self.list, i64::try_from(at + 1).unwrap_or(i64::MAX));
        let page = Page::cut(found.collect(), limit, |(at, _)| next(*at));
        let finding = |(_, row): (usize, &Row)| {
            serde_json::from_str(&row.body).map_err(|error| Error::damaged(format_args!("finding: {error}")))
        };
        let items = page.items.into_iter().map(finding).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }
}

fn row(finding: &Finding) -> Result<Row> {
    let operation = finding.operation.as_ref().map(ToString::to_string).unwrap_or_default();
    // A line break between the parts keeps a search from matching across two of them.
    let parts = [&finding.message, &*finding.rule, &operation, &finding.fingerprint, &subject(finding)];
    let search = parts.join("\n").to_lowercase();
    let body = serde_json::to_string(finding).map_err(|error| Error::damaged(format_args!("finding: {error}")))?;
    Ok(Row { level: finding.level, ignored: finding.ignored.is_some(), search, body })
}

/// What a finding is about in the words of its data: the path in the message, the component, all other operations.
fn subject(finding: &Finding) -> String {
    let Finding { subject, operations, .. } = finding;
    let texts = [&subject.component, &subject.keyword, &subject.name, &subject.media_type, &subject.callback];
    let mut all: Vec<String> = texts.into_iter().flatten().cloned().collect();
    all.push(PathText(&subject.path).to_string());
    all.extend(operations.iter().map(ToString::to_string));
    all.join("\n")
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
