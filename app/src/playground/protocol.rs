//! What the page and the engine's worker say to each other: JSON in both directions, texts as bytes beside it.

use serde::{Deserialize, Serialize};
use shared::{Finding, Level, error::Detail, findings::Counts};

/// Findings that are sent at once.
pub const PAGE: usize = 50;

/// Which of the three texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pane {
    Base,
    Revision,
    Policy,
}

impl Pane {
    pub const DOCUMENTS: [Self; 2] = [Self::Base, Self::Revision];
    pub const ALL: [Self; 3] = [Self::Base, Self::Revision, Self::Policy];

    /// For ids and sentences.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Revision => "revision",
            Self::Policy => "policy",
        }
    }

    /// For headings.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Base => "Base",
            Self::Revision => "Revision",
            Self::Policy => "Policy",
        }
    }

    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Base => 0,
            Self::Revision => 1,
            Self::Policy => 2,
        }
    }
}

/// Which findings are on screen: those that count, of one level or of all, or those that the policy ignores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Shown {
    #[default]
    All,
    Level(Level),
    Ignored,
}

/// What the page asks. `verdict` numbers the verdicts, so that an answer to an older question is known as such.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WorkerRequest {
    /// Judge the documents by the policy. Texts that came along replace what the worker has.
    Judge { verdict: u32, shown: Shown },
    /// More findings of a verdict, from a number on.
    Findings { verdict: u32, shown: Shown, from: usize },
}

/// What the worker tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WorkerMessage {
    /// The engine is there and waits for questions.
    Ready,
    /// The engine could not be loaded; why, for the console.
    Failed(String),
    Judged(Box<Judged>),
    Findings(Findings),
}

/// A verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    pub verdict: u32,
    pub base: ReadState,
    pub revision: ReadState,
    pub policy: ReadState,
    /// How many findings of each level; absent when one of the texts can't be read.
    pub counts: Option<Counts>,
    /// How many the policy ignores.
    pub ignored: usize,
    /// The first page of them.
    pub findings: Findings,
}

impl Judged {
    #[must_use]
    pub const fn reading(&self, pane: Pane) -> &ReadState {
        match pane {
            Pane::Base => &self.base,
            Pane::Revision => &self.revision,
            Pane::Policy => &self.policy,
        }
    }
}

/// What became of one text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReadState {
    /// There is nothing in it.
    #[default]
    Empty,
    /// What it is: "Reading room bookings 1.0.0, OpenAPI 3.1.0, 4 operations".
    Read(String),
    /// What is wrong with it.
    Refused(Vec<Detail>),
}

/// A page of findings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    pub verdict: u32,
    /// Which were asked for.
    pub shown: Shown,
    pub items: Vec<Finding>,
    /// Where the next page starts, if there is one.
    pub next: Option<usize>,
}
