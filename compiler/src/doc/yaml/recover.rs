//! Reading what can be read of a broken file: documents one by one, and a broken document unit by unit.
//!
//! A *unit* is a top-level entry: under strict indentation a line in column 0 can never be the inside of a scalar or
//! of brackets, so cutting there never cuts a valid entry. Each broken unit is reported once and leaves its key with
//! a value of [`NodeKind::Error`](crate::doc::NodeKind::Error), so that later stages know its label.
//!
//! Unaware of: valid files. They never come here.

use super::{Failure, Shape, Target, explain, read, span_range};
use crate::diag::Code;
use crate::doc::builder::Builder;
use crate::doc::{Span, Style};
use std::ops::Range;

/// Reads the parts of `text`, which as a whole failed with `failure`.
pub(super) fn recover(text: &str, failure: &Failure, builder: &mut Builder<'_>) {
    let before = builder.is_full(Code::Syntax);
    let mut reported = false;
    for part in documents(text) {
        if builder.halted() || builder.is_full(Code::Syntax) {
            break;
        }
        match read(text, part.clone(), Target::Nothing) {
            Ok(_) => {
                // It was just read without a failure, so it will be again.
                let _ = read(text, part, Target::Whole(builder));
            }
            Err(own) => {
                document(text, part, &own, builder);
                reported = true;
            }
        }
    }
    if !reported && !before {
        // The parts are sound and the whole is not, for instance by a directive in a wrong place.
        builder.report(explain::explain(text, text.len(), builder.file(), failure));
    }
}

/// Reads a broken document.
pub(super) fn document(text: &str, part: Range<usize>, failure: &Failure, builder: &mut Builder<'_>) {
    let Some((kind, units)) = units(text, part.clone()) else {
        builder.report(explain::explain(text, part.end, builder.file(), failure));
        builder.poison(explain::place(text, part.end, failure.at));
        builder.document_end();
        return;
    };
    let start = units.first().map_or(part.start, |u| u.start) as u32;
    match kind {
        Kind::Map => builder.begin_map(Span::new(start, start)),
        Kind::List => builder.begin_list(Span::new(start, start)),
    }
    let mut reported = false;
    // Behind a quote or bracket that is not closed, lines that are no entries are most likely the inside of it.
    let mut inside = false;
    for range in units {
        if builder.halted() || builder.is_full(Code::Syntax) {
            break;
        }
        match (read(text, range.clone(), Target::Nothing), kind) {
            (Ok(Shape::Nothing), _) => {}
            (Ok(Shape::Map), Kind::Map) | (Ok(Shape::List), Kind::List) => {
                let _ = read(text, range, Target::Inside(builder));
                inside = false;
            }
            (Ok(_), Kind::Map) if inside => {}
            (Err(own), Kind::Map) if inside && own.key.is_none() => {}
            (Ok(shape), _) => {
                builder.lose_anchors_of(text.get(range.clone()).unwrap_or(""));
                let place = match shape {
                    Shape::Scalar(span) => span,
                    _ => explain::place(text, range.end, range.start),
                };
                let (problem, key) = explain::no_entry(text, place, builder.file());
                builder.report(problem);
                poison(text, kind, key, builder);
                reported = true;
            }
            (Err(own), _) => {
                builder.lose_anchors_of(text.get(range.clone()).unwrap_or(""));
                builder.report(explain::explain(text, range.end, builder.file(), &own));
                inside = explain::is_unclosed(text, range.end, &own);
                match (kind, own.key) {
                    (Kind::Map, Some((key, span))) => {
                        builder.scalar(key.into(), Style::Quoted, span, false);
                        builder.poison(span);
                    }
                    (Kind::Map, None) => {}
                    (Kind::List, _) => builder.poison(explain::place(text, range.end, range.start)),
                }
                reported = true;
            }
        }
    }
    if !reported {
        builder.report(explain::explain(text, part.end, builder.file(), failure));
    }
    builder.end(None);
    builder.document_end();
}

/// Leaves an unreadable entry.
fn poison(text: &str, kind: Kind, key: Span, builder: &mut Builder<'_>) {
    if kind == Kind::Map {
        let name = text.get(span_range(key)).unwrap_or("");
        builder.scalar(name.into(), Style::Bare, key, true);
    }
    builder.poison(key);
}

/// What a document that is cut is a collection of.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Map,
    List,
}

/// The documents of a stream: each begins at its directives or its `---` and ends with its `...`.
pub(super) fn documents(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    // Whether the part so far holds more than comments and directives.
    let mut content = false;
    for line in lines(text, 0..text.len()) {
        let written = text.get(line.clone()).unwrap_or("");
        if is_marker(written, "---") {
            if content {
                parts.push(start..line.start);
                start = line.start;
            }
            content = true;
        } else if is_marker(written, "...") {
            parts.push(start..line.end);
            start = line.end;
            content = false;
        } else if !written.trim().is_empty() && !written.starts_with(['#', '%']) {
            content = true;
        }
    }
    if start < text.len() {
        parts.push(start..text.len());
    }
    parts
}

/// The units of a document, if it is a block map or a block list that can be cut.
fn units(text: &str, part: Range<usize>) -> Option<(Kind, Vec<Range<usize>>)> {
    let mut kind = None;
    let mut starts = Vec::new();
    for line in lines(text, part.clone()) {
        let written = text.get(line.clone()).unwrap_or("");
        // A byte-order mark is no content.
        let (mark, written) = match written.strip_prefix('\u{feff}') {
            Some(rest) => (written.len() - rest.len(), rest),
            None => (0, written),
        };
        let first = written.chars().next().unwrap_or('\n');
        if matches!(first, '#' | '%' | '\n' | '\r') || is_marker(written, "...") || written.trim_end() == "---" {
            continue;
        }
        let dash = is_marker(written, "-");
        match kind {
            None if matches!(first, ' ' | '\t' | '{' | '[' | '}' | ']') || is_marker(written, "---") => return None,
            // An anchor or tag of the whole document.
            None if matches!(first, '!' | '&') && !written.contains(':') => return None,
            None => kind = Some(if dash { Kind::List } else { Kind::Map }),
            Some(_) => {}
        }
        let begins = match kind {
            Some(Kind::List) => dash,
            _ => !dash && !matches!(first, ' ' | '\t' | '{' | '[' | '}' | ']') && !is_marker(written, ":"),
        };
        if begins {
            starts.push(line.start + mark);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([part.end]);
    let units = starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect();
    Some((kind?, units))
}

/// Whether a line begins with a mark that is a word of its own.
fn is_marker(line: &str, mark: &str) -> bool {
    line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

/// The lines of a part with their line breaks.
fn lines(text: &str, part: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = part.start;
    let slice = text.get(part).unwrap_or("");
    slice.split_inclusive('\n').map(move |line| {
        let range = at..at + line.len();
        at = range.end;
        range
    })
}
