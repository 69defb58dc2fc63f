//! What the page and the engine's worker say to each other: JSON in both directions, documents as bytes beside it.

use serde::{Deserialize, Serialize};
use shared::{Finding, Level, error::Detail, findings::Counts};

/// Findings that are sent at once.
pub const PAGE: usize = 50;

/// Which of the two documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    Base,
    Revision,
}

impl Side {
    pub const BOTH: [Self; 2] = [Self::Base, Self::Revision];

    /// For ids and sentences.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Revision => "revision",
        }
    }

    /// For headings.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Base => "Base",
            Self::Revision => "Revision",
        }
    }

    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Base => 0,
            Self::Revision => 1,
        }
    }
}

/// What the page asks. `verdict` numbers the verdicts, so that an answer to an older question is known as such.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ask {
    /// Judge the documents. Those that came along replace what the worker has.
    Judge { verdict: u32, level: Option<Level> },
    /// More findings of a verdict, from a number on.
    Findings { verdict: u32, level: Option<Level>, from: usize },
}

/// What the worker tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Told {
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
    pub base: Reading,
    pub revision: Reading,
    /// How many findings of each level; absent when one of the documents can't be compared.
    pub counts: Option<Counts>,
    /// The first page of them.
    pub findings: Findings,
}

impl Judged {
    #[must_use]
    pub const fn reading(&self, side: Side) -> &Reading {
        match side {
            Side::Base => &self.base,
            Side::Revision => &self.revision,
        }
    }
}

/// What became of one document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reading {
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
    /// The level that was asked for.
    pub level: Option<Level>,
    pub items: Vec<Finding>,
    /// Where the next page starts, if there is one.
    pub next: Option<usize>,
}
