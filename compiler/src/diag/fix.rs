//! Fixes: changes of the text that would mend a problem.
//!
//! A stage that knows no formats says *what* is to be written ([`Manner`]); `doc::spell` makes the bytes of it that the
//! format of the file wants, so that whoever reads the fixes of a finished build sees bytes only.
//! Unaware of: files on a disk; the command line writes them.

use super::{Diagnostic, Severity};
use crate::source::FileId;
use ipcmm_grammar::ast::Span;

/// How sure it is that a fix says what was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// There is no other way to read the text: applied by `--fix`.
    Certain,
    /// It is a guess, such as the nearest known name: applied by `--fix=all`.
    Maybe,
    /// It leaves a gap that a person has to fill: shown, and never applied.
    Unfinished,
}

impl Applicability {
    /// The word in machine output.
    pub const fn name(self) -> &'static str {
        match self {
            Applicability::Certain => "certain",
            Applicability::Maybe => "maybe",
            Applicability::Unfinished => "unfinished",
        }
    }
}

/// What the replacement of a fix is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Bytes for the file.
    Source,
    /// The text of a scalar, to be spelled as the format of the file wants it.
    Text,
    /// The value of an entry that is added to the map below the key at the span; this is the key. Empty: null.
    Entry(&'static str),
    /// An argument without a value yet, for the built-in whose key is at the span; this is its name.
    Argument(&'static str),
    /// A sign to put before the `${` of the interpolation that holds nothing but the span.
    Escape,
    /// Nothing: the element of a list at the span, or the entry whose key is there, goes, with the sign that separates
    /// it from its neighbours.
    Without,
}

/// A change of the text that would mend the problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// How sure it is.
    pub applicability: Applicability,
    /// The file.
    pub file: FileId,
    /// The bytes to replace.
    pub span: Span,
    /// The new text.
    pub replacement: String,
    /// What the new text is; in a finished build always [`Manner::Source`].
    pub manner: Manner,
}

impl Fix {
    /// A replacement of bytes by bytes, which may not be what was meant.
    pub fn new(title: impl Into<String>, file: FileId, span: Span, replacement: impl Into<String>) -> Fix {
        Fix {
            title: title.into(),
            applicability: Applicability::Maybe,
            file,
            span,
            replacement: replacement.into(),
            manner: Manner::Source,
        }
    }
}

impl Diagnostic {
    /// Offers to replace the problem's own bytes.
    pub fn fix(mut self, title: impl Into<String>, replacement: impl Into<String>) -> Diagnostic {
        self.fix = self.place.map(|(file, span)| Fix::new(title, file, span, replacement));
        self
    }

    /// Offers a change of another kind or at other bytes than the problem's own.
    pub fn mend(
        mut self,
        title: impl Into<String>,
        span: Span,
        replacement: impl Into<String>,
        manner: Manner,
    ) -> Diagnostic {
        self.fix = self.place.map(|(file, _)| Fix { manner, ..Fix::new(title, file, span, replacement) });
        self
    }

    /// Says that the fix is the only way to read the text.
    pub fn certain(self) -> Diagnostic {
        self.applicable(Applicability::Certain)
    }

    /// Says how sure the fix is.
    pub fn applicable(mut self, applicability: Applicability) -> Diagnostic {
        if let Some(fix) = &mut self.fix {
            fix.applicability = applicability;
        }
        self
    }

    /// Asks whether a name was meant that is known, and offers to write it where the problem is.
    pub fn did_you_mean(self, name: &str) -> Diagnostic {
        let problem = self.help(format!("did you mean `{name}`?"));
        match problem.place {
            Some((_, span)) => problem.mend(format!("write `{name}`"), span, name, Manner::Text),
            None => problem,
        }
    }

    /// How bad it is: what its code says, unless a level says otherwise.
    pub fn severity(&self) -> Severity {
        self.raised.unwrap_or(self.code.severity())
    }
}
