//! What the parser's complaint means for the person who wrote the text: a sentence, an exact place, a way out.
//!
//! Unaware of: how the text is read on after the complaint.

mod context;
mod words;

use super::{Failure, span_range};
use crate::diag::{Code, Diagnostic, Fix};
use crate::doc::Span;
use crate::doc::builder::quoted;
use crate::source::FileId;
use context::Context;
use granit_parser::ErrorKind as K;

/// Longest text that a fix writes anew; longer ones are for the author to look at.
const MAX_FIX: usize = 400;

/// The diagnostic of a failure in the part of `text` that ends at `end`.
pub(super) fn explain(text: &str, end: usize, file: FileId, failure: &Failure) -> Diagnostic {
    let context = Context::new(text, end, failure);
    let here = context.here;
    let say = |span: Span, message: &str| Diagnostic::new(Code::Syntax, file, span, message);
    match &failure.kind {
        K::RecursionLimitExceeded => {
            Diagnostic::new(Code::TooDeep, file, here, "lists and maps are nested more than 200 deep")
        }
        K::UnclosedQuotedScalar | K::InvalidQuotedScalarIndent | K::DocumentIndicatorInQuotedScalar => {
            quote(&context, file, failure)
        }
        K::InvalidIndentation | K::UnclosedFlowCollection { .. } if context.quote.is_some() => {
            quote(&context, file, failure)
        }
        K::UnclosedFlowCollection { .. }
        | K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping
        | K::ExpectedFlowMappingSeparator
        | K::ExpectedFlowSequenceSeparator
        | K::MismatchedFlowCollectionEnd { .. } => bracket(&context, file, failure),
        K::InvalidIndentation | K::InvalidFlowScalarIndent if context.open.is_some() => {
            bracket(&context, file, failure)
        }
        K::MisplacedFlowCollectionEnd => {
            let message = format!("{} closes nothing", quoted(context.slice(here)));
            say(here, &message).help("remove it, or write the text in quotes if it belongs to it")
        }
        K::UnexpectedCharacter { character } => character_problem(&context, file, *character),
        K::TabNotAllowed
        | K::TabInBlockIndentation
        | K::TabInIndentation
        | K::TabInPlainScalar
        | K::TabAtBlockScalarStart => {
            let tabs = context.tabs();
            let problem = say(tabs, "a tab cannot indent").help("indent with spaces");
            let spaces = "  ".repeat((tabs.end - tabs.start) as usize);
            if context.slice(tabs).starts_with('\t') { problem.fix("indent with spaces", spaces) } else { problem }
        }
        K::MappingValueNotAllowed => value_not_allowed(&context, file, failure),
        K::SimpleKeyExpected | K::InvalidSimpleKey => {
            no_entry(text, Span::new(here.start, context.line_end(here.start)), file).0
        }
        K::UnknownQuotedScalarEscape
        | K::InvalidQuotedScalarHexEscape
        | K::InvalidLowSurrogateHexEscape
        | K::InvalidLowSurrogate
        | K::MissingLowSurrogate
        | K::UnpairedLowSurrogate
        | K::InvalidUnicodeEscape => escape(&context, file, &failure.kind),
        K::MissingAnchorOrAliasName => {
            let message = format!("a name is missing after {}", quoted(context.slice(here)));
            let value = context.value(here.start);
            with_quotes(say(here, &message), &context, file, value, "`&` and `*` begin anchors and aliases")
        }
        kind => {
            let (message, help) = words::of(kind);
            let problem = say(here, &message);
            if help.is_empty() { problem } else { problem.help(help) }
        }
    }
}

/// The diagnostic of a text where a key should be, and what of it can be taken as the key.
pub(super) fn no_entry(text: &str, place: Span, file: FileId) -> (Diagnostic, Span) {
    let written = text.get(span_range(place)).unwrap_or("");
    let line = written.lines().next().unwrap_or("").trim_end();
    let place = Span::new(place.start, place.start + line.len() as u32);
    if let Some(colon) = missing_space(line) {
        let at = place.start + colon as u32;
        return (missing_space_problem(file, Span::new(at, at + 1)), Span::new(place.start, at));
    }
    let message = format!("a key is expected, but no `:` follows {}", quoted(line));
    let help = "write `key: value`; a text of several lines is indented deeper than its key";
    (Diagnostic::new(Code::Syntax, file, place, message).help(help), place)
}

/// Whether a quote or a bracket was open where the failure was.
pub(super) fn is_unclosed(text: &str, end: usize, failure: &Failure) -> bool {
    let context = Context::new(text, end, failure);
    context.open.is_some() || context.quote.is_some()
}

/// The position at `at`, or before it where the text has already ended: at least one character wide if there is one.
pub(super) fn place(text: &str, end: usize, at: usize) -> Span {
    let part = text.get(..end).unwrap_or(text);
    let found = |at: usize| part.get(at..)?.chars().next().filter(|c| !matches!(c, '\n' | '\r'));
    if let Some(c) = found(at) {
        return Span::new(at as u32, (at + c.len_utf8()) as u32);
    }
    let before = part.get(..at).unwrap_or(part).trim_end();
    let start = before.char_indices().next_back().map_or(0, |(i, _)| i);
    Span::new(start as u32, before.len() as u32)
}

fn quote(context: &Context<'_>, file: FileId, failure: &Failure) -> Diagnostic {
    let Some(opening) = context.quote else {
        return Diagnostic::new(Code::Syntax, file, context.here, "a quote is not closed")
            .help("look for a quote without a partner before this place");
    };
    let mark = Span::new(opening, opening + 1);
    let rest = context.text.get(failure.at..context.end).unwrap_or("");
    if failure.kind == K::InvalidQuotedScalarIndent && !rest.trim().is_empty() {
        let message = "a line of a quoted text is not indented";
        return Diagnostic::new(Code::Syntax, file, context.here, message)
            .label(file, mark, "the text begins here")
            .help("close the quote, or indent the line deeper than the key");
    }
    let sign = quoted(context.slice(mark));
    Diagnostic::new(Code::Syntax, file, mark, format!("the quote {sign} is not closed"))
        .help(format!("write {sign} at the end of the text; a text with quotes in it is written in the other kind"))
}

fn bracket(context: &Context<'_>, file: FileId, failure: &Failure) -> Diagnostic {
    let Some(opening) = context.open else {
        return Diagnostic::new(Code::Syntax, file, context.here, "the brackets do not match");
    };
    let mark = Span::new(opening, opening + 1);
    let (sign, closing) = if context.slice(mark) == "{" { ("{", '}') } else { ("[", ']') };
    if let K::MismatchedFlowCollectionEnd { close, .. } = &failure.kind {
        let message = format!("`{sign}` is closed by `{close}`");
        return Diagnostic::new(Code::Syntax, file, mark, message).help(format!("write `{closing}` in its place"));
    }
    let next = context.slice(context.here).chars().next().unwrap_or(' ');
    let ended = context.text.get(failure.at..context.end).unwrap_or("").trim().is_empty();
    let unindented = matches!(failure.kind, K::InvalidIndentation | K::InvalidFlowScalarIndent);
    if ended || unindented || matches!(failure.kind, K::UnclosedFlowCollection { .. }) {
        let problem = Diagnostic::new(Code::Syntax, file, mark, format!("`{sign}` is not closed"));
        let problem = if unindented {
            problem.label(file, context.here, "this line is not indented, so it cannot be inside")
        } else {
            problem
        };
        return problem.help(format!("write `{closing}` where it ends"));
    }
    let message = match next {
        ',' => "a value is missing before `,`".to_owned(),
        _ => format!("`,` or `{closing}` is missing here"),
    };
    Diagnostic::new(Code::Syntax, file, context.here, message)
        .label(file, mark, "inside of this")
        .help("separate the parts by `,`; quote a text that contains `:`, `,` or brackets")
}

fn character_problem(context: &Context<'_>, file: FileId, character: char) -> Diagnostic {
    if character.is_control() || character == '\u{feff}' {
        let message = format!("the character U+{:04X} cannot stand in a document", u32::from(character));
        let help = "remove it, or write it as an escape in double quotes";
        return Diagnostic::new(Code::Syntax, file, context.here, message).help(help);
    }
    if character == '%' && context.slice(Span::new(context.here.start.saturating_sub(1), context.here.start)) == "{" {
        let place = Span::new(context.here.start - 1, context.here.start + 1);
        return Diagnostic::new(
            Code::Syntax,
            file,
            place,
            "`{%` is no part of a document: sources are data, not templates",
        )
        .help("write `when` in a task for a condition, `loop_in` for a repetition, and `${…}` for a value");
    }
    let message = format!("a plain text cannot start with {}", quoted(&character.to_string()));
    let problem = Diagnostic::new(Code::Syntax, file, context.here, message);
    with_quotes(problem, context, file, context.value(context.here.start), "YAML keeps this character for itself")
}

fn value_not_allowed(context: &Context<'_>, file: FileId, failure: &Failure) -> Diagnostic {
    let line_start = context.line_start(failure.at as u32);
    if let Some(scalar) = failure.scalar
        && scalar.start < line_start
        && scalar.end as usize >= failure.at
    {
        // A plain text went on into this line although the line is a key.
        let first = context.slice(Span::new(scalar.start, context.line_end(scalar.start)));
        if let Some(colon) = missing_space(first) {
            let at = scalar.start + colon as u32;
            return missing_space_problem(file, Span::new(at, at + 1));
        }
        let line = Span::new(line_start, failure.at as u32);
        let indent = (context.slice(line).len() - context.slice(line).trim_start().len()) as u32;
        let key = Span::new(line_start + indent, failure.at as u32);
        let value = Span::new(scalar.start, scalar.start + first.len() as u32);
        let message = format!("the key {} stands inside the value above it", quoted(context.slice(key)));
        return Diagnostic::new(Code::Syntax, file, key, message)
            .label(file, value, "this value goes on in deeper lines")
            .help("align the key with the key above, or remove the value above to begin a map");
    }
    let line = context.text.get(line_start as usize..failure.at).unwrap_or("");
    if let Some(colon) = line.find(": ") {
        let whole = context.slice(Span::new(line_start, context.line_end(line_start)));
        if let Some((start, end)) = signature(whole) {
            let span = Span::new(line_start + start as u32, line_start + end as u32);
            let text = context.slice(span);
            let problem = Diagnostic::new(Code::Syntax, file, span, "a signature with `: ` in it is no plain key")
                .help("write the signature in quotes");
            return if text.contains(['"', '\\']) { problem } else { problem.fix("quote it", format!("\"{text}\"")) };
        }
        let value_start = line_start + colon as u32 + 1;
        let skip = context.text.get(value_start as usize..failure.at).unwrap_or("");
        let value_start = value_start + (skip.len() - skip.trim_start().len()) as u32;
        let problem = Diagnostic::new(Code::Syntax, file, context.here, "`: ` cannot stand inside a plain text");
        return with_quotes(problem, context, file, context.value(value_start), "quote the text");
    }
    Diagnostic::new(Code::Syntax, file, context.here, "a `:` is not expected here")
        .help("quote the text if the `:` belongs to it; otherwise look at the indentation")
}

fn escape(context: &Context<'_>, file: FileId, kind: &K) -> Diagnostic {
    let span = context.bad_escape().unwrap_or(context.here);
    let written = quoted(context.slice(span));
    if *kind == K::UnknownQuotedScalarEscape {
        return Diagnostic::new(Code::Syntax, file, span, format!("{written} is no escape in double quotes"))
            .help("write `\\\\` for a backslash, or use single quotes, where nothing is escaped")
            .fix("double the backslash", format!("\\{}", context.slice(span)));
    }
    Diagnostic::new(Code::Syntax, file, span, format!("the escape {written} names no character"))
        .help("write `\\xHH`, `\\uHHHH` or `\\UHHHHHHHH` with hexadecimal digits")
}

/// Where the signature of a function stands in a line that begins with one, such as `f(a: int) -> int: a`.
fn signature(line: &str) -> Option<(usize, usize)> {
    let start = line.len() - line.trim_start().len();
    let name = line.get(start..line.find('(')?)?;
    let arrow = line.find(") -> ")?;
    let end = arrow + 5 + line.get(arrow + 5..)?.find(": ")?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some((start, end))
}

/// Where a `:` in a line looks like that of a key whose space was forgotten.
fn missing_space(line: &str) -> Option<usize> {
    let colon = line.find(':')?;
    let key = line.get(..colon)?;
    let next = line.get(colon + 1..)?.chars().next()?;
    let word = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '));
    (word && !next.is_whitespace() && !matches!(next, ':' | '/' | '\\')).then_some(colon)
}

fn missing_space_problem(file: FileId, colon: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, file, colon, "a space is missing after `:`")
        .help("write `key: value`")
        .fix("add the space", ": ")
        .certain()
}

/// Adds the help to quote `value`, and the fix that does it.
fn with_quotes(problem: Diagnostic, context: &Context<'_>, file: FileId, value: Span, reason: &str) -> Diagnostic {
    let raw = context.slice(value);
    if raw.is_empty() || raw.len() > MAX_FIX || raw.chars().any(char::is_control) {
        return problem.help(reason.to_owned());
    }
    let replacement = format!("'{}'", raw.replace('\'', "''"));
    let mut problem = problem.help(format!("{reason}; a text in quotes may contain anything"));
    problem.fix = Some(Fix::new("write it in quotes", file, value, replacement));
    problem
}
