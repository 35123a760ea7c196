//! Diagnostics: one plain type, filled by every stage, shown by several sinks.
//!
//! The table of codes is in [`codes`]; each code has a page in `spec/diagnostics/` whose example raises
//! exactly that code. Stages never stop at a problem: they add it to a [`Diagnostics`] and go on.

pub mod codes;
mod fix;
pub mod foreign;
pub mod github;
pub mod human;
pub mod json;
pub mod junit;
pub mod levels;
pub mod sarif;
pub mod suggest;

use crate::source::FileId;
pub use codes::Code;
pub use fix::{Applicability, Fix, Manner};
use ipcmm_grammar::ast::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; the build goes on.
    Warning,
    /// No bundle is written.
    Error,
}

impl Severity {
    /// The word in all outputs.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A place with a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Span,
    /// The remark; may be empty.
    pub text: String,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which problem.
    pub code: Code,
    /// The sentence: what is wrong, with the names involved.
    pub message: String,
    /// Where. `None` for problems without a place, such as a missing file.
    pub place: Option<(FileId, Span)>,
    /// Other places that have to do with it.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// A change that would mend it.
    pub fix: Option<Fix>,
    /// What a level makes of it, if it is not what its code says.
    pub raised: Option<Severity>,
}

impl Diagnostic {
    /// A problem at a place.
    pub fn new(code: Code, file: FileId, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            message: message.into(),
            place: Some((file, span)),
            labels: Vec::new(),
            help: None,
            fix: None,
            raised: None,
        }
    }

    /// A problem without a place.
    pub fn unplaced(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            message: message.into(),
            place: None,
            labels: Vec::new(),
            help: None,
            fix: None,
            raised: None,
        }
    }

    /// Adds another place.
    pub fn label(mut self, file: FileId, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { file, span, text: text.into() });
        self
    }

    /// Says what to do.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }
}

/// The problems of a build in the order they were found.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    errors: usize,
}

impl Diagnostics {
    /// Adds a problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.severity() == Severity::Error);
        self.list.push(diagnostic);
    }

    /// Whether a bundle must not be written.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many errors.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// All problems.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Changes all diagnostics, and drops those of which `judge` says no.
    pub fn retain(&mut self, judge: impl FnMut(&mut Diagnostic) -> bool) {
        self.list.retain_mut(judge);
        self.errors = self.list.iter().filter(|d| d.severity() == Severity::Error).count();
    }

    /// Changes or takes away the fixes.
    pub fn change_fixes(&mut self, mut change: impl FnMut(Code, Fix) -> Option<Fix>) {
        for diagnostic in &mut self.list {
            let code = diagnostic.code;
            diagnostic.fix = diagnostic.fix.take().and_then(|fix| change(code, fix));
        }
    }

    /// How many problems.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Takes over the problems of another list.
    pub fn append(&mut self, other: Diagnostics) {
        self.errors += other.errors;
        self.list.extend(other.list);
    }

    /// Changes the problems from a place in the list on.
    pub fn change_from(&mut self, from: usize, change: impl FnMut(&mut Diagnostic)) {
        self.list.iter_mut().skip(from).for_each(change);
    }

    /// Keeps of those behind a number the ones that are wanted.
    pub fn retain_from(&mut self, from: usize, mut wanted: impl FnMut(&Diagnostic) -> bool) {
        let mut at = 0;
        self.list.retain(|problem| {
            at += 1;
            at <= from || wanted(problem)
        });
        self.errors = self.list.iter().filter(|d| d.severity() == Severity::Error).count();
    }

    /// Drops what says the same about the same place: a part that is used several times is judged several times.
    pub fn dedup(&mut self) {
        let mut seen = rustc_hash::FxHashSet::default();
        self.list.retain(|d| d.place.is_none() || seen.insert((d.code, d.place, d.message.clone())));
        self.errors = self.list.iter().filter(|d| d.severity() == Severity::Error).count();
    }

    /// Orders the problems by file and place; those of one place stay in the order they were found.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|d| d.place.map_or((0, 0), |(file, span)| (file.0 + 1, span.start)));
    }
}
