//! What came of tests, as data; the renderers beside it make text for people, JSON and JUnit of it.
//!
//! Unaware of: where output goes.

pub mod human;
pub mod json;
pub mod junit;

use crate::case::Case;
use crate::coverage::Coverage;
use ipcmm_compiler::diag::{Diagnostic, Diagnostics};
use ipcmm_compiler::source::{FileId, Sources};
use similar::TextDiff;

/// Characters of a file that are shown beside an expectation about a part of it.
const SHOWN: usize = 2_000;

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Everything is as expected.
    Passed,
    /// Something is not.
    Failed,
    /// It could not be run: it cannot be read, or its configuration does not build.
    Broken,
}

impl Status {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Passed => "passed",
            Status::Failed => "failed",
            Status::Broken => "broken",
        }
    }
}

/// An expectation that is not met.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which, and where it is written.
    pub diagnostic: Diagnostic,
    /// A unified difference of what is expected and what came, or the text in which something was looked for.
    pub diff: Option<String>,
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Failure {
        Failure { diagnostic, diff: None }
    }
}

impl Failure {
    /// The same with the difference of two texts.
    pub fn with_diff(mut self, expected: &str, actual: &str) -> Failure {
        let diff = TextDiff::from_lines(expected, actual);
        self.diff = Some(diff.unified_diff().context_radius(3).header("expected", "actual").to_string());
        self
    }

    /// The same with the text that something is expected of.
    pub fn with_text(mut self, content: &[u8]) -> Failure {
        let text = String::from_utf8_lossy(content);
        let mut shown: String = text.chars().take(SHOWN).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        self.diff = Some(shown.lines().map(|line| format!("  {line}\n")).collect());
        self
    }
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct CaseReport {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub doc: Option<String>,
    /// The document.
    pub file: FileId,
    /// Its line in the document, as a byte offset.
    pub start: u32,
    /// How it ended.
    pub status: Status,
    /// What is not as expected.
    pub failures: Vec<Failure>,
    /// What is odd about it.
    pub warnings: Vec<Diagnostic>,
    /// The time the run took on the pretended node, in nanoseconds.
    pub time: u64,
}

impl CaseReport {
    /// A case that was not run yet.
    pub fn new(case: &Case) -> CaseReport {
        CaseReport {
            name: case.name.clone(),
            doc: case.text("doc").map(str::to_owned),
            file: case.file(),
            start: case.span.start,
            status: Status::Broken,
            failures: Vec::new(),
            warnings: Vec::new(),
            time: 0,
        }
    }
}

/// What came of all tests.
#[derive(Debug, Default)]
pub struct Report {
    /// The files that were read: documents and sources.
    pub sources: Sources,
    /// Problems of documents and sources.
    pub diagnostics: Diagnostics,
    /// The documents.
    pub documents: Vec<FileId>,
    /// The cases that were chosen, in the order they stand.
    pub cases: Vec<CaseReport>,
    /// What the cases covered.
    pub coverage: Coverage,
}

impl Report {
    /// How many cases ended so.
    pub fn count(&self, status: Status) -> usize {
        self.cases.iter().filter(|case| case.status == status).count()
    }

    /// Whether all cases passed and nothing is wrong with documents and sources.
    pub fn is_good(&self) -> bool {
        !self.diagnostics.has_errors() && self.count(Status::Passed) == self.cases.len()
    }
}
