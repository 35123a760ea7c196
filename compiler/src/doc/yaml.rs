//! YAML 1.2 by granit-parser, spoken to the [`Builder`]. This module and those below it are the only ones that name
//! the crate.
//!
//! A valid file is parsed in one pass. Only when that fails is the text cut into units ([`recover`]), so that every
//! part of it is read and every broken part is reported once, in words for people ([`explain`]).
//!
//! Unaware of: the meaning of keys, and of the type a plain scalar will be read with.

mod explain;
pub(crate) mod marks;
mod recover;
mod tags;

use super::builder::Builder;
use super::{Doc, MAX_SOURCE_BYTES, Piece, Span, Style};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::FileId;
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, StructureStyle};
use std::borrow::Cow;

/// Parses a YAML file. The document may have no roots (nothing is written) or several (`---`).
pub fn parse(file: FileId, text: &str, diagnostics: &mut Diagnostics) -> Doc {
    if text.len() > MAX_SOURCE_BYTES {
        let message = format!("the file has {} bytes; at most {MAX_SOURCE_BYTES} are read", text.len());
        diagnostics.push(Diagnostic::new(Code::TooLarge, file, Span::new(0, 0), message).help("split the file"));
        return Doc::empty(file);
    }
    // The problems of a failed pass are dropped with its document: the parts will raise them again.
    let mut problems = Diagnostics::default();
    let mut builder = Builder::new(file, &mut problems);
    let failure = match read(text, 0..text.len(), Target::Whole(&mut builder)) {
        Ok(_) => {
            let doc = builder.finish();
            diagnostics.append(problems);
            return doc;
        }
        Err(failure) => failure,
    };
    drop(builder);
    let mut builder = Builder::new(file, diagnostics);
    recover::recover(text, &failure, &mut builder);
    builder.finish()
}

/// Where the events of a text go.
enum Target<'b, 'd> {
    /// Nowhere: only the shape is wanted.
    Nothing,
    /// All documents with their ends.
    Whole(&'b mut Builder<'d>),
    /// What is inside the outermost list or map, into the one that is open.
    Inside(&'b mut Builder<'d>),
}

/// What the first document of a text is.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Nothing,
    Scalar(Span),
    List,
    Map,
    Alias,
}

/// Why a text could not be read, and what was known at that moment.
struct Failure {
    kind: ErrorKind,
    /// Byte the parser complains about.
    at: usize,
    /// Brackets and braces that were open, by their offsets.
    open: Vec<usize>,
    /// End of what had been read for certain.
    read_to: usize,
    /// The scalar read last.
    scalar: Option<Span>,
    /// The first key of the outermost map.
    key: Option<(String, Span)>,
}

/// The events of a text, as the parser gives them.
fn events(text: &str) -> impl Iterator<Item = Result<(Event<'_>, granit_parser::Span), granit_parser::ScanError>> {
    let options = granit_parser::options! {
        strict_indentation: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
    };
    Parser::new_from_str_with_options(text, options)
}

/// Runs the parser over a part of the text. Offsets are those of the whole text.
fn read(text: &str, part: std::ops::Range<usize>, mut target: Target<'_, '_>) -> Result<Shape, Failure> {
    let base = part.start;
    let slice = text.get(part).unwrap_or("");
    let mut shape = Shape::Nothing;
    let mut open = Vec::new();
    let mut levels: Vec<Option<usize>> = Vec::new();
    let mut read_to = base;
    let mut scalar = None;
    let mut key = None;
    // An anchor of the outermost collection is not spoken to a builder that is inside of it.
    let mut outermost = false;
    for event in events(slice) {
        let (event, place) = match event {
            Ok(event) => event,
            Err(error) => {
                let at = base + error.marker().byte_offset().unwrap_or(0).min(slice.len());
                return Err(Failure { kind: error.kind().clone(), at, open, read_to, scalar, key });
            }
        };
        let range = place.byte_range().unwrap_or(0..0);
        let span = Span::new((base + range.start) as u32, (base + range.end) as u32);
        if !matches!(event, Event::Anchor(..) | Event::StreamStart | Event::DocumentStart(..)) {
            read_to = read_to.max(span.end as usize);
        }
        let level = levels.len();
        let builder = match &mut target {
            Target::Nothing => None,
            Target::Whole(builder) => Some(&mut **builder),
            Target::Inside(builder) => (level > 0).then_some(&mut **builder),
        };
        if builder.as_ref().is_some_and(|b| b.halted()) {
            break;
        }
        if level == 0 && shape == Shape::Nothing {
            shape = match &event {
                Event::Scalar(..) => Shape::Scalar(span),
                Event::SequenceStart(..) => Shape::List,
                Event::MappingStart(..) => Shape::Map,
                Event::Alias(_) | Event::UnresolvedAlias(_) => Shape::Alias,
                _ => Shape::Nothing,
            };
        }
        match event {
            Event::StreamStart | Event::StreamEnd | Event::DocumentStart(..) => {}
            Event::DocumentEnd => {
                if let Target::Whole(builder) = &mut target {
                    builder.document_end();
                }
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                // By name rather than by number: when a document is read in parts, numbers begin anew.
                let name = text.get(span.start as usize + 1..span.end as usize).unwrap_or("");
                if let Some(builder) = builder {
                    builder.alias(name, span);
                }
            }
            Event::Anchor(_, name) => {
                let skip = std::mem::take(&mut outermost) && matches!(target, Target::Inside(_));
                match &mut target {
                    Target::Whole(builder) => builder.anchor(&name),
                    Target::Inside(builder) if !skip => builder.anchor(&name),
                    Target::Inside(builder) => builder.lose_anchors_of(text.get(span_range(span)).unwrap_or("")),
                    Target::Nothing => {}
                }
                continue;
            }
            Event::Scalar(value, style, _, tag) => {
                if level == 1 && key.is_none() && shape == Shape::Map {
                    key = Some((value.clone().into_owned(), span));
                }
                scalar = Some(span);
                if let Some(builder) = builder {
                    let tag = tag.as_deref().map(|tag| (tag, tag_span(&place, base, span)));
                    give_scalar(text, value, style, span, tag, builder);
                }
            }
            Event::SequenceStart(style, _, tag) => {
                let span = if style == StructureStyle::Block { at_dash(text, base, span) } else { span };
                begin(style, span, &mut open, &mut levels);
                if let Some(builder) = builder {
                    builder.begin_list(span);
                    if let Some(tag) = &tag {
                        tags::collection(tag, "seq", tag_span(&place, base, span), builder);
                    }
                }
                outermost = level == 0;
                continue;
            }
            Event::MappingStart(style, _, tag) => {
                begin(style, span, &mut open, &mut levels);
                if let Some(builder) = builder {
                    builder.begin_map(span);
                    if let Some(tag) = &tag {
                        tags::collection(tag, "map", tag_span(&place, base, span), builder);
                    }
                }
                outermost = level == 0;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let bracket = levels.pop().flatten().is_some();
                if bracket {
                    open.pop();
                }
                let builder = match &mut target {
                    Target::Nothing => None,
                    Target::Whole(builder) => Some(builder),
                    Target::Inside(builder) => (level > 1).then_some(builder),
                };
                if let Some(builder) = builder {
                    builder.end(bracket.then_some(span.end));
                }
            }
            // Not exhaustive: what else there may be (comments) is no node.
            _ => continue,
        }
        outermost = false;
    }
    Ok(shape)
}

/// Notes the opening of a list or map, and of its bracket if it has one.
fn begin(style: StructureStyle, span: Span, open: &mut Vec<usize>, levels: &mut Vec<Option<usize>>) {
    // A pair in a flow list (`[a: b]`) is a map without braces: its span is empty.
    let bracket = style == StructureStyle::Flow && span.end > span.start;
    if bracket {
        open.push(span.start as usize);
    }
    levels.push(bracket.then_some(span.start as usize));
}

/// The place of a block list: its first dash. Of a list in the column of its key, the parser gives what is behind it.
fn at_dash(text: &str, base: usize, span: Span) -> Span {
    let before = text.get(base..span.start as usize).unwrap_or("").trim_end();
    match text.as_bytes().get(span.start as usize) {
        Some(b'-') if span.end == span.start => span,
        _ if before.ends_with('-') => {
            let dash = (base + before.len()) as u32 - 1;
            Span::new(dash, dash)
        }
        _ => Span::new(span.start, span.start),
    }
}

/// Gives a scalar to the builder: decides its style, and how its text can be found in the file.
fn give_scalar(
    text: &str,
    value: Cow<'_, str>,
    style: ScalarStyle,
    span: Span,
    tag: Option<(&granit_parser::Tag, Span)>,
    builder: &mut Builder<'_>,
) {
    let raw = text.get(span_range(span)).unwrap_or("");
    let plain = style == ScalarStyle::Plain;
    if plain && raw.is_empty() && tag.is_none() {
        // Place it where the value would be written: behind the colon.
        let colon = u32::from(text.as_bytes().get(span.end as usize) == Some(&b':'));
        builder.null(Span::new(span.start + colon, span.end + colon));
        return;
    }
    let style_of_value = if plain { Style::Bare } else { Style::Quoted };
    let style_of_value = match tag {
        None => style_of_value,
        Some((tag, place)) => match tags::scalar(tag, &value, style_of_value, place, builder) {
            Some(style) => style,
            None => {
                builder.null(span);
                return;
            }
        },
    };
    let (span, inner, inner_start) = match style {
        ScalarStyle::Plain => (span, raw, span.start),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
            (span, raw.get(1..raw.len().saturating_sub(1)).unwrap_or(""), span.start + 1)
        }
        ScalarStyle::Literal | ScalarStyle::Folded => {
            // The range may reach into the indentation of what follows.
            let length = if raw.starts_with(&*value) { value.len() } else { raw.trim_end().len() };
            let raw = raw.get(..length).unwrap_or(raw);
            (Span::new(span.start, span.start + length as u32), raw, span.start)
        }
    };
    // `Doc::place_in` expects quotes in the span of quoted text only, and `!!int "1"` is none.
    let bare = style_of_value == Style::Bare;
    let span = if bare { Span::new(inner_start, inner_start + inner.len() as u32) } else { span };
    if inner == value {
        builder.scalar(value, style_of_value, span, true);
    } else {
        let pieces = pieces(&value, inner, inner_start);
        builder.scalar_in_pieces(value, style_of_value, span, pieces);
    }
}

/// Finds the words of a decoded text one after the other in its raw spelling. Empty if they differ by more than white
/// space, as they do with escapes.
fn pieces(decoded: &str, raw: &str, raw_start: u32) -> Vec<Piece> {
    if let Some(pieces) = lines(decoded, raw, raw_start) {
        return pieces;
    }
    let mut found: Vec<Piece> = Vec::new();
    let mut raw_words = words(raw);
    for (at, word) in words(decoded) {
        let Some((raw_at, raw_word)) = raw_words.next() else { return Vec::new() };
        if raw_word != word {
            return Vec::new();
        }
        let piece = Piece { text: at as u32, file: raw_start + raw_at as u32 };
        let goes_on = |last: &Piece| i64::from(piece.file) - i64::from(last.file) == i64::from(piece.text - last.text);
        if !found.last().is_some_and(goes_on) {
            found.push(piece);
        }
    }
    found
}

/// The same for the usual literal block, whose lines are those of the file behind an indentation of one width.
fn lines(decoded: &str, raw: &str, raw_start: u32) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let (mut text, mut indent) = (0, None);
    let mut spelled = raw.split('\n');
    let mut at = 0;
    for line in decoded.strip_suffix('\n').unwrap_or(decoded).split('\n') {
        let raw_line = spelled.next()?;
        if !line.is_empty() {
            // The first line of the raw text may begin behind its indentation.
            let before = raw_line.len().checked_sub(line.len())?;
            let blank = raw_line.get(..before)?.bytes().all(|b| b == b' ');
            if !raw_line.ends_with(line) || !blank || at > 0 && *indent.get_or_insert(before) != before {
                return None;
            }
            pieces.push(Piece { text, file: raw_start + (at + before) as u32 });
        }
        text += line.len() as u32 + 1;
        at += raw_line.len() + 1;
    }
    Some(pieces)
}

/// The parts of a text between white space, with their offsets.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let tail = text.get(rest..)?;
        let start = rest + tail.find(|c| !matches!(c, ' ' | '\t' | '\r' | '\n'))?;
        let tail = text.get(start..)?;
        let end = start + tail.find([' ', '\t', '\r', '\n']).unwrap_or(tail.len());
        rest = end;
        Some((start, text.get(start..end)?))
    })
}

fn tag_span(place: &granit_parser::Span, base: usize, node: Span) -> Span {
    match place.tag_span().and_then(|tag| tag.byte_range()) {
        Some(range) => Span::new((base + range.start) as u32, (base + range.end) as u32),
        None => node,
    }
}

fn span_range(span: Span) -> std::ops::Range<usize> {
    span.start as usize..span.end as usize
}

#[cfg(test)]
mod tests;
