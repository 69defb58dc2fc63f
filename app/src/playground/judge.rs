//! The engine's side of the conversation: keeps both documents as they were read, so that a change of one costs
//! reading one, and the findings, of which the page asks for no more than it shows.

use super::protocol::{Ask, Findings, Judged, PAGE, Reading, Side, Told};
use contract::{Date, Document, Judging, Limits, Options, judge};
use shared::{Finding, Level, findings::Counts};

/// What the worker remembers.
#[derive(Default)]
pub struct Judge {
    sides: [(Option<Document>, Reading); 2],
    verdict: u32,
    findings: Vec<Finding>,
}

impl Judge {
    /// Answers. `sources` are the documents that changed, base and revision; `today` is for sunsets.
    pub fn answer(&mut self, ask: &Ask, sources: [Option<Vec<u8>>; 2], today: Date) -> Told {
        match *ask {
            Ask::Judge { verdict, level } => {
                for (side, source) in self.sides.iter_mut().zip(sources) {
                    if let Some(source) = source {
                        // The old document goes before the new one comes: both at once may be too much.
                        *side = (None, Reading::Empty);
                        *side = read(&source);
                    }
                }
                self.verdict = verdict;
                Told::Judged(Box::new(self.judge(level, today)))
            }
            Ask::Findings { verdict, level, from } if verdict == self.verdict => Told::Findings(self.page(level, from)),
            Ask::Findings { verdict, level, .. } => Told::Findings(Findings { verdict, level, ..Findings::default() }),
        }
    }

    fn judge(&mut self, level: Option<Level>, today: Date) -> Judged {
        self.findings.clear();
        let [(base, _), (revision, _)] = &self.sides;
        let counts = base.as_ref().zip(revision.as_ref()).map(|(base, revision)| {
            let judging = Judging { today: Some(today), options: Options::default().on(today), ..Judging::default() };
            self.findings = judge(base, revision, &judging).findings;
            Counts::of(&self.findings)
        });
        let reading = |side: Side| self.sides[side.index()].1.clone();
        Judged {
            verdict: self.verdict,
            base: reading(Side::Base),
            revision: reading(Side::Revision),
            counts,
            findings: self.page(level, 0),
        }
    }

    fn page(&self, level: Option<Level>, from: usize) -> Findings {
        let fits = |finding: &&Finding| level.is_none_or(|level| finding.level == level);
        let mut rest = self.findings.iter().filter(fits).skip(from);
        let items: Vec<_> = rest.by_ref().take(PAGE).cloned().collect();
        let next = rest.next().map(|_| from + items.len());
        Findings { verdict: self.verdict, level, items, next }
    }
}

fn read(source: &[u8]) -> (Option<Document>, Reading) {
    if source.trim_ascii().is_empty() {
        return (None, Reading::Empty);
    }
    match Document::read(source, &Limits::default()) {
        Ok(document) => {
            let info = document.info();
            let operations = match info.operations {
                1 => "1 operation".to_owned(),
                n => format!("{n} operations"),
            };
            let words = format!("{} {}, OpenAPI {}, {operations}", info.title, info.version, info.openapi);
            (Some(document), Reading::Read(words))
        }
        Err(error) => (None, Reading::Refused(error.problems)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playground::example;

    const TODAY: Date = Date::from_unix_seconds(1_795_000_000);

    fn judged(judge: &mut Judge, verdict: u32, level: Option<Level>, sources: [Option<&str>; 2]) -> Judged {
        let sources = sources.map(|source| source.map(|source| source.as_bytes().to_vec()));
        match judge.answer(&Ask::Judge { verdict, level }, sources, TODAY) {
            Told::Judged(judged) => *judged,
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
        let judged = judged(&mut judge, 1, None, [Some(example::BASE), Some(example::REVISION)]);
        let counts = judged.counts.unwrap();
        assert!(Level::ALL.iter().all(|level| counts.get(*level) > 0), "{counts:?} {:#?}", judged.findings);
        assert!(matches!(&judged.base, Reading::Read(words) if words.contains("OpenAPI 3.1.0")), "{:?}", judged.base);
    }

    #[test]
    fn a_document_that_did_not_change_is_not_sent_again() {
        let mut judge = Judge::default();
        assert_eq!(judged(&mut judge, 1, None, [Some(example::BASE), None]).counts, None);
        assert_eq!(judged(&mut judge, 2, None, [None, Some(example::BASE)]).counts, Some(Counts::default()));
        assert!(judged(&mut judge, 3, None, [None, Some(example::REVISION)]).counts.unwrap().breaking > 0);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_takes_the_verdict_away() {
        let mut judge = Judge::default();
        judged(&mut judge, 1, None, [Some(example::BASE), Some(example::REVISION)]);
        let judged = judged(&mut judge, 2, None, [None, Some("openapi: 3.1.0\ninfo: [\n")]);
        let Reading::Refused(problems) = &judged.revision else { panic!("{:?}", judged.revision) };
        assert!(problems[0].line.is_some() && problems[0].column.is_some());
        assert_eq!((judged.counts, judged.findings.items.len()), (None, 0));
    }

    #[test]
    fn blank_documents_are_empty() {
        let mut judge = Judge::default();
        let judged = judged(&mut judge, 1, None, [Some(" \n\t"), Some("")]);
        assert_eq!((judged.base, judged.revision, judged.counts), (Reading::Empty, Reading::Empty, None));
    }

    #[test]
    fn findings_come_in_pages_by_level() {
        let mut judge = Judge::default();
        let (base, revision) = (paths(120, "string"), paths(120, "integer"));
        let first = judged(&mut judge, 7, Some(Level::Breaking), [Some(&base), Some(&revision)]);
        assert_eq!(first.counts.unwrap().breaking, 120);
        let mut seen = first.findings.items;
        let mut next = first.findings.next;
        while let Some(from) = next {
            let Told::Findings(page) =
                judge.answer(&Ask::Findings { verdict: 7, level: Some(Level::Breaking), from }, [None, None], TODAY)
            else {
                panic!("no page");
            };
            seen.extend(page.items);
            next = page.next;
        }
        assert_eq!(seen.len(), 120);
        let none = judge.answer(&Ask::Findings { verdict: 7, level: Some(Level::Risky), from: 0 }, [None, None], TODAY);
        assert!(matches!(none, Told::Findings(page) if page.items.is_empty() && page.next.is_none()));
        let old = judge.answer(&Ask::Findings { verdict: 6, level: None, from: 0 }, [None, None], TODAY);
        assert!(matches!(old, Told::Findings(page) if page.items.is_empty() && page.verdict == 6));
    }
}
