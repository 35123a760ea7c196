//! What a value is, said at the end of its key: `a[str]=true` is text, `a[null]=`, `a[list]=` and `a[map]=` are null, an
//! empty list and an empty map. The words are those of the attribute `t` in XML.
//!
//! Unaware of: the path before it.

use super::Fault;
use super::escape::Decoded;
use super::lines::Line;
use crate::doc::Span;
use crate::doc::builder::quoted;
use ipcmm_grammar::units;
use std::ops::Range;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Force {
    pub word: Word,
    pub span: Span,
}

/// The words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Str,
    Int,
    Float,
    Bool,
    Null,
    List,
    Map,
}

/// The words as they are written.
const WORDS: [(&str, Word); 7] = [
    ("[str]", Word::Str),
    ("[int]", Word::Int),
    ("[float]", Word::Float),
    ("[bool]", Word::Bool),
    ("[null]", Word::Null),
    ("[list]", Word::List),
    ("[map]", Word::Map),
];

/// The word, if it is the whole rest of a key.
pub(super) fn at_end(line: &Line<'_>, rest: Range<usize>) -> Option<Force> {
    let text = line.get(rest.clone());
    let (_, word) = WORDS.iter().find(|(spelling, _)| *spelling == text)?;
    Some(Force { word: *word, span: line.place(rest) })
}

impl Force {
    /// Whether a value can be what it is said to be.
    pub fn check(self, value: &Decoded<'_>) -> Result<(), Fault> {
        let text = &*value.text;
        let (fits, what, help) = match self.word {
            Word::Str => return Ok(()),
            Word::Int => (units::parse_int(text).is_some(), "a whole number", "write `12`, `0x1F` or `0o17`"),
            Word::Float => (
                units::parse_float(text).is_some() || units::parse_int(text).is_some(),
                "a number",
                "write `1.5` or `1e-3`",
            ),
            Word::Bool => (units::parse_bool(text).is_some(), "a truth value", "write `true` or `false`"),
            Word::Null => (units::is_null(text), "null", "leave the value out"),
            Word::List => (text.is_empty(), "the empty list", "leave the value out; elements are written as `a[0]=`"),
            Word::Map => (text.is_empty(), "the empty map", "leave the value out; entries are written as `a.b=`"),
        };
        if fits {
            return Ok(());
        }
        Err(Fault {
            span: value.span,
            message: format!("the key says that this is {what}, and {} is none", quoted(text)),
            help: help.to_owned(),
            ..Fault::default()
        })
    }
}
