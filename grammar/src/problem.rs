//! What can be wrong with a piece of text, and where.
//!
//! Unaware of files, lines and colours: a place is a span in the text that was handed in.

use crate::ast::Span;

/// Problems kept of one text; what follows them is rarely worth reading.
pub const MAX_PROBLEMS: usize = 32;

/// What kind of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// Something stands where it cannot stand.
    Syntax,
    /// `${` without its `}`.
    UnclosedInterpolation,
    /// A string without its closing quote.
    UnclosedString,
    /// `\` followed by something that has no meaning there.
    BadEscape,
    /// A number that is malformed or out of range.
    BadNumber,
    /// A number followed by something that is no unit.
    BadUnit,
    /// Nested deeper than [`crate::ast::MAX_DEPTH`].
    TooDeep,
    /// Longer than [`crate::parse::MAX_LENGTH`].
    TooLarge,
}

/// A problem with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind it is.
    pub kind: ProblemKind,
    /// Where it is.
    pub span: Span,
    /// What is wrong, in one clause without a capital and without a full stop.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

impl Problem {
    /// A problem without a help.
    pub fn new(kind: ProblemKind, span: Span, message: impl Into<String>) -> Problem {
        Problem { kind, span, message: message.into(), help: None }
    }

    /// The problem with `help`.
    pub fn with_help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }
}
