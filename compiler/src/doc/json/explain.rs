//! What is wrong with a text that is no JSON, in words for the person who wrote it: a sentence, an exact place, a way
//! out.
//!
//! Unaware of: how the text is read on.

use super::text::{Flaw, FlawKind};
use super::token::{Opened, Token};
use crate::diag::{Code, Diagnostic, Fix};
use crate::doc::Span;
use crate::doc::builder::quoted;
use crate::source::FileId;

/// Longest text that a fix writes anew; longer ones are for the author to look at.
const MAX_FIX: usize = 200;

/// A problem of spelling.
pub(super) fn say(file: FileId, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::Syntax, file, span, message)
}

/// A problem that is mended by writing something at a place.
pub(super) fn missing(file: FileId, at: u32, sign: char, help: &str) -> Diagnostic {
    say(file, Span::new(at, at), format!("`{sign}` is missing here")).help(help).fix(format!("write `{sign}`"), sign)
}

/// A comma before a closing bracket.
pub(super) fn trailing(file: FileId, comma: Span, close: char) -> Diagnostic {
    say(file, comma, format!("a comma stands before `{close}`"))
        .help("JSON has no comma behind the last value")
        .fix("remove the comma", "")
        .certain()
}

/// A comment.
pub(super) fn comment(file: FileId, written: &str, span: Span) -> Diagnostic {
    if written.starts_with("/*") && !(written.len() > 3 && written.ends_with("*/")) {
        return say(file, Span::new(span.start, span.start + 2), "the comment is not closed")
            .help("remove it: JSON has no comments");
    }
    say(file, span, "JSON has no comments")
        .help("remove it; write it as `doc` of the module or label, or write the file as YAML, which has comments")
}

/// Something that is no value and no mark of JSON. `None` of a token: a character that stands in no token.
pub(super) fn no_value(file: FileId, token: Option<Token>, written: &str, span: Span) -> Diagnostic {
    match token {
        Some(Token::Open(opened)) => open(file, opened, written, span),
        Some(Token::Single) => {
            let problem = say(file, span, "JSON has no texts in single quotes").help("write it in double quotes");
            requote(problem, written.get(1..written.len().saturating_sub(1)).unwrap_or(""))
        }
        Some(_) => word(file, written, span),
        None => character(file, written, span),
    }
}

/// A key that is no text.
pub(super) fn no_key(file: FileId, token: Option<Token>, written: &str, span: Span) -> Diagnostic {
    match token {
        Some(Token::Bare | Token::Word) => {
            let problem = say(file, span, format!("the key {} is not in double quotes", quoted(written)));
            requote(problem.help("a key is a text in double quotes"), written)
        }
        Some(Token::OpenList) => say(file, span, "a list cannot be a key").help("a key is a text in double quotes"),
        Some(Token::OpenMap) => say(file, span, "a map cannot be a key").help("a key is a text in double quotes"),
        token => no_value(file, token, written, span),
    }
}

/// A flaw inside of a text whose spelling without quotes begins at `start`.
pub(super) fn flaw(file: FileId, flaw: Flaw, raw: &str, start: u32) -> Diagnostic {
    let span = Span::new(start + flaw.start as u32, start + flaw.end as u32);
    let written = raw.get(flaw.start..flaw.end).unwrap_or("");
    match flaw.kind {
        FlawKind::Control(c) => {
            let escape = match c {
                '\t' => "\\t".to_owned(),
                '\n' => "\\n".to_owned(),
                '\r' => "\\r".to_owned(),
                c => format!("\\u{:04x}", u32::from(c)),
            };
            say(file, span, format!("the control character U+{:04X} cannot stand in a text", u32::from(c)))
                .help(format!("write it as `{escape}`"))
                .fix(format!("write `{escape}`"), escape)
        }
        FlawKind::Escape => say(file, span, format!("{} is no escape", quoted(written)))
            .help("write `\\\\` for a backslash; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX")
            .fix("double the backslash", format!("\\{written}")),
        FlawKind::Hex => say(file, span, "`\\u` is followed by four hexadecimal digits")
            .help("as in `\\u00e9`; write `\\\\` for a backslash"),
        FlawKind::Lone => say(file, span, format!("{} is half of a surrogate pair", quoted(written)))
            .help("a character beyond U+FFFF is two escapes, as in `\\ud83d\\ude00`, or is written as itself"),
    }
}

fn open(file: FileId, opened: Opened, written: &str, span: Span) -> Diagnostic {
    match opened {
        Opened::Never => say(file, Span::new(span.start, span.start + 1), "the quote `\"` is not closed")
            .help("write `\"` at the end of the text; a quote inside of a text is written `\\\"`"),
        Opened::Lines => {
            let first = written.lines().next().unwrap_or("").len() as u32;
            say(file, Span::new(span.start, span.start + first), "a text ends in the line in which it begins")
                .help("write `\\n` for the end of a line, or write the file as YAML, which has texts of several lines")
        }
    }
}

fn word(file: FileId, written: &str, span: Span) -> Diagnostic {
    let no_value = |help: &str| say(file, span, format!("{} is no value of JSON", quoted(written))).help(help);
    let known = |right: &str| {
        no_value(&format!("JSON writes it as `{right}`")).fix(format!("write `{right}`"), right.to_owned()).certain()
    };
    let unsigned = written.strip_prefix(['+', '-']).unwrap_or(written);
    match written.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => return known("true"),
        "false" | "no" | "off" => return known("false"),
        "null" | "nil" | "none" | "undefined" | "~" => return known("null"),
        _ => {}
    }
    if matches!(unsigned.to_ascii_lowercase().as_str(), "nan" | ".nan" | "inf" | ".inf" | "infinity") {
        return no_value("JSON has neither infinity nor not-a-number");
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.' && unsigned.len() > 1) {
        return requote(no_value("a text is written in double quotes"), written);
    }
    let whole = unsigned.split(['.', 'e', 'E']).next().unwrap_or("");
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let help = if written.starts_with('+') {
        "a number has no `+` before it"
    } else if unsigned.starts_with(['.']) {
        "a number begins with a digit, as in `0.5`"
    } else if unsigned.starts_with("0x") || unsigned.starts_with("0o") || unsigned.starts_with("0b") {
        "numbers are decimal; write it in double quotes if it is a text"
    } else if digits(whole) && whole.len() > 1 && whole.starts_with('0') {
        "a number has no zeros before it; write it in double quotes if it is a text or permissions, such as \"0644\""
    } else if unsigned.ends_with('.') || unsigned.contains(".e") || unsigned.contains(".E") {
        "digits follow the point, as in `1.0`"
    } else if unsigned.ends_with(['e', 'E', '+', '-']) {
        "digits follow the exponent's `e`, as in `1e9`"
    } else {
        "a text is written in double quotes"
    };
    requote(no_value(help), written)
}

fn character(file: FileId, written: &str, span: Span) -> Diagnostic {
    let c = written.chars().next().unwrap_or(' ');
    if c == '\'' {
        return say(file, Span::new(span.start, span.start + 1), "the quote `'` is not closed")
            .help("JSON has texts in double quotes only");
    }
    if c.is_control() || c.is_whitespace() || c == '\u{feff}' {
        return say(file, span, format!("the character U+{:04X} cannot stand between values", u32::from(c)))
            .help("between values stand spaces, tabs and ends of lines only");
    }
    say(file, span, format!("{} cannot stand here", quoted(written))).help("a text is written in double quotes")
}

/// Offers to write a text in double quotes.
fn requote(mut problem: Diagnostic, text: &str) -> Diagnostic {
    let simple = !text.contains(['"', '\\']) && !text.chars().any(char::is_control) && text.len() <= MAX_FIX;
    if simple && let Some((file, span)) = problem.place {
        let title = "write it in double quotes".to_owned();
        problem.fix = Some(Fix::new(title, file, span, format!("\"{text}\"")));
        return problem.certain();
    }
    problem
}
