//! What a `Doc` does not keep of a YAML text: comments, indicators, anchors, tags, headers of blocks, marks of documents.
//!
//! Whatever the parser gives no event for stands between its events, where no scalar is any more: there a `#` after
//! white space can only be a comment, and a `-` only the mark of an element. So nothing here has to know YAML's rules
//! for scalars, and a text that was not valid is refused by the parser.
//!
//! Unaware of: what is done with all this.

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};
use std::ops::Range;

/// Something the parser gives no event for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub kind: MarkKind,
    pub span: Range<usize>,
}

/// What a mark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkKind {
    /// From `#` to the end of the line.
    Comment,
    /// `-`
    Dash,
    /// `?`
    Question,
    /// `:`
    Colon,
    /// `,`
    Comma,
    /// `&name`
    Anchor,
    /// `!tag`
    Tag,
    /// `|` or `>` with what follows it up to white space.
    Header,
    /// A line that begins with `%`.
    Directive,
}

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepKind {
    /// A document begins; whether by `---`.
    DocumentStart(bool),
    /// A document ends; whether by `...`.
    DocumentEnd(bool),
    /// A list begins; whether in brackets.
    List(bool),
    /// A map begins; whether in flow style. One pair in a list has no braces: its span is empty.
    Map(bool),
    /// A list or map ends.
    End,
    /// A scalar in one style. Of a block the span is its body, whole lines; of nothing it is empty.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// `|` or `>`.
    Block,
    /// `*name`
    Alias,
}

/// An event with what stands before it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub kind: StepKind,
    /// Its bytes; empty where it has none.
    pub span: Range<usize>,
    /// How many anchors and tags belong to it.
    pub props: usize,
    /// The marks between what has bytes before it and what has bytes from it on.
    pub marks: Range<usize>,
    /// Of a block: how many spaces its lines are indented by, if any of them has text.
    pub indent: Option<usize>,
    /// Of a block: whether its text ends with a line feed.
    pub ended: bool,
}

/// A text as events and marks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stream {
    pub steps: Vec<Step>,
    pub marks: Vec<Mark>,
    /// The marks behind the last event.
    pub tail: Range<usize>,
}

/// Takes a text apart. `None` if it is no valid YAML.
pub(crate) fn scan(text: &str) -> Option<Stream> {
    let mut stream = Stream::default();
    // Where the last event with bytes ended, and the first step since then.
    let (mut at, mut first) = (0, 0);
    for event in parser(text) {
        let (event, place) = event.ok()?;
        let mut span = place.byte_range().unwrap_or(at..at);
        let (kind, props) = match &event {
            Event::DocumentStart(explicit, _) => (StepKind::DocumentStart(*explicit), 0),
            Event::DocumentEnd => (StepKind::DocumentEnd(!span.is_empty()), 0),
            Event::SequenceStart(style, anchor, tag) => {
                (StepKind::List(*style == StructureStyle::Flow), props(*anchor, tag.is_some()))
            }
            Event::MappingStart(style, anchor, tag) => {
                (StepKind::Map(*style == StructureStyle::Flow), props(*anchor, tag.is_some()))
            }
            Event::SequenceEnd | Event::MappingEnd => (StepKind::End, 0),
            Event::Alias(_) | Event::UnresolvedAlias(_) => (StepKind::Alias, 0),
            Event::Scalar(_, style, anchor, tag) => {
                let kind = match style {
                    ScalarStyle::Plain => StepKind::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => StepKind::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => StepKind::Block,
                };
                (kind, props(*anchor, tag.is_some()))
            }
            Event::StreamEnd => {
                let before = stream.marks.len();
                between(text, at..text.len(), false, &mut stream)?;
                let marks = before..stream.marks.len();
                match stream.steps.get_mut(first) {
                    Some(step) => step.marks = marks,
                    None => stream.tail = marks,
                }
                break;
            }
            _ => continue,
        };
        let (mut indent, mut ended) = (None, false);
        let empty = span.is_empty() && kind != StepKind::Block || matches!(kind, StepKind::DocumentStart(false));
        let step = stream.steps.len();
        let before = stream.marks.len();
        if !empty {
            let end = between(text, at..span.start.max(at), kind == StepKind::Block, &mut stream)?;
            if let (StepKind::Block, Event::Scalar(value, ..)) = (kind, &event) {
                span = body(text, end, span.end.max(end));
                indent = indentation(text.get(span.clone()).unwrap_or(""), value);
                ended = value.ends_with('\n');
            }
            at = span.end.max(end);
        }
        let marks = before..stream.marks.len();
        stream.steps.push(Step { kind, span, props, marks: before..before, indent, ended });
        if !empty {
            // What stands between belongs to the first of the events that have no bytes themselves.
            if let Some(step) = stream.steps.get_mut(first) {
                step.marks = marks;
            }
            first = step + 1;
        }
    }
    Some(stream)
}

/// Whether two texts are the same for a parser, with anchors, tags and styles, and have the same comments.
pub(crate) fn same(one: &str, two: &str) -> bool {
    let (mut first, mut second) = (parser(one), parser(two));
    loop {
        match (first.next(), second.next()) {
            (None, None) => break,
            (Some(Ok((one, _))), Some(Ok((two, _)))) if one == two => {}
            _ => return false,
        }
    }
    let comments = |text: &str| -> Option<Vec<String>> {
        let stream = scan(text)?;
        let comments = stream.marks.iter().filter(|mark| mark.kind == MarkKind::Comment);
        Some(comments.map(|mark| text.get(mark.span.clone()).unwrap_or("").trim_end().to_owned()).collect())
    };
    comments(one) == comments(two)
}

fn parser(text: &str) -> Parser<'_, granit_parser::StrInput<'_>> {
    let options =
        granit_parser::options! { strict_indentation: true, emit_unresolved_aliases: true, emit_comments: false };
    Parser::new_from_str_with_options(text, options)
}

fn props(anchor: usize, tag: bool) -> usize {
    usize::from(anchor != 0) + usize::from(tag)
}

/// Reads what stands between two events. If a block follows, ends behind the line of its header; gives the end.
fn between(text: &str, part: Range<usize>, block: bool, stream: &mut Stream) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = part.start;
    let until = |at: usize, ends: &dyn Fn(u8) -> bool| -> usize {
        bytes.get(at..).unwrap_or(&[]).iter().position(|b| ends(*b)).map_or(text.len(), |i| at + i)
    };
    let line_end = |b: u8| matches!(b, b'\n' | b'\r');
    let mut header = false;
    while at < part.end || (block && at < text.len()) {
        let Some(&byte) = bytes.get(at) else { break };
        let (kind, end) = match byte {
            b'\n' | b'\r' if header => {
                let two = byte == b'\r' && bytes.get(at + 1) == Some(&b'\n');
                return Some(at + 1 + usize::from(two));
            }
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            0xEF if text.get(at..).is_some_and(|rest| rest.starts_with('\u{feff}')) => {
                at += 3;
                continue;
            }
            b'#' => (MarkKind::Comment, until(at, &line_end)),
            b'-' => (MarkKind::Dash, at + 1),
            b'?' => (MarkKind::Question, at + 1),
            b':' => (MarkKind::Colon, at + 1),
            b',' => (MarkKind::Comma, at + 1),
            b'&' => (MarkKind::Anchor, until(at, &|b| b.is_ascii_whitespace() || b",[]{}".contains(&b))),
            b'!' if bytes.get(at + 1) == Some(&b'<') => {
                (MarkKind::Tag, (until(at, &|b| b == b'>') + 1).min(text.len()))
            }
            b'!' => (MarkKind::Tag, until(at, &|b| b.is_ascii_whitespace() || b",[]{}".contains(&b))),
            b'|' | b'>' => {
                header = true;
                (MarkKind::Header, until(at, &|b| b.is_ascii_whitespace()))
            }
            b'%' => (MarkKind::Directive, until(at, &line_end)),
            // The end of no document.
            b'.' if text.get(at..).is_some_and(|rest| rest.starts_with("...")) => {
                at += 3;
                continue;
            }
            _ => return None,
        };
        stream.marks.push(Mark { kind, span: at..end });
        at = end;
    }
    Some(at.max(part.start))
}

/// The lines of a block from `start` on: the parser's range may reach into the indentation of what follows.
fn body(text: &str, start: usize, end: usize) -> Range<usize> {
    let whole = text.get(start..end).unwrap_or("");
    if end >= text.len() || whole.is_empty() || whole.ends_with(['\n', '\r']) {
        return start..end;
    }
    match whole.rfind(['\n', '\r']) {
        Some(last) if whole.get(last..).is_some_and(|rest| rest.trim().is_empty()) => start..start + last + 1,
        None if whole.trim().is_empty() => start..start,
        // In the middle of a line: its end belongs to it.
        _ => start..text.get(end..).and_then(|rest| rest.find('\n')).map_or(text.len(), |i| end + i + 1),
    }
}

/// How far the lines of a block are indented: what its first line of text has more than the text.
fn indentation(raw: &str, value: &str) -> Option<usize> {
    let line = raw.lines().find(|line| !line.trim_matches(' ').is_empty())?;
    let spaces = |text: &str| text.len() - text.trim_start_matches(' ').len();
    let text = value.trim_start_matches('\n');
    spaces(line).checked_sub(spaces(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_event_is_found_between_events() {
        let text = "# one\na: &x !!map # two\n  'b#': |-  # three\n    # text\n    x: #y\n\n  # four\n  c: [1, # five\n    *x]\n";
        let stream = scan(text).expect("valid");
        let comments: Vec<&str> =
            stream.marks.iter().filter(|m| m.kind == MarkKind::Comment).map(|m| &text[m.span.clone()]).collect();
        assert_eq!(comments, ["# one", "# two", "# three", "# four", "# five"]);
        let props: Vec<&str> = stream
            .marks
            .iter()
            .filter(|m| matches!(m.kind, MarkKind::Anchor | MarkKind::Tag | MarkKind::Header))
            .map(|m| &text[m.span.clone()])
            .collect();
        assert_eq!(props, ["&x", "!!map", "|-"]);
        let block = stream.steps.iter().find(|step| step.kind == StepKind::Block).expect("a block");
        assert_eq!((&text[block.span.clone()], block.indent), ("    # text\n    x: #y\n\n", Some(4)));
        assert!(scan("a: [").is_none());
    }

    #[test]
    fn sameness_sees_comments_anchors_and_styles() {
        let base = "a: &x [1] # c\n";
        assert!(same(base, "a:   &x [ 1 ]   # c \n"));
        for other in ["a: &y [1] # c\n", "a: &x [1]\n", "a: &x ['1'] # c\n", "a: &x [2] # c\n", "a: [1] # c\n"] {
            // Names of anchors are no events; the number of an anchor is.
            assert_eq!(same(base, other), other.contains("&y"), "{other}");
        }
    }
}
