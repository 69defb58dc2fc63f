//! The engine's side of the conversation: keeps both documents as they were read, so that a change of one costs
//! reading one, and the findings, of which the page asks for no more than it shows.

use super::protocol::{Findings, Judged, PAGE, Pane, ReadState, Shown, WorkerMessage, WorkerRequest};
use contract::{Date, Document, Judging, Limits, Options, Policy, Report, judge, policy_file};
use shared::{Finding, error::Detail, findings::Counts, words::count};

/// A policy, none when it can't be read: one that is half understood would hide findings.
pub type ReadPolicy = (Option<Policy>, ReadState);

/// What the worker remembers.
pub struct Judge {
    documents: [(Option<Document>, ReadState); 2],
    policy: ReadPolicy,
    verdict: u32,
    report: Report,
}

impl Default for Judge {
    fn default() -> Self {
        Self {
            documents: Default::default(),
            policy: (Some(Policy::new()), ReadState::Empty),
            verdict: 0,
            report: Report::default(),
        }
    }
}

impl Judge {
    /// Answers. `sources` are the documents that changed, base and revision, `policy` is the policy if it did; `today` is
    /// for sunsets and ignores.
    pub fn answer(
        &mut self,
        request: &WorkerRequest,
        sources: [Option<Vec<u8>>; 2],
        policy: Option<ReadPolicy>,
        today: Date,
    ) -> WorkerMessage {
        match *request {
            WorkerRequest::Judge { verdict, shown } => {
                let limits = [Limits::default().in_service(), Limits::default()];
                for ((document, source), limits) in self.documents.iter_mut().zip(sources).zip(limits) {
                    if let Some(source) = source {
                        // The old document goes before the new one comes: both at once may be too much.
                        *document = (None, ReadState::Empty);
                        *document = read(&source, &limits);
                    }
                }
                if let Some(policy) = policy {
                    self.policy = policy;
                }
                self.verdict = verdict;
                WorkerMessage::Judged(Box::new(self.judge(shown, today)))
            }
            WorkerRequest::Findings { verdict, shown, from } if verdict == self.verdict => {
                WorkerMessage::Findings(self.page(shown, from))
            }
            WorkerRequest::Findings { verdict, shown, .. } => {
                WorkerMessage::Findings(Findings { verdict, shown, ..Findings::default() })
            }
        }
    }

    fn judge(&mut self, shown: Shown, today: Date) -> Judged {
        self.report = Report::default();
        let [(base, _), (revision, _)] = &self.documents;
        let counts = match (base, revision, &self.policy.0) {
            (Some(base), Some(revision), Some(policy)) => {
                let judging = Judging { policy, today: Some(today), options: Options::default().on(today) };
                self.report = judge(base, revision, &judging);
                Some(Counts::of(&self.report.findings))
            }
            _ => None,
        };
        let reading = |pane: Pane| self.documents[pane.index()].1.clone();
        Judged {
            verdict: self.verdict,
            base: reading(Pane::Base),
            revision: reading(Pane::Revision),
            policy: self.policy.1.clone(),
            counts,
            ignored: self.report.ignored.len() + self.report.ignored_left_out,
            findings: self.page(shown, 0),
        }
    }

    fn page(&self, shown: Shown, from: usize) -> Findings {
        let (list, level) = match shown {
            Shown::All => (&self.report.findings, None),
            Shown::Level(level) => (&self.report.findings, Some(level)),
            Shown::Ignored => (&self.report.ignored, None),
        };
        let fits = |finding: &&Finding| level.is_none_or(|level| finding.level == level);
        let mut rest = list.iter().filter(fits).skip(from);
        let items: Vec<_> = rest.by_ref().take(PAGE).cloned().collect();
        let next = rest.next().map(|_| from + items.len());
        Findings { verdict: self.verdict, shown, items, next }
    }
}

/// Reads a policy, and says what is in it and which of its ignores have ended.
pub fn read_policy(source: &[u8], today: Date) -> ReadPolicy {
    if source.trim_ascii().is_empty() {
        return (Some(Policy::new()), ReadState::Empty);
    }
    match policy_file::parse(policy_file::FILE, &String::from_utf8_lossy(source)) {
        Ok(loaded) => {
            let policy = &loaded.policy;
            let mut words = format!(
                "{}, {}",
                count(policy.settings() as u64, "rule"),
                count(policy.ignores().len() as u64, "ignore")
            );
            for (line, message) in loaded.endings(&policy.ended(today)) {
                words.push_str(&format!(". Line {line}: {}", message.trim_end_matches('.')));
            }
            (Some(loaded.policy), ReadState::Read(words))
        }
        Err(invalid) => {
            let (field, line) = ("policy".to_owned(), u32::try_from(invalid.line).ok());
            let detail = Detail { field, message: invalid.message, line, column: None, file: None };
            (None, ReadState::Refused(vec![detail]))
        }
    }
}

fn read(source: &[u8], limits: &Limits) -> (Option<Document>, ReadState) {
    if source.trim_ascii().is_empty() {
        return (None, ReadState::Empty);
    }
    match Document::read(source, limits) {
        Ok(document) => {
            let info = document.info();
            let operations = count(info.operations, "operation");
            let words = format!("{} {}, OpenAPI {}, {operations}", info.title, info.version, info.openapi);
            (Some(document), ReadState::Read(words))
        }
        Err(error) => (None, ReadState::Refused(error.problems)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playground::example;
    use shared::Level;

    const TODAY: Date = Date::from_unix_seconds(1_795_000_000);

    fn judged(judge: &mut Judge, verdict: u32, shown: Shown, [base, revision]: [Option<&str>; 2]) -> Judged {
        with_policy(judge, verdict, shown, [base, revision, None])
    }

    fn with_policy(judge: &mut Judge, verdict: u32, shown: Shown, sources: [Option<&str>; 3]) -> Judged {
        let [base, revision, policy] = sources.map(|source| source.map(|source| source.as_bytes().to_vec()));
        let policy = policy.map(|policy| read_policy(&policy, TODAY));
        match judge.answer(&WorkerRequest::Judge { verdict, shown }, [base, revision], policy, TODAY) {
            WorkerMessage::Judged(judged) => *judged,
            other => panic!("{other:?}"),
        }
    }

    fn paths(count: usize, kind: &str) -> String {
        let paths: String = (0..count)
            .map(|n| {
                format!(
                    "  /things{n}:\n    get:\n      parameters: [{{name: size, in: query, schema: {{type: {kind}}}}}]\n      \
                     responses: {{'200': {{description: Things.}}}}\n"
                )
            })
            .collect();
        format!("openapi: 3.1.0\ninfo: {{title: Things, version: '1'}}\npaths:\n{paths}")
    }

    #[test]
    fn the_example_shows_each_level() {
        let mut judge = Judge::default();
        let judged = judged(&mut judge, 1, Shown::All, [Some(example::BASE), Some(example::REVISION)]);
        let counts = judged.counts.unwrap();
        assert!(Level::ALL.iter().all(|level| counts.get(*level) > 0), "{counts:?} {:#?}", judged.findings);
        assert!(matches!(&judged.base, ReadState::Read(words) if words.contains("OpenAPI 3.1.0")), "{:?}", judged.base);
    }

    #[test]
    fn a_document_that_did_not_change_is_not_sent_again() {
        let mut judge = Judge::default();
        assert_eq!(judged(&mut judge, 1, Shown::All, [Some(example::BASE), None]).counts, None);
        assert_eq!(judged(&mut judge, 2, Shown::All, [None, Some(example::BASE)]).counts, Some(Counts::default()));
        assert!(judged(&mut judge, 3, Shown::All, [None, Some(example::REVISION)]).counts.unwrap().breaking > 0);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_takes_the_verdict_away() {
        let mut judge = Judge::default();
        judged(&mut judge, 1, Shown::All, [Some(example::BASE), Some(example::REVISION)]);
        let judged = judged(&mut judge, 2, Shown::All, [None, Some("openapi: 3.1.0\ninfo: [\n")]);
        let ReadState::Refused(problems) = &judged.revision else { panic!("{:?}", judged.revision) };
        assert!(problems[0].line.is_some() && problems[0].column.is_some());
        assert_eq!((judged.counts, judged.findings.items.len()), (None, 0));
    }

    #[test]
    fn blank_documents_are_empty() {
        let mut judge = Judge::default();
        let judged = judged(&mut judge, 1, Shown::All, [Some(" \n\t"), Some("")]);
        assert_eq!((judged.base, judged.revision, judged.counts), (ReadState::Empty, ReadState::Empty, None));
    }

    #[test]
    fn findings_come_in_pages_by_level() {
        let mut judge = Judge::default();
        let (base, revision) = (paths(120, "string"), paths(120, "integer"));
        let first = judged(&mut judge, 7, Shown::Level(Level::Breaking), [Some(&base), Some(&revision)]);
        assert_eq!(first.counts.unwrap().breaking, 120);
        let mut seen = first.findings.items;
        let mut next = first.findings.next;
        while let Some(from) = next {
            let WorkerMessage::Findings(page) = judge.answer(
                &WorkerRequest::Findings { verdict: 7, shown: Shown::Level(Level::Breaking), from },
                [None, None],
                None,
                TODAY,
            ) else {
                panic!("no page");
            };
            seen.extend(page.items);
            next = page.next;
        }
        assert_eq!(seen.len(), 120);
        let none = judge.answer(
            &WorkerRequest::Findings { verdict: 7, shown: Shown::Level(Level::Risky), from: 0 },
            [None, None],
            None,
            TODAY,
        );
        assert!(matches!(none, WorkerMessage::Findings(page) if page.items.is_empty() && page.next.is_none()));
        let old = judge.answer(
            &WorkerRequest::Findings { verdict: 6, shown: Shown::All, from: 0 },
            [None, None],
            None,
            TODAY,
        );
        assert!(matches!(old, WorkerMessage::Findings(page) if page.items.is_empty() && page.verdict == 6));
    }

    #[test]
    fn a_policy_is_judged_by_and_what_it_ignores_is_told_apart() {
        let mut judge = Judge::default();
        let before = judged(&mut judge, 1, Shown::All, [Some(&paths(3, "string")), Some(&paths(3, "integer"))]);
        assert_eq!((before.counts.map(|counts| counts.breaking), before.ignored), (Some(3), 0));
        let policy = "[[ignore]]\nrule = 'request-type-narrowed'\noperation = 'GET /things1'\nreason = 'Nobody calls it.'\n\
                      [[ignore]]\nrule = 'operation-removed'\nreason = 'Old.'\nexpires = 2020-01-01\n";
        let after = with_policy(&mut judge, 2, Shown::Ignored, [None, None, Some(policy)]);
        assert_eq!((after.counts.map(|counts| counts.breaking), after.ignored), (Some(2), 1));
        let why = after.findings.items[0].ignored.as_ref().map(ToString::to_string);
        assert_eq!(why.as_deref(), Some("Nobody calls it."));
        let ReadState::Read(words) = &after.policy else { panic!("{:?}", after.policy) };
        assert!(words.starts_with("0 rules, 2 ignores. Line 5: this ignore ended on 2020-01-01"), "{words}");
        let raised = "[rules]\nrequest-type-narrowed = 'safe'\n";
        let lowered = with_policy(&mut judge, 3, Shown::All, [None, None, Some(raised)]);
        assert_eq!(lowered.counts.map(|counts| (counts.breaking, counts.safe)), Some((0, 3)));
        assert_eq!(with_policy(&mut judge, 4, Shown::All, [None, None, Some(" \n")]).counts, before.counts);
    }

    #[test]
    fn a_policy_that_can_t_be_read_takes_the_verdict_away() {
        let mut judge = Judge::default();
        let sources = [Some(example::BASE), Some(example::REVISION), Some("\n[rules]\nno-such-rule = 'off'\n")];
        let refused = with_policy(&mut judge, 1, Shown::All, sources);
        let ReadState::Refused(problems) = &refused.policy else { panic!("{:?}", refused.policy) };
        assert_eq!(problems[0].line, Some(3));
        assert!(problems[0].message.contains("no-such-rule"), "{problems:?}");
        assert_eq!((refused.counts, refused.findings.items.len()), (None, 0));
    }
}
