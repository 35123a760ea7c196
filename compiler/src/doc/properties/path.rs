//! A key becomes a path: segments between `.`, positions in brackets, quotes, escapes, and names that have dots but
//! are one segment.
//!
//! Unaware of: which names those are (the caller says) and of the other lines.

use super::Fault;
use super::escape::decode;
use super::force::{self, Force};
use super::lines::Line;
use crate::diag::Code;
use crate::doc::Span;
use crate::doc::builder::{MAX_DEPTH, quoted};
use std::borrow::Cow;
use std::fmt::{self, Display};
use std::ops::Range;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step<'t> {
    /// An entry of a map.
    Name(Cow<'t, str>),
    /// An element of a list.
    At(u32),
}

impl Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Name(name) => f.write_str(&quoted(name)),
            Step::At(position) => write!(f, "`[{position}]`"),
        }
    }
}

/// A step and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Segment<'t> {
    pub step: Step<'t>,
    pub span: Span,
}

/// Cuts the key of a line into its path, and what the value is if the key says so at its end. `known`: names with dots
/// that are one segment, the longest first.
pub(super) fn split<'t>(line: &Line<'t>, known: &[&str], path: &mut Vec<Segment<'t>>) -> Result<Option<Force>, Fault> {
    path.clear();
    let end = line.key.end;
    let mut at = line.key.start;
    if at == end {
        return Err(Fault {
            code: Code::KeyNotText,
            span: line.place(line.key.start..line.value.start),
            message: "a value stands here without a key".to_owned(),
            help: "write a key before the sign, or `\"\"` for the empty key".to_owned(),
        });
    }
    let mut dotted = true;
    while at < end || dotted {
        if let Some(force) = force::at_end(line, at..end).filter(|_| !dotted || path.is_empty()) {
            return Ok(Some(force));
        }
        if path.len() >= MAX_DEPTH {
            return Err(Fault {
                code: Code::TooDeep,
                span: line.place(at..end),
                message: format!("lists and maps are nested more than {MAX_DEPTH} deep"),
                help: String::new(),
            });
        }
        let rest = line.get(at..end);
        // A position stands at the very beginning or right behind a segment.
        let (segment, next) = match rest.starts_with('[') && (!dotted || path.is_empty()) {
            true => position(line, at..end)?,
            false => name(line, at..end, known)?,
        };
        path.push(segment);
        at = next;
        dotted = line.get(at..end).starts_with('.');
        at += usize::from(dotted);
        if !dotted && at < end && !line.get(at..end).starts_with('[') {
            return Err(fault(
                line.place(at..end),
                "a segment ends here, and the key goes on",
                "write `.` between two segments",
            ));
        }
    }
    Ok(None)
}

fn position<'t>(line: &Line<'t>, range: Range<usize>) -> Result<(Segment<'t>, usize), Fault> {
    let text = line.get(range.clone());
    let close = text.find(']').map_or(text.len(), |i| i + 1);
    let span = line.place(range.start..range.start + close);
    let digits = text.get(1..close.saturating_sub(1)).unwrap_or("");
    let closed = text.get(..close).is_some_and(|t| t.ends_with(']'));
    if !closed || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(fault(
            span,
            "`[` begins a position in a list, and this is none",
            "write a position as `[0]`, and what a value is at the end of the key, as `[str]`, `[int]`, `[float]`, \
             `[bool]`, `[null]`, `[list]`, `[map]`; a `[` that belongs to the name is written as `\\[`",
        ));
    }
    let Ok(position) = digits.parse() else {
        return Err(fault(span, "no list is that long", "positions go from `[0]` on without gaps"));
    };
    Ok((Segment { step: Step::At(position), span }, range.start + close))
}

fn name<'t>(line: &Line<'t>, range: Range<usize>, known: &[&str]) -> Result<(Segment<'t>, usize), Fault> {
    let text = line.get(range.clone());
    if text.starts_with('"') {
        let Some(close) = find(text, 1, |b| b == b'"') else {
            return Err(fault(
                line.place(range),
                "this quote is not closed in the key",
                "white space, `=` and `:` end a key even in quotes: write `\\ `, `\\=`, `\\:`; write `\\\"` for a quote",
            ));
        };
        let inner = decode(line, range.start + 1..range.start + close)?;
        let next = range.start + close + 1;
        return Ok((Segment { step: Step::Name(inner.text), span: line.place(range.start..next) }, next));
    }
    let whole =
        |name: &&&str| text.strip_prefix(**name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    let length = match known.iter().find(whole) {
        Some(name) => name.len(),
        None => find(text, 0, |b| matches!(b, b'.' | b'[')).unwrap_or(text.len()),
    };
    if length == 0 {
        let span = line.place(range.start..(range.start + 1).min(range.end));
        return Err(fault(
            span,
            "a segment of the key is empty",
            "write a name between two dots, `\\.` for a dot that belongs to the name, or `\"\"` for an empty name",
        ));
    }
    let part = range.start..range.start + length;
    let decoded = decode(line, part.clone())?;
    Ok((Segment { step: Step::Name(decoded.text), span: decoded.span }, part.end))
}

/// The first byte from `start` on that is wanted and not escaped.
fn find(text: &str, start: usize, wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let mut escaped = false;
    let hit = |byte: &u8| {
        let hit = !escaped && wanted(*byte);
        escaped = *byte == b'\\' && !escaped;
        hit
    };
    text.as_bytes().get(start..)?.iter().position(hit).map(|i| start + i)
}

fn fault(span: Span, message: &str, help: &str) -> Fault {
    Fault { span, message: message.to_owned(), help: help.to_owned(), ..Fault::default() }
}
